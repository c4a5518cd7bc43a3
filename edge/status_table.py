"""A site's status as a table for a terminal."""

from collections.abc import Sequence

from edge.figures import WorkerFigures
from edge.status import CameraStatus, SiteStatus

_HEAD = ("camera", "stream", "view", "looks/s", "age p50", "p99", "decode", "detect", "incidents")
_RIGHT = frozenset(_HEAD[3:])
_MIB = 2**20


def table(status: SiteStatus) -> str:
    """Return a site's status as people read it."""
    lines = [
        f"site {status.site}",
        "",
        *_columns([_HEAD, *(_row(camera) for camera in status.cameras)]),
    ]
    if remarks := [line for camera in status.cameras for line in _remarks(camera)]:
        lines += ["", *remarks]
    lines += ["", *map(_worker, status.workers), _delivery(status)]
    return "\n".join(lines)


def _row(camera: CameraStatus) -> tuple[str, ...]:
    return (
        camera.camera,
        camera.stream,
        camera.view,
        f"{camera.looks_per_s:g}",
        _age(camera.frame_age_p50_s),
        _age(camera.frame_age_p99_s),
        _ms(camera.decode_ms),
        _ms(camera.inference_ms),
        str(camera.open_incidents),
    )


def _remarks(camera: CameraStatus) -> list[str]:
    remarks = [] if camera.fault is None else [camera.fault]
    if camera.overloaded:
        remarks.append("looked at less often than it should: the site has too much to do")
    if camera.reconnects:
        remarks.append(f"connected again {camera.reconnects} time(s)")
    remarks += [f"{count} {name.replace('_', ' ')}" for name, count in camera.losses.items()]
    return [f"{camera.camera}: {remark}" for remark in remarks]


def _worker(worker: WorkerFigures) -> str:
    if worker.pid is None:
        return f"{worker.name}  starts again"
    return (
        f"{worker.name}  pid {worker.pid}, {worker.cameras} camera(s), "
        f"{worker.processor_s:.0f} s of processor, {worker.memory_bytes / _MIB:.0f} MiB, "
        f"{worker.restarts} restart(s)"
    )


def _delivery(status: SiteStatus) -> str:
    publisher, outbox = status.publisher, status.outbox
    broker = "connected" if publisher.connected else f"not connected: {publisher.fault}"
    if outbox is None:
        return f"outbox    its disk does not answer; broker {broker}"
    age_s = outbox.oldest_age_s
    waits = "" if age_s is None else f", the oldest for {age_s:.0f} s"
    full = ", full" if outbox.is_full else ""
    return f"outbox    {outbox.depth} message(s) wait{waits}{full}; broker {broker}"


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if name in _RIGHT else cell.ljust(width)
            for name, cell, width in zip(_HEAD, row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def _age(age_s: float | None) -> str:
    return "-" if age_s is None else f"<{age_s:g} s"


def _ms(time_ms: float | None) -> str:
    return "-" if time_ms is None else f"{time_ms:g} ms"
