"""A shop-house's walls to the street: front, room, windows, balcony, what stands outside."""

import numpy as np

from scripts.twin.bake.lot import CONCRETE, FRAME, GLASS, GOODS, SIGNS, STEEL, STOREY_M, Lot
from scripts.twin.bake.solids import Model, Paint, shaded


def ground_floor(model: Model, lot: Lot, rng: np.random.Generator) -> None:
    """Add a shutter, a glass front or an open one, and the shop behind it."""
    w, high = lot.width_m / 2 - 0.3, STOREY_M - 0.5
    if lot.front == "shutter":
        half_open = rng.random() < 0.25
        tint = shaded(SIGNS[int(rng.integers(len(SIGNS)))], 0.5)
        if rng.random() < 0.7:
            tint = (0.33, 0.34, 0.34)
        low = 1.5 if half_open else 0.22
        model.block((-w, 0.1, low), (w, 0.16, high), Paint("shutter", tint))
        if half_open:
            _interior(model, lot, rng)
        return
    _interior(model, lot, rng)
    if lot.front == "glass":
        for k in range(4):
            x = -w + 2 * w * k / 3
            model.block((x - 0.04, 0.12, 0.22), (x + 0.04, 0.2, high), FRAME)
        model.block((-w, 0.12, 2.2), (w, 0.2, 2.28), FRAME)
        model.quad((-w, 0.16, 0.22), (w, 0.16, 0.22), (w, 0.16, high), (-w, 0.16, high), GLASS)
        if rng.random() < 0.6:
            tint = SIGNS[int(rng.integers(len(SIGNS)))]
            model.block((-w + 0.1, 0.1, 0.5), (-w * 0.4, 0.12, 1.5), Paint("plain", tint))
    elif rng.random() < 0.5:
        model.block((-w, -0.5, 0.2), (-w * 0.2, 0.1, 1.05), Paint("gloss", shaded(lot.sign, 0.8)))
        model.block((-w, -0.5, 1.05), (-w * 0.2, -0.47, 1.6), GLASS)


def _interior(model: Model, lot: Lot, rng: np.random.Generator) -> None:
    """Add a room behind the front: shelves of goods, a counter, a tube of light when lit."""
    w, deep, high = lot.width_m / 2 - 0.14, 4.0, STOREY_M - 0.3
    inside = Paint("plain", shaded((0.6, 0.6, 0.55), rng.uniform(0.6, 1.1)))
    model.quad((-w, deep, 0.2), (w, deep, 0.2), (w, deep, high), (-w, deep, high), inside)
    model.quad((-w, 0.3, high), (w, 0.3, high), (w, deep, high), (-w, deep, high), inside)
    floor = Paint("gloss", (0.4, 0.38, 0.34))
    model.quad((-w, 0.3, 0.22), (w, 0.3, 0.22), (w, deep, 0.22), (-w, deep, 0.22), floor)
    glow = float(rng.uniform(7, 13)) if lot.lit else 0.0
    tint = (0.85, 0.85, 0.8) if rng.random() < 0.7 else (0.85, 0.68, 0.42)
    for x in (-w * 0.45, w * 0.45):
        model.block(
            (x - 0.09, 1.0, high - 0.09), (x + 0.09, 2.6, high - 0.02), Paint("light", tint, glow)
        )
    if not lot.detailed:
        return
    for level in np.arange(0.5, 2.5, 0.5):
        model.block((-w + 0.05, deep - 0.4, level - 0.04), (w - 0.05, deep, level), FRAME)
        x = -w + 0.1
        while x < w - 0.35:
            wide, tall = float(rng.uniform(0.15, 0.5)), float(rng.uniform(0.15, 0.4))
            goods = Paint("plain", GOODS[int(rng.integers(len(GOODS)))])
            model.block((x, deep - 0.35, level), (x + wide, deep - 0.05, level + tall), goods)
            x += wide + float(rng.uniform(0.01, 0.12))
    model.block((-w * 0.5, 1.6, 0.22), (w * 0.6, 2.1, 1.15), Paint("gloss", shaded(lot.wall, 0.6)))


def upper_floor(model: Model, lot: Lot, rng: np.random.Generator, storey: int) -> None:
    """Add a storey's windows, ledge, balcony, air conditioner and downpipe."""
    base, w = STOREY_M * storey, lot.width_m / 2
    wall = Paint("wall", shaded(lot.wall, 0.85))
    model.block((-w, -0.35, base + 0.02), (w, 0.0, base + 0.14), wall)
    windows = 2 if lot.width_m < 5.5 else 3
    for k in range(windows):
        x = (k - (windows - 1) / 2) * lot.width_m / windows
        lit = lot.lit and rng.random() < 0.4
        _window(model, x, base, lit=lit, rng=rng)
    if storey == 1 and rng.random() < 0.4:
        _balcony(model, lot, base, rng)
    if rng.random() < 0.6:
        x = float(rng.uniform(-w + 0.6, w - 0.6))
        _air_conditioner(model, (x, -0.2, base + 0.75))
    if rng.random() < 0.5:
        model.tube(
            [(w - 0.12, -0.06, 0.2), (w - 0.12, -0.06, base + STOREY_M)],
            [0.05, 0.05],
            Paint("plain", (0.5, 0.5, 0.5)),
            6,
        )


def side_wall(lot: Lot, rng: np.random.Generator, text: Model) -> Model:
    """Return what a corner building shows to the side street, in that wall's own frame.

    The frame is like the building's: x along the wall, y into it, its middle at the origin.
    """
    model, w = Model(), lot.depth_m / 2
    for storey in range(1, lot.storeys):
        base = STOREY_M * storey
        for x in np.arange(-w + 1.4, w - 1.0, 2.3):
            _window(model, float(x), base, lit=lot.lit and rng.random() < 0.35, rng=rng)
        model.block(
            (-w, -0.3, base + 0.02), (w, 0.0, base + 0.14), Paint("wall", shaded(lot.wall, 0.85))
        )
        _air_conditioner(model, (float(rng.uniform(-w + 0.6, w - 0.6)), -0.2, base + 0.7))
    tall = 1.5
    size = min(
        tall * 0.5,
        (lot.depth_m - 1.6) / max(float(np.ptp(part.vertices[:, 0])) for part in text.parts),
    )
    model.block(
        (-w + 0.4, -0.03, 1.2), (w - 0.4, 0.0, 1.2 + tall), Paint("plain", shaded(lot.sign, 0.9))
    )
    model.place(text, (0, -0.04, 1.2 + tall / 2), 0.0, size)
    model.block((-w, -0.02, 0.0), (w, 0.0, 0.7), Paint("concrete", (0.3, 0.29, 0.27)))
    model.tube(
        [(w - 0.4, -0.07, 0.2), (w - 0.4, -0.07, STOREY_M * lot.storeys)],
        [0.055, 0.055],
        Paint("plain", (0.5, 0.5, 0.5)),
        6,
    )
    return model


def apron(lot: Lot, rng: np.random.Generator) -> Model:
    """Return what stands before the front: crates, chairs, gas bottles, a sandwich board."""
    model, w = Model(), lot.width_m / 2 - 0.4
    for _ in range(int(rng.integers(1, 5))):
        x, y = float(rng.uniform(-w, w)), float(rng.uniform(-1.3, -0.4))
        tint = GOODS[int(rng.integers(len(GOODS)))]
        kind, turn = int(rng.integers(4)), float(rng.uniform(0, 90))
        if kind == 0:
            for level in range(int(rng.integers(1, 4))):
                model.box((x, y, 0.16 + 0.3 * level), (0.5, 0.35, 0.28), Paint("gloss", tint), turn)
        elif kind == 1:
            model.box((x, y, 0.42), (0.4, 0.4, 0.04), Paint("gloss", tint), turn)
            model.box((x, y + 0.19, 0.65), (0.4, 0.03, 0.45), Paint("gloss", tint), turn)
            for dx in (-0.16, 0.16):
                model.box((x + dx, y, 0.2), (0.04, 0.36, 0.4), Paint("gloss", tint))
        elif kind == 2:
            green = Paint("gloss", (0.12, 0.32, 0.08))
            model.tube(
                [(x, y, 0.02), (x, y, 0.4), (x, y, 0.5), (x, y, 0.52)],
                [0.14, 0.14, 0.07, 0.0],
                green,
                10,
            )
        else:
            for lean in (-1.0, 1.0):
                foot, top = y + 0.25 * lean, y + 0.03 * lean
                model.quad(
                    (x - 0.3, foot, 0.02),
                    (x + 0.3, foot, 0.02),
                    (x + 0.3, top, 0.95),
                    (x - 0.3, top, 0.95),
                    Paint("plain", tint),
                )
    return model


def _window(model: Model, x: float, base: float, *, lit: bool, rng: np.random.Generator) -> None:
    low, high, half = base + 1.0, base + 2.5, 0.55
    model.block(
        (x - half - 0.07, -0.04, low - 0.07),
        (x + half + 0.07, 0.0, high + 0.07),
        Paint("plain", (0.55, 0.55, 0.52)),
    )
    back = (
        Paint("light", (0.22, 0.16, 0.085), 4.5 if rng.random() < 0.5 else 2.2)
        if lit
        else Paint("gloss", (0.018, 0.022, 0.025))
    )
    model.quad(
        (x - half, -0.05, low),
        (x + half, -0.05, low),
        (x + half, -0.05, high),
        (x - half, -0.05, high),
        back,
    )
    model.block((x - 0.03, -0.08, low), (x + 0.03, -0.04, high), FRAME)
    model.block((x - half, -0.08, high - 0.45), (x + half, -0.04, high - 0.4), FRAME)
    model.block((x - half - 0.2, -0.5, high + 0.12), (x + half + 0.2, 0.0, high + 0.2), CONCRETE)


def _balcony(model: Model, lot: Lot, base: float, rng: np.random.Generator) -> None:
    w = lot.width_m / 2 - 0.1
    model.block((-w, -1.0, base), (w, 0.0, base + 0.12), CONCRETE)
    paint = (
        Paint("metal", (0.12, 0.12, 0.13))
        if rng.random() < 0.6
        else Paint("plain", (0.6, 0.6, 0.58))
    )
    model.block((-w, -1.0, base + 0.95), (w, -0.95, base + 1.0), paint)
    for x in np.arange(-w, w + 0.01, 2 * w / 16):
        model.block(
            (float(x) - 0.012, -0.99, base + 0.1), (float(x) + 0.012, -0.96, base + 0.97), paint
        )
    if rng.random() < 0.6:
        for x in np.arange(-w + 0.3, w - 0.4, 0.45):
            cloth = GOODS[int(rng.integers(len(GOODS)))]
            drop = float(rng.uniform(0.4, 0.75))
            model.block(
                (float(x), -1.02, base + 1.0 - drop),
                (float(x) + 0.38, -1.0, base + 1.02),
                Paint("plain", cloth),
            )


def _air_conditioner(model: Model, at: tuple[float, float, float]) -> None:
    x, y, z = at
    model.box((x, y - 0.06, z), (0.8, 0.32, 0.55), Paint("plain", (0.58, 0.57, 0.52)))
    model.box((x + 0.12, y - 0.225, z), (0.44, 0.02, 0.44), Paint("plain", (0.05, 0.05, 0.05)))
    model.box((x, y + 0.06, z - 0.31), (0.9, 0.3, 0.04), STEEL)
