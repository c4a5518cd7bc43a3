"""The one thread of a worker that looks: each camera's newest sample, the longest unseen first.

No camera can starve another, because who waits longest is next; none can end another's watch: what
goes wrong in a look is logged, counted, and costs that one frame. What can wait is done in small
pieces while no sample does, and else one piece a second. Where there is more to look at
than the core can do, every camera is looked at less often, and never late.
"""

import logging
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from analytics.frames import Frame
from edge.errors import DecodingError
from edge.look_figures import AGE_LIMITS_S, LookFigures
from edge.mailbox import Mailbox
from edge.sources import Sample

logger = logging.getLogger(__name__)

REST_S = 1.0
"""Longest time until each camera's looker may do what waits, and one of them a piece of work."""

QUIET_S = 60.0
"""Time between two log lines about failing looks of one camera; all of them are counted."""

MAX_AGE = timedelta(seconds=0.8)
"""An older sample is not looked at any more: with decoding and inference, a look ends in time to
be no more than a second behind the street."""


class Looker(Protocol):
    """What is done for one camera; all of it in the looking thread only."""

    def look(self, frame: Frame) -> None:
        """Look at the newest frame."""
        ...

    def work(self) -> bool:
        """Do one small piece of what can wait; tell whether there was any."""
        ...

    def rest(self) -> None:
        """Do what waits, between looks; about once a second."""
        ...


class LookLoop:
    """Serves the mailboxes of a worker's cameras. All methods may be called from any thread.

    Parameters
    ----------
    now
        The wall clock, aware UTC.
    busy_with
        Told, in the looking thread, which camera it takes in hand, and an empty text after it.
    """

    def __init__(
        self, *, now: Callable[[], datetime], busy_with: Callable[[str], None] = lambda _: None
    ) -> None:
        self._now = now
        self._busy_with = busy_with
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._desks: dict[str, _Desk] = {}
        self._rested_s = 0.0
        self._turn = 0
        self._in_hand: tuple[str, float] | None = None
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="looks", daemon=True)

    def add(self, camera: str, looker: Looker) -> Mailbox:
        """Serve a camera from now on; return where its samples are to be put."""
        desk = _Desk(camera, looker, self._wake.set, self._now)
        with self._lock:
            self._desks[camera] = desk
        return desk.mailbox

    def remove(self, camera: str) -> LookFigures:
        """Serve a camera no more; a look that goes on is waited for. Return its last counts."""
        with self._lock:
            desk = self._desks.pop(camera)
        with desk.at_work:
            desk.is_closed = True
        return desk.figures

    def figures(self, camera: str) -> LookFigures:
        """Return a camera's counts, one consistent set."""
        return self._desks[camera].figures

    def in_hand(self) -> tuple[str, float] | None:
        """Return the camera that is looked at now, and for how long, seconds; None for none."""
        in_hand = self._in_hand
        return None if in_hand is None else (in_hand[0], time.monotonic() - in_hand[1])

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Look at what waits already, then end; tell whether that was done in time."""
        self._is_stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._is_stopping:
            self._wake.wait(REST_S)
            # Cleared before the mailboxes are emptied: a sample that comes meanwhile sets it
            # again, and is found by this round or wakes the next.
            self._wake.clear()
            while self._do_next():
                self._rest()
            self._rest()
        while self._serve_next():
            pass
        for desk in self._all():
            desk.rest()

    def _do_next(self) -> bool:
        """Look at a sample, or do a piece of work where none waits; tell whether there was any."""
        return not self._is_stopping and (self._serve_next() or self._work_next())

    def _serve_next(self) -> bool:
        """Look at one sample, of the camera that waits longest; tell whether there was one."""
        for desk in sorted(self._all(), key=_Desk.last_look_s):
            sample = desk.take()
            if sample is not None:
                with self._taking(desk.camera):
                    desk.serve(sample)
                return True
        return False

    def _work_next(self) -> bool:
        """Do one piece of work, for the cameras in turn; tell whether there was any."""
        desks = self._all()
        for _ in desks:
            self._turn += 1
            desk = desks[self._turn % len(desks)]
            with self._taking(desk.camera):
                if desk.work():
                    return True
        return False

    @contextmanager
    def _taking(self, camera: str) -> Iterator[None]:
        self._in_hand = (camera, time.monotonic())
        self._busy_with(camera)
        try:
            yield
        finally:
            self._busy_with("")
            self._in_hand = None

    def _rest(self) -> None:
        if time.monotonic() - self._rested_s < REST_S:
            return
        self._rested_s = time.monotonic()
        for desk in self._all():
            desk.rest()
        # Also where samples wait all the time: what can wait must not wait for ever.
        self._work_next()

    def _all(self) -> list["_Desk"]:
        with self._lock:
            return list(self._desks.values())


class _Desk:
    """One camera's mailbox, and what is done with what lies in it."""

    def __init__(
        self,
        camera: str,
        looker: Looker,
        on_put: Callable[[], None],
        now: Callable[[], datetime],
    ) -> None:
        self.camera = camera
        self.mailbox = Mailbox(on_put)
        self.figures = LookFigures()
        self.at_work = threading.Lock()
        self.is_closed = False
        self._looker = looker
        self._now = now
        self._looked_s = 0.0
        self._quiet_until = 0.0

    def last_look_s(self) -> float:
        return self._looked_s

    def take(self) -> Sample | None:
        """Return the newest sample; None where there is none in time."""
        sample, is_late = self.mailbox.take(not_before=self._now() - MAX_AGE)
        if is_late:
            self.figures = replace(self.figures, late=self.figures.late + 1)
        return sample

    def serve(self, sample: Sample) -> None:
        with self.at_work:
            if not self.is_closed:
                self._looked_s = time.monotonic()
                self._try(lambda: self._look_at(sample))

    def work(self) -> bool:
        """Do one piece of work; tell whether there was any. After a failure, none for now."""
        had_work = False

        def do() -> None:
            nonlocal had_work
            had_work = self._looker.work()

        with self.at_work:
            if not self.is_closed:
                self._try(do)
        return had_work

    def rest(self) -> None:
        with self.at_work:
            if not self.is_closed:
                self._try(self._looker.rest)

    def _look_at(self, sample: Sample) -> None:
        started = time.monotonic()
        try:
            frame = sample.frame()
        except DecodingError:
            return  # its source counts it
        finally:
            decode_s = time.monotonic() - started
            self.figures = replace(self.figures, decode_s=self.figures.decode_s + decode_s)
        age_s = max((self._now() - frame.captured_at).total_seconds(), 0.0)
        try:
            self._looker.look(frame)
        finally:
            ages = list(self.figures.ages)
            ages[bisect_left(AGE_LIMITS_S, age_s)] += 1
            self.figures = replace(
                self.figures,
                looks=self.figures.looks + 1,
                busy_s=self.figures.busy_s + time.monotonic() - started,
                frame_age_s=age_s,
                ages=tuple(ages),
            )

    def _try(self, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception:
            # The one catch-all of a worker: a bug in a look must not end the other cameras'
            # watch, and the next frame may well do.
            self.figures = replace(self.figures, failed=self.figures.failed + 1)
            if time.monotonic() >= self._quiet_until:
                self._quiet_until = time.monotonic() + QUIET_S
                logger.exception(
                    "camera %s: %d look(s) failed so far; the last one with:",
                    self.camera,
                    self.figures.failed,
                    extra={"camera_id": self.camera},
                )
