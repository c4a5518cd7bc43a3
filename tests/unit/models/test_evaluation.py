"""Average precision and its kin, against values worked out by hand and COCO's own definition."""

import numpy as np
import pytest

from analytics.detections import Detections, ObjectClass
from models.evaluation import (
    Judged,
    average_precision,
    curve,
    figures,
    judge,
    mistakes,
    picture_auc,
)

CAR = ObjectClass.CAR
HEIGHT = 360


def boxes(*rows: tuple[float, float, float, float, float], kind: ObjectClass = CAR) -> Detections:
    """Return boxes given as x, y, width, height, score."""
    table = np.array(rows, np.float32).reshape(-1, 5)
    corners = np.hstack([table[:, :2], table[:, :2] + table[:, 2:4]])
    return Detections(corners, table[:, 4].copy(), np.full(len(table), kind, np.int64))


def judged(truth: Detections, found: Detections, ignore_above: float = 0.0) -> Judged:
    return judge(truth, found, ignore_above=ignore_above, height=HEIGHT)


def test_what_finds_everything_and_nothing_else_is_perfect() -> None:
    truth = boxes((10, 10, 40, 40, 1), (100, 100, 40, 40, 1))

    one = figures([judged(truth, truth)], CAR, 0.5)

    assert one is not None
    assert (one.ap50, one.ap50_95, one.precision, one.recall, one.f1) == (1, 1, 1, 1, 1)


def test_average_precision_is_the_area_under_the_curve() -> None:
    # Right, wrong, right, of two objects: precision 1 up to a recall of 0.5, then 2/3.
    scores = np.array([0.9, 0.8, 0.7], np.float32)

    area = average_precision(scores, np.array([True, False, True]), 2)

    assert area == pytest.approx((51 * 1 + 50 * 2 / 3) / 101)


def test_of_two_boxes_on_one_object_the_second_is_wrong() -> None:
    truth = boxes((10, 10, 40, 40, 1))
    found = boxes((10, 10, 40, 40, 0.9), (11, 11, 40, 40, 0.8))

    one = figures([judged(truth, found)], CAR, 0.5)

    assert one is not None
    assert (one.precision, one.recall) == (0.5, 1)
    assert one.ap50 == pytest.approx(1), "the wrong one comes after the last object was found"


def test_a_box_that_fits_loosely_counts_at_an_overlap_of_a_half_only() -> None:
    # Shifted by a quarter of its width: 30 * 40 of 50 * 40 are shared.
    one = figures([judged(boxes((0, 0, 40, 40, 1)), boxes((10, 0, 40, 40, 0.9)))], CAR, 0.5)

    assert one is not None
    assert one.ap50 == pytest.approx(1)
    assert one.ap50_95 == pytest.approx(0.3), "at 0.50, 0.55 and 0.60 of ten"


def test_a_box_below_the_threshold_counts_for_the_curve_only() -> None:
    truth = boxes((10, 10, 40, 40, 1))

    one = figures([judged(truth, boxes((10, 10, 40, 40, 0.2)))], CAR, 0.35)

    assert one is not None
    assert one.ap50 == pytest.approx(1)
    assert (one.precision, one.recall, one.f1) == (None, 0, 0)


def test_the_unlabelled_top_is_neither_right_nor_wrong() -> None:
    truth = boxes((10, 300, 40, 40, 1), (10, 20, 40, 40, 1))
    found = boxes((10, 300, 40, 40, 0.9), (200, 20, 40, 40, 0.9))

    one = figures([judged(truth, found, ignore_above=0.3)], CAR, 0.5)

    assert one is not None
    assert (one.objects, one.precision, one.recall) == (1, 1, 1)


def test_objects_of_another_size_are_not_asked_for_and_their_hits_not_counted() -> None:
    truth = boxes((10, 10, 20, 20, 1), (100, 100, 60, 60, 1))

    small = figures([judged(truth, truth)], CAR, 0.5, size="small")

    assert small is not None
    assert (small.objects, small.precision, small.recall) == (1, 1, 1)


def test_a_class_that_is_not_there_has_no_figures() -> None:
    assert (
        figures([judged(boxes((10, 10, 40, 40, 1)), Detections.none())], ObjectClass.BUS, 0.5)
        is None
    )


def test_an_object_nobody_found_is_a_recall_of_zero() -> None:
    one = figures([judged(boxes((10, 10, 40, 40, 1)), Detections.none())], CAR, 0.5)

    assert one is not None
    assert (one.ap50, one.precision, one.recall) == (0, None, 0)


def test_pictures_are_told_apart_by_their_most_confident_box() -> None:
    there, nothing = boxes((10, 10, 40, 40, 1)), Detections.none()
    pictures = [
        judged(there, boxes((10, 10, 40, 40, 0.9))),
        judged(there, boxes((10, 10, 40, 40, 0.3))),
        judged(nothing, boxes((10, 10, 40, 40, 0.3), (0, 0, 5, 5, 0.1))),
        judged(nothing, nothing),
    ]

    # Of four pairs three are in order, and one is a tie.
    assert picture_auc(pictures) == pytest.approx(3.5 / 4)
    assert picture_auc(pictures[:2]) is None


def test_the_curve_runs_from_the_most_confident_detection_on() -> None:
    truth = boxes((10, 10, 40, 40, 1), (100, 100, 40, 40, 1))
    found = boxes((200, 200, 40, 40, 0.5), (10, 10, 40, 40, 0.9))

    precision, recall, scores = curve([judged(truth, found)], CAR)

    assert precision.tolist() == [1, 0.5]
    assert recall.tolist() == [0.5, 0.5]
    assert scores.tolist() == pytest.approx([0.9, 0.5])


def test_a_mistake_is_a_miss_or_a_believed_box_on_nothing() -> None:
    truth = boxes((10, 10, 40, 40, 1), (100, 100, 40, 40, 1))
    found = boxes((12, 10, 40, 40, 0.9), (200, 200, 40, 40, 0.8), (100, 100, 40, 40, 0.1))

    missed, false = mistakes(judged(truth, found), np.array([True, True, False]))

    assert missed.tolist() == [False, True], "found, but not believed"
    assert false.tolist() == [False, True, False]


def test_a_box_of_another_class_is_a_mistake() -> None:
    truth, found = boxes((10, 10, 40, 40, 1)), boxes((10, 10, 40, 40, 0.9), kind=ObjectClass.BUS)

    missed, false = mistakes(judged(truth, found), np.ones(1, np.bool_))

    assert missed.tolist() == false.tolist() == [True]


def test_what_lies_where_nothing_is_labelled_makes_no_picture_full_and_no_box_false() -> None:
    far, near = boxes((10, 10, 20, 20, 0.9)), boxes((10, 300, 20, 20, 0.8))
    pictures = [judged(far, far, ignore_above=0.5), judged(near, near, ignore_above=0.5)]

    assert [picture.is_empty for picture in pictures] == [True, False]
    assert picture_auc(pictures) == 1, "the far box does not count"
