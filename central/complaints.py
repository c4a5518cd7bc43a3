"""The life of a complaint: its statuses, who may move it where, and what a camera moves by itself.

Knows no SQL and no HTTP. The store, the API, the dashboard and the tests all read ``TRANSITIONS``;
nothing else says what is legal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum

from central.errors import IllegalMoveError

CITY_TIME = timezone(timedelta(hours=7), "WIB")
"""Jakarta's clock. Western Indonesia has no summer time, so no time zone database is needed."""


class Status(StrEnum):
    """Where a complaint is in its life."""

    NEW = "new"
    COORDINATION = "coordination"
    DISPATCHED = "dispatched"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    VERIFIED = "verified"
    REOPENED = "reopened"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"


class ActorKind(StrEnum):
    """Who moves a complaint."""

    CAMERA = "camera"
    OPERATOR = "operator"


class EventReason(StrEnum):
    """Why a complaint moved, or what was noted on it; screens translate it."""

    OPENED_BY_CAMERA = "opened_by_camera"
    OPENED_BY_OPERATOR = "opened_by_operator"
    SEEN_AGAIN = "seen_again"
    NO_LONGER_SEEN = "no_longer_seen"
    VERIFIED_BY_CAMERA = "verified_by_camera"
    MOVED_BY_OPERATOR = "moved_by_operator"
    RECHECK_ASKED = "recheck_asked"
    RECHECK_CANNOT_SEE = "recheck_cannot_see"
    RECHECK_FAILED = "recheck_failed"
    RECHECK_GIVEN_UP = "recheck_given_up"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a camera as ``site/camera``, an operator by name."""

    kind: ActorKind
    name: str


_OPERATOR = frozenset({ActorKind.OPERATOR})
_EITHER = frozenset({ActorKind.CAMERA, ActorKind.OPERATOR})

TRANSITIONS: Mapping[Status, Mapping[Status, frozenset[ActorKind]]] = {
    Status.NEW: {
        Status.COORDINATION: _OPERATOR,
        Status.DISPATCHED: _OPERATOR,
        Status.IN_PROGRESS: _OPERATOR,
        Status.RESOLVED: _EITHER,
        Status.REJECTED: _OPERATOR,
        Status.DUPLICATE: _OPERATOR,
    },
    Status.COORDINATION: {
        Status.DISPATCHED: _OPERATOR,
        Status.IN_PROGRESS: _OPERATOR,
        Status.RESOLVED: _EITHER,
        Status.REJECTED: _OPERATOR,
        Status.DUPLICATE: _OPERATOR,
    },
    Status.DISPATCHED: {
        Status.COORDINATION: _OPERATOR,
        Status.IN_PROGRESS: _OPERATOR,
        Status.RESOLVED: _EITHER,
        Status.REJECTED: _OPERATOR,
        Status.DUPLICATE: _OPERATOR,
    },
    Status.IN_PROGRESS: {
        Status.COORDINATION: _OPERATOR,
        Status.DISPATCHED: _OPERATOR,
        Status.RESOLVED: _EITHER,
        Status.REJECTED: _OPERATOR,
        Status.DUPLICATE: _OPERATOR,
    },
    Status.RESOLVED: {
        Status.VERIFIED: _EITHER,
        Status.REOPENED: _EITHER,
    },
    Status.VERIFIED: {
        Status.REOPENED: _EITHER,
    },
    Status.REOPENED: {
        Status.COORDINATION: _OPERATOR,
        Status.DISPATCHED: _OPERATOR,
        Status.IN_PROGRESS: _OPERATOR,
        Status.RESOLVED: _EITHER,
        Status.REJECTED: _OPERATOR,
        Status.DUPLICATE: _OPERATOR,
    },
    Status.REJECTED: {
        Status.REOPENED: _OPERATOR,
    },
    Status.DUPLICATE: {},
}
"""From each status, where it may go and who may move it there."""

OPEN = frozenset(
    {
        Status.NEW,
        Status.COORDINATION,
        Status.DISPATCHED,
        Status.IN_PROGRESS,
        Status.REOPENED,
    }
)
"""Somebody still has to act."""

CLOSED = frozenset(Status) - OPEN
"""Nobody has to act, unless it is reopened."""

TAKES_SIGHTINGS = frozenset(Status) - {Status.REJECTED, Status.DUPLICATE}
"""A new sighting of the same thing belongs to it; a closed one is reopened by it."""

NOTE_REQUIRED = frozenset({Status.REJECTED})
"""Moving here needs a reason in words."""


def allowed_next(status: Status, actor: ActorKind) -> tuple[Status, ...]:
    """Return where ``actor`` may move a complaint from ``status``, in the table's order."""
    return tuple(to for to, actors in TRANSITIONS[status].items() if actor in actors)


def check_move(number: str, status: Status, to: Status, actor: ActorKind) -> None:
    """Make sure that ``actor`` may move complaint ``number`` from ``status`` to ``to``.

    Raises
    ------
    IllegalMoveError
        Where the table does not list the move; it names the legal ones.
    """
    if actor not in TRANSITIONS[status].get(to, frozenset()):
        allowed = tuple(next_status.value for next_status in allowed_next(status, actor))
        raise IllegalMoveError(number, status.value, to.value, allowed)


def camera_move(
    status: Status, *, incident_is_open: bool, all_verified: bool
) -> tuple[Status, EventReason] | None:
    """Return where the cameras move a complaint by what they see, and why.

    Parameters
    ----------
    incident_is_open
        At least one of its incidents is still seen.
    all_verified
        All its incidents ended, and the last word on each is that a second look found it gone.

    Returns
    -------
    tuple[Status, EventReason] | None
        None where what is seen changes nothing.
    """
    if incident_is_open:
        if status in {Status.RESOLVED, Status.VERIFIED}:
            return Status.REOPENED, EventReason.SEEN_AGAIN
        return None
    if all_verified and status is Status.RESOLVED:
        return Status.VERIFIED, EventReason.VERIFIED_BY_CAMERA
    if status in OPEN:
        return Status.RESOLVED, EventReason.NO_LONGER_SEEN
    return None


def complaint_number(opened_at: datetime, count: int) -> str:
    """Return the number that people quote, such as ``SPG-2026-000012``.

    Parameters
    ----------
    opened_at
        Decides the year, on the city's clock.
    count
        Which complaint of that year it is, from 1.
    """
    return f"SPG-{opened_at.astimezone(CITY_TIME).year}-{count:06d}"
