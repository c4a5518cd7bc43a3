"""Which tiles an inspection looks at, and which of them need no look."""

import numpy as np
import pytest

from analytics.background import Background
from analytics.blocks import Blocks
from analytics.detections import Detections
from analytics.frames import Image
from analytics.messages import IncidentKind
from analytics.slow_finding import CameraGround
from analytics.tiles import TileSize, tiles
from analytics.zones import Zone
from edge.inspection import Inspection, Task, zoom_of
from edge.quiet_tiles import QuietTiles
from models.manifest import find_manifest, load_manifest
from tests.scenes import START, Grey, at, learnt, nothing_before, some_detections

SIZE = (2560, 720)
ROAD = Zone.of("road", [(0, 0), (1, 0), (1, 1), (0, 1)])
EVERY_S = 300.0
ALL_TILES = 6 * 3
FAR_LEFT = (10.0, 10.0, 60.0, 60.0)
DARK = 60


class Darkness:
    """Finds what is darker than any road, and counts its looks."""

    def __init__(self) -> None:
        self.manifest = load_manifest(find_manifest("pothole"))
        self.looks = 0

    def detect(self, image: Image) -> Detections:
        self.looks += 1
        y, x = np.nonzero(image[..., 0] < DARK)
        if not len(y):
            return Detections.none()
        return some_detections([(x.min(), y.min(), x.max() + 1, y.max() + 1)])


def a_street() -> Grey:
    return np.random.default_rng(3).uniform(100, 140, (SIZE[1], SIZE[0], 1))


def with_thing(street: Grey) -> Grey:
    x1, y1, x2, y2 = (round(side) for side in FAR_LEFT)
    changed = street.copy()
    changed[y1:y2, x1:x2] = DARK - 20
    return changed


def see(background: Background, street: Grey, times: int = 1) -> None:
    picture = np.repeat(street, 3, axis=2).astype(np.uint8)
    for _ in range(times):
        background.look(picture, nothing_before(background.blocks), START)


class Camera:
    """Inspects a street again and again."""

    def __init__(self) -> None:
        self.street = a_street()
        self.background = learnt(Blocks.of([ROAD], SIZE), self.street)
        self.quiet = QuietTiles(every_s=EVERY_S)
        self.model = Darkness()

    def inspect(self, seconds: float) -> Detections:
        """Return what an inspection finds; `looks` is set to how often the model looked for it."""
        self.model.looks = 0
        tasks = [Task(IncidentKind.POTHOLE, ROAD)]
        detectors = {IncidentKind.POTHOLE: self.model}
        inspection = Inspection(tasks, detectors, CameraGround(*SIZE), self.quiet)
        while not inspection.is_done:
            inspection.step(self.background, at(seconds))
        (found,) = inspection.results()
        return found

    @property
    def looks(self) -> int:
        return self.model.looks


@pytest.fixture
def camera() -> Camera:
    camera = Camera()
    camera.inspect(0)
    assert camera.looks == ALL_TILES
    return camera


def test_ground_that_is_as_it_was_is_not_looked_at_again(camera: Camera) -> None:
    see(camera.background, camera.street)

    camera.inspect(300)

    assert camera.looks == 0


def test_what_is_put_down_is_found_by_the_next_inspection(camera: Camera) -> None:
    see(camera.background, with_thing(camera.street), times=6)

    found = camera.inspect(300)

    assert camera.looks == 1
    assert len(found) == 1
    np.testing.assert_allclose(found.xyxy[0], FAR_LEFT, atol=1)


def test_what_was_found_is_still_found_without_a_look(camera: Camera) -> None:
    see(camera.background, with_thing(camera.street), times=6)
    before = camera.inspect(300)

    after = camera.inspect(600)

    assert camera.looks == ALL_TILES - 1, "the others' last look is two inspections old"
    np.testing.assert_array_equal(after.xyxy, before.xyxy)
    np.testing.assert_array_equal(after.confidence, before.confidence)


def test_where_something_may_be_each_inspection_looks(camera: Camera) -> None:
    camera.quiet.disturb(IncidentKind.POTHOLE, np.array(FAR_LEFT, np.float32))
    camera.inspect(300)

    assert camera.looks == 1


def test_a_tile_close_to_where_something_may_be_is_looked_at_too(camera: Camera) -> None:
    road, size = Task(IncidentKind.POTHOLE, ROAD), camera.model.manifest.input
    zoom = zoom_of(road, CameraGround(*SIZE))
    tile = TileSize.fitting((size.width_px, size.height_px), zoom, SIZE)
    (_, _, first_ends, _), (second_begins, _, _, _) = tiles(ROAD, tile, SIZE)[:2]
    assert second_begins < first_ends, "they overlap"
    just_before = (second_begins - 55.0, 10.0, second_begins - 5.0, 60.0)

    camera.quiet.disturb(IncidentKind.POTHOLE, np.array(just_before, np.float32))
    camera.inspect(300)

    assert camera.looks == 2


def test_what_is_followed_of_another_kind_disturbs_no_tile(camera: Camera) -> None:
    camera.quiet.disturb(IncidentKind.RUBBISH, np.array(FAR_LEFT, np.float32))
    camera.inspect(300)

    assert camera.looks == 0


def test_what_was_found_stands_for_one_inspection_only_however_close_they_follow(
    camera: Camera,
) -> None:
    looks: list[int] = []
    for seconds in (30.0, 60.0, 90.0, 350.0):
        camera.inspect(seconds)
        looks.append(camera.looks)

    assert looks == [0, ALL_TILES, 0, ALL_TILES]


def test_after_a_long_time_without_an_inspection_each_tile_is_looked_at(camera: Camera) -> None:
    camera.inspect(2 * EVERY_S)

    assert camera.looks == ALL_TILES


def test_after_a_clock_was_set_back_each_tile_is_looked_at(camera: Camera) -> None:
    camera.inspect(-60)

    assert camera.looks == ALL_TILES


def test_ground_that_comes_to_be_known_is_looked_at() -> None:
    camera = Camera()
    camera.background = Background(camera.background.blocks, camera.background.rule)
    see(camera.background, camera.street)
    camera.inspect(0)
    see(camera.background, camera.street, times=3)

    camera.inspect(300)

    assert camera.looks == ALL_TILES
