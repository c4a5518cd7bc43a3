"""The road itself painted darker or lighter: patches of other asphalt, water, shadows.

None of these is a hole, and all of them look like one from far away.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from analytics.detections import FloatArray
from analytics.frames import Image
from scripts.training.light import Alpha, linear, shown

_PATCH_EDGE_PX = 0.8
"""How soft the edge of a patch is."""


@dataclass(frozen=True, slots=True, eq=False)
class Paint:
    """The ground itself, darker or lighter by ``factor`` in linear light where ``mask`` is 1."""

    left: int
    top: int
    mask: Alpha
    factor: float

    @property
    def reach(self) -> tuple[int, int, int, int]:
        """What may change: left, top, width and height in pixels."""
        return self.left, self.top, self.mask.shape[1], self.mask.shape[0]

    def over(self, image: Image) -> Image:
        """Return a picture, BGR uint8, with it; what lies outside the picture is left out."""
        height, width = image.shape[:2]
        top, left = max(self.top, 0), max(self.left, 0)
        bottom = min(self.top + self.mask.shape[0], height)
        right = min(self.left + self.mask.shape[1], width)
        if top >= bottom or left >= right:
            return image
        mask = self.mask[top - self.top : bottom - self.top, left - self.left : right - self.left]
        part = (slice(top, bottom), slice(left, right))
        result = image.copy()
        result[part] = shown(linear(image[part]) * (1 + mask[:, :, None] * (self.factor - 1)))
        return result


def polygon(corners: FloatArray, soft_px: float) -> tuple[Alpha, tuple[int, int]]:
    """Return a soft mask of a polygon, and where its left upper corner lies.

    Parameters
    ----------
    corners
        In pixels, ``(n, 2)``.
    """
    rim = round(3 * soft_px) + 1
    low = np.floor(corners.min(axis=0)).astype(int) - rim
    size = np.ceil(corners.max(axis=0)).astype(int) + rim - low + 1
    mask = np.zeros((int(size[1]), int(size[0])), np.float32)
    cv2.fillPoly(mask, [np.round(corners - low).astype(np.int32)], [1.0])
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), soft_px), np.float32)
    return soft, (int(low[0]), int(low[1]))


def patch(
    box: tuple[int, int, int, int],
    vanishing: tuple[float, float],
    factor: float,
    grain: float,
    rng: np.random.Generator,
) -> Paint:
    """Return a patch of other asphalt, whose sides run to the vanishing point of the road.

    Parameters
    ----------
    box
        Left, top, width and height in pixels, without what it leans to the side.
    vanishing
        Where straight lines along the road meet, in pixels; above the box.
    factor
        Its brightness over that of the road, in linear light.
    grain
        Share of the road's light by which it varies from pixel to pixel.
    """
    left, top, wide, tall = box
    lean = (left + wide / 2 - vanishing[0]) / (top - vanishing[1]) * tall
    corners = np.array(
        [[0.04 * wide - lean, 0], [0.97 * wide - lean, 0], [wide, tall], [0, tall]], np.float32
    )
    mask, offset = polygon(corners, _PATCH_EDGE_PX)
    grained = 1 + grain * rng.standard_normal(mask.shape).astype(np.float32) / abs(factor - 1)
    return Paint(left + offset[0], top + offset[1], mask * grained, factor)
