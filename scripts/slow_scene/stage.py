"""A scenario played on its camera's real pictures: what its pictures are, and what is true."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime

import cv2
import numpy as np

from analytics.detections import BoolArray, IntArray
from analytics.frames import Image
from analytics.messages import IncidentKind
from scripts.slow_scene.backdrop import Backdrop, backdrop
from scripts.slow_scene.cameras import camera_of
from scripts.slow_scene.scenario import (
    EVERY,
    Box,
    Heap,
    Hole,
    Parked,
    Scenario,
    Span,
    Stage,
    Step,
    Thing,
    Truth,
)
from scripts.slow_scene.sky import under_sky
from scripts.slow_scene.standing import Standing, standing
from scripts.slow_scene.stock import Stock, stock
from scripts.slow_scene.things import (
    Layer,
    box_of,
    flooded_layers,
    heap_layers,
    hole_box,
    hole_layers,
    laid,
    patch_layers,
    puddle_layers,
    shade_layers,
)

_OF_ONE_HOUR = 20
"""Pictures in about the same light, of which a period is drawn: in one sun shadows stand still."""

_ZOOM = 1.6
"""Of a view that is turned to another part of the same place."""


class Play:
    """A scenario with its camera's pictures and with the things that chance gave it.

    Parameters
    ----------
    scenario
        What happens.
    scene
        Its camera's pictures; by default those of the labelled traffic.
    things
        What its things are taken from; by default the photos of the camera's side.

    Attributes
    ----------
    truth
        What a right answer is.
    standing
        The vehicles that are left standing, in the order of ``scenario.parked``.
    """

    def __init__(
        self, scenario: Scenario, scene: Backdrop | None = None, things: Stock | None = None
    ) -> None:
        self.scenario = scenario
        self._camera = camera_of(scenario.camera)
        self._scene = scene or backdrop(self._camera)
        self._stock = things or stock(self._camera.side)
        self.standing: tuple[tuple[Parked, Standing], ...] = tuple(
            (one, standing(one, self._scene, self._rng("parked", number)))
            for number, one in enumerate(scenario.parked)
        )
        self.truth = Truth(
            size_px=self._scene.size_px,
            road=self._camera.road,
            kerbs=self._camera.kerbs,
            things=tuple(self._things()),
            turned=tuple(one.there for one in scenario.turned),
            asks=scenario.asks,
        )

    def steps(self, every: int = 1) -> Iterator[Step]:
        """Yield the scenario's pictures in the order of their time.

        Parameters
        ----------
        every
            Only each so many'th of them; it is the same picture as among all.
        """
        count = itertools.count()
        for period, begins_at in enumerate(self.scenario.periods()):
            rng = np.random.default_rng((self.scenario.seed, 0, period))
            scene = self._shown(begins_at)
            alike = scene.alike(int(rng.integers(len(scene.images))), _OF_ONE_HOUR)
            numbers = in_turns(alike, self.scenario.frames(begins_at), rng)
            ground = None if scene is not self._scene else self._ground(begins_at)
            for frame, number in enumerate(numbers.tolist()):
                if next(count) % every == 0:
                    at = begins_at + frame * EVERY
                    yield Step(at, self._picture(scene, number, ground, (at, period, frame)))

    def _things(self) -> Iterator[Thing]:
        for hole in self.scenario.holes:
            box = hole_box(hole, self._scene.street)
            yield Thing(hole.name, IncidentKind.POTHOLE, box, hole.there, self._hidden(hole))
        for heap in self.scenario.heaps:
            boxes = [box_of(heap, stage, self._scene.size_px) for _, stage in heap.stages]
            largest = max(boxes, key=_area)
            yield Thing(heap.name, IncidentKind.RUBBISH, largest, heap.there, self._hidden(heap))

    def _hidden(self, thing: Hole | Heap) -> tuple[Span, ...]:
        return tuple(one.there for one in self.scenario.parked if thing.name in one.hides)

    def _shown(self, at: datetime) -> Backdrop:
        """Return the camera that is seen: another one while this one is turned there."""
        for turned in self.scenario.turned:
            if turned.to is not None and turned.there.holds(at):
                return backdrop(camera_of(turned.to))
        return self._scene

    def _picture(
        self,
        scene: Backdrop,
        number: int,
        ground: Sequence[Sequence[Layer]] | None,
        when: tuple[datetime, int, int],
    ) -> Image:
        at, period, frame = when
        original = scene.images[number]
        image, lit = original, scene.boxes[number]
        if ground is not None:
            for layers in ground:
                image = laid(image, layers)
            image = _in_front(image, original, scene.outlines(number))
            for parked, vehicle in self.standing:
                if parked.there.holds(at):
                    image = vehicle.over(image)
                    left, top, width, height = vehicle.box
                    nearer = scene.outlines(number, before_row=top + height + 1)
                    image = _in_front(image, original, nearer)
                    lit = np.vstack([lit, [[left, top, left + width, top + height]]])
        if any(one.to is None and one.there.holds(at) for one in self.scenario.turned):
            image = _turned(image)
        return under_sky(image, self.scenario, at, period, lit, frame)

    def _ground(self, at: datetime) -> list[list[Layer]]:
        """Return what lies on the ground in a period: a list of layers a thing."""
        street, told = self._scene.street, self.scenario
        found: list[list[Layer]] = []
        for puddle in told.puddles:
            if puddle.there.holds(at):
                left = 1 - (at - puddle.there.since) / (puddle.there.until - puddle.there.since)
                found.append(puddle_layers(puddle, street, max(left, 0.3)))
        found += [self._hole(hole, at) for hole in told.holes if at >= hole.there.since]
        for heap in told.heaps:
            stage = heap.stage(at)
            if stage is not None:
                found.append(self._heap(heap, stage))
        for shade in told.shades:
            if shade.there.holds(at):
                hours = (at - shade.there.since).total_seconds() / 3600
                found.append(shade_layers(shade, street, hours))
        return found

    def _hole(self, hole: Hole, at: datetime) -> list[Layer]:
        street = self._scene.street
        if at >= hole.there.until:
            return patch_layers(hole, street, self._rng(hole.name))
        layers = hole_layers(hole, street, self._stock, self._rng(hole.name))
        if any(span.holds(at) for span in hole.flooded):
            layers += flooded_layers(hole, street, self._rng(hole.name, "flooded"))
        return layers

    def _heap(self, heap: Heap, stage: Stage) -> list[Layer]:
        rng = self._rng(heap.name, stage.value)
        return heap_layers(heap, stage, self._scene.street, self._stock, rng)

    def _rng(self, *name: str | int) -> np.random.Generator:
        """Return a source of chance that is one thing's own."""
        key = "/".join(map(str, name)).encode()
        return np.random.default_rng((self.scenario.seed, 4, *key))


def in_turns(of: IntArray, many: int, rng: np.random.Generator) -> IntArray:
    """Draw so many of some numbers, in turns: a picture shown again and again is a frozen stream.

    Each comes again only after all the others.
    """
    turns = [rng.permutation(of) for _ in range(-(-many // len(of)))]
    return np.concatenate(turns)[:many]


def _in_front(image: Image, original: Image, outlines: BoolArray) -> Image:
    """Return a picture with what is in the original within outlines."""
    return np.where(outlines[:, :, None], original, image)


def _turned(image: Image) -> Image:
    """Return what a camera shows that somebody turned to the side and zoomed in."""
    height, width = image.shape[:2]
    part = image[: round(height / _ZOOM), width - round(width / _ZOOM) :]
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _area(box: Box) -> int:
    return box[2] * box[3]
