"""From the numbers of a YOLO head to boxes, in pixels of the model's input."""

from dataclasses import dataclass

import numpy as np

from analytics.detections import BoolArray, FloatArray, IntArray
from models.manifest import Head
from models.opencv import best_of_duplicates

MOST_BOXES = 300
"""No head hands out more boxes of one picture; as many as an end-to-end head has rows."""


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Boxes as the head gave them, one row each.

    Attributes
    ----------
    xyxy
        ``(x1, y1, x2, y2)``, float32 pixels of the input, shape ``(n, 4)``. May reach over its
        edges or be turned inside out: a head is not bound to sane boxes.
    confidence
        Float32, shape ``(n,)``.
    class_index
        Place in the manifest's classes, int64, shape ``(n,)``.
    """

    xyxy: FloatArray
    confidence: FloatArray
    class_index: IntArray

    def where(self, rows: BoolArray | IntArray) -> "Candidates":
        """Return the rows named by a mask or by their numbers."""
        return Candidates(self.xyxy[rows], self.confidence[rows], self.class_index[rows])


def decode(output: FloatArray, head: Head, *, floor: float, nms_iou: float | None) -> Candidates:
    """Return the boxes in the output of a head, most confident first for a raw one.

    Parameters
    ----------
    output
        Float32, finite, of the shape that ``head`` says.
    head
        The layout.
    floor
        Boxes with less confidence are left out.
    nms_iou
        Boxes of a class that overlap more are one object. Nothing for an end-to-end head, which
        leaves out duplicates itself.
    """
    candidates = _end_to_end(output) if head is Head.END_TO_END else _raw(output)
    candidates = candidates.where(candidates.confidence >= floor)
    if nms_iou is not None:
        candidates = candidates.where(
            best_of_duplicates(
                candidates.xyxy, candidates.confidence, candidates.class_index, iou=nms_iou
            )
        )
    return candidates.where(np.arange(min(len(candidates.xyxy), MOST_BOXES)))


def _end_to_end(output: FloatArray) -> Candidates:
    rows = output[0]
    return Candidates(rows[:, :4], rows[:, 4], np.rint(rows[:, 5]).astype(np.int64))


def _raw(output: FloatArray) -> Candidates:
    centre, size, scores = output[0, :2].T, output[0, 2:4].T, output[0, 4:].T
    class_index = scores.argmax(axis=1)
    return Candidates(
        np.hstack([centre - size / 2, centre + size / 2]),
        scores[np.arange(len(scores)), class_index],
        class_index.astype(np.int64),
    )
