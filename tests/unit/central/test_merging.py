"""What counts as one physical thing."""

from datetime import timedelta

import pytest

from analytics.messages import Position
from central.complaints import Status
from central.merging import (
    Candidate,
    Sighting,
    Spot,
    best_match,
    distance_m,
    latitude_band,
)
from tests.builders import AT

MONAS = Position(latitude_deg=-6.1754, longitude_deg=106.8272)
NEXT_CORNER = Position(latitude_deg=-6.1754, longitude_deg=106.8276)
"""44 m further east."""

WINDOW_S = 1800.0
RADIUS_M = 50.0


def a_spot(
    camera: str = "west", zone: str | None = "inbound", position: Position | None = None
) -> Spot:
    return Spot("harmoni", camera, zone, position)


def a_sighting(spot: Spot | None = None, *, minutes: float = 0, lasting: float = 0) -> Sighting:
    started_at = AT + timedelta(minutes=minutes)
    return Sighting(spot or a_spot(), started_at, started_at + timedelta(minutes=lasting))


def a_candidate(
    spot: Spot | None = None,
    *,
    complaint_id: int = 1,
    status: Status = Status.NEW,
    last_seen_minutes: float = 0,
) -> Candidate:
    last_seen_at = AT + timedelta(minutes=last_seen_minutes)
    return Candidate(complaint_id, status, spot or a_spot(), min(AT, last_seen_at), last_seen_at)


def matched(sighting: Sighting, *candidates: Candidate) -> int | None:
    match = best_match(sighting, candidates, window_s=WINDOW_S, radius_m=RADIUS_M)
    return None if match is None else match.complaint_id


@pytest.mark.parametrize(
    ("one", "other", "is_one_thing"),
    [
        pytest.param(a_spot(), a_spot(), True, id="same camera, same zone"),
        pytest.param(a_spot(zone=None), a_spot(zone=None), True, id="the whole view, twice"),
        pytest.param(a_spot(zone="outbound"), a_spot(), False, id="the other carriageway"),
        pytest.param(
            a_spot(zone="outbound", position=MONAS),
            a_spot(position=MONAS),
            False,
            id="the other carriageway, though the camera stands where it stands",
        ),
        pytest.param(
            a_spot("east", position=NEXT_CORNER),
            a_spot(position=MONAS),
            True,
            id="another camera, 44 m away",
        ),
        pytest.param(
            a_spot("east", position=Position(latitude_deg=-6.1754, longitude_deg=106.8277)),
            a_spot(position=MONAS),
            False,
            id="another camera, 55 m away",
        ),
        pytest.param(
            a_spot("east"), a_spot(position=MONAS), False, id="another camera, nobody knows where"
        ),
        pytest.param(
            Spot("senen", "west", "inbound", None), a_spot(), False, id="another site's namesake"
        ),
    ],
)
def test_the_place_decides(one: Spot, other: Spot, is_one_thing: bool) -> None:
    assert (matched(a_sighting(one), a_candidate(other)) is not None) is is_one_thing


@pytest.mark.parametrize(
    ("minutes", "lasting", "is_one_thing"),
    [
        pytest.param(0, 0, True, id="at once"),
        pytest.param(30, 0, True, id="at the end of the window"),
        pytest.param(31, 0, False, id="after the window"),
        pytest.param(-30, 0, True, id="an older message that came late"),
        pytest.param(-31, 0, False, id="one from before the window"),
        pytest.param(-60, 120, True, id="one that lasted all the time"),
    ],
)
def test_the_time_decides(minutes: float, lasting: float, is_one_thing: bool) -> None:
    sighting = a_sighting(minutes=minutes, lasting=lasting)
    assert (matched(sighting, a_candidate()) is not None) is is_one_thing


@pytest.mark.parametrize("status", list(Status))
def test_rejected_and_duplicate_complaints_take_no_sightings(status: Status) -> None:
    takes = status not in {Status.REJECTED, Status.DUPLICATE}
    assert (matched(a_sighting(), a_candidate(status=status)) is not None) is takes


def test_an_open_complaint_goes_before_a_closed_one_that_was_seen_later() -> None:
    resolved = a_candidate(complaint_id=1, status=Status.RESOLVED, last_seen_minutes=10)
    still_open = a_candidate(complaint_id=2, status=Status.DISPATCHED)
    assert matched(a_sighting(minutes=12), resolved, still_open) == 2


def test_of_two_open_complaints_the_one_seen_last_is_taken() -> None:
    earlier = a_candidate(complaint_id=1)
    later = a_candidate(complaint_id=2, last_seen_minutes=10)
    assert matched(a_sighting(minutes=12), later, earlier) == 2


def test_the_distance_is_that_of_the_earth() -> None:
    # One degree of latitude on a sphere of the earth's mean radius: 2 * pi * r / 360.
    one_north = Position(latitude_deg=-5.1754, longitude_deg=106.8272)
    assert distance_m(MONAS, one_north) == pytest.approx(111_195.08, abs=0.1)
    assert distance_m(MONAS, MONAS) == 0
    assert distance_m(MONAS, NEXT_CORNER) == pytest.approx(44.2, abs=0.1)


def test_a_band_of_latitude_holds_what_is_within_reach() -> None:
    band = latitude_band(MONAS, RADIUS_M)
    northmost = Position(latitude_deg=band.north_deg, longitude_deg=MONAS.longitude_deg)
    southmost = Position(latitude_deg=band.south_deg, longitude_deg=MONAS.longitude_deg)
    assert distance_m(MONAS, northmost) == pytest.approx(RADIUS_M)
    assert distance_m(MONAS, southmost) == pytest.approx(RADIUS_M)
