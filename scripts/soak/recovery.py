"""How soon a camera that returns is watched again, for each way in which it may have failed."""

import math
import random
import statistics
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path

from edge.errors import ControlError
from scripts.bench.edge_child import a_camera, an_edge, await_running, status_of
from scripts.camera_farm import broken
from scripts.rtsp import Feed, RtspServer

CAMERAS = 50
SPREAD_S = 5.0
"""The cameras fail one after the other, within this time."""

DOWN_S = (2.0, 30.0)
"""How long each is away: at least, at most."""

PATIENCE_S = 90.0
_POLL_S = 0.25
_KEPT = 200

AT_THE_DOOR = frozenset({"refuse", "silent", "missing", "password", "busy", "slow"})
"""Faults that only a new viewer meets: who watches is thrown out as they begin."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """One kind of fault, injected into each camera once.

    Attributes
    ----------
    p50_s, p95_s, worst_s
        From the camera's return to the next look at it.
    lost
        Cameras that were not watched again in time.
    """

    fault: str
    p50_s: float
    p95_s: float
    worst_s: float
    lost: int

    def text(self) -> str:
        """Return it as a line of a table."""
        times = f"{self.p50_s:8.1f}{self.p95_s:8.1f}{self.worst_s:8.1f}"
        return f"{self.fault:<16}{times}{self.lost:8}"


HEAD = f"{'fault':<16}{'p50 s':>8}{'p95 s':>8}{'worst':>8}{'lost':>8}"


def recoveries(
    film: Path, folder: Path, faults: Iterable[str], *, seed: int = 0
) -> Iterator[Recovery]:
    """Yield how soon cameras were watched again, by the names of `scripts.camera_farm`."""
    rng = random.Random(seed)  # noqa: S311  # no secret
    feeds = {f"cam-{number:03}": Feed(film) for number in range(1, CAMERAS + 1)}
    with RtspServer(feeds) as server:
        cameras = [a_camera(name, server.url(name), check_view=False) for name in feeds]
        with an_edge(folder, cameras) as control, _looks_of(control) as looks:
            await_running(control, CAMERAS)
            for fault in faults:
                yield _recovery(server, fault, feeds, looks, rng)


class _Looks:
    """When each camera was seen to have been looked at."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._seen_s: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=_KEPT))

    def update(self, counts: dict[str, int]) -> None:
        now_s = time.monotonic()
        for name, count in counts.items():
            if count > self._counts.get(name, 0):
                self._seen_s[name].append(now_s)
        self._counts = counts

    def first_after(self, name: str, at_s: float) -> float | None:
        return next((seen_s for seen_s in list(self._seen_s[name]) if seen_s > at_s), None)


@contextmanager
def _looks_of(control: Path) -> Iterator[_Looks]:
    looks, over = _Looks(), threading.Event()

    def poll() -> None:
        while not over.wait(_POLL_S):
            with suppress(ControlError):
                looks.update({one.camera: one.looks for one in status_of(control).cameras})

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield looks
    finally:
        over.set()
        thread.join()


def _recovery(
    server: RtspServer, fault: str, feeds: dict[str, Feed], looks: _Looks, rng: random.Random
) -> Recovery:
    fails = {name: rng.uniform(0, SPREAD_S) for name in feeds}
    returns = {name: fails[name] + rng.uniform(*DOWN_S) for name in feeds}
    events = [
        *((at_s, name, True) for name, at_s in fails.items()),
        *((at_s, name, False) for name, at_s in returns.items()),
    ]
    began_s = time.monotonic()
    for at_s, name, fails_now in sorted(events, key=itemgetter(0)):
        time.sleep(max(0.0, began_s + at_s - time.monotonic()))
        server.set_feed(name, broken(feeds[name], fault) if fails_now else feeds[name])
        if not fails_now:
            returns[name] = time.monotonic()
        elif fault in AT_THE_DOOR:
            server.hang_up(name)
    deadline_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline_s and any(
        looks.first_after(name, returns[name]) is None for name in feeds
    ):
        time.sleep(_POLL_S)
    seen = {name: looks.first_after(name, returns[name]) for name in feeds}
    took = sorted(at_s - returns[name] for name, at_s in seen.items() if at_s is not None)
    return Recovery(
        fault=fault,
        p50_s=statistics.median(took) if took else math.inf,
        p95_s=took[math.ceil(0.95 * len(took)) - 1] if took else math.inf,
        worst_s=took[-1] if took else math.inf,
        lost=len(feeds) - len(took),
    )
