"""Many cameras on a whole edge: processor and memory of each, looks missed, age of frames.

A farm of real RTSP streams and a real `simpang edge run`, both as child processes; what the farm
itself takes is not counted. Beside ours: the floor, which is unpacking, decoding and detecting
alone; and what somebody would pick instead, on the same streams at the same rate of looks.
"""

import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from edge.status import SiteStatus, age_quantile
from models.manifest import find_manifest
from scripts.bench.edge_child import (
    ALL_CORES,
    LOOKS_PER_S,
    MODEL,
    a_camera,
    a_farm,
    an_edge,
    await_running,
    farm_urls,
    looks_of,
    memory_mb,
    missed_of,
    processor_s,
    status_of,
)
from scripts.bench.figures import Beside, Figure, NotMeasuredError, NotRun, Row, Unit, rounded
from scripts.bench.plan import Plan

_TRAINING_PYTHON = Path("var/training/venv/bin/python")
_PEER_CAMERAS = 2
_UNPACK_CAMERAS = 8
WIDTHS_PX = (640, 416)
"""Widths that the pictures are looked at in: the model's own, and a smaller one."""

_OVERLOAD_CORES = 2
_OVERLOAD_TIMES = 4
"""How much longer it is watched: each camera is looked at a few times a minute only."""

_FLOOR = "floor: unpack, decode, detect"
_CAPTURE = "cv2.VideoCapture + ONNX Runtime"
_ULTRALYTICS = "ultralytics predict, vid_stride"


@dataclass(frozen=True, slots=True)
class Run:
    """What an edge took while it watched a farm.

    Attributes
    ----------
    width_px
        Width that pictures were looked at in.
    cores
        Processor seconds of all its processes, per second and camera.
    memory_mb
        Memory of all its processes, per camera.
    missed
        Share of the looks that were due and were not had.
    age_p50_s, age_p99_s
        Age of frames when they were looked at, as upper limits of their classes.
    decode_ms, detect_ms
        Of one look.
    """

    cameras: int
    width_px: int
    cores: float
    memory_mb: float
    missed: float
    age_p50_s: float
    age_p99_s: float
    decode_ms: float
    detect_ms: float


def measure(plan: Plan) -> list[Row]:
    """Return what a camera takes among several, and what it takes others."""
    if not Path("/proc/self/smaps_rollup").exists():
        msg = "only Linux tells what a process shares, in /proc/self/smaps_rollup"
        raise NotMeasuredError(msg)
    films = () if plan.size.shows_streets else ("--film", str(plan.film))
    runs = []
    for cameras in plan.size.farms:
        with a_farm(cameras, *films) as farm:
            runs += [watched(plan, cameras, farm.port, width_px) for width_px in WIDTHS_PX]
    with a_farm(_UNPACK_CAMERAS, *films) as farm:
        urls = list(farm_urls(_UNPACK_CAMERAS, farm.port).values())
        unpack = peer(sys.executable, "unpack", urls, plan.size.farm_s)
        peers = {_CAPTURE: peer(sys.executable, "capture", urls[:_PEER_CAMERAS], plan.size.farm_s)}
        # torch is no part of the product: it is there only where somebody trains.
        if _TRAINING_PYTHON.exists():
            weights = find_manifest(MODEL).with_suffix(".onnx")
            peers[_ULTRALYTICS] = peer(
                str(_TRAINING_PYTHON), "ultralytics", urls[:1], plan.size.farm_s, weights
            )
    rows = [row for run in runs for row in _rows(run, unpack, peers)]
    rows += _overload(plan, films)
    if _ULTRALYTICS not in peers:
        rows.append(NotRun("farm.ultralytics", _ULTRALYTICS, "needs `make training`"))
    return rows


def _overload(plan: Plan, films: Sequence[str]) -> list[Row]:
    """Return how an edge fares that is given twice what its one core can look at."""
    if len(ALL_CORES) < _OVERLOAD_CORES:
        why = "needs a core for the edge and one for the cameras"
        return [NotRun("farm.overload", "overload", why)]
    core, *others = sorted(ALL_CORES)
    count = plan.size.overload
    with a_farm(count, *films, cores=set(others)) as farm:
        entries = [a_camera(name, url) for name, url in farm_urls(count, farm.port).items()]
        folder = plan.folder / "overload"
        with an_edge(folder, entries, model="traffic", cores={core}) as control:
            await_running(control, count)
            before = status_of(control)
            memory_before_mb = memory_mb(before)
            time.sleep(_OVERLOAD_TIMES * plan.size.farm_s)
            after = status_of(control)
            gained_mb = memory_mb(after) - memory_before_mb
    looks = [
        now.looks - then.looks for then, now in zip(before.cameras, after.cameras, strict=True)
    ]
    missed = missed_of(after) - missed_of(before)
    parts = {
        "missed": ("looks missed", 100 * missed / max(sum(looks) + missed, 1), Unit.PERCENT),
        "age_p99": (
            "age of frames, p99 below",
            age_quantile(ages_between(before, after), 0.99) or 0.0,
            Unit.S,
        ),
        "unfair": (
            "furthest from the mean of looks",
            100 * max(abs(count - fmean(looks)) for count in looks) / max(fmean(looks), 1.0),
            Unit.PERCENT,
        ),
        "memory": ("memory gained", gained_mb, Unit.MB),
    }
    return _alone("farm.overload", f"{count} cameras on one core: ", parts)


def watched(plan: Plan, cameras: int, port: int, width_px: int) -> Run:
    """Watch a farm with a whole edge, in pictures so wide, and return what that took."""
    entries = [
        a_camera(name, url, look_width_px=width_px)
        for name, url in farm_urls(cameras, port).items()
    ]
    with an_edge(plan.folder / f"edge-{cameras}-{width_px}", entries) as control:
        await_running(control, cameras)
        before, began_s = status_of(control), time.monotonic()
        processor_before_s = processor_s(before)
        time.sleep(plan.size.farm_s)
        after, seconds = status_of(control), time.monotonic() - began_s
        cores = (processor_s(after) - processor_before_s) / seconds / cameras
        memory = memory_mb(after) / cameras
    ages = ages_between(before, after)
    looks, missed = (count(after) - count(before) for count in (looks_of, missed_of))
    return Run(
        cameras=cameras,
        width_px=width_px,
        cores=cores,
        memory_mb=memory,
        missed=missed / max(looks + missed, 1),
        age_p50_s=age_quantile(ages, 0.5) or 0.0,
        age_p99_s=age_quantile(ages, 0.99) or 0.0,
        decode_ms=_mean(one.decode_ms for one in after.cameras),
        detect_ms=_mean(one.inference_ms for one in after.cameras),
    )


def ages_between(before: SiteStatus, after: SiteStatus) -> list[int]:
    """Return how many frames of a site were looked at at which age, in between."""
    totals = [
        [sum(counts) for counts in zip(*(one.frame_ages for one in status.cameras), strict=True)]
        for status in (before, after)
    ]
    return [now - then for then, now in zip(*totals, strict=True)]


def peer(
    python: str, kind: str, urls: Sequence[str], seconds: float, weights: Path | None = None
) -> float:
    """Return the cores that a peer takes for each camera.

    Raises
    ------
    NotMeasuredError
        Where it does not run.
    """
    command = [python, "-m", "scripts.bench.farm_peer", kind, *urls, "--seconds", f"{seconds:g}"]
    command += [] if weights is None else ["--weights", str(weights)]
    try:
        done = subprocess.run(  # noqa: S603  # our own module, no shell
            command, stdout=subprocess.PIPE, text=True, check=True, timeout=seconds + 120
        )
        return float(done.stdout.split()[-1])
    except (subprocess.SubprocessError, ValueError, IndexError) as exc:
        msg = f"{kind} does not run here: {exc}"
        raise NotMeasuredError(msg) from exc


def _rows(run: Run, unpack: float, peers: dict[str, float]) -> list[Row]:
    floor = unpack + LOOKS_PER_S * (run.decode_ms + run.detect_ms) / 1000
    beside = tuple(
        Beside(name, rounded(cores), rounded(run.cores / cores))
        for name, cores in {_FLOOR: floor, **peers}.items()
    )
    key, what = f"farm.{run.cameras}", f"watch {run.cameras} cameras, a look per 2 s"
    if run.width_px != WIDTHS_PX[0]:
        key, what = f"{key}_at_{run.width_px}", f"{what}, {run.width_px} px wide"
    parts = {
        "memory": ("memory of each", run.memory_mb, Unit.MB),
        "missed": ("looks missed", 100 * run.missed, Unit.PERCENT),
        "age_p50": ("age of frames, p50 below", run.age_p50_s, Unit.S),
        "age_p99": ("age of frames, p99 below", run.age_p99_s, Unit.S),
        "decode": ("decoding in a look", run.decode_ms, Unit.MS),
        "detect": ("detecting in a look", run.detect_ms, Unit.MS),
    }
    return [
        Figure(f"{key}.cores", what, rounded(run.cores), Unit.CORES, beside),
        *_alone(key, "  ", parts),
    ]


def _alone(key: str, head: str, parts: Mapping[str, tuple[str, float, Unit]]) -> list[Row]:
    """Return what an edge tells of itself, with nothing beside it."""
    return [
        Figure(f"{key}.{name}", f"{head}{text}", rounded(value), unit, ())
        for name, (text, value, unit) in parts.items()
    ]


def _mean(values: Iterable[float | None]) -> float:
    return fmean(value for value in values if value is not None)
