"""Reads complaints, incidents and their pictures; never a picture's bytes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, literal, select, tuple_
from sqlalchemy.orm import Session

from analytics.messages import EvidenceRole, IncidentMessage
from central.complaints import OPEN, ActorKind, allowed_next
from central.errors import NotFoundError
from central.incidents import ReviewState
from central.opening import Policies
from central.reading import (
    ComplaintDetail,
    ComplaintEventItem,
    ComplaintSummary,
    EvidenceItem,
    IncidentItem,
    RecheckItem,
    best_picture,
)
from central.rechecking import RECHECKED
from central.store.recheck_schedule import is_answered
from central.store.site_queries import Catalogue
from central.store.tables import (
    ComplaintEventRow,
    ComplaintRow,
    EvidenceRow,
    IncidentRow,
    RecheckRow,
    position_of,
)


def complaint_summaries(
    session: Session, *, open_only: bool, limit: int, before: str | None
) -> tuple[ComplaintSummary, ...]:
    """Return complaints, the newest first.

    Parameters
    ----------
    before
        A complaint's number: only older ones are returned.
    """
    chosen = select(ComplaintRow).order_by(ComplaintRow.complaint_id.desc()).limit(limit)
    if open_only:
        chosen = chosen.where(ComplaintRow.status.in_(sorted(OPEN)))
    if before is not None:
        chosen = chosen.where(ComplaintRow.complaint_id < _by_number(session, before).complaint_id)
    return _summaries(session, session.scalars(chosen).all())


def complaint_detail(session: Session, number: str, policies: Policies) -> ComplaintDetail:
    """Return one complaint with its incidents, pictures and history.

    Raises
    ------
    NotFoundError
        Where there is none of that number.
    """
    row = _by_number(session, number)
    (summary,) = _summaries(session, [row])
    incidents = _incident_items(
        session,
        session.scalars(
            select(IncidentRow)
            .where(IncidentRow.complaint_id == row.complaint_id)
            .order_by(IncidentRow.started_at.desc())
        ).all(),
        policies,
    )
    events = session.scalars(
        select(ComplaintEventRow)
        .where(ComplaintEventRow.complaint_id == row.complaint_id)
        .order_by(ComplaintEventRow.event_id)
    )
    rechecks = session.scalars(
        select(RecheckRow)
        .where(RecheckRow.complaint_id == row.complaint_id)
        .order_by(RecheckRow.since_at.desc(), RecheckRow.incident_id)
    )
    return ComplaintDetail(
        summary=summary,
        incidents=incidents,
        evidence=tuple(item for incident in incidents for item in incident.evidence),
        events=tuple(_event_item(event) for event in events),
        rechecks=tuple(_recheck_item(recheck) for recheck in rechecks),
        can_recheck=any(incident.kind in RECHECKED for incident in incidents),
        allowed_next=allowed_next(row.status, ActorKind.OPERATOR),
    )


def incident_items(
    session: Session,
    *,
    awaiting_review: bool,
    limit: int,
    before: UUID | None,
    policies: Policies,
) -> tuple[IncidentItem, ...]:
    """Return incidents, the one that began last first.

    Parameters
    ----------
    before
        An incident's id: only those that follow it in this order are returned.

    Raises
    ------
    NotFoundError
        Where there is no incident ``before``.
    """
    order = (IncidentRow.started_at, IncidentRow.incident_id)
    chosen = select(IncidentRow).order_by(*(column.desc() for column in order)).limit(limit)
    if awaiting_review:
        chosen = chosen.where(IncidentRow.review == ReviewState.AWAITING)
    if before is not None:
        last = _incident_row(session, before)
        place = tuple_(
            literal(last.started_at, IncidentRow.started_at.type),
            literal(last.incident_id, IncidentRow.incident_id.type),
        )
        chosen = chosen.where(tuple_(*order) < place)
    return _incident_items(session, session.scalars(chosen).all(), policies)


def incident_item(session: Session, incident_id: UUID, policies: Policies) -> IncidentItem:
    """Return one incident.

    Raises
    ------
    NotFoundError
        Where there is none of that id.
    """
    (item,) = _incident_items(session, [_incident_row(session, incident_id)], policies)
    return item


def _incident_row(session: Session, incident_id: UUID) -> IncidentRow:
    row = session.get(IncidentRow, incident_id)
    if row is None:
        raise NotFoundError("incident", str(incident_id))
    return row


def _by_number(session: Session, number: str) -> ComplaintRow:
    row = session.scalar(select(ComplaintRow).where(ComplaintRow.number == number))
    if row is None:
        raise NotFoundError("complaint", number)
    return row


@dataclass(slots=True)
class _Seen:
    """What the incidents of one complaint say together."""

    incidents: list[UUID]
    is_open: bool


def _summaries(session: Session, rows: Sequence[ComplaintRow]) -> tuple[ComplaintSummary, ...]:
    catalogue = Catalogue.read(session)
    numbers = _numbers(session, [row.duplicate_of for row in rows])
    seen: dict[int, _Seen] = defaultdict(lambda: _Seen([], is_open=False))
    for complaint_id, incident_id, ended_at in session.execute(
        select(IncidentRow.complaint_id, IncidentRow.incident_id, IncidentRow.ended_at).where(
            IncidentRow.complaint_id.in_([row.complaint_id for row in rows])
        )
    ):
        assert complaint_id is not None, "chosen by it"
        seen[complaint_id].incidents.append(incident_id)
        seen[complaint_id].is_open |= ended_at is None
    pictures = _evidence(session, [i for one in seen.values() for i in one.incidents])
    return tuple(
        ComplaintSummary(
            number=row.number,
            category=row.category,
            kind=row.kind,
            agency=row.agency,
            status=row.status,
            severity=row.severity,
            place=catalogue.place(
                row.site,
                row.camera,
                row.zone,
                position_of(row.latitude_deg, row.longitude_deg, row.accuracy_m),
            ),
            opened_at=row.opened_at,
            updated_at=row.updated_at,
            started_at=row.started_at,
            last_seen_at=row.last_seen_at,
            sightings=len(seen[row.complaint_id].incidents),
            incident_open=seen[row.complaint_id].is_open,
            evidence_sha256=best_picture(
                picture
                for incident_id in seen[row.complaint_id].incidents
                for picture in pictures.get(incident_id, ())
            ),
            duplicate_of=None if row.duplicate_of is None else numbers[row.duplicate_of],
        )
        for row in rows
    )


def _incident_items(
    session: Session, rows: Sequence[IncidentRow], policies: Policies
) -> tuple[IncidentItem, ...]:
    catalogue = Catalogue.read(session)
    numbers = _numbers(session, [row.complaint_id for row in rows])
    pictures = _evidence(session, [row.incident_id for row in rows])
    items = []
    for row in rows:
        message = IncidentMessage.model_validate(row.message)
        policy = policies.get(row.kind)
        items.append(
            IncidentItem(
                incident_id=row.incident_id,
                kind=row.kind,
                phase=row.phase,
                revision=row.revision,
                place=catalogue.place(row.site, row.camera, message.zone, message.position),
                started_at=row.started_at,
                observed_at=row.observed_at,
                ended_at=row.ended_at,
                is_open=row.ended_at is None,
                severity=message.severity,
                confidence=message.confidence,
                quality=message.quality,
                measurement=message.measurement,
                review=row.review,
                hold=row.hold,
                category=None if policy is None else policy.category,
                agency=None if policy is None else policy.agency,
                complaint=None if row.complaint_id is None else numbers[row.complaint_id],
                evidence=tuple(pictures.get(row.incident_id, ())),
            )
        )
    return tuple(items)


def _numbers(session: Session, complaint_ids: Iterable[int | None]) -> Mapping[int, str]:
    wanted = {one for one in complaint_ids if one is not None}
    rows = session.execute(
        select(ComplaintRow.complaint_id, ComplaintRow.number).where(
            ComplaintRow.complaint_id.in_(wanted)
        )
    )
    return {complaint_id: number for complaint_id, number in rows}  # noqa: C416  # typed rows


def _evidence(
    session: Session, incident_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[EvidenceItem]]:
    """Return the pictures of each incident; only those its own camera took.

    The newest first, and of one moment the marked one before the plain one.
    """
    rows = session.scalars(
        select(EvidenceRow)
        .join(
            IncidentRow,
            and_(
                IncidentRow.incident_id == EvidenceRow.incident_id,
                IncidentRow.site == EvidenceRow.site,
                IncidentRow.camera == EvidenceRow.camera,
            ),
        )
        .where(EvidenceRow.incident_id.in_(incident_ids))
        .order_by(
            EvidenceRow.captured_at.desc(),
            EvidenceRow.role != EvidenceRole.ANNOTATED,
            # UUIDv7, by when it was stored: each second look sends its own picture of before.
            EvidenceRow.message_id.desc(),
        )
    )
    found: dict[UUID, list[EvidenceItem]] = defaultdict(list)
    for row in rows:
        item = EvidenceItem(
            sha256=row.sha256,
            incident_id=row.incident_id,
            role=row.role,
            media_type=row.media_type,
            width_px=row.width_px,
            height_px=row.height_px,
            captured_at=row.captured_at,
            blurred_regions=row.blurred_regions,
        )
        found[row.incident_id].append(item)
    return found


def _recheck_item(row: RecheckRow) -> RecheckItem:
    return RecheckItem(
        incident_id=row.incident_id,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        answered_at=row.answered_at,
        outcome=row.outcome,
        answer=row.answer,
        text=row.text,
        next_at=row.next_at,
        is_awaited=not is_answered(row),
    )


def _event_item(row: ComplaintEventRow) -> ComplaintEventItem:
    return ComplaintEventItem(
        at=row.at,
        actor_kind=row.actor_kind,
        actor=row.actor,
        from_status=row.from_status,
        to_status=row.to_status,
        reason=row.reason,
        note=row.note,
    )
