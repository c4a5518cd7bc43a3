"""What is asked of a camera when a thing is to be looked at again, and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from analytics.messages import EvidenceRef, RecheckAnswer, RecheckReason, ReplyOutcome


@dataclass(frozen=True, slots=True)
class RecheckOrder:
    """Look again whether what an incident found is still there; worth nothing after ``expires_at``.

    Attributes
    ----------
    command_id
        Names the order; its reply carries it.
    """

    command_id: UUID
    camera: str
    incident_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RecheckReply:
    """What became of an order.

    Attributes
    ----------
    answer
        For an order that was done.
    reason
        Why it was answered so, or not done.
    text
        What went wrong, in words for an operator.
    evidence
        The pictures that were stored with it.
    """

    order: RecheckOrder
    outcome: ReplyOutcome
    answer: RecheckAnswer | None = None
    reason: RecheckReason | None = None
    text: str = ""
    evidence: tuple[EvidenceRef, ...] = ()
