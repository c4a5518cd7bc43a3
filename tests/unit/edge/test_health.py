"""Health: when a camera's message is due, and what its rates say."""

import threading
from datetime import timedelta

import pytest

from analytics.messages import HealthMessage, Losses, StreamFaultType, StreamState
from edge.health import INTERVAL, CameraHealth, HealthReporter
from edge.stream_snapshot import StreamInfo
from tests.builders import AT, SITE
from tests.deadlines import eventually
from tests.edge_figures import a_camera, a_fault, a_stream

SECOND = timedelta(seconds=1)


def test_a_message_is_due_at_once_and_then_every_interval() -> None:
    health = CameraHealth(SITE, AT)
    due = [health.report(AT + i * SECOND, a_camera()) is not None for i in range(21)]
    assert [i for i, is_due in enumerate(due) if is_due] == [0, 10, 20]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(a_stream(state=StreamState.STALLED), id="another state"),
        pytest.param(a_stream(fault=a_fault(StreamFaultType.REFUSED)), id="another fault"),
    ],
)
def test_a_change_of_the_stream_is_told_at_once_and_once(changed: object) -> None:
    health = CameraHealth(SITE, AT)
    health.report(AT, a_camera())
    figures = a_camera(stream=changed)  # type: ignore[arg-type]  # parametrize knows no types
    told = health.report(AT + SECOND, figures)
    assert told is not None
    assert (told.stream, told.fault) == (figures.stream.state, figures.stream.fault)
    assert health.report(AT + 2 * SECOND, figures) is None


def test_rates_are_those_of_the_last_intervals_and_not_since_the_start() -> None:
    health = CameraHealth(SITE, AT)
    rates = []
    for tick in range(1, 7):
        # Ten frames a second and two looks of 50 ms each, for three intervals; then nothing more.
        n = min(tick, 3)
        figures = a_camera(stream=a_stream(frames=100 * n), looks=20 * n, inference_s=1.0 * n)
        message = health.report(AT + tick * INTERVAL, figures)
        assert message is not None
        rates.append((message.frames_per_s, message.looks_per_s, message.inference_ms))
    assert rates[:3] == [(10.0, 2.0, 50.0)] * 3
    assert rates[-1] == (0.0, 0.0, None)


def test_a_message_out_of_turn_does_not_make_the_rates_jump() -> None:
    health = CameraHealth(SITE, AT)
    health.report(AT + INTERVAL, a_camera(stream=a_stream(frames=100)))
    at = AT + INTERVAL + timedelta(milliseconds=10)
    stalled = a_stream(state=StreamState.STALLED, frames=101)
    message = health.report(at, a_camera(stream=stalled))
    assert message is not None
    assert message.frames_per_s == pytest.approx(10.0, abs=0.2)


def test_a_clock_that_is_set_back_gives_no_negative_rate_and_no_silence() -> None:
    health = CameraHealth(SITE, AT)
    health.report(AT, a_camera())
    behind = AT - timedelta(hours=1)
    told = [
        health.report(behind + i * SECOND, a_camera(stream=a_stream(frames=i))) for i in range(30)
    ]
    messages = [message for message in told if message is not None]
    assert messages
    assert all(message.frames_per_s >= 0 for message in messages)


def test_a_stream_that_has_not_told_its_size_yet_has_none() -> None:
    info = StreamInfo("h264", width_px=0, height_px=0, frames_per_s=None)
    message = CameraHealth(SITE, AT).report(AT, a_camera(stream=a_stream(info=info)))
    assert message is not None
    assert (message.width_px, message.height_px) == (None, None)


def test_losses_are_passed_on_as_they_are() -> None:
    losses = Losses(frames_overwritten=1, evidence_withheld=2, incidents_not_stored=3)
    message = CameraHealth(SITE, AT).report(AT, a_camera(losses=losses))
    assert message is not None
    assert message.losses == losses


@pytest.mark.parametrize(
    ("losses", "overloaded"),
    [
        (Losses(), False),
        (Losses(frames_skipped=10), False),
        (Losses(frames_skipped=20), True),
        (Losses(frames_overwritten=3, frames_late=3), True),
        (Losses(frames_undecodable=200), False),
    ],
)
def test_a_site_is_overloaded_where_looks_or_pictures_are_left_out(
    losses: Losses, overloaded: bool
) -> None:
    figures = a_camera(stream=a_stream(frames=250), looks=50, losses=losses)
    message = CameraHealth(SITE, AT).report(AT + INTERVAL, figures)
    assert message is not None
    assert message.overloaded is overloaded


def test_the_reporter_tells_of_every_camera_and_again_when_it_ends() -> None:
    told: list[HealthMessage] = []
    states = {"one": StreamState.RUNNING, "two": StreamState.WAITING}
    lock = threading.Lock()

    def announce(message: HealthMessage) -> None:
        with lock:
            told.append(message)

    reporter = HealthReporter(
        SITE,
        observe=lambda: tuple(
            a_camera(camera=name, stream=a_stream(state=state)) for name, state in states.items()
        ),
        announce=announce,
        now=lambda: AT,
    )
    reporter.start()
    eventually(lambda: {message.camera for message in told} == {"one", "two"})
    states["one"] = StreamState.ENDED
    reporter.stop(5)
    assert [m.stream for m in told if m.camera == "one"] == [
        StreamState.RUNNING,
        StreamState.ENDED,
    ]
