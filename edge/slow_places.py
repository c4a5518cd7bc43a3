"""One zone's places of one kind: what an inspection's boxes mean for them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import numpy as np

from analytics.background import Background
from analytics.blocks import Window
from analytics.clean_reference import CleanReference
from analytics.detections import BoolArray, Detections, FloatArray
from analytics.eyesight import LEAST_PX
from analytics.likeness import changed_around, is_same_scene
from analytics.messages import IncidentKind, IncidentMessage, ViewBox
from analytics.places import Found, Outcome, Place, PlaceRule, Places, Scene, is_same_place
from analytics.road_surface import is_stain
from analytics.tiles import heaped
from analytics.zones import Zone
from models.manifest import Manifest

WEAK: Final = {IncidentKind.POTHOLE: 0.3, IncidentKind.RUBBISH: 0.3}
"""Confidence from which on a box counts where the ground has changed."""
_LEAST_CHANGED: Final = 0.3
"""Share of a box's blocks that must show something else than the clean place does."""
_LEAST_SEEN: Final = 0.5
"""Share of a box's blocks that must have been in sight since the last inspection."""
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
class Inspected:
    """What an inspection went by.

    Attributes
    ----------
    background, reference
        As they were when it ended.
    since_look
        The background's look that the inspection before this one ended with.
    """

    background: Background
    reference: CleanReference
    since_look: int


class ZonePlaces:
    """The places of one kind in one zone.

    Parameters
    ----------
    manifest
        Of the model that finds this kind.
    """

    def __init__(
        self,
        kind: IncidentKind,
        zone: Zone,
        rule: PlaceRule,
        manifest: Manifest,
        known: Sequence[Place] = (),
    ) -> None:
        self.kind = kind
        self.zone = zone
        self._manifest = manifest
        self._places = Places(rule, known)

    @property
    def places(self) -> Sequence[Place]:
        """All of them: open, remembered, and not yet sure."""
        return self._places.places

    def worth_a_look(self, found: Detections) -> Detections:
        """Return the boxes that may count: wide enough, sure enough, and in the zone."""
        wide = found.xyxy[:, 2] - found.xyxy[:, 0] >= LEAST_PX
        return found.where(wide & (found.confidence >= WEAK[self.kind]))

    def look(self, found: Detections, inspected: Inspected, at: datetime) -> None:
        """Take in the boxes of one inspection, in pixels of the view."""
        background = inspected.background
        size_px = background.blocks.size_px
        in_zone = found.where(self._holds(found.xyxy, size_px))
        counted = in_zone.where(self._counts(in_zone, inspected))
        if self.kind is IncidentKind.RUBBISH:
            counted = heaped(counted, _REACH)
        boxes = [
            Found(_to_view(box, size_px), float(confidence))
            for box, confidence in zip(counted.xyxy, counted.confidence, strict=True)
        ]
        in_sight = background.confirmed_since(inspected.since_look)
        self._places.look(boxes, at, unseen=lambda place: self._unseen(place, inspected, in_sight))
        for place in self.places:
            # Of a place that is hidden, or mended meanwhile, this would be no picture of the thing.
            if place.is_open and place.before is None and place.last is Outcome.SEEN:
                place.before = scene(background, place.box)

    def at_place(self, place: Place, found: Detections, background: Background) -> Detections:
        """Return the boxes, in pixels, that are of a place: what was there is there again.

        What mended a hole is not: a model sees some of it as a hole too.
        """
        size_px = background.blocks.size_px
        weak = self.worth_a_look(found)
        mine = [is_same_place(_to_view(box, size_px), place.box) for box in weak.xyxy]
        again = weak.where(np.array(mine, np.bool_))
        return (
            again if self.kind is IncidentKind.RUBBISH else again.where(~_stains(background, again))
        )

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
        """Open no place's incident anew that is not among those that are open.

        A place whose thing is still there opens another one.
        """
        for place in self.places:
            incident = place.incident
            if place.is_open and incident is not None and incident.incident_id not in told:
                place.is_open, place.incident = False, None

    def hide_all(self, at: datetime) -> None:
        """Note that nothing could be seen."""
        self._places.hide_all(at)

    def _holds(self, xyxy: FloatArray, size_px: tuple[int, int]) -> BoolArray:
        middle = (xyxy[:, :2] + xyxy[:, 2:]) / 2
        # A hole lies in the road with its middle, a heap stands at the kerb with its foot.
        y = middle[:, 1] if self.kind is IncidentKind.POTHOLE else xyxy[:, 3] - 1
        feet = np.stack([middle[:, 0], y, middle[:, 0], y], axis=1).astype(np.float32)
        return self.zone.holds(feet, size_px)

    def _counts(self, found: Detections, inspected: Inspected) -> BoolArray:
        """Return which boxes count: on changed ground, or, a pothole, sure enough by itself."""
        blocks = inspected.background.blocks
        changed = np.array(
            [
                inspected.reference.changed[blocks.touched(box[None])].mean() >= _LEAST_CHANGED
                for box in found.xyxy
            ],
            np.bool_,
        )
        if self.kind is IncidentKind.RUBBISH:
            return changed
        sure = self._manifest.confident(found)
        return (changed | sure) & ~_stains(inspected.background, found)

    def _unseen(self, place: Place, inspected: Inspected, in_sight: BoolArray) -> Outcome:
        background, size_px = inspected.background, inspected.background.blocks.size_px
        box = box_px(place.box, size_px)
        mine = background.blocks.touched(box[None])
        if not mine.any() or in_sight[mine].mean() < _LEAST_SEEN:
            return Outcome.HIDDEN
        if place.before is None:
            around = background.blocks.touched(_grown(box, _AROUND)[None])
            around &= ~background.blocks.touched(_grown(box, _OWN)[None])
            if around.any() and inspected.reference.changed[around].mean() >= _COVERED:
                return Outcome.HIDDEN
            return Outcome.GONE
        # A place that looks as clean as ever is clean, whatever else stands in its box; one that
        # was emptied is empty until something is found there.
        has_changed = inspected.reference.changed[mine].mean() >= _LEAST_CHANGED
        if place.looks and has_changed and looks_as(background, place.before, place.box):
            return Outcome.SEEN
        if is_covered(background, place.before, place.box):
            return Outcome.HIDDEN
        return Outcome.GONE


def scene(background: Background, box: ViewBox) -> Scene:
    """Return the empty scene around a box."""
    window = _window(box_px(box, background.blocks.size_px), background.blocks.size_px)
    return Scene(background.picture(window), window)


def looks_as(background: Background, before: Scene, box: ViewBox) -> bool:
    """Return whether a place still looks as it did."""
    now = background.picture(before.window)
    inner = _within(before.window, box_px(box, background.blocks.size_px))
    return is_same_scene(now, before.image, inner)


def _stains(background: Background, found: Detections) -> BoolArray:
    return np.array([_is_stain(background, box) for box in found.xyxy], np.bool_)


def _is_stain(background: Background, box: FloatArray) -> bool:
    window = _window(box, background.blocks.size_px)
    return is_stain(background.picture(window), _within(window, box))


def is_covered(background: Background, before: Scene, box: ViewBox) -> bool:
    """Return whether something larger than the thing stands where it was."""
    now = background.picture(before.window)
    inner = _within(before.window, _grown(box_px(box, background.blocks.size_px), _OWN))
    return changed_around(now, before.image, inner) >= _COVERED


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
