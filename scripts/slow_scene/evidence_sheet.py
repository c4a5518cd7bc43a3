"""The pictures of ``docs/slow-scene.md``: a hole in a film, from its incident to its recheck.

::

    python -m scripts.slow_scene.evidence_sheet FILE

plays `FILM` through a camera's pipeline as the demo does, asks for a second look once the holes are
mended, and writes the evidence that came out, side by side.
"""

import argparse
import sys
import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from analytics.frames import Image
from analytics.messages import EvidenceMessage, EvidenceRole, IncidentKind, IncidentMessage
from edge.camera_config import CameraSettings
from edge.pipeline import CameraPipeline
from edge.rechecks import RecheckOrder, RecheckReply
from edge.sampling import Sampling
from edge.slow_detectors import SlowDetectors
from edge.slow_scene import SlowTools
from edge.slow_store import SlowStore
from edge.sources import open_file
from edge.views import KeptView
from models.manifest import find_manifest, load_manifest
from models.onnx_detector import OnnxDetector
from models.opencv import limit_threads, write_image
from scripts.demo.footage import read_footage
from scripts.demo.settings import camera_settings
from scripts.rtsp.street_films import FOOTAGE

FILM: Final = "street-pothole.mp4"
ASKED_AT_S: Final = 46.0
"""In the film the holes are mended at 44 s."""
PANELS: Final = {
    EvidenceRole.ANNOTATED: "an incident",
    EvidenceRole.BEFORE: "its empty scene when it was found",
    EvidenceRole.AFTER: "a second look, once it was mended: gone",
}

_BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
_LOOKS_PER_S: Final = 2.0
_STILL_PX: Final = (480, 270)
_GAP_PX: Final = 6
_TITLE_PX: Final = 26
_PAPER: Final = 250
_INK: Final = (40, 40, 40)


def main() -> int:
    """Write the sheet."""
    parser = argparse.ArgumentParser(prog="python -m scripts.slow_scene.evidence_sheet")
    parser.add_argument("file", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    limit_threads(1)
    kept = watch()
    hole = next(one.incident_id for one in kept if isinstance(one, IncidentMessage))
    pictures = {
        one.header.role: _read(one)
        for one in kept
        if isinstance(one, EvidenceMessage) and one.header.incident_id == hole
    }
    panels = [_panel(pictures[role], title) for role, title in PANELS.items()]
    write_image(arguments.file, np.concatenate(panels, axis=1), jpeg_quality=85)
    return 0


def watch() -> list[IncidentMessage | EvidenceMessage]:
    """Play the film, and return what the camera stored, in order."""
    clip = next(one for one in read_footage(FOOTAGE) if one.file == FILM)
    camera = CameraSettings.model_validate(camera_settings(clip, "rtsp://127.0.0.1/film"))
    traffic = OnnxDetector(load_manifest(find_manifest("traffic")))
    models = {kind: kind.value for kind in (IncidentKind.POTHOLE, IncidentKind.RUBBISH)}
    kept: list[IncidentMessage | EvidenceMessage] = []
    pipeline = CameraPipeline(
        "sheet",
        camera,
        traffic,
        kept.extend,
        view=KeptView(None),
        slow=SlowTools(SlowDetectors(models).of(camera), SlowStore(None)),
        software="sheet",
        reply=_say,
    )
    size = traffic.manifest.input
    source = open_file(
        FOOTAGE / FILM,
        sampling=Sampling(_LOOKS_PER_S),
        within_px=(size.width_px, size.height_px),
        start_at=_BEGIN,
        pace="max",
    )
    is_asked = False
    with closing(source):
        for sample in source.samples():
            frame = sample.frame()
            if not is_asked and frame.media_time_s >= ASKED_AT_S:
                is_asked = True
                for incident_id in pipeline.carried_on:
                    expires_at = frame.captured_at + timedelta(hours=1)
                    order = RecheckOrder(uuid.uuid4(), camera.camera, incident_id, expires_at)
                    pipeline.recheck(order)
            pipeline.look(frame)
            while pipeline.work():
                pass
    return kept


def _say(reply: RecheckReply) -> None:
    print(reply.answer, reply.text)


def _read(picture: EvidenceMessage) -> Image:
    image = cv2.imdecode(np.frombuffer(picture.content, np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(image, np.uint8)


def _panel(image: Image, title: str) -> Image:
    """Return the middle of a picture, of one size, with a line below."""
    width, height = _STILL_PX
    gain = max(width / image.shape[1], height / image.shape[0])
    size_px = (round(image.shape[1] * gain), round(image.shape[0] * gain))
    shown = cv2.resize(image, size_px, interpolation=cv2.INTER_AREA)
    left, top = (size_px[0] - width) // 2, (size_px[1] - height) // 2
    panel = np.full((height + _TITLE_PX, width + _GAP_PX, 3), _PAPER, np.uint8)
    panel[:height, :width] = shown[top : top + height, left : left + width]
    place = (2, height + 18)
    cv2.putText(panel, title, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, _INK, 1, cv2.LINE_AA)
    return panel


if __name__ == "__main__":
    sys.exit(main())
