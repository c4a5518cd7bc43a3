"""SUMO's own measures, as the truth of a film states them, in film time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, iterparse

from scripts.twin.traffic.fleet import MODELS
from scripts.twin.traffic.motion import Sample
from scripts.twin.traffic.routes import DETECTORS, STANDING
from scripts.twin.traffic.simulation import STEPS_PER_S
from scripts.twin.truth import ApproachSecond, SignalPhase, Trip
from scripts.twin.world import Signal

_FIRST_LINK = {"south": 0, "east": 4, "north": 8, "west": 12}
"""The first of an approach's four signal links, which all show the same."""

_SHOWS: dict[str, Signal] = {
    "r": "red",
    "y": "amber",
    "g": "green",
    "G": "green",
}


def read_positions(file: Path) -> Iterator[tuple[int, list[tuple[str, str, Sample]]]]:
    """Yield each step's number in the simulation with every actor's id, shape and sample."""
    for step in _elements(file, "timestep"):
        yield (
            round(float(step.attrib["time"]) * STEPS_PER_S),
            [(one.attrib["id"], one.attrib["type"], _sample(one.attrib)) for one in step],
        )


def read_signals(file: Path, from_s: float, duration_s: float) -> tuple[SignalPhase, ...]:
    """Return what the signal shows over a film, a phase for each change."""
    phases: list[SignalPhase] = []
    for state in _elements(file, "tlsState"):
        at_s = round(float(state.attrib["time"]) - from_s, 1)
        if at_s >= duration_s:
            break
        links = state.attrib["state"]
        shows = {approach: _SHOWS[links[first]] for approach, first in _FIRST_LINK.items()}
        if phases and phases[-1].shows == shows:
            continue
        phases.append(SignalPhase(from_s=max(at_s, 0.0), shows=shows))
    return tuple(
        phase
        for phase, following in zip(phases, [*phases[1:], None], strict=True)
        if following is None or following.from_s > 0
    )


def read_approaches(
    file: Path, from_s: float, duration_s: float
) -> dict[str, tuple[ApproachSecond, ...]]:
    """Return the seconds of each measured stretch over a film."""
    lanes: dict[tuple[str, float], list[_LaneSecond]] = {}
    for interval in _elements(file, "interval"):
        at_s = round(float(interval.attrib["begin"]) - from_s, 1)
        if 0 <= at_s < duration_s:
            name = interval.attrib["id"].split("/")[0]
            lanes.setdefault((name, at_s), []).append(_lane_second(interval.attrib))
    seconds: dict[str, list[ApproachSecond]] = {name: [] for name in DETECTORS}
    for (name, at_s), measured in sorted(lanes.items()):
        seconds[name].append(_together(at_s, measured))
    return {name: tuple(measured) for name, measured in seconds.items()}


def read_trips(file: Path, from_s: float, duration_s: float) -> tuple[Trip, ...]:
    """Return the trips that end within a film, in the order in which they end.

    Those that a jam begins with are left out: they came by no approach.
    """
    return tuple(
        Trip(
            actor=trip.attrib["id"],
            kind=MODELS[trip.attrib["vType"]].kind,
            time_loss_s=float(trip.attrib["timeLoss"]),
            waiting_s=float(trip.attrib["waitingTime"]),
            duration_s=float(trip.attrib["duration"]),
            approach=trip.attrib["departLane"].split("_")[0],
        )
        for trip in _elements(file, "tripinfo")
        if from_s <= float(trip.attrib["arrival"]) < from_s + duration_s
        and not trip.attrib["id"].startswith(STANDING)
    )


@dataclass(frozen=True, slots=True)
class _LaneSecond:
    """One lane's detector over one second; halting in vehicle seconds."""

    present: float
    halting: float
    queue_m: float
    speed_mps: float
    occupancy: float


def _lane_second(measured: dict[str, str]) -> _LaneSecond:
    return _LaneSecond(
        present=float(measured["meanVehicleNumber"]),
        halting=float(measured["intervalHaltingDurationSum"]),
        # SUMO adds up the steps of the second.
        queue_m=float(measured["jamLengthInMetersSum"]) / STEPS_PER_S,
        speed_mps=float(measured["meanSpeed"]),
        occupancy=float(measured["meanOccupancy"]) / 100,
    )


def _together(at_s: float, lanes: list[_LaneSecond]) -> ApproachSecond:
    present = sum(lane.present for lane in lanes)
    travelled = sum(lane.present * max(lane.speed_mps, 0.0) for lane in lanes)
    vehicles = round(present)
    return ApproachSecond(
        at_s=at_s,
        vehicles=vehicles,
        halting=min(vehicles, round(sum(lane.halting for lane in lanes))),
        queue_m=round(max(lane.queue_m for lane in lanes), 2),
        mean_speed_mps=round(travelled / present, 3) if vehicles else None,
        occupancy=round(min(1.0, sum(lane.occupancy for lane in lanes) / len(lanes)), 4),
    )


def _sample(one: dict[str, str]) -> Sample:
    return Sample(
        x_m=float(one["x"]),
        y_m=float(one["y"]),
        angle_deg=float(one["angle"]),
        speed_mps=float(one["speed"]),
        lane=one.get("lane", one.get("edge", "")),
    )


def _elements(file: Path, tag: str) -> Iterator[Element]:
    """Yield each element of a name when it is whole, and forget it after."""
    # The files are SUMO's own, written a moment before.
    for _, element in iterparse(file):  # noqa: S314
        if element.tag == tag:
            yield element
            element.clear()
