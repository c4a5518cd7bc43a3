"""How much memory a watching process takes at most, and how much more with each camera.

Each measurement is a process of its own: what an earlier one had taken would count again.
"""

import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from scripts.bench.contest import Contest, hold
from scripts.bench.figures import NotMeasuredError, Row, Unit
from scripts.bench.plan import Plan

MORE_CAMERAS = 4
"""Beside the first; their mean is taken, because one alone drowns in what the allocator rounds."""

_TIMEOUT_S = 120.0
_STATUS = Path("/proc/self/status")

_OURS = "ours"
_MODEL = "the model alone"
_CAPTURES = "cv2.VideoCapture, only read"


def measure(plan: Plan) -> list[Row]:
    """Return the peak with one camera, and what each further one adds, in megabytes."""
    if not _STATUS.exists():
        raise NotMeasuredError(f"only Linux tells the peak, in {_STATUS}")
    many = 1 + MORE_CAMERAS
    runs = [(kind, cameras) for kind in ("pipeline", "capture") for cameras in (1, many)]
    peaks = hold(
        {
            f"{kind} {cameras}": partial(_peak_mb, plan, kind, cameras)
            for kind, cameras in (*runs, ("pipeline", 0))
        },
        rounds=plan.size.slow_rounds,
    ).laps

    def each_more(kind: str) -> list[float]:
        pairs = zip(peaks[f"{kind} {many}"], peaks[f"{kind} 1"], strict=True)
        return [(with_many - with_one) / MORE_CAMERAS for with_many, with_one in pairs]

    first = Contest({_OURS: peaks["pipeline 1"], _MODEL: peaks["pipeline 0"]})
    more = Contest({_OURS: each_more("pipeline"), _CAPTURES: each_more("capture")})
    return [
        first.figure("memory.first", "peak, one 1080p camera", Unit.MB, _OURS, _MODEL),
        more.figure("memory.more", "each further 1080p camera", Unit.MB, _OURS, _CAPTURES),
    ]


def peak_rss_mb() -> float:
    """Return the most memory that this process ever held, in megabytes (Linux, proc(5))."""
    line = next(one for one in _STATUS.read_text().splitlines() if one.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024 / 1e6


def _peak_mb(plan: Plan, kind: str, cameras: int) -> float:
    with TemporaryDirectory(dir=plan.folder) as fresh:
        arguments = (kind, str(cameras), str(plan.film), str(Path(fresh) / "outbox.db"))
        done = subprocess.run(  # noqa: S603  # our own module, no shell
            [sys.executable, "-P", "-m", "scripts.bench.watcher", *arguments],
            stdout=subprocess.PIPE,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
    return float(done.stdout)
