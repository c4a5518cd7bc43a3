"""The outbox's file: all the SQL of the edge.

SQLite in WAL mode, every commit synced. It knows rows, not policy: what may be stored when, and
what a full disk means for the rest, is `edge.outbox`'s matter. Not thread-safe by itself.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from edge.errors import OutboxError, OutboxFullError

_FORMAT = 1
_SCHEMA = """
CREATE TABLE message (
    entry_id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id BLOB NOT NULL UNIQUE,
    topic TEXT NOT NULL,
    put_at REAL NOT NULL,
    payload BLOB NOT NULL
);
CREATE TABLE open_incident (
    incident_id BLOB PRIMARY KEY,
    payload BLOB NOT NULL
) WITHOUT ROWID;
"""

_NO_ROOM = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
    }
)
"""How SQLite names a full disk: it depends on which of its files could not grow."""

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored message, ready to be sent.

    Attributes
    ----------
    entry_id
        Grows with every message, and is never used twice: the order in which they are first sent.
    """

    entry_id: int
    message_id: UUID
    topic: str
    payload: bytes
    put_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """How much is in the file.

    Attributes
    ----------
    used_bytes
        Pages in use; the file itself does not shrink, it fills its free pages again.
    """

    depth: int
    oldest_put_at: datetime | None
    used_bytes: int


class OutboxFile:
    """An open outbox file. Every method raises `OutboxError` where the disk or the file fails.

    Attributes
    ----------
    path
        The SQLite file; ``-wal`` and ``-shm`` stand beside it while it is open.
    """

    def __init__(self, path: Path, db: sqlite3.Connection) -> None:
        self.path = path
        self._db = db

    @classmethod
    def create(cls, path: Path, *, limit_bytes: int) -> "OutboxFile":
        """Open ``path`` to write it, making it where it is missing; check it as a whole.

        Parameters
        ----------
        limit_bytes
            The most that the file may take; a larger one that exists already is kept.
        """
        with _translated(path):
            db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        opened = cls(path, db)
        try:
            opened._prepare(limit_bytes)
        except OutboxError:
            db.close()
            raise
        return opened

    @classmethod
    def read_only(cls, path: Path) -> "OutboxFile":
        """Open ``path`` to read it, also while another process writes it."""
        if not path.is_file():
            msg = f"there is no outbox at {path}"
            raise OutboxError(msg)
        with _translated(path):
            db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        opened = cls(path, db)
        try:
            opened._check_format()
        except OutboxError:
            db.close()
            raise
        return opened

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what the body did, synced to the disk, or nothing of it."""
        with _translated(self.path):
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def insert(self, message_id: UUID, topic: str, payload: bytes, *, at: datetime) -> bool:
        """Store a message; False where it is here already."""
        with _translated(self.path):
            cursor = self._db.execute(
                "INSERT INTO message (message_id, topic, put_at, payload) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (message_id) DO NOTHING",
                (message_id.bytes, topic, at.timestamp(), payload),
            )
            return cursor.rowcount == 1

    def delete(self, message_ids: Iterable[UUID]) -> None:
        """Delete messages; one that is not here changes nothing."""
        ids = [(one.bytes,) for one in message_ids]
        with _translated(self.path):
            self._db.executemany("DELETE FROM message WHERE message_id = ?", ids)

    def has(self, message_id: UUID) -> bool:
        """Return whether a message is here."""
        query = "SELECT 1 FROM message WHERE message_id = ?"
        with _translated(self.path):
            return self._db.execute(query, (message_id.bytes,)).fetchone() is not None

    def get(self, entry_id: int) -> Entry | None:
        """Return one message; None where it is not here any more."""
        found = self.after(entry_id - 1, limit=1)
        return found[0] if found and found[0].entry_id == entry_id else None

    def after(self, entry_id: int, *, limit: int) -> list[Entry]:
        """Return the first ``limit`` messages that follow ``entry_id``, in order."""
        query = (
            "SELECT entry_id, message_id, topic, payload, put_at FROM message"
            " WHERE entry_id > ? ORDER BY entry_id LIMIT ?"
        )
        with _translated(self.path):
            rows = self._db.execute(query, (entry_id, limit)).fetchall()
        return [
            Entry(number, UUID(bytes=message_id), topic, payload, _time(put_at))
            for number, message_id, topic, payload, put_at in rows
        ]

    def keep_open(self, incident_id: UUID, payload: bytes) -> None:
        """Note the last revision of an open incident."""
        query = "INSERT OR REPLACE INTO open_incident (incident_id, payload) VALUES (?, ?)"
        with _translated(self.path):
            self._db.execute(query, (incident_id.bytes, payload))

    def keep_closed(self, incident_id: UUID) -> None:
        """Forget an open incident."""
        query = "DELETE FROM open_incident WHERE incident_id = ?"
        with _translated(self.path):
            self._db.execute(query, (incident_id.bytes,))

    def open_incidents(self) -> list[bytes]:
        """Return the payload of each open incident's last revision."""
        with _translated(self.path):
            rows = self._db.execute("SELECT payload FROM open_incident").fetchall()
        return [payload for (payload,) in rows]

    def measure(self) -> Stored:
        """Return how much is here; inside a transaction, with what it did so far."""
        with _translated(self.path):
            (depth,) = self._db.execute("SELECT count(*) FROM message").fetchone()
            oldest = self._db.execute(
                "SELECT put_at FROM message ORDER BY entry_id LIMIT 1"
            ).fetchone()
        return Stored(depth, None if oldest is None else _time(oldest[0]), self.used_bytes())

    def used_bytes(self) -> int:
        """Return the bytes of the pages in use."""
        pages = self._pragma("page_count") - self._pragma("freelist_count")
        return pages * self._pragma("page_size")

    def limit_bytes(self) -> int:
        """Return the most that the file may take."""
        return self._pragma("max_page_count") * self._pragma("page_size")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _prepare(self, limit_bytes: int) -> None:
        with _translated(self.path):
            self._db.execute("PRAGMA journal_mode = WAL")
            # The default of WAL mode may lose the last commits in a power cut.
            self._db.execute("PRAGMA synchronous = FULL")
            with closing(self._db.execute("PRAGMA quick_check(1)")) as answer:
                verdict = str(answer.fetchone()[0])
        if verdict != "ok":
            raise _damaged(self.path, verdict)
        if self._pragma("schema_version") == 0:
            with _translated(self.path):
                script = f"BEGIN; {_SCHEMA} PRAGMA user_version = {_FORMAT}; COMMIT;"
                self._db.executescript(script)
        self._check_format()
        pages = limit_bytes // self._pragma("page_size")
        self._pragma(f"max_page_count = {pages}")

    def _check_format(self) -> None:
        found = self._pragma("user_version")
        if found != _FORMAT:
            msg = f"{self.path} is no outbox of this version: format {found}, expected {_FORMAT}"
            raise OutboxError(msg)

    def _pragma(self, name: str) -> int:
        with _translated(self.path), closing(self._db.execute(f"PRAGMA {name}")) as answer:
            return int(answer.fetchone()[0])


def _time(timestamp: float) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into ours."""
    try:
        yield
    except sqlite3.Error as exc:
        code = getattr(exc, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        if code in _NO_ROOM:
            msg = f"no room for the outbox {path}: {exc}"
            raise OutboxFullError(msg) from exc
        # The low byte is the class of the error, the rest its detail.
        if code & 0xFF in _DAMAGED:
            raise _damaged(path, str(exc)) from exc
        msg = f"the outbox {path} failed: {exc}"
        raise OutboxError(msg) from exc


def _damaged(path: Path, why: str) -> OutboxError:
    return OutboxError(
        f"the outbox {path} is damaged ({why}). What it holds was not all sent, so it is not"
        f" replaced: move {path.name} and {path.name}-wal away to start with an empty one, and"
        f" read the rest of the old one with: sqlite3 {path.name} .recover"
    )
