from datetime import UTC, datetime, timedelta

import pytest

from central.dashboard import times
from central.dashboard.texts import Language, load_catalogues

INDONESIAN = load_catalogues()[Language.INDONESIAN]
ENGLISH = load_catalogues()[Language.ENGLISH]
LATE = datetime(2026, 12, 31, 20, 5, 9, tzinfo=UTC)


def test_a_time_is_told_on_the_citys_clock() -> None:
    assert times.exact(LATE, INDONESIAN) == "1 Jan 2027, 03.05.09 WIB"
    assert times.exact(LATE, ENGLISH) == "1 Jan 2027, 03:05:09 WIB"
    assert times.short(LATE, ENGLISH) == "1 Jan, 03:05"
    assert times.clock(LATE, INDONESIAN) == "03.05.09"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        pytest.param(-3, "0 s", id="two clocks that disagree"),
        pytest.param(0, "0 s", id="nothing"),
        pytest.param(59.9, "59 s", id="seconds are cut, not rounded"),
        pytest.param(60, "1 min", id="a minute"),
        pytest.param(3599, "59 min", id="nearly an hour"),
        pytest.param(3600, "1 h", id="a full hour has no minutes"),
        pytest.param(3600 + 20 * 60, "1 h 20 min", id="hours and minutes"),
        pytest.param(24 * 3600, "1 d", id="a full day has no hours"),
        pytest.param(76 * 3600 + 1800, "3 d 4 h", id="days and hours"),
    ],
)
def test_a_length_of_time_is_told_in_its_largest_units(seconds: float, expected: str) -> None:
    assert times.lasted(seconds, ENGLISH) == expected


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param(timedelta(seconds=2), "baru saja", id="a moment ago"),
        pytest.param(timedelta(seconds=-30), "baru saja", id="a camera whose clock is ahead"),
        pytest.param(timedelta(minutes=12), "12 mnt lalu", id="minutes ago"),
    ],
)
def test_it_says_how_long_ago(before: timedelta, expected: str) -> None:
    assert times.ago(LATE - before, LATE, INDONESIAN) == expected
