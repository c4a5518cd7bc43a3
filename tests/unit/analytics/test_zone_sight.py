"""What an installer is told of a zone: how far half a metre is seen, and in what light."""

import math

import numpy as np
import pytest

from analytics.ground_plane import GroundPlane
from analytics.zone_sight import Reach, ZoneSight
from analytics.zones import Zone

HEIGHT_M = 6.0
FOCAL = 0.9
"""Of the view's width."""
WIDTH_PX = 1920
HORIZON = 0.2
"""Of the view's height; the view is 16 to 9."""


def row(distance_m: float) -> float:
    """Return where the ground at a distance is in the view, as a fraction of its height."""
    return HORIZON + FOCAL * HEIGHT_M / distance_m * 16 / 9


def plane() -> GroundPlane:
    """Return the ground of a level camera: a metre at a distance d has FOCAL / d of the width."""
    marks = [(side, distance_m) for distance_m in (12.0, 60.0) for side in (-2.0, 2.0)]
    view = [(0.5 + FOCAL * side / distance_m, row(distance_m)) for side, distance_m in marks]
    return GroundPlane.of(view, marks)


def road(near_m: float, far_m: float) -> Zone:
    """Return a lane 3 m wide, straight ahead."""
    corners = [(-1.5, far_m), (1.5, far_m), (1.5, near_m), (-1.5, near_m)]
    return Zone.of("road", [(0.5 + FOCAL * x / d, min(row(d), 1.0)) for x, d in corners])


def picture(level: int) -> np.ndarray:
    return np.full((1080, WIDTH_PX, 3), level, np.uint8)


def test_a_thing_is_seen_well_as_far_as_it_has_25_pixels_and_degraded_as_far_as_14() -> None:
    reach = Reach.of(road(12.0, 90.0), plane(), WIDTH_PX)
    assert reach.good_m == pytest.approx(0.5 * FOCAL * WIDTH_PX / 25, rel=0.05)
    assert reach.degraded_m == pytest.approx(0.5 * FOCAL * WIDTH_PX / 14, rel=0.1)
    assert reach.zone_m == pytest.approx(90.0, rel=0.1)


def test_a_smaller_stream_of_the_same_view_reaches_less_far() -> None:
    zone = road(12.0, 90.0)
    full, half = (Reach.of(zone, plane(), width_px) for width_px in (WIDTH_PX, WIDTH_PX // 2))
    assert half.good_m == pytest.approx(full.good_m / 2, rel=0.05)


def test_a_near_zone_is_seen_well_to_its_end() -> None:
    reach = Reach.of(road(12.0, 25.0), plane(), WIDTH_PX)
    assert reach.good_m == reach.degraded_m == reach.zone_m
    assert reach.text() == f"0.5 m is seen well to its end at {reach.zone_m:.0f} m"


def test_a_zone_too_far_off_is_seen_nowhere_and_says_so() -> None:
    sight = ZoneSight.of(road(70.0, 90.0), plane(), picture(120), WIDTH_PX // 4)
    assert sight.reach is not None
    assert (sight.reach.good_m, sight.reach.degraded_m) == (0.0, 0.0)
    assert sight.text() == "0.5 m is nowhere wide enough to be found"


def test_a_zone_above_the_horizon_shows_no_ground() -> None:
    sky = Zone.of("sky", [(0.2, 0.02), (0.8, 0.02), (0.8, 0.15), (0.2, 0.15)])
    reach = Reach.of(sky, plane(), WIDTH_PX)
    assert reach == Reach(0.0, 0.0, 0.0)
    assert reach.text().startswith("shows no ground")


@pytest.mark.parametrize(
    ("reach", "words"),
    [
        (Reach(30.0, 60.0, 80.0), "seen well to 30 m, degraded to 60 m, and it ends at 80 m"),
        (Reach(30.0, 60.0, 60.0), "seen well to 30 m, degraded to its end at 60 m"),
        (Reach(0.0, 60.0, 80.0), "seen nowhere well, degraded to 60 m, and it ends at 80 m"),
    ],
)
def test_an_installer_is_told_what_is_good_and_what_is_not(reach: Reach, words: str) -> None:
    assert reach.text() == f"0.5 m is {words}"


def test_without_measured_ground_only_the_light_is_judged() -> None:
    sight = ZoneSight.of(road(12.0, 60.0), None, picture(120), WIDTH_PX)
    assert sight == ZoneSight(None, 120.0)
    assert "without `ground`" in sight.text()


@pytest.mark.parametrize(
    ("level", "words"), [(30, "too dark now, 30 of 45"), (60, "degraded by dusk now, 60 of 70")]
)
def test_a_picture_that_is_too_dark_to_judge_by_is_said(level: int, words: str) -> None:
    assert words in ZoneSight.of(road(12.0, 60.0), plane(), picture(level), WIDTH_PX).text()


def test_what_is_bright_elsewhere_in_the_picture_does_not_count() -> None:
    night = picture(20)
    night[: math.floor(1080 * HORIZON)] = 250
    assert ZoneSight.of(road(12.0, 60.0), plane(), night, WIDTH_PX).level == pytest.approx(20)
