"""Rows of lots along a road."""

from collections.abc import Iterator

import numpy as np

from scripts.twin.bake.lot import Lot, draw_lot


def lots(
    rng: np.random.Generator, start: float, end: float, number: int
) -> Iterator[tuple[Lot, float]]:
    """Yield lots side by side from ``start`` towards ``end``, with narrow alleys here and there."""
    at, sign = start, np.sign(end - start)
    while (end - at) * sign > 0:
        lot = draw_lot(rng, number, detailed=abs(at - start) < 50)
        yield lot, float(at + sign * lot.width_m / 2)
        number += 7
        at += sign * (lot.width_m + (2.2 if rng.random() < 0.12 else 0.03))
