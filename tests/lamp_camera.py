"""The simulated camera whose lamp fails, and what its pipeline stores."""

from collections.abc import Sequence
from pathlib import Path

from analytics.messages import EvidenceMessage, IncidentMessage, IncidentPhase
from edge.camera_config import CameraSettings
from models.manifest import load_manifest
from models.onnx_detector import OnnxDetector
from scripts.demo.footage import read_footage
from scripts.demo.settings import camera_settings
from tests.lamp_films import FOOTAGE
from tests.tiny_model import write_tiny_model

FILM = "street-lamp-dark"
BROKEN, OTHER = "street-w2", "street-e2"


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

    @property
    def open(self) -> list[IncidentMessage]:
        """Last revisions of the incidents that are open, as an outbox keeps them."""
        last = {one.incident_id: one for one in self.incidents}
        ends = {IncidentPhase.CLOSED, IncidentPhase.VERIFIED}
        return [one for one in last.values() if one.phase not in ends]


def a_camera(**street_light: float) -> CameraSettings:
    """Return the film's camera as the demo configures it, or with a rule of its own."""
    clip = next(one for one in read_footage(FOOTAGE) if one.file == f"{FILM}.mp4")
    settings = camera_settings(clip, "rtsp://127.0.0.1/x") | {"url": None}
    return CameraSettings.model_validate(
        settings | ({"street_light": street_light} if street_light else {})
    )


def a_detector(folder: Path) -> OnnxDetector:
    """Return a detector that sees nothing by night and takes no time: lamps need no model."""
    return OnnxDetector(load_manifest(write_tiny_model(folder, [(0, 0, 10, 10, "car")])))
