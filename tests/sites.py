"""A site as central sees it: sends what a test tells it to, and notes what central acks."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from analytics.messages import (
    Acked,
    AckMessage,
    CatalogueMessage,
    Channel,
    EvidenceMessage,
    HealthMessage,
    IncidentMessage,
    Message,
    StatusMessage,
    ack_topic,
    camera_topic,
    catalogue_topic,
    decode,
    encode,
    status_topic,
)
from tests.builders import SITE
from tests.deadlines import eventually

HOST = "127.0.0.1"


class SiteClient:
    """A connection to the broker in the name of one site.

    Attributes
    ----------
    acked
        What central said of each message, the last word of several.
    acks
        How many such words came.
    """

    def __init__(self, port: int, site: str = SITE) -> None:
        self.site = site
        self.acked: dict[UUID, Acked] = {}
        self.acks = 0
        self._is_subscribed = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        self._client.on_connect = lambda client, *_: client.subscribe(ack_topic(site), qos=1)
        self._client.on_subscribe = lambda *_: self._is_subscribed.set()
        self._client.on_message = self._note
        self._client.connect(HOST, port)
        self._client.loop_start()
        assert self._is_subscribed.wait(10)

    def send(self, *messages: Message) -> None:
        """Send messages, each on its own topic."""
        for message in messages:
            self.send_raw(_topic(message), encode(message), retain=_is_retained(message))

    def send_raw(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send anything at all."""
        self._client.publish(topic, payload, qos=1, retain=retain)

    def has_ack_of(self, *messages: IncidentMessage | EvidenceMessage) -> bool:
        """Tell whether central has said something of all these messages."""
        return all(message.message_id in self.acked for message in messages)

    def wait_for_acks(self, *messages: IncidentMessage | EvidenceMessage) -> None:
        """Wait until central has said something of all these messages."""
        eventually(lambda: self.has_ack_of(*messages))

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there."""
        return self._client.is_connected()

    def close(self) -> None:
        """End the connection."""
        self._client.disconnect()
        self._client.loop_stop()

    def _note(self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        decoded = decode(message.topic, bytes(message.payload))
        assert isinstance(decoded, AckMessage)
        for one in decoded.messages:
            self.acked[one.message_id] = one
            self.acks += 1


@contextmanager
def a_site(port: int, site: str = SITE) -> Iterator[SiteClient]:
    """Give a connected site, and end its connection."""
    client = SiteClient(port, site)
    try:
        yield client
    finally:
        client.close()


def _topic(message: Message) -> str:
    match message:
        case IncidentMessage():
            return camera_topic(message.site, message.camera, Channel.INCIDENT)
        case EvidenceMessage():
            return camera_topic(message.site, message.camera, Channel.EVIDENCE)
        case HealthMessage():
            return camera_topic(message.site, message.camera, Channel.HEALTH)
        case CatalogueMessage():
            return catalogue_topic(message.site)
        case StatusMessage():
            return status_topic(message.site)
        case _:
            raise AssertionError(message)


def _is_retained(message: Message) -> bool:
    return isinstance(message, HealthMessage | CatalogueMessage | StatusMessage)
