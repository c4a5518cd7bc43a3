"""Rubbish and standing things as actors: which pieces lie where."""

import numpy as np

from scripts.twin.actors import Actor, Kind
from scripts.twin.scenario import Prop, Rubbish
from scripts.twin.shapes import shape
from scripts.twin.world import KERB_RADIUS_M, PAVEMENT_HEIGHT_M, ROAD_HALF_WIDTH_M

_BAG_SHAPES = ("rubbish_bag_black", "rubbish_bag_black", "rubbish_bag_white", "rubbish_bag_torn")
_SMALL_SHAPES = ("bottle_litter", "bottle_litter", "cardboard_box")
"""Names come up as often as they are listed."""

_BIN_RADIUS_M = 0.5
"""A bin stands so far west of a place, and what it cannot hold so far east."""

_LAYER_M = 0.26
"""How much higher each layer of bags in a heap lies."""


def actors(thing: Rubbish | Prop) -> tuple[Actor, ...]:
    """Return the actors that a standing thing is made of; the same for the same thing."""
    if isinstance(thing, Prop):
        return (_prop(thing),)
    rng = np.random.default_rng((thing.seed, list(_PIECES).index(thing.state)))
    return tuple(
        _piece(thing, number, name, offset, rng)
        for number, (name, offset) in enumerate(_PIECES[thing.state](thing, rng))
    )


def surface_z_m(x_m: float, y_m: float) -> float:
    """Return how high the road or the pavement lies at a place, metres."""
    beyond = np.array((abs(x_m), abs(y_m) if y_m > -200 else np.inf)) - ROAD_HALF_WIDTH_M
    if beyond.min() < 0:
        return 0.0
    to_centre = KERB_RADIUS_M - beyond
    in_corner = to_centre.min() > 0 and np.hypot(*to_centre) > KERB_RADIUS_M
    return 0.0 if in_corner else PAVEMENT_HEIGHT_M


Piece = tuple[str, tuple[float, float, float]]
"""A shape's name and where it lies: metres east, north and up from the thing's place."""


def _scattered(thing: Rubbish, rng: np.random.Generator) -> list[Piece]:
    pieces = _ring(thing.bags, thing.spread_m, rng, _BAG_SHAPES)
    return [*pieces, *_ring(thing.bags // 2, 1.2 * thing.spread_m, rng, _SMALL_SHAPES)]


def _pile(thing: Rubbish, rng: np.random.Generator) -> list[Piece]:
    """Stack bags: the nearer the middle, the more layers."""
    pieces: list[Piece] = []
    layer, left = 0, thing.bags
    while left > 0:
        radius = thing.spread_m * max(1 - 0.3 * layer, 0.15)
        count = min(left, max(1, round(thing.bags * (0.62, 0.3, 0.14, 0.06)[min(layer, 3)])))
        for name, (east, north, _) in _ring(count, radius, rng, (*_BAG_SHAPES, "cardboard_box")):
            pieces.append((name, (east, north, layer * _LAYER_M)))
        layer, left = layer + 1, left - count
    return [*pieces, *_ring(thing.bags // 5, 1.2 * thing.spread_m, rng, _SMALL_SHAPES)]


def _overflowing(thing: Rubbish, rng: np.random.Generator) -> list[Piece]:
    around = [
        (name, (east + _BIN_RADIUS_M, north, up)) for name, (east, north, up) in _pile(thing, rng)
    ]
    return [("bin_overflowing", (-_BIN_RADIUS_M, 0.0, 0.0)), *around]


def _ring(
    count: int, radius_m: float, rng: np.random.Generator, names: tuple[str, ...]
) -> list[Piece]:
    """Spread pieces evenly over a disc: a sunflower's pattern, shaken."""
    pieces: list[Piece] = []
    for number in range(count):
        out = radius_m * np.sqrt((number + 0.5) / count)
        angle = number * 2.39996 + rng.normal(0, 0.35)
        name = names[int(rng.integers(len(names)))]
        shake = rng.normal(0, 0.06 * radius_m, 2)
        east, north = out * np.cos(angle) + shake[0], out * np.sin(angle) + shake[1]
        pieces.append((name, (float(east), float(north), 0.0)))
    return pieces


def _piece(
    thing: Rubbish,
    number: int,
    name: str,
    offset: tuple[float, float, float],
    rng: np.random.Generator,
) -> Actor:
    x, y = thing.at[0] + offset[0], thing.at[1] + offset[1]
    is_bin = name.startswith("bin")
    return Actor(
        actor_id=f"{thing.thing}:{number}",
        kind=Kind.THING,
        shape=name,
        x_m=x,
        y_m=y,
        z_m=surface_z_m(x, y) + offset[2],
        heading_deg=0.0 if is_bin else float(rng.uniform(0, 360)),
        scale=1.0 if is_bin else float(rng.uniform(0.8, 1.2)),
    )


def _prop(prop: Prop) -> Actor:
    x, y = prop.at
    return Actor(
        actor_id=prop.thing,
        kind=shape(prop.shape).kind,
        shape=prop.shape,
        x_m=x,
        y_m=y,
        z_m=surface_z_m(x, y),
        heading_deg=prop.heading_deg,
        paint=prop.paint,
    )


_PIECES = {"scattered": _scattered, "pile": _pile, "overflowing": _overflowing}
"""What lies there, by the state of the place."""
