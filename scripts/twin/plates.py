"""A camera's baked background: how each light alone paints the empty scene, and its geometry."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scripts.twin.world import LAMPS, Lamp

PLATE_SIZE = (1280, 720)
"""Width and height that plates are baked at, pixels; smaller films are scaled down from it."""


@dataclass(frozen=True, slots=True)
class Plates:
    """The empty scene of one camera, with a dry or a wet ground.

    Light adds up: the picture under any mix of lights is the weighted sum of ``layers``.

    Attributes
    ----------
    layers
        Light's name to ``(h, w, 3)`` float32 linear RGB: ``sun``, ``sky``, ``lamps``, ``windows``,
        and ``lamp:<name>`` for each lamp that can fail by itself (not in ``lamps`` then).
    depth_m
        ``(h, w)`` float32, metres along the optical axis; 0 for the sky.
    albedo
        ``(h, w, 3)`` float32, linear diffuse colour, 0 to 1.
    normal
        ``(h, w, 3)`` float32, unit vectors in the world's frame; 0 for the sky.
    wetness
        ``(h, w)`` float32, how much of a mirror the wet ground is, 0 to 1; all 0 where dry.
    sun_map
        ``(n, n)`` float32: the static scene seen from the sun, metres below the sun's plane.
    sun_view
        ``(4, 4)`` float64, column vectors: world metres to ``(u, v, depth_m, 1)``, where u and v
        are fractions of ``sun_map`` from its first column and row.
    """

    layers: dict[str, NDArray[np.float32]]
    depth_m: NDArray[np.float32]
    albedo: NDArray[np.float32]
    normal: NDArray[np.float32]
    wetness: NDArray[np.float32]
    sun_map: NDArray[np.float32]
    sun_view: NDArray[np.float64]


def layer_of(lamp: Lamp) -> str:
    """Return the layer that a street lamp's light is in."""
    return f"lamp:{lamp.name}" if lamp.alone else "lamps"


def light_layers(street: str) -> tuple[str, ...]:
    """Return the layers of a scenery, a key of ``world.LAMPS``: every light that is in it."""
    lamps = dict.fromkeys(layer_of(lamp) for lamp in LAMPS[street])
    return ("sun", "sky", *lamps, "windows")


def plates_file(folder: Path, camera: str, *, wet: bool) -> Path:
    """Return where a camera's plates lie."""
    return folder / f"{camera}-{'wet' if wet else 'dry'}.npz"


def read_plates(file: Path) -> Plates:
    """Read plates that the bake wrote: one array a field, layers with the prefix ``layer/``.

    Raises
    ------
    FileNotFoundError
        Saying how to bake them.
    """
    try:
        with np.load(file) as stored:
            arrays = {
                name: stored[name].astype(np.float64 if name == "sun_view" else np.float32)
                for name in stored.files
            }
    except FileNotFoundError as exc:
        raise FileNotFoundError(f"{file}: not baked yet; `make footage` bakes it") from exc
    layers = {
        name.removeprefix("layer/"): arrays.pop(name)
        for name in list(arrays)
        if name.startswith("layer/")
    }
    return Plates(layers=layers, **arrays)
