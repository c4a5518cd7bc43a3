"""How far the reading of a stream has fallen behind."""

import pytest

from edge.lag import Lag

FRAME_S = 0.04


def lags(seconds: float, *, takes_s: float = FRAME_S, begins_s: float = 1000.0) -> list[float]:
    """The lag of each picture of a stream of 25 a second, one of which is had every ``takes_s``."""
    lag = Lag()
    count = round(seconds / FRAME_S)
    return [lag.of(number * FRAME_S, begins_s + number * takes_s) for number in range(count)]


def test_what_comes_in_time_is_not_late_however_long_it_took_to_connect() -> None:
    assert lags(60) == pytest.approx([0.0] * 1500, abs=1e-6)


def test_what_is_read_too_slowly_is_ever_later() -> None:
    assert lags(10, takes_s=0.05)[-1] == pytest.approx(249 * 0.01, abs=0.01)


def test_a_picture_that_is_held_up_is_late_and_the_next_ones_are_not() -> None:
    lag = Lag()
    held_up_s = [0.0, 0.01, 0.3, 0.02, 0.0]

    told = [lag.of(n * FRAME_S, n * FRAME_S + more_s) for n, more_s in enumerate(held_up_s)]

    assert told == pytest.approx(held_up_s, abs=1e-3)


@pytest.mark.parametrize("drift", [-2e-4, 2e-4])
def test_a_clock_that_is_a_little_off_makes_nothing_late(drift: float) -> None:
    day = lags(86400 / 8, takes_s=FRAME_S * (1 + drift))

    assert max(day) < 0.02


def test_what_is_only_a_little_too_slow_is_late_in_the_end() -> None:
    assert lags(600, takes_s=FRAME_S * 1.005)[-1] > 2.0
