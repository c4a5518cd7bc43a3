"""Vehicles of a camera's own pictures that are left standing at another place of the view."""

from dataclasses import dataclass

import cv2
import numpy as np

from analytics.detections import FloatArray
from analytics.frames import Image
from scripts.slow_scene.backdrop import Backdrop, part_of
from scripts.slow_scene.scenario import Box, Parked
from scripts.training.config import TrainingError
from scripts.training.paste import Alpha

_SCALES = (0.6, 1.6)
"""How much smaller or larger than in its own picture a vehicle may be shown."""

_FILLED = (0.45, 0.97)
"""Share of its box that a vehicle's outline fills; less is half a vehicle, more is no outline."""

_LEAST_PX = 24
_CHOICE = 3
"""Of so many vehicles whose size fits best, chance takes one."""


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A vehicle where it is left.

    Attributes
    ----------
    box
        In the picture; ``image`` and ``alpha`` fill it.
    """

    box: Box
    image: Image
    alpha: Alpha

    def over(self, picture: Image) -> Image:
        """Return a picture with it."""
        left, top, width, height = self.box
        rows = slice(max(top, 0), min(top + height, picture.shape[0]))
        columns = slice(max(left, 0), min(left + width, picture.shape[1]))
        inner = (
            slice(rows.start - top, rows.stop - top),
            slice(columns.start - left, columns.stop - left),
        )
        alpha = self.alpha[inner][:, :, None]
        result = picture.copy()
        mixed = picture[rows, columns] * (1 - alpha) + self.image[inner] * alpha
        result[rows, columns] = np.asarray(mixed + 0.5, np.uint8)
        return result


def standing(parked: Parked, scene: Backdrop, rng: np.random.Generator) -> Standing:
    """Return one of a camera's vehicles, as large as it would be at another spot.

    Raises
    ------
    TrainingError
        Where none is whole, alone and of about the right size.
    """
    width, height = scene.size_px
    x, y = parked.spot[0] * width, parked.spot[1] * height
    fits = []
    for number in range(len(scene.images)):
        for place, box in enumerate(scene.boxes[number]):
            if scene.kinds[number][place] in parked.classes and _is_alone(scene, number, place):
                scale = scene.street.px_per_m(y) / max(scene.street.px_per_m(float(box[3])), 1e-6)
                if _SCALES[0] <= scale <= _SCALES[1]:
                    fits.append((abs(np.log(scale)), number, place, scale))
    if not fits:
        raise TrainingError(f"no {'/'.join(parked.classes)} of this camera fits {parked.spot}")
    fits.sort()
    _, number, place, scale = fits[int(rng.integers(min(_CHOICE, len(fits))))]
    part = part_of(scene.boxes[number][place], scene.empty.shape)
    outline = scene.outline(number, scene.boxes[number][place]).astype(np.float32)
    size = (round(outline.shape[1] * scale), round(outline.shape[0] * scale))
    image = cv2.resize(scene.images[number][part], size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(cv2.resize(outline, size), (0, 0), 0.8)
    corner = round(x - size[0] / 2), round(y) - size[1]
    return Standing((*corner, *size), np.asarray(image, np.uint8), np.asarray(soft, np.float32))


def _is_alone(scene: Backdrop, number: int, place: int) -> bool:
    """Tell whether a vehicle is whole, and none other is in its box."""
    box = scene.boxes[number][place]
    width, height = scene.size_px
    is_whole = box[0] > 2 and box[1] > 2 and box[2] < width - 3 and box[3] < height - 3
    if not is_whole or min(box[2] - box[0], box[3] - box[1]) < _LEAST_PX:
        return False
    others = np.delete(scene.boxes[number], place, axis=0)
    if bool(_overlap(others, box).any()):
        return False
    filled = float(scene.outline(number, box).mean())
    return _FILLED[0] <= filled <= _FILLED[1]


def _overlap(others: FloatArray, box: FloatArray) -> FloatArray:
    wide = np.minimum(others[:, 2], box[2]) - np.maximum(others[:, 0], box[0])
    tall = np.minimum(others[:, 3], box[3]) - np.maximum(others[:, 1], box[1])
    return np.asarray((wide > 0) & (tall > 0), np.float32)
