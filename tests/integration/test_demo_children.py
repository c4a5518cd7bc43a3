import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.demo.children import Child, ChildError
from tests.deadlines import eventually
from tests.processes import is_alive

pytestmark = pytest.mark.integration

SERVER = ("http.server", "0", "--bind", "127.0.0.1")
"""A module of the standard library that runs until it is ended."""

PARENT = """
import signal, sys
from pathlib import Path
from scripts.demo.children import Child
child = Child("child", sys.argv[2:], Path(sys.argv[1]))
print(child.pid, flush=True)
signal.pause()
"""


def test_a_child_runs_until_it_is_stopped(tmp_path: Path) -> None:
    child = Child("server", SERVER, tmp_path)
    child.wait_until(lambda: "Serving" in child.log.read_text(), timeout_s=20)
    child.check()

    child.stop()

    assert not is_alive(child.pid)
    with pytest.raises(ChildError, match="ended by itself with exit code"):
        child.check()


def test_a_child_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    child = Child("edge", ["no_such_module"], tmp_path)

    with pytest.raises(ChildError, match=r"(?s)edge ended .*No module named no_such_module"):
        child.wait_until(lambda: False, timeout_s=20)
    child.stop()


def test_a_child_that_is_never_ready_is_given_up(tmp_path: Path) -> None:
    child = Child("server", SERVER, tmp_path)

    with pytest.raises(ChildError, match=r"not ready within 0\.2 s"):
        child.wait_until(lambda: False, timeout_s=0.2)
    child.stop()


def test_a_command_that_fails_is_told_from_one_that_succeeds(tmp_path: Path) -> None:
    done = Child("zen", ["this"], tmp_path)
    done.finish(timeout_s=20)
    done.stop()

    failed = Child("migrate", ["json.tool", "no-such-file"], tmp_path)
    with pytest.raises(ChildError, match="migrate failed with exit code"):
        failed.finish(timeout_s=20)
    failed.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_no_child_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path), *SERVER], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)

        os.kill(parent.pid, signal.SIGKILL)

        eventually(lambda: not is_alive(pid))
