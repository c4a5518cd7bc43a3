"""What a cheap camera makes of the light: its lens, exposure, tone curve, sharpening and noise."""

import numpy as np
from numpy.typing import NDArray

from scripts.twin.film.filters import Picture, blurred, zoomed
from scripts.twin.looks import Look

Image = NDArray[np.uint8]
"""``(h, w, 3)`` BGR."""

_SOFTNESS_PX = 0.55
_COLOUR_FRINGE = 0.0011
"""How much larger red, and smaller blue, is drawn: a plastic lens's lateral colour."""

_VIGNETTE = 0.24
_HALO, _HALO_PX = 0.25, 1.3
_MIDDLE = 0.10
"""Radiance of a sunlit street, on average."""

_MADE_UP = 0.5
_GAIN_RANGE = (0.5, 4.0)
_LEVELS = 4096
_BRIGHTEST = 16.0
_MIDTONES, _WHITE = 1.7, 2.8
_CONTRAST = 0.6
_BLACK = 8
_NOISE_FIELDS = 8
_FIXED_PATTERN = 0.3


class Sensor:
    """Turns light into what the camera hands to its encoder.

    The exposure is metered once, on the empty scene, and does not hunt: a film's brightness is one.
    Noise depends on the seed and the frame's number only.

    Parameters
    ----------
    scene
        ``(h, w, 3)`` linear RGB radiance of the empty scene.
    """

    def __init__(self, look: Look, scene: Picture, seed: int) -> None:
        height, width = scene.shape[:2]
        size = (width, height)
        self._seed = seed
        self._exposure = (look.exposure * _metered(scene) * _vignette(size))[..., None]
        self._tones = _tones()
        self._noise = _noise_fields(size, seed) * np.float32(look.noise)

    def develop(self, light: Picture) -> Picture:
        """Return the picture before noise: ``(h, w, 3)`` float32 RGB, 0 to 255.

        Parameters
        ----------
        light
            ``(h, w, 3)`` linear RGB radiance.
        """
        seen = blurred(light, _SOFTNESS_PX)
        for channel, scale in ((0, 1 + _COLOUR_FRINGE), (2, 1 - _COLOUR_FRINGE)):
            seen[..., channel] = zoomed(seen[..., channel], scale)
        index = np.sqrt(np.clip(seen * self._exposure, 0, _BRIGHTEST) / _BRIGHTEST)
        toned = self._tones[(index * (_LEVELS - 1)).astype(np.int32)]
        return toned + np.float32(_HALO) * (toned - blurred(toned, _HALO_PX))

    def read_out(self, picture: Picture, frame: int) -> Image:
        """Return the picture with its noise, as 8 bits, BGR."""
        rng = np.random.default_rng((self._seed, frame))
        field = self._noise[int(rng.integers(_NOISE_FIELDS))]
        shift = rng.integers(0, 4096, 2)
        moved = np.roll(field, (int(shift[0]), int(shift[1])), axis=(0, 1))
        noise = (1 - _FIXED_PATTERN) * moved + _FIXED_PATTERN * self._noise[0]
        # Shot noise grows with the root of the light, and the tone curve compresses the bright.
        level = np.clip(picture.mean(axis=2, keepdims=True) / 255, 0, 1)
        amount = (0.45 + 2.2 * np.sqrt(level) * (1 - level)) * noise
        noisy = np.clip(picture + amount + 0.5, 0, 255).astype(np.uint8)
        return np.ascontiguousarray(noisy[..., ::-1])


def _metered(scene: Picture) -> np.float32:
    """Return the gain of a camera that makes up for a part of the light that is missing."""
    missing = _MIDDLE / max(float(np.median(scene.mean(axis=2))), 1e-4)
    return np.float32(np.clip(missing**_MADE_UP, *_GAIN_RANGE))


def _vignette(size: tuple[int, int]) -> Picture:
    width, height = size
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    return (1 - _VIGNETTE * (across**2 + 0.6 * down**2) / 1.6).astype(np.float32)


def _tones() -> NDArray[np.float32]:
    """Return the level, 0 to 255, of each step of ``sqrt(light / _BRIGHTEST)``.

    Notes
    -----
    Reinhard's extended curve (E. Reinhard et al., "Photographic tone reproduction for digital
    images", 2002, equation 4), then display gamma and a little contrast; blacks are lifted as a
    cheap camera's are.
    """
    light = np.linspace(0, 1, _LEVELS) ** 2 * _BRIGHTEST * _MIDTONES
    mapped = np.clip(light * (1 + light / _WHITE**2) / (1 + light), 0, 1) ** (1 / 2.2)
    contrasty = (1 - _CONTRAST) * mapped + _CONTRAST * mapped**2 * (3 - 2 * mapped)
    return np.asarray(_BLACK + (255 - _BLACK) * contrasty, np.float32)


def _noise_fields(size: tuple[int, int], seed: int) -> NDArray[np.float32]:
    """Return fields of noise with unit deviation: mostly of brightness, blurred as after cleaning.

    Shape ``(n, h, w, 3)``.
    """
    width, height = size
    rng = np.random.default_rng((seed, 3))
    fields = np.empty((_NOISE_FIELDS, height, width, 3), np.float32)
    for field in fields:
        white = rng.standard_normal((height, width, 5)).astype(np.float32)
        fine = _unit(blurred(white[..., 0], 0.6))
        coarse = _unit(blurred(white[..., 1], 1.6))
        colour = _unit(blurred(white[..., 2:], 2.2))
        field[...] = (0.8 * fine + 0.45 * coarse)[..., None] + 0.4 * colour
    return fields


def _unit(noise: Picture) -> Picture:
    return np.asarray(noise / noise.std(), np.float32)
