"""What stands along the street: lamps, signals, signs, banners, stalls."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from scripts.twin.bake.shops import Lettering
from scripts.twin.bake.solids import Model, Paint, Point, Rgb, turned
from scripts.twin.world import PAVEMENT_HEIGHT_M, Lamp, SignalHead

STEEL = Paint("metal", (0.34, 0.35, 0.35))
DARK = Paint("plain", (0.02, 0.02, 0.021))
CONCRETE = Paint("concrete", (0.38, 0.37, 0.34))
WIRE = Paint("plain", (0.012, 0.012, 0.012))
SIGNAL_SIZE_M = (0.36, 0.30, 1.05)


def street_lamp(lamp: Lamp) -> Model:
    """Return a lamp on its curved arm; its glass is of the material of its own light."""
    model = Model()
    x, y, z = lamp.foot
    hx, hy, hz = lamp.head
    model.post((x, y, z), 0.35, 0.16, CONCRETE)
    knee = (x, y, hz - 0.7)
    bend = (x + (hx - x) * 0.25, y + (hy - y) * 0.25, hz + 0.05)
    end = (x + (hx - x) * 0.85, y + (hy - y) * 0.85, hz + 0.14)
    model.tube([(x, y, z), knee, bend, end], [0.085, 0.06, 0.045, 0.04], STEEL)
    along = float(np.degrees(np.arctan2(hy - y, hx - x)))
    model.box((hx, hy, hz + 0.12), (0.8, 0.3, 0.13), Paint("metal", (0.4, 0.4, 0.4)), along)
    glass = f"lamp:{lamp.name}" if lamp.alone else "lamps"
    model.box((hx, hy, hz + 0.04), (0.62, 0.22, 0.05), Paint(glass, (0.8, 0.78, 0.7)), along)
    return model


def signal(head: SignalHead) -> Model:
    """Return a signal's box with three hooded dark lenses, and its post or its arm."""
    model = Model()
    x, _, z = head.position
    facing = turned(head.heading_deg) @ (1.0, 0.0, 0.0)
    box = Model()
    deep, wide, tall = SIGNAL_SIZE_M[1], SIGNAL_SIZE_M[0], SIGNAL_SIZE_M[2]
    box.box((0, 0, 0), (deep, wide, tall), DARK)
    for k in (-1, 0, 1):
        _lens(box, 0.3 * k, deep / 2)
    model.place(box, head.position, head.heading_deg)
    back = np.array(head.position) - facing * 0.24
    if z < 4:
        model.post(
            (float(back[0]), float(back[1]), PAVEMENT_HEIGHT_M),
            z + 0.75 - PAVEMENT_HEIGHT_M,
            0.07,
            Paint("plain", (0.10, 0.10, 0.10)),
        )
        model.box((float(back[0]), float(back[1]), 0.35), (0.35, 0.35, 0.4), CONCRETE)
        return model
    outer = 8.4 if x > 0 else -8.4
    foot = (outer, float(back[1]), PAVEMENT_HEIGHT_M)
    yellow = Paint("plain", (0.10, 0.10, 0.10))
    model.post(foot, z + 0.45, 0.11, yellow, 0.09)
    model.tube(
        [(outer, foot[1], z + 0.45), (x - np.sign(x) * 0.3, foot[1], z + 0.62)],
        [0.07, 0.05],
        yellow,
    )
    for dz in (-0.3, 0.3):
        model.box(
            (float(back[0] + facing[0] * 0.05), float(back[1] + facing[1] * 0.05), z + dz),
            (0.1, 0.14, 0.06),
            STEEL,
        )
    model.post((x, foot[1], z - 0.4), 1.05, 0.03, STEEL)
    return model


def _lens(box: Model, z: float, front: float) -> None:
    angle = np.linspace(0, 2 * np.pi, 17)
    disc = [(front + 0.012, 0.1 * float(np.cos(a)), z + 0.1 * float(np.sin(a))) for a in angle[:-1]]
    box.polygon(disc, Paint("gloss", (0.02, 0.018, 0.018)))
    hood = np.linspace(-0.35, np.pi + 0.35, 11)
    rim = [(0.112 * float(np.cos(a)), z + 0.112 * float(np.sin(a))) for a in hood]
    near = [(front, y, up) for y, up in rim]
    far = [(front + 0.17, y, up) for y, up in rim]
    faces = [[k, k + 1, 12 + k - 1 + 1, 11 + k] for k in range(10)]
    box.add(near + far, faces, DARK)


def inked(text: Model, ink: Rgb) -> Model:
    """Return lettering in plain paint of one colour."""
    model = Model()
    for part in text.parts:
        model.add(part.vertices, part.faces, Paint("plain", ink))
    return model


def text_size(text: Model, wide_m: float, high_m: float) -> float:
    """Return the scale at which a line of text fits a board."""
    wide = max(float(np.ptp(part.vertices[:, 0])) for part in text.parts)
    return min(high_m, wide_m / wide)


def banner(text: Model, wide_m: float, high_m: float, cloth: Rgb, ink: Rgb) -> Model:
    """Return a spanduk: cloth between two bamboo poles, lettered, its foot at the origin."""
    model, half = Model(), wide_m / 2
    for x in (-half, half):
        model.post((x, 0.03, 0), 2.1 + high_m, 0.03, Paint("bark", (0.35, 0.28, 0.13)))
    for k in range(8):
        a, b = -half + wide_m * k / 8, -half + wide_m * (k + 1) / 8
        sag = [-0.05 * (1 - (2 * x / wide_m) ** 2) for x in (a, b)]
        low, high = [1.9 + s for s in sag], [1.9 + high_m + s for s in sag]
        model.quad(
            (a, 0, low[0]), (b, 0, low[1]), (b, 0, high[1]), (a, 0, high[0]), Paint("plain", cloth)
        )
    size = text_size(text, wide_m * 0.9, high_m * 0.6)
    model.place(inked(text, ink), (0, -0.015, 1.87 + high_m / 2), 0.0, size)
    return model


def road_sign(kind: str, lettering: Lettering) -> Model:
    """Return a sign on a post that faces -y: ``stop`` (no stopping), ``cross``, or a name board."""
    model = Model()
    model.post((0, 0.04, 0), 2.9, 0.035, STEEL)
    if kind == "stop":
        _disc(model, 0.34, 2.55, Paint("plain", (0.5, 0.02, 0.02)), 0.0)
        _disc(model, 0.27, 2.55, Paint("plain", (0.65, 0.65, 0.63)), -0.006)
        _disc(model, 0.34, 2.55, STEEL, 0.006)
        text = inked(lettering("S"), (0.02, 0.02, 0.02))
        model.place(text, (0, -0.02, 2.55), 0.0, 0.42)
        model.quad(
            (-0.22, -0.03, 2.75),
            (-0.17, -0.03, 2.8),
            (0.22, -0.03, 2.35),
            (0.17, -0.03, 2.3),
            Paint("plain", (0.5, 0.02, 0.02)),
        )
    elif kind == "cross":
        model.box((0, 0, 2.5), (0.6, 0.02, 0.6), Paint("plain", (0.02, 0.12, 0.5)))
        model.polygon(
            [(-0.22, -0.015, 2.3), (0.22, -0.015, 2.3), (0, -0.015, 2.72)],
            Paint("plain", (0.65, 0.65, 0.63)),
        )
    else:
        board = inked(lettering(kind), (0.65, 0.65, 0.63))
        model.box((0, 0, 2.7), (1.7, 0.03, 0.42), Paint("plain", (0.02, 0.20, 0.08)))
        model.place(board, (0, -0.02, 2.7), 0.0, text_size(board, 1.5, 0.22))
    return model


def _disc(model: Model, radius: float, z: float, paint: Paint, y: float) -> None:
    angle = np.linspace(0, 2 * np.pi, 25)[:-1]
    model.polygon(
        [(radius * float(np.cos(a)), y, z + radius * float(np.sin(a))) for a in angle], paint
    )


def flower_pot(rng: np.random.Generator) -> Model:
    """Return a concrete pot, white or terracotta."""
    tint: Rgb = (0.5, 0.5, 0.47) if rng.random() < 0.5 else (0.35, 0.13, 0.07)
    model = Model()
    model.tube(
        [(0, 0, 0), (0, 0, 0.45), (0, 0, 0.46)], [0.24, 0.34, 0.27], Paint("plain", tint), 10
    )
    model.dome((0, 0, 0.4), (0.28, 0.28, 0.06), Paint("earth", (0.08, 0.06, 0.04)), 6)
    return model


def wheelie_bin(tint: Rgb) -> Model:
    """Return a rubbish bin on wheels, 1 m high, facing -y."""
    model, paint = Model(), Paint("gloss", tint)
    model.prism([(-0.26, -0.3), (0.26, -0.3), (0.26, 0.3), (-0.26, 0.3)], 0.08, 0.95, paint)
    model.box((0, 0.0, 0.98), (0.6, 0.7, 0.07), paint)
    model.box((0, 0.36, 0.92), (0.5, 0.05, 0.05), DARK)
    for x in (-0.24, 0.24):
        model.tube([(x - 0.03, 0.3, 0.1), (x + 0.03, 0.3, 0.1)], [0.1, 0.1], DARK, 10)
    return model


def stall(cloth: Rgb, text: Model) -> Model:
    """Return a street kitchen: a cart with glass, a bench, and a tarpaulin on poles; faces -y."""
    model = Model()
    blue = Paint("plain", cloth)
    for x in (-1.6, 1.6):
        for y, high in ((-1.2, 2.1), (1.2, 2.5)):
            model.post((x, y, 0), high, 0.025, Paint("bark", (0.3, 0.24, 0.12)))
    model.quad((-1.75, -1.5, 2.05), (1.75, -1.5, 2.05), (1.75, 1.3, 2.52), (-1.75, 1.3, 2.52), blue)
    model.quad(
        (-1.6, 1.2, 0.4),
        (1.6, 1.2, 0.4),
        (1.6, 1.2, 2.4),
        (-1.6, 1.2, 2.4),
        Paint("plain", (0.45, 0.42, 0.3)),
    )
    model.quad(
        (-1.6, -1.21, 0.1),
        (0.9, -1.21, 0.1),
        (0.9, -1.21, 0.95),
        (-1.6, -1.21, 0.95),
        Paint("plain", (0.5, 0.46, 0.2)),
    )
    model.place(
        inked(text, (0.45, 0.03, 0.02)), (-0.35, -1.23, 0.55), 0.0, text_size(text, 2.2, 0.4)
    )
    model.box((-0.5, -0.3, 0.75), (1.6, 0.7, 0.7), Paint("gloss", (0.15, 0.3, 0.42)))
    model.box((-0.5, -0.3, 1.45), (1.5, 0.6, 0.7), Paint("glass"))
    for x in (-0.95, -0.5, -0.05):
        model.box((x, -0.3, 1.25), (0.3, 0.35, 0.25), Paint("plain", (0.5, 0.4, 0.2)))
    model.box((0.2, 0.6, 0.45), (2.2, 0.3, 0.05), Paint("bark", (0.3, 0.2, 0.1)))
    model.box((-0.5, -0.3, 2.0), (0.5, 0.06, 0.05), Paint("light", (0.85, 0.85, 0.8), 9.0))
    return model


def bus_shelter() -> Model:
    """Return a small shelter with a bench and a curved roof, open to -y."""
    model, blue = Model(), Paint("metal", (0.10, 0.22, 0.36))
    for x in (-1.9, 0.0, 1.9):
        model.post((x, 0.6, 0), 2.5, 0.05, blue)
    angle = np.linspace(0.2, 2.0, 7)
    edge = [(float(-1.3 * np.cos(a)), float(1.95 + 0.7 * np.sin(a))) for a in angle]
    for (y0, z0), (y1, z1) in pairwise(edge):
        model.quad(
            (-2.2, y0, z0),
            (2.2, y0, z0),
            (2.2, y1, z1),
            (-2.2, y1, z1),
            Paint("gloss", (0.12, 0.3, 0.42)),
        )
    model.box((0, 0.45, 0.45), (3.4, 0.4, 0.06), STEEL)
    model.quad(
        (-1.9, 0.62, 0.7), (1.9, 0.62, 0.7), (1.9, 0.62, 2.1), (-1.9, 0.62, 2.1), Paint("glass")
    )
    return model


def drain_covers(side_m: float, ys: Sequence[float]) -> Iterator[tuple[Point, Model]]:
    """Yield where steel gratings lie in the gutter, and each of them."""
    for y in ys:
        cover = Model()
        cover.box((0, 0, 0), (0.4, 0.7, 0.02), Paint("metal", (0.05, 0.05, 0.05)))
        for k in range(6):
            cover.box(
                (0, -0.27 + 0.11 * k, 0.006), (0.34, 0.03, 0.02), Paint("metal", (0.16, 0.15, 0.14))
            )
        yield (side_m, y, 0.0), cover
