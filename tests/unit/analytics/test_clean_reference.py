"""The clean scene: it follows the light, and takes no rubbish for a part of the street."""

from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pytest

from analytics.background import Background, BackgroundRule
from analytics.blocks import Blocks
from analytics.clean_reference import CleanReference
from analytics.detections import BoolArray
from analytics.frames import Image
from analytics.zones import Zone
from tests.scenes import START, nothing_before

SIZE = (320, 180)
BLOCKS = Blocks.of([Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)])], SIZE)
HEAP = BLOCKS.touched(np.array([[160, 80, 208, 120]], np.float32))
NOTHING = nothing_before(BLOCKS)
HOUR = timedelta(hours=1)


def a_street(*, heap: bool = False, gain: float = 1.0) -> Image:
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    ground = np.repeat((110 + 20 * np.sin(x / 40) + 15 * np.cos(y / 25))[..., None], 3, axis=2)
    if heap:
        ground[80:120, 160:208] = 190
        ground[80:120:8, 160:208] = 40
    return np.clip(ground * gain, 0, 255).astype(np.uint8)


def under_lamps() -> Image:
    """The street by night: dark, and bright where a lamp stands."""
    x = np.arange(SIZE[0])
    lamps = 46 + 90 * np.exp(-(((x[None] % 160) - 80) ** 2) / 300)
    return np.repeat(np.repeat(lamps, SIZE[1], axis=0)[..., None], 3, axis=2).astype(np.uint8)


class Street:
    """A background and its clean reference, that are shown the same picture for a while."""

    def __init__(self) -> None:
        self.background = Background(BLOCKS, BackgroundRule(15.0, 4))
        self.reference = CleanReference(BLOCKS)

    def show(
        self,
        image: Image,
        at: datetime,
        occupied: BoolArray = NOTHING,
        faint: BoolArray = NOTHING,
        standing: BoolArray = NOTHING,
    ) -> BoolArray:
        for _ in range(12):
            self.background.look(image, NOTHING, at)
        self.reference.update(
            self.background, at, occupied=occupied, faint=faint, standing=standing
        )
        return self.reference.changed


def test_a_clean_street_has_not_changed_however_the_light_does() -> None:
    street = Street()
    for hour, gain in enumerate([1.0, 1.2, 1.4, 1.2, 1.0, 0.8, 0.6, 0.8, 1.0] * 5):
        assert not street.show(a_street(gain=gain), START + hour * HOUR).any()


def test_a_vehicle_that_stands_there_from_the_first_day_is_no_clean_scene_of_its_spot() -> None:
    street = Street()
    street.show(a_street(heap=True), START, standing=HEAP)
    assert not street.reference.known[HEAP].any()
    assert street.reference.known[~HEAP].all()

    assert not street.show(a_street(), START + 3 * HOUR).any()
    assert street.reference.known.all()


def test_a_night_under_lamps_leaves_no_mark_on_the_next_day() -> None:
    street = Street()
    for day in range(3):
        for hour, gain in enumerate([0.7, 0.9, 1.0, 1.1, 1.0, 0.9, 0.7]):
            at = START + day * 24 * HOUR + hour * HOUR
            assert not street.show(a_street(gain=gain), at).any()
        for hour in range(12, 22):
            street.show(under_lamps(), START + day * 24 * HOUR + hour * HOUR)


def test_a_camera_that_begins_by_night_takes_its_first_day_for_clean() -> None:
    street = Street()
    for hour in range(3):
        street.show(under_lamps(), START + hour * HOUR)
    for hour in range(3, 9):
        assert not street.show(a_street(gain=1.4), START + hour * HOUR).any()


def test_how_bright_a_day_is_outlasts_a_restart() -> None:
    street = Street()
    street.show(a_street(), START)
    again = Street()
    again.reference.restore(street.reference.to_bytes())
    for hour in range(1, 10):
        again.show(under_lamps(), START + hour * HOUR)
    assert not again.show(a_street(), START + 24 * HOUR).any()


def test_a_street_that_is_always_dim_is_learnt_too() -> None:
    street = Street()
    street.show(a_street(gain=0.4), START)
    for hour in range(1, 25):
        assert street.show(a_street(gain=0.4, heap=True), START + hour * HOUR)[HEAP].all()
    assert not street.show(a_street(gain=0.4, heap=True), START + 25 * HOUR).any()


def test_after_a_bright_week_an_overcast_one_is_learnt_from() -> None:
    street = Street()
    street.show(a_street(gain=1.6), START)
    for hour in range(1, 24 * 4, 4):
        street.show(a_street(gain=0.8, heap=True), START + hour * HOUR)
    assert not street.show(a_street(gain=0.8, heap=True), START + 96 * HOUR).any()


def test_what_is_put_down_is_a_change_at_once_and_for_a_day() -> None:
    street = Street()
    street.show(a_street(), START)
    for hour in range(24):
        changed = street.show(a_street(heap=True), START + (1 + hour) * HOUR)
        assert changed[HEAP].all(), f"after {hour} h"
        assert not changed[~HEAP].any()
    # A day after it was put down, and nothing was found in it: it belongs to the street.
    assert not street.show(a_street(heap=True), START + 25 * HOUR).any()
    # So that taking it away is a change in turn.
    assert street.show(a_street(), START + 26 * HOUR)[HEAP].all()


def test_what_a_detector_finds_is_never_taken_for_clean() -> None:
    street = Street()
    street.show(a_street(), START)
    for hour in range(1, 24 * 14, 6):
        assert street.show(a_street(heap=True), START + hour * HOUR, HEAP)[HEAP].all()
    assert not street.show(a_street(), START + timedelta(days=15)).any()


SPOT = BLOCKS.touched(np.array([[172, 92, 196, 100]], np.float32))


def with_a_faint_hole(gain: float = 1.0) -> Image:
    street = a_street().astype(float)
    street[92:100:4, 172:196] -= 40
    return np.clip(street * gain, 0, 255).astype(np.uint8)


def every_five_minutes(hours: float) -> list[timedelta]:
    return [timedelta(minutes=5 * number) for number in range(1, round(12 * hours))]


def clean_spot(street: Street) -> npt.NDArray[np.float64]:
    assert street.reference.scene is not None
    return street.reference.scene[SPOT].astype(float)


def test_what_is_too_small_to_be_a_change_does_not_creep_in_before_it_is_sure() -> None:
    found, not_found = Street(), Street()
    for street, faint in ((found, SPOT), (not_found, NOTHING)):
        street.show(a_street(), START)
        clean = clean_spot(street)
        for after in every_five_minutes(1.5):
            assert not street.show(with_a_faint_hole(), START + after, faint, faint).any()
        off = np.abs(clean_spot(street) - clean).max()
        # A dark line makes its blocks a little darker, which is taken for their light.
        assert (off <= 6) if street is found else (off >= 30)


def test_what_is_found_all_day_belongs_to_the_street_after_two_hours() -> None:
    street = Street()
    street.show(a_street(), START)
    for number, after in enumerate(every_five_minutes(4)):
        # Missed now and then, which does not begin the two hours anew.
        faint = NOTHING if number % 10 == 9 else SPOT
        street.show(with_a_faint_hole(), START + after, faint, faint)

    shown = Street()
    shown.show(with_a_faint_hole(), START)
    assert np.abs(clean_spot(street) - clean_spot(shown)).max() <= 5


def test_what_is_found_for_days_follows_their_light_and_keeps_its_pattern() -> None:
    street = Street()
    street.show(with_a_faint_hole(), START, SPOT, SPOT)
    pattern = clean_spot(street).std(axis=(1, 2))
    for day in range(3):
        for number in range(144):
            gain = 1 + 0.4 * np.sin(2 * np.pi * number / 144)
            at = START + day * 24 * HOUR + number * timedelta(minutes=5)
            # Held in the morning, missed now and then, and not held after that.
            faint = NOTHING if number % 20 == 19 else SPOT
            assert not street.show(with_a_faint_hole(gain), at, faint, faint).any()
    assert clean_spot(street).std(axis=(1, 2)) == pytest.approx(pattern, rel=0.15)


def test_what_was_held_in_the_night_before_the_first_day_is_not_kept() -> None:
    street = Street()
    street.show(with_a_faint_hole(0.3), START, SPOT, SPOT)
    for after in every_five_minutes(2):
        street.show(a_street(), START + timedelta(minutes=30) + after, SPOT, SPOT)
    clean = Street()
    clean.show(a_street(), START)

    assert np.abs(clean_spot(street) - clean_spot(clean)).max() <= 3
    assert not street.reference.changed.any()


def in_rain() -> Image:
    """The street through a veil: half of its pattern is left."""
    street = grained_street()
    veiled: Image = (0.5 * street + 0.5 * street.mean()).astype(np.uint8)
    return veiled


def grained_street() -> Image:
    grain = np.random.default_rng(3).normal(0, 8, (SIZE[1], SIZE[0], 1))
    return np.clip(a_street() + grain, 0, 255).astype(np.uint8)


def test_an_afternoon_of_rain_is_no_part_of_the_street_and_a_lens_that_stays_dirty_is() -> None:
    street = Street()
    street.show(grained_street(), START)
    assert street.reference.scene is not None
    clean = street.reference.scene.astype(float)
    for after in every_five_minutes(5):
        street.show(in_rain(), START + after)
    assert np.array_equal(street.reference.scene, clean)
    for hour in range(5, 48):
        street.show(in_rain(), START + hour * HOUR)
    grain, before = (one.std(axis=(1, 2)).mean() for one in (street.reference.scene, clean))
    assert grain < 0.8 * before


def test_a_change_that_goes_and_comes_again_has_no_day_behind_it() -> None:
    street = Street()
    street.show(a_street(), START)
    for day in range(1, 8):
        at = START + timedelta(days=day)
        assert street.show(a_street(heap=True), at)[HEAP].all()
        assert street.show(a_street(heap=True), at + 12 * HOUR)[HEAP].all()
        assert not street.show(a_street(), at + 20 * HOUR).any()


def test_what_lay_there_on_the_first_day_is_taken_out_once_it_is_gone() -> None:
    street = Street()
    assert not street.show(a_street(heap=True), START, HEAP).any()
    assert not street.show(a_street(heap=True), START + HOUR, HEAP).any()
    # As long as it is not sure that it is gone, the place shows a change.
    assert street.show(a_street(), START + 2 * HOUR, HEAP)[HEAP].all()
    assert not street.show(a_street(), START + 3 * HOUR).any()
    # From now on it would be a change.
    assert street.show(a_street(heap=True), START + 4 * HOUR)[HEAP].all()


def test_a_restart_forgets_neither_the_clean_scene_nor_since_when_it_changed() -> None:
    street = Street()
    street.show(a_street(), START)
    street.show(a_street(heap=True), START + HOUR)
    again = Street()
    again.reference.restore(street.reference.to_bytes())
    assert again.show(a_street(heap=True), START + 24 * HOUR)[HEAP].all()
    assert not again.show(a_street(heap=True), START + 26 * HOUR).any()


def test_what_lay_there_on_the_first_day_is_remembered_over_a_restart() -> None:
    street = Street()
    street.show(a_street(heap=True), START, HEAP)
    again = Street()
    again.reference.restore(street.reference.to_bytes())
    assert not again.show(a_street(), START + HOUR).any()
    assert again.show(a_street(heap=True), START + 2 * HOUR)[HEAP].all()


def test_before_anything_is_known_there_is_nothing_to_keep() -> None:
    assert CleanReference(BLOCKS).to_bytes() == b""


def test_what_is_damaged_or_of_other_zones_is_refused() -> None:
    street = Street()
    street.show(a_street(), START)
    data = street.reference.to_bytes()
    for bad in (b"something else", data[: len(data) // 2], data[:300] + b"x" + data[301:]):
        with pytest.raises(ValueError, match="damaged"):
            CleanReference(BLOCKS).restore(bad)
    with pytest.raises(ValueError, match="damaged"):
        CleanReference(BLOCKS).restore(b"")
    # As many blocks, but others.
    left = Blocks.of([Zone.of("left", [(0, 0), (0.5, 0), (0.5, 1), (0, 1)])], SIZE)
    right = Blocks.of([Zone.of("right", [(0.5, 0), (1, 0), (1, 1), (0.5, 1)])], SIZE)
    assert len(left) == len(right)
    reference = CleanReference(left)
    background = Background(left, BackgroundRule())
    nothing = nothing_before(left)
    background.look(a_street(), nothing, START)
    reference.update(background, START, occupied=nothing, faint=nothing, standing=nothing)
    with pytest.raises(ValueError, match="other zones"):
        CleanReference(right).restore(reference.to_bytes())


def test_a_background_of_another_version_is_refused() -> None:
    street = Street()
    street.show(a_street(), START)
    with pytest.raises(ValueError, match="of another version: it holds no scene"):
        CleanReference(BLOCKS).restore(street.background.to_bytes())
