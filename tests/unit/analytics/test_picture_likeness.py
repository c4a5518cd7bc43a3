"""Two pictures of a place: a hole in another light is the same hole, a mended one is not."""

import numpy as np
import pytest

from analytics.frames import Image
from analytics.picture_likeness import aligned, changed_around, is_same_scene, kept_detail

SIZE = (160, 120)
BOX = (60.0, 45.0, 100.0, 75.0)
ALL = np.ones((SIZE[1], SIZE[0]), np.bool_)


def a_road(seed: int = 0) -> Image:
    noise = np.random.default_rng(seed)
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    road = 110 + 10 * np.sin(x / 31) + 12 * np.cos(y / 17) + noise.normal(0, 5, x.shape)
    picture: Image = np.clip(np.repeat(road[..., None], 3, axis=2), 0, 255).astype(np.uint8)
    return picture


def in_box(image: Image) -> Image:
    x1, y1, x2, y2 = map(int, BOX)
    return image[y1:y2, x1:x2]


def with_hole() -> Image:
    """A road with a hole: its far rim in shadow, its near one lit, rubble in it."""
    road = a_road()
    part = in_box(road)
    rows = np.linspace(-55, 30, part.shape[0])[:, None, None]
    rubble = np.random.default_rng(3).normal(0, 15, part.shape[:2])[..., None]
    part[:] = np.clip(part + rows + rubble, 0, 255)
    return road


def mended() -> Image:
    """The same road, with a flat dark patch on the hole."""
    road = a_road()
    in_box(road)[:] = 60 + np.random.default_rng(4).normal(0, 4, in_box(road).shape[:2])[..., None]
    return road


def by(image: Image, gain: float) -> Image:
    noise = np.random.default_rng(9).normal(0, 3, image.shape)
    return np.clip(image * gain + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("gain", [0.4, 0.6, 1.0, 1.4, 1.9])
def test_the_same_hole_in_another_light_is_the_same(gain: float) -> None:
    assert is_same_scene(by(with_hole(), gain), with_hole(), BOX)
    assert changed_around(by(with_hole(), gain), with_hole(), BOX) < 0.05


@pytest.mark.parametrize("gain", [0.4, 0.6, 1.0, 1.4, 1.9])
def test_a_mended_hole_is_not_the_same_and_the_road_around_it_is(gain: float) -> None:
    assert not is_same_scene(by(mended(), gain), with_hole(), BOX)
    assert not is_same_scene(by(a_road(), gain), with_hole(), BOX)
    assert changed_around(by(mended(), gain), with_hole(), BOX) < 0.1


def test_what_is_covered_has_changed_around_and_not_only_within() -> None:
    covered = with_hole()
    covered[10:110, 10:150] = 220
    assert changed_around(covered, with_hole(), BOX) > 0.6


def test_where_all_lies_under_the_box_nothing_changed_around_it() -> None:
    assert changed_around(mended(), with_hole(), (0, 0, *SIZE)) == 0.0


def test_pictures_of_two_sizes_are_not_the_same_and_a_flat_one_is_like_none() -> None:
    assert not is_same_scene(with_hole()[:-8], with_hole(), BOX)
    grey = np.full_like(with_hole(), 114)
    assert not is_same_scene(grey, with_hole(), BOX)
    assert not is_same_scene(grey, grey, BOX)


@pytest.mark.parametrize(
    ("dx", "dy"), [(0, 0), (1, 0), (0, -1), (3, 2), (-4, 5), (6, -6), (-6, 6), (6, 0)]
)
def test_a_view_that_swayed_is_laid_upon_the_old_one(dx: int, dy: int) -> None:
    was = with_hole()
    wide = np.pad(was, ((10, 10), (10, 10), (0, 0)), mode="reflect")
    now = by(wide[10 + dy : 10 + dy + SIZE[1], 10 + dx : 10 + dx + SIZE[0]], 1.2)
    back = aligned(now, was)
    assert back.shape == was.shape
    inner = (slice(8, -8), slice(8, -8))
    assert np.abs(back[inner].astype(float) / 1.2 - was[inner]).mean() < 4


def test_what_moved_too_far_is_left_as_it_is() -> None:
    was = with_hole()
    now = np.roll(was, 20, axis=1)
    assert np.array_equal(aligned(now, was), now)


@pytest.mark.parametrize("gain", [0.6, 1.0, 1.7])
def test_a_patch_keeps_little_of_the_detail_of_a_hole_and_the_hole_most_of_it(gain: float) -> None:
    assert kept_detail(by(mended(), gain), with_hole(), BOX, ALL) < 0.25
    assert kept_detail(by(with_hole(), gain), with_hole(), BOX, ALL) > 0.8


def test_what_had_no_detail_lost_none() -> None:
    grey = np.full_like(with_hole(), 114)
    assert kept_detail(with_hole(), grey, BOX, ALL) == 1.0


def test_detail_counts_where_it_is_known_and_where_a_view_swayed() -> None:
    half = ALL.copy()
    half[:, 80:] = False
    there = with_hole()
    in_box(there)[:, 20:] = 60
    assert kept_detail(there, with_hole(), BOX, half) > 0.9
    assert kept_detail(there, with_hole(), BOX, ALL) < 0.7
    assert (
        kept_detail(np.roll(there, (2, -3), (0, 1)), with_hole(), BOX, np.roll(half, -3, 1)) > 0.9
    )
    assert kept_detail(there, with_hole(), BOX, ~ALL) == 1.0, "nothing is known"
