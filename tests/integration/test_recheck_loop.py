"""Central and an edge on one broker: a complaint is resolved, and its camera looks again."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.messages import (
    IncidentMessage,
    IncidentPhase,
    RecheckAnswer,
    ReplyOutcome,
)
from central.complaints import Actor, ActorKind, EventReason, Status
from central.config import BrokerSettings
from central.ingest import CHANNELS, Ingest
from central.mailman import Mailman
from central.reading import ComplaintDetail
from central.rechecks import Rechecks
from central.store import Store, open_database
from central.store.migrating import migrate
from edge.commands import Commands
from edge.config import BrokerSettings as EdgeBrokerSettings
from edge.outbox import Outbox
from edge.publisher import Publisher
from edge.rechecks import RecheckOrder, RecheckReply
from tests.brokers import Broker
from tests.builders import SITE, a_pothole, a_revision
from tests.deadlines import eventually
from tests.sites import HOST

pytestmark = pytest.mark.integration

OPERATOR = Actor(ActorKind.OPERATOR, "operator")


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_database(f"sqlite:///{tmp_path / 'central.db'}")
    migrate(opened)
    yield Store(opened)
    opened.close()


@dataclass
class Central:
    """One replica, all its threads running."""

    ingest: Ingest
    mailman: Mailman

    @property
    def is_connected(self) -> bool:
        return self.ingest.snapshot().broker.is_connected


@contextmanager
def a_central(
    store: Store, broker: Broker, client_id: str = "simpang-central"
) -> Iterator[Central]:
    settings = BrokerSettings(host=HOST, port=broker.port, client_id=client_id)
    mailman = Mailman(settings, CHANNELS)
    ingest = Ingest(store, mailman, clock=now)
    rechecks = Rechecks(store, mailman, clock=now)
    ingest.start()
    assert rechecks.fault() is not None
    rechecks.start()
    assert rechecks.fault() is None
    central = Central(ingest, mailman)
    try:
        eventually(lambda: central.is_connected)
        yield central
    finally:
        rechecks.stop(5)
        ingest.stop(5)


@dataclass
class Edge:
    """A site's line to central; a test says when its camera answers, and what."""

    outbox: Outbox
    orders: list[RecheckOrder] = field(default_factory=list)
    clock_ahead: timedelta = timedelta()

    def __post_init__(self) -> None:
        self.commands = Commands(
            SITE, recheck=self.orders.append, clock=lambda: now() + self.clock_ahead
        )

    def answer(self, answer: RecheckAnswer, text: str = "") -> None:
        self.commands.reply(RecheckReply(self.orders[-1], ReplyOutcome.DONE, answer, text=text))


@contextmanager
def an_edge(
    folder: Path, broker: Broker, *, clock_ahead: timedelta = timedelta()
) -> Iterator[Edge]:
    outbox = Outbox(folder / "outbox.db", limit_bytes=2**20)
    edge = Edge(outbox, clock_ahead=clock_ahead)
    settings = EdgeBrokerSettings(host=HOST, port=broker.port)
    publisher = Publisher(
        SITE, settings, outbox, software="0.1.0", clock=now, commands=edge.commands
    )
    with closing(outbox):
        publisher.start()
        try:
            eventually(lambda: publisher.snapshot().connected)
            yield edge
        finally:
            publisher.stop(10)


def the_complaint(store: Store) -> ComplaintDetail:
    (summary,) = store.complaints()
    return store.complaint(summary.number)


def a_resolved_pothole(store: Store) -> IncidentMessage:
    """Have an operator mark a complaint as resolved, and return its incident."""
    pothole = a_pothole()
    store.take([pothole], at=now())
    number = the_complaint(store).summary.number
    store.move_complaint(number, Status.RESOLVED, actor=OPERATOR, at=now())
    return pothole


def test_a_resolved_complaint_is_looked_at_again_and_verified(
    broker: Broker, store: Store, tmp_path: Path
) -> None:
    with a_central(store, broker), an_edge(tmp_path, broker) as edge:
        pothole = a_resolved_pothole(store)
        eventually(lambda: len(edge.orders) == 1)
        assert edge.orders[0].incident_id == pothole.incident_id
        assert edge.orders[0].camera == pothole.camera
        at = now()
        edge.outbox.put([a_revision(pothole, phase=IncidentPhase.VERIFIED, observed_at=at)], at=at)
        edge.answer(RecheckAnswer.GONE)
        eventually(lambda: the_complaint(store).summary.status is Status.VERIFIED)
        eventually(lambda: the_complaint(store).rechecks[0].answer is RecheckAnswer.GONE)
        assert store.dead_letters() == ()


def test_a_command_that_a_site_gets_too_late_is_noted(
    broker: Broker, store: Store, tmp_path: Path
) -> None:
    with (
        a_central(store, broker),
        an_edge(tmp_path, broker, clock_ahead=timedelta(hours=3)) as edge,
    ):
        a_resolved_pothole(store)
        eventually(lambda: the_complaint(store).events[-1].reason is EventReason.RECHECK_FAILED)
        assert the_complaint(store).rechecks[0].outcome is ReplyOutcome.EXPIRED
        assert edge.orders == []


def test_a_command_that_is_delivered_twice_is_done_once(
    broker: Broker, store: Store, tmp_path: Path
) -> None:
    a_resolved_pothole(store)
    (command,) = store.claim_rechecks(at=now())
    with a_central(store, broker) as central, an_edge(tmp_path, broker) as edge:
        central.mailman.send_command(command)
        central.mailman.send_command(command)
        eventually(lambda: len(edge.orders) == 1)
        edge.answer(RecheckAnswer.CANNOT_SEE, "dusk")
        eventually(lambda: the_complaint(store).rechecks[0].text == "dusk")
        central.mailman.send_command(command)
        eventually(lambda: central.ingest.snapshot().repeated == 1)
        assert len(edge.orders) == 1
        noted = [event.reason for event in the_complaint(store).events]
        assert noted.count(EventReason.RECHECK_CANNOT_SEE) == 1


def test_a_broker_that_is_killed_in_between_loses_neither_question_nor_answer(
    broker: Broker, store: Store, tmp_path: Path
) -> None:
    with a_central(store, broker) as central, an_edge(tmp_path, broker) as edge:
        broker.kill()
        eventually(lambda: not central.is_connected)
        a_resolved_pothole(store)
        broker.start()
        eventually(lambda: len(edge.orders) == 1, within_s=40)
        broker.kill()
        edge.answer(RecheckAnswer.CANNOT_SEE, "rain")
        broker.start()
        eventually(lambda: the_complaint(store).rechecks[0].text == "rain", within_s=40)
        assert len(edge.orders) == 1


def test_two_replicas_ask_once_and_count_the_answer_once(
    broker: Broker, store: Store, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        centrals = [stack.enter_context(a_central(store, broker, f"replica-{n}")) for n in (1, 2)]
        edge = stack.enter_context(an_edge(tmp_path, broker))
        a_resolved_pothole(store)
        eventually(lambda: len(edge.orders) == 1)
        edge.answer(RecheckAnswer.CANNOT_SEE, "dusk")
        eventually(lambda: sum(one.ingest.snapshot().repeated for one in centrals) == 1)
        assert sum(one.ingest.snapshot().unasked for one in centrals) == 0
        assert len(edge.orders) == 1
        noted = [event.reason for event in the_complaint(store).events]
        assert noted.count(EventReason.RECHECK_CANNOT_SEE) == 1
