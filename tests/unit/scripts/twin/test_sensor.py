from datetime import UTC, datetime

import numpy as np

from scripts.twin.film.clock import burn_in
from scripts.twin.film.motion import MotionBlur
from scripts.twin.film.rain import Rain
from scripts.twin.film.sensor import Sensor
from scripts.twin.looks import LOOKS

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


def test_what_moves_fast_is_smeared_along_its_way() -> None:
    light = np.zeros((180, 320, 3), np.float32)
    light[80:100, 160:170] = 1
    blur = MotionBlur(SIZE, shutter_s=0.03, fps=5)

    blur.smear(light, [("car", (70, 70, 110, 110))])
    smeared = blur.smear(light, [("car", (150, 70, 190, 110))])

    assert 0 < smeared[90, 157, 0] < 1
    assert smeared[85:95, 165, 0].min() > 0.5


def test_a_clock_is_white_with_a_black_rim_in_two_corners_only() -> None:
    image = np.full((180, 320, 3), 100, np.uint8)

    burn_in(image, datetime(2026, 11, 23, 7, 12, 5, tzinfo=UTC), "SIM south")

    assert set(np.unique(image)) == {16, 100, 240}
    assert (image[30:150] == 100).all()
    assert (image[:30, 250:] == 100).all()
    assert (image[150:, :200] == 100).all()
