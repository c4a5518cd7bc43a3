"""Incidents from the edge's outbox to central's committed row, beside the broker alone."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from analytics.messages import encode
from edge.config import BrokerSettings
from edge.outbox import Outbox
from edge.publisher import Publisher, PublisherSnapshot
from scripts.bench.broker import pass_on
from scripts.bench.city import City, a_city
from scripts.bench.contest import hold, per_second
from scripts.bench.figures import MissingPartError, NotRun, Row, Unit
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
        except (PostgresError, MissingPartError) as exc:
            missing.append(NotRun("delivery.postgresql", _what(_POSTGRESQL), str(exc)))
        return [*_contest(plan, cities), *missing]


def _contest(plan: Plan, cities: Mapping[str, City]) -> list[Row]:
    payloads = [encode(message) for message in incidents(plan.size.incidents)]
    broker_port = cities[_SQLITE].broker_port
    contestants = {_LIMIT: per_second(lambda: pass_on(broker_port, payloads))}
    for name, city in cities.items():
        contestants[name] = _delivery(city, plan.folder / f"{name}.outbox", plan.size.incidents)
    contest = hold(contestants, rounds=plan.size.slow_rounds)
    for name, city in cities.items():
        _check_books(name, city, plan.size.slow_rounds * plan.size.incidents)
    return [
        contest.figure(f"delivery.{name.lower()}", _what(name), Unit.INCIDENTS, name, _LIMIT)
        for name in cities
    ]


def _delivery(city: City, outbox_path: Path, count: int) -> Callable[[], float]:
    """Return a measure of ``count`` incidents a second, from a full outbox to an empty one."""

    def deliver() -> float:
        with Outbox(outbox_path, limit_bytes=OUTBOX_BYTES) as outbox:
            outbox.put(incidents(count), at=_now())
            settings = BrokerSettings(port=city.broker_port)
            publisher = Publisher(SITE, settings, outbox, software=SOFTWARE, clock=_now)
            publisher.start()
            try:
                _wait(publisher, lambda snapshot: snapshot.connected)
                started_s = time.perf_counter()
                _wait(publisher, lambda snapshot: snapshot.acked >= count)
                elapsed_s = time.perf_counter() - started_s
            finally:
                publisher.stop()
        return count / elapsed_s

    return deliver


def _wait(publisher: Publisher, is_reached: Callable[[PublisherSnapshot], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not is_reached(snapshot := publisher.snapshot()):
        if time.monotonic() > deadline:
            raise MissingPartError(f"not delivered within {TIMEOUT_S:g} s: {snapshot}")
        time.sleep(_POLL_S)


def _check_books(database: str, city: City, expected: int) -> None:
    found = city.incidents()
    if found != expected:
        msg = f"central on {database} holds {found} incidents, expected {expected}"
        raise MissingPartError(msg)


def _what(database: str) -> str:
    return f"outbox to committed row, {database}"


def _now() -> datetime:
    return datetime.now(UTC)
