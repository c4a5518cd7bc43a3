"""The painted ground: asphalt, markings, paving and dirt as pictures seen from above."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scripts.twin.bake.markings import Marking, junction_markings
from scripts.twin.bake.noise import Grid, cloud_noise, ramp, smooth_noise
from scripts.twin.world import (
    BUILDING_LINE_M,
    KERB_RADIUS_M,
    LANE_WIDTH_M,
    PAVEMENT_WIDTH_M,
    ROAD_HALF_WIDTH_M,
    STOP_LINE_M,
)

Colour = NDArray[np.float32]

EDGE_M = BUILDING_LINE_M + 0.6
"""Sheets reach this far from the road's middle line, a little under the shop fronts."""

TACTILE_M = (2.2, 2.5)
"""The yellow strip for the blind, metres from the kerb."""

_SEED = 20


@dataclass(frozen=True, slots=True)
class Sheet:
    """A rectangle of ground to be painted, metres, with square texels of ``texel_m``."""

    name: str
    low: tuple[float, float]
    high: tuple[float, float]
    texel_m: float

    @property
    def xs(self) -> NDArray[np.float64]:
        """Middles of its columns."""
        return self._middles(0)

    @property
    def ys(self) -> NDArray[np.float64]:
        """Middles of its rows, southernmost first."""
        return self._middles(1)

    def _middles(self, axis: int) -> NDArray[np.float64]:
        span = self.high[axis] - self.low[axis]
        count = round(span / self.texel_m)
        return self.low[axis] + (np.arange(count) + 0.5) * span / count


@dataclass(frozen=True, slots=True)
class Surface:
    """A painted sheet: linear ``colour`` (h, w, 3) and ``wetness`` after rain (h, w), 0 to 1."""

    colour: Colour
    wetness: Grid


def kerb_distance(xs: NDArray[np.floating], ys: NDArray[np.floating]) -> Grid:
    """Return how far each point lies behind the kerb, metres; negative on the road."""
    a = (np.abs(xs) - ROAD_HALF_WIDTH_M)[None, :]
    b = (np.abs(ys) - ROAD_HALF_WIDTH_M)[:, None]
    radius = KERB_RADIUS_M
    round_corner = radius - np.hypot(np.minimum(a - radius, 0), np.minimum(b - radius, 0))
    inner = np.where((a < radius) & (b < radius), round_corner, np.minimum(a, b))
    return np.asarray(inner, np.float32)


def paint_sheet(sheet: Sheet) -> Surface:
    """Return the sheet's surface; neighbouring sheets meet without a seam."""
    xs, ys = sheet.xs, sheet.ys
    kerb = kerb_distance(xs, ys)
    colour = _asphalt(xs, ys)
    _stain(colour, xs, ys, sheet.texel_m)
    wear = cloud_noise(xs, ys, 1.1, _SEED + 7, 5)
    wear = 0.6 * wear + 0.4 * smooth_noise(xs, ys, 0.09, _SEED + 8)
    for marking in junction_markings():
        _mark(colour, sheet, marking, wear)
    dust = ramp(kerb, -0.9, -0.05) * cloud_noise(xs, ys, 0.8, _SEED + 9)
    _blend(colour, (0.17, 0.145, 0.11), np.where(kerb < 0, 0.75 * dust, 0))
    paving = kerb > 0
    colour[paving] = _paving(xs, ys, kerb)[paving]
    grain = np.random.default_rng(_SEED).normal(1.0, 0.07, kerb.shape).astype(np.float32)
    return Surface(np.clip(colour * grain[..., None], 0.004, 0.8), _wetness(xs, ys, kerb))


def _asphalt(xs: NDArray[np.floating], ys: NDArray[np.floating]) -> Colour:
    broad = cloud_noise(xs, ys, 9.0, _SEED + 1, 3)
    fine = cloud_noise(xs, ys, 0.5, _SEED + 2, 4)
    grey = 0.088 + 0.05 * broad + 0.035 * (fine - 0.5)
    grey *= 1 - 0.16 * _wheel_paths(xs, ys)
    grey *= 1 - 0.25 * _oil_strips(xs, ys) * (0.5 + fine)
    speckle = smooth_noise(xs, ys, 0.035, _SEED + 3)
    grey *= 0.86 + 0.28 * speckle
    tone = np.array([1.03, 1.0, 0.95], np.float32)
    return np.asarray(grey[..., None] * tone, np.float32)


def _across_lanes(values: NDArray[np.floating], offset: float, width: float) -> NDArray[np.float32]:
    """Return 1 at ``offset`` beside a lane's middle, falling off by ``width``."""
    beside = np.abs(values) % LANE_WIDTH_M - LANE_WIDTH_M / 2
    return np.asarray(np.exp(-(((np.abs(beside) - offset) / width) ** 2)), np.float32)


def _both_roads(
    xs: NDArray[np.floating], ys: NDArray[np.floating], offset: float, width: float
) -> Grid:
    """Return a pattern along the lanes of both roads, the main one running through the junction."""
    along = _across_lanes(xs, offset, width) * (np.abs(xs) < ROAD_HALF_WIDTH_M)
    cross = _across_lanes(ys, offset, width) * (np.abs(ys) < ROAD_HALF_WIDTH_M)
    in_cross = (np.abs(ys) < ROAD_HALF_WIDTH_M)[:, None] & (np.abs(xs) > ROAD_HALF_WIDTH_M)[None, :]
    return np.asarray(np.where(in_cross, cross[:, None], along[None, :]), np.float32)


def _wheel_paths(xs: NDArray[np.floating], ys: NDArray[np.floating]) -> Grid:
    paths: Grid = _both_roads(xs, ys, 0.75, 0.3) * (0.5 + cloud_noise(xs, ys, 3.0, _SEED + 4, 3))
    return paths


def _oil_strips(xs: NDArray[np.floating], ys: NDArray[np.floating]) -> Grid:
    """Return the dark middle of each lane, strongest where traffic waits."""
    waits = np.exp(-np.maximum(np.abs(ys) - STOP_LINE_M, 0) / 30)[:, None]
    strips: Grid = _both_roads(xs, ys, 0.0, 0.35) * (0.35 + 0.65 * waits)
    return strips.astype(np.float32)


def _stain(
    colour: Colour, xs: NDArray[np.floating], ys: NDArray[np.floating], texel_m: float
) -> None:
    """Add patches, trenches, drips of oil and cracks; the same ones wherever the sheet lies."""
    rng = np.random.default_rng(_SEED + 30)
    for _ in range(120):
        along_main = rng.random() < 0.7
        a, b = (
            rng.uniform(-6.0, 6.0),
            rng.uniform(-380, 190) if along_main else rng.uniform(-70, 70),
        )
        size = rng.uniform((0.7, 1.0), (1.8, 4.0))
        dark = rng.uniform(0.45, 0.85)
        x, y = (a, b) if along_main else (b, a)
        wide, long = size if along_main else size[::-1]
        _patch(colour, xs, ys, (x, y, wide, long), dark)
    _patch(colour, xs, ys, (5.35, -60.0, 0.75, 96.0), 0.72)
    for _ in range(260):
        x, y = rng.uniform(-6.2, 6.2), rng.uniform(-370, 120)
        _blot(colour, xs, ys, (x, y, rng.uniform(0.08, 0.45)), rng.uniform(0.3, 0.6))
    if texel_m < 0.06:
        for _ in range(240):
            start = rng.uniform((-6.4, -340), (6.4, 60))
            _crack(colour, xs, ys, start, rng)


def _window(values: NDArray[np.floating], low: float, high: float) -> slice:
    return slice(int(np.searchsorted(values, low)), int(np.searchsorted(values, high)))


def _patch(
    colour: Colour,
    xs: NDArray[np.floating],
    ys: NDArray[np.floating],
    box: tuple[float, float, float, float],
    dark: float,
) -> None:
    x, y, wide, long = box
    columns = _window(xs, x - wide / 2 - 0.1, x + wide / 2 + 0.1)
    rows = _window(ys, y - long / 2 - 0.1, y + long / 2 + 0.1)
    part = colour[rows, columns]
    if part.size == 0:
        return
    u = wide / 2 - np.abs(xs[columns] - x)[None, :]
    v = long / 2 - np.abs(ys[rows] - y)[:, None]
    ragged = 0.06 * (cloud_noise(xs[columns], ys[rows], 0.3, _SEED + 40, 2) - 0.5)
    inside = np.minimum(u, v) + ragged
    seam = np.exp(-((inside / 0.035) ** 2))
    part *= (1 - (1 - dark) * ramp(inside, -0.02, 0.02))[..., None]
    part *= (1 - 0.45 * seam)[..., None]


def _blot(
    colour: Colour,
    xs: NDArray[np.floating],
    ys: NDArray[np.floating],
    spot: tuple[float, float, float],
    dark: float,
) -> None:
    x, y, radius = spot
    columns, rows = (
        _window(xs, x - 2 * radius, x + 2 * radius),
        _window(ys, y - 3 * radius, y + 3 * radius),
    )
    part = colour[rows, columns]
    if part.size == 0:
        return
    far = np.hypot((xs[columns] - x)[None, :], (ys[rows] - y)[:, None] / 1.5) / radius
    far += 0.8 * (cloud_noise(xs[columns], ys[rows], radius, _SEED + 41, 3) - 0.5)
    part *= (1 - dark * ramp(far.astype(np.float32), 1.1, 0.3))[..., None]


def _crack(
    colour: Colour,
    xs: NDArray[np.floating],
    ys: NDArray[np.floating],
    start: NDArray[np.float64],
    rng: np.random.Generator,
) -> None:
    """Darken along a wandering line; some were sealed with tar and are broad and black."""
    steps = rng.integers(60, 500)
    heading = rng.choice([0.0, np.pi / 2]) + np.cumsum(rng.normal(0, 0.05, steps))
    points = start + np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1) * 0.02, axis=0)
    sealed = rng.random() < 0.2
    texel = xs[1] - xs[0]
    reach = max(1, round((0.05 if sealed else 0.012) / texel))
    column = np.round((points[:, 0] - xs[0]) / texel).astype(int)
    row = np.round((points[:, 1] - ys[0]) / (ys[1] - ys[0])).astype(int)
    shape = colour.shape
    darkened = np.unique(
        np.concatenate(
            [
                np.stack([row + dr, column + dc], axis=1)
                for dr in range(-reach + 1, reach)
                for dc in range(-reach + 1, reach)
            ]
        ),
        axis=0,
    )
    inside = ((darkened >= 0) & (darkened < shape[:2])).all(axis=1)
    row, column = darkened[inside].T
    colour[row, column] *= 0.4 if sealed else 0.5


def _mark(colour: Colour, sheet: Sheet, marking: Marking, wear: Grid) -> None:
    """Paint one marking where it is not worn off."""
    corners = np.asarray(marking.corners)
    xs, ys, texel = sheet.xs, sheet.ys, sheet.texel_m
    (x0, y0), (x1, y1) = corners.min(axis=0) - texel, corners.max(axis=0) + texel
    columns, rows = _window(xs, x0, x1), _window(ys, y0, y1)
    part = colour[rows, columns]
    if part.size == 0:
        return
    covered = _coverage(corners, xs[columns], ys[rows], texel)
    # 0.5 is the noise's middle; most values lie within 0.25 of it.
    worn = ramp(wear[rows, columns], 0.95 - marking.wear, 0.72 - marking.wear * 0.62)
    _blend(part, marking.colour, covered * (0.12 + 0.8 * worn))


def _coverage(
    corners: NDArray[np.float64], xs: NDArray[np.floating], ys: NDArray[np.floating], texel: float
) -> Grid:
    """Return the share of each texel inside a polygon, from 3x3 samples."""
    total = np.zeros((len(ys), len(xs)), np.float32)
    offsets = (-texel / 3, 0.0, texel / 3)
    for dx in offsets:
        for dy in offsets:
            inside = np.zeros(total.shape, bool)
            px, py = (xs + dx)[None, :], (ys + dy)[:, None]
            for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
                if ay != by:
                    between = (py > ay) != (py > by)
                    inside ^= between & (px < ax + (py - ay) * (bx - ax) / (by - ay))
            total += inside
    return np.asarray(total / 9, np.float32)


def _paving(xs: NDArray[np.floating], ys: NDArray[np.floating], kerb: Grid) -> Colour:
    """Return concrete blocks, the tactile strip, and the shops' apron of bare concrete."""
    broad = cloud_noise(xs, ys, 4.0, _SEED + 50, 4)[..., None]
    row = np.floor(ys / 0.2)
    shift = xs[None, :] / 0.4 + 0.5 * (row % 2)[:, None]
    number = (np.floor(shift) * 73 + row[:, None] * 151).astype(np.int64) % 997
    each = np.random.default_rng(_SEED).random(997).astype(np.float32)[number][..., None]
    joint = np.minimum(np.abs(shift % 1 - 0.5) < 0.47, (np.abs(ys / 0.2 % 1 - 0.5) < 0.45)[:, None])
    red = ((np.abs(kerb - 2.35) < 0.75) & (kerb < 3.4))[..., None]
    blocks = np.where(red, np.array([0.27, 0.13, 0.09]), np.array([0.27, 0.26, 0.24]))
    colour = (
        blocks * (0.72 + 0.28 * each) * (0.72 + 0.5 * broad) * np.where(joint, 1, 0.6)[..., None]
    )
    tactile = ((kerb > TACTILE_M[0]) & (kerb < TACTILE_M[1]))[..., None]
    bumps = 0.85 + 0.3 * (np.sin(xs * 2 * np.pi / 0.1)[None, :, None] > 0)
    colour = np.where(tactile, np.array([0.50, 0.36, 0.06]) * bumps * (0.6 + 0.5 * broad), colour)
    apron = (kerb > PAVEMENT_WIDTH_M)[..., None]
    concrete = np.array([0.27, 0.255, 0.23]) * (0.55 + 0.7 * broad)
    colour = np.where(apron, concrete, colour)
    edge = (np.abs(kerb - 0.14) < 0.13)[..., None]
    colour = np.where(edge, np.array([0.3, 0.29, 0.27]) * (0.6 + 0.5 * broad), colour)
    dirt = cloud_noise(xs, ys, 1.2, _SEED + 51, 5)
    _blend(colour, (0.1, 0.085, 0.06), 0.7 * ramp(dirt, 0.55, 0.85))
    return np.asarray(colour, np.float32)


def _wetness(xs: NDArray[np.floating], ys: NDArray[np.floating], kerb: Grid) -> Grid:
    """Return a film everywhere, thicker in the wheel paths, and puddles where water stands."""
    low_places = cloud_noise(xs, ys, 5.0, _SEED + 60, 5)
    fine = cloud_noise(xs, ys, 0.4, _SEED + 61, 3)
    rut = _both_roads(xs, ys, 0.75, 0.35)
    gutter = np.where(kerb < 0, ramp(kerb, -1.1, -0.1), 0)
    level = low_places + 0.12 * rut + 0.3 * gutter + 0.1 * (fine - 0.5) - 0.08 * (kerb > 0)
    film = 0.22 + 0.25 * fine
    return np.asarray(film + (1 - film) * ramp(level.astype(np.float32), 0.57, 0.75), np.float32)


def _blend(colour: NDArray[np.floating], over: tuple[float, float, float], share: Grid) -> None:
    """Mix ``over`` into ``colour`` in place."""
    colour += (np.asarray(over, np.float32) - colour) * share[..., None]
