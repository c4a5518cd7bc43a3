"""A stream whose sources do what no camera should: hang, break, and come back too late."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analytics.frames import Frame
from analytics.messages import StreamFaultType, StreamState
from edge.errors import StreamError
from edge.mailbox import Mailbox
from edge.sources import FrameSource
from edge.stream import Stream, StreamPolicy
from edge.stream_snapshot import StreamInfo
from tests.deadlines import eventually
from tests.samples import ReadySample

AT = datetime(2026, 1, 1, tzinfo=UTC)
INFO = StreamInfo("h264", 4, 2, 10.0)
ENDED = StreamError(StreamFaultType.ENDED, "the camera closed the connection")
QUICK = StreamPolicy(
    first_wait_s=0.01, longest_wait_s=0.01, open_within_s=0.2, stall_after_s=0.2, max_orphans=2
)
PATIENT = StreamPolicy(first_wait_s=0.01, longest_wait_s=0.01)


def frames(first: int, count: int) -> list[ReadySample]:
    """Return samples that are told apart by their numbers, one a second."""
    image = np.zeros((2, 4, 3), np.uint8)
    numbers = range(first, first + count)
    return [ReadySample(Frame(image, AT + timedelta(seconds=n), float(n), n)) for n in numbers]


@dataclass
class ScriptedSource:
    """Gives its frames; then it waits where it is told to, as deaf to `close` as a hung call, and
    gives the late frames; then it raises or ends.
    """

    given: Sequence[ReadySample] = ()
    error: Exception | None = None
    hangs_until: threading.Event | None = None
    late: Sequence[ReadySample] = ()
    info: StreamInfo = INFO
    received: int = 0
    undecodable: int = 0
    skipped: int = 0
    closed: threading.Event = field(default_factory=threading.Event)

    def samples(self) -> Iterator[ReadySample]:
        yield from self._count(self.given)
        if self.hangs_until is not None:
            self.hangs_until.wait()
        yield from self._count(self.late)
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        self.closed.set()

    def _count(self, given: Sequence[ReadySample]) -> Iterator[ReadySample]:
        for sample in given:
            self.received += 1
            yield sample


@dataclass
class Watched:
    """A running stream, and the numbers of the frames that came of it."""

    stream: Stream
    seen: list[int]

    @property
    def state(self) -> StreamState:
        return self.stream.snapshot().state

    @property
    def fault(self) -> StreamFaultType | None:
        fault = self.stream.snapshot().fault
        return None if fault is None else fault.type


@contextmanager
def watching(
    open_source: Callable[[], FrameSource], policy: StreamPolicy = PATIENT
) -> Iterator[Watched]:
    """Run a stream whose frames are taken as soon as they come."""
    seen: list[int] = []

    def take() -> None:
        sample, _ = mailbox.take(not_before=AT)
        assert sample is not None
        seen.append(sample.frame().number)

    mailbox = Mailbox(take)
    stream = Stream("junction-4", open_source, mailbox, policy=policy, clock=lambda: AT)
    stream.start()
    try:
        yield Watched(stream, seen)
    finally:
        stream.stop(0.5)


def in_turn(*sources: FrameSource | StreamError) -> Callable[[], FrameSource]:
    """Open one after the other; one more attempt than planned fails the stream for good."""
    remaining = iter(sources)

    def open_source() -> FrameSource:
        source = next(remaining)
        if isinstance(source, StreamError):
            raise source
        return source

    return open_source


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """What hung sources wait for; set at the end, so that no thread outlives its test."""
    event = threading.Event()
    yield event
    event.set()


def test_before_the_start_a_stream_waits() -> None:
    stream = Stream(
        "junction-4", in_turn(), Mailbox(lambda: None), policy=PATIENT, clock=lambda: AT
    )

    stream.stop(0.1)

    assert stream.snapshot().state is StreamState.WAITING
    assert stream.snapshot().info is None


def test_a_source_that_ends_without_an_error_is_not_opened_again() -> None:
    with watching(in_turn(ScriptedSource(frames(0, 3)))) as watched:
        eventually(lambda: watched.state is StreamState.ENDED)

    snapshot = watched.stream.snapshot()
    assert watched.seen == [0, 1, 2]
    assert (snapshot.frames, snapshot.reconnects, snapshot.fault) == (3, 0, None)
    assert snapshot.last_frame_at == AT + timedelta(seconds=2)
    assert snapshot.info == INFO


def test_a_camera_that_ends_or_fails_to_open_is_opened_again(released: threading.Event) -> None:
    refused = StreamError(StreamFaultType.REFUSED, "nothing listens there")
    open_source = in_turn(
        refused,
        ScriptedSource(frames(0, 2), ENDED, undecodable=3, skipped=5),
        refused,
        ScriptedSource(frames(2, 2), hangs_until=released, undecodable=4, skipped=6),
    )
    with watching(open_source) as watched:
        eventually(lambda: len(watched.seen) == 4)
        snapshot = watched.stream.snapshot()
        released.set()

    assert watched.seen == [0, 1, 2, 3]
    assert snapshot.state is StreamState.RUNNING
    assert snapshot.fault is None
    assert (snapshot.frames, snapshot.reconnects) == (4, 1)
    assert (snapshot.undecodable, snapshot.skipped) == (7, 11)


def test_after_a_healthy_connection_the_waits_are_short_again() -> None:
    connections = 12
    sources = [ScriptedSource(frames(n, 1), ENDED) for n in range(connections)]
    # Without it, the waits would add up to minutes.
    policy = StreamPolicy(first_wait_s=0.05, longest_wait_s=1e6, healthy_after_s=0.0)
    with watching(in_turn(*sources), policy) as watched:
        eventually(lambda: watched.seen == list(range(connections)))


def test_a_fault_is_shown_until_pictures_come_again(released: threading.Event) -> None:
    wrong_password = StreamError(StreamFaultType.AUTHENTICATION, "refused the password")
    last = ScriptedSource(hangs_until=released, late=frames(0, 1), error=ENDED)
    with watching(in_turn(wrong_password, last)) as watched:
        eventually(
            lambda: (
                watched.state is StreamState.CONNECTING
                and watched.fault is StreamFaultType.AUTHENTICATION
            )
        )
        released.set()
        eventually(lambda: watched.seen == [0])


def test_a_hung_reader_is_left_behind_and_what_it_says_later_is_ignored(
    released: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    hung = ScriptedSource(frames(0, 2), hangs_until=released, late=frames(100, 5))
    ended = threading.Event()
    fresh = ScriptedSource(frames(2, 2), hangs_until=ended, error=ENDED)
    with watching(in_turn(hung, fresh), QUICK) as watched:
        eventually(lambda: watched.seen == [0, 1, 2, 3])
        assert watched.stream.snapshot().orphans >= 1
        assert hung.closed.is_set()
        released.set()
        ended.set()
        eventually(lambda: watched.stream.snapshot().orphans == 0)

    assert watched.seen == [0, 1, 2, 3]
    assert [text for text in caplog.messages if "STALLED" in text][:2] == [
        "stream junction-4: RUNNING -> STALLED",
        "stream junction-4: STALLED -> CONNECTING",
    ]


def test_a_connection_without_a_first_picture_is_a_stall(
    released: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    silent = ScriptedSource(hangs_until=released)
    with watching(in_turn(silent, ScriptedSource(frames(0, 1), hangs_until=released)), QUICK) as w:
        eventually(lambda: w.seen == [0])

    assert "stream junction-4: stalled: no picture has come for" in caplog.text


def test_an_attempt_that_never_comes_back_is_given_up_and_closed_when_it_does(
    released: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    late = ScriptedSource(frames(100, 1))
    attempts: list[int] = []

    def open_source() -> FrameSource:
        attempts.append(len(attempts))
        if attempts[-1] == 0:
            released.wait()
            return late
        return ScriptedSource(frames(0, 1), hangs_until=released)

    with watching(open_source, QUICK) as watched:
        eventually(lambda: watched.seen == [0])
        assert "stream junction-4: timeout: connecting has hung for" in caplog.text
        released.set()
        assert late.closed.wait(5)

    assert 100 not in watched.seen


def test_hung_readers_are_bounded_and_an_error_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    free = [threading.Event() for _ in range(10)]
    opened: list[threading.Event] = []

    def open_source() -> FrameSource:
        event = free[len(opened)]
        opened.append(event)
        event.wait()
        raise ENDED

    try:
        with watching(open_source, QUICK) as watched:
            eventually(lambda: watched.stream.snapshot().orphans == QUICK.max_orphans)
            before = len(opened)
            eventually(lambda: "restart the edge" in caplog.text)
            free[0].set()
            eventually(lambda: len(opened) == before + 1)
            assert before == QUICK.max_orphans
            eventually(lambda: watched.stream.snapshot().orphans == QUICK.max_orphans)
            free[1].set()
            eventually(lambda: len(opened) == before + 2)
        errors = [one.getMessage() for one in caplog.records if one.levelno == logging.ERROR]
        assert errors == [
            "stream junction-4: 2 of its readers hang, and it is not opened again until one ends: "
            "restart the edge"
        ]
    finally:
        for event in free:
            event.set()


def test_a_bug_in_a_source_is_logged_shown_and_survived(caplog: pytest.LogCaptureFixture) -> None:
    broken = ScriptedSource(frames(0, 1), ZeroDivisionError("s3cret"))
    hung = ScriptedSource(error=ENDED, hangs_until=threading.Event())
    with watching(in_turn(broken, hung), QUICK) as watched:
        eventually(lambda: watched.fault is StreamFaultType.PROTOCOL)
        fault = watched.stream.snapshot().fault
        assert hung.hangs_until is not None
        hung.hangs_until.set()

    assert fault is not None
    assert "ZeroDivisionError" in fault.text
    assert "s3cret" not in fault.text
    assert any(record.exc_info for record in caplog.records)
    assert broken.closed.is_set()


def test_stopping_never_waits_longer_than_it_may(
    released: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    hung = ScriptedSource(frames(0, 1), hangs_until=released)
    with watching(in_turn(hung)) as watched:
        eventually(lambda: watched.seen == [0])
        began = time.monotonic()

        watched.stream.stop(0.2)

        assert time.monotonic() - began < 2
        assert watched.state is StreamState.ENDED
        assert "1 of its readers hang" in caplog.text
        released.set()


def test_stopping_does_not_wait_for_the_next_attempt() -> None:
    refused = StreamError(StreamFaultType.REFUSED, "nothing listens there")
    policy = StreamPolicy(first_wait_s=1e6, longest_wait_s=1e6)
    with watching(in_turn(refused), policy) as watched:
        eventually(lambda: watched.state is StreamState.WAITING and watched.fault is not None)
        began = time.monotonic()

        watched.stream.stop(10)

        assert time.monotonic() - began < 2
        assert watched.state is StreamState.ENDED
