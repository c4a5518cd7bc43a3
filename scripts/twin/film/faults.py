"""What ails a camera: it is turned away, or something covers it."""

from dataclasses import replace

import cv2
import numpy as np

from scripts.twin.camera import Camera
from scripts.twin.film.filters import Picture, blurred, sampled
from scripts.twin.scenario import Fault

PAN_S = 2.4
"""How long somebody takes to turn the camera, and to turn it back."""

_SHUTTER_S = 0.08
_SUB_EXPOSURES = 32
_LEAVES = 90
_LEAF = np.array((0.050, 0.066, 0.026), np.float32)
_RAG = np.array((0.020, 0.018, 0.017), np.float32)


def turned_part(fault: Fault, at_s: float) -> float:
    """Return how far the camera is turned: 0 as it was, 1 for good, between while it moves."""
    end = np.inf if fault.to_s is None else fault.to_s
    there = np.clip((at_s - fault.from_s) / PAN_S, 0, 1)
    back = np.clip((end - at_s) / PAN_S, 0, 1)
    part = float(min(there, back))
    # A push: slow to start, quick in the middle.
    return part**3 * (part * (6 * part - 15) + 10)


class Turn:
    """The sweep from one view to another of a camera that turns about its lens.

    Parameters
    ----------
    size
        Width and height of the film.

    Raises
    ------
    ValueError
        If the two views are not from one place.
    """

    def __init__(self, camera: Camera, turned: Camera, size: tuple[int, int]) -> None:
        if camera.position != turned.position:
            raise ValueError(
                f"camera {turned.name!r} stands at {turned.position}, expected where "
                f"{camera.name!r} stands: {camera.position}"
            )
        self._views = (camera, turned)
        self._size = size

    def sweep(self, light: Picture, fault: Fault, at_s: float) -> Picture:
        """Return what the moving camera sees.

        Parameters
        ----------
        light
            ``(h, w, 3)``, the nearer of the two views; it is mirrored at its rim where the sweep
            passes what neither shows.
        """
        source = self._views[turned_part(fault, at_s) > 0.5]
        opened, closed = (
            self._places(source, turned_part(fault, at_s + late))
            for late in (-_SHUTTER_S / 2, _SHUTTER_S / 2)
        )
        swept = np.zeros_like(light)
        for part in np.linspace(0, 1, _SUB_EXPOSURES, dtype=np.float32):
            swept += sampled(light, opened + part * (closed - opened), mirrored=True)
        return swept / np.float32(_SUB_EXPOSURES)

    def _places(self, source: Camera, part: float) -> Picture:
        """Return where in a view each pixel of the camera on its way looks, ``(h, w, 2)``."""
        rays = self._between(part).rays(self._size)
        pixels, _ = source.project(rays.reshape(-1, 3) + source.position, self._size)
        return (pixels - 0.5).reshape(*rays.shape[:2], 2).astype(np.float32)

    def _between(self, part: float) -> Camera:
        """Return the view on the way: along the great circle between the two optical axes."""
        first, second = (-view.rotation()[2] for view in self._views)
        angle = float(np.arccos(np.clip(first @ second, -1, 1)))
        axis = np.sin((1 - part) * angle) * first + np.sin(part * angle) * second
        camera = self._views[0]
        x, y, z = (float(value) for value in np.asarray(camera.position) + axis)
        fovs = [view.hfov_deg for view in self._views]
        return replace(camera, target=(x, y, z), hfov_deg=fovs[0] + part * (fovs[1] - fovs[0]))


class Cover:
    """A bush or a rag close before the lens: large, dark, out of focus, most of the picture."""

    def __init__(self, size: tuple[int, int], seed: int) -> None:
        width, height = size
        rng = np.random.default_rng((seed, 17))
        mask = np.zeros((height, width), np.float32)
        tint = np.zeros((height, width), np.float32)
        middle = rng.uniform((0.35, 0.45), (0.65, 0.6))
        for _ in range(_LEAVES):
            at = (rng.normal(middle, (0.26, 0.24)) * size).astype(int)
            axes = (rng.uniform(0.05, 0.16, 2) * width).astype(int)
            angle = float(rng.uniform(0, 180))
            place = (int(at[0]), int(at[1]))
            cv2.ellipse(mask, place, (int(axes[0]), int(axes[1])), angle, 0, 360, (1.0,), -1)
            bright = float(rng.uniform(0, 1))
            cv2.ellipse(tint, place, (int(axes[0]), int(axes[1])), angle, 0, 360, (bright,), -1)
        self._mask = blurred(mask, width / 28)[..., None]
        self._tint = blurred(tint, width / 40)[..., None]

    def over(self, light: Picture) -> Picture:
        """Return the light that is left, ``(h, w, 3)``, with the cover's own dim colour."""
        brightness = light.mean() / 0.15
        colour = (_RAG + (_LEAF - _RAG) * self._tint) * np.float32(brightness)
        covered: Picture = light + (colour - light) * np.minimum(self._mask * 1.15, 1)
        return covered
