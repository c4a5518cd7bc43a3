"""The simulated place, in metres: roads, lamps, signal heads, and where its cameras hang.

x is east, y north, z up; the junction's centre on the ground is the origin. Traffic keeps left. The
southern leg is long and holds a second scenery, a street between junctions 280 m south of it.
Everything that the traffic, the bake and the renderer must agree on is here.
"""

from dataclasses import dataclass
from typing import Literal

from scripts.twin.camera import Camera, Point

LANE_WIDTH_M = 3.3
LANES_PER_DIRECTION = 2
ROAD_HALF_WIDTH_M = LANE_WIDTH_M * LANES_PER_DIRECTION
STOP_LINE_M = 11.0
"""Distance of the four stop lines from the junction's centre."""

KERB_RADIUS_M = 5.0
PAVEMENT_WIDTH_M = 5.5
PAVEMENT_HEIGHT_M = 0.15
BUILDING_LINE_M = 13.2
"""Distance of the shop fronts from the road's middle line."""

CROSSING_M = (8.0, 10.3)
"""The zebra crossing of each leg, from and to, metres from the junction's centre."""

LEG_LENGTH_M = {"north": 200.0, "east": 200.0, "south": 460.0, "west": 200.0}
STREET_Y_M = -280.0
"""Middle of the second scenery, on the southern leg."""

SUN_TOWARDS = (-0.52, -0.43, 0.74)
"""Unit vector from the ground to the sun: in the south-west, 48 degrees high, as in Tangerang
Selatan (6.3 degrees south) in the middle of a November afternoon."""


@dataclass(frozen=True, slots=True)
class Lamp:
    """A street lamp: ``head`` shines straight down; ``alone`` where it can fail by itself."""

    name: str
    foot: Point
    head: Point
    alone: bool = False


SIGNAL_CYCLE_S = 90.0
"""What the signal's longest programme takes: no red lasts as long."""

Signal = Literal["red", "amber", "green"]
"""What a traffic light shows."""


@dataclass(frozen=True, slots=True)
class SignalHead:
    """A traffic light: its box stands at ``position`` (middle) and faces ``heading_deg``.

    ``approach`` is the leg whose traffic obeys it. Lenses are 0.2 m wide, 0.3 m apart: red on top.
    """

    approach: str
    position: Point
    heading_deg: float


def _row_of_lamps(prefix: str, ys: tuple[float, ...], *, alone: tuple[str, ...] = ()) -> list[Lamp]:
    """Return lamps along the southern or northern leg, one on either side at each y."""
    lamps = []
    for number, y in enumerate(ys, start=1):
        for side, sign in (("w", -1.0), ("e", 1.0)):
            name = f"{prefix}-{side}{number}"
            x, across = sign * 8.0, sign * 5.6
            at = y + (4.0 if sign > 0 else 0.0)
            lamps.append(Lamp(name, (x, at, 0.15), (across, at, 7.7), alone=name in alone))
    return lamps


LAMPS: dict[str, tuple[Lamp, ...]] = {
    "junction": tuple(
        _row_of_lamps("south", (-24.0, -48.0, -72.0, -96.0))
        + _row_of_lamps("north", (20.0, 44.0, 68.0))
        + [
            Lamp(f"corner-{corner}", (9.4 * x, 9.4 * y, 0.15), (6.2 * x, 6.2 * y, 7.7))
            for corner, x, y in (("sw", -1, -1), ("se", 1, -1), ("ne", 1, 1))
        ]
    ),
    "street": tuple(
        _row_of_lamps(
            "street", (-256.0, -280.0, -304.0, -328.0, -352.0), alone=("street-w2", "street-e2")
        )
    ),
}

SIGNALS = (
    SignalHead("south", (-8.2, -STOP_LINE_M - 0.6, 3.2), 270.0),
    SignalHead("north", (8.2, STOP_LINE_M + 0.6, 3.2), 90.0),
    SignalHead("east", (STOP_LINE_M + 0.6, -8.2, 3.2), 0.0),
    SignalHead("west", (-STOP_LINE_M - 0.6, 8.2, 3.2), 180.0),
    SignalHead("south", (-3.3, 13.2, 5.4), 270.0),
    SignalHead("north", (3.3, -13.2, 5.4), 90.0),
)
"""The near heads on posts, and for the main road a far one each on an arm over it."""

FILM_CAMERAS = (
    Camera("south", (-10.5, 12.0, 8.0), (-1.8, -20.0, 0.0), 48.0, "junction"),
    Camera("corner", (9.5, -8.5, 6.5), (-5.0, 14.0, 0.3), 58.0, "junction"),
    Camera("street", (-7.6, -252.0, 6.2), (0.6, -276.0, 0.9), 54.0, "street"),
    Camera("south-turned", (-10.5, 12.0, 8.0), (-34.0, 4.0, 3.0), 48.0, "junction"),
)
"""``south`` looks at the southern approach from the far side of the junction, ``corner`` across the
junction, ``street`` along the street; ``south-turned`` is where ``south`` points after it was
turned."""

TRAINING_CAMERAS = (
    Camera("north", (11.6, -8.8, 7.0), (2.0, 20.0, 0.0), 52.0, "junction"),
    Camera("west", (11.5, 7.5, 6.0), (-22.0, -2.5, 0.0), 50.0, "junction"),
    Camera("approach", (7.6, -58.0, 5.4), (0.0, -30.0, 0.4), 60.0, "junction"),
    Camera("street-back", (7.6, -306.0, 7.0), (-0.5, -282.0, 0.6), 50.0, "street"),
    Camera("overpass", (0.8, -322.0, 6.5), (-0.5, -296.0, 0.5), 64.0, "street"),
)
"""Other views of the place. Detectors may be trained on these, so no film that ships is seen from
them."""

CAMERAS = {camera.name: camera for camera in FILM_CAMERAS + TRAINING_CAMERAS}
