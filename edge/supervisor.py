"""Keeps a site's worker processes running, and its cameras spread over them.

A worker that dies, by a crash in a codec for example, is started again after a pause, and its
cameras come back with it. The camera that took it down is known (`edge.blackbox`); one that does so
again and again is kept apart, and the others go on without it.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analytics.messages import (
    EvidenceMessage,
    IncidentMessage,
    StreamFault,
    StreamFaultType,
)
from edge.backoff import BackOff
from edge.config import CameraSettings, SiteSettings
from edge.errors import EdgeError
from edge.figures import CameraFigures, WorkerFigures
from edge.link import Assignment, Begin, Leave, Stop, Watch
from edge.placement import placed
from edge.process_figures import ProcessFigures, process_figures
from edge.quarantine import Quarantine
from edge.worker_handle import Death, WorkerHandle

logger = logging.getLogger(__name__)

TICK_S = 0.1
READY_WITHIN_S = 60.0
"""Longest time for a worker to import its libraries and load its model."""

SILENT_S = 30.0
"""A worker reports twice a second: one that is silent for so long hangs, and is killed."""

HEALTHY_S = 60.0
"""A worker that lasted so long was a good one: the next pause is short again."""

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0

STOP_S = 20.0
"""Longest wait for workers to end by themselves."""


@dataclass(slots=True)
class _Seat:
    """A place for one worker process, whichever process sits there now."""

    name: str
    process: WorkerHandle | None = None
    back_off: BackOff = field(default_factory=lambda: BackOff(FIRST_PAUSE_S, LONGEST_PAUSE_S))
    due_s: float = 0.0
    began_s: float = 0.0
    restarts: int = 0


class Supervisor:
    """The workers of a site. All methods may be called from any thread.

    Parameters
    ----------
    keep
        Stores what workers find; raises `OutboxError` where it cannot.
    open_incidents
        Returns the last revisions of all incidents that are open, from the disk.
    log_level
        How much of the story workers tell, by its name.
    now
        The wall clock, aware UTC.
    """

    def __init__(
        self,
        settings: SiteSettings,
        *,
        keep: Callable[[Sequence[IncidentMessage | EvidenceMessage]], None],
        open_incidents: Callable[[], Sequence[IncidentMessage]],
        software: str,
        log_level: str,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._keep = keep
        self._open_incidents = open_incidents
        self._software = software
        self._log_level = log_level
        self._now = now
        self._lock = threading.RLock()
        self._cameras = {camera.camera: camera for camera in settings.cameras}
        self._seats = [_Seat(f"worker-{number}") for number in range(settings.worker_count)]
        self._places = placed(self._cameras, len(self._seats), {})
        self._quarantine = Quarantine()
        self._apart: set[str] = set()
        self._before: dict[str, CameraFigures] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)

    def start(self) -> None:
        """Start the workers; returns as soon as they have their models.

        Raises
        ------
        EdgeError
            Where one cannot begin; none runs then.
        """
        with self._lock:
            for seat in self._seats:
                self._start(seat)
            workers = [seat.process for seat in self._seats if seat.process is not None]
        problem = next(
            (text for one in workers if (text := one.wait_ready(READY_WITHIN_S)) is not None), None
        )
        if problem is not None:
            for worker in workers:
                worker.kill()
                worker.bury()
            raise EdgeError(problem)
        self._thread.start()

    def stop(self) -> None:
        """Let every worker look at what waits, and end them all."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()
        with self._lock:
            workers = [seat.process for seat in self._seats if seat.process is not None]
        for worker in workers:
            worker.send(Stop())
        deadline_s = time.monotonic() + STOP_S
        for worker in workers:
            if not worker.wait(max(deadline_s - time.monotonic(), 0.0)):
                logger.warning("%s does not end within %g s and is killed", worker.name, STOP_S)
                worker.kill()
        with self._lock:
            for seat in self._seats:
                self._remember(seat)
                if seat.process is not None:
                    seat.process.bury()
                    seat.process = None

    def apply(self, cameras: Sequence[CameraSettings]) -> None:
        """Watch these cameras from now on; those whose settings stay the same notice nothing."""
        with self._lock:
            before, self._cameras = self._cameras, {one.camera: one for one in cameras}
            gone = before.keys() - self._cameras.keys()
            changed = {
                name
                for name in before.keys() & self._cameras.keys()
                if before[name] != self._cameras[name]
            }
            for name in gone | changed:
                self._leave(name)
                self._quarantine.forget(name)
                self._apart.discard(name)
            self._places = placed(self._cameras, len(self._seats), self._places)
            for name in changed | (self._cameras.keys() - before.keys()):
                self._watch(name)

    def camera_figures(self) -> tuple[CameraFigures, ...]:
        """Return how each camera is doing, in the order of the configuration."""
        with self._lock:
            said = [{} if seat.process is None else seat.process.figures() for seat in self._seats]
            return tuple(
                self._figures(name, said[self._places[name]].get(name)) for name in self._cameras
            )

    def worker_figures(self) -> tuple[WorkerFigures, ...]:
        """Return how each worker process is doing."""
        with self._lock:
            return tuple(self._worker_figures(number) for number in range(len(self._seats)))

    def _run(self) -> None:
        while not self._stopping.wait(TICK_S):
            with self._lock:
                now_s = time.monotonic()
                for seat in self._seats:
                    self._tend(seat, now_s)
                self._let_out(now_s)

    def _tend(self, seat: _Seat, now_s: float) -> None:
        process = seat.process
        if process is None:
            if now_s >= seat.due_s:
                self._start(seat)
        elif process.has_ended:
            self._remember(seat)
            seat.process = None
            seat.restarts += 1
            if now_s - seat.began_s >= HEALTHY_S:
                seat.back_off.reset()
            pause_s = seat.back_off.next_s()
            seat.due_s = now_s + pause_s
            self._died(seat, process.bury(), pause_s, now_s)
        elif now_s - process.heard_s > SILENT_S:
            logger.error("%s has said nothing for %g s and is killed", seat.name, SILENT_S)
            process.kill()

    def _died(self, seat: _Seat, death: Death, pause_s: float, now_s: float) -> None:
        logger.error(
            "%s ended by %s and is started again in %.1f s%s",
            seat.name,
            death.how,
            pause_s,
            "" if not death.trace else f"; it crashed in:\n{death.trace}",
        )
        camera = death.culprit
        if camera is None or camera not in self._cameras:
            return
        self._quarantine.crashed(camera, now_s)
        if self._quarantine.holds(camera, now_s):
            self._apart.add(camera)
        logger.error(
            "camera %s crashed %s%s",
            camera,
            seat.name,
            " again and is kept apart" if camera in self._apart else "",
            extra={"camera_id": camera},
        )

    def _start(self, seat: _Seat) -> None:
        number = self._seats.index(seat)
        names = [name for name, place in self._places.items() if place == number]
        begin = Begin(
            self._settings,
            self._software,
            self._log_level,
            self._assignments([name for name in names if name not in self._apart]),
        )
        try:
            seat.process = WorkerHandle(seat.name, begin, self._keep)
        except OSError as exc:
            seat.due_s = time.monotonic() + seat.back_off.next_s()
            logger.warning("%s cannot be started: %s", seat.name, exc.strerror)
            return
        seat.began_s = time.monotonic()

    def _let_out(self, now_s: float) -> None:
        for name in [one for one in self._apart if not self._quarantine.holds(one, now_s)]:
            self._apart.discard(name)
            logger.info("camera %s is tried again", name, extra={"camera_id": name})
            self._watch(name)

    def _watch(self, name: str) -> None:
        process = self._seats[self._places[name]].process
        # A worker that does not run gets all its cameras when it starts.
        if process is not None:
            process.send(Watch(*self._assignments([name])))

    def _leave(self, name: str) -> None:
        process = self._seats[self._places[name]].process
        if process is not None and name not in self._apart:
            if (figures := process.figures().get(name)) is not None:
                self._before[name] = self._added_up(figures)
            process.forget(name)
            process.send(Leave(name))

    def _assignments(self, names: Sequence[str]) -> tuple[Assignment, ...]:
        left_open = self._open_incidents()
        return tuple(
            Assignment(self._cameras[name], tuple(one for one in left_open if one.camera == name))
            for name in names
        )

    def _remember(self, seat: _Seat) -> None:
        """Keep what an ending worker has counted."""
        if seat.process is None:
            return
        for name, figures in seat.process.figures().items():
            self._before[name] = self._added_up(figures)

    def _added_up(self, figures: CameraFigures) -> CameraFigures:
        before = self._before.get(figures.camera)
        return figures if before is None else figures.after(before)

    def _figures(self, name: str, said: CameraFigures | None) -> CameraFigures:
        if said is not None:
            return self._added_up(said)
        fault = self._kept_apart(name) if name in self._apart else None
        before = self._before.get(name)
        if before is None:
            return CameraFigures.unwatched(name, self._now(), fault)
        if self._stopping.is_set():
            return before
        return before.waiting(self._now(), fault)

    def _kept_apart(self, name: str) -> StreamFault:
        now = self._now()
        left_s = self._quarantine.until_s(name) - time.monotonic()
        until = now + timedelta(seconds=left_s)
        text = f"what it sends crashed its worker again and again; tried again at {until:%H:%M}Z"
        return StreamFault(type=StreamFaultType.CRASHED, text=text, at=now)

    def _worker_figures(self, number: int) -> WorkerFigures:
        seat = self._seats[number]
        pid = None if seat.process is None else seat.process.pid
        measured = ProcessFigures() if pid is None else process_figures(pid)
        return WorkerFigures(
            name=seat.name,
            pid=pid,
            cameras=sum(
                place == number and name not in self._apart for name, place in self._places.items()
            ),
            restarts=seat.restarts,
            processor_s=measured.processor_s,
            memory_bytes=measured.memory_bytes,
        )
