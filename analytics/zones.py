"""Named parts of a view, and which boxes stand in them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.detections import BoolArray, FloatArray
from analytics.geometry import contains, ground_points, self_intersects

GRID_WIDTH = 160
GRID_HEIGHT = 90
"""Cells that a view is cut into where areas are counted; one is 0.6 by 1.1 % of the view."""


@dataclass(frozen=True, slots=True, eq=False)
class Zone:
    """A polygon in a view.

    Attributes
    ----------
    name
        Its slug in the site's configuration.
    polygon
        Corners in fractions of the view's width and height, float64, shape ``(k, 2)``.
    cells
        Grid cells whose centre lies inside, bool, shape ``(GRID_HEIGHT, GRID_WIDTH)``.

    Raises
    ------
    ValueError
        Where the polygon leaves the view, crosses itself or is too small to hold a cell's centre.
    """

    name: str
    polygon: npt.NDArray[np.float64]
    cells: BoolArray

    @classmethod
    def of(cls, name: str, polygon: Sequence[tuple[float, float]]) -> "Zone":
        """Return the zone of a polygon given by its corners, in fractions of the view."""
        corners = np.asarray(polygon, np.float64).reshape(-1, 2)
        if len(corners) < 3:
            msg = f"zone {name!r} has {len(corners)} corners, expected at least 3"
            raise ValueError(msg)
        if not bool(((corners >= 0) & (corners <= 1)).all()):
            msg = f"zone {name!r} leaves the view: every corner must lie in 0 to 1"
            raise ValueError(msg)
        if self_intersects(corners):
            msg = f"zone {name!r} crosses itself: list the corners in order around it"
            raise ValueError(msg)
        every = np.ones((GRID_HEIGHT, GRID_WIDTH), np.bool_)
        cells = contains(corners, _centres(every)).reshape(every.shape)
        if not cells.any():
            msg = f"zone {name!r} is too small: it covers no part of the view that can be measured"
            raise ValueError(msg)
        return cls(name, corners, cells)

    @property
    def centres(self) -> npt.NDArray[np.float64]:
        """Middles of its cells, in fractions of the view, ``(n, 2)`` as x, y."""
        return _centres(self.cells)

    def holds(self, xyxy: FloatArray, size_px: tuple[int, int]) -> BoolArray:
        """Return which boxes stand in the zone with their bottom-centre, shape ``(n,)``.

        Parameters
        ----------
        xyxy
            Boxes in pixels, shape ``(n, 4)``.
        size_px
            Width and height of the frame that the boxes are of.
        """
        # A box cut off by the lower edge of the view ends on it, where nothing is inside.
        points = np.minimum(ground_points(xyxy) / np.asarray(size_px), 1 - 1e-6)
        return contains(self.polygon, points)

    def covered(self, xyxy: FloatArray, size_px: tuple[int, int]) -> float:
        """Return the share of the zone's area that lies under boxes, from 0 to 1."""
        return float((cells_under(xyxy, size_px) & self.cells).sum() / self.cells.sum())


def cells_under(xyxy: FloatArray, size_px: tuple[int, int]) -> BoolArray:
    """Return the grid cells whose centre lies under one of the boxes.

    Parameters
    ----------
    xyxy
        Boxes in pixels, shape ``(n, 4)``.
    size_px
        Width and height of the frame that the boxes are of.

    Returns
    -------
    BoolArray
        Shape ``(GRID_HEIGHT, GRID_WIDTH)``.
    """
    cells = np.zeros((GRID_HEIGHT, GRID_WIDTH), np.bool_)
    scale = np.asarray([GRID_WIDTH, GRID_HEIGHT] * 2) / np.asarray([*size_px, *size_px])
    bounds = np.clip(np.ceil(xyxy * scale - 0.5), 0, None).astype(int)
    for x1, y1, x2, y2 in bounds:
        cells[y1:y2, x1:x2] = True
    return cells


def _centres(cells: BoolArray) -> npt.NDArray[np.float64]:
    rows, columns = np.nonzero(cells)
    return np.stack([(columns + 0.5) / GRID_WIDTH, (rows + 0.5) / GRID_HEIGHT], axis=1)
