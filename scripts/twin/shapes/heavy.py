"""Buses and trucks; the origin is under the middle of the front bumper."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scripts.twin.shapes.bodywork import Cabin, Facing, Tub, decal, wheel
from scripts.twin.shapes.mesh import Mesh, Surface
from scripts.twin.shapes.solids import box, capsule, cylinder, ellipsoid, loft, rounded_box


@dataclass(frozen=True, slots=True)
class Bus:
    """A bus: sizes in metres, ``axles`` as distances behind the front, ``windows`` a side."""

    length_m: float
    width_m: float
    height_m: float
    axles: tuple[float, float]
    wheel_m: float
    windows: int
    stripe: str


BUSES: dict[str, Bus] = {
    "bus": Bus(11.5, 2.5, 3.1, (2.6, 8.7), 0.48, 7, "white"),
    "midibus": Bus(7.5, 2.1, 2.65, (1.75, 5.7), 0.4, 4, "blue"),
}


def build_bus(name: str) -> Mesh:
    """Return the mesh of one of ``BUSES``."""
    bus = BUSES[name]
    mesh = Mesh()
    length, high, half = bus.length_m, bus.height_m, bus.width_m / 2
    mesh.add(_coach(bus), "paint")
    mesh.add(box((-length / 2, 0, 0.42), (length * 0.94, half * 1.7, 0.2)), "dark")
    _side_windows(mesh, bus)
    _panel(mesh, "front", (half * 0.97, high * 0.37, high * 0.81), "glass", (10, 4))
    _panel(mesh, "front", (half * 0.72, high * 0.84, high * 0.92), "black", (4, 2))
    _panel(mesh, "front", (half * 0.7, high * 0.3, high * 0.345), "plastic", (4, 1))
    _panel(mesh, "front", (half * 0.9, 0.36, 0.52), "plastic", (6, 1))
    _panel(mesh, "front", (0.23, 0.56, 0.68), "plate_yellow", (2, 1))
    _panel(mesh, "rear", (half * 0.76, high * 0.54, high * 0.8), "glass", (4, 3))
    _panel(mesh, "rear", (half * 0.88, 0.38, 0.54), "plastic", (4, 1))
    _panel(mesh, "rear", (half * 0.55, high * 0.27, high * 0.42), "plastic", (4, 1))
    _panel(mesh, "rear", (0.23, 0.6, 0.72), "plate_yellow", (2, 1))
    _bus_lamps(mesh, bus)
    _wheels(mesh, bus.axles, half, bus.wheel_m)
    mesh.add(rounded_box((-length * 0.55, 0, high + 0.08), (1.9, half * 1.1, 0.2), 0.07), "white")
    top = high * 0.8
    mesh.add_pair(capsule((-0.3, half - 0.1, top), (0.12, half + 0.1, top - 0.1), 0.025), "plastic")
    mesh.add_pair(rounded_box((0.12, half + 0.12, top - 0.3), (0.1, 0.16, 0.36), 0.04), "plastic")
    return mesh


def _coach(bus: Bus) -> Surface:
    """Return the shell: a rounded cross-section, raked and narrowed at the ends."""
    half, floor, roof = bus.width_m / 2, 0.34, bus.height_m
    section = [
        (0.0, floor),
        (0.93, floor),
        (1.0, floor + 0.12),
        (1.0, roof * 0.42),
        (0.985, roof * 0.8),
        (0.95, roof - 0.16),
        (0.86, roof - 0.05),
        (0.6, roof),
        (0.0, roof + 0.02),
    ]
    outline = np.array(section + [(-y, z) for y, z in reversed(section[1:-1])])
    rings = []
    for s, narrow, rake in (
        (0.0, 0.84, 1.0),
        (0.06, 0.93, 1.0),
        (0.3, 1.0, 0.8),
        (0.8, 1.0, 0.0),
        (bus.length_m - 0.3, 1.0, 0.0),
        (bus.length_m - 0.05, 0.95, 0.0),
        (bus.length_m, 0.86, 0.0),
    ):
        height = (outline[:, 1] - floor) / (roof - floor)
        x = -s - rake * 0.3 * np.clip(height - 0.35, 0, 1) ** 2
        rings.append(np.stack([x, outline[:, 0] * half * narrow, outline[:, 1]], axis=1))
    return loft(np.stack(rings), crease_deg=50)


def _panel(
    mesh: Mesh,
    facing: Facing,
    extent: tuple[float, float, float],
    material: str,
    cells: tuple[int, int],
) -> None:
    """Lay a decal over the middle of an end: ``extent`` is its half width, lowest and highest."""
    half, low, high = extent
    decal(
        mesh,
        facing,
        ((-half, low), (half, low), (half, high), (-half, high)),
        material,
        cells=cells,
    )


def _side_windows(mesh: Mesh, bus: Bus) -> None:
    low, top = bus.height_m * 0.47, bus.height_m * 0.8
    first, last = 1.25, bus.length_m - 0.4
    pitch = (last - first) / bus.windows
    sides: tuple[Facing, ...] = ("left", "right")
    for facing in sides:
        _strip(mesh, facing, (0.42, 1.1), (low - 0.12, top), "glass")
        for number in range(bus.windows):
            start = first + pitch * number
            _strip(mesh, facing, (start + 0.04, start + pitch - 0.04), (low, top), "glass")
        stripe = bus.height_m * 0.36
        for start, end in ((0.45, bus.length_m / 2), (bus.length_m / 2, bus.length_m - 0.3)):
            _strip(mesh, facing, (start, end), (stripe, stripe + 0.2), bus.stripe)
    door = bus.length_m * 0.5
    for start in (1.15, door):
        _strip(mesh, "left", (start, start + 0.025), (0.42, top), "dark")
        _strip(mesh, "left", (start + 0.8, start + 0.825), (0.42, top), "dark")


def _strip(
    mesh: Mesh, facing: Facing, s: tuple[float, float], z: tuple[float, float], material: str
) -> None:
    corners = ((s[0], z[0]), (s[1], z[0]), (s[1], z[1]), (s[0], z[1]))
    decal(mesh, facing, corners, material, cells=(1, 1))


def _bus_lamps(mesh: Mesh, bus: Bus) -> None:
    half, z = bus.width_m / 2, bus.height_m * 0.25
    mesh.add_pair(ellipsoid((-0.07, half * 0.7, z), (0.09, half * 0.2, 0.1)), "head_lamp")
    end = -bus.length_m
    mesh.add_pair(box((end + 0.01, half * 0.78, z + 0.1), (0.06, 0.17, 0.4)), "tail_lamp")
    mesh.add_pair(box((end + 0.01, half * 0.78, z + 0.38), (0.06, 0.17, 0.13)), "indicator")
    for side in (1.0, -1.0):
        mesh.head_lamps.append((0.0, side * half * 0.7, z))


def _wheels(mesh: Mesh, axles: tuple[float, float], half_m: float, radius: float) -> None:
    """Add wheels, twin ones behind, in dark housings flush with the sides."""
    for axle, width in zip(axles, (0.26, 0.5), strict=True):
        mesh.add_pair(*wheel(axle, half_m + 0.015, radius, width, spoked=False))
        housing = cylinder(
            (-axle, half_m - 0.13, radius * 1.25), radius * 1.15, 0.27, "y", around=18
        )
        mesh.add_pair(housing, "dark")


@dataclass(frozen=True, slots=True)
class Truck:
    """A truck: ``bed`` adds what stands on the frame behind the cab."""

    length_m: float
    bed: Callable[[Mesh, float, float], None]


TRUCK_WIDTH_M, CAB_M, TRUCK_WHEEL_M = 2.0, 1.7, 0.39
_CAB = Tub(
    CAB_M,
    1.9,
    top=((0, 0.98), (0.04, 1.2), (0.12, 1.3), (1.6, 1.34), (CAB_M, 1.3)),
    plan=((0, 0.86), (0.05, 0.94), (0.2, 0.99), (0.5, 1.0), (1.6, 1.0), (CAB_M, 0.97)),
    floor=((0, 0.42), (0.1, 0.4), (CAB_M, 0.45)),
    axles=(0.95,),
    wheel_m=TRUCK_WHEEL_M,
    crown_m=0.02,
    sill="plastic",
)
_CAB_TOP = Cabin(
    (0.1, 0.36),
    (1.66, 1.62),
    2.1,
    0.8,
    ((1.15, "glass"), (1.25, "paint")),
    rear_pane="paint",
    base=0.95,
)


def build_truck(name: str) -> Mesh:
    """Return the mesh of one of ``TRUCKS``."""
    truck = TRUCKS[name]
    mesh = Mesh()
    length, half = truck.length_m, TRUCK_WIDTH_M / 2
    mesh.add(*_CAB.surface())
    mesh.add(*_CAB_TOP.surface(_CAB))
    _cab_face(mesh)
    mesh.add(box((-length / 2 - 0.3, 0, 0.66), (length - 0.9, 0.85, 0.24)), "dark")
    truck.bed(mesh, CAB_M + 0.12, length)
    rear = length - 1.5
    mesh.add_pair(*wheel(0.95, half - 0.06, TRUCK_WHEEL_M, 0.22, spoked=False))
    mesh.add_pair(*wheel(rear, half - 0.04, TRUCK_WHEEL_M, 0.45, spoked=False))
    mesh.add_pair(box((-rear - 0.5, half - 0.28, 0.55), (0.03, 0.46, 0.4)), "rubber")
    mesh.add_pair(box((-length / 2 - 0.2, half - 0.1, 0.62), (1.2, 0.03, 0.16)), "grey_plastic")
    mesh.add(box((-length + 0.03, 0, 0.56), (0.08, half * 1.8, 0.12)), "plastic")
    mesh.add_pair(box((-length + 0.02, half * 0.76, 0.72), (0.08, 0.32, 0.13)), "tail_lamp")
    mesh.add(box((-length - 0.02, 0, 0.56), (0.02, 0.44, 0.13)), "plate_yellow")
    for side in (1.0, -1.0):
        mesh.head_lamps.append((0.0, side * 0.7, 0.76))
    return mesh


def _cab_face(mesh: Mesh) -> None:
    """Add grille, bumper, lamps, plate, mirrors and doors of the cab."""
    _panel(mesh, "front", (0.55, 0.92, 1.06), "plastic", (4, 2))
    mesh.add(rounded_box((-0.06, 0, 0.54), (0.16, 1.84, 0.26), 0.05), "grey_plastic")
    mesh.add(box((0.03, 0, 0.54), (0.02, 0.44, 0.13)), "plate_yellow")
    mesh.add_pair(ellipsoid((-0.05, 0.7, 0.78), (0.08, 0.19, 0.11)), "head_lamp")
    mesh.add_pair(box((-0.07, 0.82, 1.0), (0.06, 0.1, 0.12)), "indicator")
    sides: tuple[Facing, ...] = ("left", "right")
    for facing in sides:
        for s in (0.42, 1.3):
            _strip(mesh, facing, (s, s + 0.02), (0.95, 1.26), "dark")
        _strip(mesh, facing, (1.1, 1.25), (1.16, 1.2), "plastic")
    mesh.add_pair(capsule((-0.35, 0.9, 1.7), (-0.1, 1.1, 1.68), 0.018, around=6), "plastic")
    mesh.add_pair(rounded_box((-0.1, 1.12, 1.54), (0.07, 0.18, 0.36), 0.03), "plastic")


def _box_bed(mesh: Mesh, start: float, end: float) -> None:
    middle, long, half = -(start + end) / 2, end - start, TRUCK_WIDTH_M / 2
    mesh.add(rounded_box((middle, 0, 1.96), (long, TRUCK_WIDTH_M, 2.2), 0.04, steps=1), "white")
    mesh.add_pair(box((middle, half, 2.05), (long * 0.7, 0.015, 0.42)), "paint")
    mesh.add_pair(box((middle, half, 0.93), (long, 0.02, 0.1)), "steel")
    for y in (-0.02, 0.02):
        mesh.add(box((-end, y * 24, 1.96), (0.03, 0.03, 2.1)), "steel")
    mesh.add(box((-end, 0, 1.96), (0.02, 0.02, 2.1)), "dark")


def _sides(mesh: Mesh, start: float, end: float, height: float, material: str) -> None:
    """Add a flat bed with boards around it, ``height`` metres high, and posts outside."""
    middle, long, half = -(start + end) / 2, end - start, TRUCK_WIDTH_M / 2
    base = 0.9
    mesh.add(box((middle, 0, base - 0.06), (long, TRUCK_WIDTH_M, 0.12)), "wood")
    board = base + height / 2
    mesh.add_pair(box((middle, half - 0.03, board), (long, 0.06, height)), material)
    for s, high in ((start + 0.03, height + 0.35), (end - 0.03, height)):
        mesh.add(box((-s, 0, base + high / 2), (0.06, TRUCK_WIDTH_M, high)), material)
    for s in np.linspace(start + 0.1, end - 0.1, 6):
        mesh.add_pair(box((-s, half + 0.015, board), (0.07, 0.04, height)), "steel")


def _tarp_bed(mesh: Mesh, start: float, end: float) -> None:
    _sides(mesh, start, end, 0.75, "paint")
    half = TRUCK_WIDTH_M / 2
    section = [(1.03, 1.25), (1.0, 1.9), (0.86, 2.28), (0.45, 2.45), (0.0, 2.5)]
    outline = section + [(-y, z) for y, z in reversed(section[:-1])]
    rings = [
        [(-s, y * half, z - sag * (1.0 if z > 1.5 else 0.0)) for y, z in outline]
        for s, sag in zip(
            np.linspace(start + 0.02, end + 0.02, 7),
            (0.12, 0.0, 0.08, 0.0, 0.08, 0.0, 0.12),
            strict=True,
        )
    ]
    mesh.add(loft(np.array(rings), crease_deg=30), "blue_tarp")


def _open_bed(mesh: Mesh, start: float, end: float) -> None:
    _sides(mesh, start, end, 0.85, "paint")
    long = end - start
    sacks = np.random.default_rng(7)
    for row in range(5):
        for y in (-0.6, 0.0, 0.6):
            turn = float(sacks.uniform(-12, 12))
            sack = ellipsoid((0, 0, 0), (long * 0.11, 0.32, 0.24), around=7, rows=4)
            at = (-start - long * (0.1 + 0.2 * row), y, 1.62 + float(sacks.uniform(-0.08, 0.08)))
            mesh.add(sack.turned(2, turn).moved(at), "sand")
    mesh.add(box((-(start + end) / 2, 0, 1.4), (long * 0.96, 1.8, 0.3)), "sand")


def _dump_bed(mesh: Mesh, start: float, end: float) -> None:
    middle, long, half = -(start + end) / 2, end - start, TRUCK_WIDTH_M / 2
    tray = box((middle, 0, 1.42), (long, TRUCK_WIDTH_M, 0.95), top=(1.0, 1.06))
    mesh.add(tray, "paint")
    for s in np.linspace(start + 0.15, end - 0.15, 5):
        mesh.add_pair(box((-s, half + 0.02, 1.4), (0.12, 0.08, 0.9)), "paint")
    mesh.add_pair(box((middle, half + 0.06, 1.86), (long, 0.09, 0.1)), "paint")
    mesh.add(box((-start + 0.35, 0, 2.2), (0.9, TRUCK_WIDTH_M * 0.95, 0.06)), "paint")
    mesh.add(box((-start - 0.05, 0, 2.0), (0.06, TRUCK_WIDTH_M * 0.95, 0.4)), "paint")
    heap = ellipsoid((middle, 0, 1.86), (long * 0.44, half * 0.86, 0.36), around=12, rows=6)
    mesh.add(heap, "sand")


TRUCKS: dict[str, Truck] = {
    "truck_box": Truck(6.2, _box_bed),
    "truck_tarp": Truck(6.4, _tarp_bed),
    "truck_open": Truck(6.0, _open_bed),
    "truck_dump": Truck(6.6, _dump_bed),
}
