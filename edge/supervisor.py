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
    ReplyOutcome,
    StreamFault,
    StreamFaultType,
)
from edge.backoff import BackOff
from edge.camera_config import CameraSettings
from edge.config import SiteSettings
from edge.errors import EdgeError, OutboxError
from edge.figures import CameraFigures, WorkerFigures
from edge.link import ANSWER_WITHIN_S, Assignment, Begin, Stop, Watch
from edge.placement import placed
from edge.process_figures import ProcessFigures, process_figures
from edge.quarantine import Quarantine
from edge.rechecks import RecheckOrder, RecheckReply
from edge.worker_handle import Death, WorkerHandle

logger = logging.getLogger(__name__)

TICK_S = 0.1
READY_WITHIN_S = 60.0
"""Longest time for a worker to import its libraries and load its model."""

SILENT_S = 30.0
"""A worker reports twice a second: one that is silent for so long hangs, and is killed."""

HUNG_S = ANSWER_WITHIN_S + SILENT_S
"""A look that takes so long hangs, and its worker is killed: no disk is waited for longer."""

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
    hung_on: str | None = None


class Supervisor:
    """The workers of a site. All methods may be called from any thread.

    Parameters
    ----------
    keep
        Stores what workers find; raises `OutboxError` where it cannot.
    open_incidents
        Returns the last revisions of all incidents that are open, from the disk; raises
        `OutboxError` where it cannot.
    gone
        Told a camera that is not watched any more, once nothing more will be stored of it.
    reply
        Told what became of each order to look again.
    log_level
        How much of the story workers tell, by its name.
    now
        The wall clock, aware UTC.
    """

    def __init__(  # noqa: PLR0913  # each part is given by whoever puts it together
        self,
        settings: SiteSettings,
        *,
        keep: Callable[[Sequence[IncidentMessage | EvidenceMessage]], None],
        open_incidents: Callable[[], Sequence[IncidentMessage]],
        gone: Callable[[str], None],
        reply: Callable[[RecheckReply], None],
        software: str,
        log_level: str,
        now: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._keep = keep
        self._open_incidents = open_incidents
        self._gone = gone
        self._reply = reply
        self._software = software
        self._log_level = log_level
        self._now = now
        self._lock = threading.RLock()
        self._cameras = {camera.camera: camera for camera in settings.cameras}
        self._seats = [_Seat(f"worker-{number}") for number in range(settings.worker_count)]
        self._places = placed(self._cameras, len(self._seats), {})
        self._quarantine = Quarantine()
        self._apart: set[str] = set()
        self._to_watch: set[str] = set()
        self._waiting_since: dict[str, datetime] = {}
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
            self._to_watch |= changed | (self._cameras.keys() - before.keys())

    def recheck(self, order: RecheckOrder) -> None:
        """Have a camera look again; every order is answered, at once or later."""
        with self._lock:
            problem = self._cannot_look(order.camera)
            process = None if problem else self._seats[self._places[order.camera]].process
            if process is not None:
                process.recheck(order)
                return
        outcome, text = problem or (ReplyOutcome.FAILED, f"the worker of {order.camera} is down")
        self._reply(RecheckReply(order, outcome, text=text))

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
                    self._part(seat)
                self._let_out(now_s)
                self._watch_waiting()

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
            death = process.bury()
            self._died(seat, death, pause_s)
            self._blame(seat, death.culprit or seat.hung_on, now_s)
            seat.hung_on = None
            for name in process.leaving():
                self._has_left(name)
        elif process.silent_s() > (SILENT_S if process.is_ready else READY_WITHIN_S):
            logger.error("%s has said nothing for %g s and is killed", seat.name, SILENT_S)
            process.kill()
        elif process.busy()[1] > HUNG_S:
            seat.hung_on, busy_s = process.busy()
            logger.error("%s has had %s in hand for %.0f s", seat.name, seat.hung_on, busy_s)
            process.kill()

    def _cannot_look(self, name: str) -> tuple[ReplyOutcome, str] | None:
        if name not in self._cameras:
            return ReplyOutcome.REFUSED, f"this site has no camera {name}"
        if name in self._apart:
            return ReplyOutcome.FAILED, f"camera {name}: {self._kept_apart(name).text}"
        if name in self._to_watch or self._stopping.is_set():
            return ReplyOutcome.FAILED, f"camera {name} is not watched now"
        return None

    def _part(self, seat: _Seat) -> None:
        """Go on with the cameras that a worker has left."""
        if seat.process is None:
            return
        for figures in seat.process.take_left():
            self._before[figures.camera] = self._added_up(figures)
            self._has_left(figures.camera)

    def _has_left(self, name: str) -> None:
        if name in self._cameras:
            self._to_watch.add(name)
            return
        self._before.pop(name, None)
        self._waiting_since.pop(name, None)
        try:
            self._gone(name)
        except OutboxError as exc:
            # They are closed at the next start.
            logger.warning("the incidents of %s stay open for now: %s", name, exc)

    def _watch_waiting(self) -> None:
        """Hand cameras to their workers, as soon as the workers that had them have left them."""
        ready = {name for name in self._to_watch if not self._is_being_left(name)}
        if not ready:
            return
        try:
            assignments = self._assignments(sorted(ready))
        except OutboxError:
            return  # whoever stores meets the same error, and tells it; tried at the next turn
        for one in assignments:
            process = self._seats[self._places[one.camera.camera]].process
            # A worker that does not run gets all its cameras when it starts.
            if process is not None:
                process.send(Watch(one))
        self._to_watch -= ready

    def _died(self, seat: _Seat, death: Death, pause_s: float) -> None:
        logger.error(
            "%s ended by %s and is started again in %.1f s%s",
            seat.name,
            death.how,
            pause_s,
            "" if not death.trace else f"; it crashed in:\n{death.trace}",
        )

    def _blame(self, seat: _Seat, camera: str | None, now_s: float) -> None:
        if camera is None or camera not in self._cameras:
            return
        self._quarantine.crashed(camera, now_s)
        if self._quarantine.holds(camera, now_s):
            self._apart.add(camera)
        logger.error(
            "camera %s took down %s%s",
            camera,
            seat.name,
            " again and is kept apart" if camera in self._apart else "",
            extra={"camera_id": camera},
        )

    def _start(self, seat: _Seat) -> None:
        number = self._seats.index(seat)
        names = [
            name
            for name, place in self._places.items()
            if place == number and name not in self._apart and not self._is_being_left(name)
        ]
        try:
            assignments = self._assignments(names)
            begin = Begin(self._settings, self._software, self._log_level, assignments)
            seat.process = WorkerHandle(seat.name, begin, self._keep, self._reply)
        # RuntimeError: no more threads.
        except (OSError, OutboxError, RuntimeError) as exc:
            seat.due_s = time.monotonic() + seat.back_off.next_s()
            logger.warning("%s cannot be started: %s", seat.name, exc)
            return
        seat.began_s = time.monotonic()
        self._to_watch -= set(names)

    def _let_out(self, now_s: float) -> None:
        for name in [one for one in self._apart if not self._quarantine.holds(one, now_s)]:
            self._apart.discard(name)
            logger.info("camera %s is tried again", name, extra={"camera_id": name})
            self._to_watch.add(name)

    def _leave(self, name: str) -> None:
        is_waiting = name in self._to_watch
        self._to_watch.discard(name)
        process = self._seats[self._places[name]].process
        if self._is_being_left(name):
            return
        if process is None or is_waiting or name in self._apart:
            self._has_left(name)
        else:
            process.leave(name)

    def _is_being_left(self, name: str) -> bool:
        return any(seat.process and seat.process.is_leaving(name) for seat in self._seats)

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
            self._waiting_since.pop(name, None)
            return self._added_up(said)
        fault = self._kept_apart(name) if name in self._apart else None
        before = self._before.get(name)
        since = self._waiting_since.setdefault(name, self._now())
        if before is None:
            return CameraFigures.unwatched(name, since, fault)
        if self._stopping.is_set():
            return before
        return before.waiting(since, fault)

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
