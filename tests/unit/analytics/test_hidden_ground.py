"""What hides the ground, and what has stood there for so long that it belongs to the scene."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest

from analytics.blocks import Blocks
from analytics.detections import BoolArray, Detections, FloatArray, ObjectClass
from analytics.hidden_ground import HiddenGround, HiddenRule
from analytics.zones import Zone
from tests.scenes import NO_BOXES, START, Box, some_detections

SIZE = (640, 360)
BLOCKS = Blocks.of([Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)])], SIZE)
SPOT: Box = (200, 100, 280, 160)
UNDER = BLOCKS.touched(np.array([(208, 108, 272, 152)], np.float32))
THERE = np.array([SPOT], np.float32)
EVERY_S = 15
NOBODY = Detections.none()


def something(of: ObjectClass = ObjectClass.MOTORCYCLE) -> Detections:
    return some_detections([SPOT], of=of)


class Camera:
    """Looks at a view every few seconds, and remembers what was hidden last."""

    def __init__(self) -> None:
        self.ground = HiddenGround(BLOCKS, HiddenRule())
        self.now = START
        self.hidden: BoolArray = np.zeros(len(BLOCKS), np.bool_)

    def look(
        self,
        found: Callable[[int], Detections] | Detections,
        minutes: float = EVERY_S / 60,
        *,
        opened: FloatArray = NO_BOXES,
        near: FloatArray = NO_BOXES,
    ) -> None:
        for number in range(round(minutes * 60 / EVERY_S)):
            seen = found if isinstance(found, Detections) else found(number)
            self.hidden = self.ground.look(seen, self.now, open_boxes=opened, near_boxes=near)
            self.now += timedelta(seconds=EVERY_S)

    @property
    def hides_spot(self) -> bool:
        under = self.hidden[UNDER]
        assert under.all() or not under.any()
        return bool(under.all())


@pytest.fixture
def camera() -> Camera:
    return Camera()


@pytest.mark.parametrize(("confidence", "hides"), [(0.14, False), (0.16, True)])
def test_what_may_be_a_vehicle_hides_its_ground_and_a_rim_around_it(
    camera: Camera, confidence: float, hides: bool
) -> None:
    camera.look(some_detections([SPOT], confidence=confidence))

    x1, y1, x2, y2 = SPOT
    rim = np.array([(x1 - 11, y1, x1 - 9, y2), (x2 + 9, y1, x2 + 11, y2)], np.float32)
    assert camera.hides_spot is hides
    assert camera.hidden[BLOCKS.touched(rim)].any() == hides
    far = np.array([(x1 - 60, y1, x1 - 30, y2)], np.float32)
    assert not camera.hidden[BLOCKS.touched(far)].any()


def test_what_stands_for_two_hours_hides_its_ground_no_longer(camera: Camera) -> None:
    camera.look(something(), 119)
    assert camera.hides_spot

    camera.look(something(), 3)

    assert not camera.hides_spot


def test_what_the_model_takes_for_a_vehicle_nine_times_of_ten_comes_to_stand(
    camera: Camera,
) -> None:
    camera.look(lambda look: NOBODY if look % 10 == 9 else something(), 6 * 60)
    camera.look(something())

    assert not camera.hides_spot


@pytest.mark.parametrize("queue_s", [60, 90])
def test_a_queue_that_clears_at_each_green_light_never_stands(camera: Camera, queue_s: int) -> None:
    camera.look(lambda look: something() if look * EVERY_S % 120 < queue_s else NOBODY, 12 * 60)
    camera.look(something())

    assert camera.hides_spot


def test_nobody_is_learnt_as_a_part_of_the_street(camera: Camera) -> None:
    camera.look(something(ObjectClass.PERSON), 5 * 60)
    assert camera.hides_spot

    chair_and_man = some_detections([SPOT, SPOT], of=[ObjectClass.MOTORCYCLE, ObjectClass.PERSON])
    camera.look(chair_and_man, 5 * 60)

    assert camera.hides_spot


@pytest.mark.parametrize("boxes", ["opened", "near"])
def test_what_comes_to_stand_where_something_was_found_hides_it_as_long_as_it_stays(
    camera: Camera, boxes: str
) -> None:
    camera.look(something(), 24 * 60, **{boxes: THERE})

    assert camera.hides_spot


def test_a_thing_that_is_a_vehicle_to_the_model_stays_in_sight_once_it_is_open(
    camera: Camera,
) -> None:
    camera.look(something(), 3 * 60)
    assert camera.ground.standing[UNDER].all()

    camera.look(lambda look: NOBODY if look % 3 else something(), 5 * 60, opened=THERE, near=THERE)
    camera.look(something(), opened=THERE, near=THERE)

    assert not camera.hides_spot


def test_a_car_that_was_parked_beside_what_opens_frees_its_spot_when_it_leaves(
    camera: Camera,
) -> None:
    camera.look(something(), 3 * 60)
    camera.look(NOBODY, 10, near=THERE)

    camera.look(something(), 5 * 60, near=THERE)

    assert camera.hides_spot


def test_where_something_stood_for_hours_the_next_vehicle_hides_the_ground_again(
    camera: Camera,
) -> None:
    camera.look(something(), 12 * 60)
    camera.look(NOBODY, 10)

    camera.look(something())

    assert camera.hides_spot


def test_what_one_look_missed_or_what_has_just_left_is_still_what_its_spot_shows(
    camera: Camera,
) -> None:
    camera.look(something(), 3 * 60)
    camera.look(NOBODY, 2)
    assert camera.ground.standing[UNDER].all(), "the background has not learnt the street yet"

    camera.look(NOBODY, 8)
    assert not camera.ground.standing.any()


def test_hours_without_a_look_do_not_tell_that_something_stood_there(camera: Camera) -> None:
    camera.look(something())
    camera.now += timedelta(hours=9)

    camera.look(something(), 118)
    assert camera.hides_spot

    camera.look(something(), 3)
    assert not camera.hides_spot


def test_a_clock_that_was_set_back_tells_of_no_time(camera: Camera) -> None:
    camera.look(NOBODY, 30)
    camera.now -= timedelta(hours=9)
    camera.look(NOBODY)

    camera.look(something())

    assert camera.hides_spot


def test_a_restart_goes_on_where_it_stopped(camera: Camera) -> None:
    camera.look(something(), 3 * 60)
    after = HiddenGround(BLOCKS, HiddenRule())

    after.restore(camera.ground.to_bytes())

    assert not after.look(something(), camera.now, open_boxes=NO_BOXES, near_boxes=NO_BOXES).any()


@pytest.mark.parametrize(
    ("blocks", "damage", "text"),
    [
        pytest.param(BLOCKS, lambda data: data[:-1], "damaged", id="cut off"),
        pytest.param(BLOCKS, lambda _: b"", "damaged", id="empty"),
        pytest.param(
            Blocks.of([Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)])], (1280, 720)),
            lambda data: data,
            "another picture size",
            id="of another size",
        ),
    ],
)
def test_what_is_damaged_or_of_another_view_is_refused(
    camera: Camera, blocks: Blocks, damage: Callable[[bytes], bytes], text: str
) -> None:
    camera.look(something(), 3 * 60)
    after = HiddenGround(blocks, HiddenRule())

    with pytest.raises(ValueError, match=text):
        after.restore(damage(camera.ground.to_bytes()))
