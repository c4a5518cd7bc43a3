"""How much of what is truly in the films a traffic model sees."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.detections import Detections, ObjectClass
from analytics.frames import Image
from analytics.geometry import iou
from models.detector import Detector
from scripts.twin.actors import CLASSES, Kind
from scripts.twin.film.stills import frames_of
from scripts.twin.truth import FrameTruth, SeenObject, Truth

MIN_HEIGHT_PX = 24
"""Objects that are smaller in the film are not asked for."""

MIN_VISIBLE, MIN_INSIDE = 0.5, 0.6
"""Objects of which less shows, or lies inside the picture, are not asked for."""

MIN_IOU = 0.5
"""From this overlap on a box is the object's; the same as in AP50."""

LOOKS_PER_S = 1.0
"""Neighbouring frames show the same vehicles at nearly the same place."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Of one class in one film: how many objects there were, and how many were found.

    Attributes
    ----------
    asked
        Objects, counted in every frame that was looked at.
    found
        Those that a confident box of their own class overlaps by at least `MIN_IOU`.
    vehicle
        Those that a confident box of any vehicle's class so overlaps; for a person, `found`.
    """

    asked: int
    found: int
    vehicle: int

    def __add__(self, other: "Seen") -> "Seen":
        return Seen(
            self.asked + other.asked, self.found + other.found, self.vehicle + other.vehicle
        )


@dataclass(frozen=True, slots=True)
class FilmRecall:
    """What a model saw of one film.

    Attributes
    ----------
    by_class
        For each class that was there.
    frames
        Frames that were looked at.
    false
        Confident boxes of which less than a third lies on any one true object's, of any class.
    """

    film: str
    look: str
    by_class: dict[Kind, Seen]
    frames: int
    false: int


def measure(film: Path, truth: Truth, detector: Detector) -> FilmRecall:
    """Return what ``detector`` sees of a film at its shipped thresholds, at `LOOKS_PER_S`.

    Frames in which the view could not be trusted are left out.

    Raises
    ------
    edge.errors.StreamError
        Where the film cannot be played.
    models.errors.DetectorError
        Where an inference failed.
    """
    counts: Counter[tuple[Kind, str]] = Counter()
    frames = false = 0
    for image, frame in _trusted_frames(film, truth):
        found = detector.detect(image)
        found = found.where(detector.manifest.confident(found))
        frames += 1
        false += _on_nothing(found, frame.objects)
        for seen in filter(_is_asked, frame.objects):
            counts[seen.kind, "asked"] += 1
            counts[seen.kind, "found"] += _covers(found, seen, (seen.kind,))
            counts[seen.kind, "vehicle"] += _covers(found, seen, _alike(seen.kind))
    by_class = {
        kind: Seen(counts[kind, "asked"], counts[kind, "found"], counts[kind, "vehicle"])
        for kind in CLASSES
        if counts[kind, "asked"]
    }
    return FilmRecall(truth.film, truth.look, by_class, frames, false)


def total(films: Iterable[FilmRecall]) -> dict[Kind, Seen]:
    """Return the sums over films, for each class that is in one of them."""
    sums: dict[Kind, Seen] = {}
    for film in films:
        for kind, seen in film.by_class.items():
            sums[kind] = sums.get(kind, Seen(0, 0, 0)) + seen
    return {kind: sums[kind] for kind in CLASSES if kind in sums}


def table(films: Sequence[FilmRecall]) -> str:
    """Return the figures as a table for people, a film a line: recall, and objects asked for."""
    rows: list[tuple[str, ...]] = [("film", "look", *CLASSES, "false/frame")]
    for film in films:
        cells = [_cell(film.by_class.get(kind)) for kind in CLASSES]
        rows.append((film.film, film.look, *cells, f"{film.false / max(1, film.frames):.2f}"))
    sums = total(films)
    frames = sum(film.frames for film in films)
    false = sum(film.false for film in films)
    cells = [_cell(sums.get(kind)) for kind in CLASSES]
    rows.append(("all", "", *cells, f"{false / max(1, frames):.2f}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _cell(seen: Seen | None) -> str:
    return "-" if seen is None else f"{seen.found / seen.asked:.2f} of {seen.asked}"


def _trusted_frames(film: Path, truth: Truth) -> Iterator[tuple[Image, FrameTruth]]:
    for at_s, image in frames_of(film, LOOKS_PER_S):
        if not any(fault.from_s <= at_s < fault.to_s for fault in truth.faults):
            yield image, truth.frames[round(at_s * truth.fps)]


def _is_asked(seen: SeenObject) -> bool:
    _, top, _, bottom = seen.box
    is_tall = bottom - top >= MIN_HEIGHT_PX
    return is_tall and seen.visible >= MIN_VISIBLE and seen.inside >= MIN_INSIDE


def _alike(kind: Kind) -> tuple[Kind, ...]:
    return (kind,) if kind is Kind.PERSON else CLASSES[:-1]


def _covers(found: Detections, seen: SeenObject, kinds: Sequence[Kind]) -> bool:
    candidates = found.where(found.of_class(*(ObjectClass[kind.name] for kind in kinds)))
    box = np.array([seen.box], np.float32)
    return bool((iou(candidates.xyxy, box) >= MIN_IOU).any())


def _on_nothing(found: Detections, there: Sequence[SeenObject]) -> int:
    """Return how many boxes lie on nothing: less than a third on any true box."""
    if not there:
        return len(found)
    boxes = np.array([seen.box for seen in there], np.float32)
    top_left = np.maximum(found.xyxy[:, None, :2], boxes[None, :, :2])
    bottom_right = np.minimum(found.xyxy[:, None, 2:], boxes[None, :, 2:])
    shared = np.clip(bottom_right - top_left, 0, None).prod(axis=2)
    own = (found.xyxy[:, 2:] - found.xyxy[:, :2]).prod(axis=1)
    on_it = shared.max(axis=1) / np.maximum(own, 1e-6)
    return int((on_it < 1 / 3).sum())
