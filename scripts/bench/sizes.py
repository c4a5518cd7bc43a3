"""Each model that ships, at several sizes of its input, in float and in eight bits, beside others.

The peers run at the one size that their files have: the first traffic model, and YOLOX-nano.
"""

import time
from collections.abc import Callable

from analytics.frames import Image
from models.manifest import Manifest, find_manifest, load_manifest, shipped_manifests
from models.onnx_detector import OnnxDetector
from scripts.bench.contest import hold
from scripts.bench.detector import MODEL, bare_session
from scripts.bench.figures import Row, Unit
from scripts.bench.plan import Plan
from scripts.bench.watching import first_picture

SIZES_PX = ((320, 192), (416, 256), (512, 320), (640, 384))
"""Width and height: of a sub-stream's picture, of what ships, and between."""

PEERS = {
    "traffic-v0.onnx 640 x 384": "traffic-v0.onnx",
    "YOLOX-nano 416 x 416": "yolox-nano-416.onnx",
}
"""Files of the folder of weights to start from; those that are not there are left out."""

_EIGHT_BITS = "-int8"


def measure(plan: Plan) -> list[Row]:
    """Return the processor's milliseconds for one inference of each model at each size."""
    image = first_picture(plan.film)
    peers = {
        what: bare_session(plan.weights / file, _manifest(MODEL).input)
        for what, file in PEERS.items()
        if (plan.weights / file).is_file()
    }
    shipped = [path.stem for path in shipped_manifests()]
    rows: list[Row] = []
    for name in (name for name in shipped if not name.endswith(_EIGHT_BITS)):
        for width_px, height_px in SIZES_PX:
            manifest = _manifest(name).resized(width_px, height_px)
            ours = f"{name} {width_px} x {height_px}"
            others = dict(peers)
            if name + _EIGHT_BITS in shipped:
                small = _manifest(name + _EIGHT_BITS).resized(width_px, height_px)
                others["in eight bits"] = _ours(small, image)
            others["session.run alone"] = bare_session(manifest.file, manifest.input)
            contestants = {ours: _ours(manifest, image), **others}
            timed = {what: _timed(run, plan.size.lap_s / 3) for what, run in contestants.items()}
            contest = hold(timed, rounds=plan.size.slow_rounds)
            key = f"sizes.{name}_{width_px}_ms"
            rows.append(contest.figure(key, ours, Unit.MS, ours, *others))
    return rows


def _ours(manifest: Manifest, image: Image) -> Callable[[], object]:
    detector = OnnxDetector(manifest)
    return lambda: detector.detect(image)


def _manifest(name: str) -> Manifest:
    return load_manifest(find_manifest(name))


def _timed(run: Callable[[], object], seconds: float) -> Callable[[], float]:
    """Return a measurement: milliseconds of processor time for one run."""

    def lap() -> float:
        run()
        started_cpu_s, started_s = time.process_time(), time.perf_counter()
        runs = 0
        while not runs or time.perf_counter() - started_s < seconds:
            run()
            runs += 1
        return 1000 * (time.process_time() - started_cpu_s) / runs

    return lap
