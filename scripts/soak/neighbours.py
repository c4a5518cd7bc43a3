"""A quarter of the cameras misbehave: what the others lose, and whether memory stays flat."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.status import SiteStatus
from scripts.bench.edge_child import (
    a_camera,
    a_farm,
    an_edge,
    await_running,
    farm_urls,
    looks_of,
    memory_mb,
    missed_of,
    only,
    status_of,
)


@dataclass(frozen=True, slots=True)
class Minute:
    """How an edge was after so many minutes.

    Attributes
    ----------
    looks, missed
        Of the cameras that are well, since the start.
    reconnects
        Of the cameras that are well.
    memory_mb
        Of all processes of the edge.
    """

    minute: int
    looks: int
    missed: int
    reconnects: int
    memory_mb: float

    def text(self) -> str:
        """Return it as a line of a table."""
        return (
            f"{self.minute:>6}{self.looks:>10}{self.missed:>8}{self.reconnects:>12}"
            f"{self.memory_mb:>12.0f}"
        )


HEAD = f"{'minute':>6}{'looks':>10}{'missed':>8}{'reconnects':>12}{'memory MB':>12}"


def minutes(
    folder: Path,
    *,
    cameras: int,
    faults: str,
    count: int,
    minute_s: float = 60.0,
    films: Sequence[Path] = (),
) -> Iterator[Minute]:
    """Yield how the well cameras of a farm fared beside those that fail.

    Parameters
    ----------
    cameras
        How many there are.
    faults
        Which of them fail and how, as `scripts.camera_farm` takes it.
    count, minute_s
        How many minutes, and how long one is, seconds.
    films
        What the cameras show; else simulated streets.
    """
    shown = ["--film", *map(str, films)] if films else []
    with a_farm(cameras, "--faults", faults, *shown) as farm:
        entries = [
            a_camera(name, url, check_view=False)
            for name, url in farm_urls(cameras, farm.port).items()
        ]
        with an_edge(folder, entries) as control:
            await_running(control, len(farm.well))
            first = status_of(control)
            for minute in range(1, count + 1):
                time.sleep(minute_s)
                yield _minute(minute, first, status_of(control), farm.well)


def _minute(minute: int, first: SiteStatus, now: SiteStatus, well: frozenset[str]) -> Minute:
    before, after = only(first, well), only(now, well)
    return Minute(
        minute=minute,
        looks=looks_of(after) - looks_of(before),
        missed=missed_of(after) - missed_of(before),
        reconnects=sum(one.reconnects for one in after.cameras),
        memory_mb=memory_mb(now),
    )
