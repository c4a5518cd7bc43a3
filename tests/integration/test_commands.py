"""Commands over a real broker to a running site: to the worker that has the camera, and back."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics.messages import (
    CommandMessage,
    RecheckCommand,
    RecheckReason,
    ReplyMessage,
    ReplyOutcome,
    command_topic,
    encode,
    new_id,
)
from edge.app import Site, running
from edge.config import load_site
from tests.acking_central import AckingCentral
from tests.brokers import Broker, a_broker
from tests.builders import a_recheck
from tests.deadlines import eventually
from tests.edge_site import SITE, write_site

pytestmark = pytest.mark.integration

NOBODY_THERE = "rtsp://127.0.0.1:9/none"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """One broker: what its kind is makes no difference to who does a command."""
    started = a_broker("nats", tmp_path)
    started.start()
    yield started
    started.kill()


@contextmanager
def a_site(folder: Path, broker: Broker) -> Iterator[Site]:
    config = write_site(folder, {"a": NOBODY_THERE}, broker_port=broker.port)
    with running(load_site(config, environ={}), software="0.1.0") as site:
        eventually(lambda: site.publisher.snapshot().connected)
        yield site


def a_command(camera: str, *, expires_in: timedelta = timedelta(hours=1)) -> CommandMessage:
    now = datetime.now(UTC)
    return a_recheck(
        site=SITE,
        issued_at=min(now, now + expires_in - timedelta(seconds=1)),
        expires_at=now + expires_in,
        command=RecheckCommand(camera=camera, incident_id=new_id(now)),
    )


def ask(central: AckingCentral, command: CommandMessage) -> ReplyMessage:
    central.say(command_topic(SITE), encode(command))
    eventually(lambda: reply_to(central, command) is not None)
    reply = reply_to(central, command)
    assert reply is not None
    return reply


def reply_to(central: AckingCentral, command: CommandMessage) -> ReplyMessage | None:
    replies = (one for one in central.received if isinstance(one, ReplyMessage))
    return next((one for one in replies if one.command_id == command.command_id), None)


def test_every_command_is_answered_in_words(tmp_path: Path, broker: Broker) -> None:
    with AckingCentral(broker.port) as central, a_site(tmp_path, broker) as site:
        looked = ask(central, a_command("a"))
        assert looked.outcome is ReplyOutcome.REFUSED
        assert looked.reason is RecheckReason.NOT_LOOKED_FOR

        nowhere = ask(central, a_command("b"))
        assert (nowhere.outcome, nowhere.camera) == (ReplyOutcome.REFUSED, "b")
        assert nowhere.text == "this site has no camera b"

        late = ask(central, a_command("a", expires_in=timedelta(seconds=-5)))
        assert late.outcome is ReplyOutcome.EXPIRED
        answered = site.figures().commands.answered
        assert answered == {ReplyOutcome.REFUSED: 2, ReplyOutcome.EXPIRED: 1}


def test_a_worker_that_dies_before_it_has_looked_is_told(tmp_path: Path, broker: Broker) -> None:
    with AckingCentral(broker.port) as central, a_site(tmp_path, broker) as site:
        (worker,) = site.figures().workers
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGSTOP)
        command = a_command("a")
        central.say(command_topic(SITE), encode(command))
        # It came with or before this one, on the same topic.
        ask(central, a_command("b"))
        assert reply_to(central, command) is None
        os.kill(worker.pid, signal.SIGKILL)
        eventually(lambda: reply_to(central, command) is not None)
        reply = reply_to(central, command)
        assert reply is not None
        assert reply.outcome is ReplyOutcome.FAILED
        assert reply.text == "worker-0 ended before it had looked"


def test_a_command_waits_for_a_site_that_is_away(tmp_path: Path, broker: Broker) -> None:
    with AckingCentral(broker.port) as central:
        with a_site(tmp_path, broker):
            pass  # leaves its session with the broker
        command = a_command("a")
        central.say(command_topic(SITE), encode(command))
        with a_site(tmp_path, broker):
            eventually(lambda: reply_to(central, command) is not None)
