"""Shapes on the device, sent there once."""

from functools import cache

import numpy as np

from scripts.twin.render.device import Mesh, device
from scripts.twin.shapes import shape


@cache
def mesh(name: str, step: int) -> Mesh:
    """Return a shape in one posture as a mesh: its surface is material and openness to the sky."""
    made = shape(name, step)
    surface = np.stack([made.material.astype(np.float32), made.occlusion], axis=1)
    return device().mesh(np.concatenate([made.positions, made.normals, surface], axis=1))
