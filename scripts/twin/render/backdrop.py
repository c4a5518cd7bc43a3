"""A camera's plates on the device, under one look, at the film's size."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.twin.camera import FAR_M, NEAR_M, Camera
from scripts.twin.looks import Look
from scripts.twin.plates import Plates
from scripts.twin.render.device import Program, Target, Texture, device
from scripts.twin.render.environment import weight

Floats = NDArray[np.float32]

DEPTH_UNIT = 15
"""Texture unit of the depth alone, so that it takes none that a program in use reads from."""

BRIGHTEST = 6.0e4
"""Half floats end a little above it."""


class Backdrop:
    """The plates as textures, and the light in them as separate parts."""

    NAMES = (
        "plate_depth_m",
        "plate_ground",
        "plate_sun",
        "plate_sky",
        "plate_lamps",
    )
    """What the composition reads; ``plate_normal`` is there as well."""

    def __init__(self, plates: Plates, camera: Camera, look: Look, size: tuple[int, int]) -> None:
        self._look, self._size = look, size
        self._small = {name: _scaled(layer, size) for name, layer in plates.layers.items()}
        height, width = plates.depth_m.shape
        self._plate_scale = width, height
        self._full_depth = device().texture(plates.depth_m)
        ground = np.concatenate(
            [_scaled(plates.albedo, size), _scaled(plates.wetness, size)[..., None]], axis=2
        )
        self._textures = {
            "plate_depth_m": device().texture(_sampled(plates.depth_m, size)),
            "plate_normal": device().texture(_sampled(plates.normal, size).astype(np.float16)),
            "plate_ground": device().texture(ground.astype(np.float16)),
            "plate_sun": self._layer(["sun"]),
            "plate_sky": self._layer(["sky"]),
            "plate_lamps": self._layer([]),
        }
        self.sun_map = device().texture(plates.sun_map)
        self.sun_map_from_world = plates.sun_view
        self._dark: frozenset[str] | None = None
        rays = camera.rays(size).astype(np.float64)
        self.rays = {
            "eye": np.asarray(camera.position),
            "first_ray": rays[0, 0],
            "ray_right": (rays[0, -1] - rays[0, 0]) / (size[0] - 1),
            "ray_down": (rays[-1, 0] - rays[0, 0]) / (size[1] - 1),
        }
        self._depth_program = device().program("screen.vert", "plate_depth.frag")

    def darken(self, dark_lamps: frozenset[str]) -> None:
        """Let these street lamps give no light from now on."""
        if dark_lamps == self._dark:
            return
        self._dark = dark_lamps
        off = _layers_of(dark_lamps)
        burning = [n for n in self._small if n not in {"sun", "sky"} and n not in off]
        self._textures["plate_lamps"].release()
        self._textures["plate_lamps"] = self._layer(burning)

    def bind(self, program: Program, *names: str) -> None:
        """Give a program some of the textures, from unit 0 on."""
        for unit, name in enumerate(names):
            self._textures[name].bind(unit)
            program.set(**{name: unit})

    def draw_depth(self, target: Target) -> None:
        """Clear a target and write the static scene's depth on it."""
        target.start()
        device().state(depth="always")
        self._full_depth.bind(DEPTH_UNIT)
        self._depth_program.set(
            depth_m=DEPTH_UNIT,
            planes_m=(NEAR_M, FAR_M),
            plate_scale=(
                self._plate_scale[0] / target.size[0],
                self._plate_scale[1] / target.size[1],
            ),
        )
        self._depth_program.fill()

    def release(self) -> None:
        """Free the device's memory."""
        for texture in (*self._textures.values(), self._full_depth, self.sun_map):
            texture.release()

    def _layer(self, names: Iterable[str]) -> Texture:
        total = _sum(self._small, self._look, [n for n in names if n in self._small])
        return device().texture(np.minimum(total, BRIGHTEST).astype(np.float16))


def _layers_of(lamps: Iterable[str]) -> set[str]:
    return {f"lamp:{name}" for name in lamps}


def _sum(layers: dict[str, Floats], look: Look, names: Iterable[str]) -> Floats:
    total = np.zeros_like(next(iter(layers.values())))
    for name in names:
        if (share := weight(look, name)).any():
            total += layers[name] * share
    return total


def _scaled(pixels: Floats, size: tuple[int, int]) -> Floats:
    """Return a picture at the film's size, averaged over what each pixel covers."""
    if pixels.shape[1::-1] == size:
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.float32)


def _sampled(pixels: Floats, size: tuple[int, int]) -> Floats:
    """Return geometry at the film's size: an average of near and far would be nowhere."""
    height, width = pixels.shape[:2]
    rows = ((np.arange(size[1]) + 0.5) * height / size[1]).astype(int)
    columns = ((np.arange(size[0]) + 0.5) * width / size[0]).astype(int)
    return np.ascontiguousarray(pixels[rows][:, columns])
