"""The composition root of `simpang edge run`: the one place that builds a site's parts.

::

    stream (2 threads a camera) ─> mailbox ─> worker (1 thread) ─> pipeline ─> outbox ─> publisher
         └────────────── figures ─────────────────┴───────────────────┴──────────┴─────────┘
                                  └─> health messages, Prometheus
"""

import logging
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from types import FrameType
from uuid import UUID

from analytics.incidents import Sender, closed
from analytics.messages import (
    EvidenceMessage,
    IncidentMessage,
    OutboxFigures,
)
from edge.catalogue import catalogue
from edge.config import CameraSettings, SiteSettings
from edge.errors import EdgeError, OutboxError
from edge.figures import CameraFigures, IncidentCounter, SiteFigures, camera_figures
from edge.health import HealthReporter
from edge.metrics import MetricsServer, SiteCollector
from edge.outbox import Outbox
from edge.pipeline import CameraPipeline
from edge.publisher import Publisher
from edge.sources import FrameSource, open_rtsp
from edge.stream import Stream, StreamPolicy
from edge.worker import Worker
from models.detector import Detector
from models.manifest import find_manifest, load_manifest
from models.onnx_detector import OnnxDetector
from models.opencv import limit_threads

logger = logging.getLogger(__name__)

STOP_S = 5.0
"""Longest wait for each of the streams, the worker and the publisher to end."""


def utc_now() -> datetime:
    """Return the wall clock."""
    return datetime.now(UTC)


class Site:
    """A site's parts, put together.

    Parameters
    ----------
    detector
        Shared by all cameras; only the worker uses it.
    outbox
        Stays open until after `stop`.
    """

    def __init__(
        self, settings: SiteSettings, detector: Detector, outbox: Outbox, *, software: str
    ) -> None:
        self._settings = settings
        self._outbox = outbox
        self._software = software
        self._counter = IncidentCounter()
        self.publisher = Publisher(
            settings.site, settings.broker, outbox, software=software, clock=utc_now
        )
        self._pipelines = self._build_pipelines(detector)
        self._worker = Worker(self._pipelines, now=utc_now)
        self._streams = {
            camera.camera: Stream(
                camera.camera,
                partial(_open, camera),
                self._worker.mailbox(camera.camera),
                policy=_policy(camera),
                clock=utc_now,
            )
            for camera in settings.cameras
        }
        self._health = HealthReporter(
            settings.site,
            observe=self.camera_figures,
            announce=self.publisher.announce,
            now=utc_now,
        )

    def start(self) -> None:
        """Begin to watch; returns at once, whether cameras and broker answer or not."""
        self.publisher.announce(catalogue(self._settings, at=utc_now()))
        self.publisher.start()
        self._worker.start()
        for stream in self._streams.values():
            stream.start()
        self._health.start()

    def stop(self) -> None:
        """End in the order of the data: no frame is taken that could not be looked at."""
        with ThreadPoolExecutor(len(self._streams), thread_name_prefix="stop") as pool:
            list(pool.map(lambda stream: stream.stop(STOP_S), self._streams.values()))
        if self._worker.stop(STOP_S):
            for pipeline in self._pipelines.values():
                pipeline.keeping.finish()
        else:
            logger.warning("the last look takes more than %g s and is left behind", STOP_S)
        self._health.stop(STOP_S)
        self.publisher.stop(STOP_S)

    def camera_figures(self) -> tuple[CameraFigures, ...]:
        """Return how each camera is doing."""
        return tuple(
            camera_figures(
                camera, stream.snapshot(), self._worker.figures(camera), self._pipelines[camera]
            )
            for camera, stream in self._streams.items()
        )

    def figures(self) -> SiteFigures:
        """Return all that the site counts."""
        return SiteFigures(
            cameras=self.camera_figures(),
            incidents=self._counter.counts(),
            outbox=self._outbox_figures(),
            publisher=self.publisher.snapshot(),
        )

    def _outbox_figures(self) -> OutboxFigures | None:
        try:
            return self._outbox.figures(utc_now())
        except OutboxError:
            # Whoever puts or sends meets the same error, and says so once.
            return None

    def _keep(self, messages: Sequence[IncidentMessage | EvidenceMessage]) -> None:
        self._outbox.put(messages, at=utc_now())
        self._counter.add(messages)

    def _build_pipelines(self, detector: Detector) -> dict[str, CameraPipeline]:
        left_open = self._outbox.open_incidents()
        pipelines = {
            camera.camera: CameraPipeline(
                self._settings.site,
                camera,
                detector,
                self._keep,
                open_incidents=[
                    incident for incident in left_open if incident.camera == camera.camera
                ],
                software=self._software,
            )
            for camera in self._settings.cameras
        }
        carried_on = frozenset[UUID]().union(*(one.carried_on for one in pipelines.values()))
        for incident in left_open:
            if incident.incident_id not in carried_on:
                self._close(incident)
        return pipelines

    def _close(self, incident: IncidentMessage) -> None:
        """Close an incident that nobody watches any more; else it would stay open for ever."""
        sender = Sender(
            site=incident.site,
            camera=incident.camera,
            position=incident.position,
            software=self._software,
            models=incident.models,
        )
        try:
            self._keep([closed(incident, sender, utc_now())])
        except OutboxError as exc:
            logger.warning("an incident of a camera that is gone stays open for now: %s", exc)


@contextmanager
def running(settings: SiteSettings, *, software: str) -> Iterator[Site]:
    """Run a site as long as the context lasts.

    Raises
    ------
    EdgeError
        Where the outbox cannot be opened, or the port for metrics is taken.
    ModelError
        Where the model cannot be run.
    """
    limit_threads(1)
    detector = OnnxDetector(load_manifest(find_manifest(settings.model)))
    _make_folder(settings)
    with ExitStack() as stack:
        limit_bytes = settings.outbox.limit_mib * 2**20
        outbox = stack.enter_context(closing(Outbox(settings.outbox_path, limit_bytes=limit_bytes)))
        site = Site(settings, detector, outbox, software=software)
        if settings.metrics.port is not None:
            collector = SiteCollector(settings.site, site.figures)
            metrics = stack.enter_context(MetricsServer(collector, settings.metrics.port))
            logger.info("metrics at http://127.0.0.1:%d/metrics", metrics.port)
        stack.callback(site.stop)
        site.start()
        yield site


def run(settings: SiteSettings, *, software: str) -> None:
    """Run a site until SIGTERM or SIGINT.

    Raises
    ------
    EdgeError, ModelError
        As `running`.
    """
    asked = threading.Event()

    def on_signal(number: int, _frame: FrameType | None) -> None:
        asked.set()
        if number == signal.SIGINT:
            # Who presses Ctrl-C twice does not want to wait. SIGTERM may well come twice in one
            # stop: from whoever started us, and to the group that we are in.
            signal.signal(signal.SIGINT, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    with running(settings, software=software):
        logger.info("site %s watches %d camera(s)", settings.site, len(settings.cameras))
        asked.wait()
        logger.info("site %s stops", settings.site)


def _open(camera: CameraSettings) -> FrameSource:
    return open_rtsp(
        camera.address,
        looks_per_s=camera.looks_per_s,
        open_timeout_s=camera.open_timeout_s,
        read_timeout_s=camera.read_timeout_s,
        transport=camera.transport,
    )


def _policy(camera: CameraSettings) -> StreamPolicy:
    # The source's own time-outs come first, because they know better what went wrong; FFmpeg may
    # take each of them twice.
    return StreamPolicy(
        open_within_s=2.5 * camera.open_timeout_s, stall_after_s=2.5 * camera.read_timeout_s
    )


def _make_folder(settings: SiteSettings) -> None:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        msg = f"data_dir {settings.data_dir} cannot be made: {exc.strerror}"
        raise EdgeError(msg) from exc
