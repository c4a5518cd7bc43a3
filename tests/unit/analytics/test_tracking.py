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


def test_two_vehicles_that_pass_each_other_keep_their_ids(tracker: Tracker) -> None:
    for step in range(41):
        boxes = [car_at(10 * step, 100), car_at(400 - 10 * step, 125)]
        tracks = follow(tracker, some_detections(boxes), step / 10)
    by_id = dict(zip(tracks.track_id.tolist(), tracks.xyxy[:, 0].tolist(), strict=True))
    assert by_id == {1: 400, 2: 0}


def test_a_vehicle_hidden_for_a_moment_comes_back_under_its_id(tracker: Tracker) -> None:
    for step in range(30):
        is_hidden = 10 <= step < 20
        boxes = [] if is_hidden else [car_at(6 * step)]
        tracks = follow(tracker, some_detections(boxes), step / 5)
    assert tracks.track_id.tolist() == [1]


def test_a_track_ends_when_it_is_lost_for_too_long(tracker: Tracker) -> None:
    for at_s in (0.0, 0.2, 10.0, 10.2):
        tracks = follow(tracker, some_detections([car_at(50)]), at_s)
    assert tracks.track_id.tolist() == [2]


def test_an_unsure_detection_carries_a_track_on_but_starts_none(tracker: Tracker) -> None:
    for step in range(5):
        both = some_detections([car_at(50), car_at(300)], confidence=[0.9, 0.2])
        follow(tracker, both, step / 5)
    unsure = some_detections([car_at(50), car_at(300)], confidence=[0.2, 0.2])
    assert follow(tracker, unsure, 1.0).track_id.tolist() == [1]


def test_the_class_seen_most_wins(tracker: Tracker) -> None:
    for step, seen in enumerate([ObjectClass.CAR, ObjectClass.TRUCK, ObjectClass.CAR]):
        tracks = follow(tracker, some_detections([car_at(50)], of=seen), step / 5)
    assert tracks.class_id.tolist() == [ObjectClass.CAR]


@pytest.mark.parametrize("looks_per_s", [1, 2, 5, 10, 25])
def test_speed_is_in_box_heights_a_second_at_any_look_rate(looks_per_s: int) -> None:
    tracker = Tracker(TrackerSettings())
    for step in range(5 * looks_per_s):
        at_s = step / looks_per_s
        tracks = follow(tracker, some_detections([car_at(20 * at_s)]), at_s)
    assert tracks.speed.tolist() == pytest.approx([0.5], rel=0.05)
    assert tracks.has_moved.tolist() == [True]


def test_a_jittering_box_stands_still(tracker: Tracker) -> None:
    jitter = np.random.default_rng(0).normal(0, 1.5, (50, 4))
    for step, noise in enumerate(jitter):
        box = np.asarray(car_at(50)) + noise
        tracks = follow(tracker, some_detections([tuple(box.tolist())]), step / 5)
    assert tracks.speed[0] < 0.1
    assert tracks.has_moved.tolist() == [False]


def test_a_young_track_has_no_speed_yet(tracker: Tracker) -> None:
    for step in range(4):
        tracks = follow(tracker, some_detections([car_at(50)]), step / 5)
    assert np.isnan(tracks.speed).all()


def test_a_clock_set_back_ends_all_tracks(tracker: Tracker) -> None:
    for at_s in (100.0, 100.2, 5.0, 5.2):
        tracks = follow(tracker, some_detections([car_at(50)]), at_s)
    assert tracks.track_id.tolist() == [2]


def test_no_detections_give_no_tracks(tracker: Tracker) -> None:
    assert len(follow(tracker, Detections.none(), 0.0)) == 0


def test_a_flood_of_detections_keeps_to_the_limit() -> None:
    tracker = Tracker(TrackerSettings(max_tracks=50))
    boxes = [car_at(70 * (n % 60), 50 * (n // 60)) for n in range(200)]
    for step in range(3):
        follow(tracker, some_detections(boxes), step / 5)
    assert len(tracker) == 50
