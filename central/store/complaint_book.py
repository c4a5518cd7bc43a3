"""Writes complaints: opens, attaches, moves. Each move is checked and leaves a line of history."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from analytics.messages import IncidentPhase, Severity
from central.complaints import (
    CITY_TIME,
    NOTE_REQUIRED,
    TAKES_SIGHTINGS,
    Actor,
    ActorKind,
    EventReason,
    Status,
    camera_move,
    check_move,
    complaint_number,
)
from central.errors import IncompleteMoveError, NotFoundError
from central.merging import Candidate, Sighting, Spot, best_match, latitude_band
from central.opening import KindPolicy, city_day
from central.reading import Subject
from central.store.database import Writing, upsert
from central.store.recheck_schedule import follow_complaint, hand_over_rechecks
from central.store.tables import (
    ComplaintCountRow,
    ComplaintEventRow,
    ComplaintRow,
    IncidentRow,
    position_of,
)

_SEVERITIES = tuple(Severity)
"""From low to high, as the wire contract lists them."""


@dataclass(frozen=True, slots=True)
class Finding:
    """An incident in the books, with what a complaint about it takes over."""

    row: IncidentRow
    spot: Spot
    severity: Severity

    @property
    def sighting(self) -> Sighting:
        """What merging compares."""
        return Sighting(self.spot, self.row.started_at, self.row.observed_at)


def find_match(session: Session, finding: Finding, policy: KindPolicy) -> ComplaintRow | None:
    """Return the complaint that the finding belongs to; hold the lock of its category."""
    match = best_match(
        finding.sighting,
        _candidates(session, finding, policy),
        window_s=policy.window_s,
        radius_m=policy.radius_m,
    )
    return None if match is None else session.get_one(ComplaintRow, match.complaint_id)


def opened_on_day(session: Session, row: IncidentRow, policy: KindPolicy) -> int:
    """Return how many complaints the incident's camera opened by itself on the incident's day."""
    start, end = city_day(row.started_at)
    count = session.scalar(
        select(func.count())
        .select_from(ComplaintRow)
        .where(
            ComplaintRow.site == row.site,
            ComplaintRow.camera == row.camera,
            ComplaintRow.category == policy.category,
            ComplaintRow.is_automatic,
            ComplaintRow.started_at >= start,
            ComplaintRow.started_at < end,
        )
    )
    return count or 0


def open_complaint(writing: Writing, finding: Finding, policy: KindPolicy, actor: Actor) -> None:
    """Open a complaint about the finding, and settle it: an ended incident resolves it at once."""
    at, spot, row = writing.at, finding.spot, finding.row
    is_automatic = actor.kind is ActorKind.CAMERA
    complaint = ComplaintRow(
        number=_next_number(writing),
        category=policy.category,
        kind=row.kind,
        agency=policy.agency,
        status=Status.NEW,
        severity=finding.severity,
        site=spot.site,
        camera=spot.camera,
        zone=spot.zone,
        latitude_deg=None if spot.position is None else spot.position.latitude_deg,
        longitude_deg=None if spot.position is None else spot.position.longitude_deg,
        accuracy_m=None if spot.position is None else spot.position.accuracy_m,
        is_automatic=is_automatic,
        opened_at=at,
        status_at=at,
        updated_at=at,
        started_at=row.started_at,
        last_seen_at=row.observed_at,
    )
    writing.session.add(complaint)
    writing.session.flush()
    row.complaint_id = complaint.complaint_id
    reason = EventReason.OPENED_BY_CAMERA if is_automatic else EventReason.OPENED_BY_OPERATOR
    write_event(writing, complaint, None, actor, reason, "")
    settle(writing, complaint, finding, is_new_sighting=True)


def attach(writing: Writing, complaint: ComplaintRow, finding: Finding) -> None:
    """Count the finding on a complaint that is already about its thing."""
    finding.row.complaint_id = complaint.complaint_id
    settle(writing, complaint, finding, is_new_sighting=True)


def settle(
    writing: Writing, complaint: ComplaintRow, finding: Finding, *, is_new_sighting: bool
) -> None:
    """Bring a complaint up to date with a new revision of one of its incidents.

    Parameters
    ----------
    is_new_sighting
        The incident was not the complaint's before. A later revision of one that was reopens the
        complaint only where it was seen after the complaint was closed: that another one has not
        ended yet says nothing, for nobody has looked since.
    """
    row = finding.row
    complaint.started_at = min(complaint.started_at, row.started_at)
    complaint.last_seen_at = max(complaint.last_seen_at, row.observed_at)
    complaint.severity = max(complaint.severity, finding.severity, key=_SEVERITIES.index)
    touch(writing, complaint)
    is_seen = row.ended_at is None and row.observed_at > complaint.status_at
    actor = Actor(ActorKind.CAMERA, f"{row.site}/{row.camera}")
    _follow_cameras(writing, complaint, actor, may_reopen=is_new_sighting or is_seen)


def _follow_cameras(
    writing: Writing, complaint: ComplaintRow, actor: Actor, *, may_reopen: bool
) -> None:
    """Move a complaint as its incidents say: what a second look found gone, in two steps."""
    while (step := _camera_move(writing.session, complaint)) is not None:
        to, reason = step
        if to is Status.REOPENED and not may_reopen:
            break
        move(writing, complaint, to, actor, reason, "")
    follow_complaint(writing, complaint)


def _camera_move(session: Session, complaint: ComplaintRow) -> tuple[Status, EventReason] | None:
    """Return where the incidents of a complaint move it, as they are now."""
    session.flush()
    mine = IncidentRow.complaint_id == complaint.complaint_id
    still_open = session.scalar(
        select(func.count()).select_from(IncidentRow).where(mine, IncidentRow.ended_at.is_(None))
    )
    unverified = session.scalar(
        select(func.count())
        .select_from(IncidentRow)
        .where(mine, IncidentRow.phase != IncidentPhase.VERIFIED)
    )
    return camera_move(
        complaint.status, incident_is_open=bool(still_open), all_verified=not unverified
    )


def move_by_operator(
    writing: Writing, number: str, to: Status, *, actor: Actor, note: str, duplicate_of: str | None
) -> None:
    """Move a complaint as an operator says.

    A duplicate hands its incidents over to the complaint that takes its place, so that what the
    camera still sees is counted there, and reopens that one where it was closed.

    Raises
    ------
    NotFoundError
        Where there is no such complaint, or none with the number ``duplicate_of``.
    IllegalMoveError
        Where its life has no such step.
    IncompleteMoveError
        Where a rejection has no note, or a duplicate no other complaint.
    """
    complaint = locked_complaint(writing, number)
    check_move(number, complaint.status, to, actor.kind)
    if to in NOTE_REQUIRED and not note.strip():
        raise IncompleteMoveError(f"to become {to.value}, {number} needs a note that says why")
    if to is Status.DUPLICATE:
        _hand_over(writing, complaint, duplicate_of)
    elif duplicate_of is not None:
        raise IncompleteMoveError(f"duplicate_of goes with the status {Status.DUPLICATE.value}")
    move(writing, complaint, to, actor, EventReason.MOVED_BY_OPERATOR, note)
    follow_complaint(writing, complaint)


def locked_complaint(writing: Writing, number: str) -> ComplaintRow:
    """Return the complaint with its category locked, as it is now.

    Raises
    ------
    NotFoundError
        Where there is none of that number.
    """
    complaint = _by_number(writing.session, number)
    writing.lock(complaint.category)
    writing.session.refresh(complaint)
    return complaint


def _by_number(session: Session, number: str) -> ComplaintRow:
    complaint = session.scalar(select(ComplaintRow).where(ComplaintRow.number == number))
    if complaint is None:
        raise NotFoundError("complaint", number)
    return complaint


def _hand_over(writing: Writing, complaint: ComplaintRow, number: str | None) -> None:
    if number is None or number == complaint.number:
        raise IncompleteMoveError(
            f"to become {Status.DUPLICATE.value}, {complaint.number} needs the number of another "
            "complaint in duplicate_of"
        )
    other = _by_number(writing.session, number)
    # What is rejected is not reopened by a camera: what it still sees would be hidden there.
    if other.category != complaint.category or other.status not in TAKES_SIGHTINGS:
        raise IncompleteMoveError(
            f"{number} cannot take the place of {complaint.number}: it is {other.status.value}, of "
            f"category {other.category}; expected {complaint.category}, and neither rejected nor "
            "a duplicate itself"
        )
    incidents = writing.session.scalars(
        select(IncidentRow).where(IncidentRow.complaint_id == complaint.complaint_id)
    )
    for incident in incidents:
        incident.complaint_id = other.complaint_id
    other.started_at = min(other.started_at, complaint.started_at)
    other.last_seen_at = max(other.last_seen_at, complaint.last_seen_at)
    complaint.duplicate_of = other.complaint_id
    touch(writing, other)
    hand_over_rechecks(writing, complaint, other)
    actor = Actor(ActorKind.CAMERA, f"{complaint.site}/{complaint.camera}")
    _follow_cameras(writing, other, actor, may_reopen=True)


def move(
    writing: Writing,
    complaint: ComplaintRow,
    to: Status,
    actor: Actor,
    reason: EventReason,
    note: str,
) -> None:
    """Move a complaint, and write its line of history.

    Raises
    ------
    IllegalMoveError
        Where its life has no such step.
    """
    check_move(complaint.number, complaint.status, to, actor.kind)
    before, complaint.status = complaint.status, to
    complaint.status_at = writing.at
    write_event(writing, complaint, before, actor, reason, note)


def write_event(
    writing: Writing,
    complaint: ComplaintRow,
    before: Status | None,
    actor: Actor,
    reason: EventReason,
    note: str,
) -> None:
    """Write a line of history; ``before`` is the status that the complaint had until then."""
    writing.session.add(
        ComplaintEventRow(
            complaint_id=complaint.complaint_id,
            at=writing.at,
            actor_kind=actor.kind,
            actor=actor.name,
            from_status=before,
            to_status=complaint.status,
            reason=reason,
            note=note.strip(),
        )
    )
    touch(writing, complaint)


def touch(writing: Writing, complaint: ComplaintRow) -> None:
    """Say that something has changed on a complaint."""
    complaint.updated_at = writing.at
    writing.note(Subject.COMPLAINT, complaint.number)


def _next_number(writing: Writing) -> str:
    counted = (
        upsert(writing.session, ComplaintCountRow)
        .values(year=writing.at.astimezone(CITY_TIME).year, count=1)
        .on_conflict_do_update(index_elements=["year"], set_={"count": ComplaintCountRow.count + 1})
        .returning(ComplaintCountRow.count)
    )
    return complaint_number(writing.at, writing.session.execute(counted).scalar_one())


def _candidates(session: Session, finding: Finding, policy: KindPolicy) -> list[Candidate]:
    """Return the complaints that might match: merging decides, this keeps the others unread."""
    spot, window = finding.spot, timedelta(seconds=policy.window_s)
    place = and_(ComplaintRow.site == spot.site, ComplaintRow.camera == spot.camera)
    if spot.position is not None:
        band = latitude_band(spot.position, policy.radius_m)
        place = or_(place, ComplaintRow.latitude_deg.between(band.south_deg, band.north_deg))
    rows = session.execute(
        select(
            ComplaintRow.complaint_id,
            ComplaintRow.status,
            ComplaintRow.site,
            ComplaintRow.camera,
            ComplaintRow.zone,
            ComplaintRow.latitude_deg,
            ComplaintRow.longitude_deg,
            ComplaintRow.started_at,
            ComplaintRow.last_seen_at,
        ).where(
            place,
            ComplaintRow.category == policy.category,
            ComplaintRow.status.in_(sorted(TAKES_SIGHTINGS)),
            ComplaintRow.last_seen_at >= finding.row.started_at - window,
            ComplaintRow.started_at <= finding.row.observed_at + window,
        )
    )
    return [
        Candidate(
            complaint_id=row.complaint_id,
            status=row.status,
            spot=Spot(
                row.site, row.camera, row.zone, position_of(row.latitude_deg, row.longitude_deg)
            ),
            started_at=row.started_at,
            last_seen_at=row.last_seen_at,
        )
        for row in rows
    ]
