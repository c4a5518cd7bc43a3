"""READ THIS FIRST: one camera's loop, from a frame to incidents on the disk.

::

    frame ─> view ─> detector ─> tracker ─> watches ─> incidents.advance ─> keeping ─> outbox
            valid?    boxes      tracks    findings       revisions         disk
                        └────────────────────────────> evidence (blurred) ───┘

Every step but the first and the last is pure and lives in `analytics`. Time is the frame's own, so
that `simpang edge replay` runs this very code on a film as fast as the machine can.

A new analytic is one more watch in `_watches`: a function from a look to a `Finding` or None. All
from `advance` on stays as it is. A view that cannot be trusted is judged by one watch only, that of
the camera itself; all others wait, and their open incidents stay as they are.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol
from uuid import UUID

from analytics.camera_fault import TRUSTED, CameraFaultWatch
from analytics.congestion import CongestionWatch
from analytics.detections import VEHICLES, Detections
from analytics.frames import Frame, Image
from analytics.incidents import Finding, Sender, advance
from analytics.messages import (
    CameraFaultMeasurement,
    EvidenceMessage,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    ModelVersion,
    ViewState,
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
from models.errors import DetectorError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """A frame and what was seen in it; nothing where its view cannot be trusted.

    ``view_since`` is since when the view is in its state.
    """

    frame: Frame
    view: ViewState
    view_since: datetime
    detections: Detections = field(default_factory=Detections.none)
    tracks: Tracks = field(default_factory=Tracks.none)


@dataclass(slots=True)
class Watch:
    """One kind of incident in one zone: what judges a look, and the incident that is open.

    ``zone`` is None for what concerns the whole view.
    """

    kind: IncidentKind
    zone: Zone | None
    judge: Callable[[Look], Finding | None]
    last: IncidentMessage | None


class View(Protocol):
    """Knows the view that was calibrated."""

    @property
    def since(self) -> datetime | None:
        """Since when the view is in the state that was told last; None before the first look."""

    def look(self, image: Image, at: datetime) -> ViewState:
        """Return whether the view can be trusted, see `analytics.view.ViewCheck`."""

    def rest(self) -> None:
        """Store what was learnt, if it is time."""

    def keep(self) -> None:
        """Store what was learnt."""


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
    blurring
        Looks a second time at a frame whose picture leaves, for what must be blurred; None where
        ``detector`` misses as little.
    keep
        Stores messages for delivery, all or none; raises `OutboxError` where it cannot.
    view
        Knows the view that was calibrated.
    open_incidents
        Last revisions of this camera's incidents that were open when the edge stopped. Those that
        it still watches for are carried on under their ids; see `carried_on`.
    software
        Version of this program, for the messages.

    Attributes
    ----------
    keeping
        What the disk took and refused.
    view_state
        Whether the newest frame's view can be trusted.
    looks
        Frames that the detector looked at.
    evidence_withheld
        Pictures not taken because they could not be blurred or encoded.
    inference_s
        Time spent in the detector, over all looks.
    """

    def __init__(  # noqa: PLR0913  # the parts of one camera
        self,
        site: str,
        camera: CameraSettings,
        detector: Detector,
        keep: Keep,
        *,
        blurring: Detector | None = None,
        view: View,
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
        self._blurring = detector if blurring is None else blurring
        self._knows_people = frozenset(manifest.object_classes) >= NEEDED
        self._tracker = Tracker(TrackerSettings())
        self._size_px = (0, 0)
        open_in = _open_in(open_incidents)
        self._watches = _watches(camera, open_in)
        # Of a view that is not checked any more, nothing would ever end the fault.
        fault = open_in.get((IncidentKind.CAMERA_FAULT, None)) if camera.check_view else None
        self._view_watch = _view_watch(fault)
        self._view = view
        self.view_state = ViewState.UNKNOWN
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
        watches = (*self._watches, self._view_watch)
        return frozenset(watch.last.incident_id for watch in watches if watch.last)

    def look(self, frame: Frame) -> None:
        """Look at one frame; whatever it changes is on the disk, or held, when this returns.

        Raises
        ------
        DetectorError
            Where the inference failed; nothing has changed then.
        """
        self.view_state = self._view.look(frame.image, frame.captured_at)
        if self.view_state in TRUSTED:
            look = self._look(frame)
            self._judge(self._view_watch, look)
            for watch in self._watches:
                self._judge(watch, look)
        else:
            self._judge(self._view_watch, self._bare(frame))

    def rest(self) -> None:
        """Store what waits, if it is time."""
        self.keeping.retry()
        self._view.rest()

    def finish(self) -> None:
        """Try a last time to store what waits."""
        self.keeping.finish()
        self._view.keep()

    def _bare(self, frame: Frame) -> Look:
        since = self._view.since or frame.captured_at
        return Look(frame, self.view_state, since)

    def _look(self, frame: Frame) -> Look:
        detections = self._detect(frame)
        tracks = self._track(frame, detections)
        return replace(self._bare(frame), detections=detections, tracks=tracks)

    def _detect(self, frame: Frame) -> Detections:
        started_s = time.perf_counter()
        found = self._detector.detect(frame.image)
        self.inference_s += time.perf_counter() - started_s
        self.looks += 1
        height_px, width_px = frame.image.shape[:2]
        return found.scaled(frame.size_px[0] / width_px, frame.size_px[1] / height_px)

    def _judge(self, watch: Watch, look: Look) -> None:
        finding = watch.judge(look)
        revision = advance(watch.last, finding, self._sender, look.frame.captured_at)
        if revision is not None:
            self._report(watch, revision, look)

    def _track(self, frame: Frame, detections: Detections) -> Tracks:
        size_px = frame.size_px
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
            "%s %s in %s",
            revision.kind.value,
            revision.phase.value,
            "/".join(filter(None, (revision.camera, revision.zone))),
            extra={"incident_id": str(revision.incident_id), "camera_id": revision.camera},
        )

    def _pictures(
        self, zone: Zone | None, revision: IncidentMessage, look: Look
    ) -> Sequence[EvidenceMessage]:
        belonging = Belonging(revision.site, revision.camera, revision.incident_id)
        try:
            if not self._knows_people:
                needed = ", ".join(sorted(one.name.lower() for one in NEEDED))
                msg = f"the model must know {needed} for a picture to be blurred"
                raise EvidenceWithheldError(msg)
            return take(look.frame, self._to_blur(look), look.tracks, zone, belonging)
        except (EvidenceWithheldError, DetectorError) as exc:
            self.evidence_withheld += 1
            logger.warning("no picture of %s: %s", revision.camera, exc)
            return ()

    def _to_blur(self, look: Look) -> Detections:
        if self._blurring is not self._detector:
            # Small pictures are for deciding; a face is covered as well as the model can see it.
            return self._blurring.detect(look.frame.whole())
        # In a view that is not trusted nobody was looked for yet, and somebody may stand there.
        return look.detections if look.view in TRUSTED else self._detect(look.frame)


_OpenIn = Mapping[tuple[IncidentKind, str | None], IncidentMessage]


def _open_in(open_incidents: Sequence[IncidentMessage]) -> _OpenIn:
    # By start, so that of two in one place, which only lost messages can leave, the newer stays.
    by_start = sorted(open_incidents, key=lambda incident: incident.started_at)
    return {(incident.kind, incident.zone): incident for incident in by_start}


def _watches(camera: CameraSettings, open_in: _OpenIn) -> list[Watch]:
    return [
        _congestion_watch(zone, open_in.get((IncidentKind.CONGESTION, zone.zone)))
        for zone in camera.zones
    ]


def _view_watch(last: IncidentMessage | None) -> Watch:
    watch = CameraFaultWatch()
    if last is not None and isinstance(last.measurement, CameraFaultMeasurement):
        watch = CameraFaultWatch((last.measurement, last.started_at))

    def judge(look: Look) -> Finding | None:
        return watch.look(look.view, look.view_since, look.frame.captured_at)

    return Watch(IncidentKind.CAMERA_FAULT, None, judge, last)


def _congestion_watch(settings: ZoneSettings, last: IncidentMessage | None) -> Watch:
    zone = Zone.of(settings.zone, settings.polygon)
    meter = ZoneMeter(zone, traffic_is_known=last is not None)
    rule = settings.congestion.rule()
    watch = CongestionWatch(rule, settings.zone, None if last is None else last.started_at)

    def judge(look: Look) -> Finding | None:
        frame = look.frame
        return watch.look(meter.measure(look.tracks, frame.size_px, frame.captured_at))

    return Watch(IncidentKind.CONGESTION, zone, judge, last)
