"""What can go wrong on the edge.

* EdgeError
  - ConfigError        stop: fix the file
  - DecodingError      FFmpeg gave up; `edge.sources` says what that means
  - StreamError        reconnect; for a file, report and end
  - EvidenceWithheldError  no picture: it could not be made unreadable enough
  - OutboxError        the disk refused; keep watching, try again
    + OutboxFullError    no room: counted, shown, tried again
  - ControlError       no edge runs there, or it cannot do what it was asked
  - BrokerError        the broker refused; messages wait on disk
    + SubscriptionRefusedError  it does not let the site read a topic
"""

from collections.abc import Sequence
from pathlib import Path

from analytics.messages import StreamFaultType


class EdgeError(Exception):
    """Base of all that the edge raises itself."""


class ConfigError(EdgeError):
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


class StreamError(EdgeError):
    """A stream or file could not be opened, or stopped; `fault` tells the remedy.

    Attributes
    ----------
    fault
        Which kind of failure.
    text
        In words, without a credential.
    """

    def __init__(self, fault: StreamFaultType, text: str) -> None:
        super().__init__(f"{fault.value}: {text}")
        self.fault = fault
        self.text = text


class EvidenceWithheldError(EdgeError):
    """A picture could not be blurred or encoded; the incident goes without one, and it counts."""


class OutboxError(EdgeError):
    """The outbox could not be read or written; nothing that was stored is lost."""


class OutboxFullError(OutboxError):
    """There is no room for a message, on the disk or within the outbox's limit."""


class ControlError(EdgeError):
    """A running edge could not be asked, or could not do what it was asked."""


class BrokerError(EdgeError):
    """The broker could not be reached or refused the site; messages wait in the outbox."""


class SubscriptionRefusedError(BrokerError):
    """The broker does not let the site read a topic; the connection goes on."""


class DecodingError(EdgeError):
    """FFmpeg gave up; `edge.sources` says what that means for a camera or a film.

    Attributes
    ----------
    number
        FFmpeg's error number, positive, or the operating system's.
    """

    def __init__(self, number: int | None, text: str) -> None:
        super().__init__(text)
        self.number = number
