import numpy as np
import pytest

from scripts.twin.film.ground import with_ground
from scripts.twin.film.relief import relief
from scripts.twin.scenario import Patch, Pothole
from scripts.twin.world import CAMERAS
from tests.twin_plates import flat_plates

CAMERA = CAMERAS["street"]
SIZE = (640, 360)
PLATES = flat_plates(CAMERA, SIZE)
HOLE = Pothole(kind="pothole", thing="hole", at=(-4.7, -265.6), width_m=0.9, depth_m=0.09, seed=3)


def test_only_the_road_around_a_hole_changes() -> None:
    relit = with_ground(PLATES, CAMERA, [HOLE])

    changed = np.zeros(PLATES.depth_m.shape, bool)
    for name, layer in PLATES.layers.items():
        changed |= (relit.plates.layers[name] != layer).any(axis=2)
    rows, columns = np.nonzero(changed)
    seen = CAMERA.position + PLATES.depth_m[..., None] * CAMERA.rays(SIZE)
    away = np.hypot(*(seen[rows, columns, :2] - HOLE.at).T)

    assert len(rows) > 100
    assert away.max() < relief(HOLE).reach_m + 0.3
    assert (relit.covers[0][changed] > 0).all()


def test_a_hole_lies_where_the_camera_projects_it() -> None:
    (cover,) = with_ground(PLATES, CAMERA, [HOLE]).covers

    rows, columns = np.nonzero(cover > 0.5)
    (middle,), _ = CAMERA.project(np.array([(*HOLE.at, 0.0)]), SIZE)
    edges, _ = CAMERA.project(
        np.array([(*HOLE.at, 0.0)]) + np.array([(-0.45, 0, 0), (0.45, 0, 0)]), SIZE
    )

    assert np.abs(np.array((columns.mean(), rows.mean())) - middle).max() < 6
    assert np.ptp(columns) == pytest.approx(abs(edges[1, 0] - edges[0, 0]), rel=0.5)


def test_a_dry_hole_has_dark_walls_and_a_bright_bed_and_its_sun_and_sky_differ() -> None:
    relit = with_ground(PLATES, CAMERA, [HOLE])

    inside = relit.covers[0] > 0.95
    before, after = PLATES.layers["sun"][inside].mean(1), relit.plates.layers["sun"][inside].mean(1)
    assert after.min() < 0.3 * before.min()
    assert after.max() > 1.2 * before.max()


def test_water_is_a_mirror_and_level() -> None:
    hole = HOLE.model_copy(update={"water": 0.9})

    plates = with_ground(PLATES, CAMERA, [hole]).plates

    water = plates.wetness == 1
    assert water.sum() > 30
    assert np.allclose(plates.normal[water], (0, 0, 1))


def test_a_patch_is_darker_than_the_road_and_nearly_flat() -> None:
    patch = Patch(kind="patch", thing="hole", at=HOLE.at, size_m=(1.4, 1.2))

    relit = with_ground(PLATES, CAMERA, [patch])

    inside = relit.covers[0] > 0.99
    assert relit.plates.albedo[inside].max() < PLATES.albedo[inside].min()
    assert relit.plates.normal[inside][:, 2].mean() > 0.98


def test_what_the_camera_does_not_see_changes_nothing() -> None:
    far = HOLE.model_copy(update={"at": (50.0, 50.0)})

    relit = with_ground(PLATES, CAMERA, [far])

    assert relit.plates is PLATES
    assert not relit.covers[0].any()
