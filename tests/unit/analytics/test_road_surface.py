"""Holes and stains on the simulated street: a patch is flat, a hole is not."""

from functools import lru_cache
from pathlib import Path

import av
import numpy as np
import pytest

from analytics.frames import Image
from analytics.road_surface import LEAST_PX, is_stain
from scripts.twin.truth import SeenThing, read_truth

FILM = Path(__file__).parents[2] / "data" / "footage" / "street-pothole.mp4"
TRUTH = read_truth(FILM.with_suffix(".json"))


@lru_cache(maxsize=4)
def frames_at(*at_s: float) -> tuple[Image, ...]:
    with av.open(str(FILM)) as film:
        every = {round(frame.time or 0.0, 1): frame for frame in film.decode(video=0) if frame.time}
        return tuple(every[one].to_ndarray(format="bgr24").astype(np.uint8) for one in at_s)


def things(state: str) -> list[SeenThing]:
    return [one for one in TRUTH.things if one.state == state]


@pytest.mark.parametrize("gain", [1.0, 0.7, 1.3])
def test_patches_are_stains_and_holes_dry_or_full_of_water_are_not(gain: float) -> None:
    # The median of a few frames, as a background is.
    with_holes, with_patches = (
        np.clip(np.median(frames_at(*at_s), axis=0) * gain, 0, 255).astype(np.uint8)
        for at_s in ((28.0, 30.0, 32.0, 34.0, 36.0), (51.0, 53.0, 55.0, 57.0, 59.0))
    )
    for hole in (*things("dry"), *things("water")):
        assert not is_stain(with_holes, hole.box), hole.thing
    for patch in things("patched"):
        assert is_stain(with_patches, patch.box), patch.thing


def a_road() -> Image:
    road = np.random.default_rng(0).normal(120, 6, (200, 300, 1)).repeat(3, axis=2)
    return np.clip(road, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("box", "is_one"),
    [
        pytest.param((100.0, 80.0, 180.0, 120.0), True, id="wide"),
        pytest.param((100.0, 80.0, 100 + LEAST_PX - 1, 110.0), False, id="too narrow to tell"),
        pytest.param((-40.0, 80.0, 60.0, 120.0), True, id="over the rim"),
    ],
)
def test_a_shadow_is_a_stain_where_that_can_be_told(
    box: tuple[float, float, float, float], is_one: bool
) -> None:
    road = a_road()
    x1, y1, x2, y2 = (max(round(side), 0) for side in box)
    road[y1:y2, x1:x2] = road[y1:y2, x1:x2] // 2
    assert is_stain(road, box) is is_one


def test_bare_road_and_pale_marks_and_what_lies_outside_are_no_stains() -> None:
    road, box = a_road(), (100.0, 80.0, 180.0, 120.0)
    assert not is_stain(road, box)
    road[80:120, 100:180] = 230
    assert not is_stain(road, box)
    assert not is_stain(road, (400.0, 300.0, 480.0, 340.0))
    assert not is_stain(road, (-400.0, -300.0, 900.0, 900.0))


@pytest.mark.parametrize(("varies", "is_one"), [(3.0, True), (11.0, False)], ids=["oil", "a hole"])
def test_a_deep_hole_is_flat_for_how_dark_it_is_and_no_stain(varies: float, is_one: bool) -> None:
    road = a_road()
    rubble = np.random.default_rng(1).normal(40, varies, (40, 80, 1))
    road[80:120, 100:180] = np.clip(rubble, 0, 255)
    assert is_stain(road, (100.0, 80.0, 180.0, 120.0)) is is_one
