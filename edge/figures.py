"""What a running site counts, as plain values; health and metrics both read these."""

import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from analytics.messages import (
    EvidenceMessage,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    Losses,
    OutboxFigures,
)
from edge.pipeline import CameraPipeline
from edge.publisher import PublisherSnapshot
from edge.stream import StreamSnapshot
from edge.worker import LookFigures


@dataclass(frozen=True, slots=True)
class CameraFigures:
    """One camera, from its stream to its incidents.

    Attributes
    ----------
    inference_s
        Time spent in the detector since the start, seconds, over ``inferences`` frames.
    """

    camera: str
    stream: StreamSnapshot
    looks: LookFigures
    losses: Losses
    open_incidents: int
    inferences: int
    inference_s: float


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
    incidents: tuple[IncidentCount, ...]
    outbox: OutboxFigures | None
    publisher: PublisherSnapshot


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
    camera: str, stream: StreamSnapshot, looks: LookFigures, pipeline: CameraPipeline
) -> CameraFigures:
    """Return one camera's figures, put together from those who count them."""
    keeping = pipeline.keeping
    return CameraFigures(
        camera=camera,
        stream=stream,
        looks=looks,
        losses=Losses(
            frames_overwritten=stream.overwritten,
            frames_undecodable=stream.undecodable,
            frames_failed=looks.failed,
            incidents_not_stored=keeping.incidents_refused,
            incidents_lost=keeping.incidents_lost,
            evidence_not_stored=keeping.evidence_refused,
            evidence_withheld=pipeline.evidence_withheld,
        ),
        open_incidents=pipeline.open_count,
        inferences=pipeline.looks,
        inference_s=pipeline.inference_s,
    )
