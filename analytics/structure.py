"""The structure of a picture: which way its edges run, whatever the light.

::

    picture ─> 180 x 324 samples ─> 90 x 162 cells ─> edges ─> 36 x 80 patches
               of its green         means of four              of its middle rows

Everything is in fractions of the view, so that the size that a camera sends does not matter. The
rows at the rims, where recorders burn in clock and name, are left out: a text stays where it is
when the camera is turned, and a clock goes on over a frozen picture.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.frames import Image

Edges = npt.NDArray[np.complex64]
"""Edges of each patch, ``(36, 80)``: as long as they are clear, 0 to 1, at twice their angle."""
Samples = npt.NDArray[np.uint8]
"""Green of single pixels, ``(180, 324)``."""
Filter = npt.NDArray[np.complex64]
"""The spectrum that a picture is looked up with, ``(36, 80)``."""

SHAPE: Final = (36, 80)

_CELLS: Final = (90, 162)
_RIM_PATCHES: Final = 4
"""Of 44 rows of patches, left out at the top and at the bottom: 9 % of the height each."""
_CLEAR_GRADIENT: Final = 4.0
"""Grey levels over two cells at which an edge is half clear. The noise of a sensor and of H.264
stays below it; at a fifth of the light two thirds of the edges are still above."""
_HOME: Final = (1, 2)
"""Patches that a view may be off, down and across: 2.3 and 2.5 % of it. A camera shakes."""
_NEAR: Final = (2, 3)
"""Patches around the right place that are part of its peak."""
_WHITENING: Final = 0.7
"""How far the spectrum is flattened, 0 to 1. Without it, a road's long lines fit themselves almost
as well when moved along; wholly flat, it amplifies noise. Measured: docs/view.md."""


@dataclass(frozen=True, slots=True, eq=False)
class Structure:
    """What one picture shows.

    Attributes
    ----------
    edges
        See `Edges`.
    brightness, contrast
        Mean and standard deviation over the cells, in grey levels.
    gradient
        Mean length of the gradient over two cells, in grey levels.
    white_share
        Share of the cells that are white or nearly so.
    """

    edges: Edges
    brightness: float
    contrast: float
    gradient: float
    white_share: float

    @property
    def clearness(self) -> float:
        """Mean clearness of the edges, 0 to 1."""
        return float(np.abs(self.edges).mean())

    @property
    def sharpness(self) -> float:
        """Gradient for the contrast that there is: halves when a lens is out of focus."""
        return self.gradient / max(self.contrast, 1.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """How a picture lies on a reference.

    Attributes
    ----------
    lead
        How much better it fits where it should than anywhere else; 1 is chance.
    offset
        Patches that it is off, down and across, within what is allowed.
    """

    lead: float
    offset: tuple[int, int]


def sampled(image: Image) -> Samples:
    """Return the green of single pixels of a BGR image ``(h, w, 3)``, spread over all of it.

    Notes
    -----
    Green is the sharpest of a camera's colours, and most of its brightness.
    """
    height, width = image.shape[:2]
    return np.ascontiguousarray(image).reshape(-1).take(_places(height, width))


def structure(samples: Samples) -> Structure:
    """Return the structure of a picture."""
    wide = samples.astype(np.uint16)
    pairs = wide[::2] + wide[1::2]
    cells = (pairs[:, ::2] + pairs[:, 1::2]).astype(np.float32) * np.float32(0.25)
    rim = 2 * _RIM_PATCHES
    cells = cells[rim:-rim]
    across = cells[1:-1, 2:] - cells[1:-1, :-2]
    down = cells[2:, 1:-1] - cells[:-2, 1:-1]
    square = across * across + down * down
    # The square of the gradient as a complex number has twice its angle: a bright edge on a dark
    # ground is the same as a dark one on a bright ground, as it is after nightfall.
    clear = 1 / (square + np.float32(_CLEAR_GRADIENT**2))
    edges = np.empty(SHAPE, np.complex64)
    edges.real = _pooled((across * across - down * down) * clear)
    edges.imag = _pooled(2 * across * down * clear)
    return Structure(
        edges=edges,
        brightness=float(cells.mean()),
        contrast=float(cells.std()),
        gradient=float(np.sqrt(square).mean()),
        white_share=float(np.count_nonzero(cells >= 245) / cells.size),
    )


def filter_of(reference: Edges) -> Filter:
    """Return what `fit` looks a reference up with."""
    spectrum = np.fft.fft2(reference)
    size = np.abs(spectrum)
    whitened: Filter = np.conj(spectrum) / np.maximum(size, 0.1 * size.mean() + 1e-6) ** _WHITENING
    return whitened.astype(np.complex64, copy=False)


def fit(edges: Edges, reference: Filter) -> Fit:
    """Return how edges lie on the reference that a filter was made of."""
    found = np.fft.ifft2(np.fft.fft2(edges) * reference).real
    # The right place is element (0, 0), and places wrap around.
    around = np.ix_(_reach(_NEAR[0]), _reach(_NEAR[1]))
    near = found[around]
    found[around] = -np.inf
    elsewhere = max(float(found.max()), 1e-6)
    rim = (_NEAR[0] - _HOME[0], _NEAR[1] - _HOME[1])
    home = near[rim[0] : -rim[0], rim[1] : -rim[1]]
    row, column = divmod(int(home.argmax()), home.shape[1])
    return Fit(float(home.max()) / elsewhere, (row - _HOME[0], column - _HOME[1]))


def agreement(edges: Edges, reference: Edges) -> float:
    """Return how much of a reference's structure is where it should be; about 1 as a rule."""
    return float(np.vdot(reference, edges).real / _strength(reference))


def presence(edges: Edges, reference: Edges) -> float:
    """Return how much structure is where a reference has some, whichever it is; 0 to 1."""
    size = np.abs(reference)
    return float((np.minimum(np.abs(edges), size) * size).sum() / _strength(reference))


def _strength(reference: Edges) -> float:
    return max(float(np.vdot(reference, reference).real), 1e-6)


def _pooled(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    pairs = values[::2] + values[1::2]
    pooled: npt.NDArray[np.float32] = (pairs[:, ::2] + pairs[:, 1::2]) * np.float32(0.25)
    return pooled


def _reach(steps: int) -> npt.NDArray[np.intp]:
    return np.arange(-steps, steps + 1)


@lru_cache(maxsize=8)
def _places(height: int, width: int) -> npt.NDArray[np.intp]:
    rows = (2 * np.arange(2 * _CELLS[0]) + 1) * height // (4 * _CELLS[0])
    columns = (2 * np.arange(2 * _CELLS[1]) + 1) * width // (4 * _CELLS[1])
    return 3 * (rows[:, None] * width + columns[None, :]) + 1
