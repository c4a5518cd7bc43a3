"""How a car is put together; the origin is under the middle of the front bumper."""

from collections.abc import Callable
from dataclasses import dataclass

from scripts.twin.shapes.bodywork import Cabin, Facing, Tub, decal, wheel
from scripts.twin.shapes.mesh import Mesh
from scripts.twin.shapes.solids import box, ellipsoid

Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Face:
    """Where the lamps and grilles of a car sit.

    Attributes
    ----------
    head, tail
        Corners (y, z) of the left lamp, seen from the front and from behind.
    grille, intake
        Half width, lowest and highest of the upper and the lower opening.
    plate_rear_m
        Height of the middle of the rear number plate.
    doors
        s of the gaps between the doors.
    bar
        Material of the bar across the grille.
    plate
        Material of the number plates: yellow for public transport, white or black else.
    """

    head: Quad
    tail: Quad
    grille: tuple[float, float, float]
    intake: tuple[float, float, float]
    plate_rear_m: float
    doors: tuple[float, ...]
    bar: str = "chrome"
    plate: str = "plate_white"


@dataclass(frozen=True, slots=True)
class Car:
    """All that a car's mesh is built from; ``extras`` adds what only this one has."""

    tub: Tub
    cabin: Cabin
    face: Face
    extras: Callable[[Mesh], None] | None = None


def build_car(car: Car) -> Mesh:
    """Return the mesh of a car."""
    mesh = Mesh()
    tub = car.tub
    mesh.add(*tub.surface())
    mesh.add(*car.cabin.surface(tub))
    if car.extras:
        car.extras(mesh)
    _dress(mesh, car)
    for axle in tub.axles:
        half = float(tub.half_width(axle))
        mesh.add_pair(*wheel(axle, half - 0.015, tub.wheel_m, 0.2))
        mesh.add(box((-axle, 0, tub.wheel_m * 1.1), (tub.wheel_m * 2, half * 1.3, 0.3)), "dark")
    _mirrors(mesh, car)
    return mesh


def _rectangle(half: float, low: float, high: float) -> Quad:
    return (-half, low), (half, low), (half, high), (-half, high)


def _mirror(quad: Quad) -> Quad:
    first, second, third, fourth = ((-y, z) for y, z in quad)
    return first, second, third, fourth


def _dress(mesh: Mesh, car: Car) -> None:
    """Add lamps, grilles, plates, bumpers, door gaps and handles."""
    face, tub = car.face, car.tub
    for half, low, high in (face.grille, face.intake):
        decal(mesh, "front", _rectangle(half, low, high), "plastic", cells=(4, 2))
    half, low, high = face.grille
    decal(mesh, "front", _rectangle(half, high - 0.03, high), face.bar, cells=(4, 1))
    for quad in (face.head, _mirror(face.head)):
        # White lamps on a white car are told from it by their dark rims.
        decal(mesh, "front", _widened(quad, 1.2), "plastic", cells=(5, 3))
        decal(mesh, "front", quad, "head_lamp", cells=(5, 3))
    for quad in (face.tail, _mirror(face.tail)):
        decal(mesh, "rear", quad, "tail_lamp", cells=(4, 4))
    decal(mesh, "front", _rectangle(0.21, 0.42, 0.53), face.plate, cells=(1, 1))
    rear = face.plate_rear_m
    decal(mesh, "rear", _rectangle(0.21, rear - 0.055, rear + 0.055), face.plate, cells=(1, 1))
    decal(mesh, "rear", _rectangle(tub.width_m * 0.36, 0.38, 0.46), "plastic", cells=(6, 1))
    for side in (1.0, -1.0):
        mesh.head_lamps.append((-0.05, side * _middle(face.head)[0], _middle(face.head)[1]))
    _doors(mesh, car)


def _doors(mesh: Mesh, car: Car) -> None:
    belt = min(z for s, z in car.tub.top if car.cabin.front[0] <= s <= car.cabin.rear[0])
    low = max(z for _, z in car.tub.floor[1:-1]) + 0.1
    sides: tuple[Facing, ...] = ("left", "right")
    for facing in sides:
        for s in car.face.doors:
            gap = ((s, low), (s + 0.016, low), (s + 0.016, belt - 0.06), (s, belt - 0.06))
            decal(mesh, facing, gap, "dark", cells=(1, 4))
        for s in car.face.doors[1:]:
            bar = ((s - 0.26, belt - 0.16), (s - 0.08, belt - 0.16))
            decal(
                mesh,
                facing,
                (*bar, (s - 0.08, belt - 0.12), (s - 0.26, belt - 0.12)),
                "chrome",
                cells=(1, 1),
            )


def _mirrors(mesh: Mesh, car: Car) -> None:
    s = car.cabin.front[0] + 0.42
    y = float(car.tub.half_width(s))
    z = max(z for _, z in car.tub.top) + 0.05
    mesh.add_pair(ellipsoid((-s, y + 0.04, z), (0.07, 0.1, 0.075)), "paint")


def _widened(quad: Quad, by: float) -> Quad:
    y, z = _middle(quad)
    first, second, third, fourth = ((y + (a - y) * by, z + (b - z) * by) for a, b in quad)
    return first, second, third, fourth


def _middle(quad: Quad) -> tuple[float, float]:
    return sum(y for y, _ in quad) / 4, sum(z for _, z in quad) / 4
