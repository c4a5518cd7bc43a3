"""The composition root of `simpang edge run`: the one place that builds a site's parts.

::

    worker processes <─> supervisor ─> outbox ─> publisher <─MQTT─>
         └── figures ──────┴────────────┴──────────┴─> health messages, Prometheus, status

This process holds the disk and the line to central, and neither pictures nor models: those are in
the workers (`edge.worker`), so that whatever goes wrong with a camera goes wrong there.
"""

import logging
import queue
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from analytics.messages import (
    EvidenceMessage,
    IncidentMessage,
    OutboxFigures,
)
from edge.catalogue import catalogue, catalogue_problem
from edge.clock import utc_now
from edge.commands import Commands
from edge.config import SiteSettings, load_site
from edge.control import Answer, ControlServer
from edge.errors import ConfigError, EdgeError, OutboxError
from edge.figures import CameraFigures, IncidentCounter, SiteFigures
from edge.health import HealthReporter
from edge.left_open import close_left_open
from edge.metrics import MetricsServer, SiteCollector
from edge.outbox import Outbox
from edge.publisher import Publisher
from edge.rechecks import RecheckOrder
from edge.reload import Reloaded, compared
from edge.status import SiteStatus, status
from edge.supervisor import Supervisor

logger = logging.getLogger(__name__)

STOP_S = 5.0
"""Longest wait for each of the health reporter and the publisher to end."""


class Site:
    """A site's parts, put together.

    Parameters
    ----------
    outbox
        Stays open until after `stop`.
    """

    def __init__(self, settings: SiteSettings, outbox: Outbox, *, software: str) -> None:
        self._settings = settings
        self._outbox = outbox
        self._software = software
        self._counter = IncidentCounter()
        self._commands = Commands(settings.site, recheck=self._recheck, clock=utc_now)
        self.publisher = Publisher(
            settings.site,
            settings.broker,
            outbox,
            software=software,
            clock=utc_now,
            commands=self._commands,
        )
        self._supervisor = Supervisor(
            settings,
            keep=self._keep,
            open_incidents=outbox.open_incidents,
            gone=self._close_incidents_of,
            reply=self._commands.reply,
            software=software,
            log_level=logging.getLevelName(logging.getLogger().getEffectiveLevel()).lower(),
            now=utc_now,
        )
        self._health = HealthReporter(
            settings.site,
            observe=self.camera_figures,
            announce=self.publisher.announce,
            now=utc_now,
        )

    def start(self) -> None:
        """Begin to watch; cameras and broker may answer or not.

        Raises
        ------
        EdgeError
            Where the workers cannot begin.
        """
        self._close_left_open()
        self._supervisor.start()
        self.publisher.announce(catalogue(self._settings, at=utc_now()))
        self.publisher.start()
        self._health.start()

    def stop(self) -> None:
        """End in the order of the data: what was seen is stored, what is stored goes out."""
        self._supervisor.stop()
        self._health.stop(STOP_S)
        self.publisher.stop(STOP_S)

    def reload(self, settings: SiteSettings) -> Reloaded:
        """Take over another configuration, as far as that is possible without a restart.

        Cameras whose settings stay the same notice nothing.
        """
        reloaded = compared(self._settings, settings)
        taken = {"cameras": settings.cameras, "name": settings.name}
        self._settings = self._settings.model_copy(update=taken)
        self._supervisor.apply(settings.cameras)
        self.publisher.announce(catalogue(self._settings, at=utc_now()))
        logger.info("the configuration was read again: %s", reloaded.text())
        return reloaded

    def camera_figures(self) -> tuple[CameraFigures, ...]:
        """Return how each camera is doing."""
        return self._supervisor.camera_figures()

    def figures(self) -> SiteFigures:
        """Return all that the site counts."""
        return SiteFigures(
            cameras=self.camera_figures(),
            workers=self._supervisor.worker_figures(),
            incidents=self._counter.counts(),
            outbox=self._outbox_figures(),
            publisher=self.publisher.snapshot(),
            commands=self._commands.snapshot(),
        )

    def status(self) -> SiteStatus:
        """Return how it is doing."""
        return status(self._settings.site, self.figures(), self._health.newest())

    def _outbox_figures(self) -> OutboxFigures | None:
        try:
            return self._outbox.figures(utc_now())
        except OutboxError:
            # Whoever puts or sends meets the same error, and says so once.
            return None

    def _recheck(self, order: RecheckOrder) -> None:
        self._supervisor.recheck(order)

    def _keep(self, messages: Sequence[IncidentMessage | EvidenceMessage]) -> None:
        self._outbox.put(messages, at=utc_now())
        self._counter.add(messages)

    def _close_left_open(self) -> None:
        """Close the incidents of cameras that are gone; those of zones are the workers' matter."""
        cameras = {camera.camera for camera in self._settings.cameras}
        left_open = {incident.camera for incident in self._outbox.open_incidents()}
        for camera in sorted(left_open - cameras):
            self._close_incidents_of(camera)

    def _close_incidents_of(self, camera: str) -> None:
        for incident in self._outbox.open_incidents():
            if incident.camera == camera:
                close_left_open(incident, self._keep, software=self._software, at=utc_now())


@contextmanager
def running(settings: SiteSettings, *, software: str) -> Iterator[Site]:
    """Run a site as long as the context lasts.

    Raises
    ------
    EdgeError
        Where the outbox cannot be opened, the model cannot be run, or a port or socket is taken.
    """
    _make_folder(settings.data_dir)
    with ExitStack() as stack:
        limit_bytes = settings.outbox.limit_mib * 2**20
        outbox = stack.enter_context(closing(Outbox(settings.outbox_path, limit_bytes=limit_bytes)))
        site = Site(settings, outbox, software=software)
        if settings.metrics.port is not None:
            collector = SiteCollector(settings.site, site.figures)
            metrics = stack.enter_context(MetricsServer(collector, settings.metrics.port))
            logger.info("metrics at http://127.0.0.1:%d/metrics", metrics.port)
        site.start()
        stack.callback(site.stop)
        yield site


def run(config: Path, *, environ: Mapping[str, str], software: str) -> None:
    """Run a site until SIGTERM or SIGINT; SIGHUP reads its configuration again.

    Raises
    ------
    ConfigError
        Where the configuration is not valid.
    EdgeError
        As `running`.
    """

    def load() -> SiteSettings:
        settings = load_site(config, environ=environ)
        if problem := catalogue_problem(settings):
            raise ConfigError(config, [problem])
        return settings

    settings = load()
    reloading = threading.Lock()
    asked: queue.SimpleQueue[signal.Signals] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _into(asked))
    with running(settings, software=software) as site:

        def reload() -> dict[str, object]:
            with reloading:
                reloaded = site.reload(load())
            return {**asdict(reloaded), "text": reloaded.text()}

        answers: dict[str, Answer] = {"status": lambda: site.status().fields(), "reload": reload}
        with ControlServer(settings.control_path, answers):
            logger.info("site %s watches %d camera(s)", settings.site, len(settings.cameras))
            while asked.get() is signal.SIGHUP:
                try:
                    reload()
                except EdgeError as exc:
                    logger.warning("the site goes on as it was: %s", exc)
        logger.info("site %s stops", settings.site)


def _into(asked: "queue.SimpleQueue[signal.Signals]") -> Callable[[int, FrameType | None], None]:
    def on_signal(number: int, _frame: FrameType | None) -> None:
        asked.put(signal.Signals(number))
        if number == signal.SIGINT:
            # Who presses Ctrl-C twice does not want to wait. SIGTERM may well come twice in one
            # stop: from whoever started us, and to the group that we are in.
            signal.signal(signal.SIGINT, signal.SIG_DFL)

    return on_signal


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        msg = f"data_dir {folder} cannot be made: {exc.strerror}"
        raise EdgeError(msg) from exc
