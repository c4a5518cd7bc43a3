"""What the screens and the API read: frozen views of the books, made by ``central.store``.

No SQL, no HTTP and no words for people in here; times are aware UTC.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from analytics.messages import (
    DecodeFault,
    EvidenceRole,
    IncidentKind,
    IncidentPhase,
    Losses,
    Measurement,
    MediaType,
    OutboxFigures,
    Position,
    Quality,
    RecheckAnswer,
    ReplyOutcome,
    Severity,
    SiteState,
    StreamFault,
    StreamState,
    ViewState,
)
from central.complaints import ActorKind, EventReason, Status
from central.incidents import Hold, ReviewState


@dataclass(frozen=True, slots=True)
class Place:
    """Which camera and zone, with the names that people know them by.

    Attributes
    ----------
    camera_name, zone_name
        From the site's catalogue; the slug where the catalogue has not come yet.
    simulated
        The camera's pictures are recorded or made, not of now.
    position
        The incident's own, else its camera's; None where neither is known.
    """

    site: str
    camera: str
    camera_name: str
    zone: str | None
    zone_name: str | None
    simulated: bool
    position: Position | None


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One picture that has arrived; its bytes come from ``Store.evidence``."""

    sha256: str
    incident_id: UUID
    role: EvidenceRole
    media_type: MediaType
    width_px: int
    height_px: int
    captured_at: datetime
    blurred_regions: int


_ROLES = (EvidenceRole.ANNOTATED, EvidenceRole.CONTEXT)


def best_picture(pictures: Iterable[EvidenceItem]) -> str | None:
    """Return the digest of the newest annotated picture, else of the newest context; or None."""
    newest_first = sorted(pictures, key=lambda picture: picture.captured_at, reverse=True)
    for role in _ROLES:
        for picture in newest_first:
            if picture.role is role:
                return picture.sha256
    return None


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """One place before and after, from the same view."""

    before: EvidenceItem
    after: EvidenceItem


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """The bytes of one picture, and how they are to be read."""

    sha256: str
    media_type: MediaType
    content: bytes


@dataclass(frozen=True, slots=True)
class IncidentItem:
    """The newest revision of one incident, and what central made of it.

    Attributes
    ----------
    is_open
        The camera still sees it.
    review
        Whether an operator's word is awaited, or what it was.
    hold
        Why no complaint was opened by itself; None where one was.
    category, agency
        What a complaint about it is filed under; None where its kind opens none.
    complaint
        Number of the complaint it belongs to.
    """

    incident_id: UUID
    kind: IncidentKind
    phase: IncidentPhase
    revision: int
    place: Place
    started_at: datetime
    observed_at: datetime
    ended_at: datetime | None
    is_open: bool
    severity: Severity
    confidence: float
    quality: Quality
    measurement: Measurement
    review: ReviewState
    hold: Hold | None
    category: str | None
    agency: str | None
    complaint: str | None
    evidence: tuple[EvidenceItem, ...]

    def before_after(self) -> BeforeAfter | None:
        """Return its newest pair of pictures; None where there is none."""
        after = next((one for one in self.evidence if one.role is EvidenceRole.AFTER), None)
        before = next((one for one in self.evidence if one.role is EvidenceRole.BEFORE), None)
        if before and after:
            return BeforeAfter(before, after)
        return self._dark_and_lit() if self.kind is IncidentKind.STREET_LIGHT else None

    def _dark_and_lit(self) -> BeforeAfter | None:
        """Return a lamp's first close-up and its newest, where it shines on that."""
        # All close-ups of a lamp show the same part of the view, so any two of them are a pair.
        near = [one for one in self.evidence if one.role is EvidenceRole.CLOSE_UP]
        if self.ended_at is None or not near:
            return None
        newest, first = near[0], near[-1]
        is_pair = first.captured_at < self.ended_at <= newest.captured_at
        return BeforeAfter(first, newest) if is_pair else None


@dataclass(frozen=True, slots=True)
class ComplaintSummary:
    """One complaint in a list.

    Attributes
    ----------
    opened_at
        When central opened it.
    started_at, last_seen_at
        When its incidents began, and when the newest of them was last seen.
    updated_at
        When anything last changed on it.
    sightings
        Incidents that belong to it.
    incident_open
        A camera still sees it.
    evidence_sha256
        The `best_picture` of all its incidents.
    duplicate_of
        Number of the complaint that took its place.
    """

    number: str
    category: str
    kind: IncidentKind
    agency: str
    status: Status
    severity: Severity
    place: Place
    opened_at: datetime
    updated_at: datetime
    started_at: datetime
    last_seen_at: datetime
    sightings: int
    incident_open: bool
    evidence_sha256: str | None
    duplicate_of: str | None


@dataclass(frozen=True, slots=True)
class ComplaintEventItem:
    """One line of a complaint's history."""

    at: datetime
    actor_kind: ActorKind
    actor: str
    from_status: Status | None
    to_status: Status
    reason: EventReason
    note: str


@dataclass(frozen=True, slots=True)
class RecheckItem:
    """What a camera was asked to look at again, and what it said last.

    Attributes
    ----------
    asked_at, expires_at
        Of the newest question; None where it has not gone out yet.
    answered_at, outcome, answer, text
        Of the last answer, which may be to an earlier question.
    next_at
        When it is asked next; None where nobody will ask again.
    is_awaited
        The newest question has no answer yet; after ``expires_at`` none will come.
    """

    incident_id: UUID
    asked_at: datetime | None
    expires_at: datetime | None
    answered_at: datetime | None
    outcome: ReplyOutcome | None
    answer: RecheckAnswer | None
    text: str
    next_at: datetime | None
    is_awaited: bool


@dataclass(frozen=True, slots=True)
class ComplaintDetail:
    """One complaint with all that is known of it; newest incident first, oldest event first.

    Attributes
    ----------
    rechecks
        What its cameras were asked to look at again, the question of last first.
    can_recheck
        It is about something that a camera can look at again.
    """

    summary: ComplaintSummary
    incidents: tuple[IncidentItem, ...]
    evidence: tuple[EvidenceItem, ...]
    events: tuple[ComplaintEventItem, ...]
    rechecks: tuple[RecheckItem, ...]
    can_recheck: bool
    allowed_next: tuple[Status, ...]
    """Where an operator may move it."""


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """How one camera is doing.

    Attributes
    ----------
    stream
        None where the camera is in the catalogue but never said anything.
    is_stale
        Its last word is too old to be trusted, or its site is offline.
    """

    place: Place
    stream: StreamState | None
    stream_since: datetime | None
    fault: StreamFault | None
    view: ViewState
    overloaded: bool
    frames_per_s: float
    looks_per_s: float
    frame_age_s: float | None
    inference_ms: float | None
    reconnects: int
    losses: Losses
    observed_at: datetime | None
    is_stale: bool

    @property
    def losses_total(self) -> int:
        """Everything that was not kept since the edge started."""
        # Given-up incidents are among those that were not stored, and frames that were not decoded
        # are no looks: they would drown all else.
        left_out = {"incidents_lost", "frames_skipped"}
        return sum(self.losses.model_dump(exclude=left_out).values())

    @property
    def is_running(self) -> bool:
        """The stream runs, and that is known to be so now."""
        return self.stream is StreamState.RUNNING and not self.is_stale


@dataclass(frozen=True, slots=True)
class SiteHealth:
    """Whether a site is online, and how much waits on its disk.

    Attributes
    ----------
    state
        None where only its catalogue or its cameras have been heard of.
    at
        The site's own last word on itself.
    """

    site: str
    name: str
    state: SiteState | None
    at: datetime | None
    software: str | None
    outbox: OutboxFigures | None
    cameras: int
    cameras_running: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures at the top of the screen."""

    open: int
    new: int
    reopened: int
    awaiting_review: int
    dead_letters: int
    cameras_running: int
    cameras_total: int
    sites_online: int
    sites_total: int


@dataclass(frozen=True, slots=True)
class Overview:
    """How cameras and sites are, and the figures: all of one moment."""

    counts: Counts
    cameras: tuple[CameraHealth, ...]
    sites: tuple[SiteHealth, ...]


class DeadLetterFault(StrEnum):
    """Why a message could not be taken; the wire's faults and one of central's own."""

    UNKNOWN_TOPIC = DecodeFault.UNKNOWN_TOPIC.value
    OVERSIZED = DecodeFault.OVERSIZED.value
    MALFORMED = DecodeFault.MALFORMED.value
    UNKNOWN_VERSION = DecodeFault.UNKNOWN_VERSION.value
    INVALID = DecodeFault.INVALID.value
    FOREIGN = DecodeFault.FOREIGN.value
    DIGEST_MISMATCH = DecodeFault.DIGEST_MISMATCH.value
    PROCESSING = "processing"


@dataclass(frozen=True, slots=True)
class DeadLetterItem:
    """A message that could not be taken.

    Attributes
    ----------
    sha256
        Of topic and payload; what it is told apart by.
    size_bytes
        Of the whole payload, of which at most 64 KiB are kept.
    """

    dead_letter_id: int
    sha256: str
    topic: str
    fault: DeadLetterFault
    detail: str
    size_bytes: int
    first_seen_at: datetime
    last_seen_at: datetime
    times_seen: int


class Subject(StrEnum):
    """What a change is about."""

    COMPLAINT = "complaint"
    INCIDENT = "incident"
    CAMERA = "camera"
    SITE = "site"
    DEAD_LETTER = "dead_letter"


@dataclass(frozen=True, slots=True)
class Change:
    """Something in the books changed; read it anew.

    Attributes
    ----------
    sequence
        Grows with every change, in the order in which they were committed.
    key
        A complaint's number, an incident's id, ``site/camera``, a site, or a dead letter's digest.
    """

    sequence: int
    subject: Subject
    key: str


@dataclass(frozen=True, slots=True)
class Feed:
    """Changes after a place in the feed.

    Attributes
    ----------
    has_gap
        Changes before the first one are no longer kept: whoever reads has to read all anew.
    """

    changes: tuple[Change, ...]
    latest: int
    has_gap: bool
