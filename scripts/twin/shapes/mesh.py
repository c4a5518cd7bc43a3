"""Surfaces of triangles, and the builder that puts them together into one mesh."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from scripts.twin.camera import Point
from scripts.twin.shapes.materials import MATERIAL_INDEX

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SMALLEST_AREA_M2 = 1e-8
"""Triangles below it are dropped: the poles of ellipsoids, the seams of lofts."""

_WELD_M = 1e-5


@dataclass(frozen=True, slots=True)
class Surface:
    """Triangles that share points.

    Attributes
    ----------
    points
        ``(n, 3)``, metres.
    triangles
        ``(m, 3)`` indices into ``points``, counter-clockwise seen from outside.
    crease_deg
        Edges bent by more stay sharp; 0 is flat shading.
    """

    points: Floats
    triangles: Ints
    crease_deg: float = 40.0

    def moved(self, by: ArrayLike) -> "Surface":
        """Return it shifted by metres along x, y, z."""
        return replace(self, points=self.points + np.asarray(by, dtype=np.float64))

    def scaled(self, by: ArrayLike) -> "Surface":
        """Return it stretched about the origin by positive factors along x, y, z."""
        return replace(self, points=self.points * np.asarray(by, dtype=np.float64))

    def turned(self, axis: int, angle_deg: float) -> "Surface":
        """Return it turned about the axis x (0), y (1) or z (2) through the origin."""
        return replace(self, points=self.points @ rotation(axis, angle_deg).T)

    def mirrored(self) -> "Surface":
        """Return its mirror image in the plane y = 0."""
        mirror = np.array([1.0, -1.0, 1.0])
        return replace(self, points=self.points * mirror, triangles=self.triangles[:, ::-1])

    def turned_out(self) -> "Surface":
        """Return it with the normals of a closed or nearly closed surface pointing outwards."""
        corners = (self.points - self.points.mean(axis=0))[self.triangles]
        volume = np.einsum("ij,ij->", corners[:, 0], np.cross(corners[:, 1], corners[:, 2]))
        return replace(self, triangles=self.triangles[:, ::-1]) if volume < 0 else self


def rotation(axis: int, angle_deg: float) -> Floats:
    """Return the 3x3 matrix of a right-handed turn about the axis x (0), y (1) or z (2)."""
    cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    matrix = np.eye(3)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix[first, first] = matrix[second, second] = cosine
    matrix[first, second], matrix[second, first] = -sine, sine
    return matrix


@dataclass(frozen=True, slots=True)
class Part:
    """Finished triangles as consecutive corners; ``(n, 3)``, ``(n, 3)``, ``(n,)``."""

    positions: Floats
    normals: Floats
    material: Ints


class Mesh:
    """Collects surfaces, each of one or many materials, into one list of triangles."""

    def __init__(self) -> None:
        self.head_lamps: list[Point] = []
        self._parts: list[Part] = []

    def add(self, surface: Surface, material: str | Sequence[str]) -> None:
        """Add a surface.

        Parameters
        ----------
        surface
            Its triangles must face outwards already.
        material
            One for all, or one a triangle: names of ``MATERIALS``.

        Raises
        ------
        KeyError
            If there is no such material.
        """
        names = [material] * len(surface.triangles) if isinstance(material, str) else material
        indices = np.array([MATERIAL_INDEX[name] for name in names], dtype=np.int64)
        corners = surface.points[surface.triangles]
        spanned = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        kept = np.linalg.norm(spanned, axis=1) / 2 > SMALLEST_AREA_M2
        triangles = surface.triangles[kept]
        self._parts.append(
            Part(
                corners[kept].reshape(-1, 3),
                _corner_normals(surface, triangles, spanned[kept]),
                np.repeat(indices[kept], 3),
            )
        )

    def add_pair(self, surface: Surface, material: str | Sequence[str]) -> None:
        """Add a surface and its mirror image on the other side."""
        self.add(surface, material)
        self.add(surface.mirrored(), material)

    def scaled(self, factor: float) -> "Mesh":
        """Return a copy, larger or smaller by a factor about the origin; it has no lamps."""
        copy = Mesh()
        copy._parts = [replace(part, positions=part.positions * factor) for part in self._parts]
        return copy

    def all(self) -> Part:
        """Return everything added so far, in order."""
        return Part(
            np.concatenate([part.positions for part in self._parts]),
            np.concatenate([part.normals for part in self._parts]),
            np.concatenate([part.material for part in self._parts]),
        )


def _corner_normals(surface: Surface, triangles: Ints, spanned: Floats) -> Floats:
    """Return ``(3 m, 3)`` unit normals: over its point's triangles that no crease parts from it."""
    _, welded = np.unique(
        np.round(surface.points / _WELD_M).astype(np.int64), axis=0, return_inverse=True
    )
    corners = welded.ravel()[triangles.ravel()]
    order = np.argsort(corners, kind="stable")
    corner, face = corners[order], order // 3
    unit = spanned / np.linalg.norm(spanned, axis=1, keepdims=True)
    total = spanned[face]
    limit = np.cos(np.radians(surface.crease_deg))
    most = int(np.bincount(corner).max(initial=1))
    for apart in range(1, most):
        here, there = face[:-apart], face[apart:]
        smooth = corner[:-apart] == corner[apart:]
        smooth &= np.einsum("ij,ij->i", unit[here], unit[there]) > limit
        total[:-apart][smooth] += spanned[there[smooth]]
        total[apart:][smooth] += spanned[here[smooth]]
    normals = np.empty_like(total)
    normals[order] = total / np.linalg.norm(total, axis=1, keepdims=True)
    return normals
