"""A page of a model's worst mistakes, to be looked at before a figure is believed."""

from collections.abc import Sequence

import numpy as np

from analytics.detections import ObjectClass
from analytics.frames import Image
from models.evaluation import mistakes
from models.evaluation_report import Looked
from models.manifest import Manifest
from models.opencv import framed_part

SIDE_PX = 200
COLUMNS, ROWS_EACH = 6, 3
"""Upper rows: boxes on nothing, the most confident first. Lower rows: misses, the largest first."""


def confusion_sheet(manifest: Manifest, looked: Sequence[Looked]) -> Image:
    """Return the page, BGR uint8; grey where there are fewer mistakes than places."""
    false: list[tuple[float, int, int]] = []
    missed: list[tuple[float, int, int]] = []
    for number, one in enumerate(looked):
        judged = one.judged
        not_found, on_nothing = mistakes(judged, manifest.confident(judged.found))
        sizes = judged.truth.xyxy[:, 2:] - judged.truth.xyxy[:, :2]
        scores = judged.found.confidence
        missed += [(float(sizes[n].min()), number, int(n)) for n in np.flatnonzero(not_found)]
        false += [(float(scores[n]), number, int(n)) for n in np.flatnonzero(on_nothing)]
    places = COLUMNS * ROWS_EACH
    tiles = [_tile(looked[number], row, score) for score, number, row in _worst(false, places)]
    tiles += [_blank()] * (places - len(tiles))
    tiles += [_tile(looked[number], row, None) for _, number, row in _worst(missed, places)]
    tiles += [_blank()] * (2 * places - len(tiles))
    rows = [np.hstack(tiles[start : start + COLUMNS]) for start in range(0, 2 * places, COLUMNS)]
    return np.asarray(np.vstack(rows), np.uint8)


def _worst(found: list[tuple[float, int, int]], most: int) -> list[tuple[float, int, int]]:
    """Return the worst mistakes, one of a picture before a second of the same."""
    by_picture: dict[int, int] = {}
    ranked = []
    for mistake in sorted(found, key=lambda one: -one[0]):
        turn = by_picture.get(mistake[1], 0)
        by_picture[mistake[1]] = turn + 1
        ranked.append((turn, -mistake[0], mistake))
    return [mistake for _, _, mistake in sorted(ranked)[:most]]


def _tile(one: Looked, row: int, score: float | None) -> Image:
    boxes = one.judged.truth if score is None else one.judged.found
    name = ObjectClass(int(boxes.class_id[row])).name.lower()
    text = f"missed {name}" if score is None else f"{name} {score:.2f}, nothing there"
    left, top, right, bottom = (float(edge) for edge in boxes.xyxy[row])
    return framed_part(one.picture.image(), (left, top, right, bottom), SIDE_PX, text)


def _blank() -> Image:
    return np.full((SIDE_PX, SIDE_PX, 3), 60, np.uint8)
