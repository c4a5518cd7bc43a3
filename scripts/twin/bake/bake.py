"""Bakes one camera's plates: a render per light, the geometry, and the sun's map."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scripts.twin.bake.jobs import Job
from scripts.twin.bake.lights import Lights, add_lights
from scripts.twin.bake.materials import WETNESS
from scripts.twin.bake.render import Passes, render
from scripts.twin.bake.scene import Scene, add_camera, build_scene
from scripts.twin.bake.sun_map import SPAN_M, sun_map, sun_view
from scripts.twin.plates import light_layers, plates_file
from scripts.twin.world import CAMERAS, LAMPS

SKY_FROM_M = 3000.0
"""Depths from here on are sky, or ground so far off that it is as good as sky."""

LIGHT_SAMPLES = {"sun": 0.75, "sky": 0.9, "windows": 1.25}
"""Samples of each light as a share of what was asked for; 1 where it is not listed."""

CLAMP = {"sun": (0.0, 4.0), "sky": (0.0, 3.0)}
"""Most that one direct and one indirect sample may bring, against fireflies."""

_GEOMETRY = ("Depth", "Normal", "Diffuse Color", WETNESS)


def bake(job: Job, folder: Path, source: str) -> Path:
    """Bake and write a job's plates, with ``source`` beside them to tell when they are stale."""
    camera = CAMERAS[job.camera]
    scene = build_scene(camera.street, wet=job.wet)
    lights = add_lights(scene, LAMPS[camera.street])
    add_camera(scene, camera, job.size)
    # Any: half and single floats are mixed, and numpy types `savez` with a flag among its names.
    arrays: dict[str, Any] = {}
    for light in job.lights or light_layers(camera.street):
        started = time.monotonic()
        passes = ("Image", *_GEOMETRY) if not arrays else ("Image",)
        rendered = _render_light(scene, lights, light, job, passes)
        if not arrays:
            arrays.update(_geometry(rendered))
        arrays[f"layer/{light}"] = _half(rendered["Image"][..., :3])
        print(f"{job.camera}: {light} in {time.monotonic() - started:.0f} s", flush=True)
    middle = _middle_ahead(camera.position, camera.target)
    arrays["sun_map"] = sun_map(scene, middle, round(2048 * max(job.scale, 0.5)))
    arrays["sun_view"] = sun_view(middle)
    file = plates_file(folder, job.camera, wet=job.wet)
    folder.mkdir(parents=True, exist_ok=True)
    partial = file.with_suffix(".part.npz")
    np.savez_compressed(partial, **arrays)
    partial.replace(file)
    _note(file).write_text(_inputs(job, source), encoding="utf-8")
    return file


def is_baked(job: Job, folder: Path, source: str) -> bool:
    """Tell whether the folder holds the job's plates, made from the same source."""
    file = plates_file(folder, job.camera, wet=job.wet)
    note = _note(file)
    return (
        file.exists() and note.exists() and note.read_text(encoding="utf-8") == _inputs(job, source)
    )


def _note(file: Path) -> Path:
    return file.with_suffix(".json")


def _inputs(job: Job, source: str) -> str:
    return json.dumps({**asdict(job), "source": source}, indent=1) + "\n"


def _render_light(
    scene: Scene, lights: Lights, light: str, job: Job, passes: tuple[str, ...]
) -> Passes:  # bpy is untyped
    lights.only(light)
    direct, indirect = CLAMP.get(light, (20.0, 1.0))
    scene.cycles.sample_clamp_direct, scene.cycles.sample_clamp_indirect = direct, indirect
    scene.cycles.samples = max(2, round(job.samples * LIGHT_SAMPLES.get(light, 1.0)))
    return render(scene, passes)


def _geometry(rendered: Passes) -> dict[str, NDArray[Any]]:
    depth = rendered["Depth"][..., 0]
    sky = depth > SKY_FROM_M
    normal = rendered["Normal"][..., :3]
    length = np.linalg.norm(normal, axis=-1, keepdims=True)
    normal = np.where(length > 0.05, normal / np.maximum(length, 0.05), 0)
    return {
        "depth_m": np.where(sky, 0, depth).astype(np.float32),
        "normal": _half(np.where(sky[..., None], 0, normal)),
        "albedo": _half(np.where(sky[..., None], 0, rendered["Diffuse Color"][..., :3])),
        "wetness": _half(np.where(sky, 0, rendered[WETNESS][..., 0])),
    }


def _half(values: NDArray[np.floating]) -> NDArray[np.float16]:
    return np.asarray(np.clip(values, -60000, 60000), np.float16)


def _middle_ahead(
    position: tuple[float, float, float], target: tuple[float, float, float]
) -> tuple[float, float]:
    """Return the middle of the sun's map: ahead of the camera, which stands near its rim."""
    ahead = np.subtract(target[:2], position[:2])
    x, y = position[:2] + ahead / np.linalg.norm(ahead) * SPAN_M * 0.38
    return float(x), float(y)
