"""Smooth noise on grids of ground points: the same point has the same value in every grid."""

import numpy as np
from numpy.typing import NDArray

Grid = NDArray[np.float32]

_TABLE = 256


def smooth_noise(
    xs: NDArray[np.floating], ys: NDArray[np.floating], size_m: float, seed: int
) -> Grid:
    """Return value noise, 0 to 1, with features of ``size_m`` metres.

    Parameters
    ----------
    xs, ys
        Coordinates of the grid's columns and rows, metres; the result is ``(len(ys), len(xs))``.
    """
    table = np.random.default_rng(seed).random((_TABLE, _TABLE), np.float32)

    def cells(values: NDArray[np.floating]) -> tuple[NDArray[np.int64], Grid]:
        whole = np.floor(values / size_m)
        part = (values / size_m - whole).astype(np.float32)
        return whole.astype(np.int64) % _TABLE, part * part * (3 - 2 * part)

    column, across = cells(xs)
    row, along = cells(ys)
    beside = (column + 1) % _TABLE

    def line(rows: NDArray[np.int64]) -> Grid:
        left = table[rows][:, column]
        right: Grid = left + across * (table[rows][:, beside] - left)
        return right

    # Few rows of the lattice serve many of the grid.
    used, back = np.unique(np.concatenate([row, (row + 1) % _TABLE]), return_inverse=True)
    lines = line(used)
    low, high = lines[back[: len(ys)]], lines[back[len(ys) :]]
    result: Grid = low + along[:, None] * (high - low)
    return result


def cloud_noise(
    xs: NDArray[np.floating], ys: NDArray[np.floating], size_m: float, seed: int, octaves: int = 4
) -> Grid:
    """Return noise with detail at halving sizes, 0 to 1; parameters as `smooth_noise`."""
    total = np.zeros((len(ys), len(xs)), np.float32)
    weight, weights = 1.0, 0.0
    for octave in range(octaves):
        total += weight * smooth_noise(xs, ys, size_m / 2**octave, seed * 31 + octave)
        weights += weight
        weight *= 0.55
    total /= weights
    # Averaging pulls the values to the middle; spread them again.
    return np.asarray(np.clip((total - 0.5) * 1.6 + 0.5, 0, 1), np.float32)


def ramp(values: Grid, low: float, high: float) -> Grid:
    """Return 0 below ``low``, 1 above ``high``, smooth between; ``low`` above ``high`` falls."""
    part = np.clip((values - low) / (high - low), 0, 1)
    result: Grid = part * part * (3 - 2 * part)
    return result
