"""Scores of hand-made messages: what counts as found, once, false, gone and rightly answered."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from analytics.incidents import Finding, Sender, advance, verified
from analytics.messages import (
    CameraFaultMeasurement,
    IncidentKind,
    IncidentMessage,
    PotholeMeasurement,
    Quality,
    RecheckAnswer,
    RubbishMeasurement,
    RubbishState,
    Severity,
)
from scripts.slow_scene.report import lines_of, record, summary
from scripts.slow_scene.scenario import END, Ask, Span, Thing, Truth, moment
from scripts.slow_scene.scoring import Score, score, totals

SIZE = (640, 360)
HOLE = Thing(
    "hole", IncidentKind.POTHOLE, (300, 200, 40, 16), Span(moment(1, 9), moment(2, 12)), ()
)
HEAP = Thing("heap", IncidentKind.RUBBISH, (500, 180, 60, 40), Span(moment(1, 9)), ())
IS_GONE = Ask(moment(2, 13), "hole", RecheckAnswer.GONE)
TRUTH = Truth(SIZE, (), (), (HOLE, HEAP), (Span(moment(3, 8), moment(3, 10)),), (IS_GONE,))
SENDER = Sender("here", "camera", None, "1", ())


def a_finding(kind: IncidentKind, box: tuple[int, int, int, int], at: datetime) -> Finding:
    left, top, width, height = box
    view_box = (left / 640, top / 360, (left + width) / 640, (top + height) / 360)
    measurement: PotholeMeasurement | RubbishMeasurement = PotholeMeasurement(
        looks=3, width_px=width, view_box=view_box
    )
    if kind is IncidentKind.RUBBISH:
        measurement = RubbishMeasurement(
            looks=3, state=RubbishState.PILE, width_px=width, view_box=view_box
        )
    return Finding(kind, "zone", at, Severity.LOW, 0.7, Quality(), measurement)


def a_life(
    thing: Thing,
    opened_at: datetime,
    closed_at: datetime | None = None,
    box: tuple[int, int, int, int] | None = None,
) -> list[IncidentMessage]:
    finding = a_finding(thing.kind, box or thing.box, opened_at)
    opened = advance(None, finding, SENDER, opened_at)
    assert opened is not None
    if closed_at is None:
        return [opened]
    closed = advance(opened, None, SENDER, closed_at)
    assert closed is not None
    return [opened, closed]


def scored(*lives: list[IncidentMessage], **answers: RecheckAnswer) -> Score:
    messages = [message for life in lives for message in life]
    return score(
        "one", TRUTH, messages, dict.fromkeys(TRUTH.asks, answers["hole"]) if answers else {}
    )


def test_a_run_in_which_all_is_right() -> None:
    found = scored(
        a_life(HOLE, moment(1, 12), moment(2, 14)),
        a_life(HEAP, moment(1, 12)),
        hole=RecheckAnswer.GONE,
    )

    assert all(thing.is_once and not thing.ends_early for thing in found.things)
    assert found.things[0].is_seen_gone
    assert found.false == ()
    sums = totals([found])
    assert (sums.holes_once, sums.heaps_once, sums.mended_seen, sums.asks_right) == (1, 1, 1, 1)
    assert (sums.false, sums.ended_early, sums.asks_wrong) == (0, 0, 0)


@pytest.mark.parametrize(
    ("box", "is_it"),
    [
        ((300, 200, 40, 16), True),
        ((310, 204, 20, 9), True),  # a part of it
        ((285, 196, 70, 26), True),  # loosely around it
        ((300, 240, 40, 16), False),  # below it
        ((360, 200, 40, 16), False),  # beside it
    ],
)
def test_an_incident_is_of_what_lies_at_its_place(
    box: tuple[int, int, int, int], is_it: bool
) -> None:
    found = scored(a_life(HOLE, moment(1, 12), box=box))

    assert found.things[0].is_once is is_it
    assert len(found.false) == (0 if is_it else 1)


@pytest.mark.parametrize(
    ("kind", "opened_at"),
    [
        (IncidentKind.RUBBISH, moment(1, 12)),  # a hole taken for rubbish
        (IncidentKind.POTHOLE, moment(1, 8)),  # before it is there
        (IncidentKind.POTHOLE, moment(2, 12)),  # the patch taken for a hole
    ],
)
def test_what_is_not_there_is_false(kind: IncidentKind, opened_at: datetime) -> None:
    found = scored(a_life(replace(HOLE, kind=kind), opened_at))

    assert not found.things[0].told
    assert len(found.false) == 1


def test_what_is_opened_twice_is_not_opened_once() -> None:
    found = scored(
        a_life(HEAP, moment(1, 12), moment(2, 8)),
        a_life(HEAP, moment(2, 12), box=(505, 185, 50, 35)),
    )

    assert not found.things[1].is_once
    assert found.things[1].ends_early, "it is there until the end"
    assert totals([found]).heaps_once == 0
    assert found.false == (), "and that is no false incident"


def test_a_hole_that_ended_too_early_is_not_seen_as_gone() -> None:
    found = scored(a_life(HOLE, moment(1, 12), moment(1, 15)))

    assert found.things[0].ends_early
    assert not found.things[0].is_seen_gone


@pytest.mark.parametrize(
    ("hour", "answer", "is_right"),
    [
        (20, RecheckAnswer.CANNOT_SEE, True),
        (20, RecheckAnswer.STILL_THERE, True),  # by the light of lamps
        (20, RecheckAnswer.GONE, False),
        (12, RecheckAnswer.STILL_THERE, False),  # of what a van hides, nobody can know it
    ],
)
def test_what_is_found_in_the_dark_is_there(
    hour: float, answer: RecheckAnswer, *, is_right: bool
) -> None:
    ask = Ask(moment(2, hour), "heap", RecheckAnswer.CANNOT_SEE)
    truth = replace(TRUTH, asks=(ask,))

    (found,) = score("one", truth, a_life(HEAP, moment(1, 12)), {ask: answer}).asks

    assert found.is_right is is_right


def test_a_hole_that_stays_open_is_not_seen_as_gone() -> None:
    assert not scored(a_life(HOLE, moment(1, 12))).things[0].is_seen_gone


def test_a_second_look_that_finds_it_gone_ends_it() -> None:
    (opened,) = a_life(HOLE, moment(1, 12))

    found = scored([opened, verified(opened, SENDER, moment(2, 13))])

    assert found.things[0].is_once
    assert found.things[0].is_seen_gone


def test_small_holes_count_nowhere_but_what_is_told_of_them_is_not_false() -> None:
    small = replace(HOLE, box=(300, 200, 20, 8))
    truth = replace(TRUTH, things=(small,))

    missed = score("one", truth, [], {})
    found = score("one", truth, a_life(small, moment(1, 12)), {})

    assert (totals([missed]).holes, totals([found]).holes) == (0, 0)
    assert found.false == ()


@pytest.mark.parametrize(
    ("at", "is_false"),
    [
        (moment(3, 8) + timedelta(minutes=1), False),  # it is turned
        (moment(2, 20), False),  # it is dark
        (moment(2, 11), True),
    ],
)
def test_a_fault_of_the_camera_is_false_where_it_has_none(at: datetime, is_false: bool) -> None:
    fault = CameraFaultMeasurement(fault="turned", lasted_s=20)
    finding = Finding(IncidentKind.CAMERA_FAULT, None, at, Severity.LOW, 1.0, Quality(), fault)
    opened = advance(None, finding, SENDER, at)
    assert opened is not None

    assert bool(scored([opened]).false) is is_false


def test_rechecks_are_right_wrong_or_without_an_answer() -> None:
    scores = [
        scored(hole=RecheckAnswer.GONE),
        scored(hole=RecheckAnswer.STILL_THERE),
        scored(),
    ]

    sums = totals(scores)

    assert (sums.asks, sums.asks_right, sums.asks_wrong) == (3, 1, 1)
    assert "1 of 3 right, 1 wrong, 1 without an answer" in summary(scores)


def test_the_report_names_what_is_wrong() -> None:
    found = scored(
        a_life(HOLE, moment(1, 12)),
        a_life(HOLE, moment(1, 12), box=(100, 300, 40, 16)),
        hole=RecheckAnswer.STILL_THERE,
    )

    text = "\n".join(lines_of(found, {IS_GONE: "it looks as it did"}))

    assert "NOT SEEN AS GONE" in text
    assert "heap, 60 px" in text
    assert "MISSED" in text
    assert text.count("FALSE") == 1
    assert "still_there, WRONG, it is gone; it looks as it did" in text


def test_the_record_holds_totals_and_each_scenario() -> None:
    told = record([scored(a_life(HEAP, moment(1, 12)))])

    assert isinstance(told["totals"], dict)
    assert told["totals"]["heaps_once"] == 1
    assert isinstance(told["scenarios"], list)
    assert [thing["name"] for thing in told["scenarios"][0]["things"]] == ["hole", "heap"]
    assert moment(3, 18) == END
