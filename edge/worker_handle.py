"""A worker process as the supervisor holds it: started, spoken to, and looked into when it dies."""

import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from analytics.messages import EvidenceMessage, IncidentMessage, ReplyOutcome
from edge import blackbox
from edge.clock import utc_now
from edge.errors import OutboxError, OutboxFullError
from edge.figures import CameraFigures
from edge.link import (
    Begin,
    Keep,
    Kept,
    Leave,
    Left,
    LinkClosedError,
    Ready,
    Recheck,
    Rechecked,
    Report,
    ToWorker,
    Unfit,
    link_pair,
)
from edge.rechecks import RecheckOrder, RecheckReply

logger = logging.getLogger(__name__)

_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}
"""glibc would keep an arena for each of a hundred threads: a quarter of all the memory, unused."""


@dataclass(frozen=True, slots=True)
class Death:
    """How a worker ended.

    Attributes
    ----------
    how
        In words: its signal or exit status.
    culprit
        The camera that the thread which crashed had in hand; None where none had, or nothing
        crashed.
    trace
        Where in the code it was, as `faulthandler` tells; empty where it does not.
    """

    how: str
    culprit: str | None
    trace: str


class WorkerHandle:
    """A worker process that was started. All methods may be called from any thread.

    Parameters
    ----------
    keep
        Stores a worker's messages; raises `OutboxError` where it cannot.
    reply
        Told what became of each order to look again, also where the worker cannot answer any more.
    """

    def __init__(
        self,
        name: str,
        begin: Begin,
        keep: Callable[[Sequence[IncidentMessage | EvidenceMessage]], None],
        reply: Callable[[RecheckReply], None],
    ) -> None:
        self.name = name
        self._keep = keep
        self._reply = reply
        self._orders: dict[UUID, RecheckOrder] = {}
        self._reports: dict[str, CameraFigures] = {}
        self._leaving: set[str] = set()
        self._left: list[CameraFigures] = []
        self._busy: tuple[str, float] = ("", 0.0)
        self._is_storing = False
        self._lock = threading.Lock()
        self._decided = threading.Event()
        self._is_ready = False
        self._unfit: str | None = None
        self._heard_s = time.monotonic()
        # Closed by `bury`, after the process has ended.
        self._crash = tempfile.TemporaryFile()  # noqa: SIM115
        self._blackbox = tempfile.TemporaryFile()  # noqa: SIM115
        self._blackbox.truncate(blackbox.SIZE_BYTES)
        self._link, theirs = link_pair()
        handles = (theirs, self._crash.fileno(), self._blackbox.fileno())
        try:
            self._process = subprocess.Popen(  # noqa: S603  # our own module, no shell
                [sys.executable, "-m", "edge.worker_process", name, *map(str, handles)],
                stdin=subprocess.DEVNULL,
                pass_fds=handles,
                env=os.environ | _ENVIRONMENT,
            )
        finally:
            os.close(theirs)
        self._thread = threading.Thread(target=self._serve, name=f"{name}-link", daemon=True)
        self._thread.start()
        self.send(begin)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        """Whether the process runs no more."""
        return self._process.poll() is not None

    def wait_ready(self, timeout_s: float) -> str | None:
        """Wait until it begins; return why it cannot, None where it does."""
        self._decided.wait(timeout_s)
        if self._is_ready:
            return None
        return self._unfit or f"{self.name} ended, or has not begun within {timeout_s:g} s"

    def send(self, word: ToWorker) -> None:
        """Say something; a worker that is gone will not hear it, and is found to be gone."""
        try:
            self._link.send(word)
        except LinkClosedError:
            logger.debug("%s is gone and was not told %s", self.name, type(word).__name__)

    def recheck(self, order: RecheckOrder) -> None:
        """Have a camera of its looked at again."""
        now = utc_now()
        with self._lock:
            # One that expired has been answered as such: nobody waits for it.
            self._orders = {key: one for key, one in self._orders.items() if one.expires_at > now}
            self._orders[order.command_id] = order
        self.send(Recheck(order))

    def figures(self) -> dict[str, CameraFigures]:
        """Return what it last said of its cameras, by name."""
        with self._lock:
            return dict(self._reports)

    def leave(self, camera: str) -> None:
        """Let it leave a camera, of which it tells no more until `take_left` has it."""
        with self._lock:
            self._leaving.add(camera)
            self._reports.pop(camera, None)
        self.send(Leave(camera))

    def is_leaving(self, camera: str) -> bool:
        """Tell whether it is to leave a camera, and has not said that it did."""
        return camera in self._leaving

    def leaving(self) -> list[str]:
        """Return the cameras that it was to leave, and of which it has not said that it did."""
        with self._lock:
            return sorted(self._leaving)

    def take_left(self) -> list[CameraFigures]:
        """Return, once, the last figures of cameras that it has left."""
        with self._lock:
            left, self._left = self._left, []
            self._leaving -= {one.camera for one in left}
        return left

    def silent_s(self) -> float:
        """Return how long it has said nothing, seconds; waiting for the disk is no silence."""
        return 0.0 if self._is_storing else time.monotonic() - self._heard_s

    def busy(self) -> tuple[str, float]:
        """Return the camera that it has in hand by its last report, and for how long, seconds."""
        return self._busy

    @property
    def is_ready(self) -> bool:
        """Whether it has its model and has begun."""
        return self._is_ready

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()

    def wait(self, timeout_s: float) -> bool:
        """Wait until the process has ended; tell whether it has."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def bury(self) -> Death:
        """Free what an ended process held, and tell how it ended; its last words are heard."""
        status = self._process.wait()
        self._thread.join()
        self._link.close()
        self._give_up(f"{self.name} ended before it had looked")
        with self._crash, self._blackbox:
            self._crash.seek(0)
            crash = self._crash.read().decode(errors="replace")
            return Death(
                how=_in_words(status) if self._unfit is None else self._unfit,
                culprit=blackbox.culprit(self._blackbox.fileno(), crash),
                trace=blackbox.trace_of(crash),
            )

    def _serve(self) -> None:
        try:
            while True:
                word = self._link.receive()
                self._heard_s = time.monotonic()
                match word:
                    case Keep(number, messages):
                        self.send(self._kept(number, messages))
                    case Report(cameras, busy_with, busy_s):
                        self._busy = (busy_with, busy_s)
                        with self._lock:
                            self._reports = {
                                one.camera: one
                                for one in cameras
                                if one.camera not in self._leaving
                            }
                    case Left(camera, figures):
                        with self._lock:
                            self._left.append(figures)
                        self._give_up(f"camera {camera} is set up anew", camera)
                    case Rechecked(reply):
                        with self._lock:
                            self._orders.pop(reply.order.command_id, None)
                        self._reply(reply)
                    case Ready():
                        self._is_ready = True
                        self._decided.set()
                    case Unfit(problem):
                        self._unfit = problem
                        self._decided.set()
        except LinkClosedError:
            self._decided.set()

    def _give_up(self, why: str, camera: str | None = None) -> None:
        """Answer the orders that nobody will answer any more: of a camera, or all of them."""
        with self._lock:
            lost = [one for one in self._orders.values() if camera in {None, one.camera}]
            for order in lost:
                del self._orders[order.command_id]
        for order in lost:
            self._reply(RecheckReply(order, ReplyOutcome.FAILED, text=why))

    def _kept(self, number: int, messages: Sequence[IncidentMessage | EvidenceMessage]) -> Kept:
        self._is_storing = True
        try:
            self._keep(messages)
        except OutboxError as exc:
            return Kept(number, str(exc), is_full=isinstance(exc, OutboxFullError))
        finally:
            self._heard_s = time.monotonic()
            self._is_storing = False
        return Kept(number)


def _in_words(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"
