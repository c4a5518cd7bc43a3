"""Holds what a pipeline told of a scenario against what is true."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from analytics.messages import (
    IncidentKind,
    IncidentMessage,
    PotholeMeasurement,
    RecheckAnswer,
    RubbishMeasurement,
)
from scripts.slow_scene.scenario import END, Ask, Box, Thing, Truth
from scripts.slow_scene.sky import is_dark

LEAST_HOLE_PX = 25
"""Width from which on a pothole is to be found."""

_LEAST_OVERLAP = 0.2
"""Intersection over union from which on an incident is of a thing, wherever its middle is."""


@dataclass(frozen=True, slots=True)
class Told:
    """One incident, over all its revisions.

    Attributes
    ----------
    box
        Left, top, right and bottom as fractions of the view, as it was told last.
    ends
        When it was said to have ended, each time.
    ended_at
        None where it is open at the end.
    """

    incident_id: UUID
    kind: IncidentKind
    box: tuple[float, float, float, float] | None
    opened_at: datetime
    ends: tuple[datetime, ...]
    ended_at: datetime | None
    confidence: float


@dataclass(frozen=True, slots=True)
class ThingScore:
    """What was told of a thing: the incidents at its place while it was there."""

    thing: Thing
    told: tuple[Told, ...]

    @property
    def is_counted(self) -> bool:
        """Whether it is large enough to count."""
        return self.thing.kind is not IncidentKind.POTHOLE or self.thing.width_px >= LEAST_HOLE_PX

    @property
    def is_once(self) -> bool:
        """Whether it was opened once."""
        return len(self.told) == 1

    @property
    def is_seen_gone(self) -> bool:
        """Whether, once it was gone, all that was told of it ended; and not before."""
        ends = [one.ended_at for one in self.told]
        is_ended = bool(ends) and all(ends)
        return is_ended and not self.ends_early

    @property
    def ends_early(self) -> bool:
        """Whether an incident of it ended while it was there."""
        return any(end < self.thing.there.until for one in self.told for end in one.ends)


@dataclass(frozen=True, slots=True)
class AskScore:
    """A recheck and what was answered; None where nothing was, or where nothing could be asked."""

    ask: Ask
    answer: RecheckAnswer | None

    @property
    def is_right(self) -> bool:
        """Whether it was answered, and rightly.

        What the dark is to hide, and is found in the light of lamps all the same, is there.
        """
        if self.ask.answer is RecheckAnswer.CANNOT_SEE and is_dark(self.ask.at):
            return self.answer in (RecheckAnswer.CANNOT_SEE, RecheckAnswer.STILL_THERE)
        return self.answer is self.ask.answer


@dataclass(frozen=True, slots=True)
class Score:
    """What a pipeline made of one scenario.

    Attributes
    ----------
    false
        Incidents of what is not there.
    """

    name: str
    things: tuple[ThingScore, ...]
    false: tuple[Told, ...]
    asks: tuple[AskScore, ...]


def told_of(messages: Sequence[IncidentMessage]) -> list[Told]:
    """Return the incidents of a run's messages, in the order in which they were opened."""
    revisions: dict[UUID, list[IncidentMessage]] = {}
    for message in messages:
        revisions.setdefault(message.incident_id, []).append(message)
    return [_told(sorted(some, key=lambda one: one.revision)) for some in revisions.values()]


def is_of(told: Told, thing: Thing, size_px: tuple[int, int]) -> bool:
    """Tell whether an incident is of a thing: of its kind, at its place, opened while it is there.

    Notes
    -----
    At its place is an incident whose middle lies in the thing's box grown by half of it on each
    side, or that overlaps it enough: a part of a heap is found as often as the whole.
    """
    if told.kind is not thing.kind or told.box is None or not thing.there.holds(told.opened_at):
        return False
    width, height = size_px
    box = told.box[0] * width, told.box[1] * height, told.box[2] * width, told.box[3] * height
    left, top, wide, tall = thing.box
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    is_near = abs(x - left - wide / 2) <= wide and abs(y - top - tall / 2) <= tall
    return is_near or _overlap(box, thing.box) >= _LEAST_OVERLAP


def score(
    name: str,
    truth: Truth,
    messages: Sequence[IncidentMessage],
    answers: Mapping[Ask, RecheckAnswer],
) -> Score:
    """Return what was right and wrong in a run of a scenario.

    Parameters
    ----------
    messages
        All revisions that the pipeline kept.
    answers
        To those rechecks that were answered.
    """
    told = told_of(messages)
    things = tuple(
        ThingScore(thing, tuple(one for one in told if is_of(one, thing, truth.size_px)))
        for thing in truth.things
    )
    right = {one.incident_id for thing in things for one in thing.told}
    false = tuple(
        one for one in told if one.incident_id not in right and not _is_right_fault(one, truth)
    )
    asks = tuple(AskScore(ask, answers.get(ask)) for ask in truth.asks)
    return Score(name, things, false, asks)


def _told(revisions: Sequence[IncidentMessage]) -> Told:
    first, last = revisions[0], revisions[-1]
    measurement = last.measurement
    box = None
    if isinstance(measurement, PotholeMeasurement | RubbishMeasurement):
        box = measurement.view_box
    return Told(
        first.incident_id,
        first.kind,
        box,
        first.observed_at,
        tuple(one.ended_at for one in revisions if one.ended_at is not None),
        last.ended_at,
        max(one.confidence for one in revisions),
    )


def _is_right_fault(told: Told, truth: Truth) -> bool:
    """Tell whether an incident says that the camera is turned, or in the dark, when it is."""
    is_fault = told.kind is IncidentKind.CAMERA_FAULT
    at = told.opened_at
    return is_fault and (is_dark(at) or any(span.holds(at) for span in truth.turned))


def _overlap(box: tuple[float, float, float, float], other: Box) -> float:
    left, top, width, height = other
    wide = min(box[2], left + width) - max(box[0], left)
    tall = min(box[3], top + height) - max(box[1], top)
    both = max(wide, 0.0) * max(tall, 0.0)
    return both / ((box[2] - box[0]) * (box[3] - box[1]) + width * height - both)


@dataclass(frozen=True, slots=True)
class Totals:
    """What the scores of a set come to."""

    holes: int
    holes_once: int
    heaps: int
    heaps_once: int
    false: int
    ended_early: int
    mended: int
    mended_seen: int
    asks: int
    asks_right: int
    asks_wrong: int


def totals(scores: Sequence[Score]) -> Totals:
    """Return the sums over scenarios; holes that are too small to count are left out of all."""
    counted = [thing for one in scores for thing in one.things if thing.is_counted]
    holes = [thing for thing in counted if thing.thing.kind is IncidentKind.POTHOLE]
    heaps = [thing for thing in counted if thing.thing.kind is IncidentKind.RUBBISH]
    mended = [thing for thing in counted if thing.thing.there.until < END and thing.told]
    asks = [ask for one in scores for ask in one.asks]
    return Totals(
        holes=len(holes),
        holes_once=sum(thing.is_once for thing in holes),
        heaps=len(heaps),
        heaps_once=sum(thing.is_once for thing in heaps),
        false=sum(len(one.false) for one in scores),
        ended_early=sum(thing.ends_early for thing in counted),
        mended=len(mended),
        mended_seen=sum(thing.is_seen_gone for thing in mended),
        asks=len(asks),
        asks_right=sum(ask.is_right for ask in asks),
        asks_wrong=sum(ask.answer is not None and not ask.is_right for ask in asks),
    )
