"""A camera's real pictures, the empty scene in them, and the outlines of their vehicles."""

from functools import lru_cache

import cv2
import numpy as np

from analytics.detections import BoolArray, FloatArray, IntArray
from analytics.frames import Image
from scripts.slow_scene.cameras import Camera
from scripts.training.config import Side, Sides, TrainingError
from scripts.training.streets import Street, streets

STREET_CLASSES = ("car", "motorcycle", "bus", "truck", "bicycle")
"""Of the labelled traffic, in the order of its labels."""

_FOLDERS = Sides(train="${SIMPANG_DATA}/traffic/train", val="${SIMPANG_DATA}/traffic/val")
_DIFFERS = 20
"""Levels by which a vehicle differs from the empty scene, in one channel at least."""

_SMALL = (80, 45)
"""Size at which pictures are compared."""

_MOST_APART = 12.0
"""Levels beyond which two pixels are of other things, and not of another light."""

_MOST_FOR_EMPTY = 61
"""Pictures whose median is the empty scene."""


class Backdrop:
    """A camera's pictures, all read.

    Attributes
    ----------
    images
        BGR uint8, of one size.
    boxes, kinds
        Of each picture's labelled vehicles: corners in pixels ``(n, 4)``, and names of classes.
    empty
        The scene without traffic.
    """

    def __init__(self, street: Street) -> None:
        self.street = street
        self.images = tuple(picture.image() for picture in street.pictures)
        height, width = self.images[0].shape[:2]
        labels = [picture.labels(len(STREET_CLASSES)) for picture in street.pictures]
        self.boxes: tuple[FloatArray, ...] = tuple(one.xyxy((width, height)) for one in labels)
        self.kinds = tuple(
            tuple(STREET_CLASSES[number] for number in one.class_id.tolist()) for one in labels
        )
        some = self.images[:: -(-len(self.images) // _MOST_FOR_EMPTY)]
        self.empty: Image = np.median(np.stack(some), axis=0).astype(np.uint8)
        self._moved: dict[int, BoolArray] = {}
        self._small = np.stack([_grey(image) for image in self.images])
        self._free = np.stack([self._unboxed(number) for number in range(len(self.images))])

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the pictures."""
        return int(self.empty.shape[1]), int(self.empty.shape[0])

    def alike(self, number: int, many: int) -> IntArray:
        """Return pictures in nearly the light of one: where shadows lie as there, traffic aside."""
        apart = np.minimum(np.abs(self._small - self._small[number]), _MOST_APART)
        both = self._free & self._free[number]
        off = (apart * both).sum(axis=(1, 2)) / np.maximum(both.sum(axis=(1, 2)), 1)
        return np.argsort(off, kind="stable")[:many]

    def outlines(self, number: int, *, before_row: float = 0) -> BoolArray:
        """Return where a picture shows vehicles, ``(h, w)``.

        Parameters
        ----------
        before_row
            Only those that touch the ground at this row or nearer.
        """
        moved = self._moved_in(number)
        found = np.zeros_like(moved)
        for box in self.boxes[number]:
            if box[3] >= before_row:
                part = part_of(box, moved.shape)
                found[part] |= moved[part]
        return found

    def outline(self, number: int, box: FloatArray) -> BoolArray:
        """Return one vehicle's outline within its box, its holes filled."""
        part = self._moved_in(number)[part_of(box, self.empty.shape)]
        shapes, _ = cv2.findContours(
            part.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE
        )
        filled = np.zeros(part.shape, np.uint8)
        if shapes:
            cv2.drawContours(filled, [max(shapes, key=cv2.contourArea)], 0, [1.0], -1)
        return filled > 0

    def _unboxed(self, number: int) -> BoolArray:
        """Return where no vehicle is labelled in a picture, as small as pictures are compared."""
        free = np.ones(self.empty.shape[:2], np.uint8)
        for box in self.boxes[number]:
            free[part_of(box, free.shape)] = 0
        return cv2.resize(free, _SMALL, interpolation=cv2.INTER_AREA) > 0

    def _moved_in(self, number: int) -> BoolArray:
        if number not in self._moved:
            off = cv2.absdiff(self.images[number], self.empty).max(axis=2)
            kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
            closed = cv2.morphologyEx(
                (off > _DIFFERS).astype(np.uint8), cv2.MORPH_CLOSE, kernel, iterations=2
            )
            self._moved[number] = closed > 0
        return self._moved[number]


def _grey(image: Image) -> FloatArray:
    small = cv2.resize(
        cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), _SMALL, interpolation=cv2.INTER_AREA
    )
    return np.asarray(small, np.float32)


def part_of(box: FloatArray, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Return the rows and columns of a box, left, top, right, bottom, within a picture."""
    left, top, right, bottom = (round(float(value)) for value in box)
    return (
        slice(max(top - 2, 0), min(bottom + 3, shape[0])),
        slice(max(left - 2, 0), min(right + 3, shape[1])),
    )


@lru_cache(maxsize=3)
def backdrop(camera: Camera) -> Backdrop:
    """Return a camera's pictures, read once.

    Raises
    ------
    TrainingError
        Where ``SIMPANG_DATA`` does not hold it.
    """
    for street in _streets(camera.side):
        if any(picture.image_file.stem == camera.shown_in for picture in street.pictures):
            return Backdrop(street)
    raise TrainingError(f"no camera of {camera.side} shows {camera.shown_in}: is the data another?")


@lru_cache(maxsize=2)
def _streets(side: Side) -> list[Street]:
    return streets(_FOLDERS.folder(side), STREET_CLASSES)
