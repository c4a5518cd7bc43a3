"""Writes messages that could not be taken, so that a person can see what was in them."""

import hashlib
from dataclasses import dataclass
from typing import Self

from sqlalchemy import delete, select

from central.errors import NotFoundError
from central.reading import DeadLetterFault, Subject
from central.store.database import Writing, upsert
from central.store.tables import DeadLetterRow

KEPT_PAYLOAD_BYTES = 64 * 1024
"""Enough to see what it was; a sender of rubbish must not fill the disk with it."""

KEPT_DEAD_LETTERS = 10_000
"""Beyond this the oldest are removed; the total that ever came is a metric."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not be taken.

    Attributes
    ----------
    sha256
        Of topic and payload: the same message again is the same dead letter.
    payload
        At most `KEPT_PAYLOAD_BYTES` of it.
    size_bytes
        Of all of it.
    """

    sha256: str
    topic: str
    fault: DeadLetterFault
    detail: str
    payload: bytes
    size_bytes: int

    @classmethod
    def of(cls, topic: str, payload: bytes, fault: DeadLetterFault, detail: str) -> Self:
        """Return the dead letter of ``payload`` as it came on ``topic``."""
        digest = hashlib.sha256(topic.encode("utf-8", "surrogatepass") + b"\0" + payload)
        return cls(
            sha256=digest.hexdigest(),
            topic=_storable(topic)[:1000],
            fault=fault,
            detail=_storable(detail)[:2000],
            payload=payload[:KEPT_PAYLOAD_BYTES],
            size_bytes=len(payload),
        )


def record_dead_letter(writing: Writing, letter: DeadLetter) -> None:
    """Keep a dead letter, or count it where it is known."""
    values = {
        "sha256": letter.sha256,
        "topic": letter.topic,
        "fault": letter.fault,
        "detail": letter.detail,
        "payload": letter.payload,
        "size_bytes": letter.size_bytes,
        "first_seen_at": writing.at,
        "last_seen_at": writing.at,
        "times_seen": 1,
    }
    again = {"last_seen_at": writing.at, "times_seen": DeadLetterRow.times_seen + 1}
    writing.session.execute(
        upsert(writing.session, DeadLetterRow)
        .values(values)
        .on_conflict_do_update(index_elements=["sha256"], set_=again)
    )
    writing.note(Subject.DEAD_LETTER, letter.sha256)


def drop_dead_letter(writing: Writing, dead_letter_id: int) -> None:
    """Remove one for good.

    Raises
    ------
    NotFoundError
        Where there is none of that id.
    """
    row = writing.session.get(DeadLetterRow, dead_letter_id)
    if row is None:
        raise NotFoundError("dead letter", str(dead_letter_id))
    writing.note(Subject.DEAD_LETTER, row.sha256)
    writing.session.delete(row)


def prune_dead_letters(writing: Writing, *, kept: int) -> None:
    """Remove the oldest beyond the newest ``kept``."""
    # Not by counting back from the newest id: PostgreSQL also spends one on each repetition.
    first_gone = (
        select(DeadLetterRow.dead_letter_id)
        .order_by(DeadLetterRow.dead_letter_id.desc())
        .offset(kept)
        .limit(1)
        .scalar_subquery()
    )
    writing.session.execute(delete(DeadLetterRow).where(DeadLetterRow.dead_letter_id <= first_gone))


def _storable(text: str) -> str:
    """Return ``text`` without what PostgreSQL refuses: NUL, and halves of surrogate pairs."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
