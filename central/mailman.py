"""Central's MQTT connection: fetches messages, acks them when told to, sends acks and commands.

The only module of central that imports paho. Knows no database, and no message but these two.
"""

import contextlib
import logging
import queue
import ssl
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from analytics.messages import (
    AckMessage,
    Channel,
    CommandMessage,
    ack_topic,
    command_topic,
    encode,
    subscription,
)
from central.config import BrokerSettings
from central.errors import ServeError

logger = logging.getLogger(__name__)

_QUEUED = 1024
_RECONNECT_MIN_S = 1
_RECONNECT_MAX_S = 15
_QUEUE_POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as the broker delivered it.

    Attributes
    ----------
    packet
        The broker's number for it, good on ``connection`` only.
    """

    topic: str
    payload: bytes
    qos: int
    packet: int
    connection: int


@dataclass(frozen=True, slots=True)
class MailmanSnapshot:
    """How the connection is.

    Attributes
    ----------
    is_connected
        Messages can come: the broker has taken the subscriptions, too.
    fault
        Why there is none, in words without a credential.
    connections
        How often it was made since the start.
    waiting
        Messages that were delivered and not yet fetched.
    """

    is_connected: bool
    fault: str | None
    connections: int
    received: int
    waiting: int


class Mailman:
    """The connection, from `start` to `stop`; it comes back by itself.

    Parameters
    ----------
    channels
        What to listen to, from every site.

    Raises
    ------
    ServeError
        Where the file of the TLS authority cannot be used.
    """

    def __init__(self, settings: BrokerSettings, channels: Sequence[Channel]) -> None:
        self._settings = settings
        self._channels = channels
        self._queue: queue.Queue[Delivery] = queue.Queue(_QUEUED)
        self._stopping = threading.Event()
        self._connection = 0
        self._received = 0
        self._is_connected = False
        self._fault: str | None = "not connected yet"
        self._client = self._make_client()

    def start(self) -> None:
        """Connect, now or as soon as the broker is there."""
        self._client.connect_async(
            self._settings.host, self._settings.port, self._settings.keepalive_s
        )
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect; the broker keeps what comes until the next start."""
        self._stopping.set()
        self._client.disconnect()
        self._client.loop_stop()

    def take(self, limit: int, *, timeout_s: float) -> list[Delivery]:
        """Return up to ``limit`` messages; waits for the first, and is empty where none came."""
        found: list[Delivery] = []
        with contextlib.suppress(queue.Empty):
            found.append(self._queue.get(timeout=timeout_s))
            while len(found) < limit:
                found.append(self._queue.get_nowait())
        return found

    def settle(self, delivery: Delivery) -> None:
        """Tell the broker that it need not deliver this again.

        After a reconnect the number may mean another message: that one is left alone, and the
        broker delivers this one again.
        """
        if delivery.qos > 0 and delivery.connection == self._connection:
            self._client.ack(delivery.packet, delivery.qos)

    def send_ack(self, message: AckMessage) -> None:
        """Tell a site what is committed; while there is no broker, the site simply asks again."""
        if self._client.is_connected():
            self._client.publish(ack_topic(message.site), encode(message), qos=1)

    def send_command(self, message: CommandMessage) -> None:
        """Ask a site for something; where the connection is just lost, with the next one."""
        self._client.publish(command_topic(message.site), encode(message), qos=1)

    def snapshot(self) -> MailmanSnapshot:
        """Return how the connection is now; from any thread."""
        return MailmanSnapshot(
            is_connected=self._is_connected,
            fault=self._fault,
            connections=self._connection,
            received=self._received,
            waiting=self._queue.qsize(),
        )

    def _make_client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._settings.client_id,
            clean_session=False,
            protocol=mqtt.MQTTv311,
            manual_ack=True,
        )
        settings = self._settings
        if settings.username is not None:
            secret = settings.password
            client.username_pw_set(
                settings.username, None if secret is None else secret.get_secret_value()
            )
        if settings.tls_ca is not None:
            client.tls_set_context(_tls_context(settings.tls_ca))
        client.reconnect_delay_set(_RECONNECT_MIN_S, _RECONNECT_MAX_S)
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    # paho calls these while it holds locks of its own: they note and queue, and call nothing back
    # but `subscribe`, which it allows.

    def _on_connect(
        self,
        client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _properties: object,
    ) -> None:
        if reason.is_failure:
            self._lost(f"the broker refused: {reason.getName().lower()}")
            return
        self._connection += 1
        client.subscribe([(subscription(channel), 1) for channel in self._channels])

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _packet: int,
        reasons: list[ReasonCode],
        _properties: object,
    ) -> None:
        refused = [
            channel.value
            for channel, reason in zip(self._channels, reasons, strict=False)
            if reason.is_failure
        ]
        if refused:
            self._lost(f"the broker does not let central listen to {', '.join(refused)}")
            return
        self._is_connected = True
        self._fault = None
        logger.info("connected to the broker at %s", self._address)

    def _on_connect_fail(self, _client: mqtt.Client, _userdata: object) -> None:
        self._lost(f"cannot reach the broker at {self._address}")

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _properties: object,
    ) -> None:
        if self._stopping.is_set():
            self._is_connected = False
        # After a refusal paho reports a plain disconnect as well, which says less.
        elif self._is_connected:
            self._lost(f"the connection to {self._address} ended: {reason.getName().lower()}")

    def _on_message(
        self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage
    ) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = "(a topic that is no UTF-8)"
        self._received += 1
        payload = bytes(message.payload)
        delivery = Delivery(topic, payload, message.qos, message.mid, self._connection)
        # While the books are closed the queue fills, and this thread waits. In the end the broker
        # ends the connection for its silence, and delivers what was not acked on the next one.
        while not self._stopping.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(delivery, timeout=_QUEUE_POLL_S)
                return

    def _lost(self, fault: str) -> None:
        if fault != self._fault:
            logger.warning("%s; trying again", fault)
        self._is_connected = False
        self._fault = fault

    @property
    def _address(self) -> str:
        return f"{self._settings.host}:{self._settings.port}"


def _tls_context(authority: Path) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(authority))
    except (OSError, ssl.SSLError) as error:
        raise ServeError(f"tls_ca {authority} cannot be used: {error}") from error
