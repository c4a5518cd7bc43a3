"""How long a picture has stood still: to the noise, which no living camera repeats."""

from datetime import datetime
from typing import Final

import numpy as np

from analytics.structure import Samples

_APART_S: Final = 2.0
"""Pictures nearer in time are not compared: between two key frames, an encoder may repeat what
hardly changed."""
_BLOCK: Final = (8, 9)
"""Samples of one block, down and across: a 22nd by a 36th of the view."""
_RIM: Final = 18
"""Rows of samples at the top and at the bottom that clocks are burned into: a tenth each."""
_STIRRED_SHARE: Final = 0.05
"""Share of the blocks that a clock elsewhere may change."""
_STILL: Final = 1.8
"""Mean difference of a block's samples, in grey levels, up to which it is still at most."""
_QUIET_SHARE: Final = 0.6
"""Of the difference that is usual where hardly anything moves: a still picture has less of it."""
_QUIET: Final = 2.0
"""What is taken for usual at first, in grey levels: rather less than what cameras have."""
_QUIETER, _BUSIER = 0.1, 0.01
"""How fast the usual difference is followed, a look: down to a quiet night, slowly up by day."""


class Stillness:
    """Measures how long a picture has been the same. Time is that of the frames.

    Notes
    -----
    Each picture is held against the first that it looks like, so that slow changes add up. A
    picture that is only encoded anew differs by up to 1.6 levels at x264's CRF 23, and by more
    where bits are few. Two pictures of an empty street differ by 2.5 and more, for a sensor has
    noise; a camera that smooths it away has less, and that is learnt.
    """

    def __init__(self) -> None:
        self._first: Samples | None = None
        self._since: datetime | None = None
        self._quiet = _QUIET

    def look(self, samples: Samples, at: datetime) -> float:
        """Take one look's picture; return for how many seconds it has not changed."""
        if self._first is None or self._since is None:
            self._restart(samples, at)
            return 0.0
        lasted_s = (at - self._since).total_seconds()
        if 0 <= lasted_s < _APART_S:
            return 0.0
        moved = stir(self._first, samples)
        if lasted_s >= 0 and moved <= min(_STILL, _QUIET_SHARE * self._quiet):
            return lasted_s
        self._follow(moved)
        self._restart(samples, at)
        return 0.0

    def forget(self) -> None:
        """Start again, as after a gap."""
        self._first = self._since = None

    def _follow(self, moved: float) -> None:
        rate = _QUIETER if moved < self._quiet else _BUSIER
        self._quiet += rate * (moved - self._quiet)

    def _restart(self, samples: Samples, at: datetime) -> None:
        self._first, self._since = samples, at


def stir(one: Samples, other: Samples) -> float:
    """Return how far two pictures differ, in grey levels, but for a small part of them."""
    one, other = one[_RIM:-_RIM], other[_RIM:-_RIM]
    apart = np.maximum(one, other) - np.minimum(one, other)
    height, width = apart.shape
    strips = apart.reshape(height // _BLOCK[0], _BLOCK[0], width).sum(1, dtype=np.uint16)
    blocks = strips.reshape(len(strips), width // _BLOCK[1], _BLOCK[1]).sum(2).ravel()
    rank = int(blocks.size * (1 - _STIRRED_SHARE))
    return float(np.partition(blocks, rank)[rank]) / (_BLOCK[0] * _BLOCK[1])
