"""READ THIS FIRST: one camera's loop, from a frame to incidents on the disk.

::

    frame ─> detector ─> tracker ─> watches ─> incidents.advance ─> keeping ─> outbox
               boxes      tracks    findings       revisions         disk
                 └────────────────────────────> evidence (blurred) ───┘

Every step but the first and the last is pure and lives in `analytics`. Time is the frame's own, so
that `simpang edge replay` runs this very code on a film as fast as the machine can.

A new analytic is one more watch in `_watches`: a function from a look to a `Finding` or None. All
from `advance` on stays as it is.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from analytics.congestion import CongestionWatch
from analytics.detections import VEHICLES, Detections
from analytics.frames import Frame
from analytics.incidents import Finding, Sender, advance
from analytics.messages import (
    EvidenceMessage,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    ModelVersion,
)
from analytics.privacy import NEEDED
from analytics.tracking import Tracker, TrackerSettings, Tracks
from analytics.traffic import ZoneMeter
from analytics.zones import Zone
from edge.config import CameraSettings, ZoneSettings
from edge.errors import EvidenceWithheldError
from edge.evidence import Belonging, take
from edge.keeping import Keep, Keeping
from models.detector import Detector

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """A frame and what was seen in it."""

    frame: Frame
    detections: Detections
    tracks: Tracks


@dataclass(slots=True)
class Watch:
    """One kind of incident in one zone: what judges a look, and the incident that is open."""

    kind: IncidentKind
    zone: Zone
    judge: Callable[[Look], Finding | None]
    last: IncidentMessage | None


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
        Last revisions of this camera's incidents that were open when the edge stopped. Those that
        it still watches for are carried on under their ids; see `carried_on`.
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
        self._knows_people = frozenset(manifest.object_classes) >= NEEDED
        self._tracker = Tracker(TrackerSettings())
        self._size_px = (0, 0)
        self._watches = _watches(camera, open_incidents)
        self.keeping = Keeping(keep, monotonic=time.monotonic)
        self.looks = 0
        self.evidence_withheld = 0
        self.inference_s = 0.0

    @property
    def open_count(self) -> int:
        """How many incidents are open."""
        return len(self.carried_on)

    @property
    def carried_on(self) -> frozenset[UUID]:
        """The incidents that are open now; at the start, those carried on from before."""
        return frozenset(watch.last.incident_id for watch in self._watches if watch.last)

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
        look = Look(frame, detections, self._track(frame, detections))
        for watch in self._watches:
            revision = advance(watch.last, watch.judge(look), self._sender, frame.captured_at)
            if revision is not None:
                self._report(watch, revision, look)

    def rest(self) -> None:
        """Try again to store what the disk refused, if it is time."""
        self.keeping.retry()

    def _track(self, frame: Frame, detections: Detections) -> Tracks:
        size_px = (frame.width_px, frame.height_px)
        if size_px != self._size_px:
            # Boxes of one picture size say nothing of places in another.
            self._tracker = Tracker(TrackerSettings())
            self._size_px = size_px
        vehicles = detections.where(detections.of_class(*VEHICLES))
        sure = self._detector.manifest.confident(vehicles)
        return self._tracker.update(vehicles, sure, frame.captured_at.timestamp())

    def _report(self, watch: Watch, revision: IncidentMessage, look: Look) -> None:
        opens = revision.phase is IncidentPhase.OPENED
        pictures = self._pictures(watch.zone, revision, look) if opens else ()
        self.keeping.keep(revision, pictures)
        watch.last = None if revision.phase is IncidentPhase.CLOSED else revision
        logger.info(
            "%s %s in %s/%s",
            revision.kind.value,
            revision.phase.value,
            revision.camera,
            revision.zone,
            extra={"incident_id": str(revision.incident_id), "camera_id": revision.camera},
        )

    def _pictures(
        self, zone: Zone, revision: IncidentMessage, look: Look
    ) -> Sequence[EvidenceMessage]:
        belonging = Belonging(revision.site, revision.camera, revision.incident_id)
        try:
            if not self._knows_people:
                needed = ", ".join(sorted(one.name.lower() for one in NEEDED))
                msg = f"the model must know {needed} for a picture to be blurred"
                raise EvidenceWithheldError(msg)
            return take(look.frame, look.detections, look.tracks, zone, belonging)
        except EvidenceWithheldError as exc:
            self.evidence_withheld += 1
            logger.warning("no picture of %s: %s", revision.camera, exc)
            return ()


def _watches(camera: CameraSettings, open_incidents: Sequence[IncidentMessage]) -> list[Watch]:
    # By start, so that of two in one place, which only lost messages can leave, the newer stays.
    by_start = sorted(open_incidents, key=lambda incident: incident.started_at)
    open_in = {(incident.kind, incident.zone): incident for incident in by_start}
    return [
        _congestion_watch(zone, open_in.get((IncidentKind.CONGESTION, zone.zone)))
        for zone in camera.zones
    ]


def _congestion_watch(settings: ZoneSettings, last: IncidentMessage | None) -> Watch:
    zone = Zone.of(settings.zone, settings.polygon)
    meter = ZoneMeter(zone, traffic_is_known=last is not None)
    rule = settings.congestion.rule()
    watch = CongestionWatch(rule, settings.zone, None if last is None else last.started_at)

    def judge(look: Look) -> Finding | None:
        size_px = (look.frame.width_px, look.frame.height_px)
        return watch.look(meter.measure(look.tracks, size_px, look.frame.captured_at))

    return Watch(IncidentKind.CONGESTION, zone, judge, last)
