"""The one thread that looks at frames: each camera's newest, in turn.

No camera can starve another, because a round serves every camera once, and none can end another's
watch: what goes wrong in a look is logged, counted, and costs that one frame.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from analytics.frames import Frame
from edge.mailbox import Mailbox

logger = logging.getLogger(__name__)

REST_S = 1.0
"""Longest time without a frame until each camera's looker may do what waits."""

QUIET_S = 60.0
"""Time between two log lines about failing looks of one camera; all of them are counted."""


@dataclass(frozen=True, slots=True)
class LookFigures:
    """What became of one camera's frames since the start.

    Attributes
    ----------
    looks
        Frames that were looked at, also in vain.
    failed
        Frames on which the look ended in an error.
    busy_s
        Time that the looks took, seconds.
    frame_age_s
        Age of the newest frame that was looked at, when its look began; None before the first.
    """

    looks: int = 0
    failed: int = 0
    busy_s: float = 0.0
    frame_age_s: float | None = None


class Looker(Protocol):
    """What is done for one camera; both in the worker's thread only."""

    def look(self, frame: Frame) -> None:
        """Look at the newest frame."""
        ...

    def rest(self) -> None:
        """Do what waits, between looks; at least once a second, so it costs nothing as a rule."""
        ...


class Worker:
    """Serves the mailboxes of a site's cameras.

    Parameters
    ----------
    lookers
        By camera.
    now
        The wall clock, aware UTC.
    """

    def __init__(self, lookers: Mapping[str, Looker], *, now: Callable[[], datetime]) -> None:
        self._wake = threading.Event()
        self._desks = [
            _Desk(camera, looker, self._wake.set, now) for camera, looker in lookers.items()
        ]
        self._by_camera = {desk.camera: desk for desk in self._desks}
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def mailbox(self, camera: str) -> Mailbox:
        """Return where ``camera``'s frames are to be put."""
        return self._by_camera[camera].mailbox

    def figures(self, camera: str) -> LookFigures:
        """Return a camera's counts; one consistent set, from any thread."""
        return self._by_camera[camera].figures

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
            # Cleared before the mailboxes are emptied: a frame that comes during a round sets it
            # again, and is found by this round or wakes the next.
            self._wake.clear()
            while self._serve_all() and not self._is_stopping:
                pass
        self._serve_all()

    def _serve_all(self) -> bool:
        """Serve every camera once; tell whether any had a frame."""
        served = [desk.serve() for desk in self._desks]
        return any(served)


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
        self._looker = looker
        self._now = now
        self._quiet_until = 0.0

    def serve(self) -> bool:
        """Look at the newest frame; tell whether there was one."""
        frame = self.mailbox.take()
        if frame is not None:
            self._look_at(frame)
        self._try(self._looker.rest)
        return frame is not None

    def _look_at(self, frame: Frame) -> None:
        age_s = max((self._now() - frame.captured_at).total_seconds(), 0.0)
        started = time.monotonic()
        self._try(lambda: self._looker.look(frame))
        self.figures = replace(
            self.figures,
            looks=self.figures.looks + 1,
            busy_s=self.figures.busy_s + time.monotonic() - started,
            frame_age_s=age_s,
        )

    def _try(self, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception:
            # The camera supervisor's one catch-all: a bug in a look must not end the other
            # cameras' watch, and the next frame may well do.
            self.figures = replace(self.figures, failed=self.figures.failed + 1)
            if time.monotonic() >= self._quiet_until:
                self._quiet_until = time.monotonic() + QUIET_S
                logger.exception(
                    "camera %s: %d look(s) failed so far; the last one with:",
                    self.camera,
                    self.figures.failed,
                    extra={"camera_id": self.camera},
                )
