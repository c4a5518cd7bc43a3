"""Detections to tracks: which box in this frame is the vehicle of the frame before.

A ByteTrack-style tracker: sure detections are matched first, unsure ones may then carry on a track
but never start one. Memory is bounded by `TrackerSettings.max_tracks` and `max_lost_s`, whatever
the stream brings.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped]  # ships no types

from analytics.detections import BoolArray, Detections, FloatArray, IntArray, ObjectClass
from analytics.geometry import iou

_TRAIL = 16
"""Past places kept of each track; with `TrackerSettings.trail_step_s` apart."""


@dataclass(frozen=True, slots=True)
class TrackerSettings:
    """How boxes become tracks.

    Attributes
    ----------
    min_confidence
        Less certain detections are not matched at all.
    min_iou
        Overlap with the predicted box that a match needs.
    min_hits
        Looks in which a track was found before it is reported.
    max_lost_s, max_lost_looks
        For how long a track that is hidden is kept: the longer of the two.
    speed_window_s
        Time over which speed is measured: long against the jitter of boxes, short against a jam.
    trail_step_s
        Least time between two places that are kept for measuring speed.
    moved_heights
        Way in box heights after which a track counts as one that has moved.
    max_tracks
        Most tracks at once; beyond it the longest lost are forgotten.
    """

    min_confidence: float = 0.1
    min_iou: float = 0.2
    min_hits: int = 2
    max_lost_s: float = 3.0
    max_lost_looks: float = 2.5
    speed_window_s: float = 2.0
    trail_step_s: float = 0.25
    moved_heights: float = 0.5
    max_tracks: int = 300


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """Tracks that were found in one frame, one row each.

    Attributes
    ----------
    xyxy
        Boxes, float32 pixels of the source frame, shape ``(n, 4)``.
    confidence
        Of this frame's detection, float32, shape ``(n,)``.
    class_id
        The class seen most, weighted by confidence: values of `ObjectClass`, shape ``(n,)``.
    track_id
        Counts up from 1 and is never used again, int64, shape ``(n,)``.
    age_s
        Seconds since the track was first found, float32, shape ``(n,)``.
    speed
        Box heights a second over the last `TrackerSettings.speed_window_s`, float32, shape
        ``(n,)``; NaN for a track too young to tell.
    has_moved
        Whether it ever went `TrackerSettings.moved_heights` from where it was first found.
    """

    xyxy: FloatArray
    confidence: FloatArray
    class_id: IntArray
    track_id: IntArray
    age_s: FloatArray
    speed: FloatArray
    has_moved: BoolArray

    @classmethod
    def none(cls) -> "Tracks":
        """Return the tracks of a frame in which nothing was found."""
        floats, whole = np.zeros(0, np.float32), np.zeros(0, np.int64)
        boxes, claims = np.zeros((0, 4), np.float32), np.zeros(0, bool)
        return cls(boxes, floats, whole, whole, floats, floats, claims)

    def __len__(self) -> int:
        return len(self.xyxy)

    def where(self, mask: BoolArray) -> "Tracks":
        """Return the rows for which ``mask``, shape ``(n,)``, holds."""
        return Tracks(
            self.xyxy[mask],
            self.confidence[mask],
            self.class_id[mask],
            self.track_id[mask],
            self.age_s[mask],
            self.speed[mask],
            self.has_moved[mask],
        )


_STATE = np.dtype(
    [
        ("xyxy", np.float32, (4,)),
        ("velocity", np.float32, (4,)),
        ("confidence", np.float32),
        ("votes", np.float32, (len(ObjectClass),)),
        ("track_id", np.int64),
        ("hits", np.int64),
        ("first_s", np.float64),
        ("seen_s", np.float64),
        ("origin", np.float32, (2,)),
        ("has_moved", np.bool_),
        ("trail", np.float64, (_TRAIL, 3)),
    ]
)


class Tracker:
    """Follows the boxes of one camera. Not thread-safe: one tracker, one thread."""

    def __init__(self, settings: TrackerSettings) -> None:
        self._settings = settings
        self._state = np.zeros(0, _STATE)
        self._next_id = 1
        self._at_s = -np.inf
        self._interval_s = 0.0

    def __len__(self) -> int:
        """Return how many tracks are kept, found or lost."""
        return len(self._state)

    def update(self, detections: Detections, sure: BoolArray, at_s: float) -> Tracks:
        """Match one frame's detections and return the tracks found in it.

        Parameters
        ----------
        detections
            Also the unsure ones, down to the detector's floor: they may carry a track on.
        sure
            Which of them may start one, shape ``(n,)``.
        at_s
            Time of the frame in seconds; where it goes back, as after a change of the camera's
            clock, all tracks end.
        """
        settings = self._settings
        self._go_to(at_s)
        likely = detections.confidence >= settings.min_confidence
        detections, sure = detections.where(likely), sure[likely]
        predicted = _predict(self._state, at_s)
        rows, columns = _match(predicted, detections.xyxy, settings.min_iou, among=sure)
        left = np.ones(len(predicted), np.bool_)
        left[rows] = False
        more_rows, more_columns = _match(
            predicted, detections.xyxy, settings.min_iou, among=~sure, of=left
        )
        self._found(
            np.concatenate([rows, more_rows]), detections, np.concatenate([columns, more_columns])
        )
        new = sure.copy()
        new[columns] = False
        self._begin(detections.where(new))
        self._bound()
        return self._tracks()

    def _go_to(self, at_s: float) -> None:
        """Take the time of a look, and forget the tracks that are lost by then."""
        settings, gap_s = self._settings, at_s - self._at_s
        self._at_s = at_s
        if gap_s < 0:
            self._state = self._state[:0]
        elif np.isfinite(gap_s):
            # One long gap is an outage, and no new interval between looks.
            usual_s = min(gap_s, 2 * self._interval_s) if self._interval_s else gap_s
            self._interval_s += 0.2 * (usual_s - self._interval_s) if self._interval_s else usual_s
        longest_s = max(settings.max_lost_s, settings.max_lost_looks * self._interval_s)
        self._state = self._state[at_s - self._state["seen_s"] <= longest_s]

    def _found(self, rows: IntArray, detections: Detections, columns: IntArray) -> None:
        state, at_s = self._state, self._at_s
        boxes = detections.xyxy[columns]
        past_s = np.maximum(at_s - state["seen_s"][rows], 1e-3)[:, None]
        measured = (boxes - state["xyxy"][rows]) / past_s
        # Half of the new, half of the old: one jump of a box does not throw the prediction off.
        known = (state["hits"][rows] > 1)[:, None]
        velocity = np.where(known, 0.5 * state["velocity"][rows] + 0.5 * measured, measured)
        state["velocity"][rows] = velocity
        state["xyxy"][rows] = boxes
        state["confidence"][rows] = detections.confidence[columns]
        state["votes"][rows, detections.class_id[columns]] += detections.confidence[columns]
        state["hits"][rows] += 1
        state["seen_s"][rows] = at_s
        self._trail(rows)

    def _trail(self, rows: IntArray) -> None:
        state, settings = self._state, self._settings
        centres = _centres(state["xyxy"][rows])
        heights = np.maximum(state["xyxy"][rows, 3] - state["xyxy"][rows, 1], 1)
        way = np.linalg.norm(centres - state["origin"][rows], axis=1)
        state["has_moved"][rows] |= way > settings.moved_heights * heights
        due = self._at_s - state["trail"][rows, 0, 0] >= settings.trail_step_s - 1e-6
        rows, centres = rows[due], centres[due]
        trail = np.roll(state["trail"][rows], 1, axis=1)
        trail[:, 0, 0] = self._at_s
        trail[:, 0, 1:] = centres
        state["trail"][rows] = trail

    def _begin(self, detections: Detections) -> None:
        fresh = np.zeros(len(detections), _STATE)
        fresh["xyxy"] = detections.xyxy
        fresh["confidence"] = detections.confidence
        fresh["votes"][np.arange(len(fresh)), detections.class_id] = detections.confidence
        fresh["track_id"] = np.arange(self._next_id, self._next_id + len(fresh))
        fresh["hits"] = 1
        fresh["first_s"] = fresh["seen_s"] = self._at_s
        fresh["origin"] = _centres(detections.xyxy)
        fresh["trail"][:, :, 0] = -np.inf
        fresh["trail"][:, 0, 0] = self._at_s
        fresh["trail"][:, 0, 1:] = fresh["origin"]
        self._next_id += len(fresh)
        self._state = np.concatenate([self._state, fresh])

    def _bound(self) -> None:
        if len(self._state) > self._settings.max_tracks:
            newest = np.argsort(-self._state["seen_s"], kind="stable")[: self._settings.max_tracks]
            self._state = self._state[np.sort(newest)]

    def _tracks(self) -> Tracks:
        found = self._state["seen_s"] == self._at_s
        state = self._state[found & (self._state["hits"] >= self._settings.min_hits)]
        return Tracks(
            xyxy=state["xyxy"],
            confidence=state["confidence"],
            class_id=state["votes"].argmax(axis=1),
            track_id=state["track_id"],
            age_s=(self._at_s - state["first_s"]).astype(np.float32),
            speed=self._speed(state),
            has_moved=state["has_moved"],
        )

    def _speed(self, state: npt.NDArray[np.void]) -> FloatArray:
        """Return speeds from the place of the trail that lies one window back."""
        past_s = self._at_s - state["trail"][:, :, 0]
        is_place = np.isfinite(past_s)
        is_old = is_place & (past_s >= self._settings.speed_window_s - 1e-6)
        # The newest that is old enough, so that sparse looks give a speed too; else the oldest.
        place = np.where(is_old.any(axis=1), is_old.argmax(axis=1), is_place.sum(axis=1) - 1)
        rows = np.arange(len(state))
        elapsed_s = past_s[rows, place]
        places = state["trail"][rows, place, 1:]
        way = np.linalg.norm(_centres(state["xyxy"]) - places, axis=1)
        heights = np.maximum(state["xyxy"][:, 3] - state["xyxy"][:, 1], 1)
        speed: FloatArray = (way / heights / np.maximum(elapsed_s, 1e-3)).astype(np.float32)
        # A shorter time than half the window would measure the jitter of the box.
        speed[elapsed_s < self._settings.speed_window_s / 2] = np.nan
        return speed


def _centres(xyxy: FloatArray) -> FloatArray:
    return ((xyxy[:, :2] + xyxy[:, 2:]) / 2).astype(np.float32)


def _predict(state: npt.NDArray[np.void], at_s: float) -> FloatArray:
    past_s = (at_s - state["seen_s"]).astype(np.float32)[:, None]
    predicted = state["xyxy"] + state["velocity"] * past_s
    high = np.maximum(predicted[:, 2:], predicted[:, :2])
    return np.concatenate([predicted[:, :2], high], axis=1).astype(np.float32)


def _match(
    tracks: FloatArray,
    boxes: FloatArray,
    min_iou: float,
    *,
    among: BoolArray,
    of: BoolArray | None = None,
) -> tuple[IntArray, IntArray]:
    """Return matched rows of ``tracks`` and of ``boxes``, those in ``of`` and ``among`` only."""
    columns = np.flatnonzero(among)
    rows = np.arange(len(tracks)) if of is None else np.flatnonzero(of)
    overlap = iou(tracks[rows], boxes[columns])
    i, j = linear_sum_assignment(overlap, maximize=True)
    good = overlap[i, j] >= min_iou
    return rows[i[good]], columns[j[good]]
