"""Street lamps: what becomes an outage, what ends one, and all that does neither."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analytics.frames import Image
from analytics.incidents import Finding
from analytics.lamp_sight import LampSight, is_night, lamp_sight
from analytics.lamps import LampRule, LampState, LampWatch
from analytics.messages import QualityLevel, StreetLightMeasurement, ViewBox

BOX: ViewBox = (0.5, 0.1, 0.53, 0.13)
EVENING = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR_S = 3600.0


def a_street(*, sky: int, lamp: int | None = None, ground: int | None = None) -> Image:
    """Return a flat street with a shop's sign; the lamp's head is grey where it does not shine."""
    image = np.full((360, 640, 3), sky if ground is None else ground, np.uint8)
    image[:120] = sky
    image[200:230, 20:140] = 250
    image[36:47, 320:340] = sky if lamp is None else lamp
    return image


DARK = a_street(sky=30)
LIT = a_street(sky=30, lamp=255)
NOON = a_street(sky=210, ground=120)


def some_looks(
    *parts: tuple[Image, float], start: datetime = EVENING, every_s: float = 10.0
) -> list[tuple[datetime, Image]]:
    """Return looks that show each picture for its seconds, one after the other."""
    looks = []
    at = start
    for image, seconds in parts:
        for _ in range(round(seconds / every_s)):
            looks.append((at, image))
            at += timedelta(seconds=every_s)
    return looks


def nights(count: int, *parts: tuple[Image, float]) -> list[tuple[datetime, Image]]:
    """Return looks of several nights, each the same, and of the noons between."""
    looks = []
    for night in range(count):
        looks += some_looks(*parts, start=EVENING + night * DAY, every_s=25.0)
        looks += some_looks((NOON, 600), start=EVENING + night * DAY + timedelta(hours=16))
    return looks


def followed(watch: LampWatch, looks: Iterable[tuple[datetime, Image]]) -> list[Finding | None]:
    return [watch.look(image, at) for at, image in looks]


def dark_nights(finding: Finding | None) -> int:
    assert finding is not None
    assert isinstance(finding.measurement, StreetLightMeasurement)
    return finding.measurement.dark_nights


def a_watch(state: LampState | None = None, **rule: float) -> LampWatch:
    return LampWatch(LampRule(**rule), "pole-14", BOX, state)  # type: ignore[arg-type]


@pytest.mark.parametrize("every_s", [0.2, 0.5, 2.0, 10.0])
def test_the_third_dark_night_in_a_row_is_an_outage_since_the_first(every_s: float) -> None:
    watch = a_watch(dark_s=120.0, shine_s=60.0)
    followed(watch, some_looks((LIT, 90), start=EVENING - DAY, every_s=every_s))
    told = []
    for night in range(3):
        looks = some_looks((DARK, 150), start=EVENING + night * DAY, every_s=every_s)
        told.append([finding for finding in followed(watch, looks) if finding is not None])

    assert told[:2] == [[], []]
    assert len(told[2]) == pytest.approx(30 / every_s, abs=2)
    (finding, *_) = told[2]
    assert finding.zone == "pole-14"
    assert finding.started_at == EVENING
    assert finding.confidence == 1.0
    assert dark_nights(finding) == 3


def test_an_outage_holds_by_day_grows_by_night_and_ends_where_the_lamp_shines() -> None:
    watch = a_watch()
    followed(watch, nights(3, (LIT, 400), (DARK, 0)))
    followed(watch, [(at + 3 * DAY, image) for at, image in nights(3, (DARK, 2 * HOUR_S))])
    noon = watch.look(NOON, EVENING + 6 * DAY - timedelta(hours=7))
    fourth = followed(watch, some_looks((DARK, HOUR_S), start=EVENING + 6 * DAY))[-1]
    shining = followed(watch, some_looks((LIT, 400), start=EVENING + 7 * DAY))

    assert dark_nights(noon) == 3
    assert dark_nights(fourth) == 4
    ended = shining.index(None)
    assert 280 <= 10 * ended <= 310
    assert shining[ended:] == [None] * (len(shining) - ended)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([(LIT, 1.5 * HOUR_S)], id="a lamp that shines"),
        pytest.param([(LIT, 600), (DARK, 1.5 * HOUR_S)], id="one that goes out at midnight"),
        pytest.param([(DARK, 1.5 * HOUR_S), (LIT, 600)], id="one that comes on late"),
        pytest.param([(DARK, 50), (LIT, 50)] * 50, id="one that flickers"),
        pytest.param([(DARK, 900)], id="one that is looked at for too short a time"),
        pytest.param([(NOON, 3 * HOUR_S)], id="days only"),
        pytest.param([(DARK, 25), (NOON, 100)] * 60, id="a day with a dark look now and then"),
    ],
)
def test_no_outage(parts: list[tuple[Image, float]]) -> None:
    assert not any(followed(a_watch(), nights(5, *parts)))


def test_a_gloomy_view_that_is_dark_day_and_night_is_not_judged() -> None:
    looks = some_looks((DARK, 5 * 21.5 * HOUR_S), every_s=20.0)
    assert not any(followed(a_watch(), looks))


def test_nights_long_ago_are_no_row() -> None:
    watch = a_watch()
    followed(watch, nights(2, (DARK, HOUR_S)))
    later = some_looks((DARK, HOUR_S), start=EVENING + 12 * DAY)
    assert not any(followed(watch, later))
    assert watch.state.nights == 1


def test_a_lamp_that_never_shone_is_for_an_operator_to_judge() -> None:
    watch = a_watch()
    finding = followed(watch, nights(3, (DARK, HOUR_S)))[-1]
    assert finding is not None
    assert finding.quality.level is QualityLevel.DEGRADED
    assert finding.confidence < 0.7


def test_a_restart_forgets_nothing() -> None:
    whole = nights(2, (DARK, HOUR_S)) + some_looks((DARK, HOUR_S), start=EVENING + 2 * DAY)
    watch = a_watch()
    found: Finding | None = None
    for part in np.array_split(np.arange(len(whole)), 9):
        state = LampState.model_validate_json(watch.state.model_dump_json())
        opened = None
        if found is not None and isinstance(found.measurement, StreetLightMeasurement):
            opened = (found.measurement, found.started_at)
        watch = LampWatch(LampRule(), "pole-14", BOX, state, opened)
        found = followed(watch, [whole[index] for index in part])[-1]
    assert dark_nights(found) == 3


def test_an_open_incident_is_carried_on_also_where_the_state_is_lost() -> None:
    told = StreetLightMeasurement(lamp="pole-14", dark_nights=5)
    watch = LampWatch(LampRule(), "pole-14", BOX, None, (told, EVENING - 5 * DAY))
    finding = watch.look(NOON, EVENING)
    assert dark_nights(finding) == 5
    assert finding is not None
    assert finding.started_at == EVENING - 5 * DAY
    assert followed(watch, some_looks((LIT, 400)))[-1] is None


def test_an_incident_that_ended_while_its_state_was_not_kept_does_not_come_back_at_once() -> None:
    watch = a_watch()
    followed(watch, nights(3, (DARK, HOUR_S)))
    again = a_watch(watch.state)
    assert again.look(NOON, EVENING + 3 * DAY) is None
    assert not any(followed(again, some_looks((LIT, 400), start=EVENING + 3 * DAY)))
    assert again.state.nights == 0


def test_a_clock_that_is_set_back_counts_no_time() -> None:
    watch = a_watch(dark_s=60.0, nights=1)
    assert watch.look(DARK, EVENING) is None
    assert watch.look(DARK, EVENING - timedelta(hours=1)) is None
    assert watch.state.dark_s == 0.0


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(LIT, LampSight.LIT, id="lit"),
        pytest.param(DARK, LampSight.DARK, id="dark"),
        pytest.param(a_street(sky=30, lamp=12), LampSight.DARK, id="its head darker than the sky"),
        pytest.param(a_street(sky=30, lamp=110), LampSight.UNSURE, id="a glimmer"),
        pytest.param(a_street(sky=240), LampSight.UNSURE, id="a bright sky"),
        pytest.param(a_street(sky=240, lamp=255), LampSight.UNSURE, id="lit against a bright sky"),
    ],
)
def test_what_a_lamp_shows(image: Image, expected: LampSight) -> None:
    assert lamp_sight(image, BOX) is expected


@pytest.mark.parametrize("lamp", [30, 255])
def test_beside_a_bright_light_or_letters_nothing_is_told(lamp: int) -> None:
    image = a_street(sky=30, lamp=lamp)
    image[30:54, 345:350] = 255
    image[30:54, 310:315] = 255
    assert lamp_sight(image, BOX) is LampSight.UNSURE


def test_a_lamp_at_the_rim_of_a_tiny_picture_can_be_judged() -> None:
    image = np.zeros((36, 64, 3), np.uint8)
    assert lamp_sight(image, (0.999, 0.0, 1.0, 0.001)) is LampSight.DARK
    image[:3, -3:] = 255
    assert lamp_sight(image, (0.999, 0.0, 1.0, 0.001)) is LampSight.LIT


def test_head_lamps_and_a_burned_in_clock_make_no_day_of_a_night() -> None:
    image = a_street(sky=30, ground=80)
    image[2:24, 8:240:2] = 255
    image[240:340, 100:400] = 255
    assert is_night(image)
    assert not is_night(NOON)
