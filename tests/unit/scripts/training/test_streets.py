"""Road and scale read off labelled traffic, against a camera whose scale is known."""

from pathlib import Path

from scripts.training.streets import Street, streets
from tests.streets import CLASSES, HORIZON_PX, LEFT, PX_PER_M_PER_ROW, RIGHT, a_street


def only_street(folder: Path) -> Street:
    (street,) = streets(folder, CLASSES)
    return street


def test_the_scale_is_read_off_the_height_of_cars(tmp_path: Path) -> None:
    street = only_street(a_street(tmp_path))

    for row in (180.0, 300.0):
        known = PX_PER_M_PER_ROW * (row - HORIZON_PX)
        assert abs(street.px_per_m(row) / known - 1) < 0.05
    assert street.px_per_m(10.0) == 0, "above the horizon is no ground"


def test_the_road_is_where_they_drove_and_the_kerb_beside_it(tmp_path: Path) -> None:
    street = only_street(a_street(tmp_path))

    assert street.road[200:330, LEFT + 20 : RIGHT - 20].mean() > 0.95
    assert not street.road[:100].any()
    assert not (street.kerb() & street.road).any()
    assert street.kerb()[200:330].any()


def test_the_ground_looks_flatter_farther_away(tmp_path: Path) -> None:
    street = only_street(a_street(tmp_path))

    assert 0 < street.flatness(150.0) < street.flatness(300.0) < 1


def test_a_scene_seen_a_few_times_only_is_no_street(tmp_path: Path) -> None:
    assert streets(a_street(tmp_path, pictures=3), CLASSES) == []
