"""What a picture looks like as an empty scene, which is what the slow scene shows its models.

An empty scene is put together block by block, of looks of different minutes: the edge of a shadow
that moved meanwhile runs along blocks, and what no zone holds is grey. Sun through a gap that looks
so is nothing to find, and a heap is one all the same.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.blocks import GREY
from analytics.detections import BoolArray, FloatArray
from analytics.frames import Image
from scripts.training.light import linear, shown

_SIDE = (0.01, 0.08)
"""Side of a block, as a share of the picture's width: 0.013 in a stream that is shown whole, 0.038
in a tile of one 1920 px wide, 0.075 enlarged twice."""

_SHADE = (0.15, 0.5)
"""How much of the sun's light is left in a shadow."""

_BLUE = 0.3
"""How much more of the blue than of the red at most: it is lit by the sky."""

_MOVES = 0.06
"""Share of the picture's width that a shadow may have moved by."""

_KEPT = (0.55, 1.0)
"""Share of the picture that zones hold."""

_UNKNOWN = 0.01
"""Share of the blocks that nobody has seen free."""


def as_empty_scene(image: Image, boxes: FloatArray, rng: np.random.Generator) -> Image:
    """Return a picture as an empty scene would show it, in sun and shadow.

    Parameters
    ----------
    image
        BGR uint8, ``(h, w, 3)``; not written to.
    boxes
        What is to stay in view, ``(n, 4)``: left, top, right, bottom in pixels.
    """
    height, width = image.shape[:2]
    side = max(round(float(np.exp(rng.uniform(*np.log(_SIDE)))) * width), 2)
    grid = -(-height // side), -(-width // side)
    sun = _sun((height, width), rng)
    dx, dy = rng.uniform(-_MOVES, _MOVES, 2) * width
    later = cv2.warpAffine(
        sun,
        np.array([[1.0, 0.0, dx], [0.0, 1.0, dy]]),
        (width, height),
        borderMode=cv2.BORDER_REPLICATE,
    )
    is_later = _pixels(_field(grid, rng) + rng.normal(0, 0.4, grid) > 0, side, (height, width))
    lit = np.where(is_later, later, sun)[:, :, None]
    blue = float(rng.uniform(0, _BLUE))
    shade = np.float32(rng.uniform(*_SHADE)) * np.array([1 + blue, 1 + blue / 2, 1.0], np.float32)
    result = shown(linear(image) * (lit + (1 - lit) * shade))
    result[_pixels(_unkept(grid, boxes / side, rng), side, (height, width))] = GREY
    return result


def _sun(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return where the sun falls through, 0 to 1, ``(h, w)``: gaps as leaves and awnings leave."""
    share = float(rng.uniform(0.2, 0.8))
    if rng.random() < 0.5:
        field = _field(size, rng)
        sun = (field > np.quantile(field, 1 - share)).astype(np.float32)
    else:
        sun = _stripes(size, share, rng)
    soft = float(rng.uniform(0.4, 3.0)) * size[1] / 640
    return np.asarray(cv2.GaussianBlur(sun, (0, 0), soft), np.float32)


def _stripes(size: tuple[int, int], share: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return slanted stripes and what crosses them, as posts and roofs throw their shadows."""
    y, x = np.mgrid[0 : size[0], 0 : size[1]].astype(np.float32) / size[1]
    sun = np.ones(size, np.bool_)
    for angle in rng.uniform(0, np.pi, 2):
        period = float(rng.uniform(0.06, 0.4))
        at = (x * np.cos(angle) + y * np.sin(angle)) / period + rng.uniform()
        sun &= at % 1 < np.sqrt(share)
    return sun.astype(np.float32)


def _field(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return a smooth field of chance around 0, ``(h, w)``, with spots of some random size."""
    cells = int(rng.integers(3, 13))
    coarse = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    return np.asarray(
        cv2.resize(coarse, (size[1], size[0]), interpolation=cv2.INTER_CUBIC), np.float32
    )


def _unkept(grid: tuple[int, int], boxes: FloatArray, rng: np.random.Generator) -> BoolArray:
    """Return which blocks are grey: beyond a slanted edge, and a few that nobody knows.

    Parameters
    ----------
    boxes
        What is to stay in view, in blocks.
    """
    row, column = np.mgrid[0 : grid[0], 0 : grid[1]]
    angle = rng.uniform(0, 2 * np.pi)
    across = column * np.cos(angle) + row * np.sin(angle)
    unkept = across > np.quantile(across, rng.uniform(*_KEPT))
    unkept |= rng.random(grid) < _UNKNOWN
    for left, top, right, bottom in boxes.tolist():
        high, wide = bottom - top, right - left
        rows = slice(max(int(top - high / 2), 0), int(bottom + high / 2) + 1)
        unkept[rows, max(int(left - wide / 2), 0) : int(right + wide / 2) + 1] = False
    return np.asarray(unkept, np.bool_)


def _pixels(blocks: BoolArray, side: int, size: tuple[int, int]) -> BoolArray:
    """Return for each pixel of a picture of a size what holds of its block."""
    return np.asarray(np.kron(blocks, np.ones((side, side), np.bool_))[: size[0], : size[1]])
