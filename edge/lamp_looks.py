"""Takes orders to look again at street lamps, and answers them.

A lamp's watch judges each look anyway; a second look is what it saw in the next few of them.
"""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from analytics.incidents import updated, verified
from analytics.lamp_sight import LampSight
from analytics.lamps import LampWatch
from analytics.messages import (
    EvidenceRef,
    IncidentKind,
    IncidentMessage,
    RecheckAnswer,
    RecheckReason,
    ReplyOutcome,
)
from edge.keeping import evidence_refs
from edge.lamps import KeptLamps
from edge.photographer import Photographer
from edge.rechecks import RecheckOrder, RecheckReply
from edge.reporting import Reporter
from edge.watches import Look, Watch

_LOOKS: Final = 6
"""Looks by night that an answer is made of; more than half of them must agree."""
_EVERY: Final = timedelta(seconds=2)
"""Least time between them: the head lamps of a car have passed by then."""

_ANSWERS: Final = {
    RecheckReason.LIT: RecheckAnswer.GONE,
    RecheckReason.FOUND_AGAIN: RecheckAnswer.STILL_THERE,
}
"""What each reason means; all others, that it could not be seen."""


class LampLooks:
    """The second looks at one camera's lamps. For the looking thread, but for `knows` and `ask`.

    Parameters
    ----------
    watches
        Those of the camera.
    lamps
        Knows the lamps, and what was told of each.
    reply
        Told the answer to each order, in the looking thread.
    """

    def __init__(
        self,
        watches: Sequence[Watch],
        lamps: KeptLamps,
        reporter: Reporter,
        photographer: Photographer,
        *,
        reply: Callable[[RecheckReply], None],
    ) -> None:
        self._watches = {one.place: one for one in watches if one.kind is IncidentKind.STREET_LIGHT}
        self._lamps = lamps
        self._reporter = reporter
        self._photographer = photographer
        self._reply = reply
        self._asked: deque[RecheckOrder] = deque()
        self._begun: list[_SecondLook] = []

    def __bool__(self) -> bool:
        """Return whether the camera has lamps at all."""
        return bool(self._watches)

    def knows(self, incident_id: UUID) -> bool:
        """Return whether an incident is one of the lamps'; from any thread."""
        return self._lamps.incident_of(incident_id) is not None

    def ask(self, order: RecheckOrder) -> None:
        """Take an order; from any thread."""
        self._asked.append(order)

    def look(self, look: Look) -> None:
        """Take in a look of a view that can be trusted, after the watches have."""
        at = look.frame.captured_at
        self.expire(at)
        for second in tuple(self._begun):
            reason = second.look(at)
            if reason is not None:
                self._answer(second, reason, look)

    def look_away(self) -> None:
        """Note that the view cannot be trusted."""
        self._begin()
        for second in tuple(self._begun):
            self._answer(second, RecheckReason.VIEW_NOT_TRUSTED)

    def expire(self, now: datetime) -> None:
        """Answer those that nobody waits for any longer."""
        self._begin()
        for second in tuple(self._begun):
            if now >= second.order.expires_at:
                self._answer(second, RecheckReason.NOT_IN_TIME)

    def _begin(self) -> None:
        while self._asked:
            order = self._asked.popleft()
            incident = self._lamps.incident_of(order.incident_id)
            if incident is None:
                reason = RecheckReason.UNKNOWN_INCIDENT
                self._reply(RecheckReply(order, ReplyOutcome.REFUSED, reason=reason))
            else:
                watch = self._watches[incident.zone]
                self._begun.append(_SecondLook(order, watch, self._lamps.watch_of(incident)))

    def _answer(
        self, second: "_SecondLook", reason: RecheckReason, look: Look | None = None
    ) -> None:
        self._begun.remove(second)
        answer = _ANSWERS.get(reason, RecheckAnswer.CANNOT_SEE)
        refs: tuple[EvidenceRef, ...] = ()
        if look is not None:
            refs = self._tell(second, answer, look)
        self._reply(RecheckReply(second.order, ReplyOutcome.DONE, answer, reason, evidence=refs))

    def _tell(
        self, second: "_SecondLook", answer: RecheckAnswer, look: Look
    ) -> tuple[EvidenceRef, ...]:
        """Store what was found, as a revision with its pictures; return these."""
        revision = self._revision(second, answer, look.frame.captured_at)
        if revision is None:
            return ()
        pictures = second.watch.pictures(self._photographer, look, revision)
        self._reporter.store(revision, pictures)
        self._lamps.told(revision)
        self._lamps.keep()
        return evidence_refs(pictures)

    def _revision(
        self, second: "_SecondLook", answer: RecheckAnswer, at: datetime
    ) -> IncidentMessage | None:
        watch, lamp = second.watch, second.lamp
        last = self._lamps.incident_of(second.order.incident_id)
        is_open = watch.last is not None and watch.last.incident_id == second.order.incident_id
        if last is None or answer is RecheckAnswer.CANNOT_SEE:
            return None
        if answer is RecheckAnswer.GONE:
            # An open incident after this one is closed by the watch with its next look.
            lamp.take_as_mended()
            if is_open:
                watch.last = None
            return verified(last, self._reporter.sender, at)
        # Of one that was closed the watch has to make sure anew, night by night.
        if not is_open or lamp.finding is None:
            return None
        watch.last = updated(last, lamp.finding, self._reporter.sender, at)
        return watch.last


@dataclass(slots=True, eq=False)
class _SecondLook:
    """One order, and what was seen since it came."""

    order: RecheckOrder
    watch: Watch
    lamp: LampWatch
    sights: Counter[LampSight] = field(default_factory=Counter)
    at: datetime | None = None

    def look(self, at: datetime) -> RecheckReason | None:
        """Take in what the lamp's watch saw at ``at``; return why to answer, once that is known."""
        if not self.lamp.is_night:
            return RecheckReason.DAYLIGHT
        is_soon = self.at is not None and timedelta(0) <= at - self.at < _EVERY
        if self.lamp.sight is None or is_soon:
            return None
        self.at = at
        self.sights[self.lamp.sight] += 1
        if self.sights.total() < _LOOKS:
            return None
        ((sight, looks),) = self.sights.most_common(1)
        if 2 * looks <= _LOOKS:
            return RecheckReason.HIDDEN
        match sight:
            case LampSight.LIT:
                return RecheckReason.LIT
            case LampSight.DARK:
                return RecheckReason.FOUND_AGAIN
            case LampSight.UNSURE:
                return RecheckReason.HIDDEN
