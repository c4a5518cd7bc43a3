"""Synthetic plates: level asphalt under a sun and a lamp, with a wall where a test wants one."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.twin.camera import Camera
from scripts.twin.plates import Plates, plates_file
from scripts.twin.world import CAMERAS, LAMPS, SUN_TOWARDS

SIZE = (320, 180)

ASPHALT = 0.12


def asphalt(
    camera: Camera, size: tuple[int, int] = SIZE, *, wall_y: float | None = None, wet: float = 0.0
) -> Plates:
    """Return plates of an endless level road; ``wall_y`` puts a grey wall across it there."""
    rays = camera.rays(size).astype(np.float64)
    with np.errstate(divide="ignore"):
        ground = -camera.position[2] / rays[..., 2]
        depth = np.where((ground > 0) & (ground < 300), ground, 0.0)
        normal = np.where(depth[..., None] > 0, [0.0, 0.0, 1.0], 0.0)
        if wall_y is not None:
            wall = (wall_y - camera.position[1]) / rays[..., 1]
            height = camera.position[2] + wall * rays[..., 2]
            stands = (wall > 0) & (height < 6) & ((depth == 0) | (wall < depth))
            depth = np.where(stands, wall, depth)
            normal[stands] = 0.0, np.sign(camera.position[1] - wall_y), 0.0
    albedo = np.full((*depth.shape, 3), ASPHALT)
    points = np.asarray(camera.position) + depth[..., None] * rays
    sunlit = np.clip(normal @ np.asarray(SUN_TOWARDS), 0, None)[..., None]
    layers = {"sun": 1.5 * sunlit * albedo, "sky": 0.5 * (normal[..., 2:] * 0.5 + 0.5) * albedo}
    layers["sky"][depth == 0] = 0.6
    layers["lamps"] = layers["windows"] = np.zeros_like(albedo)
    for lamp in LAMPS[camera.street]:
        layer = f"lamp:{lamp.name}" if lamp.alone else "lamps"
        light = albedo * np.array([1.0, 0.75, 0.45]) * _given(points, lamp.head)[..., None]
        layers[layer] = layers.get(layer, 0.0) + light * (depth > 0)[..., None]
    return Plates(
        layers={name: layer.astype(np.float32) for name, layer in layers.items()},
        depth_m=depth.astype(np.float32),
        albedo=albedo.astype(np.float32),
        normal=normal.astype(np.float32),
        wetness=np.where(normal[..., 2] > 0.9, wet, 0.0).astype(np.float32),
        sun_map=np.full((8, 8), 1e3, np.float32),
        sun_view=np.diag([1e-3, 1e-3, 1.0, 1.0]),
    )


def _given(points: NDArray[np.float64], head: tuple[float, float, float]) -> NDArray[np.float64]:
    away = np.asarray(head) - points
    square = (away**2).sum(axis=-1)
    cosine = away[..., 2] / np.sqrt(square)
    given: NDArray[np.float64] = 60 * np.clip(cosine, 0, None) ** 2 / square
    return given


def write_asphalt(folder: Path, name: str, *, grain: float = 0.0) -> None:
    """Write an asphalt road's dry plates as those of one of the simulated place's cameras.

    Each pixel's light is off by up to ``grain`` of itself, as another machine would bake it.
    """
    plates = asphalt(CAMERAS[name])
    noise = np.random.default_rng(0)
    for layer in plates.layers.values():
        layer *= noise.uniform(1 - grain, 1 + grain, layer.shape).astype(np.float32)
    fields = (field for field in Plates.__slots__ if field != "layers")
    # Any: numpy types `savez` with a flag among its names.
    arrays: dict[str, Any] = {field: getattr(plates, field) for field in fields}
    arrays |= {f"layer/{light}": layer for light, layer in plates.layers.items()}
    with plates_file(folder, name, wet=False).open("wb") as file:
        np.savez(file, **arrays)
