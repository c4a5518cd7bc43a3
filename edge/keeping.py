"""Puts one camera's incidents on the disk, in order, also when the disk has no room for a while."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from analytics.incidents import with_evidence
from analytics.messages import EvidenceMessage, EvidenceRef, IncidentMessage
from edge.errors import OutboxError, OutboxFullError

logger = logging.getLogger(__name__)

Keep = Callable[[Sequence[IncidentMessage | EvidenceMessage]], None]
"""Stores messages in one transaction; raises `OutboxError` and stores none where it cannot."""

_MOST_HELD = 64
_RETRY = timedelta(seconds=5)


class Keeping:
    """Keeps revisions in order; what the disk refuses is held in memory and tried again.

    A picture that finds no room is given up, for pictures would fill the memory next; its incident
    goes without. Revisions are small: the last `_MOST_HELD` are held until there is room. Every
    refusal is counted once. Not thread-safe: a pipeline has its own.

    Attributes
    ----------
    incidents_refused
        Revisions that found no room at first.
    incidents_lost
        Of these, given up because too many were held.
    evidence_refused
        Pictures given up.
    """

    def __init__(self, keep: Keep) -> None:
        self._keep = keep
        self._held: deque[IncidentMessage] = deque()
        self._next_try_at: datetime | None = None
        self.incidents_refused = 0
        self.incidents_lost = 0
        self.evidence_refused = 0

    def __len__(self) -> int:
        """Return how many revisions are held in memory."""
        return len(self._held)

    def keep(
        self, incident: IncidentMessage, pictures: Sequence[EvidenceMessage], at: datetime
    ) -> None:
        """Store a revision and its pictures, behind any that are held."""
        self.retry(at)
        if self._held or not self._stored(incident, pictures):
            self._hold(incident, at)
            self.evidence_refused += len(pictures)

    def retry(self, at: datetime) -> None:
        """Try to store what is held, if it is time."""
        if self._next_try_at is None or at < self._next_try_at:
            return
        while self._held and self._stored(self._held[0], ()):
            self._held.popleft()
        self._next_try_at = at + _RETRY if self._held else None
        if not self._held:
            logger.info("the outbox takes incidents again")

    def _stored(self, incident: IncidentMessage, pictures: Sequence[EvidenceMessage]) -> bool:
        refs = tuple(
            EvidenceRef(
                sha256=picture.header.sha256,
                role=picture.header.role,
                media_type=picture.header.media_type,
            )
            for picture in pictures
        )
        try:
            self._keep([with_evidence(incident, refs), *pictures])
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

    def _hold(self, incident: IncidentMessage, at: datetime) -> None:
        self.incidents_refused += 1
        if self._next_try_at is None:
            logger.error("the outbox has no room: incidents are held in memory, pictures given up")
            self._next_try_at = at + _RETRY
        self._held.append(incident)
        if len(self._held) > _MOST_HELD:
            self._held.popleft()
            self.incidents_lost += 1
