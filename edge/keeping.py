"""Puts one camera's incidents on the disk, in order, also when the disk has no room for a while."""

import logging
from collections import deque
from collections.abc import Callable, Sequence

from analytics.incidents import with_evidence
from analytics.messages import EvidenceMessage, EvidenceRef, IncidentMessage
from edge.errors import OutboxError, OutboxFullError

logger = logging.getLogger(__name__)

Keep = Callable[[Sequence[IncidentMessage | EvidenceMessage]], None]
"""Stores messages in one transaction; raises `OutboxError` and stores none where it cannot."""

RETRY_S = 5.0
_MOST_HELD = 64


class Keeping:
    """Keeps revisions in order; what the disk refuses is held in memory and tried again.

    A picture that finds no room is given up, for pictures would fill the memory next; its incident
    goes without. Revisions are small: the last `_MOST_HELD` are held until there is room. Every
    refusal is counted once. Not thread-safe: a pipeline has its own.

    Parameters
    ----------
    keep
        Stores messages.
    monotonic
        Seconds of a clock that nobody sets, for the pauses between tries.

    Attributes
    ----------
    incidents_refused
        Revisions that found no room at first.
    incidents_lost
        Of these, given up because too many were held, or because the process ended.
    evidence_refused
        Pictures given up.
    """

    def __init__(self, keep: Keep, *, monotonic: Callable[[], float]) -> None:
        self._keep = keep
        self._monotonic = monotonic
        self._held: deque[IncidentMessage] = deque()
        self._next_try_s = 0.0
        self.incidents_refused = 0
        self.incidents_lost = 0
        self.evidence_refused = 0

    def __len__(self) -> int:
        """Return how many revisions are held in memory."""
        return len(self._held)

    def keep(self, incident: IncidentMessage, pictures: Sequence[EvidenceMessage]) -> None:
        """Store a revision and its pictures, behind any that are held."""
        self.retry()
        if self._held or not self._stored(incident, pictures):
            self._hold(incident)
            self.evidence_refused += len(pictures)

    def retry(self) -> None:
        """Try to store what is held, if it is time; costs nothing where nothing is held."""
        if self._held and self._monotonic() >= self._next_try_s:
            self._store_held()

    def finish(self) -> None:
        """Try to store what is held, for the last time; what finds no room now is lost."""
        if self._held:
            self._store_held()
        if self._held:
            logger.error("%d revision(s) found no room on the disk and are lost", len(self._held))
            self.incidents_lost += len(self._held)
            self._held.clear()

    def _store_held(self) -> None:
        while self._held and self._stored(self._held[0], ()):
            self._held.popleft()
        self._next_try_s = self._monotonic() + RETRY_S
        if not self._held:
            logger.info("the outbox takes incidents again")

    def _stored(self, incident: IncidentMessage, pictures: Sequence[EvidenceMessage]) -> bool:
        try:
            self._keep([with_evidence(incident, evidence_refs(pictures)), *pictures])
        except OutboxFullError:
            return bool(pictures) and self._stored_without(incident, len(pictures))
        except OutboxError as exc:
            logger.error("%s", exc)  # noqa: TRY400  # its text says it all; it may come every look
            return False
        return True

    def _stored_without(self, incident: IncidentMessage, pictures: int) -> bool:
        is_stored = self._stored(incident, ())
        self.evidence_refused += pictures if is_stored else 0
        return is_stored

    def _hold(self, incident: IncidentMessage) -> None:
        self.incidents_refused += 1
        if not self._held:
            logger.error("the outbox has no room: incidents are held in memory, pictures given up")
            self._next_try_s = self._monotonic() + RETRY_S
        self._held.append(incident)
        if len(self._held) > _MOST_HELD:
            self._held.popleft()
            self.incidents_lost += 1


def evidence_refs(pictures: Sequence[EvidenceMessage]) -> tuple[EvidenceRef, ...]:
    """Return what messages name pictures by."""
    return tuple(
        EvidenceRef(
            sha256=picture.header.sha256,
            role=picture.header.role,
            media_type=picture.header.media_type,
        )
        for picture in pictures
    )
