"""Runs a camera's pipeline on a film: the same code, without stream, disk queue or broker."""

from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from analytics.messages import EvidenceMessage, IncidentKind, IncidentMessage
from edge.camera_config import CameraSettings
from edge.errors import DecodingError, EdgeError
from edge.keeping import Keep
from edge.pipeline import CameraPipeline
from edge.slow_scene import SlowTools
from edge.slow_store import SlowStore
from edge.sources import open_file
from edge.views import KeptView, UncheckedView
from models.detector import Detector
from models.detectors import Detectors

SITE = "replay"
"""The site that incidents of a film belong to."""


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a film gave.

    Attributes
    ----------
    looks
        Frames that were looked at.
    undecodable
        Broken packets and pictures in the film.
    open_incidents
        Incidents that went on when the film ended.
    evidence_withheld
        Pictures not taken because they could not be blurred.
    """

    looks: int
    undecodable: int
    open_incidents: int
    evidence_withheld: int


def replay(  # noqa: PLR0913  # the one place where a film's parts meet
    film: Path,
    camera: CameraSettings,
    detectors: Detectors,
    keep: Keep,
    *,
    slow_detectors: Mapping[IncidentKind, Detector],
    start_at: datetime,
    pace: Literal["real_time", "max"],
    software: str,
) -> ReplayResult:
    """Look at a film as at a camera, and hand every incident to ``keep``.

    Parameters
    ----------
    slow_detectors
        What finds each kind of thing that does not move and that a zone looks for.

    Raises
    ------
    ModelError
        Where the model cannot look at pictures as wide as the camera's settings say.
    StreamError
        Where the film cannot be read, or is cut off; what came before was looked at.
    """
    detector = detectors.at(camera.look_width_px)
    pipeline = CameraPipeline(
        SITE,
        camera,
        detector,
        keep,
        blurring=detectors.careful(camera.look_width_px),
        view=KeptView(None) if camera.check_view else UncheckedView(),
        slow=SlowTools(slow_detectors, SlowStore(None)) if slow_detectors else None,
        software=software,
    )
    size = detector.manifest.input
    source = open_file(
        film,
        sampling=camera.samples(),
        within_px=(size.width_px, size.height_px),
        start_at=start_at,
        pace=pace,
    )
    with closing(source):
        for sample in source.samples():
            # A broken key frame is counted by the source, and costs that one look.
            with suppress(DecodingError):
                pipeline.look(sample.frame())
                while pipeline.work():
                    pass
        return ReplayResult(
            looks=pipeline.looks,
            undecodable=source.undecodable,
            open_incidents=pipeline.open_count,
            evidence_withheld=pipeline.evidence_withheld,
        )


class EvidenceFolder:
    """Writes pictures as files, named by incident and role; made with the first one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, picture: EvidenceMessage) -> None:
        """Write one picture.

        Raises
        ------
        EdgeError
            Where it cannot be written.
        """
        path = self._path / f"{picture.header.incident_id}-{picture.header.role.value}.jpg"
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture.content)
        except OSError as exc:
            msg = f"{path} cannot be written: {exc.strerror}"
            raise EdgeError(msg) from exc


def incident_line(incident: IncidentMessage) -> str:
    """Return one revision as people read it."""
    where = incident.camera if incident.zone is None else f"{incident.camera}/{incident.zone}"
    return (
        f"{incident.observed_at:%Y-%m-%d %H:%M:%S}Z  {incident.phase.value:<8} "
        f"{incident.kind.value} in {where}, {incident.severity.value}, "
        f"confidence {incident.confidence:.0%}, since {incident.started_at:%H:%M:%S}Z"
    )
