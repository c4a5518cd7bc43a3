"""What the pattern of the ground tells, whatever its light.

Ground in a shadow keeps its grain and its joints; what lies on it has others.
"""

from typing import Final

import numpy as np

from analytics.detections import BoolArray, FloatArray
from analytics.ground import AROUND, Ground, box_px, grown
from analytics.likeness import (
    LIGHT_RANGE,
    coarse,
    contrast,
    pattern_correlation,
    pattern_likeness,
    thumb_offsets,
)
from analytics.messages import ViewBox
from analytics.picture_likeness import aligned
from analytics.places import Scene

NARROW_PX: Final = 50.0
"""Width of a box under which light cannot be told from what lies on the ground block by block."""
_RELIT: Final = 0.5
"""Correlation of the pattern of changed blocks with that of the clean scene, from which on it is
the same ground in another light. What lies on it correlates with the ground by chance only."""
_LEAST_OFF: Final = 5.0
"""Grey levels by which the pixels under a narrow box must be off the clean scene on average. What
looks like a hole and always did is off by less, whatever the weather of the tune set's days."""
_SAME_PATTERN: Final = 0.85
"""Correlation of their pattern with that of the clean scene from which on they show the same."""
_LEAST_PIXELS: Final = 12
"""Pixels under a narrow box, of those that the clean scene keeps, for a pattern to be one."""
_UNLIKE: Final = 0.6
"""Likeness to a heap under which the ground does not show it, in whatever light. Halfway, on the
tune set, between heaps that the model took for nothing and their ground without them."""
_LIKE_CLEAN: Final = 0.3
"""Likeness to the clean scene that its ground has at least, in the tune set's worst weather."""
_LEAST_PATTERN: Final = 4.0
"""Grey levels that a heap's pixels vary by, for its pattern to be one."""


def relit(ground: Ground, box: FloatArray) -> BoolArray:
    """Return which blocks under a box show the clean scene in another light, ``(n,)``.

    A shadow, or the sun through a gap: these blocks have changed, and the ground has not. Under a
    narrow box it cannot be told: a small hole is hardly more than a dark spot.

    Parameters
    ----------
    box
        In pixels.
    """
    found = np.zeros_like(ground.changed)
    if box[2] - box[0] < NARROW_PX:
        return found
    number = np.flatnonzero(ground.changed & ground.background.blocks.touched(box[None]))
    if ground.clean is not None and len(number):
        now, clean = ground.now_and_clean(number)
        found[number] = pattern_correlation(now, clean) >= _RELIT
    return found


def differs(ground: Ground, box: FloatArray) -> bool:
    """Return whether what lies under a narrow box shows something else than the clean scene.

    Pixel by pixel, in the light of what lies around it: a small hole, as flat as it looks from a
    pole, is too little of each block that it lies in to change it. Under a wide box blocks tell it,
    and the edge of a shadow may lie across.

    Parameters
    ----------
    box
        In pixels.
    """
    if ground.clean is None or box[2] - box[0] >= NARROW_PX:
        return False
    blocks = ground.background.blocks
    near = blocks.touched(grown(box, AROUND)[None])
    number = np.flatnonzero(near & ground.comparable & ground.in_sight)
    under = blocks.part(number).under(box, thumb_offsets(blocks.side_px))
    if under.sum() < _LEAST_PIXELS or under.all():
        return False
    now, clean = (one.mean(axis=3) for one in ground.now_and_clean(number))
    lit = np.median(now[~under]) / np.maximum(np.median(clean[~under]), 1.0)
    off = np.abs(now[under] - clean[under] * np.clip(lit, *LIGHT_RANGE)).mean()
    pixels = (one[under][None, None, :, None] for one in (now, clean))
    return bool(off >= _LEAST_OFF) and float(pattern_correlation(*pixels)[0]) < _SAME_PATTERN


def shows_clean_ground(ground: Ground, before: Scene, box: ViewBox) -> bool:
    """Return whether a heap's place has the pattern of its clean ground rather than of the heap.

    Parameters
    ----------
    before
        The place with the heap.
    """
    blocks = ground.background.blocks
    under = blocks.touched(box_px(box, ground.size_px)[None]) & blocks.inside(before.window)
    number = np.flatnonzero(under & ground.comparable & ground.in_sight & ~ground.unclean)
    if ground.clean is None or not len(number):
        return False
    # A pole sways, and three pixels off nothing is like itself.
    now = aligned(ground.background.picture(before.window), before.image)
    mine = blocks.part(number)
    shown, heap = (coarse(mine.taken_from(image, before.window)) for image in (now, before.image))
    if contrast(heap).mean() < _LEAST_PATTERN:
        return False
    like_heap = pattern_likeness(shown, heap)
    like_clean = pattern_likeness(*ground.now_and_clean(number))
    return like_heap < _UNLIKE and like_clean >= max(like_heap, _LIKE_CLEAN)
