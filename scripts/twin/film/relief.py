"""The road's surface where it is not flat: potholes and patches, as heights and colours.

Each is a function of the place on the ground, so that light and view can be worked out exactly.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scripts.twin.scenario import Patch, Pothole

Points = NDArray[np.float64]
"""``(n, 2)``, world metres on the ground."""

Values = NDArray[np.float64]
"""``(n,)``, one a point; colours are ``(n, 3)`` linear diffuse RGB, 0 to 1."""

_BROKEN = np.array((0.030, 0.029, 0.028))
_GRAVEL = np.array((0.225, 0.185, 0.140))
_MUD = np.array((0.125, 0.092, 0.062))
_DUST = np.array((0.150, 0.132, 0.108))
_FRESH = np.array((0.036, 0.036, 0.038))
_SEALANT = np.array((0.013, 0.013, 0.014))

_PATCH_RAISED_M = 0.012
_SEALANT_M = 0.07
_WANDERS_M = 0.045
_DEBRIS = 1.7
"""How far gravel lies around a hole, of the hole's radius."""


class Relief(Protocol):
    """A piece of road with a surface of its own.

    Attributes
    ----------
    at
        Its middle, world metres.
    reach_m
        Beyond this far from its middle, the road is as it was.
    deepest_m
        How far below the road its lowest point may lie.
    water_m
        Height of the water in it; None where it is dry.
    """

    at: tuple[float, float]
    reach_m: float
    deepest_m: float
    water_m: float | None

    def height_m(self, points: Points) -> Values:
        """Return the surface's height over the road, metres; ``(n,)``."""

    def painted(self, points: Points) -> tuple[Values, Values]:
        """Return the surface's colour ``(n, 3)``, and how much of it covers the road, 0 to 1."""


class HoleRelief:
    """A pothole: broken rim, steep walls, a bed of gravel and mud, loose stones around."""

    def __init__(self, hole: Pothole) -> None:
        rng = np.random.default_rng((hole.seed, 7))
        self.at = hole.at
        self.radius_m = hole.width_m / 2
        self.reach_m = self.radius_m * _DEBRIS * 1.25
        self.deepest_m = hole.depth_m * 1.25
        self.water_m = -hole.depth_m * (1.02 - 0.95 * hole.water) if hole.water > 0 else None
        self._depth_m = hole.depth_m
        self._seed = hole.seed * 16
        self._waves = rng.normal(0, (0.15, 0.11, 0.075, 0.05, 0.035))
        self._phases = rng.uniform(0, 2 * np.pi, 5)

    def height_m(self, points: Points) -> Values:
        """Return the surface's height over the road, metres; ``(n,)``."""
        out = self._out(points)
        wall = _step(1.0, 0.74, out)
        bed = 1 + 0.16 * clouds(points, 0.17, self._seed) + 0.07 * clouds(points, 0.05, self._seed)
        stones = 0.012 * np.maximum(clouds(points, 0.045, self._seed + 1) - 0.25, 0)
        loose = _step(_DEBRIS, 0.95, out) * stones
        return -self._depth_m * wall * bed + loose + wall * stones

    def painted(self, points: Points) -> tuple[Values, Values]:
        """Return the surface's colour ``(n, 3)``, and how much of it covers the road, 0 to 1."""
        out = self._out(points)
        grain = clouds(points, 0.035, self._seed + 2)
        muddy = _step(-0.1, 0.6, clouds(points, 0.22, self._seed + 3))[:, None]
        bed = (_GRAVEL * (1 - 0.75 * muddy) + _MUD * 0.75 * muddy) * (1 + 0.35 * grain[:, None])
        wall = (_step(0.66, 0.84, out) * _step(1.12, 0.98, out))[:, None]
        inside = _step(1.06, 0.97, out)
        stony = _step(0.30, 0.55, clouds(points, 0.045, self._seed + 1) + 0.25 * grain)
        loose = _step(_DEBRIS, 0.9, out) * np.maximum(stony, 0.42)
        around = _DUST * (1 + 0.25 * grain[:, None]) * (1 - stony[:, None]) + (
            _GRAVEL * stony[:, None]
        )
        colour = bed * (1 - wall) + _BROKEN * (1 + 0.3 * grain[:, None]) * wall
        colour = colour * inside[:, None] + around * (1 - inside[:, None])
        return colour, np.maximum(inside, loose)

    def _out(self, points: Points) -> Values:
        """Return how far out a point lies: 0 in the middle, 1 on the rim."""
        offset = points - np.asarray(self.at)
        angle = np.arctan2(offset[:, 1], offset[:, 0])
        orders = np.arange(2, 7)
        rim = 1 + np.cos(angle[:, None] * orders + self._phases) @ self._waves
        rim += 0.10 * clouds(points, 0.11, self._seed + 4)
        distance: Values = np.hypot(offset[:, 0], offset[:, 1])
        out: Values = distance / (self.radius_m * np.maximum(rim, 0.4))
        return out


class PatchRelief:
    """A mended place: a rectangle of fresh asphalt, rolled a little proud, its joint sealed."""

    water_m: float | None = None
    deepest_m = 0.0

    def __init__(self, patch: Patch) -> None:
        self.at = patch.at
        self._half_m = np.asarray(patch.size_m) / 2
        self.reach_m = float(np.hypot(*self._half_m)) + 2 * _SEALANT_M
        along = np.radians(patch.heading_deg)
        self._axes = np.array([[np.cos(along), np.sin(along)], [-np.sin(along), np.cos(along)]])
        self._seed = int(abs(patch.at[0]) * 100 + abs(patch.at[1]))

    def height_m(self, points: Points) -> Values:
        """Return the surface's height over the road, metres; ``(n,)``."""
        rolled = 0.006 * clouds(points, 0.5, self._seed) + 0.002 * clouds(points, 0.06, self._seed)
        return _step(0.0, 0.05, self._in_m(points)) * (_PATCH_RAISED_M + rolled)

    def painted(self, points: Points) -> tuple[Values, Values]:
        """Return the surface's colour ``(n, 3)``, and how much of it covers the road, 0 to 1."""
        inside_m = self._in_m(points)
        sealed = _step(_SEALANT_M, _SEALANT_M * 0.6, np.abs(inside_m))
        grain = 1 + 0.22 * clouds(points, 0.04, self._seed) + 0.16 * clouds(points, 0.7, self._seed)
        fresh = _FRESH * grain[:, None]
        colour = fresh * (1 - sealed[:, None]) + _SEALANT * sealed[:, None]
        return colour, np.maximum(_step(-0.01, 0.01, inside_m), 0.9 * sealed)

    def _in_m(self, points: Points) -> Values:
        """Return how far inside the rim a point lies, metres; negative outside."""
        local = np.abs((points - np.asarray(self.at)) @ self._axes.T)
        rim: Values = (self._half_m - local).min(axis=1)
        return rim + _WANDERS_M * clouds(points, 0.35, self._seed + 1)


def relief(thing: Pothole | Patch) -> Relief:
    """Return a thing's surface."""
    return HoleRelief(thing) if isinstance(thing, Pothole) else PatchRelief(thing)


def clouds(points: Points, cell_m: float, seed: int) -> Values:
    """Return smooth noise from -1 to 1 over the ground, ``(n,)``; the same for the same seed.

    Parameters
    ----------
    cell_m
        Size of its smallest features.
    """
    table = np.random.default_rng(seed).uniform(-1, 1, (61, 61))
    cell = np.floor(points / cell_m).astype(np.int64)
    part = points / cell_m - cell
    weight = part * part * (3 - 2 * part)
    (x0, y0), (x1, y1) = (cell % 61).T, ((cell + 1) % 61).T
    low = table[x0, y0] * (1 - weight[:, 0]) + table[x1, y0] * weight[:, 0]
    high = table[x0, y1] * (1 - weight[:, 0]) + table[x1, y1] * weight[:, 0]
    noise: Values = low * (1 - weight[:, 1]) + high * weight[:, 1]
    return noise


def _step(start: float, end: float, values: Values) -> Values:
    """Return 0 before ``start`` and 1 beyond ``end``, smoothly; ``end`` may be the smaller one."""
    part = np.clip((values - start) / (end - start), 0, 1)
    smooth: Values = part * part * (3 - 2 * part)
    return smooth
