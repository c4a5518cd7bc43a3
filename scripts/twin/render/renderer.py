"""One frame of the simulated camera: actors in the plates, lit as the street is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.twin.actors import Actor
from scripts.twin.camera import Camera
from scripts.twin.looks import Look
from scripts.twin.plates import Plates
from scripts.twin.render.backdrop import Backdrop
from scripts.twin.render.device import PICTURE_FROM_CLIP, device
from scripts.twin.render.environment import measure
from scripts.twin.render.ground import GroundShade
from scripts.twin.render.lights import beams, lit_lamps
from scripts.twin.render.painter import Lighting, Painter
from scripts.twin.render.placement import Placed, near_picture, place
from scripts.twin.render.reflections import Reflections
from scripts.twin.render.shadows import SunShadow
from scripts.twin.render.visibility import Observer, Sighting
from scripts.twin.world import LAMPS, Signal

MOST_RADIANCE = 24.0
"""A lamp's pixel counts as no brighter when it is averaged with its neighbours."""

BLOOM_FROM = 1.0
"""Radiance below which nothing is seen to spread."""

SUPERSAMPLED_WIDTH = 960
"""Smaller films are drawn at twice their size, larger ones with four samples a pixel."""


@dataclass(frozen=True, slots=True)
class FrameScene:
    """What is in one frame.

    Attributes
    ----------
    actors
        Everything that moves or stands in it.
    signals
        Approach to what its signal heads show; heads of others stay as baked.
    dark_lamps
        Street lamps that give no light.
    """

    actors: tuple[Actor, ...]
    signals: Mapping[str, Signal] = field(default_factory=dict)
    dark_lamps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RenderedFrame:
    """One frame.

    Attributes
    ----------
    linear
        ``(h, w, 3)`` float32: RGB radiance before the sensor.
    sightings
        What can be seen of each actor that has a pixel in the picture.
    """

    linear: NDArray[np.float32]
    sightings: tuple[Sighting, ...]


class Renderer:
    """Draws actors into one camera's plates under one look.

    Parameters
    ----------
    plates, camera, look
        The empty scene, from where it is seen, and its light.
    size
        Width and height of the film in pixels; the plates are scaled to it.

    Raises
    ------
    NoDeviceError
        If this machine has no OpenGL.
    """

    def __init__(self, plates: Plates, camera: Camera, look: Look, size: tuple[int, int]) -> None:
        self._camera, self._look, self._size = camera, look, size
        clip = PICTURE_FROM_CLIP @ camera.clip(size[0] / size[1])
        self._scale = 2 if size[0] < SUPERSAMPLED_WIDTH else 1
        large = (size[0] * self._scale, size[1] * self._scale)
        samples = 0 if self._scale > 1 else 4
        self._drawn = device().target(large, 4, depth=True, samples=samples)
        self._actors = device().target(large, 4) if samples else self._drawn
        self._reflections = Reflections(size)
        self._picture = device().target(size, 4)
        self._composition = device().program("screen.vert", "picture.frag")
        self._painter = Painter(camera, clip)
        self._ground = GroundShade(size, clip)
        self._observer = Observer(camera, size, clip, self._scale)
        self._load(plates)

    def use(self, plates: Plates) -> None:
        """Swap the empty scene for another of the same camera: a pothole came, or was mended."""
        self._backdrop.release()
        self._load(plates)

    def frame(self, scene: FrameScene) -> RenderedFrame:
        """Draw one frame and tell what can be seen in it.

        The same scene gives the same pixels on one machine.
        """
        near = self._near(scene.actors)
        # Nearest first: what they hide is then not painted at all.
        placed = tuple(sorted(near, key=lambda one: one.distance_m(self._camera.position)))
        lighting = Lighting(
            self._environment,
            self._look,
            lit_lamps(self._camera, scene.dark_lamps),
            beams(placed, self._look),
        )
        self._backdrop.darken(scene.dark_lamps)
        self._sun_shadow.draw(placed if self._sunny else ())
        self._ground.draw(placed, lighting, self._backdrop)
        self._painter.light(lighting, self._backdrop, self._sun_shadow)
        if self._look.wet:
            self._reflections.draw(self._painter, placed, lighting, most=MOST_RADIANCE)
        self._backdrop.draw_depth(self._drawn)
        self._painter.paint(placed, lighting)
        self._painter.paint_lenses(scene.signals, self._look)
        if self._actors is not self._drawn:
            self._drawn.resolve(self._actors)
        linear = self._composed(lighting)
        sightings = self._observer.sightings(placed, self._backdrop.draw_depth)
        return RenderedFrame(bloomed(linear, self._look.bloom), sightings)

    def cover(self, actors: Sequence[Actor]) -> NDArray[np.float32]:
        """Return the share of each pixel that actors cover where nothing but the scene hides them.

        Geometry alone decides: plates that were baked on another machine, whose light is not the
        same to the bit, give the same.

        Returns
        -------
        share
            ``(h, w)`` float32, 0 to 1.
        """
        return self._observer.cover(self._near(actors), self._backdrop.draw_depth)

    def _near(self, actors: Iterable[Actor]) -> list[Placed]:
        every = (place(actor) for actor in actors)
        return [one for one in every if near_picture(one, self._camera, self._size)]

    def _load(self, plates: Plates) -> None:
        heads = np.array([lamp.head for lamp in LAMPS[self._camera.street]])
        self._backdrop = Backdrop(plates, self._camera, self._look, self._size)
        self._environment = measure(plates, self._camera, self._look, heads)
        self._sun_shadow = SunShadow(plates, self._camera)
        self._sunny = max(self._environment.sun) > 0

    def _composed(self, lighting: Lighting) -> NDArray[np.float32]:
        program, unit = self._composition, len(Backdrop.NAMES)
        self._picture.start()
        device().state()
        self._backdrop.bind(program, *Backdrop.NAMES)
        inputs = {
            "open": self._ground.open,
            "lost": self._ground.lost,
            "pools": self._ground.pools,
            "mirrored": self._reflections.near,
            "mirrored_far": self._reflections.far,
            "actors": self._actors,
        }
        for unit, (name, target) in enumerate(inputs.items(), start=len(Backdrop.NAMES)):
            target.bind(unit)
            program.set(**{name: unit})
        self._sun_shadow.bind(program, unit=unit + 1)
        program.set(
            fog=lighting.air,
            actor_scale=self._scale,
            most=MOST_RADIANCE,
            sunny=self._sunny,
            wet=self._look.wet,
            **self._backdrop.rays,
        )
        program.fill()
        return self._picture.read()[..., :3].astype(np.float32)


def bloomed(linear: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Return a picture with some light of its brightest parts spread around them.

    Parameters
    ----------
    linear
        ``(h, w, 3)`` radiance.
    share
        Of the light above ``BLOOM_FROM`` that the lens spreads.
    """
    if not share:
        return linear
    height, width = linear.shape[:2]
    quarter = (max(width // 4, 1), max(height // 4, 1))
    bright = np.clip(linear - BLOOM_FROM, 0.0, MOST_RADIANCE)
    small = cv2.resize(bright, quarter, interpolation=cv2.INTER_AREA)
    spread = 0.6 * cv2.GaussianBlur(small, (0, 0), width / 500)
    spread += 0.4 * cv2.GaussianBlur(small, (0, 0), width / 110)
    lifted: NDArray[np.float32] = linear + share * cv2.resize(spread, (width, height))
    return lifted
