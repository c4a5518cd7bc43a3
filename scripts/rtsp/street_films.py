"""The simulated films as a real camera would send them: 1080p, 25 frames/s, with sensor noise."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from scripts.rtsp.encoding import FRAMES_PER_S, HEIGHT_PX, WIDTH_PX, write_film

FOOTAGE = Path(__file__).resolve().parents[2] / "tests" / "data" / "footage"
"""Where the simulated films are, in the checkout."""

NAMES = ("junction-jam", "junction-red-lights", "street-dense", "junction-night-rain")
SECONDS = 20

_NOISE_FIELDS = 7
_NOISE_LEVELS = 2.0
"""Standard deviation, of 255: a clean sensor by day."""


def ensure_street_films(
    folder: Path, *, count: int = len(NAMES), seconds: int = SECONDS
) -> Sequence[Path]:
    """Return ``count`` films in ``folder``, at most four, and make those that are not there yet.

    H.264, 1080p, 25 frames/s, about 4 Mb/s, a key frame every two seconds, no B frames. The
    simulated films have five pictures a second: each is held for five frames under fresh noise. The
    noise is what makes them cost as much to decode as a camera's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    films = []
    for name in NAMES[:count]:
        path = folder / f"{name}-1080p25-{seconds}s.mp4"
        if not path.exists():
            images = _as_filmed(FOOTAGE / f"{name}.mp4")
            write_film(path, itertools.islice(images, seconds * FRAMES_PER_S))
        films.append(path)
    return films


def _as_filmed(path: Path) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield pictures of ``path``, enlarged and noisy, of shape ``(1080, 1920, 3)`` in BGR."""
    rng = np.random.default_rng(0)
    shape = (_NOISE_FIELDS, HEIGHT_PX, WIDTH_PX, 3)
    noise = rng.normal(0, _NOISE_LEVELS, shape).round().astype(np.int8)
    fields = itertools.cycle(noise)
    for image in _held(path):
        yield cv2.add(image, next(fields), dtype=cv2.CV_8U).astype(np.uint8, copy=False)


def _held(path: Path) -> Iterator[npt.NDArray[np.uint8]]:
    """Yield each picture as often as 25 frames/s need it."""
    size_px = (WIDTH_PX, HEIGHT_PX)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        each = round(FRAMES_PER_S / float(stream.average_rate or FRAMES_PER_S))
        for frame in container.decode(stream):
            image = cv2.resize(
                frame.to_ndarray(format="bgr24"), size_px, interpolation=cv2.INTER_CUBIC
            )
            yield from itertools.repeat(image.astype(np.uint8, copy=False), each)
