"""Pictures of the simulated place with their labels, to train traffic detectors on.

They are seen from cameras of which no film ships: what is measured on the films is never measured
on a view that was trained on.
"""

from datetime import datetime
from itertools import product
from typing import Literal

import cv2
import numpy as np

from scripts.twin.actors import CLASSES
from scripts.twin.film.reel import Reel, Shot
from scripts.twin.film.studio import Done, Work
from scripts.twin.scenario import Scenario, Traffic
from scripts.twin.truth import SeenObject
from scripts.twin.world import TRAINING_CAMERAS

EVERY_S = 2.0
"""Nearer frames show the same vehicles at nearly the same place."""

DURATION_S = 120.0
MIN_VISIBLE, MIN_INSIDE = 0.3, 0.25
"""Objects of which less shows are not labelled."""

JPEG_QUALITIES = (40, 92)
"""From a stream that is starved to a snapshot; each picture has one of its own."""

Demand = Literal["busy", "dense", "jam"]

_HOURS = {"day": 15, "overcast": 10, "rain": 14, "dusk": 18, "night": 21, "night-rain": 22}
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
    """Write a scenario's pictures below ``work.out``: ``images/*.jpg`` and ``labels/*.txt``.

    Labels are YOLO text: a line an object, ``class x y width height``, its class by its place in
    ``CLASSES``, the box's middle and size as fractions of the picture.
    """
    images, labels = work.out / "images", work.out / "labels"
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    scenario = work.scenario
    rng = np.random.default_rng(scenario.seed)
    boxes = 0
    shots = Reel(scenario, work.plates).shots(every=round(EVERY_S * scenario.fps))
    for number, shot in enumerate(shots):
        lines = label_lines(shot, scenario.pixels)
        stem = f"{scenario.name}-{number:03d}"
        (labels / f"{stem}.txt").write_text("".join(lines), encoding="utf-8")
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(*JPEG_QUALITIES))]
        encoded, data = cv2.imencode(".jpg", shot.image, quality)
        assert encoded
        # Written last: what has a picture has its labels too.
        (images / f"{stem}.jpg").write_bytes(data.tobytes())
        boxes += len(lines)
    return Done(scenario.name, f"{boxes} boxes")


def label_lines(shot: Shot, size: tuple[int, int]) -> list[str]:
    """Return the label of each object of a frame that can be made out."""
    return [_line(seen, size) for seen in shot.truth.objects if _is_labelled(seen)]


def _is_labelled(seen: SeenObject) -> bool:
    return seen.visible >= MIN_VISIBLE and seen.inside >= MIN_INSIDE


def _line(seen: SeenObject, size: tuple[int, int]) -> str:
    corners = np.clip(np.reshape(seen.box, (2, 2)) / size, 0, 1)
    middle, extent = corners.mean(axis=0), corners[1] - corners[0]
    fractions = " ".join(f"{value:.5f}" for value in (*middle, *extent))
    return f"{CLASSES.index(seen.kind)} {fractions}\n"


def _scenario(number: int, camera: str, look: str, demand: Demand) -> Scenario:
    return Scenario.model_validate(
        {
            "name": f"{camera}-{look}-{demand}",
            "title": f"{camera}, {look}, {demand}",
            "camera": camera,
            "look": look,
            "duration_s": DURATION_S,
            "starts_at": datetime.fromisoformat(f"2026-10-05T{_HOURS[look]:02d}:10:00+07:00"),
            "seed": 500 + number,
            "traffic": Traffic(demand=demand, seed=500 + number),
            "zones": {},
        }
    )
