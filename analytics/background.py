"""The empty scene behind the traffic: what each part of a view shows when nobody is on it.

::

    key frame ─> blocks ─ like the ground? ─> the ground follows it
                        ─ like the rival?  ─> a vote for it; with enough of them it is the ground
                        ─ neither?         ─> a vote off the rival's; with none it is the new one
    hidden, see `analytics.hidden_ground`: not looked at

Each block of 24 px votes by itself. Two pictures and a few numbers a block are all that is kept,
where a median needs ten pictures. After Reddy, Sanderson and Lovell, "A low-complexity algorithm
for static background estimation from cluttered image sequences in surveillance contexts" (EURASIP
Journal on Image and Video Processing, 2011), with one rival instead of many, and the light of the
whole scene taken out first.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.blocks import Blocks, Pixels
from analytics.detections import BoolArray, FloatArray
from analytics.frames import Image
from analytics.kept_arrays import pack, unpack
from analytics.likeness import alike, compared, light, thumbs

_READY_VOTES: Final = 3
"""From so many looks that agree a block is known."""
_FOLLOWS: Final = 8
"""Looks over which the ground is averaged: noise goes, slow light does not."""
_TOGETHER: Final = 128
"""Blocks that are moved at a time: their numbers stay in a core's cache."""

_Votes = npt.NDArray[np.int16]
_Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class BackgroundRule:
    """How fast a background believes.

    Attributes
    ----------
    every_s
        Least time between two looks that are taken in.
    settled_votes
        Looks that agree after which nothing is gained any more. A thing that is left standing must
        be seen half as often until it belongs to the scene.
    """

    every_s: float = 15.0
    settled_votes: int = 30


class Background:
    """The empty scene of some blocks of a view. Not thread-safe.

    Attributes
    ----------
    blocks, rule
        As given.
    looks
        How many were taken in.
    noise
        Grey levels that a pixel of the known ground is off from look to look, of late.
    """

    def __init__(self, blocks: Blocks, rule: BackgroundRule) -> None:
        n, side = len(blocks), blocks.side_px
        self.blocks = blocks
        self.rule = rule
        self._ground: Pixels = np.zeros((n, side, side, 3), np.uint8)
        self._rival: Pixels = np.zeros((n, side, side, 3), np.uint8)
        self._votes: _Votes = np.zeros(n, np.int16)
        self._rival_votes: _Votes = np.zeros(n, np.int16)
        self._confirmed_at: npt.NDArray[np.int32] = np.full(n, -(2**30), np.int32)
        self._known_at: npt.NDArray[np.int32] = np.zeros(n, np.int32)
        self._at: datetime | None = None
        self.looks = 0
        self.noise = 0.0

    @property
    def nbytes(self) -> int:
        """Bytes that it keeps."""
        pictures, votes = (self._ground, self._rival), (self._votes, self._rival_votes)
        return sum(a.nbytes for a in (*pictures, *votes, self._confirmed_at, self._known_at))

    @property
    def ground(self) -> Pixels:
        """The empty scene, block by block; not to be written to."""
        return self._ground

    @property
    def known(self) -> BoolArray:
        """Which blocks are known, ``(n,)``."""
        return np.asarray(self._votes >= _READY_VOTES)

    def is_due(self, at: datetime) -> bool:
        """Return whether a look at ``at`` would be taken in."""
        if self._at is None:
            return True
        past_s = (at - self._at).total_seconds()
        # A clock that was set back starts anew.
        return past_s < 0 or past_s >= self.rule.every_s

    def look(self, image: Image, hidden: BoolArray, at: datetime) -> None:
        """Take one look in.

        Parameters
        ----------
        image
            BGR uint8 of the blocks' `size_px`.
        hidden
            Before which blocks something stands, ``(n,)``; a few too many are better than too few.
        at
            When it was captured.
        """
        self._at = at
        self.looks += 1
        seen = np.flatnonzero(~hidden)
        if len(seen):
            self._take_in(self.blocks.taken(image), seen)

    def confirmed_since(self, look: int) -> BoolArray:
        """Return which known blocks were seen as they are in a look after the ``look``-th."""
        return np.asarray(self.known & (self._confirmed_at > look))

    def replaced_since(self, look: int) -> BoolArray:
        """Return which known blocks have ground that became known after the ``look``-th look.

        Ground that follows the light, or slowly takes in what is smaller than a block, is the same.
        """
        return np.asarray(self.known & (self._known_at > look))

    def picture(self, window: tuple[int, int, int, int]) -> Image:
        """Return a part of the empty scene, grey where it is not known; see `Blocks.picture`."""
        return self.blocks.picture(self._ground, window, self.known)

    def to_bytes(self) -> bytes:
        """Return what is known, to be read by `restore` after a restart."""
        return pack(where=self.blocks.where(), ground=self._ground, votes=self._votes)

    def restore(self, data: bytes) -> None:
        """Go on with what `to_bytes` gave of the same blocks.

        Raises
        ------
        ValueError
            Where it is something else, damaged, or of other blocks.
        """
        where, ground, votes = unpack(data, ("where", "ground", "votes"))
        self.blocks.check(where)
        # What was known before the restart has to be seen again before it counts as seen.
        self._ground, self._votes = ground, np.minimum(votes, self.rule.settled_votes)

    def _take_in(self, pixels: Pixels, at: _Places) -> None:
        """Take in the blocks ``at`` of ``pixels``, which has all of them."""
        was_known = self.known
        votes, rival_votes = self._votes[at], self._rival_votes[at]
        now, ground = thumbs(pixels)[at], thumbs(self._ground)[at]
        like_ground, off = compared(now, ground, light(now, ground, votes > 0))
        like_ground &= votes > 0
        self._note_noise(off[votes >= _READY_VOTES])
        like_rival = ~like_ground & (rival_votes > 0)
        like_rival[like_rival] = alike(now[like_rival], thumbs(self._rival[at[like_rival]]))
        stranger = ~like_ground & ~like_rival

        mine = at[like_ground]
        _follow(self._ground, mine, pixels, self._votes)
        self._votes[mine] = np.minimum(self._votes[mine] + 1, self.rule.settled_votes)
        self._rival_votes[mine] = np.maximum(self._rival_votes[mine] - 1, 0)
        self._confirmed_at[mine] = self.looks

        other = at[like_rival]
        _follow(self._rival, other, pixels, self._rival_votes)
        self._rival_votes[other] += 1
        self._votes[other] = np.maximum(self._votes[other] - 1, 0)

        self._rival_votes[at[stranger]] -= 1
        stranger &= self._rival_votes[at] <= 0
        new = at[stranger]
        # Of two that were seen once the newer stays: in busy traffic both may be traffic.
        unsure = new[(self._votes[new] == 1) & (rival_votes[stranger] == 1)]
        self._ground[unsure] = self._rival[unsure]
        self._rival[new] = pixels[new]
        self._rival_votes[new] = 1

        won = at[self._rival_votes[at] > self._votes[at]]
        self._ground[won] = self._rival[won]
        self._votes[won], self._rival_votes[won] = self._rival_votes[won], 0
        self._confirmed_at[won] = self.looks
        was_known[won] = False
        self._known_at[self.known & ~was_known] = self.looks

    def _note_noise(self, off: FloatArray) -> None:
        if len(off):
            # The median: what stands on the ground is not its noise.
            self.noise += (float(np.median(off)) - self.noise) / min(self.looks, _FOLLOWS)


def _follow(scene: Pixels, at: _Places, pixels: Pixels, votes: _Votes) -> None:
    """Move the blocks ``at`` of a scene towards what was seen now, less the better it is known."""
    is_settled = votes[at] >= _FOLLOWS - 1
    old, young = at[is_settled], at[~is_settled]
    for first in range(0, len(old), _TOGETHER):
        some = old[first : first + _TOGETHER]
        # Whole numbers, in place: this is most of the work, and what rounding loses is noise.
        moved = scene[some].astype(np.uint16)
        moved *= _FOLLOWS - 1
        moved += pixels[some]
        moved += _FOLLOWS // 2
        moved //= _FOLLOWS
        scene[some] = moved
    weight = 1 / (votes[young].astype(np.float32) + 1)
    began = scene[young].astype(np.float32)
    scene[young] = np.rint(began + (pixels[young] - began) * weight[:, None, None, None])
