"""The detector: a whole picture and its three parts, beside ONNX Runtime alone.

It imports onnxruntime itself: the limit must not run through the code that is measured against it.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime as ort  # type: ignore[import-untyped]  # ships no types

from models.bench import BenchResult, bench
from models.manifest import ModelInput, find_manifest, load_manifest
from models.onnx_detector import OnnxDetector
from scripts.bench.contest import Contest, hold
from scripts.bench.figures import Row, Unit
from scripts.bench.plan import Plan
from scripts.bench.watching import first_picture

MODEL = "traffic"

_OURS = "ours"
_LIMIT = "session.run alone"
_WHOLE = "the whole picture"


def load_detector() -> OnnxDetector:
    """Return the detector that a site uses by default, with one thread."""
    return OnnxDetector(load_manifest(find_manifest(MODEL)), threads=1)


def measure(plan: Plan) -> list[Row]:
    """Return pictures for each core second, and the milliseconds of each part of one."""
    detector = load_detector()
    image = first_picture(plan.film)
    run = bare_session(detector.manifest.file, detector.manifest.input)
    results: list[BenchResult] = []

    def ours() -> float:
        results.append(bench(detector, image, seconds=plan.size.lap_s))
        return results[-1].images_per_s_per_core

    def limit() -> float:
        return _runs_per_core_second(run, plan.size.lap_s)

    contest = hold({_OURS: ours, _LIMIT: limit}, rounds=plan.size.rounds)
    split = Contest(
        {
            _WHOLE: [result.total.p50_ms for result in results],
            "letterbox": [result.preprocess.p50_ms for result in results],
            "inference": [result.inference.p50_ms for result in results],
            "boxes": [result.decode.p50_ms for result in results],
        }
    )
    return [
        contest.figure("detector.images", f"{MODEL} on 1080p", Unit.IMAGES, _OURS, _LIMIT),
        *(
            split.figure(f"detector.{part}_ms", f"  of it the {part}", Unit.MS, part, _WHOLE)
            for part in split.laps
            if part != _WHOLE
        ),
    ]


def bare_session(file: Path, size: ModelInput) -> Callable[[], object]:
    """Return a call that runs weights on an input that is ready, and nothing else.

    Parameters
    ----------
    size
        At which weights that take any size are run; those of one size are run at theirs.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    for name, side in (("batch", 1), ("height", size.height_px), ("width", size.width_px)):
        options.add_free_dimension_override_by_name(name, side)
    session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    taken = session.get_inputs()[0]
    feed = {taken.name: np.full(taken.shape, 0.5, np.float32)}
    return lambda: session.run(None, feed)


def _runs_per_core_second(run: Callable[[], object], seconds: float) -> float:
    run()
    started_cpu_s, started_s = time.process_time(), time.perf_counter()
    runs = 0
    while time.perf_counter() - started_s < seconds:
        run()
        runs += 1
    return runs / (time.process_time() - started_cpu_s)
