"""The static scene as the sun sees it, so that its shadows fall on what the renderer draws."""

from typing import Any

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from scripts.twin.bake.render import render
from scripts.twin.world import SUN_TOWARDS

SPAN_M = 140.0
"""Width and height of the map."""

_ABOVE_M = 150.0
_FAR_M = 400.0


def sun_frame(middle: tuple[float, float]) -> NDArray[np.float64]:
    """Return the map's pose: columns right, up, towards the sun, and its middle's position."""
    towards = np.asarray(SUN_TOWARDS) / np.linalg.norm(SUN_TOWARDS)
    right = np.cross((0.0, 0.0, 1.0), towards)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(towards, right), towards], axis=1)
    pose[:3, 3] = np.array([*middle, 0.0]) + towards * _ABOVE_M
    return pose


def sun_view(middle: tuple[float, float]) -> NDArray[np.float64]:
    """Return the matrix from world metres to ``(u, v, depth_m, 1)``, v downwards."""
    to_map = np.array(
        [[1 / SPAN_M, 0, 0, 0.5], [0, -1 / SPAN_M, 0, 0.5], [0, 0, -1.0, 0], [0, 0, 0, 1.0]]
    )
    matrix: NDArray[np.float64] = to_map @ np.linalg.inv(sun_frame(middle))
    return matrix


def sun_map(scene: Any, middle: tuple[float, float], texels: int) -> NDArray[np.float32]:  # noqa: ANN401  # bpy is untyped
    """Render the map: metres below its plane, ``(texels, texels)``."""
    camera = bpy.data.cameras.new("sun-map")
    camera.type, camera.ortho_scale = "ORTHO", SPAN_M
    camera.clip_start, camera.clip_end = 0.1, _FAR_M
    placed = bpy.data.objects.new("sun-map", camera)
    placed.matrix_world = Matrix(sun_frame(middle).tolist())
    scene.collection.objects.link(placed)
    kept = scene.camera, scene.cycles.samples
    scene.camera, scene.cycles.samples, scene.cycles.use_denoising = placed, 1, False
    scene.render.resolution_x = scene.render.resolution_y = texels
    depth = render(scene, ("Depth",))["Depth"][..., 0]
    scene.camera, scene.cycles.samples = kept
    scene.cycles.use_denoising = True
    return np.minimum(depth, _FAR_M)
