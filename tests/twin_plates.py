"""Plates that the tests make themselves: a flat grey road under an even sky, nothing baked."""

import numpy as np

from scripts.twin.camera import Camera
from scripts.twin.plates import Plates

ROAD_ALBEDO = 0.1


def flat_plates(camera: Camera, size: tuple[int, int] = (640, 360)) -> Plates:
    """Return plates of a plain at z = 0, lit by sun and sky, as ``camera`` sees it."""
    width, height = size
    down = -camera.rays(size)[..., 2]
    ground = down > camera.position[2] / 300
    texture = np.random.default_rng(0).uniform(0.9, 1.1, (height, width, 1)).astype(np.float32)
    albedo = np.where(ground[..., None], ROAD_ALBEDO * texture, 0).repeat(3, axis=2)
    sky = np.where(ground[..., None], 0.9 * albedo, (0.5, 0.6, 0.8))
    depth = np.where(ground, camera.position[2] / np.where(ground, down, 1), 0)
    return Plates(
        layers={"sun": (2.2 * albedo).astype(np.float32), "sky": sky.astype(np.float32)},
        depth_m=depth.astype(np.float32),
        albedo=albedo.astype(np.float32),
        normal=np.where(ground[..., None], (0, 0, 1), 0).astype(np.float32),
        wetness=np.zeros((height, width), np.float32),
        sun_map=np.full((64, 64), 200, np.float32),
        sun_view=np.eye(4),
    )
