"""Keeps the second looks in step with their complaint: one row an incident.

Every change of a row is made under the lock of the complaint's category.
"""

from collections.abc import Sequence

from sqlalchemy import select

from analytics.messages import IncidentPhase
from central.complaints import Status
from central.rechecking import RECHECKED
from central.store.database import Writing
from central.store.tables import ComplaintRow, IncidentRow, RecheckRow


def follow_complaint(writing: Writing, complaint: ComplaintRow) -> None:
    """Begin to ask about a resolved complaint, at once; end it for one that is not resolved.

    A second call for the same resolution changes nothing, but for incidents that are new to the
    complaint. What an operator asked of one that is not resolved goes on.
    """
    if complaint.kind not in RECHECKED:
        return
    writing.session.flush()
    rows = {
        row.incident_id: row
        for row in writing.session.scalars(
            select(RecheckRow).where(RecheckRow.complaint_id == complaint.complaint_id)
        )
    }
    if complaint.status is not Status.RESOLVED:
        for row in rows.values():
            if row.resolved_at is not None:
                row.next_at = row.resolved_at = None
        return
    for incident in incidents_to_recheck(writing, complaint):
        known = rows.get(incident.incident_id)
        if known is None or known.resolved_at != complaint.status_at:
            ask_at_once(writing, complaint, incident)


def incidents_to_recheck(writing: Writing, complaint: ComplaintRow) -> Sequence[IncidentRow]:
    """Return what a complaint's cameras can look at again.

    Those that no second look has found gone; where it has for all of them, the one seen last.
    """
    found = writing.session.scalars(
        select(IncidentRow)
        .where(
            IncidentRow.complaint_id == complaint.complaint_id,
            IncidentRow.kind.in_(sorted(RECHECKED)),
        )
        .order_by(IncidentRow.observed_at.desc(), IncidentRow.incident_id)
    ).all()
    return [one for one in found if one.phase is not IncidentPhase.VERIFIED] or found[:1]


def ask_at_once(writing: Writing, complaint: ComplaintRow, incident: IncidentRow) -> None:
    """Have the incident's camera asked now; of a resolved complaint, again until it is settled."""
    row = writing.session.get(RecheckRow, incident.incident_id)
    if row is None:
        row = RecheckRow(incident_id=incident.incident_id, text="")
        writing.session.add(row)
    row.complaint_id = complaint.complaint_id
    # An answer to an earlier question says nothing of this one.
    row.command_id = row.asked_at = row.expires_at = None
    row.since_at = row.next_at = writing.at
    row.resolved_at = complaint.status_at if complaint.status is Status.RESOLVED else None


def hand_over_rechecks(writing: Writing, complaint: ComplaintRow, other: ComplaintRow) -> None:
    """Let the second looks at a duplicate's incidents be those of the complaint that has them."""
    rows = writing.session.scalars(
        select(RecheckRow).where(RecheckRow.complaint_id == complaint.complaint_id)
    )
    for row in rows:
        row.complaint_id = other.complaint_id


def is_answered(row: RecheckRow) -> bool:
    """Tell whether the newest question has its answer; one that waits to be asked has none."""
    if row.answered_at is None or row.asked_at is None:
        return False
    return row.answered_at >= row.asked_at
