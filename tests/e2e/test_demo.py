"""`simpang demo` as a person runs it: started, watched, interrupted."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.browser import chromium
from tests.deadlines import eventually
from tests.footage import DARK, Segment, jam, write_clip
from tests.processes import descendants, is_alive
from tests.tiny_model import write_tiny_model

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]

BOXES = [(x, y, x + 44.0, y + 30.0, "car") for x in (5.0, 60.0) for y in (8.0, 50.0)]
ZONES = {"road": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]}
QUICK = {"min_duration_s": 3, "clear_duration_s": 2, "smoothing_s": 1}


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two films, one of a jam, with their ``clips.yaml`` and a model that sees their vehicles."""
    folder = tmp_path_factory.mktemp("footage")
    write_clip(folder / "jam.mp4", jam(60))
    write_clip(folder / "empty_road.mp4", [Segment(DARK, 20)])
    clips = {
        "empty_road.mp4": {"zones": ZONES, "congestion": QUICK},
        "jam.mp4": {"zones": ZONES, "congestion": QUICK, "congested": {"road": [[0, 60]]}},
    }
    (folder / "clips.yaml").write_text(yaml.safe_dump({"clips": clips}))
    write_tiny_model(folder, BOXES)
    return folder


def tiny(footage: Path) -> tuple[str, str]:
    """Return the option that names the model which sees the vehicles of our own films."""
    return "--model", str(footage / "tiny.yaml")


class Demo:
    """A running `simpang demo`."""

    def __init__(self, footage: Path | None, folder: Path, *arguments: str) -> None:
        self._output = folder / "demo.txt"
        command = [sys.executable, "-m", "simpang", "demo", "--data", str(folder / "data")]
        command += ["--footage", str(footage)] if footage else []
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            )

    @property
    def text(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")

    def says(self, words: str) -> bool:
        assert self.process.poll() is None or words in self.text, self.text
        return words in self.text

    def running(self) -> set[str]:
        """The cameras that were told to run, at first or after a busy machine lost them."""
        return set(re.findall(r"camera (.+): (?:back, )?running", self.text))

    @property
    def url(self) -> str:
        return self.text.partition("Dashboard: ")[2].split()[0]

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}api/v1/{path}", timeout=10) as answer:
            content: bytes = answer.read()
            return content

    def complaint(self, number: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.get(f"complaints/{number}"))
        return found

    def complaints(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(self.get("complaints"))
        return found


@pytest.fixture
def demo(footage: Path, tmp_path: Path) -> Iterator[Demo]:
    running = Demo(footage, tmp_path, *tiny(footage))
    yield running
    running.process.kill()
    running.process.wait()


def is_listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def ports_of(data: Path) -> set[int]:
    """Every port that a run's files name."""
    (run,) = data.iterdir()
    central = yaml.safe_load((run / "central.yaml").read_text())
    site = yaml.safe_load((run / "site.yaml").read_text())
    cameras = {int(camera["url"].split(":")[2].split("/")[0]) for camera in site["cameras"]}
    return {central["listen"]["port"], central["broker"]["port"], *cameras}


def test_a_jam_becomes_a_complaint_and_ctrl_c_leaves_nothing(demo: Demo, tmp_path: Path) -> None:
    eventually(lambda: demo.says("complaint SPG-"), within_s=90)
    eventually(lambda: demo.complaints()[0]["evidence_sha256"])
    ports = ports_of(tmp_path / "data")
    children = descendants(demo.process.pid)
    (complaint,) = demo.complaints()

    assert "Jam" in demo.running()
    assert "congestion opened: Jam, Road" in demo.text
    assert "Empty road, Road" not in demo.text
    assert demo.get(f"evidence/{complaint['evidence_sha256']}").startswith(b"\xff\xd8"), "a JPEG"
    assert len(children) >= 4, "broker, central, cameras, edge"
    assert len(ports) == 3
    assert all(is_listening(port) for port in ports)

    demo.process.send_signal(signal.SIGINT)

    assert demo.process.wait(timeout=40) == 0
    assert demo.text.rstrip().endswith("All processes have ended.")
    assert not any(is_alive(pid) for pid in children)
    assert not any(is_listening(port) for port in ports)


def test_a_demo_that_is_killed_takes_its_processes_along(demo: Demo) -> None:
    eventually(lambda: demo.says("Dashboard: "), within_s=60)
    children = descendants(demo.process.pid)
    assert len(children) >= 4

    demo.process.kill()

    eventually(lambda: not any(is_alive(pid) for pid in children))


def test_a_part_that_ends_ends_the_demo_and_shows_why(demo: Demo) -> None:
    eventually(lambda: demo.says("Dashboard: "), within_s=60)
    children = descendants(demo.process.pid)
    (edge,) = [
        pid for pid in children if b"edge" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    ]

    os.kill(edge, signal.SIGKILL)

    assert demo.process.wait(timeout=40) == 1
    assert "edge ended by itself with exit code -9" in demo.text
    assert not any(is_alive(pid) for pid in children)


def test_a_demo_can_end_by_itself(footage: Path, tmp_path: Path) -> None:
    demo = Demo(footage, tmp_path, *tiny(footage), "--duration", "1")

    assert demo.process.wait(timeout=60) == 0, demo.text


def test_a_part_that_cannot_start_ends_the_demo_with_its_words(
    footage: Path, tmp_path: Path
) -> None:
    demo = Demo(footage, tmp_path, "--model", "no-such-model")

    assert demo.process.wait(timeout=60) == 1
    assert "no-such-model" in demo.text
    assert "edge ended by itself with exit code 3" in demo.text


def test_a_folder_without_footage_says_what_it_needs(tmp_path: Path) -> None:
    demo = Demo(tmp_path, tmp_path)

    assert demo.process.wait(timeout=30) == 3
    assert "expected a folder of MP4 files" in demo.text


KINDS = {"congestion", "pothole", "rubbish", "street_light"}
SLOW = KINDS - {"congestion"}


@pytest.mark.timeout(400)
def test_each_kind_goes_from_a_simulated_camera_to_a_complaint_and_ends_when_it_is_mended(
    tmp_path: Path,
) -> None:
    demo = Demo(None, tmp_path, "--duration", "330")

    def by_category() -> dict[str, str]:
        return {str(one["category"]): str(one["number"]) for one in demo.complaints()}

    try:
        eventually(lambda: demo.says("Dashboard: "), within_s=60)
        eventually(lambda: by_category().keys() == KINDS, within_s=240)
        numbers = by_category()
        for category in SLOW:
            ended = f"{numbers[category]}: new -> "
            eventually(partial(demo.says, ended), within_s=120)
            roles = {one["role"] for one in demo.complaint(numbers[category])["evidence"]}
            assert roles >= {"context", "annotated", "close_up"}, category
        with chromium() as browser:
            page = browser.new_page()
            page.goto(demo.url)
            page.get_by_text("One approach jammed").first.wait_for()
            page.locator(".simulated").first.wait_for()
            loaded = "image => image.complete && image.naturalWidth > 0"
            picture = page.locator("img[src*=evidence]").first
            eventually(partial(picture.evaluate, loaded))
        jam = demo.complaint(numbers["congestion"])["summary"]["place"]
        assert (jam["camera"], jam["zone"]) == ("junction-jam", "south-approach")
        assert len(demo.complaints()) == len(KINDS), "one thing is one complaint"
        assert len(demo.running()) == 5, "five cameras"
    finally:
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(30) == 0, demo.text
