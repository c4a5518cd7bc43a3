"""Text as flat faces, from Blender's built-in font."""

from functools import lru_cache

import bpy
import numpy as np

from scripts.twin.bake.solids import Model, Paint


@lru_cache
def lettering(text: str) -> Model:
    """Return a line of text: capitals 1 m high, centred, upright in the x-z plane facing -y."""
    curve = bpy.data.curves.new("text", "FONT")
    curve.body = text
    curve.resolution_u = 2
    curve.offset = 0.018
    made = bpy.data.objects.new("text", curve)
    mesh = made.to_mesh()
    mesh.calc_loop_triangles()
    flat = np.empty(len(mesh.vertices) * 3, np.float32)
    mesh.vertices.foreach_get("co", flat)
    corners = np.empty(len(mesh.loop_triangles) * 3, np.int32)
    mesh.loop_triangles.foreach_get("vertices", corners)
    made.to_mesh_clear()
    bpy.data.objects.remove(made)
    bpy.data.curves.remove(curve)
    x, y = flat.reshape(-1, 3)[:, :2].T
    x, y = x - (x.min() + x.max()) / 2, y - (y.min() + y.max()) / 2
    size = float(np.ptp(y))
    model = Model()
    model.add(
        np.stack([x / size, np.zeros_like(x), y / size], axis=1),
        corners.reshape(-1, 3),
        Paint("plain"),
    )
    return model
