"""Simple surfaces that shapes are put together from; lengths in metres."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from scripts.twin.shapes.mesh import Floats, Ints, Surface

_AXES = {"x": (1, 2, 0), "y": (2, 0, 1), "z": (0, 1, 2)}


def loft(rings: ArrayLike, *, caps: bool = True, crease_deg: float = 40.0) -> Surface:
    """Return the skin over closed rings.

    Parameters
    ----------
    rings
        ``(k, n, 3)``: k rings of n points.
    caps
        Whether the first and last ring are closed by fans about their middles.
    crease_deg
        See ``Surface``.

    Returns
    -------
    Surface
        Two triangles for each of the (k - 1) n quads, ring by ring, then the caps' n each.
    """
    grid = np.asarray(rings, dtype=np.float64)
    count, around, _ = grid.shape
    row, column = np.divmod(np.arange((count - 1) * around), around)
    after = (column + 1) % around
    a, b = row * around + column, row * around + after
    c, d = b + around, a + around
    triangles = np.stack([a, b, c, a, c, d], axis=1).reshape(-1, 3)
    points = grid.reshape(-1, 3)
    if caps:
        middles = grid[[0, -1]].mean(axis=1)
        first = np.arange(around)
        last = first + (count - 1) * around
        fans = [
            np.stack([np.roll(first, -1), first, np.full(around, len(points))], axis=1),
            np.stack([last, np.roll(last, -1), np.full(around, len(points) + 1)], axis=1),
        ]
        triangles = np.concatenate([triangles, *fans])
        points = np.concatenate([points, middles])
    return Surface(points, triangles, crease_deg).turned_out()


def per_quad(materials: Sequence[str], caps: str | None = None, around: int = 0) -> list[str]:
    """Return a material a triangle for a loft, from one a quad and one for both caps."""
    doubled = [material for material in materials for _ in range(2)]
    return doubled + ([caps] * (2 * around) if caps is not None else [])


def box(middle: ArrayLike, size: ArrayLike, *, top: tuple[float, float] = (1.0, 1.0)) -> Surface:
    """Return a box; ``top`` scales its upper face along x and y about the middle."""
    half = np.asarray(size, dtype=np.float64) / 2
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], dtype=np.float64)
    rings = np.empty((2, 4, 3))
    rings[0, :, :2], rings[1, :, :2] = corners, corners * np.asarray(top)
    rings[0, :, 2], rings[1, :, 2] = -1.0, 1.0
    points = (rings * half).reshape(-1, 3) + np.asarray(middle, dtype=np.float64)
    return Surface(points, _BOX, 0.0)


_BOX: Ints = np.array(
    [
        *((0, 2, 1), (0, 3, 2), (4, 5, 6), (4, 6, 7), (0, 1, 5), (0, 5, 4)),
        *((1, 2, 6), (1, 6, 5), (2, 3, 7), (2, 7, 6), (3, 0, 4), (3, 4, 7)),
    ]
)


def rounded_box(middle: ArrayLike, size: ArrayLike, radius: float, *, steps: int = 2) -> Surface:
    """Return a box with round edges; ``steps`` is how many faces a quarter round has."""
    half = np.asarray(size, dtype=np.float64) / 2
    radius = min(radius, float(half.min()) * 0.999)
    angle = np.linspace(0.0, np.pi / 2, steps + 1)
    corners = [
        (
            sign_x * (half[0] - radius + radius * along),
            sign_y * (half[1] - radius + radius * across),
        )
        for quarter, (sign_x, sign_y) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1)))
        for along, across in (
            zip(np.cos(angle), np.sin(angle), strict=True)
            if quarter % 2 == 0
            else zip(np.sin(angle), np.cos(angle), strict=True)
        )
    ]
    outline = np.array(corners)
    heights = np.concatenate(
        [-half[2] + radius * (1 - np.cos(angle)), half[2] - radius * (1 - np.cos(angle[::-1]))]
    )
    insets = np.concatenate([radius * (1 - np.sin(angle)), radius * (1 - np.sin(angle[::-1]))])
    core = half[:2] - radius
    rings = np.empty((len(heights), len(outline), 3))
    arm = outline - np.clip(outline, -core, core)
    for ring, height, inset in zip(rings, heights, insets, strict=True):
        ring[:, :2] = outline - arm * (inset / radius)
        ring[:, 2] = height
    return loft(rings + np.asarray(middle, dtype=np.float64), crease_deg=50.0)


def lathe(
    profile: Sequence[tuple[float, float]],
    middle: ArrayLike,
    axis: str,
    *,
    around: int = 16,
    crease_deg: float = 40.0,
) -> Surface:
    """Return a profile of (radius, position along the axis), turned about an axis."""
    angle = np.arange(around) * 2 * np.pi / around
    first, second, along = _AXES[axis]
    rings = np.empty((len(profile), around, 3))
    for ring, (radius, position) in zip(rings, profile, strict=True):
        ring[:, first], ring[:, second] = radius * np.cos(angle), radius * np.sin(angle)
        ring[:, along] = position
    return loft(rings + np.asarray(middle, dtype=np.float64), crease_deg=crease_deg)


def cylinder(
    middle: ArrayLike, radius: float, length: float, axis: str, *, around: int = 12
) -> Surface:
    """Return a cylinder along the axis x, y or z."""
    return lathe([(radius, -length / 2), (radius, length / 2)], middle, axis, around=around)


def ellipsoid(middle: ArrayLike, radii: ArrayLike, *, around: int = 8, rows: int = 4) -> Surface:
    """Return an ellipsoid with its poles up and down."""
    tilt = np.linspace(0.0, np.pi, rows + 1)
    profile = [(max(float(np.sin(t)), 1e-6), -float(np.cos(t))) for t in tilt]
    ball = lathe(profile, (0.0, 0.0, 0.0), "z", around=around, crease_deg=80.0)
    return ball.scaled(radii).moved(middle)


def capsule(
    start: ArrayLike,
    end: ArrayLike,
    radius: float,
    end_radius: float | None = None,
    *,
    around: int = 6,
) -> Surface:
    """Return a limb: a tube with round ends, tapering from ``radius`` to ``end_radius``."""
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    last = radius if end_radius is None else end_radius
    ahead = (b - a) / np.linalg.norm(b - a)
    rows = [(a - ahead * radius * 0.8, radius * 0.55), (a, radius), (b, last)]
    rows.append((b + ahead * last * 0.8, last * 0.55))
    return tube([middle for middle, _ in rows], [size for _, size in rows], around=around)


def tube(path: Sequence[ArrayLike], radii: Sequence[float], *, around: int = 7) -> Surface:
    """Return round rings at the points of a path, square to it, joined and capped."""
    points = np.asarray(path, dtype=np.float64)
    ahead = np.gradient(points, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    side = _square_to(ahead.mean(axis=0))
    angle = np.arange(around) * 2 * np.pi / around
    rings = np.empty((len(points), around, 3))
    for ring, point, direction, radius in zip(rings, points, ahead, radii, strict=True):
        first = side - direction * (side @ direction)
        first /= np.linalg.norm(first)
        second = np.cross(direction, first)
        ring[:] = point + radius * (
            np.cos(angle)[:, None] * first + np.sin(angle)[:, None] * second
        )
    return loft(rings, crease_deg=70.0)


def _square_to(direction: Floats) -> Floats:
    away = np.eye(3)[int(np.argmin(np.abs(direction)))]
    side = np.cross(direction, away)
    unit: Floats = side / np.linalg.norm(side)
    return unit


def torus(
    middle: ArrayLike, radius: float, thickness: float, *, around: int = 16, section: int = 6
) -> Surface:
    """Return a ring about the y axis; ``radius`` to the middle of its ``thickness`` (a radius)."""
    turn = np.arange(around) * 2 * np.pi / around
    inner = np.arange(section) * 2 * np.pi / section
    reach = radius + thickness * np.cos(inner)
    rings = np.stack(
        [
            reach * np.cos(turn)[:, None],
            np.broadcast_to(thickness * np.sin(inner), (around, section)),
            reach * np.sin(turn)[:, None],
        ],
        axis=-1,
    )
    closed = np.concatenate([rings, rings[:1]])
    return loft(closed + np.asarray(middle, dtype=np.float64), caps=False, crease_deg=80.0)


def curve(keys: Sequence[tuple[float, float]], at: ArrayLike) -> Floats:
    """Return a smooth curve through keys, without overshoot between them.

    Piecewise cubic with harmonic-mean slopes (Fritsch and Butland, SIAM J. Sci. Stat. Comput. 5,
    1984); constant beyond the first and last key.

    Parameters
    ----------
    keys
        (position, value), positions rising.
    at
        Positions.
    """
    x, y = np.array(keys, dtype=np.float64).T
    steps, slopes = np.diff(x), np.diff(y) / np.diff(x)
    tangents = np.concatenate([slopes[:1], np.zeros(len(x) - 2), slopes[-1:]])
    same = slopes[:-1] * slopes[1:] > 0
    tangents[1:-1][same] = 2 / (1 / slopes[:-1][same] + 1 / slopes[1:][same])
    wanted = np.clip(np.asarray(at, dtype=np.float64), x[0], x[-1])
    left = np.clip(np.searchsorted(x, wanted, side="right") - 1, 0, len(x) - 2)
    t, width = (wanted - x[left]) / steps[left], steps[left]
    values: Floats = (
        y[left] * (1 + 2 * t) * (1 - t) ** 2
        + y[left + 1] * t**2 * (3 - 2 * t)
        + tangents[left] * width * t * (1 - t) ** 2
        - tangents[left + 1] * width * t**2 * (1 - t)
    )
    return values
