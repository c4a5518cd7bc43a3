"""Real brokers on this machine that a test may kill: the embedded one, and mosquitto."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pytest

from central.broker import HOST, EmbeddedBroker
from tests.parts import missing

BROKERS = ("nats", "mosquitto")


class Broker(Protocol):
    """A broker on ``HOST`` that keeps port and store over ``kill`` and ``start``."""

    @property
    def port(self) -> int: ...

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def kill(self) -> None: ...


class Mosquitto:
    """mosquitto with persistence, all its files under ``folder``.

    Parameters
    ----------
    extra
        More lines for its configuration.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        username: str | None = None,
        password: str | None = None,
        extra: Sequence[str] = (),
    ) -> None:
        self.port = port
        self._folder = folder
        self._login = None if username is None else (username, password or "")
        self._extra = extra
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        binary = find_mosquitto()
        config = self._write_config(binary)
        with (self._folder / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([binary, "-c", str(config)], stdout=log, stderr=log)
        deadline = time.monotonic() + 10
        while not _is_listening(self.port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail((self._folder / "mosquitto.log").read_text(errors="replace")[-2000:])
            time.sleep(0.02)

    def stop(self) -> None:
        """End it in order: it saves what it holds."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(10)

    def kill(self) -> None:
        """End it with SIGKILL."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _write_config(self, binary: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        lines = [
            f"listener {self.port} {HOST}",
            *self._extra,
            "persistence true",
            f"persistence_location {self._folder}/",
            # After every change, so that SIGKILL loses no session; a city sets it in seconds.
            "autosave_on_changes true",
            "autosave_interval 1",
        ]
        if os.geteuid() == 0:
            lines.append("user root")  # else it drops to a user who may not write here
        if self._login is None:
            lines.append("allow_anonymous true")
        else:
            users = self._folder / "users"
            tool = Path(binary).parent.parent / "bin" / "mosquitto_passwd"
            # The password stands on a command line: fit for a test, and for nothing else.
            subprocess.run([tool, "-c", "-b", users, *self._login], check=True, capture_output=True)
            lines += ["allow_anonymous false", f"password_file {users}"]
        config = self._folder / "mosquitto.conf"
        config.write_text("\n".join(lines) + "\n")
        return config


def a_broker(
    name: str, folder: Path, *, username: str | None = None, password: str | None = None
) -> Broker:
    """Return a broker that is not started yet; skips where it is missing, and fails in CI."""
    if name == "nats":
        return EmbeddedBroker(folder / "nats", free_port(), username=username, password=password)
    find_mosquitto()
    return Mosquitto(folder / "mosquitto", free_port(), username=username, password=password)


def find_mosquitto() -> str:
    """Return the path of mosquitto, which Debian keeps out of a user's PATH."""
    found = shutil.which(
        "mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
    )
    if found is None:
        missing("mosquitto is not installed (apt install mosquitto)")
    return found


def free_port() -> int:
    """Return a port of ``HOST`` that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _is_listening(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
