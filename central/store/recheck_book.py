"""Writes down what cameras are asked to look at again, and what they answer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.messages import (
    CommandMessage,
    RecheckAnswer,
    RecheckCommand,
    ReplyMessage,
    ReplyOutcome,
    new_id,
)
from central.complaints import Actor, ActorKind, EventReason, Status
from central.errors import IllegalRecheckError
from central.rechecking import RecheckPolicy, reason_of, settles
from central.store.complaint_book import locked_complaint, move, touch, write_event
from central.store.database import Writing
from central.store.recheck_schedule import (
    ask_at_once,
    follow_complaint,
    incidents_to_recheck,
    is_answered,
)
from central.store.tables import ComplaintRow, IncidentRow, RecheckRow


class ReplyUse(Enum):
    """What a reply was good for."""

    NEWS = auto()
    REPEATED = auto()
    """Its question had been answered before; so it is for each replica but the first."""

    UNASKED = auto()


def due_rechecks(session: Session, *, at: datetime, limit: int) -> Sequence[UUID]:
    """Return the incidents whose cameras are to be asked by now, the longest due first."""
    return session.scalars(
        select(RecheckRow.incident_id)
        .where(RecheckRow.next_at <= at)
        .order_by(RecheckRow.next_at, RecheckRow.incident_id)
        .limit(limit)
    ).all()


def claim_rechecks(
    writing: Writing, incident_ids: Sequence[UUID], policy: RecheckPolicy
) -> tuple[CommandMessage, ...]:
    """Return the commands to send; no other replica gets the same ones.

    What has been asked for too long is given up, which is noted on the complaint.
    """
    chosen = RecheckRow.incident_id.in_(incident_ids)
    writing.lock(
        *writing.session.scalars(
            select(ComplaintRow.category)
            .join(RecheckRow, RecheckRow.complaint_id == ComplaintRow.complaint_id)
            .where(chosen)
        )
    )
    rows = writing.session.scalars(
        select(RecheckRow).where(chosen, RecheckRow.next_at <= writing.at)
    ).all()
    late = [row for row in rows if _is_too_late(row, writing.at, policy)]
    # Once for a complaint, however many of its incidents are given up together.
    for row in {row.complaint_id: row for row in late}.values():
        _note(writing, row, EventReason.RECHECK_GIVEN_UP)
    for row in late:
        row.next_at = None
    return tuple(_asked(writing, row, policy) for row in rows if row.next_at is not None)


def _is_too_late(row: RecheckRow, at: datetime, policy: RecheckPolicy) -> bool:
    return row.resolved_at is not None and at - row.since_at >= timedelta(seconds=policy.give_up_s)


def _asked(writing: Writing, row: RecheckRow, policy: RecheckPolicy) -> CommandMessage:
    at = writing.at
    incident = writing.session.get_one(IncidentRow, row.incident_id)
    command_id, expires_at = new_id(at), at + timedelta(seconds=policy.expires_s)
    row.command_id, row.asked_at, row.expires_at = command_id, at, expires_at
    row.next_at = None if row.resolved_at is None else at + timedelta(seconds=policy.every_s)
    touch(writing, writing.session.get_one(ComplaintRow, row.complaint_id))
    return CommandMessage(
        command_id=command_id,
        site=incident.site,
        issued_at=at,
        expires_at=expires_at,
        command=RecheckCommand(camera=incident.camera, incident_id=incident.incident_id),
    )


def category_of_reply(session: Session, message: ReplyMessage) -> str | None:
    """Return the category to lock before a reply is recorded; None where it answers nothing."""
    return session.scalar(
        select(ComplaintRow.category)
        .join(RecheckRow, RecheckRow.complaint_id == ComplaintRow.complaint_id)
        .where(RecheckRow.command_id == message.command_id)
    )


def record_reply(writing: Writing, message: ReplyMessage) -> ReplyUse:
    """Write down a site's answer to the newest question, and tell whether it was one.

    *Still there* reopens a closed complaint, also where the camera had ended its incident. *Gone*
    moves nothing by itself: the incident's own revision does, and brings the pictures.
    """
    row = writing.session.scalar(
        select(RecheckRow).where(RecheckRow.command_id == message.command_id)
    )
    if row is None:
        return ReplyUse.UNASKED
    incident = writing.session.get_one(IncidentRow, row.incident_id)
    if (incident.site, incident.camera) != (message.site, message.camera):
        return ReplyUse.UNASKED
    if is_answered(row):
        return ReplyUse.REPEATED
    complaint = writing.session.get_one(ComplaintRow, row.complaint_id)
    is_news = (row.outcome, row.answer) != (message.outcome, message.answer)
    row.answered_at = writing.at
    row.outcome, row.answer, row.text = message.outcome, message.answer, said(message)
    touch(writing, complaint)
    if settles(message.outcome, message.answer):
        row.next_at = None
    reason = reason_of(message.outcome, message.answer)
    if message.outcome is ReplyOutcome.DONE and message.answer is RecheckAnswer.STILL_THERE:
        if complaint.status in {Status.RESOLVED, Status.VERIFIED}:
            actor, seen = _camera(incident), EventReason.SEEN_AGAIN
            move(writing, complaint, Status.REOPENED, actor, seen, row.text)
            follow_complaint(writing, complaint)
    elif reason is not None and is_news:
        # The same answer every two hours would bury the rest of the history.
        _note(writing, row, reason)
    return ReplyUse.NEWS


def recheck_by_operator(writing: Writing, number: str, *, actor: Actor) -> None:
    """Have the complaint's cameras look again as soon as they can.

    Raises
    ------
    NotFoundError
        Where there is no such complaint.
    IllegalRecheckError
        Where it has nothing that a camera can look at again, or one is asked already.
    """
    complaint = locked_complaint(writing, number)
    incidents = incidents_to_recheck(writing, complaint)
    if not incidents:
        raise IllegalRecheckError(
            number, "none of its incidents is of a kind that a second look can settle"
        )
    asked = [
        incident
        for incident in incidents
        if not _is_awaited(writing.session.get(RecheckRow, incident.incident_id), writing.at)
    ]
    if not asked:
        raise IllegalRecheckError(
            number, "its camera has been asked already, and has time to answer"
        )
    for incident in asked:
        ask_at_once(writing, complaint, incident)
    write_event(writing, complaint, complaint.status, actor, EventReason.RECHECK_ASKED, "")


def said(message: ReplyMessage) -> str:
    """Return why a camera answers so: a `RecheckReason`, which screens translate, or its words."""
    return message.text if message.reason is None else message.reason.value


def _is_awaited(row: RecheckRow | None, at: datetime) -> bool:
    if row is None:
        return False
    if row.next_at is not None and row.next_at <= at:
        return True
    return not is_answered(row) and row.expires_at is not None and at < row.expires_at


def _note(writing: Writing, row: RecheckRow, reason: EventReason) -> None:
    complaint = writing.session.get_one(ComplaintRow, row.complaint_id)
    camera = _camera(writing.session.get_one(IncidentRow, row.incident_id))
    write_event(writing, complaint, complaint.status, camera, reason, row.text)


def _camera(incident: IncidentRow) -> Actor:
    return Actor(ActorKind.CAMERA, f"{incident.site}/{incident.camera}")
