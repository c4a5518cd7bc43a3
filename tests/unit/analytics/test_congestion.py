from collections.abc import Iterable

import numpy as np
import pytest

from analytics.congestion import CongestionRule, CongestionWatch
from analytics.incidents import Finding
from analytics.messages import QualityReason, Severity
from analytics.traffic import ZoneFigures
from tests.scenes import at, some_figures

RULE = CongestionRule(min_duration_s=60, clear_duration_s=30, smoothing_s=10)


def watch(
    figures: Iterable[ZoneFigures], watcher: CongestionWatch | None = None
) -> list[tuple[float, Finding | None]]:
    watcher = CongestionWatch(RULE, "north") if watcher is None else watcher
    return [((figure.at - at(0)).total_seconds(), watcher.look(figure)) for figure in figures]


def jam(first_s: float, last_s: float, step_s: float = 0.5) -> list[ZoneFigures]:
    return [some_figures(s) for s in np.arange(first_s, last_s, step_s).tolist()]


def flow(first_s: float, last_s: float, step_s: float = 0.5) -> list[ZoneFigures]:
    return [
        some_figures(s, occupancy=0.1, stopped=0.05, cars=3)
        for s in np.arange(first_s, last_s, step_s).tolist()
    ]


def changes(looks: list[tuple[float, Finding | None]]) -> list[tuple[float, bool]]:
    found, was = [], False
    for second, finding in looks:
        if (finding is not None) != was:
            was = finding is not None
            found.append((second, was))
    return found


def test_a_jam_opens_after_the_minimum_and_closes_once_it_has_cleared() -> None:
    looks = watch(flow(0, 30) + jam(30, 200) + flow(200, 300))
    (opened_s, opens), (closed_s, closes) = changes(looks)
    assert (opens, closes) == (True, False)
    assert 90 <= opened_s <= 110
    assert 230 <= closed_s <= 260


def test_an_open_jam_tells_since_when_and_how_sure() -> None:
    finding = watch(jam(0, 61))[-1][1]
    assert finding is not None
    assert finding.started_at == at(0)
    assert finding.confidence == 1.0
    assert finding.measurement.kind == "congestion"
    assert finding.severity is Severity.MEDIUM


def test_a_jam_that_lasts_becomes_severe() -> None:
    finding = watch(jam(0, 605, step_s=2))[-1][1]
    assert finding is not None
    assert finding.severity is Severity.HIGH


@pytest.mark.parametrize(
    "figures",
    [
        pytest.param(
            [
                f
                for k in range(6)
                for f in jam(90 * k, 90 * k + 50) + flow(90 * k + 50, 90 * k + 90)
            ],
            id="a red light that clears at every green",
        ),
        pytest.param(
            [some_figures(s, occupancy=0.6, stopped=0.2) for s in range(300)],
            id="dense, but moving",
        ),
        pytest.param(
            [some_figures(s, occupancy=0.1, stopped=1.0) for s in range(300)],
            id="standing, but few",
        ),
        pytest.param(
            [some_figures(s, cars=2) for s in range(300)], id="two lorries that fill the picture"
        ),
        pytest.param(
            [some_figures(s, occupancy=0, stopped=0, cars=0) for s in range(300)], id="empty"
        ),
    ],
)
def test_what_is_no_jam_opens_nothing(figures: list[ZoneFigures]) -> None:
    assert changes(watch(figures)) == []


def test_a_wavering_jam_stays_one_jam() -> None:
    wavering = [
        some_figures(s, occupancy=0.21 if s // 15 % 2 else 0.5, stopped=0.5 if s // 15 % 2 else 0.9)
        for s in range(60, 600)
    ]
    assert len(changes(watch(jam(0, 60) + wavering))) == 1


def test_a_short_flow_in_an_open_jam_does_not_close_it() -> None:
    assert len(changes(watch(jam(0, 100) + flow(100, 120) + jam(120, 300)))) == 1


def test_a_gap_without_looks_proves_nothing() -> None:
    looks = watch(jam(0, 40) + jam(400, 430))
    assert changes(looks) == []


def test_a_gap_does_not_close_an_open_jam() -> None:
    assert changes(watch(jam(0, 100) + jam(1000, 1010))) == [(60.0, True)]


def test_a_jam_open_before_a_restart_is_carried_on() -> None:
    watcher = CongestionWatch(RULE, "north", congested_since=at(-500))
    first = watch(jam(0, 1), watcher)[0][1]
    assert first is not None
    assert first.started_at == at(-500)


def test_a_jam_that_ended_during_a_restart_closes() -> None:
    watcher = CongestionWatch(RULE, "north", congested_since=at(-500))
    looks = watch(flow(0, 60), watcher)
    assert looks[0][1] is not None
    assert looks[-1][1] is None


def test_sparse_looks_say_that_they_are_sparse() -> None:
    finding = watch(jam(0, 300, step_s=4))[-1][1]
    assert finding is not None
    assert finding.quality.reasons == (QualityReason.LOW_FRAME_RATE,)


def test_a_clock_set_back_neither_raises_nor_closes() -> None:
    looks = watch(jam(0, 100) + jam(50, 60))
    assert changes(looks) == [(60.0, True)]
