"""A film as a street camera sends it, made here; and the least work that reads it.

Beside `edge.decoding` and the RTSP server the only module that imports PyAV: the limit must not
run through the code that is measured against it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from analytics.frames import Image
from scripts.rtsp.encoding import FRAMES_PER_S, HEIGHT_PX, WIDTH_PX, write_film

__all__ = ["FRAMES_PER_S", "HEIGHT_PX", "WIDTH_PX", "decode_only", "ensure_film"]

_VEHICLES = 16
_NOISE_FIELDS = 6
_SEED = 2026


def ensure_film(path: Path, *, seconds: int) -> Path:
    """Return ``path``, and make the film where it is not there yet.

    H.264, 1080p, 25 frames/s, about 4 Mb/s, without B frames: a textured road, vehicles that drive
    over it, and the noise of a sensor. The same seed gives the same pictures on every machine.
    """
    if not path.exists():
        write_film(path, _pictures(seconds * FRAMES_PER_S))
    return path


def decode_only(path: Path) -> int:
    """Decode a film with one thread, convert nothing, and return how many pictures it has."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        return sum(1 for _ in container.decode(stream))


@dataclass(frozen=True, slots=True)
class _Vehicle:
    """A textured box that drives along its lane and comes in again on the other side."""

    picture: Image
    left_px: float
    top_px: int
    px_per_frame: float

    def draw(self, canvas: Image, number: int) -> None:
        height_px, width_px = self.picture.shape[:2]
        span_px = WIDTH_PX + width_px
        left_px = round(self.left_px + number * self.px_per_frame) % span_px - width_px
        first, last = max(left_px, 0), min(left_px + width_px, WIDTH_PX)
        canvas[self.top_px : self.top_px + height_px, first:last] = self.picture[
            :, first - left_px : last - left_px
        ]


def _pictures(count: int) -> Iterator[Image]:
    rng = np.random.default_rng(_SEED)
    road = _texture(rng, WIDTH_PX, HEIGHT_PX, contrast=40)
    vehicles = [_vehicle(rng, lane) for lane in range(_VEHICLES)]
    noise = rng.normal(0, 2, (_NOISE_FIELDS, HEIGHT_PX, WIDTH_PX, 1)).astype(np.int8)
    for number in range(count):
        canvas = road.copy()
        for vehicle in vehicles:
            vehicle.draw(canvas, number)
        field = np.broadcast_to(noise[number % _NOISE_FIELDS], canvas.shape)
        yield cv2.add(canvas, field, dtype=cv2.CV_8U).astype(np.uint8, copy=False)


def _vehicle(rng: np.random.Generator, lane: int) -> _Vehicle:
    # The lower a lane lies in the picture, the nearer it is: its vehicles are larger and faster.
    nearness = (lane + 1) / _VEHICLES
    width_px, height_px = round(60 + 260 * nearness), round(30 + 130 * nearness)
    return _Vehicle(
        picture=_texture(rng, width_px, height_px, contrast=120),
        left_px=float(rng.uniform(0, WIDTH_PX)),
        top_px=round((HEIGHT_PX - height_px) * nearness),
        px_per_frame=(2 + 14 * nearness) * (1 if lane % 2 else -1),
    )


def _texture(rng: np.random.Generator, width_px: int, height_px: int, *, contrast: int) -> Image:
    """Return grey clouds of several sizes, as asphalt and bodywork have them."""
    grey: npt.NDArray[np.float32] = np.full((height_px, width_px), 110, np.float32)
    for size_px in (160, 24, 4):
        shape = (height_px // size_px + 2, width_px // size_px + 2)
        coarse = rng.uniform(-contrast / 3, contrast / 3, shape).astype(np.float32)
        grey += cv2.resize(coarse, (width_px, height_px), interpolation=cv2.INTER_CUBIC)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
