"""How bright the light is where the actors are, measured from the plates themselves.

A plate's radiance over its albedo is the light that arrives there over pi, so vehicles are lit by
what lights the street, whatever the bake's units are.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scripts.twin.camera import Camera
from scripts.twin.looks import Look, Rgb
from scripts.twin.plates import Plates
from scripts.twin.world import SUN_TOWARDS

Floats = NDArray[np.float32]

CELL_M = 1.0
"""Side of the cells in which the ground's light is averaged."""

REACH_M = 90.0
"""Ground farther from the camera is not measured: its depth is too coarse."""

UP_OVER_SIDEWAYS = 2.2
"""How much more sky light falls on level ground than on walls between houses, as dry plates show;
on wet ground it cannot be told from the mirror image of the sky."""

_DARKEST_ALBEDO = 0.03
_FEWEST_PIXELS = 50


@dataclass(frozen=True, slots=True)
class GroundLight:
    """The ambient light along the ground relative to the open road's: less beneath trees.

    Attributes
    ----------
    corner
        World x and y of the first cell, metres.
    share
        ``(rows, columns)``: rows along y, columns along x.
    """

    corner: tuple[float, float]
    share: Floats

    def at(self, x_m: float, y_m: float) -> float:
        """Return the share at a place, 1 where nothing was measured."""
        column = int((x_m - self.corner[0]) // CELL_M)
        row = int((y_m - self.corner[1]) // CELL_M)
        rows, columns = self.share.shape
        return float(self.share[row, column]) if 0 <= row < rows and 0 <= column < columns else 1.0


@dataclass(frozen=True, slots=True)
class Environment:
    """Light over pi that arrives on a surface facing each way, under a look.

    Attributes
    ----------
    sun
        On a surface that faces it.
    above, beside, below
        On one that faces up, along the ground, and down.
    lamp
        From one street lamp, 1 m below it, facing it.
    ground
        Where the ambient light is less.
    """

    sun: Rgb
    above: Rgb
    beside: Rgb
    below: Rgb
    lamp: Rgb
    ground: GroundLight


@dataclass(frozen=True, slots=True)
class _Ground:
    """The pixels that show level ground nearby: where they are, and their albedo."""

    pixels: tuple[NDArray[np.intp], NDArray[np.intp]]
    points: Floats
    albedo: Floats


def lamplight(points: Floats, heads: NDArray[np.float64]) -> Floats:
    """Return ``(n,)``: what lamps give level ground, in shares of one lamp 1 m above it.

    A head shines down in a cone with a soft rim, and weaker with the square of the distance; the
    shaders compute the same.
    """
    total = np.zeros(len(points), np.float32)
    for head in heads:
        to_lamp = head - points
        square = np.einsum("ij,ij->i", to_lamp, to_lamp)
        cosine = to_lamp[:, 2] / np.sqrt(square)
        rim = np.clip((cosine - 0.12) / 0.63, 0.0, 1.0)
        total += np.clip(cosine, 0.0, None) * rim * rim * (3 - 2 * rim) / square
    return total


def measure(plates: Plates, camera: Camera, look: Look, heads: NDArray[np.float64]) -> Environment:
    """Measure a camera's light under a look.

    Parameters
    ----------
    plates, camera, look
        What is seen from where, and how strong each light is.
    heads
        ``(n, 3)`` where all street lamps' heads are, lit or not.
    """
    ground = _level_ground(plates, camera)
    ambient = _total(plates, look, "sky", "windows")
    sun = _total(plates, look, "sun")
    lamps = _total(plates, look, *(name for name in plates.layers if name.startswith("lamp")))
    wet = bool(plates.wetness.any())
    arriving = ambient[ground.pixels] / ground.albedo
    above = _quantile(arriving, 0.75)
    beside = _on_walls(ambient, plates, otherwise=above / 2)
    if wet:
        above = np.minimum(above, UP_OVER_SIDEWAYS * beside)
    bounced = _quantile((ambient + sun)[ground.pixels], 0.5, otherwise=above * 0.15)
    given = lamplight(ground.points, heads)
    near = given > 0.3 * given.max(initial=1e-6)
    lamp = (lamps[ground.pixels] / ground.albedo)[near] / given[near, None]
    return Environment(
        sun=_rgb(_quantile(sun[ground.pixels] / ground.albedo, 0.8) / SUN_TOWARDS[2]),
        above=_rgb(above),
        beside=_rgb(np.clip(beside, 0.35 * above, 1.1 * above + bounced)),
        below=_rgb(bounced),
        # A wet road's bright spots are mirror images of the lamps.
        lamp=_rgb(_quantile(lamp, 0.25 if wet else 0.5, otherwise=np.zeros(3))),
        ground=_ground_light(ground, arriving, np.ones(3, np.float32) if wet else above),
    )


def weight(look: Look, layer: str) -> Floats:
    """Return a layer's ``(3,)`` weight under a look; a lamp's own layer counts as ``lamps``."""
    name = "lamps" if layer.startswith("lamp:") else layer
    return np.array(look.weights.get(name, (0.0, 0.0, 0.0)), np.float32)


def _total(plates: Plates, look: Look, *names: str) -> Floats:
    total = np.zeros_like(plates.albedo)
    for name in names:
        if name in plates.layers:
            total += plates.layers[name] * weight(look, name)
    return total


def _on_walls(ambient: Floats, plates: Plates, *, otherwise: NDArray[np.floating]) -> Floats:
    walls = (np.abs(plates.normal[..., 2]) < 0.2) & (plates.depth_m > 0)
    walls &= plates.albedo.min(axis=2) > _DARKEST_ALBEDO
    return _quantile(ambient[walls] / plates.albedo[walls], 0.7, otherwise=otherwise)


def _level_ground(plates: Plates, camera: Camera) -> _Ground:
    height, width = plates.depth_m.shape
    points = np.asarray(camera.position, np.float32) + (
        plates.depth_m[..., None] * camera.rays((width, height))
    )
    level = (plates.normal[..., 2] > 0.9) & (points[..., 2] < 0.4) & (plates.depth_m > 0)
    level &= (plates.depth_m < REACH_M) & (plates.albedo.min(axis=2) > _DARKEST_ALBEDO)
    # A wet road's mirror image of the sky is not light that arrives on it.
    if level.any():
        level &= plates.wetness <= np.quantile(plates.wetness[level], 0.4)
    pixels = np.nonzero(level)
    return _Ground((pixels[0], pixels[1]), points[pixels], plates.albedo[pixels])


def _ground_light(ground: _Ground, arriving: Floats, above: Floats) -> GroundLight:
    if len(ground.points) < _FEWEST_PIXELS:
        return GroundLight((0.0, 0.0), np.ones((1, 1), np.float32))
    cells = np.floor(ground.points[:, :2] / CELL_M).astype(np.int64)
    corner = cells.min(axis=0)
    columns, rows = np.ptp(cells, axis=0) + 1
    flat = (cells[:, 1] - corner[1]) * columns + cells[:, 0] - corner[0]
    relative = arriving[:, 1] / max(float(above[1]), 1e-9)
    counts = np.bincount(flat, minlength=rows * columns)
    sums = np.bincount(flat, weights=relative, minlength=rows * columns)
    share = np.where(counts > 0, sums / np.maximum(counts, 1), 1.0)
    share = np.clip(share, 0.3, 1.3).reshape(rows, columns).astype(np.float32)
    return GroundLight((float(corner[0]) * CELL_M, float(corner[1]) * CELL_M), share)


def _quantile(
    values: Floats, share: float, *, otherwise: NDArray[np.floating] | None = None
) -> Floats:
    if len(values) < _FEWEST_PIXELS:
        return np.asarray(0.5 * np.ones(3) if otherwise is None else otherwise, np.float32)
    return np.quantile(values, share, axis=0).astype(np.float32)


def _rgb(values: NDArray[np.floating]) -> Rgb:
    red, green, blue = (float(value) for value in values)
    return red, green, blue
