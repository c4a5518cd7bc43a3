"""From the outbox to a central that acks, over brokers that are killed in the middle."""

import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from analytics.messages import (
    AckOutcome,
    CatalogueMessage,
    EvidenceMessage,
    HealthMessage,
    IncidentMessage,
    SiteState,
    StatusMessage,
    StreamState,
    ack_topic,
    encode,
    new_id,
)
from central.broker import HOST
from edge.commands import Commands
from edge.config import BrokerSettings
from edge.outbox import Outbox
from edge.publisher import Publisher
from tests.acking_central import AckingCentral
from tests.brokers import BROKERS, Broker, Mosquitto, a_broker, find_mosquitto, free_port
from tests.builders import (
    AT,
    SITE,
    a_catalogue,
    a_health,
    a_revision,
    an_ack,
    an_evidence,
    an_incident,
)
from tests.deadlines import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    with Outbox(tmp_path / "outbox.db", limit_bytes=64 * 2**20) as opened:
        yield opened


def settings(port: int, **changes: object) -> BrokerSettings:
    return BrokerSettings.model_validate({"host": HOST, "port": port, "ack_timeout_s": 2} | changes)


@contextmanager
def publishing(
    outbox: Outbox, using: BrokerSettings, commands: Commands | None = None
) -> Iterator[Publisher]:
    publisher = Publisher(
        SITE, using, outbox, software="0.1.0", clock=lambda: AT, commands=commands
    )
    publisher.start()
    try:
        yield publisher
    finally:
        publisher.stop(10)


def put_all(outbox: Outbox, incidents: Sequence[IncidentMessage]) -> None:
    for incident in incidents:
        outbox.put([incident], at=AT)


def depth(outbox: Outbox) -> int:
    return outbox.figures(AT).depth


def connected(publisher: Publisher) -> Callable[[], bool]:
    return lambda: publisher.snapshot().connected


def test_what_central_acks_leaves_the_disk(broker: Broker, outbox: Outbox) -> None:
    incident = an_incident()
    picture = an_evidence(incident, content=b"x" * 500_000)
    outbox.put([incident, picture], at=AT)
    with AckingCentral(broker.port) as central, publishing(outbox, settings(broker.port)) as line:
        eventually(lambda: depth(outbox) == 0)
        assert central.newest(IncidentMessage) == incident
        assert central.newest(EvidenceMessage) == picture
        eventually(lambda: line.snapshot().acked == 2)
        assert line.snapshot().fault is None
        later = a_revision(incident)
        outbox.put([later], at=AT)
        eventually(lambda: depth(outbox) == 0)
        assert central.newest(IncidentMessage) == later


def test_a_hundred_revisions_arrive_in_their_order(broker: Broker, outbox: Outbox) -> None:
    revisions = [an_incident()]
    for _ in range(99):
        revisions.append(a_revision(revisions[-1]))
    outbox.put(revisions, at=AT)
    with AckingCentral(broker.port) as central, publishing(outbox, settings(broker.port)):
        eventually(lambda: depth(outbox) == 0)
        assert central.ids() == [one.message_id for one in revisions]


def test_every_message_arrives_though_the_broker_is_killed_in_the_middle(
    broker: Broker, outbox: Outbox
) -> None:
    incidents = [an_incident() for _ in range(300)]
    with AckingCentral(broker.port) as central, publishing(outbox, settings(broker.port)) as line:
        putter = threading.Thread(target=put_all, args=(outbox, incidents), daemon=True)
        putter.start()
        eventually(lambda: len(central.ids()) > 50)
        broker.kill()
        eventually(lambda: line.snapshot().fault is not None)
        putter.join()
        broker.start()
        eventually(lambda: depth(outbox) == 0, within_s=30)
        assert set(central.ids()) == {one.message_id for one in incidents}
        assert line.snapshot().reconnects >= 1
        assert line.snapshot().acked == 300


def test_a_message_whose_ack_is_lost_is_sent_again(broker: Broker, outbox: Outbox) -> None:
    incident = an_incident()
    outbox.put([incident], at=AT)
    with (
        AckingCentral(broker.port, outcome=None) as central,
        publishing(outbox, settings(broker.port, ack_timeout_s=0.3)),
    ):
        eventually(lambda: len(central.ids()) == 1)
        central.outcome = AckOutcome.COMMITTED
        eventually(lambda: depth(outbox) == 0)
        assert central.ids() == [incident.message_id] * 2


def test_messages_wait_for_a_central_that_comes_later(broker: Broker, outbox: Outbox) -> None:
    outbox.put([an_incident() for _ in range(100)], at=AT)
    with AckingCentral(broker.port):
        pass  # leaves a session behind, so that the broker keeps what is sent to it
    with publishing(outbox, settings(broker.port, ack_timeout_s=60)) as line:
        eventually(lambda: line.snapshot().published > 0)
        assert depth(outbox) == 100
        assert line.snapshot().published <= 32, "the others are not poured into the broker"
        with AckingCentral(broker.port):
            eventually(lambda: depth(outbox) == 0)


def test_a_dead_letter_leaves_the_disk_and_is_counted_apart(broker: Broker, outbox: Outbox) -> None:
    outbox.put([an_incident()], at=AT)
    with (
        AckingCentral(broker.port, outcome=AckOutcome.DEAD_LETTER),
        publishing(outbox, settings(broker.port)) as line,
    ):
        eventually(lambda: line.snapshot().dead_lettered == 1)
        assert line.snapshot().acked == 0
        assert depth(outbox) == 0


def test_no_word_but_centrals_on_this_site_deletes_anything(broker: Broker, outbox: Outbox) -> None:
    incident = an_incident()
    outbox.put([incident], at=AT)
    with (
        AckingCentral(broker.port, outcome=None) as central,
        publishing(outbox, settings(broker.port, ack_timeout_s=60)) as line,
    ):
        eventually(lambda: central.ids())
        central.say(ack_topic(SITE), b"no ack at all")
        central.say(ack_topic(SITE), encode(an_ack(incident, site="elsewhere")))
        central.ack("elsewhere", [incident.message_id], AckOutcome.COMMITTED)
        central.ack(SITE, [new_id(AT)], AckOutcome.COMMITTED)
        eventually(lambda: line.snapshot().acks_unreadable == 2)
        assert depth(outbox) == 1
        central.ack(SITE, [incident.message_id], AckOutcome.COMMITTED)
        eventually(lambda: depth(outbox) == 0)


def test_retained_topics_are_true_also_for_a_broker_that_lost_them(
    broker: Broker, outbox: Outbox
) -> None:
    health, catalogue = a_health(), a_catalogue()
    with publishing(outbox, settings(broker.port)) as line:
        line.announce(a_health(reconnects=7))
        line.announce(health)
        line.announce(catalogue)
        eventually(connected(line))
        broker.kill()
        broker.start()
        with AckingCentral(broker.port) as central:
            eventually(lambda: central.newest(CatalogueMessage) == catalogue)
            eventually(lambda: central.newest(HealthMessage) == health)
            eventually(lambda: central.states[-1:] == [SiteState.ONLINE])
            status = central.newest(StatusMessage)
            assert isinstance(status, StatusMessage)
            assert status.outbox is not None


def test_a_site_that_stops_says_so_itself(broker: Broker, outbox: Outbox) -> None:
    with AckingCentral(broker.port) as central:
        with publishing(outbox, settings(broker.port)) as line:
            eventually(lambda: central.states == [SiteState.ONLINE])
        assert not line.snapshot().connected
        eventually(lambda: central.states == [SiteState.ONLINE, SiteState.OFFLINE])


def test_what_is_announced_just_before_the_stop_is_what_the_broker_keeps(
    broker: Broker, outbox: Outbox
) -> None:
    with publishing(outbox, settings(broker.port)) as line:
        line.announce(a_health(stream=StreamState.RUNNING))
        eventually(connected(line))
        line.announce(a_health(stream=StreamState.ENDED))
    with AckingCentral(broker.port) as central:
        eventually(lambda: central.newest(HealthMessage) and central.states)
        health = central.newest(HealthMessage)
        assert isinstance(health, HealthMessage)
        assert health.stream is StreamState.ENDED
        assert central.states == [SiteState.OFFLINE]


SITE_PROCESS = """
import sys, time
from pathlib import Path
from edge.config import BrokerSettings
from edge.outbox import Outbox
from edge.publisher import Publisher
from tests.builders import AT, SITE
outbox = Outbox(Path(sys.argv[1]), limit_bytes=2**20)
using = BrokerSettings(port=int(sys.argv[2]))
Publisher(SITE, using, outbox, software="0.1.0", clock=lambda: AT).start()
time.sleep(60)
"""


def test_the_broker_says_it_for_a_site_that_is_killed(broker: Broker, tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", SITE_PROCESS, str(tmp_path / "outbox.db"), str(broker.port)]
    with AckingCentral(broker.port) as central, subprocess.Popen(arguments) as site:
        eventually(lambda: central.states == [SiteState.ONLINE])
        site.kill()
        eventually(lambda: central.states == [SiteState.ONLINE, SiteState.OFFLINE])


@pytest.mark.parametrize("name", BROKERS)
def test_a_wrong_password_is_told_without_it_and_the_right_one_works(
    name: str, tmp_path: Path, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    guarded = a_broker(name, tmp_path, username="site", password="right@/:?#")
    guarded.start()
    try:
        wrong = settings(guarded.port, username="site", password=SecretStr("wrong@/:?#"))
        with publishing(outbox, wrong) as line:
            eventually(lambda: "refused the site" in (line.snapshot().fault or ""))
            assert "uthori" in (line.snapshot().fault or "")
            assert not line.snapshot().connected
        assert "wrong@" not in caplog.text + repr(line.snapshot())
        right = settings(guarded.port, username="site", password=SecretStr("right@/:?#"))
        with publishing(outbox, right) as line:
            eventually(connected(line))
    finally:
        guarded.kill()


def test_a_broker_that_is_not_there_is_told_once_and_awaited(
    outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    embedded = a_broker("nats", tmp_path)
    with publishing(outbox, settings(embedded.port)) as line:
        eventually(lambda: "refused" in (line.snapshot().fault or ""))
        embedded.start()
        try:
            eventually(connected(line))
            assert line.snapshot().fault is None
        finally:
            embedded.kill()
    assert caplog.text.count("cannot be reached: Connection refused") == 1


@pytest.mark.parametrize(
    ("host", "said"),
    [
        pytest.param("broker.invalid", "cannot be reached", id="unknown host"),
        pytest.param("a" * 70 + ".example", "cannot be reached", id="no host name at all"),
    ],
)
def test_a_host_that_is_none_is_told(outbox: Outbox, host: str, said: str) -> None:
    with publishing(outbox, settings(1883, host=host)) as line:
        eventually(lambda: said in (line.snapshot().fault or ""))


def test_a_server_that_is_no_broker_is_told_and_stopping_is_quick(outbox: Outbox) -> None:
    with (
        socket.create_server((HOST, 0)) as web,
        publishing(outbox, settings(web.getsockname()[1])) as line,
    ):
        caller, _ = web.accept()
        with caller:
            caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        eventually(lambda: "is lost" in (line.snapshot().fault or ""))


def a_certificate(path: Path) -> Path:
    """Make a certificate for ``HOST`` that vouches for itself; its key stands beside it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    request = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    request += [
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=a test",
        "-addext",
        f"subjectAltName=IP:{HOST}",
    ]
    files = ["-out", str(path), "-keyout", str(path.with_suffix(".key"))]
    subprocess.run([*request, *files], check=True, capture_output=True)
    return path


@contextmanager
def mosquitto(folder: Path, *extra: str) -> Iterator[Mosquitto]:
    find_mosquitto()
    started = Mosquitto(folder, free_port(), extra=extra)
    started.start()
    try:
        yield started
    finally:
        started.kill()


def test_tls_works_with_the_right_certificate_and_a_foreign_one_is_told(
    tmp_path: Path, outbox: Outbox
) -> None:
    certificate = a_certificate(tmp_path / "broker.pem")
    foreign = a_certificate(tmp_path / "foreign.pem")
    tls = (f"certfile {certificate}", f"keyfile {certificate.with_suffix('.key')}")
    with mosquitto(tmp_path / "mosquitto", *tls) as guarded:
        with publishing(outbox, settings(guarded.port, tls_ca=certificate)) as line:
            eventually(connected(line))
        with publishing(outbox, settings(guarded.port, tls_ca=foreign)) as line:
            eventually(lambda: "its certificate is not trusted" in (line.snapshot().fault or ""))


def test_a_certificate_file_that_holds_none_is_named(tmp_path: Path, outbox: Outbox) -> None:
    empty = tmp_path / "authority.pem"
    empty.write_text("no certificate in here\n")
    with publishing(outbox, settings(1883, tls_ca=empty)) as line:
        eventually(lambda: f"tls_ca {empty} cannot be used" in (line.snapshot().fault or ""))


def test_a_site_that_may_not_read_commands_sends_what_it_finds_all_the_same(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    commands = Commands(SITE, recheck=lambda _: None, clock=lambda: AT)
    outbox.put([an_incident()], at=AT)
    with (
        socket.create_server((HOST, 0)) as broker,
        publishing(outbox, settings(broker.getsockname()[1]), commands=commands) as line,
    ):
        caller, _ = broker.accept()
        with caller:
            caller.recv(4096)
            caller.sendall(b"\x20\x02\x00\x00")
            for answer in (b"\x01", b"\x80"):
                subscribe = caller.recv(4096)
                assert subscribe[0] == 0x82, "SUBSCRIBE"
                caller.sendall(b"\x90\x03" + subscribe[2:4] + answer)
            eventually(lambda: line.snapshot().published == 1)
    assert "central cannot ask site harmoni for anything" in caplog.text


def test_a_site_that_may_not_read_its_acks_is_told_so(outbox: Outbox) -> None:
    # By hand: mosquitto grants such a subscription, and then delivers nothing.
    with (
        socket.create_server((HOST, 0)) as broker,
        publishing(outbox, settings(broker.getsockname()[1])) as line,
    ):
        caller, _ = broker.accept()
        with caller:
            assert caller.recv(4096)[0] == 0x10, "CONNECT"
            caller.sendall(b"\x20\x02\x00\x00")
            subscribe = caller.recv(4096)
            assert subscribe[0] == 0x82, "SUBSCRIBE"
            caller.sendall(b"\x90\x03" + subscribe[2:4] + b"\x80")
            eventually(lambda: "does not let the site read" in (line.snapshot().fault or ""))
        assert not line.snapshot().connected
