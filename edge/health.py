"""Tells central how each camera is: every ten seconds, and at once when that changes."""

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.messages import HealthMessage, StreamFaultType, StreamState, ViewState
from edge.figures import CameraFigures

logger = logging.getLogger(__name__)

INTERVAL = timedelta(seconds=10)
TICK_S = 0.5
"""How soon a change of state is noticed."""

OVERLOADED_SHARE = 0.05
"""Share of the looks that were due, or of the frames that came, and could not be had, above which a
site has too much to do."""

_StreamMark = tuple[StreamState, StreamFaultType | None, ViewState]


@dataclass(frozen=True, slots=True)
class _Mark:
    """The counts at one moment; rates are differences between two."""

    at: datetime
    frames: int
    looks: int
    inferences: int
    inference_s: float
    missed: int
    skipped: int


class CameraHealth:
    """One camera's health messages.

    Rates are means over the last one to two intervals: over less, a camera that delivers a frame
    every two seconds would seem to waver.

    Parameters
    ----------
    started_at
        Rates count from here at first.
    """

    def __init__(self, site: str, started_at: datetime) -> None:
        self._site = site
        self._marks: deque[_Mark] = deque([_Mark(started_at, 0, 0, 0, 0.0, 0, 0)], maxlen=2)
        self._said_at: datetime | None = None
        self._said: _StreamMark | None = None

    def report(self, at: datetime, figures: CameraFigures) -> HealthMessage | None:
        """Return the message that is due, if one is."""
        stream = figures.stream
        state: _StreamMark = (
            stream.state,
            stream.fault.type if stream.fault else None,
            figures.view,
        )
        # A clock that is set back would else silence the camera until it has caught up.
        is_due = self._said_at is None or not timedelta(0) <= at - self._said_at < INTERVAL
        if not is_due and state == self._said:
            return None
        self._said = state
        mark = _Mark(
            at,
            stream.frames,
            figures.looks.looks,
            figures.inferences,
            figures.inference_s,
            figures.losses.frames_overwritten + figures.losses.frames_late,
            figures.losses.frames_skipped,
        )
        message = self._message(figures, self._marks[0], mark)
        if is_due:
            self._said_at = at
            self._marks.append(mark)
        return message

    def _message(self, figures: CameraFigures, since: _Mark, now: _Mark) -> HealthMessage:
        stream = figures.stream
        # At least a tenth, because the wall clock may be set back in between.
        elapsed_s = max((now.at - since.at).total_seconds(), 0.1)
        inferences = now.inferences - since.inferences
        inference_s = now.inference_s - since.inference_s
        # Counts fall where a worker was killed before it told the last of them.
        looks, missed = max(now.looks - since.looks, 0), max(now.missed - since.missed, 0)
        frames, skipped = max(now.frames - since.frames, 0), max(now.skipped - since.skipped, 0)
        return HealthMessage(
            site=self._site,
            camera=figures.camera,
            observed_at=now.at,
            stream=stream.state,
            stream_since=stream.since,
            fault=stream.fault,
            view=figures.view,
            # 0 until the first picture, where the stream does not announce its size.
            width_px=(stream.info.width_px or None) if stream.info else None,
            height_px=(stream.info.height_px or None) if stream.info else None,
            frames_per_s=round(frames / elapsed_s, 2),
            looks_per_s=round(looks / elapsed_s, 2),
            frame_age_s=figures.looks.frame_age_s,
            overloaded=missed > OVERLOADED_SHARE * (looks + missed)
            or skipped > OVERLOADED_SHARE * frames,
            inference_ms=round(1000 * inference_s / inferences, 2) if inferences > 0 else None,
            reconnects=stream.reconnects,
            open_incidents=figures.open_incidents,
            losses=figures.losses,
        )


class HealthReporter:
    """A thread that announces what `CameraHealth` has to say.

    Parameters
    ----------
    observe
        Returns every camera's figures.
    announce
        Takes a message for central; it must not block.
    now
        The wall clock, aware UTC.
    """

    def __init__(
        self,
        site: str,
        *,
        observe: Callable[[], tuple[CameraFigures, ...]],
        announce: Callable[[HealthMessage], None],
        now: Callable[[], datetime],
    ) -> None:
        self._site = site
        self._observe = observe
        self._announce = announce
        self._now = now
        self._cameras: dict[str, CameraHealth] = {}
        self._newest: dict[str, HealthMessage] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="health", daemon=True)

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def stop(self, timeout_s: float) -> None:
        """End, after a last look at every camera."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def newest(self) -> dict[str, HealthMessage]:
        """Return the last message of each camera that has one, by name."""
        return dict(self._newest)

    def _run(self) -> None:
        while not self._stopping.wait(TICK_S):
            self._report()
        self._report()

    def _report(self) -> None:
        at = self._now()
        for figures in self._observe():
            health = self._cameras.setdefault(figures.camera, CameraHealth(self._site, at))
            message = health.report(at, figures)
            if message is not None:
                self._newest[figures.camera] = message
                self._announce(message)
