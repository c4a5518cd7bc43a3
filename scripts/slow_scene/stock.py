"""The holes and the rubbish of labelled photos that scenarios take their things from."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from analytics.detections import FloatArray
from scripts.training.config import Side, Sides, Surface, TrainingError
from scripts.training.paste import Cutout, cutouts

_HOLES = Sides(train="${SIMPANG_DATA}/pothole/train", val="${SIMPANG_DATA}/pothole/val")
_RUBBISH = Sides(train="${SIMPANG_DATA}/rubbish/train", val="${SIMPANG_DATA}/rubbish/val")
_BAGS_AND_HEAPS = ("kerb_*", "crew_*")

_LEAST_CONTRAST = 0.3
"""Mean share by which a hole differs from its road; of a fainter one nobody would complain."""

_BRIGHTEST = 1.1
"""Of its road, on average; brighter are photos of water in which the sky shines white."""

_DARK, _LEAST_DARK = 0.75, 0.3
"""Share of a hole that is darker than so much of its road, at least."""

_MOST_TINT = 0.35
"""Spread of a hole's mean colour over its mean light: earth is brown, what is blue is no hole."""

_HOLE_SHAPES = (0.3, 1.3)
"""Height over width of holes that can be pasted flat without tearing them out of shape."""

_HEAP_SHAPES = (0.45, 2.2)
"""Height over width of rubbish that was cut out whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """Things that were cut out of photos.

    Raises
    ------
    TrainingError
        Where there is none of a kind.
    """

    holes: tuple[Cutout, ...]
    rubbish: tuple[Cutout, ...]

    def __post_init__(self) -> None:
        if not self.holes or not self.rubbish:
            raise TrainingError(
                f"{len(self.holes)} holes and {len(self.rubbish)} pieces of rubbish can be cut "
                "out: expected some of each"
            )


@lru_cache(maxsize=2)
def stock(side: Side) -> Stock:
    """Return the things of the photos of a side, those that look like what they are.

    Raises
    ------
    TrainingError
        Where ``SIMPANG_DATA`` does not hold them.
    """
    holes = cutouts(_HOLES.folder(side), ["*"], Surface.ROAD)
    rubbish = cutouts(_RUBBISH.folder(side), _BAGS_AND_HEAPS, Surface.KERB)
    return Stock(
        tuple(one for one in holes if is_plain_hole(one)),
        tuple(one for one in rubbish if _has_shape(one, _HEAP_SHAPES)),
    )


def is_plain_hole(hole: Cutout) -> bool:
    """Tell whether a hole stands out from its road as holes do: dark, and not coloured."""
    inside = hole.light[hole.alpha > 0.7]
    colour: FloatArray = inside.mean(axis=0)
    light: FloatArray = inside.mean(axis=1)
    is_seen = float(np.abs(light - 1).mean()) >= _LEAST_CONTRAST
    is_dark = float((light < _DARK).mean()) >= _LEAST_DARK and float(light.mean()) <= _BRIGHTEST
    is_grey = float(colour.max() - colour.min()) <= _MOST_TINT * float(colour.mean())
    return _has_shape(hole, _HOLE_SHAPES) and is_seen and is_dark and is_grey


def _has_shape(cutout: Cutout, shapes: tuple[float, float]) -> bool:
    height, width = cutout.alpha.shape
    shape = float(height / width)
    return shapes[0] <= shape <= shapes[1]
