"""The process `simpang central`: starts, is killed, stops; and what its commands say."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from analytics.messages import Channel, camera_topic, encode
from central.app import listening
from central.config import ListenSettings
from central.errors import ServeError
from central.reading import DeadLetterFault
from central.store import DeadLetter, Store, open_database
from central.store.schema import HEAD
from simpang import ExitCode
from tests.brokers import Broker, free_port
from tests.builders import AT, CAMERA, SITE, an_evidence, an_incident
from tests.deadlines import eventually
from tests.processes import descendants, is_alive
from tests.sites import a_site

pytestmark = pytest.mark.integration

COMMAND = [sys.executable, "-m", "simpang", "central"]


def a_config(folder: Path, **changes: object) -> Path:
    settings = {
        "listen": {"port": 0},
        "database_url": "sqlite:///central.db",
        "broker": {"port": 1},
    } | changes
    path = folder / "central.yaml"
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return path


def run(command: str, config: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, command, "--config", str(config), *options],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class Serving:
    """A running `simpang central serve`."""

    def __init__(self, config: Path) -> None:
        self._log = config.with_suffix(".log")
        with self._log.open("ab") as log:
            self._start = log.tell()
            self.process = subprocess.Popen(
                [*COMMAND, "serve", "--config", str(config)], stdout=log, stderr=log
            )

    @property
    def log(self) -> str:
        return self._log.read_bytes()[self._start :].decode()

    @property
    def url(self) -> str:
        eventually(lambda: self.process.poll() is not None or "central serves" in self.log)
        found = re.search(r"central serves (\S+)", self.log)
        assert found, self.log
        return found[1]

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()


@contextmanager
def serving(config: Path) -> Iterator[Serving]:
    started = Serving(config)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_ends_cleanly_with_a_page_still_open(
    tmp_path: Path, ending: signal.Signals
) -> None:
    port = free_port()
    config = a_config(tmp_path, broker={"embedded": {"data_dir": "broker"}, "port": port})
    assert run("migrate", config).stdout == f"the schema is at {HEAD}\n"
    with serving(config) as central:
        eventually(lambda: central.get("healthz") == (200, '{"status":"ok"}'))
        with urllib.request.urlopen(central.url + "api/v1/events", timeout=10) as page:
            assert page.readline() == b"event: heartbeat\n"
            central.process.send_signal(ending)
            assert central.process.wait(15) == ExitCode.DONE
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    assert "Traceback" not in central.log
    assert "warning" not in central.log


def test_an_embedded_broker_that_is_killed_comes_back(tmp_path: Path) -> None:
    port = free_port()
    config = a_config(tmp_path, broker={"embedded": {"data_dir": "broker"}, "port": port})
    run("migrate", config)
    with serving(config) as central:
        eventually(lambda: central.get("healthz")[0] == 200)
        (first,) = descendants(central.process.pid)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: "the embedded broker" in central.get("healthz")[1])
        eventually(lambda: central.get("healthz")[0] == 200)
        incident = an_incident()
        with a_site(port) as site:
            site.send(incident)
            site.wait_for_acks(incident)
        (second,) = descendants(central.process.pid)
        assert second != first
        central.process.kill()
        eventually(lambda: not is_alive(second))


def test_a_port_is_taken_before_anyone_is_served_on_it() -> None:
    settings = ListenSettings(port=free_port())
    with (
        listening(settings),
        pytest.raises(ServeError, match="another program listens there already"),
        listening(settings),
    ):
        pass


def test_it_runs_without_a_broker_and_says_so(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    run("migrate", config)
    with serving(config) as central:
        eventually(lambda: "cannot reach the broker at 127.0.0.1:1" in central.get("healthz")[1])
        assert central.get("healthz")[0] == 503
        assert central.get("api/v1/complaints") == (200, "[]")


def test_killed_in_the_middle_it_loses_nothing_and_counts_nothing_twice(
    tmp_path: Path, broker: Broker
) -> None:
    config = a_config(tmp_path, broker={"port": broker.port})
    run("migrate", config)
    incidents = [
        an_incident(camera=f"camera-{n}", observed_at=AT + timedelta(seconds=n)) for n in range(200)
    ]
    pictures = [
        an_evidence(incident, content=bytes([n]) * 999) for n, incident in enumerate(incidents)
    ]
    messages = [message for pair in zip(incidents, pictures, strict=True) for message in pair]
    with a_site(broker.port) as site:
        with serving(config) as central:
            eventually(lambda: central.get("healthz")[0] == 200)
            site.send(*messages[:200])
            eventually(lambda: len(site.acked) > 20)
            site.send(*messages[200:])
            central.process.kill()
            central.process.wait()
        acked_before = set(site.acked)
        with serving(config) as central:
            eventually(lambda: central.get("healthz")[0] == 200)
            # An ack that was lost with central is asked for again, as the edge does.
            site.send(*(one for one in messages if one.message_id not in acked_before))
            site.wait_for_acks(*messages)
    database = open_database(f"sqlite:///{tmp_path / 'central.db'}")
    store = Store(database)
    complaints = store.complaints(limit=500)
    assert len(complaints) == 200
    assert {complaint.sightings for complaint in complaints} == {1}
    assert all(complaint.evidence_sha256 for complaint in complaints)
    assert store.counts(at=AT).dead_letters == 0
    database.close()


def test_a_database_without_schema_is_refused_with_what_to_do(tmp_path: Path) -> None:
    done = run("serve", a_config(tmp_path))
    assert done.returncode == ExitCode.INVALID
    assert "simpang central migrate" in done.stderr


def test_a_taken_port_is_said_in_words(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        config = a_config(tmp_path, listen={"port": taken.getsockname()[1]})
        run("migrate", config)
        done = run("serve", config)
    assert done.returncode == ExitCode.FAILED
    assert "another program listens there already" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_configuration_is_refused_with_every_problem(tmp_path: Path) -> None:
    config = a_config(tmp_path, listen={"host": "0.0.0.0"}, sites=["Not A Slug"])
    for command in ("check", "serve", "migrate", "dead-letters"):
        done = run(command, config)
        assert done.returncode == ExitCode.INVALID
        assert "listen.host" in done.stderr
        assert "sites[0]" in done.stderr
    as_json: Mapping[str, object] = json.loads(run("check", config, "--json").stdout)
    assert as_json["path"] == str(config)
    assert isinstance(as_json["problems"], list)
    assert len(as_json["problems"]) == 2


def test_a_database_that_is_away_is_exit_code_4(tmp_path: Path) -> None:
    config = a_config(tmp_path, database_url="postgresql://simpang@127.0.0.1:1/simpang")
    assert run("migrate", config).returncode == ExitCode.UNREACHABLE
    assert run("serve", config).returncode == ExitCode.UNREACHABLE


def test_dead_letters_are_listed_and_dropped(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    run("migrate", config)
    database = open_database(f"sqlite:///{tmp_path / 'central.db'}")
    letter = DeadLetter.of("simpang/v1/x", b"{", DeadLetterFault.MALFORMED, "no JSON")
    Store(database).take([], [letter, letter], at=AT)
    database.close()

    listed = run("dead-letters", config)
    assert "malformed, 1 bytes on simpang/v1/x: no JSON" in listed.stdout
    (fields,) = json.loads(run("dead-letters", config, "--json").stdout)["dead_letters"]
    assert (fields["fault"], fields["times_seen"]) == ("malformed", 2)

    assert run("dead-letters", config, "--drop", "99").returncode == ExitCode.FAILED
    dropped = run("dead-letters", config, "--drop", str(fields["dead_letter_id"]))
    assert dropped.stdout == "no dead letters\n"


def test_a_dead_letter_is_shown_whole_and_taken_again(tmp_path: Path) -> None:
    config = a_config(tmp_path)
    run("migrate", config)
    database = open_database(f"sqlite:///{tmp_path / 'central.db'}")
    store = Store(database)
    topic = camera_topic(SITE, CAMERA, Channel.EVIDENCE)
    incident = an_incident()
    # Of a version that this program has learnt since.
    payload = encode(an_evidence(incident, content=b"\x1b" * 300_000))
    fault = DeadLetterFault.UNKNOWN_VERSION
    letters = [
        DeadLetter.of(topic, payload, fault, "schema_version 2"),
        DeadLetter.of(topic, b"\x1b{", fault, "schema_version 3"),
        DeadLetter.of(topic, payload, DeadLetterFault.MALFORMED, "cut"),
    ]
    store.take([incident], letters[:2], at=AT)
    bad, good = store.dead_letters()

    shown = run("dead-letters", config, "--show", str(bad.dead_letter_id)).stdout
    assert shown.splitlines() == [
        "unknown_version: schema_version 3",
        f"on {topic}, 2 bytes, of which all are kept:",
        "\\x1b{",
    ]
    as_json = run("dead-letters", config, "--show", str(good.dead_letter_id), "--json").stdout
    assert b64decode(json.loads(as_json)["payload"]) == payload

    done = run("dead-letters", config, "--retry", str(good.dead_letter_id))
    assert done.returncode == ExitCode.DONE
    (kept,) = store.dead_letters()
    assert kept == bad
    (complaint,) = store.complaints()
    assert complaint.evidence_sha256

    failed = run("dead-letters", config, "--retry", str(bad.dead_letter_id))
    assert failed.returncode == ExitCode.FAILED
    assert "cannot be taken: malformed" in failed.stderr
    store.drop_dead_letter(bad.dead_letter_id, at=AT)

    store.take([], letters[2:], at=AT)
    (cut,) = store.dead_letters()
    failed = run("dead-letters", config, "--retry", str(cut.dead_letter_id))
    assert failed.returncode == ExitCode.FAILED
    assert "only 65536 of its" in failed.stderr
    database.close()
