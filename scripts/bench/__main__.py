"""Run the benches: ``python -m scripts.bench [--quick] [--json FILE]``."""

import argparse
import json
import os
import platform
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from models.opencv import limit_threads
from scripts.bench import (
    decode,
    delivery,
    detector,
    farm,
    memory,
    pipeline,
    sizes,
    slow_scene,
    storing,
)
from scripts.bench.figures import NotMeasuredError, NotRun, Row, table
from scripts.bench.film import ensure_film
from scripts.bench.plan import FULL, QUICK, Plan, Size
from simpang import ExitCode

SECTIONS: Mapping[str, Callable[[Plan], list[Row]]] = {
    "decode": decode.measure,
    "detector": detector.measure,
    "sizes": sizes.measure,
    "pipeline": pipeline.measure,
    "slow": slow_scene.measure,
    "outbox": storing.measure,
    "delivery": delivery.measure,
    "memory": memory.measure,
    "farm": farm.measure,
}

DEFAULT_SHARED = Path(__file__).resolve().parents[3] / "shared"
"""Beside the checkout, where the project's shared footage and weights lie."""


def main() -> int:
    """Do what the command line says, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only show that every part works")
    parser.add_argument("--json", type=Path, default=Path("var/bench.json"), metavar="FILE")
    parser.add_argument("--work", type=Path, default=Path("var/bench"), metavar="DIR")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    arguments = parser.parse_args()
    # What was started is ended on the way out, whoever ends the run.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    about = _about(is_quick=arguments.quick)
    try:
        rows = run(QUICK if arguments.quick else FULL, arguments.work, arguments.only)
    except KeyboardInterrupt:
        _say("interrupted: nothing is written")
        return ExitCode.FAILED
    report = {**about, "figures": [asdict(row) for row in rows]}
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(table(rows))
    return ExitCode.DONE


def run(size: Size, work: Path, sections: Sequence[str]) -> list[Row]:
    """Return the figures of ``sections``, in their order; what is missing is among them.

    Parameters
    ----------
    work
        The film is kept there for the next run; the rest is removed again.
    """
    # As a worker of the edge does: figures are for one core.
    limit_threads(1)
    work.mkdir(parents=True, exist_ok=True)
    folder = work / "run"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    _say("film")
    film = ensure_film(work / f"road-{size.film_s}s.mp4", seconds=size.film_s)
    clips = Path(os.environ.get("SIMPANG_DATA", DEFAULT_SHARED / "data")) / "clips"
    weights = Path(os.environ.get("SIMPANG_WEIGHTS", DEFAULT_SHARED / "weights"))
    plan = Plan(size, folder, film, clips, weights)
    rows: list[Row] = []
    try:
        for name in sections:
            _say(name)
            try:
                rows += SECTIONS[name](plan)
            except NotMeasuredError as exc:
                rows.append(NotRun(name, name, str(exc)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return rows


def _about(*, is_quick: bool) -> dict[str, object]:
    """Return what a reader must know to compare two runs."""
    return {
        "started_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "software": version("simpang"),
        "is_quick": is_quick,
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "python": platform.python_version(),
        # Well above 0: something else was running, and only the ratios are worth reading.
        "load_before": round(os.getloadavg()[0], 2),
    }


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
