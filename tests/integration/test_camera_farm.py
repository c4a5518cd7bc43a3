"""The farm as benches start it: a process that says what it serves, and ends when told to."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

import pytest

from analytics.frames import Frame
from edge.addresses import Address
from edge.rtsp_line import RtspLine
from edge.sampling import EVERY_PICTURE
from edge.sources import open_file, open_rtsp
from scripts.camera_farm import Plan, farm
from scripts.rtsp.street_films import ensure_street_films
from tests.builders import AT
from tests.footage import Segment, write_clip

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("films") / "street.mp4"
    return write_clip(path, [Segment(0.5, 2.0)], fps=20)


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """Run the command, and give it and what it prints."""
    command = [sys.executable, "-m", "scripts.camera_farm", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout
        finally:
            process.kill()


def frames(url: str) -> Iterator[Frame]:
    source = open_rtsp(Address(url), sampling=EVERY_PICTURE, line=RtspLine(5.0, 5.0))
    with closing(source):
        for sample in source.samples():
            yield sample.frame()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_what_it_serves_and_ends_in_order(film: Path, number: signal.Signals) -> None:
    arguments = ("--cameras", "3", "--film", str(film), "--faults", "missing=1")
    with running(*arguments) as (process, out):
        lines = [out.readline().split() for _ in range(3)]
        ready = json.loads(out.readline())
        well = [path for path, fault in ready["cameras"].items() if fault is None]
        for path in well:
            url = f"rtsp://127.0.0.1:{ready['port']}/{path}"
            assert [url, "well"] in lines
            assert len(list(islice(frames(url), 5))) == 5
        process.send_signal(number)
        cost = json.loads(out.readline())

        assert process.wait(15) == 0
    assert len(well) == 2
    assert sorted(ready["cameras"]) == ["cam-001", "cam-002", "cam-003"]
    assert cost["pictures"] >= 10
    assert cost["seconds"] > 0


def test_it_ends_by_itself_when_its_time_is_over(film: Path) -> None:
    with running("--cameras", "1", "--film", str(film), "--seconds", "0.1") as (process, _):
        assert process.wait(15) == 0


def test_a_camera_that_changes_its_resolution_does_so_while_it_is_watched(film: Path) -> None:
    plan = Plan(1, [film], {"resize": 1}, resize_every_s=1.0)
    with farm(plan) as server:
        sizes: list[tuple[int, ...]] = []
        for frame in frames(server.url("cam-001")):
            if not sizes or sizes[-1] != frame.image.shape:
                sizes.append(frame.image.shape)
            if len(sizes) == 3:
                break

        assert set(sizes) == {(192, 320, 3), (720, 1280, 3)}
        assert server.connections("cam-001") == 1


def test_the_street_films_are_made_once_as_a_camera_sends_them(tmp_path: Path) -> None:
    (path,) = ensure_street_films(tmp_path, count=1, seconds=2)
    made = path.stat().st_mtime_ns

    assert ensure_street_films(tmp_path, count=1, seconds=2) == [path]
    assert path.stat().st_mtime_ns == made
    assert list(tmp_path.iterdir()) == [path]
    assert path.stat().st_size == pytest.approx(2 * 4e6 / 8, rel=0.3)
    with closing(open_file(path, sampling=EVERY_PICTURE, start_at=AT, pace="max")) as source:
        pictures = sum(1 for _ in source.samples())
    assert pictures == 50
    assert (source.info.width_px, source.info.height_px) == (1920, 1080)
