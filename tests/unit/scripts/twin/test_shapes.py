"""Meshes of vehicles, people and things."""

from collections.abc import Mapping

import numpy as np
import pytest

from scripts.twin.actors import Kind
from scripts.twin.shapes import MATERIALS, SHAPES, STEPS, Shape, shape
from scripts.twin.shapes import catalogue as shapes_catalogue
from scripts.twin.shapes.mesh import Floats, Mesh, Surface
from scripts.twin.shapes.occlusion import openness
from scripts.twin.shapes.solids import box, cylinder, ellipsoid, rounded_box

Range = tuple[float, float]

KINDS = {
    **dict.fromkeys(("sedan", "mpv", "hatch", "suv", "pickup", "angkot"), Kind.CAR),
    **dict.fromkeys(("bus", "midibus"), Kind.BUS),
    **dict.fromkeys(("truck_box", "truck_tarp", "truck_open", "truck_dump"), Kind.TRUCK),
    **dict.fromkeys(("scooter", "scooter_b", "scooter_c", "scooter_pillion"), Kind.MOTORCYCLE),
    **dict.fromkeys(("scooter_box", "scooter_parked"), Kind.MOTORCYCLE),
    "bicycle": Kind.BICYCLE,
    **dict.fromkeys(("pedestrian_man", "pedestrian_woman", "pedestrian_child"), Kind.PERSON),
    **dict.fromkeys(
        (
            "rubbish_bag_black",
            "rubbish_bag_white",
            "rubbish_bag_torn",
            "cardboard_box",
            "bottle_litter",
            "bin",
            "bin_overflowing",
            "street_stall",
            "cart",
            "cone",
            "barrier",
        ),
        Kind.THING,
    ),
}

# Length, width with mirrors, height; metres.
SIZES: Mapping[Kind, tuple[Range, Range, Range]] = {
    Kind.CAR: ((3.5, 5.0), (1.7, 2.2), (1.4, 2.0)),
    Kind.BUS: ((7.0, 12.0), (2.1, 3.0), (2.6, 3.5)),
    Kind.TRUCK: ((5.5, 7.5), (2.0, 2.5), (2.0, 3.2)),
    Kind.MOTORCYCLE: ((1.8, 2.1), (0.6, 0.9), (1.1, 1.9)),
    Kind.BICYCLE: ((1.6, 1.9), (0.5, 0.8), (1.5, 1.9)),
    Kind.PERSON: ((0.2, 1.0), (0.3, 0.7), (1.1, 1.8)),
    Kind.THING: ((0.3, 2.8), (0.3, 2.7), (0.03, 2.5)),
}
MOST_TRIANGLES = 3500


@pytest.fixture(params=SHAPES)
def one(request: pytest.FixtureRequest) -> Shape:
    return shape(request.param)


def triangles(one: Shape) -> Floats:
    return one.positions.reshape(-1, 3, 3).astype(np.float64)


def test_every_shape_is_there_and_is_what_a_detector_should_call_it() -> None:
    assert {name: shape(name).kind for name in SHAPES} == KINDS


def test_it_is_as_large_as_its_kind_is(one: Shape) -> None:
    sizes = (one.length_m, one.width_m, one.height_m)
    for size, (least, most) in zip(sizes, SIZES[one.kind], strict=True):
        assert least <= size <= most


def test_it_stands_on_the_ground(one: Shape) -> None:
    assert abs(float(one.positions[:, 2].min())) < 0.01


def test_a_vehicle_reaches_back_from_its_bumper_and_others_stand_around_the_origin(
    one: Shape,
) -> None:
    front, rear = one.positions[:, 0].max(), one.positions[:, 0].min()
    if one.kind in (Kind.PERSON, Kind.THING):
        assert rear < 0 < front
    else:
        assert -0.01 <= front < 0.2
        assert rear == pytest.approx(front - one.length_m)


def test_a_vehicle_is_as_wide_on_either_side(one: Shape) -> None:
    if one.kind in (Kind.PERSON, Kind.THING):
        return
    left, right = one.positions[:, 1].max(), one.positions[:, 1].min()
    assert left == pytest.approx(-right, abs=0.02)


def test_its_triangles_have_an_area_and_are_few(one: Shape) -> None:
    corners = triangles(one)
    spanned = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert np.linalg.norm(spanned, axis=1).min() > 1e-9
    assert len(corners) <= MOST_TRIANGLES


def test_its_normals_are_unit_vectors_on_the_side_that_its_triangles_face(one: Shape) -> None:
    corners = triangles(one)
    normals = one.normals.reshape(-1, 3, 3)
    assert np.allclose(np.linalg.norm(normals, axis=2), 1.0, atol=1e-4)
    spanned = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("ij,ikj->ik", spanned, normals) > 0).mean() > 0.995


def test_what_is_farthest_out_faces_outwards(one: Shape) -> None:
    middles, normals = triangles(one).mean(axis=1), one.normals.reshape(-1, 3, 3).mean(axis=1)
    for axis in range(3):
        assert normals[middles[:, axis].argmax(), axis] > 0
    assert normals[middles[:, 2].argmin(), 2] < 0.1


def test_all_arrays_speak_of_the_same_corners(one: Shape) -> None:
    count = len(one.positions)
    assert count % 3 == 0
    assert one.positions.dtype == one.normals.dtype == one.occlusion.dtype == np.float32
    assert one.material.dtype == np.int32
    for array in (one.normals, one.material, one.occlusion):
        assert len(array) == count
    assert one.material.min() >= 0
    assert one.material.max() < len(MATERIALS)
    assert one.occlusion.min() >= 0
    assert one.occlusion.max() <= 1


def test_it_is_darker_below_than_above(one: Shape) -> None:
    up = one.normals[:, 2]
    assert one.occlusion[up < -0.7].mean() < one.occlusion[up > 0.7].mean()


def test_vehicles_have_lamps_ahead_and_behind_and_others_have_none() -> None:
    for name, kind in KINDS.items():
        one = shape(name)
        if kind in (Kind.CAR, Kind.BUS, Kind.TRUCK, Kind.MOTORCYCLE):
            roles = np.array([MATERIALS[index].role for index in one.material])
            heads, tails = (one.positions[roles == end, 0] for end in ("head_lamp", "tail_lamp"))
            assert heads.min() > tails.max()
            assert min(x for x, _, _ in one.head_lamps) > tails.max()
        else:
            assert one.head_lamps == ()


def test_two_wheelers_are_ridden_unless_they_are_parked() -> None:
    is_skin = np.array([material.name == "skin" for material in MATERIALS])
    skin = {name: int(is_skin[shape(name).material].sum()) for name in SHAPES}
    two_wheelers = {k for k, kind in KINDS.items() if kind in (Kind.MOTORCYCLE, Kind.BICYCLE)}

    assert {name for name in two_wheelers if not skin[name]} == {"scooter_parked"}
    assert skin["scooter_pillion"] > skin["scooter"]


def test_vehicles_and_clothes_take_the_actors_paint() -> None:
    painted = np.array([material.painted for material in MATERIALS])
    for name, kind in KINDS.items():
        if kind is not Kind.THING and name != "scooter_c":
            assert painted[shape(name).material].any(), name


def test_walkers_and_cyclists_move_and_others_do_not() -> None:
    for name, kind in KINDS.items():
        moved = not np.array_equal(shape(name, 0).positions, shape(name, 2).positions)
        assert moved == (kind in (Kind.PERSON, Kind.BICYCLE))


@pytest.mark.parametrize("name", ["pedestrian_man", "pedestrian_child", "bicycle"])
@pytest.mark.parametrize("step", range(STEPS))
def test_every_step_touches_the_ground(name: str, step: int) -> None:
    assert abs(float(shape(name, step).positions[:, 2].min())) < 0.03


@pytest.mark.parametrize("name", ["mpv", "truck_open", "bin_overflowing", "bicycle"])
def test_it_is_built_the_same_again(name: str) -> None:
    first = shape(name)
    shapes_catalogue._shape.cache_clear()
    again = shape(name)
    assert again is not first
    for field in ("positions", "normals", "material", "occlusion"):
        assert np.array_equal(getattr(first, field), getattr(again, field))


def test_an_unknown_shape_or_step_is_refused_with_what_there_is() -> None:
    with pytest.raises(KeyError, match=r"no shape 'tram'; there are sedan, mpv"):
        shape("tram")
    with pytest.raises(ValueError, match=r"step 8 of 'bicycle': expected 0 to 7"):
        shape("bicycle", 8)


@pytest.mark.parametrize(
    "solid",
    [
        pytest.param(box((0, 0, 0), (2, 1, 1)), id="box"),
        pytest.param(rounded_box((0, 0, 0), (2, 1, 1), 0.1), id="rounded box"),
        pytest.param(ellipsoid((0, 0, 0), (2, 1, 1)), id="ellipsoid"),
        pytest.param(cylinder((0, 0, 0), 1, 2, "y"), id="cylinder"),
    ],
)
def test_a_solids_normals_point_away_from_its_middle(solid: Surface) -> None:
    mesh = Mesh()
    mesh.add(solid, "paint")
    part = mesh.all()
    assert np.einsum("ij,ij->i", part.positions, part.normals).min() > 0


def test_a_lone_plate_sees_the_whole_sky_and_one_below_another_sees_less() -> None:
    mesh = Mesh()
    mesh.add(box((0, 0, 0.5), (1, 1, 0.1)), "paint")
    part = mesh.all()
    top = part.normals[:, 2] > 0.9
    assert openness(part.positions, part.normals)[top].min() == 1.0
    mesh.add(box((0, 0, 0.8), (3, 3, 0.1)), "paint")
    part = mesh.all()
    hidden = openness(part.positions, part.normals)[: len(top)][top]
    assert hidden.max() < 0.6
