"""The scenery ``street``: a school, walled gardens, an empty lot, the place for the bins."""

import numpy as np

from scripts.twin.bake import furniture, ground, power
from scripts.twin.bake.horizon import add_horizon
from scripts.twin.bake.lot import CONCRETE, draw_lot
from scripts.twin.bake.planting import Layout
from scripts.twin.bake.rows import lots
from scripts.twin.bake.shops import Lettering, shop_house
from scripts.twin.bake.solids import Model, Paint, Rgb
from scripts.twin.world import BUILDING_LINE_M, PAVEMENT_HEIGHT_M, STREET_Y_M

Z = PAVEMENT_HEIGHT_M

_WALL_X_M, _FENCE_X_M = -BUILDING_LINE_M + 0.6, BUILDING_LINE_M - 0.4

_WEST_TREES = (
    (-262.5, "mango"), (-275.5, "angsana"), (-286.5, "angsana"), (-298.5, "mango"),
    (-310.0, "angsana"), (-324.0, "palm"), (-338.0, "angsana"), (-352.0, "mango"),
    (-370.0, "angsana"),
)  # fmt: skip
_EAST_TREES = (
    (-266.0, "angsana"), (-287.0, "angsana"), (-305.5, "mango"), (-318.0, "angsana"),
    (-332.0, "palm"), (-346.0, "mango"), (-362.0, "angsana"),
)  # fmt: skip


def lay_out_street(layout: Layout, lettering: Lettering) -> None:
    """Add everything of the scenery but ground and lamps."""
    rng = np.random.default_rng(23)
    solids = layout.solids
    solids.place(ground.street_kerbs(-460.0, -190.0), (0, 0, 0))
    _west_side(layout, rng, lettering)
    _east_side(layout, rng, lettering)
    poles = [STREET_Y_M + 16.0 - 24.0 * k for k in range(7)]
    solids.place(power.power_line(9.5, poles, rng, transformer=1), (0, 0, 0))
    houses = [((9.5, y, 6.3), (-13.0, y - 9.0, 5.4)) for y in poles[1::2]]
    solids.place(power.wires(houses, 0.6), (0, 0, 0))
    for side in (-6.38, 6.38):
        for at, cover in furniture.drain_covers(side, (-262.0, -277.5, -293.0, -309.0)):
            solids.place(cover, at)
    add_horizon(layout, rng, (0.0, -290.0), dome=(-60.0, -420.0))


def _west_side(layout: Layout, rng: np.random.Generator, lettering: Lettering) -> None:
    """Add a walled garden with a gate, the bins' place, an empty lot, then shop-houses."""
    solids = layout.solids
    _garden_wall(solids)
    for lot, middle in lots(rng, -318.0, -440.0, 3):
        solids.place(shop_house(lot, rng, lettering), (-BUILDING_LINE_M, middle, Z - 0.02), 90.0)
    house = draw_lot(rng, 4, detailed=False)
    for y in (-258.0, -272.0, -289.0):
        solids.place(shop_house(house, rng, lettering), (_WALL_X_M - 9.0, y, 0.0), 90.0)
    _bin_place(layout, lettering)
    for y, kind in _WEST_TREES:
        layout.plant(rng, kind, -11.0, y, 0.9)
    for y in np.arange(-316.0, -298.0, 2.6):
        kind = str(rng.choice(["banana", "shrub", "banana"]))
        layout.plant(rng, kind, -15.0 - float(rng.uniform(0, 9)), float(y))
    for y in np.arange(-295.0, -240.0, 4.0):
        kind = str(rng.choice(["mango", "banana", "palm", "shrub"]))
        layout.plant(rng, kind, _WALL_X_M - 3.0 - float(rng.uniform(0, 2)), float(y), 0.9)
    text = lettering("TANAH DIJUAL 500 M2")
    cloth = furniture.banner(text, 4.0, 0.9, (0.55, 0.55, 0.52), (0.42, 0.02, 0.02))
    solids.place(cloth, (-13.2, -306.0, Z), 90.0)


def _garden_wall(solids: Model) -> None:
    """Add a plastered wall with pillars, and a gate of green bars in it."""
    x, wall = _WALL_X_M, Paint("wall", (0.60, 0.57, 0.47))
    for low, high in ((-296.0, -283.5), (-279.0, -236.0)):
        solids.block((x - 0.2, low, 0), (x, high, 2.3), wall)
        solids.block((x - 0.26, low, 2.3), (x + 0.06, high, 2.42), CONCRETE)
        for y in np.arange(low, high + 0.1, 3.0):
            solids.block((x - 0.28, float(y) - 0.18, 0), (x + 0.08, float(y) + 0.18, 2.55), wall)
    green = Paint("metal", (0.03, 0.13, 0.08))
    for y in np.arange(-283.2, -279.1, 0.16):
        solids.block((x - 0.12, float(y), 0.25), (x - 0.09, float(y) + 0.03, 2.3), green)
    for z in (0.4, 1.3, 2.2):
        solids.block((x - 0.13, -283.4, z), (x - 0.08, -279.1, z + 0.06), green)


def _bin_place(layout: Layout, lettering: Lettering) -> None:
    """Add a low brick bay, open to the kerb, with bins and a board; its front stays clear."""
    solids, brick = layout.solids, Paint("wall", (0.42, 0.2, 0.13))
    y0, y1 = -269.6, -266.4
    solids.block((-9.9, y0, Z), (-9.75, y1, Z + 0.9), brick)
    for y in (y0, y1 - 0.15):
        solids.block((-9.9, y, Z), (-8.6, y + 0.15, Z + 0.9), brick)
    tints: tuple[Rgb, ...] = ((0.02, 0.2, 0.06), (0.55, 0.38, 0.02), (0.02, 0.2, 0.06))
    for number, tint in enumerate(tints):
        solids.place(furniture.wheelie_bin(tint), (-9.3, -268.9 + 0.85 * number, Z), 90.0)
    board = furniture.inked(lettering("BUANG SAMPAH DI SINI"), (0.7, 0.7, 0.68))
    solids.block(
        (-9.9, y0 + 0.3, Z + 1.2), (-9.86, y1 - 0.3, Z + 1.75), Paint("plain", (0.02, 0.18, 0.08))
    )
    for y in (y0 + 0.4, y1 - 0.4):
        solids.post((-9.92, y, Z), 1.75, 0.03, furniture.STEEL)
    solids.place(
        board, (-9.84, (y0 + y1) / 2, Z + 1.47), 90.0, furniture.text_size(board, 2.3, 0.26)
    )


def _east_side(layout: Layout, rng: np.random.Generator, lettering: Lettering) -> None:
    """Add a school behind its fence, a street kitchen, a shelter, and shops further on."""
    solids = layout.solids
    _school_fence(solids, lettering)
    _school(solids, _FENCE_X_M + 12.0)
    for start, end, number in ((-294.0, -440.0, 11), (-242.0, -180.0, 5)):
        for lot, middle in lots(rng, start, end, number):
            at = (BUILDING_LINE_M, middle, Z - 0.02)
            solids.place(shop_house(lot, rng, lettering), at, 270.0)
    stall = furniture.stall((0.02, 0.16, 0.36), lettering("MIE AYAM"))
    solids.place(stall, (11.2, -281.5, Z), 270.0)
    solids.place(furniture.bus_shelter(), (9.6, -300.0, Z), 270.0)
    for y, kind in _EAST_TREES:
        layout.plant(rng, kind, 11.0, y, 0.9)
    for y in (-248.0, -257.0, -268.0, -279.0, -289.0):
        kind = str(rng.choice(["mango", "angsana"]))
        layout.plant(rng, kind, _FENCE_X_M + 4.0 + float(rng.uniform(0, 3)), y)
    solids.place(furniture.road_sign("stop", lettering), (7.6, -290.0, Z), 180.0)
    solids.place(furniture.road_sign("cross", lettering), (-7.7, -292.0, Z), 0.0)


def _school_fence(solids: Model, lettering: Lettering) -> None:
    """Add blue bars between pillars, and the school's name over its entrance."""
    x, base, bars = _FENCE_X_M, Paint("wall", (0.5, 0.5, 0.46)), Paint("metal", (0.05, 0.12, 0.3))
    for low, high in ((-292.0, -274.5), (-270.5, -244.0)):
        solids.block((x, low, 0), (x + 0.2, high, 0.8), base)
        for y in np.arange(low, high, 0.18):
            solids.block((x + 0.08, float(y), 0.8), (x + 0.11, float(y) + 0.03, 2.0), bars)
        for z in (1.0, 1.85):
            solids.block((x + 0.07, low, z), (x + 0.12, high, z + 0.05), bars)
        for y in np.arange(low, high + 0.1, 3.5):
            solids.block((x - 0.05, float(y) - 0.15, 0), (x + 0.25, float(y) + 0.15, 2.2), base)
    solids.block((x - 0.1, -274.6, 2.9), (x + 0.3, -270.4, 3.7), Paint("plain", (0.03, 0.14, 0.32)))
    for y in (-274.6, -270.4):
        solids.block((x - 0.1, y - 0.2, 0), (x + 0.3, y + 0.2, 3.7), base)
    name = furniture.inked(lettering("SEKOLAH DASAR"), (0.7, 0.68, 0.6))
    solids.place(name, (x - 0.13, -272.5, 3.3), 270.0, furniture.text_size(name, 3.6, 0.42))


def _school(solids: Model, x: float) -> None:
    """Add a long low building with a veranda and a tiled roof, facing the road."""
    wall = Paint("wall", (0.62, 0.58, 0.42))
    solids.block((x, -290.0, 0), (x + 8.0, -250.0, 3.6), wall)
    for y in np.arange(-288.0, -251.0, 3.4):
        solids.block(
            (x - 0.06, float(y), 1.1), (x, float(y) + 1.8, 2.6), Paint("gloss", (0.02, 0.025, 0.03))
        )
        solids.post((x - 1.6, float(y) - 0.8, 0), 3.1, 0.1, Paint("plain", (0.55, 0.3, 0.1)))
    tiles = Paint("tiles", (0.3, 0.1, 0.05))
    solids.quad(
        (x - 2.2, -291, 3.0), (x - 2.2, -249, 3.0), (x + 4, -249, 6.2), (x + 4, -291, 6.2), tiles
    )
    solids.quad(
        (x + 10, -249, 3.0), (x + 10, -291, 3.0), (x + 4, -291, 6.2), (x + 4, -249, 6.2), tiles
    )
