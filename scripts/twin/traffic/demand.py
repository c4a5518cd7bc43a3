"""Demands: how much traffic comes from where, and what becomes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Turns = tuple[float, float, float]
"""Share that goes left, ahead and right."""


@dataclass(frozen=True, slots=True)
class Demand:
    """How much traffic there is.

    Attributes
    ----------
    per_hour
        Vehicles an hour from each leg.
    turns, other_turns
        Where they go; the second for the legs that differ.
    pace
        Mean of what drivers want, as a share of the 40 km/h that the signs allow.
    walkers_per_hour
        On each way along the pavements; fewer take those over the crossings.
    programme
        The signal's: ``turns`` or ``main_road``, a file of the network.
    exit_speed_mps
        How fast traffic gets out of the north, where it is held back; it then stands back
        to the junction from the first second on, and over the southern approach within minutes.
    """

    per_hour: Mapping[str, float]
    turns: Turns = (0.18, 0.62, 0.20)
    other_turns: Mapping[str, Turns] = field(default_factory=dict)
    pace: float = 0.95
    walkers_per_hour: float = 60.0
    programme: str = "turns"
    exit_speed_mps: float | None = None


DEMANDS = {
    "free": Demand({"south": 420, "north": 320, "east": 200, "west": 200}, pace=1.0),
    "busy": Demand({"south": 1400, "north": 900, "east": 650, "west": 650}),
    "dense": Demand(
        {"south": 3600, "north": 2700, "east": 850, "west": 650},
        turns=(0.04, 0.96, 0.0),
        other_turns={"east": (0.8, 0.1, 0.1), "west": (0.1, 0.1, 0.8)},
        pace=0.75,
        programme="main_road",
    ),
    "jam": Demand(
        {"south": 1700, "north": 700, "east": 420, "west": 420},
        other_turns={
            "south": (0.0, 1.0, 0.0),
            "east": (0.3, 0.7, 0.0),
            "west": (0.0, 0.7, 0.3),
        },
        exit_speed_mps=0.2,
    ),
    "night": Demand(
        {"south": 260, "north": 220, "east": 110, "west": 110}, pace=1.25, walkers_per_hour=12.0
    ),
}
