"""Roofs of shop-houses: tiles, or a flat roof with a tank and an aerial."""

import numpy as np

from scripts.twin.bake.lot import CONCRETE, FRAME, STEEL, STOREY_M, Lot
from scripts.twin.bake.solids import Model, Paint, Rgb, shaded


def roof(model: Model, lot: Lot, rng: np.random.Generator) -> None:
    """Add a ridge of tiles along the street, or a parapet around a flat roof."""
    w, d, top = lot.width_m / 2, lot.depth_m, STOREY_M * lot.storeys
    if lot.tiled:
        out, rise = 0.45, 0.42 * d / 2
        tint = shaded((0.26, 0.10, 0.055), rng.uniform(0.6, 1.15))
        tiles = Paint("tiles", tint)
        ridge = top + rise
        model.quad(
            (-w, -out, top - 0.1),
            (w, -out, top - 0.1),
            (w, d / 2, ridge),
            (-w, d / 2, ridge),
            tiles,
        )
        model.quad(
            (w, d + out, top - 0.1),
            (-w, d + out, top - 0.1),
            (-w, d / 2, ridge),
            (w, d / 2, ridge),
            tiles,
        )
        wall = Paint("wall", lot.wall)
        for x in (-w, w):
            model.polygon([(x, 0, top), (x, d, top), (x, d / 2, ridge - 0.1)], wall)
        model.block((-w, -out - 0.03, top - 0.22), (w, -out, top - 0.02), FRAME)
        return
    wall = Paint("wall", lot.wall)
    rail = float(rng.uniform(0.5, 1.1))
    for low, high in (
        ((-w, 0, top), (w, 0.15, top + rail)),
        ((-w, 0, top), (-w + 0.15, d, top + rail)),
        ((w - 0.15, 0, top), (w, d, top + rail)),
    ):
        model.block(low, high, wall)
    model.block((-w - 0.03, -0.12, top + rail), (w + 0.03, 0.2, top + rail + 0.1), CONCRETE)
    if rng.random() < 0.75:
        _water_tank(
            model, (float(rng.uniform(-w + 1, w - 1)), float(rng.uniform(1.5, d - 1.5)), top), rng
        )
    if rng.random() < 0.4:
        mast = (float(rng.uniform(-w + 0.5, w - 0.5)), 1.0, top)
        model.post(mast, 3.2, 0.025, STEEL)
        for k in range(5):
            model.box((mast[0], 1.0, top + 2.4 + 0.18 * k), (0.9 - 0.1 * k, 0.02, 0.02), STEEL)


def _water_tank(model: Model, at: tuple[float, float, float], rng: np.random.Generator) -> None:
    x, y, z = at
    tint: Rgb = ((0.62, 0.20, 0.02), (0.03, 0.14, 0.42), (0.55, 0.55, 0.52))[int(rng.integers(3))]
    for dx in (-0.45, 0.45):
        for dy in (-0.45, 0.45):
            model.post((x + dx, y + dy, z), 1.2, 0.05, STEEL)
    model.box((x, y, z + 1.22), (1.2, 1.2, 0.06), STEEL)
    model.tube(
        [(x, y, z + 1.25), (x, y, z + 2.5), (x, y, z + 2.75), (x, y, z + 2.8)],
        [0.52, 0.52, 0.3, 0.0],
        Paint("gloss", tint),
        16,
    )
