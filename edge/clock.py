"""The wall clock."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present time, aware UTC."""
    return datetime.now(UTC)
