"""Incidents from the edge's outbox to central's committed row, beside the broker alone."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from analytics.messages import encode
from edge.config import BrokerSettings
from edge.outbox import Outbox
from edge.publisher import Publisher
from scripts.bench.city import City, a_city
from scripts.bench.contest import Measure, hold, per_second
from scripts.bench.figures import MissingPartError, NotRun, Row, Unit
from scripts.bench.messages import incidents
from scripts.bench.plan import Plan
from scripts.bench.watching import OUTBOX_BYTES, SITE, SOFTWARE
from scripts.demo.settings import HOST
from scripts.postgres import Postgres, PostgresError

TIMEOUT_S = 120.0
_POLL_S = 0.002

_SQLITE = "SQLite"
_POSTGRESQL = "PostgreSQL"
_LIMIT = "broker alone, QoS 1"
_LIMIT_TOPIC = "bench/limit"


def measure(plan: Plan) -> list[Row]:
    """Return incidents per second, with central on SQLite and on PostgreSQL."""
    with ExitStack() as running:
        folder = plan.folder / "delivery"
        folder.mkdir()
        sqlite = running.enter_context(a_city(folder / "sqlite", f"sqlite:///{folder}/central.db"))
        cities = {_SQLITE: sqlite}
        missing: list[Row] = []
        try:
            server = running.enter_context(Postgres(folder / "postgres"))
            city = a_city(folder / "postgresql", server.new_database())
            cities[_POSTGRESQL] = running.enter_context(city)
        except (PostgresError, MissingPartError) as exc:
            missing.append(NotRun("delivery.postgresql", _what(_POSTGRESQL), str(exc)))
        return [*_contest(plan, cities), *missing]


def _contest(plan: Plan, cities: dict[str, City]) -> list[Row]:
    contestants = {
        name: _delivery(city, plan.folder / f"{name}.outbox", plan.incidents)
        for name, city in cities.items()
    }
    payloads = [encode(message) for message in incidents(plan.incidents)]
    contestants[_LIMIT] = per_second(lambda: _pass_on(cities[_SQLITE].broker_port, payloads))
    contest = hold(contestants, rounds=plan.rounds)
    for name, city in cities.items():
        expected, found = plan.rounds * plan.incidents, city.incidents()
        if found != expected:
            msg = f"{name} holds {found} incidents, expected {expected}: the figures mean nothing"
            raise RuntimeError(msg)
    return [
        contest.figure(f"delivery.{name.lower()}", _what(name), Unit.INCIDENTS, name, _LIMIT)
        for name in cities
    ]


def _what(database: str) -> str:
    return f"outbox to committed row, {database}"
