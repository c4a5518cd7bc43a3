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
from scripts.bench import decode, delivery, detector, memory, pipeline, storing
from scripts.bench.figures import MissingPartError, NotRun, Row, table
from scripts.bench.film import ensure_film
from scripts.bench.plan import FULL, QUICK, Plan, Size

SECTIONS: Mapping[str, Callable[[Plan], list[Row]]] = {
    "decode": decode.measure,
    "detector": detector.measure,
    "pipeline": pipeline.measure,
    "outbox": storing.measure,
    "delivery": delivery.measure,
    "memory": memory.measure,
}

DEFAULT_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
"""Beside the checkout, where the project's shared footage lies."""


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only show that every part works")
    parser.add_argument("--json", type=Path, default=Path("var/bench.json"), metavar="FILE")
    parser.add_argument("--work", type=Path, default=Path("var/bench"), metavar="DIR")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    arguments = parser.parse_args()
    # Children and folders are cleaned up on the way out, whoever ends the run.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started_at = datetime.now(UTC)
    load_before = os.getloadavg()[0]
    size = QUICK if arguments.quick else FULL
    rows = run(size, arguments.work, arguments.only)
    report = {
        "started_at": started_at.isoformat(timespec="seconds"),
        "software": version("simpang"),
        "is_quick": arguments.quick,
        "machine": _machine(load_before),
        "figures": [asdict(row) for row in rows],
    }
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(table(rows))


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
    clips = Path(os.environ.get("SIMPANG_DATA", DEFAULT_DATA)) / "clips"
    plan = Plan(size, folder, film, clips)
    rows: list[Row] = []
    try:
        for name in sections:
            _say(name)
            try:
                rows += SECTIONS[name](plan)
            except MissingPartError as exc:
                rows.append(NotRun(name, name, str(exc)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return rows


def _machine(load_before: float) -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "load_before": round(load_before, 2),
    }


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
