"""Whether central can do its job, and its figures for Prometheus."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from central.api.problems import problem
from central.errors import SchemaError, StoreError, StoreUnavailableError
from central.ingest import IngestSnapshot
from central.store import Store


def router(
    store: Store,
    ingest_status: Callable[[], IngestSnapshot],
    *,
    clock: Callable[[], datetime],
    faults: Sequence[Callable[[], str | None]] = (),
) -> APIRouter:
    """Return the routes ``/healthz`` and ``/metrics``.

    Parameters
    ----------
    clock
        Gives the present, aware UTC.
    faults
        Each tells why a part of central is down, or None.
    """
    routes = APIRouter(tags=["health"])
    registry = CollectorRegistry()
    registry.register(_Figures(store, ingest_status, clock))

    @routes.get("/healthz")
    def healthz() -> JSONResponse:
        """Tell whether central can do its job; 503 with the reasons where it cannot."""
        reasons = _reasons(store, ingest_status())
        reasons += [fault for part in faults if (fault := part()) is not None]
        if reasons:
            detail = "; ".join(reasons)
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, reasons=reasons)
        return JSONResponse({"status": "ok"})

    @routes.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes


def _reasons(store: Store, ingest: IngestSnapshot) -> list[str]:
    reasons = []
    try:
        store.check()
    except StoreUnavailableError:
        reasons.append("the database cannot be written")
    except SchemaError as error:
        reasons.append(str(error))
    if not ingest.is_running:
        reasons.append("no messages are taken: the ingest thread has ended")
    elif ingest.fault is not None:
        reasons.append(f"messages wait, for nothing could be committed: {ingest.fault}")
    if not ingest.broker.is_connected:
        reasons.append(f"no messages come: {ingest.broker.fault}")
    return reasons


class _Figures(Collector):
    """Reads the figures when Prometheus asks for them, and keeps none itself."""

    def __init__(
        self,
        store: Store,
        ingest_status: Callable[[], IngestSnapshot],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._ingest_status = ingest_status
        self._clock = clock

    def describe(self) -> list[Metric]:
        """Return nothing, so that registering does not ask the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Give every figure; those of the books are left out while the database is away."""
        ingest = self._ingest_status()
        counters = {
            "received": (ingest.broker.received, "Messages that the broker delivered."),
            "taken": (ingest.taken, "Messages that were committed."),
            "repeated": (ingest.repeated, "Messages that had been committed before."),
            "replies_unasked": (ingest.unasked, "Replies to nothing that was asked."),
            "dead_lettered": (ingest.dead_lettered, "Messages that were parked."),
            "commit_retries": (ingest.retries, "Commits tried again, the database being away."),
            "broker_connections": (ingest.broker.connections, "Connections to the broker."),
        }
        for name, (value, words) in counters.items():
            yield CounterMetricFamily(f"simpang_central_{name}", words, value)
        gauges = {
            "broker_connected": (ingest.broker.is_connected, "1 while connected."),
            "messages_waiting": (ingest.broker.waiting, "Delivered and not yet committed."),
        }
        for name, (value, words) in gauges.items():
            yield GaugeMetricFamily(f"simpang_central_{name}", words, float(value))
        yield from self._books()

    def _books(self) -> Iterator[Metric]:
        try:
            counts = self._store.counts(at=self._clock())
        except StoreError:
            return
        gauges = {
            "complaints_open": (counts.open, "Complaints that somebody has to act on."),
            "incidents_awaiting_review": (counts.awaiting_review, "Wait for an operator."),
            "dead_letters": (counts.dead_letters, "Messages that could not be taken, as kept."),
            "cameras": (counts.cameras_total, "Cameras that are known."),
            "cameras_running": (counts.cameras_running, "Cameras whose stream runs now."),
            "sites_online": (counts.sites_online, "Sites that are connected."),
        }
        for name, (value, words) in gauges.items():
            yield GaugeMetricFamily(f"simpang_central_{name}", words, float(value))
