"""Who took a process down: read from a real process that really crashed."""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import pytest

from edge.blackbox import SIZE_BYTES, culprit

ROOT = Path(__file__).parents[3]

CHILD = """
import faulthandler, sys, threading, time
from edge.blackbox import BlackBox
box = BlackBox(int(sys.argv[1]))
faulthandler.enable(file=int(sys.argv[2]), all_threads=True)

def read(camera, crashes):
    box.note(camera)
    while not crashes:
        time.sleep(0.01)
    faulthandler._sigsegv()

def look():
    box.note("cam-3")
    box.note({after!r})
    faulthandler._sigsegv()

if {looks}:
    threading.Thread(target=look).start()
else:
    threading.Thread(target=read, args=("cam-1", False), daemon=True).start()
    time.sleep(0.2)
    threading.Thread(target=read, args=("cam-2", True), daemon=True).start()
time.sleep(10)
"""


def crash_of(code: str) -> tuple[int, str | None, str]:
    """Run a child until it crashes; return its status, the culprit and the trace."""
    with tempfile.TemporaryFile() as box, tempfile.TemporaryFile() as crash:
        box.truncate(SIZE_BYTES)
        handles = [box.fileno(), crash.fileno()]
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, handles)],
            pass_fds=handles,
            cwd=ROOT,
            check=False,
        )
        trace = _text(crash)
        return done.returncode, culprit(box.fileno(), trace), trace


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def test_the_camera_of_the_thread_that_crashed_is_named_and_no_other() -> None:
    status, camera, trace = crash_of(CHILD.format(looks=False, after=""))

    assert status < 0
    assert camera == "cam-2"
    assert "Segmentation fault" in trace


@pytest.mark.parametrize(("after", "expected"), [("cam-4", "cam-4"), ("", None)])
def test_a_note_replaces_the_one_before(after: str, expected: str | None) -> None:
    _, camera, _ = crash_of(CHILD.format(looks=True, after=after))

    assert camera == expected


def test_without_a_crash_nobody_is_named() -> None:
    with tempfile.TemporaryFile() as box:
        box.truncate(SIZE_BYTES)
        assert culprit(box.fileno(), "") is None
