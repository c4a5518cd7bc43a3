"""What it means that nothing was found at a place, by what the ground around it shows."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.absence import FILLED, NEARLY_FILLED, is_cleared, is_filled, unseen
from analytics.blocks import Blocks
from analytics.detections import BoolArray
from analytics.ground import Ground, box_px
from analytics.likeness import thumbs
from analytics.messages import IncidentKind, ViewBox
from analytics.place_scene import scene
from analytics.places import Outcome, Place
from analytics.zones import Zone
from tests.scenes import START, Grey, learnt

SIZE = (480, 288)
BLOCKS = Blocks.of([Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)])], SIZE)
BOX: ViewBox = (0.4, 0.4, 0.55, 0.6)
UNDER = BLOCKS.touched(box_px(BOX, SIZE)[None])
AROUND = BLOCKS.touched(box_px((0.28, 0.25, 0.68, 0.75), SIZE)[None]) & ~UNDER
NONE = np.zeros(len(BLOCKS), np.bool_)
STREET: Grey = np.full((SIZE[1], SIZE[0], 1), 120.0)


def a_ground() -> Ground:
    """A street as it is when nothing is wrong, all of it seen of late."""
    background = learnt(BLOCKS, STREET)
    clean = thumbs(background.ground).astype(np.uint8)
    return Ground(background, NONE, clean, NONE, background.known, background.known)


def outcome(ground: Ground, kind: IncidentKind = IncidentKind.RUBBISH) -> Outcome:
    return unseen(kind, Place(BOX, START, BOX, looks=3, is_open=True), ground, is_blank=True)


def far_off(share: float) -> BoolArray:
    """So much of the view, as far from the place as it gets."""
    marked = NONE.copy()
    marked[np.flatnonzero(~UNDER & ~AROUND)[: round(share * len(BLOCKS))]] = True
    return marked


def test_a_heap_whose_ground_is_clean_is_gone() -> None:
    assert outcome(a_ground()) is Outcome.GONE


@pytest.mark.parametrize("kind", [IncidentKind.RUBBISH, IncidentKind.POTHOLE])
def test_what_was_not_seen_of_late_is_hidden(kind: IncidentKind) -> None:
    assert outcome(replace(a_ground(), in_sight=~UNDER), kind) is Outcome.HIDDEN


def test_a_heap_whose_ground_looks_otherwise_is_not_called_gone() -> None:
    assert outcome(replace(a_ground(), changed=UNDER)) is Outcome.HIDDEN
    assert outcome(replace(a_ground(), unclean=UNDER)) is Outcome.HIDDEN


@pytest.mark.parametrize(
    ("share", "seen", "expected"),
    [(0.3, False, Outcome.HIDDEN), (0.3, True, Outcome.GONE), (0.1, False, Outcome.GONE)],
    ids=["as at dawn", "as after a night of road works", "as in a crowd"],
)
def test_a_view_that_is_out_of_date_tells_nothing_and_one_that_changed_does(
    share: float, seen: bool, expected: Outcome
) -> None:
    elsewhere = far_off(share)
    in_sight = np.ones(len(BLOCKS), np.bool_) if seen else ~elsewhere

    assert outcome(replace(a_ground(), changed=elsewhere, in_sight=in_sight)) is expected


def test_something_large_around_a_place_hides_it_though_it_is_in_sight() -> None:
    assert outcome(replace(a_ground(), changed=AROUND)) is Outcome.HIDDEN


def rough(seed: int) -> Grey:
    """Ground with a pattern of its own everywhere."""
    return STREET + np.random.default_rng(seed).uniform(-60, 60, STREET.shape)


def put(street: Grey, thing: Grey, box: ViewBox) -> Grey:
    """A street that shows something else in a box."""
    x1, y1, x2, y2 = box_px(box, SIZE).astype(int).tolist()
    grey = street.copy()
    grey[y1:y2, x1:x2] = thing[y1:y2, x1:x2]
    return grey


def texture(seed: int) -> Grey:
    """The street with something at the place."""
    return put(STREET, rough(seed), BOX)


def across(street: Grey, gain: float) -> Grey:
    """The street by another light, or with another road, from the place's middle on."""
    x1, y1, x2, y2 = box_px(BOX, SIZE).astype(int).tolist()
    grey = street.copy()
    grey[y1 - 10 : y2 + 10, (x1 + x2) // 2 : x2 + 10] *= gain
    return grey


def test_a_hole_that_is_not_found_any_more_is_mended_at_less_than_one_that_is() -> None:
    hole = learnt(BLOCKS, texture(1))
    patch = learnt(BLOCKS, across(STREET, 0.61))
    place = Place(BOX, START, BOX, looks=3, is_open=True, before=scene(hole, BOX, START))
    ground = replace(a_ground(), background=patch, changed=UNDER)

    assert place.before is not None
    assert not is_filled(ground, place.before, BOX, FILLED), (
        "its patch may look like a hole to the model"
    )
    assert unseen(IncidentKind.POTHOLE, place, ground, is_blank=False) is Outcome.GONE


@pytest.mark.parametrize(
    ("now", "is_blank", "expected"),
    [
        pytest.param(across(STREET, 0.4), True, Outcome.GONE, id="a patch that ends in it"),
        pytest.param(across(STREET, 0.4), False, Outcome.HIDDEN, id="which may be a hole yet"),
        pytest.param(across(texture(1), 0.4), True, Outcome.HIDDEN, id="a shadow across the hole"),
        pytest.param(0.4 * texture(1), True, Outcome.SEEN, id="a shadow over all of it"),
    ],
)
def test_a_patch_that_ends_where_a_hole_was_is_told_from_a_shadow_that_does(
    now: Grey, is_blank: bool, expected: Outcome
) -> None:
    hole = learnt(BLOCKS, texture(1))
    place = Place(BOX, START, BOX, looks=3, is_open=True, before=scene(hole, BOX, START))
    ground = replace(a_ground(), background=learnt(BLOCKS, now), changed=UNDER)

    assert place.before is not None
    assert not is_filled(ground, place.before, BOX, NEARLY_FILLED)
    assert unseen(IncidentKind.POTHOLE, place, ground, is_blank=is_blank) is expected


def a_dark_hole(seed: int) -> Grey:
    """The street with a hole, darker than the road, and rubble in it."""
    return put(STREET, 0.45 * rough(seed), BOX)


@pytest.mark.parametrize("level", [0.4, 0.9, 1.3, 2.0], ids=["dark", "grey", "bright", "the sky"])
@pytest.mark.parametrize("gain", [0.7, 1.0], ids=["dimmer", "same light"])
@pytest.mark.parametrize("is_blank", [True, False])
def test_water_that_rises_in_a_hole_leaves_its_rim_and_mends_nothing(
    level: float, gain: float, is_blank: bool
) -> None:
    x1, y1, x2, y2 = BOX
    middle: ViewBox = (x1 + 0.0125, y1 + 0.017, x2 - 0.0125, y2 - 0.017)
    full = learnt(BLOCKS, gain * put(a_dark_hole(1), level * STREET, middle))
    hole = learnt(BLOCKS, a_dark_hole(1))
    place = Place(BOX, START, BOX, looks=3, is_open=True, before=scene(hole, BOX, START))
    ground = replace(a_ground(), background=full, changed=UNDER)

    assert unseen(IncidentKind.POTHOLE, place, ground, is_blank=is_blank) is not Outcome.GONE


@pytest.mark.parametrize("gain", [0.6, 1.0, 1.5])
@pytest.mark.parametrize(("now", "is_gone"), [(STREET, True), (a_dark_hole(1), False)])
def test_whether_a_hole_is_mended_is_told_by_what_is_known_of_it(
    now: Grey, is_gone: bool, gain: float
) -> None:
    hole = learnt(BLOCKS, a_dark_hole(1))
    place = Place(BOX, START, BOX, looks=3, is_open=True, before=scene(hole, BOX, START))
    hidden = NONE.copy()
    hidden[np.flatnonzero(UNDER)[: round(0.4 * UNDER.sum())]] = True
    ground = replace(a_ground(), background=learnt(BLOCKS, gain * now, hidden), changed=UNDER)

    told = unseen(IncidentKind.POTHOLE, place, ground, is_blank=True)
    assert (told is Outcome.GONE) is is_gone


def test_the_ground_of_a_heap_need_not_look_as_clean_where_nothing_is_found() -> None:
    heap, clean = learnt(BLOCKS, texture(1)), learnt(BLOCKS, texture(2))
    now = learnt(BLOCKS, 0.47 * texture(1) + 0.53 * texture(2))
    place = Place(BOX, START, BOX, looks=3, is_open=True, before=scene(heap, BOX, START))
    ground = replace(
        a_ground(), background=now, changed=UNDER, clean=thumbs(clean.ground).astype(np.uint8)
    )

    assert not is_cleared(place, ground), "nearly as far from clean as from the heap"
    assert unseen(IncidentKind.RUBBISH, place, ground, is_blank=False) is Outcome.GONE


def test_a_van_before_a_heap_may_be_nearer_to_the_clean_scene_and_is_not_it() -> None:
    street, other = (rough(seed) for seed in (7, 9))
    heap = learnt(BLOCKS, put(street, rough(8), BOX))
    van = put(street, 0.4 * street + 0.6 * other, (0.3, 0.3, 0.66, 0.71))
    place = Place(BOX, START, BOX, looks=3, is_open=True, before=scene(heap, BOX, START))
    clean = thumbs(learnt(BLOCKS, street).ground).astype(np.uint8)
    ground = replace(a_ground(), background=learnt(BLOCKS, van), changed=UNDER, clean=clean)

    assert is_cleared(place, ground), "nearer to the clean scene"
    assert unseen(IncidentKind.RUBBISH, place, ground, is_blank=False) is Outcome.HIDDEN


def test_what_the_model_saw_on_the_first_day_and_sees_no_more_was_nothing() -> None:
    heap, clean = learnt(BLOCKS, texture(1)), learnt(BLOCKS, texture(2))
    place = Place(BOX, START, BOX, looks=3, is_open=True, before=scene(heap, BOX, START))
    first_day = thumbs(clean.ground).astype(np.uint8)
    emptied = replace(a_ground(), background=clean, clean=first_day, unclean=UNDER)
    still_there = replace(emptied, background=heap)

    def is_gone(ground: Ground, *, is_blank: bool) -> bool:
        return unseen(IncidentKind.RUBBISH, place, ground, is_blank=is_blank) is Outcome.GONE

    assert is_gone(emptied, is_blank=True)
    assert not is_gone(emptied, is_blank=False), "it may be what lay there then"
    assert not is_gone(still_there, is_blank=True)


def test_in_rain_nothing_is_called_gone() -> None:
    street = STREET + np.random.default_rng(4).normal(0, 8, STREET.shape)
    clean = thumbs(learnt(BLOCKS, street).ground).astype(np.uint8)
    dry = replace(a_ground(), background=learnt(BLOCKS, 1.2 * street), clean=clean)
    wet = replace(dry, background=learnt(BLOCKS, 0.6 * street + 0.4 * street.mean()))

    assert (dry.is_clear, wet.is_clear) == (True, False)
    for kind in (IncidentKind.RUBBISH, IncidentKind.POTHOLE):
        assert (outcome(dry, kind), outcome(wet, kind)) == (Outcome.GONE, Outcome.HIDDEN)


def test_a_small_heap_in_a_large_picture_whose_scene_holds_no_whole_block_is_told() -> None:
    size_px = (3840, 2160)
    blocks = Blocks.of([Zone.of("spot", [(0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6)])], size_px)
    background = learnt(blocks, np.full((2160, 3840, 1), 120.0))
    clean, nothing = thumbs(background.ground).astype(np.uint8), np.zeros(len(blocks), np.bool_)
    ground = Ground(background, ~nothing, clean, nothing, background.known, background.known)
    outcomes = set()
    for step in range(12):
        left = (1920 + 4 * step) / 3840
        box: ViewBox = (left, 0.5, left + 24 / 3840, 0.5 + 20 / 2160)
        place = Place(box, START, box, looks=3, is_open=True, before=scene(background, box, START))
        outcomes.add(unseen(IncidentKind.RUBBISH, place, ground, is_blank=True))

    assert Outcome.GONE not in outcomes
