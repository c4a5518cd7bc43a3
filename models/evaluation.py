"""How good a model is on labelled pictures: average precision, and what its threshold gives.

A detection is right where it overlaps an object of its class that no better one has taken. Objects
and detections that are not asked for, being of another size or in a part of the picture without
labels, are neither right nor wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.detections import BoolArray, Detections, FloatArray, ObjectClass
from analytics.geometry import area, iou

IOUS = tuple(np.arange(0.5, 0.96, 0.05).round(2).tolist())
"""Overlaps that AP50-95 is the mean over, as COCO has it."""

SIZES = {
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, float("inf")),
}
"""COCO's sizes: area of the box from and to, square pixels of the picture."""

_RECALLS = np.linspace(0, 1, 101)
"""Recalls at which COCO reads the precision."""


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """One picture: what is there, and what was found.

    Attributes
    ----------
    truth
        What is there; its confidence is not read.
    found
        What the detector hands out, also below its threshold.
    asked
        Which rows of ``truth`` are asked for, shape ``(len(truth),)``.
    counted
        Which rows of ``found`` are wrong if they hit nothing, shape ``(len(found),)``.
    """

    truth: Detections
    found: Detections
    asked: BoolArray
    counted: BoolArray

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.asked.any()


@dataclass(frozen=True, slots=True)
class Figures:
    """How well one class, or one size of it, is found.

    Attributes
    ----------
    objects
        How many there are.
    ap50, ap50_95
        Average precision at an overlap of 0.5, and the mean over `IOUS`; COCO's, with 101 points.
    precision, recall, f1
        At the threshold and an overlap of 0.5; ``precision`` is None where nothing was found.
    """

    objects: int
    ap50: float
    ap50_95: float
    precision: float | None
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, eq=False)
class _Ranked:
    """Detections of all pictures: their scores, and which are right, with the rest left out."""

    scores: FloatArray
    right: BoolArray
    objects: int


def judge(truth: Detections, found: Detections, *, ignore_above: float, height: int) -> Judged:
    """Return a picture's objects and detections.

    Parameters
    ----------
    ignore_above
        Share of the picture's height, from the top, in which nothing is labelled: boxes whose
        middle lies there are neither asked for nor counted.
    """
    horizon = ignore_above * height
    return Judged(truth, found, _middle_y(truth) >= horizon, _middle_y(found) >= horizon)


def figures(
    pictures: Sequence[Judged], kind: ObjectClass, threshold: float, *, size: str | None = None
) -> Figures | None:
    """Return how well a class is found; None where there is none of it.

    Parameters
    ----------
    size
        A key of `SIZES`, to ask for objects of this size only.
    """
    low, high = SIZES[size] if size else (0.0, float("inf"))
    of_size = [_of_kind(picture, kind, low, high) for picture in pictures]
    ranked = [_rank(of_size, overlap) for overlap in IOUS]
    if ranked[0].objects == 0:
        return None
    precisions = [average_precision(one.scores, one.right, one.objects) for one in ranked]
    believed = ranked[0].right[ranked[0].scores >= threshold]
    right = int(believed.sum())
    precision = right / len(believed) if len(believed) else None
    recall = right / ranked[0].objects
    both = (precision or 0.0) + recall
    return Figures(
        objects=ranked[0].objects,
        ap50=precisions[0],
        ap50_95=float(np.mean(precisions)),
        precision=precision,
        recall=recall,
        f1=2 * (precision or 0.0) * recall / both if both else 0.0,
    )


def curve(
    pictures: Sequence[Judged], kind: ObjectClass
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], FloatArray]:
    """Return precision, recall and confidence after each detection, the most confident first.

    At an overlap of 0.5; empty where nothing was found.
    """
    ranked = _rank([_of_kind(picture, kind, 0.0, float("inf")) for picture in pictures], IOUS[0])
    if not len(ranked.scores):
        return np.zeros(0), np.zeros(0), ranked.scores
    precision, recall = precision_recall(ranked.scores, ranked.right, ranked.objects)
    return precision, recall, np.sort(ranked.scores)[::-1]


def mistakes(picture: Judged, seen: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Return which objects were missed and which detections hit nothing, at an overlap of 0.5.

    Parameters
    ----------
    seen
        Which detections are confident enough, shape ``(len(found),)``.

    Returns
    -------
    missed, false
        Shapes ``(len(truth),)`` and ``(len(found),)``.
    """
    missed, false = picture.asked.copy(), seen & picture.counted
    for kind in ObjectClass:
        there, here = picture.truth.of_class(kind), picture.found.of_class(kind) & seen
        if not there.any() or not here.any():
            continue
        overlaps = iou(picture.found.xyxy[here], picture.truth.xyxy[there]) >= IOUS[0]
        missed[np.flatnonzero(there)[overlaps.any(axis=0)]] = False
        false[np.flatnonzero(here)[overlaps.any(axis=1)]] = False
    return missed, false


def average_precision(scores: FloatArray, right: BoolArray, objects: int) -> float:
    """Return the area under the precision-recall curve, as COCO has it.

    Parameters
    ----------
    scores, right
        Of each detection its confidence, and whether it hit; shape ``(n,)``.
    objects
        How many there were to hit.
    """
    precision, recall = precision_recall(scores, right, objects)
    # Each recall has the best precision that is had at it or beyond it.
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, _RECALLS, side="left")
    reached = at < len(recall)
    return float(np.where(reached, envelope[np.minimum(at, len(recall) - 1)], 0).mean())


def precision_recall(
    scores: FloatArray, right: BoolArray, objects: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return precision and recall after each detection, the most confident first.

    Each has at least one value: where nothing was found, a precision of 0 at a recall of 0.
    """
    if not len(scores):
        return np.zeros(1), np.zeros(1)
    hits = right[np.argsort(-scores, kind="stable")].cumsum()
    return hits / np.arange(1, len(hits) + 1), hits / max(1, objects)


def picture_auc(pictures: Sequence[Judged]) -> float | None:
    """Return how well a picture's most confident box tells pictures with objects from empty ones.

    The chance that a picture with objects scores higher than an empty one, ties counting half:
    the area under the ROC curve. None where either kind is missing.
    """
    best = np.array([one.found.confidence[one.counted].max(initial=0) for one in pictures])
    empty = np.array([picture.is_empty for picture in pictures])
    if not len(pictures) or empty.all() or not empty.any():
        return None
    against = best[~empty][:, None] - best[empty][None, :]
    return float((against > 0).mean() + (against == 0).mean() / 2)


def _of_kind(picture: Judged, kind: ObjectClass, low: float, high: float) -> Judged:
    """Return a picture with one class only; objects of other sizes are not asked for."""
    there, seen = picture.truth.of_class(kind), picture.found.of_class(kind)
    truth, found = picture.truth.where(there), picture.found.where(seen)
    return Judged(
        truth,
        found,
        picture.asked[there] & _is_between(area(truth.xyxy), low, high),
        picture.counted[seen] & _is_between(area(found.xyxy), low, high),
    )


def _rank(pictures: Sequence[Judged], overlap: float) -> _Ranked:
    scores, right = [], []
    for picture in pictures:
        hit, left_out = _hits(picture, overlap)
        scores.append(picture.found.confidence[~left_out])
        right.append(hit[~left_out])
    objects = sum(int(picture.asked.sum()) for picture in pictures)
    empty_scores, empty_right = np.zeros(0, np.float32), np.zeros(0, np.bool_)
    return _Ranked(
        np.concatenate([empty_scores, *scores]), np.concatenate([empty_right, *right]), objects
    )


def _hits(picture: Judged, overlap: float) -> tuple[BoolArray, BoolArray]:
    """Return which detections hit an object that is asked for, and which are left out."""
    hit = np.zeros(len(picture.found), np.bool_)
    left_out = ~picture.counted
    if not len(picture.truth) or not len(picture.found):
        return hit, left_out
    overlaps = iou(picture.found.xyxy, picture.truth.xyxy)
    free = np.ones(len(picture.truth), np.bool_)
    for row in np.argsort(-picture.found.confidence, kind="stable"):
        # One that is asked for goes before one that is not, however well that one fits.
        for candidates in (free & picture.asked, free & ~picture.asked):
            there = np.where(candidates, overlaps[row], -1)
            best = int(there.argmax())
            if there[best] >= overlap:
                free[best] = False
                hit[row] = picture.asked[best]
                left_out[row] = not picture.asked[best]
                break
    return hit, left_out


def _is_between(areas: FloatArray, low: float, high: float) -> BoolArray:
    return (areas >= low) & (areas < high)


def _middle_y(boxes: Detections) -> FloatArray:
    return np.asarray((boxes.xyxy[:, 1] + boxes.xyxy[:, 3]) / 2, np.float32)
