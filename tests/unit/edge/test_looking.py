"""The look loop: fair to every camera, never late, and no camera's error is another's."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analytics.frames import Frame
from edge.errors import DecodingError
from edge.look_figures import LookFigures
from edge.looking import LookLoop
from edge.sources import Sample
from tests.deadlines import eventually
from tests.samples import ReadySample

AT = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)


def a_sample(number: int = 0, at: datetime = AT) -> ReadySample:
    return ReadySample(Frame(np.zeros((2, 2, 3), np.uint8), at, 0.0, number))


class Camera:
    """A looker made of functions."""

    def __init__(
        self,
        look: Callable[[Frame], None],
        rest: Callable[[], None] = lambda: None,
        work: Callable[[], bool] = lambda: False,
    ) -> None:
        self._look, self._rest, self._work = look, rest, work

    def look(self, frame: Frame) -> None:
        self._look(frame)

    def work(self) -> bool:
        return self._work()

    def rest(self) -> None:
        self._rest()


class Loop:
    """A look loop, and the mailboxes of its cameras."""

    def __init__(self, **looks: Callable[[Frame], None]) -> None:
        self.loop = LookLoop(now=lambda: AT)
        self._mailboxes = {name: self.loop.add(name, Camera(look)) for name, look in looks.items()}

    def put(self, camera: str, sample: Sample) -> None:
        self._mailboxes[camera].put(sample)

    def figures(self, camera: str) -> LookFigures:
        return self.loop.figures(camera)


@contextmanager
def looking(**looks: Callable[[Frame], None]) -> Iterator[Loop]:
    loop = Loop(**looks)
    loop.loop.start()
    yield loop
    assert loop.loop.stop(5)


def test_each_frame_is_looked_at_once() -> None:
    seen: list[int] = []
    with looking(one=lambda frame: seen.append(frame.number)) as loop:
        for number in range(50):
            loop.put("one", a_sample(number))
            eventually(lambda: loop.figures("one").looks == number + 1)  # noqa: B023
    assert seen == list(range(50))


def test_a_camera_that_never_rests_does_not_starve_the_others() -> None:
    served: list[str] = []
    busy_may_start = threading.Event()
    loops: list[Loop] = []

    def look_busy(frame: Frame) -> None:
        busy_may_start.wait(5)
        served.append("busy")
        if frame.number < 100:
            # The next sample of this camera is there before this look is over, each time.
            loops[0].put("busy", a_sample(frame.number + 1))

    with looking(busy=look_busy, calm=lambda _: served.append("calm")) as loop:
        loops.append(loop)
        loop.put("busy", a_sample())
        loop.put("calm", a_sample())
        busy_may_start.set()
        eventually(lambda: loop.figures("busy").looks == 101)
    assert served.index("calm") <= 1


def test_an_error_in_one_look_costs_that_frame_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: Frame) -> None:
        msg = "a bug"
        raise RuntimeError(msg)

    with caplog.at_level(logging.ERROR), looking(bad=fail, good=lambda _: None) as loop:
        for count in range(1, 21):
            loop.put("bad", a_sample())
            loop.put("good", a_sample())
            eventually(lambda: loop.figures("bad").looks == count)  # noqa: B023
            eventually(lambda: loop.figures("good").looks == count)  # noqa: B023
    assert loop.figures("bad").failed == 20
    assert loop.figures("good").failed == 0
    # One line, with the traceback, and not twenty: a camera may fail for a year.
    assert [record.exc_text is not None for record in caplog.records] == [True]
    assert vars(caplog.records[0])["camera_id"] == "bad"


def test_a_frame_that_waits_when_the_loop_stops_is_still_looked_at() -> None:
    is_looking, may_go_on = threading.Event(), threading.Event()
    seen: list[int] = []

    def look(frame: Frame) -> None:
        is_looking.set()
        may_go_on.wait(5)
        seen.append(frame.number)

    loop = Loop(one=look)
    loop.loop.start()
    loop.put("one", a_sample(1))
    assert is_looking.wait(5)
    loop.put("one", a_sample(2))
    may_go_on.set()
    assert loop.loop.stop(5)
    assert seen == [1, 2]


def test_a_look_that_hangs_does_not_hold_up_the_stop() -> None:
    is_looking, may_end = threading.Event(), threading.Event()

    def hang(_: Frame) -> None:
        is_looking.set()
        may_end.wait(10)

    loop = Loop(one=hang)
    loop.loop.start()
    loop.put("one", a_sample())
    assert is_looking.wait(5)
    assert not loop.loop.stop(0.05)
    may_end.set()
    assert loop.loop.stop(5)


def test_a_loop_that_never_started_can_be_stopped() -> None:
    assert LookLoop(now=lambda: AT).stop(1)


def test_the_age_of_a_frame_is_taken_when_its_look_begins() -> None:
    with looking(one=lambda _: None) as loop:
        assert loop.figures("one") == LookFigures()
        loop.put("one", a_sample(at=AT - timedelta(seconds=0.5)))
        eventually(lambda: loop.figures("one").looks == 1)
    assert loop.figures("one").frame_age_s == 0.5


def test_what_waits_is_done_though_no_frame_comes() -> None:
    rested = threading.Event()
    loop = LookLoop(now=lambda: AT)
    loop.add("one", Camera(lambda _: None, rested.set))
    loop.start()
    assert rested.wait(5)
    assert loop.stop(5)
    assert loop.figures("one").looks == 0


def test_a_sample_that_waited_too_long_is_not_looked_at_and_counts_as_late() -> None:
    seen: list[int] = []
    with looking(one=lambda frame: seen.append(frame.number)) as loop:
        loop.put("one", a_sample(1, at=AT - timedelta(seconds=1.5)))
        eventually(lambda: loop.figures("one").late == 1)
        loop.put("one", a_sample(2))
        eventually(lambda: loop.figures("one").looks == 1)
    assert seen == [2]


class Broken:
    """A sample that cannot be decoded."""

    captured_at = AT

    def frame(self) -> Frame:
        raise DecodingError(None, "broken")


def test_a_broken_key_frame_is_no_look_and_no_failure() -> None:
    with looking(one=lambda _: None) as loop:
        loop.put("one", Broken())
        loop.put("one", a_sample())
        eventually(lambda: loop.figures("one").looks == 1)
    assert loop.figures("one").failed == 0


def test_of_those_that_wait_the_longest_unseen_is_next() -> None:
    is_looking, may_go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def look(name: str) -> Callable[[Frame], None]:
        def record(frame: Frame) -> None:
            order.append(f"{name}{frame.number}")
            is_looking.set()
            may_go_on.wait(5)

        return record

    with looking(a=look("a"), b=look("b"), c=look("c")) as loop:
        loop.put("b", a_sample(1))
        assert is_looking.wait(5)
        for name in "abc":
            loop.put(name, a_sample(2))
        may_go_on.set()
        eventually(lambda: len(order) == 4)
    assert order == ["b1", "a2", "c2", "b2"]


def test_a_camera_that_was_removed_is_not_looked_at_any_more() -> None:
    seen: list[str] = []
    with looking(gone=lambda _: seen.append("gone"), here=lambda _: seen.append("here")) as loop:
        loop.loop.remove("gone")
        loop.put("gone", a_sample())
        loop.put("here", a_sample())
        eventually(lambda: "here" in seen)
    assert seen == ["here"]


def test_work_waits_for_looks_and_is_done_in_turns() -> None:
    loop = LookLoop(now=lambda: AT)
    done: list[str] = []
    left = {"a": 3, "b": 3}

    def work(name: str) -> Callable[[], bool]:
        def do() -> bool:
            if not left[name]:
                return False
            left[name] -= 1
            done.append(name)
            return True

        return do

    mailboxes = {
        name: loop.add(name, Camera(lambda _: done.append("look"), work=work(name)))
        for name in left
    }
    for mailbox in mailboxes.values():
        mailbox.put(a_sample())
    loop.start()
    eventually(lambda: len(done) == 8)
    assert loop.stop(5)
    # What rests may do one piece between looks; all else waits for them.
    assert done.index("look") == 0
    assert "look" in done[1:3]
    pieces = [one for one in done if one != "look"]
    assert pieces in (["a", "b"] * 3, ["b", "a"] * 3)


def test_work_that_fails_is_logged_and_holds_up_nobody(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> bool:
        msg = "a bug"
        raise RuntimeError(msg)

    loop = LookLoop(now=lambda: AT)
    loop.add("bad", Camera(lambda _: None, work=fail))
    seen: list[int] = []
    mailbox = loop.add("good", Camera(lambda frame: seen.append(frame.number)))
    with caplog.at_level(logging.ERROR):
        loop.start()
        for number in range(5):
            mailbox.put(a_sample(number))
            eventually(lambda: len(seen) == number + 1)  # noqa: B023
        assert loop.stop(5)
    assert loop.figures("bad").failed >= 1
    assert len(caplog.records) == 1
