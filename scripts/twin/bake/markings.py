"""Road markings as polygons on the ground, after the Indonesian rules for a city's main road.

Sizes follow Permenhub PM 34/2014 (road markings) and the usual red waiting box for motorcycles
(ruang henti khusus, PUPR guideline 2015) in front of the southern stop line.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scripts.twin.bake.solids import Rgb
from scripts.twin.world import (
    CROSSING_M,
    LANE_WIDTH_M,
    LEG_LENGTH_M,
    ROAD_HALF_WIDTH_M,
    STOP_LINE_M,
)

Ground = tuple[float, float]

WHITE: Rgb = (0.58, 0.58, 0.55)
YELLOW: Rgb = (0.62, 0.40, 0.04)
RED: Rgb = (0.26, 0.055, 0.04)

WAITING_BOX_M = 5.2
"""Length of the motorcycles' red box, from the stop line."""

_LINE_M, _DASH_M, _GAP_M = 0.12, 3.0, 5.0

_STRAIGHT = ((-0.08, 0), (0.08, 0), (0.08, 2.4), (0.32, 2.4), (0, 4.2), (-0.32, 2.4), (-0.08, 2.4))
_LEFT = (
    (-0.08, 1.1),
    (0.08, 1.1),
    (0.08, 1.7),
    (-0.5, 2.5),
    (-0.5, 2.9),
    (-1.0, 2.2),
    (-0.5, 1.5),
    (-0.5, 1.9),
)


@dataclass(frozen=True, slots=True)
class Marking:
    """A simple polygon of paint; ``wear`` is the share of it that traffic has worn off."""

    corners: tuple[Ground, ...]
    colour: Rgb
    wear: float = 0.3


def junction_markings() -> list[Marking]:
    """Return all markings of the junction and its four legs."""
    markings = list(_box_junction())
    for leg, turns in (("south", 0), ("east", 1), ("north", 2), ("west", 3)):
        main = leg in ("south", "north")
        markings += [_rotated(marking, turns) for marking in _leg(LEG_LENGTH_M[leg], main=main)]
    return [*(_rotated(marking, 0) for marking in _waiting_box()), *markings]


def _leg(length_m: float, *, main: bool) -> Iterator[Marking]:
    """Yield one leg's markings as the southern one; its approach is at negative x."""
    half, stop = ROAD_HALF_WIDTH_M, STOP_LINE_M
    for x in np.arange(-half + 0.5, half - 0.2, 0.95):
        yield _strip(x, x + 0.48, -CROSSING_M[1], -CROSSING_M[0], WHITE, 0.42)
    yield _strip(-half + 0.2, -0.2, -stop - 0.35, -stop, WHITE, 0.3)
    centre = YELLOW if main else WHITE
    for x in (-0.15, 0.15):
        yield _strip(x - _LINE_M / 2, x + _LINE_M / 2, -length_m, -stop, centre, 0.3)
    for side in (-1.0, 1.0):
        edge = side * (half - 0.28)
        yield _strip(edge - 0.05, edge + 0.05, -length_m, -stop - 1.5, WHITE, 0.45)
        lane = side * LANE_WIDTH_M
        solid_to = -stop - (25.0 if side < 0 else 0.0)
        if side < 0:
            yield _strip(lane - 0.06, lane + 0.06, solid_to, -stop - WAITING_BOX_M, WHITE, 0.35)
        for start in np.arange(solid_to - _GAP_M, -length_m, -(_DASH_M + _GAP_M)):
            yield _strip(lane - 0.06, lane + 0.06, start - _DASH_M, start, WHITE, 0.35)
    for y in (-stop - 16.0, -stop - 34.0):
        yield _shape(_STRAIGHT, -LANE_WIDTH_M * 0.5, y)
        yield _shape(_STRAIGHT, -LANE_WIDTH_M * 1.5, y)
        yield _shape(_LEFT, -LANE_WIDTH_M * 1.5, y)


def _waiting_box() -> Iterator[Marking]:
    """Yield the motorcycles' red box of the southern approach, with a motorcycle painted in it."""
    left, right = -ROAD_HALF_WIDTH_M + 0.25, -0.3
    low, high = -STOP_LINE_M - WAITING_BOX_M, -STOP_LINE_M - 0.4
    yield _strip(left, right, low, high, RED, 0.34)
    yield _strip(left, right, low - 0.15, low, WHITE, 0.4)
    for x in (-LANE_WIDTH_M * 0.5, -LANE_WIDTH_M * 1.5):
        yield from _motorcycle(x, (low + high) / 2)


def _motorcycle(x: float, y: float) -> Iterator[Marking]:
    """Yield the sign of a motorcycle seen from its side, 2 m long, upright for drivers."""
    angle = np.linspace(0, 2 * np.pi, 24)
    for wheel in (-0.62, 0.62):
        for start in range(23):
            a, b = angle[start], angle[start + 1]
            corners = tuple(
                (x + wheel + float(np.cos(t)) * r, y - 0.75 + float(np.sin(t)) * r * 1.7)
                for t, r in ((a, 0.24), (a, 0.34), (b, 0.34), (b, 0.24))
            )
            yield Marking(corners, WHITE, 0.4)
    bars = (
        (
            (-0.62, -0.75),
            (-0.25, 0.0),
            (0.3, 0.0),
            (0.62, -0.75),
            (0.52, -0.75),
            (0.22, -0.25),
            (-0.2, -0.25),
            (-0.52, -0.75),
        ),
        ((0.3, 0.0), (0.22, 0.75), (0.1, 0.75), (0.2, 0.0)),
        ((-0.5, 0.0), (-0.05, 0.0), (-0.05, 0.22), (-0.62, 0.3)),
    )
    for bar in bars:
        yield Marking(tuple((x + dx, y + dy) for dx, dy in bar), WHITE, 0.4)


def _box_junction() -> Iterator[Marking]:
    """Yield the yellow box: a frame and crossing diagonals between the stop lines."""
    reach, width = ROAD_HALF_WIDTH_M - 0.3, 0.14
    for low, high in ((-reach, -reach + width), (reach - width, reach)):
        yield _strip(-reach, reach, low, high, YELLOW, 0.46)
        yield _strip(low, high, -reach, reach, YELLOW, 0.46)
    for offset in np.arange(-2 * reach + 2.1, 2 * reach - 1.0, 2.1):
        low, high = max(-reach, -reach - offset), min(reach, reach - offset)
        side = width * 0.7
        for sign in (1.0, -1.0):
            corners = (
                (low, sign * (low + offset - side)),
                (high, sign * (high + offset - side)),
                (high, sign * (high + offset + side)),
                (low, sign * (low + offset + side)),
            )
            yield Marking(corners, YELLOW, 0.5)


def _strip(x0: float, x1: float, y0: float, y1: float, colour: Rgb, wear: float) -> Marking:
    return Marking(((x0, y0), (x1, y0), (x1, y1), (x0, y1)), colour, wear)


def _shape(outline: tuple[Ground, ...], x: float, y: float) -> Marking:
    return Marking(tuple((x + dx, y + dy) for dx, dy in outline), WHITE, 0.4)


def _rotated(marking: Marking, quarter_turns: int) -> Marking:
    """Return it turned counter-clockwise about the junction's centre."""
    corners = marking.corners
    for _ in range(quarter_turns):
        corners = tuple((-y, x) for x, y in corners)
    return Marking(corners, marking.colour, marking.wear)
