"""Detections, tracks and figures of small made-up scenes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt

from analytics.background import Background, BackgroundRule
from analytics.blocks import Blocks
from analytics.detections import BoolArray, Detections, FloatArray, ObjectClass
from analytics.messages import VehicleClass
from analytics.tracking import Tracks
from analytics.traffic import ZoneFigures

START = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)
SIZE_PX = (640, 360)

Box = tuple[float, float, float, float]
Grey = npt.NDArray[np.float64]

NO_BOXES: FloatArray = np.zeros((0, 4), np.float32)


def at(seconds: float) -> datetime:
    """Return the time ``seconds`` after the scene began."""
    return START + timedelta(seconds=seconds)


def some_detections(
    boxes: Sequence[Box],
    *,
    confidence: float | Sequence[float] = 0.9,
    of: ObjectClass | Sequence[ObjectClass] = ObjectClass.CAR,
) -> Detections:
    """Return detections of boxes ``(x1, y1, x2, y2)`` in pixels."""
    n = len(boxes)
    classes = [of] * n if isinstance(of, ObjectClass) else list(of)
    return Detections(
        np.asarray(boxes, np.float32).reshape(n, 4),
        np.broadcast_to(np.asarray(confidence, np.float32), (n,)).copy(),
        np.asarray(classes, np.int64).reshape(n),
    )


def some_tracks(
    boxes: Sequence[Box],
    *,
    speed: float | Sequence[float] = 0.0,
    has_moved: bool | Sequence[bool] = True,
    of: ObjectClass = ObjectClass.CAR,
) -> Tracks:
    """Return tracks of boxes ``(x1, y1, x2, y2)`` in pixels; speeds in box heights a second."""
    n = len(boxes)
    return Tracks(
        xyxy=np.asarray(boxes, np.float32).reshape(n, 4),
        confidence=np.full(n, 0.9, np.float32),
        class_id=np.full(n, of, np.int64),
        track_id=np.arange(1, n + 1),
        age_s=np.full(n, 10, np.float32),
        speed=np.broadcast_to(np.asarray(speed, np.float32), (n,)).copy(),
        has_moved=np.broadcast_to(np.asarray(has_moved, np.bool_), (n,)).copy(),
    )


def some_figures(
    seconds: float, *, occupancy: float = 0.5, stopped: float = 0.9, cars: int = 10
) -> ZoneFigures:
    """Return a zone's figures; a jam unless told otherwise."""
    return ZoneFigures(
        at=at(seconds),
        occupancy=occupancy,
        stopped_share=stopped,
        vehicles={VehicleClass.CAR: cars} if cars else {},
        parked=0,
    )


def nothing_before(blocks: Blocks) -> BoolArray:
    """Return that nothing stands before any of some blocks."""
    return np.zeros(len(blocks), np.bool_)


def learnt(blocks: Blocks, grey: Grey, hidden: BoolArray | None = None) -> Background:
    """Return the empty scene of blocks that saw one grey picture, ``(h, w, 1)``, often enough.

    Those that were ``hidden`` in each look are not known.
    """
    background = Background(blocks, BackgroundRule(15.0, 4))
    picture = np.repeat(grey, 3, axis=2).astype(np.uint8)
    for _ in range(6):
        background.look(picture, nothing_before(blocks) if hidden is None else hidden, START)
    return background
