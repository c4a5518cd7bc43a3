"""One picture of a camera, with the time it was captured at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
"""Pixels ``(h, w, 3)``, BGR."""


class Source(Protocol):
    """A picture as the camera sent it, at its full size; converted only where it is asked for."""

    @property
    def width_px(self) -> int:
        """Width of the picture."""

    @property
    def height_px(self) -> int:
        """Height of the picture."""

    def image(self) -> Image:
        """Return its pixels, BGR uint8 ``(h, w, 3)``, converted anew by each call."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A decoded picture.

    Attributes
    ----------
    image
        BGR uint8, shape ``(h, w, 3)``; the whole picture, as small as those who look need it.
        Nobody writes into it: all who look share it.
    captured_at
        Aware UTC. For a live stream when it arrived, for a file the start of the film plus
        ``media_time_s``; rules go by this time only, so a film can be replayed at any speed.
    media_time_s
        Seconds since the first frame of this connection or file, by the stream's own clock.
    number
        Counts the frames of this connection or file from 0, also those that were not delivered.
    source
        The same picture at the size that the camera sent; None where ``image`` is that.

    Raises
    ------
    ValueError
        Where the image is no ``(h, w, 3)`` uint8 array, or the time is naive.
    """

    image: Image
    captured_at: datetime
    media_time_s: float
    number: int
    source: Source | None = None

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
    def size_px(self) -> tuple[int, int]:
        """Width and height of the picture that the camera sent: the frame that boxes lie in."""
        if self.source is None:
            return int(self.image.shape[1]), int(self.image.shape[0])
        return self.source.width_px, self.source.height_px

    def whole(self) -> Image:
        """Return the picture at the size that the camera sent, BGR uint8 ``(h, w, 3)``."""
        return self.image if self.source is None else self.source.image()
