"""Whether two pictures of the same place show the same thing, in another light.

Pictures are compared block by block, a block by 64 of its pixels. What differs after the light of
the whole scene is taken out is either another level (a dark thing on bright ground) or another
texture.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.blocks import Pixels
from analytics.detections import BoolArray, FloatArray, IntArray

Thumbs = npt.NDArray[np.float32]
"""A few pixels of each block, BGR, ``(n, 8, 8, 3)``; a little more where 8 does not divide."""

_THUMB_PX: Final = 8

_LEVEL: Final = 14.0
"""Grey levels that the mean of a block may be off, after the light of the whole scene is out."""
_TEXTURE: Final = 9.0
"""Mean grey levels that its pixels may be off beside that; noise and H.264 stay below 5."""
_LEAST_LIT: Final = 12.0
"""Darker blocks say nothing of how the light has changed."""
LIGHT_RANGE: Final = (0.2, 5.0)
"""How dark and how bright a scene may be for what it was."""
_LEAST_CONTRAST: Final = 2.0
"""Grey levels that the pixels of a block vary by at least, beside noise."""
_CLEAR: Final = 0.93
"""Share of its contrast that a clear scene shows. By the dry days of the tune set it is hardly ever
less, and in the middle of rain much less."""
_LEAST_BLOCKS: Final = 12
"""Blocks that it takes to tell how clearly a scene shows."""


def thumbs(pixels: Pixels) -> Thumbs:
    """Return 8 by 8 pixels of each block, noise and all."""
    step = _step_px(pixels.shape[1])
    return pixels[:, ::step, ::step].astype(np.float32)


def thumb_offsets(side_px: int) -> IntArray:
    """Return where in a block of ``side_px`` the pixels of `thumbs` lie, across and down."""
    return np.arange(0, side_px, _step_px(side_px))


def coarse(pixels: Pixels) -> Thumbs:
    """Return the means of 8 by 8 parts of each block, without their noise."""
    step = _step_px(pixels.shape[1])
    across = pixels.shape[1] // step
    part = pixels[:, : across * step, : across * step].astype(np.float32)
    means: Thumbs = part.reshape(-1, across, step, across, step, 3).mean(axis=(2, 4))
    return means


def contrast(pixels: Thumbs) -> FloatArray:
    """Return by how many grey levels the pixels of each block vary, ``(n,)``."""
    varied: FloatArray = pixels.mean(axis=3).std(axis=(1, 2))
    return varied


def is_clear(now: Thumbs, was: Thumbs) -> bool:
    """Return whether a scene shows its patterns as clearly as it did.

    It does not through rain, fog or a wet lens. Of a few blocks only nobody can tell.

    Notes
    -----
    The median over those blocks that showed most, so that what came or went in some of them does
    not count.
    """
    if not len(was):
        return True
    before = contrast(was)
    tells = before >= max(float(np.median(before)), _LEAST_CONTRAST)
    if tells.sum() < _LEAST_BLOCKS:
        return True
    shown = float(np.median(contrast(now[tells]) / before[tells]))
    return shown >= _CLEAR * light(now, was, np.ones(len(was), np.bool_))


def light(now: Thumbs, was: Thumbs, known: BoolArray) -> float:
    """Return how bright the scene is for what it was.

    Parameters
    ----------
    known
        Blocks to go by, ``(n,)``.

    Notes
    -----
    The median over the blocks: neither a head lamp nor a shadow on a part of them is the light of
    all.
    """
    level, before = now.mean(axis=(1, 2, 3)), was.mean(axis=(1, 2, 3))
    tells = known & (before > _LEAST_LIT) & (level > _LEAST_LIT)
    if not tells.any():
        return 1.0
    return float(np.clip(np.median(level[tells] / before[tells]), *LIGHT_RANGE))


def alike(now: Thumbs, was: Thumbs, lit: float = 1.0) -> BoolArray:
    """Return which blocks show the same thing, ``(n,)``.

    Parameters
    ----------
    lit
        How bright the scene is for what it was, see `light`.
    """
    return compared(now, was, lit)[0]


def compared(now: Thumbs, was: Thumbs, lit: float = 1.0) -> tuple[BoolArray, FloatArray]:
    """Return which blocks show the same thing, and how far the pixels of each are off, ``(n,)``.

    That is in grey levels, beside what their mean is off: noise, rain, or another thing.
    """
    # What is brighter also differs more.
    scale = max(1.0, lit)
    off = now - was * np.float32(lit)
    # The mean over the pixels; `mean` itself takes five times as long.
    level = np.einsum("nyxc->nc", off) / np.float32(off.shape[1] * off.shape[2])
    off -= level[:, None, None]
    texture: FloatArray = np.abs(off, out=off).mean(axis=(1, 2, 3))
    same: BoolArray = (np.abs(level).max(axis=1) < _LEVEL * scale) & (texture < _TEXTURE * scale)
    return same, texture


def nearer_to(now: Thumbs, one: Thumbs, other: Thumbs) -> float:
    """Return how far blocks are off one scene, as a share of how far they are off another.

    Each in its own light: 0 is the one, 1 is as far from both, and more is nearer to the other.
    """
    every = np.ones(len(now), np.bool_)
    off = [
        float(np.abs(now - scene * np.float32(light(now, scene, every))).mean())
        for scene in (one, other)
    ]
    return off[0] / max(off[1], 1e-6)


def pattern_correlation(now: Thumbs | Pixels, was: Thumbs | Pixels) -> FloatArray:
    """Return how alike the patterns of pictures are, whatever their light, ``(n,)``, -1 to 1.

    Parameters
    ----------
    now, was
        BGR, ``(n, h, w, 3)``.

    Notes
    -----
    Correlation of the grey levels. Ground in a shadow keeps its grain and its joints; what lies on
    it has others. Of a picture without any pattern it is 0.
    """
    a, b = (one.mean(axis=3).reshape(len(one), -1) for one in (now, was))
    a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
    size = np.sqrt((a * a).sum(axis=1) * (b * b).sum(axis=1))
    found: FloatArray = (a * b).sum(axis=1) / np.maximum(size, 1e-6)
    return found


def pattern_likeness(now: Thumbs, was: Thumbs) -> float:
    """Return how alike blocks are, each in its own light, -1 to 1.

    What showed more counts more: of flat ground the pattern is noise.
    """
    weight = contrast(was)
    return float((pattern_correlation(now, was) * weight).sum() / max(float(weight.sum()), 1e-6))


def _step_px(side_px: int) -> int:
    return max(side_px // _THUMB_PX, 1)
