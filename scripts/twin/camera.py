"""A pinhole camera on a pole: where it stands, where it looks, and where a point falls in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float, float]
"""x, y, z, world metres."""

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in a picture's pixels."""

NEAR_M, FAR_M = 0.5, 400.0
"""Clipping planes of the renderer's depth buffer."""


@dataclass(frozen=True, slots=True)
class Camera:
    """One calibrated view.

    Coordinates are metres in the world's frame: x east, y north, z up, the junction's centre on the
    ground at the origin. The picture's upright is the world's; there is no lens distortion.

    Attributes
    ----------
    name
        Of the camera, as burned into its picture.
    position, target
        Where the lens is, and a point in the middle of the picture.
    hfov_deg
        Horizontal field of view.
    street
        Which scenery is around it: a key of ``world.LAMPS``.
    """

    name: str
    position: Point
    target: Point
    hfov_deg: float
    street: str

    def rotation(self) -> NDArray[np.float64]:
        """Return the 3x3 rotation from world to camera: rows are right, up and backward."""
        backward = np.subtract(self.position, self.target)
        backward /= np.linalg.norm(backward)
        right = np.cross((0.0, 0.0, 1.0), backward)
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(backward, right), backward])

    def view(self) -> NDArray[np.float64]:
        """Return the 4x4 matrix from world to camera, column vectors, looking along -z (OpenGL)."""
        view = np.eye(4)
        view[:3, :3] = self.rotation()
        view[:3, 3] = -view[:3, :3] @ np.asarray(self.position)
        return view

    def clip(self, aspect: float) -> NDArray[np.float64]:
        """Return the 4x4 matrix from world to OpenGL's clip space, column vectors.

        Parameters
        ----------
        aspect
            Width over height of the picture.
        """
        focal = 1.0 / np.tan(np.radians(self.hfov_deg) / 2)
        span = NEAR_M - FAR_M
        projection = np.zeros((4, 4))
        projection[0, 0], projection[1, 1] = focal, focal * aspect
        projection[2, 2], projection[2, 3] = (FAR_M + NEAR_M) / span, 2 * FAR_M * NEAR_M / span
        projection[3, 2] = -1.0
        matrix: NDArray[np.float64] = projection @ self.view()
        return matrix

    def projection(self, size: tuple[int, int]) -> NDArray[np.float64]:
        """Return the 3x4 matrix from world to pixels: ``(u w, v w, w)``, w metres ahead.

        Parameters
        ----------
        size
            Width and height of the picture in pixels; u goes right, v down, from the top left
            corner of the top left pixel.
        """
        width, height = size
        focal = width / 2 / np.tan(np.radians(self.hfov_deg) / 2)
        intrinsic = np.array([[focal, 0, -width / 2], [0, -focal, -height / 2], [0, 0, -1.0]])
        matrix: NDArray[np.float64] = intrinsic @ self.view()[:3]
        return matrix

    def project(
        self, points: NDArray[np.floating], size: tuple[int, int]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return where points fall.

        Parameters
        ----------
        points
            ``(n, 3)``, world metres.
        size
            Width and height of the picture in pixels.

        Returns
        -------
        pixels, ahead_m
            ``(n, 2)`` pixels, meaningless where ``ahead_m`` (``(n,)``, metres along the optical
            axis) is not positive.
        """
        homogeneous = np.concatenate([points, np.ones((len(points), 1))], axis=1)
        projected = homogeneous @ self.projection(size).T
        ahead = projected[:, 2]
        divisor = np.where(np.abs(ahead) < 1e-9, 1e-9, ahead)
        return projected[:, :2] / divisor[:, None], ahead

    def rays(self, size: tuple[int, int]) -> NDArray[np.float32]:
        """Return ``(h, w, 3)``: per pixel centre the world direction with length 1 along the axis.

        ``position + depth * ray`` is the point at ``depth`` metres along the optical axis.
        """
        width, height = size
        half = np.tan(np.radians(self.hfov_deg) / 2)
        u = ((np.arange(width) + 0.5) / width * 2 - 1) * half
        v = (1 - (np.arange(height) + 0.5) / height * 2) * half * height / width
        local = np.stack(np.broadcast_arrays(u[None, :], v[:, None], -1.0), axis=-1)
        return (local @ self.rotation()).astype(np.float32)
