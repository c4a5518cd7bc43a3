"""The scenery ``junction``: four legs lined with shop-houses."""

from dataclasses import replace

import numpy as np

from scripts.twin.bake import furniture, ground, power
from scripts.twin.bake.facade import apron, side_wall
from scripts.twin.bake.horizon import add_horizon
from scripts.twin.bake.lot import Lot
from scripts.twin.bake.planting import FORMS, Layout, Planted
from scripts.twin.bake.rows import lots
from scripts.twin.bake.shops import Lettering, shop_house
from scripts.twin.bake.solids import Model, Point, Rgb
from scripts.twin.world import BUILDING_LINE_M, PAVEMENT_HEIGHT_M, SIGNALS

Z = PAVEMENT_HEIGHT_M

_MAIN_ROAD_TREES_Y_M = (
    -24.0, -37.0, -52.0, -66.0, -79.0, -95.0, -112.0, -130.0, -150.0, 30.0, 41.0, 55.0, 70.0, 90.0,
)  # fmt: skip


def lay_out_junction(layout: Layout, lettering: Lettering) -> None:
    """Add everything of the scenery but ground and lamps."""
    rng = np.random.default_rng(5)
    solids = layout.solids
    solids.place(ground.junction_kerbs(), (0, 0, 0))
    for head in SIGNALS:
        solids.place(furniture.signal(head), (0, 0, 0))
    _rows_of_shops(layout, rng, lettering)
    poles = [-18.0 - 22.0 * k for k in range(6)]
    solids.place(power.power_line(-9.4, poles, rng, transformer=1), (0, 0, 0))
    solids.place(power.power_line(9.3, [17.0 + 22.0 * k for k in range(5)], rng), (0, 0, 0))
    over = [((-9.4, -18.0, 8.3), (9.3, 17.0, 8.3)), ((-9.4, -18.0, 6.2), (9.3, 17.0, 6.4))]
    houses = [((-9.4, y, 6.3), (-13.3, y + dy, 6.0)) for y in poles for dy in (-6.0, 5.0)]
    solids.place(power.wires([*over, *houses]), (0, 0, 0))
    _junction_trees(layout, rng)
    _junction_things(layout, rng, lettering)
    add_horizon(layout, rng, (0.0, -30.0), dome=(95.0, -330.0))


def _junction_trees(layout: Layout, rng: np.random.Generator) -> None:
    for y in _MAIN_ROAD_TREES_Y_M:
        for side in (-1.0, 1.0):
            if rng.random() < 0.72:
                kind = str(rng.choice(["angsana", "mango", "mango", "angsana", "palm"]))
                layout.plant(rng, kind, side * 10.9, y + float(rng.uniform(-2, 2)), 0.85)
    for along in (24.0, 36.0, 52.0, 66.0, 85.0, 110.0):
        for side_x in (-1.0, 1.0):
            for side in (-1.0, 1.0):
                if rng.random() < 0.6:
                    kind = str(rng.choice(["angsana", "mango"]))
                    layout.plant(
                        rng, kind, side_x * (along + float(rng.uniform(-2, 2))), side * 10.9, 0.85
                    )


def _junction_things(layout: Layout, rng: np.random.Generator, lettering: Lettering) -> None:
    solids = layout.solids
    pots = (
        (-12.6, -17.0), (-12.6, -18.2), (12.7, -16.5), (12.7, -19.8),
        (-12.6, 16.5), (12.6, 17.4), (-12.7, -33.0), (12.7, -44.0),
    )  # fmt: skip
    for x, y in pots:
        solids.place(furniture.flower_pot(rng), (x, y, Z))
        layout.trees.append(Planted("shrub", int(rng.integers(FORMS)), (x, y, Z + 0.3), 0.0, 0.75))
    signs = (
        ("stop", (-7.6, -30.0), 180.0), ("stop", (7.6, -21.0), 0.0), ("cross", (-7.6, -19.5), 0.0),
        ("cross", (7.6, 17.5), 180.0), ("JL. MERDEKA", (-12.0, 7.6), 0.0),
        ("JL. MELATI", (7.7, -15.6), 0.0),
    )  # fmt: skip
    for kind, (x, y), turn in signs:
        solids.place(furniture.road_sign(kind, lettering), (x, y, Z), turn + 180.0)
    cloths: tuple[tuple[str, Point, float, Rgb, Rgb], ...] = (
        (
            "SELAMAT DATANG DI KOTA KITA",
            (-12.4, -26.0, Z),
            90.0,
            (0.55, 0.55, 0.52),
            (0.4, 0.02, 0.02),
        ),
        (
            "DIJUAL CEPAT RUKO 3 LANTAI",
            (12.3, -34.0, Z),
            -90.0,
            (0.6, 0.42, 0.02),
            (0.02, 0.02, 0.2),
        ),
        ("PASAR MALAM SABTU - MINGGU", (-17.5, 12.6, Z), 0.0, (0.42, 0.02, 0.03), (0.7, 0.65, 0.1)),
    )
    for text, at, facing, cloth, ink in cloths:
        solids.place(furniture.banner(lettering(text), 3.6, 0.8, cloth, ink), at, facing)
    solids.place(
        furniture.stall((0.03, 0.13, 0.40), lettering("ES KELAPA")), (11.2, -28.5, Z), -90.0
    )
    solids.place(furniture.stall((0.55, 0.2, 0.02), lettering("GORENGAN")), (-11.2, 26.0, Z), 90.0)
    for side in (-6.38, 6.38):
        for at, cover in furniture.drain_covers(side, (-16.0, -31.0, -46.0, -61.0, 18.0, 33.0)):
            solids.place(cover, at)


def _rows_of_shops(layout: Layout, rng: np.random.Generator, lettering: Lettering) -> None:
    """Line all four legs with shop-houses; those at the corners front the main road."""
    number = 0
    for side, start, end in (
        (-1, -15.0, -300.0),
        (1, -15.0, -300.0),
        (-1, 15.0, 205.0),
        (1, 15.0, 205.0),
    ):
        heading = 90.0 if side < 0 else 270.0
        for place, (lot, middle) in enumerate(lots(rng, start, end, number)):
            at = (side * BUILDING_LINE_M, middle, Z - 0.02)
            if place == 0:
                lot = _corner_lot(lot, number)
                exposed = side * np.sign(start) * lot.width_m / 2
                turn = 90.0 if exposed > 0 else 270.0
                text = furniture.inked(lettering(lot.text), (0.66, 0.66, 0.62))
                wall = Model()
                wall.place(side_wall(lot, rng, text), (float(exposed), lot.depth_m / 2, 0), turn)
                layout.solids.place(wall, at, heading)
            layout.solids.place(shop_house(lot, rng, lettering), at, heading)
            if lot.detailed:
                layout.solids.place(apron(lot, rng), at, heading)
            number += 1
    for side, heading in ((1, 0.0), (-1, 180.0)):
        for start, end in ((-26.3, -205.0), (26.3, 205.0)):
            for lot, middle in lots(rng, start, end, number):
                at = (middle, side * BUILDING_LINE_M, Z - 0.02)
                layout.solids.place(shop_house(lot, rng, lettering), at, heading)
                number += 1


def _corner_lot(lot: Lot, number: int) -> Lot:
    """Return a lot made fit for a corner: wide, tall, and open late."""
    texts = ("TOKO BANGUNAN JAYA", "APOTEK & KLINIK 24 JAM", "PUSAT FOTOCOPY", "KEDAI KOPI")
    front = "glass" if number % 2 else "open"
    return replace(
        lot,
        depth_m=11.0,
        storeys=max(2, lot.storeys),
        front=front,
        lit=True,
        text=texts[number % len(texts)],
        detailed=True,
    )
