"""The broker fixture does what the other tests trust it for."""

import socket
import subprocess
import sys
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from central.broker import HOST, EmbeddedBroker, EmbeddedBrokerError
from tests.brokers import BROKERS, Broker, a_broker, free_port
from tests.deadlines import eventually

pytestmark = pytest.mark.integration


def connack(port: int, username: str | None = None, password: str | None = None) -> str:
    """Return the broker's answer to a connection, as paho names it."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
    answers: list[str] = []
    client.on_connect = lambda *arguments: answers.append(str(arguments[3]))
    if username is not None:
        client.username_pw_set(username, password)
    client.connect(HOST, port)
    client.loop_start()
    eventually(lambda: answers)
    client.disconnect()
    client.loop_stop()
    return answers[0]


def test_a_broker_comes_back_on_the_same_port_after_a_kill(broker: Broker) -> None:
    assert connack(broker.port) == "Success"
    broker.kill()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((HOST, broker.port), timeout=1)
    broker.start()
    assert connack(broker.port) == "Success"


@pytest.mark.parametrize("name", BROKERS)
def test_a_broker_with_a_login_refuses_a_wrong_password(name: str, tmp_path: Path) -> None:
    guarded = a_broker(name, tmp_path, username="site", password='p"a\\s:s#@/{}')
    guarded.start()
    try:
        assert connack(guarded.port, "site", 'p"a\\s:s#@/{}') == "Success"
        assert connack(guarded.port, "site", "wrong") != "Success"
        assert connack(guarded.port) != "Success"
    finally:
        guarded.kill()


def test_the_embedded_broker_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    port = free_port()
    script = (
        "import sys, time; from pathlib import Path; from central.broker import EmbeddedBroker\n"
        f"broker = EmbeddedBroker(Path(sys.argv[1]), {port}); broker.start()\n"
        "print(broker.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        parent.kill()
    eventually(lambda: not Path(f"/proc/{pid}/exe").exists())


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(EmbeddedBrokerError, match=f"{HOST}:{port}: Address already in use"):
            EmbeddedBroker(tmp_path, port).start()


def test_a_store_that_cannot_be_used_is_told_in_the_brokers_own_words(tmp_path: Path) -> None:
    (tmp_path / "jetstream").write_text("a file where a folder belongs")
    with pytest.raises(EmbeddedBrokerError, match=r"ended: .*JetStream"):
        EmbeddedBroker(tmp_path, free_port()).start()
