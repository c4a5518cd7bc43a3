"""The whole of a camera's loop, from the film to the outbox, beside its most expensive part."""

import itertools
from collections.abc import Callable
from pathlib import Path

from edge.config import CameraSettings
from models.onnx_detector import OnnxDetector
from scripts.bench.contest import Work, hold, per_core_second
from scripts.bench.decode import LOOKS_PER_S, decode
from scripts.bench.detector import load_detector
from scripts.bench.figures import Figure, NotRun, Row, Unit
from scripts.bench.film import FRAMES_PER_S
from scripts.bench.plan import Plan
from scripts.bench.watching import WHOLE_VIEW, camera_of, first_picture, watch
from scripts.demo.footage import FootageError, read_footage

JAM = "toll_jam.mp4"
JAM_LOOKS_PER_S = 1.0
"""Enough looks for an incident to open, which needs a minute of film."""

_PIPELINE = "ours"
_DETECTOR = "detector alone"
_DECODE = "our decoding alone"


def measure(plan: Plan) -> list[Row]:
    """Return looks for each core second, and how many cameras a core watches."""
    detector = load_detector()
    camera = camera_of("generated", WHOLE_VIEW)
    return [
        _looks(plan, detector, (plan.film, camera), "pipeline.looks", "every frame of 1080p", None),
        _cameras(plan, detector, camera),
        _jam(plan, detector),
    ]


def _looks(
    plan: Plan,
    detector: OnnxDetector,
    watched: tuple[Path, CameraSettings],
    key: str,
    what: str,
    looks_per_s: float | None,
) -> Figure:
    image = first_picture(watched[0])
    outboxes = _fresh_files(plan.folder, key)
    works: dict[str, Work] = {
        _PIPELINE: lambda: watch(
            [watched], detector, outboxes(), looks_per_s=looks_per_s, limit=plan.looks
        ),
        _DETECTOR: lambda: sum(1 for _ in range(plan.looks) if detector.detect(image) is not None),
    }
    contest = hold(
        {name: per_core_second(work) for name, work in works.items()}, rounds=plan.rounds
    )
    return contest.figure(key, f"pipeline, {what}", Unit.LOOKS, _PIPELINE, _DETECTOR)


def _cameras(plan: Plan, detector: OnnxDetector, camera: CameraSettings) -> Figure:
    """Return how many seconds of film a core second is enough for: so many cameras it watches."""
    outboxes = _fresh_files(plan.folder, "pipeline.cameras")

    def ours() -> float:
        watched = [(plan.film, camera)]
        return watch(watched, detector, outboxes(), looks_per_s=LOOKS_PER_S) / LOOKS_PER_S

    works: dict[str, Work] = {
        _PIPELINE: ours,
        _DECODE: lambda: decode(plan.film, looks_per_s=LOOKS_PER_S) / FRAMES_PER_S,
    }
    contest = hold(
        {name: per_core_second(work) for name, work in works.items()}, rounds=plan.rounds
    )
    return contest.figure(
        "pipeline.cameras", "pipeline, 2 looks/s at 1080p25", Unit.CAMERAS, _PIPELINE, _DECODE
    )


def _jam(plan: Plan, detector: OnnxDetector) -> Row:
    key, what = "pipeline.jam", f"recorded jam, {JAM_LOOKS_PER_S:g} look/s"
    try:
        clip = next(clip for clip in read_footage(plan.clips) if clip.file == JAM)
    except (FootageError, StopIteration):
        return NotRun(key, f"pipeline, {what}", f"there is no {JAM} in {plan.clips}")
    watched = (plan.clips / clip.file, camera_of(clip.camera, dict(clip.zones)))
    return _looks(plan, detector, watched, key, what, JAM_LOOKS_PER_S)


def _fresh_files(folder: Path, name: str) -> Callable[[], Path]:
    """Return a call that names another file each time: every lap starts with an empty outbox."""
    numbers = itertools.count(1)
    return lambda: folder / f"{name}-{next(numbers)}.db"
