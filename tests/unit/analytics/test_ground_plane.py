"""Metres in a view, against the simulated cameras, whose places are known exactly."""

import math
from pathlib import Path

import numpy as np
import pytest

from analytics.ground_plane import GroundPlane, placed
from analytics.messages import Position
from scripts.twin.truth import Truth, read_truth

FOOTAGE = Path(__file__).parents[2] / "data" / "footage"
FILMS = ["street-pothole", "junction-rubbish", "junction-rain"]
SQUARE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
BENT = [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0), (0.0, 1.0)]


@pytest.fixture(scope="module", params=FILMS)
def truth(request: pytest.FixtureRequest) -> Truth:
    return read_truth(FOOTAGE / f"{request.param}.json")


def seen(truth: Truth, x: float, y: float) -> tuple[float, float]:
    """Return where a point of the ground, world metres, is in the view, in fractions."""
    u, v, w = np.array(truth.projection) @ (x, y, 0.0, 1.0)
    return float(u / w / truth.size[0]), float(v / w / truth.size[1])


def ground_points(truth: Truth) -> list[tuple[float, float]]:
    """Return world points over the lower part of the view, found by inverting the projection."""
    matrix = np.array(truth.projection)[:, [0, 1, 3]]
    points = []
    for fx in (0.05, 0.35, 0.65, 0.95):
        for fy in (0.5, 0.7, 0.98):
            p = np.linalg.solve(matrix, (fx * truth.size[0], fy * truth.size[1], 1.0))
            points.append((float(p[0] / p[2]), float(p[1] / p[2])))
    return points


def the_plane(truth: Truth, marked: list[tuple[float, float]]) -> GroundPlane:
    camera = truth.camera_position
    return GroundPlane.of(
        [seen(truth, *point) for point in marked],
        [(x - camera[0], y - camera[1]) for x, y in marked],
    )


def test_from_four_corners_of_a_road_every_place_is_known_to_a_centimetre(truth: Truth) -> None:
    points = ground_points(truth)
    plane = the_plane(truth, [points[0], points[2], points[9], points[11]])
    for x, y in points:
        east, north = x - truth.camera_position[0], y - truth.camera_position[1]
        assert plane.metres(*seen(truth, x, y)) == pytest.approx((east, north), abs=0.01)


def test_points_that_were_measured_to_ten_centimetres_give_sizes_to_a_few_percent(
    truth: Truth,
) -> None:
    noise = np.random.default_rng(0)
    points = ground_points(truth)
    camera = truth.camera_position
    plane = GroundPlane.of(
        [seen(truth, *point) for point in points],
        [tuple(np.subtract(point, camera[:2]) + noise.normal(0, 0.1, 2)) for point in points],
    )
    exact = the_plane(truth, points)
    for x, y in points[1::3]:
        at = seen(truth, x, y)
        assert plane.px_per_m(*at, 1280) == pytest.approx(exact.px_per_m(*at, 1280), rel=0.05)


def test_lengths_areas_and_scales_are_within_a_percent(truth: Truth) -> None:
    points = ground_points(truth)
    plane = the_plane(truth, points)
    matrix = np.linalg.inv(np.array(truth.projection)[:, [0, 1, 3]])

    def world(fx: float, fy: float) -> np.ndarray:
        p = matrix @ (fx * truth.size[0], fy * truth.size[1], 1.0)
        point: np.ndarray = p[:2] / p[2]
        return point

    for fx, fy in ((0.3, 0.6), (0.5, 0.8), (0.7, 0.95)):
        across_m = float(np.linalg.norm(world(fx + 0.03, fy) - world(fx - 0.03, fy)))
        assert plane.metres_across(fx, fy, 0.06) == pytest.approx(across_m, rel=0.01)
        px_per_m = 0.06 * truth.size[0] / across_m
        assert plane.px_per_m(fx, fy, truth.size[0]) == pytest.approx(px_per_m, rel=0.01)
        box = (fx - 0.05, fy - 0.04, fx + 0.05, fy + 0.04)
        corners = np.array(
            [world(*c) for c in ((box[0], box[1]), (box[2], box[1]), (box[2], box[3]))]
            + [world(box[0], box[3])]
        )
        x, y = corners.T
        area_m2 = abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
        assert plane.area_m2(box) == pytest.approx(area_m2, rel=0.01)


def test_nothing_is_measured_at_the_horizon_or_above(truth: Truth) -> None:
    plane = the_plane(truth, ground_points(truth))
    # The horizon of this camera: where a point of the ground far ahead is seen.
    forward = -np.array(truth.projection)[2, :2]
    forward /= -np.linalg.norm(forward)
    far = np.add(truth.camera_position[:2], forward * 1e7)
    x, horizon = seen(truth, *far)
    assert plane.metres(x, horizon - 0.02) is None
    assert plane.metres(x, horizon + 1e-4) is None
    assert plane.metres(x, horizon + 0.1) is not None
    assert plane.metres_across(x, horizon - 0.05, 0.01) is None
    assert plane.px_per_m(x, horizon - 0.05, 1280) is None
    assert plane.area_m2((x, horizon - 0.1, x + 0.1, horizon + 0.1)) is None


@pytest.mark.parametrize(
    ("view", "ground"),
    [
        pytest.param(BENT, BENT, id="three on a line, in both"),
        pytest.param(BENT, SQUARE, id="in the view"),
        pytest.param(SQUARE, BENT, id="on the ground"),
        pytest.param([(0.1, 0.1)] * 4, SQUARE, id="four times the same"),
    ],
)
def test_points_on_a_line_are_no_plane(
    view: list[tuple[float, float]], ground: list[tuple[float, float]]
) -> None:
    with pytest.raises(ValueError, match="on one line"):
        GroundPlane.of(view, ground)


def test_fewer_than_four_points_are_no_plane() -> None:
    with pytest.raises(ValueError, match="3 points of the view and 3 of the ground"):
        GroundPlane.of(SQUARE[:3], SQUARE[:3])
    with pytest.raises(ValueError, match="expected 4 each"):
        GroundPlane.of(SQUARE, SQUARE[:3])


def test_a_place_so_many_metres_off_is_that_far_off() -> None:
    camera = Position(latitude_deg=-6.2, longitude_deg=106.8)
    there = placed(camera, 30.0, 40.0)
    # Great-circle distance on a ball of the Earth's mean radius.
    lat, lon = math.radians(camera.latitude_deg), math.radians(camera.longitude_deg)
    lat2, lon2 = math.radians(there.latitude_deg), math.radians(there.longitude_deg)
    cosine = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * (
        math.sin((lon2 - lon) / 2) ** 2
    )
    assert 2 * 6_371_000 * math.asin(math.sqrt(cosine)) == pytest.approx(50.0, rel=0.01)
    assert there.latitude_deg > camera.latitude_deg
    assert there.longitude_deg > camera.longitude_deg
