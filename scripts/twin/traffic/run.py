"""One piece of simulated traffic: its actors at any moment, and its measures."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from scripts.twin.actors import Actor
from scripts.twin.traffic.demand import DEMANDS
from scripts.twin.traffic.fleet import MODELS
from scripts.twin.traffic.measures import (
    read_approaches,
    read_positions,
    read_signals,
    read_trips,
)
from scripts.twin.traffic.motion import Sample, Track, track
from scripts.twin.traffic.simulation import STEPS_PER_S, simulate
from scripts.twin.truth import ApproachSecond, SignalPhase, Trip

_BEFORE_S = 8.0
"""What is simulated just before the film is read too, so that motion is natural from its start."""

_AFTER_S = 1.5


@dataclass(frozen=True, slots=True)
class TrafficRun:
    """Traffic over one film; all times are the film's.

    Attributes
    ----------
    duration_s
        Of the film.
    signals, approaches, trips
        As in ``Truth``; trips are those that end within the film.
    """

    duration_s: float
    signals: tuple[SignalPhase, ...]
    approaches: dict[str, tuple[ApproachSecond, ...]]
    trips: tuple[Trip, ...]
    _present: tuple[tuple[Track, ...], ...]

    def actors(self, at_s: float) -> tuple[Actor, ...]:
        """Return everyone there is, sorted by id.

        Parameters
        ----------
        at_s
            0 to ``duration_s``, a multiple of 0.1 s.

        Raises
        ------
        ValueError
            At any other time.
        """
        step = round(at_s * STEPS_PER_S)
        if abs(at_s * STEPS_PER_S - step) > 1e-6 or not 0 <= step < len(self._present):
            raise ValueError(
                f"no traffic at {at_s} s: expected multiples of 0.1 s from 0 to {self.duration_s}"
            )
        return tuple(one.actor(step) for one in self._present[step])


def run_traffic(demand: str, *, seed: int, from_s: float, duration_s: float) -> TrafficRun:
    """Simulate traffic for one film; the same arguments give the same traffic.

    Parameters
    ----------
    demand
        A key of ``demand.DEMANDS``.
    seed
        Of everything random.
    from_s
        Second of the simulation, which begins with no traffic, at which the film starts.
    duration_s
        Of the film.

    Raises
    ------
    KeyError
        If there is no such demand.
    SimulationError
        If SUMO fails.
    """
    if demand not in DEMANDS:
        raise KeyError(f"no demand {demand!r}; there are {', '.join(DEMANDS)}")
    with tempfile.TemporaryDirectory(prefix="simpang-traffic-") as name:
        folder = Path(name)
        simulate(
            folder,
            DEMANDS[demand],
            seed=seed,
            from_s=max(0.0, from_s - _BEFORE_S),
            to_s=from_s + duration_s + _AFTER_S,
        )
        tracks = _tracks(folder / "positions.xml", round(from_s * STEPS_PER_S))
        return TrafficRun(
            duration_s=duration_s,
            signals=read_signals(folder / "signal.xml", from_s, duration_s),
            approaches=read_approaches(folder / "detectors.xml", from_s, duration_s),
            trips=read_trips(folder / "trips.xml", from_s, duration_s),
            _present=_present(tracks, round(duration_s * STEPS_PER_S) + 1),
        )


def _tracks(file: Path, film_starts: int) -> list[Track]:
    """Return everyone's track, sorted by id; ``film_starts`` is a step of the simulation."""
    first: dict[str, int] = {}
    shapes: dict[str, str] = {}
    samples: dict[str, list[Sample]] = {}
    for step, actors in read_positions(file):
        for actor_id, shape, sample in actors:
            first.setdefault(actor_id, step - film_starts)
            shapes[actor_id] = shape
            samples.setdefault(actor_id, []).append(sample)
    return [
        track(actor_id, MODELS[shapes[actor_id]], first[actor_id], samples[actor_id])
        for actor_id in sorted(samples)
    ]


def _present(tracks: list[Track], steps: int) -> tuple[tuple[Track, ...], ...]:
    """Return who is there in each step of the film."""
    present: list[list[Track]] = [[] for _ in range(steps)]
    for one in tracks:
        for step in range(max(0, one.first), min(steps, one.first + len(one.lanes))):
            present[step].append(one)
    return tuple(map(tuple, present))
