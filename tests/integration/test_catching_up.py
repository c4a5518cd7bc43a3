"""A camera that sends faster than its thread can decode: looked at less, and never late."""

import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

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
SECONDS = 8.0
ONE_MORE_S = 0.5
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


def behind_s(source: FrameSource, *, takes_s: float) -> list[float]:
    """How far each picture is behind the camera, where reading one ``takes_s``, seconds."""
    told = []
    until_s = time.monotonic() + SECONDS
    for sample in source.samples():
        media_s = sample.frame().media_time_s
        told.append(time.monotonic() - media_s)
        assert utc_now() - sample.captured_at < timedelta(seconds=BEHIND_S + ONE_MORE_S)
        time.sleep(takes_s)
        if time.monotonic() > until_s:
            break
    return [one - min(told) for one in told]


def test_who_is_too_slow_leaves_pictures_out_and_sees_the_newest(url: str) -> None:
    source = open_rtsp(Address(url), sampling=EVERY_PICTURE, line=RtspLine(5.0, 5.0))
    with closing(source):
        late_s = behind_s(source, takes_s=2 / FRAMES_PER_S)

    # The first ones are older: they came while it was found out what the stream is.
    assert max(late_s[FRAMES_PER_S:]) < BEHIND_S + ONE_MORE_S  # else four seconds
    assert source.received == pytest.approx(SECONDS * FRAMES_PER_S, rel=0.2)
    assert source.received - source.skipped > 0.3 * SECONDS * FRAMES_PER_S


def test_who_is_fast_enough_leaves_nothing_out(url: str) -> None:
    source = open_rtsp(Address(url), sampling=EVERY_PICTURE, line=RtspLine(5.0, 5.0))
    with closing(source):
        behind_s(source, takes_s=0.0)

    assert source.skipped == 0
    assert source.undecodable == 0
