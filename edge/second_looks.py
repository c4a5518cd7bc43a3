"""Takes orders to look again, and answers them: with pictures, as a revision of the incident."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from analytics.detections import BoolArray
from analytics.frames import Image
from analytics.incidents import OPEN_PHASES, updated, verified
from analytics.messages import (
    EvidenceMessage,
    EvidenceRef,
    EvidenceRole,
    IncidentKind,
    IncidentMessage,
    RecheckAnswer,
    RecheckReason,
    ReplyOutcome,
)
from analytics.places import Place
from edge.keeping import evidence_refs
from edge.photographer import Photographer
from edge.rechecks import RecheckOrder, RecheckReply
from edge.reporting import Reporter
from edge.second_look import Answer, SecondLook
from edge.sight import Sight
from edge.slow_places import ZonePlaces
from models.detector import Detector
from models.errors import DetectorError

_AT_ONCE = 4
"""Second looks that are under way at a time: each keeps an empty scene of its own."""


class SecondLooks:
    """The second looks of one camera. For the looking thread, but for `ask`.

    Parameters
    ----------
    zones
        The places that can be looked at again.
    reply
        Told the answer to each order, in the looking thread.
    every_s
        Time between looks that the camera's own empty scene is learnt from, seconds.
    """

    def __init__(
        self,
        zones: Sequence[ZonePlaces],
        detectors: Mapping[IncidentKind, Detector],
        reporters: Mapping[IncidentKind, Reporter],
        photographer: Photographer,
        *,
        reply: Callable[[RecheckReply], None],
        every_s: float,
    ) -> None:
        self._zones = zones
        self._detectors = detectors
        self._reporters = reporters
        self._photographer = photographer
        self._reply = reply
        self._every_s = every_s
        self._asked: deque[RecheckOrder] = deque()
        self._begun: list[SecondLook] = []

    def ask(self, order: RecheckOrder) -> None:
        """Take an order; from any thread."""
        self._asked.append(order)

    def begin(self, sight: Sight | None, at: datetime) -> None:
        """Begin what was asked for, a few at a time; where the view cannot be trusted, say so."""
        while self._asked and len(self._begun) < _AT_ONCE:
            order = self._asked.popleft()
            place = self._place(order)
            if at >= order.expires_at:
                self._cannot_see(order, RecheckReason.NOT_IN_TIME)
            elif place is None:
                reason = RecheckReason.UNKNOWN_INCIDENT
                self._reply(RecheckReply(order, ReplyOutcome.REFUSED, reason=reason))
            elif sight is None:
                self._cannot_see(order, RecheckReason.VIEW_NOT_TRUSTED)
            elif sight.eyesight.is_dark:
                self._cannot_see(order, RecheckReason.DARK)
            else:
                self._begun.append(
                    SecondLook(
                        order,
                        *place,
                        sight,
                        self._detectors[place[0].kind],
                        at,
                        self._every_s,
                    )
                )

    def is_due(self, at: datetime) -> bool:
        """Return whether one of them would take in a look at ``at``."""
        return any(second.is_due(at) for second in self._begun)

    def look(self, image: Image, hidden: BoolArray, at: datetime) -> None:
        """Take one look in, see `SecondLook.look`."""
        for second in self._begun:
            if second.is_due(at):
                second.look(image, hidden, at)

    def answer_next(self, sight: Sight, at: datetime) -> bool:
        """Answer one order that can be answered; tell whether there was one.

        Raises
        ------
        models.errors.DetectorError
            Where the inference failed; the order is answered so.
        """
        ready = next((one for one in self._begun if one.is_ready(at)), None)
        if ready is None:
            return False
        self._begun.remove(ready)
        try:
            answer = ready.answer(sight.reference)
        except DetectorError as exc:
            self._reply(RecheckReply(ready.order, ReplyOutcome.FAILED, text=str(exc)[:500]))
            raise
        if answer.answer is RecheckAnswer.CANNOT_SEE:
            self._cannot_see(ready.order, answer.reason)
            return True
        refs = self._tell(ready, answer, sight, at)
        self._reply(
            RecheckReply(
                ready.order, ReplyOutcome.DONE, answer.answer, answer.reason, evidence=refs
            )
        )
        return True

    def give_up(self) -> None:
        """Answer all that was begun: the view is not the one that they began with."""
        begun, self._begun = self._begun, []
        for second in begun:
            self._cannot_see(second.order, RecheckReason.VIEW_NOT_TRUSTED)

    def expire(self, now: datetime) -> None:
        """Answer those that nobody waits for any longer."""
        for second in [one for one in self._begun if now >= one.order.expires_at]:
            self._begun.remove(second)
            self._cannot_see(second.order, RecheckReason.NOT_IN_TIME)
        for _ in range(len(self._asked)):
            order = self._asked.popleft()
            if now >= order.expires_at:
                self._cannot_see(order, RecheckReason.NOT_IN_TIME)
            else:
                self._asked.append(order)

    def _place(self, order: RecheckOrder) -> tuple[ZonePlaces, Place] | None:
        return next(
            (
                (zone, place)
                for zone in self._zones
                for place in zone.places
                if place.incident_of(order.incident_id) is not None
            ),
            None,
        )

    def _tell(
        self, second: SecondLook, answer: Answer, sight: Sight, at: datetime
    ) -> tuple[EvidenceRef, ...]:
        """Store what a second look found, as a revision with its pictures."""
        zone, place = second.places, second.place
        reporter, last = self._reporters[zone.kind], place.incident_of(second.order.incident_id)
        if last is None:
            return ()
        if answer.answer is RecheckAnswer.GONE:
            if place.is_open and last is place.incident:
                place.close(at)
            revision = verified(last, reporter.sender, at)
        elif last.phase in OPEN_PHASES:
            place.reopen(at)
            revision = updated(last, sight.finding(zone, place), reporter.sender, at)
        else:
            # It came back, or was never gone: a new incident tells so with the next look.
            place.reopen(at)
            place.confidence = place.confidence or last.confidence
            return ()
        pictures = self._pair(second, revision, at)
        reporter.store(revision, pictures)
        place.told(revision)
        return evidence_refs(pictures)

    def _pair(
        self, second: SecondLook, revision: IncidentMessage, at: datetime
    ) -> list[EvidenceMessage]:
        scenes = second.scenes(at)
        roles = (EvidenceRole.BEFORE, EvidenceRole.AFTER)[-len(scenes) :]
        return [
            picture
            for one, role in zip(scenes, roles, strict=True)
            for picture in self._photographer.of_scene(revision, one.image, role, one.seen_at)
        ]

    def _cannot_see(self, order: RecheckOrder, reason: RecheckReason) -> None:
        self._reply(RecheckReply(order, ReplyOutcome.DONE, RecheckAnswer.CANNOT_SEE, reason))
