"""Likeness of blocks: the same street in another light is the same."""

import numpy as np
import pytest

from analytics.blocks import Blocks
from analytics.likeness import alike, light, thumbs
from analytics.zones import Zone


def test_the_light_is_that_of_most_blocks_and_not_of_a_head_lamp() -> None:
    blocks = Blocks.of([Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)])], (160, 120))
    noise = np.random.default_rng(0)
    was = noise.normal(110, 8, (120, 160, 3)).astype(np.uint8)
    now = (was * 0.7 + noise.normal(0, 3, was.shape)).astype(np.uint8)
    now[:60, :70] = 255
    before, after = thumbs(blocks.taken(was)), thumbs(blocks.taken(now))
    every = np.ones(len(before), np.bool_)
    lit = light(after, before, every)
    assert lit == pytest.approx(0.7, abs=0.03)
    lamp = blocks.touched(np.array([[0, 0, 70, 60]], np.float32))
    same = alike(after, before, lit)
    assert same[~lamp].all()
    assert not same[blocks.touched(np.array([[0, 0, 60, 50]], np.float32))].any()


def test_where_all_is_black_the_light_is_as_it_was() -> None:
    black = np.zeros((4, 8, 8, 3), np.float32)
    assert light(black, black + 100, np.ones(4, np.bool_)) == 1.0
    assert light(black + 100, black + 50, np.zeros(4, np.bool_)) == 1.0
