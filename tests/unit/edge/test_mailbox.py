"""The mailbox between a camera's reader and the worker."""

import threading
from datetime import UTC, datetime, timedelta

import numpy as np

from analytics.frames import Frame
from edge.mailbox import Mailbox
from edge.sources import Sample
from tests.samples import ReadySample

AT = datetime(2026, 1, 1, tzinfo=UTC)


def a_sample(number: int = 0, at: datetime = AT) -> ReadySample:
    return ReadySample(Frame(np.zeros((2, 2, 3), np.uint8), at, float(number), number))


def taken_of(mailbox: Mailbox) -> Sample | None:
    return mailbox.take(not_before=AT)[0]


def test_an_empty_mailbox_gives_nothing() -> None:
    assert taken_of(Mailbox(lambda: None)) is None


def test_a_sample_is_given_once() -> None:
    mailbox = Mailbox(lambda: None)
    sample = a_sample()

    mailbox.put(sample)

    assert taken_of(mailbox) is sample
    assert taken_of(mailbox) is None


def test_the_newest_sample_wins_and_the_others_are_counted() -> None:
    mailbox = Mailbox(lambda: None)

    for number in range(5):
        mailbox.put(a_sample(number))

    newest = taken_of(mailbox)
    assert newest is not None
    assert newest.frame().number == 4
    assert mailbox.overwritten == 4


def test_a_sample_that_was_taken_is_not_counted_as_overwritten() -> None:
    mailbox = Mailbox(lambda: None)

    for number in range(5):
        mailbox.put(a_sample(number))
        taken_of(mailbox)

    assert mailbox.overwritten == 0


def test_each_put_wakes_the_worker_who_may_take_at_once() -> None:
    taken: list[Sample | None] = []
    mailbox = Mailbox(lambda: taken.append(taken_of(mailbox)))
    samples = [a_sample(0), a_sample(1)]

    for sample in samples:
        mailbox.put(sample)

    assert taken == samples


def test_every_sample_is_taken_or_counted_when_two_threads_meet() -> None:
    mailbox = Mailbox(lambda: None)
    puts = 5_000
    done = threading.Event()

    def put_all() -> None:
        for number in range(puts):
            mailbox.put(a_sample(number))
        done.set()

    thread = threading.Thread(target=put_all)
    thread.start()
    taken = 0
    while not done.is_set():
        taken += taken_of(mailbox) is not None
    thread.join()
    taken += taken_of(mailbox) is not None

    assert taken + mailbox.overwritten == puts


def test_a_sample_that_is_too_old_is_dropped_and_told() -> None:
    mailbox = Mailbox(lambda: None)
    mailbox.put(a_sample(at=AT - timedelta(seconds=1)))

    assert mailbox.take(not_before=AT) == (None, True)
    assert mailbox.take(not_before=AT) == (None, False)
    assert mailbox.overwritten == 0
