"""The least that any delivery takes: the same bytes through the same broker, and nothing else."""

import threading
from collections.abc import Sequence

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from scripts.bench.figures import NotMeasuredError
from scripts.demo.settings import HOST

TIMEOUT_S = 60.0

_TOPIC = "bench/limit"
"""Nobody else listens to it: central's topics start otherwise."""

_IN_FLIGHT = 1000
"""No window to wait for, as the outbox has one."""


def pass_on(port: int, payloads: Sequence[bytes]) -> int:
    """Publish ``payloads`` with QoS 1, wait until they all arrived, and return how many.

    Raises
    ------
    NotMeasuredError
        Where they did not arrive within `TIMEOUT_S`.
    """
    receiver, sender = _Receiver(port, len(payloads)), _client("bench-sender")
    sender.max_inflight_messages_set(_IN_FLIGHT)
    try:
        receiver.start()
        sender.connect(HOST, port)
        sender.loop_start()
        for payload in payloads:
            sender.publish(_TOPIC, payload, qos=1)
        receiver.wait()
    finally:
        for client in (sender, receiver.client):
            client.disconnect()
            client.loop_stop()
    return len(payloads)


class _Receiver:
    """Counts what comes, until it is enough."""

    def __init__(self, port: int, expected: int) -> None:
        self.client = _client("bench-receiver")
        self.client.on_subscribe = self._on_subscribe
        self.client.on_message = self._on_message
        self._port = port
        self._left = expected
        self._listening = threading.Event()
        self._complete = threading.Event()

    def start(self) -> None:
        """Return once the broker has taken the subscription."""
        self.client.connect(HOST, self._port)
        self.client.loop_start()
        self.client.subscribe(_TOPIC, qos=1)
        _await(self._listening, "take the subscription")

    def wait(self) -> None:
        """Return once everything has come."""
        _await(self._complete, "deliver what it was given")

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _mid: int,
        _reasons: list[ReasonCode],
        _properties: object,
    ) -> None:
        self._listening.set()

    def _on_message(
        self, _client: mqtt.Client, _userdata: object, _message: mqtt.MQTTMessage
    ) -> None:
        self._left -= 1
        if self._left == 0:
            self._complete.set()


def _client(name: str) -> mqtt.Client:
    # A session that the broker keeps, as those of the edge and of central.
    return mqtt.Client(
        CallbackAPIVersion.VERSION2, client_id=name, clean_session=False, protocol=mqtt.MQTTv311
    )


def _await(event: threading.Event, what: str) -> None:
    if not event.wait(TIMEOUT_S):
        raise NotMeasuredError(f"the broker did not {what} within {TIMEOUT_S:g} s")
