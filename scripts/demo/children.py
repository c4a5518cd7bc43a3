"""The demo's processes: each writes its own log, and none outlives the demo."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from central.broker import die_with_parent

POLL_S = 0.05
STOP_TIMEOUT_S = 15.0
_SHOWN_LINES = 12


class ChildError(Exception):
    """A process of the demo ended by itself, or was not ready in time; holds its last log lines."""


class Child:
    """One Python process of ours, started at once.

    On Linux the kernel kills it when the thread that started it ends, however it ends.

    Parameters
    ----------
    name
        How the demo calls it; also the name of its log.
    arguments
        What ``python -m`` is to run.
    log_dir
        Where its output goes, as ``<name>.log``.
    """

    def __init__(self, name: str, arguments: Sequence[str], log_dir: Path) -> None:
        self.name = name
        self.log = log_dir / f"{name}.log"
        with self.log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603  # our own modules, no shell
                # -P: a folder called `models` where the user stands is not ours.
                [sys.executable, "-P", "-m", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                # Ctrl-C in a terminal goes to the whole group; the demo decides who stops when.
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def check(self) -> None:
        """Return if it lives.

        Raises
        ------
        ChildError
            Where it has ended; with the end of its log.
        """
        code = self._process.poll()
        if code is not None:
            raise ChildError(self._words(f"ended by itself with exit code {code}"))

    def wait_until(self, is_ready: Callable[[], bool], *, timeout_s: float) -> None:
        """Return as soon as ``is_ready()``.

        Raises
        ------
        ChildError
            Where it ends before, or is not ready in time.
        """
        deadline = time.monotonic() + timeout_s
        while not is_ready():
            self.check()
            if time.monotonic() > deadline:
                raise ChildError(self._words(f"was not ready within {timeout_s:g} s"))
            time.sleep(POLL_S)

    def finish(self, *, timeout_s: float) -> None:
        """Wait until it ends by itself, as a command that only does one thing.

        Raises
        ------
        ChildError
            Where it fails, or takes longer.
        """
        try:
            code = self._process.wait(timeout_s)
        except subprocess.TimeoutExpired as exc:
            raise ChildError(self._words(f"did not end within {timeout_s:g} s")) from exc
        if code != 0:
            raise ChildError(self._words(f"failed with exit code {code}"))

    def stop(self) -> None:
        """End it: with SIGTERM, and with SIGKILL where that takes too long or is interrupted."""
        self._process.terminate()
        try:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_TIMEOUT_S)
        finally:
            self._process.kill()
            self._process.wait()

    def _words(self, what: str) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        end = "\n".join(f"  {line}" for line in lines[-_SHOWN_LINES:])
        return f"{self.name} {what}; the end of {self.log}:\n{end or '  (it wrote nothing)'}"
