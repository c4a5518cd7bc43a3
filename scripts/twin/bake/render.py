"""Rendering with Cycles, and getting the passes back as arrays."""

import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

Passes = dict[str, NDArray[np.float32]]


def render(scene: Any, passes: tuple[str, ...]) -> Passes:  # noqa: ANN401  # bpy is untyped
    """Render the scene and return passes by their Cycles names, ``(h, w, 4)``, top row first."""
    with tempfile.TemporaryDirectory() as folder:
        scene.compositing_node_group = _files(passes, folder)
        bpy.ops.render.render()
        tree = scene.compositing_node_group
        scene.compositing_node_group = None
        bpy.data.node_groups.remove(tree)
        return {name: _read(Path(folder) / f"{name}.exr") for name in passes}


def _files(passes: tuple[str, ...], folder: str) -> Any:  # noqa: ANN401  # bpy is untyped
    """Return a compositor that writes passes to files of their own."""
    tree = bpy.data.node_groups.new("passes", "CompositorNodeTree")
    layers = tree.nodes.new("CompositorNodeRLayers")
    files = tree.nodes.new("CompositorNodeOutputFile")
    files.directory, files.file_name = folder, ""
    files.format.media_type = "IMAGE"
    files.format.file_format, files.format.color_depth = "OPEN_EXR", "32"
    files.file_output_items.clear()
    for name in passes:
        files.file_output_items.new("RGBA", name)
        tree.links.new(layers.outputs[name], files.inputs[name])
    return tree


def _read(file: Path) -> NDArray[np.float32]:
    image = bpy.data.images.load(str(file), check_existing=False)
    image.colorspace_settings.name = "Non-Color"
    width, height = image.size
    values = np.empty(width * height * 4, np.float32)
    image.pixels.foreach_get(values)
    bpy.data.images.remove(image)
    return values.reshape(height, width, 4)[::-1].copy()
