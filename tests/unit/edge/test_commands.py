"""Commands: read, done once, and answered; replies wait for a broker."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from analytics.messages import (
    CommandMessage,
    PeekCommand,
    RecheckAnswer,
    ReplyMessage,
    ReplyOutcome,
    command_topic,
    decode,
    encode,
)
from edge.commands import REMEMBERED, REPLY_KEPT, Commands
from edge.errors import BrokerError
from edge.rechecks import RecheckOrder, RecheckReply
from tests.builders import AT, CAMERA, SITE, a_recheck

TOPIC = command_topic(SITE)


@dataclass
class Desk:
    """Commands of one site, what they asked of its cameras, and what a broker got of them."""

    now: datetime = AT
    orders: list[RecheckOrder] = field(default_factory=list)
    sent: list[ReplyMessage] = field(default_factory=list)
    broker_confirms: bool = True

    def __post_init__(self) -> None:
        self.commands = Commands(SITE, recheck=self.orders.append, clock=lambda: self.now)

    def take(self, message: CommandMessage) -> None:
        self.commands.take(TOPIC, encode(message))

    def answer(self, answer: RecheckAnswer = RecheckAnswer.GONE) -> None:
        self.commands.reply(RecheckReply(self.orders[-1], ReplyOutcome.DONE, answer))

    def say(self) -> None:
        self.commands.say(self._publish)

    def _publish(self, topic: str, payload: bytes) -> Callable[[], bool]:
        reply = decode(topic, payload)
        assert isinstance(reply, ReplyMessage)
        self.sent.append(reply)
        return lambda: self.broker_confirms


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_recheck_is_handed_on_and_its_reply_goes_out_once(desk: Desk) -> None:
    asked = a_recheck()
    desk.take(asked)
    (order,) = desk.orders
    assert (order.command_id, order.camera) == (asked.command_id, CAMERA)
    assert order.expires_at == asked.expires_at
    desk.say()
    assert desk.sent == []
    desk.answer()
    for _ in range(3):
        desk.say()
    (reply,) = desk.sent
    assert (reply.command_id, reply.site, reply.camera) == (asked.command_id, SITE, CAMERA)
    assert (reply.outcome, reply.answer) == (ReplyOutcome.DONE, RecheckAnswer.GONE)
    assert desk.commands.snapshot().answered == {ReplyOutcome.DONE: 1}


def test_a_command_that_comes_twice_is_done_once_and_answered_again(desk: Desk) -> None:
    asked = a_recheck()
    desk.take(asked)
    desk.take(asked)
    assert len(desk.orders) == 1
    desk.answer()
    desk.say()
    desk.say()
    desk.take(asked)
    desk.say()
    assert len(desk.orders) == 1
    assert [one.command_id for one in desk.sent] == [asked.command_id] * 2
    assert desk.commands.snapshot().answered == {ReplyOutcome.DONE: 1}


def test_a_command_that_came_too_late_is_not_done(desk: Desk) -> None:
    asked = a_recheck()
    desk.now = asked.expires_at + timedelta(seconds=90)
    desk.take(asked)
    desk.say()
    assert desk.orders == []
    assert desk.sent[0].outcome is ReplyOutcome.EXPIRED
    assert desk.sent[0].text == "it came 90 s after it had expired"


def test_a_command_that_no_camera_answers_expires(desk: Desk) -> None:
    asked = a_recheck()
    desk.take(asked)
    desk.now = asked.expires_at - timedelta(seconds=1)
    desk.say()
    assert desk.sent == []
    desk.now = asked.expires_at
    desk.say()
    assert [one.outcome for one in desk.sent] == [ReplyOutcome.EXPIRED]
    desk.answer()
    desk.say()
    assert len(desk.sent) == 1, "of two answers the first one counts"


def test_a_peek_is_refused_in_words(desk: Desk) -> None:
    desk.take(a_recheck(command=PeekCommand(camera=CAMERA, duration_s=10)))
    desk.say()
    assert desk.orders == []
    assert desk.sent[0].outcome is ReplyOutcome.REFUSED
    assert "does not do peek" in desk.sent[0].text


def test_what_cannot_be_read_is_counted_and_its_content_is_not_logged(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        desk.commands.take(TOPIC, b"a secret")
        desk.commands.take(command_topic("elsewhere"), encode(a_recheck(site="elsewhere")))
        desk.commands.take(TOPIC, encode(a_recheck(site="elsewhere")))
    desk.say()
    assert desk.commands.snapshot().unreadable == 3
    assert (desk.orders, desk.sent) == ([], [])
    assert len(caplog.records) == 1
    assert "a secret" not in caplog.text


def test_a_reply_waits_for_the_broker_and_is_dropped_when_nobody_waits_for_it(desk: Desk) -> None:
    asked = a_recheck()
    desk.take(asked)
    desk.now = asked.expires_at - timedelta(minutes=1)
    desk.answer()
    desk.broker_confirms = False
    desk.say()
    desk.commands.forget_what_was_said()
    desk.say()
    assert len(desk.sent) == 2, "the first connection was lost before the broker confirmed"
    desk.commands.forget_what_was_said()
    desk.now += REPLY_KEPT
    desk.say()
    desk.say()
    assert len(desk.sent) == 2
    assert desk.commands.snapshot().replies_dropped == 1


def test_a_reply_that_could_not_be_sent_is_not_lost(desk: Desk) -> None:
    def lost(topic: str, payload: bytes) -> Callable[[], bool]:
        raise BrokerError("the connection is lost")

    desk.take(a_recheck())
    desk.answer()
    with pytest.raises(BrokerError):
        desk.commands.say(lost)
    desk.commands.forget_what_was_said()
    desk.say()
    assert len(desk.sent) == 1


def test_memory_is_bounded_and_what_it_costs_is_counted(desk: Desk) -> None:
    for _ in range(REMEMBERED + 3):
        desk.take(a_recheck())
        desk.answer()
    desk.say()
    assert len(desk.sent) == REMEMBERED
    assert desk.commands.snapshot().replies_dropped == 3


def test_long_words_are_cut_to_what_the_contract_takes(desk: Desk) -> None:
    desk.take(a_recheck())
    desk.commands.reply(RecheckReply(desk.orders[0], ReplyOutcome.FAILED, text="x" * 600))
    desk.say()
    assert desk.sent[0].text == "x" * 500
