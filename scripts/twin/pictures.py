"""Pictures of the simulated place with their labels, to train traffic detectors on.

They are seen from cameras of which no film ships: what is measured on the films is never measured
on a view that was trained on.
"""

from datetime import datetime
from itertools import product
from typing import Literal

import numpy as np

from scripts.twin.actors import CLASSES
from scripts.twin.film.reel import Reel, Shot
from scripts.twin.film.studio import Done, Work
from scripts.twin.picture_file import JPEG_QUALITIES, label_line, write_picture
from scripts.twin.scenario import Scenario, Traffic
from scripts.twin.truth import SeenObject
from scripts.twin.world import TRAINING_CAMERAS

EVERY_S = 4.0
"""Nearer frames show the same vehicles at nearly the same place."""

DURATION_S = 120.0
MIN_VISIBLE, MIN_INSIDE = 0.3, 0.25
"""Objects of which less shows are not labelled."""

Demand = Literal["busy", "dense", "jam"]

HOURS = {"day": 15, "overcast": 10, "rain": 14, "dusk": 18, "night": 21, "night-rain": 22}
_MIX: tuple[tuple[str, Demand], ...] = (
    ("day", "jam"),
    ("day", "dense"),
    ("overcast", "busy"),
    ("rain", "dense"),
    ("dusk", "busy"),
    ("night", "busy"),
    ("night-rain", "dense"),
)


def scenarios() -> list[Scenario]:
    """Return what is rendered: each training camera in each look, with seeds of their own."""
    return [
        _scenario(number, camera.name, look, demand)
        for number, (camera, (look, demand)) in enumerate(product(TRAINING_CAMERAS, _MIX))
    ]


def write_pictures(work: Work) -> Done:
    """Write a scenario's pictures and labels, numbered by place in ``CLASSES``, to ``work.out``."""
    scenario = work.scenario
    rng = np.random.default_rng(scenario.seed)
    boxes = 0
    shots = Reel(scenario, work.plates).shots(every=round(EVERY_S * scenario.fps))
    for number, shot in enumerate(shots):
        lines = label_lines(shot, scenario.pixels)
        quality = int(rng.integers(*JPEG_QUALITIES))
        write_picture(work.out, f"{scenario.name}-{number:03d}", shot.image, lines, quality)
        boxes += len(lines)
    return Done(scenario.name, f"{boxes} boxes")


def label_lines(shot: Shot, size: tuple[int, int]) -> list[str]:
    """Return the label of each object of a frame that can be made out."""
    return [
        label_line(CLASSES.index(seen.kind), seen.box, size)
        for seen in shot.truth.objects
        if _is_labelled(seen)
    ]


def _is_labelled(seen: SeenObject) -> bool:
    return seen.visible >= MIN_VISIBLE and seen.inside >= MIN_INSIDE


def _scenario(number: int, camera: str, look: str, demand: Demand) -> Scenario:
    return Scenario.model_validate(
        {
            "name": f"{camera}-{look}-{demand}",
            "title": f"{camera}, {look}, {demand}",
            "camera": camera,
            "look": look,
            "duration_s": DURATION_S,
            "starts_at": datetime.fromisoformat(f"2026-10-05T{HOURS[look]:02d}:10:00+07:00"),
            "seed": 500 + number,
            "traffic": Traffic(demand=demand, seed=500 + number),
            "zones": {},
        }
    )
