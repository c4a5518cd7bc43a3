"""What can go wrong at central.

* CentralError
  - ConfigError              stop: fix the file
  - SchemaError              stop: migrate the database, or update the program
  - StoreError
    + StoreUnavailableError    the database is away: keep the work, try again
    + StoreRefusedError        the database will not take this row: park the message
  - ForeignIncidentError     a message speaks for an incident that is not its sender's
  - NotFoundError            no such complaint, incident or picture
  - IllegalMoveError         the life of a complaint has no such step
  - IllegalReviewError       the incident awaits no review
  - IllegalRecheckError      no camera can look again at what the complaint is about, or it does so
  - IncompleteMoveError      the move needs a reason, or another complaint's number
  - DeadLetterError          a dead letter cannot be taken: it stays as it was
  - ServeError               central cannot listen
"""

from collections.abc import Sequence
from pathlib import Path


class CentralError(Exception):
    """Base of all that central raises itself."""


class ConfigError(CentralError):
    """A configuration is not valid; the process must not start on it.

    Attributes
    ----------
    path
        The file.
    problems
        All that is wrong with it, one line each: where, what, what was expected. No secret.
    """

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        super().__init__("\n".join([f"{path} is not valid:", *(f"  {line}" for line in problems)]))
        self.path = path
        self.problems = tuple(problems)


class SchemaError(CentralError):
    """The database's schema is not the one that this program was written for.

    Attributes
    ----------
    found
        The revision in the database; None where it has no schema yet.
    expected
        The revision that this program needs.
    """

    def __init__(self, found: str | None, expected: str, remedy: str) -> None:
        super().__init__(
            f"the database's schema is at {found or 'nothing'}, expected {expected}: {remedy}"
        )
        self.found = found
        self.expected = expected


class StoreError(CentralError):
    """The database did not do what was asked."""


class StoreUnavailableError(StoreError):
    """The database is away, busy or full; nothing was changed, and a later try may do."""


class StoreRefusedError(StoreError):
    """The database will not take what was given; the same again will fail again."""


class ForeignIncidentError(CentralError):
    """A message names an incident of another camera or kind; park it, and change nothing.

    Attributes
    ----------
    incident_id, owner
        The incident, and the ``site/camera`` that opened it.
    """

    def __init__(self, incident_id: str, owner: str) -> None:
        super().__init__(f"incident {incident_id} belongs to {owner}, and keeps its kind")
        self.incident_id = incident_id
        self.owner = owner


class NotFoundError(CentralError):
    """There is no such thing in the books.

    Attributes
    ----------
    what
        ``complaint``, ``incident``, ``evidence`` or ``dead letter``.
    key
        What was asked for.
    """

    def __init__(self, what: str, key: str) -> None:
        super().__init__(f"there is no {what} {key}")
        self.what = what
        self.key = key


class IllegalMoveError(CentralError):
    """A complaint may not move there from where it is.

    Attributes
    ----------
    number, status, to
        The complaint, where it is, and where it was to go.
    allowed
        Where it may go.
    """

    def __init__(self, number: str, status: str, to: str, allowed: Sequence[str]) -> None:
        legal = ", ".join(allowed) or "nowhere"
        super().__init__(f"{number} is {status} and cannot become {to}; it may go to: {legal}")
        self.number = number
        self.status = status
        self.to = to
        self.allowed = tuple(allowed)


class IncompleteMoveError(CentralError):
    """A move lacks what its status needs; the message says what."""


class IllegalReviewError(CentralError):
    """An incident is reviewed that awaits no review.

    Attributes
    ----------
    incident_id, review
        The incident, and the state its review is in.
    """

    def __init__(self, incident_id: str, review: str) -> None:
        super().__init__(f"incident {incident_id} awaits no review: it is {review}")
        self.incident_id = incident_id
        self.review = review


class IllegalRecheckError(CentralError):
    """A complaint's cameras cannot be asked to look again.

    Attributes
    ----------
    number
        The complaint.
    """

    def __init__(self, number: str, reason: str) -> None:
        super().__init__(f"{number} cannot be looked at again now: {reason}")
        self.number = number


class DeadLetterError(CentralError):
    """A dead letter was tried again and cannot be taken; it stays.

    Attributes
    ----------
    dead_letter_id
        Which one.
    """

    def __init__(self, dead_letter_id: int, reason: str) -> None:
        super().__init__(f"dead letter {dead_letter_id} cannot be taken: {reason}")
        self.dead_letter_id = dead_letter_id


class ServeError(CentralError):
    """Central cannot listen where it was told to."""
