import hashlib
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from analytics.detections import Detections, ObjectClass
from analytics.frames import Frame, Image
from analytics.messages import MAX_EVIDENCE_BYTES, EvidenceMessage, EvidenceRole, new_id
from analytics.zones import Zone
from edge.errors import EvidenceWithheldError
from edge.evidence import Belonging, blurred, take
from tests.scenes import some_detections, some_tracks

NOW = datetime(2026, 8, 17, 3, tzinfo=UTC)
BELONGING = Belonging("harmoni", "toll-west", new_id(NOW))
ZONE = Zone.of("west", [(0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)])


def stripes(width: int = 320, height: int = 192, period_px: int = 4) -> Image:
    """Return a picture of fine upright stripes: detail that blurring must take away."""
    row = np.where(np.arange(width) // (period_px // 2) % 2, 255, 0).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(row[None, :, None], (height, width, 3)))


def a_frame(image: Image) -> Frame:
    return Frame(image, NOW, 0.0, 0)


def detail(image: Image, x1: int, y1: int, x2: int, y2: int) -> float:
    """Return how much neighbouring pixels differ; 0 for a flat region."""
    return float(np.abs(np.diff(image[y1:y2, x1:x2].astype(float), axis=1)).mean())


def decoded(picture: EvidenceMessage) -> Image:
    image = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    return image.astype(np.uint8)


def test_both_pictures_hide_the_person_and_nothing_else() -> None:
    person = some_detections([(100, 60, 140, 160)], of=ObjectClass.PERSON, confidence=0.04)
    for picture in take(a_frame(stripes()), person, some_tracks([]), ZONE, BELONGING):
        image = decoded(picture)
        assert detail(image, 100, 60, 140, 160) < 8
        assert detail(image, 200, 60, 240, 160) > 40
        assert picture.header.blurred_regions == 1


def test_the_frame_itself_is_not_changed() -> None:
    image = stripes()
    person = some_detections([(100, 60, 140, 160)], of=ObjectClass.PERSON)
    take(a_frame(image), person, some_tracks([]), ZONE, BELONGING)
    assert (image == stripes()).all()


def test_overlapping_regions_do_not_bring_detail_back() -> None:
    boxes = np.array([(50, 20, 200, 180), (100, 60, 140, 100), (90, 50, 110, 70)], np.float32)
    assert detail(blurred(stripes(), boxes), 50, 20, 200, 180) < 8


def test_one_picture_is_plain_and_one_shows_zone_and_vehicles() -> None:
    grey = np.full((192, 320, 3), 128, np.uint8)
    tracks = some_tracks([(100, 100, 160, 140)])
    plain, annotated = take(a_frame(grey), Detections.none(), tracks, ZONE, BELONGING)
    assert (plain.header.role, annotated.header.role) == (
        EvidenceRole.CONTEXT,
        EvidenceRole.ANNOTATED,
    )
    assert np.ptp(decoded(plain)) < 10
    assert np.ptp(decoded(annotated)[98:102, 100:160]) > 60


def test_the_header_tells_what_the_bytes_are() -> None:
    picture, _ = take(a_frame(stripes()), Detections.none(), some_tracks([]), ZONE, BELONGING)
    assert picture.header.sha256 == hashlib.sha256(picture.content).hexdigest()
    assert (picture.header.width_px, picture.header.height_px) == (320, 192)
    assert picture.header.captured_at == NOW
    assert picture.header.incident_id == BELONGING.incident_id


@pytest.mark.parametrize("size", [(3840, 2160), (8000, 100), (1, 1)])
def test_a_picture_of_any_size_fits_the_wire(size: tuple[int, int]) -> None:
    width, height = size
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    for picture in take(a_frame(noise), Detections.none(), some_tracks([]), ZONE, BELONGING):
        assert len(picture.content) <= MAX_EVIDENCE_BYTES
        assert decoded(picture).shape[:2] == (picture.header.height_px, picture.header.width_px)


def test_where_a_region_cannot_be_blurred_there_is_no_picture() -> None:
    nowhere = some_detections([(0, 0, 10, 10)], of=ObjectClass.PERSON)
    nowhere.xyxy[0, 0] = np.nan
    with pytest.raises(EvidenceWithheldError):
        take(a_frame(stripes()), nowhere, some_tracks([]), ZONE, BELONGING)


def test_a_small_thing_is_drawn_in_and_shown_close_up() -> None:
    image = np.full((360, 640, 3), 128, np.uint8)
    image[20:30, 480:500] = 250
    pictures = take(
        a_frame(image),
        Detections.none(),
        some_tracks([]),
        None,
        BELONGING,
        spot=(480.0, 20.0, 500.0, 30.0),
    )

    assert [picture.header.role for picture in pictures] == [
        EvidenceRole.CONTEXT,
        EvidenceRole.ANNOTATED,
        EvidenceRole.CLOSE_UP,
    ]
    plain, annotated, close = (decoded(picture).astype(int) for picture in pictures)
    assert np.ptp((annotated - plain)[20:30, 480:500]) < 50
    assert np.ptp((annotated - plain)[10:40, 470:510]) > 100
    assert close.shape == (480, 640, 3)
    # Enlarged by 640 / 96, at the rim of the view not centred.
    assert (close > 220).all(axis=2).mean() == pytest.approx(200 / (96 * 72), rel=0.2)


@pytest.mark.parametrize(
    "spot", [(0.0, 0.0, 2.0, 2.0), (0.0, 0.0, 320.0, 192.0), (318.0, 190.0, 320.0, 192.0)]
)
def test_a_close_up_is_made_of_any_spot_and_hides_who_stands_by_it(
    spot: tuple[float, float, float, float],
) -> None:
    person = some_detections([(0, 0, 320, 192)], of=ObjectClass.PERSON)
    *_, close = take(a_frame(stripes()), person, some_tracks([]), None, BELONGING, spot=spot)
    height, width = decoded(close).shape[:2]
    assert close.header.role is EvidenceRole.CLOSE_UP
    assert (close.header.width_px, close.header.height_px) == (width, height)
    assert detail(decoded(close), 0, 0, width, height) < 8
