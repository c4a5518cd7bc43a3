"""The ground of a view as it is now, and where it has changed."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from analytics.background import Background
from analytics.blocks import Pixels
from analytics.detections import BoolArray, FloatArray, IntArray
from analytics.eyesight import DUSK_LEVEL, Eyesight
from analytics.likeness import Thumbs, is_clear, thumbs
from analytics.messages import ViewBox

LEAST_CHANGED: Final = 0.3
"""Share of a box's blocks that must show something else than the clean place does."""
OWN: Final = 1.4
"""Times a thing's box that is its own: its shadow, and what its box is off."""
AROUND: Final = 2.5
"""Widths of a thing that its scene shows, itself in the middle."""
_LEAST_SEEN: Final = 0.5
"""Share of a box's blocks that must have been in sight since the last inspection."""
_UNSETTLED: Final = 0.15
"""Share of all that is kept that shows something else than the clean scene does and was not seen of
late, from which on nothing is called gone: more than a crowd hides by day, and less than is left of
a night under lamps in the hours after dawn."""
_UNSETTLED_NEARBY: Final = 0.7
"""The same of what is around a place, seen of late or not."""


@dataclass(frozen=True, eq=False)
class Ground:
    """The ground as it is now, and where it has changed.

    Attributes
    ----------
    background
        The empty scene.
    changed
        Which of its blocks show something else than the clean scene does, ``(n,)``.
    clean
        The clean scene, a few pixels of each block as `analytics.likeness.thumbs`; None where it
        is not known.
    unclean
        Which of its blocks the clean scene itself shows with something on them, ``(n,)``.
    in_sight
        Which of its blocks were seen of late, ``(n,)``.
    comparable
        Which of its blocks are known, as they are and as they are clean, ``(n,)``.
    """

    background: Background
    changed: BoolArray
    clean: Pixels | None
    unclean: BoolArray
    in_sight: BoolArray
    comparable: BoolArray

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the view."""
        return self.background.blocks.size_px

    @cached_property
    def is_bright(self) -> bool:
        """Whether there is light enough for what a model does not find to tell something."""
        return Eyesight.of(self.background).level >= DUSK_LEVEL

    @cached_property
    def is_clear(self) -> bool:
        """Whether what is in sight shows as clearly as the clean scene does.

        In rain a small hole is washed out and a heap hardly made out, and neither is gone.
        """
        number = np.flatnonzero(self.comparable & self.in_sight & ~self.changed)
        return self.clean is None or is_clear(*self.now_and_clean(number))

    def is_clean(self, box: FloatArray) -> bool:
        """Return whether what lies under a box looks as it does when nothing is wrong."""
        return self.share(self.changed | self.unclean, box) < LEAST_CHANGED

    def is_seen(self, box: FloatArray) -> bool:
        """Return whether enough of what lies under a box was seen of late."""
        return self.share(self.in_sight, box) >= _LEAST_SEEN

    def share(self, of: BoolArray, box: FloatArray) -> float:
        """Return the share of the blocks under a box in pixels for which ``of`` holds."""
        return self._share(of, self.background.blocks.touched(box[None]))

    def share_around(self, of: BoolArray, box: FloatArray) -> float:
        """Return the same of what lies around a box, without what is the thing's own."""
        touched = self.background.blocks.touched
        return self._share(of, touched(grown(box, AROUND)[None]) & ~touched(grown(box, OWN)[None]))

    def is_unsettled(self, box: FloatArray) -> bool:
        """Return whether too much of the view is out of date, or has changed around a box.

        As at dawn, when each part of the background still has another hour of the night in it. What
        was seen of late has changed, and is no reason to wait.
        """
        elsewhere = ~self.background.blocks.touched(grown(box, OWN)[None])
        nearby = self.share_around(self.changed, box)
        is_stale = self._share(self.changed & ~self.in_sight, elsewhere) >= _UNSETTLED
        return is_stale or nearby >= _UNSETTLED_NEARBY

    def now_and_clean(self, number: IntArray) -> tuple[Thumbs, Thumbs]:
        """Return some blocks as they are and as they are clean; ``clean`` must be known."""
        assert self.clean is not None, "the caller asks before"
        return thumbs(self.background.ground[number]), self.clean[number].astype(np.float32)

    def _share(self, of: BoolArray, blocks: BoolArray) -> float:
        return float(of[blocks].mean()) if blocks.any() else 0.0


def grown(box: FloatArray, times: float) -> FloatArray:
    """Return a box so many times as wide and high, around the same middle."""
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * times
    larger: FloatArray = np.concatenate([middle - half, middle + half]).astype(np.float32)
    return larger


def to_view(box: FloatArray, size_px: tuple[int, int]) -> ViewBox:
    """Return a box in pixels of a view of ``size_px`` as fractions of it."""
    x1, y1, x2, y2 = np.clip(box / np.array([*size_px, *size_px]), 0, 1).tolist()
    return x1, y1, x2, y2


def box_px(box: ViewBox, size_px: tuple[int, int]) -> FloatArray:
    """Return a box in pixels of a view of ``size_px``, float32 ``(4,)``."""
    return np.array(box, np.float32) * np.array([*size_px, *size_px], np.float32)
