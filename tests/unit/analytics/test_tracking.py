from collections.abc import Iterable

import numpy as np
import pytest

from analytics.detections import Detections, ObjectClass
from analytics.tracking import Tracker, TrackerSettings, Tracks
from tests.scenes import Box, some_detections


def follow(tracker: Tracker, detections: Detections, at_s: float, *, sure: float = 0.35) -> Tracks:
    return tracker.update(detections, detections.confidence >= sure, at_s)


def car_at(x: float, y: float = 100) -> Box:
    return (x, y, x + 60, y + 40)


@pytest.fixture
def tracker() -> Tracker:
    return Tracker(TrackerSettings())


def test_a_vehicle_keeps_its_id_while_it_moves(tracker: Tracker) -> None:
    ids = [
        follow(tracker, some_detections([car_at(8 * step)]), step / 5).track_id.tolist()
        for step in range(20)
    ]
    assert ids == [[]] + [[1]] * 19


def last_of(tracker: Tracker, looks: Iterable[tuple[float, Detections]]) -> Tracks:
    """Return the tracks after the last of the looks, ``(seconds, detections)``."""
    *_, tracks = [follow(tracker, detections, at_s) for at_s, detections in looks]
    return tracks


def test_two_vehicles_that_pass_each_other_keep_their_ids(tracker: Tracker) -> None:
    tracks = last_of(
        tracker,
        (
            (step / 10, some_detections([car_at(10 * step, 100), car_at(400 - 10 * step, 125)]))
            for step in range(41)
        ),
    )
    by_id = dict(zip(tracks.track_id.tolist(), tracks.xyxy[:, 0].tolist(), strict=True))
    assert by_id == {1: 400, 2: 0}


def test_a_vehicle_hidden_for_a_moment_comes_back_under_its_id(tracker: Tracker) -> None:
    hidden = range(10, 20)
    tracks = last_of(
        tracker,
        (
            (step / 5, some_detections([] if step in hidden else [car_at(6 * step)]))
            for step in range(30)
        ),
    )
    assert tracks.track_id.tolist() == [1]


def test_a_track_ends_when_it_is_lost_for_too_long(tracker: Tracker) -> None:
    car = some_detections([car_at(50)])
    tracks = last_of(tracker, ((at_s, car) for at_s in (0.0, 0.2, 10.0, 10.2)))
    assert tracks.track_id.tolist() == [2]


def test_an_unsure_detection_carries_a_track_on_but_starts_none(tracker: Tracker) -> None:
    both = [car_at(50), car_at(300)]
    last_of(tracker, ((n / 5, some_detections(both, confidence=[0.9, 0.2])) for n in range(5)))
    unsure = some_detections(both, confidence=[0.2, 0.2])
    assert follow(tracker, unsure, 1.0).track_id.tolist() == [1]


def test_the_class_seen_most_wins(tracker: Tracker) -> None:
    seen = [ObjectClass.CAR, ObjectClass.TRUCK, ObjectClass.CAR]
    tracks = last_of(
        tracker, ((n / 5, some_detections([car_at(50)], of=of)) for n, of in enumerate(seen))
    )
    assert tracks.class_id.tolist() == [ObjectClass.CAR]


@pytest.mark.parametrize("looks_per_s", [1, 2, 5, 10, 25])
def test_speed_is_in_box_heights_a_second_at_any_look_rate(looks_per_s: int) -> None:
    times = [step / looks_per_s for step in range(5 * looks_per_s)]
    tracks = last_of(
        Tracker(TrackerSettings()), ((at_s, some_detections([car_at(20 * at_s)])) for at_s in times)
    )
    assert tracks.speed.tolist() == pytest.approx([0.5], rel=0.05)
    assert tracks.has_moved.tolist() == [True]


def test_a_jittering_box_stands_still(tracker: Tracker) -> None:
    jitter = np.random.default_rng(0).normal(0, 1.5, (50, 4))
    boxes = (np.asarray(car_at(50)) + jitter).tolist()
    tracks = last_of(tracker, ((n / 5, some_detections([tuple(b)])) for n, b in enumerate(boxes)))
    assert tracks.speed[0] < 0.1
    assert tracks.has_moved.tolist() == [False]


def test_a_young_track_has_no_speed_yet(tracker: Tracker) -> None:
    tracks = last_of(tracker, ((n / 5, some_detections([car_at(50)])) for n in range(4)))
    assert np.isnan(tracks.speed).all()


def test_a_clock_set_back_ends_all_tracks(tracker: Tracker) -> None:
    car = some_detections([car_at(50)])
    tracks = last_of(tracker, ((at_s, car) for at_s in (100.0, 100.2, 5.0, 5.2)))
    assert tracks.track_id.tolist() == [2]


def test_no_detections_give_no_tracks(tracker: Tracker) -> None:
    assert len(follow(tracker, Detections.none(), 0.0)) == 0


def test_a_flood_of_detections_keeps_to_the_limit() -> None:
    tracker = Tracker(TrackerSettings(max_tracks=50))
    boxes = [car_at(70 * (n % 60), 50 * (n // 60)) for n in range(200)]
    for step in range(3):
        follow(tracker, some_detections(boxes), step / 5)
    assert len(tracker) == 50
