"""What must reach central, on the site's disk until central says that it is committed.

What `Outbox.put` returned from survives a power cut. It knows no broker: how often a message is
sent and which are on their way is `edge.in_flight`'s matter, in memory, because a restarted edge
sends everything again anyway.
"""

import logging
import threading
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import UUID

from pydantic import ValidationError

from analytics.messages import (
    Channel,
    EvidenceMessage,
    IncidentMessage,
    IncidentPhase,
    OutboxFigures,
    TrafficMessage,
    camera_topic,
    encode,
)
from edge.errors import OutboxFullError
from edge.file_lock import FileLock
from edge.outbox_file import Entry, OutboxFile, Stored

__all__ = ["Entry", "Outbox", "OutboxMessage", "OutboxReader"]

logger = logging.getLogger(__name__)

OutboxMessage = IncidentMessage | EvidenceMessage | TrafficMessage

MIN_LIMIT_BYTES = 256 * 1024
"""Less holds nothing that is worth the name: a picture alone may have 512 KiB."""

_INCIDENTS_ONLY = 0.2
"""The last share of the room, kept for incidents: a hundred of them weigh one picture."""

_CHANNELS: dict[type[OutboxMessage], Channel] = {
    IncidentMessage: Channel.INCIDENT,
    EvidenceMessage: Channel.EVIDENCE,
    TrafficMessage: Channel.TRAFFIC,
}


class OutboxReader:
    """Looks into an outbox without changing it, also while a site runs on it.

    Raises
    ------
    OutboxError
        Where there is no readable outbox at ``path``; from every method too.
    """

    def __init__(self, path: Path) -> None:
        self._file = OutboxFile.read_only(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def entries(self, limit: int) -> list[Entry]:
        """Return the oldest messages that central has not acked, ``limit`` at most."""
        return self._file.after(0, limit=limit)

    def figures(self, at: datetime) -> OutboxFigures:
        """Return how much waits; what a running site counts in memory is not in it."""
        return _figures(self._file.measure(), at)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Outbox:
    """The site's one outbox. Every method may be called from any thread.

    Parameters
    ----------
    path
        The file; made, with its folder, where it is missing.
    limit_bytes
        The most that the file may take; its journal takes some megabytes more while it works.

    Raises
    ------
    OutboxError
        Where the file is damaged, not ours, or in use by another process. It is never deleted or
        replaced: what is in it happened, and nobody else knows.
    ValueError
        Where ``limit_bytes`` is below ``MIN_LIMIT_BYTES``.
    """

    def __init__(self, path: Path, *, limit_bytes: int) -> None:
        if limit_bytes < MIN_LIMIT_BYTES:
            msg = f"an outbox of {limit_bytes} bytes, expected at least {MIN_LIMIT_BYTES}"
            raise ValueError(msg)
        self._mutex = threading.Lock()
        self._refused = 0
        self._pictures_refused = False
        self._incidents_refused = False
        # Acked, but not deleted yet: to delete takes room in the journal, and a full disk has none.
        self._acked: set[UUID] = set()
        self._lock = FileLock(path)
        try:
            self._file = OutboxFile.create(path, limit_bytes=limit_bytes)
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def put(self, messages: Sequence[OutboxMessage], *, at: datetime) -> None:
        """Store ``messages``, all or none; on return they are on the disk.

        Incidents are sent before the pictures of the same call. A message that is stored already
        is left as it is.

        Raises
        ------
        OutboxFullError
            Where the disk or the limit has no room. Pictures and figures are refused earlier than
            incidents are: put the incidents again by themselves.
        OutboxError
            Where the disk failed otherwise.
        """
        ordered = sorted(messages, key=lambda one: not isinstance(one, IncidentMessage))
        others = sum(not isinstance(one, IncidentMessage) for one in ordered)
        with self._mutex:
            try:
                with self._file.transaction():
                    self._file.delete(self._acked)
                    for message in ordered:
                        self._insert(message, at)
                    if others:
                        self._check_room_is_left_for_incidents()
            except OutboxFullError:
                # The incidents of a mixed call come again by themselves, and count then.
                self._refused += others or len(ordered)
                self._pictures_refused |= others > 0
                self._incidents_refused |= others == 0
                raise
            self._acked.clear()
            self._incidents_refused = False
            self._pictures_refused &= others == 0

    def ack(self, message_ids: Iterable[UUID]) -> int:
        """Forget messages that central has committed; return how many were still here.

        On a full disk they are hidden at once, and deleted when there is room.

        Raises
        ------
        OutboxError
            Where the disk failed otherwise; they are hidden all the same.
        """
        with self._mutex:
            fresh = {one for one in message_ids if self._file.has(one)} - self._acked
            self._acked |= fresh
            if not self._acked:
                return 0
            try:
                with self._file.transaction():
                    self._file.delete(self._acked)
            except OutboxFullError:
                return len(fresh)
            self._acked.clear()
            self._pictures_refused = self._incidents_refused = False
            return len(fresh)

    def after(self, entry_id: int, *, limit: int) -> list[Entry]:
        """Return the first messages put after ``entry_id``, in order, ``limit`` at most."""
        with self._mutex:
            found = self._file.after(entry_id, limit=limit + len(self._acked))
            return [one for one in found if one.message_id not in self._acked][:limit]

    def get(self, entry_ids: Iterable[int]) -> list[Entry]:
        """Return those of the named messages that are not acked, in the order of the names."""
        with self._mutex:
            found = [self._file.get(one) for one in entry_ids]
            return [one for one in found if one and one.message_id not in self._acked]

    def entries(self, limit: int) -> list[Entry]:
        """Return the oldest messages that central has not acked, ``limit`` at most."""
        return self.after(0, limit=limit)

    def figures(self, at: datetime) -> OutboxFigures:
        """Return how much waits, and what found no room since the start.

        The outbox counts as full from the first refusal until a message of that sort fits again,
        or an ack made room.
        """
        with self._mutex:
            stored = _figures(self._file.measure(), at)
            depth = stored.depth - len(self._acked)
            counted = {
                "depth": depth,
                "oldest_age_s": stored.oldest_age_s if depth else None,
                "refused": self._refused,
                "is_full": self._pictures_refused or self._incidents_refused,
            }
        return stored.model_copy(update=counted)

    def open_incidents(self) -> list[IncidentMessage]:
        """Return the last revision of each incident that is not closed, acked or not.

        The oldest comes first. A restarted edge goes on with these, instead of opening the same
        jam a second time.
        """
        with self._mutex:
            payloads = self._file.open_incidents()
        incidents = []
        for payload in payloads:
            try:
                incidents.append(IncidentMessage.model_validate_json(payload))
            except ValidationError:
                logger.exception(
                    "an open incident in %s cannot be read, so nothing will close it: close its"
                    " complaint at central",
                    self._file.path,
                )
        return sorted(incidents, key=lambda one: one.started_at)

    def close(self) -> None:
        """Close the file and let the next process in; what is stored stays."""
        with self._mutex:
            self._file.close()
            self._lock.release()

    def _insert(self, message: OutboxMessage, at: datetime) -> None:
        payload = encode(message)
        topic = camera_topic(message.site, message.camera, _CHANNELS[type(message)])
        is_new = self._file.insert(message.message_id, topic, payload, at=at)
        if not is_new or not isinstance(message, IncidentMessage):
            return
        if message.phase in {IncidentPhase.OPENED, IncidentPhase.UPDATED}:
            self._file.keep_open(message.incident_id, payload)
        else:
            self._file.keep_closed(message.incident_id)

    def _check_room_is_left_for_incidents(self) -> None:
        limit = self._file.limit_bytes()
        used = self._file.used_bytes()
        room = int(limit * (1 - _INCIDENTS_ONLY))
        if used > room:
            msg = (
                f"no room in the outbox {self._file.path}: {used} bytes with this, and of its"
                f" {limit} the last {limit - room} are kept for incidents"
            )
            raise OutboxFullError(msg)


def _figures(stored: Stored, at: datetime) -> OutboxFigures:
    age = None if stored.oldest_put_at is None else at - stored.oldest_put_at
    return OutboxFigures(
        depth=stored.depth,
        # A clock that was set back must not make an age negative.
        oldest_age_s=None if age is None else max(0.0, age.total_seconds()),
        size_bytes=stored.used_bytes,
    )
