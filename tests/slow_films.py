"""Films of what does not move, shown to a real pipeline at one look a second."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from analytics.detections import Detections
from analytics.frames import Frame, Image
from analytics.messages import (
    EvidenceMessage,
    EvidenceRole,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
)
from edge.camera_config import CameraSettings
from edge.pipeline import CameraPipeline
from edge.rechecks import RecheckOrder, RecheckReply
from edge.slow_scene import SlowTools
from edge.slow_store import SlowStore
from edge.sources import open_file
from edge.views import KeptView
from models.detector import Detector
from models.manifest import Manifest, find_manifest, load_manifest
from models.onnx_detector import OnnxDetector
from scripts.demo.footage import read_footage
from scripts.demo.settings import INSPECTION, camera_settings
from scripts.twin.truth import Truth, read_truth

FOOTAGE = Path(__file__).parent / "data" / "footage"
START = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)
OPEN = frozenset({IncidentPhase.OPENED, IncidentPhase.UPDATED})


class Remembering:
    """A detector that looks at each picture once, however many tests show it."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._found: dict[int, tuple[Image, Detections]] = {}
        self.manifest: Manifest = detector.manifest

    def detect(self, image: Image) -> Detections:
        """Return what the detector finds, or found."""
        known = self._found.get(id(image))
        if known is None or known[0] is not image:
            known = self._found[id(image)] = (image, self._detector.detect(image))
        return known[1]


@lru_cache(maxsize=1)
def traffic_detector() -> Remembering:
    """Return the model that ships for looking."""
    return Remembering(OnnxDetector(load_manifest(find_manifest("traffic-int8"))))


@lru_cache(maxsize=1)
def slow_detectors() -> Mapping[IncidentKind, Detector]:
    """Return the models that ship for what does not move."""
    return {
        kind: OnnxDetector(load_manifest(find_manifest(kind.value)))
        for kind in (IncidentKind.POTHOLE, IncidentKind.RUBBISH)
    }


@lru_cache(maxsize=16)
def film_frames(film: str) -> tuple[Frame, ...]:
    """Return a frame a second."""
    size = traffic_detector().manifest.input
    source = open_file(
        FOOTAGE / f"{film}.mp4",
        sampling=film_camera(film).samples(),
        within_px=(size.width_px, size.height_px),
        start_at=START,
        pace="max",
    )
    frames = tuple(sample.frame() for sample in source.samples())
    source.close()
    return frames


@lru_cache(maxsize=16)
def film_truth(film: str) -> Truth:
    """Return what is true of a film."""
    return read_truth(FOOTAGE / f"{film}.json")


def film_camera(film: str, **looks_for: Sequence[str]) -> CameraSettings:
    """Return the camera that the demo shows a film as; other zones than its own where given.

    Parameters
    ----------
    looks_for
        What is looked for in each zone, its name with ``_`` for ``-``.
    """
    clip = next(one for one in read_footage(FOOTAGE) if one.camera == film)
    settings = camera_settings(clip, "rtsp://127.0.0.1/x") | {"url": None}
    for zone in settings["zones"]:  # type: ignore[attr-defined]
        zone["looks_for"] = looks_for.get(zone["zone"].replace("-", "_"), zone["looks_for"])
    look = {"sampling": "measure", "looks_per_s": 1.0, "inspection": INSPECTION, "lamps": []}
    return CameraSettings.model_validate(settings | look)


def covered(frame: Frame, box: tuple[float, float, float, float], value: int = 200) -> Frame:
    """Return a frame in which a lorry with a striped tarpaulin stands over a box in pixels."""
    image = frame.whole().copy()
    x1, y1, x2, y2 = (round(side) for side in box)
    image[y1:y2, x1:x2] = value
    for x in range(x1, x2, 8):
        image[y1:y2, x : x + 4] = 40
    return replace(frame, image=image, source=None)


def darkened(frame: Frame, gain: float) -> Frame:
    """Return a frame by less light."""
    image = cv2.convertScaleAbs(frame.whole(), alpha=gain)
    return replace(frame, image=image.astype(np.uint8), source=None)


@dataclass
class Watched:
    """A camera, what it kept and what it replied; may be started again as often as needed."""

    camera: CameraSettings
    folder: Path | None = None
    incidents: list[IncidentMessage] = field(default_factory=list)
    pictures: list[EvidenceMessage] = field(default_factory=list)
    replies: list[RecheckReply] = field(default_factory=list)
    now: datetime = START
    traffic: Detector = field(default_factory=traffic_detector)
    detectors: Mapping[IncidentKind, Detector] = field(default_factory=slow_detectors)

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Start its pipeline, with what is open, as the edge does."""
        stem = None if self.folder is None else self.folder / "camera.home"
        slow = {k: one for k, one in self.detectors.items() if self.camera.looks_for(k)}
        self.pipeline = CameraPipeline(
            "harmoni",
            self.camera,
            self.traffic,
            self._keep,
            view=KeptView(None),
            slow=SlowTools(slow, SlowStore(stem)) if slow else None,
            open_incidents=self.open,
            software="0.1.0",
            reply=self.replies.append,
        )

    @property
    def open(self) -> list[IncidentMessage]:
        """The last revisions of what is open."""
        return [one for one in self.last.values() if one.phase in OPEN]

    @property
    def last(self) -> dict[object, IncidentMessage]:
        """The last revision of each incident, in the order that they opened."""
        return {one.incident_id: one for one in self.incidents}

    def show(
        self,
        film: str,
        from_s: float = 0.0,
        to_s: float = 1e9,
        *,
        times: int = 1,
        as_seen: Callable[[Frame], Frame] = lambda frame: frame,
    ) -> None:
        """Look at a part of a film, so many times, and do all work after each look."""
        frames = [one for one in film_frames(film) if from_s <= one.media_time_s < to_s]
        self.look_at(as_seen(frame) for _ in range(times) for frame in frames)

    def look_at(self, frames: Iterable[Frame]) -> None:
        """Look at frames, one a second."""
        for frame in frames:
            self.pipeline.look(replace(frame, captured_at=self.now))
            while self.pipeline.work():
                pass
            self.now += timedelta(seconds=1)

    def recheck(self, of: IncidentMessage, *, within_s: float = 3600.0) -> None:
        """Order a second look."""
        order = RecheckOrder(
            of.message_id,
            self.camera.camera,
            of.incident_id,
            self.now + timedelta(seconds=within_s),
        )
        self.pipeline.recheck(order)

    def pictures_of(self, incident: IncidentMessage) -> dict[EvidenceRole, EvidenceMessage]:
        """Return the pictures that a revision tells of, by their role."""
        by_hash = {one.header.sha256: one for one in self.pictures}
        return {ref.role: by_hash[ref.sha256] for ref in incident.evidence}

    def _keep(self, messages: Sequence[IncidentMessage | EvidenceMessage]) -> None:
        for message in messages:
            if isinstance(message, EvidenceMessage):
                self.pictures.append(message)
            else:
                self.incidents.append(message)


def seconds(at: datetime) -> float:
    """Return the seconds since the first look."""
    return (at - START).total_seconds()
