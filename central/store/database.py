"""The connection to SQLite or PostgreSQL: transactions, locks, and errors in central's own words.

The two differ in three things, and only here: how a transaction starts, how a lock is taken, and
how an insert says that a row may be there already.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, exc, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from central.errors import StoreRefusedError, StoreUnavailableError
from central.reading import Subject
from central.store.tables import ChangeRow

BUSY_TIMEOUT_S = 10
"""How long one writer waits for another before the work is put off."""

_WRITES = "simpang_writes"
_CHANGE_LOCK = "simpang.change"
_AWAY = (
    exc.OperationalError,
    exc.InterfaceError,
    exc.InternalError,
    # Of our own SQL or of the schema, never of a message: parking messages would not mend it.
    exc.ProgrammingError,
    exc.TimeoutError,
)


@dataclass(slots=True)
class Writing:
    """One transaction that writes; its changes are announced as it commits."""

    session: Session
    at: datetime
    _changes: dict[tuple[Subject, str], None] = field(default_factory=dict)

    def note(self, subject: Subject, key: str) -> None:
        """Remember that ``subject`` changed; twice in a transaction is told once."""
        self._changes[subject, key] = None

    def lock(self, *names: str) -> None:
        """Hold ``names`` until the end, against every other process; waits for them.

        Taken in one order by all, so that nobody waits in a circle.
        """
        if not is_postgresql(self.session):
            return  # BEGIN IMMEDIATE already holds off every other writer.
        for name in sorted(set(names)):
            self.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))

    def announce(self) -> None:
        """Write the changes down, as the last thing before the commit.

        A sequence gives its numbers before the commit: without the lock, a reader who has seen
        number 8 would never see number 7, committed a moment later.
        """
        if not self._changes:
            return
        self.session.flush()
        self.lock(_CHANGE_LOCK)
        self.session.add_all(
            ChangeRow(at=self.at, subject=subject, key=key) for subject, key in self._changes
        )
        self.session.flush()


class Database:
    """Hands out sessions; every error that leaves one is central's own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing_engine = engine.execution_options(**{_WRITES: True})

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that sees one state of the books, and only reads.

        Raises
        ------
        StoreUnavailableError
            Where the database is away.
        """
        with _translated(), Session(self.engine) as session, session.begin():
            yield session

    @contextmanager
    def write(self, at: datetime) -> Iterator[Writing]:
        """Give one transaction: committed as a whole at the end, or not at all.

        Raises
        ------
        StoreUnavailableError
            Where the database is away, busy or full.
        StoreRefusedError
            Where a row is not acceptable.
        """
        with _translated(), Session(self._writing_engine) as session, session.begin():
            writing = Writing(session, at)
            yield writing
            writing.announce()

    @contextmanager
    def migration(self) -> Iterator[Connection]:
        """Give a transaction for schema changes, one at a time over all processes.

        Raises
        ------
        StoreUnavailableError
            Where the database is away.
        """
        with _translated(), self._writing_engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                name = func.hashtext("simpang.schema")
                connection.execute(select(func.pg_advisory_xact_lock(name)))
            yield connection

    @contextmanager
    def check(self) -> Iterator[Connection]:
        """Give a transaction that could write, and is taken back at the end.

        Raises
        ------
        StoreUnavailableError
            Where the database is away, or takes no writer.
        """
        with _translated(), self._writing_engine.connect() as connection, connection.begin() as one:
            yield connection
            one.rollback()

    def close(self) -> None:
        """Close every connection; a second call does nothing."""
        self.engine.dispose()


def open_database(url: str, *, password: str | None = None) -> Database:
    """Return the database at ``url``; nothing is connected yet.

    Parameters
    ----------
    url
        ``sqlite:///file`` or ``postgresql://…``.
    password
        For PostgreSQL, where ``url`` has none.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(
            parsed, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_S}
        )
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return Database(engine)
    parsed = parsed.set(drivername="postgresql+psycopg", password=password or parsed.password)
    engine = create_engine(
        parsed,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 5,
            "application_name": "simpang-central",
            "options": f"-c lock_timeout={BUSY_TIMEOUT_S}s -c statement_timeout=60s",
        },
    )
    return Database(engine)


def upsert(session: Session, table: type[Any]) -> "sqlite.Insert | postgresql.Insert":
    """Return an insert into ``table`` that can say what to do where the row is there already."""
    core: Table = table.__table__
    return postgresql.insert(core) if is_postgresql(session) else sqlite.insert(core)


def is_postgresql(session: Session) -> bool:
    """Tell which of the two databases the session speaks to."""
    return session.get_bind().dialect.name == "postgresql"


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # The driver's own transactions start too late, and never as IMMEDIATE: ours start on "begin".
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    # FULL: what central has acked survives a power cut, because the edge then forgets it.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    # A writer that starts by reading could not upgrade its lock while another one writes.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _AWAY as error:
        raise StoreUnavailableError(_in_words(error)) from error
    except (exc.SQLAlchemyError, OverflowError) as error:
        raise StoreRefusedError(_in_words(error)) from error


def _in_words(error: Exception) -> str:
    original = getattr(error, "orig", None) or error
    first_line = next(iter(str(original).splitlines()), "")
    return f"{type(original).__name__}: {first_line}"
