"""Potholes and patches in the plates: the road seen and lit again where its surface changed.

The plates say how much light falls on every pixel (a layer over its albedo). Each pixel on the
thing is cut into four; each follows its line of sight into the relief, so that a hole's far wall
shows and its near rim hides the bed. What it meets is lit by that light, changed by its slope, its
own shadow towards the sun, and how much of the sky it sees. Water mirrors the picture above it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scripts.twin.camera import Camera
from scripts.twin.film.relief import Points, Relief, Values, relief
from scripts.twin.plates import Plates
from scripts.twin.scenario import Patch, Pothole
from scripts.twin.world import SUN_TOWARDS

_CUTS = 2
"""A pixel is cut into this many parts across and down."""

_STEPS = 40
_LONGEST_M = 2.5
_SLOPE_M = 0.012
_ROAD_WITHIN_M = 0.08
"""Ground further than this from z = 0 is a pavement, or not ground."""

_DARKEST = 0.012
_MUDDY_WATER = np.array((0.150, 0.104, 0.064))
_DAMP_M = 0.035
_MIRRORED_M = np.geomspace(0.6, 90.0, 40)


@dataclass(frozen=True, slots=True)
class Relit:
    """Plates with things in the road.

    Attributes
    ----------
    plates
        The new ones; the old are as they were.
    covers
        For each thing, in order, how much of each pixel it covers: ``(h, w)`` float32, 0 to 1.
    """

    plates: Plates
    covers: tuple[NDArray[np.float32], ...]


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines of sight that reach the road: one for each part of a pixel.

    ``pixel`` is the index of its pixel in the flat picture, ``ground`` where it meets the road,
    ``along`` its direction with a horizontal length of 1, ``(n, 3)``.
    """

    pixel: NDArray[np.int64]
    ground: Points
    along: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Met:
    """What lines of sight meet: where, how high, and whether that is water."""

    ground: Points
    height_m: Values
    water: NDArray[np.bool_]


def with_ground(plates: Plates, camera: Camera, things: Sequence[Pothole | Patch]) -> Relit:
    """Return plates in which the road has these things, one after the other.

    Parameters
    ----------
    plates
        Of any size; a thing that the camera does not see changes nothing.
    """
    covers = []
    for thing in things:
        plates, cover = _with_one(plates, camera, relief(thing))
        covers.append(cover)
    return Relit(plates, tuple(covers))


def _with_one(
    plates: Plates, camera: Camera, surface: Relief
) -> tuple[Plates, NDArray[np.float32]]:
    height, width = plates.depth_m.shape
    lines = _lines(plates, camera, surface)
    cover = np.zeros(height * width, np.float32)
    if not len(lines.pixel):
        return plates, cover.reshape(height, width)
    met = _meet(surface, lines)
    colour, share = surface.painted(met.ground)
    normal = _normals(surface, met)
    share = np.where(met.water, 1.0, share)
    damp = _dampness(surface, met)[:, None]
    colour = np.where(met.water[:, None], _MUDDY_WATER, colour * (1 - 0.5 * damp))

    def averaged(values: NDArray[np.float64], into: NDArray[np.float32]) -> NDArray[np.float32]:
        """Blend the parts of each pixel into a picture."""
        flat = into.reshape(height * width, -1).astype(np.float64)
        change = np.zeros_like(flat)
        np.add.at(change, lines.pixel, share[:, None] * (values - flat[lines.pixel]) / _CUTS**2)
        return (flat + change).astype(np.float32).reshape(into.shape)

    albedo = plates.albedo.reshape(-1, 3)[lines.pixel]
    factors = _light(surface, met, normal)
    mirror = _Mirror(plates, camera, lines, met)
    layers = {}
    for name, layer in plates.layers.items():
        arriving = layer.reshape(-1, 3)[lines.pixel] / np.maximum(albedo, _DARKEST)
        lit = arriving * colour * factors["sun" if name == "sun" else "sky"][:, None]
        layers[name] = averaged(mirror.over(lit, layer, arriving, is_sky=name == "sky"), layer)
    np.add.at(cover, lines.pixel, (share / _CUTS**2).astype(np.float32))
    wet = np.maximum(plates.wetness.reshape(-1)[lines.pixel], np.where(met.water, 1.0, 0.0))
    changed = replace(
        plates,
        layers=layers,
        albedo=averaged(colour, plates.albedo),
        normal=averaged(normal, plates.normal),
        wetness=averaged(wet[:, None], plates.wetness),
    )
    return changed, cover.reshape(height, width)


def _lines(plates: Plates, camera: Camera, surface: Relief) -> _Lines:
    """Return the lines of sight to road within the surface's reach."""
    height, width = plates.depth_m.shape
    position = np.asarray(camera.position)
    seen = position + plates.depth_m[..., None] * camera.rays((width, height))
    near = np.hypot(*(seen[..., :2] - np.asarray(surface.at)).transpose(2, 0, 1))
    on_road = (np.abs(seen[..., 2]) < _ROAD_WITHIN_M) & (plates.depth_m > 0)
    rows, columns = np.nonzero(on_road & (near < surface.reach_m + 0.3))
    if not len(rows):
        return _Lines(np.zeros(0, np.int64), np.zeros((0, 2)), np.zeros((0, 3)))
    top, left = rows.min(), columns.min()
    fine = camera.rays((width * _CUTS, height * _CUTS))[
        top * _CUTS : (rows.max() + 1) * _CUTS, left * _CUTS : (columns.max() + 1) * _CUTS
    ].astype(np.float64)
    pixels, rays = [], []
    for down in range(_CUTS):
        for across in range(_CUTS):
            rays.append(fine[down::_CUTS, across::_CUTS][rows - top, columns - left])
            pixels.append(rows * width + columns)
    ray = np.concatenate(rays)
    ground = position[:2] - position[2] / ray[:, 2:] * ray[:, :2]
    along = ray / np.hypot(ray[:, 0], ray[:, 1])[:, None]
    return _Lines(np.concatenate(pixels), ground, along)


def _meet(surface: Relief, lines: _Lines) -> _Met:
    """Follow each line of sight down from the road's plane until it meets the surface."""
    longest = np.minimum(surface.deepest_m / -lines.along[:, 2], _LONGEST_M)
    bottom = -np.inf if surface.water_m is None else surface.water_m
    reached = np.zeros(len(longest))
    above = np.ones(len(longest), np.bool_)
    for step in range(1, _STEPS + 1 if surface.deepest_m > 0 else 1):
        gone = longest * step / _STEPS
        points = lines.ground + gone[:, None] * lines.along[:, :2]
        floor = np.maximum(surface.height_m(points), bottom)
        above &= gone * lines.along[:, 2] > floor
        reached = np.where(above, gone, reached)
    ground = lines.ground + reached[:, None] * lines.along[:, :2]
    bed = surface.height_m(ground)
    return _Met(ground, np.maximum(bed, bottom), bed < bottom)


def _normals(surface: Relief, met: _Met) -> NDArray[np.float64]:
    """Return unit normals ``(n, 3)``, upright on water."""
    slopes = []
    for axis in np.eye(2) * _SLOPE_M:
        rise = surface.height_m(met.ground + axis) - surface.height_m(met.ground - axis)
        slopes.append(np.where(met.water, 0.0, -rise / (2 * _SLOPE_M)))
    normal = np.stack([*slopes, np.ones(len(met.ground))], axis=1)
    unit: NDArray[np.float64] = normal / np.linalg.norm(normal, axis=1)[:, None]
    return unit


def _light(surface: Relief, met: _Met, normal: NDArray[np.float64]) -> dict[str, Values]:
    """Return how much of the flat road's light arrives: from the sun, and from all around."""
    sun = np.asarray(SUN_TOWARDS)
    facing = np.maximum(normal @ sun, 0) / sun[2]
    lit = np.ones(len(normal))
    steepness = sun[2] / np.hypot(*sun[:2])
    towards = sun[:2] / np.hypot(*sun[:2])
    for gone in np.linspace(0.008, max(surface.deepest_m, 0.02) / steepness, 14):
        over = met.height_m + gone * steepness - surface.height_m(met.ground + gone * towards)
        lit = np.minimum(lit, np.clip(over / 0.006 + 0.6, 0, 1))
    return {"sun": facing * lit, "sky": _openness(surface, met)}


def _openness(surface: Relief, met: _Met) -> Values:
    """Return the share of the sky's light that a point gets: cos^2 of the horizon, on average."""
    horizons = []
    for azimuth in np.arange(8) * np.pi / 4:
        towards = np.array((np.cos(azimuth), np.sin(azimuth)))
        rises = [
            (surface.height_m(met.ground + gone * towards) - met.height_m) / gone
            for gone in (0.03, 0.09, 0.22)
        ]
        horizons.append(np.maximum(np.max(rises, axis=0), 0))
    open_to: Values = np.mean(1 / (1 + np.square(horizons)), axis=0)
    return open_to


def _dampness(surface: Relief, met: _Met) -> Values:
    """Return how damp a point is, just above the water."""
    if surface.water_m is None:
        return np.zeros(len(met.ground))
    damp: Values = np.clip(1 - (met.height_m - surface.water_m) / _DAMP_M, 0, 1)
    return damp


class _Mirror:
    """What stands above the water: each layer of the picture, mirrored.

    A mirrored line that leaves the picture, or meets nothing, sees the sky: as bright as what
    arrives on the ground from all around.
    """

    def __init__(self, plates: Plates, camera: Camera, lines: _Lines, met: _Met) -> None:
        self._water = np.nonzero(met.water)[0]
        along = lines.along[self._water] * (1, 1, -1)
        length = np.linalg.norm(along, axis=1)
        # Schlick's approximation for water, whose reflectance is 0.02 head on.
        self._strength = (0.02 + 0.98 * (1 - along[:, 2] / length) ** 5)[:, None]
        start = np.column_stack([met.ground, met.height_m])[self._water]
        self._pixel = _seen_along(plates, camera, start, along)

    def over(
        self,
        lit: NDArray[np.float64],
        layer: NDArray[np.float32],
        arriving: NDArray[np.float64],
        *,
        is_sky: bool,
    ) -> NDArray[np.float64]:
        """Return ``lit``, ``(n, 3)``, with this layer's mirror picture on the water."""
        if not len(self._water):
            return lit
        sky = arriving[self._water] if is_sky else np.zeros((len(self._water), 3))
        seen = layer.reshape(-1, 3)[self._pixel]
        mirrored = np.where((self._pixel >= 0)[:, None], seen, sky)
        result = lit.copy()
        result[self._water] += self._strength * (mirrored - result[self._water])
        return result


def _seen_along(
    plates: Plates, camera: Camera, start: NDArray[np.float64], along: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return the flat index of the pixel that each line meets first; -1 for none."""
    height, width = plates.depth_m.shape
    depth = plates.depth_m.reshape(-1)
    found = np.full(len(start), -1, np.int64)
    for gone, step in zip(_MIRRORED_M, np.diff(_MIRRORED_M, append=110.0), strict=True):
        pixels, ahead = camera.project(start + gone * along, (width, height))
        column, row = np.floor(pixels).astype(np.int64).T
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height) & (ahead > 0)
        index = np.where(inside, row * width + column, 0)
        behind = ahead - depth[index]
        meets = inside & (depth[index] > 0) & (behind > 0) & (behind < 2 * step + 0.5)
        found = np.where((found < 0) & meets, index, found)
    return found
