"""The worker: fair to every camera, and no camera's error is another's."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analytics.frames import Frame
from edge.worker import LookFigures, Worker
from tests.deadlines import eventually

AT = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)


def a_frame(number: int = 0, at: datetime = AT) -> Frame:
    return Frame(np.zeros((2, 2, 3), np.uint8), at, 0.0, number)


class Camera:
    """A looker made of functions."""

    def __init__(
        self, look: Callable[[Frame], None], rest: Callable[[], None] = lambda: None
    ) -> None:
        self._look, self._rest = look, rest

    def look(self, frame: Frame) -> None:
        self._look(frame)

    def rest(self) -> None:
        self._rest()


@contextmanager
def a_worker(**looks: Callable[[Frame], None]) -> Iterator[Worker]:
    worker = Worker({camera: Camera(look) for camera, look in looks.items()}, now=lambda: AT)
    worker.start()
    yield worker
    assert worker.stop(5)


def test_each_frame_is_looked_at_once() -> None:
    seen: list[int] = []
    with a_worker(one=lambda frame: seen.append(frame.number)) as worker:
        for number in range(50):
            worker.mailbox("one").put(a_frame(number))
            eventually(lambda: worker.figures("one").looks == number + 1)  # noqa: B023
    assert seen == list(range(50))


def test_a_camera_that_never_rests_does_not_starve_the_others() -> None:
    served: list[str] = []
    busy_may_start = threading.Event()
    workers: list[Worker] = []

    def look_busy(frame: Frame) -> None:
        busy_may_start.wait(5)
        served.append("busy")
        if frame.number < 100:
            # The next frame of this camera is there before this look is over, each time.
            workers[0].mailbox("busy").put(a_frame(frame.number + 1))

    with a_worker(busy=look_busy, calm=lambda _: served.append("calm")) as worker:
        workers.append(worker)
        worker.mailbox("busy").put(a_frame())
        worker.mailbox("calm").put(a_frame())
        busy_may_start.set()
        eventually(lambda: worker.figures("busy").looks == 101)
    assert served.index("calm") <= 1


def test_an_error_in_one_look_costs_that_frame_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: Frame) -> None:
        msg = "a bug"
        raise RuntimeError(msg)

    with caplog.at_level(logging.ERROR), a_worker(bad=fail, good=lambda _: None) as worker:
        for count in range(1, 21):
            worker.mailbox("bad").put(a_frame())
            worker.mailbox("good").put(a_frame())
            eventually(lambda: worker.figures("bad").looks == count)  # noqa: B023
            eventually(lambda: worker.figures("good").looks == count)  # noqa: B023
    assert worker.figures("bad").failed == 20
    assert worker.figures("good").failed == 0
    # One line, with the traceback, and not twenty: a camera may fail for a year.
    assert [record.exc_text is not None for record in caplog.records] == [True]
    assert vars(caplog.records[0])["camera_id"] == "bad"


def test_a_frame_that_waits_when_the_worker_stops_is_still_looked_at() -> None:
    is_looking, may_go_on = threading.Event(), threading.Event()
    seen: list[int] = []

    def look(frame: Frame) -> None:
        is_looking.set()
        may_go_on.wait(5)
        seen.append(frame.number)

    worker = Worker({"one": Camera(look)}, now=lambda: AT)
    worker.start()
    worker.mailbox("one").put(a_frame(1))
    assert is_looking.wait(5)
    worker.mailbox("one").put(a_frame(2))
    may_go_on.set()
    assert worker.stop(5)
    assert seen == [1, 2]


def test_a_look_that_hangs_does_not_hold_up_the_stop() -> None:
    is_looking, may_end = threading.Event(), threading.Event()

    def hang(_: Frame) -> None:
        is_looking.set()
        may_end.wait(10)

    worker = Worker({"one": Camera(hang)}, now=lambda: AT)
    worker.start()
    worker.mailbox("one").put(a_frame())
    assert is_looking.wait(5)
    assert not worker.stop(0.05)
    may_end.set()
    assert worker.stop(5)


def test_a_worker_that_never_started_can_be_stopped() -> None:
    assert Worker({}, now=lambda: AT).stop(1)


def test_the_age_of_a_frame_is_taken_when_its_look_begins() -> None:
    with a_worker(one=lambda _: None) as worker:
        assert worker.figures("one") == LookFigures()
        worker.mailbox("one").put(a_frame(at=AT - timedelta(seconds=1.5)))
        eventually(lambda: worker.figures("one").looks == 1)
    assert worker.figures("one").frame_age_s == 1.5


def test_what_waits_is_done_though_no_frame_comes() -> None:
    rested = threading.Event()
    worker = Worker({"one": Camera(lambda _: None, rested.set)}, now=lambda: AT)
    worker.start()
    assert rested.wait(5)
    assert worker.stop(5)
    assert worker.figures("one").looks == 0
