"""Concrete poles with slack wires, bundles of cable and a transformer."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from scripts.twin.bake.furniture import CONCRETE, STEEL, WIRE
from scripts.twin.bake.solids import Model, Paint, Point
from scripts.twin.world import PAVEMENT_HEIGHT_M

_POLE_M = 9.0
_ARMS_M = (8.7, 8.1, 6.4, 6.1, 5.8)


def power_line(
    xs: float, ys: Sequence[float], rng: np.random.Generator, *, transformer: int | None = None
) -> Model:
    """Return a row of concrete poles along the main road with slack wires and bundles of cable."""
    model = Model()
    for number, y in enumerate(ys):
        model.place(_power_pole(transformer=number == transformer), (xs, y, PAVEMENT_HEIGHT_M))
    for y, beyond in pairwise(ys):
        for height in _ARMS_M[:2]:
            for dx in (-0.75, 0.0, 0.75):
                _wire(
                    model, (xs + dx, y, height + 0.3), (xs + dx, beyond, height + 0.3), 0.35, 0.012
                )
        for height in _ARMS_M[2:]:
            for _ in range(3):
                dx, slack = float(rng.normal(0, 0.12)), float(rng.uniform(0.35, 1.1))
                _wire(
                    model,
                    (xs + dx, y, height),
                    (xs + dx, beyond, height),
                    slack,
                    float(rng.uniform(0.009, 0.024)),
                )
    return model


def _power_pole(*, transformer: bool) -> Model:
    model = Model()
    model.post((0, 0, 0), _POLE_M, 0.16, CONCRETE, 0.11)
    for height in _ARMS_M[:2]:
        model.box((0, 0, height + 0.1), (1.8, 0.1, 0.1), STEEL)
        for dx in (-0.75, 0.0, 0.75):
            model.post((dx, 0, height + 0.15), 0.16, 0.04, Paint("gloss", (0.3, 0.12, 0.07)))
    for height in _ARMS_M[2:]:
        model.tube([(-0.2, 0, height), (0.2, 0, height)], [0.09, 0.09], WIRE, 6)
    model.box((0.17, 0.0, 4.6), (0.12, 0.3, 0.4), Paint("plain", (0.3, 0.3, 0.3)))
    angle = np.linspace(0, 2 * np.pi, 15)
    loop = [(0.2, 0.28 * float(np.cos(a)), 5.3 + 0.33 * float(np.sin(a))) for a in angle]
    model.tube(loop, [0.028] * len(loop), WIRE, 5)
    for k in range(3):
        model.box(
            (0.15, -0.02, 1.2 + 0.5 * k),
            (0.02, 0.22, 0.3),
            Paint("plain", ((0.5, 0.45, 0.1), (0.5, 0.5, 0.5), (0.1, 0.2, 0.4))[k]),
        )
    if transformer:
        grey = Paint("metal", (0.33, 0.35, 0.34))
        model.box((0, 0.45, 6.9), (1.3, 0.8, 1.3), grey)
        for k in range(7):
            model.box((-0.55 + 0.18 * k, 0.9, 6.85), (0.04, 0.12, 1.0), grey)
        model.box((0, 0.3, 6.2), (1.8, 1.2, 0.08), STEEL)
        for dx in (-0.4, 0.0, 0.4):
            model.post((dx, 0.45, 7.55), 0.3, 0.05, Paint("gloss", (0.3, 0.12, 0.07)))
    return model


def _wire(model: Model, start: Point, end: Point, slack_m: float, radius_m: float) -> None:
    """Add a wire that hangs ``slack_m`` below the straight line in its middle."""
    share = np.linspace(0, 1, 9)[:, None]
    line = np.array(start) + share * np.subtract(end, start)
    line[:, 2] -= 4 * slack_m * (share * (1 - share))[:, 0]
    model.tube([tuple(point) for point in line.tolist()], [radius_m] * 9, WIRE, 3)


def wires(pairs: Sequence[tuple[Point, Point]], slack_m: float = 0.8) -> Model:
    """Return single wires between points, as from a pole to houses or over a road."""
    model = Model()
    for start, end in pairs:
        _wire(model, start, end, slack_m, 0.013)
    return model
