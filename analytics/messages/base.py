"""The types that several messages share: identity, time, place."""

import secrets
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
"""One topic level: lower-case letters, digits and hyphens. NATS would map a dot to a level."""

Fraction = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
"""A share, from 0 to 1."""

Measure = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
"""A physical amount; its unit is in the field's name."""

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)


def _as_utc(at: datetime) -> datetime:
    # Compared before it is converted: at the ends of the calendar a conversion overflows.
    if not _EARLIEST <= at < _LATEST:
        msg = f"a time between the years {_EARLIEST.year} and {_LATEST.year} is expected"
        raise ValueError(msg)
    return at.astimezone(UTC)


UtcTime = Annotated[AwareDatetime, AfterValidator(_as_utc)]
"""An aware time of this era; whatever its offset was, it is kept as UTC.

The bounds keep out what a reader could not even show in its own time zone.
"""

Point = tuple[Fraction, Fraction]
"""``(x, y)`` in fractions of the view's width and height; the origin is top left."""

ViewBox = tuple[Fraction, Fraction, Fraction, Fraction]
"""``(x1, y1, x2, y2)``, a box in fractions of the view; the origin is top left."""

Polygon = Annotated[tuple[Point, ...], Field(min_length=3, max_length=64)]
"""A closed outline; the last point joins the first."""


class VehicleClass(StrEnum):
    """What counts as a vehicle; a motorcycle's box holds its rider."""

    CAR = "car"
    MOTORCYCLE = "motorcycle"
    BUS = "bus"
    TRUCK = "truck"
    BICYCLE = "bicycle"


class WireModel(BaseModel):
    """Base of every part of a message: frozen, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class WireMessage(WireModel):
    """Base of every message: the version comes first, so that any reader can tell it."""

    schema_version: Literal[1] = Field(default=1, description="Version of this contract.")


class Position(WireModel):
    """A place on the earth, WGS 84."""

    latitude_deg: float = Field(ge=-90, le=90, allow_inf_nan=False)
    longitude_deg: float = Field(ge=-180, le=180, allow_inf_nan=False)
    accuracy_m: Measure | None = Field(
        default=None, description="Radius that holds the true place; none where not known."
    )


def new_id(at: datetime) -> UUID:
    """Return a new UUIDv7 that sorts by ``at``.

    Parameters
    ----------
    at
        Aware time that the id is stamped with, to the millisecond.

    Notes
    -----
    RFC 9562, section 5.7. Python's own ``uuid.uuid7`` comes with 3.14.
    """
    unix_ms = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    value = (unix_ms << 80) | (0x7 << 76) | (secrets.randbits(12) << 64)
    return UUID(int=value | (0b10 << 62) | secrets.randbits(62))
