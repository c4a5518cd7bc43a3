"""The whole of a camera's loop, from the film to the outbox, beside its most expensive part."""

from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from analytics.frames import Image
from edge.camera_config import CameraSettings
from edge.sampling import EVERY_PICTURE, Sampling
from models.onnx_detector import OnnxDetector
from scripts.bench.contest import hold, per_core_second
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
    generated = _Watched(plan.film, camera_of("generated", WHOLE_VIEW), sampling=EVERY_PICTURE)
    return [
        _looks(plan, detector, generated, "pipeline.looks", "pipeline, every frame of 1080p"),
        _cameras(plan, detector, replace(generated, sampling=Sampling(LOOKS_PER_S))),
        _jam(plan, detector),
    ]


@dataclass(frozen=True, slots=True)
class _Watched:
    """A film, the camera it is taken for, and how often it is looked at; None for every frame."""

    film: Path
    camera: CameraSettings
    sampling: Sampling

    def watch(self, detector: OnnxDetector, folder: Path, limit: int | None = None) -> int:
        """Watch it with an outbox of its own, empty each time, and return the number of looks."""
        with TemporaryDirectory(dir=folder) as fresh:
            outbox = Path(fresh) / "outbox.db"
            watched = [(self.film, self.camera)]
            return watch(watched, detector, outbox, sampling=self.sampling, limit=limit)


def _looks(plan: Plan, detector: OnnxDetector, watched: _Watched, key: str, what: str) -> Figure:
    image, limit = first_picture(watched.film), plan.size.looks
    contest = hold(
        {
            _PIPELINE: per_core_second(lambda: watched.watch(detector, plan.folder, limit)),
            _DETECTOR: per_core_second(lambda: _detect(detector, image, limit)),
        },
        rounds=plan.size.rounds,
    )
    return contest.figure(key, what, Unit.LOOKS, _PIPELINE, _DETECTOR)


def _cameras(plan: Plan, detector: OnnxDetector, watched: _Watched) -> Figure:
    """Return how many seconds of film a core second is enough for: so many cameras it watches."""
    contest = hold(
        {
            _PIPELINE: per_core_second(
                lambda: watched.watch(detector, plan.folder) / LOOKS_PER_S,
            ),
            _DECODE: per_core_second(
                lambda: decode(watched.film, Sampling(LOOKS_PER_S)) / FRAMES_PER_S
            ),
        },
        rounds=plan.size.rounds,
    )
    what = f"pipeline, {LOOKS_PER_S:g} looks/s at 1080p25"
    return contest.figure("pipeline.cameras", what, Unit.CAMERAS, _PIPELINE, _DECODE)


def _jam(plan: Plan, detector: OnnxDetector) -> Row:
    key, what = "pipeline.jam", f"pipeline, recorded jam, {JAM_LOOKS_PER_S:g} look/s"
    try:
        clip = next(clip for clip in read_footage(plan.clips) if clip.file == JAM)
    except (FootageError, StopIteration):
        return NotRun(key, what, f"there is no {JAM}; SIMPANG_DATA names the folder above clips/")
    camera = camera_of(clip.camera, dict(clip.zones))
    return _looks(
        plan, detector, _Watched(plan.clips / JAM, camera, Sampling(JAM_LOOKS_PER_S)), key, what
    )


def _detect(detector: OnnxDetector, image: Image, times: int) -> int:
    for _ in range(times):
        detector.detect(image)
    return times
