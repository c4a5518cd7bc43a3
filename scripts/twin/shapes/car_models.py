"""The cars that are common in Indonesia: their outlines in metres."""

from collections.abc import Callable

from scripts.twin.shapes.bodywork import Cabin, Facing, Tub, decal, wheel
from scripts.twin.shapes.cars import Car, Face
from scripts.twin.shapes.mesh import Mesh
from scripts.twin.shapes.solids import box, capsule


def _rails(start: float, end: float, half: float, z: float) -> Callable[[Mesh], None]:
    def add(mesh: Mesh) -> None:
        mesh.add_pair(capsule((-start, half, z), (-end, half, z), 0.022, around=6), "plastic")

    return add


def _pickup_bed(mesh: Mesh) -> None:
    """Add the drop-side bed and the rear wheels of a small pickup."""
    start, end, half, base = 1.86, 4.2, 0.82, 0.72
    middle, long = -(start + end) / 2, end - start
    mesh.add(box((middle, 0, base - 0.05), (long, half * 2, 0.1)), "plastic")
    mesh.add_pair(box((middle, half - 0.02, base + 0.19), (long, 0.04, 0.36)), "paint")
    for s in (start + 0.02, end - 0.02):
        mesh.add(box((-s, 0, base + 0.19), (0.04, half * 2, 0.36)), "paint")
    mesh.add(capsule((-start - 0.05, -0.7, 1.62), (-start - 0.05, 0.7, 1.62), 0.025), "plastic")
    mesh.add_pair(capsule((-start - 0.05, 0.7, 1.0), (-start - 0.05, 0.7, 1.62), 0.025), "plastic")
    for s in (start + 0.6, end - 0.6):
        mesh.add_pair(box((-s, half + 0.006, base + 0.19), (0.06, 0.02, 0.34)), "plastic")
    mesh.add(box((middle, 0, 0.52), (long, 0.8, 0.26)), "dark")
    mesh.add(box((-end + 0.05, 0, 0.5), (0.06, 1.5, 0.26)), "plastic")
    mesh.add_pair(*wheel(3.15, half - 0.06, 0.29, 0.2, spoked=False))
    mesh.add_pair(box((-3.5, half - 0.15, 0.42), (0.02, 0.26, 0.3)), "rubber")


def _open_door(mesh: Mesh) -> None:
    """Add a public minibus's open door on the left, stripes along it, and a sign on its roof."""
    door = ((1.5, 0.36), (2.3, 0.36), (2.3, 1.6), (1.5, 1.6))
    decal(mesh, "left", door, "dark", cells=(2, 5))
    sides: tuple[tuple[Facing, float], ...] = (("left", 2.34), ("right", 0.9))
    for facing, start in sides:
        stripe = ((start, 0.72), (3.9, 0.72), (3.9, 0.86), (start, 0.86))
        decal(mesh, facing, stripe, "white", cells=(8, 1))
    mesh.add(box((-1.02, 0, 1.9), (0.08, 0.8, 0.16)), "white")


CARS: dict[str, Car] = {
    "sedan": Car(
        Tub(
            4.45,
            1.73,
            top=(
                (0, 0.6),
                (0.04, 0.7),
                (0.18, 0.77),
                (0.7, 0.86),
                (1.2, 0.93),
                (2.6, 0.96),
                (3.6, 1.0),
                (4.25, 1.0),
                (4.4, 0.92),
                (4.45, 0.74),
            ),
            plan=(
                (0, 0.74),
                (0.06, 0.85),
                (0.3, 0.96),
                (0.8, 0.99),
                (2.2, 1.0),
                (3.7, 0.98),
                (4.25, 0.93),
                (4.4, 0.84),
                (4.45, 0.76),
            ),
            floor=((0, 0.3), (0.15, 0.22), (4.2, 0.22), (4.45, 0.34)),
            axles=(0.84, 3.4),
            wheel_m=0.305,
        ),
        Cabin(
            (1.12, 1.85),
            (3.85, 3.05),
            1.44,
            0.56,
            (
                (2.25, "glass"),
                (2.33, "plastic"),
                (3.05, "glass"),
                (3.12, "plastic"),
                (3.5, "glass"),
            ),
        ),
        Face(
            ((0.42, 0.6), (0.76, 0.64), (0.8, 0.76), (0.46, 0.71)),
            ((0.38, 0.74), (0.72, 0.75), (0.72, 0.92), (0.42, 0.92)),
            (0.36, 0.57, 0.69),
            (0.55, 0.29, 0.4),
            0.62,
            (1.35, 2.29, 3.1),
        ),
    ),
    "mpv": Car(
        Tub(
            4.4,
            1.73,
            top=(
                (0, 0.68),
                (0.04, 0.8),
                (0.18, 0.89),
                (0.55, 0.97),
                (0.95, 1.04),
                (2.6, 1.05),
                (4.18, 1.07),
                (4.32, 1.03),
                (4.4, 0.84),
            ),
            plan=(
                (0, 0.76),
                (0.06, 0.87),
                (0.28, 0.96),
                (0.75, 0.99),
                (2.2, 1.0),
                (3.7, 0.99),
                (4.2, 0.95),
                (4.34, 0.89),
                (4.4, 0.83),
            ),
            floor=((0, 0.32), (0.15, 0.25), (4.2, 0.25), (4.4, 0.36)),
            axles=(0.8, 3.5),
            wheel_m=0.31,
        ),
        Cabin(
            (0.9, 1.62),
            (4.36, 4.08),
            1.69,
            0.61,
            ((2.1, "glass"), (2.18, "plastic"), (2.98, "glass"), (3.06, "plastic"), (4.1, "glass")),
        ),
        Face(
            ((0.42, 0.7), (0.76, 0.76), (0.8, 0.91), (0.46, 0.82)),
            ((0.54, 0.78), (0.76, 0.78), (0.76, 1.02), (0.58, 1.02)),
            (0.4, 0.6, 0.77),
            (0.55, 0.31, 0.41),
            0.78,
            (1.22, 2.14, 3.02),
        ),
    ),
    "hatch": Car(
        Tub(
            3.76,
            1.67,
            top=(
                (0, 0.62),
                (0.04, 0.74),
                (0.18, 0.82),
                (0.5, 0.91),
                (0.85, 0.99),
                (2.2, 1.01),
                (3.5, 1.06),
                (3.68, 1.0),
                (3.76, 0.8),
            ),
            plan=(
                (0, 0.73),
                (0.06, 0.85),
                (0.28, 0.95),
                (0.7, 0.99),
                (1.9, 1.0),
                (3.1, 0.99),
                (3.55, 0.94),
                (3.7, 0.87),
                (3.76, 0.79),
            ),
            floor=((0, 0.3), (0.15, 0.22), (3.6, 0.22), (3.76, 0.34)),
            axles=(0.72, 3.2),
            wheel_m=0.29,
        ),
        Cabin(
            (0.82, 1.45),
            (3.68, 3.32),
            1.5,
            0.57,
            ((1.98, "glass"), (2.06, "plastic"), (2.8, "glass"), (2.88, "paint"), (3.4, "plastic")),
        ),
        Face(
            ((0.4, 0.64), (0.72, 0.69), (0.78, 0.86), (0.48, 0.77)),
            ((0.48, 0.74), (0.72, 0.74), (0.72, 0.98), (0.52, 0.98)),
            (0.34, 0.58, 0.7),
            (0.52, 0.29, 0.41),
            0.72,
            (1.1, 2.02, 2.85),
            bar="plastic",
            plate="plate_black",
        ),
    ),
    "suv": Car(
        Tub(
            4.8,
            1.86,
            top=(
                (0, 0.8),
                (0.04, 0.93),
                (0.18, 1.01),
                (0.6, 1.08),
                (1.2, 1.14),
                (2.8, 1.15),
                (4.55, 1.19),
                (4.72, 1.13),
                (4.8, 0.92),
            ),
            plan=(
                (0, 0.8),
                (0.06, 0.9),
                (0.28, 0.97),
                (0.8, 1.0),
                (2.4, 1.0),
                (4.1, 0.99),
                (4.6, 0.95),
                (4.75, 0.9),
                (4.8, 0.85),
            ),
            floor=((0, 0.4), (0.15, 0.31), (4.6, 0.31), (4.8, 0.42)),
            axles=(0.9, 3.72),
            wheel_m=0.37,
            sill="plastic",
        ),
        Cabin(
            (1.15, 1.75),
            (4.72, 4.42),
            1.79,
            0.68,
            ((2.35, "glass"), (2.43, "plastic"), (3.3, "glass"), (3.42, "paint"), (4.5, "glass")),
        ),
        Face(
            ((0.48, 0.82), (0.85, 0.86), (0.88, 1.0), (0.5, 0.95)),
            ((0.6, 0.86), (0.82, 0.86), (0.82, 1.1), (0.65, 1.1)),
            (0.45, 0.68, 0.92),
            (0.6, 0.4, 0.52),
            0.86,
            (1.48, 2.39, 3.36),
        ),
        _rails(2.0, 4.2, 0.6, 1.83),
    ),
    "pickup": Car(
        Tub(
            1.84,
            1.66,
            top=((0, 0.82), (0.04, 0.98), (0.15, 1.04), (0.45, 1.1), (1.8, 1.12), (1.84, 1.1)),
            plan=((0, 0.8), (0.06, 0.9), (0.25, 0.97), (0.6, 1.0), (1.84, 1.0)),
            floor=((0, 0.34), (0.15, 0.28), (1.84, 0.3)),
            axles=(0.68,),
            wheel_m=0.29,
            sill="plastic",
        ),
        Cabin((0.4, 0.9), (1.83, 1.78), 1.8, 0.64, ((1.4, "glass"), (1.6, "paint"))),
        Face(
            ((0.42, 0.68), (0.72, 0.7), (0.76, 0.9), (0.46, 0.86)),
            ((0.58, 0.62), (0.74, 0.62), (0.74, 0.7), (0.58, 0.7)),
            (0.36, 0.7, 0.84),
            (0.5, 0.36, 0.48),
            0.5,
            (0.85, 1.62),
            bar="plastic",
            plate="plate_black",
        ),
        _pickup_bed,
    ),
    "angkot": Car(
        Tub(
            4.1,
            1.65,
            top=(
                (0, 0.84),
                (0.04, 0.97),
                (0.15, 1.03),
                (0.4, 1.08),
                (2.0, 1.08),
                (3.95, 1.08),
                (4.05, 1.05),
                (4.1, 0.94),
            ),
            plan=(
                (0, 0.8),
                (0.06, 0.9),
                (0.25, 0.97),
                (0.6, 1.0),
                (3.4, 1.0),
                (3.9, 0.97),
                (4.05, 0.92),
                (4.1, 0.88),
            ),
            floor=((0, 0.34), (0.15, 0.26), (3.9, 0.26), (4.1, 0.36)),
            axles=(0.7, 3.05),
            wheel_m=0.28,
        ),
        Cabin(
            (0.36, 0.92),
            (4.07, 3.95),
            1.86,
            0.68,
            ((1.4, "glass"), (1.48, "paint"), (2.35, "glass"), (2.43, "paint"), (3.9, "glass")),
        ),
        Face(
            ((0.44, 0.7), (0.72, 0.72), (0.76, 0.9), (0.48, 0.88)),
            ((0.58, 0.66), (0.73, 0.66), (0.73, 0.98), (0.6, 0.98)),
            (0.38, 0.72, 0.84),
            (0.5, 0.36, 0.48),
            0.6,
            (0.78, 1.46),
            bar="plastic",
            plate="plate_yellow",
        ),
        _open_door,
    ),
}
"""Drawn by eye, each a class rather than a model: none is measured from a real car."""
