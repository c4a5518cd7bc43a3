"""OpenCV's filters with types: float32 pictures in, float32 pictures out."""

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
"""``(h, w)`` or ``(h, w, 3)``."""


def blurred(picture: Picture, sigma_px: float) -> Picture:
    """Return the picture after a Gaussian filter."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_px), np.float32)


def resized(picture: Picture, size: tuple[int, int]) -> Picture:
    """Return the picture at ``size`` (width, height); each pixel is the mean of what it covers."""
    smaller = size[0] < picture.shape[1]
    method = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=method), np.float32)


def pixel_grid(size: tuple[int, int]) -> Picture:
    """Return ``(h, w, 2)``: the column and the row of each pixel."""
    columns, rows = np.meshgrid(np.arange(size[0]), np.arange(size[1]))
    return np.stack([columns, rows], axis=-1).astype(np.float32)


def sampled(picture: Picture, places: Picture, *, mirrored: bool = False) -> Picture:
    """Return the picture looked up, linearly, at other places.

    Parameters
    ----------
    places
        ``(h, w, 2)``, columns and rows in ``picture``.
    mirrored
        Whether the picture goes on as its mirror image beyond its rim; else its rim goes on.
    """
    rim = cv2.BORDER_REFLECT_101 if mirrored else cv2.BORDER_REPLICATE
    columns, rows = np.ascontiguousarray(np.moveaxis(places, -1, 0))
    looked_up = cv2.remap(picture, columns, rows, cv2.INTER_LINEAR, borderMode=rim)
    return np.asarray(looked_up, np.float32)


def zoomed(picture: Picture, scale: float) -> Picture:
    """Return the picture enlarged around its middle, of the same size."""
    height, width = picture.shape[:2]
    shift = (1 - scale) / 2
    matrix = np.array([[scale, 0, shift * width], [0, scale, shift * height]])
    moved = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float32)
