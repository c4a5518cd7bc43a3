"""Pictures in another weather: what changes, and that what is where stays."""

import cv2
import numpy as np
import pytest

from analytics.frames import Image
from scripts.training.h264 import as_sent
from scripts.training.weather import Weather, weathered

NO_BOXES = np.zeros((0, 4), np.float32)


@pytest.fixture
def street() -> Image:
    rng = np.random.default_rng(3)
    blocks = rng.integers(60, 230, (18, 32, 3), np.uint8)
    return np.asarray(cv2.resize(blocks, (641, 361), interpolation=cv2.INTER_NEAREST), np.uint8)


@pytest.mark.parametrize("how", list(Weather))
def test_the_same_chance_gives_the_same_picture_and_the_old_one_stays(
    street: Image, how: Weather
) -> None:
    before = street.copy()

    one, same = (weathered(street, how, NO_BOXES, np.random.default_rng(5)) for _ in range(2))

    assert np.array_equal(one, same)
    assert np.array_equal(street, before)
    assert one.dtype == np.uint8


@pytest.mark.parametrize("how", [Weather.NIGHT, Weather.RAIN, Weather.STARVED])
def test_what_is_where_stays(street: Image, how: Weather) -> None:
    changed = weathered(street, how, NO_BOXES, np.random.default_rng(5))

    assert changed.shape == street.shape
    lower = slice(200, None)
    alike = np.corrcoef(changed[lower].mean(axis=2).ravel(), street[lower].mean(axis=2).ravel())
    assert alike[0, 1] > 0.5


def test_by_night_the_street_is_dark_and_a_vehicle_has_lamps(street: Image) -> None:
    car = np.array([[300, 250, 380, 310]], np.float32)

    night = weathered(street, Weather.NIGHT, car, np.random.default_rng(5))

    assert night.mean() < 0.5 * street.mean()
    assert night[250:310, 300:380].max() > 200
    assert np.median(night[:100]) < 60


def test_a_stretched_picture_keeps_its_height_only(street: Image) -> None:
    stretched = weathered(street, Weather.STRETCHED, NO_BOXES, np.random.default_rng(5))

    assert stretched.shape[0] == street.shape[0]
    assert abs(stretched.shape[1] / street.shape[1] - 1) > 0.1


def test_h264_with_fewer_bits_is_further_from_the_picture(street: Image) -> None:
    good, bad = (as_sent(street, quality=quality).astype(float) for quality in (18, 40))

    assert good.shape == street.shape, "odd sides included"
    assert np.abs(good - street).mean() < np.abs(bad - street).mean()
