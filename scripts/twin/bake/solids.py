"""Building scenery from simple solids: numpy only, so that it is quick and knows no Blender."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Rgb = tuple[float, float, float]
Point = tuple[float, float, float]
Array = NDArray[np.float32]

_BOX_FACES = np.array(
    [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
)
_BOX_CORNERS = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])


@dataclass(frozen=True, slots=True)
class Paint:
    """What a face is made of: a key of ``materials.MATERIALS``, its linear RGB, and its own light.

    ``glow`` is the radiance, in units of ``tint``, while the light ``windows`` is on.
    """

    material: str
    tint: Rgb = (0.5, 0.5, 0.5)
    glow: float = 0.0


@dataclass(frozen=True, slots=True)
class Part:
    """Faces of one paint: ``(n, 3)`` vertices in metres, ``(m, k)`` indices of k-cornered faces."""

    vertices: Array
    faces: NDArray[np.int32]
    paint: Paint


@dataclass(slots=True)
class Model:
    """Parts in one frame of reference, metres."""

    parts: list[Part] = field(default_factory=list)

    def add(self, vertices: Iterable[Sequence[float]], faces: Iterable, paint: Paint) -> None:  # type: ignore[type-arg]  # lists and arrays of indices alike
        """Add faces that all have the same number of corners."""
        self.parts.append(
            Part(np.asarray(vertices, np.float32), np.asarray(faces, np.int32), paint)
        )

    def box(self, middle: Point, size: Point, paint: Paint, turn_deg: float = 0.0) -> None:
        """Add a box, turned about its own upright."""
        corners = (_BOX_CORNERS * size) @ turned(turn_deg).T + middle
        self.add(corners, _BOX_FACES, paint)

    def block(self, low: Point, high: Point, paint: Paint) -> None:
        """Add a box between two opposite corners."""
        middle = tuple((np.add(low, high) / 2).tolist())
        self.box(middle, tuple(np.subtract(high, low).tolist()), paint)

    def quad(self, a: Point, b: Point, c: Point, d: Point, paint: Paint) -> None:
        """Add one four-cornered face, counter-clockwise from its front."""
        self.add([a, b, c, d], [[0, 1, 2, 3]], paint)

    def polygon(self, corners: Sequence[Point], paint: Paint) -> None:
        """Add one flat face with any number of corners."""
        self.add(corners, [list(range(len(corners)))], paint)

    def prism(
        self, outline: Sequence[tuple[float, float]], low: float, high: float, paint: Paint
    ) -> None:
        """Add an upright prism over a counter-clockwise outline, with its top and no bottom."""
        count = len(outline)
        ring = [(x, y, low) for x, y in outline] + [(x, y, high) for x, y in outline]
        sides = [[i, (i + 1) % count, count + (i + 1) % count, count + i] for i in range(count)]
        self.add(ring, sides, paint)
        self.polygon(ring[count:], paint)

    def tube(
        self, line: Sequence[Point], radii: Sequence[float], paint: Paint, sides: int = 8
    ) -> None:
        """Add a tube along a line, with a radius at each of its points."""
        points, axis = np.asarray(line, float), np.gradient(np.asarray(line, float), axis=0)
        axis /= np.linalg.norm(axis, axis=1, keepdims=True)
        upright = np.where(np.abs(axis[:, 2:]) > 0.9, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
        u = np.cross(axis, upright)
        u /= np.linalg.norm(u, axis=1, keepdims=True)
        v = np.cross(axis, u)
        angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
        round_ = np.cos(angle)[:, None] * u[:, None] + np.sin(angle)[:, None] * v[:, None]
        rings = points[:, None] + round_ * np.asarray(radii)[:, None, None]
        around = np.arange(sides)
        first = np.stack([around, (around + 1) % sides], axis=1)
        faces = [
            np.concatenate([first + k * sides, first[:, ::-1] + (k + 1) * sides], axis=1)
            for k in range(len(points) - 1)
        ]
        self.add(rings.reshape(-1, 3), np.concatenate(faces), paint)

    def post(
        self,
        foot: Point,
        height_m: float,
        radius_m: float,
        paint: Paint,
        top_m: float | None = None,
    ) -> None:
        """Add an upright post with a flat top, tapering to ``top_m``."""
        x, y, z = foot
        top = radius_m if top_m is None else top_m
        self.tube(
            [foot, (x, y, z + height_m), (x, y, z + height_m + 0.01)], [radius_m, top, 0.0], paint
        )

    def dome(self, middle: Point, radii: Point, paint: Paint, steps: int = 12) -> None:
        """Add the upper half of an ellipsoid; a negative vertical radius gives a bowl."""
        turn = np.linspace(0, 2 * np.pi, 2 * steps, endpoint=False)
        rise = np.linspace(0, np.pi / 2, steps // 2 + 1)
        ring = np.stack(
            [
                np.outer(np.cos(rise), np.cos(turn)),
                np.outer(np.cos(rise), np.sin(turn)),
                np.outer(np.sin(rise), np.ones_like(turn)),
            ],
            axis=-1,
        )
        around = np.arange(2 * steps)
        first = np.stack([around, (around + 1) % (2 * steps)], axis=1)
        faces = [
            np.concatenate([first + k * 2 * steps, first[:, ::-1] + (k + 1) * 2 * steps], axis=1)
            for k in range(len(rise) - 1)
        ]
        self.add(ring.reshape(-1, 3) * radii + middle, np.concatenate(faces), paint)

    def place(
        self, other: "Model", at: Point, heading_deg: float = 0.0, scale: float = 1.0
    ) -> None:
        """Add another model's parts, turned, scaled and moved."""
        turn = turned(heading_deg).T * scale
        for part in other.parts:
            moved = (part.vertices @ turn + at).astype(np.float32)
            self.parts.append(Part(moved, part.faces, part.paint))


def turned(heading_deg: float) -> NDArray[np.float64]:
    """Return the 3x3 rotation about the upright, counter-clockwise."""
    angle = np.radians(heading_deg)
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])


def shaded(tint: Rgb, factor: float) -> Rgb:
    """Return a colour made darker or lighter, never above 0.85."""
    red, green, blue = (min(0.85, part * factor) for part in tint)
    return red, green, blue
