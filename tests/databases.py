"""Real databases for tests: an SQLite file, and a PostgreSQL server on this machine."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from scripts.postgres import Postgres, PostgresError, find_programs
from tests.parts import missing

DATABASES = ("sqlite", "postgresql")

# What is in it is gone after the test, so that nothing has to reach the disk.
_SETTINGS = {"fsync": "off", "max_connections": "50", "shared_buffers": "16MB"}


@contextmanager
def a_postgres() -> Iterator[Postgres]:
    """Give a running server, and end it; skips where there is none, and fails in CI."""
    try:
        find_programs()
    except PostgresError as exc:
        missing(str(exc))
    # Not pytest's own folder: as root, the server's user may not pass through it.
    with tempfile.TemporaryDirectory(prefix="simpang-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with Postgres(Path(folder) / "postgres", _SETTINGS) as server:
            yield server


@contextmanager
def out_of_order(url: str) -> Iterator[None]:
    """End every connection to a PostgreSQL database, and let nobody in until the end."""
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        yield
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
