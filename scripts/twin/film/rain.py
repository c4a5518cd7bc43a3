"""Rain between the camera and the street: streaks in the air, and drops on the glass."""

import cv2
import numpy as np

from scripts.twin.film.filters import Picture, blurred, pixel_grid, resized, sampled

_STREAKS = 330
"""In a picture of 640x360 in heavy rain."""

_DROPS = 7


class Rain:
    """Falling rain, of one strength for the whole film.

    Parameters
    ----------
    strength
        0 to 1; 0 changes nothing.
    size
        Width and height of the film.
    """

    def __init__(self, strength: float, size: tuple[int, int], seed: int) -> None:
        self._strength = strength
        self._size = size
        self._seed = seed
        self._lens, self._wet = _drops(size, np.random.default_rng((seed, 11)))

    def fall(self, picture: Picture, frame: int) -> Picture:
        """Return the picture, ``(h, w, 3)`` float32 RGB 0 to 255, with the rain of one frame."""
        if self._strength <= 0:
            return picture
        # A drop is as bright as what is around it: it bends light from there into the lens.
        small = (self._size[0] // 8, self._size[1] // 8)
        around = resized(blurred(resized(picture, small), 6).max(axis=2), self._size)
        streaks = self._streaks(np.random.default_rng((self._seed, frame, 5)))
        falling = picture + (streaks * (0.35 * around + 6))[..., None]
        soft = blurred(sampled(falling, self._lens), self._size[0] / 300)
        return falling + (soft - falling) * self._wet[..., None]

    def _streaks(self, rng: np.random.Generator) -> Picture:
        """Return how strongly streaks cover each pixel, ``(h, w)``: the near ones long and wide."""
        width, height = self._size
        scale = height / 360
        streaks = np.zeros((height, width), np.float32)
        count = round(_STREAKS * self._strength)
        near = rng.random(count) ** 3
        x, y = rng.uniform(-20, width, count), rng.uniform(-60, height, count)
        lean = rng.normal(0.13, 0.02, count)
        for at in range(count):
            length = scale * (6 + 34 * near[at])
            start = (round(x[at] * 16), round(y[at] * 16))
            end = (round((x[at] - lean[at] * length) * 16), round((y[at] + length) * 16))
            strength = float(0.28 + 0.35 * rng.random())
            thick = max(1, round(scale * (0.8 + 0.9 * near[at])))
            cv2.line(streaks, start, end, strength, thick, cv2.LINE_AA, 4)
        return blurred(streaks, 0.7 * scale)


def _drops(size: tuple[int, int], rng: np.random.Generator) -> tuple[Picture, Picture]:
    """Return where each pixel looks through the wet glass ``(h, w, 2)``, and how wet it is."""
    width, height = size
    looks = pixel_grid(size)
    columns, rows = pixel_grid(size).transpose(2, 0, 1)
    wet = np.zeros((height, width), np.float32)
    for _ in range(_DROPS):
        x, y = rng.uniform(0, width), rng.uniform(0, height)
        radius = rng.uniform(0.012, 0.03) * width
        offset = np.stack([columns - x, (rows - y) / rng.uniform(1.0, 1.5)], axis=-1)
        inside = np.clip(1 - np.hypot(offset[..., 0], offset[..., 1]) / radius, 0, 1)
        bulge = np.minimum(inside * 3, 1).astype(np.float32)
        wet = np.maximum(wet, bulge * 0.8)
        # A drop is a strong little lens: it shows its surroundings upside down.
        looks -= 2.4 * offset.astype(np.float32) * bulge[..., None]
    return looks, wet
