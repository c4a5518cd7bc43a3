"""Streams of a real RTSP server that fails and recovers, and what that costs the other cameras."""

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.messages import StreamFaultType, StreamState
from edge.addresses import Address
from edge.mailbox import Mailbox
from edge.reader import Reader
from edge.rtsp_line import RtspLine
from edge.sampling import EVERY_PICTURE
from edge.sources import FrameSource, open_rtsp
from edge.stream import Stream, StreamPolicy
from scripts.rtsp import Fault, Feed, RtspServer
from tests.deadlines import eventually
from tests.footage import Segment, write_clip

pytestmark = pytest.mark.integration

PICTURES = 60
"""More than one round of the film."""

POLICY = StreamPolicy(first_wait_s=0.1, longest_wait_s=0.2, open_within_s=5.0, stall_after_s=3.0)
AUTHENTICATION = StreamFaultType.AUTHENTICATION


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of film, twenty pictures a second."""
    path = tmp_path_factory.mktemp("clips") / "street.mp4"
    return write_clip(path, [Segment(0.5, 2.0)], fps=20)


@contextmanager
def watching(
    address: Callable[[], Address], name: str = "cam-1"
) -> Iterator[tuple[Stream, list[int]]]:
    """Run a stream on ``address``, asked for anew each time; gives the numbers of its frames."""
    numbers: list[int] = []

    def take() -> None:
        sample, _ = mailbox.take(not_before=datetime.min.replace(tzinfo=UTC))
        assert sample is not None
        numbers.append(sample.frame().number)

    mailbox = Mailbox(take)
    stream = Stream(
        name,
        lambda: open_rtsp(address(), sampling=EVERY_PICTURE, line=RtspLine(0.8, 0.6)),
        mailbox,
        policy=POLICY,
        clock=lambda: datetime.now(UTC),
    )
    stream.start()
    try:
        yield stream, numbers
    finally:
        stream.stop(5)


def fault_of(stream: Stream) -> StreamFaultType | None:
    fault = stream.snapshot().fault
    return None if fault is None else fault.type


@pytest.mark.parametrize(
    ("fault", "shown"),
    [(Fault.STALL, StreamFaultType.STALLED), (Fault.DROP, StreamFaultType.ENDED)],
)
def test_a_camera_that_fails_while_it_runs_is_watched_again_when_it_is_well(
    clip: Path, fault: Fault, shown: StreamFaultType
) -> None:
    with (
        RtspServer({"cam-1": Feed(clip)}) as server,
        watching(lambda: Address(server.url("cam-1"))) as (stream, numbers),
    ):
        eventually(lambda: len(numbers) > 5)
        server.set_fault("cam-1", fault)
        eventually(lambda: fault_of(stream) is shown)
        server.set_fault("cam-1", None)
        seen = len(numbers)
        eventually(lambda: len(numbers) > seen + 5)

        snapshot = stream.snapshot()
        assert snapshot.state is StreamState.RUNNING
        assert snapshot.fault is None
        assert snapshot.reconnects == 1
        assert snapshot.frames >= len(numbers)


def test_a_password_that_is_changed_and_changed_back_is_told_and_recovered_from(
    clip: Path, caplog: pytest.LogCaptureFixture
) -> None:
    password = "p@ss/w?rd#:"
    feed = Feed(clip, username="admin", password=password)
    with (
        RtspServer({"cam-1": feed}) as server,
        watching(lambda: Address(server.url("cam-1"), "admin", password)) as (stream, numbers),
    ):
        eventually(lambda: len(numbers) > 5)
        server.set_feed("cam-1", Feed(clip, username="admin", password="another"))
        server.set_fault("cam-1", Fault.DROP)
        eventually(lambda: fault_of(stream) is AUTHENTICATION)
        server.set_feed("cam-1", feed)
        seen = len(numbers)
        eventually(lambda: len(numbers) > seen)

    assert password not in caplog.text
    assert "admin" not in caplog.text


def test_a_server_that_goes_away_and_returns_is_found_again(clip: Path) -> None:
    with RtspServer({"cam-1": Feed(clip)}) as server:
        port = server.port
        with watching(lambda: Address(f"rtsp://127.0.0.1:{port}/cam-1")) as (stream, numbers):
            eventually(lambda: len(numbers) > 5)
            server.stop()
            eventually(lambda: fault_of(stream) is StreamFaultType.REFUSED)
            with RtspServer({"cam-1": Feed(clip)}, port=port):
                seen = len(numbers)
                eventually(lambda: len(numbers) > seen)


def test_a_stalled_and_a_dead_camera_cost_the_third_no_frame(clip: Path) -> None:
    feeds = {
        "stalls": Feed(clip, fault=Fault.STALL, fault_after_s=0.2),
        "dead": Feed(clip, fault=Fault.NEVER_ANSWER),
        "well": Feed(clip),
    }
    with RtspServer(feeds) as server, ExitStack() as stack:

        def watch(name: str) -> tuple[Stream, list[int]]:
            return stack.enter_context(watching(lambda: Address(server.url(name)), name))

        stalls, _ = watch("stalls")
        dead, none = watch("dead")
        well, numbers = watch("well")
        eventually(lambda: len(numbers) >= PICTURES)

        snapshot = well.snapshot()
        assert numbers[:PICTURES] == list(range(PICTURES))
        assert (snapshot.overwritten, snapshot.undecodable, snapshot.reconnects) == (0, 0, 0)
        assert snapshot.state is StreamState.RUNNING
        assert none == []
        assert dead.snapshot().frames == 0
        assert fault_of(dead) is StreamFaultType.TIMEOUT
        assert server.connections("stalls") > 1
        assert stalls.snapshot().state is not StreamState.ENDED


@pytest.mark.parametrize("fault", [None, Fault.STALL, Fault.NEVER_ANSWER, Fault.NOT_FOUND])
def test_stopping_ends_every_thread_whatever_the_camera_does(
    clip: Path, fault: Fault | None
) -> None:
    name = f"cam-{fault}"
    with RtspServer({name: Feed(clip, fault=fault, fault_after_s=0.1)}) as server:
        with watching(lambda: Address(server.url(name)), name) as (stream, _):
            eventually(lambda: stream.snapshot().state is not StreamState.WAITING)
        assert stream.snapshot().state is StreamState.ENDED
        eventually(lambda: server.viewers(name) == 0)

    eventually(lambda: not [t.name for t in threading.enumerate() if t.name.endswith(name)])


def test_a_connection_that_ended_is_let_go_of_at_once(clip: Path) -> None:
    sources: list[weakref.ref[FrameSource]] = []

    def open_source() -> FrameSource:
        source = open_rtsp(address, sampling=EVERY_PICTURE, line=RtspLine(5.0, 5.0))
        sources.append(weakref.ref(source))
        return source

    # What only the garbage collector frees keeps some ten megabytes of pictures for many minutes.
    gc.disable()
    try:
        with RtspServer({"cam-1": Feed(clip, fault=Fault.DROP, fault_after_s=0.2)}) as server:
            address = Address(server.url("cam-1"))
            reader = Reader("cam-1", open_source, lambda _reader, _sample: None, lambda: None)
            reader.start()
            reader.join(10)

        assert reader.error is not None
        del reader
        eventually(lambda: [source() for source in sources] == [None])
    finally:
        gc.enable()
