"""From SUMO's positions to natural motion: where each actor points, leans, brakes and steps.

SUMO moves points along lanes: headings jump in bends and two-wheelers slide sideways. Here the
front follows SUMO's path, smoothed, and the rear axle is dragged after it.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, radians, sin

import numpy as np
from numpy.typing import NDArray

from scripts.twin.actors import Actor, Kind
from scripts.twin.looks import Rgb
from scripts.twin.traffic.fleet import Model, paint
from scripts.twin.traffic.simulation import STEP_S

Floats = NDArray[np.float64]

_PATH_S = 0.35
"""Standard deviation of the smoothing over time of a path."""

_TURN_S = 0.3
_REAR_AXLE = 0.8
"""Where the rear axle is, as a share of the length from the front bumper."""

_WALKER_TRAIL_M = 0.35
_BRAKING_MPS2 = -0.5
_HELD_MPS = 0.2
"""Slower than this, the brake is held."""

_BRAKE_STEPS = 3
"""A brake lamp stays lit this many steps around each braking one, so that it does not flicker."""

_MOST_LEAN_DEG = 28.0
_GRAVITY_MPS2 = 9.81

_STRIDE_M = {
    "pedestrian_man": 1.45,
    "pedestrian_woman": 1.3,
    "pedestrian_child": 1.0,
    "bicycle": 4.8,
}
"""Metres of a walker's two steps, or of one turn of a bicycle's pedals."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An actor as SUMO put it in one step; the angle is SUMO's, clockwise from north."""

    x_m: float
    y_m: float
    angle_deg: float
    speed_mps: float
    lane: str


@dataclass(frozen=True, slots=True)
class Track:
    """One actor's motion, a value a step from ``first`` on.

    Attributes
    ----------
    actor_id, model, paint
        Who it is.
    first
        The step, from the film's start, of the first value; may be negative.
    x_m, y_m, heading_deg, speed_mps, lean_deg, pose
        ``(n,)`` float64 as in ``Actor``.
    braking
        ``(n,)`` bool.
    lanes
        n lanes.
    """

    actor_id: str
    model: Model
    paint: Rgb
    first: int
    x_m: Floats
    y_m: Floats
    heading_deg: Floats
    speed_mps: Floats
    lean_deg: Floats
    pose: Floats
    braking: NDArray[np.bool_]
    lanes: tuple[str, ...]

    def actor(self, step: int) -> Actor:
        """Return the actor at a step of the film that the track covers."""
        at = step - self.first
        return Actor(
            actor_id=self.actor_id,
            kind=self.model.kind,
            shape=self.model.shape,
            x_m=round(float(self.x_m[at]), 3),
            y_m=round(float(self.y_m[at]), 3),
            heading_deg=round(float(self.heading_deg[at]), 2),
            speed_mps=round(float(self.speed_mps[at]), 3),
            paint=self.paint,
            braking=bool(self.braking[at]),
            pose=round(float(self.pose[at]), 3),
            lean_deg=round(float(self.lean_deg[at]), 2),
            lane=self.lanes[at],
        )


def track(actor_id: str, model: Model, first: int, samples: Sequence[Sample]) -> Track:
    """Return an actor's natural motion from SUMO's samples, one a step."""
    x = _smoothed(np.array([sample.x_m for sample in samples]), _PATH_S)
    y = _smoothed(np.array([sample.y_m for sample in samples]), _PATH_S)
    speed = np.array([sample.speed_mps for sample in samples])
    walks = model.kind is Kind.PERSON
    trail_m = _WALKER_TRAIL_M if walks else model.length_m * _REAR_AXLE
    heading = _dragged(x, y, radians(90.0 - samples[0].angle_deg), trail_m)
    return Track(
        actor_id=actor_id,
        model=model,
        paint=paint(model, actor_id),
        first=first,
        x_m=x,
        y_m=y,
        heading_deg=np.degrees(heading) % 360.0,
        speed_mps=speed,
        lean_deg=_lean(model, heading, speed),
        pose=_pose(model, actor_id, speed),
        braking=np.zeros(len(speed), dtype=np.bool_) if walks else _braking(speed),
        lanes=tuple(sample.lane for sample in samples),
    )


def _smoothed(values: Floats, deviation_s: float) -> Floats:
    """Return values a step smoothed by a Gaussian, carried on in a straight line at both ends."""
    reach = round(3 * deviation_s / STEP_S)
    if len(values) < 2:
        return values
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) * STEP_S / deviation_s) ** 2)
    steps = np.arange(1, reach + 1)
    before = values[0] - (values[1] - values[0]) * steps[::-1]
    after = values[-1] + (values[-1] - values[-2]) * steps
    return np.convolve(np.concatenate([before, values, after]), weights / weights.sum(), "valid")


def _dragged(x: Floats, y: Floats, start: float, trail_m: float) -> Floats:
    """Return unwrapped headings, radians, of a rod whose front follows the path."""
    headings = np.empty(len(x))
    rear_x, rear_y = x[0] - cos(start) * trail_m, y[0] - sin(start) * trail_m
    for at, (front_x, front_y) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        along_x, along_y = front_x - rear_x, front_y - rear_y
        shrink = trail_m / max(hypot(along_x, along_y), 1e-6)
        rear_x, rear_y = front_x - along_x * shrink, front_y - along_y * shrink
        headings[at] = atan2(along_y, along_x)
    return np.unwrap(headings)


def _lean(model: Model, heading: Floats, speed: Floats) -> Floats:
    """Return how far a two-wheeler leans so that it does not fall in its bend."""
    if model.kind not in (Kind.MOTORCYCLE, Kind.BICYCLE) or len(heading) < 2:
        return np.zeros(len(heading))
    turning = np.gradient(_smoothed(heading, _TURN_S), STEP_S)
    lean = np.degrees(np.arctan(speed * turning / _GRAVITY_MPS2))
    return np.clip(_smoothed(lean, _TURN_S), -_MOST_LEAN_DEG, _MOST_LEAN_DEG)


def _pose(model: Model, actor_id: str, speed: Floats) -> Floats:
    stride = _STRIDE_M.get(model.shape)
    if stride is None:
        return np.zeros(len(speed))
    begins = zlib.crc32(b"pose " + actor_id.encode()) / 2**32
    return (begins + np.cumsum(speed) * STEP_S / stride) % 1.0


def _braking(speed: Floats) -> NDArray[np.bool_]:
    if len(speed) < 2:
        return speed < _HELD_MPS
    slowing = np.gradient(_smoothed(speed, _TURN_S), STEP_S) < _BRAKING_MPS2
    pressed = slowing | (speed < _HELD_MPS)
    around = np.ones(2 * _BRAKE_STEPS + 1)
    return np.convolve(pressed, around)[_BRAKE_STEPS:-_BRAKE_STEPS] > 0
