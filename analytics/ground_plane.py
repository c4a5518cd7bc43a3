"""Where the pixels of a view are on the ground: from a few points whose places were measured."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.messages import Position

Points = npt.NDArray[np.float64]

_STEP: Final = 0.01
"""Of the view's width, over which its scale is measured."""
_EARTH_M_PER_DEG: Final = 111_320.0
"""Metres a degree of latitude; of longitude at the equator (WGS 84, to 0.6 %)."""
_FLAT: Final = 1e-6
"""What is so much thinner than long is a line."""
_FAR_M: Final = 1000.0
"""No camera on a pole measures anything farther off; what lies near the horizon does."""


@dataclass(frozen=True, slots=True, eq=False)
class GroundPlane:
    """A flat ground as a view shows it.

    Attributes
    ----------
    to_metres
        Homography from fractions of the view to metres east and north of the camera, ``(3, 3)``.
    """

    to_metres: Points

    @classmethod
    def of(
        cls, view: Sequence[tuple[float, float]], ground: Sequence[tuple[float, float]]
    ) -> "GroundPlane":
        """Return the plane through at least four points.

        Parameters
        ----------
        view
            ``(x, y)`` in fractions of the view.
        ground
            Metres ``(east, north)`` of the camera, one for each.

        Raises
        ------
        ValueError
            Where there are fewer than four, or three of four lie on one line.

        Notes
        -----
        The direct linear transform on normalised points (Hartley and Zisserman, "Multiple View
        Geometry", 2nd edition, algorithm 4.2).
        """
        if len(view) != len(ground) or len(view) < 4:
            msg = f"{len(view)} points of the view and {len(ground)} of the ground: expected 4 each"
            raise ValueError(msg)
        (a, from_view), (b, from_ground) = _normalised(view), _normalised(ground)
        rows = []
        for (x, y), (u, v) in zip(a, b, strict=True):
            rows += [
                [x, y, 1, 0, 0, 0, -u * x, -u * y, -u],
                [0, 0, 0, x, y, 1, -v * x, -v * y, -v],
            ]
        _, sizes, turned = np.linalg.svd(np.array(rows))
        core: Points = turned[8].reshape(3, 3)
        stretch = np.linalg.svd(core, compute_uv=False)
        if sizes[7] < _FLAT * sizes[0] or stretch[2] < _FLAT * stretch[0]:
            raise ValueError("three of the points lie on one line, in the view or on the ground")
        plane: Points = np.linalg.inv(from_ground) @ core @ from_view
        # The sign that makes what the points show lie before the camera.
        side = np.sign(plane[2] @ np.append(np.mean(view, axis=0), 1.0))
        return cls(plane * side)

    def metres(self, x: float, y: float) -> tuple[float, float] | None:
        """Return a point of the view in metres east and north; None at the horizon and above."""
        east, north, scale = (self.to_metres @ (x, y, 1.0)).tolist()
        if scale <= 0 or math.hypot(east, north) > _FAR_M * scale:
            return None
        return east / scale, north / scale

    def metres_across(self, x: float, y: float, width: float) -> float | None:
        """Return how wide on the ground a level stretch of the view is.

        Parameters
        ----------
        x, y
            Its middle, in fractions of the view.
        width
            Its width, as a fraction of the view's width.
        """
        left, right = self.metres(x - width / 2, y), self.metres(x + width / 2, y)
        return None if left is None or right is None else math.dist(left, right)

    def px_per_m(self, x: float, y: float, view_width_px: int) -> float | None:
        """Return how many pixels a metre across has at a point of the view."""
        across_m = self.metres_across(x, y, _STEP)
        return None if not across_m else _STEP * view_width_px / across_m

    def area_m2(self, box: tuple[float, float, float, float]) -> float | None:
        """Return the ground under a box ``(x1, y1, x2, y2)`` in fractions of the view."""
        x1, y1, x2, y2 = box
        corners = [self.metres(x, y) for x, y in ((x1, y1), (x2, y1), (x2, y2), (x1, y2))]
        if any(corner is None for corner in corners):
            return None
        points = np.array(corners)
        x, y = points[:, 0], points[:, 1]
        return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def placed(camera: Position, east_m: float, north_m: float) -> Position:
    """Return the place that lies so many metres east and north of a camera."""
    across = _EARTH_M_PER_DEG * math.cos(math.radians(camera.latitude_deg))
    return camera.model_copy(
        update={
            "latitude_deg": camera.latitude_deg + north_m / _EARTH_M_PER_DEG,
            "longitude_deg": camera.longitude_deg + east_m / across,
        }
    )


def _normalised(points: Sequence[tuple[float, float]]) -> tuple[Points, Points]:
    """Return points around 0 at a mean distance of about 1, and what made them so."""
    there = np.array(points, np.float64)
    middle, size = there.mean(axis=0), max(float(there.std()), 1e-9)
    made = np.array([[1 / size, 0, -middle[0] / size], [0, 1 / size, -middle[1] / size], [0, 0, 1]])
    return (there - middle) / size, made
