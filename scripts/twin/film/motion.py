"""Softness of what moves: the shutter is open for a while, in the dark for longer."""

from collections.abc import Iterable

import cv2
import numpy as np

from scripts.twin.film.filters import Picture, pixel_grid, sampled

Box = tuple[float, float, float, float]

_SAMPLES = 6
_WORTH_PX = 0.6


class MotionBlur:
    """Smears each actor along the way that its box went since the frame before.

    Parameters
    ----------
    shutter_s
        How long the shutter is open.
    fps
        Frames per second of the film.
    """

    def __init__(self, size: tuple[int, int], shutter_s: float, fps: int) -> None:
        self._size = size
        self._share = shutter_s * fps
        self._before: dict[str, tuple[float, float]] = {}
        self._pixels = pixel_grid(size)

    def smear(self, light: Picture, boxes: Iterable[tuple[str, Box]]) -> Picture:
        """Return ``light``, ``(h, w, 3)``, smeared.

        Parameters
        ----------
        boxes
            Of each actor by its id, the far ones first; pixels, not cut at the rim where possible.
        """
        boxes = list(boxes)
        before = self._before
        self._before = {actor: _foot(box) for actor, box in boxes}
        field = np.zeros((*light.shape[:2], 2), np.float32)
        fastest = 0.0
        for actor, box in boxes:
            if actor not in before:
                continue
            went = self._share * np.subtract(_foot(box), before[actor])
            fastest = max(fastest, float(np.abs(went).max()))
            x0, y0, x1, y1 = (round(edge) for edge in box)
            middle, axes = ((x0 + x1) // 2, (y0 + y1) // 2), ((x1 - x0) // 2, (y1 - y0) // 2)
            # Not the whole box: its corners mostly show the road, which stands still.
            cv2.ellipse(field, middle, axes, 0, 0, 360, (float(went[0]), float(went[1])), -1)
        if fastest < _WORTH_PX:
            return light
        blurred_field = np.asarray(cv2.blur(field, (5, 5)), np.float32)
        smeared = np.zeros_like(light)
        for part in np.linspace(-0.5, 0.5, _SAMPLES, dtype=np.float32):
            smeared += sampled(light, self._pixels + part * blurred_field)
        smeared /= _SAMPLES
        return smeared


def _foot(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, box[3]
