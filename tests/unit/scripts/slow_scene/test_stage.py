"""Scenarios over a made street: what is in the pictures, when, and what hides it."""

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from analytics.messages import IncidentKind, RecheckAnswer
from edge.second_look import WITHIN
from scripts.slow_scene.backdrop import STREET_CLASSES, Backdrop, backdrop
from scripts.slow_scene.cameras import camera_of
from scripts.slow_scene.scenario import (
    EVERY,
    FRAMES,
    FRAMES_ASKED,
    Ask,
    Box,
    Heap,
    Hole,
    Parked,
    Puddle,
    Scenario,
    Shade,
    Span,
    Spell,
    Stage,
    Turned,
    local_hour,
    moment,
)
from scripts.slow_scene.stage import Play, in_turns
from scripts.slow_scene.stock import Stock, is_plain_hole
from scripts.slow_scene.testing import TEST_SET
from scripts.slow_scene.tuning import TUNE_SET
from scripts.training.config import Surface
from scripts.training.paste import Cutout, cutouts
from scripts.training.streets import streets
from scripts.training.weather import Weather
from tests.clips import DATA
from tests.streets import CLASSES, a_street

needs_data = pytest.mark.skipif(
    not (DATA / "traffic").is_dir(), reason="set SIMPANG_DATA to the folder that holds traffic/"
)
NOTHING = Scenario("nothing", "shops", 7)
HOLE = Hole("hole", (0.5, 0.75), 44, Span(moment(1, 8.5), moment(2, 9.5)))


def a_cutout(level: float, shape: tuple[int, int] = (32, 48)) -> Cutout:
    alpha = np.zeros(shape, np.float32)
    alpha[8:-8, 10:-10] = 1
    return Cutout(np.full((*shape, 3), level, np.float32), alpha)


STOCK = Stock((a_cutout(0.2),), (a_cutout(2.0, (48, 48)),))


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Backdrop:
    """A street of twelve pictures; in the first a white lorry stands where the hole will be."""
    folder = a_street(tmp_path_factory.mktemp("street"))
    file = folder / "images" / "0.jpg"
    image = cv2.imread(str(file))
    assert image is not None
    cv2.rectangle(image, (288, 225), (351, 284), (250, 250, 250), -1)
    assert cv2.imwrite(str(file), image)
    truck = STREET_CLASSES.index("truck")
    (folder / "labels" / "0.txt").write_text(f"{truck} 0.5 0.7083 0.12 0.19\n", "utf-8")
    (street,) = streets(folder, CLASSES)
    return Backdrop(street)


def played(scene: Backdrop, scenario: Scenario) -> Play:
    return Play(scenario, scene, STOCK)


def changes(
    scene: Backdrop, scenario: Scenario, span: Span, every: int = 7
) -> list[npt.NDArray[np.int64]]:
    """Return by how many levels pictures differ from those of a story in which nothing happens."""
    plain = replace(NOTHING, after_dark=scenario.after_dark)
    both = zip(played(scene, scenario).steps(every), played(scene, plain).steps(every), strict=True)
    return [
        one.image.astype(np.int64) - other.image
        for one, other in both
        if span.holds(one.captured_at)
    ]


def inside(levels: npt.NDArray[np.int64], box: Box) -> npt.NDArray[np.int64]:
    left, top, width, height = box
    return levels[top : top + height, left : left + width]


def test_a_hole_is_there_until_it_is_mended_and_leaves_a_smooth_patch(scene: Backdrop) -> None:
    scenario = replace(NOTHING, holes=(HOLE,))
    (thing,) = played(scene, scenario).truth.things
    left, top, width, height = thing.box

    before = changes(scene, scenario, Span(moment(1, 6), HOLE.there.since))
    while_there = changes(scene, scenario, HOLE.there)
    after = changes(scene, scenario, Span(HOLE.there.until))

    assert (thing.kind, thing.width_px, thing.there) == (IncidentKind.POTHOLE, 44, HOLE.there)
    assert height < width, "as flat as the ground is there"
    assert not any(one.any() for one in before)
    dark = np.median([inside(one, thing.box).mean() for one in while_there])
    patched = np.median([inside(one, thing.box).mean() for one in after])
    assert dark < 2 * patched < 0, "darker, and then less so"
    for one in (*while_there, *after):
        one[top - 40 : top + height + 40, left - 40 : left + width + 40] = 0
        assert not one.any(), "nothing else changes"


def test_traffic_drives_over_it(scene: Backdrop) -> None:
    scenario = replace(NOTHING, holes=(HOLE,))
    (thing,) = played(scene, scenario).truth.things
    plain = played(scene, NOTHING).steps(7)
    told = played(scene, scenario).steps(7)

    under_lorry = [
        abs(inside(one.image.astype(np.int64) - other.image, thing.box)).mean()
        for one, other in zip(told, plain, strict=True)
        if HOLE.there.holds(one.captured_at)
        and inside(other.image.astype(np.int64), thing.box).std() < 3
        and local_hour(one.captured_at) > 8
        and inside(other.image.astype(np.int64), thing.box).mean() > 180
    ]

    assert under_lorry
    assert max(under_lorry) < 1


def test_rubbish_grows_and_is_carried_off_without_a_trace(scene: Backdrop) -> None:
    stages = ((moment(1, 9.5), Stage.SCATTERED), (moment(2, 9.5), Stage.PILE))
    heap = Heap("heap", (0.25, 0.8), 60, stages, moment(3, 9.5))
    scenario = replace(NOTHING, heaps=(heap,))
    (thing,) = played(scene, scenario).truth.things

    little, much, gone = (
        np.mean([abs(inside(one, thing.box)).mean() for one in changes(scene, scenario, span)])
        for span in (
            Span(stages[0][0], stages[1][0]),
            Span(stages[1][0], heap.until),
            Span(heap.until),
        )
    )

    assert thing.kind is IncidentKind.RUBBISH
    assert much > 1.5 * little > 5
    assert gone == 0


def test_a_vehicle_that_is_left_on_a_hole_hides_it(scene: Backdrop) -> None:
    parked = Parked(
        (0.5, 0.8), Span(moment(1, 11.5), moment(1, 15.5)), classes=("truck",), hides=("hole",)
    )
    alone = replace(NOTHING, parked=(parked,))
    both = replace(alone, holes=(HOLE,))
    (thing,) = played(scene, both).truth.things

    with_hole = changes(scene, both, parked.there)
    without = changes(scene, alone, parked.there)

    assert thing.hidden == (parked.there,)
    for one, other in zip(with_hole, without, strict=True):
        assert other.any()
        assert abs(inside(one - other, thing.box)).mean() < 1


def test_water_that_rises_in_a_hole_leaves_its_rim_dry(scene: Backdrop) -> None:
    flooded = Span(moment(1, 12.5), moment(1, 16.5))
    dry = replace(NOTHING, holes=(HOLE,))
    wet = replace(NOTHING, holes=(replace(HOLE, flooded=(flooded,)),))
    (thing,) = played(scene, wet).truth.things
    x, y, width, height = thing.box
    around = (x - 8, y - 8, width + 16, height + 16)

    def risen(span: Span) -> list[npt.NDArray[np.int64]]:
        both = zip(changes(scene, wet, span), changes(scene, dry, span), strict=True)
        return [abs(one - other) for one, other in both]

    wetted = [inside(one, thing.box).mean(axis=2) > 10 for one in risen(flooded)]
    # The lorry may stand before it.
    assert np.median([one[3:-3, 6:-6].mean() for one in wetted]) > 0.8
    assert not any(one[:, [0, -1]].any() for one in wetted)
    for one in risen(flooded):
        inside(one, around)[:] = 0
        assert one.max() < 16, "nothing else changes, but for its coding"
    assert not any(one.any() for one in risen(Span(flooded.until)))


def test_puddles_dry_and_shadows_creep(scene: Backdrop) -> None:
    there = Span(moment(1, 9.5), moment(1, 15.5))
    wet = replace(NOTHING, puddles=(Puddle((0.5, 0.8), 60, there),))
    shade = replace(NOTHING, shades=(Shade((0.5, 0.8), 60, there),))

    puddle = [np.count_nonzero(one.min(axis=2) < -15) for one in changes(scene, wet, there)]
    shadow = [np.nonzero(one.min(axis=2) < -15)[1] for one in changes(scene, shade, there)]

    # The lorry may stand before it in one of a period's pictures.
    assert max(puddle[:4]) > 2 * max(puddle[-2:]) > 0
    assert np.median(shadow[-1]) > min(np.median(one) for one in shadow[:4]) + 20
    assert not any(one.any() for one in changes(scene, wet, Span(there.until)))


def test_a_turned_camera_shows_another_part_and_comes_back(scene: Backdrop) -> None:
    turned = Turned(Span(moment(2, 9.5), moment(2, 12.5)))
    scenario = replace(NOTHING, turned=(turned,))

    assert played(scene, scenario).truth.turned == (turned.there,)
    assert all(abs(one).mean() > 5 for one in changes(scene, scenario, turned.there))
    assert not any(one.any() for one in changes(scene, scenario, Span(turned.there.until)))


def test_it_is_bright_at_noon_dim_at_dusk_and_dark_by_night(scene: Backdrop) -> None:
    scenario = replace(NOTHING, after_dark=(18.0, 21.0))
    by_hour: dict[float, list[float]] = {}
    for step in played(scene, scenario).steps(14):
        light = float(np.median(step.image[200:]))
        by_hour.setdefault(local_hour(step.captured_at), []).append(light)

    noon, dusk, night = (np.mean(by_hour[hour]) for hour in (12.0, 18.0, 21.0))

    assert noon > 1.5 * dusk > 1.5 * night


def test_it_rains_while_it_is_told_to(scene: Backdrop) -> None:
    rain = Span(moment(1, 9.5), moment(1, 11.5))
    scenario = replace(NOTHING, weather=(Spell(Weather.RAIN, rain),))

    assert all(abs(one).mean() > 5 for one in changes(scene, scenario, rain))
    assert not any(one.any() for one in changes(scene, scenario, Span(rain.until)))


def test_each_picture_is_shown_again_only_after_all_the_others() -> None:
    shown = in_turns(np.array([3, 5, 8, 9]), 10, np.random.default_rng(1)).tolist()

    assert len(shown) == 10
    for turn in (shown[:4], shown[4:8]):
        assert sorted(turn) == [3, 5, 8, 9]


def test_pictures_come_in_time_and_are_the_same_whether_all_are_made_or_few(
    scene: Backdrop,
) -> None:
    asks = (Ask(moment(1, 12), "hole", RecheckAnswer.STILL_THERE),)
    scenario = replace(NOTHING, holes=(HOLE,), after_dark=(18.0,), asks=asks)
    every = list(played(scene, scenario).steps(1))
    few = list(played(scene, scenario).steps(20))

    times = [step.captured_at for step in every]
    assert len(every) == (3 * 13 - 1) * FRAMES + FRAMES_ASKED
    assert FRAMES_ASKED * EVERY > WITHIN, "a second look has its time"
    assert times == sorted(set(times))
    assert times[1] - times[0] == EVERY
    for one, other in zip(every[::20], few, strict=True):
        assert one.captured_at == other.captured_at
        assert np.array_equal(one.image, other.image)


@needs_data
@pytest.mark.parametrize("scenario", [*TUNE_SET, *TEST_SET], ids=lambda one: str(one.name))
def test_things_of_the_real_streets_are_in_sight_and_as_large_as_such_things_are(
    scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMPANG_DATA", str(DATA))
    real = backdrop(camera_of(scenario.camera))
    play = Play(scenario, real, STOCK)
    for thing in play.truth.things:
        left, top, width, height = thing.box
        metres = width / real.street.px_per_m(top + height)
        assert 0.3 < metres < 2.2, f"{thing.name} is {metres:.1f} m wide"
        covered = [
            bool(
                (
                    (boxes[:, 0] < left + width / 2)
                    & (boxes[:, 2] > left + width / 2)
                    & (boxes[:, 1] < top + height / 2)
                    & (boxes[:, 3] > top + height / 2)
                ).any()
            )
            for boxes in real.boxes
        ]
        assert np.mean(covered) < 0.4, f"traffic stands on {thing.name}"
    for parked, vehicle in play.standing:
        for name in parked.hides:
            left, top, width, height = play.truth.thing(name).box
            hides = vehicle.alpha[top - vehicle.box[1] :, left - vehicle.box[0] :]
            assert hides[:height, :width].mean() > 0.9, f"{name} is seen beside the vehicle"


@needs_data
def test_holes_of_the_photos_are_dark_and_of_the_colour_of_roads() -> None:
    found = cutouts(DATA / "pothole" / "val", ["*"], Surface.ROAD)

    plain = [hole for hole in found if is_plain_hole(hole)]

    assert 30 < len(plain) < len(found)
