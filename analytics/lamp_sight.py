"""What one picture says of a street lamp: whether the scene is dark, and whether the lamp is lit.

Pure functions of pixels. What a lamp's looks come to over nights is the matter of
`analytics.lamps`. docs/street-lights.md has the figures behind the numbers here.
"""

import math
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.frames import Image
from analytics.messages import ViewBox

_Luma = npt.NDArray[np.float32]

_COLUMNS: Final = 80
"""Pixels of a row that the scene is judged by: every eighth of 640."""
_DARK_TOP: Final = 65.0
"""Most that the median of the upper third may be at night, grey levels: 52 to 56 on the simulated
nights, 81 and more in all other films."""
_DARK_MEDIAN: Final = 105.0
"""Most that the whole picture's median may be at night, which a lit road raises: 71 to 95 there."""
_NIGHT_CONTRAST: Final = 3.4
"""Least ratio of the brightest hundredth to the darkest quarter: 3.8 and more on the simulated
nights, where lights stand out; 3.3 and less in all films by day and at dusk."""

_LEAST_BOX_PX: Final = 3
_LEAST_RIM_PX: Final = 4
_GUARD_PX: Final = 2
"""Pixels around the lamp's box that belong to neither: a box is drawn by hand, a camera shakes."""
_PLAIN_AROUND: Final = 70.0
"""Most spread between the median and the brightest tenth around a lamp: 45 by the glow of a lit
one, 8 around the dark one, 96 and more around letters. Beside a head lamp, a glare on the lens,
drops or a text nothing can be told."""
_LIT: Final = 180.0
_LIT_OVER_AROUND: Final = 50.0
_LIT_OVER_BRIGHTEST: Final = 20.0
"""Lit lamps: 250 and more of 255, 84 over what is around and 41 over its brightest tenth."""
_DARK: Final = 190.0
_DARK_OVER_AROUND: Final = 25.0
_DARK_AROUND: Final = 180.0
"""The dark lamp: 151 and less, 9 over what is around, which is 144. Skies at dusk are 236."""


class LampSight(StrEnum):
    """What one picture shows of a lamp; cannot tell is an answer."""

    LIT = "lit"
    DARK = "dark"
    UNSURE = "unsure"


def is_night(image: Image) -> bool:
    """Tell whether the scene is dark: its upper part is, and what lights there are stand out.

    The upper third is sky, trees and fronts, where head lamps, wet asphalt and lit road are not.

    Parameters
    ----------
    image
        BGR uint8, ``(h, w, 3)``; not written to.
    """
    step = max(1, image.shape[1] // _COLUMNS)
    luma = _luma(image[step // 2 :: step, step // 2 :: step])
    (top,) = _ranked(luma[: max(1, len(luma) // 3)], 0.5)
    if top > _DARK_TOP:
        return False
    dark, median, light = _ranked(luma, 0.25, 0.5, 0.99)
    return median <= _DARK_MEDIAN and light >= _NIGHT_CONTRAST * dark


def lamp_sight(image: Image, box: ViewBox) -> LampSight:
    """Return what a picture by night shows of a lamp, held against what is right around it.

    Parameters
    ----------
    image
        BGR uint8, ``(h, w, 3)``; not written to.
    box
        Around the lamp's head.
    """
    height, width = image.shape[:2]
    x1, x2 = _span(box[0], box[2], width)
    y1, y2 = _span(box[1], box[3], height)
    rim = max(_LEAST_RIM_PX, (x2 - x1) // 2, y2 - y1)
    left, top = max(0, x1 - rim), max(0, y1 - rim)
    region = _luma(image[top : y2 + rim, left : x2 + rim])
    is_around = np.ones(region.shape, bool)
    guard_top, guard_left = max(0, y1 - _GUARD_PX - top), max(0, x1 - _GUARD_PX - left)
    is_around[guard_top : y2 + _GUARD_PX - top, guard_left : x2 + _GUARD_PX - left] = False
    inside = region[y1 - top : y2 - top, x1 - left : x2 - left]
    # The brightest quarter: a head fills its box only in part, and one pixel proves nothing.
    brightest = np.sort(inside, axis=None)[-max(1, inside.size // 4) :]
    lamp = float(brightest.mean())
    around, bright_around = _ranked(region[is_around], 0.5, 0.9)
    return _judged(lamp, around, bright_around)


def _judged(lamp: float, around: float, bright_around: float) -> LampSight:
    if bright_around - around > _PLAIN_AROUND:
        return LampSight.UNSURE
    least_lit = max(_LIT, around + _LIT_OVER_AROUND, bright_around + _LIT_OVER_BRIGHTEST)
    if lamp >= least_lit:
        return LampSight.LIT
    is_dark = lamp <= min(_DARK, around + _DARK_OVER_AROUND) and around <= _DARK_AROUND
    return LampSight.DARK if is_dark else LampSight.UNSURE


def _span(start: float, end: float, size_px: int) -> tuple[int, int]:
    """Return a span in whole pixels, within the picture and wide enough to be judged."""
    first = min(math.floor(start * size_px), size_px - _LEAST_BOX_PX)
    last = max(math.ceil(end * size_px), first + _LEAST_BOX_PX)
    return max(first, 0), min(last, size_px)


def _ranked(values: _Luma, *shares: float) -> list[float]:
    """Return the value that each share of the values lies below."""
    ranks = [int(share * (values.size - 1)) for share in shares]
    ordered = np.partition(values, ranks, axis=None)
    return [float(ordered[rank]) for rank in ranks]


def _luma(image: Image) -> _Luma:
    """Return the brightness of each pixel as ITU-R BT.601 weighs its colours."""
    return image.astype(np.float32) @ np.array((0.114, 0.587, 0.299), np.float32)
