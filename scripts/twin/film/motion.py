"""Softness of what moves: the shutter is open for a while, in the dark for longer."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from scripts.twin.actors import Actor
from scripts.twin.camera import NEAR_M, Camera
from scripts.twin.film.filters import Picture, pixel_grid, sampled
from scripts.twin.render.visibility import Sighting

_SAMPLES = 6
_WORTH_PX = 0.6
"""Shorter smears than this cannot be seen."""


class MotionBlur:
    """Smears each actor along the way that it goes while the shutter is open.

    Parameters
    ----------
    size
        Width and height of the film, pixels.
    shutter_s
        How long the shutter is open.
    """

    def __init__(self, size: tuple[int, int], shutter_s: float) -> None:
        self._size, self._shutter_s = size, shutter_s
        self._pixels = pixel_grid(size)

    def smear(self, light: Picture, sightings: Iterable[Sighting], camera: Camera) -> Picture:
        """Return ``light``, ``(h, w, 3)``, smeared.

        Parameters
        ----------
        sightings
            What ``camera`` sees in it.
        """
        field = np.zeros((*light.shape[:2], 2), np.float32)
        fastest = 0.0
        # The near ones last: they lie over the others.
        for sighting in sorted(sightings, key=lambda sighting: sighting.box[3]):
            went = self._went(sighting.actor, camera)
            fastest = max(fastest, float(np.abs(went).max()))
            x0, y0, x1, y1 = (round(edge) for edge in sighting.box)
            middle, axes = ((x0 + x1) // 2, (y0 + y1) // 2), ((x1 - x0) // 2, (y1 - y0) // 2)
            # Not the whole box: its corners mostly show the road, which stands still.
            cv2.ellipse(field, middle, axes, 0, 0, 360, (float(went[0]), float(went[1])), -1)
        if fastest < _WORTH_PX:
            return light
        blurred_field = np.asarray(cv2.blur(field, (5, 5)), np.float32)
        smeared = np.zeros_like(light)
        for part in np.linspace(-0.5, 0.5, _SAMPLES, dtype=np.float32):
            smeared += sampled(light, self._pixels + part * blurred_field)
        smeared /= _SAMPLES
        return smeared

    def _went(self, actor: Actor, camera: Camera) -> NDArray[np.float64]:
        """Return how far an actor moves in the picture while the shutter is open, pixels."""
        heading = np.radians(actor.heading_deg)
        step = np.array((np.cos(heading), np.sin(heading), 0.0)) * actor.speed_mps * self._shutter_s
        now = np.array((actor.x_m, actor.y_m, actor.z_m))
        pixels, ahead_m = camera.project(np.stack((now - step, now)), self._size)
        return pixels[1] - pixels[0] if ahead_m.min() > NEAR_M else np.zeros(2)
