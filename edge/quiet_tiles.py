"""Tiles that may do without a look: nothing is followed there, and their ground is as it was."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from analytics.background import Background
from analytics.blocks import Window
from analytics.detections import Detections, FloatArray
from analytics.ground import AROUND, grown
from analytics.messages import IncidentKind

TileKey = tuple[IncidentKind, Window]
"""What is looked for, and in which part of the view, in pixels."""


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """What a model found in a tile, in which inspection, after how many looks, and when."""

    found: Detections
    inspection: int
    looks: int
    at: datetime


class QuietTiles:
    """What was found in each quiet tile. Not thread-safe.

    A model that is shown the same ground finds the same. So what it found stands for one inspection
    more, if no block of the tile was given other ground. It does not stand for longer, because a
    small or faint thing changes no block: the model must see it before the clean scene, which
    follows the light, has taken it in.

    Parameters
    ----------
    every_s
        Time between inspections, seconds. After twice as long it does not stand in any case, as
        where nothing could be seen for hours.
    """

    def __init__(self, *, every_s: float) -> None:
        self._longest = timedelta(seconds=2 * every_s)
        self._inspection = 0
        self._looks: dict[TileKey, _Look] = {}

    def begin(self) -> None:
        """Begin an inspection."""
        self._inspection += 1

    def found(self, tile: TileKey, background: Background, at: datetime) -> Detections | None:
        """Return what was found in a tile, if that stands; None where a look is needed."""
        look = self._looks.get(tile)
        if look is None or self._inspection - look.inspection > 1:
            return None
        # A clock that was set back starts anew.
        if not look.at <= at < look.at + self._longest:
            return None
        _, window = tile
        shown = background.blocks.touched(np.array([window], np.float32))
        has_changed = (background.replaced_since(look.looks) & shown).any()
        return None if has_changed else look.found

    def note(self, tile: TileKey, found: Detections, background: Background, at: datetime) -> None:
        """Note what was found in a tile of the background as it is."""
        self._looks[tile] = _Look(found, self._inspection, background.looks, at)

    def disturb(self, kind: IncidentKind, box: FloatArray) -> None:
        """Have each tile looked at that shows a part of what is `AROUND` a box in pixels, ``(4,)``.

        Where something is there, or may come to be, the inspections that found it are counted, so
        each must look. What lies around it tells what became of it.
        """
        x1, y1, x2, y2 = grown(box, AROUND).tolist()
        for tile in list(self._looks):
            its_kind, (left, top, right, bottom) = tile
            if its_kind is kind and x1 < right and x2 > left and y1 < bottom and y2 > top:
                del self._looks[tile]

    def forget(self) -> None:
        """Know nothing any more, as of a view that is learnt anew."""
        self._looks.clear()
