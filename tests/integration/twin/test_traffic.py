from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from scripts.twin.actors import Actor, Kind
from scripts.twin.shapes import shape
from scripts.twin.traffic import TrafficRun, run_traffic
from scripts.twin.traffic.fleet import MODELS
from scripts.twin.truth import ApproachSecond
from scripts.twin.world import ROAD_HALF_WIDTH_M, STOP_LINE_M

pytestmark = [pytest.mark.integration, pytest.mark.computes]

OTHERS = ("north", "east", "west")
FILM_S = 100.0
"""A cycle of the signal and more; of dense traffic half as much."""


@cache
def traffic(demand: str) -> TrafficRun:
    film_s = FILM_S / 2 if demand == "dense" else FILM_S
    return run_traffic(demand, seed=1, from_s=300.0, duration_s=film_s)


def moments(run: TrafficRun, every_s: float) -> Iterator[tuple[float, tuple[Actor, ...]]]:
    for at in range(0, round(run.duration_s * 10), round(every_s * 10)):
        yield at / 10, run.actors(at / 10)


def vehicles(actors: tuple[Actor, ...]) -> list[Actor]:
    return [actor for actor in actors if actor.kind is not Kind.PERSON]


def greens(run: TrafficRun, approach: str) -> list[tuple[float, float]]:
    """Return from when to when an approach had green, for greens that end within the film."""
    phases = run.signals
    return [
        (phase.from_s, following.from_s)
        for phase, following in pairwise(phases)
        if phase.shows[approach] == "green" and following.shows[approach] != "green"
    ]


def least_halting(seconds: tuple[ApproachSecond, ...], green: tuple[float, float]) -> int:
    return min(one.halting for one in seconds if green[0] <= one.at_s <= green[1] + 3)


def corners(actor: Actor) -> NDArray[np.float64]:
    model = MODELS[actor.shape]
    heading = np.radians(actor.heading_deg)
    ahead = np.array([np.cos(heading), np.sin(heading)])
    side = np.array([-ahead[1], ahead[0]]) * model.width_m / 2
    front = np.array([actor.x_m, actor.y_m])
    back = front - ahead * model.length_m
    return np.stack([front + side, front - side, back - side, back + side])


def overlap_m(one: Actor, other: Actor) -> float:
    """Return how deep two vehicles are in each other; negative where they are apart."""
    first, second = corners(one), corners(other)
    depths = []
    for box in (first, second):
        for edge in np.diff(box[:3], axis=0):
            along = edge / np.linalg.norm(edge)
            a, b = first @ along, second @ along
            depths.append(min(a.max() - b.min(), b.max() - a.min()))
    return float(min(depths))


def test_the_same_seed_gives_the_same_traffic_and_another_seed_other_traffic() -> None:
    first, second, other = (
        run_traffic("night", seed=seed, from_s=60.0, duration_s=20.0) for seed in (5, 5, 6)
    )
    assert [actors for _, actors in moments(first, 1)] == [a for _, a in moments(second, 1)]
    assert (first.signals, first.approaches, first.trips) == (
        second.signals,
        second.approaches,
        second.trips,
    )
    assert first.actors(10.0) != other.actors(10.0)


def test_the_jam_stands_for_the_whole_film_and_the_other_approaches_clear() -> None:
    run = traffic("jam")
    south = run.approaches["south"]
    assert len(south) == FILM_S
    assert np.mean([one.halting / one.vehicles for one in south]) > 0.6
    assert np.mean([one.mean_speed_mps for one in south if one.mean_speed_mps is not None]) < 1.0
    assert min(one.occupancy for one in south) > 0.6
    for _, actors in moments(run, 10):
        assert any(
            actor.lane.startswith("south_in") and -100 < actor.y_m < -90 and actor.speed_mps < 4
            for actor in actors
        )
    for approach in OTHERS:
        for green in greens(run, approach):
            assert least_halting(run.approaches[approach], green) <= 1


@pytest.mark.parametrize("demand", ["free", "busy"])
def test_every_queue_clears_in_one_green(demand: str) -> None:
    run = traffic(demand)
    cleared = [
        least_halting(run.approaches[approach], green)
        for approach in ("south", *OTHERS)
        for green in greens(run, approach)
    ]
    assert len(cleared) >= 4
    assert max(cleared) == 0


def test_busy_traffic_queues_at_red() -> None:
    south = traffic("busy").approaches["south"]
    assert max(one.halting for one in south) >= 12
    assert max(one.queue_m for one in south) > 30


def test_dense_traffic_never_stops_on_the_street() -> None:
    run = traffic("dense")
    speeds = [
        actor.speed_mps
        for _, actors in moments(run, 0.5)
        for actor in vehicles(actors)
        if -330 <= actor.y_m <= -250
    ]
    assert min(speeds) > 2.5
    assert 6.5 < np.mean(speeds) < 9.8
    for name in ("street-northbound", "street-southbound"):
        assert np.mean([one.vehicles for one in run.approaches[name]]) > 8


def test_night_traffic_is_sparse_and_fast() -> None:
    run = traffic("night")
    speeds = [
        actor.speed_mps
        for _, actors in moments(run, 1)
        for actor in vehicles(actors)
        if -330 <= actor.y_m <= -250
    ]
    assert len(speeds) / FILM_S < 4
    assert np.mean(speeds) > 11


@pytest.mark.parametrize("demand", ["busy", "dense", "jam"])
def test_two_of_three_vehicles_are_motorcycles(demand: str) -> None:
    kinds = {
        actor.actor_id: actor.kind
        for _, actors in moments(traffic(demand), 1)
        for actor in vehicles(actors)
    }
    share = list(kinds.values()).count(Kind.MOTORCYCLE) / len(kinds)
    assert 0.60 <= share <= 0.70
    assert set(Kind) - {Kind.THING, Kind.PERSON} == set(kinds.values())


@pytest.mark.parametrize("demand", ["busy", "jam"])
def test_standing_vehicles_do_not_overlap(demand: str) -> None:
    looks = pairs = 0
    for _, actors in moments(traffic(demand), 2):
        standing = [actor for actor in vehicles(actors) if actor.speed_mps < 0.2]
        looks += len(standing)
        for number, one in enumerate(standing):
            for other in standing[:number]:
                if abs(one.x_m - other.x_m) + abs(one.y_m - other.y_m) < 10:
                    pairs += overlap_m(one, other) > 0.25
    # What is left are mirrors and handlebars in each other where a queue is tightest.
    assert pairs <= 0.01 * looks


@pytest.mark.parametrize("demand", ["free", "busy", "jam"])
def test_vehicles_wait_behind_the_painted_stop_line(demand: str) -> None:
    for _, actors in moments(traffic(demand), 2):
        for actor in vehicles(actors):
            if actor.speed_mps < 0.1 and "_in_" in actor.lane:
                assert max(abs(actor.x_m), abs(actor.y_m)) >= STOP_LINE_M + 0.1


def test_traffic_keeps_left_and_on_the_road() -> None:
    for _, actors in moments(traffic("busy"), 2):
        for actor in vehicles(actors):
            if actor.y_m < -15 and abs(actor.x_m) < 30:
                assert abs(actor.x_m) < ROAD_HALF_WIDTH_M
                northbound = np.sin(np.radians(actor.heading_deg)) > 0
                assert (actor.x_m < 0) == northbound


def test_headings_turn_as_fast_as_a_vehicle_can() -> None:
    run = traffic("busy")
    before: dict[str, float] = {}
    for _, actors in moments(run, 0.1):
        for actor in vehicles(actors):
            last = before.get(actor.actor_id, actor.heading_deg)
            turned = (actor.heading_deg - last + 180) % 360 - 180
            assert abs(turned) < 12, actor.actor_id
            before[actor.actor_id] = actor.heading_deg


def test_people_keep_to_pavements_and_crossings() -> None:
    walkers = [
        actor
        for _, actors in moments(traffic("free"), 1)
        for actor in actors
        if actor.kind is Kind.PERSON
    ]
    assert any(abs(actor.x_m) < 5 and 8 <= abs(actor.y_m) <= 10.3 for actor in walkers)
    for actor in walkers:
        across, along = sorted((abs(actor.x_m), abs(actor.y_m)))
        assert across > ROAD_HALF_WIDTH_M or 7.9 <= along <= 10.4


def test_sumos_measures_agree_with_where_everyone_is() -> None:
    run = traffic("busy")
    for one in run.approaches["south"][::7]:
        here = [
            actor
            for actor in run.actors(one.at_s + 0.5)
            if actor.lane in ("south_in_1", "south_in_2") and actor.y_m > -STOP_LINE_M - 100
        ]
        assert abs(len(here) - one.vehicles) <= 3
        assert abs(sum(actor.speed_mps < 0.1 for actor in here) - one.halting) <= 3
        if here and one.mean_speed_mps is not None:
            speed = float(np.mean([actor.speed_mps for actor in here]))
            assert speed == pytest.approx(one.mean_speed_mps, abs=1.2)


def test_signals_turn_green_one_approach_at_a_time_through_amber() -> None:
    phases = traffic("free").signals
    assert phases[0].from_s == 0
    for phase, following in pairwise(phases):
        assert sum(light == "green" for light in phase.shows.values()) <= 1
        for approach, light in phase.shows.items():
            if light == "green":
                assert following.shows[approach] == "amber"
            if light == "amber":
                assert following.shows[approach] == "red"
                assert following.from_s - phase.from_s <= 3.0


def test_trips_end_within_the_film_and_name_their_approach() -> None:
    trips = traffic("busy").trips
    assert len(trips) > 30
    assert {trip.approach for trip in trips} == {"south", *OTHERS}
    assert all(0 <= trip.waiting_s <= trip.duration_s for trip in trips)


def test_a_time_outside_the_film_is_refused() -> None:
    run = traffic("free")
    for wrong in (-0.1, 0.05, FILM_S + 0.1):
        with pytest.raises(ValueError, match=r"multiples of 0\.1 s"):
            run.actors(wrong)


@pytest.mark.parametrize("name", MODELS)
def test_models_are_as_large_as_their_shapes(name: str) -> None:
    model, mesh = MODELS[name], shape(name)
    assert model.kind is mesh.kind
    if model.kind is not Kind.PERSON:
        assert model.length_m == pytest.approx(mesh.length_m, abs=0.05)
        # A mesh is as wide as its mirrors or handlebar.
        assert 0.0 <= mesh.width_m - model.width_m < 0.45
