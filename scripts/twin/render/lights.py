"""Lamps that are drawn: street lamps that shine on actors, vehicles' own lamps, signal lenses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from scripts.twin.actors import Kind
from scripts.twin.camera import Camera
from scripts.twin.looks import Look, Rgb
from scripts.twin.render.placement import Placed
from scripts.twin.world import LAMPS, SIGNALS, Lamp, Signal, SignalHead

MOST_LAMPS = 16
"""How many street lamps light a scene."""

NEAREST_LAMPS = 4
MOST_BEAMS = 6
"""How many street lamps and low beams light one actor; the shaders hold as many."""

BEAM_REACH_M = 30.0

BEAM_STRENGTH = {
    Kind.CAR: 7.0,
    Kind.BUS: 9.0,
    Kind.TRUCK: 9.0,
    Kind.MOTORCYCLE: 3.5,
}
"""Light over pi on a surface 1 m before the lamps; other kinds have none."""

BY_DAY = 0.12
"""How much of its beam a vehicle throws where it needs only to be seen."""

LENS_RADIUS_M = 0.1
LENS_SPACING_M = 0.3
LENS_FORWARD_M = 0.17
"""How far before the middle of its box a lens is, so that no visor hides it."""

LENS_COLOURS: dict[Signal, Rgb] = {
    "red": (1.0, 0.04, 0.02),
    "amber": (1.0, 0.42, 0.02),
    "green": (0.04, 0.95, 0.42),
}
LENS_RADIANCE = {True: 9.0, False: 2.6}
"""Of a lit lens at night and by day."""

DARK_LENS = 0.03


@dataclass(frozen=True, slots=True)
class Beam:
    """A vehicle's low beams as one: from where, along which unit vector, how far and strong."""

    actor_id: str
    start: tuple[float, float, float]
    forward: tuple[float, float]
    reach_m: float
    strength: float

    def origin(self) -> tuple[float, float, float, float]:
        """Return start and reach, as the shaders take them."""
        return (*self.start, self.reach_m)

    def along(self) -> tuple[float, float, float]:
        """Return direction and strength, as the shaders take them."""
        return (*self.forward, self.strength)


@dataclass(frozen=True, slots=True)
class Lens:
    """A lens of a signal head: where, facing which way, and what it sends."""

    world_from_disc: NDArray[np.float64]
    radiance: Rgb


def lit_lamps(camera: Camera, dark: Iterable[str]) -> tuple[Lamp, ...]:
    """Return the street lamps that burn, nearest to the camera's target first."""
    aim = np.asarray(camera.target)
    burning = [lamp for lamp in LAMPS[camera.street] if lamp.name not in set(dark)]
    burning.sort(key=lambda lamp: float(np.linalg.norm(aim - lamp.head)))
    return tuple(burning[:MOST_LAMPS])


def lamps_on(placed: Placed, lamps: Iterable[Lamp]) -> tuple[Lamp, ...]:
    """Return the street lamps that light an actor most, nearest first."""
    middle = placed.world((-placed.shape.length_m / 2, 0.0, 0.0))
    near = sorted(lamps, key=lambda lamp: (float(np.linalg.norm(middle - lamp.head)), lamp.name))
    return tuple(near[:NEAREST_LAMPS])


def heads_of(lamps: tuple[Lamp, ...], most: int) -> NDArray[np.float32]:
    """Return ``(most, 3)``: where lamps' heads are, filled up with zeros."""
    heads = np.zeros((most, 3), np.float32)
    for row, lamp in enumerate(lamps):
        heads[row] = lamp.head
    return heads


def beams(all_placed: Iterable[Placed], look: Look) -> tuple[Beam, ...]:
    """Return the low beams that are on, each cut off by what stands before it."""
    if not look.head_lamps or max(look.weights.get("sun", (0.0,))) > 0:
        return ()
    standing = tuple(all_placed)
    dimmed = 1.0 if "lamps" in look.weights else BY_DAY
    found = []
    for placed in standing:
        strength = BEAM_STRENGTH.get(placed.actor.kind, 0.0)
        if not strength or not placed.shape.head_lamps or placed.actor.is_parked:
            continue
        lamp = placed.world(tuple(np.mean(placed.shape.head_lamps, axis=0)))
        forward = placed.forward()
        found.append(
            Beam(
                placed.actor.actor_id,
                (float(lamp[0]), float(lamp[1]), float(lamp[2])),
                (float(forward[0]), float(forward[1])),
                _reach(placed, standing),
                strength * dimmed,
            )
        )
    return tuple(found)


def beams_on(placed: Placed, shining: Iterable[Beam]) -> tuple[Beam, ...]:
    """Return the beams that reach an actor, nearest first."""
    middle = placed.world((-placed.shape.length_m / 2, 0.0, 0.5))[:2]
    reached = []
    for beam in shining:
        away = middle - beam.start[:2]
        ahead = float(away @ beam.forward)
        if beam.actor_id != placed.actor.actor_id and 0 < ahead < beam.reach_m + 4:
            reached.append((ahead, beam.actor_id, beam))
    reached.sort(key=lambda entry: entry[:2])
    return tuple(beam for _, _, beam in reached[:MOST_BEAMS])


def own_lamps(placed: Placed, look: Look) -> tuple[Rgb, Rgb]:
    """Return what an actor's head and tail lamps send; motorcycles have theirs on by day as well.

    Indonesia's law 22/2009, article 107, asks it of them.
    """
    on = look.head_lamps or placed.actor.kind is Kind.MOTORCYCLE
    bright = 14.0 if "lamps" in look.weights else 2.2
    if placed.actor.is_parked or placed.actor.kind in (Kind.BICYCLE, Kind.PERSON, Kind.THING):
        return (0.0, 0.0, 0.0), (0.0, 0.0, 0.0)
    head = (bright, bright * 0.95, bright * 0.86) if on else (0.0, 0.0, 0.0)
    tail = (0.09 * bright if on and look.head_lamps else 0.0) + (
        0.32 * max(bright, 4.0) if placed.actor.braking else 0.0
    )
    return head, (tail, tail * 0.045, tail * 0.03)


def lenses(camera: Camera, signals: Mapping[str, Signal], look: Look) -> tuple[Lens, ...]:
    """Return the signal lenses that face the camera, lit ones and dark ones."""
    if camera.street != "junction":
        return ()
    found = []
    for head in SIGNALS:
        if head.approach not in signals:
            continue
        angle = np.radians(head.heading_deg)
        towards = np.subtract(camera.position, head.position)
        if towards[0] * np.cos(angle) + towards[1] * np.sin(angle) <= 0:
            continue
        for place, colour in enumerate(LENS_COLOURS):
            lit = signals[head.approach] == colour
            level = LENS_RADIANCE["lamps" in look.weights] if lit else DARK_LENS
            red, green, blue = (level * part for part in LENS_COLOURS[colour])
            found.append(Lens(_disc(head, (1 - place) * LENS_SPACING_M), (red, green, blue)))
    return tuple(found)


@cache
def disc_corners() -> NDArray[np.float32]:
    """Return ``(n, 8)`` corners of a disc of radius 1 about x, in the plane x = 0."""
    turns = np.linspace(0, 2 * np.pi, 17)
    rim = np.stack([np.zeros(17), np.cos(turns), np.sin(turns)], axis=1)
    corners = np.stack([np.zeros((16, 3)), rim[:-1], rim[1:]], axis=1).reshape(-1, 3)
    disc = np.zeros((len(corners), 8), np.float32)
    disc[:, :3] = corners
    return disc


def _disc(head: SignalHead, above_m: float) -> NDArray[np.float64]:
    angle = np.radians(head.heading_deg)
    matrix = np.eye(4)
    matrix[:2, 0] = np.cos(angle), np.sin(angle)
    matrix[:2, 1] = -np.sin(angle), np.cos(angle)
    matrix[:3, :3] *= LENS_RADIUS_M
    x, y, z = head.position
    matrix[:3, 3] = (
        x + LENS_FORWARD_M * np.cos(angle),
        y + LENS_FORWARD_M * np.sin(angle),
        z + above_m,
    )
    return matrix


def _reach(placed: Placed, others: tuple[Placed, ...]) -> float:
    """Return how far its beam gets: to the tail of the first vehicle before it, and a bit on."""
    start, forward = placed.world((0.0, 0.0, 0.0))[:2], placed.forward()
    left = np.array([-forward[1], forward[0]])
    reach = BEAM_REACH_M
    for other in others:
        if other is placed or other.actor.kind not in BEAM_STRENGTH:
            continue
        front = other.world((0.0, 0.0, 0.0))[:2] - start
        tail = front - other.forward() * other.shape.length_m
        middle = (front + tail) / 2
        ahead = min(float(front @ forward), float(tail @ forward))
        if ahead > 0.3 and abs(float(middle @ left)) < (other.shape.width_m + 0.6) / 2:
            reach = min(reach, ahead + 1.0)
    return reach
