"""What actors do to the light on the static scene: shadows of sky and lamps, pools."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scripts.twin.render.backdrop import Backdrop
from scripts.twin.render.device import Program, device
from scripts.twin.render.lights import MOST_LAMPS, Beam, heads_of
from scripts.twin.render.meshes import mesh
from scripts.twin.render.painter import Lighting
from scripts.twin.render.placement import Placed
from scripts.twin.render.shadows import Contact, contact, lamp_shadow
from scripts.twin.world import Lamp

POOL_HALF_WIDTH_M = 13.0
POOL_HEIGHT_M = 3.5
"""Of the space before a vehicle that its lamps light."""

LAMP_SHADOW_REACH_M = 13.0
"""Actors farther from a lamp's foot throw no shadow of it that could be told from the others."""


class GroundShade:
    """Three pictures at the film's size that the composition weighs the plates with.

    Attributes
    ----------
    open
        Share of the ambient light that actors leave.
    lost
        Share of the street lamps' light that they take.
    pools
        Light over pi that their own lamps throw.
    """

    def __init__(self, size: tuple[int, int], clip_from_world: NDArray[np.float64]) -> None:
        self.open = device().target(size, 1)
        self.lost = device().target(size, 1, depth=True)
        self.pools = device().target(size, 4)
        self._clip = clip_from_world
        self._contact = device().program("box.vert", "contact.frag")
        self._shadow = device().program("outline.vert", "lamp_shadow.frag")
        self._pool = device().program("box.vert", "pool.frag")
        self._box = device().mesh(_box())

    def draw(self, all_placed: Sequence[Placed], lighting: Lighting, backdrop: Backdrop) -> None:
        """Draw all three for one frame."""
        contacts = [contact(placed.shape.name, placed.step) for placed in all_placed]
        self.open.start((1.0, 1.0, 1.0, 1.0))
        device().state(blend="multiply", cull="front")
        _start(self._contact, backdrop, "plate_depth_m")
        for placed, shadow in zip(all_placed, contacts, strict=True):
            self._shade(placed, shadow)
        self.lost.start()
        if max(lighting.environment.lamp) > 0 and lighting.lamps:
            _start(self._shadow, backdrop, "plate_depth_m")
            self._shadow.set(
                lamps=heads_of(lighting.lamps, MOST_LAMPS), lamp_count=len(lighting.lamps)
            )
            device().state(depth="nearer", blend="add")
            for number, lamp in enumerate(lighting.lamps):
                self._drop_shadows(number, lamp, lighting, all_placed)
        self.pools.start()
        device().state(blend="add", cull="front")
        _start(self._pool, backdrop, "plate_depth_m", "plate_normal")
        for beam in lighting.beams:
            self._light_up(beam)

    def _shade(self, placed: Placed, shadow: Contact) -> None:
        shadow.hidden.bind(4)
        self._contact.set(
            clip_from_world=self._clip,
            world_from_box=shadow.world_from_box(placed.world_from_model),
            tile_from_world=shadow.tile_from_world(placed.world_from_model),
            hidden=4,
            ground_m=placed.actor.z_m,
        )
        self._contact.draw(self._box)

    def _drop_shadows(
        self, number: int, lamp: Lamp, lighting: Lighting, all_placed: Sequence[Placed]
    ) -> None:
        # One depth a lamp: a pixel loses its light once, whatever stands in the way.
        depth = 0.9 - 1.8 * number / len(lighting.lamps)
        self._shadow.set(lamp=number)
        for placed in all_placed:
            foot = np.hypot(placed.actor.x_m - lamp.foot[0], placed.actor.y_m - lamp.foot[1])
            if foot > LAMP_SHADOW_REACH_M or placed.shape.height_m > lamp.head[2] - 1.0:
                continue
            dropped = lamp_shadow(lamp.head, placed.actor.z_m) @ placed.world_from_model
            matrix = self._clip @ dropped
            matrix[2] = depth * matrix[3]
            self._shadow.set(clip_from_model=matrix)
            self._shadow.draw(mesh(placed.shape.name, placed.step))

    def _light_up(self, beam: Beam) -> None:
        forward = np.array(beam.forward)
        world_from_box = np.eye(4)
        world_from_box[:2, 0] = forward * beam.reach_m
        world_from_box[:2, 1] = np.array([-forward[1], forward[0]]) * 2 * POOL_HALF_WIDTH_M
        world_from_box[2, 2] = POOL_HEIGHT_M
        world_from_box[:2, 3] = beam.start[:2] - world_from_box[:2, 1] / 2
        world_from_box[2, 3] = -0.5
        self._pool.set(
            clip_from_world=self._clip,
            world_from_box=world_from_box,
            start=beam.origin(),
            along=beam.along(),
        )
        self._pool.draw(self._box)


@cache
def _box() -> NDArray[np.float32]:
    """Return ``(36, 8)`` corners of the cube from 0 to 1, its faces turned outwards."""
    quads = []
    for axis in range(3):
        u, v = np.eye(3)[(axis + 1) % 3], np.eye(3)[(axis + 2) % 3]
        for end, (first, second) in ((0.0, (v, u)), (1.0, (u, v))):
            base = np.eye(3)[axis] * end
            a, b, c, d = base, base + first, base + first + second, base + second
            quads += [a, b, c, a, c, d]
    corners = np.zeros((36, 8), np.float32)
    corners[:, :3] = quads
    return corners


def _start(program: Program, backdrop: Backdrop, *textures: str) -> None:
    backdrop.bind(program, *textures)
    program.set(**backdrop.rays)
