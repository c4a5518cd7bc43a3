"""What the supervisor and a worker process say to each other, over one inherited socket.

Values of this program's own types, pickled: both ends are this program, and nobody else can reach
the socket. Credentials travel here, and so on no command line and in no file.
"""

import itertools
import queue
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from analytics.messages import EvidenceMessage, IncidentMessage
from edge.camera_config import CameraSettings
from edge.config import SiteSettings
from edge.errors import OutboxError, OutboxFullError
from edge.figures import CameraFigures
from edge.rechecks import RecheckOrder, RecheckReply

ANSWER_WITHIN_S = 60.0
"""Longest wait for the disk's answer; the supervisor has hung if it takes longer."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """A camera to look at, and its incidents that are open."""

    camera: CameraSettings
    open_incidents: tuple[IncidentMessage, ...]


@dataclass(frozen=True, slots=True)
class Begin:
    """The first word to a worker: all that it needs, and how much it should log."""

    settings: SiteSettings
    software: str
    log_level: str
    assignments: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """Look at a camera from now on; one of the same name has been left before."""

    assignment: Assignment


@dataclass(frozen=True, slots=True)
class Leave:
    """Look at a camera no more; asks for `Left`."""

    camera: str


@dataclass(frozen=True, slots=True)
class Recheck:
    """Look again whether a thing is still there; asks for `Rechecked`, maybe much later."""

    order: RecheckOrder


@dataclass(frozen=True, slots=True)
class Stop:
    """Look at what waits already, and end."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The disk's answer: why it refused, if it did, and whether for want of room."""

    number: int
    problem: str | None = None
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """A worker has its model and begins."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A worker cannot begin, and why."""

    problem: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Messages for the disk; asks for `Kept` of the same number."""

    number: int
    messages: tuple[IncidentMessage | EvidenceMessage, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """A camera was left: nothing more will be stored of it. ``figures`` is its last count."""

    camera: str
    figures: CameraFigures


@dataclass(frozen=True, slots=True)
class Report:
    """How a worker's cameras are doing, and how long it has had one of them in hand.

    ``busy_with`` is empty while it looks at none.
    """

    cameras: tuple[CameraFigures, ...]
    busy_with: str = ""
    busy_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Rechecked:
    """What became of an order to look again."""

    reply: RecheckReply


ToWorker = Begin | Watch | Leave | Recheck | Stop | Kept
FromWorker = Ready | Unfit | Keep | Left | Rechecked | Report


class LinkClosedError(OutboxError):
    """The other end is gone; what it was to do is not done."""


class Link:
    """One end. Any thread may send; one thread receives."""

    def __init__(self, handle: int) -> None:
        self._connection = Connection(handle)
        self._sending = threading.Lock()

    def send(self, word: ToWorker | FromWorker) -> None:
        """Say something.

        Raises
        ------
        LinkClosedError
            Where the other end is gone.
        """
        try:
            with self._sending:
                self._connection.send(word)
        except OSError as exc:
            raise LinkClosedError("the other process is gone") from exc

    def receive(self) -> ToWorker | FromWorker:
        """Return the next word, as soon as there is one.

        Raises
        ------
        LinkClosedError
            Where the other end is gone.
        """
        try:
            word: ToWorker | FromWorker = self._connection.recv()
        except (EOFError, OSError) as exc:
            raise LinkClosedError("the other process is gone") from exc
        return word

    def close(self) -> None:
        """Close this end."""
        self._connection.close()


def link_pair() -> tuple[Link, int]:
    """Return the supervisor's end, and the file descriptor that a worker inherits."""
    ours, theirs = socket.socketpair()
    return Link(ours.detach()), theirs.detach()


class Disk:
    """The outbox, as a worker sees it: each call waits until the supervisor has stored it.

    Parameters
    ----------
    send
        Says a word to the supervisor.
    """

    def __init__(self, send: Callable[[Keep], None]) -> None:
        self._send = send
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._waiting: dict[int, queue.SimpleQueue[Kept]] = {}

    def keep(self, messages: Sequence[IncidentMessage | EvidenceMessage]) -> None:
        """Store messages, all or none; on return they are on the disk.

        Raises
        ------
        OutboxFullError, OutboxError
            As `Outbox.put`; also where the supervisor is gone or hangs.
        """
        answer: queue.SimpleQueue[Kept] = queue.SimpleQueue()
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = answer
        try:
            self._send(Keep(number, tuple(messages)))
            kept = answer.get(timeout=ANSWER_WITHIN_S)
        except queue.Empty:
            msg = f"the disk has not answered for {ANSWER_WITHIN_S:g} s"
            raise OutboxError(msg) from None
        finally:
            with self._lock:
                del self._waiting[number]
        if kept.problem is not None:
            raise (OutboxFullError if kept.is_full else OutboxError)(kept.problem)

    def answered(self, kept: Kept) -> None:
        """Hand an answer to the thread that waits for it."""
        with self._lock:
            waiting = self._waiting.get(kept.number)
        if waiting is not None:
            waiting.put(kept)
