"""The states of a stream, and what the log is told of them."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from analytics.messages import StreamFaultType, StreamState
from edge.errors import StreamError
from edge.stream_state import MAX_FAULT_TEXT, TRANSITIONS, StreamStateMachine

AT = datetime(2026, 1, 1, tzinfo=UTC)
REFUSED = StreamError(StreamFaultType.REFUSED, "rtsp://h/x: nothing listens there")
PATHS = {
    StreamState.WAITING: [],
    StreamState.CONNECTING: [StreamState.CONNECTING],
    StreamState.RUNNING: [StreamState.CONNECTING, StreamState.RUNNING],
    StreamState.STALLED: [StreamState.CONNECTING, StreamState.STALLED],
    StreamState.ENDED: [StreamState.ENDED],
}


def a_machine(state: StreamState = StreamState.WAITING) -> StreamStateMachine:
    machine = StreamStateMachine("junction-4", lambda: AT)
    for step in PATHS[state]:
        machine.enter(step)
    return machine


@pytest.mark.parametrize("now", StreamState)
@pytest.mark.parametrize("then", StreamState)
def test_a_state_is_entered_only_where_the_table_allows_it(
    now: StreamState, then: StreamState
) -> None:
    machine = a_machine(now)

    if then in TRANSITIONS[now]:
        machine.enter(then)
        assert machine.state is then
    else:
        with pytest.raises(ValueError, match=f"from {now.name} to {then.name}"):
            machine.enter(then)
        assert machine.state is now


def test_nothing_follows_the_end_and_pictures_only_a_connection() -> None:
    assert TRANSITIONS[StreamState.ENDED] == frozenset()
    assert [state for state in StreamState if StreamState.RUNNING in TRANSITIONS[state]] == [
        StreamState.CONNECTING
    ]


def test_it_is_known_since_when_a_state_lasts() -> None:
    times = iter(AT + timedelta(seconds=number) for number in range(10))
    machine = StreamStateMachine("junction-4", lambda: next(times))

    machine.enter(StreamState.CONNECTING)

    assert machine.since == AT + timedelta(seconds=1)


def test_a_fault_is_kept_until_pictures_come_again() -> None:
    machine = a_machine(StreamState.CONNECTING)
    machine.fail(REFUSED)
    machine.enter(StreamState.WAITING)
    machine.enter(StreamState.CONNECTING)

    assert machine.fault is not None
    assert machine.fault.type is StreamFaultType.REFUSED
    assert machine.fault.text == REFUSED.text

    machine.enter(StreamState.RUNNING)

    assert machine.fault is None


def test_a_fault_with_a_long_text_fits_the_health_message() -> None:
    machine = a_machine(StreamState.CONNECTING)

    machine.fail(StreamError(StreamFaultType.PROTOCOL, "x" * 10_000))

    assert machine.fault is not None
    assert len(machine.fault.text) == MAX_FAULT_TEXT


def test_a_camera_that_stays_dead_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    machine = a_machine()

    for _ in range(1_000):
        machine.enter(StreamState.CONNECTING)
        machine.fail(REFUSED)
        machine.enter(StreamState.WAITING)

    assert caplog.messages == [
        "stream junction-4: WAITING -> CONNECTING",
        "stream junction-4: refused: rtsp://h/x: nothing listens there",
        "stream junction-4: CONNECTING -> WAITING",
    ]
    assert {record.__dict__["camera_id"] for record in caplog.records} == {"junction-4"}


def test_another_fault_and_the_same_one_after_a_recovery_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    machine = a_machine(StreamState.CONNECTING)
    wrong_password = StreamError(StreamFaultType.AUTHENTICATION, "rtsp://h/x: refused")

    machine.fail(REFUSED)
    machine.fail(wrong_password)
    machine.enter(StreamState.RUNNING)
    machine.fail(wrong_password)

    assert len(caplog.messages) == 3
