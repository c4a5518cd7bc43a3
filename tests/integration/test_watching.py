"""Watching: key frames only, each decoded by who looks at it, over real streams."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.messages import StreamFaultType
from edge.addresses import Address
from edge.errors import DecodingError, StreamError
from edge.rtsp_line import RtspLine
from edge.sampling import Duty, Sampling
from edge.sources import open_file, open_rtsp
from scripts.rtsp import Feed, RtspServer
from tests.footage import BRIGHT, DARK, Segment, write_clip

pytestmark = pytest.mark.integration

AT = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)
WATCH = Sampling(looks_per_s=None, key_frames_only=True)


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    parts = [Segment(DARK, 2), Segment(BRIGHT, 2)]
    for codec in ("h264", "h265"):
        write_clip(folder / f"{codec}.mp4", parts, codec=codec, gop=10)
    write_clip(folder / "one-key-frame.mp4", [Segment(0.5, 170)], gop=2000, size=(64, 48))
    return folder


def brightness(image: object) -> float:
    return float(getattr(image, "mean")()) / 255  # noqa: B009  # an array of any shape


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_of_a_film_the_key_frames_are_seen_each_by_itself(films: Path, codec: str) -> None:
    source = open_file(films / f"{codec}.mp4", sampling=WATCH, start_at=AT, pace="max")

    # All are picked before the first is decoded, and the last is decoded first.
    frames = [sample.frame() for sample in reversed(list(source.samples()))]

    assert [frame.number for frame in frames] == [30, 20, 10, 0]
    assert [frame.media_time_s for frame in frames] == pytest.approx([3, 2, 1, 0])
    assert [brightness(frame.image) for frame in frames] == pytest.approx(
        [BRIGHT, BRIGHT, DARK, DARK], abs=0.05
    )
    assert (source.received, source.undecodable) == (40, 0)
    assert (source.info.width_px, source.info.height_px) == (320, 192)


@pytest.mark.parametrize("codec", ["h264", "h265"])
def test_of_a_camera_the_key_frames_are_seen_as_they_come(films: Path, codec: str) -> None:
    with RtspServer({"one": Feed(films / f"{codec}.mp4")}) as server:
        address = Address.parse(server.url("one"))
        source = open_rtsp(address, sampling=WATCH, line=RtspLine(2, 2))
        with closing(source):
            samples = source.samples()
            frames = [next(samples).frame() for _ in range(3)]

    assert [frame.number for frame in frames] == [0, 10, 20]
    assert [brightness(frame.image) for frame in frames] == pytest.approx(
        [DARK, DARK, BRIGHT], abs=0.05
    )


def test_a_sample_outlives_its_connection(films: Path) -> None:
    with RtspServer({"one": Feed(films / "h264.mp4")}) as server:
        source = open_rtsp(Address.parse(server.url("one")), sampling=WATCH, line=RtspLine(2, 2))
        samples = source.samples()
        sample = next(samples)
        source.close()
        assert list(samples) == []
    assert brightness(sample.frame().image) == pytest.approx(DARK, abs=0.05)


def test_a_frame_is_scaled_to_fit_and_whole_where_it_is_asked_for(films: Path) -> None:
    source = open_file(
        films / "h264.mp4", sampling=WATCH, within_px=(160, 160), start_at=AT, pace="max"
    )
    with closing(source):
        frame = next(source.samples()).frame()

    assert frame.image.shape == (96, 160, 3)
    assert frame.size_px == (320, 192)
    assert frame.whole().shape == (192, 320, 3)
    assert brightness(frame.whole()) == pytest.approx(brightness(frame.image), abs=0.01)


def test_a_small_frame_is_not_blown_up(films: Path) -> None:
    source = open_file(
        films / "h264.mp4", sampling=WATCH, within_px=(640, 384), start_at=AT, pace="max"
    )
    with closing(source):
        frame = next(source.samples()).frame()

    assert frame.image.shape == (192, 320, 3)
    assert frame.whole() is frame.image


def test_on_duty_every_picture_is_decoded_and_after_it_key_frames_again(films: Path) -> None:
    duty = Duty(measure_s=1, every_s=100, offset_s=1, looks_per_s=10)
    sampling = Sampling(looks_per_s=None, key_frames_only=True, duty=duty)
    source = open_file(films / "h264.mp4", sampling=sampling, start_at=AT, pace="max")

    numbers = [sample.frame().number for sample in source.samples()]

    # It is known at a key frame that the time has come; the next one begins the measuring.
    assert numbers == [0, 10, *range(20, 30), 30]
    assert source.undecodable == 0


def test_a_stream_without_key_frames_is_told_with_what_to_do(films: Path) -> None:
    source = open_file(films / "one-key-frame.mp4", sampling=WATCH, start_at=AT, pace="max")

    with pytest.raises(
        StreamError, match=r"no key frame among 1500 pictures.*sampling: measure"
    ) as e:
        list(source.samples())

    assert e.value.fault is StreamFaultType.CODEC


@pytest.fixture
def noisy(films: Path, tmp_path: Path) -> Path:
    """A film with noise in its middle third."""
    whole = (films / "h264.mp4").read_bytes()
    third = len(whole) // 3
    noise = bytes(range(256)) * (third // 256)
    path = tmp_path / "noisy.mp4"
    path.write_bytes(whole[:third] + noise + whole[third + len(noise) :])
    return path


def test_a_broken_key_frame_is_counted_and_costs_itself_only(noisy: Path) -> None:
    source = open_file(noisy, sampling=WATCH, start_at=AT, pace="max")
    decoded = broken = 0
    with closing(source):
        for sample in source.samples():
            try:
                sample.frame()
                decoded += 1
            except DecodingError:
                broken += 1

    assert decoded >= 1
    assert broken >= 1
    assert source.undecodable == broken
