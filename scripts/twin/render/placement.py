"""Actors in their places: which mesh stands where, and where that falls in the picture."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scripts.twin.actors import Actor
from scripts.twin.camera import NEAR_M, Box, Camera, Point
from scripts.twin.shapes import STEPS, Shape, shape

SHADOW_REACH_M = 14.0
"""How far outside the picture an actor can stand and still throw a shadow into it."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """An actor with its mesh.

    Attributes
    ----------
    world_from_model
        ``(4, 4)`` float64, column vectors.
    """

    actor: Actor
    shape: Shape
    world_from_model: NDArray[np.float64]

    @property
    def step(self) -> int:
        """Which of its shape's postures it is in."""
        return int(self.actor.pose * STEPS) % STEPS

    def world(self, point: tuple[float, float, float]) -> NDArray[np.float64]:
        """Return where a point of the mesh is, ``(3,)`` world metres."""
        moved: NDArray[np.float64] = (self.world_from_model @ (*point, 1.0))[:3]
        return moved

    def distance_m(self, eye: Point) -> float:
        """Return how far its middle is from a point."""
        middle = self.world((-self.shape.length_m / 2, 0.0, self.shape.height_m / 2))
        return float(np.linalg.norm(middle - eye))

    def forward(self) -> NDArray[np.float64]:
        """Return the ``(2,)`` unit vector on the ground along its heading."""
        angle = np.radians(self.actor.heading_deg)
        return np.array([np.cos(angle), np.sin(angle)])


def place(actor: Actor) -> Placed:
    """Return an actor in its place; a leaning one tilts about where its wheels stand."""
    turn, lean = np.radians(actor.heading_deg), np.radians(-actor.lean_deg)
    rotated = np.array(
        [[np.cos(turn), -np.sin(turn), 0.0], [np.sin(turn), np.cos(turn), 0.0], [0.0, 0.0, 1.0]]
    )
    tilted = np.array(
        [[1.0, 0.0, 0.0], [0.0, np.cos(lean), -np.sin(lean)], [0.0, np.sin(lean), np.cos(lean)]]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = rotated @ tilted * actor.scale
    matrix[:3, 3] = actor.x_m, actor.y_m, actor.z_m
    return Placed(actor, shape(actor.shape, int(actor.pose * STEPS) % STEPS), matrix)


def near_picture(placed: Placed, camera: Camera, size: tuple[int, int]) -> bool:
    """Tell whether it, or a shadow it throws, can fall into the picture."""
    middle = placed.world((-placed.shape.length_m / 2, 0.0, placed.shape.height_m / 2))
    reach = SHADOW_REACH_M + placed.shape.length_m
    projected = camera.projection(size) @ (*middle, 1.0)
    ahead = projected[2]
    if ahead < -reach:
        return False
    margin = reach * size[0] / max(ahead, 2.0)
    u, v = projected[:2] / max(ahead, 2.0)
    return bool(-margin < u < size[0] + margin and -margin < v < size[1] + margin)


def projected_box(placed: Placed, camera: Camera, size: tuple[int, int]) -> Box | None:
    """Return the box around the whole projected mesh, reaching over the picture's rim.

    None where all of it is behind the camera; what is behind is cut off at ``NEAR_M``.
    """
    points, triangles = outline(placed.shape.name, placed.step)
    matrix = camera.projection(size) @ placed.world_from_model
    projected = points @ matrix[:, :3].T + matrix[:, 3]
    ahead = projected[:, 2]
    if ahead.min() < NEAR_M:
        projected = _cut_at_near(projected, triangles)
        if not len(projected):
            return None
        ahead = projected[:, 2]
    u, v = projected[:, 0] / ahead, projected[:, 1] / ahead
    return float(u.min()), float(v.min()), float(u.max()), float(v.max())


@cache
def outline(name: str, step: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return a shape's different points ``(n, 3)`` and its triangles' indices ``(m, 3)``."""
    points, indices = np.unique(shape(name, step).positions, axis=0, return_inverse=True)
    return points.astype(np.float64), indices.reshape(-1, 3)


def _cut_at_near(
    projected: NDArray[np.float64], triangles: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the points ahead of the near plane, and where edges pass through it."""
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    start, end = projected[edges[:, 0]], projected[edges[:, 1]]
    through = (start[:, 2] < NEAR_M) & (end[:, 2] >= NEAR_M)
    start, end = start[through], end[through]
    share = (NEAR_M - start[:, 2:]) / (end[:, 2:] - start[:, 2:])
    return np.concatenate([projected[projected[:, 2] >= NEAR_M], start + share * (end - start)])
