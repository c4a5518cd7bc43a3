"""What a place looks like when nothing is wrong with it, and which parts of it have changed.

The clean scene follows the light of the day, hour by hour, and nothing else: what is put down
beside a road stays a change for as long as it lies there. What was found on the day the camera
began is in it too, and is taken out as soon as it is gone. By night nothing is learnt: lamps show
another pattern of a street, and it would be a change all the next day.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.background import Background
from analytics.blocks import Blocks, Pixels
from analytics.detections import BoolArray, FloatArray
from analytics.eyesight import brightness
from analytics.kept_arrays import pack, unpack
from analytics.likeness import LIGHT_RANGE, Thumbs, alike, is_clear, light, thumbs

_FOLLOWS: Final = 0.2
"""Share of the way to the present light that each update goes."""
_ADOPTED_AFTER: Final = timedelta(hours=24)
"""A change that no detector finds anything in belongs to the scene from then on: new paint, a patch
of asphalt, a sign. Shorter than that, tomorrow's shadows would be news every day."""
_HELD_FOR: Final = timedelta(hours=2)
"""Time for which a block is held: twice what it takes to be sure of a thing."""
_MISSED_FOR: Final = timedelta(hours=1)
"""Time after which a block in which nothing faint is found any more may be held anew."""
_DAYLIGHT: Final = 0.6
"""Of the brightness of its days, under which nothing is learnt."""
_DIMS_AFTER: Final = timedelta(days=1)
"""Time after which what counts as the brightness of its days falls, where it is not reached."""
_DIMS_OVER: Final = timedelta(days=2)
"""Time in which it then falls to 1/e."""
_FIRST_LIGHT: Final = 2.0
"""Times the brightness of its days from which on these were nights."""


class CleanReference:
    """The clean scene of a background's blocks. Not thread-safe.

    Attributes
    ----------
    changed
        Which blocks showed something else at the last update, ``(n,)``.
    """

    def __init__(self, blocks: Blocks) -> None:
        count = len(blocks)
        self._blocks = blocks
        self._scene: Pixels | None = None
        self._known = np.zeros(count, np.bool_)
        self._unclean = np.zeros(count, np.bool_)
        self._since: npt.NDArray[np.float64] = np.zeros(count)
        self._day = _Day()
        self._held: dict[int, _Held] = {}
        self._veiled_since: datetime | None = None
        self.changed: BoolArray = np.zeros(count, np.bool_)

    @property
    def nbytes(self) -> int:
        """Bytes that it keeps."""
        scene_bytes = 0 if self._scene is None else self._scene.nbytes
        marks = (self._known, self._unclean, self._since, self.changed)
        held_bytes = sum(one.pattern.nbytes for one in self._held.values())
        return scene_bytes + held_bytes + sum(array.nbytes for array in marks)

    def update(
        self,
        background: Background,
        at: datetime,
        *,
        occupied: BoolArray,
        faint: BoolArray,
        standing: BoolArray,
    ) -> None:
        """Compare a background with the clean scene, and follow its light.

        Parameters
        ----------
        occupied
            Blocks in which a detector finds something, ``(n,)``.
        faint
            Those of them in which it may be too small to be a change. They are held for a while, so
            that it does not creep into the scene with the light before it is sure.
        standing
            Blocks that show a vehicle which stands there for hours, ``(n,)``. It is no first
            picture of them.
        """
        now, seen = thumbs(background.ground), background.known
        level = brightness(background, seen)
        if self._day.was_night(level):
            # What was learnt before the first day is no clean scene of it.
            self._known[:] = False
        if self._scene is None:
            self._scene = now.astype(np.uint8)
        clean = self._scene.astype(np.float32)
        same = alike(now, clean, light(now, clean, seen & self._known))
        self.changed = seen & self._known & ~same
        if not self._day.is_light(level, at) or self._is_veiled(now, clean, seen & same, at):
            return
        now_s = at.timestamp()
        # What a detector finds something in is no part of the scene, however long it lies there.
        self._since[occupied] = 0
        self._since[self.changed & (self._since == 0)] = now_s
        self._since[~self.changed] = 0
        lasted = (self._since > 0) & (now_s - self._since >= _ADOPTED_AFTER.total_seconds())
        new = seen & ~self._known & ~standing
        adopts = new | (self.changed & ~occupied & (self._unclean | lasted))
        self._unclean = np.where(adopts, new & occupied, self._unclean)
        self._scene[adopts] = now[adopts]
        self._known |= new
        self._since[adopts] = 0
        self.changed &= ~adopts
        follows = seen & same & self._known & ~adopts
        held = follows & self._hold(faint, adopts, at)
        for number in np.flatnonzero(held).tolist():
            self._scene[number] = self._held[number].follow(now[number])
        follows &= ~held
        moved = clean[follows] + np.float32(_FOLLOWS) * (now[follows] - clean[follows])
        self._scene[follows] = np.rint(moved)

    def _is_veiled(self, now: Thumbs, clean: Thumbs, plain: BoolArray, at: datetime) -> bool:
        """Return whether rain or fog lies between, which is no part of the scene.

        What lasts for longer than weather does is: a lens that nobody cleans.

        Parameters
        ----------
        plain
            Blocks that are seen and show nothing else than they did, ``(n,)``.
        """
        both = plain & self._known
        if is_clear(now[both], clean[both]):
            self._veiled_since = None
            return False
        self._veiled_since = self._veiled_since or at
        return at - self._veiled_since < _ADOPTED_AFTER

    def _hold(self, faint: BoolArray, adopts: BoolArray, at: datetime) -> BoolArray:
        """Return which blocks are held, ``(n,)``, and remember what they show."""
        assert self._scene is not None, "the caller sets it"
        for number in np.flatnonzero(faint & self._known & ~adopts).tolist():
            pattern = self._scene[number].astype(np.float32)
            self._held.setdefault(number, _Held(at, at, pattern)).last = at
        self._held = {
            number: one
            for number, one in self._held.items()
            if not adopts[number] and timedelta(0) <= at - one.last < _MISSED_FOR
        }
        held = np.zeros(len(faint), np.bool_)
        held[[number for number, one in self._held.items() if at - one.since < _HELD_FOR]] = True
        return held

    @property
    def known(self) -> BoolArray:
        """Which blocks are known, ``(n,)``."""
        return self._known

    @property
    def scene(self) -> Pixels | None:
        """A few pixels of each block when nothing is wrong, as `thumbs`; None before the first."""
        return self._scene

    @property
    def unclean(self) -> BoolArray:
        """Which blocks show something that was there on the first day, ``(n,)``."""
        return self._unclean

    def changed_in(self, background: Background, number: npt.NDArray[np.intp]) -> BoolArray:
        """Return which blocks of another background show something else than the clean scene does.

        Parameters
        ----------
        number
            Which of the clean scene's blocks the background's are, ``(n,)``.
        """
        if self._scene is None:
            return np.zeros(len(number), np.bool_)
        now, clean = thumbs(background.ground), self._scene[number].astype(np.float32)
        both = background.known & self._known[number]
        return np.asarray(both & ~alike(now, clean, light(now, clean, both)))

    def to_bytes(self) -> bytes:
        """Return what is known, to be read by `restore` after a restart; empty before the first."""
        if self._scene is None:
            return b""
        return pack(
            where=self._blocks.where(),
            scene=self._scene,
            known=self._known,
            unclean=self._unclean,
            since=self._since,
            day=self._day.kept(),
        )

    def restore(self, data: bytes) -> None:
        """Go on with what `to_bytes` gave of the same blocks.

        Raises
        ------
        ValueError
            Where it is something else, damaged, or of other blocks.
        """
        where, scene, known, unclean, since, day = unpack(
            data, ("where", "scene", "known", "unclean", "since", "day")
        )
        self._blocks.check(where)
        self._scene, self._since = scene, since
        self._known, self._unclean = known, unclean
        self._day = _Day(*day.tolist())


@dataclass(slots=True, eq=False)
class _Held:
    """A block of the clean scene that only follows its light.

    Attributes
    ----------
    since, last
        When something faint was found in it first, and last.
    pattern
        What it showed then, float32 BGR ``(8, 8, 3)``.
    gain
        How bright each colour is for what it was then, ``(3,)``.
    """

    since: datetime
    last: datetime
    pattern: Thumbs
    gain: FloatArray = field(default_factory=lambda: np.ones(3, np.float32))

    def follow(self, now: Thumbs) -> Thumbs:
        """Go on to the present light as fast as the rest, and return the block in it.

        The pattern stays what it was, so that no rounding adds up.
        """
        level, before = (one.mean(axis=(0, 1)) for one in (now, self.pattern))
        wanted = np.clip(level / np.maximum(before, 1.0), *LIGHT_RANGE)
        self.gain = self.gain + np.float32(_FOLLOWS) * (wanted - self.gain)
        shown: Thumbs = np.rint(np.minimum(self.pattern * self.gain, 255.0))
        return shown


@dataclass(slots=True)
class _Day:
    """How bright a scene is by day.

    Attributes
    ----------
    level, at_s
        Grey level of the brightest light of late, and when that was.
    """

    level: float = 0.0
    at_s: float = 0.0

    def is_light(self, level: float, at: datetime) -> bool:
        """Return whether a grey level is that of a day."""
        at_s = at.timestamp()
        past_s = max(at_s - self.at_s - _DIMS_AFTER.total_seconds(), 0.0)
        fades = math.exp(-past_s / _DIMS_OVER.total_seconds())
        if level >= self.level * fades:
            self.level, self.at_s = level, at_s
            return True
        return level >= _DAYLIGHT * self.level * fades

    def was_night(self, level: float) -> bool:
        """Return whether a grey level shows that all light before it was that of a night."""
        return level > _FIRST_LIGHT * self.level

    def kept(self) -> npt.NDArray[np.float64]:
        return np.array([self.level, self.at_s])
