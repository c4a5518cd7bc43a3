"""One camera's pipeline on real frames: the shared footage, and small films of our own."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from analytics.detections import Detections
from analytics.frames import Frame, Image
from analytics.messages import EvidenceMessage, IncidentMessage, IncidentPhase
from edge.camera_config import CameraSettings
from edge.pipeline import CameraPipeline
from edge.sources import open_file
from edge.view_config import CongestionSettings, ZoneSettings
from edge.views import UncheckedView
from models.manifest import find_manifest, load_manifest
from models.onnx_detector import OnnxDetector
from tests.clips import load_clip, needs_clips
from tests.footage import BRIGHT, DARK, Segment, jam, write_clip
from tests.scenes import START, at, some_detections
from tests.tiny_model import write_tiny_model

pytestmark = [pytest.mark.integration, pytest.mark.computes]

WHOLE_VIEW = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
TINY_BOXES = [(x, y, x + 44.0, y + 30.0, "car") for x in (5.0, 60.0) for y in (8.0, 50.0)]


class Kept:
    """What a pipeline stored."""

    def __init__(self) -> None:
        self.incidents: list[IncidentMessage] = []
        self.pictures: list[EvidenceMessage] = []

    def keep(self, messages: Sequence[IncidentMessage | EvidenceMessage]) -> None:
        for message in messages:
            if isinstance(message, EvidenceMessage):
                self.pictures.append(message)
            else:
                self.incidents.append(message)


def run(
    film: Path,
    camera: CameraSettings,
    model: str,
    *,
    open_incidents: Sequence[IncidentMessage] = (),
) -> Kept:
    kept = Kept()
    pipeline = CameraPipeline(
        "harmoni",
        camera,
        OnnxDetector(load_manifest(find_manifest(model))),
        kept.keep,
        view=UncheckedView(),
        open_incidents=open_incidents,
        software="0.1.0",
    )
    source = open_file(film, sampling=camera.samples(), start_at=START, pace="max")
    for sample in source.samples():
        pipeline.look(sample.frame())
    source.close()
    return kept


class CreepingJam:
    """A detector that sees ten vehicles creep up for a quarter of a minute, and stand."""

    manifest = load_manifest(find_manifest("traffic"))

    def __init__(self) -> None:
        self.at_s = 0.0
        self._noise = np.random.default_rng(0)

    def detect(self, image: Image) -> Detections:
        del image
        row = [(20.0 + 120 * n, 40.0 + 220 * line) for n in range(5) for line in range(2)]
        shift = self._noise.normal(0, 1, len(row)) + min(5 * self.at_s, 75)
        boxes = [(x, y + s, x + 110, y + s + 100) for (x, y), s in zip(row, shift, strict=True)]
        return some_detections(boxes)


def clip_camera(zones: dict[str, list[tuple[float, float]]]) -> CameraSettings:
    return CameraSettings(
        camera="clip",
        name="Clip",
        zones=tuple(
            ZoneSettings(zone=zone, name=zone, polygon=tuple(polygon))
            for zone, polygon in zones.items()
        ),
    )


@needs_clips
@pytest.mark.parametrize(
    ("name", "looks_per_s"),
    [
        ("toll_jam", 2.0),
        ("toll_free_midday", 2.0),
        ("toll_free_rain", 2.0),
        ("dense_moving", 2.0),
        ("parked_street", 2.0),
        ("pedestrians_only", 2.0),
        # As often as key frames come.
        ("toll_jam", 0.5),
        ("dense_moving", 0.5),
        ("parked_street", 0.5),
    ],
)
def test_congestion_opens_where_there_is_some_and_nowhere_else(
    name: str, looks_per_s: float
) -> None:
    clip = load_clip(name)
    camera = clip_camera(clip.zones).model_copy(update={"looks_per_s": looks_per_s})
    kept = run(clip.path, camera, "traffic")
    opened = [incident for incident in kept.incidents if incident.phase is IncidentPhase.OPENED]
    assert sorted(str(incident.zone) for incident in opened) == sorted(clip.congested)
    assert len(kept.pictures) == 2 * len(opened)


@pytest.fixture
def tiny_model(tmp_path: Path) -> str:
    return str(write_tiny_model(tmp_path / "model", TINY_BOXES))


@pytest.fixture
def tiny_camera() -> CameraSettings:
    rule = CongestionSettings(min_duration_s=4, clear_duration_s=2, smoothing_s=1)
    zone = ZoneSettings(zone="road", name="Road", polygon=WHOLE_VIEW, congestion=rule)
    return CameraSettings(camera="tiny", name="Tiny", looks_per_s=5, zones=(zone,))


def test_a_jam_that_dissolves_is_told_from_opening_to_closing(
    tmp_path: Path, tiny_model: str, tiny_camera: CameraSettings
) -> None:
    film = write_clip(tmp_path / "film.mp4", [*jam(12), Segment(DARK, 8)])
    kept = run(film, tiny_camera, tiny_model)
    opened, closed = kept.incidents
    assert (opened.phase, closed.phase) == (IncidentPhase.OPENED, IncidentPhase.CLOSED)
    assert opened.incident_id == closed.incident_id
    assert at(1) <= opened.started_at <= at(8)
    assert closed.ended_at is not None
    assert at(12) <= closed.ended_at <= at(18)
    assert [ref.sha256 for ref in opened.evidence] == [
        picture.header.sha256 for picture in kept.pictures
    ]


def test_an_incident_open_before_a_restart_is_closed_under_its_id(
    tmp_path: Path, tiny_model: str, tiny_camera: CameraSettings
) -> None:
    before = run(write_clip(tmp_path / "jam.mp4", jam(12)), tiny_camera, tiny_model)
    (left_open,) = before.incidents
    empty = write_clip(tmp_path / "empty.mp4", [Segment(DARK, 8)])
    after = run(empty, tiny_camera, tiny_model, open_incidents=[left_open])
    (closed,) = after.incidents
    assert (closed.phase, closed.incident_id) == (IncidentPhase.CLOSED, left_open.incident_id)
    assert closed.revision == left_open.revision + 1


def test_a_jam_that_still_stands_after_a_restart_is_carried_on(
    tmp_path: Path, tiny_model: str, tiny_camera: CameraSettings
) -> None:
    before = run(write_clip(tmp_path / "jam.mp4", jam(12)), tiny_camera, tiny_model)
    standing = write_clip(tmp_path / "standing.mp4", [Segment(BRIGHT, 12)])
    after = run(standing, tiny_camera, tiny_model, open_incidents=before.incidents)
    assert after.incidents == []


@pytest.mark.parametrize("interval_s", [0.5, 1.0, 2.0, 3.5, 5.0])
def test_a_jam_is_found_at_any_look_rate_that_a_site_may_set(interval_s: float) -> None:
    zone = ZoneSettings(zone="road", name="Road", polygon=WHOLE_VIEW)
    camera = CameraSettings(camera="slow", name="Slow", zones=(zone,))
    kept = Kept()
    detector = CreepingJam()
    pipeline = CameraPipeline(
        "harmoni", camera, detector, kept.keep, view=UncheckedView(), software="0.1.0"
    )
    image = np.zeros((480, 640, 3), np.uint8)
    jitter = np.random.default_rng(0).uniform(-0.1, 0.1, 1000)
    for number in range(int(150 / interval_s)):
        detector.at_s = number * interval_s + jitter[number]
        pipeline.look(Frame(image, at(1 + detector.at_s), detector.at_s, number))
    assert [incident.phase for incident in kept.incidents] == [IncidentPhase.OPENED]


def test_a_model_that_knows_no_people_gives_incidents_without_pictures(
    tmp_path: Path, tiny_camera: CameraSettings
) -> None:
    path = write_tiny_model(tmp_path / "model", TINY_BOXES)
    text = path.read_text().replace("- person", "- rubbish")
    path.write_text(text)
    kept = run(write_clip(tmp_path / "jam.mp4", jam(12)), tiny_camera, str(path))
    assert len(kept.incidents) == 1
    assert kept.pictures == []


def test_the_same_film_tells_the_same_twice(
    tmp_path: Path, tiny_model: str, tiny_camera: CameraSettings
) -> None:
    film = write_clip(tmp_path / "film.mp4", [*jam(12), Segment(DARK, 8)])
    first, second = (run(film, tiny_camera, tiny_model).incidents for _ in range(2))
    assert [(i.phase, i.started_at, i.observed_at, i.measurement) for i in first] == [
        (i.phase, i.started_at, i.observed_at, i.measurement) for i in second
    ]
