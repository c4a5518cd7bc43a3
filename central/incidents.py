"""What central makes of an incident: which revision counts, and whether an operator must look."""

from enum import StrEnum


class ReviewState(StrEnum):
    """Whether an operator's word on an incident is awaited, or what it was."""

    NOT_NEEDED = "not_needed"
    AWAITING = "awaiting"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class Decision(StrEnum):
    """What an operator says of an incident that awaits review."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"


class Hold(StrEnum):
    """Why an incident opened no complaint by itself."""

    NO_COMPLAINT_KIND = "no_complaint_kind"
    NOT_AUTOMATIC = "not_automatic"
    LOW_CONFIDENCE = "low_confidence"
    DEGRADED_QUALITY = "degraded_quality"
    DAILY_CAP = "daily_cap"


def supersedes(revision: int, stored: int | None) -> bool:
    """Tell whether ``revision`` is news; the higher one wins, an old one changes nothing.

    Parameters
    ----------
    stored
        The revision in the books; None where the incident is not known yet.
    """
    return stored is None or revision > stored
