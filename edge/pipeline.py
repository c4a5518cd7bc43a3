"""READ THIS FIRST: one camera's loop, from a frame to incidents on the disk.

::

    frame ─> view ─> detector ─> tracker ─> watches ─> reporter ─> keeping ─> outbox
            valid?    boxes  │   tracks    findings   revisions     disk
                             │                            ^
                             ├─> slow scene: background ──┤ potholes, rubbish
                             └─> photographer: blurred ───┘

Every step but the first and the last is pure and lives in `analytics`. Time is the frame's own, so
that `simpang edge replay` runs this very code on a film as fast as the machine can.

A new analytic is one more watch in `edge.watches`. What does not move is looked for in the
background, by `edge.slow_scene`, in small pieces of `work` between looks. A view that cannot be
trusted is judged by one watch only, that of the camera itself; all others wait, and their open
incidents stay as they are. Orders to look again go to whoever knows the incident.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol
from uuid import UUID

from analytics.camera_fault import TRUSTED
from analytics.detections import VEHICLES, Detections
from analytics.frames import Frame, Image
from analytics.incidents import Sender
from analytics.messages import (
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    ModelVersion,
    RecheckReason,
    ReplyOutcome,
    ViewState,
)
from analytics.tracking import Tracker, TrackerSettings, Tracks
from edge.camera_config import CameraSettings
from edge.clock import utc_now
from edge.keeping import Keep, Keeping
from edge.lamp_looks import LampLooks
from edge.lamps import KeptLamps
from edge.photographer import Photographer
from edge.rechecks import RecheckOrder, RecheckReply
from edge.reporting import Reporter
from edge.slow_scene import Seen, SlowScene, SlowTools
from edge.watches import Look, Watch, open_in, view_watch, watches
from models.detector import Detector


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
        opened = open_in(open_incidents)
        self._lamps = lamps or KeptLamps(None)
        self._watches = watches(camera, self._lamps, opened)
        # Of a view that is not checked any more, nothing would ever end the fault.
        fault = opened.get((IncidentKind.CAMERA_FAULT, None)) if camera.check_view else None
        self._view_watch = view_watch(fault)
        self._view = view
        self.view_state = ViewState.UNKNOWN
        self.keeping = Keeping(keep, monotonic=time.monotonic)
        self._reporter = Reporter(sender, self.keeping)
        self._lamp_looks = LampLooks(
            self._watches, self._lamps, self._reporter, self._photographer, reply=reply
        )
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
        judging = (*self._watches, self._view_watch)
        moving = frozenset(watch.last.incident_id for watch in judging if watch.last)
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
            self._lamp_looks.look(look)
            if self._slow is not None:
                self._slow.look(Seen(frame, look.detections))
        else:
            self._judge((self._view_watch,), self._bare(frame))
            self._lamp_looks.look_away()
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
        if self._lamp_looks.knows(order.incident_id):
            self._lamp_looks.ask(order)
        elif self._slow is not None:
            self._slow.recheck(order)
        else:
            unknown, none = RecheckReason.UNKNOWN_INCIDENT, RecheckReason.NOT_LOOKED_FOR
            reason = unknown if self._lamp_looks else none
            self._reply(RecheckReply(order, ReplyOutcome.REFUSED, reason=reason))

    def rest(self) -> None:
        """Store what waits, if it is time."""
        self.keeping.retry()
        self._view.rest()
        self._lamps.rest()
        self._lamp_looks.expire(utc_now())
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

    def _judge(self, judging: Iterable[Watch], look: Look) -> None:
        for watch in judging:
            revision = self._reporter.advance(
                watch.last,
                watch.judge(look),
                look.frame.captured_at,
                partial(watch.pictures, self._photographer, look),
            )
            if revision is not None:
                watch.last = None if revision.phase is IncidentPhase.CLOSED else revision
                if watch.kind is IncidentKind.STREET_LIGHT:
                    self._lamps.told(revision)
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


def _version(detector: Detector) -> ModelVersion:
    return ModelVersion(name=detector.manifest.name, version=detector.manifest.version)
