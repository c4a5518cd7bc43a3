"""Places: many inspections of one thing are one finding, over jitter, parked cars and weeks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pytest

from analytics.messages import ViewBox
from analytics.places import Found, Outcome, Place, PlaceRule, Places, is_same_place
from tests.scenes import START

BOX: ViewBox = (0.4, 0.5, 0.5, 0.6)
EVERY = timedelta(minutes=5)
HOUR = timedelta(hours=1)


def at_box(box: ViewBox = BOX, confidence: float = 0.7) -> Found:
    return Found(box, confidence)


class Days:
    """Inspections of a zone, one in five minutes."""

    def __init__(self, **rule: float) -> None:
        self.places = Places(PlaceRule(**rule))  # type: ignore[arg-type]
        self.at = START
        self.openings: list[datetime] = []
        self.closings: list[datetime] = []
        self._open: set[int] = set()

    def look(self, *found: Found, unseen: Outcome = Outcome.GONE) -> None:
        before = {id(place) for place in self.places.places if place.is_open}
        self.places.look(found, self.at, unseen=lambda _: unseen)
        now = {id(place) for place in self.places.places if place.is_open}
        self.openings += [self.at] * len(now - before)
        self.closings += [self.at] * len(before - now)
        self.at += EVERY

    def last(
        self, lasting: timedelta, found: Sequence[Found] = (), unseen: Outcome = Outcome.GONE
    ) -> None:
        for _ in range(round(lasting / EVERY)):
            self.look(*found, unseen=unseen)

    @property
    def open(self) -> list[Place]:
        return [place for place in self.places.places if place.is_open]


def test_a_thing_opens_once_it_was_there_for_long_enough() -> None:
    days = Days()
    days.last(2 * HOUR, [at_box()])
    assert days.openings == [START + HOUR]
    (place,) = days.open
    assert place.began_at == START
    assert place.confidence == pytest.approx(0.7)


def test_boxes_jitter_and_are_one_place() -> None:
    days, noise = Days(), np.random.default_rng(0)
    for _ in range(60):
        x1, y1, x2, y2 = (np.array(BOX) + noise.normal(0, 0.012, 4)).tolist()
        days.look(at_box((x1, y1, x2, y2)))
    assert len(days.openings) == 1
    assert len(days.places.places) == 1
    assert days.open[0].box == pytest.approx(BOX, abs=0.04)


def test_a_heap_that_grows_is_one_place_and_its_box_grows() -> None:
    days = Days()
    for step in range(60):
        days.look(at_box((0.4 - 0.002 * step, 0.5 - 0.002 * step, 0.5, 0.6)))
    assert len(days.places.places) == 1
    assert days.open[0].box[0] == pytest.approx(0.28, abs=0.01)
    assert days.open[0].first_box == BOX


def test_what_is_taken_for_rubbish_beside_a_heap_does_not_carry_its_place_off() -> None:
    days = Days()
    days.last(2 * HOUR, [at_box()])
    both, beside = at_box((0.28, 0.5, 0.5, 0.6), 0.8), at_box((0.3, 0.5, 0.45, 0.6), 0.8)

    for _ in range(3):
        days.look(both)
        days.look(at_box(confidence=0.4), beside)

    (place,) = days.places.places
    assert place.box == pytest.approx(BOX, abs=0.05)


def test_two_things_side_by_side_are_two_places() -> None:
    days = Days()
    days.last(2 * HOUR, [at_box(), at_box((0.55, 0.5, 0.65, 0.6))])
    assert len(days.openings) == 2


def test_pieces_that_turn_out_to_be_one_heap_before_they_open_are_one_place() -> None:
    days, pieces = Days(), [at_box((0.40, 0.5, 0.44, 0.6)), at_box((0.46, 0.5, 0.5, 0.6))]
    days.last(timedelta(minutes=20), pieces)
    assert len(days.places.places) == 2
    # Its middle lies between them; a heap found whole is none of them less.
    days.last(2 * HOUR, [at_box((0.39, 0.48, 0.51, 0.61))], unseen=Outcome.SEEN)
    assert len(days.openings) == 1
    assert len(days.places.places) == 1


def test_of_two_that_are_open_neither_ends_while_one_box_lies_over_both() -> None:
    days, pieces = Days(), [at_box((0.40, 0.5, 0.44, 0.6)), at_box((0.46, 0.5, 0.5, 0.6))]
    days.last(2 * HOUR, pieces)
    days.last(2 * HOUR, [at_box((0.39, 0.48, 0.51, 0.61))])
    assert len(days.open) == 2, "both were told of, and each needs its end"
    days.last(2 * HOUR)
    assert not days.open


def test_a_thing_is_gone_though_its_neighbour_grew_over_a_part_of_its_place() -> None:
    days = Days()
    days.last(2 * HOUR, [at_box((0.40, 0.5, 0.50, 0.6)), at_box((0.51, 0.5, 0.61, 0.6))])
    days.last(2 * HOUR, [at_box((0.40, 0.5, 0.56, 0.6))])
    (stays,) = days.open
    assert stays.box[0] == pytest.approx(0.40)


@pytest.mark.parametrize(
    ("seen_of_ten", "opens"), [(2, False), (4, False), (5, False), (7, True), (9, True)]
)
def test_what_flickers_opens_only_where_it_is_seen_most_of_the_time(
    seen_of_ten: int, opens: bool
) -> None:
    days = Days()
    for number in range(300):
        is_seen = number * seen_of_ten % 10 < seen_of_ten
        days.look(*([at_box()] if is_seen else []))
    assert bool(days.openings) is opens
    assert days.closings == []


def test_what_is_seen_for_a_while_only_never_opens() -> None:
    days = Days()
    for _ in range(20):
        days.last(timedelta(minutes=45), [at_box()])
        days.last(timedelta(minutes=30))
    assert days.openings == []
    assert days.places.places == []


def test_hidden_looks_neither_open_nor_close_anything() -> None:
    days = Days()
    days.last(2 * HOUR, [at_box()])
    days.last(timedelta(days=30), unseen=Outcome.HIDDEN)
    assert days.closings == []
    days.places.hide_all(days.at)
    days.last(2 * HOUR)
    assert len(days.closings) == 1
    assert days.closings[0] >= START + timedelta(days=30) + 3 * HOUR


def test_it_closes_once_it_was_gone_for_long_enough() -> None:
    days = Days()
    days.last(2 * HOUR, [at_box()])
    days.last(3 * HOUR)
    assert days.closings == [START + 3 * HOUR]


def test_one_look_that_sees_it_again_begins_the_wait_anew() -> None:
    days = Days()
    days.last(2 * HOUR, [at_box()])
    for _ in range(10):
        days.last(timedelta(minutes=50))
        days.look(at_box())
    assert days.closings == []


def test_a_place_that_looks_as_it_did_counts_as_seen() -> None:
    days = Days()
    days.last(HOUR / 2, [at_box()])
    days.last(3 * HOUR, unseen=Outcome.SEEN)
    assert len(days.openings) == 1
    assert days.closings == []


def test_a_bin_that_fills_every_day_is_one_recurring_place() -> None:
    days = Days()
    for _ in range(30):
        days.last(16 * HOUR, [at_box()])
        days.last(8 * HOUR)
    assert len(days.openings) <= 5
    assert len(days.places.places) == 1
    (place,) = days.open
    assert 2 <= place.returns <= 4
    assert place.began_at > START


def test_the_wait_doubles_each_time_that_it_comes_back() -> None:
    days = Days()
    waits = []
    for _ in range(4):
        days.last(2 * HOUR, [at_box()])
        emptied = days.at
        while days.open:
            days.look()
        waits.append(round((days.closings[-1] - emptied) / HOUR))
    assert waits == [1, 2, 4, 8]


def test_what_came_back_began_when_it_came_back() -> None:
    days = Days()
    days.last(2 * HOUR, [at_box()])
    days.last(5 * HOUR)
    back = days.at
    days.last(2 * HOUR, [at_box((0.41, 0.5, 0.51, 0.6), 0.5)])
    (place,) = days.open
    assert place.began_at == back
    assert place.first_box == (0.41, 0.5, 0.51, 0.6)
    assert place.confidence == pytest.approx(0.5)
    assert place.returns == 1
    assert days.openings == [START + HOUR, back + HOUR]


def test_a_place_is_remembered_for_a_week_and_then_it_is_a_new_one() -> None:
    days = Days()
    days.last(2 * HOUR, [at_box()])
    days.last(timedelta(days=6))
    assert [place.returns for place in days.places.places] == [1]
    days.last(timedelta(days=2))
    assert days.places.places == []
    days.last(2 * HOUR, [at_box()])
    assert days.open[0].returns == 0


def test_a_place_that_was_closed_and_is_seen_now_and_then_does_not_open_again() -> None:
    days = Days()
    days.last(2 * HOUR, [at_box()])
    days.last(3 * HOUR)
    for _ in range(40):
        days.look(at_box())
        days.last(timedelta(minutes=30))
    assert len(days.openings) == 1


def test_of_an_open_heap_and_a_candidate_beside_it_the_heap_takes_the_box() -> None:
    days = Days()
    days.look(at_box((0.46, 0.5, 0.56, 0.6)))
    days.last(2 * HOUR, [at_box((0.3, 0.4, 0.45, 0.6)), at_box((0.46, 0.5, 0.56, 0.6))])
    assert len(days.open) == 2
    days.look(at_box((0.3, 0.4, 0.56, 0.6)))
    assert len(days.places.places) == 2


def test_known_places_go_on_after_a_restart() -> None:
    days = Days()
    days.last(2 * HOUR, [at_box()])
    again = Places(PlaceRule(), days.places.places)
    again.look([at_box()], days.at, unseen=lambda _: Outcome.GONE)
    assert [place.is_open for place in again.places] == [True]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param((0.4, 0.5, 0.5, 0.6), True, id="the same"),
        pytest.param((0.45, 0.5, 0.55, 0.6), True, id="half of it"),
        pytest.param((0.3, 0.4, 0.7, 0.8), True, id="around it"),
        pytest.param((0.44, 0.54, 0.46, 0.56), True, id="within it"),
        pytest.param((0.49, 0.5, 0.59, 0.6), False, id="a tenth of it"),
        pytest.param((0.5, 0.5, 0.6, 0.6), False, id="beside it"),
        pytest.param((0.1, 0.1, 0.2, 0.2), False, id="elsewhere"),
        pytest.param((0.45, 0.55, 0.45, 0.55), False, id="of no size"),
    ],
)
def test_which_boxes_are_of_one_place(other: ViewBox, expected: bool) -> None:
    assert is_same_place(BOX, other) is expected
    assert is_same_place(other, BOX) is expected
