"""The empty scene: it shows the street without its traffic, whatever the light does."""

import tracemalloc
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest

from analytics.background import Background, BackgroundRule
from analytics.blocks import Blocks
from analytics.clean_reference import CleanReference
from analytics.frames import Image
from analytics.hidden_ground import HiddenGround, HiddenRule
from analytics.zones import Zone
from tests.scenes import NO_BOXES, START, nothing_before

SIZE = (320, 184)
ALL = (0, 0, *SIZE)
WHOLE = Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)])
NOTHING_BEFORE = nothing_before(Blocks.of([WHOLE], SIZE))
THING = (150, 75, 190, 110)


def a_street(seed: int = 0) -> Image:
    """Return a street: smooth light and dark, with fine grain, and lines."""
    noise = np.random.default_rng(seed)
    y, x = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    ground = 110 + 20 * np.sin(x / 70) + 15 * np.cos(y / 45) + noise.normal(0, 4, x.shape)
    street = np.repeat(ground[..., None], 3, axis=2)
    street[:, 100:104] = 200
    picture: Image = np.clip(street, 0, 255).astype(np.uint8)
    return picture


STREET = a_street()


def a_background(*, every_s: float = 15.0, looks: int = 30) -> Background:
    return Background(Blocks.of([WHOLE], SIZE), BackgroundRule(every_s, looks))


def by(image: Image, gain: float = 1.0, *, noise: float = 0.0, seed: int = 0) -> Image:
    """Return a picture by another light, with a camera's noise."""
    grain = np.random.default_rng(seed).normal(0, noise, image.shape) if noise else 0.0
    picture: Image = np.clip(image * gain + grain, 0, 255).astype(np.uint8)
    return picture


def with_thing(image: Image, value: int = 30) -> Image:
    x1, y1, x2, y2 = THING
    changed = image.copy()
    changed[y1:y2, x1:x2] = value
    changed[y1:y2:6, x1:x2] = value + 40
    return changed


def taught(
    background: Background,
    picture: Callable[[int], Image],
    looks: int,
    *,
    hidden: Callable[[int], np.ndarray] = lambda _: NO_BOXES,
    start: datetime = START,
) -> None:
    for number in range(looks):
        at = start + timedelta(seconds=15 * number)
        background.look(picture(number), background.blocks.touched(hidden(number)), at)


def off(background: Background, truth: Image) -> float:
    """Return the share of known pixels that are not as they should be."""
    shown = background.picture(ALL).astype(int)
    wrong = np.abs(shown - truth).max(axis=2) > 40
    return float(wrong.mean())


def has_thing(background: Background) -> bool:
    x1, y1, x2, y2 = THING
    return bool(background.picture((x1 + 8, y1 + 8, x2 - 8, y2 - 8)).mean() < 75)


class Traffic:
    """Blobs of all colours: each block lies under one, at least in part, in two looks of three."""

    def __init__(self, share: float = 0.57) -> None:
        self._noise = np.random.default_rng(1)
        self._share = share
        self.boxes = NO_BOXES

    def on(self, image: Image) -> Image:
        """Put new traffic before a picture; `boxes` then are where it is."""
        busy = image.copy()
        boxes = []
        covered = np.zeros(image.shape[:2], np.bool_)
        while covered.mean() < self._share:
            width, height = self._noise.integers(30, 110), self._noise.integers(20, 70)
            x = int(self._noise.integers(-width // 2, SIZE[0] - width // 2))
            y = int(self._noise.integers(-height // 2, SIZE[1] - height // 2))
            part = (slice(max(y, 0), max(y + height, 0)), slice(max(x, 0), max(x + width, 0)))
            busy[part] = self._noise.integers(0, 256, 3)
            covered[part] = True
            boxes.append((x, y, x + width, y + height))
        self.boxes = np.array(boxes, np.float32)
        return busy


def test_traffic_that_nobody_masks_leaves_the_empty_scene_in_a_few_minutes() -> None:
    background, traffic = a_background(), Traffic()
    taught(background, lambda _: traffic.on(STREET), 40)
    assert background.known.mean() > 0.97
    assert off(background, STREET) < 0.02


def test_traffic_that_is_masked_never_shows() -> None:
    background, traffic = a_background(), Traffic()
    for number in range(30):
        image = traffic.on(STREET)
        hidden = background.blocks.touched(traffic.boxes)
        background.look(image, hidden, START + timedelta(seconds=15 * number))
    known = background.picture(ALL)[np.kron(_known_grid(background), np.ones((8, 8), bool))]
    truth = STREET[np.kron(_known_grid(background), np.ones((8, 8), bool))]
    assert background.known.mean() > 0.9
    assert np.abs(known.astype(int) - truth).max() <= 2


def _known_grid(background: Background) -> np.ndarray:
    return background.known.reshape(SIZE[1] // 8, SIZE[0] // 8)


def test_three_looks_at_a_quiet_street_are_enough() -> None:
    background = a_background()
    taught(background, lambda n: by(STREET, noise=4, seed=n), 3)
    assert background.known.all()
    assert off(background, STREET) == 0.0


def test_it_follows_the_light_of_an_hour() -> None:
    background = a_background()
    gains = np.concatenate([np.linspace(1.0, 0.6, 120), np.linspace(0.6, 1.4, 240)])
    taught(background, lambda n: by(STREET, gains[n], noise=3, seed=n), len(gains))
    assert off(background, by(STREET, 1.4)) < 0.001
    assert background.confirmed_since(background.looks - 2).mean() > 0.99
    assert background.replaced_since(10).mean() < 0.01


def test_a_cloud_in_one_step_changes_the_light_and_not_the_scene() -> None:
    background = a_background()
    taught(background, lambda n: by(STREET, noise=3, seed=n), 40)
    cloudy = START + timedelta(seconds=600)
    taught(background, lambda n: by(STREET, 0.6, noise=3, seed=n), 2, start=cloudy)
    assert background.known.all()
    assert background.confirmed_since(background.looks - 1).mean() > 0.99
    taught(background, lambda n: by(STREET, 0.6, noise=3, seed=n), 20, start=cloudy)
    assert off(background, by(STREET, 0.6)) == 0.0


def test_noise_and_flicker_stay_out() -> None:
    background = a_background()
    taught(background, lambda n: by(STREET, 1 + 0.05 * (n % 3), noise=8, seed=n), 40)
    shown = background.picture(ALL).astype(float)
    assert np.abs(shown - by(STREET, 1.05)).mean() < 4


def test_a_thing_that_is_left_standing_enters_after_half_of_the_settled_votes() -> None:
    background = a_background(looks=30)
    taught(background, lambda n: by(STREET, noise=3, seed=n), 60)
    entered = None
    for number in range(30):
        at = START + timedelta(hours=1, seconds=15 * number)
        background.look(by(with_thing(STREET), noise=3, seed=number), NOTHING_BEFORE, at)
        if entered is None and has_thing(background):
            entered = number + 1
    assert entered is not None
    assert 15 <= entered <= 17
    other = background.replaced_since(60)
    x1, y1, x2, y2 = THING
    inside, around = np.array([[x1 + 8, y1 + 8, x2 - 8, y2 - 8]]), np.array([THING])
    assert other[background.blocks.touched(inside.astype(np.float32))].all()
    assert not other[~background.blocks.touched(around.astype(np.float32))].any()


def test_a_thing_that_passes_now_and_then_never_enters() -> None:
    background = a_background()
    taught(background, lambda _: STREET, 30)
    for number in range(300):
        at = START + timedelta(hours=1, seconds=15 * number)
        image = with_thing(STREET) if number % 3 == 0 else STREET
        background.look(image, NOTHING_BEFORE, at)
        assert not has_thing(background)


def test_what_is_hidden_is_not_looked_at() -> None:
    background = a_background()
    box = np.array([THING], np.float32)
    taught(background, lambda _: with_thing(STREET), 50, hidden=lambda _: box)
    x1, y1, x2, y2 = THING
    assert (background.picture(THING)[8:-8, 8:-8] == 114).all()
    assert not background.known[background.blocks.touched(box)].any()
    taught(background, lambda _: STREET, 5, start=START + timedelta(hours=1))
    assert np.array_equal(background.picture(THING), STREET[y1:y2, x1:x2])


def test_a_look_that_is_hidden_all_over_does_no_harm() -> None:
    background = a_background()
    taught(background, lambda _: STREET, 5)
    background.look(STREET * 0, ~NOTHING_BEFORE, START + timedelta(hours=1))
    assert off(background, STREET) == 0.0


def test_only_what_was_in_sight_counts_as_seen() -> None:
    background = a_background()
    taught(background, lambda _: STREET, 10)
    mark = background.looks
    left = np.array([[0, 0, 160, 184]], np.float32)
    taught(background, lambda _: STREET, 2, hidden=lambda _: left)
    assert not background.replaced_since(mark).any()
    seen = background.confirmed_since(mark)
    assert not seen[background.blocks.touched(left)].any()
    assert seen[~background.blocks.touched(left)].all()


@pytest.mark.parametrize(
    ("past_s", "expected"), [(0.0, False), (14.9, False), (15.0, True), (-60.0, True)]
)
def test_a_look_is_due_in_time_and_when_the_clock_was_set_back(
    past_s: float, expected: bool
) -> None:
    background = a_background()
    assert background.is_due(START)
    background.look(STREET, NOTHING_BEFORE, START)
    assert background.is_due(START + timedelta(seconds=past_s)) is expected


def test_a_restart_goes_on_where_it_stopped_but_has_seen_nothing_yet() -> None:
    before = a_background()
    taught(before, lambda _: STREET, 30)
    after = a_background()
    after.restore(before.to_bytes())
    assert np.array_equal(after.picture(ALL), before.picture(ALL))
    assert after.known.all()
    assert not after.confirmed_since(0).any()
    after.look(STREET, NOTHING_BEFORE, START)
    assert after.confirmed_since(0).all()


def test_what_was_not_yet_sure_before_a_restart_becomes_known_after_it() -> None:
    before, after = a_background(), a_background()
    taught(before, lambda _: STREET, 2)
    after.restore(before.to_bytes())
    assert not after.known.any()
    taught(after, lambda _: STREET, 2)
    assert after.known.all()
    assert after.replaced_since(0).all()


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        pytest.param(lambda _: b"", "damaged", id="empty"),
        pytest.param(lambda _: b"no background" * 9, "damaged", id="something else"),
        pytest.param(lambda data: data[: len(data) // 2], "damaged", id="cut off"),
        pytest.param(lambda data: data[:500] + b"x" + data[501:], "damaged", id="one byte"),
        pytest.param(lambda data: data[:-1], "damaged", id="its last byte"),
    ],
)
def test_what_is_damaged_is_refused(damage: Callable[[bytes], bytes], text: str) -> None:
    background = a_background()
    taught(background, lambda _: STREET, 5)
    after = a_background()
    with pytest.raises(ValueError, match=text):
        after.restore(damage(background.to_bytes()))
    assert not after.known.any()


@pytest.mark.parametrize(
    "other",
    [
        Blocks.of([Zone.of("left", [(0, 0), (0.5, 0), (0.5, 1), (0, 1)])], SIZE),
        Blocks.of([WHOLE], (1280, 720)),
    ],
    ids=["other zones", "another size"],
)
def test_what_is_of_other_blocks_is_refused(other: Blocks) -> None:
    background = a_background()
    taught(background, lambda _: STREET, 5)
    with pytest.raises(ValueError, match="other zones or of another picture size"):
        Background(other, BackgroundRule()).restore(background.to_bytes())


def test_a_road_of_a_1080p_camera_takes_no_more_than_8_megabytes() -> None:
    # 40 % of the view.
    road = Zone.of("road", [(0.3, 0.3), (0.7, 0.3), (0.92, 1.0), (0.18, 1.0)])
    assert road.cells.mean() == pytest.approx(0.4, abs=0.01)
    blocks = Blocks.of([road], (1920, 1080))
    image = np.random.default_rng(0).integers(60, 160, (1080, 1920, 3), np.uint8)
    background, reference = Background(blocks, BackgroundRule()), CleanReference(blocks)
    nothing = nothing_before(blocks)
    tracemalloc.start()
    for number in range(4):
        background.look(image, nothing, START + timedelta(seconds=15 * number))
        reference.update(background, START, occupied=nothing, faint=nothing, standing=nothing)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    hidden = HiddenGround(blocks, HiddenRule())
    assert background.nbytes + reference.nbytes + hidden.nbytes <= 8e6
    # Nothing else is held between looks.
    assert held < background.nbytes + reference.nbytes
