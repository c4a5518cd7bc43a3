"""What the pattern of the ground tells of a hole, of a heap, and of a shadow."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.blocks import Blocks
from analytics.ground import Ground, box_px
from analytics.ground_pattern import differs, shows_clean_ground
from analytics.likeness import thumbs
from analytics.messages import ViewBox
from analytics.place_scene import scene
from analytics.places import Scene
from analytics.zones import Zone
from tests.scenes import START, Grey, learnt

SIZE = (480, 288)
BLOCKS = Blocks.of([Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)])], SIZE)
NONE = np.zeros(len(BLOCKS), np.bool_)
HOLE: ViewBox = (0.44, 0.48, 0.52, 0.53)
HEAP: ViewBox = (0.4, 0.4, 0.55, 0.6)


def grained(seed: int, spread: float) -> Grey:
    """Grain of 6 px, which the pixels that a clean scene keeps show."""
    coarse = np.random.default_rng(seed).uniform(-spread, spread, (SIZE[1] // 6, SIZE[0] // 6, 1))
    return coarse.repeat(6, axis=0).repeat(6, axis=1)


ROAD: Grey = 120 + grained(1, 6)
PAVEMENT: Grey = 120 + grained(2, 30)


def with_at(box: ViewBox, what: Grey, around: Grey) -> Grey:
    """A picture with another one in a box."""
    x1, y1, x2, y2 = box_px(box, SIZE).astype(int).tolist()
    picture = around.copy()
    picture[y1:y2, x1:x2] = what[y1:y2, x1:x2]
    return picture


def ground_of(now: Grey, clean: Grey) -> Ground:
    background = learnt(BLOCKS, now)
    known = thumbs(learnt(BLOCKS, clean).ground).astype(np.uint8)
    return Ground(background, NONE, known, NONE, background.known, background.known)


def is_new(now: Grey, clean: Grey = ROAD, box: ViewBox = HOLE) -> bool:
    return differs(ground_of(now, clean), box_px(box, SIZE))


OPEN: Grey = with_at(HOLE, 95 + grained(3, 25), ROAD)
DRAIN: Grey = OPEN


@pytest.mark.parametrize("gain", [1.0, 0.6, 1.4])
def test_a_small_hole_differs_and_the_road_in_another_light_does_not(gain: float) -> None:
    assert is_new(gain * OPEN)
    assert not is_new(gain * ROAD)


@pytest.mark.parametrize(
    ("now", "clean"),
    [
        (1.3 * DRAIN, DRAIN),
        (with_at(HOLE, 0.7 * DRAIN, DRAIN), DRAIN),
        (with_at(HOLE, ROAD + grained(4, 6), ROAD), ROAD),
    ],
    ids=["a drain in the sun", "a drain in a shadow of its own", "a little dust"],
)
def test_what_looked_like_a_hole_before_or_hardly_differs_is_not_new(
    now: Grey, clean: Grey
) -> None:
    assert not is_new(now, clean)


def test_it_is_in_the_light_around_it_that_a_hole_is_seen() -> None:
    # The whole street is darker but for the place: as bright as it was, it is not what it was.
    assert is_new(with_at(HOLE, ROAD + grained(5, 12), 0.6 * ROAD))


def test_where_too_little_can_be_compared_nothing_differs() -> None:
    ground, box = ground_of(OPEN, ROAD), box_px(HOLE, SIZE)
    tiny = box_px((0.44, 0.48, 0.452, 0.487), SIZE)
    under = BLOCKS.touched(box[None])

    assert differs(ground, box)
    assert not differs(ground, tiny)
    assert not differs(ground, box_px((0.35, 0.4, 0.6, 0.6), SIZE)), "too wide"
    assert not differs(replace(ground, clean=None), box)
    assert not differs(replace(ground, comparable=~under), box)
    assert not differs(replace(ground, in_sight=~under), box)


def before() -> Scene:
    """The pavement with a heap."""
    return scene(learnt(BLOCKS, with_at(HEAP, 120 + grained(6, 50), PAVEMENT)), HEAP, START)


def is_bare(now: Grey, clean: Grey = PAVEMENT) -> bool:
    return shows_clean_ground(ground_of(now, clean), before(), HEAP)


def test_the_ground_of_a_heap_is_known_again_in_another_light_and_weather() -> None:
    shade = PAVEMENT.copy()
    shade[:, round(SIZE[0] * 0.47) :] *= 0.5

    assert is_bare(PAVEMENT)
    assert is_bare(0.6 * PAVEMENT)
    assert is_bare(shade)
    assert is_bare(PAVEMENT + grained(7, 15)), "wet"


def test_a_heap_in_another_light_or_of_which_the_camera_swayed_is_still_that_heap() -> None:
    heap = with_at(HEAP, 120 + grained(6, 50), PAVEMENT)
    shade = heap.copy()
    shade[:, round(SIZE[0] * 0.47) :] *= 0.5

    assert not is_bare(heap)
    assert not is_bare(0.5 * heap)
    assert not is_bare(shade)
    for pixels in (1, 2, 3, 5):
        assert not is_bare(np.roll(heap, pixels, axis=1)), f"{pixels} px"


def test_what_is_neither_heap_nor_ground_is_not_clean() -> None:
    assert not is_bare(with_at(HEAP, 120 + grained(8, 50), PAVEMENT))


def test_what_is_not_in_sight_is_not_compared() -> None:
    bare = ground_of(PAVEMENT, PAVEMENT)

    assert shows_clean_ground(bare, before(), HEAP)
    assert not shows_clean_ground(replace(bare, in_sight=NONE), before(), HEAP)
    assert not shows_clean_ground(replace(bare, comparable=NONE), before(), HEAP)
    assert not shows_clean_ground(replace(bare, clean=None), before(), HEAP)


def test_of_a_heap_without_a_pattern_nothing_is_told_by_it() -> None:
    flat = scene(learnt(BLOCKS, np.full_like(PAVEMENT, 90.0)), HEAP, START)

    assert not shows_clean_ground(ground_of(PAVEMENT, PAVEMENT), flat, HEAP)
