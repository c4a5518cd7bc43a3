import pytest

from analytics.detections import ObjectClass
from analytics.messages import VehicleClass
from analytics.traffic import ZoneMeter
from analytics.zones import Zone
from tests.scenes import SIZE_PX, START, Box, some_tracks

ROAD = [(0.0, 0.25), (1.0, 0.25), (1.0, 1.0), (0.0, 1.0)]
ROW: list[Box] = [(x, 200, x + 80, 260) for x in range(0, 500, 100)]


@pytest.fixture
def meter() -> ZoneMeter:
    return ZoneMeter(Zone.of("road", ROAD))


def test_standing_and_moving_vehicles_are_told_apart(meter: ZoneMeter) -> None:
    tracks = some_tracks(ROW[:4], speed=[0.0, 0.1, 0.2, 1.2])
    figures = meter.measure(tracks, SIZE_PX, START)
    assert figures.stopped_share == pytest.approx(0.75)
    assert figures.vehicles == {VehicleClass.CAR: 4}


def test_a_vehicle_too_young_for_a_speed_counts_as_moving(meter: ZoneMeter) -> None:
    figures = meter.measure(some_tracks(ROW, speed=float("nan")), SIZE_PX, START)
    assert figures.stopped_share == 0.0
    assert figures.vehicle_count == len(ROW)


def test_a_row_of_parked_cars_counts_for_nothing(meter: ZoneMeter) -> None:
    figures = meter.measure(some_tracks(ROW, speed=0.0, has_moved=False), SIZE_PX, START)
    assert (figures.occupancy, figures.stopped_share, figures.vehicle_count) == (0.0, 0.0, 0)
    assert figures.parked == len(ROW)


def test_a_vehicle_found_standing_where_traffic_moves_is_in_the_queue(meter: ZoneMeter) -> None:
    meter.measure(some_tracks(ROW, speed=1.0), SIZE_PX, START)
    figures = meter.measure(some_tracks(ROW, speed=0.0, has_moved=False), SIZE_PX, START)
    assert figures.stopped_share == 1.0
    assert figures.parked == 0


def test_people_and_vehicles_elsewhere_do_not_count(meter: ZoneMeter) -> None:
    people = some_tracks(ROW, of=ObjectClass.PERSON)
    elsewhere = some_tracks([(100, 10, 180, 60)])
    assert meter.measure(people, SIZE_PX, START).vehicle_count == 0
    assert meter.measure(elsewhere, SIZE_PX, START).vehicle_count == 0


def test_an_empty_road_has_no_stopped_share(meter: ZoneMeter) -> None:
    figures = meter.measure(some_tracks([]), SIZE_PX, START)
    assert (figures.occupancy, figures.stopped_share) == (0.0, 0.0)
