"""How large, how bad and how sure: a place with a pothole or rubbish as a finding."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from analytics.ground_plane import GroundPlane, placed
from analytics.incidents import Finding
from analytics.messages import (
    IncidentKind,
    Position,
    PotholeMeasurement,
    Quality,
    RubbishMeasurement,
    RubbishState,
    Severity,
    ViewBox,
)
from analytics.places import Place
from analytics.road_surface import holds_water

_WIDE_HOLE_M: Final = 0.8
"""From this width on a motorcycle's wheel drops in whole."""
_PILE_M2: Final = 1.35
_OVERFLOWING_M2: Final = 2.0
"""What a heap shows of itself, width times height: a few bags, a heap that one person loads, and
one that needs a lorry."""
_STATES: Final = (RubbishState.SCATTERED, RubbishState.PILE, RubbishState.OVERFLOWING)
_STILL: Final = 0.5
"""Of the size that makes a state, down to which the state stays: boxes jitter, and each change is
news."""
_GROWN: Final = 1.8
"""Where no metre is known, a heap is taken for a pile, and for overflowing once it is so much
larger than it was when it was found."""


@dataclass(frozen=True, slots=True)
class CameraGround:
    """What is known of a camera's ground.

    Attributes
    ----------
    width_px, height_px
        Of the view.
    plane
        None where it was not measured.
    camera
        Where the camera is; None where that is not known.
    """

    width_px: int
    height_px: int
    plane: GroundPlane | None = None
    camera: Position | None = None

    def px_per_m(self, x: float, y: float) -> float | None:
        """Return how many pixels a metre across has at a point, in fractions of the view."""
        return None if self.plane is None else self.plane.px_per_m(x, y, self.width_px)

    def position(self, box: ViewBox) -> Position | None:
        """Return where the lower edge of a box touches the ground."""
        if self.plane is None or self.camera is None:
            return None
        there = self.plane.metres((box[0] + box[2]) / 2, box[3])
        return None if there is None else placed(self.camera, *there)


def finding_of(
    kind: IncidentKind, zone: str, place: Place, ground: CameraGround, quality: Quality
) -> Finding:
    """Return what an open place is, as a finding.

    Notes
    -----
    The confidence is that of two independent looks at the detector's mean, times the share of the
    inspections that saw it. Inspections of one thing are not independent, however many there are;
    by another light they are to some degree.
    """
    measurement = (
        _pothole(place, ground) if kind is IncidentKind.POTHOLE else _rubbish(place, ground)
    )
    return Finding(
        kind=kind,
        zone=zone,
        started_at=place.began_at,
        severity=_severity(measurement),
        confidence=(1 - (1 - place.confidence) ** 2) * _share_seen(place),
        quality=quality,
        measurement=measurement,
        position=ground.position(place.box),
    )


def _share_seen(place: Place) -> float:
    return place.looks / max(place.looks + place.misses, 1)


def _pothole(place: Place, ground: CameraGround) -> PotholeMeasurement:
    x1, y1, x2, y2 = place.box
    plane = ground.plane
    width_m = None if plane is None else plane.metres_across((x1 + x2) / 2, (y1 + y2) / 2, x2 - x1)
    # A hole is round, its box is not.
    box_m2 = None if plane is None else plane.area_m2(place.box)
    return PotholeMeasurement(
        looks=place.looks,
        width_px=(x2 - x1) * ground.width_px,
        width_m=width_m,
        area_m2=None if box_m2 is None else box_m2 * math.pi / 4,
        water_filled=_holds_water(place),
        view_box=place.box,
    )


def _holds_water(place: Place) -> bool:
    if place.before is None:
        return False
    left, top = place.before.window[:2]
    x1, y1, x2, y2 = place.box
    width, height = place.before.size_px
    box = x1 * width - left, y1 * height - top, x2 * width - left, y2 * height - top
    return holds_water(place.before.image, box)


def _rubbish(place: Place, ground: CameraGround) -> RubbishMeasurement:
    area_m2 = _shown_m2(place.box, ground)
    if area_m2 is None:
        grown = _area(place.box) / max(_area(place.first_box), 1e-9)
        state = _held(_state_by_growth, grown, place)
    else:
        state = _held(_state_by_area, area_m2, place)
    return RubbishMeasurement(
        looks=place.looks,
        state=state,
        width_px=(place.box[2] - place.box[0]) * ground.width_px,
        area_m2=area_m2,
        returns=place.returns,
        view_box=place.box,
    )


def _held(state_by: Callable[[float], RubbishState], size: float, place: Place) -> RubbishState:
    """Return the state of a heap of a size; it falls only when the heap is clearly smaller."""
    state = state_by(size)
    last = place.incident
    if last is None or last.ended_at is not None:
        return state
    told = last.measurement
    if not isinstance(told, RubbishMeasurement):
        return state
    if _STATES.index(state) >= _STATES.index(told.state):
        return state
    return min(told.state, state_by(size / _STILL), key=_STATES.index)


def _state_by_area(area_m2: float) -> RubbishState:
    if area_m2 < _PILE_M2:
        return RubbishState.SCATTERED
    return RubbishState.OVERFLOWING if area_m2 >= _OVERFLOWING_M2 else RubbishState.PILE


def _state_by_growth(grown: float) -> RubbishState:
    return RubbishState.OVERFLOWING if grown >= _GROWN else RubbishState.PILE


def _shown_m2(box: ViewBox, ground: CameraGround) -> float | None:
    """Return width times height of what stands on the ground with its lower edge."""
    px_per_m = ground.px_per_m((box[0] + box[2]) / 2, box[3])
    if not px_per_m:
        return None
    width_px, height_px = (box[2] - box[0]) * ground.width_px, (box[3] - box[1]) * ground.height_px
    return width_px * height_px / px_per_m**2


def _severity(measurement: PotholeMeasurement | RubbishMeasurement) -> Severity:
    if isinstance(measurement, RubbishMeasurement):
        is_high = measurement.state is RubbishState.OVERFLOWING
    else:
        is_high = measurement.width_m is not None and measurement.width_m >= _WIDE_HOLE_M
    return Severity.HIGH if is_high else Severity.MEDIUM


def _area(box: ViewBox) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
