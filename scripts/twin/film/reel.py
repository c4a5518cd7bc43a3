"""A scenario, frame by frame: the pictures that its camera sends, and what is true of them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scripts.twin.camera import Camera
from scripts.twin.film.clock import CLOCK_FORMAT, burn_in
from scripts.twin.film.faults import Cover, Turn, turned_part
from scripts.twin.film.filters import Picture
from scripts.twin.film.motion import MotionBlur
from scripts.twin.film.rain import Rain
from scripts.twin.film.sensor import Image, Sensor
from scripts.twin.film.stage import Stage
from scripts.twin.film.truth_builder import film_truth, seen_objects
from scripts.twin.looks import LOOKS
from scripts.twin.render.renderer import RenderedFrame
from scripts.twin.scenario import Fault, Scenario
from scripts.twin.traffic import run_traffic
from scripts.twin.truth import FrameTruth, SeenObject, Truth
from scripts.twin.world import CAMERAS


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame: its picture, and what is true of it."""

    image: Image
    truth: FrameTruth


class Reel:
    """Plays a scenario. The same scenario gives the same frames on one machine.

    Parameters
    ----------
    plates
        Folder with the baked plates.

    Raises
    ------
    FileNotFoundError
        Where plates of its cameras are not baked yet.
    scripts.twin.render.device.NoDeviceError
        Where this machine has no OpenGL.
    """

    def __init__(self, scenario: Scenario, plates: Path) -> None:
        look, size = LOOKS[scenario.look], scenario.pixels
        camera = CAMERAS[scenario.camera]
        self._scenario = scenario
        self._stage = Stage(scenario, camera, plates)
        self._away: Stage | None = None
        self._turn: Turn | None = None
        if scenario.turned_camera is not None:
            turned = CAMERAS[scenario.turned_camera]
            self._away, self._turn = Stage(scenario, turned, plates), Turn(camera, turned, size)
        demand = scenario.traffic
        self._traffic = run_traffic(
            demand.demand,
            seed=demand.seed,
            from_s=demand.from_s,
            duration_s=scenario.duration_s,
        )
        self._sensor = Sensor(look, self._stage.empty(), scenario.seed)
        self._rain = Rain(look.rain, size, scenario.seed)
        self._cover = Cover(size, scenario.seed)
        self._motion = MotionBlur(size, look.shutter_s)

    def shots(self, *, first: int = 0, last: int | None = None, every: int = 1) -> Iterator[Shot]:
        """Yield each ``every``-th frame from ``first`` up to ``last``, in order.

        A frozen picture is sent again.
        """
        sent: tuple[int, Shot] | None = None
        for number in self._numbers(first, last)[::every]:
            shown = self._shown(number)
            if sent is None or sent[0] != shown:
                sent = shown, self._shot(shown)
            moment = sent[1].truth.model_copy(update={"at_s": number / self._scenario.fps})
            yield Shot(sent[1].image, moment)

    def frame_truths(self) -> Iterator[FrameTruth]:
        """Yield what is true of each frame, without developing its picture."""
        for number in self._numbers(0, None):
            shown = self._shown(number)
            at_s = number / self._scenario.fps
            yield self._moment(shown, self._seen(shown)[1], at_s)

    def truth(self, frames: list[FrameTruth]) -> Truth:
        """Return the film's truth, from that of its frames."""
        return film_truth(self._scenario, self._traffic, self._stage.extents(), frames)

    def _numbers(self, first: int, last: int | None) -> range:
        frames = self._scenario.frames
        return range(first, frames if last is None else min(last, frames))

    def _shown(self, number: int) -> int:
        """Return which frame's picture is sent: an earlier one's while it is frozen."""
        fault = self._fault(number)
        if fault is None or fault.kind != "frozen":
            return number
        return max(math.ceil(fault.from_s * self._scenario.fps) - 1, 0)

    def _shot(self, number: int) -> Shot:
        light, objects = self._seen(number)
        picture = self._rain.fall(self._sensor.develop(light), number)
        image = self._sensor.read_out(picture, number)
        at_s = number / self._scenario.fps
        burn_in(image, self._scenario.clock(at_s), f"SIM {self._scenario.camera}")
        return Shot(image, self._moment(number, objects, at_s))

    def _moment(self, shown: int, objects: tuple[SeenObject, ...], at_s: float) -> FrameTruth:
        clock = self._scenario.clock(shown / self._scenario.fps).strftime(CLOCK_FORMAT)
        return FrameTruth(at_s=at_s, clock=clock, objects=objects)

    def _seen(self, number: int) -> tuple[Picture, tuple[SeenObject, ...]]:
        """Return the light that arrives, and what a viewer could make out in it."""
        fault, at_s = self._fault(number), number / self._scenario.fps
        if fault is not None and fault.kind == "dark":
            width, height = self._scenario.pixels
            return np.zeros((height, width, 3), np.float32), ()
        if fault is not None and fault.kind == "turned":
            return self._turned(fault, at_s)
        frame = self._stage.frame(self._traffic, at_s)
        if fault is not None and fault.kind == "covered":
            return self._cover.over(frame.linear), ()
        return self._smeared(frame, self._stage.camera), seen_objects(frame.sightings)

    def _turned(self, fault: Fault, at_s: float) -> tuple[Picture, tuple[SeenObject, ...]]:
        assert self._turn is not None
        assert self._away is not None
        part = turned_part(fault, at_s)
        stage = self._away if part > 0.5 else self._stage
        frame = stage.frame(self._traffic, at_s)
        if 0 < part < 1:
            return self._turn.sweep(frame.linear, fault, at_s), ()
        return self._smeared(frame, stage.camera), seen_objects(frame.sightings)

    def _smeared(self, frame: RenderedFrame, camera: Camera) -> Picture:
        return self._motion.smear(frame.linear, frame.sightings, camera)

    def _fault(self, number: int) -> Fault | None:
        at_s = number / self._scenario.fps
        return next((fault for fault in self._scenario.faults if fault.is_so(at_s)), None)
