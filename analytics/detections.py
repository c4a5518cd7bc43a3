"""What a detector saw in one frame, and what a tracker made of it: arrays, checked once."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Self

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class ObjectClass(IntEnum):
    """Everything that our models find; a model's own classes are mapped to these by name."""

    CAR = 0
    MOTORCYCLE = 1
    BUS = 2
    TRUCK = 3
    BICYCLE = 4
    PERSON = 5
    POTHOLE = 6
    RUBBISH = 7


VEHICLES = (
    ObjectClass.CAR,
    ObjectClass.MOTORCYCLE,
    ObjectClass.BUS,
    ObjectClass.TRUCK,
    ObjectClass.BICYCLE,
)


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """Objects in one frame, one row each.

    Attributes
    ----------
    xyxy
        Boxes ``(x1, y1, x2, y2)``, float32 pixels of the source frame, shape ``(n, 4)``.
    confidence
        Float32 from 0 to 1, shape ``(n,)``.
    class_id
        Values of `ObjectClass`, int64, shape ``(n,)``.

    Raises
    ------
    ValueError
        Where a shape or dtype is another, or a box is turned inside out or not finite.
    """

    xyxy: FloatArray
    confidence: FloatArray
    class_id: IntArray

    def __post_init__(self) -> None:
        n = len(self.xyxy)
        _check("xyxy", self.xyxy, (n, 4), np.float32)
        _check("confidence", self.confidence, (n,), np.float32)
        _check("class_id", self.class_id, (n,), np.int64)
        if not bool(np.isfinite(self.xyxy).all()):
            msg = "xyxy holds a box that is not finite"
            raise ValueError(msg)
        if bool((self.xyxy[:, 2:] < self.xyxy[:, :2]).any()):
            msg = "xyxy holds a box with x2 < x1 or y2 < y1"
            raise ValueError(msg)

    @classmethod
    def none(cls) -> "Detections":
        """Return the detections of a frame in which nothing was found."""
        return Detections(
            np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64)
        )

    def __len__(self) -> int:
        return len(self.xyxy)

    def where(self, mask: BoolArray) -> Self:
        """Return the rows for which ``mask``, shape ``(n,)``, holds."""
        return type(self)(self.xyxy[mask], self.confidence[mask], self.class_id[mask])

    def scaled(self, x: float, y: float) -> Self:
        """Return them in a picture that is ``x`` times as wide and ``y`` times as high."""
        if (x, y) == (1.0, 1.0):
            return self
        xyxy = self.xyxy * np.array([x, y, x, y], np.float32)
        return type(self)(xyxy, self.confidence, self.class_id)

    def of_class(self, *classes: ObjectClass) -> BoolArray:
        """Return which rows are of one of ``classes``, shape ``(n,)``."""
        return np.isin(self.class_id, classes)


def _check(
    name: str, array: npt.NDArray[np.generic], shape: tuple[int, ...], dtype: type[np.generic]
) -> None:
    if array.shape != shape or array.dtype != dtype:
        msg = (
            f"{name} is {array.dtype} of shape {array.shape}, "
            f"expected {np.dtype(dtype).name} of shape {shape}"
        )
        raise ValueError(msg)
