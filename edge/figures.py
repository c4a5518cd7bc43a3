"""What a running site counts, as plain values; health and metrics both read these."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from analytics.messages import (
    EvidenceMessage,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    Losses,
    OutboxFigures,
    StreamFault,
    StreamState,
    ViewState,
)
from edge.look_figures import LookFigures
from edge.stream_snapshot import StreamSnapshot

if TYPE_CHECKING:
    # The supervisor reads figures, and has neither models nor a broker to import.
    from edge.commands import CommandsSnapshot
    from edge.pipeline import CameraPipeline
    from edge.publisher import PublisherSnapshot


@dataclass(frozen=True, slots=True)
class CameraFigures:
    """One camera, from its stream to its incidents.

    Attributes
    ----------
    view
        Whether the view is the one that was calibrated.
    inference_s
        Time spent in the detector since the start, seconds, over ``inferences`` frames.
    """

    camera: str
    stream: StreamSnapshot
    looks: LookFigures
    losses: Losses
    view: ViewState
    open_incidents: int
    inferences: int
    inference_s: float

    @classmethod
    def unwatched(cls, camera: str, since: datetime, fault: StreamFault | None) -> "CameraFigures":
        """Return those of a camera that no worker has told of."""
        stream = StreamSnapshot.waiting(since, fault)
        return cls(camera, stream, LookFigures(), Losses(), ViewState.UNKNOWN, 0, 0, 0.0)

    def waiting(self, since: datetime, fault: StreamFault | None) -> "CameraFigures":
        """Return them as they are while no worker has the camera."""
        last = self.stream
        fault = fault or last.fault
        stream = replace(last, state=StreamState.WAITING, since=since, fault=fault)
        return replace(self, stream=stream, view=ViewState.UNKNOWN)

    def after(self, before: "CameraFigures") -> "CameraFigures":
        """Return them with what was counted before, by a worker that is gone: counts only grow."""
        losses = {
            name: count + getattr(before.losses, name)
            for name, count in self.losses.model_dump().items()
        }
        return replace(
            self,
            stream=self.stream.after(before.stream),
            looks=self.looks.after(before.looks),
            losses=Losses(**losses),
            inferences=self.inferences + before.inferences,
            inference_s=self.inference_s + before.inference_s,
        )


@dataclass(frozen=True, slots=True)
class WorkerFigures:
    """One worker process.

    Attributes
    ----------
    name
        ``worker-0`` and so on.
    pid
        None while it does not run.
    cameras
        How many it has.
    restarts
        How often it ended by itself and was started again.
    processor_s, memory_bytes
        Processor time and resident memory of the process that runs; 0 where none does.
    """

    name: str
    pid: int | None
    cameras: int
    restarts: int
    processor_s: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class IncidentCount:
    """How many revisions of one kind and phase a camera has stored."""

    camera: str
    kind: IncidentKind
    phase: IncidentPhase
    count: int


@dataclass(frozen=True, slots=True)
class SiteFigures:
    """All that a site counts, at one moment.

    Attributes
    ----------
    outbox
        None where the disk does not answer.
    """

    cameras: tuple[CameraFigures, ...]
    workers: tuple[WorkerFigures, ...]
    incidents: tuple[IncidentCount, ...]
    outbox: OutboxFigures | None
    publisher: "PublisherSnapshot"
    commands: "CommandsSnapshot"


class IncidentCounter:
    """Counts what was stored. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, IncidentKind, IncidentPhase]] = Counter()

    def add(self, messages: Iterable[IncidentMessage | EvidenceMessage]) -> None:
        """Count the incident messages among ``messages``."""
        with self._lock:
            self._counts.update(
                (message.camera, message.kind, message.phase)
                for message in messages
                if isinstance(message, IncidentMessage)
            )

    def counts(self) -> tuple[IncidentCount, ...]:
        """Return all counts so far."""
        with self._lock:
            return tuple(
                IncidentCount(camera, kind, phase, count)
                for (camera, kind, phase), count in sorted(self._counts.items())
            )


def camera_figures(
    camera: str, stream: StreamSnapshot, looks: LookFigures, pipeline: "CameraPipeline"
) -> CameraFigures:
    """Return one camera's figures, put together from those who count them."""
    keeping = pipeline.keeping
    return CameraFigures(
        camera=camera,
        stream=stream,
        looks=looks,
        losses=Losses(
            frames_skipped=stream.skipped,
            frames_overwritten=stream.overwritten,
            frames_late=looks.late,
            frames_undecodable=stream.undecodable,
            frames_failed=looks.failed,
            incidents_not_stored=keeping.incidents_refused,
            incidents_lost=keeping.incidents_lost,
            evidence_not_stored=keeping.evidence_refused,
            evidence_withheld=pipeline.evidence_withheld,
        ),
        view=pipeline.view_state,
        open_incidents=pipeline.open_count,
        inferences=pipeline.looks,
        inference_s=pipeline.inference_s,
    )
