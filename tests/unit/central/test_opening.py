"""Which incidents open a complaint by themselves."""

import dataclasses
from datetime import UTC, datetime

import pytest

from analytics.messages import IncidentKind, QualityLevel
from central.incidents import Hold, supersedes
from central.opening import DEFAULT_POLICIES, KindPolicy, city_day, hold_of

POLICY = dataclasses.replace(
    DEFAULT_POLICIES[IncidentKind.CONGESTION], automatic=True, min_confidence=0.5
)


@pytest.mark.parametrize(
    ("policy", "confidence", "quality", "expected"),
    [
        pytest.param(POLICY, 0.8, QualityLevel.GOOD, None, id="sure and clear"),
        pytest.param(POLICY, 0.5, QualityLevel.GOOD, None, id="just sure enough"),
        pytest.param(POLICY, 0.49, QualityLevel.GOOD, Hold.LOW_CONFIDENCE, id="not sure enough"),
        pytest.param(POLICY, 0.9, QualityLevel.DEGRADED, Hold.DEGRADED_QUALITY, id="a poor view"),
        pytest.param(
            dataclasses.replace(POLICY, automatic=False),
            0.9,
            QualityLevel.GOOD,
            Hold.NOT_AUTOMATIC,
            id="the city wants to see each",
        ),
        pytest.param(
            None, 1.0, QualityLevel.GOOD, Hold.NO_COMPLAINT_KIND, id="nobody's to act upon"
        ),
    ],
)
def test_an_incident_opens_a_complaint_only_where_all_allows_it(
    policy: KindPolicy | None, confidence: float, quality: QualityLevel, expected: Hold | None
) -> None:
    assert hold_of(policy, confidence=confidence, quality=quality) is expected


def test_by_default_every_kind_but_a_camera_fault_opens_complaints() -> None:
    assert set(DEFAULT_POLICIES) == set(IncidentKind) - {IncidentKind.CAMERA_FAULT}


def test_the_day_of_the_cap_is_the_day_of_jakarta() -> None:
    half_past_six = datetime(2026, 8, 16, 23, 30, tzinfo=UTC)
    start, end = city_day(half_past_six)
    assert start.astimezone(UTC) == datetime(2026, 8, 16, 17, 0, tzinfo=UTC)
    assert end.astimezone(UTC) == datetime(2026, 8, 17, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("revision", "stored", "is_news"), [(1, None, True), (2, 1, True), (2, 2, False), (1, 2, False)]
)
def test_only_a_higher_revision_is_news(revision: int, stored: int | None, is_news: bool) -> None:
    assert supersedes(revision, stored) is is_news
