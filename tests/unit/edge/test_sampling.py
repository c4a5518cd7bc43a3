"""Media time, and which pictures are looked at."""

import pytest

from edge.sampling import Duty, MediaClock, Sampler, Sampling

NIGHT = 3 * 3600.0


@pytest.mark.parametrize(
    ("presented", "media"),
    [
        pytest.param([0.0, 0.1, 0.2], [0.0, 0.1, 0.2], id="as presented"),
        pytest.param([900.0, 900.1, 900.2], [0.0, 0.1, 0.2], id="begins anywhere"),
        pytest.param([5.0, 5.1, 12.1], [0.0, 0.1, 7.1], id="a pause is kept"),
        pytest.param([None, None, None], [0.0, 0.1, 0.2], id="no times at all"),
        pytest.param([None, 7.0, 7.1], [0.0, 0.1, 0.2], id="the first has none"),
        pytest.param([7.0, None, 7.2], [0.0, 0.1, 0.2], id="one in the middle has none"),
        pytest.param([NIGHT, NIGHT + 0.1, 0.0, 0.1], [0.0, 0.1, 0.2, 0.3], id="set back"),
        pytest.param([0.0, 0.1, NIGHT, NIGHT + 0.1], [0.0, 0.1, 0.2, 0.3], id="leaps ahead"),
        pytest.param([3.0, 3.0, 3.0], [0.0, 0.1, 0.2], id="stands still"),
    ],
)
def test_media_time_goes_on_whatever_the_stream_says(
    presented: list[float | None], media: list[float]
) -> None:
    clock = MediaClock(10.0)

    assert [clock.at(time) for time in presented] == pytest.approx(media)


def test_without_a_rate_a_picture_without_time_is_taken_to_last_as_in_most_streams() -> None:
    clock = MediaClock(None)

    assert [clock.at(None), clock.at(None)] == pytest.approx([0.0, 0.04])


def picked(looks_per_s: float | None, frames_per_s: float, seconds: float) -> list[int]:
    sampler = Sampler(Sampling(looks_per_s))
    count = round(seconds * frames_per_s)
    return [number for number in range(count) if sampler.due(number / frames_per_s)]


def test_without_a_limit_every_picture_is_looked_at() -> None:
    assert picked(None, 25, 2) == list(range(50))


def test_every_fifth_picture_makes_five_looks_a_second_of_twenty_five() -> None:
    assert picked(5, 25, 1) == [0, 5, 10, 15, 20]


@pytest.mark.parametrize("looks_per_s", [0.5, 2, 7, 8, 12.5, 24, 25, 40])
def test_the_rate_holds_on_average_also_where_it_does_not_divide(looks_per_s: float) -> None:
    expected = min(looks_per_s, 25) * 40

    assert len(picked(looks_per_s, 25, 40)) == pytest.approx(expected, abs=1)


def test_a_camera_that_jitters_loses_no_look() -> None:
    sampler = Sampler(Sampling(10))
    times = [number / 10 + (-0.004 if number % 2 else 0.004) for number in range(100)]

    assert sum(sampler.due(time) for time in times) == 100


def test_after_a_pause_the_missed_looks_are_not_made_up_for() -> None:
    sampler = Sampler(Sampling(1))
    sampler.due(0.0)

    assert [sampler.due(time) for time in (30.0, 30.2, 30.4, 31.0)] == [True, False, False, True]


def watched(interval_s: float, looks_per_s: float, seconds: float = 60) -> int:
    sampler = Sampler(Sampling(looks_per_s, key_frames_only=True))
    return sum(sampler.due(number * interval_s) for number in range(int(seconds / interval_s)))


@pytest.mark.parametrize("interval_s", [0.5, 1.0, 1.96, 1.98, 2.0])
def test_key_frames_are_looked_at_as_often_as_they_allow(interval_s: float) -> None:
    assert watched(interval_s, 0.5) == pytest.approx(30, abs=1)


def test_key_frames_that_come_seldom_are_all_looked_at() -> None:
    assert watched(4.0, 0.5) == 15


def test_a_camera_on_duty_is_measured_for_its_part_of_the_time_and_watched_for_the_rest() -> None:
    duty = Duty(measure_s=10, every_s=60, offset_s=25, looks_per_s=5)
    sampling = Sampling(0.5, key_frames_only=True, duty=duty)
    sampler = Sampler(sampling)
    looks = []
    for number in range(60 * 25):
        media_s = number / 25
        is_key_frame = number % 50 == 0
        if (sampling.measures(media_s) or is_key_frame) and sampler.due(media_s):
            looks.append(media_s)

    measured = [at for at in looks if 25 <= at < 35]
    assert len(measured) == pytest.approx(50, abs=1)
    assert len(looks) - len(measured) == pytest.approx(25, abs=1)
