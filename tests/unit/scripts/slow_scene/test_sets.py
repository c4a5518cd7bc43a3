"""The declared scenarios: what they hold, and that each asks only what its own story answers."""

from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from analytics.messages import RecheckAnswer
from analytics.zones import Zone
from scripts.slow_scene.cameras import CAMERAS, Camera, Corners, Point, camera_of
from scripts.slow_scene.scenario import (
    ANSWER_WITHIN,
    END,
    EVERY,
    Heap,
    Hole,
    Scenario,
    local_hour,
)
from scripts.slow_scene.sky import is_night
from scripts.slow_scene.testing import TEST_SET
from scripts.slow_scene.tuning import TUNE_SET

ALL = (*TUNE_SET, *TEST_SET)
HOLES = [hole for scenario in TEST_SET for hole in scenario.holes]
HEAPS = [heap for scenario in TEST_SET for heap in scenario.heaps]
ENDS = [*(hole.there.until for hole in HOLES), *(heap.until for heap in HEAPS)]

each = pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: str(scenario.name))


def things_of(scenario: Scenario) -> dict[str, Hole | Heap]:
    things: list[Hole | Heap] = [*scenario.holes, *scenario.heaps]
    return {thing.name: thing for thing in things}


def changes_of(scenario: Scenario) -> list[datetime]:
    spans = [
        *(one.there for one in scenario.holes),
        *(span for one in scenario.holes for span in one.flooded),
        *(one.there for one in scenario.parked),
        *(one.there for one in scenario.puddles),
        *(one.there for one in scenario.shades),
        *(one.there for one in scenario.weather),
        *(one.there for one in scenario.turned),
    ]
    stages = [since for heap in scenario.heaps for since, _ in heap.stages]
    ends = [heap.until for heap in scenario.heaps]
    return [*stages, *ends, *(moment for span in spans for moment in (span.since, span.until))]


def is_in(corners: Corners, point: Point) -> bool:
    x, y = point
    spot = Zone.of("zone", corners).holds(np.array([[x, y - 0.01, x, y]]), (1, 1))
    return bool(spot[0])


def test_the_test_set_holds_what_it_is_to_measure() -> None:
    assert len(TEST_SET) == 20
    assert sum(hole.width_px >= 25 for hole in HOLES) >= 10
    assert {hole.width_px for hole in HOLES} >= {18, 70}, "from small to large"
    assert len(HEAPS) >= 10
    assert all(20 <= heap.width_px <= 80 for heap in HEAPS)
    assert sum(not things_of(scenario) for scenario in TEST_SET) >= 3
    assert sum(until < END for until in ENDS) >= 10


def test_every_answer_is_asked_for() -> None:
    asked = [ask.answer for scenario in TEST_SET for ask in scenario.asks]

    assert min(asked.count(answer) for answer in RecheckAnswer) >= 4


def test_nothing_that_is_measured_on_is_tuned_on() -> None:
    sides = [{camera_of(one.camera).side for one in some} for some in (TUNE_SET, TEST_SET)]
    sides[0] |= {camera_of(t.to).side for one in TUNE_SET for t in one.turned if t.to}
    sides[1] |= {camera_of(t.to).side for one in TEST_SET for t in one.turned if t.to}

    assert sides == [{"train"}, {"val"}]
    assert len({scenario.seed for scenario in ALL}) == len(ALL)
    assert len({scenario.name for scenario in ALL}) == len(ALL)


@pytest.mark.parametrize("camera", CAMERAS, ids=lambda camera: str(camera.name))
def test_the_zones_of_a_camera_can_be_configured(camera: Camera) -> None:
    for corners in (*camera.road, *camera.kerbs):
        Zone.of(camera.name, corners)


@each
def test_things_lie_in_the_zones_that_are_looked_at(scenario: Scenario) -> None:
    camera = camera_of(scenario.camera)
    for hole in scenario.holes:
        assert any(is_in(corners, hole.spot) for corners in camera.road), hole.name
    for heap in scenario.heaps:
        assert any(is_in(corners, heap.spot) for corners in camera.kerbs), heap.name


@each
def test_what_changes_does_so_between_two_periods(scenario: Scenario) -> None:
    for begins_at in scenario.periods():
        ends_at = begins_at + scenario.frames(begins_at) * EVERY
        assert not any(begins_at < change < ends_at for change in changes_of(scenario))


@each
def test_each_recheck_is_answered_by_the_story(scenario: Scenario) -> None:
    things, periods = things_of(scenario), list(scenario.periods())
    for ask in scenario.asks:
        thing = things[ask.thing]
        meanwhile = [at for at in periods if ask.at <= at < ask.at + ANSWER_WITHIN]
        assert meanwhile[0] == ask.at, "it is asked as a period begins"
        for at in meanwhile:
            is_hidden = (
                is_night(at)
                or any(one.there.holds(at) for one in scenario.turned)
                or any(thing.name in one.hides and one.there.holds(at) for one in scenario.parked)
            )
            right = RecheckAnswer.STILL_THERE if thing.there.holds(at) else RecheckAnswer.GONE
            assert ask.answer is (RecheckAnswer.CANNOT_SEE if is_hidden else right)
        assert ask.at - thing.there.since >= timedelta(hours=4), "it has been found by then"


@each
def test_periods_come_one_after_the_other(scenario: Scenario) -> None:
    periods = list(scenario.periods())

    assert periods == sorted(periods)
    for earlier, later in pairwise(periods):
        assert later - earlier >= scenario.frames(earlier) * EVERY
    assert {round(local_hour(at)) for at in periods} >= set(range(6, 18))
