"""What car bodies are made of: a tub with wheel arches, a glazed cabin, wheels, and decals.

Lengths are metres. ``s`` is a distance behind the front bumper, so x = -s; heights are above the
ground, half widths from the middle plane. Left is +y.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from scripts.twin.shapes.mesh import Floats, Mesh, Surface
from scripts.twin.shapes.solids import curve, lathe, loft, per_quad

Keys = tuple[tuple[float, float], ...]
Facing = Literal["front", "rear", "left", "right", "top"]

DECAL_M = 0.012
"""How far decals stand off: the depth buffer tells them from what is below at 100 m."""

_FACES: dict[Facing, tuple[int, float]] = {
    "front": (0, 1.0),
    "rear": (0, -1.0),
    "left": (1, 1.0),
    "right": (1, -1.0),
    "top": (2, 1.0),
}


@dataclass(frozen=True, slots=True)
class Tub:
    """A body up to its windows.

    Attributes
    ----------
    length_m, width_m
        Without mirrors.
    top, plan, floor
        Height of bonnet, belt and tail; half width as a share of ``width_m / 2``; height of the
        underside: each as (s, value).
    axles
        s of the wheels.
    wheel_m
        Their radius.
    crown_m
        How much higher the middle of the top is than its sides.
    sill
        Material of the lowest strip of the sides.
    """

    length_m: float
    width_m: float
    top: Keys
    plan: Keys
    floor: Keys
    axles: tuple[float, ...]
    wheel_m: float
    crown_m: float = 0.04
    sill: str = "paint"

    def half_width(self, s: Floats | float) -> Floats:
        """Return the half width at distances behind the front."""
        return curve(self.plan, s) * self.width_m / 2

    def surface(self) -> tuple[Surface, list[str]]:
        """Return the skin and its materials."""
        stations = self._stations()
        arch = self.wheel_m * 1.2
        bottom = curve(self.floor, stations)
        for axle in self.axles:
            inside = np.clip(arch**2 - (stations - axle) ** 2, 0.0, None)
            within = np.abs(stations - axle) < arch
            bottom = np.where(within, self.wheel_m * 0.96 + np.sqrt(inside), bottom)
        rings = np.stack(
            [
                self._ring(s, low, high, half)
                for s, low, high, half in zip(
                    stations,
                    bottom,
                    curve(self.top, stations),
                    self.half_width(stations),
                    strict=True,
                )
            ]
        )
        row = ["dark", self.sill, *["paint"] * 5]
        quads = (row + row[::-1]) * (len(rings) - 1)
        return loft(rings, crease_deg=38.0), per_quad(quads, "paint", rings.shape[1])

    def _stations(self) -> Floats:
        arch = self.wheel_m * 1.2
        turns = np.array([-1.001, -0.985, -0.88, -0.62, -0.25, 0.25, 0.62, 0.88, 0.985, 1.001])
        arches = np.concatenate([axle + turns * arch for axle in self.axles])
        keyed = np.array([s for keys in (self.top, self.plan) for s, _ in keys])
        wanted = np.sort(np.concatenate([keyed, arches, [0.0, self.length_m]]))
        wanted = wanted[(wanted >= 0.0) & (wanted <= self.length_m)]
        near_arch = np.abs(wanted[:, None] - arches).min(axis=1) < 1e-9
        kept = [0.0]
        for s, exact in zip(wanted, near_arch, strict=True):
            if s - kept[-1] > (1e-4 if exact else 0.035):
                kept.append(float(s))
        kept[-1] = self.length_m
        return np.array(kept)

    def _ring(self, s: float, low: float, high: float, half: float) -> Floats:
        """Return a cross-section, counter-clockwise from under the middle, seen from behind."""
        tall = high - low
        side = [
            (0.0, low),
            (half * 0.86, low),
            (half * 0.975, low + min(0.07, tall * 0.25)),
            (half, low + tall * 0.42),
            (half * 0.985, high - min(0.12, tall * 0.3)),
            (half * 0.94, high - min(0.02, tall * 0.05)),
            (half * 0.66, high + self.crown_m * 0.6),
            (0.0, high + self.crown_m),
        ]
        around = side + [(-y, z) for y, z in reversed(side[1:-1])]
        return np.array([(-s, y, z) for y, z in around])


@dataclass(frozen=True, slots=True)
class Cabin:
    """Windows, pillars and roof over a tub.

    Attributes
    ----------
    front, rear
        s of the middle of windscreen and rear window, at the belt and at the roof.
    roof_m
        Its height at the middle of its length.
    roof_half_m
        Half width of the roof.
    panes
        What follows the windscreen pillar on either side: (s of its end, material).
    rear_pane
        Material of the rear window.
    arch_m
        How much lower the roof's ends are than its middle.
    base
        Half width at the belt as a share of the tub's.
    """

    front: tuple[float, float]
    rear: tuple[float, float]
    roof_m: float
    roof_half_m: float
    panes: tuple[tuple[float, str], ...]
    rear_pane: str = "glass"
    arch_m: float = 0.05
    base: float = 0.93

    def surface(self, tub: Tub) -> tuple[Surface, list[str]]:
        """Return the skin and its materials."""
        belt, roof = self._outlines(tub)
        levels = (-0.1, 0.05, 0.45, 0.88)
        rings = [belt + (roof - belt) * level for level in levels]
        for ring, level in zip(rings, levels, strict=True):
            ring[:, 1] *= 1 + 0.10 * max(level, 0.0) * (1 - level)
        middle = np.array([roof[:, 0].mean(), 0.0, 0.0])
        for inset, lift in ((0.985, 0.0), (0.93, 0.02), (0.62, 0.035)):
            edge = (roof - middle) * (inset, inset, 1.0) + middle
            edge[:, 2] += lift
            rings.append(edge)
        half = ["glass", "glass", "paint"]
        half += [material for _, material in self.panes]
        half += ["paint", self.rear_pane, self.rear_pane]
        glazed = half + half[::-1]
        framed = ["paint"] * len(glazed)
        quads = framed + glazed + glazed + framed * 3
        return loft(np.stack(rings), crease_deg=32.0), per_quad(quads, "paint", len(glazed))

    def _outlines(self, tub: Tub) -> tuple[Floats, Floats]:
        """Return the rings ``(n, 3)`` at the belt and at the roof, from the windscreen's middle."""
        outlines = []
        for level in (0, 1):
            front, rear = self.front[level], self.rear[level]
            ends = np.array([end for end, _ in self.panes])
            ends[-1] = rear - 0.22
            ends[:-1] = np.clip(ends[:-1], front + 0.3, ends[-1] - 0.06)
            s = np.array([front, front + 0.03, front + 0.11, front + 0.25, *ends])
            s = np.concatenate([s, [rear - 0.07, rear - 0.02, rear]])
            share = np.ones(len(s))
            share[:3], share[-3:] = (0.0, 0.5, 0.87), (0.85, 0.5, 0.0)
            if level == 0:
                y = share * tub.half_width(s) * self.base
                z = curve(tub.top, s)
            else:
                y = share * self.roof_half_m
                middle = (self.front[1] + self.rear[1]) / 2
                away = (s - middle) / (self.rear[1] - self.front[1]) * 2
                z = self.roof_m - self.arch_m * away**2
            half = np.stack([-s, y, z], axis=1)
            outlines.append(np.concatenate([half, half[-2:0:-1] * (1.0, -1.0, 1.0)]))
        return outlines[0], outlines[1]


def wheel(
    s: float, outside_m: float, radius: float, width: float, *, spoked: bool = True
) -> tuple[Surface, list[str]]:
    """Return the left wheel on an axle and its materials; ``outside_m`` is its outer face's y."""
    around, rim = 16, "alloy" if spoked else "zinc"
    half = width / 2
    profile = [
        (radius * 0.55, -half),
        (radius * 0.95, -half),
        (radius, -half * 0.6),
        (radius, half * 0.6),
        (radius * 0.95, half),
        (radius * 0.70, half * 0.97),
        (radius * 0.63, half * 0.72),
        (radius * 0.22, half * 0.85),
    ]
    surface = lathe(profile, (-s, outside_m - half, radius), "y", around=around)
    tyre = ["rubber"] * (5 * around)
    spokes = ["dark" if spoked and sector % 4 == 0 else rim for sector in range(around)]
    quads = [*tyre, *[rim] * around, *spokes]
    return surface, [*per_quad(quads), *["dark"] * around, *[rim] * around]


def decal(
    mesh: Mesh,
    facing: Facing,
    corners: Sequence[tuple[float, float]],
    material: str,
    *,
    cells: tuple[int, int] = (3, 2),
) -> None:
    """Lay a patch on what the mesh already shows from one side; cells beside it are left out.

    Parameters
    ----------
    mesh
        What is drawn on.
    facing
        The side it is seen from.
    corners
        Four, in order around the patch: (y, z) for the front and the rear, (s, z) for the sides,
        (s, y) for the top.
    material
        Of the patch.
    cells
        How many cells it has between the first two corners, and between the second and third.

    Raises
    ------
    ValueError
        If no cell lies on the mesh.
    """
    axis, sign = _FACES[facing]
    points = _patch(np.asarray(corners, dtype=np.float64), axis, cells)
    points[..., axis] = _outermost(mesh.all().positions, points, axis, sign)
    missed = ~np.isfinite(points[..., axis])
    points[missed, axis] = 0.0
    out = np.cross(np.gradient(points, axis=0), np.gradient(points, axis=1))
    out /= np.linalg.norm(out, axis=-1, keepdims=True)
    turned = bool(np.median(out[..., axis]) * sign < 0)
    points += (-out if turned else out) * DECAL_M
    index = np.arange(missed.size).reshape(missed.shape)
    a, b, c, d = index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]
    triangles = np.stack([a, b, c, a, c, d], axis=-1).reshape(-1, 3)
    triangles = triangles[~missed.ravel()[triangles].any(axis=1)]
    if not len(triangles):
        raise ValueError(f"a decal of {material!r} at {corners} lies beside the mesh")
    triangles = triangles[:, ::-1] if turned else triangles
    mesh.add(Surface(points.reshape(-1, 3), triangles, 60.0), material)


def _patch(corners: Floats, axis: int, cells: tuple[int, int]) -> Floats:
    """Return ``(k, n, 3)`` points between four corners, all 0 along the axis."""
    first, second, third, fourth = corners
    u = np.linspace(0.0, 1.0, cells[0] + 1)[:, None, None]
    v = np.linspace(0.0, 1.0, cells[1] + 1)[None, :, None]
    flat = (first * (1 - u) + second * u) * (1 - v) + (fourth * (1 - u) + third * u) * v
    across = [index for index in range(3) if index != axis]
    points = np.zeros((*flat.shape[:2], 3))
    points[..., across] = flat * ((-1.0, 1.0) if across[0] == 0 else (1.0, 1.0))
    return points


def _outermost(positions: Floats, points: Floats, axis: int, sign: float) -> Floats:
    """Return where lines along an axis through points leave the triangles; infinite if never."""
    across = [index for index in range(3) if index != axis]
    corners = positions.reshape(-1, 3, 3)
    a, b, c = (corners[:, index, across] for index in range(3))
    whole = _cross(b - a, c - a)
    flat = np.abs(whole) < 1e-12
    whole = np.where(flat, 1.0, whole)
    at = points[..., across].reshape(-1, 1, 2)
    second = _cross(at - a, c - a) / whole
    third = _cross(b - a, at - a) / whole
    inside = (second >= -1e-6) & (third >= -1e-6) & (second + third <= 1 + 1e-6) & ~flat
    depth = corners[:, 0, axis] + second * (corners[:, 1, axis] - corners[:, 0, axis])
    depth = depth + third * (corners[:, 2, axis] - corners[:, 0, axis])
    farthest = np.where(inside, depth * sign, -np.inf).max(axis=1)
    depths: Floats = (farthest * sign).reshape(points.shape[:-1])
    return depths


def _cross(first: Floats, second: Floats) -> Floats:
    product: Floats = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    return product
