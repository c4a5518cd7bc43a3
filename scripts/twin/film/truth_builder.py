"""The truth of a film, from what SUMO measured and what the renderer saw of each actor."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from scripts.twin.actors import Kind
from scripts.twin.camera import NEAR_M, Box, Camera
from scripts.twin.film.stage import Extent
from scripts.twin.render.visibility import Sighting
from scripts.twin.scenario import Patch, Pothole, Prop, Rubbish, Scenario, Thing
from scripts.twin.shapes import shape
from scripts.twin.traffic import TrafficRun
from scripts.twin.truth import (
    FrameTruth,
    LampState,
    SeenObject,
    SeenThing,
    Truth,
    ViewFault,
    ZoneTruth,
)
from scripts.twin.world import CAMERAS, LAMPS, Lamp

SMALLEST_PX = 8.0
"""Lower boxes are no objects: nobody could tell what they are."""

LEAST_VISIBLE = 0.05
"""Share of its pixels from which on an object is one."""

_LAMP_HEAD_M = (0.7, 0.35, 0.25)
"""Of a street lamp's head: along x, y and z."""


def seen_objects(sightings: Iterable[Sighting]) -> tuple[SeenObject, ...]:
    """Return the vehicles and people of one frame; things are left out, parked vehicles not."""
    return tuple(
        SeenObject(
            actor=sighting.actor.actor_id,
            kind=sighting.actor.kind,
            box=_rounded(sighting.box),
            visible=round(sighting.visible, 2),
            inside=round(sighting.inside, 2),
            speed_mps=round(sighting.actor.speed_mps, 2),
            ground=(round(sighting.actor.x_m, 2), round(sighting.actor.y_m, 2)),
            lane=sighting.actor.lane,
        )
        for sighting in sightings
        if sighting.actor.kind is not Kind.THING
        and sighting.visible > LEAST_VISIBLE
        and sighting.box[3] - sighting.box[1] >= SMALLEST_PX
    )


def film_truth(
    scenario: Scenario,
    traffic: TrafficRun,
    extents: Mapping[int, Extent],
    frames: Sequence[FrameTruth],
) -> Truth:
    """Return the whole truth of a film.

    Parameters
    ----------
    extents
        Where each thing lies in the picture, by its index in the scenario.
    """
    camera, end = CAMERAS[scenario.camera], scenario.duration_s
    first, second, third = camera.projection(scenario.pixels).round(6).tolist()
    return Truth(
        film=f"{scenario.name}.mp4",
        title=scenario.title,
        camera=camera.name,
        look=scenario.look,
        size=scenario.pixels,
        fps=scenario.fps,
        projection=(tuple(first), tuple(second), tuple(third)),
        camera_position=camera.position,
        zones={
            name: ZoneTruth(
                polygon=zone_in_view(polygon, camera, scenario.pixels),
                congested=scenario.congested.get(name, ()),
            )
            for name, polygon in scenario.zones.items()
        },
        things=tuple(
            _seen_thing(thing, extents[index], end)
            for index, thing in enumerate(scenario.things)
            if index in extents and thing.from_s < end
        ),
        lamps=_lamps(scenario, camera),
        faults=tuple(
            ViewFault(kind=fault.kind, from_s=fault.from_s, to_s=_end(fault.to_s, end))
            for fault in scenario.faults
        ),
        signals=traffic.signals,
        approaches=dict(traffic.approaches),
        trips=traffic.trips,
        frames=tuple(frames),
    )


def zone_in_view(
    polygon: Sequence[tuple[float, float]], camera: Camera, size: tuple[int, int]
) -> tuple[tuple[float, float], ...]:
    """Return a polygon on the ground as fractions of the view, cut at the picture's rim.

    Raises
    ------
    ValueError
        If none of it is in the picture.
    """
    width, height = size
    ground = np.array([(x, y, 0.0, 1.0) for x, y in polygon])
    corners = ground @ camera.projection(size).T
    # Sutherland and Hodgman, "Reentrant polygon clipping", 1974: in homogeneous coordinates, so
    # that what is behind the camera is cut as well.
    for plane in (
        (0, 0, 1, -NEAR_M),
        (1, 0, 0, 0),
        (-1, 0, width, 0),
        (0, 1, 0, 0),
        (0, -1, height, 0),
    ):
        corners = _clipped(corners, np.array(plane[:3], float), float(plane[3]))
    if len(corners) < 3:
        raise ValueError(f"zone {list(polygon)} is not in the view of camera {camera.name!r}")
    fractions = np.clip(corners[:, :2] / corners[:, 2:] / size, 0, 1).round(4)
    return tuple((float(u), float(v)) for u, v in fractions)


def _clipped(
    corners: NDArray[np.float64], normal: NDArray[np.float64], offset: float
) -> NDArray[np.float64]:
    """Return the part of a polygon, ``(n, 3)``, with ``corners @ normal + offset >= 0``."""
    kept: list[NDArray[np.float64]] = []
    inside = corners @ normal + offset
    for i in range(len(corners)):
        before, here = inside[i - 1], inside[i]
        if (before < 0) != (here < 0):
            part = before / (before - here)
            kept.append(corners[i - 1] + part * (corners[i] - corners[i - 1]))
        if here >= 0:
            kept.append(corners[i])
    return np.array(kept).reshape(-1, 3)


def _seen_thing(thing: Thing, extent: Extent, end: float) -> SeenThing:
    state, size_m = _state_and_size(thing)
    return SeenThing(
        thing=thing.thing,
        kind=thing.kind,
        state=state,
        from_s=thing.from_s,
        to_s=_end(thing.to_s, end),
        box=_rounded(extent.box),
        pixels=extent.pixels,
        ground=thing.at,
        size_m=round(size_m, 2),
    )


def _state_and_size(thing: Thing) -> tuple[str, float]:
    match thing:
        case Pothole():
            return "water" if thing.water else "dry", thing.width_m
        case Patch():
            return "patched", max(thing.size_m)
        case Rubbish():
            return thing.state, 2 * thing.spread_m
        case Prop():
            return thing.shape, shape(thing.shape).length_m


def _lamps(scenario: Scenario, camera: Camera) -> tuple[LampState, ...]:
    states = []
    for lamp in LAMPS[camera.street]:
        box = _head_box(lamp, camera, scenario.pixels) if lamp.alone else None
        if box is None:
            continue
        dark = tuple(
            (part.from_s, _end(part.to_s, scenario.duration_s))
            for part in scenario.dark_lamps
            if part.lamp == lamp.name
        )
        states.append(LampState(lamp=lamp.name, box=box, dark=dark))
    return tuple(states)


def _head_box(lamp: Lamp, camera: Camera, size: tuple[int, int]) -> Box | None:
    """Return the box around a lamp's head; None where its middle is not in the picture."""
    signs = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    corners = np.asarray(lamp.head) + signs * np.asarray(_LAMP_HEAD_M) / 2
    pixels, ahead = camera.project(corners, size)
    middle = pixels.mean(axis=0)
    if ahead.min() < NEAR_M or (middle < 0).any() or (middle >= size).any():
        return None
    (x0, y0), (x1, y1) = np.clip([pixels.min(axis=0), pixels.max(axis=0)], 0, size).tolist()
    return _rounded((x0, y0, x1, y1))


def _end(to_s: float | None, end: float) -> float:
    return end if to_s is None else min(to_s, end)


def _rounded(box: Box) -> Box:
    x0, y0, x1, y1 = (round(float(edge), 1) for edge in box)
    return x0, y0, x1, y1
