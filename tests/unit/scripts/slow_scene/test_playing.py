"""Scenarios as the edge is asked about them."""

import os

import pytest
import typer.testing

from analytics.messages import IncidentKind
from scripts.slow_scene.__main__ import app
from scripts.slow_scene.cameras import CAMERAS, Camera
from scripts.slow_scene.clips import clips
from scripts.slow_scene.playing import settings_of, zones_of
from scripts.slow_scene.scenario import FRAMES, Truth
from tests.clips import CLIPS, needs_clips


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: str(camera.name))
def test_holes_are_looked_for_on_the_road_and_rubbish_beside_it(camera: Camera) -> None:
    truth = Truth((640, 360), camera.road, camera.kerbs, (), (), ())

    settings = settings_of(camera.name, zones_of(truth))

    assert settings.looks_for(IncidentKind.POTHOLE)
    assert settings.looks_for(IncidentKind.RUBBISH) is bool(camera.kerbs)
    assert not settings.looks_for(IncidentKind.CONGESTION)
    assert len({zone.zone for zone in settings.zones}) == len(camera.road) + len(camera.kerbs)


@needs_clips
def test_a_clip_is_stretched_over_a_day_with_both_looked_for_in_its_zones() -> None:
    (clip,) = (one for one in clips(CLIPS) if one.name == "parked_street")

    steps = list(clip.steps())

    settings = settings_of("clip", clip.zones)
    assert settings.looks_for(IncidentKind.POTHOLE)
    assert settings.looks_for(IncidentKind.RUBBISH)
    assert len(steps) == 12 * FRAMES
    times = [step.captured_at for step in steps]
    assert times == sorted(set(times))


def test_a_name_that_is_no_scenario_is_refused_with_those_that_are() -> None:
    told = typer.testing.CliRunner().invoke(
        app, ["make", "--set", "tune", "--only", "nowhere", "--out", os.devnull]
    )

    assert told.exit_code != 0
    assert "no scenario nowhere: expected of corner-mended" in told.output
