"""A second look at one place: its empty scene learnt anew, and held against what it was."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from analytics.background import Background, BackgroundRule
from analytics.blocks import Blocks
from analytics.detections import Detections, FloatArray
from analytics.eyesight import Eyesight
from analytics.frames import Frame
from analytics.likeness import aligned
from analytics.messages import RecheckAnswer
from analytics.places import Place, Scene
from analytics.slow_finding import Ground
from analytics.tiles import TileSize, centred, whole
from edge.inspection import Task, zoom_of
from edge.rechecks import RecheckOrder
from edge.slow_places import ZonePlaces, box_px, is_covered, looks_as, scene
from models.detector import Detector

WITHIN: Final = timedelta(minutes=15)
"""Longest time until the place must have been in sight."""

_EVERY_S: Final = 4.0
"""Longest time between looks: somebody waits for the answer."""
_LOOKS: Final = 6
"""Looks that a fresh scene is made of: what stands at a red light is not in it yet."""
_KNOWN: Final = 0.8
"""Share of the place that must have been seen free."""


class SecondLook:
    """Answers one order. Not thread-safe; time is that of the frames.

    Parameters
    ----------
    places
        Those of the zone and kind that ``place`` is one of.
    begun_at
        When it was asked for.
    every_s
        Time between looks that the camera's own empty scene is learnt from, seconds.

    Attributes
    ----------
    order, places, place
        As given.
    """

    def __init__(  # all that an answer rests on
        self,
        order: RecheckOrder,
        places: ZonePlaces,
        place: Place,
        ground: Ground,
        detector: Detector,
        begun_at: datetime,
        every_s: float,
    ) -> None:
        self.order = order
        self.places = places
        self.place = place
        self._detector = detector
        self._begun_at = begun_at
        size_px = (ground.width_px, ground.height_px)
        size = detector.manifest.input
        zoom = zoom_of(Task(places.kind, places.zone), ground)
        tile = TileSize.fitting((size.width_px, size.height_px), zoom, size_px)
        self._box = box_px(place.box, size_px)
        self._window = centred(self._box, tile, size_px)
        self._background = Background(
            Blocks.around(self._sees(), size_px),
            BackgroundRule(min(every_s, _EVERY_S)),
        )

    def look(self, frame: Frame, hidden: FloatArray) -> None:
        """Take one look in; ``hidden`` are boxes of what stands before the scene, in pixels."""
        if self._background.is_due(frame.captured_at):
            self._background.look(frame.whole(), hidden, frame.captured_at)

    def is_ready(self, at: datetime) -> bool:
        """Return whether there is an answer, for better or worse."""
        if at - self._begun_at >= WITHIN or at >= self.order.expires_at:
            return True
        return self._background.looks >= _LOOKS and self._known() >= _KNOWN

    def answer(self) -> tuple[RecheckAnswer, str]:
        """Return what the place shows now, and why that is so.

        Raises
        ------
        models.errors.DetectorError
            Where the inference failed.
        """
        background, before = self._background, self.place.before
        if self._known() < _KNOWN:
            return RecheckAnswer.CANNOT_SEE, "something stood before it all the time"
        if Eyesight.of(background).is_dark:
            return RecheckAnswer.CANNOT_SEE, "it is too dark"
        found = self._found()
        if len(found):
            return RecheckAnswer.STILL_THERE, f"found again, {found.confidence.max():.0%} sure"
        if before is None:
            return RecheckAnswer.GONE, "not found any more"
        if looks_as(background, before, self.place.box):
            return RecheckAnswer.STILL_THERE, "it looks as it did"
        if is_covered(background, before, self.place.box):
            return RecheckAnswer.CANNOT_SEE, "something large stands there"
        return RecheckAnswer.GONE, "not found any more, and the place looks different"

    def scenes(self) -> Sequence[Scene]:
        """Return the place as it was when it opened, where that is known, and as it is, aligned."""
        before = self.place.before
        if before is None:
            return (scene(self._background, self.place.box),)
        now = self._background.picture(before.window)
        return before, Scene(aligned(now, before.image), before.window)

    def _sees(self) -> FloatArray:
        """Return the box, in pixels, around the detector's window and the picture of before."""
        before = self.place.before
        windows = np.array([self._window, self._window if before is None else before.window])
        box = np.concatenate([windows[:, :2].min(axis=0), windows[:, 2:].max(axis=0)])
        return box.astype(np.float32)

    def _known(self) -> float:
        mine = self._background.blocks.touched(self._box[None])
        return float(self._background.known[mine].mean()) if mine.any() else 0.0

    def _found(self) -> Detections:
        seen = self._detector.detect(self._background.picture(self._window))
        size_px = self._background.blocks.size_px
        return self.places.at_place(
            self.place, whole(seen, self._window, size_px), self._background
        )
