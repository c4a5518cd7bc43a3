"""Boxes and points: overlap, where a box touches the ground, the pixels a polygon covers."""

import numpy as np
import numpy.typing as npt

from analytics.detections import BoolArray, FloatArray

Points = npt.NDArray[np.float64]


def area(xyxy: FloatArray) -> FloatArray:
    """Return the area of each box in square pixels, shape ``(n,)``."""
    size = xyxy[:, 2:] - xyxy[:, :2]
    return (size[:, 0] * size[:, 1]).astype(np.float32)


def iou(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the intersection over union of every pair, shape ``(len(a), len(b))``.

    Parameters
    ----------
    a, b
        Boxes ``(x1, y1, x2, y2)`` in pixels, shapes ``(n, 4)`` and ``(m, 4)``.

    Returns
    -------
    FloatArray
        From 0 to 1; 0 for boxes without area.
    """
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    size = np.clip(high - low, 0, None)
    both = size[..., 0] * size[..., 1]
    either = area(a)[:, None] + area(b)[None, :] - both
    overlap: FloatArray = np.zeros_like(both)
    np.divide(both, either, out=overlap, where=either > 0)
    return overlap


def ground_points(xyxy: FloatArray) -> FloatArray:
    """Return where each box touches the ground: its bottom-centre, shape ``(n, 2)``.

    Notes
    -----
    An object's feet, not its centre, tell which zone it stands in: the camera looks down at an
    angle, and the roof of a lorry lies over the other carriageway.
    """
    return np.stack([(xyxy[:, 0] + xyxy[:, 2]) / 2, xyxy[:, 3]], axis=1)


def contains(polygon: Points, points: npt.NDArray[np.floating]) -> BoolArray:
    """Return which points lie inside a polygon, by the even-odd rule.

    Parameters
    ----------
    polygon
        Corners, shape ``(k, 2)``; closed from the last to the first.
    points
        Shape ``(n, 2)``, in the polygon's units.

    Returns
    -------
    BoolArray
        Shape ``(n,)``. A point on a left or upper edge is inside, one on a right or lower edge is
        not, so that polygons that share an edge never share a point.

    Notes
    -----
    Crossing number: a ray from the point to the right crosses the outline an odd number of times.
    """
    inside = np.zeros(len(points), np.bool_)
    x, y = points[:, 0], points[:, 1]
    for (x1, y1), (x2, y2) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if y1 == y2:
            continue
        spans = (y1 <= y) != (y2 <= y)
        inside ^= spans & (x < x1 + (y - y1) * (x2 - x1) / (y2 - y1))
    return inside


def self_intersects(polygon: Points) -> bool:
    """Tell whether two sides of a polygon that are no neighbours cross.

    Parameters
    ----------
    polygon
        Corners, shape ``(k, 2)``.
    """
    k = len(polygon)
    starts, ends = polygon, np.roll(polygon, -1, axis=0)
    return any(
        _cross(starts[i], ends[i], starts[j], ends[j])
        for i in range(k)
        for j in range(i + 2, k)
        if (j + 1) % k != i
    )


def _cross(a: Points, b: Points, c: Points, d: Points) -> bool:
    def side(p: Points, q: Points, r: Points) -> float:
        return float((q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]))

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0
