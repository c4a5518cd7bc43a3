"""A street lamp that fails, in simulated nights: from the film to the incident and its end.

``pytest --log-cli-level=INFO`` shows how many pictures of real places look dark.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from analytics.frames import Frame, Image
from analytics.lamp_sight import is_night
from analytics.lamps import LampRule, LampWatch
from analytics.messages import (
    EvidenceRole,
    IncidentKind,
    IncidentPhase,
    StreetLightMeasurement,
    ViewBox,
)
from edge.camera_config import CameraSettings
from edge.lamps import KeptLamps
from edge.pipeline import CameraPipeline
from edge.views import KeptView
from models.onnx_detector import OnnxDetector
from tests.clips import DATA
from tests.lamp_camera import BROKEN, FILM, OTHER, Kept, a_camera, a_detector
from tests.lamp_films import (
    RAIN_LAMPS,
    SIZE,
    between,
    box_of,
    film_looks,
    film_truth,
    lamp_of,
    spread,
)

pytestmark = [pytest.mark.integration, pytest.mark.computes]

logger = logging.getLogger(__name__)

EVENING = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
DAY = timedelta(days=1)
IN_SECONDS = LampRule(nights=2, dark_s=8.0, shine_s=6.0)
"""The film's nights last for a quarter of a minute."""
EAGER = LampRule(nights=1, dark_s=8.0, shine_s=6.0)


def look_at(
    camera: CameraSettings,
    looks: Iterable[tuple[datetime, Image]],
    kept: Kept,
    detector: OnnxDetector,
    lamps: Path | None = None,
) -> None:
    """Start a pipeline, show it some frames, and end it in order."""
    pipeline = CameraPipeline(
        "harmoni",
        camera,
        detector,
        kept.keep,
        view=KeptView(None),
        lamps=KeptLamps(lamps),
        open_incidents=kept.open,
        software="0.1.0",
    )
    for number, (at, image) in enumerate(looks):
        pipeline.look(Frame(image, at, 0.0, number))
    pipeline.finish()


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> OnnxDetector:
    return a_detector(tmp_path_factory.mktemp("model"))


def night_looks(first: int, last: int, images: Sequence[Image]) -> Iterator[tuple[datetime, Image]]:
    """Yield an hour of looks of each night, one in ten seconds."""
    for night in range(first, last + 1):
        yield from spread(images, EVENING + night * DAY, every_s=10.0, lasting_s=3600)


@pytest.mark.parametrize("every", [1, 2, 10], ids=["5 looks a second", "2.5", "one in two seconds"])
def test_the_lamp_that_fails_is_found_on_its_second_night_and_closed_when_it_shines(
    every: int, detector: OnnxDetector
) -> None:
    kept = Kept()
    looks = [(look.at, look.image) for look in film_looks(FILM)[::every]]
    look_at(a_camera(nights=2, dark_s=8, shine_s=6), looks, kept, detector)

    opened, closed = kept.incidents
    assert (opened.kind, opened.zone) == (IncidentKind.STREET_LIGHT, BROKEN)
    assert opened.measurement == StreetLightMeasurement(lamp=BROKEN, dark_nights=2)
    assert opened.confidence > 0.9
    ((dark_from_s, dark_to_s),) = lamp_of(film_truth(FILM), BROKEN).dark
    first_dark = next(one.at for one in film_looks(FILM) if one.at_s >= dark_from_s)
    repaired = next(one.at for one in film_looks(FILM) if one.at_s >= dark_to_s)
    assert first_dark <= opened.started_at <= first_dark + timedelta(seconds=2)
    assert opened.observed_at.date() == opened.started_at.date() + DAY
    assert closed.phase is IncidentPhase.CLOSED
    assert closed.ended_at is not None
    assert repaired < closed.ended_at <= repaired + timedelta(seconds=10)


def test_its_pictures_show_the_lamp_in_the_view_and_close_up(detector: OnnxDetector) -> None:
    kept = Kept()
    look_at(a_camera(), [(one.at, one.image) for one in film_looks(FILM)[:200:2]], kept, detector)

    roles = {one.header.role: one for one in kept.pictures}
    assert set(roles) == {EvidenceRole.CONTEXT, EvidenceRole.ANNOTATED, EvidenceRole.CLOSE_UP}
    assert {one.role for one in kept.incidents[0].evidence} == set(roles)
    close = cv2.imdecode(np.frombuffer(roles[EvidenceRole.CLOSE_UP].content, np.uint8), 1)
    assert close is not None
    assert close.shape[:2] == (480, 640)
    # The dark head and its arm against the sky.
    assert np.ptp(close[60:120, 200:440].mean(axis=2)) > 60


def test_by_the_default_rule_it_takes_three_nights_of_half_an_hour_over_restarts(
    tmp_path: Path, detector: OnnxDetector
) -> None:
    dark, lit = between(FILM, 15, 45)[::30], between(FILM, 1, 13)[::30]
    camera = a_camera(nights=3, dark_s=1800, shine_s=300)
    kept, file = Kept(), tmp_path / "lamps" / "street.home.json"
    told = []
    for night in range(6):
        images = dark if 1 <= night <= 4 else lit
        look_at(camera, night_looks(night, night, images), kept, detector, file)
        told.append([one.phase for one in kept.incidents])

    opened, updated, closed = kept.incidents
    assert [len(phases) for phases in told] == [0, 0, 0, 1, 2, 3]
    assert (opened.zone, opened.started_at.date()) == (BROKEN, (EVENING + DAY).date())
    half_an_hour = EVENING + 3 * DAY + timedelta(minutes=30)
    assert abs(opened.observed_at - half_an_hour) < timedelta(seconds=30)
    assert updated.measurement == StreetLightMeasurement(lamp=BROKEN, dark_nights=4)
    assert closed.observed_at - (EVENING + 5 * DAY) < timedelta(minutes=6)


def test_as_the_demo_plays_it_each_round_of_the_film_is_one_incident(
    detector: OnnxDetector,
) -> None:
    kept = Kept()
    images = [look.image for look in film_looks(FILM)[::5]]
    look_at(a_camera(), spread(images, EVENING, every_s=1.0, lasting_s=180), kept, detector)

    assert [(one.zone, one.phase.value) for one in kept.incidents] == [
        (BROKEN, "opened"),
        (BROKEN, "closed"),
    ] * 3


def _lamps(film: str) -> dict[str, ViewBox]:
    truth = film_truth(film)
    return {one.lamp: box_of(truth, one.lamp) for one in truth.lamps} or RAIN_LAMPS


@pytest.mark.parametrize(
    "film",
    ["street-dusk", "street-dense", "street-pothole", "junction-rain", "junction-night-rain"],
)
def test_no_lamp_is_out_by_day_at_dusk_or_in_rain_however_long_it_lasts(film: str) -> None:
    images = [look.image for look in film_looks(film)[::10]]
    for box in _lamps(film).values():
        watch = LampWatch(EAGER, "lamp", box)
        hours = spread(images, EVENING, every_s=10.0, lasting_s=4 * 3600)
        assert not any(watch.look(image, at) for at, image in hours)


def test_a_lamp_behind_the_burned_in_clock_is_never_told_to_be_out() -> None:
    box = box_of(film_truth(FILM), OTHER)
    watch = LampWatch(IN_SECONDS, OTHER, box)
    assert not any(watch.look(one.image, one.at) for one in film_looks(FILM))
    assert watch.state.dark_in_all_s == 0


@pytest.mark.skipif(not (DATA / "traffic").is_dir(), reason="the shared pictures are not here")
@pytest.mark.parametrize(
    ("named", "least", "most"),
    [
        ("rubbish/*/images/crew_night_*", 0.75, 1.0),
        ("rubbish/*/images/crew_day_*", 0.0, 0.1),
        ("rubbish/*/images/kerb_*", 0.0, 0.02),
        ("traffic/*/images/street_*", 0.0, 0.01),
        ("traffic/*/images/toll_*", 0.0, 0.0),
    ],
)
def test_pictures_of_real_places_by_night_look_dark_and_others_do_not(
    named: str, least: float, most: float
) -> None:
    dark = [is_night(small_picture(path)) for path in sorted(DATA.glob(named))]
    logger.info("%s: %d of %d look dark", named, sum(dark), len(dark))
    assert least <= sum(dark) / len(dark) <= most


def small_picture(path: Path) -> Image:
    """Return a picture of the size that the engine looks at."""
    image = cv2.imread(str(path))
    assert image is not None
    scale = SIZE[0] / max(image.shape)
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
