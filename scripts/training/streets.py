"""Where the road is in the pictures of fixed cameras, and how large a metre: read off the traffic.

Nobody calibrated the cameras of a labelled set, but its boxes tell: where vehicles touch the ground
is road, and how high they are there tells the scale, which falls in a straight line to the horizon.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from analytics.detections import BoolArray, FloatArray, IntArray
from analytics.frames import Image
from models.dataset import LabelledPicture, pictures

FOCAL_WIDTHS = 0.95
"""Focal length of a street camera's lens in widths of its picture: 56 degrees across."""

_HEIGHTS_M = {"car": 1.5, "motorcycle": 1.6}
"""Mean height of what the scale is read off; a motorcycle with its rider."""

_ALIKE = 0.8
"""Correlation of two thumbnails from which on they are of one camera."""

_THUMBNAIL = (32, 18)
_LEAST_PICTURES, _LEAST_BOXES = 8, 60
_KERB_M = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class Street:
    """One camera's view.

    Attributes
    ----------
    pictures
        Its pictures, all of one size.
    road
        Where vehicles were seen to touch the ground, ``(h, w)``.
    horizon_px
        Row at which a metre would have no pixels.
    scale_per_row
        Pixels a metre across gains with each row below the horizon.
    """

    pictures: tuple[LabelledPicture, ...]
    road: BoolArray
    horizon_px: float
    scale_per_row: float

    def px_per_m(self, row: float) -> float:
        """Return how many pixels a metre across has on the ground at a row."""
        return max(0.0, (row - self.horizon_px) * self.scale_per_row)

    def flatness(self, row: float) -> float:
        """Return how high a square on the ground looks, as a share of its width.

        Notes
        -----
        For a pinhole camera and a small square: rows below the horizon over the focal length.
        """
        return float((row - self.horizon_px) / (FOCAL_WIDTHS * self.road.shape[1]))

    def kerb(self) -> BoolArray:
        """Return the ground beside the road, within 1.5 m of it, ``(h, w)``."""
        off_px = cv2.distanceTransform((~self.road).astype(np.uint8), cv2.DIST_L2, 3)
        rows = np.arange(self.road.shape[0], dtype=np.float32)
        reach_px = np.maximum(0, rows - self.horizon_px) * self.scale_per_row * _KERB_M
        beside: BoolArray = (off_px > 0) & (off_px <= reach_px[:, None])
        return beside


def streets(folder: Path, classes: Sequence[str]) -> list[Street]:
    """Return the views of a labelled folder that hold enough traffic to tell road and scale.

    Raises
    ------
    models.errors.DatasetError
        Where pictures or labels are missing or wrong.
    """
    found = [_street(group, classes) for group in _by_camera(list(pictures(folder)))]
    return [street for street in found if street is not None]


def _by_camera(found: Sequence[LabelledPicture]) -> list[list[LabelledPicture]]:
    """Group pictures of the same scene and size, by thumbnails without their brightness."""
    groups: list[tuple[tuple[int, ...], FloatArray, list[LabelledPicture]]] = []
    for picture in found:
        image = picture.image()
        thumbnail = _thumbnail(image)
        alike = [
            float((known * thumbnail).mean()) if shape == image.shape else -1.0
            for shape, known, _ in groups
        ]
        best = int(np.argmax(alike)) if alike else -1
        if best >= 0 and alike[best] > _ALIKE:
            groups[best][2].append(picture)
        else:
            groups.append((image.shape, thumbnail, [picture]))
    return [group for _, _, group in groups if len(group) >= _LEAST_PICTURES]


def _thumbnail(image: Image) -> FloatArray:
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, _THUMBNAIL, interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray((small - small.mean()) / max(float(small.std()), 1e-3), np.float32)


def _street(group: Sequence[LabelledPicture], classes: Sequence[str]) -> Street | None:
    height, width = group[0].image().shape[:2]
    labels = [picture.labels(len(classes)) for picture in group]
    boxes = np.vstack([one.xyxy((width, height)) for one in labels])
    kinds = np.concatenate([one.class_id for one in labels])
    whole = (boxes[:, 3] < height - 3) & (boxes[:, 0] > 2) & (boxes[:, 2] < width - 3)
    line = _scale_line(boxes[whole], kinds[whole], classes)
    if line is None:
        return None
    slope, offset = line
    return Street(tuple(group), _road(boxes, (height, width)), -offset / slope, slope)


def _scale_line(
    boxes: FloatArray, kinds: IntArray, classes: Sequence[str]
) -> tuple[float, float] | None:
    """Return slope and offset of pixels a metre over the row; None where no line fits."""
    metres = np.array([_HEIGHTS_M.get(name, np.nan) for name in classes])[kinds]
    rows, scale = boxes[:, 3], (boxes[:, 3] - boxes[:, 1]) / metres
    use = np.isfinite(scale)
    slope = offset = 0.0
    for _ in range(3):
        if use.sum() < _LEAST_BOXES:
            return None
        slope, offset = (float(value) for value in np.polyfit(rows[use], scale[use], 1))
        # A third time without those that are far off: vans, and boxes of half a vehicle.
        off = np.abs(slope * rows + offset - scale)
        use = np.isfinite(scale) & (off <= 2.5 * np.nanmedian(off[use]))
    is_plausible = slope > 0 and -offset / slope < np.median(rows[use])
    return (slope, offset) if is_plausible else None


def _road(boxes: FloatArray, shape: tuple[int, int]) -> BoolArray:
    """Return where at least two vehicles touched the ground, and what lies between such places."""
    seen: IntArray = np.zeros(shape, np.int64)
    for left, _, right, bottom in boxes.tolist():
        half = max(2, round((right - left) / 2))
        size = (2 * half + 1, 2 * max(2, half // 3) + 1)
        wheels: IntArray = np.array(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size), np.int64)
        down, across = wheels.shape
        top, start = round(bottom) - half // 4 - down // 2, round((left + right) / 2) - across // 2
        rows = slice(max(top, 0), max(top + down, 0))
        columns = slice(max(start, 0), max(start + across, 0))
        part = seen[rows, columns]
        part += wheels[rows.start - top :, columns.start - start :][
            : part.shape[0], : part.shape[1]
        ]
    # A fifth of the picture: lanes that nobody was seen on in the few pictures there are.
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (shape[1] // 5 | 1, shape[0] // 5 | 1))
    rim = max(shape) // 5
    padded = np.pad((seen >= 2).astype(np.uint8), rim)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, kernel)
    road: BoolArray = closed[rim:-rim, rim:-rim] > 0
    return road
