"""What night, rain and a starved line do to a camera's picture, and a stretched one.

Makes daylight pictures into harder ones, of which the labels stay true: to train on, and to
measure a model on. They are imitations: what is measured on them compares models, and is no
accuracy by night.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from analytics.detections import FloatArray
from analytics.frames import Image
from scripts.training.h264 import as_sent
from scripts.training.light import Light, linear, shown


class Weather(StrEnum):
    """How a picture is made harder."""

    NIGHT = "night"
    """Street lamps only, the vehicles' own lamps lit, a noisy sensor."""
    RAIN = "rain"
    """Grey haze that thickens with distance, streaks, drops on the lens."""
    STARVED = "starved"
    """H.264 with far too few bits, of a picture that was sent at about half its size."""
    STRETCHED = "stretched"
    """Squeezed or widened, as recorders do that show every camera in one shape."""


@dataclass(frozen=True, slots=True)
class Night:
    """What stays the same of a night from picture to picture.

    Attributes
    ----------
    brightest_at
        Where across the picture the lamps light most, -0.5 to 0.5 from its middle.
    lamp
        Colour of the lamps, BGR.
    level
        How much of the day's light there is.
    """

    brightest_at: float
    lamp: tuple[float, float, float]
    level: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Self:
        """Return some night."""
        where = float(rng.uniform(-0.5, 0.5))
        lamp = ((0.55, 0.8, 1.0), (1.0, 0.97, 0.9))[int(rng.integers(2))]
        return cls(where, lamp, float(rng.uniform(0.04, 0.22)))


@dataclass(frozen=True, slots=True)
class Rain:
    """What stays the same of a rain from picture to picture.

    Attributes
    ----------
    grey
        Light of the haze.
    far
        Share of the haze at the picture's upper edge.
    level
        How much of the light there is.
    """

    grey: float
    far: float
    level: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Self:
        """Return some rain."""
        grey, far = float(rng.uniform(0.15, 0.4)), float(rng.uniform(0.4, 0.8))
        return cls(grey, far, float(rng.uniform(0.4, 0.8)))


def weathered(image: Image, how: Weather, boxes: FloatArray, rng: np.random.Generator) -> Image:
    """Return a picture made harder; fractions of it still hold what they held.

    Parameters
    ----------
    image
        BGR uint8, ``(h, w, 3)``; not written to.
    boxes
        Of what has lamps by night, ``(n, 4)``: left, top, right, bottom in pixels.
    """
    match how:
        case Weather.NIGHT:
            return by_night(image, Night.drawn(rng), boxes, rng)
        case Weather.RAIN:
            return in_rain(image, Rain.drawn(rng), rng)
        case Weather.STARVED:
            return _starved(image, rng)
        case Weather.STRETCHED:
            return _stretched(image, rng)


def by_night(image: Image, night: Night, boxes: FloatArray, rng: np.random.Generator) -> Image:
    """Return a picture as `weathered` does, in a night that is given."""
    light = linear(image)
    # The sky is black, and lamps light the street unevenly: brightest somewhere in its middle.
    height, width = image.shape[:2]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :] - night.brightest_at
    lit = np.clip(0.25 + 1.1 * down, 0, 1) * np.exp(-((across / 1.1) ** 2))
    light *= lit[:, :, None] * np.array(night.lamp, np.float32) * np.float32(night.level)
    light += _lamps(image.shape, boxes, rng)
    noise = rng.normal(0, 1, image.shape).astype(np.float32)
    light += noise * (0.002 + 0.04 * np.sqrt(np.maximum(light, 0)) * rng.uniform(0.5, 1.2))
    return as_sent(shown(light), quality=int(rng.integers(26, 36)))


def _lamps(shape: tuple[int, ...], boxes: FloatArray, rng: np.random.Generator) -> Light:
    """Return the light of head and tail lamps, and the haze around them."""
    lamps = np.zeros(shape, np.float32)
    for left, top, right, bottom in boxes.tolist():
        width, height = right - left, bottom - top
        comes = rng.random() < 0.6
        colour = (0.8, 0.95, 1.0) if comes else (0.02, 0.03, 0.6)
        # Two lamps from a car's front, one from a motorcycle's.
        sides = (0.18, 0.82) if width > 0.9 * height else (0.5,)
        for side in sides:
            middle = (round(left + side * width), round(bottom - 0.35 * height))
            radius = max(1, round((0.05 if comes else 0.035) * max(width, height)))
            cv2.circle(lamps, middle, radius, [float(6 * part) for part in colour], -1)
    reach = max(shape[1] / 40, 3.0)
    halo = cv2.GaussianBlur(lamps, (0, 0), reach) + cv2.GaussianBlur(lamps, (0, 0), reach / 4)
    glowing: Light = np.minimum(lamps, 1.5) + halo * np.float32(rng.uniform(0.5, 1.5))
    return glowing


def in_rain(image: Image, rain: Rain, rng: np.random.Generator) -> Image:
    """Return a picture as `weathered` does, in a rain that is given."""
    light = linear(image)
    height, width = image.shape[:2]
    grey = np.float32(rain.grey)
    far = np.linspace(rain.far, 0.1, height, dtype=np.float32)[:, None, None]
    light = light * (1 - far) * np.float32(rain.level) + far * grey
    light += _streaks((height, width), rng)[:, :, None] * grey
    wet = cv2.GaussianBlur(light, (0, 0), max(width / 60, 2.0))
    lens = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(0, 12))):
        middle = (int(rng.integers(width)), int(rng.integers(height)))
        cv2.circle(lens, middle, int(rng.integers(width // 80 + 2, width // 25 + 3)), [1.0], -1)
    drop = cv2.GaussianBlur(lens, (0, 0), 2.0)[:, :, None]
    return as_sent(shown(light * (1 - drop) + wet * drop), quality=int(rng.integers(24, 34)))


def _streaks(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return falling drops as the shutter smears them, 0 to about 1, ``(h, w)``."""
    drops = (rng.random(shape) < rng.uniform(0.0005, 0.004)).astype(np.float32)
    length = max(5, round(shape[0] * rng.uniform(0.02, 0.06)))
    slant = rng.uniform(-0.25, 0.25)
    kernel = np.zeros((length, length), np.float32)
    middle = length // 2
    cv2.line(
        kernel,
        (round(middle - slant * length / 2), 0),
        (round(middle + slant * length / 2), length - 1),
        [1.0],
    )
    streaks = cv2.filter2D(drops, -1, kernel)
    return np.asarray(np.minimum(streaks, 1) * rng.uniform(0.3, 0.9), np.float32)


def _starved(image: Image, rng: np.random.Generator) -> Image:
    height, width = image.shape[:2]
    small = max(rng.uniform(0.45, 0.8), 32 / min(height, width))
    sent = cv2.resize(image, None, fx=small, fy=small, interpolation=cv2.INTER_AREA)
    seen = as_sent(np.asarray(sent, np.uint8), quality=int(rng.integers(30, 40)))
    return np.asarray(cv2.resize(seen, (width, height)), np.uint8)


def _stretched(image: Image, rng: np.random.Generator) -> Image:
    wider = float(rng.uniform(0.7, 0.85) if rng.random() < 0.5 else rng.uniform(1.18, 1.4))
    return np.asarray(cv2.resize(image, None, fx=wider, fy=1.0), np.uint8)
