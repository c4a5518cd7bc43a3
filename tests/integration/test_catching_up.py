"""A camera that sends faster than its thread can decode: looked at less, and never late."""

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from edge.addresses import Address
from edge.clock import utc_now
from edge.decoding import BEHIND_S
from edge.rtsp_line import RtspLine
from edge.sampling import EVERY_PICTURE
from edge.sources import FrameSource, open_rtsp
from scripts.rtsp import Feed, RtspServer
from tests.footage import write_clip

pytestmark = pytest.mark.integration

FRAMES_PER_S = 20
KEY_FRAMES_APART_S = 1.0
SECONDS = 12.0
ONE_MORE_S = 1.5
"""What a busy machine may add to anything."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a camera that runs whether it is watched or not."""
    film = write_clip(
        tmp_path_factory.mktemp("camera") / "film.mp4",
        [(0.2, 5.0), (0.8, 5.0)],
        fps=FRAMES_PER_S,
        gop=round(FRAMES_PER_S * KEY_FRAMES_APART_S),
    )
    with RtspServer({"camera": Feed(film, phase_s=0.0)}) as server:
        yield server.url("camera")


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a picture is behind the camera, and how far its time says that it is, seconds."""

    behind_s: float
    told_s: float


def seen(source: FrameSource, *, takes_s: float) -> list[Seen]:
    """Read for a while, where reading a picture ``takes_s``."""
    had, told = [], []
    until_s = time.monotonic() + SECONDS
    for sample in source.samples():
        media_s = sample.frame().media_time_s
        had.append(time.monotonic() - media_s)
        told.append((utc_now() - sample.captured_at).total_seconds())
        time.sleep(takes_s)
        if time.monotonic() > until_s:
            break
    return [Seen(one - min(had), age_s) for one, age_s in zip(had, told, strict=True)]


def test_who_is_too_slow_leaves_pictures_out_and_sees_the_newest(url: str) -> None:
    source = open_rtsp(Address(url), sampling=EVERY_PICTURE, line=RtspLine(5.0, 5.0))
    with closing(source):
        # The first ones are older: they came while it was found out what the stream is.
        pictures = seen(source, takes_s=2 / FRAMES_PER_S)[FRAMES_PER_S:]

    assert max(one.behind_s for one in pictures) < BEHIND_S + ONE_MORE_S  # else six seconds
    assert max(one.told_s for one in pictures) > BEHIND_S / 2
    assert source.received == pytest.approx(SECONDS * FRAMES_PER_S, rel=0.3)
    assert 0 < source.skipped < 0.9 * source.received


def test_who_is_fast_enough_leaves_nothing_out(url: str) -> None:
    source = open_rtsp(Address(url), sampling=EVERY_PICTURE, line=RtspLine(5.0, 5.0))
    with closing(source):
        seen(source, takes_s=0.0)

    assert source.skipped == 0
    assert source.undecodable == 0
