"""A camera that is looked at in small pictures: what it finds, and what it still hides."""

from pathlib import Path

import pytest

from analytics.messages import EvidenceMessage, IncidentMessage, IncidentPhase, Message, decode
from edge.app import running
from edge.camera_config import CameraSettings
from edge.config import load_site
from edge.outbox import OutboxReader
from edge.replay import replay
from models.detectors import Detectors
from models.manifest import load_manifest
from scripts.rtsp import Feed, RtspServer
from tests.deadlines import eventually
from tests.edge_site import a_camera, write_site
from tests.footage import jam, write_clip
from tests.scenes import START
from tests.tiny_model import TinyBox, write_tiny_model

pytestmark = pytest.mark.integration

BOXES: list[TinyBox] = [
    *((x, y, x + 36.0, y + 22.0, "car") for x in (5.0, 45.0) for y in (6.0, 34.0)),
    # Outside of an input of 96 pixels: somebody whom only the model's own size shows.
    (120, 20, 140, 60, "person"),
]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("films") / "jam.mp4", jam(14))


def found_in(film: Path, model: Path, width_px: int | None) -> list[Message]:
    """Return what a camera stores that is looked at in such a width."""
    entry = a_camera("one", look_width_px=width_px)
    kept: list[Message] = []
    replay(
        film,
        CameraSettings.model_validate(entry),
        Detectors(load_manifest(model)),
        kept.extend,
        slow_detectors={},
        start_at=START,
        pace="max",
        software="0.1.0",
    )
    return kept


def test_small_pictures_are_for_deciding_and_large_ones_for_hiding(
    tmp_path: Path, film: Path
) -> None:
    model = write_tiny_model(tmp_path, BOXES, multiple_px=32)

    own, small = (found_in(film, model, width_px) for width_px in (None, 96))

    # The tiny model's boxes cover half of a small input, and a fifth of its own: no jam.
    assert own == []
    opened = next(one for one in small if isinstance(one, IncidentMessage))
    pictures = [one.header for one in small if isinstance(one, EvidenceMessage)]
    assert opened.phase is IncidentPhase.OPENED
    assert [one.blurred_regions for one in pictures] == [len(BOXES)] * 2
    assert {(one.width_px, one.height_px) for one in pictures} == {(320, 192)}


def test_a_site_looks_at_each_camera_in_its_own_width(tmp_path: Path, film: Path) -> None:
    with RtspServer({name: Feed(film) for name in ("small", "own")}) as server:
        entries = [
            a_camera("small", url=server.url("small"), look_width_px=96),
            a_camera("own", url=server.url("own")),
        ]
        config = write_site(tmp_path, {}, workers=1, cameras=entries)
        write_tiny_model(tmp_path, BOXES, multiple_px=32)
        with running(load_site(config, environ={}), software="0.1.0"):
            eventually(lambda: len(pictures_of(tmp_path)) >= 2)

    headers = [one.header for one in pictures_of(tmp_path)]
    assert {one.camera for one in headers} == {"small"}
    assert {one.blurred_regions for one in headers} == {len(BOXES)}


def pictures_of(folder: Path) -> list[EvidenceMessage]:
    with OutboxReader(folder / "data" / "outbox.db") as reader:
        messages = [decode(one.topic, one.payload) for one in reader.entries(limit=99)]
    return [one for one in messages if isinstance(one, EvidenceMessage)]
