"""One zone's places of one kind: what an inspection's boxes mean for them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np

from analytics.absence import (
    CLEARED,
    FILLED,
    HALF_CLEARED,
    NEARLY_FILLED,
    is_cleared,
    is_filled,
    unseen,
)
from analytics.detections import BoolArray, Detections, FloatArray
from analytics.eyesight import LEAST_PX
from analytics.ground import LEAST_CHANGED, OWN, Ground, box_px, grown, to_view
from analytics.ground_pattern import NARROW_PX, differs, relit
from analytics.messages import IncidentKind, IncidentMessage, ViewBox
from analytics.place_scene import before_of, is_stained, scene
from analytics.places import Found, Outcome, Place, PlaceRule, Places, is_same_place
from analytics.tiles import heaped
from analytics.zones import Zone

WEAK: Final = 0.25
"""Confidence from which on a box counts at a place that is open."""
_LIKELY: Final = {IncidentKind.POTHOLE: 0.3, IncidentKind.RUBBISH: 0.4}
"""The same where the ground has changed, and nothing was seen before; sure enough to be the picture
that a heap is held against."""
_AGAIN: Final = {IncidentKind.POTHOLE: 0.25, IncidentKind.RUBBISH: 0.35}
"""The same, on changed ground, where something was seen at that place before."""
_LIKELY_SMALL: Final = 0.6
"""Confidence from which on a hole that is too small to change its blocks counts, where its pixels
differ. Patches of the tune set's streets that do so stay below."""
_SURE: Final = 0.8
"""Confidence from which on a pothole counts where nothing has changed since the camera began: a
broken patch, a drain and a stain of real streets come up to 0.71, picture after picture."""
_SILENT: Final = 0.1
"""Confidence under which a box tells no more than none."""
_LEAST_CHANGED_PIECE: Final = 0.1
"""Share of the blocks of a piece too small to be believed by itself that must have changed: it may
lie in as many as nine of them, and fills none."""
_REACH: Final = 0.35
"""Of a heap's width and height, on each side: what lies in reach of another belongs to it."""
_FAR_REACH: Final = 0.75
_FILLED: Final = 0.5
"""The same of scattered pieces, where they fill so much of the box around them: one of mostly clean
ground would be called clean with its rubbish in it."""


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

    def small(self, found: Detections) -> Detections:
        """Return the boxes of what may be too small to change the blocks that it lies in."""
        if self.kind is not IncidentKind.POTHOLE:
            return Detections.none()
        weak = self.worth_a_look(found)
        narrow = weak.xyxy[:, 2] - weak.xyxy[:, 0] < NARROW_PX
        return weak.where(narrow & (weak.confidence >= _LIKELY_SMALL))

    def look(self, found: Detections, ground: Ground, at: datetime) -> None:
        """Take in the boxes of one inspection, however unsure, in pixels of the view."""
        # What is too small to be believed by itself may hold the pieces of a heap together.
        is_heap = self.kind is IncidentKind.RUBBISH
        likely = found.where(found.confidence >= WEAK) if is_heap else self.worth_a_look(found)
        in_zone = likely.where(self._holds(likely.xyxy, ground.size_px))
        counted = self.counted(in_zone, ground)
        if is_heap:
            counted = heaped(counted, (_REACH, 0.0), (_FAR_REACH, _FILLED), least_px=LEAST_PX)
        boxes = [
            Found(to_view(box, ground.size_px), float(confidence))
            for box, confidence in zip(counted.xyxy, counted.confidence, strict=True)
        ]
        self._places.look(boxes, at, unseen=lambda place: self.unfound(place, found, ground))
        for place in self.places:
            if self._is_picture_due(place, counted, ground):
                place.before = scene(ground.background, place.box, at)

    def unfound(self, place: Place, found: Detections, ground: Ground) -> Outcome:
        """Return what it means that none of the boxes, in pixels, counts at a place.

        Parameters
        ----------
        found
            All of them, however unsure.
        """
        near = grown(box_px(place.box, ground.size_px), OWN)
        touches = ((found.xyxy[:, :2] < near[2:]) & (found.xyxy[:, 2:] > near[:2])).all(axis=1)
        is_blank = ground.is_bright and not (touches & (found.confidence >= _SILENT)).any()
        return unseen(self.kind, place, ground, is_blank=is_blank)

    def _is_picture_due(self, place: Place, counted: Detections, ground: Ground) -> bool:
        """Return whether the place is to be remembered as it looks now.

        A hole stays as it was when it opened, because its patch is to be held against it; a heap
        that grows is held against what was last found of it for sure.
        """
        # Of a place that is hidden, or mended meanwhile, this would be no picture of the thing.
        if not place.is_open or place.last is not Outcome.SEEN:
            return False
        if before_of(place, ground) is None:
            return True
        if self.kind is not IncidentKind.RUBBISH or is_cleared(place, ground):
            # A mistake of the model where a heap was carried off must not become the heap.
            return False
        sure = counted.where(counted.confidence >= _LIKELY[self.kind])
        return len(self.at_place(place, sure, ground.size_px)) > 0

    def counted(self, found: Detections, ground: Ground) -> Detections:
        """Return the boxes that count: on changed ground, or, a pothole, sure enough by itself."""
        counts = [
            self._counts(*one, ground) for one in zip(found.xyxy, found.confidence, strict=True)
        ]
        return found.where(np.array(counts, np.bool_))

    def _counts(self, box: FloatArray, confidence: float, ground: Ground) -> bool:
        view_box = to_view(box, ground.size_px)
        known = self._told_of(view_box)
        is_open = known is not None and known.is_open
        # What is open stays so in a shadow; but a shadow opens nothing.
        changed = ground.changed if is_open else ground.changed & ~relit(ground, box)
        is_piece = box[2] - box[0] < LEAST_PX
        least_changed = _LEAST_CHANGED_PIECE if is_piece else LEAST_CHANGED
        has_changed = ground.share(changed, box) >= least_changed or (
            self.kind is IncidentKind.POTHOLE
            and confidence >= _LIKELY_SMALL
            and differs(ground, box)
        )
        if not is_open and not ground.is_seen(box):
            # What was left behind by a vehicle that stood there, until the ground is seen again.
            return False
        least = (_AGAIN if self._saw(view_box) else _LIKELY)[self.kind]
        is_likely = has_changed and confidence >= least
        if self.kind is IncidentKind.RUBBISH:
            # A heap that grew does not look like what it was. Where one was carried off, or the
            # model is not sure, what it takes for one has to.
            has_grown = is_open and has_changed and confidence >= _LIKELY[self.kind]
            most = HALF_CLEARED if is_open and is_likely else CLEARED
            is_new_or_back = known is None or not is_cleared(known, ground, most)
            return has_grown or (is_new_or_back and (is_open or is_likely))
        if is_stained(ground.background, box):
            return False
        before = None if known is None else before_of(known, ground)
        # Where a hole was, its patch is a change too, and looks like a hole to the model.
        most = FILLED if is_open else NEARLY_FILLED
        if known is not None and before is not None and is_filled(ground, before, known.box, most):
            return False
        return is_open or is_likely or confidence >= _SURE

    def _saw(self, box: ViewBox) -> bool:
        """Return whether something was seen at a box's place, since it was last gone."""
        return any(place.looks and is_same_place(box, place.box) for place in self.places)

    def _told_of(self, box: ViewBox) -> Place | None:
        mine = (place for place in self.places if place.is_open or place.incident is not None)
        return next((place for place in mine if is_same_place(box, place.box)), None)

    def at_place(self, place: Place, found: Detections, size_px: tuple[int, int]) -> Detections:
        """Return the boxes, in pixels, that are of a place: what was there is there again."""
        weak = self.worth_a_look(found)
        mine = [is_same_place(to_view(box, size_px), place.box) for box in weak.xyxy]
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
