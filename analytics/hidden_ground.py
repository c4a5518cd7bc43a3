"""Which of the ground is hidden by what stands before it, and what has stood there for too long.

::

    boxes of people   ─> hidden
    boxes of vehicles ─> hidden, but where nearly each look of the last hours had one:
                         what is parked there, or never was a vehicle, is what that spot looks like
    near what is open ─> nothing comes to stand
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.blocks import Blocks
from analytics.detections import BoolArray, Detections, FloatArray, ObjectClass
from analytics.kept_arrays import pack, unpack

_MOST: Final = 1.25
"""Of the time after which it stands: nothing is gained any more from then on, so that what drives
off frees its spot within minutes."""
_FREED: Final = 4.0
"""How much more a look tells in which the spot is free: what is taken for a vehicle in four looks
of five hardly ever stands. A lane is freed at each green light."""
_KNOWN_FOR: Final = 2.0
"""Times between two looks: nobody knows what stood there for longer than that without a look."""
_HIDES: Final = 0.15
"""Confidence from which on a box of the traffic's detector hides the ground."""
_WIDER: Final = 0.15
"""Of a box's width and height, on each side: its shadow, and what its edges are off."""


@dataclass(frozen=True, slots=True)
class HiddenRule:
    """For how long what stands at a spot hides it.

    Attributes
    ----------
    stands_s
        Time after which it does so no longer: longer than a delivery or a visit to a shop, and
        short enough for a heap to be found on the day that it is put down.
    every_s
        Time between two looks.
    """

    stands_s: float = 7200.0
    every_s: float = 15.0


class HiddenGround:
    """Which of a view's ground is hidden, from look to look. Not thread-safe.

    Attributes
    ----------
    blocks, rule
        As given.
    """

    def __init__(self, blocks: Blocks, rule: HiddenRule) -> None:
        self.blocks = blocks
        self.rule = rule
        # Of each block: how much longer vehicles hid it than four times what it was free.
        self._balance_s: npt.NDArray[np.float32] = np.zeros(len(blocks), np.float32)
        self._at: datetime | None = None

    @property
    def nbytes(self) -> int:
        """Bytes that it keeps."""
        return self._balance_s.nbytes

    @property
    def standing(self) -> BoolArray:
        """Which blocks show what stands there, or did so minutes ago, ``(n,)``."""
        return np.asarray(self._balance_s >= self.rule.stands_s)

    def look(
        self, found: Detections, at: datetime, *, open_boxes: FloatArray, near_boxes: FloatArray
    ) -> BoolArray:
        """Take one look in, and return which blocks are hidden in it, ``(n,)``.

        Parameters
        ----------
        found
            What the traffic's detector found, in pixels of the view.
        at
            When it was captured.
        open_boxes
            Around each thing that is open, in these pixels, ``(k, 4)``. What hid it when it opened
            does so no more, and what comes to stand before it hides it for as long as it stays.
        near_boxes
            Around what lies near something that is open, or was of late, ``(m, 4)``. Nothing comes
            to stand there.
        """
        touched = self.blocks.touched
        is_person = found.of_class(ObjectClass.PERSON)
        by_vehicle = touched(hidden_boxes(found.where(~is_person)))
        past_s = self._past_s(at)
        balance_s = self._balance_s + np.where(by_vehicle, past_s, -_FREED * past_s)
        balance_s = np.clip(balance_s, 0, _MOST * self.rule.stands_s)
        is_near, is_open = touched(near_boxes), touched(open_boxes)
        balance_s = np.where(is_near, np.minimum(balance_s, self._balance_s), balance_s)
        self._balance_s = np.where(is_open, self._balance_s, balance_s).astype(np.float32)
        # Nobody is to be learnt as a part of the street, however long he sits there.
        by_person = touched(hidden_boxes(found.where(is_person)))
        return (by_vehicle & ~self.standing) | by_person

    def _past_s(self, at: datetime) -> float:
        """Return the time that this look tells of, seconds."""
        before, self._at = self._at, at
        # A clock that was set back tells of none.
        past_s = 0.0 if before is None else max((at - before).total_seconds(), 0.0)
        return min(past_s, _KNOWN_FOR * self.rule.every_s)

    def to_bytes(self) -> bytes:
        """Return what is known, to be read by `restore` after a restart."""
        return pack(where=self.blocks.where(), balance_s=self._balance_s)

    def restore(self, data: bytes) -> None:
        """Go on with what `to_bytes` gave of the same blocks.

        Raises
        ------
        ValueError
            Where it is something else, damaged, or of other blocks.
        """
        where, balance_s = unpack(data, ("where", "balance_s"))
        self.blocks.check(where)
        self._balance_s = balance_s


def hidden_boxes(found: Detections) -> FloatArray:
    """Return the boxes that what was found may hide, shadows included, in its pixels ``(n, 4)``."""
    boxes = found.where(found.confidence >= _HIDES).xyxy
    rim = _WIDER * (boxes[:, 2:] - boxes[:, :2])
    hidden: FloatArray = np.concatenate([boxes[:, :2] - rim, boxes[:, 2:] + rim], axis=1)
    return hidden
