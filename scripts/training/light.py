"""Between a picture's values and linear light, in which lamps add up and shade multiplies."""

import numpy as np
from numpy.typing import NDArray

from analytics.frames import Image

Light = NDArray[np.float32]
"""Linear light, BGR, ``(h, w, 3)``, 1 for the brightest that a picture holds."""

_GAMMA = 2.2


def linear(image: Image) -> Light:
    """Return the light of a picture, BGR uint8 ``(h, w, 3)``."""
    return np.asarray((image.astype(np.float32) / 255) ** _GAMMA, np.float32)


def shown(light: NDArray[np.floating]) -> Image:
    """Return the picture, uint8, of linear light ``(h, w, 3)``; brighter than 1 is white."""
    return np.asarray(255 * np.clip(light, 0, 1) ** (1 / _GAMMA) + 0.5, np.uint8)
