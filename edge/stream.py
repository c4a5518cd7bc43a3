"""One camera's connection over time: opened, watched, opened again.

Two threads a camera. The reader opens a source and puts samples into the mailbox until
the source fails. The supervisor starts it, watches that pictures come, and abandons it when they
do not: a reader that hangs inside a foreign library is left behind, and never holds its camera.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from math import inf

from analytics.messages import StreamFaultType, StreamState
from edge.backoff import BackOff
from edge.errors import StreamError
from edge.mailbox import Mailbox
from edge.reader import Reader
from edge.sources import FrameSource, Sample
from edge.stream_snapshot import StreamInfo, StreamSnapshot
from edge.stream_state import StreamStateMachine

logger = logging.getLogger(__name__)

_MAX_POLL_S = 5.0
_ORPHAN_POLL_S = 1.0


@dataclass(frozen=True, slots=True)
class StreamPolicy:
    """When to give a connection up, and when to try again.

    Attributes
    ----------
    first_wait_s, longest_wait_s
        Bounds of the waits between attempts.
    healthy_after_s
        A connection that lasted so long makes the waits short again.
    open_within_s
        When opening counts as hung; longer than twice the source's own time-out.
    stall_after_s
        When a connection without pictures counts as hung; longer than the source's own time-out,
        and than the camera takes from one key frame to the next.
    max_orphans
        So many hung readers may be left behind; with the last, no more are started until one ends.
    """

    first_wait_s: float = 1.0
    longest_wait_s: float = 8.0
    healthy_after_s: float = 60.0
    open_within_s: float = 30.0
    stall_after_s: float = 20.0
    max_orphans: int = 4


class Stream:
    """Keeps one camera's samples coming; all methods may be called from any thread.

    Parameters
    ----------
    camera_id
        For the log.
    open_source
        Connects; may take long and raise `StreamError`. Called in another thread, each time anew.
    mailbox
        Where the samples go.
    policy
        When to give up and try again.
    clock
        The aware UTC time of state changes and faults.
    """

    def __init__(
        self,
        camera_id: str,
        open_source: Callable[[], FrameSource],
        mailbox: Mailbox,
        *,
        policy: StreamPolicy,
        clock: Callable[[], datetime],
    ) -> None:
        self._camera_id = camera_id
        self._open_source = open_source
        self._mailbox = mailbox
        self._policy = policy
        self._backoff = BackOff(policy.first_wait_s, policy.longest_wait_s)
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._supervisor = threading.Thread(
            target=self._supervise, name=f"stream-{camera_id}", daemon=True
        )
        # Guards all below.
        self._lock = threading.Lock()
        self._machine = StreamStateMachine(camera_id, clock)
        self._reader: Reader | None = None
        self._orphans: list[Reader] = []
        self._info: StreamInfo | None = None
        self._frames_before = 0
        self._undecodable_before = 0
        self._skipped_before = 0
        self._is_blocked = False
        self._runs = 0
        self._running_since_s = inf
        self._last_frame_at: datetime | None = None

    def start(self) -> None:
        """Begin to connect, and return at once; call it once."""
        self._supervisor.start()

    def stop(self, timeout_s: float) -> None:
        """End the stream, and return when its threads have ended or ``timeout_s`` is over.

        A reader that hangs longer is left behind; it cannot keep the process alive.
        """
        deadline_s = time.monotonic() + timeout_s
        self._stopping.set()
        self._wake.set()
        if self._supervisor.ident is not None:
            self._supervisor.join(timeout_s)
        with self._lock:
            readers = list(self._orphans)
        for reader in readers:
            reader.join(max(0.0, deadline_s - time.monotonic()))
        hanging = sum(not reader.finished for reader in readers)
        if hanging:
            logger.warning(
                "stream %s: %d of its readers hang and are left behind",
                self._camera_id,
                hanging,
                extra={"camera_id": self._camera_id},
            )

    def snapshot(self) -> StreamSnapshot:
        """Return how the stream is doing now."""
        with self._lock:
            source = None if self._reader is None else self._reader.source
            return StreamSnapshot(
                state=self._machine.state,
                since=self._machine.since,
                fault=self._machine.fault,
                info=self._info if source is None else source.info,
                frames=self._frames_before + (0 if source is None else source.received),
                undecodable=self._undecodable_before
                + (0 if source is None else source.undecodable),
                skipped=self._skipped_before + (0 if source is None else source.skipped),
                overwritten=self._mailbox.overwritten,
                reconnects=max(0, self._runs - 1),
                orphans=sum(not reader.finished for reader in self._orphans),
                last_frame_at=self._last_frame_at,
            )

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            reader = self._connect()
            error = self._watch(reader)
            self._leave(reader, error)
            if error is None:
                break
            self._wait_for_next_attempt()
        with self._lock:
            self._machine.enter(StreamState.ENDED)

    def _connect(self) -> Reader:
        reader = Reader(self._camera_id, self._open_source, self._deliver, self._wake.set)
        with self._lock:
            self._machine.enter(StreamState.CONNECTING)
            self._reader = reader
        reader.start()
        return reader

    def _deliver(self, reader: Reader, sample: Sample) -> None:
        with self._lock:
            if reader is not self._reader:
                return
            if self._machine.state is StreamState.CONNECTING:
                self._machine.enter(StreamState.RUNNING)
                self._runs += 1
                self._running_since_s = time.monotonic()
            self._last_frame_at = sample.captured_at
        self._mailbox.put(sample)

    def _watch(self, reader: Reader) -> StreamError | None:
        """Return why the reader has to be left; None where it just ended or the stream stops."""
        policy = self._policy
        poll_s = min(policy.open_within_s / 4, policy.stall_after_s / 4, _MAX_POLL_S)
        received_before = -1
        progress_s = time.monotonic()
        while not self._stopping.is_set():
            self._wake.wait(poll_s)
            self._wake.clear()
            if reader.finished:
                return reader.error
            source = reader.source
            silence_s = time.monotonic() - progress_s
            if source is not None and source.received != received_before:
                received_before = source.received
                progress_s = time.monotonic()
            elif source is None and silence_s > policy.open_within_s:
                text = f"connecting has hung for {silence_s:.0f} s"
                return StreamError(StreamFaultType.TIMEOUT, text)
            elif source is not None and silence_s > policy.stall_after_s:
                text = f"no picture has come for {silence_s:.0f} s"
                return StreamError(StreamFaultType.STALLED, text)
        return None

    def _leave(self, reader: Reader, error: StreamError | None) -> None:
        """Let go of the reader, keep its figures, and say why."""
        reader.abandon()
        with self._lock:
            self._reader = None
            self._orphans.append(reader)
            if reader.source is not None:
                self._info = reader.source.info
                self._frames_before += reader.source.received
                self._undecodable_before += reader.source.undecodable
                self._skipped_before += reader.source.skipped
            if time.monotonic() - self._running_since_s >= self._policy.healthy_after_s:
                self._backoff.reset()
            self._running_since_s = inf
            if error is None:
                return
            self._machine.fail(error)
            stalled = error.fault is StreamFaultType.STALLED
            self._machine.enter(StreamState.STALLED if stalled else StreamState.WAITING)

    def _wait_for_next_attempt(self) -> None:
        self._stopping.wait(self._backoff.next_s())
        while not self._stopping.is_set():
            with self._lock:
                self._orphans = [reader for reader in self._orphans if not reader.finished]
                hanging = len(self._orphans)
            if hanging < self._policy.max_orphans:
                self._is_blocked &= hanging > 0
                return
            self._note_blocked(hanging)
            self._stopping.wait(_ORPHAN_POLL_S)

    def _note_blocked(self, hanging: int) -> None:
        """Say that the camera stays unwatched; once, until the last of its readers has ended."""
        if self._is_blocked:
            return
        self._is_blocked = True
        logger.error(
            "stream %s: %d of its readers hang, and it is not opened again until one ends: "
            "restart the edge",
            self._camera_id,
            hanging,
            extra={"camera_id": self._camera_id},
        )
