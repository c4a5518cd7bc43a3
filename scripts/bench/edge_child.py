"""A camera farm and a whole edge as child processes, for benches and soak runs."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import yaml

from analytics.messages import StreamState
from edge.control import ask
from edge.errors import ControlError
from edge.process_figures import process_figures
from edge.status import SiteStatus
from scripts.bench.figures import NotMeasuredError

LOOKS_PER_S = 0.5
MODEL = "traffic-int8"
READY_S = 120.0
ALL_CORES = frozenset(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Farm:
    """A farm that runs: its port, and the cameras without a fault."""

    port: int
    well: frozenset[str]


@contextmanager
def a_farm(cameras: int, *options: str, cores: Set[int] = ALL_CORES) -> Iterator[Farm]:
    """Run `scripts.camera_farm` on some cores.

    Raises
    ------
    NotMeasuredError
        Where it does not start.
    """
    command = [sys.executable, "-m", "scripts.camera_farm", "--cameras", str(cameras), *options]
    with _on(cores):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  # ours
    try:
        assert process.stdout is not None
        ready = next((line for line in process.stdout if line.startswith("{")), None)
        if ready is None:
            msg = "the camera farm did not start"
            raise NotMeasuredError(msg)
        told = json.loads(ready)
        well = frozenset(name for name, fault in told["cameras"].items() if fault is None)
        yield Farm(int(told["port"]), well)
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def _on(cores: Set[int]) -> Iterator[None]:
    """Let what is started meanwhile run on some cores only."""
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, ALL_CORES)


def farm_urls(cameras: int, port: int) -> dict[str, str]:
    """Return the address of each camera of a farm, by its name."""
    names = [f"cam-{number:03}" for number in range(1, cameras + 1)]
    return {name: f"rtsp://127.0.0.1:{port}/{name}" for name in names}


def a_camera(name: str, url: str, **changes: object) -> dict[str, object]:
    """Return a camera's entry that watches its whole view, a look every two seconds."""
    zone = {"zone": "view", "name": "View", "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]]}
    watched = {"sampling": "watch", "looks_per_s": LOOKS_PER_S, "zones": [zone]}
    return {"camera": name, "name": name, "url": url, "simulated": True, **watched, **changes}


@contextmanager
def an_edge(
    folder: Path,
    cameras: Sequence[dict[str, object]],
    *,
    model: str = MODEL,
    cores: Set[int] = ALL_CORES,
) -> Iterator[Path]:
    """Run `simpang edge run` on some cores, without a broker, and give its control socket."""
    folder.mkdir(parents=True, exist_ok=True)
    site = {
        "site": "bench",
        "name": "Bench",
        "data_dir": str(folder.resolve() / "data"),
        "model": model,
        "broker": {"port": 1},
        "metrics": {"port": None},
        "cameras": list(cameras),
    }
    config = folder / "site.yaml"
    config.write_text(yaml.safe_dump(site, sort_keys=False), encoding="utf-8")
    with (folder / "edge.log").open("ab") as log, _on(cores):
        process = subprocess.Popen(  # noqa: S603  # our own module, no shell
            [sys.executable, "-m", "simpang", "edge", "run", "--config", str(config)], stderr=log
        )
    try:
        yield folder / "data" / "edge.sock"
    finally:
        process.terminate()
        process.wait()


def status_of(control: Path) -> SiteStatus:
    """Return an edge's status."""
    return SiteStatus.read(ask(control, "status"))


def await_running(control: Path, cameras: int) -> None:
    """Wait until so many cameras have been looked at.

    Raises
    ------
    NotMeasuredError
        Where that takes too long.
    """
    deadline_s = time.monotonic() + READY_S
    while time.monotonic() < deadline_s:
        time.sleep(0.5)
        try:
            seen = [one for one in status_of(control).cameras if one.looks]
        except ControlError:
            continue
        if sum(one.stream == StreamState.RUNNING.value for one in seen) >= cameras:
            return
    msg = f"not all of {cameras} cameras were watched within {READY_S:g} s"
    raise NotMeasuredError(msg)


def pids(status: SiteStatus) -> list[int]:
    """Return the processes of an edge."""
    return [status.pid, *(worker.pid for worker in status.workers if worker.pid is not None)]


def processor_s(status: SiteStatus) -> float:
    """Return the processor time that an edge's processes took so far, seconds."""
    return sum(process_figures(pid).processor_s for pid in pids(status))


def memory_mb(status: SiteStatus) -> float:
    """Return the memory of an edge's processes, megabytes; each shared page counts once."""
    return sum(map(_proportional_mb, pids(status)))


def looks_of(status: SiteStatus) -> int:
    """Return how often an edge has looked at its cameras so far."""
    return sum(one.looks for one in status.cameras)


def missed_of(status: SiteStatus) -> int:
    """Return how many looks that were due an edge has not had so far."""
    reasons = ("frames_overwritten", "frames_late", "frames_undecodable", "frames_failed")
    return sum(one.losses.get(reason, 0) for one in status.cameras for reason in reasons)


def only(status: SiteStatus, cameras: Set[str]) -> SiteStatus:
    """Return a status that tells of some cameras only."""
    return replace(status, cameras=tuple(one for one in status.cameras if one.camera in cameras))


def _proportional_mb(pid: int) -> float:
    # Pss: pages that several processes map are divided among them (proc(5), smaps_rollup).
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()
    line = next(one for one in lines if one.startswith("Pss:"))
    return int(line.split()[1]) * 1024 / 1e6
