"""READ THIS FIRST: one camera's loop, from a frame to incidents on the disk.

::

    frame ─> detector ─> tracker ─> zone meter ─> congestion watch ─> incidents.advance ─> keeping
               boxes      tracks      figures         finding             revision          disk
                 └──────────────────────────────────────────> evidence (blurred) ──────────────┘

Every step but the first and the last is pure and lives in `analytics`. Time is the frame's own, so
that `simpang edge replay` runs this very code on a film as fast as the machine can.

A new analytic is a watch that turns a look into a `Finding` or None, beside `CongestionWatch`; all
from `advance` on stays as it is.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from analytics.congestion import CongestionWatch
from analytics.detections import VEHICLES, Detections
from analytics.frames import Frame
from analytics.incidents import Sender, advance
from analytics.messages import (
    EvidenceMessage,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    ModelVersion,
)
from analytics.tracking import Tracker, TrackerSettings, Tracks
from analytics.traffic import ZoneMeter
from analytics.zones import Zone
from edge.config import CameraSettings
from edge.errors import EvidenceWithheldError
from edge.evidence import Belonging, take
from edge.keeping import Keep, Keeping
from models.detector import Detector

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _ZoneWatch:
    """One zone: what measures it, what judges it, and the incident that is open in it."""

    meter: ZoneMeter
    watch: CongestionWatch
    last: IncidentMessage | None

    @property
    def zone(self) -> Zone:
        return self.meter.zone


@dataclass(frozen=True, slots=True)
class _Look:
    """A frame and what was seen in it."""

    frame: Frame
    detections: Detections
    tracks: Tracks


class CameraPipeline:
    """Looks at the frames of one camera. Not thread-safe: one worker calls `look`.

    Parameters
    ----------
    site
        The site's slug.
    camera
        The camera's settings; its zones are watched.
    detector
        May be shared with other cameras of the same worker.
    keep
        Stores messages for delivery, all or none; raises `OutboxError` where it cannot.
    open_incidents
        Last revisions of this camera's incidents that were open when the edge stopped; they are
        carried on under their ids.
    software
        Version of this program, for the messages.

    Attributes
    ----------
    keeping
        What the disk took and refused.
    looks
        Frames that were looked at.
    evidence_withheld
        Pictures not taken because they could not be blurred or encoded.
    inference_s
        Time spent in the detector, over all looks.
    """

    def __init__(
        self,
        site: str,
        camera: CameraSettings,
        detector: Detector,
        keep: Keep,
        *,
        open_incidents: Sequence[IncidentMessage] = (),
        software: str,
    ) -> None:
        manifest = detector.manifest
        self._sender = Sender(
            site=site,
            camera=camera.camera,
            position=camera.position,
            software=software,
            models=(ModelVersion(name=manifest.name, version=manifest.version),),
        )
        self._detector = detector
        self._tracker = Tracker(TrackerSettings())
        self._size_px = (0, 0)
        self._zones = _zone_watches(camera, open_incidents)
        self.keeping = Keeping(keep)
        self.looks = 0
        self.evidence_withheld = 0
        self.inference_s = 0.0

    @property
    def open_count(self) -> int:
        """How many incidents are open."""
        return sum(zone.last is not None for zone in self._zones)

    def look(self, frame: Frame) -> None:
        """Look at one frame; whatever it changes is on the disk, or held, when this returns.

        Raises
        ------
        DetectorError
            Where the inference failed; nothing has changed then.
        """
        started_s = time.perf_counter()
        detections = self._detector.detect(frame.image)
        self.inference_s += time.perf_counter() - started_s
        self.looks += 1
        self._follow_size(frame)
        vehicles = detections.where(detections.of_class(*VEHICLES))
        sure = self._detector.manifest.confident(vehicles)
        tracks = self._tracker.update(vehicles, sure, frame.captured_at.timestamp())
        self.keeping.retry(frame.captured_at)
        for zone in self._zones:
            figures = zone.meter.measure(tracks, self._size_px, frame.captured_at)
            revision = advance(zone.last, zone.watch.look(figures), self._sender, frame.captured_at)
            if revision is not None:
                self._report(zone, revision, _Look(frame, detections, tracks))

    def _follow_size(self, frame: Frame) -> None:
        size_px = (frame.width_px, frame.height_px)
        if size_px != self._size_px:
            # Boxes of one picture size say nothing of places in another.
            self._tracker = Tracker(TrackerSettings())
            self._size_px = size_px

    def _report(self, zone: _ZoneWatch, revision: IncidentMessage, look: _Look) -> None:
        opens = revision.phase is IncidentPhase.OPENED
        pictures = self._pictures(zone.zone, revision, look) if opens else ()
        self.keeping.keep(revision, pictures, look.frame.captured_at)
        zone.last = None if revision.phase is IncidentPhase.CLOSED else revision
        logger.info(
            "%s %s in %s/%s",
            revision.kind.value,
            revision.phase.value,
            revision.camera,
            revision.zone,
            extra={"incident_id": str(revision.incident_id), "camera_id": revision.camera},
        )

    def _pictures(
        self, zone: Zone, revision: IncidentMessage, look: _Look
    ) -> Sequence[EvidenceMessage]:
        belonging = Belonging(revision.site, revision.camera, revision.incident_id)
        try:
            return take(look.frame, look.detections, look.tracks, zone, belonging)
        except EvidenceWithheldError as exc:
            self.evidence_withheld += 1
            logger.warning("no picture of %s: %s", revision.camera, exc)
            return ()


def _zone_watches(
    camera: CameraSettings, open_incidents: Sequence[IncidentMessage]
) -> list[_ZoneWatch]:
    open_in = {
        incident.zone: incident
        for incident in open_incidents
        if incident.kind is IncidentKind.CONGESTION
    }
    watches = []
    for settings in camera.zones:
        last = open_in.get(settings.zone)
        since = None if last is None else last.started_at
        watches.append(
            _ZoneWatch(
                ZoneMeter(Zone.of(settings.zone, settings.polygon)),
                CongestionWatch(settings.congestion.rule(), settings.zone, since),
                last,
            )
        )
    return watches
