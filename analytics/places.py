"""One thing at one place: what many inspections found, as one finding that lasts.

::

    boxes of an inspection ─> places ─ seen often, for long ─> open
                                     ─ gone for long ────────> closed, and remembered
                                     ─ cannot be seen ───────> as it was

A place that fills again after it was emptied is the same place. Each time that it comes back it has
to stay away for twice as long, so that a bin which fills every day is one finding and not thirty.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from analytics.blocks import Window
from analytics.frames import Image
from analytics.incidents import OPEN_PHASES
from analytics.messages import IncidentMessage, ViewBox

_OVERLAP: Final = 0.2
"""Intersection over union from which on two boxes are of one place. Boxes of rough outlines jitter,
and a heap grows."""
_COVERED: Final = 0.6
"""Share of a place under the box of another one, from which on it is not seen that it is empty."""
_EARLIER: Final = 8
_FOLLOWS: Final = 0.25
"""Share of the way to the newest box that a place's box goes: boxes jitter, heaps grow over hours,
and one box of a heap and of the sun beside it must not carry the place off."""
_MOST_WAITS: Final = 5
"""Times that the wait doubles: who came back five times has to stay away 32 times as long."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A part of the empty scene.

    Attributes
    ----------
    image
        BGR uint8, ``(h, w, 3)``.
    window
        Where it lies in the picture.
    size_px
        Width and height of that picture.
    seen_at
        When it looked so, UTC.
    """

    image: Image
    window: Window
    size_px: tuple[int, int]
    seen_at: datetime


class Outcome(StrEnum):
    """What an inspection said of a place."""

    SEEN = "seen"
    GONE = "gone"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """When a thing is there, and when it is gone.

    Attributes
    ----------
    least
        Inspections that must have seen it, or missed it.
    share
        Share of the inspections since it was first seen that must have seen it, of those that
        could.
    over_s
        How long it must have been there, seconds.
    gone_s
        How long it must be gone, seconds.
    remembered_s
        How long a place is the same place after its thing was gone, seconds.
    """

    least: int = 3
    share: float = 0.6
    over_s: float = 3600.0
    gone_s: float = 3600.0
    remembered_s: float = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Found:
    """One box of an inspection."""

    box: ViewBox
    confidence: float


@dataclass(slots=True)
class Place:
    """Somewhere something was found.

    Attributes
    ----------
    box
        Around it, as it was seen of late.
    began_at
        When it was first seen; after it came back, when that was.
    first_box
        Around it, as it was seen then.
    looks, misses
        Inspections since then that saw it, and that found it gone.
    confidence
        Mean over those that saw it.
    last
        What the last inspection said.
    there_s, gone_s
        For how long it was seen there, and of late found to be gone, seconds: between inspections
        in a row that could see it, so that a night counts for nothing.
    gone_looks
        How often in a row it was found to be gone.
    told_at
        When the last inspection was, where it could see the place.
    is_open
        Whether it counts as there.
    returns
        How often it came back after it was gone.
    ended_at
        When it was last closed; None before that.
    incident
        The last revision that was told of it; None before it opened.
    earlier
        Those of the incidents before that, for each time that it came back; the last few.
    before
        The empty scene around it as it was: a hole when inspections last opened it, a heap when it
        was last found for sure.
    """

    box: ViewBox
    began_at: datetime
    first_box: ViewBox
    looks: int = 0
    misses: int = 0
    confidence: float = 0.0
    last: Outcome = Outcome.HIDDEN
    there_s: float = 0.0
    gone_s: float = 0.0
    gone_looks: int = 0
    told_at: datetime | None = None
    is_open: bool = False
    returns: int = 0
    ended_at: datetime | None = None
    incident: IncidentMessage | None = None
    earlier: list[IncidentMessage] = field(default_factory=list)
    before: Scene | None = None

    @property
    def open_incident(self) -> IncidentMessage | None:
        """The incident that goes on here; None where there is none."""
        is_open = self.incident is not None and self.incident.phase in OPEN_PHASES
        return self.incident if is_open else None

    def saw(self, found: Found, at: datetime) -> None:
        """Note that it was found; where it had been gone, it begins anew."""
        if not self.looks:
            self.began_at, self.box, self.first_box = at, found.box, found.box
            self.told_at = None
        x1, y1, x2, y2 = (
            was + _FOLLOWS * (now - was) for was, now in zip(self.box, found.box, strict=True)
        )
        self.box = (x1, y1, x2, y2)
        self.confidence += (found.confidence - self.confidence) / (self.looks + 1)
        self.note(Outcome.SEEN, at)

    def note(self, outcome: Outcome, at: datetime) -> None:
        """Note what an inspection said."""
        self.last = outcome
        step_s = 0.0 if self.told_at is None else max((at - self.told_at).total_seconds(), 0.0)
        self.told_at = None if outcome is Outcome.HIDDEN else at
        match outcome:
            case Outcome.SEEN:
                self.looks += 1
                self.there_s += step_s
                self.gone_s, self.gone_looks = 0.0, 0
            case Outcome.GONE:
                self.misses += 1
                self.gone_s += step_s if self.gone_looks else 0.0
                self.gone_looks += 1

    def told(self, revision: IncidentMessage) -> None:
        """Note a revision of one of its incidents; a new incident takes the place of the last."""
        self.earlier = [
            revision if one.incident_id == revision.incident_id else one for one in self.earlier
        ]
        if revision in self.earlier:
            return
        if self.incident is not None and self.incident.incident_id != revision.incident_id:
            self.earlier = [*self.earlier, self.incident][-_EARLIER:]
        self.incident = revision

    def incident_of(self, incident_id: UUID) -> IncidentMessage | None:
        """Return the last revision of one of its incidents; None where it had no such."""
        mine = [*self.earlier, *([self.incident] if self.incident else [])]
        return next((one for one in mine if one.incident_id == incident_id), None)

    def close(self, at: datetime) -> None:
        """Call it gone; it may come back."""
        self.is_open, self.ended_at, self.returns = False, at, self.returns + 1
        self.forget()

    def reopen(self, at: datetime) -> None:
        """Call it there again, without waiting for inspections to agree."""
        if not self.is_open:
            self.is_open, self.began_at = True, at
            self.looks, self.misses = max(self.looks, 1), 0

    def forget(self) -> None:
        """Go back to where nothing was seen here, but for what is remembered of it."""
        self.looks = self.misses = self.gone_looks = 0
        self.there_s = self.gone_s = 0.0


class Places:
    """The places of one kind of thing in one zone. Time is that of the inspections.

    Parameters
    ----------
    known
        Places from before a restart.
    """

    def __init__(self, rule: PlaceRule, known: Iterable[Place] = ()) -> None:
        self._rule = rule
        self.places: list[Place] = list(known)

    def look(
        self,
        found: Sequence[Found],
        at: datetime,
        *,
        unseen: Callable[[Place], Outcome],
    ) -> None:
        """Take in what an inspection found.

        Parameters
        ----------
        unseen
            What it means that nothing was found at a place: gone, hidden, or, where it still looks
            as it did, seen.
        """
        left = list(found)
        # The open ones first: a heap that grows over a candidate is still that heap.
        for place in sorted(self.places, key=lambda one: not one.is_open):
            mine = [one for one in left if is_same_place(one.box, place.box)]
            if mine:
                # Not the surest: beside a heap may lie what is taken for one for an hour.
                place.saw(max(mine, key=lambda one: overlap(one.box, place.box)), at)
                left = [one for one in left if one not in mine]
                continue
            outcome = unseen(place)
            if (
                outcome is Outcome.GONE
                and place.is_open
                and any(_covers(one.box, place.box) for one in found)
            ):
                # Its neighbour grew over it, or hides it: nobody sees that nothing is left.
                outcome = Outcome.HIDDEN
            place.note(outcome, at)
        for one in left:
            place = Place(one.box, at, one.box)
            place.saw(one, at)
            self.places.append(place)
        self.places = self._distinct()
        for place in self.places:
            self._judge(place, at)
        self.places = [place for place in self.places if self._is_kept(place, at)]

    def hide_all(self, at: datetime) -> None:
        """Note that nothing could be seen."""
        for place in self.places:
            place.note(Outcome.HIDDEN, at)

    def _distinct(self) -> list[Place]:
        """Return the places without candidates that turned out to be a part of another one.

        Pieces that lie apart are found one by one, and then as one heap.
        """
        kept: list[Place] = []
        first = sorted(
            self.places, key=lambda one: (not one.is_open, one.last is not Outcome.SEEN, -one.looks)
        )
        for place in first:
            is_candidate = not place.is_open and place.incident is None and place.ended_at is None
            if not (is_candidate and any(is_same_place(place.box, one.box) for one in kept)):
                kept.append(place)
        chosen = {id(place) for place in kept}
        return [place for place in self.places if id(place) in chosen]

    def _judge(self, place: Place, at: datetime) -> None:
        if place.is_open:
            if self._is_gone(place):
                place.close(at)
        elif self._is_there(place):
            place.is_open, place.before = True, None

    def _is_there(self, place: Place) -> bool:
        rule, told = self._rule, place.looks + place.misses
        return (
            place.last is Outcome.SEEN
            and place.looks >= max(rule.least, rule.share * told)
            and place.there_s >= rule.over_s
        )

    def _is_gone(self, place: Place) -> bool:
        waits_s = self._rule.gone_s * 2 ** min(place.returns, _MOST_WAITS)
        return place.gone_looks >= self._rule.least and place.gone_s >= waits_s

    def _is_kept(self, place: Place, at: datetime) -> bool:
        if place.is_open:
            return True
        is_gone = place.gone_looks >= self._rule.least
        if place.ended_at is None:
            return not is_gone
        if is_gone:
            # It was seen again too rarely to count: what it was before is what is remembered.
            place.forget()
        return at - place.ended_at < timedelta(seconds=self._rule.remembered_s)


def is_same_place(a: ViewBox, b: ViewBox) -> bool:
    """Tell whether two boxes overlap enough, or the middle of the smaller lies in the other."""
    shared = overlap(a, b)
    if shared >= _OVERLAP or not shared:
        return shared > 0
    small, large = (a, b) if _area(a) < _area(b) else (b, a)
    x, y = (small[0] + small[2]) / 2, (small[1] + small[3]) / 2
    return large[0] <= x <= large[2] and large[1] <= y <= large[3]


def overlap(a: ViewBox, b: ViewBox) -> float:
    """Return the intersection over union of two boxes, 0 to 1."""
    both = _shared_area(a, b)
    return both / (_area(a) + _area(b) - both)


def _covers(box: ViewBox, other: ViewBox) -> bool:
    return _shared_area(box, other) >= _COVERED * _area(other)


def _shared_area(a: ViewBox, b: ViewBox) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return max(width, 0.0) * max(height, 0.0)


def _area(box: ViewBox) -> float:
    return max((box[2] - box[0]) * (box[3] - box[1]), 1e-12)
