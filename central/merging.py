"""Tells whether a sighting is of a thing that a complaint is already about.

One physical thing is one complaint: the same category, near enough, close enough in time. Knows no
SQL: the store hands in the complaints of one category.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.messages import Position
from central.complaints import OPEN, TAKES_SIGHTINGS, Status

_EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth (IUGG)."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something was seen: through which camera, in which zone, and where on earth."""

    site: str
    camera: str
    zone: str | None
    position: Position | None


@dataclass(frozen=True, slots=True)
class LatitudeBand:
    """Everything between two circles of latitude."""

    south_deg: float
    north_deg: float


@dataclass(frozen=True, slots=True)
class Sighting:
    """One incident, as far as merging is concerned."""

    spot: Spot
    started_at: datetime
    observed_at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """One complaint of the sighting's category.

    Attributes
    ----------
    started_at, last_seen_at
        The time over which its sightings reach.
    """

    complaint_id: int
    status: Status
    spot: Spot
    started_at: datetime
    last_seen_at: datetime


def best_match(
    sighting: Sighting, candidates: Iterable[Candidate], *, window_s: float, radius_m: float
) -> Candidate | None:
    """Return the complaint that the sighting belongs to.

    Parameters
    ----------
    window_s
        The longest time between two sightings of one thing.
    radius_m
        The longest distance between two sightings of one thing by different cameras.

    Returns
    -------
    Candidate | None
        An open one before a closed one, then the one seen last; None where none fits.
    """
    fitting = [
        candidate
        for candidate in candidates
        if candidate.status in TAKES_SIGHTINGS
        and is_near_in_time(sighting, candidate, window_s)
        and is_same_place(sighting.spot, candidate.spot, radius_m)
    ]
    return max(fitting, key=lambda one: (one.status in OPEN, one.last_seen_at), default=None)


def is_near_in_time(sighting: Sighting, candidate: Candidate, window_s: float) -> bool:
    """Tell whether the gap between the two is at most ``window_s``; messages come in any order."""
    window = timedelta(seconds=window_s)
    return (
        sighting.started_at <= candidate.last_seen_at + window
        and sighting.observed_at >= candidate.started_at - window
    )


def is_same_place(one: Spot, other: Spot, radius_m: float) -> bool:
    """Tell whether two spots are one place.

    Within one camera the zone decides: two carriageways share the camera's position, and a jam on
    the one is not a jam on the other. Between cameras it is the distance.
    """
    if (one.site, one.camera) == (other.site, other.camera):
        return one.zone == other.zone
    if one.position is None or other.position is None:
        return False
    return distance_m(one.position, other.position) <= radius_m


def latitude_band(position: Position, radius_m: float) -> LatitudeBand:
    """Return a band that holds every place within ``radius_m``, and little enough besides.

    A store can look a band up. A box would be smaller, and wrong at the poles and the antimeridian.
    """
    reach_deg = math.degrees(radius_m / _EARTH_RADIUS_M)
    return LatitudeBand(position.latitude_deg - reach_deg, position.latitude_deg + reach_deg)


def distance_m(one: Position, other: Position) -> float:
    """Return the great-circle distance in metres.

    Notes
    -----
    The haversine formula, which stays exact for the short distances that matter here.
    """
    latitude_1, latitude_2 = math.radians(one.latitude_deg), math.radians(other.latitude_deg)
    half_latitude = (latitude_2 - latitude_1) / 2
    half_longitude = math.radians(other.longitude_deg - one.longitude_deg) / 2
    chord = (
        math.sin(half_latitude) ** 2
        + math.cos(latitude_1) * math.cos(latitude_2) * math.sin(half_longitude) ** 2
    )
    return 2 * _EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))
