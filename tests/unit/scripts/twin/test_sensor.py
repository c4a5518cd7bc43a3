from datetime import UTC, datetime

import numpy as np

from scripts.twin.actors import Actor, Kind
from scripts.twin.camera import Camera
from scripts.twin.film.clock import burn_in
from scripts.twin.film.motion import MotionBlur
from scripts.twin.film.rain import Rain
from scripts.twin.film.sensor import Sensor
from scripts.twin.looks import LOOKS
from scripts.twin.render.visibility import Sighting

SIZE = (320, 180)
GREY = np.full((180, 320, 3), 0.1, np.float32)


def test_the_same_frame_has_the_same_noise_and_the_next_one_another() -> None:
    one, two = Sensor(LOOKS["night"], GREY, 1), Sensor(LOOKS["night"], GREY, 1)
    picture = one.develop(GREY)

    assert (one.read_out(picture, 5) == two.read_out(picture, 5)).all()
    assert (one.read_out(picture, 5) != two.read_out(picture, 6)).any()


def test_a_dark_scene_is_exposed_longer_but_stays_darker() -> None:
    day = Sensor(LOOKS["day"], GREY, 1).develop(GREY)
    dark = np.full_like(GREY, 0.0125)
    dim = Sensor(LOOKS["day"], dark, 1).develop(dark)
    fixed = Sensor(LOOKS["day"], GREY, 1).develop(dark)

    assert fixed.mean() < dim.mean() < day.mean()


def test_red_is_red_until_the_picture_is_read_out_as_bgr() -> None:
    red = GREY * (3, 0.2, 0.2)
    sensor = Sensor(LOOKS["day"], GREY, 1)

    image = sensor.read_out(sensor.develop(red.astype(np.float32)), 0)

    assert image[..., 2].mean() > image[..., 0].mean() + 50


def test_rain_falls_only_in_the_rain() -> None:
    picture = GREY * 1000

    assert Rain(0.0, SIZE, 1).fall(picture, 0) is picture
    assert (Rain(1.0, SIZE, 1).fall(picture, 0) != Rain(1.0, SIZE, 1).fall(picture, 1)).any()


def a_car(*, speed_mps: float) -> Sighting:
    """Return a car in the middle of the picture that drives to the right."""
    actor = Actor("car", Kind.CAR, "mpv", 0.0, 0.0, heading_deg=0.0, speed_mps=speed_mps)
    return Sighting(actor, (140.0, 70.0, 190.0, 110.0), visible=1.0, inside=1.0)


def test_what_moves_fast_is_smeared_along_its_way_as_far_as_it_goes() -> None:
    light = np.zeros((180, 320, 3), np.float32)
    light[80:100, 160:170] = 1
    camera = Camera("test", (0.0, -20.0, 5.0), (0.0, 0.0, 0.0), 60.0, "junction")
    blur = MotionBlur(SIZE, shutter_s=0.03)
    # 0.45 m while the shutter is open, 20.6 m away, is 6 px: 3 px to either side.
    smeared = blur.smear(light, [a_car(speed_mps=15.0)], camera)

    assert 0 < smeared[90, 158, 0] < 1
    assert smeared[90, 155, 0] == 0
    assert smeared[85:95, 163:167, 0].min() > 0.95
    assert smeared[78, 165, 0] == 0


def test_what_stands_is_sharp() -> None:
    light = np.random.default_rng(1).random((180, 320, 3), np.float32)
    camera = Camera("test", (0.0, -20.0, 5.0), (0.0, 0.0, 0.0), 60.0, "junction")

    smeared = MotionBlur(SIZE, shutter_s=0.03).smear(light, [a_car(speed_mps=0.0)], camera)

    assert np.array_equal(smeared, light)


def test_a_clock_is_white_with_a_black_rim_in_two_corners_only() -> None:
    image = np.full((180, 320, 3), 100, np.uint8)

    burn_in(image, datetime(2026, 11, 23, 7, 12, 5, tzinfo=UTC), "SIM south")

    assert set(np.unique(image)) == {16, 100, 240}
    assert (image[30:150] == 100).all()
    assert (image[:30, 250:] == 100).all()
    assert (image[150:, :200] == 100).all()
