"""Places as findings: sizes in metres where the ground is known, states, and how sure."""

from dataclasses import replace

import numpy as np
import pytest

from analytics.background import Background, BackgroundRule
from analytics.blocks import Blocks
from analytics.eyesight import Eyesight
from analytics.ground_plane import GroundPlane
from analytics.messages import (
    IncidentKind,
    IncidentPhase,
    Position,
    PotholeMeasurement,
    Quality,
    QualityLevel,
    QualityReason,
    RubbishMeasurement,
    RubbishState,
    Severity,
    ViewBox,
)
from analytics.places import Place
from analytics.slow_finding import CameraGround, finding_of
from analytics.zones import Zone
from tests.builders import a_revision, an_incident
from tests.scenes import START, nothing_before

# A view straight down on 16 by 9 metres: 80 px a metre, the camera in the middle.
PLANE = GroundPlane.of(
    [(0, 0), (1, 0), (1, 1), (0, 1)], [(-8, 4.5), (8, 4.5), (8, -4.5), (-8, -4.5)]
)
CAMERA = Position(latitude_deg=-6.2, longitude_deg=106.8)
GROUND = CameraGround(1280, 720, PLANE, CAMERA)
UNKNOWN = CameraGround(1280, 720)


def a_place(box: ViewBox, **changes: object) -> Place:
    place = Place(box, START, box, looks=6, misses=0, confidence=0.7, is_open=True)
    for name, value in changes.items():
        setattr(place, name, value)
    return place


def pothole(place: Place, ground: CameraGround) -> PotholeMeasurement:
    found = finding_of(IncidentKind.POTHOLE, "road", place, ground, Quality())
    assert isinstance(found.measurement, PotholeMeasurement)
    return found.measurement


def rubbish(place: Place, ground: CameraGround = GROUND) -> RubbishMeasurement:
    found = finding_of(IncidentKind.RUBBISH, "kerb", place, ground, Quality())
    assert isinstance(found.measurement, RubbishMeasurement)
    return found.measurement


def a_heap(area_m2: float) -> ViewBox:
    """Return the box of a heap twice as wide as high."""
    height_m = (area_m2 / 2) ** 0.5
    return (0.5, 0.5, 0.5 + 2 * height_m / 16, 0.5 + height_m / 9)


def test_a_hole_has_its_width_and_area_in_metres_where_the_ground_is_known() -> None:
    # 80 by 40 px: a metre by half a metre.
    box = (0.5, 0.5, 0.5625, 0.5 + 40 / 720)
    known = pothole(a_place(box), GROUND)
    assert (known.width_px, known.looks, known.view_box) == (80, 6, box)
    assert known.width_m == pytest.approx(1.0)
    assert known.area_m2 == pytest.approx(0.5 * np.pi / 4)
    unknown = pothole(a_place(box), UNKNOWN)
    assert (unknown.width_px, unknown.width_m, unknown.area_m2) == (80, None, None)


def test_it_lies_where_its_lower_edge_touches_the_ground() -> None:
    place = a_place((0.7, 0.5, 0.8, 0.75))
    found = finding_of(IncidentKind.POTHOLE, "road", place, GROUND, Quality())
    assert found.position is not None
    # 4 m east and 2.25 m south of the camera.
    assert (found.position.longitude_deg - 106.8) * 111_320 * np.cos(
        np.radians(-6.2)
    ) == pytest.approx(4.0, abs=0.01)
    assert (found.position.latitude_deg + 6.2) * 111_320 == pytest.approx(-2.25, abs=0.01)
    for ground in (UNKNOWN, replace(GROUND, camera=None)):
        assert finding_of(IncidentKind.POTHOLE, "r", place, ground, Quality()).position is None


@pytest.mark.parametrize(
    ("area_m2", "state", "severity"),
    [
        (0.4, RubbishState.SCATTERED, Severity.MEDIUM),
        (1.5, RubbishState.PILE, Severity.MEDIUM),
        (3.0, RubbishState.OVERFLOWING, Severity.HIGH),
    ],
)
def test_a_heap_is_as_bad_as_it_is_large(
    area_m2: float, state: RubbishState, severity: Severity
) -> None:
    found = finding_of(IncidentKind.RUBBISH, "kerb", a_place(a_heap(area_m2)), GROUND, Quality())
    assert isinstance(found.measurement, RubbishMeasurement)
    assert found.measurement.area_m2 == pytest.approx(area_m2)
    assert (found.measurement.state, found.severity) == (state, severity)


def test_where_no_metre_is_known_a_heap_overflows_once_it_has_grown() -> None:
    place = a_place((0.5, 0.5, 0.6, 0.6))
    assert rubbish(place, UNKNOWN).state is RubbishState.PILE
    place.box = (0.46, 0.45, 0.6, 0.6)
    assert rubbish(place, UNKNOWN).state is RubbishState.OVERFLOWING


def told(place: Place, phase: IncidentPhase = IncidentPhase.UPDATED) -> None:
    """Note that what is known of a place was told."""
    opened = an_incident(kind=IncidentKind.RUBBISH, measurement=rubbish(place))
    place.incident = a_revision(opened, phase=phase)


def test_a_state_does_not_flicker_with_the_boxes_and_falls_with_the_heap() -> None:
    place, states = a_place(a_heap(0.8)), []
    for area_m2 in (0.9, 1.4, 1.2, 1.5, 1.0, 2.1, 1.9, 1.6, 1.3, 0.9, 0.7, 0.5):
        place.box = a_heap(area_m2)
        told(place)
        states.append(place.incident.measurement.state.value)  # type: ignore[union-attr]
    assert states == [
        *["scattered"],
        *["pile"] * 4,
        *["overflowing"] * 4,
        *["pile"] * 2,
        *["scattered"],
    ]


def test_the_state_of_a_heap_that_was_cleared_says_nothing_of_the_next() -> None:
    place = a_place(a_heap(2.1))
    told(place, IncidentPhase.CLOSED)
    place.box = a_heap(1.9)
    assert rubbish(place).state is RubbishState.PILE


def test_who_was_seen_less_often_is_less_sure() -> None:
    def confidence(**changes: object) -> float:
        place = a_place((0.5, 0.5, 0.6, 0.6), **changes)
        return finding_of(IncidentKind.POTHOLE, "r", place, GROUND, Quality()).confidence

    assert confidence() == pytest.approx(0.91)
    assert confidence(misses=2) == pytest.approx(0.91 * 0.75)
    assert confidence(confidence=0.4) < confidence()
    # Of a hundred looks by the same light none is news.
    assert confidence(looks=100) == pytest.approx(confidence())


def a_scene(level: int) -> Eyesight:
    blocks = Blocks.of([Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)])], (320, 180))
    background = Background(blocks, BackgroundRule())
    for _ in range(3):
        picture = np.full((180, 320, 3), level, np.uint8)
        background.look(picture, nothing_before(blocks), START)
    return Eyesight.of(background)


@pytest.mark.parametrize(
    ("level", "width_px", "reasons"),
    [
        (120, 40.0, ()),
        (60, 40.0, (QualityReason.NIGHT,)),
        (120, 18.0, (QualityReason.LOW_RESOLUTION,)),
        (60, 18.0, (QualityReason.NIGHT, QualityReason.LOW_RESOLUTION)),
    ],
)
def test_dusk_and_few_pixels_degrade_a_finding(
    level: int, width_px: float, reasons: tuple[QualityReason, ...]
) -> None:
    eyesight = a_scene(level)
    assert eyesight.is_enough
    quality = eyesight.quality(width_px)
    assert quality.reasons == reasons
    assert (quality.level is QualityLevel.DEGRADED) is bool(reasons)


def test_at_night_nothing_is_looked_for_and_of_an_unknown_scene_nothing_is_said() -> None:
    night = a_scene(25)
    assert night.is_dark
    assert not night.is_enough
    blocks = Blocks.of([Zone.of("view", [(0, 0), (1, 0), (1, 1), (0, 1)])], (320, 180))
    unknown = Eyesight.of(Background(blocks, BackgroundRule()))
    assert not unknown.is_known
    assert not unknown.is_dark
    assert not unknown.is_enough
