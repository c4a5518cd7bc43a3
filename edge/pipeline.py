"""READ THIS FIRST: one camera's loop, from a frame to incidents on the disk.

::

    frame ─> view ─> detector ─> tracker ─> watches ─> reporter ─> keeping ─> outbox
            valid?    boxes  │   tracks    findings   revisions     disk
                             │                            ^
                             ├─> slow scene: background ──┤ potholes, rubbish
                             └─> photographer: blurred ───┘

Every step but the first and the last is pure and lives in `analytics`. Time is the frame's own, so
that `simpang edge replay` runs this very code on a film as fast as the machine can.

A new analytic is one more watch in `_watches`: a function from a look to a `Finding` or None. All
from the reporter on stays as it is. What does not move is looked for in the background, by
`edge.slow_scene`, in small pieces of `work` between looks. A view that cannot be trusted is judged
by one watch only, that of the camera itself; all others wait, and their open incidents stay as they
are.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from analytics.camera_fault import TRUSTED, CameraFaultWatch
from analytics.congestion import CongestionWatch
from analytics.detections import VEHICLES, Detections
from analytics.frames import Frame, Image
from analytics.incidents import Finding, Sender
from analytics.lamps import LampRule
from analytics.messages import (
    CameraFaultMeasurement,
    EvidenceMessage,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    ModelVersion,
    RecheckReason,
    ReplyOutcome,
    StreetLightMeasurement,
    ViewBox,
    ViewState,
)
from analytics.tracking import Tracker, TrackerSettings, Tracks
from analytics.traffic import ZoneMeter
from analytics.zones import Zone
from edge.clock import utc_now
from edge.config import CameraSettings, LampSettings, ZoneSettings
from edge.evidence import Spot
from edge.keeping import Keep, Keeping
from edge.lamps import KeptLamps
from edge.photographer import Photographer
from edge.rechecks import RecheckOrder, RecheckReply
from edge.reporting import Reporter
from edge.slow_scene import Seen, SlowScene, SlowTools
from models.detector import Detector


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

    ``zone`` is None for what concerns the whole view or one small thing; ``spot`` is where in the
    view that is.
    """

    kind: IncidentKind
    zone: Zone | None
    judge: Callable[[Look], Finding | None]
    last: IncidentMessage | None
    spot: ViewBox | None = None


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
    slow
        What it takes to look for what does not move; None where no zone looks for that.
    lamps
        Knows what was seen of the camera's lamps before.
    open_incidents
        Last revisions of this camera's incidents that were open when the edge stopped. Those that
        it still watches for are carried on under their ids; see `carried_on`.
    software
        Version of this program, for the messages.
    reply
        Told what became of each order to look again, from any thread. Without it nobody is: for
        films, of which nothing is asked.

    Attributes
    ----------
    keeping
        What the disk took and refused.
    view_state
        Whether the newest frame's view can be trusted.
    looks
        Frames that the detector looked at.
    inference_s
        Time spent in the detector, over all looks.
    """

    def __init__(  # noqa: PLR0913  # the one place where a camera's parts meet
        self,
        site: str,
        camera: CameraSettings,
        detector: Detector,
        keep: Keep,
        *,
        blurring: Detector | None = None,
        view: View,
        slow: SlowTools | None = None,
        lamps: KeptLamps | None = None,
        open_incidents: Sequence[IncidentMessage] = (),
        software: str,
        reply: Callable[[RecheckReply], None] = lambda _: None,
    ) -> None:
        sender = Sender(
            site=site,
            camera=camera.camera,
            position=camera.position,
            software=software,
            models=(_version(detector),),
        )
        self._reply = reply
        self._detector = detector
        self._photographer = Photographer(camera.camera, detector, blurring or detector)
        self._tracker = Tracker(TrackerSettings())
        self._size_px = (0, 0)
        self._at: datetime | None = None
        open_in = _open_in(open_incidents)
        self._lamps = lamps or KeptLamps(None)
        self._watches = _watches(camera, self._lamps, open_in)
        # Of a view that is not checked any more, nothing would ever end the fault.
        fault = open_in.get((IncidentKind.CAMERA_FAULT, None)) if camera.check_view else None
        self._view_watch = _view_watch(fault)
        self._view = view
        self.view_state = ViewState.UNKNOWN
        self.keeping = Keeping(keep, monotonic=time.monotonic)
        self._reporter = Reporter(sender, self.keeping)
        self._slow: SlowScene | None = None
        if slow is not None:
            reporters = {
                kind: Reporter(
                    replace(sender, models=(_version(one), *sender.models)),
                    self.keeping,
                )
                for kind, one in slow.detectors.items()
            }
            self._slow = SlowScene(
                camera,
                slow,
                reporters,
                self._photographer,
                reply=reply,
                open_incidents=open_incidents,
            )
        self.looks = 0
        self.inference_s = 0.0

    @property
    def evidence_withheld(self) -> int:
        """Times that pictures could not be blurred or encoded."""
        return self._photographer.withheld

    @property
    def open_count(self) -> int:
        """How many incidents are open."""
        return len(self.carried_on)

    @property
    def carried_on(self) -> frozenset[UUID]:
        """The incidents that are open now; at the start, those carried on from before."""
        watches = (*self._watches, self._view_watch)
        moving = frozenset(watch.last.incident_id for watch in watches if watch.last)
        return moving if self._slow is None else moving | self._slow.open_incidents

    def look(self, frame: Frame) -> None:
        """Look at one frame; whatever it changes is on the disk, or held, when this returns.

        Raises
        ------
        DetectorError
            Where the inference failed; nothing has changed then.
        """
        self._at = frame.captured_at
        self.view_state = self._view.look(frame.image, frame.captured_at)
        if self.view_state in TRUSTED:
            look = self._look(frame)
            self._judge((self._view_watch, *self._watches), look)
            if self._slow is not None:
                self._slow.look(Seen(frame, look.detections))
        else:
            self._judge((self._view_watch,), self._bare(frame))
            if self._slow is not None:
                is_turned = self.view_state is ViewState.TURNED
                self._slow.look_away(frame.captured_at, turned=is_turned)

    def work(self) -> bool:
        """Do one small piece of what can wait, between looks; tell whether there was any.

        Raises
        ------
        DetectorError
            Where an inference failed; what waits goes on without it.
        """
        return self._slow is not None and self._at is not None and self._slow.work(self._at)

    def recheck(self, order: RecheckOrder) -> None:
        """Look again whether a thing is still there; may be called from any thread.

        The answer goes to ``reply``.
        """
        if self._slow is None:
            reason = RecheckReason.NOT_LOOKED_FOR
            self._reply(RecheckReply(order, ReplyOutcome.REFUSED, reason=reason))
        else:
            self._slow.recheck(order)

    def rest(self) -> None:
        """Store what waits, if it is time."""
        self.keeping.retry()
        self._view.rest()
        self._lamps.rest()
        if self._slow is not None:
            self._slow.rest(utc_now())

    def finish(self) -> None:
        """Try a last time to store what waits."""
        self.keeping.finish()
        self._view.keep()
        self._lamps.keep()
        if self._slow is not None:
            self._slow.keep()

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

    def _judge(self, watches: Iterable[Watch], look: Look) -> None:
        for watch in watches:
            revision = self._reporter.advance(
                watch.last,
                watch.judge(look),
                look.frame.captured_at,
                partial(self._pictures, watch, look),
            )
            if revision is not None:
                watch.last = None if revision.phase is IncidentPhase.CLOSED else revision
                if watch.kind is IncidentKind.STREET_LIGHT:
                    self._lamps.keep()

    def _track(self, frame: Frame, detections: Detections) -> Tracks:
        size_px = frame.size_px
        if size_px != self._size_px:
            # Boxes of one picture size say nothing of places in another.
            self._tracker = Tracker(TrackerSettings())
            self._size_px = size_px
        vehicles = detections.where(detections.of_class(*VEHICLES))
        sure = self._detector.manifest.confident(vehicles)
        return self._tracker.update(vehicles, sure, frame.captured_at.timestamp())

    def _pictures(
        self, watch: Watch, look: Look, incident: IncidentMessage
    ) -> Sequence[EvidenceMessage]:
        # In a view that is not trusted nobody was looked for yet, and somebody may stand there.
        found = look.detections if look.view in TRUSTED else None
        spot = None if watch.spot is None else _in_pixels(watch.spot, look.frame.size_px)
        return self._photographer.of_frame(
            incident, look.frame, found, look.tracks, watch.zone, spot=spot
        )


_OpenIn = Mapping[tuple[IncidentKind, str | None], IncidentMessage]


def _open_in(open_incidents: Sequence[IncidentMessage]) -> _OpenIn:
    # By start, so that of two in one place, which only lost messages can leave, the newer stays.
    by_start = sorted(open_incidents, key=lambda incident: incident.started_at)
    return {(incident.kind, incident.zone): incident for incident in by_start}


def _watches(camera: CameraSettings, lamps: KeptLamps, open_in: _OpenIn) -> list[Watch]:
    rule = camera.street_light.rule()
    return [
        *(
            _congestion_watch(zone, open_in.get((IncidentKind.CONGESTION, zone.zone)))
            for zone in camera.zones
            if IncidentKind.CONGESTION in zone.looks_for
        ),
        *(
            _lamp_watch(lamp, rule, lamps, open_in.get((IncidentKind.STREET_LIGHT, lamp.lamp)))
            for lamp in camera.lamps
        ),
    ]


def _version(detector: Detector) -> ModelVersion:
    return ModelVersion(name=detector.manifest.name, version=detector.manifest.version)


def _lamp_watch(
    settings: LampSettings, rule: LampRule, lamps: KeptLamps, last: IncidentMessage | None
) -> Watch:
    opened = None
    if last is not None and isinstance(last.measurement, StreetLightMeasurement):
        opened = (last.measurement, last.started_at)
    watch = lamps.watch(settings, rule, opened)

    def judge(look: Look) -> Finding | None:
        return watch.look(look.frame.image, look.frame.captured_at)

    return Watch(IncidentKind.STREET_LIGHT, None, judge, last, spot=settings.box)


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


def _in_pixels(box: ViewBox, size_px: tuple[int, int]) -> Spot:
    width_px, height_px = size_px
    x1, y1, x2, y2 = box
    return (x1 * width_px, y1 * height_px, x2 * width_px, y2 * height_px)
