"""One camera's view through a film: its plates, what stands there, and the renderer.

What stands there changes a few times in a film; the plates are made again at those times only.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scripts.twin.actors import Actor
from scripts.twin.camera import Box, Camera
from scripts.twin.film.filters import Picture, resized
from scripts.twin.film.ground import with_ground
from scripts.twin.film.heaps import actors
from scripts.twin.looks import LOOKS
from scripts.twin.plates import plates_file, read_plates
from scripts.twin.render.renderer import FrameScene, RenderedFrame, Renderer
from scripts.twin.scenario import Patch, Pothole, Prop, Rubbish, Scenario, Thing
from scripts.twin.traffic import TrafficRun
from scripts.twin.world import Signal

Mask = NDArray[np.bool_]
"""``(h, w)``."""

_COVERED = 0.3
"""A pixel belongs to a thing from this share of it on."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a thing lies in the picture when no traffic hides it, and its pixels."""

    box: Box
    pixels: int


class Stage:
    """What one camera of a scenario sees.

    Parameters
    ----------
    camera
        From which it is seen; the scenario's own, or where that was turned to.
    plates
        Folder with the baked plates.

    Raises
    ------
    FileNotFoundError
        Where the camera's plates are not baked yet.
    """

    def __init__(self, scenario: Scenario, camera: Camera, plates: Path) -> None:
        self.camera = camera
        self._scenario = scenario
        look = LOOKS[scenario.look]
        self._empty = read_plates(plates_file(plates, camera.name, wet=look.wet))
        self._size = scenario.pixels
        self._renderer = Renderer(self._empty, camera, look, self._size)
        self._ground: tuple[Thing, ...] = ()

    def frame(self, traffic: TrafficRun, at_s: float) -> RenderedFrame:
        """Return the picture at a moment of the film, and what can be seen in it."""
        things = tuple(thing for thing in self._scenario.things if thing.is_so(at_s))
        ground = tuple(thing for thing in things if isinstance(thing, Pothole | Patch))
        if ground != self._ground:
            self._renderer.use(with_ground(self._empty, self.camera, ground).plates)
            self._ground = ground
        return self._renderer.frame(
            FrameScene(
                (*standing(things), *traffic.actors(at_s)),
                _signals(traffic, at_s),
                frozenset(dark.lamp for dark in self._scenario.dark_lamps if dark.is_so(at_s)),
            )
        )

    def empty(self) -> Picture:
        """Return the light of the scene with nothing in it, ``(h, w, 3)``."""
        return self._renderer.frame(FrameScene(())).linear

    def extents(self) -> dict[int, Extent]:
        """Return where each thing of the scenario lies, by its index; those in view only."""
        found = {}
        for index, thing in enumerate(self._scenario.things):
            if isinstance(thing, Pothole | Patch):
                whole = with_ground(self._empty, self.camera, (thing,)).covers[0]
                cover = resized(whole, self._size)
            else:
                cover = self._renderer.cover(actors(thing))
            mask = cover > _COVERED
            if mask.any():
                found[index] = _extent(mask)
        return found


def standing(things: tuple[Thing, ...]) -> tuple[Actor, ...]:
    """Return the actors of all things that stand on the ground."""
    return tuple(
        actor for thing in things if isinstance(thing, Rubbish | Prop) for actor in actors(thing)
    )


def _signals(traffic: TrafficRun, at_s: float) -> dict[str, Signal]:
    shown: dict[str, Signal] = {}
    for phase in traffic.signals:
        if phase.from_s <= at_s:
            shown = dict(phase.shows)
    return shown


def _extent(mask: Mask) -> Extent:
    rows, columns = np.nonzero(mask)
    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    return Extent((float(box[0]), float(box[1]), float(box[2]), float(box[3])), len(rows))
