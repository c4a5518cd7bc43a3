"""Paints actors and signal lenses: what light they send to the camera."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scripts.twin.actors import Kind
from scripts.twin.camera import Camera
from scripts.twin.looks import Look
from scripts.twin.render.backdrop import Backdrop
from scripts.twin.render.device import Program, device
from scripts.twin.render.environment import Environment
from scripts.twin.render.lights import (
    MOST_BEAMS,
    NEAREST_LAMPS,
    Beam,
    beams_on,
    disc_corners,
    heads_of,
    lamps_on,
    lenses,
    own_lamps,
)
from scripts.twin.render.meshes import mesh
from scripts.twin.render.placement import Placed
from scripts.twin.render.shadows import SunShadow
from scripts.twin.shapes import MATERIALS
from scripts.twin.world import SUN_TOWARDS, Lamp, Signal

MOST_MATERIALS = 96

ROLES = {"head_lamp": 1.0, "tail_lamp": 2.0, "glass": 3.0}
"""Roles of materials as the shader knows them; the others need nothing special."""

DUST = {Kind.CAR: 0.35, Kind.BUS: 0.45, Kind.TRUCK: 0.7, Kind.MOTORCYCLE: 0.3}
"""How dusty vehicles of a kind are near the ground."""


@dataclass(frozen=True, slots=True)
class Lighting:
    """The lights of one frame.

    Attributes
    ----------
    environment, look
        What the sun, the sky and the street send.
    lamps, beams
        Street lamps that burn, and vehicles' low beams.
    """

    environment: Environment
    look: Look
    lamps: tuple[Lamp, ...]
    beams: tuple[Beam, ...]

    @property
    def air(self) -> tuple[float, float, float, float]:
        """The air's radiance and how much a metre of it hides, as the shaders take it."""
        return (*self.look.fog, self.look.fog_per_m)


class Painter:
    """Draws lit actors as one camera sees them."""

    def __init__(self, camera: Camera, clip_from_world: NDArray[np.float64]) -> None:
        self._camera = camera
        self._clip = clip_from_world
        self._program = device().program("actor.vert", "actor.frag")
        self._lens = device().program("outline.vert", "lens.frag")
        self._disc = device().mesh(disc_corners())
        self._program.set(
            clip_from_world=clip_from_world,
            eye=camera.position,
            sun_towards=SUN_TOWARDS,
            materials=_materials(),
        )

    def light(self, lighting: Lighting, backdrop: Backdrop, sun: SunShadow) -> None:
        """Set what all actors of a frame have in common."""
        environment = lighting.environment
        self._program.set(
            sun=environment.sun,
            light_below=environment.below,
            lamp_light=environment.lamp,
            fog=lighting.air,
            sun_map=1,
            sun_map_from_world=backdrop.sun_map_from_world,
        )
        sun.bind(self._program, unit=0)
        backdrop.sun_map.bind(1)

    def paint(self, all_placed: Iterable[Placed], lighting: Lighting) -> None:
        """Draw actors on the current target, over the depth that is there."""
        self._paint(all_placed, lighting, upright=1.0)

    def paint_mirrored(self, all_placed: Iterable[Placed], lighting: Lighting) -> None:
        """Draw their mirror images in the ground on the current target."""
        self._paint(all_placed, lighting, upright=-1.0)

    def paint_lenses(self, signals: Mapping[str, Signal], look: Look) -> None:
        """Draw the signal heads' lenses on the current target, lit and dark ones."""
        device().state(depth="nearer")
        for lens in lenses(self._camera, signals, look):
            self._lens.set(clip_from_model=self._clip @ lens.world_from_disc, sent=lens.radiance)
            self._lens.draw(self._disc)

    def _paint(self, all_placed: Iterable[Placed], lighting: Lighting, *, upright: float) -> None:
        device().state(depth="nearer", cull="back" if upright < 0 else "front")
        self._program.set(upright=upright)
        for placed in all_placed:
            _set_actor(self._program, placed, lighting)
            self._program.draw(mesh(placed.shape.name, placed.step))


def _set_actor(program: Program, placed: Placed, lighting: Lighting) -> None:
    actor, environment = placed.actor, lighting.environment
    head, tail = own_lamps(placed, lighting.look)
    lamps = lamps_on(placed, lighting.lamps)
    shining = beams_on(placed, lighting.beams)
    start = np.zeros((MOST_BEAMS, 4), np.float32)
    along = np.zeros((MOST_BEAMS, 3), np.float32)
    for row, beam in enumerate(shining):
        start[row], along[row] = beam.origin(), beam.along()
    middle = placed.world((-placed.shape.length_m / 2, 0.0, 0.0))
    share = environment.ground.at(float(middle[0]), float(middle[1]))
    program.set(
        world_from_model=placed.world_from_model,
        ground_m=actor.z_m,
        paint=actor.paint,
        dust=DUST.get(actor.kind, 0.0),
        light_above=tuple(share * part for part in environment.above),
        light_beside=tuple((0.4 + 0.6 * share) * part for part in environment.beside),
        lamp_count=len(lamps),
        lamps=heads_of(lamps, NEAREST_LAMPS),
        head_glow=head,
        tail_glow=tail,
        beam_count=len(shining),
        beam_from=start,
        beam_along=along,
    )


def _materials() -> NDArray[np.float32]:
    """Return two rows a material, as the shader takes them."""
    rows = np.zeros((MOST_MATERIALS, 2, 4), np.float32)
    for row, material in enumerate(MATERIALS):
        rows[row, 0] = *material.colour, material.roughness
        role = ROLES.get(material.role, 0.0)
        rows[row, 1] = material.metallic, material.coat, float(material.painted), role
    return rows.reshape(-1, 4)
