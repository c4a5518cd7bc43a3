"""The clock and the camera's name, burned into the picture as a recorder does it."""

from datetime import datetime
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.twin.film.sensor import Image

CLOCK_FORMAT = "%Y-%m-%d %H:%M:%S"

_ROWS = 7
_MARGIN = 4
_GLYPHS = {
    glyph: rows.split()
    for glyph, rows in {
        "0": "01110 10001 10011 10101 11001 10001 01110",
        "1": "00100 01100 00100 00100 00100 00100 01110",
        "2": "01110 10001 00001 00110 01000 10000 11111",
        "3": "01110 10001 00001 00110 00001 10001 01110",
        "4": "00010 00110 01010 10010 11111 00010 00010",
        "5": "11111 10000 11110 00001 00001 10001 01110",
        "6": "00110 01000 10000 11110 10001 10001 01110",
        "7": "11111 00001 00010 00100 01000 01000 01000",
        "8": "01110 10001 10001 01110 10001 10001 01110",
        "9": "01110 10001 10001 01111 00001 00010 01100",
        "-": "00000 00000 00000 11111 00000 00000 00000",
        ":": "00000 00100 00100 00000 00100 00100 00000",
        " ": "00000 00000 00000 00000 00000 00000 00000",
        "A": "01110 10001 10001 11111 10001 10001 10001",
        "B": "11110 10001 10001 11110 10001 10001 11110",
        "C": "01110 10001 10000 10000 10000 10001 01110",
        "D": "11110 10001 10001 10001 10001 10001 11110",
        "E": "11111 10000 10000 11110 10000 10000 11111",
        "F": "11111 10000 10000 11110 10000 10000 10000",
        "G": "01110 10001 10000 10111 10001 10001 01110",
        "H": "10001 10001 10001 11111 10001 10001 10001",
        "I": "01110 00100 00100 00100 00100 00100 01110",
        "J": "00111 00010 00010 00010 00010 10010 01100",
        "K": "10001 10010 10100 11000 10100 10010 10001",
        "L": "10000 10000 10000 10000 10000 10000 11111",
        "M": "10001 11011 10101 10101 10001 10001 10001",
        "N": "10001 11001 10101 10011 10001 10001 10001",
        "O": "01110 10001 10001 10001 10001 10001 01110",
        "P": "11110 10001 10001 11110 10000 10000 10000",
        "Q": "01110 10001 10001 10001 10101 10010 01101",
        "R": "11110 10001 10001 11110 10100 10010 10001",
        "S": "01111 10000 10000 01110 00001 00001 11110",
        "T": "11111 00100 00100 00100 00100 00100 00100",
        "U": "10001 10001 10001 10001 10001 10001 01110",
        "V": "10001 10001 10001 10001 10001 01010 00100",
        "W": "10001 10001 10001 10101 10101 11011 10001",
        "X": "10001 10001 01010 00100 01010 10001 10001",
        "Y": "10001 10001 01010 00100 00100 00100 00100",
        "Z": "11111 00001 00010 00100 01000 10000 11111",
    }.items()
}


def burn_in(image: Image, at: datetime, name: str) -> None:
    """Write the time at the top left of ``image``, and the camera's name at the bottom right.

    Parameters
    ----------
    image
        ``(h, w, 3)`` BGR, changed in place.
    name
        Letters, digits, blanks and hyphens; what else it holds is left out.
    """
    scale = max(2, round(image.shape[0] / 220))
    height, width = image.shape[:2]
    _write(image, at.strftime(CLOCK_FORMAT), (_MARGIN * scale, _MARGIN * scale), scale)
    text = name.upper()
    left = width - len(_known(text)) * 6 * scale - _MARGIN * scale
    _write(image, text, (left, height - (_ROWS + _MARGIN) * scale), scale)


def _write(image: Image, text: str, corner: tuple[int, int], scale: int) -> None:
    """Draw white letters with a thin black rim; ``corner`` is the first one's top left pixel."""
    lit = np.concatenate([_glyph(glyph, scale) for glyph in _known(text)], axis=1)
    rim = cv2.dilate(np.pad(lit, 1), np.ones((3, 3), np.uint8))
    left, top = corner
    part = image[top - 1 : top - 1 + rim.shape[0], left - 1 : left - 1 + rim.shape[1]]
    part[rim > 0] = 16
    part[np.pad(lit, 1) > 0] = 240


def _known(text: str) -> str:
    return "".join(glyph for glyph in text if glyph in _GLYPHS)


@cache
def _glyph(glyph: str, scale: int) -> NDArray[np.uint8]:
    """Return a letter's pixels, ``(7 scale, 6 scale)``, 1 where it is lit; diagonals are filled."""
    dots = np.array([[int(dot) for dot in row + "0"] for row in _GLYPHS[glyph]], np.uint8)
    smooth = cv2.resize(dots * 255, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return (smooth > 118).astype(np.uint8)
