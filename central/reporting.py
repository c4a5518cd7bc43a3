"""Logs what may happen a thousand times a second, at most once a minute and with a count."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from central.errors import CentralError

REPORT_EVERY = timedelta(minutes=1)
"""A sender of rubbish must not fill the disk with logs."""


@dataclass(slots=True)
class _Last:
    at: datetime
    unreported: int = 0


class Reporter:
    """Warnings for the log, each subject by itself, so that none hides another.

    Parameters
    ----------
    logger
        Where they go.
    clock
        Gives the present, aware UTC.
    """

    def __init__(self, logger: logging.Logger, *, clock: Callable[[], datetime]) -> None:
        self._logger = logger
        self._clock = clock
        self._last: dict[str, _Last] = {}

    def report(self, subject: str, detail: str, error: Exception | None = None) -> None:
        """Log a warning, or count it where the subject had one within the last minute.

        Parameters
        ----------
        subject
            What happened, out of a few fixed texts: each is remembered.
        error
            Why. Only one that nobody foresaw is logged with its trace.
        """
        now = self._clock()
        last = self._last.get(subject)
        # abs: a clock that was put back must not silence it.
        if last is not None and abs(now - last.at) < REPORT_EVERY:
            last.unreported += 1
            return
        is_foreseen = error is None or isinstance(error, CentralError)
        self._logger.warning(
            "%s: %s%s (and %d more since the last report)",
            subject,
            detail,
            "" if error is None else f": {error}",
            0 if last is None else last.unreported,
            exc_info=None if is_foreseen else error,
        )
        self._last[subject] = _Last(now)
