"""A small file that outlives the process: read at the start, replaced as a whole now and then."""

import logging
import os
from pathlib import Path

logger = logging.getLogger(__name__)


class KeptFile:
    """What is learnt over days, in one file. Losing it costs time, so no error leaves here.

    Parameters
    ----------
    path
        Where it is kept; None keeps nothing, as a film asks.
    what
        What it holds, for the log, such as *the view*.
    """

    def __init__(self, path: Path | None, what: str) -> None:
        self._path = path
        self._what = what

    def read(self) -> bytes | None:
        """Return its content; None where there is none that can be read."""
        if self._path is None:
            return None
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as exc:
            self.refuse(exc.strerror or type(exc).__name__)
            return None

    def refuse(self, why: object) -> None:
        """Say in the log that its content is of no use."""
        logger.warning(
            "%s in %s cannot be read and is learnt anew: %s", self._what, self._path, why
        )

    def discard(self) -> None:
        """Delete it, if it is there."""
        if self._path is None:
            return
        try:
            self._path.unlink(missing_ok=True)
        except OSError as exc:
            logger.warning("%s in %s is not deleted: %s", self._what, self._path, exc.strerror)

    def write(self, content: bytes) -> None:
        """Replace its content; it is whole or as it was, also after a power cut."""
        if self._path is None:
            return
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with open(fresh, "wb", opener=_for_us_alone) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as exc:
            logger.warning("%s in %s is not kept: %s", self._what, self._path, exc.strerror)


def _for_us_alone(path: str, flags: int) -> int:
    # Some hold pictures of a street before anything in them was blurred.
    return os.open(path, flags, 0o600)
