"""When a camera is asked to look again whether a thing is still there, and what its answer means.

Knows no SQL and no broker.
"""

from dataclasses import dataclass

from analytics.messages import IncidentKind, RecheckAnswer, ReplyOutcome
from central.complaints import EventReason

RECHECKED = frozenset({IncidentKind.POTHOLE, IncidentKind.RUBBISH, IncidentKind.STREET_LIGHT})
"""Kinds that stay where they are until somebody mends them, so that a second look can tell."""


@dataclass(frozen=True, slots=True)
class RecheckPolicy:
    """How often the cameras of a resolved complaint are asked.

    Attributes
    ----------
    every_s
        From one question to the next, as long as the answer does not settle it.
    expires_s
        How long a question is worth an answer.
    give_up_s
        How long it is asked, from the complaint's resolution or an operator's question.
    """

    every_s: float
    expires_s: float
    give_up_s: float


DEFAULT_RECHECKS = RecheckPolicy(every_s=7200.0, expires_s=3600.0, give_up_s=604_800.0)


def settles(outcome: ReplyOutcome, answer: RecheckAnswer | None) -> bool:
    """Tell whether an answer says what is there, so that nobody has to ask again."""
    return outcome is ReplyOutcome.DONE and answer in {
        RecheckAnswer.GONE,
        RecheckAnswer.STILL_THERE,
    }


def reason_of(outcome: ReplyOutcome, answer: RecheckAnswer | None) -> EventReason | None:
    """Return what is noted on the complaint; None where its incidents tell by themselves."""
    if settles(outcome, answer):
        return None
    is_done = outcome is ReplyOutcome.DONE
    return EventReason.RECHECK_CANNOT_SEE if is_done else EventReason.RECHECK_FAILED
