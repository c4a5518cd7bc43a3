"""What is far from the cameras: roofs, towers, belts of trees, a mosque, the ends of the roads."""

import numpy as np

from scripts.twin.bake.lot import SIGNS, WALLS
from scripts.twin.bake.planting import Layout
from scripts.twin.bake.solids import Model, Paint


def add_horizon(
    layout: Layout, rng: np.random.Generator, middle: tuple[float, float], dome: tuple[float, float]
) -> None:
    """Add what is far: roofs and towers, belts of trees, a mosque's dome and minaret."""
    solids = layout.solids
    for _ in range(260):
        x, y = rng.uniform(-330, 330), rng.uniform(-420, 330)
        if abs(x) < 34 or (abs(y + middle[1]) < 34):
            continue
        tall = float(rng.choice([4, 7, 7, 10, 14, 26], p=[0.3, 0.3, 0.2, 0.12, 0.06, 0.02]))
        wide, deep = rng.uniform(8, 18, 2)
        wall = WALLS[int(rng.integers(len(WALLS)))]
        solids.box(
            (middle[0] + x, middle[1] + y, tall / 2), (wide, deep, tall), Paint("wall", wall)
        )
        roof = (0.2, 0.085, 0.05) if tall < 11 else (0.3, 0.3, 0.29)
        solids.box(
            (middle[0] + x, middle[1] + y, tall + 0.3),
            (wide + 1, deep + 1, 0.6),
            Paint("tiles", roof),
        )
    for _ in range(700):
        angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(60, 420)
        x, y = middle[0] + far * np.cos(angle), middle[1] + far * np.sin(angle)
        if abs(x) > 27 and abs(y) > 27:
            kind = str(rng.choice(["angsana", "mango", "palm"], p=[0.5, 0.38, 0.12]))
            layout.plant(rng, kind, float(x), float(y), float(rng.uniform(1.1, 1.9)))
    for angle in np.linspace(0, 2 * np.pi, 240):
        far = 480 + 40 * np.sin(5 * angle)
        x, y = float(middle[0] + far * np.cos(angle)), float(middle[1] + far * np.sin(angle))
        layout.plant(rng, "angsana", x, y, 3.4)
    _road_ends(layout, rng)
    mosque = Model()
    mosque.box((0, 0, 6), (22, 22, 12), Paint("wall", (0.6, 0.62, 0.58)))
    mosque.dome((0, 0, 12), (8, 8, 9), Paint("gloss", (0.06, 0.28, 0.16)))
    mosque.post((14, 0, 0), 30, 1.4, Paint("wall", (0.62, 0.62, 0.6)))
    mosque.dome((14, 0, 30), (1.7, 1.7, 3), Paint("gloss", (0.06, 0.28, 0.16)))
    solids.place(mosque, (*dome, 0.0))


def _road_ends(layout: Layout, rng: np.random.Generator) -> None:
    """Close each leg's far end with houses under trees, as where a road bends away."""
    for turn, far in ((0.0, 206.0), (90.0, 206.0), (180.0, 466.0), (270.0, 206.0)):
        row = Model()
        for x in np.arange(-26.0, 27.0, 6.5):
            tall = float(rng.choice([4.0, 7.0, 10.0]))
            wall = WALLS[int(rng.integers(len(WALLS)))]
            row.box((float(x), far + 6, tall / 2), (6.3, 9, tall), Paint("wall", wall))
            row.box(
                (float(x), far + 6, tall + 0.4), (6.8, 9.8, 0.8), Paint("tiles", (0.22, 0.09, 0.05))
            )
            row.box(
                (float(x), far + 1.2, 3.1),
                (5.5, 0.2, 0.8),
                Paint("light", SIGNS[int(rng.integers(len(SIGNS)))], 1.0),
            )
        layout.solids.place(row, (0, 0, 0), turn)
        for x in np.arange(-36.0, 37.0, 4.5):
            deep = far + float(rng.uniform(12, 30))
            cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
            at = float(x * cos - deep * sin), float(x * sin + deep * cos)
            layout.plant(rng, str(rng.choice(["angsana", "mango", "palm"])), *at, 1.9)
