"""What a spot on a road is: a hole has a rim and rubble in it, a stain is as flat as the road."""

from typing import Final

import numpy as np

from analytics.frames import Image

_INNER, _CLEAR, _AROUND = 0.6, 1.2, 2.2
"""Times a box that are its inside, that are its own, and that end what is around it."""
_FLAT: Final = 0.25
"""Standard deviation inside over how much darker it is than the road. Measured on the simulated
street: 0.1 to 0.15 of patches, 1 and more of holes, dry or full of water."""
_PLAIN: Final = 0.13
"""Standard deviation inside over the brightness inside. A deep hole is as flat as a stain for how
dark it is, and not for how bright. Of 195 holes of 50 to 90 px that were pasted into streets of the
tune set, those as flat as a stain had 0.23 to 0.32; as many patches and puddles had up to 0.07. No
command prints these."""
_MIDDLE: Final = 0.5
_CALM: Final = 0.3
"""Standard deviation inside over that of the whole hole. On the simulated street: 0.1 full of
water, 0.8 dry."""
_LEAST_LEVEL: Final = 8.0
LEAST_PX: Final = 50.0
"""Width under which a camera shows no rubble in a hole."""


def is_stain(image: Image, box: tuple[float, float, float, float]) -> bool:
    """Return whether a spot is flat and darker than the road around it.

    Such are patches of new asphalt, shadows, oil, and ground that is still wet. Of spots narrower
    than `LEAST_PX` it cannot be told, and they are called none.

    Parameters
    ----------
    image
        BGR uint8, ``(h, w, 3)``.
    box
        ``(x1, y1, x2, y2)`` around the spot, in pixels of the picture.
    """
    if box[2] - box[0] < LEAST_PX:
        return False
    brightness = image.mean(axis=2)
    inside = brightness[_part(box, _INNER, brightness.shape)]
    rows, columns = _part(box, _AROUND, brightness.shape)
    own_rows, own_columns = _part(box, _CLEAR, brightness.shape)
    is_around = np.zeros(brightness.shape, np.bool_)
    is_around[rows, columns] = True
    is_around[own_rows, own_columns] = False
    if not inside.size or not is_around.any():
        return False
    level, varies = float(inside.mean()), float(inside.std())
    darker = float(np.median(brightness[is_around])) - level
    return darker >= _LEAST_LEVEL and varies < min(_FLAT * darker, _PLAIN * level)


def holds_water(image: Image, box: tuple[float, float, float, float]) -> bool:
    """Return whether a hole is full of water: flat inside, within a rim that is not.

    Of holes narrower than `LEAST_PX` it cannot be told, and they are called dry; so are those whose
    water mirrors something.

    Parameters
    ----------
    image, box
        As `is_stain`.
    """
    if box[2] - box[0] < LEAST_PX:
        return False
    brightness = image.mean(axis=2)
    inside = brightness[_part(box, _MIDDLE, brightness.shape)]
    whole = brightness[_part(box, 1.0, brightness.shape)]
    return bool(inside.size) and float(inside.std()) < _CALM * float(whole.std())


def _part(
    box: tuple[float, float, float, float], times: float, shape: tuple[int, ...]
) -> tuple[slice, slice]:
    x1, y1, x2, y2 = box
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    across, down = (x2 - x1) * times / 2, (y2 - y1) * times / 2
    return (
        slice(max(round(y - down), 0), min(round(y + down) + 1, shape[0])),
        slice(max(round(x - across), 0), min(round(x + across) + 1, shape[1])),
    )
