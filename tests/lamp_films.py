"""Simulated films as looks at street lamps: their nights are those of their burned-in clocks."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from analytics.frames import Image
from analytics.messages import ViewBox
from scripts.twin.truth import LampState, Truth, read_truth

FOOTAGE = Path(__file__).parent / "data" / "footage"
SIZE = (640, 360)
"""What the engine looks at, also of a larger film."""

CITY_UTC = timedelta(hours=7)

RAIN_LAMPS: dict[str, ViewBox] = {
    "left": (0.567, 0.053, 0.593, 0.071),
    "middle": (0.770, 0.081, 0.791, 0.097),
    "right": (0.941, 0.047, 0.970, 0.067),
}
"""Lamp heads of the rainy junction, placed by hand: its truth lists none."""


class LampLook(NamedTuple):
    """One frame, and when it was taken."""

    at_s: float
    at: datetime
    image: Image


@lru_cache(maxsize=2)
def film_looks(name: str) -> tuple[LampLook, ...]:
    """Return a film's frames, each at the time that its clock shows."""
    truth = film_truth(name)
    with av.open(str(FOOTAGE / f"{name}.mp4")) as container:
        images = [
            frame.reformat(*SIZE, format="bgr24", interpolation="AREA").to_ndarray()
            for frame in container.decode(video=0)
        ]
    return tuple(
        LampLook(frame.at_s, _at(frame.clock, frame.at_s), image.astype(np.uint8, copy=False))
        for frame, image in zip(truth.frames, images, strict=True)
    )


@lru_cache
def film_truth(name: str) -> Truth:
    """Return what is true of a film."""
    return read_truth(FOOTAGE / f"{name}.json")


def lamp_of(truth: Truth, name: str) -> LampState:
    """Return what is true of one lamp of a film."""
    return next(one for one in truth.lamps if one.lamp == name)


def box_of(truth: Truth, name: str) -> ViewBox:
    """Return the box of a lamp's head in fractions of the view."""
    x1, y1, x2, y2 = lamp_of(truth, name).box
    width_px, height_px = truth.size
    return (x1 / width_px, y1 / height_px, x2 / width_px, y2 / height_px)


def between(name: str, from_s: float, to_s: float) -> list[Image]:
    """Return a film's frames of some seconds."""
    return [look.image for look in film_looks(name) if from_s <= look.at_s < to_s]


def spread(
    images: Iterable[Image], start: datetime, *, every_s: float, lasting_s: float
) -> Iterator[tuple[datetime, Image]]:
    """Yield looks from ``start`` on, the images over and over."""
    shown = list(images)
    for number in range(int(lasting_s / every_s)):
        yield start + timedelta(seconds=number * every_s), shown[number % len(shown)]


def _at(clock: str, at_s: float) -> datetime:
    local = datetime.fromisoformat(clock).replace(tzinfo=UTC)
    return local - CITY_UTC + timedelta(seconds=at_s % 1)
