"""Which boxes of an inspection count at a zone's places."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.blocks import Blocks
from analytics.detections import BoolArray, Detections
from analytics.ground import OWN, Ground, box_px, grown
from analytics.likeness import thumbs
from analytics.messages import IncidentKind, ViewBox
from analytics.place_scene import scene
from analytics.places import Outcome, PlaceRule
from analytics.zones import Zone
from edge.slow_places import ZonePlaces
from tests.builders import an_incident
from tests.scenes import START, Grey, at, learnt, some_detections

SIZE = (480, 288)
ZONE = Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)])
BLOCKS = Blocks.of([ZONE], SIZE)
BOX: ViewBox = (0.4, 0.4, 0.55, 0.6)
UNDER: BoolArray = BLOCKS.touched(box_px(BOX, SIZE)[None])
KINDS = [IncidentKind.POTHOLE, IncidentKind.RUBBISH]


def a_texture(seed: int) -> Grey:
    return np.random.default_rng(seed).uniform(60, 180, (SIZE[1], SIZE[0], 1))


PAVEMENT, HEAP = a_texture(1), a_texture(2)


def a_ground(texture: Grey = HEAP) -> Ground:
    """A pavement on which something else lies at one place."""
    clean = thumbs(learnt(BLOCKS, PAVEMENT).ground).astype(np.uint8)
    shown = learnt(BLOCKS, texture)
    return Ground(shown, UNDER, clean, np.zeros(len(BLOCKS), np.bool_), shown.known, shown.known)


def a_box(confidence: float) -> Detections:
    return some_detections([tuple(box_px(BOX, SIZE).tolist())], confidence=confidence)


def a_zone(kind: IncidentKind = IncidentKind.RUBBISH) -> ZonePlaces:
    return ZonePlaces(kind, ZONE, PlaceRule())


def a_heap_that_is_open(texture: Grey = HEAP) -> ZonePlaces:
    zone = a_zone()
    for number in range(4):
        zone.look(a_box(0.9), a_ground(texture), at(1800 * number))
    (place,) = zone.places
    assert place.is_open
    return zone


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_vehicle_left_behind_counts_once_the_ground_is_seen_again(
    kind: IncidentKind,
) -> None:
    zone, ground = a_zone(kind), a_ground()

    assert not len(zone.counted(a_box(0.95), replace(ground, in_sight=~UNDER)))
    assert len(zone.counted(a_box(0.95), ground)) == 1


def test_a_heap_that_is_open_is_seen_though_its_ground_was_not_of_late() -> None:
    ground = replace(a_ground(), in_sight=~UNDER)

    assert len(a_heap_that_is_open().counted(a_box(0.9), ground)) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gain", [0.6, 1.4], ids=["in a shadow", "in the sun"])
def test_ground_that_only_lies_in_another_light_counts_for_nothing(
    kind: IncidentKind, gain: float
) -> None:
    assert not len(a_zone(kind).counted(a_box(0.7), a_ground(gain * PAVEMENT)))
    assert len(a_zone(kind).counted(a_box(0.7), a_ground(gain * HEAP))) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_thing_in_a_shadow_counts_though_it_takes_only_a_part_of_its_box(
    kind: IncidentKind,
) -> None:
    x1, y1, x2, y2 = box_px(BOX, SIZE).astype(int).tolist()
    across, down = (x2 - x1) // 8, (y2 - y1) // 8
    in_shadow = 0.6 * PAVEMENT
    middle = np.s_[y1 + down : y2 - down, x1 + across : x2 - across]
    in_shadow[middle] = 0.6 * HEAP[middle]

    assert len(a_zone(kind).counted(a_box(0.7), a_ground(in_shadow))) == 1


def test_a_heap_that_is_open_stays_so_where_it_may_be_no_more_than_a_shadow() -> None:
    doubtful = a_ground(0.6 * (0.6 * PAVEMENT + 0.4 * HEAP))

    assert not len(a_zone().counted(a_box(0.7), doubtful))
    assert len(a_heap_that_is_open().counted(a_box(0.7), doubtful)) == 1


def test_a_hole_that_is_sure_by_itself_counts_in_a_shadow_too() -> None:
    holes = a_zone(IncidentKind.POTHOLE)

    assert len(holes.counted(a_box(0.9), a_ground(0.6 * PAVEMENT))) == 1


def test_where_something_was_seen_less_is_enough() -> None:
    zone, ground = a_zone(), a_ground()
    assert not len(zone.counted(a_box(0.38), ground))

    zone.look(a_box(0.6), ground, START)

    assert len(zone.counted(a_box(0.38), ground)) == 1


def test_a_heap_that_grew_is_the_same_heap_though_it_looks_otherwise() -> None:
    nearly_pavement = a_ground(0.7 * PAVEMENT + 0.3 * a_texture(3))
    zone = a_heap_that_is_open()

    assert len(zone.counted(a_box(0.9), nearly_pavement)) == 1
    assert not len(zone.counted(a_box(0.3), nearly_pavement)), "the model is not sure"


@pytest.mark.parametrize(("pavement", "counts"), [(0.4, True), (0.7, False)])
def test_other_rubbish_in_the_place_of_a_heap_counts_while_little_of_the_ground_shows(
    pavement: float, *, counts: bool
) -> None:
    other = a_ground(pavement * PAVEMENT + (1 - pavement) * a_texture(3))
    zone = a_heap_that_is_open()

    assert len(zone.counted(a_box(0.38), other)) == counts
    assert not len(zone.counted(a_box(0.3), other)), "less sure than it takes to know it again"


def test_a_heap_is_remembered_as_it_was_last_found_and_a_hole_as_it_opened() -> None:
    other = a_ground(a_texture(3))
    remembered = {}
    for kind in KINDS:
        zone = a_zone(kind)
        for number in range(4):
            zone.look(a_box(0.9), a_ground(), at(1800 * number))
        zone.look(a_box(0.9), other, at(9000))
        (place,) = zone.places
        assert place.is_open
        assert place.before is not None
        now = scene(other.background, place.box, at(9000)).image
        remembered[kind] = np.array_equal(place.before.image, now), place.before.seen_at

    assert remembered == {
        IncidentKind.POTHOLE: (False, at(3600)),
        IncidentKind.RUBBISH: (True, at(9000)),
    }


def test_what_is_like_a_patch_does_not_open_a_hole_that_was_mended() -> None:
    two_roads = np.full_like(PAVEMENT, 120)
    two_roads[:, round((BOX[0] + BOX[2]) / 2 * SIZE[0]) :] = 79
    not_quite_flat = a_ground(two_roads)
    zone = a_zone(IncidentKind.POTHOLE)
    for number in range(4):
        zone.look(a_box(0.9), a_ground(), at(1800 * number))
    (place,) = zone.places
    place.told(an_incident())

    assert len(zone.counted(a_box(0.9), not_quite_flat)) == 1, "it is open, and not surely mended"

    place.close(at(7200))

    assert not len(zone.counted(a_box(0.9), not_quite_flat))
    assert len(zone.counted(a_box(0.9), a_ground())) == 1, "it broke open again"


def test_a_mistake_where_a_heap_was_carried_off_does_not_become_the_heap() -> None:
    mixed = 0.7 * PAVEMENT + 0.3 * a_texture(3)
    nearly_pavement = a_ground(120 + 1.3 * (mixed - 120))
    zone = a_heap_that_is_open()

    zone.look(a_box(0.9), nearly_pavement, at(9000))
    for number in range(4):
        zone.look(Detections.none(), nearly_pavement, at(9300 + 1800 * number))

    assert not zone.places[0].is_open


def after(zone: ZonePlaces, found: Detections, texture: Grey) -> tuple[bool, Outcome]:
    """Whether the one place is open after two hours in which inspections saw this."""
    for number in range(5):
        zone.look(found, a_ground(texture), at(9300 + 1800 * number))
    (place,) = zone.places
    return place.is_open, place.last


def test_a_heap_of_which_nothing_is_found_is_gone_though_its_ground_is_not_as_it_was() -> None:
    x1, y1, x2, y2 = grown(box_px(BOX, SIZE), OWN).astype(int).tolist()
    dull = PAVEMENT.copy()
    dull[y1:y2, x1:x2] = (120 + 0.4 * (HEAP - 120))[y1:y2, x1:x2]
    # Neither as clean as it was nor nearer to that than to the heap, but with its own pattern.
    wet, in_half_a_shadow = PAVEMENT.copy(), dull.copy()
    wet[y1:y2, x1:x2] = (120 + 0.15 * (PAVEMENT - 120))[y1:y2, x1:x2]
    in_half_a_shadow[y1:y2, (x1 + x2) // 2 : x2] *= 0.4
    nothing, doubtful, faint = Detections.none(), a_box(0.15), a_box(0.05)
    beside = some_detections([(x2 - 8, y1, x2 + 60, y2)], confidence=0.15)
    gone, hidden = (False, Outcome.GONE), (True, Outcome.HIDDEN)

    assert after(a_heap_that_is_open(dull), nothing, wet) == gone
    assert after(a_heap_that_is_open(dull), faint, wet) == gone
    assert after(a_heap_that_is_open(dull), doubtful, wet) == hidden
    assert after(a_heap_that_is_open(dull), beside, wet) == hidden
    assert after(a_heap_that_is_open(dull), nothing, in_half_a_shadow) == hidden
    assert after(a_heap_that_is_open(0.5 * dull), nothing, 0.5 * wet) == hidden, "in the dusk"


@pytest.mark.parametrize(
    ("left", "outcome"), [(0.8, Outcome.SEEN), (0.6, Outcome.GONE), (0.0, Outcome.GONE)]
)
def test_where_few_blocks_have_changed_a_heap_is_there_while_it_looks_much_more_like_itself(
    left: float, outcome: Outcome
) -> None:
    zone = a_heap_that_is_open()
    x1, y1, x2, y2 = (round(edge) for edge in grown(box_px(BOX, SIZE), OWN).tolist())
    paler = PAVEMENT.copy()
    paler[y1:y2, x1:x2] = (left * HEAP + (1 - left) * PAVEMENT)[y1:y2, x1:x2]
    ground = replace(a_ground(paler), changed=np.zeros(len(BLOCKS), np.bool_))

    zone.look(Detections.none(), ground, at(7200))

    assert zone.places[0].last is outcome


def test_a_hole_too_small_to_change_its_blocks_counts_where_the_model_is_nearly_sure() -> None:
    x1, y1, x2, y2 = (240, 140, 268, 150)
    grey = PAVEMENT.copy()
    grey[y1:y2, x1:x2] = a_texture(3)[y1:y2, x1:x2]
    ground = replace(a_ground(grey), changed=np.zeros(len(BLOCKS), np.bool_))
    found = [some_detections([(x1, y1, x2, y2)], confidence=sure) for sure in (0.7, 0.5)]

    assert [len(a_zone(IncidentKind.POTHOLE).counted(one, ground)) for one in found] == [1, 0]
    assert not len(a_zone(IncidentKind.RUBBISH).counted(found[0], ground))


@pytest.mark.parametrize(
    ("apart_px", "down_px", "places"), [(12, 0, 1), (24, 0, 1), (24, 24, 2), (60, 0, 2)]
)
def test_scattered_pieces_are_one_heap_where_they_fill_most_of_its_box(
    apart_px: int, down_px: int, places: int
) -> None:
    second = (212 + apart_px, 130 + down_px, 232 + apart_px, 145 + down_px)
    pieces = some_detections([(192, 130, 212, 145), second])
    zone, ground = a_zone(), replace(a_ground(), changed=np.ones(len(BLOCKS), np.bool_))

    zone.look(pieces, ground, START)

    assert len(zone.places) == places


def test_a_piece_too_small_by_itself_holds_the_heap_together_and_is_none() -> None:
    outer, small = [(150, 130, 170, 148), (210, 132, 230, 150)], (184, 132, 196, 146)
    three, two = (some_detections(boxes) for boxes in ([*outer, small], outer))
    changed = BLOCKS.touched(np.array(outer, np.float32))
    changed |= BLOCKS.touched(np.array([(186, 138, 190, 142)], np.float32))
    ground = replace(a_ground(), changed=changed)
    held, apart, alone = a_zone(), a_zone(), a_zone()

    held.look(three, ground, START)
    apart.look(two, ground, START)
    alone.look(some_detections([small]), ground, START)

    assert [len(zone.places) for zone in (held, apart, alone)] == [1, 2, 0]


def test_pieces_that_lie_apart_stay_open_while_the_model_is_less_sure_of_them() -> None:
    boxes = [(150.0, 130.0, 198.0, 154.0), (246.0, 154.0, 294.0, 178.0)]
    under = BLOCKS.touched(np.array(boxes, np.float32))
    zone, ground = a_zone(), replace(a_ground(), changed=under)
    for number in range(4):
        zone.look(some_detections(boxes, confidence=0.6), ground, at(1800 * number))
    for number in range(4, 9):
        zone.look(some_detections(boxes, confidence=0.4), ground, at(1800 * number))

    assert zone.places
    assert all(place.is_open for place in zone.places)
