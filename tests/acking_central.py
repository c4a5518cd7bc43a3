"""A central that only reads and acks: what a site's publisher needs on the other side."""

import threading
from collections.abc import Sequence
from typing import Self
from uuid import UUID

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from analytics.messages import (
    Acked,
    AckMessage,
    AckOutcome,
    Channel,
    Message,
    SiteState,
    StatusMessage,
    ack_topic,
    decode,
    encode,
    subscription,
)
from central.broker import HOST
from edge.outbox import OutboxMessage
from tests.builders import AT

_CHANNELS = (
    Channel.INCIDENT,
    Channel.EVIDENCE,
    Channel.TRAFFIC,
    Channel.HEALTH,
    Channel.CAMERAS,
    Channel.STATUS,
    Channel.REPLY,
)


class AckingCentral:
    """Reads all sites from a broker with a session that survives its absence.

    Attributes
    ----------
    outcome
        What it answers to each message; None answers nothing.
    received
        Each message in the order it arrived, repeats included.
    """

    def __init__(self, port: int, *, outcome: AckOutcome | None = AckOutcome.COMMITTED) -> None:
        self.outcome = outcome
        self.received: list[Message] = []
        self.states: list[SiteState] = []
        self._ready = threading.Event()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id="simpang-central",
            clean_session=False,
            protocol=mqtt.MQTTv311,
        )
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._ready.set()
        self._client.on_message = self._on_message
        self._client.connect(HOST, port)

    def __enter__(self) -> Self:
        self._client.loop_start()
        assert self._ready.wait(10), "the broker did not grant the subscription"
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def ids(self) -> list[UUID]:
        """Return the ids of what arrived to be stored, repeats included."""
        return [one.message_id for one in self.received if isinstance(one, OutboxMessage)]

    def newest(self, kind: type[Message]) -> Message | None:
        """Return the last message of a type; None where there was none."""
        return next((one for one in reversed(self.received) if isinstance(one, kind)), None)

    def ack(self, site: str, message_ids: Sequence[UUID], outcome: AckOutcome) -> None:
        """Answer for ``message_ids``, whatever was received."""
        acked = tuple(
            Acked(message_id=one, outcome=outcome, reason="a test") for one in message_ids
        )
        word = AckMessage(site=site, sent_at=AT, messages=acked)
        self.say(ack_topic(site), encode(word))

    def say(self, topic: str, payload: bytes) -> None:
        """Publish anything."""
        self._client.publish(topic, payload, qos=1)

    def _on_connect(self, *_: object) -> None:
        self._client.subscribe([(subscription(channel), 1) for channel in _CHANNELS])

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        read = decode(message.topic, bytes(message.payload))
        self.received.append(read)
        if isinstance(read, StatusMessage):
            self.states.append(read.state)
        elif isinstance(read, OutboxMessage) and self.outcome is not None:
            self.ack(read.site, [read.message_id], self.outcome)
