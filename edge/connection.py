"""One connection to the MQTT broker, from CONNECT to its end. The edge's only module with paho.

Made, served and closed by one thread, so that no callback of paho's ever meets one of its locks:
with paho's own thread, a publish from within a callback can hang both.
"""

import select
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.config import BrokerSettings
from edge.errors import BrokerError, SubscriptionRefusedError

_CONNECT_TIMEOUT_S = 5.0
_ANSWER_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that the broker delivered."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker says, retained, when the connection ends without a word."""

    topic: str
    payload: bytes


class Connection:
    """An open connection with a session that the broker keeps while the site is away.

    Parameters
    ----------
    client_id
        Names the session; a second connection of the same name ends the first.
    will
        None for a connection that only asks whether it is taken: the broker keeps no session then.

    Raises
    ------
    BrokerError
        Where the broker cannot be reached, does not answer or refuses; the text says which, and
        holds no password. From every method too, once the connection is lost.
    """

    def __init__(self, settings: BrokerSettings, client_id: str, *, will: Will | None) -> None:
        self._name = f"the broker {settings.host}:{settings.port}"
        self._arrived: list[Arrived] = []
        self._answer: ReasonCode | None = None
        self._client = self._make_client(settings, client_id, will)
        try:
            self._client.connect(settings.host, settings.port, settings.keepalive_s)
        except (OSError, ValueError) as exc:  # ValueError: a host name that is none
            msg = f"{self._name} cannot be reached: {_in_words(exc)}"
            raise BrokerError(msg) from exc
        try:
            self._await_answer("refused the site")
        except BrokerError:
            self._close_socket()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close_socket()

    @property
    def is_busy(self) -> bool:
        """Whether the network has not yet taken all that was published."""
        return self._client.want_write()

    def subscribe(self, topic: str) -> None:
        """Ask for ``topic``, and wait until the broker granted it.

        Raises
        ------
        SubscriptionRefusedError
            Where it does not.
        """
        self._answer = None
        self._client.subscribe(topic, qos=1)
        self._await_answer(f"does not let the site read {topic}", SubscriptionRefusedError)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> Callable[[], bool]:
        """Send a message, at least once; it waits in memory where the network is slow.

        Returns
        -------
        Callable[[], bool]
            Tells whether the broker has confirmed it.
        """
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise self._lost(mqtt.error_string(sent.rc))
        return sent.is_published

    def wait(self, timeout_s: float) -> list[Arrived]:
        """Serve the network until something happens there; return what was delivered."""
        self._serve(timeout_s)
        arrived, self._arrived = self._arrived, []
        return arrived

    def farewell(self, topic: str, payload: bytes, *, timeout_s: float) -> None:
        """Publish a last retained message, wait until the broker has it, and disconnect.

        The broker then says no will.
        """
        last = self._client.publish(topic, payload, qos=1, retain=True)
        deadline = time.monotonic() + timeout_s
        while not last.is_published() and time.monotonic() < deadline:
            self._serve(deadline - time.monotonic())
        self._client.disconnect()

    def _make_client(
        self, settings: BrokerSettings, client_id: str, will: Will | None
    ) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=will is None,
            protocol=mqtt.MQTTv311,
        )
        client.connect_timeout = _CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(0)  # no limit: `edge.in_flight` is the one window
        if will is not None:
            client.will_set(will.topic, will.payload, qos=1, retain=True)
        if settings.username is not None:
            secret = settings.password
            client.username_pw_set(
                settings.username, None if secret is None else secret.get_secret_value()
            )
        if settings.tls_ca is not None:
            try:
                client.tls_set_context(_tls_context(settings.tls_ca))
            except (OSError, ValueError) as exc:
                msg = f"tls_ca {settings.tls_ca} cannot be used: {_in_words(exc)}"
                raise BrokerError(msg) from exc
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _await_answer(self, refusal: str, refused: type[BrokerError] = BrokerError) -> None:
        deadline = time.monotonic() + _ANSWER_TIMEOUT_S
        while self._answer is None:
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                msg = f"{self._name} does not answer; does it speak MQTT 3.1.1 there?"
                raise BrokerError(msg)
            try:
                self._serve(left_s)
            except BrokerError:
                # A refusal ends the connection too, and says more than its end.
                if self._answer is None:
                    raise
        if self._answer.is_failure:
            msg = f"{self._name} {refusal}: {self._answer}"
            raise refused(msg)

    def _serve(self, timeout_s: float) -> None:
        sock = self._client.socket()
        if sock is None:
            raise self._lost("it was closed")
        # poll, not select: select takes no file descriptor above 1023.
        poll = select.poll()
        poll.register(sock, select.POLLIN | (select.POLLOUT if self._client.want_write() else 0))
        # TLS reads whole records: some of it may be here already, out of the kernel's sight.
        pending = isinstance(sock, ssl.SSLSocket) and sock.pending() > 0
        events = poll.poll(0 if pending else timeout_s * 1000)
        happened = events[0][1] if events else 0
        result = MQTTErrorCode.MQTT_ERR_SUCCESS
        if pending or happened & ~select.POLLOUT:
            result = self._client.loop_read()
        if result == MQTTErrorCode.MQTT_ERR_SUCCESS and happened & select.POLLOUT:
            result = self._client.loop_write()
        if result == MQTTErrorCode.MQTT_ERR_SUCCESS:
            result = self._client.loop_misc()
        if result != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise self._lost(mqtt.error_string(result))

    def _lost(self, why: str) -> BrokerError:
        return BrokerError(f"the connection to {self._name.removeprefix('the ')} is lost: {why}")

    def _close_socket(self) -> None:
        sock = self._client.socket()
        if sock is not None:
            sock.close()

    def _on_connect(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._answer = reason

    def _on_subscribe(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _mid: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        self._answer = reasons[0]

    def _on_message(
        self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage
    ) -> None:
        self._arrived.append(Arrived(message.topic, bytes(message.payload)))


class _TlsSocket(ssl.SSLSocket):
    """Closes itself after a failed handshake; paho forgets such a socket without closing it."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002  # ssl's own
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def _tls_context(authority: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=authority)
    context.sslsocket_class = _TlsSocket
    return context


def _in_words(exc: OSError | ValueError) -> str:
    if isinstance(exc, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {exc.verify_message}"
    return getattr(exc, "strerror", None) or str(exc)
