"""What the two heads say, and that they say the same of the same boxes."""

import numpy as np
import pytest

from analytics.detections import FloatArray
from models.manifest import Head
from models.yolo import MOST_BOXES, Candidates, decode

Row = tuple[float, float, float, float, float, int]
"""``(x1, y1, x2, y2, score, class)``."""

THREE: list[Row] = [
    (10, 10, 50, 40, 0.9, 0),
    (100, 20, 120, 60, 0.6, 2),
    (60, 60, 90, 90, 0.2, 1),
]


def end_to_end(rows: list[Row], *, of: int = 300) -> FloatArray:
    output = np.zeros((1, of, 6), np.float32)
    output[0, : len(rows)] = np.reshape(rows, (-1, 6))
    return output


def raw(rows: list[Row], *, classes: int = 3, of: int = 400) -> FloatArray:
    output = np.zeros((1, 4 + classes, of), np.float32)
    for column, (x1, y1, x2, y2, score, index) in enumerate(rows):
        output[0, :4, column] = ((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)
        output[0, 4 + index, column] = score
    return output


def rows_of(found: Candidates) -> list[Row]:
    return [
        (*(float(side) for side in box), round(float(score), 4), int(index))  # type: ignore[misc]  # a box has four sides
        for box, score, index in zip(found.xyxy, found.confidence, found.class_index, strict=True)
    ]


def from_end_to_end(output: FloatArray, floor: float = 0.1) -> Candidates:
    return decode(output, Head.END_TO_END, floor=floor, nms_iou=None)


def from_raw(output: FloatArray, floor: float = 0.1) -> Candidates:
    return decode(output, Head.RAW, floor=floor, nms_iou=0.6)


def test_both_heads_give_the_same_boxes() -> None:
    assert rows_of(from_end_to_end(end_to_end(THREE))) == THREE
    assert rows_of(from_raw(raw(THREE))) == THREE


def test_both_heads_give_the_same_of_many_boxes_in_any_order() -> None:
    rng = np.random.default_rng(1)
    # One box in each cell of a grid: none overlaps another, so none is a duplicate.
    many: list[Row] = [
        (
            x,
            y,
            x + 1 + 7 * rng.random(),
            y + 1 + 7 * rng.random(),
            rng.random(),
            int(rng.integers(3)),
        )
        for x in range(0, 160, 10)
        for y in range(0, 90, 10)
    ]
    ours, theirs = from_raw(raw(many)), from_end_to_end(end_to_end(many))
    by_confidence = np.argsort(-theirs.confidence)

    np.testing.assert_allclose(ours.xyxy, theirs.xyxy[by_confidence], atol=1e-4)
    np.testing.assert_array_equal(ours.confidence, theirs.confidence[by_confidence])
    np.testing.assert_array_equal(ours.class_index, theirs.class_index[by_confidence])


@pytest.mark.parametrize(
    ("floor", "expected"),
    [
        pytest.param(0.1, 3, id="all"),
        pytest.param(0.25, 2, id="without the uncertain one"),
        pytest.param(0.95, 0, id="none"),
    ],
)
def test_what_is_under_the_floor_is_left_out(floor: float, expected: int) -> None:
    assert len(rows_of(from_end_to_end(end_to_end(THREE), floor))) == expected
    assert len(rows_of(from_raw(raw(THREE), floor))) == expected


def test_a_score_on_the_floor_is_kept() -> None:
    half: list[Row] = [(0, 0, 10, 10, 0.5, 0)]

    assert rows_of(from_end_to_end(end_to_end(half), 0.5)) == half
    assert rows_of(from_raw(raw(half), 0.5)) == half


def test_a_raw_head_loses_its_duplicates_and_keeps_the_best() -> None:
    best, worse = (10, 10, 50, 40, 0.9, 0), (12, 11, 51, 41, 0.7, 0)

    assert rows_of(from_raw(raw([worse, best]))) == [best]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param((12, 11, 51, 41, 0.7, 1), id="of another class"),
        pytest.param((40, 10, 80, 40, 0.7, 0), id="that overlaps little"),
    ],
)
def test_a_raw_head_keeps_a_box(other: Row) -> None:
    box: Row = (10, 10, 50, 40, 0.9, 0)

    assert rows_of(from_raw(raw([box, other]))) == [box, other]


def test_boxes_that_reach_over_the_edge_are_no_duplicates_of_another_class() -> None:
    rows: list[Row] = [(-60, -60, 2, 2, 0.9, 0), (-60, -60, 2, 2, 0.8, 1)]

    assert rows_of(from_raw(raw(rows))) == rows


def test_a_raw_head_gives_each_place_one_class() -> None:
    output = raw([(10, 10, 50, 40, 0.9, 0)])
    output[0, 4 + 2, 0] = 0.95

    assert rows_of(from_raw(output)) == [(10, 10, 50, 40, 0.95, 2)]


def test_a_raw_head_hands_out_a_bounded_number_of_boxes_the_best_first() -> None:
    crowd: list[Row] = [(20 * n, 0, 20 * n + 5, 5, 0.2 + n / 1000, 0) for n in range(400)]

    found = from_raw(raw(crowd))

    assert len(found.xyxy) == MOST_BOXES
    assert found.confidence[0] == pytest.approx(0.599)
    assert (np.diff(found.confidence) <= 0).all()


def test_an_empty_output_gives_no_boxes() -> None:
    for found in (from_end_to_end(end_to_end([])), from_raw(raw([]))):
        assert found.xyxy.shape == (0, 4)
        assert found.confidence.shape == (0,)
        assert found.class_index.shape == (0,)
