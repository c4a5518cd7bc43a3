"""From a picture of any size to the fixed input of a model, and back: where, and which pixels."""

from dataclasses import dataclass

import numpy as np

from analytics.detections import FloatArray
from analytics.frames import Image
from models.manifest import ModelInput
from models.opencv import resize_into

PADDING = 114
"""Grey value around the picture: what YOLO models are trained with."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a picture lies in the input: scaled as one, centred, with grey on two sides.

    ::

        +-----------------+  input, height_px
        |/////////////////|  padding, top
        |  +-----------+  |
        |  |  picture  |  |  scaled_height_px
        |  +-----------+  |
        |/////////////////|
        +-----------------+

    All in pixels. A side never shrinks to nothing: a very stretched picture keeps one pixel, so
    both directions have a scale of their own.
    """

    source_width_px: int
    source_height_px: int
    scaled_width_px: int
    scaled_height_px: int
    left_px: int
    top_px: int

    @classmethod
    def fit(
        cls, source_width_px: int, source_height_px: int, width_px: int, height_px: int
    ) -> "Letterbox":
        """Return the letterbox of a picture, at least one pixel, in an input of the last two."""
        scale = min(width_px / source_width_px, height_px / source_height_px)
        scaled_width_px = max(1, round(source_width_px * scale))
        scaled_height_px = max(1, round(source_height_px * scale))
        return cls(
            source_width_px,
            source_height_px,
            scaled_width_px,
            scaled_height_px,
            (width_px - scaled_width_px) // 2,
            (height_px - scaled_height_px) // 2,
        )

    def to_source(self, xyxy: FloatArray) -> FloatArray:
        """Return boxes ``(n, 4)`` of the input in pixels of the picture, cut off at its edges."""
        boxes = (xyxy - self._offset) / self._scale
        sides = np.tile(np.array([self.source_width_px, self.source_height_px]), 2)
        clipped: FloatArray = np.clip(boxes, 0, sides).astype(np.float32)
        return clipped

    @property
    def _scale(self) -> FloatArray:
        x = self.scaled_width_px / self.source_width_px
        y = self.scaled_height_px / self.source_height_px
        return np.array([x, y, x, y], np.float32)

    @property
    def _offset(self) -> FloatArray:
        return np.array([self.left_px, self.top_px, self.left_px, self.top_px], np.float32)


class InputBuffer:
    """The memory of one input, filled anew for each picture. For one thread at a time."""

    def __init__(self, model_input: ModelInput) -> None:
        width_px, height_px = model_input.width_px, model_input.height_px
        self._canvas: Image = np.full((height_px, width_px, 3), PADDING, np.uint8)
        # A view in the order of the input, (3, h, w); nothing is moved in memory for it.
        step = -1 if model_input.colour == "rgb" else 1
        self._planes = self._canvas[:, :, ::step].transpose(2, 0, 1)
        self._gain = np.float32(1 / 255 if model_input.scale == "0-1" else 1)
        self._letterbox: Letterbox | None = None
        self.values: FloatArray = np.empty((1, 3, height_px, width_px), np.float32)

    def fill(self, image: Image) -> Letterbox:
        """Put a picture in, overwriting the last one.

        Parameters
        ----------
        image
            BGR uint8, shape ``(h, w, 3)``, at least one pixel.

        Returns
        -------
        Letterbox
            Where it lies. ``values``, float32 ``(1, 3, h, w)``, holds its pixels.
        """
        height_px, width_px = self._canvas.shape[:2]
        letterbox = Letterbox.fit(image.shape[1], image.shape[0], width_px, height_px)
        if letterbox != self._letterbox:
            self._canvas.fill(PADDING)
            self._letterbox = letterbox
        bottom_px = letterbox.top_px + letterbox.scaled_height_px
        right_px = letterbox.left_px + letterbox.scaled_width_px
        resize_into(image, self._canvas[letterbox.top_px : bottom_px, letterbox.left_px : right_px])
        np.multiply(self._planes, self._gain, out=self.values[0])
        return letterbox
