import numpy as np
import pytest

from analytics.geometry import area, contains, ground_points, iou, self_intersects

SQUARE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
L_SHAPE = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.5], [0.5, 0.5], [0.5, 1.0], [0.0, 1.0]])


@pytest.mark.parametrize(
    ("polygon", "point", "is_inside"),
    [
        pytest.param(SQUARE, (0.5, 0.5), True, id="the middle of a square"),
        pytest.param(SQUARE, (1.5, 0.5), False, id="right of it"),
        pytest.param(SQUARE, (-0.1, 0.5), False, id="left of it"),
        pytest.param(SQUARE, (0.0, 0.5), True, id="on its left edge"),
        pytest.param(SQUARE, (1.0, 0.5), False, id="on its right edge"),
        pytest.param(L_SHAPE, (0.25, 0.75), True, id="in the foot of an L"),
        pytest.param(L_SHAPE, (0.75, 0.75), False, id="in the notch of an L"),
        pytest.param(SQUARE[::-1], (0.5, 0.5), True, id="corners the other way round"),
    ],
)
def test_a_point_is_inside_or_not(
    polygon: np.ndarray, point: tuple[float, float], is_inside: bool
) -> None:
    assert contains(polygon, np.array([point])).tolist() == [is_inside]


def test_zones_that_share_an_edge_never_share_a_point() -> None:
    left = np.array([[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]])
    right = np.array([[0.5, 0.0], [1.0, 0.0], [1.0, 1.0], [0.5, 1.0]])
    y, x = np.mgrid[0:1:0.05, 0:1:0.05]
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    assert (contains(left, points) ^ contains(right, points)).all()


@pytest.mark.parametrize(
    ("other", "overlap"),
    [
        pytest.param((0, 0, 10, 10), 1.0, id="the same box"),
        pytest.param((5, 0, 15, 10), 1 / 3, id="half over"),
        pytest.param((10, 0, 20, 10), 0.0, id="side by side"),
        pytest.param((3, 3, 3, 8), 0.0, id="without area"),
    ],
)
def test_overlap_of_boxes(other: tuple[int, int, int, int], overlap: float) -> None:
    box = np.array([[0, 0, 10, 10]], np.float32)
    assert iou(box, np.array([other], np.float32))[0, 0] == pytest.approx(overlap)


def test_boxes_without_area_have_none_in_common() -> None:
    flat = np.array([[3, 3, 3, 3]], np.float32)
    assert iou(flat, flat)[0, 0] == 0
    assert area(flat)[0] == 0


def test_no_boxes_give_empty_arrays_of_the_right_shape() -> None:
    none = np.zeros((0, 4), np.float32)
    assert iou(none, np.ones((3, 4), np.float32)).shape == (0, 3)
    assert ground_points(none).shape == (0, 2)
    assert contains(SQUARE, ground_points(none)).shape == (0,)


def test_a_box_stands_where_its_lower_edge_is() -> None:
    assert ground_points(np.array([[10, 20, 30, 80]], np.float32)).tolist() == [[20, 80]]


@pytest.mark.parametrize(
    ("polygon", "crosses"),
    [
        pytest.param(SQUARE, False, id="square"),
        pytest.param(L_SHAPE, False, id="L"),
        pytest.param(SQUARE[[0, 2, 1, 3]], True, id="bow tie"),
    ],
)
def test_a_polygon_that_crosses_itself_is_found(polygon: np.ndarray, crosses: bool) -> None:
    assert self_intersects(polygon) is crosses
