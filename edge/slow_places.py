"""One zone's places of one kind: what an inspection's boxes mean for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np

from analytics.background import Background
from analytics.blocks import Pixels, Window
from analytics.detections import BoolArray, Detections, FloatArray
from analytics.eyesight import LEAST_PX
from analytics.frames import Image
from analytics.likeness import (
    changed_around,
    is_same_scene,
    is_smoother,
    nearer_to,
    thumbs,
)
from analytics.messages import IncidentKind, IncidentMessage, ViewBox
from analytics.places import Found, Outcome, Place, PlaceRule, Places, Scene, is_same_place
from analytics.road_surface import is_stain
from analytics.tiles import heaped
from analytics.zones import Zone

WEAK: Final = 0.25
"""Confidence from which on a box counts at a place that is open."""
_LIKELY: Final = {IncidentKind.POTHOLE: 0.3, IncidentKind.RUBBISH: 0.5}
"""The same where the ground has changed, and nothing is open yet."""
_SURE: Final = 0.8
"""Confidence from which on a pothole counts where nothing has changed since the camera began: a
broken patch, a drain and a stain of real streets come up to 0.71, picture after picture."""
LEAST_CHANGED: Final = 0.3
"""Share of a box's blocks that must show something else than the clean place does."""
_LEAST_SEEN: Final = 0.5
"""Share of a box's blocks that must have been in sight since the last inspection."""
_CLEARED: Final = 0.8
"""How far the ground may be off the clean scene for how far it is off the heap."""
_UNSETTLED: Final = 0.12
_UNSETTLED_NEARBY: Final = 0.7
"""Share of all that is kept, and of what is around a place, that shows something else than the
clean scene does, from which on nothing is called gone. Measured on real streets: up to 0.07 by day,
0.15 to 0.22 in the hour after dawn."""
_COVERED: Final = 0.6
"""Share of what is around a place that has changed, from which on something large stands there."""
_OWN: Final = 1.4
"""Times a thing's box that is its own: its shadow, and what its box is off."""
_AROUND: Final = 2.5
"""Widths of a thing that its scene shows, itself in the middle."""
_LEAST_SCENE_PX: Final = 64
_REACH: Final = 0.35
"""Of a heap's width and height: what lies nearer to it belongs to it."""


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
        """Return whether too much of the view, or of what is around a box, looks unlike itself.

        As at dawn, when each part of the background still has another hour of the night in it.
        """
        elsewhere = ~self.background.blocks.touched(_grown(box, _OWN)[None])
        nearby = self.share_around(self.changed, box)
        return self._share(self.changed, elsewhere) >= _UNSETTLED or nearby >= _UNSETTLED_NEARBY

    def _share(self, of: BoolArray, blocks: BoolArray) -> float:
        return float(of[blocks].mean()) if blocks.any() else 0.0


class ZonePlaces:
    """The places of one kind in one zone.

    Parameters
    ----------
    known
        Places from before a restart.
    """

    def __init__(
        self,
        kind: IncidentKind,
        zone: Zone,
        rule: PlaceRule,
        known: Sequence[Place] = (),
    ) -> None:
        self.kind = kind
        self.zone = zone
        self._places = Places(rule, known)

    @property
    def places(self) -> Sequence[Place]:
        """All of them: open, remembered, and not yet sure."""
        return self._places.places

    def worth_a_look(self, found: Detections) -> Detections:
        """Return the boxes that may count: wide enough, and sure enough."""
        wide = found.xyxy[:, 2] - found.xyxy[:, 0] >= LEAST_PX
        return found.where(wide & (found.confidence >= WEAK))

    def look(self, found: Detections, ground: Ground, at: datetime) -> None:
        """Take in the boxes of one inspection, in pixels of the view."""
        in_zone = found.where(self._holds(found.xyxy, ground.size_px))
        counted = self.counted(in_zone, ground)
        if self.kind is IncidentKind.RUBBISH:
            counted = heaped(counted, _REACH)
        boxes = [
            Found(_to_view(box, ground.size_px), float(confidence))
            for box, confidence in zip(counted.xyxy, counted.confidence, strict=True)
        ]
        self._places.look(boxes, at, unseen=lambda place: unseen(self.kind, place, ground))
        for place in self.places:
            # Of a place that is hidden, or mended meanwhile, this would be no picture of the thing.
            if place.is_open and place.before is None and place.last is Outcome.SEEN:
                place.before = scene(ground.background, place.box)

    def counted(self, found: Detections, ground: Ground) -> Detections:
        """Return the boxes that count: on changed ground, or, a pothole, sure enough by itself."""
        counts = [
            self._counts(*one, ground) for one in zip(found.xyxy, found.confidence, strict=True)
        ]
        return found.where(np.array(counts, np.bool_))

    def _counts(self, box: FloatArray, confidence: float, ground: Ground) -> bool:
        has_changed = ground.share(ground.changed, box) >= LEAST_CHANGED
        known = self._told_of(_to_view(box, ground.size_px))
        is_open = known is not None and known.is_open
        is_likely = has_changed and confidence >= _LIKELY[self.kind]
        if self.kind is IncidentKind.RUBBISH:
            return is_likely or (known is not None and not ground.is_clean(box))
        if _is_stain(ground.background, box):
            return False
        before = None if known is None else before_of(known, ground)
        # Where a hole was, its patch is a change too, and looks like a hole to the model.
        if known is not None and before is not None and _is_filled(ground, before, known.box):
            return False
        return is_open or is_likely or confidence >= _SURE

    def _told_of(self, box: ViewBox) -> Place | None:
        mine = (place for place in self.places if place.is_open or place.incident is not None)
        return next((place for place in mine if is_same_place(box, place.box)), None)

    def at_place(self, place: Place, found: Detections, size_px: tuple[int, int]) -> Detections:
        """Return the boxes, in pixels, that are of a place: what was there is there again."""
        weak = self.worth_a_look(found)
        mine = [is_same_place(_to_view(box, size_px), place.box) for box in weak.xyxy]
        return weak.where(np.array(mine, np.bool_))

    def adopt(self, incident: IncidentMessage, box: ViewBox) -> None:
        """Go on with an open incident; where its place is not known any more, it is made anew."""
        known = next(
            (
                place
                for place in self.places
                if place.incident is not None and place.incident.incident_id == incident.incident_id
            ),
            None,
        )
        if known is None:
            known = Place(box, incident.started_at, box, looks=1, confidence=incident.confidence)
            self._places.places.append(known)
        known.is_open, known.incident = True, incident

    def drop_untold(self, told: Collection[UUID]) -> None:
        """Hold no place open whose incident is not among those that are.

        A place whose thing is still there opens another one.
        """
        for place in self.places:
            incident = place.incident
            if place.is_open and incident is not None and incident.incident_id not in told:
                place.is_open = False
                if incident.ended_at is None:
                    place.incident = None

    def hide_all(self, at: datetime) -> None:
        """Note that nothing could be seen."""
        self._places.hide_all(at)

    def _holds(self, xyxy: FloatArray, size_px: tuple[int, int]) -> BoolArray:
        middle = (xyxy[:, :2] + xyxy[:, 2:]) / 2
        # A hole lies in the road with its middle, a heap stands at the kerb with its foot.
        y = middle[:, 1] if self.kind is IncidentKind.POTHOLE else xyxy[:, 3] - 1
        feet = np.stack([middle[:, 0], y, middle[:, 0], y], axis=1).astype(np.float32)
        return self.zone.holds(feet, size_px)


def unseen(kind: IncidentKind, place: Place, ground: Ground) -> Outcome:
    """Return what it means that nothing was found at a place of some kind."""
    box = box_px(place.box, ground.size_px)
    if ground.share(ground.in_sight, box) < _LEAST_SEEN or ground.is_unsettled(box):
        return Outcome.HIDDEN
    before = before_of(place, ground)
    if kind is IncidentKind.RUBBISH and (
        ground.is_clean(box) or (before is not None and _is_cleared(ground, before, box))
    ):
        # Whatever else stands in the box of a heap, such as a lamp post, looks as it did too.
        return Outcome.GONE
    if before is None:
        return Outcome.GONE if kind is IncidentKind.POTHOLE else Outcome.HIDDEN
    # A place that was emptied stays empty until something is found there.
    if place.looks and _looks_as(ground, before, place.box):
        return Outcome.SEEN
    if _is_covered(ground, before, place.box):
        return Outcome.HIDDEN
    # A shadow across a hole, or water that rises in it: it looks different, and not mended.
    is_mended = kind is IncidentKind.POTHOLE and _is_filled(ground, before, place.box)
    return Outcome.GONE if is_mended else Outcome.HIDDEN


def before_of(place: Place, ground: Ground) -> Scene | None:
    """Return how a place looked when it opened; None where that is not known at this size."""
    before = place.before
    return before if before is not None and before.size_px == ground.size_px else None


def scene(background: Background, box: ViewBox) -> Scene:
    """Return the empty scene around a box."""
    size_px = background.blocks.size_px
    window = _window(box_px(box, size_px), size_px)
    return Scene(background.picture(window), window, size_px)


def _looks_as(ground: Ground, before: Scene, box: ViewBox) -> bool:
    """Return whether a place still looks as it did."""
    return is_same_scene(*_then_and_now(ground, before, box, 1.0))


def _is_covered(ground: Ground, before: Scene, box: ViewBox) -> bool:
    """Return whether something larger than the thing stands where it was."""
    return changed_around(*_then_and_now(ground, before, box, _OWN)) >= _COVERED


def _is_filled(ground: Ground, before: Scene, box: ViewBox) -> bool:
    """Return whether the road is flat where a hole was."""
    return is_smoother(*_then_and_now(ground, before, box, 1.0))


def _is_cleared(ground: Ground, before: Scene, box: FloatArray) -> bool:
    """Return whether the ground under a heap looks more like the clean scene than like the heap.

    By another light it may look like neither.
    """
    blocks = ground.background.blocks
    number = np.flatnonzero(blocks.inside(before.window) & blocks.touched(box[None]))
    if (
        ground.clean is None
        or not len(number)
        or ground.share(ground.unclean, box) >= LEAST_CHANGED
    ):
        return False
    heap = thumbs(blocks.part(number).taken_from(before.image, before.window))
    now, clean = thumbs(ground.background.ground[number]), ground.clean[number].astype(np.float32)
    return nearer_to(now, clean, heap) < _CLEARED


def _then_and_now(
    ground: Ground, before: Scene, box: ViewBox, times: float
) -> tuple[Image, Image, tuple[float, float, float, float]]:
    """Return a place as it is and as it was, and in these its box, so many times as large."""
    now = ground.background.picture(before.window)
    inner = _within(before.window, _grown(box_px(box, ground.size_px), times))
    return now, before.image, inner


def _is_stain(background: Background, box: FloatArray) -> bool:
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


def _to_view(box: FloatArray, size_px: tuple[int, int]) -> ViewBox:
    x1, y1, x2, y2 = np.clip(box / np.array([*size_px, *size_px]), 0, 1).tolist()
    return x1, y1, x2, y2


def box_px(box: ViewBox, size_px: tuple[int, int]) -> FloatArray:
    """Return a box in pixels of a view of ``size_px``, float32 ``(4,)``."""
    return np.array(box, np.float32) * np.array([*size_px, *size_px], np.float32)
