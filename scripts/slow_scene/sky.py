"""The light of a day over a scenario: sun, clouds, dusk, night and rain."""

import math
from datetime import datetime

import cv2
import numpy as np

from analytics.detections import FloatArray
from analytics.frames import Image
from scripts.slow_scene.scenario import Scenario, local_hour
from scripts.training.light import linear, shown
from scripts.training.weather import Night, Rain, Weather, by_night, in_rain

DUSK_H, NIGHT_H = 18.0, 19.0
"""Hours from which on it is dusk, and night; both end at 6."""

_DUSK = np.array([0.26, 0.22, 0.2], np.float32)
"""Light of the dusk, BGR, as a share of that at noon."""

_EVENING = np.array([0.86, 0.97, 1.06], np.float32)
"""Colour of a low sun's light, BGR."""


def is_night(at: datetime) -> bool:
    """Tell whether it is night."""
    return not 6 <= local_hour(at) < NIGHT_H


def is_dark(at: datetime) -> bool:
    """Tell whether it is dusk or night."""
    return not 6 <= local_hour(at) < DUSK_H


def under_sky(
    image: Image, scenario: Scenario, at: datetime, period: int, lit: FloatArray, frame: int
) -> Image:
    """Return a picture that was taken at noon as it would be at another time, in any weather.

    Parameters
    ----------
    period, frame
        Number of the period and of the picture: what stays the same over a period is drawn by the
        first, what changes from picture to picture by the second.
    lit
        Boxes of what has lamps by night, corners in pixels ``(n, 4)``.
    """
    steady = np.random.default_rng((scenario.seed, 1, period))
    moving = np.random.default_rng((scenario.seed, 2, period, frame))
    if is_night(at):
        # All of a night's periods are under the same lamps.
        night = Night.drawn(np.random.default_rng((scenario.seed, 3)))
        return by_night(image, night, lit, moving)
    bright = _gained(image, _gain(at, steady) * moving.uniform(0.985, 1.015))
    if any(spell.how is Weather.RAIN and spell.there.holds(at) for spell in scenario.weather):
        return in_rain(bright, Rain.drawn(steady), moving)
    return bright


def _gain(at: datetime, steady: np.random.Generator) -> FloatArray:
    """Return the light of a period, BGR, as a share of that at noon."""
    hour = local_hour(at)
    clouds = steady.uniform(0.75, 1.05)
    if hour >= DUSK_H:
        return np.asarray(_DUSK * clouds, np.float32)
    high = math.sin(math.pi * (hour - 5.0) / 14.0)
    low = (1 - high) ** 2
    colour = _EVENING * low + (1 - low)
    return np.asarray((0.45 + 0.55 * high) * clouds * colour, np.float32)


def _gained(image: Image, gain: FloatArray) -> Image:
    """Return a picture with another light, by a table of 256 levels."""
    levels = np.arange(256, dtype=np.uint8).reshape(1, 256, 1).repeat(3, axis=2)
    return np.asarray(cv2.LUT(image, shown(linear(levels) * gain)), np.uint8)
