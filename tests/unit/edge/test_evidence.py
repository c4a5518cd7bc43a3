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
