import numpy as np
import pytest

from analytics.zones import Zone
from tests.scenes import SIZE_PX

LEFT_HALF = [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)]


@pytest.mark.parametrize(
    ("polygon", "message"),
    [
        pytest.param([(0, 0), (1, 1)], "at least 3", id="two corners"),
        pytest.param([(0, 0), (1.2, 0), (1, 1)], "leaves the view", id="outside"),
        pytest.param([(0, 0), (1, 1), (1, 0), (0, 1)], "crosses itself", id="bow tie"),
        pytest.param([(0, 0), (1e-4, 0), (0, 1e-4)], "too small", id="smaller than a cell"),
    ],
)
def test_a_zone_that_cannot_be_measured_is_refused(
    polygon: list[tuple[float, float]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Zone.of("north", polygon)


@pytest.mark.parametrize(
    ("box", "stands_in"),
    [
        pytest.param((100, 100, 140, 160), True, id="well inside"),
        pytest.param((300, 100, 400, 160), False, id="roof over the zone, wheels beside it"),
        pytest.param((100, 300, 140, 360), True, id="cut off by the lower edge of the view"),
    ],
)
def test_a_box_stands_where_it_touches_the_ground(box: tuple[int, ...], stands_in: bool) -> None:
    zone = Zone.of("left", LEFT_HALF)
    assert zone.holds(np.array([box], np.float32), SIZE_PX).tolist() == [stands_in]


def test_covered_area_counts_overlapping_boxes_once_and_only_inside() -> None:
    zone = Zone.of("left", LEFT_HALF)
    boxes = np.array([(0, 0, 320, 180), (0, 0, 640, 180)], np.float32)
    assert zone.covered(boxes, SIZE_PX) == pytest.approx(0.5)


def test_an_empty_road_is_not_covered() -> None:
    assert Zone.of("left", LEFT_HALF).covered(np.zeros((0, 4), np.float32), SIZE_PX) == 0.0
