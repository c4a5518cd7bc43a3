"""The site's figures for Prometheus, on loopback: read when they are scraped, counted nowhere else.

The only module of the edge that imports ``prometheus_client``.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import accumulate
from types import TracebackType
from typing import Self
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from analytics.messages import OutboxFigures, ReplyOutcome
from edge.commands import CommandsSnapshot
from edge.errors import EdgeError
from edge.figures import CameraFigures, SiteFigures, WorkerFigures
from edge.look_figures import AGE_LIMITS_S

HOST = "127.0.0.1"

_Family = type[CounterMetricFamily] | type[GaugeMetricFamily]
_OfCamera = tuple[str, str, Callable[[CameraFigures], float]]
_OfWorker = tuple[str, str, Callable[[WorkerFigures], float]]

_OF_CAMERAS: Mapping[_Family, Sequence[_OfCamera]] = {
    CounterMetricFamily: (
        ("frames", "Frames that the stream delivered.", lambda c: c.stream.frames),
        ("looks", "Frames that were looked at.", lambda c: c.looks.looks),
        ("look_seconds", "Time spent looking, decoding included.", lambda c: c.looks.busy_s),
        ("decode_seconds", "Time spent decoding and scaling.", lambda c: c.looks.decode_s),
        ("inferences", "Detections run.", lambda c: c.inferences),
        ("inference_seconds", "Time spent in the detector.", lambda c: c.inference_s),
        ("reconnects", "Connections after the first.", lambda c: c.stream.reconnects),
    ),
    GaugeMetricFamily: (
        ("open_incidents", "Incidents that are open.", lambda c: c.open_incidents),
        ("hung_readers", "Connections that hang and were left behind.", lambda c: c.stream.orphans),
    ),
}
_OF_WORKERS: Mapping[_Family, Sequence[_OfWorker]] = {
    CounterMetricFamily: (
        ("worker_restarts", "Times that a worker ended by itself.", lambda w: w.restarts),
        ("worker_processor_seconds", "Processor time of the process.", lambda w: w.processor_s),
    ),
    GaugeMetricFamily: (
        ("worker_cameras", "Cameras that it has.", lambda w: w.cameras),
        ("worker_memory_bytes", "Resident memory of the process.", lambda w: w.memory_bytes),
    ),
}


class SiteCollector(Collector):
    """Turns the figures of one site into metric families, at each scrape.

    Parameters
    ----------
    site
        The label ``site`` of every metric.
    observe
        Returns the figures of now.
    """

    def __init__(self, site: str, observe: Callable[[], SiteFigures]) -> None:
        self._site = site
        self._observe = observe

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        figures = self._observe()
        cameras, workers = figures.cameras, figures.workers
        for family, of_cameras in _OF_CAMERAS.items():
            for name, text, value in of_cameras:
                yield self._by("camera", family, name, text, {c.camera: value(c) for c in cameras})
        for family, of_workers in _OF_WORKERS.items():
            for name, text, of in of_workers:
                yield self._by("worker", family, name, text, {w.name: of(w) for w in workers})
        streams = {camera.camera: camera.stream.state for camera in cameras}
        yield self._which("stream", "1 for the state that the stream is in.", "state", streams)
        views = {camera.camera: camera.view for camera in cameras}
        yield self._which("view", "1 for the state that the view is in.", "view", views)
        yield self._frame_ages(cameras)
        yield self._losses(figures.cameras)
        yield self._incidents(figures)
        if figures.outbox is not None:
            yield from self._outbox(figures.outbox)
        yield from self._publisher(figures)
        yield from self._commands(figures.commands)

    def _by(
        self,
        label: str,
        family: _Family,
        name: str,
        text: str,
        values: Mapping[str, float],
    ) -> Metric:
        """Return a value for each camera, or each worker, by its name."""
        metric = family(f"simpang_edge_{name}", text, labels=["site", label])
        for labelled, value in values.items():
            metric.add_metric([self._site, labelled], value)
        return metric

    def _which(self, name: str, text: str, label: str, now: Mapping[str, StrEnum]) -> Metric:
        """Return 1 for the state that each camera is in now, and 0 for all others of its kind."""
        metric = GaugeMetricFamily(f"simpang_edge_{name}", text, labels=["site", "camera", label])
        for camera, state in now.items():
            for one in type(state):
                metric.add_metric([self._site, camera, one.value], float(one is state))
        return metric

    def _frame_ages(self, cameras: Iterable[CameraFigures]) -> Metric:
        metric = HistogramMetricFamily(
            "simpang_edge_frame_age_seconds",
            "Age of frames when they were looked at.",
            labels=["site", "camera"],
        )
        limits = [*map(str, AGE_LIMITS_S), "+Inf"]
        for camera in cameras:
            counts = accumulate(camera.looks.ages)
            buckets = list(zip(limits, counts, strict=True))
            metric.add_metric([self._site, camera.camera], buckets, sum_value=None)
        return metric

    def _losses(self, cameras: Iterable[CameraFigures]) -> Metric:
        labels = ["site", "camera", "reason"]
        metric = CounterMetricFamily("simpang_edge_losses", "What was not kept.", labels=labels)
        for camera in cameras:
            for reason, count in camera.losses.model_dump().items():
                metric.add_metric([self._site, camera.camera, reason], count)
        return metric

    def _incidents(self, figures: SiteFigures) -> Metric:
        labels = ["site", "camera", "kind", "phase"]
        metric = CounterMetricFamily(
            "simpang_edge_incidents", "Incident revisions put on the disk.", labels=labels
        )
        for one in figures.incidents:
            row = [self._site, one.camera, one.kind.value, one.phase.value]
            metric.add_metric(row, one.count)
        return metric

    def _outbox(self, outbox: OutboxFigures) -> Iterator[Metric]:
        yield self._gauge("outbox_depth", "Messages not acked by central.", outbox.depth)
        yield self._gauge(
            "outbox_oldest_age_seconds", "Age of the oldest of them.", outbox.oldest_age_s or 0.0
        )
        yield self._gauge("outbox_size_bytes", "Size of the outbox.", outbox.size_bytes)
        yield self._gauge("outbox_full", "1 where the last message found no room.", outbox.is_full)
        yield self._counter("outbox_refused", "Messages that found no room.", outbox.refused)

    def _publisher(self, figures: SiteFigures) -> Iterator[Metric]:
        publisher = figures.publisher
        yield self._gauge("connected", "1 while the broker is connected.", publisher.connected)
        yield self._counter("published", "Messages sent, repeats counted.", publisher.published)
        yield self._counter("acked", "Messages that central committed.", publisher.acked)
        yield self._counter(
            "dead_lettered", "Messages that central could not read.", publisher.dead_lettered
        )
        yield self._counter(
            "acks_unreadable", "Acks that were not understood.", publisher.acks_unreadable
        )
        yield self._counter(
            "broker_reconnects", "Connections to the broker after the first.", publisher.reconnects
        )

    def _commands(self, commands: CommandsSnapshot) -> Iterator[Metric]:
        labels = ["site", "outcome"]
        answered = CounterMetricFamily(
            "simpang_edge_commands", "Commands of central, by their outcome.", labels=labels
        )
        for outcome in ReplyOutcome:
            row = [self._site, outcome.value]
            answered.add_metric(row, commands.answered.get(outcome, 0))
        yield answered
        yield self._counter(
            "commands_unreadable", "Commands that were not understood.", commands.unreadable
        )
        yield self._counter(
            "replies_dropped", "Answers that waited too long.", commands.replies_dropped
        )

    def _gauge(self, name: str, text: str, value: float) -> Metric:
        metric = GaugeMetricFamily(f"simpang_edge_{name}", text, labels=["site"])
        metric.add_metric([self._site], value)
        return metric

    def _counter(self, name: str, text: str, value: float) -> Metric:
        metric = CounterMetricFamily(f"simpang_edge_{name}", text, labels=["site"])
        metric.add_metric([self._site], value)
        return metric


class MetricsServer:
    """Serves a site's metrics at ``http://127.0.0.1:<port>/metrics`` until it is closed.

    Parameters
    ----------
    port
        0 takes any free one; `port` then says which.

    Raises
    ------
    EdgeError
        Where the port is taken.
    """

    def __init__(self, collector: SiteCollector, port: int) -> None:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(collector)
        try:
            server: tuple[WSGIServer, threading.Thread] = start_http_server(
                port, addr=HOST, registry=registry
            )
        except OSError as exc:
            msg = f"metrics cannot be served on {HOST}:{port}: {exc.strerror}"
            raise EdgeError(msg) from exc
        self._server, self._thread = server
        self.port = int(self._server.server_port)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
