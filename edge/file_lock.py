"""The lock that lets one process at a time write an outbox."""

import fcntl
from pathlib import Path

from edge.errors import OutboxError


class FileLock:
    """Keeps a second process off; it ends with its holder, however that ends.

    Raises
    ------
    OutboxError
        Where another process holds it, or its file cannot be made.
    """

    def __init__(self, guarded: Path) -> None:
        try:
            guarded.parent.mkdir(parents=True, exist_ok=True)
            self._file = guarded.with_name(f"{guarded.name}.lock").open("ab")
        except OSError as exc:
            msg = f"the outbox {guarded} cannot be made: {exc.strerror}"
            raise OutboxError(msg) from exc
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            self._file.close()
            msg = f"the outbox {guarded} is in use by another process; one site runs once"
            raise OutboxError(msg) from exc

    def release(self) -> None:
        """Let the next process in."""
        self._file.close()
