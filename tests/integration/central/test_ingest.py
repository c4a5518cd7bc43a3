"""Messages from a real broker into real books: what is acked is committed, what is bad parked."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from analytics.messages import (
    MAX_MESSAGE_BYTES,
    AckOutcome,
    Channel,
    SiteState,
    camera_topic,
    encode,
)
from central.config import BrokerSettings
from central.ingest import CHANNELS, Ingest
from central.mailman import Mailman
from central.reading import DeadLetterFault
from central.store import Store, open_database
from central.store.migrating import migrate
from scripts.postgres import Postgres
from tests.brokers import Broker, a_broker
from tests.builders import (
    AT,
    CAMERA,
    SITE,
    a_catalogue,
    a_health,
    a_revision,
    a_status,
    an_ack,
    an_evidence,
    an_incident,
)
from tests.databases import out_of_order
from tests.deadlines import eventually
from tests.sites import HOST, SiteClient, a_site

pytestmark = pytest.mark.integration

INCIDENTS = camera_topic(SITE, CAMERA, Channel.INCIDENT)


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    opened = open_database(f"sqlite:///{tmp_path / 'central.db'}")
    migrate(opened)
    yield Store(opened)
    opened.close()


@pytest.fixture
def site(broker: Broker) -> Iterator[SiteClient]:
    with a_site(broker.port) as client:
        yield client


def a_mailman(port: int) -> Mailman:
    return Mailman(BrokerSettings(host=HOST, port=port), CHANNELS)


@contextmanager
def ingesting(
    store: Store, port: int, *, sites: tuple[str, ...] = (), mailman: Mailman | None = None
) -> Iterator[Ingest]:
    mailman = mailman or a_mailman(port)
    ingest = Ingest(store, mailman, sites=sites, clock=lambda: datetime.now(UTC))
    ingest.start()
    try:
        eventually(lambda: ingest.snapshot().broker.is_connected)
        yield ingest
    finally:
        ingest.stop(5)


def wait_for_what_was_sent_before(mailman: Mailman, site: SiteClient) -> None:
    """Wait for an ack of nothing over central's connection: acks before it have come, too."""
    marker = an_incident()
    mailman.send_ack(an_ack(marker))
    site.wait_for_acks(marker)


def test_what_a_site_sends_is_committed_and_then_acked(
    broker: Broker, site: SiteClient, sqlite_store: Store
) -> None:
    incident = an_incident()
    picture = an_evidence(incident)
    with ingesting(sqlite_store, broker.port):
        site.send(a_status(), a_catalogue(), a_health(), incident, picture)
        site.wait_for_acks(incident, picture)
        (complaint,) = sqlite_store.complaints()
        assert complaint.evidence_sha256 == picture.header.sha256
        assert {one.outcome for one in site.acked.values()} == {AckOutcome.COMMITTED}
        # In no order between the topics: the broker promises none.
        eventually(lambda: [one.state for one in sqlite_store.sites(at=AT)] == [SiteState.ONLINE])
        eventually(lambda: [one.is_running for one in sqlite_store.cameras(at=AT)] == [True])
        eventually(lambda: sqlite_store.cameras(at=AT)[0].place.camera_name == "Toll road, west")


def test_what_came_while_central_was_away_comes_when_it_is_back(
    broker: Broker, site: SiteClient, sqlite_store: Store
) -> None:
    with ingesting(sqlite_store, broker.port):
        pass
    incident = an_incident()
    site.send(incident)
    with ingesting(sqlite_store, broker.port):
        site.wait_for_acks(incident)
    assert len(sqlite_store.complaints()) == 1


def test_a_second_delivery_is_acked_again_and_counted_once(
    broker: Broker, site: SiteClient, sqlite_store: Store
) -> None:
    incident = an_incident()
    with ingesting(sqlite_store, broker.port) as ingest:
        site.send(incident)
        site.wait_for_acks(incident)
        site.send(incident)
        eventually(lambda: site.acks == 2)
        assert ingest.snapshot().repeated == 1
    assert sqlite_store.complaints()[0].sightings == 1


def test_bad_messages_are_parked_and_the_rest_goes_on(
    broker: Broker, site: SiteClient, sqlite_store: Store
) -> None:
    of_another_camera = an_incident(camera="other")
    of_another_version = encode(an_incident()).replace(b'"schema_version":1', b'"schema_version":2')
    first = an_incident()
    stolen = a_revision(first, camera="other")
    # No database column holds it, though the wire contract sets no limit.
    huge = a_revision(first, revision=10**30)
    last = an_incident(zone="eastbound")
    with ingesting(sqlite_store, broker.port):
        site.send(first)
        site.send_raw(INCIDENTS, b"\xff not json")
        site.send_raw(INCIDENTS, b"[" * 5000)
        site.send_raw(INCIDENTS, b"x" * (MAX_MESSAGE_BYTES + 1))
        site.send_raw(INCIDENTS, of_another_version)
        site.send_raw(INCIDENTS, b'{"schema_version": 1, "\\u0000\\ud800": 1}')
        site.send_raw(INCIDENTS, encode(of_another_camera))
        site.send_raw("simpang/v1/Harmoni/x/incident", b"{}")
        site.send(stolen, huge, last)
        site.wait_for_acks(first, of_another_camera, stolen, huge, last)
    faults = sorted(letter.fault.value for letter in sqlite_store.dead_letters())
    assert faults == sorted(
        [
            DeadLetterFault.MALFORMED,
            DeadLetterFault.MALFORMED,
            DeadLetterFault.OVERSIZED,
            DeadLetterFault.UNKNOWN_VERSION,
            DeadLetterFault.INVALID,
            DeadLetterFault.FOREIGN,
            DeadLetterFault.UNKNOWN_TOPIC,
            DeadLetterFault.FOREIGN,
            DeadLetterFault.PROCESSING,
        ]
    )
    assert site.acked[last.message_id].outcome is AckOutcome.COMMITTED
    for parked in (of_another_camera, stolen, huge):
        ack = site.acked[parked.message_id]
        assert ack.outcome is AckOutcome.DEAD_LETTER
        assert ack.reason
    assert len(sqlite_store.complaints()) == 2


def test_the_same_bad_message_is_one_dead_letter_that_is_counted(
    broker: Broker, site: SiteClient, sqlite_store: Store
) -> None:
    with ingesting(sqlite_store, broker.port):
        for _ in range(3):
            site.send_raw(INCIDENTS, b"x" * 100_000)
        eventually(lambda: [one.times_seen for one in sqlite_store.dead_letters()] == [3])
    (letter,) = sqlite_store.dead_letters()
    assert letter.size_bytes == 100_000
    sqlite_store.drop_dead_letter(letter.dead_letter_id, at=AT)
    assert sqlite_store.counts(at=AT).dead_letters == 0


def test_a_site_that_is_not_listed_is_not_listened_to(
    broker: Broker, site: SiteClient, sqlite_store: Store
) -> None:
    incident, picture = an_incident(), an_evidence()
    with ingesting(sqlite_store, broker.port, sites=("senen",)):
        site.send(incident, picture)
        site.wait_for_acks(incident, picture)
    assert {one.outcome for one in site.acked.values()} == {AckOutcome.DEAD_LETTER}
    assert {one.fault for one in sqlite_store.dead_letters()} == {DeadLetterFault.FOREIGN}
    assert sqlite_store.complaints() == ()


def test_a_broker_that_dies_is_found_again(
    broker: Broker, site: SiteClient, sqlite_store: Store
) -> None:
    with ingesting(sqlite_store, broker.port) as ingest:
        broker.kill()
        eventually(lambda: not ingest.snapshot().broker.is_connected)
        assert ingest.snapshot().broker.fault
        broker.start()
        eventually(lambda: ingest.snapshot().broker.is_connected)
        incident = an_incident()
        eventually(lambda: site.is_connected)
        site.send(incident)
        site.wait_for_acks(incident)


def test_a_wrong_password_is_said_without_being_shown(tmp_path: Path, sqlite_store: Store) -> None:
    guarded = a_broker("nats", tmp_path, username="central", password="right")
    guarded.start()
    settings = BrokerSettings.model_validate(
        {"host": HOST, "port": guarded.port, "username": "central", "password": "wr0ng-one"}
    )
    ingest = Ingest(sqlite_store, Mailman(settings, CHANNELS), clock=lambda: AT)
    ingest.start()
    try:
        eventually(lambda: "refused" in (ingest.snapshot().broker.fault or ""))
        assert "wr0ng-one" not in repr(ingest.snapshot())
    finally:
        ingest.stop(5)
        guarded.kill()


def test_nothing_is_acked_while_the_books_are_locked(
    broker: Broker, site: SiteClient, sqlite_store: Store, tmp_path: Path
) -> None:
    other = open_database(f"sqlite:///{tmp_path / 'central.db'}")
    incident = an_incident()
    mailman = a_mailman(broker.port)
    with ingesting(sqlite_store, broker.port, mailman=mailman) as ingest:
        with other.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            connection.exec_driver_sql("END")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            site.send(incident)
            eventually(lambda: ingest.snapshot().broker.received == 1)
            eventually(lambda: ingest.snapshot().broker.waiting == 0)
            wait_for_what_was_sent_before(mailman, site)
            assert not site.has_ack_of(incident)
        site.wait_for_acks(incident)
    other.close()


def test_messages_wait_while_the_database_is_down(tmp_path: Path, postgres: Postgres) -> None:
    broker = a_broker("nats", tmp_path)
    broker.start()
    url = postgres.new_database()
    opened = open_database(url)
    migrate(opened)
    store = Store(opened)
    incidents = [an_incident(zone=f"zone-{n}") for n in range(5)]
    mailman = a_mailman(broker.port)
    with (
        a_site(broker.port) as site,
        ingesting(store, broker.port, mailman=mailman) as ingest,
    ):
        with out_of_order(url):
            site.send(*incidents)
            eventually(lambda: ingest.snapshot().fault is not None)
            wait_for_what_was_sent_before(mailman, site)
            assert not any(site.has_ack_of(incident) for incident in incidents)
        site.wait_for_acks(*incidents)
        assert ingest.snapshot().fault is None
        assert ingest.snapshot().dead_lettered == 0
    assert len(store.complaints()) == 5
    opened.close()
    broker.kill()


def test_what_cannot_be_pruned_stops_no_message_and_leaves_no_fault(tmp_path: Path) -> None:
    broker = a_broker("nats", tmp_path)
    broker.start()
    opened = open_database(f"sqlite:///{tmp_path / 'central.db'}")
    migrate(opened)
    with opened.engine.connect() as connection:
        # Autocommit: the driver's own transactions are off.
        connection.exec_driver_sql(
            "CREATE TRIGGER kept BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'kept'); END"
        )
        connection.exec_driver_sql("INSERT INTO change VALUES (1, '2020-01-01', 'site', 'x')")
        connection.commit()
    incident = an_incident()
    with a_site(broker.port) as site, ingesting(Store(opened), broker.port) as ingest:
        assert ingest.snapshot().is_running
        assert ingest.snapshot().fault is None
        site.send(incident)
        site.wait_for_acks(incident)
    opened.close()
    broker.kill()


def test_a_flood_of_refused_messages_does_not_fill_the_log(
    broker: Broker, site: SiteClient, sqlite_store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    first = an_incident()
    stolen = [a_revision(first, camera=f"camera-{n}") for n in range(40)]
    with ingesting(sqlite_store, broker.port):
        site.send(first)
        site.wait_for_acks(first)
        site.send(*stolen)
        site.wait_for_acks(*stolen)
    logged = [one for one in caplog.records if one.name == "central.ingest"]
    refused = [one for one in logged if "refused" in one.getMessage()]
    assert len(refused) == 1
    assert not any(one.exc_info for one in logged)
