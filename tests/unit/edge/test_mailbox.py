"""The mailbox between a camera's reader and the worker."""

import threading
from datetime import UTC, datetime

import numpy as np

from analytics.frames import Frame
from edge.mailbox import Mailbox

AT = datetime(2026, 1, 1, tzinfo=UTC)


def a_frame(number: int = 0) -> Frame:
    return Frame(np.zeros((2, 2, 3), np.uint8), AT, float(number), number)


def test_an_empty_mailbox_gives_nothing() -> None:
    assert Mailbox(lambda: None).take() is None


def test_a_frame_is_given_once() -> None:
    mailbox = Mailbox(lambda: None)
    frame = a_frame()

    mailbox.put(frame)

    assert mailbox.take() is frame
    assert mailbox.take() is None


def test_the_newest_frame_wins_and_the_others_are_counted() -> None:
    mailbox = Mailbox(lambda: None)

    for number in range(5):
        mailbox.put(a_frame(number))

    newest = mailbox.take()
    assert newest is not None
    assert newest.number == 4
    assert mailbox.overwritten == 4


def test_a_frame_that_was_taken_is_not_counted_as_overwritten() -> None:
    mailbox = Mailbox(lambda: None)

    for number in range(5):
        mailbox.put(a_frame(number))
        mailbox.take()

    assert mailbox.overwritten == 0


def test_each_put_wakes_the_worker_who_may_take_at_once() -> None:
    taken: list[Frame | None] = []
    mailbox = Mailbox(lambda: taken.append(mailbox.take()))
    frames = [a_frame(0), a_frame(1)]

    for frame in frames:
        mailbox.put(frame)

    assert taken == frames


def test_every_frame_is_taken_or_counted_when_two_threads_meet() -> None:
    mailbox = Mailbox(lambda: None)
    puts = 5_000
    done = threading.Event()

    def put_all() -> None:
        for number in range(puts):
            mailbox.put(a_frame(number))
        done.set()

    thread = threading.Thread(target=put_all)
    thread.start()
    taken = 0
    while not done.is_set():
        taken += mailbox.take() is not None
    thread.join()
    taken += mailbox.take() is not None

    assert taken + mailbox.overwritten == puts
