"""One picture of a camera, with the time it was captured at."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
"""Pixels ``(h, w, 3)``, BGR."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A decoded picture.

    Attributes
    ----------
    image
        BGR uint8, shape ``(h, w, 3)``. Nobody writes into it: evidence and detector share it.
    captured_at
        Aware UTC. For a live stream when it arrived, for a file the start of the film plus
        ``media_time_s``; rules go by this time only, so a film can be replayed at any speed.
    media_time_s
        Seconds since the first frame of this connection or file, by the stream's own clock.
    number
        Counts the frames of this connection or file from 0, also those that were not delivered.

    Raises
    ------
    ValueError
        Where the image is no ``(h, w, 3)`` uint8 array, or the time is naive.
    """

    image: Image
    captured_at: datetime
    media_time_s: float
    number: int

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.shape[2] != 3 or self.image.dtype != np.uint8:
            msg = (
                f"image is {self.image.dtype} of shape {self.image.shape}, expected uint8 (h, w, 3)"
            )
            raise ValueError(msg)
        if self.captured_at.tzinfo is None:
            msg = "captured_at is naive, expected an aware UTC time"
            raise ValueError(msg)

    @property
    def width_px(self) -> int:
        """Width of the image."""
        return int(self.image.shape[1])

    @property
    def height_px(self) -> int:
        """Height of the image."""
        return int(self.image.shape[0])
