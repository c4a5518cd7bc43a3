"""One worker process's part of a site: some cameras, one model, one thread that looks.

::

    stream (2 threads a camera) ─> mailbox ─> look loop (1 thread) ─> pipeline ─> disk
         └────────────── figures ──────────────────┴─────────────────────┘

A camera costs the others nothing: its threads wait for the network. The key frames of one that is
watched stay packed until they are looked at, in the one thread; one that is measured is decoded by
its own.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from analytics.messages import IncidentMessage, ReplyOutcome
from edge.blackbox import BlackBox
from edge.camera_config import CameraSettings
from edge.clock import utc_now
from edge.config import SiteSettings
from edge.figures import CameraFigures, camera_figures
from edge.keeping import Keep
from edge.lamps import KeptLamps, lamps_file
from edge.left_open import close_left_open
from edge.looking import LookLoop
from edge.pipeline import CameraPipeline, View
from edge.rechecks import RecheckOrder, RecheckReply
from edge.slow_detectors import SlowDetectors
from edge.slow_scene import SlowTools
from edge.slow_store import SlowStore, slow_stem
from edge.sources import FrameSource, open_rtsp
from edge.stream import Stream, StreamPolicy
from edge.views import KeptView, UncheckedView, view_file
from models.detectors import Detectors
from models.manifest import ModelInput

logger = logging.getLogger(__name__)

STOP_S = 5.0
"""Longest wait for each of the streams and the look loop to end."""


@dataclass(frozen=True, slots=True)
class _Watched:
    stream: Stream
    pipeline: CameraPipeline


class Worker:
    """Watches cameras. `figures` may be called from any thread, the rest from one.

    Parameters
    ----------
    detectors
        Shared by all cameras; only the look loop lets them look.
    keep
        Stores messages for delivery, see `CameraPipeline`.
    reply
        Told what became of each order to look again.
    blackbox
        Told which thread has which camera in hand.
    """

    def __init__(
        self,
        settings: SiteSettings,
        detectors: Detectors,
        slow_detectors: SlowDetectors,
        keep: Keep,
        *,
        reply: Callable[[RecheckReply], None],
        blackbox: BlackBox,
        software: str,
    ) -> None:
        self._slow_detectors = slow_detectors
        self._reply = reply
        self._settings = settings
        self._detectors = detectors
        self._keep = keep
        self._blackbox = blackbox
        self._software = software
        self._loop = LookLoop(now=utc_now, busy_with=blackbox.note)
        self._lock = threading.Lock()
        self._cameras: dict[str, _Watched] = {}

    def start(self) -> None:
        """Begin to look at what is watched."""
        self._loop.start()

    def watch(self, camera: CameraSettings, open_incidents: Sequence[IncidentMessage]) -> None:
        """Watch a camera from now on; returns at once, whether it answers or not.

        Incidents that nothing watches for any more, because a zone is gone, are closed.

        Raises
        ------
        ModelError
            Where the model cannot look at pictures as wide as the camera's settings say.
        """
        detector = self._detectors.at(camera.look_width_px)
        pipeline = CameraPipeline(
            self._settings.site,
            camera,
            detector,
            self._keep,
            blurring=self._detectors.careful(camera.look_width_px),
            view=self._view(camera),
            slow=self._slow(camera),
            lamps=KeptLamps(lamps_file(self._settings.lamps_dir, camera.camera, camera.preset)),
            open_incidents=open_incidents,
            software=self._software,
            reply=self._reply,
        )
        for incident in open_incidents:
            if incident.incident_id not in pipeline.carried_on:
                close_left_open(incident, self._keep, software=self._software, at=utc_now())
        stream = Stream(
            camera.camera,
            partial(self._open, camera, detector.manifest.input),
            self._loop.add(camera.camera, pipeline),
            policy=_policy(camera),
            clock=utc_now,
        )
        with self._lock:
            self._cameras[camera.camera] = _Watched(stream, pipeline)
        stream.start()

    def recheck(self, order: RecheckOrder) -> None:
        """Have a camera look again; it answers when it has looked."""
        watched = self._cameras.get(order.camera)
        if watched is None:
            text = f"camera {order.camera} is not watched now"
            self._reply(RecheckReply(order, ReplyOutcome.FAILED, text=text))
        else:
            watched.pipeline.recheck(order)

    def leave(self, camera: str) -> CameraFigures:
        """Watch a camera no more; its open incidents stay open. Return its last figures."""
        watched = self._cameras[camera]
        watched.stream.stop(STOP_S)
        # Before the loop forgets it, and without holding up `figures` for a look that goes on.
        with self._lock:
            del self._cameras[camera]
        looks = self._loop.remove(camera)
        watched.pipeline.finish()
        return camera_figures(camera, watched.stream.snapshot(), looks, watched.pipeline)

    def stop(self) -> None:
        """End in the order of the data: no sample is taken that could not be looked at."""
        with self._lock:
            watched = dict(self._cameras)
        with ThreadPoolExecutor(max(len(watched), 1), thread_name_prefix="stop") as pool:
            list(pool.map(lambda one: one.stream.stop(STOP_S), watched.values()))
        if not self._loop.stop(STOP_S):
            logger.warning("the last look takes more than %g s and is left behind", STOP_S)
            return
        for one in watched.values():
            one.pipeline.finish()

    def figures(self) -> tuple[CameraFigures, ...]:
        """Return how each camera is doing."""
        with self._lock:
            return tuple(
                camera_figures(
                    camera, one.stream.snapshot(), self._loop.figures(camera), one.pipeline
                )
                for camera, one in self._cameras.items()
            )

    def in_hand(self) -> tuple[str, float] | None:
        """Return the camera that is looked at now, and for how long, seconds; None for none."""
        return self._loop.in_hand()

    def _view(self, camera: CameraSettings) -> View:
        if not camera.check_view:
            return UncheckedView()
        return KeptView(view_file(self._settings.views_dir, camera.camera, camera.preset))

    def _slow(self, camera: CameraSettings) -> SlowTools | None:
        detectors = self._slow_detectors.of(camera)
        if not detectors:
            return None
        stem = slow_stem(self._settings.slow_scenes_dir, camera.camera, camera.preset)
        return SlowTools(detectors, SlowStore(stem))

    def _open(self, camera: CameraSettings, size: ModelInput) -> FrameSource:
        self._blackbox.note(camera.camera)
        return open_rtsp(
            camera.address,
            sampling=camera.samples(),
            line=camera.line,
            within_px=(size.width_px, size.height_px),
        )


def _policy(camera: CameraSettings) -> StreamPolicy:
    # The source's own time-outs come first, because they know better what went wrong; FFmpeg may
    # take each of them twice.
    return StreamPolicy(
        open_within_s=2.5 * camera.open_timeout_s, stall_after_s=2.5 * camera.read_timeout_s
    )
