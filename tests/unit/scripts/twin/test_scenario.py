from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scripts.twin.__main__ import SCENARIOS, app
from scripts.twin.scenario import ScenarioError, read_scenario

SCENARIO = """
name: film
title: A film
camera: street
look: day
duration_s: 10
starts_at: 2026-11-23T07:12:00+07:00
traffic: {demand: free}
zones: {road: [[0, -260], [6, -260], [6, -290]]}
"""


def a_file(tmp_path: Path, more: str = "") -> Path:
    file = tmp_path / "film.yaml"
    file.write_text(SCENARIO + more, encoding="utf-8")
    return file


@pytest.mark.parametrize("file", sorted(SCENARIOS.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_shipped_scenario_can_be_read(file: Path) -> None:
    scenario = read_scenario(file)

    assert 60 <= scenario.duration_s <= 120
    assert scenario.still_at_s < scenario.duration_s


def test_an_error_names_everything_that_is_wrong(tmp_path: Path) -> None:
    file = a_file(
        tmp_path,
        "size: 1x1\n"
        "faults: [{kind: asleep}]\n"
        "things: [{kind: pothole, thing: hole, at: [0, 0], width_m: -1, from_s: 5, to_s: 3}]\n",
    )

    with pytest.raises(ScenarioError) as refused:
        read_scenario(file)

    for wrong in ("size", "faults.0.kind", "things.0.pothole.width_m"):
        assert wrong in str(refused.value)


def test_an_error_says_which_lamps_can_fail_and_which_zones_there_are(tmp_path: Path) -> None:
    file = a_file(tmp_path, "dark_lamps: [{lamp: moon}]\ncongested: {pavement: [[0, 5]]}\n")

    with pytest.raises(ScenarioError, match=r"'moon'.*street-w2.*'pavement'.*road"):
        read_scenario(file)


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ("things: [{kind: prop, thing: car, shape: tank, at: [0, 0]}]", "'tank'.*is none of .*mpv"),
        ("faults: [{kind: frozen, from_s: 10}]", "10 s is not in the film of 10 s"),
        ("jumps: [{at_s: 11, skips_s: 5}]", "11 s is not in the film"),
        ("congested: {road: [[5, 3]]}", "from 5 to 3 s: expected a span"),
        ("congested: {road: [[5, 30]]}", "from 5 to 30 s: expected a span"),
        ("zones: {road: [[0, 0], [1, 1]]}", "zones.road.*at least 3"),
    ],
)
def test_what_cannot_be_filmed_is_refused(tmp_path: Path, more: str, wrong: str) -> None:
    with pytest.raises(ScenarioError, match=wrong):
        read_scenario(a_file(tmp_path, more + "\n"))


def test_the_clock_jumps_and_goes_on(tmp_path: Path) -> None:
    file = a_file(tmp_path, "jumps: [{at_s: 2, skips_s: 86400}, {at_s: 4, skips_s: 3600}]\n")
    zone = timezone(timedelta(hours=7))

    scenario = read_scenario(file)

    assert scenario.clock(1.8) == datetime(2026, 11, 23, 7, 12, 1, 800_000, zone)
    assert scenario.clock(2.0) == datetime(2026, 11, 24, 7, 12, 2, 0, zone)
    assert scenario.clock(5.0) == datetime(2026, 11, 24, 8, 12, 5, 0, zone)


def test_unknown_names_are_all_told_with_those_that_there_are() -> None:
    result = CliRunner().invoke(app, ["check", "no-such", "nor-this"])

    assert result.exit_code == 3
    for name in ("no-such", "nor-this", "junction-jam"):
        assert name in result.stderr
