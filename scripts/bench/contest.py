"""Measures several ways of doing one thing in turns, so that they can be compared."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scripts.bench.figures import Beside, Figure, Unit, rounded

Measure = Callable[[], float]
"""Does its work once, and returns what was measured."""

Work = Callable[[], float]
"""Does its work once, and returns how much it was."""


@dataclass(frozen=True, slots=True)
class Contest:
    """What each contestant reached, round by round.

    Attributes
    ----------
    laps
        By name; one number for each round.
    """

    laps: Mapping[str, Sequence[float]]

    def median(self, name: str) -> float:
        """Return the middle one of a contestant's laps."""
        return statistics.median(self.laps[name])

    def ratio(self, name: str, other: str) -> float:
        """Return how ``name`` compares to ``other``: the middle one of the rounds' quotients.

        Rounds are compared within themselves, because the machine may change between them.
        """
        pairs = zip(self.laps[name], self.laps[other], strict=True)
        return statistics.median(ours / theirs for ours, theirs in pairs)

    def figure(self, key: str, what: str, unit: Unit, name: str, *others: str) -> Figure:
        """Return the contestant ``name`` as a figure, with ``others`` beside it."""
        beside = tuple(
            Beside(other, rounded(self.median(other)), rounded(self.ratio(name, other)))
            for other in others
        )
        return Figure(key, what, rounded(self.median(name)), unit, beside)


def hold(contestants: Mapping[str, Measure], *, rounds: int) -> Contest:
    """Let each contestant run once a round; nobody always follows the same one."""
    laps: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds):
        start = number % len(names)
        for name in names[start:] + names[:start]:
            laps[name].append(contestants[name]())
    return Contest(laps)


def per_core_second(work: Work) -> Measure:
    """Return a measure of ``work`` for each second of this process's processor time.

    It hardly depends on what else the machine does, and counts every thread that a library starts.
    """
    return lambda: _rate(work, time.process_time)


def per_second(work: Work) -> Measure:
    """Return a measure of ``work`` for each second that passes."""
    return lambda: _rate(work, time.perf_counter)


def _rate(work: Work, clock: Callable[[], float]) -> float:
    started_s = clock()
    done = work()
    return done / (clock() - started_s)
