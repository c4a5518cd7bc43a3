"""Incidents from the edge's outbox to central's committed row, beside the broker alone."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from analytics.messages import encode
from edge.config import BrokerSettings
from edge.outbox import Outbox
from edge.publisher import Publisher, PublisherSnapshot
from scripts.bench.broker import pass_on
from scripts.bench.city import City, a_city
from scripts.bench.contest import hold, per_second
from scripts.bench.figures import NotMeasuredError, NotRun, Row, Unit
from scripts.bench.messages import incidents
from scripts.bench.plan import Plan
from scripts.bench.watching import OUTBOX_BYTES, SITE, SOFTWARE
from scripts.postgres import Postgres, PostgresError

TIMEOUT_S = 120.0
_POLL_S = 0.002

_SQLITE = "SQLite"
_POSTGRESQL = "PostgreSQL"
_LIMIT = "broker alone, QoS 1"


def measure(plan: Plan) -> list[Row]:
    """Return incidents per second, with central on SQLite and on PostgreSQL."""
    folder = plan.folder / "delivery"
    folder.mkdir()
    missing: list[Row] = []
    with ExitStack() as running:
        sqlite = a_city(folder / "sqlite", f"sqlite:///{folder.resolve() / 'central.db'}")
        cities = {_SQLITE: running.enter_context(sqlite)}
        try:
            server = running.enter_context(Postgres(folder / "server"))
            postgresql = a_city(folder / "postgresql", server.new_database())
            cities[_POSTGRESQL] = running.enter_context(postgresql)
        except (PostgresError, NotMeasuredError) as exc:
            missing.append(NotRun("delivery.postgresql", _what(_POSTGRESQL), str(exc)))
        return [*_contest(plan, cities), *missing]


def _contest(plan: Plan, cities: Mapping[str, City]) -> list[Row]:
    payloads = [encode(message) for message in incidents(plan.size.incidents)]
    broker_port = cities[_SQLITE].broker_port
    deliveries = {name: _Delivery(city, plan) for name, city in cities.items()}
    contest = hold(
        {
            **{name: delivery.run for name, delivery in deliveries.items()},
            _LIMIT: per_second(lambda: pass_on(broker_port, payloads)),
        },
        rounds=plan.size.slow_rounds,
    )
    for delivery in deliveries.values():
        delivery.check_books()
    return [
        contest.figure(f"delivery.{name.lower()}", _what(name), Unit.INCIDENTS, name, _LIMIT)
        for name in cities
    ]


class _Delivery:
    """Sends incidents to one central, from a full outbox to an empty one."""

    def __init__(self, city: City, plan: Plan) -> None:
        self._city = city
        self._plan = plan
        self._raised: set[UUID] = set()

    def run(self) -> float:
        """Return incidents a second; connecting is not counted."""
        messages = incidents(self._plan.size.incidents)
        self._raised |= {message.incident_id for message in messages}
        settings = BrokerSettings(port=self._city.broker_port)
        with (
            TemporaryDirectory(dir=self._plan.folder) as fresh,
            Outbox(Path(fresh) / "outbox.db", limit_bytes=OUTBOX_BYTES) as outbox,
        ):
            outbox.put(messages, at=_now())
            publisher = Publisher(SITE, settings, outbox, software=SOFTWARE, clock=_now)
            publisher.start()
            try:
                _wait(publisher, lambda snapshot: snapshot.connected)
                started_s = time.perf_counter()
                _wait(publisher, lambda snapshot: snapshot.acked >= len(messages))
                return len(messages) / (time.perf_counter() - started_s)
            finally:
                publisher.stop()

    def check_books(self) -> None:
        """Make sure that central holds what was raised, and nothing else.

        Raises
        ------
        NotMeasuredError
            Where it does not: its acks were no proof, and the figures mean nothing.
        """
        found = self._city.incidents(limit=len(self._raised) + 1)
        if found != self._raised:
            msg = (
                f"{len(self._raised & found)} of {len(self._raised)} acked incidents are in central"
            )
            raise NotMeasuredError(msg)


def _wait(publisher: Publisher, is_reached: Callable[[PublisherSnapshot], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not is_reached(snapshot := publisher.snapshot()):
        if time.monotonic() > deadline:
            raise NotMeasuredError(f"not delivered within {TIMEOUT_S:g} s: {snapshot}")
        time.sleep(_POLL_S)


def _what(database: str) -> str:
    return f"outbox to committed row, {database}"


def _now() -> datetime:
    return datetime.now(UTC)
