"""Rubbish and street things; the middle of the footprint is the origin. Lengths in metres."""

from collections.abc import Callable

import numpy as np

from scripts.twin.shapes.mesh import Mesh, Surface
from scripts.twin.shapes.solids import (
    box,
    capsule,
    cylinder,
    ellipsoid,
    lathe,
    loft,
    per_quad,
    rounded_box,
)


def _bag(seed: int, size: tuple[float, float, float]) -> Surface:
    """Return a tied bag: a creased sack, flat below, with a knot; ``size`` are its outer sizes."""
    random = np.random.default_rng(seed)
    turn = np.arange(12) * np.pi / 6
    rings = []
    for z, reach in (
        (0.0, 0.72),
        (0.1, 0.95),
        (0.35, 1.0),
        (0.6, 0.86),
        (0.78, 0.5),
        (0.86, 0.13),
        (0.93, 0.2),
        (1.0, 0.26),
    ):
        rough = 1 + random.uniform(-0.1, 0.1, len(turn)) * (0.4 if z == 0 else 1.0)
        lift = random.uniform(-0.03, 0.03, len(turn)) * (0 < z < 1)
        x, y = np.cos(turn) * reach * rough / 2, np.sin(turn) * reach * rough / 2
        rings.append(np.stack([x, y, np.full(len(turn), z) + lift], axis=1))
    return loft(np.stack(rings), crease_deg=25).scaled(size)


def _black_bag() -> Mesh:
    mesh = Mesh()
    mesh.add(_bag(1, (0.62, 0.55, 0.58)), "black_bag")
    return mesh


def _white_bag() -> Mesh:
    mesh = Mesh()
    mesh.add(_bag(2, (0.46, 0.42, 0.44)), "white_bag")
    return mesh


def _torn_bag() -> Mesh:
    mesh = Mesh()
    mesh.add(_bag(3, (0.75, 0.6, 0.34)), "black_bag")
    _scatter(mesh, 4, 22, (0.12, 0.62))
    return mesh


def _scatter(mesh: Mesh, seed: int, count: int, reach: tuple[float, float]) -> None:
    """Add bits of rubbish between two distances from the origin."""
    random = np.random.default_rng(seed)
    materials = ("paper", "white_bag", "peel", "red_plastic", "clear_plastic", "blue_plastic")
    for number in range(count):
        angle, away = random.uniform(0, 2 * np.pi), random.uniform(*reach)
        size = random.uniform((0.05, 0.04, 0.012), (0.17, 0.11, 0.06))
        bit = box((0, 0, 0), size, top=tuple(random.uniform(0.3, 1.0, 2)))
        bit = bit.turned(2, float(random.uniform(0, 360)))
        at = (away * np.cos(angle), away * np.sin(angle), size[2] / 2)
        mesh.add(bit.moved(at), materials[number % len(materials)])


def _litter() -> Mesh:
    mesh = Mesh()
    _scatter(mesh, 5, 26, (0.0, 0.6))
    for x, y, turn in ((0.2, 0.1, 30.0), (-0.25, 0.2, 100.0), (0.05, -0.35, 200.0)):
        bottle = lathe(
            [(0.028, -0.11), (0.032, -0.1), (0.032, 0.05), (0.012, 0.1), (0.012, 0.13)],
            (0, 0, 0),
            "x",
            around=8,
        )
        mesh.add(bottle.turned(2, turn).moved((x, y, 0.032)), "clear_plastic")
    return mesh


def _cardboard_box() -> Mesh:
    mesh = Mesh()
    mesh.add(box((0, 0, 0.17), (0.5, 0.38, 0.34)), "cardboard")
    mesh.add(box((0, 0, 0.342), (0.46, 0.34, 0.006)), "dark")
    for side in (1.0, -1.0):
        flap = box((0, 0.09, 0), (0.48, 0.18, 0.01)).turned(0, 35).moved((0, 0.19, 0.34))
        mesh.add(flap if side > 0 else flap.mirrored(), "cardboard")
    return mesh


def _bin_body(mesh: Mesh) -> None:
    body = box((0, 0, 0.5), (0.44, 0.42, 0.84), top=(1.22, 1.2))
    mesh.add(body, "green_plastic")
    mesh.add(box((0, 0, 0.91), (0.58, 0.55, 0.05)), "green_plastic")
    mesh.add(box((0.225, 0, 0.55), (0.02, 0.26, 0.2)).turned(1, -3), "reflective")
    mesh.add_pair(cylinder((-0.2, 0.22, 0.1), 0.1, 0.05, "y", around=12), "rubber")
    mesh.add(capsule((-0.32, -0.2, 0.93), (-0.32, 0.2, 0.93), 0.018, around=6), "plastic")


def _bin() -> Mesh:
    mesh = Mesh()
    _bin_body(mesh)
    lid = rounded_box((0.0, 0, 0.96), (0.6, 0.56, 0.1), 0.045)
    mesh.add(lid, "green_plastic")
    return mesh


def _overflowing_bin() -> Mesh:
    mesh = Mesh()
    _bin_body(mesh)
    lid = rounded_box((0, 0, 0), (0.06, 0.56, 0.58), 0.03).turned(1, -18)
    mesh.add(lid.moved((-0.38, 0, 1.18)), "green_plastic")
    bags = (
        (6, (0.42, 0.4, 0.4), (0.08, 0.08, 0.9), "black_bag"),
        (7, (0.34, 0.3, 0.36), (-0.1, -0.12, 0.92), "white_bag"),
        (8, (0.3, 0.3, 0.3), (0.1, -0.16, 0.92), "black_bag"),
        (9, (0.5, 0.46, 0.42), (0.45, 0.2, 0.0), "black_bag"),
        (10, (0.4, 0.36, 0.34), (0.35, -0.35, 0.0), "white_bag"),
    )
    for seed, size, at, material in bags:
        mesh.add(_bag(seed, size).moved(at), material)
    _scatter(mesh, 11, 12, (0.4, 0.7))
    return mesh


def _spoked(mesh: Mesh, x: float, y: float, radius: float) -> None:
    tyre = lathe(
        [
            (radius * 0.86, -0.03),
            (radius, -0.025),
            (radius, 0.025),
            (radius * 0.86, 0.03),
            (radius * 0.2, 0.03),
        ],
        (x, y, radius),
        "y",
        around=16,
    )
    spokes = ["wood" if sector % 2 else "dark" for sector in range(16)]
    mesh.add_pair(tyre, per_quad(["rubber"] * 48 + spokes, "wood", 16))


def _street_stall() -> Mesh:
    """Return a food cart with a glass case, a roof, and an umbrella beside it."""
    mesh = Mesh()
    mesh.add(box((0, 0, 0.66), (1.5, 0.75, 0.62)), "blue")
    mesh.add(box((0, 0, 0.99), (1.62, 0.85, 0.05)), "wood")
    mesh.add_pair(box((0, 0.378, 0.68), (1.2, 0.01, 0.3)), "white")
    mesh.add(box((-0.25, 0, 1.25), (0.85, 0.6, 0.46)), "glass")
    mesh.add(box((-0.25, 0, 1.5), (0.9, 0.66, 0.04)), "alloy")
    mesh.add(cylinder((0.45, 0.05, 1.1), 0.17, 0.2, "z", around=12), "alloy")
    for x in (-0.72, 0.72):
        mesh.add_pair(box((x, 0.34, 1.5), (0.04, 0.04, 1.0)), "wood")
    mesh.add(box((0, 0, 2.03), (1.85, 1.15, 0.06), top=(0.8, 0.7)), "red")
    mesh.add_pair(box((0, 0.575, 1.93), (1.84, 0.012, 0.16)), "white")
    _spoked(mesh, 0.35, 0.42, 0.3)
    mesh.add_pair(box((-0.65, 0.3, 0.18), (0.05, 0.05, 0.36)), "wood")
    mesh.add_pair(capsule((-0.75, 0.3, 0.9), (-1.15, 0.3, 0.92), 0.022, around=6), "wood")
    _umbrella(mesh, (0.5, 1.0))
    stool = cylinder((-0.4, 0.95, 0.4), 0.16, 0.04, "z", around=10)
    mesh.add(stool, "red_plastic")
    mesh.add(cylinder((-0.4, 0.95, 0.19), 0.11, 0.38, "z", around=8), "red_plastic")
    return mesh


def _umbrella(mesh: Mesh, at: tuple[float, float]) -> None:
    x, y = at
    mesh.add(cylinder((x, y, 1.15), 0.02, 2.3, "z", around=6), "steel")
    mesh.add(cylinder((x, y, 0.05), 0.18, 0.1, "z", around=10), "plastic")
    canopy = lathe(
        [
            (0.98, 1.88),
            (1.0, 1.9),
            (0.55, 2.2),
            (0.03, 2.36),
            (0.02, 2.33),
            (0.53, 2.16),
            (0.98, 1.88),
        ],
        (x, y, 0),
        "z",
        around=12,
        crease_deg=20,
    )
    gores = [("orange_plastic", "white")[sector // 2 % 2] for sector in range(12)]
    mesh.add(canopy, per_quad(gores * 6, "steel", 12))


def _cart() -> Mesh:
    """Return a rubbish cart: an open wooden crate on two wheels, heaped, with a drawbar."""
    mesh = Mesh()
    _crate(mesh, (1.5, 0.95), (0.42, 1.1))
    _spoked(mesh, -0.1, 0.53, 0.34)
    mesh.add_pair(capsule((0.7, 0.36, 0.5), (1.45, 0.36, 0.72), 0.024, around=6), "steel")
    mesh.add(capsule((1.45, -0.36, 0.72), (1.45, 0.36, 0.72), 0.024, around=6), "steel")
    mesh.add(box((0.62, 0, 0.21), (0.05, 0.05, 0.42)), "steel")
    mesh.add(ellipsoid((0, 0, 1.02), (0.68, 0.42, 0.2)), "sand")
    bags = (
        (12, (0.5, 0.45, 0.4), (0.35, 0.1, 1.0), "black_bag"),
        (13, (0.45, 0.4, 0.4), (-0.3, -0.15, 1.0), "white_bag"),
        (14, (0.5, 0.45, 0.36), (-0.2, 0.2, 1.02), "black_bag"),
    )
    for seed, size, at, material in bags:
        mesh.add(_bag(seed, size).moved(at), material)
    mesh.add(box((0.2, -0.25, 1.16), (0.35, 0.25, 0.2)).turned(0, 8), "cardboard")
    return mesh


def _crate(mesh: Mesh, size: tuple[float, float], heights: tuple[float, float]) -> None:
    long, wide = size
    low, high = heights
    middle, tall = (low + high) / 2, high - low
    mesh.add(box((0, 0, low), (long, wide, 0.05)), "wood")
    mesh.add_pair(box((0, wide / 2, middle), (long, 0.03, tall)), "orange_plastic")
    for x in (-long / 2, long / 2):
        mesh.add(box((x, 0, middle), (0.03, wide, tall)), "orange_plastic")
        mesh.add_pair(box((x, wide / 2, middle), (0.06, 0.06, tall + 0.06)), "steel")


def _cone() -> Mesh:
    mesh = Mesh()
    mesh.add(box((0, 0, 0.02), (0.38, 0.38, 0.04)), "plastic")
    edges = ((0.14, 0.04), (0.108, 0.26), (0.108, 0.26), (0.078, 0.46), (0.078, 0.46), (0.03, 0.72))
    cone = lathe(edges, (0, 0, 0), "z", around=12)
    bands = ["orange_plastic", "reflective", "reflective", "reflective", "orange_plastic"]
    mesh.add(cone, per_quad([band for band in bands for _ in range(12)], "orange_plastic", 12))
    return mesh


def _barrier() -> Mesh:
    """Return a road worker's barrier: two striped boards on A-frames."""
    mesh = Mesh()
    for x in (-0.62, 0.62):
        mesh.add_pair(capsule((x, 0.28, 0.03), (x, 0.03, 1.02), 0.025, around=6), "steel")
    for z in (0.55, 0.86):
        for stripe in range(8):
            material = "reflective" if stripe % 2 else "red_plastic"
            mesh.add(box((-0.7 + 0.2 * stripe, 0, z), (0.2, 0.12, 0.2)), material)
    return mesh


THINGS: dict[str, Callable[[], Mesh]] = {
    "rubbish_bag_black": _black_bag,
    "rubbish_bag_white": _white_bag,
    "rubbish_bag_torn": _torn_bag,
    "cardboard_box": _cardboard_box,
    "bottle_litter": _litter,
    "bin": _bin,
    "bin_overflowing": _overflowing_bin,
    "street_stall": _street_stall,
    "cart": _cart,
    "cone": _cone,
    "barrier": _barrier,
}
