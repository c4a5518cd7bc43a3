"""Indonesian shop-houses (ruko): open shops below, homes above, signs, awnings, tanks, stains.

A building's own frame: x along its front, y into it, z up; its front's middle at the origin.
"""

from collections.abc import Callable

import numpy as np

from scripts.twin.bake.facade import ground_floor, upper_floor
from scripts.twin.bake.lot import CONCRETE, SIGNS, STEEL, STOREY_M, Lot
from scripts.twin.bake.roofs import roof
from scripts.twin.bake.solids import Model, Paint, Rgb, shaded

Lettering = Callable[[str], Model]
"""Returns a line of text as flat faces: 1 m high, centred, upright in the x-z plane facing -y."""


def shop_house(lot: Lot, rng: np.random.Generator, lettering: Lettering) -> Model:
    """Return a whole building."""
    model = Model()
    _body(model, lot)
    ground_floor(model, lot, rng)
    for storey in range(1, lot.storeys):
        upper_floor(model, lot, rng, storey)
    roof(model, lot, rng)
    _sign(model, lot, rng, lettering)
    if rng.random() < 0.7:
        _awning(model, lot, rng)
    return model


def _body(model: Model, lot: Lot) -> None:
    """Add walls; the ground floor stands open at its front."""
    w, d, wall = lot.width_m / 2, lot.depth_m, Paint("wall", lot.wall)
    top = STOREY_M * lot.storeys
    model.block((-w, 0, STOREY_M - 0.5), (w, 0.18, STOREY_M), wall)
    model.block((-w, 0, 0), (-w + 0.3, 0.3, STOREY_M), wall)
    model.block((w - 0.3, 0, 0), (w, 0.3, STOREY_M), wall)
    model.block((-w, 0.18, 0), (-w + 0.12, d, STOREY_M), wall)
    model.block((w - 0.12, 0.18, 0), (w, d, STOREY_M), wall)
    model.block((-w, d - 0.12, 0), (w, d, STOREY_M), wall)
    if lot.storeys > 1:
        model.block((-w, 0, STOREY_M), (w, d, top), wall)
    else:
        model.block((-w, 0, STOREY_M), (w, d, STOREY_M + 0.15), CONCRETE)
    model.block((-w, -0.02, 0), (w, 0.3, 0.22), CONCRETE)


def _sign(model: Model, lot: Lot, rng: np.random.Generator, lettering: Lettering) -> None:
    """Add the board over the front, and sometimes a box of light that stands out from it."""
    w, glow = lot.width_m / 2, 0.0
    if lot.lit and rng.random() < 0.7:
        glow = float(rng.uniform(0.7, 1.6))
    board = Paint("light", lot.sign, glow)
    low, high = STOREY_M - 0.25, STOREY_M + float(rng.choice([0.55, 0.75, 0.95]))
    model.block((-w + 0.1, -0.28, low), (w - 0.1, -0.12, high), board)
    letters = _inked(lettering(lot.text), lot.sign, glow, rng)
    size = min((high - low) * 0.62, (lot.width_m - 0.7) / _width(letters))
    model.place(letters, (0, -0.29, (low + high) / 2), 0.0, size)
    if lot.detailed and rng.random() < 0.4:
        tint = SIGNS[int(rng.integers(len(SIGNS)))]
        letters = _inked(lettering(lot.text.split()[0]), tint, glow, rng)
        _light_box(model, w - 0.2, letters, Paint("light", tint, glow))


def _inked(text: Model, board: Rgb, glow: float, rng: np.random.Generator) -> Model:
    """Return lettering in a colour that stands out from its board."""
    bright = max(board) > 0.55 and board[1] > 0.4
    inks: tuple[Rgb, ...] = ((0.03, 0.02, 0.05),) if bright else ((0.75,) * 3, (0.75, 0.62, 0.08))
    paint = Paint("letters", inks[int(rng.integers(len(inks)))], glow)
    model = Model()
    for part in text.parts:
        model.add(part.vertices, part.faces, paint)
    return model


def _width(letters: Model) -> float:
    return max(float(np.ptp(part.vertices[:, 0])) for part in letters.parts)


def _light_box(model: Model, x: float, letters: Model, board: Paint) -> None:
    """Add a lettered box that stands out from the front, to be read along the street."""
    low, high = STOREY_M + 1.1, STOREY_M + 2.2
    model.block((x - 0.08, -1.05, low), (x + 0.08, -0.3, high), board)
    model.block((x - 0.03, -0.4, low + 0.6), (x + 0.03, 0.0, low + 0.66), STEEL)
    size = min(0.3, 0.66 / _width(letters))
    for side, heading in ((0.085, 90.0), (-0.085, 270.0)):
        for line in (0.3, 0.8):
            model.place(letters, (x + side, -0.675, low + line), heading, size)


def _awning(model: Model, lot: Lot, rng: np.random.Generator) -> None:
    """Add a sloping awning on thin posts: striped cloth, corrugated sheet, or blue tarpaulin."""
    w, out = lot.width_m / 2 - 0.1, float(rng.uniform(1.2, 2.1))
    back, front = STOREY_M - 0.35, STOREY_M - 0.9
    kind = rng.random()
    stripes = 10 if kind < 0.4 else 1
    first = shaded(SIGNS[int(rng.integers(len(SIGNS)))], 0.75)
    for k in range(stripes):
        a, b = -w + 2 * w * k / stripes, -w + 2 * w * (k + 1) / stripes
        tint = (0.55, 0.54, 0.5) if k % 2 else first
        paint = Paint("plain", tint) if kind < 0.7 else Paint("shutter", (0.3, 0.29, 0.27))
        model.quad((a, -out, front), (b, -out, front), (b, -0.1, back), (a, -0.1, back), paint)
        if kind < 0.7:
            model.quad(
                (a, -out, front - 0.2),
                (b, -out, front - 0.2),
                (b, -out, front),
                (a, -out, front),
                paint,
            )
    if out > 1.6:
        for x in (-w, w):
            model.post((x, -out + 0.05, 0.15), front - 0.15, 0.03, STEEL)
