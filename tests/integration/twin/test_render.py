"""The simulated camera's renderer, on synthetic plates: light, shadow, and who hides whom."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from scripts.twin.actors import Actor, Kind
from scripts.twin.camera import Camera
from scripts.twin.looks import LOOKS
from scripts.twin.plates import Plates
from scripts.twin.render.renderer import FrameScene, RenderedFrame, Renderer
from scripts.twin.shapes import shape
from scripts.twin.world import LAMPS
from tests.asphalt import SIZE, asphalt

pytestmark = [pytest.mark.integration, pytest.mark.computes, pytest.mark.usefixtures("drawing")]

CAMERA = Camera("test", (0.0, -292.0, 6.0), (0.0, -276.0, 0.5), 50.0, "street")

FAR_AWAY = 1000.0


def car(name: str, x: float, y: float, heading: float = 90.0) -> Actor:
    """Return a car whose middle is at x, y."""
    half = shape("mpv").length_m / 2
    angle = np.radians(heading)
    front = x + half * float(np.cos(angle)), y + half * float(np.sin(angle))
    return Actor(name, Kind.CAR, "mpv", *front, heading, paint=(0.3, 0.3, 0.3))


def drawn(
    *actors: Actor,
    plates: Plates | None = None,
    look: str = "day",
    dark: frozenset[str] = frozenset(),
) -> RenderedFrame:
    """Return one frame of the test camera."""
    renderer = Renderer(plates or asphalt(CAMERA), CAMERA, LOOKS[look], SIZE)
    return renderer.frame(FrameScene(actors, dark_lamps=dark))


def pixel(frame: RenderedFrame, x: float, y: float, z: float = 0.0) -> NDArray[np.float32]:
    """Return the colour where a point of the world falls."""
    (u, v), _ = (part[0] for part in CAMERA.project(np.array([[x, y, z]]), SIZE))
    colour: NDArray[np.float32] = frame.linear[int(v), int(u)]
    return colour


def test_an_empty_scene_is_its_plates() -> None:
    plates = asphalt(CAMERA)
    clear = replace(LOOKS["day"], fog_per_m=0.0)
    frame = Renderer(plates, CAMERA, clear, SIZE).frame(FrameScene(()))
    assert frame.sightings == ()
    expected = plates.layers["sun"] + plates.layers["sky"]
    np.testing.assert_allclose(frame.linear, expected, rtol=0.01, atol=1e-3)


def test_the_box_is_the_projected_mesh() -> None:
    actor = Actor("m", Kind.MOTORCYCLE, "scooter", 1.0, -278.0, 0.0)
    (seen,) = drawn(actor).sightings
    points = shape("scooter").positions + np.array([1.0, -278.0, 0.0])
    pixels, _ = CAMERA.project(points, SIZE)
    expected = (*pixels.min(axis=0), *pixels.max(axis=0))
    np.testing.assert_allclose(seen.box, expected, atol=0.01)
    assert seen.visible == 1.0
    assert seen.inside == 1.0


def test_a_car_half_outside_has_its_box_cut_at_the_rim() -> None:
    (u, _), _ = (part[0] for part in CAMERA.project(np.array([[9.5, -276.0, 0.0]]), SIZE))
    assert u > SIZE[0]
    (seen,) = drawn(car("a", 8.2, -276.0, 0.0)).sightings
    assert seen.box[2] == SIZE[0]
    assert 0.2 < seen.inside < 0.9
    assert seen.visible == 1.0


def test_a_bus_before_a_car_hides_its_share() -> None:
    bus = Actor("bus", Kind.BUS, "bus", 6.0, -279.0, 0.0)
    behind = car("car", 0.0, -273.0, 0.0)
    alone = drawn(behind).sightings[0]
    seen = {one.actor.actor_id: one for one in drawn(behind, bus).sightings}
    assert seen["bus"].visible == 1.0
    assert seen["car"].visible < 0.35
    assert seen["car"].box == alone.box
    beside = replace(bus, x_m=-1.0)
    half = {one.actor.actor_id: one for one in drawn(behind, beside).sightings}["car"].visible
    assert seen["car"].visible < half < 0.9


def test_a_wall_hides_what_is_behind_it() -> None:
    walled = asphalt(CAMERA, wall_y=-280.0)
    seen = drawn(car("near", 0.0, -283.0), car("far", 0.0, -272.0), plates=walled).sightings
    assert {one.actor.actor_id: one.visible for one in seen} == {"near": 1.0, "far": 0.0}


def test_the_suns_shadow_falls_on_the_side_away_from_it() -> None:
    frame, empty = drawn(car("a", 0.0, -278.0, 180.0)), drawn()
    away, towards = (2.6, -277.7), (-2.7, -278.3)
    assert pixel(frame, *away)[1] < 0.45 * pixel(empty, *away)[1]
    assert pixel(frame, *towards)[1] > 0.85 * pixel(empty, *towards)[1]


def test_under_a_cloudy_sky_it_is_darker_beside_a_car() -> None:
    frame, empty = drawn(car("a", 0.0, -278.0, 0.0), look="overcast"), drawn(look="overcast")
    beside, farther = (0.0, -279.1), (0.0, -280.0)
    shares = [pixel(frame, *at)[1] / pixel(empty, *at)[1] for at in (beside, farther)]
    assert 0.3 < shares[0] < 0.8 < shares[1]


def test_a_dark_lamp_takes_its_light_from_the_road_and_from_cars() -> None:
    lamp = next(one for one in LAMPS["street"] if one.name == "street-w2")
    actor = car("a", lamp.head[0], lamp.head[1])
    dark = frozenset({lamp.name})
    here = lamp.head[0] + 2.0, lamp.head[1] - 2.0
    assert (
        pixel(drawn(look="night", dark=dark), *here)[0] < 0.8 * pixel(drawn(look="night"), *here)[0]
    )
    roof = (lamp.head[0], lamp.head[1], shape("mpv").height_m - 0.02)
    lit, unlit = (pixel(drawn(actor, look="night", dark=d), *roof) for d in (frozenset(), dark))
    assert unlit[0] < 0.8 * lit[0]


def test_at_night_head_lamps_light_the_road_before_a_car_that_is_driven() -> None:
    before = 0.0, -280.0
    driven = replace(car("a", 0.0, -274.0, 270.0), lane="southbound_0")
    parked = replace(driven, lane="")
    frame, empty = drawn(driven, look="night"), drawn(look="night")
    assert pixel(frame, *before)[1] > 1.2 * pixel(empty, *before)[1]
    dark = drawn(parked, look="night")
    assert pixel(dark, *before)[1] == pytest.approx(pixel(empty, *before)[1], rel=0.05)


def test_wet_ground_mirrors_a_car() -> None:
    wet = asphalt(CAMERA, wet=1.0)
    actor = replace(car("a", 0.0, -272.0, 0.0), paint=(0.8, 0.0, 0.0))
    before = 0.0, -273.6
    frame = drawn(actor, plates=wet, look="rain")
    dry = drawn(actor, look="rain")
    red, green, _ = pixel(frame, *before)
    dry_red, dry_green, _ = pixel(dry, *before)
    assert red / green > 1.02 * dry_red / dry_green


def test_the_same_frame_is_the_same_twice() -> None:
    scene = FrameScene((car("a", -1.0, -280.0), car("b", 1.5, -275.0, 250.0)))
    renderer = Renderer(asphalt(CAMERA), CAMERA, LOOKS["night"], SIZE)
    first, second = renderer.frame(scene), renderer.frame(scene)
    np.testing.assert_array_equal(first.linear, second.linear)
    assert first.sightings == second.sightings


def test_an_actor_out_of_view_is_not_sighted() -> None:
    assert drawn(car("a", FAR_AWAY, -276.0), car("b", 0.0, -300.0)).sightings == ()
