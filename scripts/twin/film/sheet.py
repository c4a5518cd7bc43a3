"""A page of stills: one picture of each film, with its title below."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from scripts.twin.film.sensor import Image

_COLUMNS = 3
_STILL_PX = (480, 270)
_TITLE_PX = 26
_GAP_PX = 6
_PAPER, _INK = 250, 40
"""Grey levels."""

_LARGEST_BYTES = 600_000
_QUALITIES = range(90, 0, -5)


def write_sheet(file: Path, stills: Sequence[tuple[str, Image]]) -> None:
    """Write stills, each with its title, as one JPEG of at most 600 kB."""
    rows = -(-len(stills) // _COLUMNS)
    cell = (_STILL_PX[0] + _GAP_PX, _STILL_PX[1] + _TITLE_PX + _GAP_PX)
    size = (rows * cell[1] + _GAP_PX, _COLUMNS * cell[0] + _GAP_PX, 3)
    page = np.full(size, _PAPER, np.uint8)
    for number, (title, still) in enumerate(stills):
        left = _GAP_PX + number % _COLUMNS * cell[0]
        top = _GAP_PX + number // _COLUMNS * cell[1]
        small = cv2.resize(still, _STILL_PX, interpolation=cv2.INTER_AREA)
        page[top : top + _STILL_PX[1], left : left + _STILL_PX[0]] = small
        place = (left + 2, top + _STILL_PX[1] + 18)
        cv2.putText(page, title, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (_INK,) * 3, 1, cv2.LINE_AA)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_jpeg(page))


def _jpeg(page: Image) -> bytes:
    """Return the page in the best quality that stays below the largest size."""
    qualities = (cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, q]) for q in _QUALITIES)
    return next(data.tobytes() for _, data in qualities if data.nbytes <= _LARGEST_BYTES)
