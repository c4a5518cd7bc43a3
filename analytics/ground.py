"""The ground of a view as it is now, and what it says of a place where nothing was found."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from analytics.background import Background
from analytics.blocks import Pixels, Window
from analytics.detections import BoolArray, FloatArray, IntArray
from analytics.frames import Image
from analytics.likeness import (
    Thumbs,
    changed_around,
    is_same_scene,
    nearer_to,
    pattern_correlation,
    roughness,
    thumbs,
)
from analytics.messages import IncidentKind, ViewBox
from analytics.places import Outcome, Place, Scene
from analytics.road_surface import is_stain

LEAST_CHANGED: Final = 0.3
"""Share of a box's blocks that must show something else than the clean place does."""
_LEAST_SEEN: Final = 0.5
"""Share of a box's blocks that must have been in sight since the last inspection."""
_CLEARED: Final = 0.8
"""How far the ground may be off the clean scene for how far it is off the heap, where a box
lies on it."""
_CLEARED_UNFOUND: Final = 1.0
"""The same where nothing is found that counts: then, like a heap and like the clean scene alike is
no heap any more."""
FILLED: Final = 0.6
"""How rough the road may be for how rough the hole was, where a box lies on it. Of four
holes of real streets that were filled, 0.13 to 0.51 was left; most of that where the edge of a
patch lay in it."""
NEARLY_FILLED: Final = 0.75
"""The same where there is more than that to tell that it is mended: nothing is found, or it was
called so before."""
_UNSETTLED: Final = 0.15
"""Share of all that is kept that shows something else than the clean scene does and was not seen of
late, from which on nothing is called gone: more than a crowd hides by day, and less than is left of
a night under lamps in the hours after dawn."""
_UNSETTLED_NEARBY: Final = 0.7
"""The same of what is around a place, seen of late or not."""
_COVERED: Final = 0.6
"""Share of what is around a place that has changed, from which on something large stands there."""
_RELIT: Final = 0.5
"""Correlation of the pattern of changed blocks with that of the clean scene, from which on it is
the same ground in another light. What lies on it has a pattern of its own, which correlates with
that of the ground by chance only."""
_LEAST_RELIT_PX: Final = 50.0
"""Width of a box from which on its light can be told from what lies on it."""
_LEAST_OFF: Final = 5.0
"""Grey levels by which the pixels under a narrow box must be off the clean scene on average."""
_SAME_PATTERN: Final = 0.85
"""Correlation of their pattern with that of the clean scene from which on they show the same."""
_UNLIKE: Final = 0.75
"""Correlation of the patterns of a heap's blocks with what they showed, on average, under which it
is not that heap in another light. Of heaps of the tune set that the model took for nothing, 0.83
and more; of their ground after they were carried off, 0.78 and less."""
_OWN: Final = 1.4
"""Times a thing's box that is its own: its shadow, and what its box is off."""
_AROUND: Final = 2.5
"""Widths of a thing that its scene shows, itself in the middle."""
_LEAST_SCENE_PX: Final = 64


@dataclass(frozen=True, slots=True, eq=False)
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
    """

    background: Background
    changed: BoolArray
    clean: Pixels | None
    unclean: BoolArray
    in_sight: BoolArray

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the view."""
        return self.background.blocks.size_px

    def is_clean(self, box: FloatArray) -> bool:
        """Return whether what lies under a box looks as it does when nothing is wrong."""
        return self.share(self.changed | self.unclean, box) < LEAST_CHANGED

    def is_seen(self, box: FloatArray) -> bool:
        """Return whether enough of what lies under a box was seen of late."""
        return self.share(self.in_sight, box) >= _LEAST_SEEN

    def relit(self, box: FloatArray) -> BoolArray:
        """Return which blocks under a box show the clean scene in another light, ``(n,)``.

        A shadow, or the sun through a gap: these blocks have changed, and the ground has not. Under
        a narrow box it cannot be told: a small hole is hardly more than a dark spot.

        Parameters
        ----------
        box
            In pixels.
        """
        found = np.zeros_like(self.changed)
        if box[2] - box[0] < _LEAST_RELIT_PX:
            return found
        number = np.flatnonzero(self.changed & self.background.blocks.touched(box[None]))
        if self.clean is not None and len(number):
            now, clean = self.now_and_clean(number)
            found[number] = pattern_correlation(now, clean) >= _RELIT
        return found

    def differs(self, box: FloatArray) -> bool:
        """Return whether what lies under a narrow box shows something else than the clean scene.

        Pixel by pixel, in the light of what lies around it: a small hole, as flat as it looks from
        a pole, is too little of each block that it lies in to change it. Under a wide box blocks
        tell it, and a shadow's edge may lie across.

        Parameters
        ----------
        box
            In pixels.
        """
        blocks, known = self.background.blocks, self.background.known
        number = np.flatnonzero(blocks.touched(_grown(box, _AROUND)[None]) & known)
        if self.clean is None or not len(number) or box[2] - box[0] >= _LEAST_RELIT_PX:
            return False
        now, clean = self.now_and_clean(number)
        under = blocks.part(number).under(box, now.shape[1])
        if not under.any() or under.all():
            return False
        lit = np.median(now[~under]) / np.maximum(np.median(clean[~under]), 1.0)
        is_off = np.abs(now[under] - clean[under] * lit).mean() >= _LEAST_OFF
        pixels = (one[under][None, None] for one in (now, clean))
        return bool(is_off) and float(pattern_correlation(*pixels)[0]) < _SAME_PATTERN

    def share(self, of: BoolArray, box: FloatArray) -> float:
        """Return the share of the blocks under a box in pixels for which ``of`` holds."""
        return self._share(of, self.background.blocks.touched(box[None]))

    def share_around(self, of: BoolArray, box: FloatArray) -> float:
        """Return the same of what lies around a box, without what is the thing's own."""
        touched = self.background.blocks.touched
        return self._share(
            of, touched(_grown(box, _AROUND)[None]) & ~touched(_grown(box, _OWN)[None])
        )

    def is_unsettled(self, box: FloatArray) -> bool:
        """Return whether too much of the view is out of date, or has changed around a box.

        As at dawn, when each part of the background still has another hour of the night in it. What
        was seen of late has changed, and is no reason to wait.
        """
        elsewhere = ~self.background.blocks.touched(_grown(box, _OWN)[None])
        nearby = self.share_around(self.changed, box)
        is_stale = self._share(self.changed & ~self.in_sight, elsewhere) >= _UNSETTLED
        return is_stale or nearby >= _UNSETTLED_NEARBY

    def now_and_clean(self, number: IntArray) -> tuple[Thumbs, Thumbs]:
        """Return some blocks as they are and as they are clean; ``clean`` must be known."""
        assert self.clean is not None, "the caller asks before"
        return thumbs(self.background.ground[number]), self.clean[number].astype(np.float32)

    def _share(self, of: BoolArray, blocks: BoolArray) -> float:
        return float(of[blocks].mean()) if blocks.any() else 0.0


def unseen(kind: IncidentKind, place: Place, ground: Ground, *, is_blank: bool) -> Outcome:
    """Return what it means that nothing that counts was found at a place of some kind.

    Parameters
    ----------
    is_blank
        Whether the model found nothing there, however unsure.
    """
    box = box_px(place.box, ground.size_px)
    if not ground.is_seen(box) or ground.is_unsettled(box):
        return Outcome.HIDDEN
    before = before_of(place, ground)
    if kind is IncidentKind.RUBBISH and is_cleared(place, ground, _CLEARED_UNFOUND):
        # Whatever else stands in the box of a heap, such as a lamp post, looks as it did too.
        return Outcome.GONE
    if before is None:
        return Outcome.GONE if kind is IncidentKind.POTHOLE else Outcome.HIDDEN
    # A place that was emptied stays empty until something is found there.
    if place.looks and _looks_as(ground, before, place.box):
        return Outcome.SEEN
    if _is_covered(ground, before, place.box):
        return Outcome.HIDDEN
    if kind is IncidentKind.RUBBISH:
        # The clean scene may be of another morning; a heap that could be seen would be seen.
        is_over = is_blank and _likeness(ground, before, box) < _UNLIKE
    else:
        # A shadow across a hole, or water that rises in it: it looks different, and not mended.
        is_over = is_filled(ground, before, place.box, NEARLY_FILLED)
    return Outcome.GONE if is_over else Outcome.HIDDEN


def before_of(place: Place, ground: Ground) -> Scene | None:
    """Return how a place looked, see `Place.before`; None where not known at this size."""
    before = place.before
    return before if before is not None and before.size_px == ground.size_px else None


def scene(background: Background, box: ViewBox, at: datetime) -> Scene:
    """Return the empty scene around a box, as it is at ``at``."""
    size_px = background.blocks.size_px
    window = _window(box_px(box, size_px), size_px)
    return Scene(background.picture(window), window, size_px, at)


def _looks_as(ground: Ground, before: Scene, box: ViewBox) -> bool:
    """Return whether a place still looks as it did."""
    return is_same_scene(*_then_and_now(ground, before, box, 1.0))


def _is_covered(ground: Ground, before: Scene, box: ViewBox) -> bool:
    """Return whether something larger than the thing stands where it was."""
    return changed_around(*_then_and_now(ground, before, box, _OWN)) >= _COVERED


def is_filled(ground: Ground, before: Scene, box: ViewBox, most: float) -> bool:
    """Return whether the road is flat where a hole was.

    Parameters
    ----------
    most
        How rough it may be for how rough the hole was: `FILLED`, or `NEARLY_FILLED`.
    """
    return roughness(*_then_and_now(ground, before, box, 1.0)) < most


def is_cleared(place: Place, ground: Ground, most: float = _CLEARED) -> bool:
    """Return whether the ground of a heap looks clean, or more like the clean scene than like it.

    By another light it may look like neither.

    Parameters
    ----------
    most
        How far it may be off the clean scene for how far it is off the heap.
    """
    box, before = box_px(place.box, ground.size_px), before_of(place, ground)
    if ground.is_clean(box):
        return True
    if before is None:
        return False
    number, heap = _blocks_before(ground, before, box)
    if (
        ground.clean is None
        or not len(number)
        or ground.share(ground.unclean, box) >= LEAST_CHANGED
    ):
        return False
    now, clean = ground.now_and_clean(number)
    return nearer_to(now, clean, heap) < most


def _likeness(ground: Ground, before: Scene, box: FloatArray) -> float:
    """Return how alike what lies under a box is to what lay there, each block in its own light."""
    number, was = _blocks_before(ground, before, box)
    now = thumbs(ground.background.ground[number])
    return float(pattern_correlation(now, was).mean()) if len(number) else 1.0


def _blocks_before(ground: Ground, before: Scene, box: FloatArray) -> tuple[IntArray, Thumbs]:
    """Return the blocks under a box in pixels that a scene shows whole, and how it shows them."""
    blocks = ground.background.blocks
    number = np.flatnonzero(blocks.inside(before.window) & blocks.touched(box[None]))
    return number, thumbs(blocks.part(number).taken_from(before.image, before.window))


def _then_and_now(
    ground: Ground, before: Scene, box: ViewBox, times: float
) -> tuple[Image, Image, tuple[float, float, float, float]]:
    """Return a place as it is and as it was, and in these its box, so many times as large."""
    now = ground.background.picture(before.window)
    inner = _within(before.window, _grown(box_px(box, ground.size_px), times))
    return now, before.image, inner


def is_stained(background: Background, box: FloatArray) -> bool:
    """Return whether a box in pixels lies on a stain, see `analytics.road_surface`."""
    window = _window(box, background.blocks.size_px)
    return is_stain(background.picture(window), _within(window, box))


def _window(box: FloatArray, size_px: tuple[int, int]) -> Window:
    x1, y1, x2, y2 = _grown(box, _AROUND).tolist()
    width, height = max(x2 - x1, _LEAST_SCENE_PX), max(y2 - y1, _LEAST_SCENE_PX)
    middle = (x1 + x2) / 2, (y1 + y2) / 2
    left = round(min(max(middle[0] - width / 2, 0), max(size_px[0] - width, 0)))
    top = round(min(max(middle[1] - height / 2, 0), max(size_px[1] - height, 0)))
    return left, top, min(round(left + width), size_px[0]), min(round(top + height), size_px[1])


def _within(window: Window, box: FloatArray) -> tuple[float, float, float, float]:
    """Return a box in pixels of a window."""
    left, top = window[:2]
    x1, y1, x2, y2 = box.tolist()
    return x1 - left, y1 - top, x2 - left, y2 - top


def _grown(box: FloatArray, times: float) -> FloatArray:
    middle, half = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) / 2 * times
    grown: FloatArray = np.concatenate([middle - half, middle + half]).astype(np.float32)
    return grown


def to_view(box: FloatArray, size_px: tuple[int, int]) -> ViewBox:
    """Return a box in pixels of a view of ``size_px`` as fractions of it."""
    x1, y1, x2, y2 = np.clip(box / np.array([*size_px, *size_px]), 0, 1).tolist()
    return x1, y1, x2, y2


def box_px(box: ViewBox, size_px: tuple[int, int]) -> FloatArray:
    """Return a box in pixels of a view of ``size_px``, float32 ``(4,)``."""
    return np.array(box, np.float32) * np.array([*size_px, *size_px], np.float32)
