"""How long a stream waits before it tries again."""

from edge.backoff import BackOff


def test_the_bound_of_the_wait_doubles_up_to_the_longest() -> None:
    backoff = BackOff(1.0, 30.0, jitter=lambda: 1.0)

    assert [backoff.next_s() for _ in range(7)] == [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_a_year_of_failures_does_not_overflow() -> None:
    backoff = BackOff(1.0, 30.0, jitter=lambda: 1.0)

    assert {backoff.next_s() for _ in range(100_000)} <= {1.0, 2.0, 4.0, 8.0, 16.0, 30.0}


def test_cameras_that_fail_together_come_back_apart() -> None:
    waits = sorted(BackOff(10.0, 30.0).next_s() for _ in range(200))

    assert waits[0] < 1.0
    assert waits[-1] > 9.0


def test_after_a_reset_the_first_wait_is_short_again() -> None:
    backoff = BackOff(1.0, 30.0, jitter=lambda: 1.0)
    for _ in range(5):
        backoff.next_s()

    backoff.reset()

    assert backoff.next_s() == 1.0
