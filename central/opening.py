"""Decides whether an incident opens a complaint by itself, or waits for an operator.

Knows no SQL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.messages import IncidentKind, QualityLevel
from central.complaints import CITY_TIME
from central.incidents import Hold

SECONDS_A_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class KindPolicy:
    """How incidents of one kind become complaints.

    Attributes
    ----------
    category
        What the complaint is filed under (Open311 ``service_code``).
    agency
        Who must act.
    automatic
        Opens by itself where confidence, quality and cap allow; else each one awaits review.
    min_confidence
        The least confidence, 0 to 1, to open by itself.
    daily_cap
        The most complaints that one camera opens by itself in a day of the city.
    window_s, radius_m
        How far apart two sightings of one thing may be; see `central.merging`.
    """

    category: str
    agency: str
    automatic: bool
    min_confidence: float
    daily_cap: int
    window_s: float
    radius_m: float


Policies = Mapping[IncidentKind, KindPolicy]
"""A kind that is not in it opens no complaint, such as a fault of the camera itself."""

DEFAULT_POLICIES: Policies = {
    IncidentKind.CONGESTION: KindPolicy(
        category="congestion",
        agency="Dinas Perhubungan",
        automatic=True,
        min_confidence=0.5,
        daily_cap=20,
        window_s=1800.0,
        radius_m=50.0,
    ),
    IncidentKind.POTHOLE: KindPolicy(
        category="pothole",
        agency="Dinas Bina Marga",
        automatic=True,
        min_confidence=0.7,
        daily_cap=5,
        window_s=30 * SECONDS_A_DAY,
        radius_m=15.0,
    ),
    IncidentKind.RUBBISH: KindPolicy(
        category="rubbish",
        agency="Dinas Lingkungan Hidup",
        automatic=True,
        min_confidence=0.7,
        daily_cap=5,
        window_s=3 * SECONDS_A_DAY,
        radius_m=25.0,
    ),
    IncidentKind.STREET_LIGHT: KindPolicy(
        category="street_light",
        agency="Dinas Bina Marga",
        automatic=True,
        min_confidence=0.7,
        daily_cap=5,
        window_s=14 * SECONDS_A_DAY,
        radius_m=15.0,
    ),
}


def hold_of(policy: KindPolicy | None, *, confidence: float, quality: QualityLevel) -> Hold | None:
    """Return why an incident must not open a complaint by itself; None where it may.

    The daily cap is not looked at: only what would open a new complaint has to count.

    Parameters
    ----------
    policy
        That of its kind; None where the kind opens no complaint.
    confidence
        Of the incident, 0 to 1.
    """
    if policy is None:
        return Hold.NO_COMPLAINT_KIND
    if not policy.automatic:
        return Hold.NOT_AUTOMATIC
    if confidence < policy.min_confidence:
        return Hold.LOW_CONFIDENCE
    if quality is not QualityLevel.GOOD:
        return Hold.DEGRADED_QUALITY
    return None


def city_day(at: datetime) -> tuple[datetime, datetime]:
    """Return the first moment of the city's day that holds ``at``, and that of the next day."""
    start = at.astimezone(CITY_TIME).replace(hour=0, minute=0, second=0, microsecond=0)
    return start, start + timedelta(days=1)
