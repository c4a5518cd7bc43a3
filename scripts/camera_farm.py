"""Many looping cameras for benches, some of which fail: ``python -m scripts.camera_farm``.

Each plays 1080p at 25 frames/s, H.264 of about 4 Mb/s, on loopback. It prints a line for each
camera, then one line of JSON as soon as they can be watched, and ends on SIGTERM and Ctrl-C, after
a last line of JSON that says what it cost.
"""

import argparse
import itertools
import json
import random
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from scripts.rtsp import Fault, Feed, FilmError, RtspServer
from scripts.rtsp.encoding import FRAMES_PER_S, KEY_FRAME_EVERY
from scripts.rtsp.street_films import FOOTAGE, NAMES, ensure_street_films

OWN_FILMS = Path("var/bench")

KEY_FRAMES_APART_S = KEY_FRAME_EVERY / FRAMES_PER_S
ROUNDS_APART_S = 2 * KEY_FRAMES_APART_S
"""How far apart cameras are that show the same film; whole groups of pictures, to keep phases."""

FAULTS: Mapping[str, Fault | None] = {
    "stall": Fault.STALL,
    "drop": Fault.DROP,
    "flap": Fault.FLAP,
    "freeze": Fault.FREEZE,
    "garbage": Fault.GARBAGE,
    "broken": Fault.BROKEN,
    "framing": Fault.BAD_FRAMING,
    "loss": Fault.LOSS,
    "forward": Fault.TIME_JUMP,
    "backward": Fault.TIME_JUMP,
    "refuse": Fault.REFUSE,
    "silent": Fault.NEVER_ANSWER,
    "missing": Fault.NOT_FOUND,
    "password": Fault.UNAUTHORISED,
    "busy": Fault.UNAVAILABLE,
    "slow": None,
    "resize": None,
}
"""By its name on the command line; None is not the server's: `broken` says what it is."""

BACKWARD_S = -3600.0
SLOW_S = 8.0

SMALL_FILM = FOOTAGE / "street-pothole.mp4"
"""What a camera that changes its resolution shows in turn with its own: 1280x720, 5 frames/s."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a farm consists of.

    Attributes
    ----------
    cameras
        How many.
    films
        What they show, in turn.
    faults
        How many of them fail, by a name in `FAULTS`; which ones, the seed says.
    fault_after_s
        How long a viewer sees a failing camera well, where its fault is one of a running stream.
    in_phase
        Whether the key frames of all cameras come at the same time; else they are spread evenly.
    seed
        Of all that is random.
    resize_every_s
        How often a camera that changes its resolution does.
    """

    cameras: int
    films: Sequence[Path]
    faults: Mapping[str, int] = field(default_factory=dict)
    fault_after_s: float = 10.0
    in_phase: bool = False
    seed: int = 0
    resize_every_s: float = 10.0

    def paths(self) -> list[str]:
        """Return the cameras' paths, ``cam-001`` and so on."""
        return [f"cam-{number:03}" for number in range(1, self.cameras + 1)]

    def failing(self) -> dict[str, str]:
        """Return the fault of each path that has one."""
        names = [name for name, count in self.faults.items() for _ in range(count)]
        paths = random.Random(self.seed).sample(self.paths(), len(names))  # noqa: S311  # no secret
        return dict(zip(paths, names, strict=True))

    def feeds(self) -> dict[str, Feed]:
        """Return what each path plays."""
        well, failing = self.well_feeds(), self.failing()
        return well | {path: broken(well[path], name) for path, name in failing.items()}

    def well_feeds(self) -> dict[str, Feed]:
        """Return what each path would play if it were well."""
        return {path: self._feed(number) for number, path in enumerate(self.paths())}

    def _feed(self, number: int) -> Feed:
        phase_s = 0.0 if self.in_phase else KEY_FRAMES_APART_S * number / self.cameras
        return Feed(
            self.films[number % len(self.films)],
            phase_s=phase_s + ROUNDS_APART_S * (number // len(self.films)),
            fault_after_s=self.fault_after_s,
            seed=self.seed + number,
        )


@contextmanager
def farm(plan: Plan, *, port: int = 0) -> Iterator[RtspServer]:
    """Run the cameras of ``plan``.

    Raises
    ------
    FilmError
        Where one of its films cannot be played.
    OSError
        Where the port is taken.
    """
    well, feeds = plan.well_feeds(), plan.feeds()
    resized = [path for path, name in plan.failing().items() if name == "resize"]
    over = threading.Event()

    def resize() -> None:
        for turn in itertools.cycle([well, feeds]):
            if over.wait(plan.resize_every_s):
                return
            for path in resized:
                server.set_feed(path, turn[path])

    with RtspServer(feeds, port=port) as server:
        resizing = threading.Thread(target=resize, name="camera-farm", daemon=True)
        if resized:
            resizing.start()
        try:
            yield server
        finally:
            over.set()
            if resized:
                resizing.join()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line asks for until it is ended."""
    parser = _parser()
    options = parser.parse_args(arguments)
    count = min(options.cameras, len(NAMES))
    try:
        plan = Plan(
            cameras=options.cameras,
            films=options.film or ensure_street_films(OWN_FILMS, count=count),
            faults=options.faults,
            fault_after_s=options.fault_after,
            in_phase=options.in_phase,
            seed=options.seed,
        )
        if sum(plan.faults.values()) > plan.cameras:
            parser.error(f"--faults names more cameras than the {plan.cameras} there are")
        _run(plan, options.port, options.seconds)
    except (FilmError, OSError) as exc:
        parser.exit(1, f"{exc}\n")


def _run(plan: Plan, port: int, seconds: float | None) -> None:
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with farm(plan, port=port) as server:
        failing = plan.failing()
        for path in plan.paths():
            print(server.url(path), failing.get(path, "well"))
        ready = {"port": server.port, "cameras": {path: failing.get(path) for path in plan.paths()}}
        print(json.dumps(ready), flush=True)
        began, cpu_began = time.monotonic(), time.process_time()
        ended.wait(seconds)
        cost = {
            "seconds": round(time.monotonic() - began, 3),
            "cpu_seconds": round(time.process_time() - cpu_began, 3),
            "pictures": sum(server.pictures_sent(path) for path in plan.paths()),
        }
    print(json.dumps(cost), flush=True)


def broken(feed: Feed, name: str) -> Feed:
    """Return what a camera plays that fails as ``name`` in `FAULTS` says."""
    if name == "slow":
        return replace(feed, answer_after_s=SLOW_S)
    if name == "resize":
        return replace(feed, path=SMALL_FILM)
    if name == "backward":
        feed = replace(feed, jump_s=BACKWARD_S)
    return replace(feed, fault=FAULTS[name])


def _faults(text: str) -> dict[str, int]:
    """Read ``stall=2,drop=1``."""
    faults = {}
    for item in text.split(","):
        name, _, count = item.partition("=")
        if name not in FAULTS or not count.isdecimal():
            msg = f"{item} is no fault=count, the faults are {', '.join(FAULTS)}"
            raise argparse.ArgumentTypeError(msg)
        faults[name] = int(count)
    return faults


def _cameras(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        msg = f"{text} is no number of cameras"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.camera_farm",
        description=(__doc__ or "").partition("\n")[0],
        epilog="Example: python -m scripts.camera_farm --cameras 32 --faults stall=2,drop=2",
    )
    add = parser.add_argument
    add("--cameras", type=_cameras, default=8, metavar="N", help="how many (default: 8)")
    add("--port", type=int, default=0, help="where to listen; 0 takes a free port (default)")
    add(
        "--film", type=Path, nargs="+", action="extend", metavar="FILE",
        help="H.264 or H.265 films to show in turn; else simulated streets, made once in var/bench",
    )  # fmt: skip
    add(
        "--faults", type=_faults, default={}, metavar="NAME=N,...",
        help=f"how many cameras fail, and how: {', '.join(FAULTS)}",
    )  # fmt: skip
    add(
        "--fault-after", type=float, default=10.0, metavar="S",
        help="how long each viewer sees a failing camera well (default: 10)",
    )  # fmt: skip
    add("--in-phase", action="store_true", help="let the key frames of all cameras meet")
    add("--seed", type=int, default=0, help="of all that is random (default: 0)")
    add("--seconds", type=float, metavar="S", help="how long; else until SIGTERM or Ctrl-C")
    return parser


if __name__ == "__main__":
    main()
