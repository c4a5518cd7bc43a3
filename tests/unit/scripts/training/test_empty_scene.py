"""Pictures as an empty scene shows them: block by block, in two lights; what lies there stays."""

import numpy as np
import pytest

from analytics.blocks import GREY
from analytics.detections import BoolArray
from analytics.frames import Image
from scripts.training.empty_scene import as_empty_scene

NO_BOXES = np.zeros((0, 4), np.float32)
CHANCES = range(8)


@pytest.fixture
def street() -> Image:
    rng = np.random.default_rng(3)
    return rng.integers(150, 230, (361, 641, 3), np.uint8)


def shown_part(picture: Image) -> BoolArray:
    return np.asarray((picture != GREY).any(axis=2))


def test_the_same_chance_gives_the_same_picture_and_the_old_one_stays(street: Image) -> None:
    before = street.copy()
    one, same = (as_empty_scene(street, NO_BOXES, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one, same)
    assert np.array_equal(street, before)
    assert one.dtype == np.uint8
    assert one.shape == street.shape


@pytest.mark.parametrize("chance", CHANCES)
def test_what_is_shown_is_the_street_in_sun_and_in_shadow(street: Image, chance: int) -> None:
    seen = as_empty_scene(street, NO_BOXES, np.random.default_rng(chance))
    shown = shown_part(seen)
    bright = seen.mean(axis=2)[shown] / street.mean(axis=2)[shown]
    assert shown.mean() > 0.5
    assert bright.max() == pytest.approx(1.0, abs=0.02), "the sun adds nothing"
    assert np.percentile(bright, 2) < 0.85, "and is not everywhere"
    assert bright.min() > 0.3, "a shadow is not black"


@pytest.mark.parametrize("chance", CHANCES)
def test_what_is_to_stay_in_view_is_never_grey(street: Image, chance: int) -> None:
    boxes = np.array([(20, 300, 80, 350), (560, 20, 620, 60)], np.float32)
    shown = shown_part(as_empty_scene(street, boxes, np.random.default_rng(chance)))
    for left, top, right, bottom in boxes.astype(int).tolist():
        assert shown[top:bottom, left:right].all()


def test_the_edges_of_what_no_zone_holds_run_along_blocks(street: Image) -> None:
    hidden = ~shown_part(as_empty_scene(street, NO_BOXES, np.random.default_rng(1)))
    rows = np.flatnonzero((hidden[1:] != hidden[:-1]).any(axis=1)) + 1
    columns = np.flatnonzero((hidden[:, 1:] != hidden[:, :-1]).any(axis=0)) + 1
    side = int(np.gcd.reduce(np.concatenate([rows, columns])))
    assert side >= 6
