"""Pictures of the simulated place with potholes and rubbish, to train those detectors on.

Each picture has other things at other places: holes of many sizes, dry and full of water, and
beside them what must not be taken for one, patches; heaps in each state, and beside them stalls,
carts and bins. The same pictures serve both detectors, each with labels of its own.
"""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import product
from typing import Any

import numpy as np

from scripts.twin.camera import Box, Camera
from scripts.twin.film.reel import Reel, Shot
from scripts.twin.film.studio import Done, Work
from scripts.twin.picture_file import JPEG_QUALITIES, label_line, write_picture
from scripts.twin.pictures import HOURS
from scripts.twin.scenario import Ground, Scenario
from scripts.twin.truth import SeenThing
from scripts.twin.world import ROAD_HALF_WIDTH_M, STOP_LINE_M, TRAINING_CAMERAS

KINDS = ("pothole", "rubbish")
"""What is labelled; each has a folder of this name, in which it is the only class."""

PICTURES = 20
"""For each camera and look."""

EVERY_S = 2.0
SIZE = "640x360"

LEAST_PX = {"pothole": (12.0, 4.0), "rubbish": (10.0, 8.0)}
"""Width and height from which a box is labelled: smaller ones nobody could make out."""

_HIDDEN = 0.5
"""A box of which vehicles before it cover this share is not labelled."""

_APART_M = 2.5
"""Things of a kind of place are no nearer to each other: nothing hides behind a stall."""

_LOOKS = ("day", "overcast", "rain", "dusk", "night")
_FARTHEST_M = 45.0
_PROPS = ("street_stall", "cart", "bin", "scooter_parked", "cone", "barrier")
_KERB_M = (-0.8, 1.9)
"""How far beyond the kerb things stand; before it, on the carriageway, where negative."""


def scenarios() -> list[Scenario]:
    """Return what is rendered: each training camera in each look, with seeds of their own."""
    return [
        _scenario(number, camera, look)
        for number, (camera, look) in enumerate(product(TRAINING_CAMERAS, _LOOKS))
    ]


def write_pictures(work: Work) -> Done:
    """Write a scenario's pictures below ``work.out``, once for each of `KINDS`."""
    scenario = work.scenario
    rng = np.random.default_rng(scenario.seed)
    reel = Reel(scenario, work.plates)
    shots = list(reel.shots(every=round(EVERY_S * scenario.fps)))
    things = reel.truth([shot.truth for shot in shots]).things
    boxes = 0
    for number, shot in enumerate(shots):
        quality = int(rng.integers(*JPEG_QUALITIES))
        for kind in KINDS:
            lines = label_lines(shot, things, kind, scenario.pixels)
            stem = f"{scenario.name}-{number:03d}"
            write_picture(work.out / kind, stem, shot.image, lines, quality)
            boxes += len(lines)
    return Done(scenario.name, f"{boxes} boxes")


def label_lines(
    shot: Shot, things: Sequence[SeenThing], kind: str, size: tuple[int, int]
) -> list[str]:
    """Return the label of each thing of a kind that can be made out in a frame."""
    at_s, vehicles = shot.truth.at_s, [seen.box for seen in shot.truth.objects]
    least = LEAST_PX[kind]
    return [
        label_line(0, thing.box, size)
        for thing in things
        if thing.kind == kind
        and thing.from_s <= at_s < thing.to_s
        and thing.box[2] - thing.box[0] >= least[0]
        and thing.box[3] - thing.box[1] >= least[1]
        and sum(_covered(thing.box, nearer) for nearer in _before(thing.box, vehicles)) < _HIDDEN
    ]


def _before(box: Box, others: Sequence[Box]) -> list[Box]:
    """Return those that stand nearer to the camera: lower in the picture."""
    return [other for other in others if other[3] > box[3]]


def _covered(box: Box, by: Box) -> float:
    """Return the share of a box that lies in another."""
    width = min(box[2], by[2]) - max(box[0], by[0])
    height = min(box[3], by[3]) - max(box[1], by[1])
    area = (box[2] - box[0]) * (box[3] - box[1])
    return max(width, 0.0) * max(height, 0.0) / area


def _scenario(number: int, camera: Camera, look: str) -> Scenario:
    seed = 700 + number
    rng = np.random.default_rng(seed)
    return Scenario.model_validate(
        {
            "name": f"{camera.name}-{look}-slow",
            "title": f"{camera.name}, {look}, slow things",
            "camera": camera.name,
            "look": look,
            "size": SIZE,
            "duration_s": PICTURES * EVERY_S,
            "starts_at": datetime.fromisoformat(f"2026-10-06T{HOURS[look]:02d}:10:00+07:00"),
            "seed": seed,
            "traffic": {"demand": "free", "seed": seed},
            "things": [
                thing for picture in range(PICTURES) for thing in _things(camera, picture, rng)
            ],
            "zones": {},
        }
    )


def _things(camera: Camera, picture: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return what is there in one picture: some of everything, or nothing."""
    lasts = {"from_s": picture * EVERY_S, "to_s": (picture + 1) * EVERY_S}
    made: list[dict[str, Any]] = []

    def add(kind: str, at: Ground, **more: object) -> None:
        name = f"{kind}-{picture}-{len(made)}"
        made.append({"kind": kind, "thing": name, "at": at, **lasts, **more})

    for at in _places(camera, _is_road, int(rng.integers(0, 4)), rng):
        water = float(rng.uniform(0.3, 1.0)) if rng.random() < 0.35 else 0.0
        width, depth = float(rng.uniform(0.4, 1.7)), float(rng.uniform(0.05, 0.14))
        seed = int(rng.integers(1_000_000))
        add("pothole", at, width_m=width, depth_m=depth, water=water, seed=seed)
    for at in _places(camera, _is_road, int(rng.integers(0, 2)), rng):
        size = (float(rng.uniform(0.6, 2.5)), float(rng.uniform(0.6, 1.8)))
        add("patch", at, size_m=size, heading_deg=float(rng.uniform(0, 180)))
    heaps, props = int(rng.integers(0, 3)), int(rng.integers(0, 3))
    at_kerb = _places(camera, _is_kerb, heaps + props, rng)
    for at in at_kerb[:heaps]:
        state = str(rng.choice(["scattered", "pile", "pile", "overflowing"]))
        bags, spread = int(rng.integers(1, 26)), float(rng.uniform(0.4, 1.4))
        add("rubbish", at, state=state, bags=bags, spread_m=spread, seed=int(rng.integers(1000)))
    for at in at_kerb[heaps:]:
        paint = tuple(rng.uniform(0.02, 0.6, 3).tolist())
        shape = str(rng.choice(_PROPS))
        add("prop", at, shape=shape, heading_deg=float(rng.uniform(0, 360)), paint=paint)
    return made


def _places(
    camera: Camera, suits: Callable[[float, float, str], bool], count: int, rng: np.random.Generator
) -> list[Ground]:
    """Return places on the ground in view, as often near as far in the picture.

    Returns fewer where the view has hardly any that suit.
    """
    width, height = (int(side) for side in SIZE.split("x"))
    rays = camera.rays((width, height))
    places: list[Ground] = []
    for _ in range(200):
        if len(places) == count:
            break
        column, row = int(rng.integers(width)), int(rng.integers(height))
        ray = rays[row, column].astype(float)
        if ray[2] >= 0:
            continue
        along = -camera.position[2] / ray[2]
        x, y = (camera.position[axis] + along * ray[axis] for axis in (0, 1))
        is_apart = all(math.dist((x, y), other) > _APART_M for other in places)
        if along < _FARTHEST_M and is_apart and suits(x, y, camera.street):
            places.append((round(x, 2), round(y, 2)))
    return places


def _is_road(x: float, y: float, street: str) -> bool:
    within = ROAD_HALF_WIDTH_M - 0.4
    return abs(x) < within or (street == "junction" and abs(y) < within)


def _is_kerb(x: float, y: float, street: str) -> bool:
    """Tell whether a place is near the kerb of a leg, away from the junction's corners."""
    across, along = abs(x), abs(y)
    if street == "junction" and across > along:
        across, along = along, across
    at_kerb = _KERB_M[0] < across - ROAD_HALF_WIDTH_M < _KERB_M[1]
    return at_kerb and (street != "junction" or along > STOP_LINE_M + 2)
