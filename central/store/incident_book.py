"""Writes incidents, and lets them open complaints, join them or await an operator."""

from uuid import UUID

from analytics.messages import CatalogueCamera, IncidentKind, IncidentMessage
from central.complaints import OPEN, Actor, ActorKind
from central.errors import (
    ForeignIncidentError,
    IllegalReviewError,
    IncompleteMoveError,
    NotFoundError,
)
from central.incidents import Decision, Hold, ReviewState, supersedes
from central.merging import Spot
from central.opening import KindPolicy, Policies, hold_of
from central.reading import Subject
from central.store.complaint_book import (
    Finding,
    attach,
    find_match,
    open_complaint,
    opened_on_day,
    settle,
)
from central.store.database import Writing
from central.store.tables import CameraRow, ComplaintRow, IncidentRow


def record_incident(writing: Writing, message: IncidentMessage, policies: Policies) -> None:
    """Take one revision of an incident; an old one changes nothing.

    An incident that ended before central heard of it counts like any other: its complaint is
    opened and resolved at once, so that an outage hides nothing.

    Raises
    ------
    ForeignIncidentError
        Where the incident belongs to another camera, or is of another kind.
    """
    row = writing.session.get(IncidentRow, message.incident_id)
    if row is not None and (row.site, row.camera, row.kind) != (
        message.site,
        message.camera,
        message.kind,
    ):
        raise ForeignIncidentError(str(message.incident_id), f"{row.site}/{row.camera}")
    if not supersedes(message.revision, None if row is None else row.revision):
        return
    if row is None:
        row = IncidentRow(
            incident_id=message.incident_id,
            site=message.site,
            camera=message.camera,
            kind=message.kind,
            received_at=writing.at,
            review=ReviewState.NOT_NEEDED,
        )
        writing.session.add(row)
    row.revision = message.revision
    row.phase = message.phase
    row.started_at = message.started_at
    row.observed_at = message.observed_at
    row.ended_at = message.ended_at
    row.message = message.model_dump(mode="json", exclude_none=True)
    writing.note(Subject.INCIDENT, str(message.incident_id))
    _file(writing, _finding(writing, row, message), message, policies.get(message.kind))


def review_incident(
    writing: Writing,
    incident_id: UUID,
    decision: Decision,
    *,
    actor: Actor,
    note: str,
    policies: Policies,
) -> None:
    """Write down what an operator says of an incident; a confirmed one becomes a complaint.

    Raises
    ------
    NotFoundError
        Where there is no such incident.
    IllegalReviewError
        Where it awaits no review.
    IncompleteMoveError
        Where it is dismissed without a note, or confirmed though its kind has no category (any
        more).
    """
    if decision is Decision.DISMISS and not note.strip():
        raise IncompleteMoveError(f"to dismiss incident {incident_id}, a note must say why")
    row = writing.session.get(IncidentRow, incident_id)
    if row is None:
        raise NotFoundError("incident", str(incident_id))
    policy = policies.get(row.kind)
    writing.lock(lock_name(row.kind, policies))
    writing.session.refresh(row)
    if row.review is not ReviewState.AWAITING:
        raise IllegalReviewError(str(incident_id), row.review.value)
    row.reviewed_at, row.reviewed_by, row.review_note = writing.at, actor.name, note.strip()
    writing.note(Subject.INCIDENT, str(incident_id))
    if decision is Decision.DISMISS:
        row.review = ReviewState.DISMISSED
        return
    if policy is None:
        raise IncompleteMoveError(
            f"incident {incident_id} can be dismissed only: central's configuration has no "
            f"categories.{row.kind.value}, which says what to file it under"
        )
    row.review = ReviewState.CONFIRMED
    finding = _finding(writing, row, IncidentMessage.model_validate(row.message))
    match = find_match(writing.session, finding, policy)
    if match is not None:
        attach(writing, match, finding)
    else:
        open_complaint(writing, finding, policy, actor)


def lock_name(kind: IncidentKind, policies: Policies) -> str:
    """Return what to lock before incidents of ``kind`` are looked at: their category."""
    policy = policies.get(kind)
    return kind.value if policy is None else policy.category


def _file(
    writing: Writing, finding: Finding, message: IncidentMessage, policy: KindPolicy | None
) -> None:
    row = finding.row
    if row.complaint_id is not None:
        complaint = writing.session.get_one(ComplaintRow, row.complaint_id)
        settle(writing, complaint, finding, is_new_sighting=False)
        return
    if row.review is ReviewState.DISMISSED:
        return
    hold = hold_of(policy, confidence=message.confidence, quality=message.quality.level)
    match = find_match(writing.session, finding, policy) if policy is not None else None
    # A doubtful sighting counts on an open complaint, but it may not reopen a closed one.
    if match is not None and (hold is None or match.status in OPEN):
        _release(row)
        attach(writing, match, finding)
    elif policy is None or hold is not None:
        _hold(row, hold)
    elif opened_on_day(writing.session, row, policy) >= policy.daily_cap:
        _hold(row, Hold.DAILY_CAP)
    else:
        _release(row)
        actor = Actor(ActorKind.CAMERA, f"{row.site}/{row.camera}")
        open_complaint(writing, finding, policy, actor)


def _hold(row: IncidentRow, hold: Hold | None) -> None:
    row.hold = hold
    awaits = hold is not Hold.NO_COMPLAINT_KIND
    row.review = ReviewState.AWAITING if awaits else ReviewState.NOT_NEEDED


def _release(row: IncidentRow) -> None:
    row.hold = None
    row.review = ReviewState.NOT_NEEDED


def _finding(writing: Writing, row: IncidentRow, message: IncidentMessage) -> Finding:
    position = message.position
    if position is None:
        camera = writing.session.get(CameraRow, (row.site, row.camera))
        if camera is not None and camera.entry is not None:
            position = CatalogueCamera.model_validate(camera.entry).position
    spot = Spot(row.site, row.camera, message.zone, position)
    return Finding(row, spot, message.severity)
