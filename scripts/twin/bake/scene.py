"""Turns a layout into a Blender scene, and sets up how it is rendered."""

from functools import partial
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from scripts.twin.bake.ground import SHEETS
from scripts.twin.bake.layout import lay_out
from scripts.twin.bake.lettering import lettering
from scripts.twin.bake.materials import WETNESS, material, sheet_material
from scripts.twin.bake.planting import FORMS, Layout, Planted
from scripts.twin.bake.sheets import paint_sheet
from scripts.twin.bake.solids import Model
from scripts.twin.bake.trees import tree
from scripts.twin.camera import FAR_M, NEAR_M, Camera

Scene = Any  # bpy is untyped.

_SEEDS = 100


def build_scene(scenery: str, *, wet: bool) -> Scene:
    """Return a new scene with everything of a scenery but lights and cameras."""
    bpy.ops.wm.read_factory_settings(use_empty=True)
    lettering.cache_clear()
    scene = bpy.context.scene
    layout = lay_out(scenery, lettering)
    for sheet in SHEETS[scenery]:
        sheet_material(sheet, paint_sheet(sheet), wet=wet)
    _link(scene, "solids", _mesh("solids", layout.solids))
    _plant_all(scene, layout)
    _set_up_cycles(scene)
    return scene


def add_camera(scene: Scene, camera: Camera, size: tuple[int, int]) -> None:
    """Make the scene's camera the given one, pixel for pixel."""
    data = bpy.data.cameras.new(camera.name)
    data.sensor_fit = "HORIZONTAL"
    data.angle = np.radians(camera.hfov_deg)
    data.clip_start, data.clip_end = NEAR_M, 20 * FAR_M
    placed = _link(scene, camera.name, data)
    pose = np.eye(4)
    pose[:3, :3], pose[:3, 3] = camera.rotation().T, camera.position
    placed.matrix_world = Matrix(pose.tolist())
    scene.camera = placed
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.render.pixel_aspect_x = scene.render.pixel_aspect_y = 1.0


def _plant_all(scene: Scene, layout: Layout) -> None:
    """Plant the trees: each form is one mesh, however often it stands."""
    forms: dict[tuple[str, int], Any] = {}
    for number, planted in enumerate(layout.trees):
        key = (planted.kind, planted.form % FORMS)
        if key not in forms:
            seed = _SEEDS + len(forms)
            forms[key] = _mesh(f"{planted.kind}-{planted.form}", tree(planted.kind, seed))
        _stand(_link(scene, f"tree-{number}", forms[key]), planted)


def _stand(placed: Any, planted: Planted) -> None:  # noqa: ANN401  # bpy is untyped
    placed.location = planted.at
    placed.rotation_euler[2] = np.radians(planted.heading_deg)
    placed.scale = (planted.scale,) * 3


def _link(scene: Scene, name: str, data: Any) -> Any:  # noqa: ANN401  # bpy is untyped
    placed = bpy.data.objects.new(name, data)
    scene.collection.objects.link(placed)
    return placed


def _mesh(name: str, model: Model) -> Any:  # noqa: ANN401  # bpy is untyped
    """Return a Blender mesh whose faces carry their tint and glow."""
    mesh = bpy.data.meshes.new(name)
    names = sorted({part.paint.material for part in model.parts})
    for each in names:
        mesh.materials.append(material(each))
    offsets = np.cumsum([0, *(len(part.vertices) for part in model.parts)])
    counts = [np.full(len(part.faces), part.faces.shape[1], np.int32) for part in model.parts]
    corners = np.concatenate(
        [(part.faces + offset).ravel() for part, offset in zip(model.parts, offsets, strict=False)]
    ).astype(np.int32)
    sizes = np.concatenate(counts)
    mesh.vertices.add(int(offsets[-1]))
    mesh.vertices.foreach_set("co", np.concatenate([part.vertices for part in model.parts]).ravel())
    mesh.loops.add(len(corners))
    mesh.loops.foreach_set("vertex_index", corners)
    mesh.polygons.add(len(sizes))
    mesh.polygons.foreach_set("loop_start", np.cumsum([0, *sizes[:-1]]).astype(np.int32))
    each_face = partial(_per_face, model)
    mesh.polygons.foreach_set(
        "material_index",
        each_face([[names.index(part.paint.material)] for part in model.parts]).astype(np.int32),
    )
    mesh.update(calc_edges=True)
    tints = each_face([[*part.paint.tint, 1.0] for part in model.parts])
    mesh.attributes.new("tint", "FLOAT_COLOR", "FACE").data.foreach_set("color", tints)
    glows = each_face([[part.paint.glow] for part in model.parts])
    mesh.attributes.new("glow", "FLOAT", "FACE").data.foreach_set("value", glows)
    return mesh


def _per_face(model: Model, values: list[list[float]]) -> np.ndarray:
    """Return each part's values once for each of its faces, in one flat row."""
    repeats = [len(part.faces) for part in model.parts]
    return np.repeat(np.asarray(values, np.float32), repeats, axis=0).ravel()


def _set_up_cycles(scene: Scene) -> None:
    scene.render.engine = "CYCLES"
    scene.render.use_persistent_data = True
    scene.render.threads_mode = "AUTO"
    cycles = scene.cycles
    cycles.device = "CPU"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 4, 2, 3
    cycles.transmission_bounces, cycles.transparent_max_bounces = 2, 6
    cycles.caustics_reflective = cycles.caustics_refractive = False
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold = 0.03
    cycles.use_denoising = True
    cycles.denoiser = "OPENIMAGEDENOISE"
    cycles.denoising_input_passes = "RGB_ALBEDO_NORMAL"
    cycles.seed = 1
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_normal = layer.use_pass_diffuse_color = True
    output = layer.aovs.add()
    output.name, output.type = WETNESS, "VALUE"
