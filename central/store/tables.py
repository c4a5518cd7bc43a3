"""The tables, as they are since the newest migration; what no query needs by itself is JSON.

A test holds these models to the migrations. Nothing outside ``central.store`` imports them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from analytics.messages import (
    EvidenceRole,
    IncidentKind,
    IncidentPhase,
    MediaType,
    Position,
    RecheckAnswer,
    ReplyOutcome,
    Severity,
)
from central.complaints import ActorKind, EventReason, Status
from central.incidents import Hold, ReviewState
from central.reading import DeadLetterFault, Subject

Document = Mapping[str, Any]
"""A JSON object; Any, because its shape is the wire model's that wrote it and reads it back."""

Key = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only where the type is exactly INTEGER."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time; SQLite forgets the zone, so that it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return ``value`` in UTC, as SQLite has to store it for its text to sort."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return ``value`` as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _word(words: type[StrEnum], length: int = 32) -> Enum:
    """Return a column type for ``words``: plain text, so that a new word needs no migration."""
    return Enum(
        words,
        native_enum=False,
        length=length,
        values_callable=lambda members: [member.value for member in members],
    )


_WORDS: tuple[type[StrEnum], ...] = (
    ActorKind,
    DeadLetterFault,
    EventReason,
    EvidenceRole,
    Hold,
    IncidentKind,
    IncidentPhase,
    MediaType,
    RecheckAnswer,
    ReplyOutcome,
    ReviewState,
    Severity,
    Status,
    Subject,
)


def position_of(
    latitude_deg: float | None, longitude_deg: float | None, accuracy_m: float | None = None
) -> Position | None:
    """Return the place that three columns hold; None where it is not known."""
    if latitude_deg is None or longitude_deg is None:
        return None
    return Position(latitude_deg=latitude_deg, longitude_deg=longitude_deg, accuracy_m=accuracy_m)


class Table(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        UUID: Uuid(),
        Document: JSON(),
        bytes: LargeBinary(),
    } | {word: _word(word) for word in _WORDS}


class SiteRow(Table):
    """A site: what it last said of itself, and its name from the catalogue."""

    __tablename__ = "site"

    site: Mapped[str] = mapped_column(String(63), primary_key=True)
    name: Mapped[str | None] = mapped_column(String(120))
    catalogue_at: Mapped[datetime | None]
    status: Mapped[Document | None]
    status_at: Mapped[datetime | None]


class CameraRow(Table):
    """A camera: its entry in the catalogue, and its newest health."""

    __tablename__ = "camera"

    site: Mapped[str] = mapped_column(String(63), primary_key=True)
    camera: Mapped[str] = mapped_column(String(63), primary_key=True)
    is_listed: Mapped[bool] = mapped_column(default=False, server_default=false())
    entry: Mapped[Document | None]
    health: Mapped[Document | None]
    observed_at: Mapped[datetime | None]


class MessageRow(Table):
    """A message that was taken: what makes a second delivery change nothing.

    By site as well: an id that another site has used says nothing of this one's message.
    """

    __tablename__ = "message"

    site: Mapped[str] = mapped_column(String(63), primary_key=True)
    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(index=True)


class ComplaintRow(Table):
    """A complaint; its place is that of the incident that opened it."""

    __tablename__ = "complaint"
    __table_args__ = (
        Index("ix_complaint_category_last_seen_at", "category", "last_seen_at"),
        Index("ix_complaint_category_latitude_deg", "category", "latitude_deg"),
        Index("ix_complaint_site_camera_started_at", "site", "camera", "started_at"),
    )

    complaint_id: Mapped[int] = mapped_column(Key, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    category: Mapped[str] = mapped_column(String(63))
    kind: Mapped[IncidentKind]
    agency: Mapped[str] = mapped_column(String(120))
    status: Mapped[Status] = mapped_column(index=True)
    severity: Mapped[Severity]
    site: Mapped[str] = mapped_column(String(63))
    camera: Mapped[str] = mapped_column(String(63))
    zone: Mapped[str | None] = mapped_column(String(63))
    latitude_deg: Mapped[float | None]
    longitude_deg: Mapped[float | None]
    accuracy_m: Mapped[float | None]
    is_automatic: Mapped[bool]
    opened_at: Mapped[datetime]
    status_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    started_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    duplicate_of: Mapped[int | None] = mapped_column(ForeignKey("complaint.complaint_id"))


class IncidentRow(Table):
    """The newest revision of an incident; ``message`` is all of it, as it came."""

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_review_started_at", "review", "started_at"),
        Index("ix_incident_started_at_incident_id", "started_at", "incident_id"),
    )

    incident_id: Mapped[UUID] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(String(63))
    camera: Mapped[str] = mapped_column(String(63))
    kind: Mapped[IncidentKind]
    revision: Mapped[int] = mapped_column(BigInteger)
    phase: Mapped[IncidentPhase]
    started_at: Mapped[datetime]
    observed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    message: Mapped[Document]
    received_at: Mapped[datetime]
    review: Mapped[ReviewState]
    hold: Mapped[Hold | None]
    reviewed_at: Mapped[datetime | None]
    reviewed_by: Mapped[str | None] = mapped_column(String(120))
    review_note: Mapped[str | None] = mapped_column(Text)
    complaint_id: Mapped[int | None] = mapped_column(
        ForeignKey("complaint.complaint_id"), index=True
    )


class EvidenceRow(Table):
    """A picture. Its incident may come later, hence no foreign key."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("incident_id", "sha256", "role", "site", "camera"),)

    site: Mapped[str] = mapped_column(String(63), primary_key=True)
    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[UUID]
    camera: Mapped[str] = mapped_column(String(63))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    role: Mapped[EvidenceRole]
    media_type: Mapped[MediaType]
    width_px: Mapped[int]
    height_px: Mapped[int]
    captured_at: Mapped[datetime]
    blurred_regions: Mapped[int] = mapped_column(BigInteger)
    # Deferred: a list of complaints must not load every picture.
    content: Mapped[bytes] = mapped_column(deferred=True)


class ComplaintEventRow(Table):
    """One line of a complaint's history; never changed, never removed."""

    __tablename__ = "complaint_event"

    event_id: Mapped[int] = mapped_column(Key, primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.complaint_id"), index=True)
    at: Mapped[datetime]
    actor_kind: Mapped[ActorKind]
    actor: Mapped[str] = mapped_column(String(130))
    from_status: Mapped[Status | None]
    to_status: Mapped[Status]
    reason: Mapped[EventReason]
    note: Mapped[str] = mapped_column(Text)


class RecheckRow(Table):
    """When a camera is asked to look again at one incident, and what it answered last.

    ``resolved_at`` is the resolution that it is asked for, again until that is settled; without one
    it is asked once. ``next_at`` is empty when nobody will ask any more.
    """

    __tablename__ = "recheck"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.incident_id"), primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.complaint_id"), index=True)
    since_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    command_id: Mapped[UUID | None] = mapped_column(unique=True)
    asked_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    outcome: Mapped[ReplyOutcome | None]
    answer: Mapped[RecheckAnswer | None]
    text: Mapped[str] = mapped_column(Text)


class ComplaintCountRow(Table):
    """How many complaints a year has had; the next one's number comes from here."""

    __tablename__ = "complaint_count"

    year: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    count: Mapped[int]


class DeadLetterRow(Table):
    """A message that could not be taken; the same one again is counted here."""

    __tablename__ = "dead_letter"
    __table_args__ = ({"sqlite_autoincrement": True},)

    dead_letter_id: Mapped[int] = mapped_column(Key, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    topic: Mapped[str] = mapped_column(Text)
    fault: Mapped[DeadLetterFault]
    detail: Mapped[str] = mapped_column(Text)
    payload: Mapped[bytes] = mapped_column(deferred=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    times_seen: Mapped[int] = mapped_column(BigInteger)


class ChangeRow(Table):
    """One change of the books, for screens that follow them; removed after a day."""

    __tablename__ = "change"
    # A number must not be given twice, even after the newest row was removed.
    __table_args__ = ({"sqlite_autoincrement": True},)

    sequence: Mapped[int] = mapped_column(Key, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    subject: Mapped[Subject]
    key: Mapped[str] = mapped_column(String(130))
