"""Tiles: all of a zone is looked at, and each thing is found once and whole."""

import numpy as np
import pytest

from analytics.tiles import TileSize, centred, heaped, merged, split, tiles
from analytics.zones import GRID_HEIGHT, GRID_WIDTH, Zone
from tests.scenes import some_detections

VIEW = (1920, 1080)
ZONES = {
    "road": Zone.of("road", [(0.3, 0.3), (0.7, 0.3), (1.0, 1.0), (0.0, 1.0)]),
    "kerb": Zone.of("kerb", [(0.8, 0.71), (0.52, 0.67), (0.58, 0.55), (0.8, 0.58)]),
    "strip": Zone.of("strip", [(0.0, 0.9), (1.0, 0.9), (1.0, 1.0), (0.0, 1.0)]),
    "dot": Zone.of("dot", [(0.98, 0.98), (1.0, 0.98), (1.0, 1.0), (0.98, 1.0)]),
    "view": Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)]),
}


@pytest.mark.parametrize("zone", ZONES.values(), ids=ZONES)
@pytest.mark.parametrize("view", [VIEW, (704, 576), (640, 360), (352, 288)])
@pytest.mark.parametrize("zoom", [0.5, 1.0, 1.7, 2.0])
def test_every_cell_of_a_zone_is_in_a_tile_within_the_view(
    zone: Zone, view: tuple[int, int], zoom: float
) -> None:
    size = TileSize.fitting((640, 640), zoom, view)
    y, x = np.nonzero(zone.cells)
    centres = (x + 0.5) * view[0] / GRID_WIDTH, (y + 0.5) * view[1] / GRID_HEIGHT
    covered = np.zeros(len(x), np.bool_)
    for left, top, right, bottom in tiles(zone, size, view):
        assert 0 <= left < right <= view[0]
        assert 0 <= top < bottom <= view[1]
        assert (right - left, bottom - top) == (size.width_px, size.height_px)
        covered |= (
            (centres[0] >= left)
            & (centres[0] < right)
            & (centres[1] >= top)
            & (centres[1] < bottom)
        )
    assert covered.all()


def test_a_thing_up_to_a_quarter_of_a_tile_is_whole_in_one_wherever_it_lies() -> None:
    windows = tiles(ZONES["view"], TileSize(640, 640), VIEW)
    side = 160
    for x in range(0, VIEW[0] - side, 40):
        for y in range(0, VIEW[1] - side, 40):
            assert any(
                left + 2 < x and x + side < right - 2 and top + 2 < y and y + side < bottom - 2
                for left, top, right, bottom in windows
                if left and top and right < VIEW[0] and bottom < VIEW[1]
            ) or any(
                left <= x and x + side <= right and top <= y and y + side <= bottom
                for left, top, right, bottom in windows
            )


def test_no_tile_is_spent_on_what_holds_nothing_of_the_zone() -> None:
    corner = Zone.of("corner", [(0, 0), (1, 0), (1, 0.05), (0.05, 1), (0, 1)])
    every = tiles(ZONES["view"], TileSize(320, 320), VIEW)
    some = tiles(corner, TileSize(320, 320), VIEW)
    assert len(some) <= len(every) - 10
    # Those of the lower right half.
    assert all(left / VIEW[0] + top / VIEW[1] < 1.05 for left, top, _, _ in some)


def test_a_thing_in_two_tiles_counts_once_with_the_surer_box() -> None:
    first, second = (0, 0, 640, 640), (448, 0, 1088, 640)
    left, _ = split(some_detections([(500, 300, 560, 340)], confidence=0.6), first, VIEW)
    right, _ = split(some_detections([(54, 302, 113, 343)], confidence=0.8), second, VIEW)
    both = merged([left, right])
    assert len(both) == 1
    assert both.xyxy[0].tolist() == [502, 302, 561, 343]
    assert both.confidence[0] == pytest.approx(0.8)


def test_two_things_stay_two_and_a_part_within_its_whole_is_one() -> None:
    boxes = [(0, 0, 50, 50), (40, 0, 90, 50), (200, 200, 300, 300), (210, 210, 250, 250)]
    assert len(merged([some_detections(boxes, confidence=[0.9, 0.8, 0.7, 0.6])])) == 3
    assert len(merged([])) == 0


@pytest.mark.parametrize(
    ("box", "window", "is_kept"),
    [
        pytest.param((300, 300, 400, 400), (448, 0, 1088, 640), True, id="in the middle"),
        pytest.param((0, 300, 80, 400), (448, 0, 1088, 640), False, id="cut off at the left"),
        pytest.param((560, 300, 640, 400), (448, 0, 1088, 640), False, id="at the right"),
        pytest.param((300, 560, 400, 640), (448, 0, 1088, 640), False, id="at the foot"),
        pytest.param((300, 0, 400, 80), (448, 200, 1088, 840), False, id="at the top"),
        pytest.param((0, 300, 80, 400), (0, 0, 640, 640), True, id="at the view's left"),
        pytest.param((300, 0, 400, 80), (448, 0, 1088, 640), True, id="at the view's top"),
        pytest.param((560, 300, 640, 400), (1280, 0, 1920, 640), True, id="at the view's right"),
        pytest.param((300, 560, 400, 640), (448, 440, 1088, 1080), True, id="at the view's foot"),
    ],
)
def test_what_a_tile_cuts_off_is_left_to_its_neighbour(
    box: tuple[float, float, float, float], window: tuple[int, int, int, int], is_kept: bool
) -> None:
    found, _ = split(some_detections([box]), window, VIEW)
    assert bool(len(found)) is is_kept
    if is_kept:
        shift = np.array(window[:2] * 2)
        assert found.xyxy[0].tolist() == (np.array(box) + shift).tolist()


def test_bags_that_lie_close_together_are_one_heap() -> None:
    row = [(100, 100, 140, 140), (150, 105, 190, 140), (205, 100, 240, 140), (600, 100, 640, 140)]
    heaps = heaped(some_detections(row, confidence=[0.4, 0.9, 0.5, 0.3]), (0.35, 0.0))
    assert sorted(heaps.xyxy.tolist()) == [[100, 100, 240, 140], [600, 100, 640, 140]]
    assert sorted(heaps.confidence.tolist()) == pytest.approx([0.3, 0.9])
    assert len(heaped(some_detections([]), (0.35, 0.0))) == 0


def test_what_is_too_small_holds_heaps_together_and_decides_nothing_of_them() -> None:
    left, small, right = (100, 100, 140, 140), (145, 110, 153, 130), (158, 100, 198, 140)
    rule = (0.35, 0.0)

    (heap,) = heaped(
        some_detections([left, small, right], confidence=[0.36, 0.95, 0.5]), rule, least_px=14
    ).xyxy.tolist()
    inside = some_detections([left, (110, 110, 120, 130)], confidence=[0.36, 0.95])
    alone = heaped(inside, rule, least_px=14)
    two_small = some_detections([small, (155, 110, 163, 130)], confidence=0.9)

    assert heap == [100, 100, 198, 140]
    assert alone.xyxy.tolist() == [list(left)]
    assert alone.confidence.tolist() == pytest.approx([0.36])
    assert len(heaped(two_small, rule, least_px=14)) == 0


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((900, 500, 1000, 600), (630, 230, 1270, 870)),
        ((0, 0, 100, 100), (0, 0, 640, 640)),
        ((1900, 1060, 1920, 1080), (1280, 440, 1920, 1080)),
    ],
)
def test_a_window_around_a_box_lies_within_the_view(
    box: tuple[float, ...], expected: tuple[int, ...]
) -> None:
    assert centred(np.array(box, np.float32), TileSize(640, 640), VIEW) == expected
