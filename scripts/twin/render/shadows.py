"""What actors take away from the light: the sun's, the sky's beneath them, the street lamps'."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scripts.twin.camera import Camera, Point
from scripts.twin.plates import Plates
from scripts.twin.render.device import Program, Target, Texture, device
from scripts.twin.render.meshes import mesh
from scripts.twin.render.placement import Placed, outline
from scripts.twin.world import SUN_TOWARDS

Matrix = NDArray[np.float64]

MAP_SIZE = 2048
MAP_REACH_M = 75.0
"""Ground farther from the camera gets no shadows of actors: they would be a pixel high."""

CASTER_HEIGHT_M = 4.5
"""Of the tallest actor."""

DIRECTIONS = 48
"""From how many parts of the sky the contact shadows are summed."""

TILE = 96
TILE_MARGIN_M = 2.6
"""Side of a contact shadow in texels, and how far it reaches around the shape."""


@dataclass(frozen=True, slots=True, eq=False)
class Contact:
    """How much of the sky a shape hides from the ground around it.

    Attributes
    ----------
    hidden
        Texture over the shape's own ground plan, 0 to 1.
    corner, size_m
        The plan's first corner and its extent in the shape's frame, metres.
    """

    hidden: Texture
    corner: tuple[float, float]
    size_m: tuple[float, float]

    def tile_from_world(self, world_from_model: Matrix) -> Matrix:
        """Return the matrix from world metres to fractions of the texture."""
        tile_from_model = np.eye(4)
        for axis in (0, 1):
            tile_from_model[axis, axis] = 1 / self.size_m[axis]
            tile_from_model[axis, 3] = -self.corner[axis] / self.size_m[axis]
        return tile_from_model @ np.linalg.inv(world_from_model)

    def world_from_box(self, world_from_model: Matrix) -> Matrix:
        """Return the matrix from the cube of side 1 to the space that the shadow falls in."""
        model_from_box = np.diag([*self.size_m, 0.6, 1.0])
        model_from_box[:3, 3] = *self.corner, -0.3
        return world_from_model @ model_from_box


class SunShadow:
    """The depth of actors as the sun sees them.

    Parameters
    ----------
    plates, camera
        What the map must cover.
    """

    def __init__(self, plates: Plates, camera: Camera) -> None:
        self._clip = _sun_from_world(plates, camera)
        self._program = device().program("outline.vert", "nothing.frag")
        self._map = device().target((MAP_SIZE, MAP_SIZE), 0, depth=True)

    def draw(self, all_placed: Iterable[Placed]) -> None:
        """Draw actors into it."""
        self._map.start()
        device().state(depth="nearer")
        for placed in all_placed:
            self._program.set(clip_from_model=self._clip @ placed.world_from_model)
            self._program.draw(mesh(placed.shape.name, placed.step))

    def bind(self, program: Program, *, unit: int) -> None:
        """Give it to a program that includes ``shadow.glsl``."""
        self._map.bind(unit)
        program.set(actor_shadow=unit, sun_from_world=self._clip, shadow_texel=1.0 / MAP_SIZE)


def _sun_from_world(plates: Plates, camera: Camera) -> Matrix:
    """Return the matrix from world metres to the shadow map's clip space.

    The map covers what can stand on the ground that the camera sees.
    """
    height, width = plates.depth_m.shape
    step = 8
    depth = plates.depth_m[::step, ::step]
    points = np.asarray(camera.position) + depth[..., None] * camera.rays((width, height))[
        ::step, ::step
    ].astype(np.float64)
    seen = points[(depth > 0) & (depth < MAP_REACH_M) & (points[..., 2] < CASTER_HEIGHT_M)]
    if not len(seen):
        seen = np.asarray([camera.target])
    backward = np.asarray(SUN_TOWARDS) / np.linalg.norm(SUN_TOWARDS)
    right = np.cross((0.0, 0.0, 1.0), backward)
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(backward, right), -backward])
    local = seen @ rotation.T
    low, high = local.min(axis=0) - 1.0, local.max(axis=0) + 1.0
    # Casters between the ground and the sun.
    low[2] -= 2 * CASTER_HEIGHT_M
    clip = np.eye(4)
    clip[:3, :3] = np.diag(2 / (high - low)) @ rotation
    clip[:3, 3] = -(high + low) / (high - low)
    return clip


def lamp_shadow(head: Point, ground_m: float) -> Matrix:
    """Return the matrix that drops points from a lamp's head on the ground (homogeneous)."""
    x, y, z = head
    height = z - ground_m
    return np.array(
        [
            [height, 0.0, -x, x * ground_m],
            [0.0, height, -y, y * ground_m],
            [0.0, 0.0, height - z, z * ground_m],
            [0.0, 0.0, -1.0, z],
        ]
    )


@cache
def contact(name: str, step: int) -> Contact:
    """Return a shape's contact shadow: the sum of its shadows from all over the sky."""
    points, _ = outline(name, step)
    low = points[:, :2].min(axis=0) - TILE_MARGIN_M
    high = points[:, :2].max(axis=0) + TILE_MARGIN_M
    program, target = _summing()
    target.start()
    device().state(depth="nearer", blend="add")
    for number, towards in enumerate(_sky(DIRECTIONS)):
        # A depth of its own for each direction: every texel is met once from each.
        dropped = np.eye(4)
        dropped[:2, 2] = -towards[:2] / towards[2]
        plan = np.zeros((4, 4))
        plan[0, 0], plan[1, 1] = 2 / (high - low)
        plan[:2, 3] = -(high + low) / (high - low)
        plan[2, 3], plan[3, 3] = 0.9 - 1.8 * number / DIRECTIONS, 1.0
        program.set(clip_from_model=plan @ dropped, value=1.0 / DIRECTIONS)
        program.draw(mesh(name, step))
    hidden = target.read()[..., 0].astype(np.float32)
    size = high - low
    return Contact(
        device().texture(_faded(hidden), smooth=True),
        (float(low[0]), float(low[1])),
        (float(size[0]), float(size[1])),
    )


@cache
def _summing() -> tuple[Program, Target]:
    return device().program("outline.vert", "mark.frag"), device().target(
        (TILE, TILE), 1, depth=True
    )


def _faded(hidden: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return it falling to nothing towards the tile's rim, where it would end in a step."""
    ramp = np.clip(np.minimum(np.arange(TILE), np.arange(TILE)[::-1]) / (0.12 * TILE), 0.0, 1.0)
    return hidden * np.minimum(ramp[:, None], ramp[None, :]).astype(np.float32)


def _sky(count: int) -> NDArray[np.float64]:
    """Return ``(count, 3)`` directions into the sky, as dense as each part lights level ground."""
    index = np.arange(count) + 0.5
    level = np.sqrt(index / count)
    turn = np.pi * (1 + np.sqrt(5)) * index
    return np.stack([level * np.cos(turn), level * np.sin(turn), np.sqrt(1 - level**2)], axis=1)
