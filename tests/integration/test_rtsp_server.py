"""Each way in which the RTSP server of the tests fails, seen by the edge and on the wire."""

import socket
import ssl
import struct
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice, pairwise
from pathlib import Path
from shutil import which
from typing import NamedTuple

import pytest

from analytics.frames import Frame
from analytics.messages import StreamFaultType
from edge.addresses import Address
from edge.errors import DecodingError, StreamError
from edge.mailbox import Mailbox
from edge.rtsp_line import RtspLine
from edge.sampling import EVERY_PICTURE
from edge.sources import FrameSource, open_rtsp
from edge.stream import Stream, StreamPolicy
from scripts.rtsp import Fault, Feed, FilmError, RtspServer
from tests.deadlines import eventually
from tests.footage import BRIGHT, DARK, Segment, write_clip

pytestmark = pytest.mark.integration

FRAMES_PER_S = 20
PATH = "cam-1"
TCP, UDP = RtspLine(3.0, 3.0), RtspLine(3.0, 3.0, "udp")
POLICY = StreamPolicy(first_wait_s=0.1, longest_wait_s=0.2, open_within_s=5.0, stall_after_s=3.0)


class Films(NamedTuple):
    """Films of two seconds, dark and then bright; ``large`` is of twice the size."""

    h264: Path
    h265: Path
    large: Path
    large_h265: Path


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Films:
    folder = tmp_path_factory.mktemp("films")

    def film(codec: str, size: tuple[int, int]) -> Path:
        path = folder / f"{codec}-{size[0]}.mp4"
        segments = [Segment(DARK, 1.0), Segment(BRIGHT, 1.0)]
        return write_clip(path, segments, fps=FRAMES_PER_S, size=size, codec=codec)

    small, large = (320, 192), (640, 384)
    return Films(film("h264", small), film("h265", small), film("h264", large), film("h265", large))


@contextmanager
def opened(server: RtspServer, line: RtspLine = TCP) -> Iterator[FrameSource]:
    source = open_rtsp(Address(server.url(PATH)), sampling=EVERY_PICTURE, line=line)
    with closing(source):
        yield source


def whole(source: FrameSource) -> Iterator[Frame]:
    """Yield what can be decoded, as the edge does."""
    for sample in source.samples():
        try:
            yield sample.frame()
        except DecodingError:
            continue


class Watch(NamedTuple):
    """A stream as the edge runs it, and the frames that it has given."""

    stream: Stream
    frames: list[Frame]

    def shown(self) -> StreamFaultType | None:
        fault = self.stream.snapshot().fault
        return None if fault is None else fault.type

    def goes_on(self) -> None:
        seen = len(self.frames)
        eventually(lambda: len(self.frames) > seen + 5)


@contextmanager
def watching(address: Callable[[], Address], line: RtspLine = TCP) -> Iterator[Watch]:
    frames: list[Frame] = []

    def take() -> None:
        sample, _ = mailbox.take(not_before=datetime.min.replace(tzinfo=UTC))
        assert sample is not None
        frames.append(sample.frame())

    mailbox = Mailbox(take)
    stream = Stream(
        PATH,
        lambda: open_rtsp(address(), sampling=EVERY_PICTURE, line=line),
        mailbox,
        policy=POLICY,
        clock=lambda: datetime.now(UTC),
    )
    stream.start()
    try:
        yield Watch(stream, frames)
    finally:
        stream.stop(5)


class Packet(NamedTuple):
    """What matters of an RTP packet."""

    sequence: int
    timestamp: int
    payload: bytes


class FramingError(Exception):
    """What came is no frame of the RTSP connection."""


class Wire:
    """A client that keeps what FFmpeg would hide: the packets themselves."""

    def __init__(self, server: RtspServer) -> None:
        self._socket = socket.create_connection(("127.0.0.1", server.port), timeout=15)
        self._stream = self._socket.makefile("rb")
        self._url = server.url(PATH)

    def ask(self, method: str, *headers: str) -> int:
        """Return the status that a request is answered with."""
        lines = [f"{method} {self._url} RTSP/1.0", "CSeq: 1", *headers, "", ""]
        self._socket.sendall("\r\n".join(lines).encode())
        status = int(self._stream.readline().split()[1])
        while self._stream.readline().strip():
            pass
        return status

    def packets(self) -> Iterator[Packet]:
        """Play over the connection, and yield each RTP packet."""
        assert self.ask("SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1") == 200
        assert self.ask("PLAY") == 200
        while head := self._stream.read(4):
            if head[:1] != b"$":
                raise FramingError(head)
            packet = self._stream.read(int.from_bytes(head[2:], "big"))
            if head[1] == 0:
                _, _, sequence, timestamp, _ = struct.unpack(">BBHII", packet[:12])
                yield Packet(sequence, timestamp, packet[12:])

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()


def brightness(frame: Frame) -> float:
    return float(frame.image.mean()) / 255


def size(frame: Frame) -> tuple[int, int]:
    return frame.image.shape[1], frame.image.shape[0]


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_camera_is_seen_over_udp(films: Films, codec: str) -> None:
    film = films.h264 if codec == "h264" else films.h265
    with RtspServer({PATH: Feed(film)}) as server, opened(server, UDP) as source:
        frames = list(islice(whole(source), 50))

        assert [frame.number for frame in frames] == list(range(50))
        assert brightness(frames[10]) == pytest.approx(DARK, abs=0.05)
        assert brightness(frames[30]) == pytest.approx(BRIGHT, abs=0.05)
        assert source.undecodable == 0


@pytest.mark.parametrize(
    ("fault", "shown"),
    [(Fault.STALL, StreamFaultType.STALLED), (Fault.DROP, StreamFaultType.ENDED)],
)
def test_over_udp_a_camera_fails_and_recovers_too(
    films: Films, fault: Fault, shown: StreamFaultType
) -> None:
    with (
        RtspServer({PATH: Feed(films.h264)}) as server,
        watching(lambda: Address(server.url(PATH)), UDP) as watch,
    ):
        watch.goes_on()
        server.set_fault(PATH, fault)
        eventually(lambda: watch.shown() is shown)
        server.set_fault(PATH, None)
        watch.goes_on()

        assert watch.stream.snapshot().reconnects == 1
    eventually(lambda: server.viewers(PATH) == 0)


def test_a_transport_that_nobody_offers_is_refused(films: Films) -> None:
    with RtspServer({PATH: Feed(films.h264)}) as server, Wire(server) as wire:
        assert wire.ask("SETUP", "Transport: RTP/AVP;multicast;client_port=5000-5001") == 461
        assert wire.ask("SETUP", "Transport: RTP/SAVP;unicast") == 461
        assert wire.ask("SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1") == 200
        assert wire.ask("SETUP", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1") == 455


def test_over_tls_only_the_right_authority_is_believed(films: Films, tmp_path: Path) -> None:
    ours, foreign = an_authority(tmp_path / "ours"), an_authority(tmp_path / "foreign")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ours / "camera.pem", ours / "camera.key")
    with RtspServer({PATH: Feed(films.h264)}, tls=context) as server:
        assert server.url(PATH).startswith("rtsps://")
        for line in (TCP, replace(TCP, tls_ca=ours / "ca.pem")):
            with opened(server, line) as source:
                assert len(list(islice(whole(source), 5))) == 5
        with (
            pytest.raises(StreamError) as caught,
            opened(server, replace(TCP, tls_ca=foreign / "ca.pem")),
        ):
            pass
        assert caught.value.fault is StreamFaultType.TLS


def test_each_viewer_of_a_seed_loses_the_same_packets(films: Films) -> None:
    feed = Feed(films.large, fault=Fault.LOSS, loss=0.2, seed=7)

    def received() -> list[int]:
        with Wire(server) as wire:
            return [packet.sequence for packet in islice(wire.packets(), 100)]

    with RtspServer({PATH: feed}) as server:
        first, again = received(), received()
        server.set_feed(PATH, replace(feed, seed=8))
        other = received()

    assert first == again != other
    assert 105 < first[-1] < 160


@pytest.mark.parametrize("slow", ["answer", "picture"])
def test_a_slow_camera_is_waited_for_and_a_slower_one_is_not(films: Films, slow: str) -> None:
    def late(seconds: float) -> Feed:
        if slow == "answer":
            return Feed(films.h264, answer_after_s=seconds)
        return Feed(films.h264, start_after_s=seconds)

    with RtspServer({PATH: late(0.5)}) as server:
        with opened(server) as source:
            assert len(list(islice(whole(source), 5))) == 5
        server.set_feed(PATH, late(60.0))
        with pytest.raises(StreamError) as caught, opened(server, RtspLine(0.5, 0.5)) as source:
            list(islice(whole(source), 5))

    assert caught.value.fault in {StreamFaultType.TIMEOUT, StreamFaultType.STALLED}


def test_a_changed_password_is_asked_of_the_next_connection(films: Films) -> None:
    feed = Feed(films.h264, username="admin", password="old")
    with (
        RtspServer({PATH: feed}) as server,
        watching(lambda: Address(server.url(PATH), "admin", "old")) as watch,
    ):
        watch.goes_on()
        server.set_feed(PATH, replace(feed, password="new"))
        watch.goes_on()
        server.hang_up(PATH)
        eventually(lambda: watch.shown() is StreamFaultType.AUTHENTICATION)
        server.set_feed(PATH, feed)
        watch.goes_on()


@pytest.mark.parametrize("line", [TCP, UDP], ids=["tcp", "udp"])
@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_resolution_changes_under_the_viewer(films: Films, codec: str, line: RtspLine) -> None:
    small, large = (films.h264, films.large) if codec == "h264" else (films.h265, films.large_h265)
    with (
        RtspServer({PATH: Feed(small)}) as server,
        watching(lambda: Address(server.url(PATH)), line) as watch,
    ):
        watch.goes_on()
        server.set_feed(PATH, Feed(large))
        eventually(lambda: size(watch.frames[-1]) == (640, 384))
        watch.goes_on()
        server.set_feed(PATH, Feed(small))
        eventually(lambda: size(watch.frames[-1]) == (320, 192))

        assert server.connections(PATH) == 1
        assert watch.stream.snapshot().reconnects == 0


def test_another_codec_ends_the_connection_and_the_next_one_sees_it(films: Films) -> None:
    with (
        RtspServer({PATH: Feed(films.h264)}) as server,
        watching(lambda: Address(server.url(PATH))) as watch,
    ):
        watch.goes_on()
        server.set_feed(PATH, Feed(films.large_h265))
        eventually(lambda: size(watch.frames[-1]) == (640, 384))

        assert server.connections(PATH) == 2


@pytest.mark.parametrize("jump_s", [4 * 3600.0, -3600.0])
def test_timestamps_jump_while_the_numbers_go_on(films: Films, jump_s: float) -> None:
    feed = Feed(films.h264, fault=Fault.TIME_JUMP, fault_after_s=0.4, jump_s=jump_s)
    with RtspServer({PATH: feed}) as server, Wire(server) as wire:
        packets = wire.packets()
        seen = [next(packets)]
        while len(seen) < 5 or abs(_step_s(seen[-2], seen[-1])) < 1:
            seen.append(next(packets))
        server.set_fault(PATH, None)
        forth = len(seen)
        while abs(_step_s(seen[-2], seen[-1])) < 1 or len(seen) == forth:
            seen.append(next(packets))

    jumps = [step for one, other in pairwise(seen) if abs(step := _step_s(one, other)) > 1]
    assert jumps == pytest.approx([jump_s, -jump_s], abs=0.1)
    assert [packet.sequence for packet in seen] == list(range(1, len(seen) + 1))


def _step_s(one: Packet, other: Packet) -> float:
    steps = (other.timestamp - one.timestamp + 2**31) % 2**32 - 2**31
    return steps / 90_000


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        pytest.param(fault, line, id=f"{fault}, {line.transport}")
        for fault, line in (
            (Fault.TIME_JUMP, TCP),
            (Fault.GARBAGE, TCP),
            (Fault.BROKEN, TCP),
            (Fault.FREEZE, TCP),
            (Fault.BAD_FRAMING, TCP),
            (Fault.BAD_FRAMING, UDP),
            (Fault.LOSS, TCP),
            (Fault.LOSS, UDP),
        )
    ],
)
def test_the_edge_outlives_what_comes_over_the_wire(
    films: Films, fault: Fault, line: RtspLine
) -> None:
    feed = Feed(films.large, loss=0.5)
    with (
        RtspServer({PATH: feed}) as server,
        watching(lambda: Address(server.url(PATH)), line) as watch,
    ):
        watch.goes_on()
        server.set_fault(PATH, fault)
        many = server.pictures_sent(PATH) + (4 if fault is Fault.FREEZE else FRAMES_PER_S)
        eventually(lambda: server.pictures_sent(PATH) > many or watch.shown())
        server.set_fault(PATH, None)
        watch.goes_on()
        eventually(lambda: brightness(watch.frames[-1]) == pytest.approx(BRIGHT, abs=0.05))

        if fault in {Fault.GARBAGE, Fault.BROKEN}:
            assert watch.stream.snapshot().undecodable > 0
        assert server.connections(PATH) == 1 + watch.stream.snapshot().reconnects


def test_broken_slices_reach_the_decoder(films: Films) -> None:
    with (
        RtspServer({PATH: Feed(films.large, fault=Fault.BROKEN)}) as server,
        opened(server) as source,
    ):
        frames = whole(source)
        while source.undecodable < 5:
            next(frames)


def test_noise_between_the_packets_is_no_frame_of_the_connection(films: Films) -> None:
    feed = Feed(films.h264, fault=Fault.BAD_FRAMING)
    with (
        RtspServer({PATH: feed}) as server,
        Wire(server) as wire,
        pytest.raises(FramingError),
    ):
        list(islice(wire.packets(), 20))


def test_a_frozen_camera_shows_one_picture_until_it_thaws(films: Films) -> None:
    feed = Feed(films.h264, fault=Fault.FREEZE, fault_after_s=0.3)
    with RtspServer({PATH: feed}) as server, opened(server) as source:
        frames = whole(source)
        frozen = list(islice(frames, 14))[-4:]
        server.set_fault(PATH, None)

        assert {round(brightness(frame), 3) for frame in frozen} == {
            round(brightness(frozen[0]), 3)
        }
        assert all((frame.image == frozen[0].image).all() for frame in frozen)
        times = [frame.media_time_s for frame in frozen]
        assert times[-1] - times[0] == pytest.approx(0.6, abs=0.1)
        assert any(brightness(frame) == pytest.approx(BRIGHT, abs=0.05) for frame in frames)


def test_a_flapping_camera_is_lost_and_found_again_and_again(films: Films) -> None:
    feed = Feed(films.h264, fault=Fault.FLAP, up_s=0.8, down_s=0.6)
    with (
        RtspServer({PATH: feed}) as server,
        watching(lambda: Address(server.url(PATH))) as watch,
    ):
        eventually(lambda: server.connections(PATH) >= 3)
        watch.goes_on()


def test_a_camera_that_refuses_hangs_up_at_once(films: Films) -> None:
    with (
        RtspServer({PATH: Feed(films.h264, fault=Fault.REFUSE)}) as server,
        pytest.raises(StreamError) as caught,
        opened(server),
    ):
        pass

    assert caught.value.fault is not StreamFaultType.TIMEOUT
    assert server.connections(PATH) == 0


def test_a_film_that_runs_is_joined_where_it_is_at_a_key_frame(films: Films) -> None:
    with RtspServer({PATH: Feed(films.h264, phase_s=0.9)}) as server:
        with Wire(server) as wire:
            first = next(wire.packets())
        assert first.payload[0] & 0x1F == 7
        with opened(server) as source:
            seen = [brightness(frame) for frame in islice(whole(source), 40)]
        # The film has run on since, so that its two halves meet somewhere among the forty.
        assert min(seen) == pytest.approx(DARK, abs=0.05)
        assert max(seen) == pytest.approx(BRIGHT, abs=0.05)


def test_a_film_of_many_viewers_is_the_same_for_all(films: Films) -> None:
    with RtspServer({PATH: Feed(films.h264)}) as server:
        with Wire(server) as one, Wire(server) as other:
            pairs = zip(one.packets(), other.packets(), strict=False)
            assert all(first == second for first, second in islice(pairs, 30))
        eventually(lambda: server.viewers(PATH) == 0)


def test_a_new_feed_that_cannot_be_played_is_refused_and_the_old_one_goes_on(
    films: Films, tmp_path: Path
) -> None:
    with RtspServer({PATH: Feed(films.h264)}) as server, opened(server) as source:
        with pytest.raises(FilmError):
            server.set_feed(PATH, Feed(tmp_path / "missing.mp4"))
        assert len(list(islice(whole(source), 5))) == 5


def an_authority(folder: Path) -> Path:
    """Make a certificate authority, and a certificate of it for a camera on ``127.0.0.1``."""
    openssl = which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    folder.mkdir()
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]

    def request(name: str, *more: str) -> None:
        files = ["-keyout", f"{folder / name}.key", "-out", f"{folder / name}.pem"]
        subprocess.run(
            [openssl, "req", "-x509", *key, "-subj", f"/CN={name}", *files, *more],
            check=True,
            capture_output=True,
        )

    request("ca")
    request(
        "camera",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-CA",
        f"{folder / 'ca'}.pem",
        "-CAkey",
        f"{folder / 'ca'}.key",
    )
    return folder
