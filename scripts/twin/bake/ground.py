"""The ground's shape: which sheets cover it, pavements raised behind kerbs, and kerb stones."""

from itertools import pairwise

import numpy as np

from scripts.twin.bake.sheets import EDGE_M, Sheet
from scripts.twin.bake.solids import Model, Paint
from scripts.twin.world import KERB_RADIUS_M, PAVEMENT_HEIGHT_M, ROAD_HALF_WIDTH_M

KERB_STONE_M = 0.75
KERB_WIDTH_M = 0.24

_BLACK = Paint("plain", (0.025, 0.025, 0.026))
_WHITE = Paint("plain", (0.52, 0.52, 0.49))
_CONCRETE = Paint("concrete", (0.3, 0.29, 0.27))
_ARC_STONES = 11

SHEETS = {
    "junction": (
        Sheet("centre", (-EDGE_M, -EDGE_M), (EDGE_M, EDGE_M), 0.02),
        Sheet("south", (-EDGE_M, -85.0), (EDGE_M, -EDGE_M), 0.025),
        Sheet("south-far", (-EDGE_M, -460.0), (EDGE_M, -85.0), 0.1),
        Sheet("north", (-EDGE_M, EDGE_M), (EDGE_M, 75.0), 0.035),
        Sheet("north-far", (-EDGE_M, 75.0), (EDGE_M, 200.0), 0.1),
        Sheet("west", (-75.0, -EDGE_M), (-EDGE_M, EDGE_M), 0.035),
        Sheet("west-far", (-200.0, -EDGE_M), (-75.0, EDGE_M), 0.1),
        Sheet("east", (EDGE_M, -EDGE_M), (200.0, EDGE_M), 0.1),
    ),
    "street": (
        Sheet("behind", (-EDGE_M, -250.0), (EDGE_M, -150.0), 0.08),
        Sheet("near", (-EDGE_M, -335.0), (EDGE_M, -250.0), 0.022),
        Sheet("far", (-EDGE_M, -460.0), (EDGE_M, -335.0), 0.06),
    ),
}
"""What is painted around each scenery; finest where its cameras look."""


def sheet_model(sheet: Sheet) -> Model:
    """Return the road and pavements that a sheet covers, painted with it."""
    model = Model()
    paint = Paint(f"sheet:{sheet.name}")
    (x0, y0), (x1, y1) = sheet.low, sheet.high
    half, top = ROAD_HALF_WIDTH_M, PAVEMENT_HEIGHT_M
    model.quad((x0, y0, 0), (x1, y0, 0), (x1, y1, 0), (x0, y1, 0), paint)
    if sheet.name == "centre":
        for turn in range(4):
            corner = Model()
            corner.polygon([(x, y, top) for x, y in _corner_outline()], paint)
            model.place(corner, (0, 0, 0), 90.0 * turn)
    elif x1 - x0 > 2 * EDGE_M or x0 > 0 or x1 < 0:
        for low, high in ((y0, -half), (half, y1)):
            model.quad((x0, low, top), (x1, low, top), (x1, high, top), (x0, high, top), paint)
    else:
        for low, high in ((x0, -half), (half, x1)):
            model.quad((low, y0, top), (high, y0, top), (high, y1, top), (low, y1, top), paint)
    return model


def junction_kerbs() -> Model:
    """Return the junction's black and white kerb stones, and the ground behind its corners."""
    quarter, start = Model(), ROAD_HALF_WIDTH_M + KERB_RADIUS_M
    straight = Model()
    _straight_kerb(straight, start, 190.0 - start)
    quarter.place(straight, (0, 0, 0))
    quarter.place(_mirrored(straight), (0, 0, 0))
    _corner_kerb(quarter)
    model = street_kerbs(-450.0, -190.0)
    # Bare concrete fills the corners between the sheets and the buildings.
    low, high = EDGE_M - 0.8, EDGE_M + 15.0
    for x0, x1, y0, y1 in ((EDGE_M, high, low, EDGE_M + 1.5), (low, EDGE_M, EDGE_M, EDGE_M + 1.5)):
        quarter.block((x0, y0, -0.1), (x1, y1, PAVEMENT_HEIGHT_M - 0.005), _CONCRETE)
    for turn in range(4):
        model.place(quarter, (0, 0, 0), 90.0 * turn)
    return model


def street_kerbs(low_m: float, high_m: float) -> Model:
    """Return the kerb stones on both sides of the main road between two northings."""
    model = Model()
    side = Model()
    _straight_kerb(side, low_m, high_m - low_m)
    model.place(side, (0, 0, 0))
    mirrored = Model()
    _straight_kerb(mirrored, -high_m, high_m - low_m)
    model.place(mirrored, (0, 0, 0), 180.0)
    return model


def earth() -> Model:
    """Return what lies under and behind everything, out to the horizon."""
    model = Model()
    far = 4000.0
    model.quad(
        (-far, -far, -0.06),
        (far, -far, -0.06),
        (far, far, -0.06),
        (-far, far, -0.06),
        Paint("earth"),
    )
    return model


def _straight_kerb(model: Model, start: float, length: float) -> None:
    """Add stones along the eastern kerb of the main road, northwards from ``start``."""
    x0 = ROAD_HALF_WIDTH_M
    for number in range(round(length / KERB_STONE_M)):
        y = start + number * KERB_STONE_M
        paint = _WHITE if number % 2 else _BLACK
        low = (x0, y + 0.006, -0.02)
        model.block(
            low, (x0 + KERB_WIDTH_M, y + KERB_STONE_M - 0.006, PAVEMENT_HEIGHT_M + 0.015), paint
        )


def _corner_kerb(model: Model) -> None:
    """Add the stones of the north-eastern corner's arc."""
    middle = ROAD_HALF_WIDTH_M + KERB_RADIUS_M
    angles = np.linspace(np.pi, 1.5 * np.pi, _ARC_STONES + 1)
    for number, (a, b) in enumerate(pairwise(angles)):
        outline = [
            (middle + radius * float(np.cos(angle)), middle + radius * float(np.sin(angle)))
            for angle, radius in (
                (a, KERB_RADIUS_M),
                (b, KERB_RADIUS_M),
                (b, KERB_RADIUS_M - KERB_WIDTH_M),
                (a, KERB_RADIUS_M - KERB_WIDTH_M),
            )
        ]
        model.prism(outline, -0.02, PAVEMENT_HEIGHT_M + 0.015, _BLACK if number % 2 else _WHITE)


def _mirrored(model: Model) -> Model:
    """Return it with x and y exchanged."""
    mirrored = Model()
    for part in model.parts:
        mirrored.add(part.vertices[:, [1, 0, 2]], part.faces[:, ::-1], part.paint)
    return mirrored


def _corner_outline() -> list[tuple[float, float]]:
    middle = ROAD_HALF_WIDTH_M + KERB_RADIUS_M
    arc = [
        (
            middle + KERB_RADIUS_M * float(np.cos(angle)),
            middle + KERB_RADIUS_M * float(np.sin(angle)),
        )
        for angle in np.linspace(np.pi, 1.5 * np.pi, 13)
    ]
    return [*arc, (EDGE_M, ROAD_HALF_WIDTH_M), (EDGE_M, EDGE_M), (ROAD_HALF_WIDTH_M, EDGE_M)]
