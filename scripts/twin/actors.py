"""What moves or stands in the scene in one frame."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an actor is to a detector."""

    CAR = "car"
    MOTORCYCLE = "motorcycle"
    BUS = "bus"
    TRUCK = "truck"
    BICYCLE = "bicycle"
    PERSON = "person"
    THING = "thing"


CLASSES: tuple[Kind, ...] = tuple(kind for kind in Kind if kind is not Kind.THING)
"""Vehicles and people: the traffic model's classes, in its order."""


@dataclass(frozen=True, slots=True)
class Actor:
    """One vehicle, person or thing at one moment.

    Attributes
    ----------
    actor_id
        The same for its whole life.
    kind
        Its class.
    shape
        Which mesh: a key of ``shapes.SHAPES``.
    x_m, y_m, z_m
        Where its shape's origin is: for vehicles the middle of the front bumper on the ground, for
        people and things the middle of their footprint.
    heading_deg
        Where it faces, counter-clockwise from east.
    speed_mps
        Along its heading.
    paint
        Linear RGB of what is painted on it, 0 to 1.
    braking
        Whether its brake lamps are lit.
    pose
        Phase of a walking person's step or of a bicycle's pedals, 0 to 1.
    lean_deg
        Of a two-wheeler into its bend, positive to its left.
    lane
        SUMO's lane, empty where it is on none.
    scale
        Of the whole shape; only things are scaled.
    """

    actor_id: str
    kind: Kind
    shape: str
    x_m: float
    y_m: float
    heading_deg: float
    z_m: float = 0.0
    speed_mps: float = 0.0
    paint: tuple[float, float, float] = (0.5, 0.5, 0.5)
    braking: bool = False
    pose: float = 0.0
    lean_deg: float = 0.0
    lane: str = ""
    scale: float = 1.0

    @property
    def is_parked(self) -> bool:
        """Whether nobody drives it: traffic is always on a lane."""
        return not self.lane
