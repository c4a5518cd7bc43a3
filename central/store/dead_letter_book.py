"""Writes messages that could not be taken, so that a person can see what was in them."""

import hashlib
from dataclasses import dataclass
from typing import Self

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from analytics.messages import MAX_EVIDENCE_BYTES
from central.errors import NotFoundError
from central.reading import DeadLetterFault, Subject
from central.store.database import Writing, upsert
from central.store.tables import DeadLetterRow

KEPT_PAYLOAD_BYTES = 64 * 1024
"""Enough to see what it was; a sender of rubbish must not fill the disk with it."""

KEPT_WHOLE = frozenset({DeadLetterFault.UNKNOWN_VERSION, DeadLetterFault.PROCESSING})
"""Nothing is wrong with these messages themselves: a later program may take them."""

KEPT_WHOLE_BYTES = MAX_EVIDENCE_BYTES + 64 * 1024
"""No message that the wire contract allows is larger."""

KEPT_DEAD_LETTERS = 10_000
"""Beyond this the oldest are removed; the total that ever came is a metric."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not be taken.

    Attributes
    ----------
    sha256
        Of topic and payload: the same message again is the same dead letter.
    topic, detail
        Without control characters, which a terminal would obey.
    payload
        All of it where the fault is in `KEPT_WHOLE`, else at most `KEPT_PAYLOAD_BYTES`.
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
        kept = KEPT_WHOLE_BYTES if fault in KEPT_WHOLE else KEPT_PAYLOAD_BYTES
        digest = hashlib.sha256(topic.encode("utf-8", "surrogatepass") + b"\0" + payload)
        return cls(
            sha256=digest.hexdigest(),
            topic=_printable(topic)[:1000],
            fault=fault,
            detail=_printable(detail)[:2000],
            payload=payload[:kept],
            size_bytes=len(payload),
        )

    @property
    def is_whole(self) -> bool:
        """Whether all of the payload was kept."""
        return len(self.payload) == self.size_bytes

    @property
    def payload_text(self) -> str:
        """The payload as a terminal may be shown it: bytes that are no text are escaped."""
        return _printable(self.payload.decode("utf-8", "backslashreplace"))


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


def read_dead_letter(session: Session, dead_letter_id: int) -> DeadLetter:
    """Return one with what is kept of its payload.

    Raises
    ------
    NotFoundError
        Where there is none of that id.
    """
    row = _row(session, dead_letter_id)
    return DeadLetter(
        sha256=row.sha256,
        topic=row.topic,
        fault=row.fault,
        detail=row.detail,
        payload=row.payload,
        size_bytes=row.size_bytes,
    )


def drop_dead_letter(writing: Writing, dead_letter_id: int) -> None:
    """Remove one for good.

    Raises
    ------
    NotFoundError
        Where there is none of that id.
    """
    row = _row(writing.session, dead_letter_id)
    writing.note(Subject.DEAD_LETTER, row.sha256)
    writing.session.delete(row)


def prune_dead_letters(writing: Writing, *, kept: int) -> int:
    """Remove the oldest beyond the newest ``kept``, and return how many that were."""
    # Not by counting back from the newest id: PostgreSQL also spends one on each repetition.
    first_gone = (
        select(DeadLetterRow.dead_letter_id)
        .order_by(DeadLetterRow.dead_letter_id.desc())
        .offset(kept)
        .limit(1)
        .scalar_subquery()
    )
    gone = writing.session.execute(
        delete(DeadLetterRow)
        .where(DeadLetterRow.dead_letter_id <= first_gone)
        .returning(DeadLetterRow.dead_letter_id)
    )
    return len(gone.all())


def _row(session: Session, dead_letter_id: int) -> DeadLetterRow:
    row = session.get(DeadLetterRow, dead_letter_id)
    if row is None:
        raise NotFoundError("dead letter", str(dead_letter_id))
    return row


def _printable(text: str) -> str:
    """Return ``text`` with all that is not plainly visible as an escape.

    A terminal would obey some of it, a screen turn lines around, and PostgreSQL takes neither NUL
    nor halves of surrogate pairs.
    """
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )
