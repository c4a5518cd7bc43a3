"""Times as an operator reads them: how long ago, for how long, and exactly when in WIB."""

from datetime import datetime

from central.complaints import CITY_TIME
from central.dashboard.texts import Catalogue

_NOW_S = 5
_MINUTE_S = 60
_HOUR_S = 60 * _MINUTE_S
_DAY_S = 24 * _HOUR_S


def exact(at: datetime, texts: Catalogue) -> str:
    """Return the date and time of ``at`` in WIB, to the second."""
    return _fill("time.exact", at, texts)


def short(at: datetime, texts: Catalogue) -> str:
    """Return day, month and time of ``at`` in WIB, to the minute."""
    return _fill("time.short", at, texts)


def clock(at: datetime, texts: Catalogue) -> str:
    """Return the time of day of ``at`` in WIB, to the second."""
    return _fill("time.clock", at, texts)


def lasted(seconds: float, texts: Catalogue) -> str:
    """Return a length of time in its largest unit, and the next smaller one where that matters.

    Parameters
    ----------
    seconds
        A negative length, of two clocks that disagree, is shown as none.
    """
    whole = max(0, int(seconds))
    if whole < _MINUTE_S:
        return texts("time.seconds", n=whole)
    if whole < _HOUR_S:
        return texts("time.minutes", n=whole // _MINUTE_S)
    if whole < _DAY_S:
        larger, rest = texts("time.hours", n=whole // _HOUR_S), whole % _HOUR_S // _MINUTE_S
        smaller = texts("time.minutes", n=rest)
    else:
        larger, rest = texts("time.days", n=whole // _DAY_S), whole % _DAY_S // _HOUR_S
        smaller = texts("time.hours", n=rest)
    return f"{larger} {smaller}" if rest else larger


def ago(at: datetime, now: datetime, texts: Catalogue) -> str:
    """Return how long before ``now`` it was; *just now* within a few seconds, or in the future."""
    seconds = (now - at).total_seconds()
    if seconds < _NOW_S:
        return texts("time.now")
    return texts("time.ago", time=lasted(seconds, texts))


def _fill(key: str, at: datetime, texts: Catalogue) -> str:
    local = at.astimezone(CITY_TIME)
    return texts(
        key,
        day=local.day,
        month=texts(f"time.month.{local.month}"),
        year=local.year,
        hour=f"{local.hour:02}",
        minute=f"{local.minute:02}",
        second=f"{local.second:02}",
    )
