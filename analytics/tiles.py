"""A zone cut into windows that a detector takes at full resolution, and its boxes put together."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from analytics.blocks import Window
from analytics.detections import BoolArray, Detections, FloatArray
from analytics.geometry import area
from analytics.zones import GRID_HEIGHT, GRID_WIDTH, Zone

_OVERLAP: Final = 0.3
"""Share of a tile that its neighbour shows too: what is cut off in one is whole in the other."""
_SAME: Final = 0.5
"""Share of the smaller of two boxes that lies in the other, from which on they are of one thing."""
_SOLID: Final = 0.4
"""Share of the best confidence of a group that its other boxes need to make it larger."""
_RIM_PX: Final = 2


@dataclass(frozen=True, slots=True)
class TileSize:
    """A window's width and height in pixels of the view."""

    width_px: int
    height_px: int

    @classmethod
    def fitting(
        cls, model_px: tuple[int, int], zoom: float, view_px: tuple[int, int]
    ) -> "TileSize":
        """Return the window that fills a model's input when it is enlarged ``zoom`` times."""
        width, height = (
            min(round(side / zoom), limit) for side, limit in zip(model_px, view_px, strict=True)
        )
        return cls(width, height)


def tiles(zone: Zone, size: TileSize, view_px: tuple[int, int]) -> tuple[Window, ...]:
    """Return the windows that cover a zone, with an overlap, row by row.

    Parameters
    ----------
    view_px
        Width and height of the view, at least the size of a tile.
    """
    y, x = np.nonzero(zone.cells)
    cell = view_px[0] / GRID_WIDTH, view_px[1] / GRID_HEIGHT
    left, right = x.min() * cell[0], (x.max() + 1) * cell[0]
    top, bottom = y.min() * cell[1], (y.max() + 1) * cell[1]
    windows = [
        (begin_x, begin_y, begin_x + size.width_px, begin_y + size.height_px)
        for begin_y in _begins(top, bottom, size.height_px, view_px[1])
        for begin_x in _begins(left, right, size.width_px, view_px[0])
    ]
    centres = np.stack([(x + 0.5) * cell[0], (y + 0.5) * cell[1]], axis=1)
    return tuple(window for window in windows if _holds_any(window, centres))


def centred(box: FloatArray, size: TileSize, view_px: tuple[int, int]) -> Window:
    """Return the window around a box ``(x1, y1, x2, y2)`` in pixels, within the view."""
    x, y = ((box[:2] + box[2:]) / 2).tolist()
    left = round(min(max(x - size.width_px / 2, 0), view_px[0] - size.width_px))
    top = round(min(max(y - size.height_px / 2, 0), view_px[1] - size.height_px))
    return left, top, left + size.width_px, top + size.height_px


def split(
    found: Detections, window: Window, view_px: tuple[int, int]
) -> tuple[Detections, Detections]:
    """Return what was found in a tile, in pixels of the view, and apart from it what its rim cuts.

    A box at the rim of the view itself is whole: no other tile shows more of it.

    Parameters
    ----------
    found
        Boxes in pixels of the view's own scale, from the window's top left.
    """
    left, top, right, bottom = window
    shift = np.array([left, top, left, top], np.float32)
    xyxy = found.xyxy + shift
    inside = (
        ((xyxy[:, 0] > left + _RIM_PX) | (left == 0))
        & ((xyxy[:, 1] > top + _RIM_PX) | (top == 0))
        & ((xyxy[:, 2] < right - _RIM_PX) | (right >= view_px[0]))
        & ((xyxy[:, 3] < bottom - _RIM_PX) | (bottom >= view_px[1]))
    )
    placed = Detections(xyxy, found.confidence, found.class_id)
    return placed.where(inside), placed.where(~inside)


def completed(found: list[Detections], cut_off: list[Detections]) -> Detections:
    """Return the boxes of overlapping tiles, each thing once, also what no tile shows whole.

    Parameters
    ----------
    found, cut_off
        Of each tile, as `split` has it. Parts of a thing that is wider than two tiles share are
        joined where they overlap.
    """
    once, parts = merged(found), merged(cut_off)
    is_part = [bool((_shared(box, once.xyxy) < _SAME).all()) for box in parts.xyxy]
    joined = heaped(parts.where(np.array(is_part, np.bool_)), (0.0, 0.0))
    return Detections(
        np.concatenate([once.xyxy, joined.xyxy]),
        np.concatenate([once.confidence, joined.confidence]),
        np.concatenate([once.class_id, joined.class_id]),
    )


def merged(found: list[Detections]) -> Detections:
    """Return the boxes of overlapping tiles, each thing once: the most confident box of each."""
    if not found:
        return Detections.none()
    xyxy = np.concatenate([one.xyxy for one in found])
    confidence = np.concatenate([one.confidence for one in found])
    every = Detections(xyxy, confidence, np.concatenate([one.class_id for one in found]))
    left = np.argsort(-confidence, kind="stable")
    kept: list[int] = []
    while len(left):
        best, left = int(left[0]), left[1:]
        kept.append(best)
        left = left[_shared(xyxy[best], xyxy[left]) < _SAME]
    chosen = np.zeros(len(every), np.bool_)
    chosen[kept] = True
    return every.where(chosen)


def heaped(found: Detections, *rules: tuple[float, float], least_px: float = 0.0) -> Detections:
    """Return boxes with those that lie close together as one around them all.

    Parameters
    ----------
    rules
        Applied in turn: the share of a box's width and height that it reaches beyond its edges,
        and the share of the box around those in reach that they must fill to be one.
    least_px
        Width under which a box is none by itself; all that it does is hold others together.

    Returns
    -------
    Detections
        With the highest confidence of each group, around those that are nearly as sure.
    """
    is_one = found.xyxy[:, 2] - found.xyxy[:, 0] >= least_px
    for reach, least_filled in rules:
        found, is_one = _joined(found, is_one, reach, least_filled)
    return found.where(is_one)


def _joined(
    found: Detections, is_one: BoolArray, reach: float, least_filled: float
) -> tuple[Detections, BoolArray]:
    """Return boxes joined by one rule of `heaped`, and which of them are one by themselves."""
    xyxy, confidence, class_id = found.xyxy.copy(), found.confidence.copy(), found.class_id.copy()
    is_one = is_one.copy()
    number = 0
    while number < len(xyxy):
        rim = reach * (xyxy[:, 2:] - xyxy[:, :2])
        low, high = xyxy[:, :2] - rim, xyxy[:, 2:] + rim
        touches = ((low < high[number]) & (high > low[number])).all(axis=1)
        if touches.sum() == 1 or _filled(xyxy[touches]) < least_filled:
            number += 1
            continue
        believed = touches & is_one
        best = confidence[believed if believed.any() else touches].max()
        # A doubtful box beside a sure one is the sure one's shadow, or what stands next to it.
        solid = touches & (confidence >= _SOLID * best)
        low, high = xyxy[solid, :2].min(axis=0), xyxy[solid, 2:].max(axis=0)
        xyxy[number], confidence[number] = (*low, *high), best
        is_one[number] = believed.any()
        touches[number] = False
        xyxy, confidence = xyxy[~touches], confidence[~touches]
        class_id, is_one = class_id[~touches], is_one[~touches]
        number = 0  # the larger box may reach others
    return Detections(xyxy, confidence, class_id), is_one


def _begins(first: float, last: float, length: int, limit: int) -> list[int]:
    """Return where windows of a length begin, so that they cover a span within the view."""
    span = last - first
    count = 1 if span <= length else 1 + int(np.ceil((span - length) / (length * (1 - _OVERLAP))))
    if count == 1:
        begins = [(first + last - length) / 2]
    else:
        begins = list(np.linspace(first, last - length, count))
    return [round(min(max(begin, 0), limit - length)) for begin in begins]


def _filled(xyxy: FloatArray) -> float:
    """Return which share of the box around some boxes they fill; what they share counts twice."""
    around = np.concatenate([xyxy[:, :2].min(axis=0), xyxy[:, 2:].max(axis=0)])
    return float(area(xyxy).sum()) / max(float(area(around[None])[0]), 1e-6)


def _holds_any(window: Window, points: FloatArray) -> bool:
    left, top, right, bottom = window
    x, y = points[:, 0], points[:, 1]
    return bool(((x >= left) & (x < right) & (y >= top) & (y < bottom)).any())


def _shared(box: FloatArray, others: FloatArray) -> FloatArray:
    """Return which share of the smaller of two boxes lies in the other, ``(n,)``."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    both = np.clip(high - low, 0, None).prod(axis=1)
    smaller = np.minimum(area(box[None]), area(others))
    shared: FloatArray = both / np.maximum(smaller, 1e-6)
    return shared
