"""How much of the sky light reaches each corner of a mesh, from a coarse grid of what is solid."""

import numpy as np
from numpy.typing import NDArray

from scripts.twin.shapes.mesh import Floats

DIRECTIONS = 24
REACH_M = 1.8
STEPS = 14
GROUND_LIGHT = 0.45
"""What the ground gives back, as a share of what the sky there would give."""

HIDDEN_LIGHT = 0.12
"""What a nearby surface gives back."""


def openness(positions: Floats, normals: Floats) -> NDArray[np.float32]:
    """Return ``(n,)``, 1 where the whole sky is in view and 0 where no light comes.

    Parameters
    ----------
    positions, normals
        ``(n, 3)`` corners of consecutive triangles, metres; the ground is z = 0.
    """
    cell = float(np.clip(np.ptp(positions, axis=0).max() / 90, 0.02, 0.08))
    solid, origin = _voxels(positions, cell)
    keys = np.round(np.concatenate([positions / 0.005, normals / 0.1], axis=1)).astype(np.int64)
    _, chosen, back = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    start, facing = positions[chosen] + normals[chosen] * cell * 1.6, normals[chosen]
    light, weight = np.zeros(len(chosen)), np.zeros(len(chosen))
    for direction in _sphere(DIRECTIONS):
        cosine = np.clip(facing @ direction, 0.0, None)
        light += cosine * _light(start, direction, solid, origin, cell)
        weight += cosine
    share = light / np.maximum(weight, 1e-9)
    return share[back.ravel()].astype(np.float32)


def _light(
    start: Floats, direction: Floats, solid: NDArray[np.bool_], origin: Floats, cell: float
) -> Floats:
    """Return what comes to points from one direction: the sky's 1, or what hides it."""
    reaches = cell * (REACH_M / cell) ** (np.arange(STEPS) / (STEPS - 1))
    open_sky = 1.0 if direction[2] > 0 else GROUND_LIGHT
    light = np.full(len(start), open_sky)
    # From far to near: the nearest hit is written last.
    for reach in reaches[::-1]:
        at = np.floor((start + direction * reach - origin) / cell).astype(np.int64)
        inside = np.all((at >= 0) & (at < solid.shape), axis=1)
        at[~inside] = 0
        hit = inside & solid[at[:, 0], at[:, 1], at[:, 2]]
        light[hit] = HIDDEN_LIGHT + (open_sky - HIDDEN_LIGHT) * 0.6 * (reach / REACH_M)
    return light


def _voxels(positions: Floats, cell: float) -> tuple[NDArray[np.bool_], Floats]:
    """Return which cells the triangles pass through, and the corner of the first cell."""
    corners = positions.reshape(-1, 3, 3)
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    origin = positions.min(axis=0) - cell
    shape = np.ceil((positions.max(axis=0) - origin) / cell).astype(np.int64) + 1
    solid = np.zeros(shape, dtype=np.bool_)
    counts = np.ceil(edges / (cell * 0.8)).astype(np.int64)
    for count in np.unique(counts):
        first, second = np.meshgrid(np.arange(count + 1), np.arange(count + 1), indexing="ij")
        inside = first + second <= count
        u, v = first[inside] / count, second[inside] / count
        weights = np.stack([1 - u - v, u, v], axis=1)
        samples = np.einsum("sk,mkd->msd", weights, corners[counts == count]).reshape(-1, 3)
        at = np.floor((samples - origin) / cell).astype(np.int64)
        solid[at[:, 0], at[:, 1], at[:, 2]] = True
    return solid, origin


def _sphere(count: int) -> Floats:
    """Return ``(count, 3)`` unit vectors spread evenly over the sphere (Fibonacci lattice)."""
    index = np.arange(count) + 0.5
    up = 1 - 2 * index / count
    turn = np.pi * (1 + np.sqrt(5)) * index
    level = np.sqrt(1 - up**2)
    return np.stack([level * np.cos(turn), level * np.sin(turn), up], axis=1)
