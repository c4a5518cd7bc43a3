"""Sends the outbox to central, and keeps the site's retained topics true.

One thread of its own connects, sends, takes central's acks and begins again when the broker is
gone. What is unsent or unacked is on the disk: the thread may end at any time and nothing is lost.
"""

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.messages import (
    AckMessage,
    AckOutcome,
    CatalogueMessage,
    Channel,
    HealthMessage,
    OutboxFigures,
    SiteState,
    StatusMessage,
    ack_topic,
    camera_topic,
    catalogue_topic,
    encode,
    status_topic,
)
from edge.backoff import BackOff
from edge.commands import Commands
from edge.config import BrokerSettings
from edge.connection import Arrived, Connection, Will
from edge.errors import BrokerError, OutboxError, SubscriptionRefusedError
from edge.in_flight import InFlight
from edge.outbox import Entry, Outbox
from edge.own_messages import OwnMessages
from edge.retained import RetainedTopics

logger = logging.getLogger(__name__)

STATUS_INTERVAL_S = 30.0
_TURN_S = 0.1
"""How long a new message in the outbox may go unnoticed."""

_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 30.0
_STABLE_S = 10.0
"""A connection that lasted longer was a good one: the next failure is a new one."""

_FAREWELL_S = 2.0


@dataclass(frozen=True, slots=True)
class PublisherSnapshot:
    """How the publisher is doing; the numbers count since its start.

    Attributes
    ----------
    fault
        What keeps messages from central now, in words without a secret; None where nothing does.
    published
        Messages handed to the broker, repeats included.
    acked, dead_lettered
        Messages that central committed, and that it filed as unreadable.
    acks_unreadable
        Payloads on the ack topic that are no ack of this site.
    reconnects
        Connections after the first.
    """

    connected: bool
    fault: str | None
    published: int
    acked: int
    dead_lettered: int
    acks_unreadable: int
    reconnects: int


class Publisher:
    """The site's one line to central.

    Parameters
    ----------
    clock
        Gives the aware UTC time that status messages carry.
    commands
        Does what central asks; without it, central is not listened to.
    """

    def __init__(
        self,
        site: str,
        settings: BrokerSettings,
        outbox: Outbox,
        *,
        software: str,
        clock: Callable[[], datetime],
        commands: Commands | None = None,
    ) -> None:
        self._site = site
        self._commands = commands
        self._settings = settings
        self._outbox = outbox
        self._software = software
        self._clock = clock
        self._started_at = clock()
        self._in_flight = InFlight(ack_timeout_s=settings.ack_timeout_s)
        self._retained = RetainedTopics()
        self._status_due_s = 0.0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="publisher", daemon=True)
        self._connected = False
        self._fault: str | None = None
        self._connections = 0
        self._published = 0
        self._acked = 0
        self._dead_lettered = 0
        self._acks = OwnMessages(site, AckMessage, "ack")

    def start(self) -> None:
        """Begin to connect and to send."""
        self._thread.start()

    def stop(self, timeout_s: float = 5.0) -> None:
        """Say that the site goes offline, and end; what is unsent stays on the disk.

        Returns after ``timeout_s`` at the latest.
        """
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def announce(self, message: HealthMessage | CatalogueMessage) -> None:
        """Keep ``message`` as the retained word on its topic; a newer one replaces it.

        It goes out at once or when the broker is back, and again with every connection.
        """
        if isinstance(message, HealthMessage):
            topic = camera_topic(message.site, message.camera, Channel.HEALTH)
        else:
            topic = catalogue_topic(message.site)
        self._retained.keep(topic, encode(message))

    def snapshot(self) -> PublisherSnapshot:
        """Return how it is doing, from any thread."""
        return PublisherSnapshot(
            connected=self._connected,
            fault=self._fault,
            published=self._published,
            acked=self._acked,
            dead_lettered=self._dead_lettered,
            acks_unreadable=self._acks.unreadable,
            reconnects=max(0, self._connections - 1),
        )

    def _run(self) -> None:
        back_off = BackOff(_FIRST_DELAY_S, _LONGEST_DELAY_S)
        while not self._stopping.is_set():
            began_s = time.monotonic()
            try:
                with self._connect() as connection:
                    self._stay(connection)
            except BrokerError as exc:
                self._connected = False
                self._note_fault(str(exc))
            if time.monotonic() - began_s > _STABLE_S:
                back_off.reset()
            self._stopping.wait(back_off.next_s())
        self._connected = False

    def _connect(self) -> Connection:
        will = Will(status_topic(self._site), encode(self._status(SiteState.OFFLINE)))
        return Connection(self._settings, f"simpang-edge-{self._site}", will=will)

    def _stay(self, connection: Connection) -> None:
        """Exchange messages until the connection is lost or the site stops."""
        connection.subscribe(ack_topic(self._site))
        self._listen_for_commands(connection)
        self._in_flight.clear()
        self._status_due_s = 0.0
        self._retained.forget_what_was_said()
        self._connections += 1
        self._connected = True
        self._note_fault(None)
        while not self._stopping.is_set():
            arrived = self._take_turn(connection)
            self._take_commands(arrived)
            self._take_acks(arrived)
        # What was announced since the last turn is often a stream's last word: that it has ended.
        self._say_retained(connection)
        farewell = encode(self._status(SiteState.OFFLINE))
        connection.farewell(status_topic(self._site), farewell, timeout_s=_FAREWELL_S)

    def _listen_for_commands(self, connection: Connection) -> None:
        if self._commands is None:
            return
        self._commands.forget_what_was_said()
        try:
            connection.subscribe(self._commands.topic)
        except SubscriptionRefusedError as exc:
            # What is found must reach central all the same.
            logger.warning("central cannot ask site %s for anything: %s", self._site, exc)

    def _take_turn(self, connection: Connection) -> list[Arrived]:
        now_s = time.monotonic()
        if now_s >= self._status_due_s:
            self._status_due_s = now_s + STATUS_INTERVAL_S
            status = self._status(SiteState.ONLINE, self._figures())
            self._retained.keep(status_topic(self._site), encode(status))
        # Where the network is slower than we are, what is unsent stays on the disk.
        if not connection.is_busy:
            self._say_retained(connection)
            for entry in self._next_entries(now_s):
                connection.publish(entry.topic, entry.payload)
                self._in_flight.sent(entry, now_s)
                self._published += 1
            if self._commands is not None:
                self._commands.say(connection.publish)
        return connection.wait(_TURN_S)

    def _say_retained(self, connection: Connection) -> None:
        for topic, payload in self._retained.take_unsaid().items():
            connection.publish(topic, payload, retain=True)

    def _next_entries(self, now_s: float) -> Iterator[Entry]:
        """Yield what is overdue, then what may go out for the first time."""
        try:
            overdue = self._outbox.get(self._in_flight.due(now_s))
            room = self._in_flight.room(now_s)
            fresh = self._outbox.after(self._in_flight.cursor, limit=room) if room else []
        except OutboxError as exc:
            self._note_fault(str(exc))
            return
        self._note_fault(None)
        yield from overdue
        # Asked one by one: what was just sent counts. The rest waits, so that the order holds.
        yield from itertools.takewhile(lambda one: self._in_flight.fits(one, now_s), fresh)

    def _take_commands(self, arrived: Sequence[Arrived]) -> None:
        for one in arrived:
            if self._commands is not None and self._is_command(one):
                self._commands.take(one.topic, one.payload)

    def _take_acks(self, arrived: Sequence[Arrived]) -> None:
        said = [one for one in arrived if not self._is_command(one)]
        read = (self._acks.read(one.topic, one.payload) for one in said)
        words = [word for word in read if word is not None]
        acked = [one for word in words for one in word.messages]
        if not acked:
            return
        dead = {one.message_id for one in acked if one.outcome is AckOutcome.DEAD_LETTER}
        committed = {one.message_id for one in acked} - dead
        self._in_flight.acked(dead | committed, time.monotonic())
        try:
            self._acked += self._outbox.ack(committed)
            buried = self._outbox.ack(dead)
        except OutboxError as exc:
            self._note_fault(str(exc))
            return
        self._dead_lettered += buried
        if buried:
            reason = next((one.reason for one in acked if one.message_id in dead), None)
            logger.error(
                "central could not read %d messages and keeps them as dead letters: %s",
                buried,
                reason or "it gave no reason",
            )

    def _is_command(self, arrived: Arrived) -> bool:
        return self._commands is not None and arrived.topic == self._commands.topic

    def _status(self, state: SiteState, outbox: OutboxFigures | None = None) -> StatusMessage:
        return StatusMessage(
            site=self._site,
            state=state,
            at=self._clock(),
            started_at=self._started_at,
            software=self._software,
            outbox=outbox,
        )

    def _figures(self) -> OutboxFigures | None:
        try:
            self._outbox.ack(())  # what a full disk did not let it delete
            return self._outbox.figures(self._clock())
        except OutboxError as exc:
            self._note_fault(str(exc))
            return None

    def _note_fault(self, fault: str | None) -> None:
        if fault == self._fault:
            return
        self._fault = fault
        if fault is None:
            logger.info("site %s publishes to %s", self._site, self._settings.host)
        else:
            logger.warning("site %s keeps its messages on disk for now: %s", self._site, fault)
