"""A second look at one place: its empty scene learnt anew, and held against what it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from analytics.background import Background, BackgroundRule
from analytics.blocks import Window
from analytics.clean_reference import CleanReference
from analytics.detections import BoolArray
from analytics.eyesight import NIGHT_LEVEL, brightness
from analytics.frames import Image
from analytics.ground import Ground, box_px
from analytics.messages import IncidentKind, RecheckAnswer, RecheckReason
from analytics.picture_likeness import aligned
from analytics.place_scene import before_of, scene
from analytics.places import Outcome, Place, Scene
from analytics.tiles import TileSize, centred, merged, split
from edge.inspection import Task, zoom_of
from edge.rechecks import RecheckOrder
from edge.sight import Sight
from edge.slow_places import ZonePlaces
from models.detector import Detector

WITHIN: Final = timedelta(minutes=15)
"""Longest time until the place must have been in sight."""

_EVERY_S: Final = 4.0
"""Longest time between looks: somebody waits for the answer."""
_LOOKS: Final = 6
"""Looks that a fresh scene is made of: what stands at a red light is not in it yet."""
_KNOWN: Final = 0.8
"""Share of the place that must have been seen free, to call it gone."""
_KNOWN_IN_PART: Final = 0.5
"""Share that is enough to find the thing again: what is seen of it is there."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a second look found, and why."""

    answer: RecheckAnswer
    reason: RecheckReason


class SecondLook:
    """Answers one order. Not thread-safe; time is that of the frames.

    Parameters
    ----------
    places
        Those of the zone and kind that ``place`` is one of.
    sight
        What the camera sees; nothing of it is changed.
    begun_at
        When it was asked for.
    every_s
        Time between looks that the camera's own empty scene is learnt from, seconds.

    Attributes
    ----------
    order, places, place
        As given.
    """

    def __init__(
        self,
        order: RecheckOrder,
        places: ZonePlaces,
        place: Place,
        sight: Sight,
        detector: Detector,
        begun_at: datetime,
        every_s: float,
    ) -> None:
        self.order = order
        self.places = places
        self.place = place
        self._detector = detector
        self._begun_at = begun_at
        size_px = sight.background.blocks.size_px
        size = detector.manifest.input
        zoom = zoom_of(Task(places.kind, places.zone), sight.camera)
        tile = TileSize.fitting((size.width_px, size.height_px), zoom, size_px)
        self._box = box_px(place.box, size_px)
        self._window = centred(self._box, tile, size_px)
        blocks, self._number = sight.background.blocks.within(self._sees(sight))
        self._background = Background(blocks, BackgroundRule(min(every_s, _EVERY_S)))

    def is_due(self, at: datetime) -> bool:
        """Return whether a look at ``at`` would be taken in."""
        return self._background.is_due(at)

    def look(self, image: Image, hidden: BoolArray, at: datetime) -> None:
        """Take one look in.

        Parameters
        ----------
        image
            BGR uint8 of the view at its full size.
        hidden
            Before which of the view's blocks something stands, ``(n,)``.
        """
        self._background.look(image, hidden[self._number], at)

    def is_ready(self, at: datetime) -> bool:
        """Return whether there is an answer, for better or worse."""
        if at - self._begun_at >= WITHIN or at >= self.order.expires_at:
            return True
        return self._background.looks >= _LOOKS and self._known() >= _KNOWN

    def answer(self, reference: CleanReference) -> Answer:
        """Return what the place shows now, and why that is so.

        Parameters
        ----------
        reference
            The clean scene of the camera's own empty scene.

        Raises
        ------
        models.errors.DetectorError
            Where the inference failed.
        """
        background, known = self._background, self._known()
        if known < _KNOWN_IN_PART:
            return Answer(RecheckAnswer.CANNOT_SEE, RecheckReason.HIDDEN)
        if self._is_dark():
            return Answer(RecheckAnswer.CANNOT_SEE, RecheckReason.DARK)
        number = self._number
        ground = Ground(
            background=background,
            changed=reference.changed_in(background, number),
            clean=None if reference.scene is None else reference.scene[number],
            unclean=reference.unclean[number],
            in_sight=background.known,
            comparable=background.known & reference.known[number],
        )
        seen = self._detector.detect(background.picture(self._window))
        found, cut_off = split(seen, self._window, ground.size_px)
        here = self.places.at_place(self.place, found, ground.size_px)
        if len(self.places.counted(here, ground)):
            return Answer(RecheckAnswer.STILL_THERE, RecheckReason.FOUND_AGAIN)
        if known < _KNOWN:
            return Answer(RecheckAnswer.CANNOT_SEE, RecheckReason.HIDDEN)
        match self.places.unfound(self.place, merged([found, cut_off]), ground):
            case Outcome.SEEN:
                return Answer(RecheckAnswer.STILL_THERE, RecheckReason.LOOKS_THE_SAME)
            # Of what nobody knows how it looked, nobody can say that it is gone.
            case Outcome.GONE if before_of(self.place, ground) is not None:
                return Answer(RecheckAnswer.GONE, RecheckReason.NOT_FOUND)
            case _:
                is_heap = self.places.kind is IncidentKind.RUBBISH
                is_dirty = is_heap and not ground.is_clean(self._box)
                reason = RecheckReason.NOT_CLEAN if is_dirty else RecheckReason.HIDDEN
                return Answer(RecheckAnswer.CANNOT_SEE, reason)

    def scenes(self, at: datetime) -> Sequence[Scene]:
        """Return the place as it was, where that is known, and as it is at ``at``, aligned."""
        before = self.place.before
        if before is None or before.size_px != self._background.blocks.size_px:
            return (scene(self._background, self.place.box, at),)
        now = self._background.picture(before.window)
        return before, Scene(aligned(now, before.image), before.window, before.size_px, at)

    def _is_dark(self) -> bool:
        known = self._background.known & self._background.blocks.touched(self._box[None])
        return brightness(self._background, known) < NIGHT_LEVEL

    def _sees(self, sight: Sight) -> Window:
        """Return the window around what the detector sees and the picture of before."""
        known = self.place.before
        is_known = known is not None and known.size_px == sight.background.blocks.size_px
        before = known.window if known is not None and is_known else self._window
        low, high = np.minimum(self._window, before), np.maximum(self._window, before)
        return int(low[0]), int(low[1]), int(high[2]), int(high[3])

    def _known(self) -> float:
        mine = self._background.blocks.touched(self._box[None])
        return float(self._background.known[mine].mean()) if mine.any() else 0.0
