"""Films and cameras through the real decoder: what is seen, and what is said when nothing is."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.frames import Frame
from analytics.messages import StreamFaultType
from edge.addresses import Address
from edge.errors import StreamError
from edge.rtsp_line import RtspLine
from edge.sampling import EVERY_PICTURE, Sampling
from edge.sources import FrameSource, open_file, open_rtsp
from edge.stream_snapshot import StreamInfo
from scripts.rtsp import Fault, Feed, RtspServer
from tests.footage import BRIGHT, DARK, Segment, trim_clip, write_audio_only, write_clip

pytestmark = pytest.mark.integration

AT = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)
FRAMES_PER_S = 20
FILM = [Segment(DARK, 1.0), Segment(BRIGHT, 1.0)]
PASSWORDS = {
    "at": "p@ss@word",
    "path": "a/b?c#d",
    "colon": ":a:b:",
    "percent": "100%41",
    "space": "two words+",
    "sub-delims": "!$&'()*,;=",
    "long": "x" * 117,
    "unicode": "rahasia-é-木",
}
"""By what makes them awkward in a URL."""


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of films, whole and broken."""
    folder = tmp_path_factory.mktemp("clips")
    whole = write_clip(folder / "h264.mp4", FILM, fps=FRAMES_PER_S).read_bytes()
    write_clip(folder / "h265.mp4", FILM, fps=FRAMES_PER_S, codec="h265")
    write_audio_only(folder / "sound.mp4")
    (folder / "half.mp4").write_bytes(whole[: len(whole) // 2])
    (folder / "no-index.mp4").write_bytes(whole[:200])
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "letter.mp4").write_text("Dear camera,\n" * 100)
    (folder / "letter.txt").write_text("Dear camera,\n" * 100)
    (folder / "list.m3u8").write_text(f"#EXTM3U\n#EXTINF:2\n{folder / 'h264.mp4'}\n")
    # Noise in the middle third, behind the first key frame.
    third = len(whole) // 3
    (folder / "noisy.mp4").write_bytes(
        whole[:third] + bytes(range(256)) * (third // 256) + whole[third + third // 256 * 256 :]
    )
    return folder


@pytest.fixture(scope="module")
def server(clips: Path) -> Iterator[RtspServer]:
    """A server with a camera for each fault, and one for each awkward password."""
    film = clips / "h264.mp4"
    feeds = {str(fault): Feed(film, fault=fault, fault_after_s=0.3) for fault in Fault}
    feeds |= {
        name: Feed(film, username="ad min", password=password)
        for name, password in PASSWORDS.items()
    }
    feeds |= {
        "h264": Feed(film),
        "h265": Feed(clips / "h265.mp4"),
        "basic": Feed(film, username="admin", password=PASSWORDS["path"], scheme="basic"),
        "once": Feed(film, loop=False),
    }
    with RtspServer(feeds) as server:
        yield server


def film(path: Path, sampling: Sampling = EVERY_PICTURE) -> FrameSource:
    return open_file(path, sampling=sampling, start_at=AT, pace="max")


def camera(
    url: str,
    *,
    username: str | None = None,
    password: str | None = None,
    sampling: Sampling = EVERY_PICTURE,
) -> FrameSource:
    address = Address.parse(url, username=username, password=password)
    return open_rtsp(address, sampling=sampling, line=RtspLine(0.8, 0.8))


def brightness(frame: Frame) -> float:
    return float(frame.image.mean()) / 255


def frames_of(source: FrameSource) -> Iterator[Frame]:
    """Yield every frame of a source."""
    return (sample.frame() for sample in source.samples())


def watch(source: FrameSource, count: int) -> list[Frame]:
    """Return the first ``count`` frames, and hang up."""
    with closing(source):
        samples = source.samples()
        return [next(samples).frame() for _ in range(count)]


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_a_film_is_seen_from_its_first_picture_to_its_last(clips: Path, codec: str) -> None:
    source = film(clips / f"{codec}.mp4")

    frames = list(frames_of(source))

    assert source.info == StreamInfo({"h265": "hevc"}.get(codec, codec), 320, 192, FRAMES_PER_S)
    assert [frame.number for frame in frames] == list(range(40))
    assert [frame.media_time_s for frame in frames] == pytest.approx([n / 20 for n in range(40)])
    assert frames[-1].captured_at - AT == timedelta(seconds=frames[-1].media_time_s)
    assert brightness(frames[0]) == pytest.approx(DARK, abs=0.05)
    assert brightness(frames[-1]) == pytest.approx(BRIGHT, abs=0.05)
    assert (source.received, source.undecodable) == (40, 0)


def test_of_a_film_only_the_looks_that_are_due_are_given(clips: Path) -> None:
    source = film(clips / "h264.mp4", Sampling(4))

    assert [frame.number for frame in frames_of(source)] == [0, 5, 10, 15, 20, 25, 30, 35]
    assert source.received == 40


def test_a_film_in_real_time_takes_as_long_as_it_is_and_can_be_left(clips: Path) -> None:
    source = open_file(clips / "h264.mp4", sampling=Sampling(2), start_at=AT, pace="real_time")
    began = time.monotonic()
    frames = frames_of(source)
    next(frames)
    next(frames)
    took = time.monotonic() - began
    hung_up = threading.Timer(0.1, source.close)
    hung_up.start()

    rest = list(frames)

    assert 0.5 <= took < 5
    assert rest == []


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param("missing.mp4", StreamFaultType.NOT_FOUND, id="no file"),
        pytest.param(".", StreamFaultType.NOT_VIDEO, id="a folder"),
        pytest.param("empty.mp4", StreamFaultType.NOT_VIDEO, id="an empty file"),
        pytest.param("letter.mp4", StreamFaultType.NOT_VIDEO, id="a text called mp4"),
        pytest.param("letter.txt", StreamFaultType.NOT_VIDEO, id="a text, which FFmpeg would show"),
        pytest.param("list.m3u8", StreamFaultType.NOT_VIDEO, id="a list of other files"),
        pytest.param("sound.mp4", StreamFaultType.NO_VIDEO, id="sound alone"),
        pytest.param("no-index.mp4", StreamFaultType.TRUNCATED, id="cut off in the index"),
    ],
)
def test_what_is_no_film_is_refused_at_once(clips: Path, name: str, fault: StreamFaultType) -> None:
    with pytest.raises(StreamError) as caught:
        film(clips / name)

    assert caught.value.fault is fault
    assert str(clips / name) in caught.value.text


def test_of_a_film_that_is_cut_off_all_that_is_there_is_seen_first(clips: Path) -> None:
    seen: list[Frame] = []

    def watch_all() -> None:
        seen.extend(frames_of(film(clips / "half.mp4")))

    with pytest.raises(StreamError, match="the film is cut off") as caught:
        watch_all()

    assert caught.value.fault is StreamFaultType.TRUNCATED
    assert 0 < len(seen) < 40


def test_a_film_whose_beginning_was_trimmed_away_is_whole(clips: Path, tmp_path: Path) -> None:
    trimmed = trim_clip(clips / "h264.mp4", tmp_path / "trimmed.mp4", seconds=1.0)

    frames = list(frames_of(film(trimmed)))

    assert 0 < len(frames) < 40
    assert brightness(frames[-1]) == pytest.approx(BRIGHT, abs=0.05)


def test_a_trimmed_film_that_is_cut_off_says_so(clips: Path, tmp_path: Path) -> None:
    trimmed = trim_clip(clips / "h264.mp4", tmp_path / "trimmed.mp4", seconds=1.0)
    whole = trimmed.read_bytes()
    trimmed.write_bytes(whole[:-200])

    with pytest.raises(StreamError, match="the film is cut off") as caught:
        list(frames_of(film(trimmed)))

    assert caught.value.fault is StreamFaultType.TRUNCATED


def test_junk_behind_a_film_does_not_make_it_cut_off(clips: Path, tmp_path: Path) -> None:
    padded = tmp_path / "padded.mp4"
    padded.write_bytes((clips / "h264.mp4").read_bytes() + b"\xff" * 100)

    assert len(list(frames_of(film(padded)))) == 40


def test_broken_pictures_are_counted_and_the_film_goes_on(clips: Path) -> None:
    source = film(clips / "noisy.mp4")

    frames = list(frames_of(source))

    assert source.undecodable > 0
    assert brightness(frames[-1]) == pytest.approx(BRIGHT, abs=0.05)


@pytest.mark.parametrize("path", ["h264", "h265"])
def test_a_camera_is_seen_across_the_loops_of_its_film(server: RtspServer, path: str) -> None:
    before = datetime.now(UTC)

    frames = watch(camera(server.url(path)), 50)

    times = [frame.media_time_s for frame in frames]
    assert times == pytest.approx([n / FRAMES_PER_S for n in range(50)], abs=0.01)
    assert [frame.number for frame in frames] == list(range(50))
    arrivals = [frame.captured_at for frame in frames]
    assert arrivals == sorted(arrivals)
    assert before <= arrivals[0] <= arrivals[-1] <= datetime.now(UTC)
    assert brightness(frames[10]) == pytest.approx(DARK, abs=0.05)
    assert brightness(frames[30]) == pytest.approx(BRIGHT, abs=0.05)


@pytest.mark.parametrize("path", PASSWORDS)
def test_an_awkward_password_lets_in_and_a_wrong_one_does_not(
    server: RtspServer, path: str
) -> None:
    password = PASSWORDS[path]

    assert watch(camera(server.url(path), username="ad min", password=password), 1)
    with pytest.raises(StreamError) as caught:
        camera(server.url(path), username="ad min", password=f"{password}x")

    assert caught.value.fault is StreamFaultType.AUTHENTICATION
    assert "refused the user name or password" in caught.value.text
    assert not says(caught.value, password)
    assert not says(caught.value, "ad min")


def test_a_password_that_ffmpeg_would_cut_off_is_refused_with_the_reason(
    server: RtspServer,
) -> None:
    with pytest.raises(StreamError, match="too long") as caught:
        camera(server.url("long"), username="admin", password="x" * 122)

    assert caught.value.fault is StreamFaultType.AUTHENTICATION


def test_basic_authentication_is_spoken_too(server: RtspServer) -> None:
    assert watch(camera(server.url("basic"), username="admin", password=PASSWORDS["path"]), 1)


def test_a_camera_that_asks_for_a_password_we_have_not_says_so(server: RtspServer) -> None:
    with pytest.raises(StreamError, match="none is configured") as caught:
        camera(server.url("at"))

    assert caught.value.fault is StreamFaultType.AUTHENTICATION


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (Fault.NOT_FOUND, StreamFaultType.NOT_FOUND),
        ("never-configured", StreamFaultType.NOT_FOUND),
        (Fault.UNAUTHORISED, StreamFaultType.AUTHENTICATION),
        (Fault.UNAVAILABLE, StreamFaultType.PROTOCOL),
        (Fault.NEVER_ANSWER, StreamFaultType.TIMEOUT),
        (Fault.NO_VIDEO, StreamFaultType.NO_VIDEO),
        (Fault.NO_MEDIA, StreamFaultType.NO_VIDEO),
        (Fault.UNKNOWN_CODEC, StreamFaultType.CODEC),
    ],
)
def test_a_camera_that_shows_nothing_says_why(
    server: RtspServer, path: str, fault: StreamFaultType
) -> None:
    began = time.monotonic()

    with pytest.raises(StreamError) as caught:
        camera(f"rtsp://127.0.0.1:{server.port}/{path}", username="u", password="s3cret")

    assert caught.value.fault is fault
    assert not says(caught.value, "s3cret")
    assert time.monotonic() - began < 4


def test_a_host_or_port_that_does_not_answer_is_named(server: RtspServer) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        refused = f"rtsp://127.0.0.1:{unused.getsockname()[1]}/x"
        refusals = [
            refusal(url)
            for url in (
                refused,
                "rtsp://no-such-camera.invalid/x",
                server.url("h264").replace("rtsp:", "rtsps:"),
                "http://127.0.0.1/x",
                "file://localhost/etc/hostname",
            )
        ]

    assert not any(says(error, "s3cret") for error in refusals)
    assert [error.fault for error in refusals] == [
        StreamFaultType.REFUSED,
        StreamFaultType.UNKNOWN_HOST,
        StreamFaultType.TLS,
        StreamFaultType.PROTOCOL,
        StreamFaultType.PROTOCOL,
    ]


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        (Fault.STALL, StreamFaultType.STALLED),
        (Fault.DROP, StreamFaultType.ENDED),
        ("once", StreamFaultType.ENDED),
    ],
)
def test_a_stream_that_stops_raises_after_its_last_picture(
    server: RtspServer, path: str, fault: StreamFaultType
) -> None:
    source = camera(server.url(path))

    with pytest.raises(StreamError) as caught:
        [one.frame() for one in source.samples()]

    assert caught.value.fault is fault
    assert source.received == {"once": 40}.get(path, 6)


def test_lost_packets_do_not_end_a_stream(server: RtspServer) -> None:
    assert len(watch(camera(server.url(Fault.LOSS)), 25)) == 25


def test_a_source_may_be_closed_before_and_during_reading_from_any_thread(
    server: RtspServer, clips: Path
) -> None:
    unread = film(clips / "h264.mp4")
    unread.close()
    unread.close()
    assert [one.frame() for one in unread.samples()] == []

    source = camera(server.url("h264"))
    frames = frames_of(source)
    next(frames)
    closer = threading.Thread(target=source.close)
    closer.start()
    closer.join()
    assert len(list(frames)) <= FRAMES_PER_S


def refusal(url: str) -> StreamError:
    with pytest.raises(StreamError) as caught:
        camera(url, username="u", password="s3cret")
    return caught.value


def says(error: BaseException | None, secret: str) -> bool:
    """Return whether an error, or one that it came from, shows ``secret`` to whoever logs it."""
    while error is not None:
        if secret in str(error) or secret in repr(error):
            return True
        error = error.__cause__ or error.__context__
    return False
