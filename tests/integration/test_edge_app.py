"""The whole edge on real streams, a real broker and a real disk."""

import json
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from analytics.messages import (
    CatalogueMessage,
    EvidenceMessage,
    HealthMessage,
    IncidentMessage,
    IncidentPhase,
    Message,
    SiteState,
    StatusMessage,
    StreamFaultType,
    StreamState,
    decode,
)
from edge.app import Site, running
from edge.config import BrokerSettings, load_site
from edge.connection import Connection
from edge.outbox import Outbox, OutboxReader
from scripts.rtsp import Fault, Feed, RtspServer
from tests.brokers import Broker, a_broker
from tests.builders import an_incident
from tests.deadlines import eventually
from tests.edge_site import SITE, a_camera, edge_process, write_site
from tests.footage import BRIGHT, DARK, Segment, jam, write_clip

pytestmark = pytest.mark.integration

PASSWORD = "p@ss/w?rd#:"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_clip(folder / "jam.mp4", jam(20))
    write_clip(folder / "empty.mp4", [Segment(DARK, 5)])
    return folder


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Broker]:
    broker = a_broker("mosquitto", tmp_path)
    broker.start()
    yield broker
    broker.kill()


@contextmanager
def a_site(config: Path) -> Iterator[Site]:
    with running(load_site(config, environ={"CAMERA": PASSWORD}), software="0.1.0") as site:
        yield site


def states(site: Site) -> dict[str, StreamState]:
    return {camera.camera: camera.stream.state for camera in site.camera_figures()}


def depth(site: Site) -> int:
    outbox = site.figures().outbox
    assert outbox is not None
    return outbox.depth


class Listener:
    """Hears all that a site says."""

    def __init__(self, port: int) -> None:
        self._connection = Connection(BrokerSettings(port=port), "listener", will=None)
        self._connection.subscribe("simpang/v1/#")
        self.heard: list[Message] = []

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.__exit__()

    def until(self, claim: Callable[[list[Message]], bool], *, within_s: float = 20) -> None:
        """Listen until ``claim`` is true of all that was heard."""
        deadline = time.monotonic() + within_s
        while not claim(self.heard):
            assert time.monotonic() < deadline, [type(message).__name__ for message in self.heard]
            for arrived in self._connection.wait(0.1):
                self.heard.append(decode(arrived.topic, arrived.payload))


def phases(heard: list[Message], camera: str) -> set[IncidentPhase]:
    return {m.phase for m in heard if isinstance(m, IncidentMessage) and m.camera == camera}


def healths(heard: list[Message]) -> Mapping[str, HealthMessage]:
    return {m.camera: m for m in heard if isinstance(m, HealthMessage)}


def test_of_three_cameras_the_jammed_one_is_reported_and_the_dead_one_costs_nothing(
    tmp_path: Path, films: Path, mosquitto: Broker
) -> None:
    feeds = {
        "jam": Feed(films / "jam.mp4", username="viewer", password=PASSWORD),
        "empty": Feed(films / "empty.mp4"),
        "dead": Feed(films / "empty.mp4", fault=Fault.NOT_FOUND),
    }
    with RtspServer(feeds) as server, Listener(mosquitto.port) as listener:
        urls = {camera: server.url(camera) for camera in feeds}
        config = write_site(tmp_path, urls, broker_port=mosquitto.port)
        text = config.read_text().replace(
            "camera: jam", "camera: jam\n  username: viewer\n  password: ${CAMERA}"
        )
        config.write_text(text)
        with a_site(config):
            listener.until(lambda heard: any(isinstance(m, EvidenceMessage) for m in heard))
            listener.until(lambda heard: set(healths(heard)) == set(feeds))
        listener.until(lambda heard: _last_status(heard) is SiteState.OFFLINE)
    heard = listener.heard
    assert phases(heard, "jam") == {IncidentPhase.OPENED}
    assert phases(heard, "empty") == phases(heard, "dead") == set()
    dead = healths(heard)["dead"]
    assert dead.fault is not None
    assert dead.fault.type is StreamFaultType.NOT_FOUND
    (catalogue,) = {m.model_dump_json() for m in heard if isinstance(m, CatalogueMessage)}
    assert PASSWORD not in catalogue
    assert "rtsp" not in catalogue


def _last_status(heard: list[Message]) -> SiteState | None:
    said = [m.state for m in heard if isinstance(m, StatusMessage)]
    return said[-1] if said else None


def test_a_stream_that_stalls_is_told_and_taken_up_again(tmp_path: Path, films: Path) -> None:
    with (
        RtspServer({"one": Feed(films / "empty.mp4")}) as server,
        a_site(write_site(tmp_path, {"one": server.url("one")})) as site,
    ):
        eventually(lambda: states(site) == {"one": StreamState.RUNNING})
        server.set_fault("one", Fault.STALL)
        eventually(lambda: states(site)["one"] is StreamState.STALLED)
        server.set_fault("one", None)
        eventually(lambda: states(site)["one"] is StreamState.RUNNING)
        (camera,) = site.camera_figures()
        assert camera.stream.reconnects == 1


def test_what_it_found_waits_on_the_disk_while_there_is_no_broker(
    tmp_path: Path, films: Path
) -> None:
    with RtspServer({"one": Feed(films / "jam.mp4")}) as server:
        config = write_site(tmp_path, {"one": server.url("one")}, metrics_port=0)
        with a_site(config) as site:
            eventually(lambda: depth(site) >= 3)
            figures = site.figures()
    assert not figures.publisher.connected
    assert figures.publisher.fault is not None
    assert [one.phase for one in figures.incidents] == [IncidentPhase.OPENED]
    with OutboxReader(tmp_path / "data" / "outbox.db") as reader:
        assert any(entry.topic.endswith("/one/incident") for entry in reader.entries(limit=9))


def test_an_incident_of_a_camera_that_is_gone_is_closed_at_the_start(
    tmp_path: Path, films: Path
) -> None:
    config = write_site(tmp_path, {"one": "rtsp://127.0.0.1:1/live"})
    watched = an_incident(site=SITE, camera="one", zone="road")
    gone = an_incident(site=SITE, camera="two", zone="road")
    zone_gone = an_incident(site=SITE, camera="one", zone="side-road")
    (tmp_path / "data").mkdir()
    with Outbox(tmp_path / "data" / "outbox.db", limit_bytes=2**24) as outbox:
        outbox.put([watched, gone, zone_gone], at=watched.observed_at)
    with a_site(config) as site:
        closed = {("one", IncidentPhase.CLOSED, 1), ("two", IncidentPhase.CLOSED, 1)}
        eventually(
            lambda: {(i.camera, i.phase, i.count) for i in site.figures().incidents} == closed
        )
        eventually(lambda: [one.open_incidents for one in site.camera_figures()] == [1])
    with Outbox(tmp_path / "data" / "outbox.db", limit_bytes=2**24) as outbox:
        assert [one.incident_id for one in outbox.open_incidents()] == [watched.incident_id]


def test_metrics_are_served_while_it_runs(
    tmp_path: Path, films: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with RtspServer({"one": Feed(films / "empty.mp4")}) as server:
        config = write_site(tmp_path, {"one": server.url("one")}, metrics_port=0)
        caplog.set_level("INFO")
        with a_site(config) as site:
            eventually(lambda: site.camera_figures()[0].looks.looks > 3)
            (url,) = [word for word in caplog.text.split() if word.startswith("http://127.0.0.1")]
            with urllib.request.urlopen(url, timeout=5) as answer:
                text = answer.read().decode()
    looks = f'simpang_edge_looks_total{{camera="one",site="{SITE}"}}'
    assert float(text.split(looks)[1].split()[0]) > 3


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_ends_it_in_order_and_soon(
    tmp_path: Path, films: Path, mosquitto: Broker, how: signal.Signals
) -> None:
    feeds = {"one": Feed(films / "jam.mp4"), "silent": Feed(films / "jam.mp4", Fault.NEVER_ANSWER)}
    log = tmp_path / "log"
    with RtspServer(feeds) as server, Listener(mosquitto.port) as listener:
        urls = {camera: server.url(camera) for camera in feeds}
        config = write_site(tmp_path, urls, broker_port=mosquitto.port)
        with edge_process(config, log=log) as process:
            listener.until(lambda heard: phases(heard, "one") == {IncidentPhase.OPENED})
            process.send_signal(how)
            assert process.wait(12) == 0
        listener.until(lambda heard: _last_status(heard) is SiteState.OFFLINE)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert "site harmoni stops" in [line["text"] for line in lines]
    assert not [line for line in lines if "traceback" in line]


def test_a_second_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(15)
        url = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/live"
        # A camera that says nothing for so long holds up an orderly end by some seconds.
        config = write_site(tmp_path, {}, cameras=[a_camera("one", url=url, open_timeout_s=60)])
        with edge_process(config, log=log) as process, silent.accept()[0] as connection:
            assert connection.recv(1)
            process.send_signal(signal.SIGINT)
            eventually(lambda: "stops" in log.read_text())
            process.send_signal(signal.SIGINT)
            assert process.wait(2) == -signal.SIGINT


def test_an_edge_that_was_killed_goes_on_with_the_incident_it_had_open(
    tmp_path: Path, films: Path, mosquitto: Broker
) -> None:
    write_clip(tmp_path / "clears.mp4", [Segment(BRIGHT, 1), Segment(DARK, 20)])
    with (
        RtspServer({"one": Feed(films / "jam.mp4")}) as server,
        Listener(mosquitto.port) as listener,
    ):
        config = write_site(tmp_path, {"one": server.url("one")}, broker_port=mosquitto.port)
        with edge_process(config, log=tmp_path / "log") as process:
            listener.until(lambda heard: phases(heard, "one") == {IncidentPhase.OPENED})
            process.kill()
        server.set_feed("one", Feed(tmp_path / "clears.mp4"))
        with edge_process(config, log=tmp_path / "log2"):
            listener.until(lambda heard: IncidentPhase.CLOSED in phases(heard, "one"))
    incidents = [m for m in listener.heard if isinstance(m, IncidentMessage)]
    assert len({incident.incident_id for incident in incidents}) == 1
