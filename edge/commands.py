"""What central asks of the site: each command is read, done once, and answered.

Orders and replies are held in memory only. One that a restart loses expires at central, which asks
again; what a second look finds takes the durable way, as a revision of its incident.
"""

import logging
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from analytics.messages import (
    CommandMessage,
    EvidenceRef,
    RecheckAnswer,
    RecheckCommand,
    RecheckReason,
    ReplyMessage,
    ReplyOutcome,
    command_topic,
    encode,
    reply_topic,
)
from edge.own_messages import OwnMessages
from edge.rechecks import RecheckOrder, RecheckReply

logger = logging.getLogger(__name__)

REMEMBERED = 256
"""Commands that are known by id, so that a second delivery is not done twice; far more than a site
is asked in an hour."""

REPLY_KEPT = timedelta(minutes=10)
"""A reply waits so long for a broker, or until its command expires where that is later."""

_TEXT_CHARACTERS = 500
"""The wire contract's limit for the words of a reply."""

Publish = Callable[[str, bytes], Callable[[], bool]]
"""Sends a payload on a topic, and returns what tells whether the broker has it."""


@dataclass(frozen=True, slots=True)
class CommandsSnapshot:
    """What became of commands, since the start.

    Attributes
    ----------
    answered
        Commands by the outcome that they were answered with.
    unreadable
        Payloads on the command topic that are no command for this site.
    replies_dropped
        Answers that waited for a broker until nobody waited for them.
    """

    answered: Mapping[ReplyOutcome, int] = field(default_factory=dict)
    unreadable: int = 0
    replies_dropped: int = 0


@dataclass(slots=True)
class _Asked:
    """A command that is known.

    Attributes
    ----------
    waits_until
        When the order expires; once there is a reply, until when that waits for a broker.
    reply
        None while it is being done.
    is_settled
        The broker has the reply, or nobody waits for it any more.
    has_broker
        Tells whether the broker has the reply that was sent; None where it is to be sent.
    """

    message: CommandMessage
    waits_until: datetime
    reply: ReplyMessage | None = None
    has_broker: Callable[[], bool] | None = None
    is_settled: bool = False


class Commands:
    """The site's commands. All methods may be called from any thread.

    Parameters
    ----------
    recheck
        Hands an order to whoever looks; it is answered through `reply`, at once or later.
    clock
        Gives the present, aware UTC.
    """

    def __init__(
        self,
        site: str,
        *,
        recheck: Callable[[RecheckOrder], None],
        clock: Callable[[], datetime],
    ) -> None:
        self.topic = command_topic(site)
        self._site = site
        self._recheck = recheck
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: OrderedDict[UUID, _Asked] = OrderedDict()
        self._answered: Counter[ReplyOutcome] = Counter()
        self._own = OwnMessages(site, CommandMessage, "command")
        self._replies_dropped = 0

    def take(self, topic: str, payload: bytes) -> None:
        """Do what a payload on the command topic asks, or answer why not."""
        message = self._own.read(topic, payload)
        if message is None:
            return
        if not self._is_new(message):
            return
        command, now = message.command, self._clock()
        if now >= message.expires_at:
            late_s = (now - message.expires_at).total_seconds()
            text = f"it came {late_s:.0f} s after it had expired"
            self._answer(message.command_id, ReplyOutcome.EXPIRED, text)
        elif isinstance(command, RecheckCommand):
            logger.info(
                "central asks %s to look again",
                command.camera,
                extra={"incident_id": str(command.incident_id), "camera_id": command.camera},
            )
            order = RecheckOrder(
                message.command_id, command.camera, command.incident_id, message.expires_at
            )
            self._recheck(order)
        else:
            text = f"this site does not do {command.action}: it can look again, and nothing else"
            self._answer(message.command_id, ReplyOutcome.REFUSED, text)

    def reply(self, reply: RecheckReply) -> None:
        """Answer a command; it goes out at once, or when the broker is back."""
        self._answer(
            reply.order.command_id,
            reply.outcome,
            reply.text,
            answer=reply.answer,
            reason=reply.reason,
            evidence=reply.evidence,
        )

    def say(self, publish: Publish) -> None:
        """Send the replies that wait; one that nobody waits for any more is dropped, and counted.

        Raises
        ------
        BrokerError
            As ``publish``; what was not sent waits for the next connection.
        """
        self._end_what_expired()
        with self._lock:
            waiting = [one for one in self._asked.values() if one.reply and not one.is_settled]
        for asked in waiting:
            assert asked.reply is not None, "chosen by it"
            if asked.has_broker is None:
                asked.has_broker = publish(reply_topic(self._site), encode(asked.reply))
            elif asked.has_broker():
                asked.is_settled = True

    def forget_what_was_said(self) -> None:
        """Send again what the broker has not confirmed, as on a new connection."""
        with self._lock:
            for asked in self._asked.values():
                asked.has_broker = None

    def snapshot(self) -> CommandsSnapshot:
        """Return what became of commands so far."""
        with self._lock:
            return CommandsSnapshot(
                dict(self._answered), self._own.unreadable, self._replies_dropped
            )

    def _answer(
        self,
        command_id: UUID,
        outcome: ReplyOutcome,
        text: str,
        *,
        answer: RecheckAnswer | None = None,
        reason: RecheckReason | None = None,
        evidence: tuple[EvidenceRef, ...] = (),
    ) -> None:
        now = self._clock()
        with self._lock:
            asked = self._asked.get(command_id)
            # Of two answers the first one counts, such as that its worker has ended.
            if asked is None or asked.reply is not None:
                return
            asked.reply = ReplyMessage(
                command_id=command_id,
                site=self._site,
                camera=asked.message.command.camera,
                at=now,
                outcome=outcome,
                text=text[:_TEXT_CHARACTERS],
                answer=answer,
                reason=reason,
                evidence=evidence,
            )
            asked.waits_until = max(asked.message.expires_at, now + REPLY_KEPT)
            self._answered[outcome] += 1

    def _is_new(self, message: CommandMessage) -> bool:
        """Tell whether a command has not come before; one that was answered is answered again."""
        with self._lock:
            known = self._asked.get(message.command_id)
            if known is not None:
                if known.is_settled:
                    known.is_settled, known.has_broker = False, None
                    known.waits_until = max(known.waits_until, self._clock() + REPLY_KEPT)
                return False
            self._asked[message.command_id] = _Asked(message, message.expires_at)
            while len(self._asked) > REMEMBERED:
                _, forgotten = self._asked.popitem(last=False)
                self._replies_dropped += not forgotten.is_settled
            return True

    def _end_what_expired(self) -> None:
        now = self._clock()
        with self._lock:
            late = [one for one in self._asked.values() if one.waits_until <= now]
            for asked in late:
                if asked.reply is not None and not asked.is_settled:
                    asked.is_settled = True
                    self._replies_dropped += 1
        for asked in late:
            if asked.reply is None:
                text = "the camera has not answered in time"
                self._answer(asked.message.command_id, ReplyOutcome.EXPIRED, text)
