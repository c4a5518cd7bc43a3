"""How long a model takes for a picture, and for which part of the work."""

import time
from dataclasses import dataclass

import numpy as np

from analytics.frames import Image
from models.onnx_detector import OnnxDetector

_WARM_UP = 3
"""The first inferences allocate memory; they are not counted."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds for one picture: the middle one, and what nine in ten stay under."""

    p50_ms: float
    p90_ms: float


@dataclass(frozen=True, slots=True)
class BenchResult:
    """What a bench measured.

    Attributes
    ----------
    model, version
        Which model.
    images
        Pictures that were measured.
    total, preprocess, inference, decode
        Wall time of a picture and of its three parts.
    images_per_s_per_core
        Pictures for each second of processor time: other work on the machine hardly changes it.
    """

    model: str
    version: str
    images: int
    total: Spread
    preprocess: Spread
    inference: Spread
    decode: Spread
    images_per_s_per_core: float


def bench(detector: OnnxDetector, image: Image, *, seconds: float) -> BenchResult:
    """Return how long ``detector`` takes for ``image``, repeated for ``seconds``, at least once.

    Parameters
    ----------
    detector
        The model.
    image
        BGR uint8, shape ``(h, w, 3)``; its size is a part of the result.
    seconds
        Wall time to measure for.
    """
    for _ in range(_WARM_UP):
        detector.detect(image)
    laps: list[tuple[float, float, float, float]] = []
    started_cpu_s, started_s = time.process_time(), time.perf_counter()
    while not laps or time.perf_counter() - started_s < seconds:
        laps.append(_lap(detector, image))
    cpu_s = time.process_time() - started_cpu_s
    ms = np.diff(np.array(laps), axis=1) * 1000
    return BenchResult(
        model=detector.manifest.name,
        version=detector.manifest.version,
        images=len(laps),
        total=_spread(ms.sum(axis=1)),
        preprocess=_spread(ms[:, 0]),
        inference=_spread(ms[:, 1]),
        decode=_spread(ms[:, 2]),
        images_per_s_per_core=round(len(laps) / cpu_s, 1),
    )


def _lap(detector: OnnxDetector, image: Image) -> tuple[float, float, float, float]:
    begin_s = time.perf_counter()
    letterbox = detector.prepare(image)
    prepared_s = time.perf_counter()
    output = detector.infer()
    inferred_s = time.perf_counter()
    detector.decode(output, letterbox)
    return begin_s, prepared_s, inferred_s, time.perf_counter()


def _spread(ms: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Spread:
    p50_ms, p90_ms = np.percentile(ms, [50, 90])
    return Spread(round(float(p50_ms), 3), round(float(p90_ms), 3))
