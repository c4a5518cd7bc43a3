"""What lies on the ground of a scenario, in layers that are laid over a picture.

Things are cut out of photos and pasted by `scripts.training.paste`, those of the photos to
measure on into the cameras to measure on; what is mended, wet or in the shade is the road itself,
darker or lighter.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from analytics.detections import FloatArray
from analytics.frames import Image
from scripts.slow_scene.scenario import Box, Heap, Hole, Puddle, Shade, Stage
from scripts.slow_scene.stock import Stock
from scripts.training.config import Surface
from scripts.training.h264 import as_sent
from scripts.training.light import Light, linear, shown
from scripts.training.paste import MARGIN, Alpha, Cutout, pasted
from scripts.training.streets import Street

_QUALITY = 25
_GRAIN = 0.04
"""Share by which the asphalt of a patch varies from pixel to pixel."""

_PIECES = {
    Stage.BAG: ((0.0, 0.0, 1.0),),
    Stage.SCATTERED: ((-0.36, 0.0, 0.27), (0.02, -0.05, 0.22), (0.35, 0.02, 0.3)),
    Stage.PILE: (
        (-0.12, -0.2, 0.5),
        (0.18, -0.17, 0.46),
        (-0.24, -0.02, 0.5),
        (0.06, 0.0, 0.5),
        (0.27, 0.02, 0.44),
    ),
}
"""Of each piece: middle and lower edge beside the spot, and width, in widths of the heap."""

_FULL = 0.85
"""Width of the water in a hole for that of the hole: its rim stays dry."""
_MIRRORS = (0.3, 2.5)
"""Brightness of such water for that of the road, in linear light: from what is under it to the
sky."""


@dataclass(frozen=True, slots=True, eq=False)
class _Spot(ABC):
    """A spot of the ground: its left upper corner, and from 0 to 1 how much of it each pixel is."""

    left: int
    top: int
    mask: Alpha

    @property
    def reach(self) -> Box:
        """What may change."""
        return self.left, self.top, self.mask.shape[1], self.mask.shape[0]

    def over(self, image: Image) -> Image:
        """Return a picture with it."""
        rows = slice(max(self.top, 0), self.top + self.mask.shape[0])
        columns = slice(max(self.left, 0), self.left + self.mask.shape[1])
        part = image[rows, columns]
        start = rows.start - self.top, columns.start - self.left
        mask = self.mask[start[0] :, start[1] :][: part.shape[0], : part.shape[1], None]
        result = image.copy()
        result[rows, columns] = shown(self._laid(linear(part), mask))
        return result

    @abstractmethod
    def _laid(self, ground: Light, mask: Alpha) -> Light:
        """Return the ground with it, in linear light; the mask is ``(h, w, 1)``."""


@dataclass(frozen=True, slots=True, eq=False)
class Paint(_Spot):
    """The ground itself, darker or lighter by ``factor`` in linear light."""

    factor: float

    def _laid(self, ground: Light, mask: Alpha) -> Light:
        return ground * (1 + mask * (self.factor - 1))


@dataclass(frozen=True, slots=True, eq=False)
class Water(_Spot):
    """Water that hides what is under it, in linear light ``level`` times as bright as around it."""

    level: float

    def _laid(self, ground: Light, mask: Alpha) -> Light:
        around = np.median(ground[mask[..., 0] < 0.01], axis=0)
        return ground + mask * (self.level * around - ground)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A thing of a photo."""

    cutout: Cutout
    box: Box
    surface: Surface

    @property
    def reach(self) -> Box:
        """What may change."""
        left, top, width, height = self.box
        across, down = round(width * MARGIN), round(height * MARGIN)
        return left - across, top - down, width + 2 * across, height + 2 * down

    def over(self, image: Image) -> Image:
        """Return a picture with it."""
        return pasted(image, self.cutout, self.box, self.surface)


Layer = Paint | Water | Piece


def laid(image: Image, layers: Sequence[Layer]) -> Image:
    """Return a picture with one thing's layers, coded anew around them as a camera would."""
    result = image
    for layer in layers:
        result = layer.over(result)
    reaches = [layer.reach for layer in layers]
    rows = _padded(
        min(top for _, top, _, _ in reaches),
        max(top + height for _, top, _, height in reaches),
        image.shape[0],
    )
    columns = _padded(
        min(left for left, _, _, _ in reaches),
        max(left + width for left, _, width, _ in reaches),
        image.shape[1],
    )
    result = result.copy()
    result[rows, columns] = as_sent(result[rows, columns], quality=_QUALITY)
    return result


def _padded(start: int, stop: int, size: int) -> slice:
    """Return a range in whole macroblocks of 16 pixels that holds another."""
    return slice(max(start - 8, 0) // 16 * 16, min(-(-(stop + 8) // 16) * 16, size))


def hole_box(hole: Hole, street: Street) -> Box:
    """Return where a hole is: as flat as a square on the ground there."""
    height, width = street.road.shape
    bottom = round(hole.spot[1] * height)
    tall = max(round(hole.width_px * max(street.flatness(bottom), 0.1)), 5)
    return round(hole.spot[0] * width - hole.width_px / 2), bottom - tall, hole.width_px, tall


def hole_layers(hole: Hole, street: Street, stock: Stock, rng: np.random.Generator) -> list[Layer]:
    """Return an open hole."""
    return [Piece(_one_of(stock.holes, rng), hole_box(hole, street), Surface.ROAD)]


def patch_layers(hole: Hole, street: Street, rng: np.random.Generator) -> list[Layer]:
    """Return the mended road: more than the hole was, with straight edges, of other asphalt."""
    left, top, width, height = hole_box(hole, street)
    wide, tall = round(width * 1.35), round(height * 1.4)
    # As seen along the road: the edges run to the vanishing point.
    lean = (left + width / 2 - street.road.shape[1] / 2) / (top - street.horizon_px) * tall
    corners = np.array(
        [[0.04 * wide - lean, 0], [0.97 * wide - lean, 0], [wide, tall], [0, tall]], np.float32
    )
    start = (left - (wide - width) // 2, top - (tall - height) // 2)
    mask, offset = _polygon(corners, 0.8)
    grain = 1 + _GRAIN * rng.standard_normal(mask.shape).astype(np.float32) / abs(hole.patch - 1)
    return [Paint(start[0] + offset[0], start[1] + offset[1], mask * grain, hole.patch)]


def flooded_layers(hole: Hole, street: Street, rng: np.random.Generator) -> list[Layer]:
    """Return the water in an open hole."""
    left, top, width, height = hole_box(hole, street)
    mask, offset = _pool(width * _FULL, height * _FULL, uneven=0.2, soft_px=0.8)
    middle = left + width // 2, top + height // 2
    level = float(rng.uniform(*_MIRRORS))
    return [Water(middle[0] + offset[0], middle[1] + offset[1], mask, level)]


def puddle_layers(puddle: Puddle, street: Street, wet: float) -> list[Layer]:
    """Return water on the road, of which a share ``wet`` of its width is left."""
    height, width = street.road.shape
    bottom = puddle.spot[1] * height
    wide = puddle.width_px * wet
    tall = wide * max(street.flatness(bottom), 0.1) * 0.9
    mask, offset = _pool(wide, tall, uneven=1.0, soft_px=1.5)
    middle = round(puddle.spot[0] * width), round(bottom - puddle.width_px * 0.15)
    return [Paint(middle[0] + offset[0], middle[1] + offset[1], mask, 0.55)]


def shade_layers(shade: Shade, street: Street, hours: float) -> list[Layer]:
    """Return a shadow, ``hours`` after it fell on its spot: long, slanted, soft at its edges."""
    height, width = street.road.shape
    across, long = shade.width_px, shade.width_px * 2.2
    flat = max(street.flatness(shade.spot[1] * height), 0.15)
    corners = np.array(
        [[0, 0], [across, 0], [across + long * 0.6, long * flat], [long * 0.5, long * flat]],
        np.float32,
    )
    mask, offset = _polygon(corners, 2.5)
    crept = 0.15 * across * hours
    left = round(shade.spot[0] * width - across + crept) + offset[0]
    top = round(shade.spot[1] * height - long * flat) + offset[1]
    return [Paint(left, top, mask, 0.42)]


def heap_boxes(heap: Heap, stage: Stage) -> list[Box]:
    """Return the boxes of a heap's pieces at a stage, farthest first, its spot at ``(0, 0)``."""
    found = []
    for across, down, share in _PIECES[stage]:
        wide = round(heap.width_px * share)
        tall = max(round(wide * 0.8), 5)
        left = round(heap.width_px * across - wide / 2)
        found.append((left, round(heap.width_px * down) - tall, wide, tall))
    return found


def heap_layers(
    heap: Heap, stage: Stage, street: Street, stock: Stock, rng: np.random.Generator
) -> list[Layer]:
    """Return rubbish at a stage."""
    height, width = street.road.shape
    x, y = round(heap.spot[0] * width), round(heap.spot[1] * height)
    return [
        Piece(_one_of(stock.rubbish, rng), (x + left, y + top, wide, tall), Surface.KERB)
        for left, top, wide, tall in heap_boxes(heap, stage)
    ]


def box_of(heap: Heap, stage: Stage, size_px: tuple[int, int]) -> Box:
    """Return the box around all pieces of a heap at a stage."""
    x, y = round(heap.spot[0] * size_px[0]), round(heap.spot[1] * size_px[1])
    boxes = np.array(heap_boxes(heap, stage))
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    return x + int(left), y + int(top), int(right - left), int(bottom - top)


def _pool(
    wide: float, tall: float, *, uneven: float, soft_px: float
) -> tuple[Alpha, tuple[int, int]]:
    """Return a soft mask of water about so large, and where its left upper corner lies."""
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    # An uneven shore: two waves around an ellipse.
    out = 1 + uneven * (0.18 * np.sin(2 * turn + 1) + 0.1 * np.sin(5 * turn))
    corners = np.stack([wide / 2 * out * np.cos(turn), tall / 2 * out * np.sin(turn)], axis=1)
    return _polygon(corners.astype(np.float32), soft_px)


def _polygon(corners: FloatArray, soft_px: float) -> tuple[Alpha, tuple[int, int]]:
    """Return a soft mask of a polygon, and where its left upper corner lies."""
    rim = round(3 * soft_px) + 1
    low = np.floor(corners.min(axis=0)).astype(int) - rim
    size = np.ceil(corners.max(axis=0)).astype(int) + rim - low + 1
    mask = np.zeros((int(size[1]), int(size[0])), np.float32)
    cv2.fillPoly(mask, [np.round(corners - low).astype(np.int32)], [1.0])
    soft = np.asarray(cv2.GaussianBlur(mask, (0, 0), soft_px), np.float32)
    return soft, (int(low[0]), int(low[1]))


def _one_of(pool: Sequence[Cutout], rng: np.random.Generator) -> Cutout:
    return pool[int(rng.integers(len(pool)))]
