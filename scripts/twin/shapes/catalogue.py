"""All shapes by name, built on first use."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from scripts.twin.actors import Kind
from scripts.twin.camera import Point
from scripts.twin.shapes.car_models import CARS
from scripts.twin.shapes.cars import build_car
from scripts.twin.shapes.heavy import BUSES, TRUCKS, build_bus, build_truck
from scripts.twin.shapes.mesh import Mesh
from scripts.twin.shapes.occlusion import openness
from scripts.twin.shapes.people import PEDESTRIANS
from scripts.twin.shapes.things import THINGS
from scripts.twin.shapes.two_wheelers import SCOOTERS, build_bicycle, build_scooter

STEPS = 8
"""How many postures a walker or a cyclist has; a step of others changes nothing."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One mesh: consecutive triples of corners are triangles, counter-clockwise from outside.

    x is forward, y left, z up, metres. Vehicles have their origin under the middle of the front
    bumper, on the ground; people and things under the middle of their footprint.

    Attributes
    ----------
    name, kind
        Its key in ``SHAPES``, and what it is to a detector.
    positions, normals
        ``(n, 3)`` float32; normals are unit vectors.
    material
        ``(n,)`` int32, indices into ``MATERIALS``.
    occlusion
        ``(n,)`` float32: the share of the sky's light that arrives, 1 where nothing hides it.
    length_m, width_m, height_m
        Of the box around it, along x, y and z.
    head_lamps
        Where they are.
    """

    name: str
    kind: Kind
    positions: NDArray[np.float32]
    normals: NDArray[np.float32]
    material: NDArray[np.int32]
    occlusion: NDArray[np.float32]
    length_m: float
    width_m: float
    height_m: float
    head_lamps: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: Kind
    build: Callable[[float], Mesh]
    moves: bool = False


def _still(kind: Kind, build: Callable[[], Mesh]) -> _Entry:
    return _Entry(kind, lambda _: build())


_ENTRIES: dict[str, _Entry] = {
    **{name: _still(Kind.CAR, partial(build_car, car)) for name, car in CARS.items()},
    **{name: _still(Kind.BUS, partial(build_bus, name)) for name in BUSES},
    **{name: _still(Kind.TRUCK, partial(build_truck, name)) for name in TRUCKS},
    **{name: _still(Kind.MOTORCYCLE, partial(build_scooter, name)) for name in SCOOTERS},
    "bicycle": _Entry(Kind.BICYCLE, build_bicycle, moves=True),
    **{name: _Entry(Kind.PERSON, build, moves=True) for name, build in PEDESTRIANS.items()},
    **{name: _still(Kind.THING, build) for name, build in THINGS.items()},
}

SHAPES: tuple[str, ...] = tuple(_ENTRIES)
"""Names of all shapes."""


def shape(name: str, step: int = 0) -> Shape:
    """Return a shape.

    Parameters
    ----------
    name
        One of ``SHAPES``.
    step
        Posture of a walker or a cyclist, 0 to ``STEPS - 1``.

    Raises
    ------
    KeyError
        If there is no such shape.
    ValueError
        If there is no such step.
    """
    if name not in _ENTRIES:
        raise KeyError(f"no shape {name!r}; there are {', '.join(SHAPES)}")
    if not 0 <= step < STEPS:
        raise ValueError(f"step {step} of {name!r}: expected 0 to {STEPS - 1}")
    return _shape(name, step if _ENTRIES[name].moves else 0)


@cache
def _shape(name: str, step: int) -> Shape:
    entry = _ENTRIES[name]
    mesh = entry.build(step / STEPS)
    corners = mesh.all()
    size = np.ptp(corners.positions, axis=0)
    return Shape(
        name=name,
        kind=entry.kind,
        positions=corners.positions.astype(np.float32),
        normals=corners.normals.astype(np.float32),
        material=corners.material.astype(np.int32),
        occlusion=openness(corners.positions, corners.normals),
        length_m=float(size[0]),
        width_m=float(size[1]),
        height_m=float(size[2]),
        head_lamps=tuple(mesh.head_lamps),
    )
