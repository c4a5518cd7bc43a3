"""Street trees of the tropics, grown from seeds: angsana, mango, palm and banana.

Each is a small set of models to be placed many times; a tree's foot is its origin.
"""

import numpy as np
from numpy.typing import NDArray

from scripts.twin.bake.solids import Model, Paint, Rgb

KINDS = ("angsana", "mango", "palm", "banana", "shrub")

_BARK = Paint("bark", (0.16, 0.125, 0.09))


def tree(kind: str, seed: int) -> Model:
    """Return one tree; ``kind`` is one of `KINDS`."""
    rng = np.random.default_rng(seed)
    grow = {
        "angsana": _angsana,
        "mango": _mango,
        "palm": _palm,
        "banana": _banana,
        "shrub": _shrub,
    }
    return grow[kind](rng)


def _angsana(rng: np.random.Generator) -> Model:
    """Return a light, spreading crown on a forked trunk, 8 m high."""
    return _broadleaf(
        rng,
        trunk_m=3.0,
        crown=(2.6, 2.6, 1.9),
        middle_m=5.7,
        tint=(0.085, 0.15, 0.028),
        leaves=10500,
    )


def _mango(rng: np.random.Generator) -> Model:
    """Return a dense, dark, round crown, 6 m high."""
    return _broadleaf(
        rng,
        trunk_m=1.9,
        crown=(2.1, 2.1, 1.9),
        middle_m=4.2,
        tint=(0.042, 0.095, 0.02),
        leaves=10500,
    )


def _shrub(rng: np.random.Generator) -> Model:
    return _broadleaf(
        rng, trunk_m=0.2, crown=(0.8, 0.8, 0.55), middle_m=0.7, tint=(0.05, 0.1, 0.02), leaves=700
    )


def _broadleaf(
    rng: np.random.Generator,
    *,
    trunk_m: float,
    crown: tuple[float, float, float],
    middle_m: float,
    tint: Rgb,
    leaves: int,
) -> Model:
    """Return limbs that end in tufts of leaves; tufts fill an ellipsoid's shell."""
    model = Model()
    lean = rng.normal(0, 0.12, 2)
    fork = np.array([*lean, trunk_m])
    thick = 0.055 * trunk_m + 0.03
    model.tube(
        [(0, 0, -0.1), (0, 0, 0.15), tuple(fork * 0.6), tuple(fork)],
        [thick * 1.5, thick, thick * 0.85, thick * 0.7],
        _BARK,
    )
    tufts = 70 if leaves > 1000 else 9
    directions = rng.normal(size=(tufts, 3))
    directions[:, 2] = np.abs(directions[:, 2]) * 1.1 - 0.35
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    ends = directions * rng.uniform(0.35, 1.0, (tufts, 1)) * crown + (*lean, middle_m)
    for end in ends[::4]:
        knee = fork + (end - fork) * (0.5, 0.5, 0.35)
        model.tube(
            [tuple(fork), tuple(knee), tuple(end)], [thick * 0.5, thick * 0.25, 0.02], _BARK, 5
        )
    at = ends[rng.integers(tufts, size=leaves)]
    spread = np.array(crown) * 0.21
    at = at + rng.normal(0, 1, (leaves, 3)) * spread
    bright = 0.75 + 0.5 * (at[:, 2] - middle_m + crown[2]) / (2 * crown[2])
    size = rng.uniform(0.10, 0.19, leaves) * (0.6 if leaves < 1000 else 1.0)
    for low, high in ((0.0, 0.9), (0.9, 1.1), (1.1, 9.0)):
        chosen = (bright >= low) & (bright < high)
        shade = {0.0: 0.75, 0.9: 1.0, 1.1: 1.25}[low]
        _leaves(
            model,
            rng,
            at[chosen],
            size[chosen],
            Paint("leaf", (tint[0] * shade, tint[1] * shade, tint[2] * shade)),
        )
    return model


def _leaves(
    model: Model,
    rng: np.random.Generator,
    at: NDArray[np.float64],
    size: NDArray[np.float64],
    paint: Paint,
) -> None:
    """Add one pointed twig of leaves at each place, lying rather than standing."""
    count = len(at)
    along = rng.normal(size=(count, 3)) * (1, 1, 0.45)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(along, np.add(rng.normal(0, 0.5, (count, 3)), (0, 0, 1)))
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    along, across = along * size[:, None], across * size[:, None] * 0.45
    fold = np.array([0, 0, -0.25]) * size[:, None]
    corners = np.stack(
        [at - along, at + across + fold * 0.3, at + along + fold, at - across + fold * 0.3], axis=1
    )
    model.add(corners.reshape(-1, 3), np.arange(count * 4).reshape(-1, 4), paint)


def _palm(rng: np.random.Generator) -> Model:
    """Return a coconut palm, 8 m high: a bent stem under arching fronds."""
    model = Model()
    bend = rng.normal(0, 0.5, 2)
    heights = np.linspace(0, 1, 9)
    stem = [(bend[0] * h * h, bend[1] * h * h, 7.0 * h - 0.1) for h in heights]
    model.tube(stem, list(0.17 - 0.07 * heights), _BARK)
    for number in range(20):
        turn, rise = number * 2.4 + rng.normal(0, 0.1), rng.uniform(-0.1, 0.9)
        _frond(model, np.array(stem[-1]), turn, rise, 2.6)
    return model


def _frond(
    model: Model, foot: NDArray[np.float64], turn: float, rise: float, length: float
) -> None:
    """Add one feathered leaf: pairs of hanging strips along an arching rib."""
    steps = np.linspace(0.08, 1, 22)
    flat = np.array([np.cos(turn), np.sin(turn), 0.0])
    side = np.array([-np.sin(turn), np.cos(turn), 0.0])
    rib = foot + length * (
        steps[:, None] * flat * (1 - 0.25 * steps[:, None])
        + np.outer(rise * steps - 0.95 * steps**2, (0, 0, 1))
    )
    width = 0.55 * np.sin(np.pi * np.clip(steps * 0.9 + 0.08, 0, 1))[:, None]
    vertices = []
    for sign in (1.0, -1.0):
        tip = rib + sign * side * width + flat * 0.18 - np.array([0, 0, 0.3]) * width
        vertices.append(np.stack([rib, rib + flat * 0.07, tip + flat * 0.02, tip], axis=1))
    corners = np.concatenate(vertices)
    model.add(
        corners.reshape(-1, 3),
        np.arange(corners.shape[0] * 4).reshape(-1, 4),
        Paint("leaf", (0.06, 0.12, 0.02)),
    )


def _banana(rng: np.random.Generator) -> Model:
    """Return a clump of banana plants, 3 m high."""
    model = Model()
    for _ in range(3):
        x, y = rng.normal(0, 0.4, 2)
        high = rng.uniform(1.2, 2.0)
        model.tube([(x, y, 0), (x, y, high)], [0.12, 0.07], Paint("bark", (0.2, 0.22, 0.09)), 7)
        for number in range(8):
            _blade(
                model,
                np.array([x, y, high]),
                number * 2.2 + rng.normal(0, 0.2),
                rng.uniform(0.5, 1.3),
            )
    return model


def _blade(model: Model, foot: NDArray[np.float64], turn: float, rise: float) -> None:
    steps = np.linspace(0, 1, 9)
    flat, side = (
        np.array([np.cos(turn), np.sin(turn), 0.0]),
        np.array([-np.sin(turn), np.cos(turn), 0.0]),
    )
    rib = foot + 1.7 * (
        np.outer(steps, flat) * 0.8 + np.outer(rise * steps - 1.1 * steps**2, (0, 0, 1))
    )
    width = 0.3 * np.sin(np.pi * np.clip(steps, 0.05, 1) ** 0.7)[:, None]
    rows = np.stack(
        [rib - side * width + (0, 0, 0.1) * width, rib, rib + side * width + (0, 0, 0.1) * width],
        axis=1,
    )
    faces = [
        [3 * k + j, 3 * k + j + 1, 3 * k + j + 4, 3 * k + j + 3] for k in range(8) for j in range(2)
    ]
    model.add(rows.reshape(-1, 3), faces, Paint("leaf", (0.09, 0.17, 0.03)))
