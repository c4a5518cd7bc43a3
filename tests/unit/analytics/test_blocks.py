"""Blocks: what is taken of a picture and put together again is that picture."""

import numpy as np
import pytest

from analytics.blocks import Blocks
from analytics.likeness import thumb_offsets, thumbs
from analytics.zones import Zone

SIZES = [(704, 576), (640, 360), (1920, 1080), (352, 288), (1280, 720), (1366, 768)]
WHOLE = Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)])
ROAD = Zone.of("road", [(0.3, 0.35), (0.7, 0.35), (0.8, 0.75), (0.2, 0.75)])


def a_picture(size_px: tuple[int, int]) -> np.ndarray:
    noise = np.random.default_rng(0)
    return noise.integers(0, 256, (size_px[1], size_px[0], 3), np.uint8)


@pytest.mark.parametrize("size_px", SIZES)
def test_a_picture_taken_and_put_together_is_the_same(size_px: tuple[int, int]) -> None:
    image = a_picture(size_px)
    blocks = Blocks.of([WHOLE], size_px)
    pixels = blocks.taken(image)
    assert np.array_equal(blocks.picture(pixels, (0, 0, *size_px)), image)
    window = (size_px[0] // 3 + 1, size_px[1] // 5 + 2, size_px[0], size_px[1] - 3)
    left, top, right, bottom = window
    assert np.array_equal(blocks.picture(pixels, window), image[top:bottom, left:right])


@pytest.mark.parametrize("size_px", SIZES)
def test_all_of_a_zone_is_kept_with_a_margin_and_the_rest_is_grey(size_px: tuple[int, int]) -> None:
    width, height = size_px
    image = np.full((height, width, 3), 200, np.uint8)
    blocks = Blocks.of([ROAD], size_px)
    together = blocks.picture(blocks.taken(image), (0, 0, width, height))
    kept = (together == 200).all(axis=2)
    assert (together[~kept] == 114).all()
    ys, xs = np.nonzero(ROAD.cells)
    for dx, dy in ((0.0, 0.0), (0.999, 0.999), (-2.0, 0.5), (2.9, 0.5), (0.5, -2.0), (0.5, 2.9)):
        x = np.clip((xs + dx) / 160 * width, 0, width - 1).astype(int)
        y = np.clip((ys + dy) / 90 * height, 0, height - 1).astype(int)
        assert kept[y, x].all()
    assert not kept[: height // 5].any()
    assert not kept[-height // 10 :].any()


def test_what_is_not_shown_is_grey() -> None:
    blocks = Blocks.of([WHOLE], (640, 360))
    pixels = blocks.taken(np.full((360, 640, 3), 200, np.uint8))
    shown = blocks.touched(np.array([[0, 0, 300, 360]], np.float32))
    together = blocks.picture(pixels, (0, 0, 640, 360), shown)
    assert (together[:, :300] == 200).all()
    assert (together[:, 320:] == 114).all()


@pytest.mark.parametrize("size_px", SIZES)
def test_the_area_of_some_blocks_is_where_a_picture_shows_them(size_px: tuple[int, int]) -> None:
    width, height = size_px
    blocks = Blocks.of([ROAD], size_px)
    pixels = blocks.taken(np.full((height, width, 3), 200, np.uint8))
    some = blocks.touched(np.array([[0, 0, width * 0.6, height]], np.float32))
    for window in ((0, 0, *size_px), (width // 3 + 1, height // 5 + 2, width, height - 3)):
        shown = (blocks.picture(pixels, window, some) == 200).all(axis=2)
        assert 0 < shown.sum() < shown.size
        assert np.array_equal(blocks.area(some, window), shown)


@pytest.mark.parametrize(
    ("box", "count"),
    [
        pytest.param((0, 0, 8, 8), 1, id="one block"),
        pytest.param((7, 7, 9, 9), 4, id="a corner of four"),
        pytest.param((8, 8, 8.01, 8.01), 1, id="its first pixel"),
        pytest.param((-50, -50, -1, -1), 0, id="outside the view"),
        pytest.param((630, 350, 900, 900), 4, id="over the view's rim"),
        pytest.param((0, 0, 640, 360), 80 * 45, id="all"),
    ],
)
def test_boxes_touch_the_blocks_that_they_lie_on(box: tuple[float, ...], count: int) -> None:
    blocks = Blocks.of([WHOLE], (640, 360))
    assert blocks.touched(np.array([box], np.float32)).sum() == count


def test_no_box_touches_nothing() -> None:
    blocks = Blocks.of([WHOLE], (640, 360))
    assert not blocks.touched(np.zeros((0, 4), np.float32)).any()


def test_within_a_window_all_of_it_is_kept_and_it_is_known_which_blocks_these_are() -> None:
    image = a_picture((704, 576))
    every = Blocks.of([WHOLE], (704, 576))
    for box in ((100, 90, 301, 277), (0, 0, 50, 40), (650, 500, 704, 576)):
        blocks, number = every.within(box)
        assert np.array_equal(every.row[number], blocks.row)
        together = blocks.picture(blocks.taken(image), box)
        x1, y1, x2, y2 = box
        assert np.array_equal(together, image[y1:y2, x1:x2])
        assert len(blocks) < 80 * 65 / 3


@pytest.mark.parametrize("width", [96, 1920, 2304, 2688, 3840])
def test_which_pixels_of_a_block_lie_under_a_box(width: int) -> None:
    size_px = (width, width // 2)
    blocks = Blocks.of([Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)])], size_px)
    image = np.zeros((size_px[1], size_px[0], 3), np.uint8)
    box = (np.array([0.31, 0.2, 0.52, 0.47]) * [*size_px, *size_px]).astype(np.float32)
    left, top, right, bottom = np.ceil(box).astype(int)
    image[top:bottom, left:right] = 255

    under = blocks.under(box, thumb_offsets(blocks.side_px))

    assert np.array_equal(under, thumbs(blocks.taken(image))[..., 0] == 255)
