"""When a background is ready, and what is left in it."""

import numpy as np
import pytest

from analytics.blocks import Blocks
from analytics.zones import Zone
from scripts.bench.background import LEARNERS, LOOK_EVERY_S, Residual
from scripts.bench.slow_scene import ROAD


@pytest.mark.parametrize(
    ("wrong", "known", "ready_looks"),
    [
        ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0], 0),
        ([0.5, 0.1, 0.01, 0.0], [1.0] * 4, 2),
        ([0.0, 0.1, 0.0, 0.0], [1.0] * 4, 2),  # a relapse counts
        ([0.0, 0.0, 0.0], [0.0, 0.5, 0.7], 2),  # nothing wrong, because nothing is known
        ([0.0, 0.0, 0.1], [1.0] * 3, None),
    ],
)
def test_a_background_is_ready_from_when_on_it_stays_so(
    wrong: list[float], known: list[float], ready_looks: int | None
) -> None:
    expected = None if ready_looks is None else ready_looks * LOOK_EVERY_S
    assert Residual(wrong, known).ready_s == expected


def test_what_is_left_is_that_of_the_second_half() -> None:
    assert Residual([0.9, 0.7, 0.2, 0.0], [1.0] * 4).left == pytest.approx(0.1)


@pytest.mark.parametrize("name", LEARNERS)
def test_each_learner_learns_a_scene_in_which_nothing_moves(name: str) -> None:
    blocks = Blocks.of([Zone.of("road", ROAD)], (640, 360))
    rng = np.random.default_rng(0)
    image = rng.integers(60, 120, (360, 640, 3), np.uint8)
    learner = LEARNERS[name](blocks)
    for _ in range(4):
        learner.look(image, np.zeros((0, 4), np.float32))
    scene, known = learner.scene()
    assert known.mean() > 0.4
    assert np.abs(scene[known].astype(int) - image[known]).max() <= 1
