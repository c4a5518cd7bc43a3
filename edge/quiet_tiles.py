"""Tiles that may do without a look: nothing is followed there, and their ground is as it was."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from analytics.background import Background
from analytics.blocks import Window
from analytics.detections import Detections, FloatArray
from analytics.messages import IncidentKind

TileKey = tuple[IncidentKind, Window]
"""What is looked for, and in which part of the view, in pixels."""

_STANDS: Final = 1.5
"""Times the time between inspections that what was found stands: for the next one, late or not."""


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What a model found in a tile, after which of the background's looks, and when."""

    found: Detections
    number: int
    at: datetime


class QuietTiles:
    """What was found in each quiet tile. Not thread-safe.

    A model that is shown the same ground finds the same. So what it found stands for one inspection
    more, if no block of the tile was given other ground. It does not stand for longer, because a
    small or faint thing changes no block: the model must see it before the clean scene, which
    follows the light, has taken it in.

    Parameters
    ----------
    every
        Time between inspections.
    """

    def __init__(self, every: timedelta) -> None:
        self._stands = _STANDS * every
        self._looks: dict[TileKey, _Look] = {}

    def found(self, tile: TileKey, background: Background, at: datetime) -> Detections | None:
        """Return what was found in a tile, if that stands; None where a look is needed."""
        look = self._looks.get(tile)
        # A clock that was set back starts anew.
        if look is None or not look.at <= at < look.at + self._stands:
            return None
        _, window = tile
        shown = background.blocks.touched(np.array([window], np.float32))
        has_changed = (background.replaced_since(look.number) & shown).any()
        return None if has_changed else look.found

    def note(self, tile: TileKey, found: Detections, background: Background, at: datetime) -> None:
        """Note what was found in a tile of the background as it is."""
        self._looks[tile] = _Look(found, background.looks, at)

    def disturb(self, kind: IncidentKind, box: FloatArray) -> None:
        """Have each tile that shows a part of a box in pixels looked at by the next inspection.

        Where something is there, or may come to be, inspections are counted: each is to be one.
        """
        for tile in list(self._looks):
            its_kind, (left, top, right, bottom) = tile
            x1, y1, x2, y2 = box.tolist()
            if its_kind is kind and x1 < right and x2 > left and y1 < bottom and y2 > top:
                del self._looks[tile]

    def forget(self) -> None:
        """Know nothing any more, as of a view that is learnt anew."""
        self._looks.clear()
