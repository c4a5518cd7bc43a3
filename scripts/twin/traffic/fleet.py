"""The city's fleet: which shapes drive and walk, how large and how common, in which paints."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from scripts.twin.actors import Kind
from scripts.twin.looks import Rgb

Weighted = tuple[tuple[float, Rgb], ...]
"""Paints, each with how common it is."""


@dataclass(frozen=True, slots=True)
class Model:
    """One kind of vehicle or walker.

    Attributes
    ----------
    shape, kind
        Its mesh, which is also SUMO's vType, and what a detector calls it.
    share
        How common it is among vehicles, or among walkers; shares need not add up to 1.
    length_m, width_m
        Of its mesh, handles and mirrors left out.
    paints
        Of its body, for two-wheelers of the rider's jacket.
    driving
        SUMO's vType attributes.
    """

    shape: str
    kind: Kind
    share: float
    length_m: float
    width_m: float
    paints: Weighted
    driving: Mapping[str, str]


_CAR_PAINTS: Weighted = (
    (0.27, (0.72, 0.72, 0.70)),
    (0.22, (0.42, 0.43, 0.44)),
    (0.22, (0.012, 0.012, 0.014)),
    (0.13, (0.13, 0.135, 0.14)),
    (0.06, (0.30, 0.015, 0.015)),
    (0.04, (0.02, 0.05, 0.16)),
    (0.03, (0.18, 0.13, 0.08)),
    (0.03, (0.30, 0.26, 0.20)),
)
_ANGKOT_PAINTS: Weighted = ((0.7, (0.60, 0.61, 0.58)), (0.3, (0.03, 0.17, 0.34)))
_BUS_PAINTS: Weighted = (
    (0.4, (0.70, 0.70, 0.68)),
    (0.3, (0.03, 0.10, 0.30)),
    (0.2, (0.35, 0.03, 0.02)),
    (0.1, (0.05, 0.22, 0.10)),
)
_TRUCK_PAINTS: Weighted = (
    (0.5, (0.66, 0.40, 0.03)),
    (0.2, (0.62, 0.62, 0.60)),
    (0.15, (0.06, 0.20, 0.10)),
    (0.15, (0.40, 0.03, 0.02)),
)
_JACKETS: Weighted = (
    (0.30, (0.015, 0.015, 0.018)),
    (0.14, (0.05, 0.055, 0.065)),
    (0.12, (0.015, 0.03, 0.09)),
    (0.10, (0.03, 0.24, 0.05)),
    (0.08, (0.22, 0.02, 0.02)),
    (0.08, (0.24, 0.22, 0.19)),
    (0.07, (0.10, 0.08, 0.05)),
    (0.06, (0.42, 0.42, 0.41)),
    (0.05, (0.34, 0.13, 0.02)),
)
_CLOTHES: Weighted = (
    (0.22, (0.45, 0.45, 0.43)),
    (0.18, (0.02, 0.02, 0.025)),
    (0.16, (0.03, 0.07, 0.20)),
    (0.12, (0.28, 0.04, 0.05)),
    (0.12, (0.12, 0.24, 0.16)),
    (0.10, (0.40, 0.28, 0.10)),
    (0.10, (0.26, 0.12, 0.24)),
)

_CAR = {
    "vClass": "passenger",
    "minGap": "1.2",
    "tau": "1.1",
    "sigma": "0.4",
    "latAlignment": "center",
    "minGapLat": "0.5",
    "lcKeepRight": "0",
    "maxSpeedLat": "0.8",
    "lcMaxSpeedLatStanding": "0",
    "lcMaxSpeedLatFactor": "0.12",
}
_HEAVY = _CAR | {"accel": "1.2", "decel": "3.5", "minGap": "1.7", "maxSpeed": "16"}
_BUS = _HEAVY | {"vClass": "bus"}
_TRUCK = _HEAVY | {"vClass": "truck"}
_SCOOTER = {
    "vClass": "motorcycle",
    "minGap": "0.6",
    "tau": "0.8",
    "sigma": "0.5",
    "accel": "3.0",
    "latAlignment": "arbitrary",
    "minGapLat": "0.35",
    "lcKeepRight": "0",
    "maxSpeedLat": "1.2",
    "lcMaxSpeedLatStanding": "0",
    "lcMaxSpeedLatFactor": "0.35",
    "lcSublane": "1.5",
}
_BICYCLE = {
    "vClass": "bicycle",
    "minGap": "0.6",
    "maxSpeed": "4.2",
    "accel": "0.9",
    "latAlignment": "right",
    "minGapLat": "0.3",
    "maxSpeedLat": "0.5",
    "lcMaxSpeedLatStanding": "0",
    "lcMaxSpeedLatFactor": "0.25",
}
_WALKER = {"vClass": "pedestrian", "speedFactor": "normc(1,0.12,0.7,1.3)"}

VEHICLES = (
    Model("mpv", Kind.CAR, 9.5, 4.44, 1.73, _CAR_PAINTS, _CAR),
    Model("hatch", Kind.CAR, 5.0, 3.79, 1.67, _CAR_PAINTS, _CAR),
    Model("suv", Kind.CAR, 4.5, 4.84, 1.86, _CAR_PAINTS, _CAR),
    Model("sedan", Kind.CAR, 2.5, 4.48, 1.73, _CAR_PAINTS, _CAR),
    Model("pickup", Kind.CAR, 2.0, 4.25, 1.68, _CAR_PAINTS, _CAR),
    Model("angkot", Kind.CAR, 3.5, 4.14, 1.65, _ANGKOT_PAINTS, _CAR),
    Model("bus", Kind.BUS, 0.8, 11.69, 2.50, _BUS_PAINTS, _BUS),
    Model("midibus", Kind.BUS, 1.4, 7.69, 2.10, _BUS_PAINTS, _BUS),
    Model("truck_box", Kind.TRUCK, 1.4, 6.27, 2.00, _TRUCK_PAINTS, _TRUCK),
    Model("truck_tarp", Kind.TRUCK, 0.9, 6.47, 2.00, _TRUCK_PAINTS, _TRUCK),
    Model("truck_open", Kind.TRUCK, 0.8, 6.07, 2.00, _TRUCK_PAINTS, _TRUCK),
    Model("truck_dump", Kind.TRUCK, 0.5, 6.67, 2.20, _TRUCK_PAINTS, _TRUCK),
    Model("scooter", Kind.MOTORCYCLE, 21.0, 1.97, 0.75, _JACKETS, _SCOOTER),
    Model("scooter_b", Kind.MOTORCYCLE, 15.0, 1.97, 0.75, _JACKETS, _SCOOTER),
    Model("scooter_c", Kind.MOTORCYCLE, 11.0, 1.97, 0.75, _JACKETS, _SCOOTER),
    Model("scooter_pillion", Kind.MOTORCYCLE, 14.0, 1.97, 0.75, _JACKETS, _SCOOTER),
    Model("scooter_box", Kind.MOTORCYCLE, 5.0, 1.97, 0.75, _JACKETS, _SCOOTER),
    Model("bicycle", Kind.BICYCLE, 1.5, 1.71, 0.60, _JACKETS, _BICYCLE),
)
"""Motorcycles are two of three, as in the city's own counts."""

WALKERS = (
    Model("pedestrian_man", Kind.PERSON, 5.0, 0.4, 0.5, _CLOTHES, _WALKER | {"maxSpeed": "1.25"}),
    Model("pedestrian_woman", Kind.PERSON, 5.0, 0.4, 0.5, _CLOTHES, _WALKER | {"maxSpeed": "1.1"}),
    Model("pedestrian_child", Kind.PERSON, 1.0, 0.3, 0.4, _CLOTHES, _WALKER | {"maxSpeed": "1.0"}),
)

MODELS = {model.shape: model for model in (*VEHICLES, *WALKERS)}


def paint(model: Model, actor_id: str) -> Rgb:
    """Return the paint of one actor: always the same for its id."""
    total = sum(weight for weight, _ in model.paints)
    left = zlib.crc32(actor_id.encode()) / 2**32 * total
    for weight, colour in model.paints:
        left -= weight
        if left < 0:
            return colour
    return model.paints[-1][1]
