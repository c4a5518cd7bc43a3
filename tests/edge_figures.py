"""Figures of a running site with sane defaults, for the tests of health and metrics."""

from dataclasses import replace

from analytics.messages import (
    Losses,
    OutboxFigures,
    ReplyOutcome,
    StreamFault,
    StreamFaultType,
    StreamState,
    ViewState,
)
from edge.commands import CommandsSnapshot
from edge.figures import CameraFigures, IncidentCount, SiteFigures, WorkerFigures
from edge.look_figures import LookFigures
from edge.publisher import PublisherSnapshot
from edge.stream_snapshot import StreamSnapshot
from tests.builders import AT, CAMERA


def a_stream(**changes: object) -> StreamSnapshot:
    """Return a stream that runs, and has brought nothing yet."""
    stream = StreamSnapshot(
        state=StreamState.RUNNING,
        since=AT,
        fault=None,
        info=None,
        frames=0,
        undecodable=0,
        skipped=0,
        overwritten=0,
        reconnects=0,
        orphans=0,
        last_frame_at=None,
    )
    return replace(stream, **changes)  # type: ignore[arg-type]  # each test names real fields


def a_fault(fault: StreamFaultType) -> StreamFault:
    """Return a stream's fault."""
    return StreamFault(type=fault, text="no picture", at=AT)


def a_camera(
    *,
    camera: str = CAMERA,
    stream: StreamSnapshot | None = None,
    looks: int = 0,
    inference_s: float = 0.0,
    losses: Losses | None = None,
) -> CameraFigures:
    """Return a camera of which every look was one detection."""
    return CameraFigures(
        camera=camera,
        stream=a_stream() if stream is None else stream,
        looks=LookFigures(looks=looks),
        losses=Losses() if losses is None else losses,
        view=ViewState.VALID,
        open_incidents=0,
        inferences=looks,
        inference_s=inference_s,
    )


def a_site(
    *cameras: CameraFigures, incidents: tuple[IncidentCount, ...] = (), depth: int = 0
) -> SiteFigures:
    """Return a site that is connected."""
    return SiteFigures(
        cameras=cameras,
        workers=(WorkerFigures("worker-0", 4711, len(cameras), 1, 12.5, 150 * 2**20),),
        incidents=incidents,
        outbox=OutboxFigures(depth=depth, size_bytes=4096),
        publisher=PublisherSnapshot(
            connected=True,
            fault=None,
            published=7,
            acked=5,
            dead_lettered=1,
            acks_unreadable=0,
            reconnects=2,
        ),
        commands=CommandsSnapshot({ReplyOutcome.DONE: 3}, unreadable=1),
    )
