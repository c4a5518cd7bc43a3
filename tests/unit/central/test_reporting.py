"""What may happen a thousand times a second is logged once a minute, and counted."""

import logging
from datetime import datetime, timedelta

import pytest

from central.errors import StoreRefusedError
from central.reporting import Reporter
from tests.builders import AT


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reporter(clock: Clock) -> Reporter:
    return Reporter(logging.getLogger("under test"), clock=clock)


def test_a_flood_is_one_line_a_minute_with_a_count(
    reporter: Reporter, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(1000):
        reporter.report("dead letter", "on a topic")
    clock.now += timedelta(minutes=1)
    reporter.report("dead letter", "on another")
    assert caplog.messages == [
        "dead letter: on a topic (and 0 more since the last report)",
        "dead letter: on another (and 999 more since the last report)",
    ]


def test_one_flood_does_not_hide_another(
    reporter: Reporter, caplog: pytest.LogCaptureFixture
) -> None:
    reporter.report("dead letter", "on a topic")
    reporter.report("a batch was refused", "64 messages")
    assert len(caplog.messages) == 2


def test_a_clock_that_is_put_back_does_not_silence_the_log(
    reporter: Reporter, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    reporter.report("dead letter", "on a topic")
    clock.now -= timedelta(days=365)
    reporter.report("dead letter", "on a topic")
    assert len(caplog.messages) == 2


def test_only_what_nobody_foresaw_has_its_trace(
    reporter: Reporter, caplog: pytest.LogCaptureFixture
) -> None:
    reporter.report("a batch was refused", "64 messages", StoreRefusedError("too large"))
    reporter.report("a message could not be read", "on a topic", KeyError("bug"))
    foreseen, unforeseen = caplog.records
    assert "too large" in foreseen.getMessage()
    assert not foreseen.exc_info
    assert unforeseen.exc_info
