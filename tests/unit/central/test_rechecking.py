"""What a second look's answer means."""

import pytest

from analytics.messages import IncidentKind, RecheckAnswer, ReplyOutcome
from central.complaints import EventReason
from central.rechecking import DEFAULT_RECHECKS, RECHECKED, reason_of, settles


def test_only_what_stays_where_it_is_is_looked_at_again() -> None:
    assert set(IncidentKind) - RECHECKED == {IncidentKind.CONGESTION, IncidentKind.CAMERA_FAULT}


@pytest.mark.parametrize(
    ("outcome", "answer", "settled", "noted"),
    [
        ("done", "gone", True, None),
        ("done", "still_there", True, None),
        ("done", "cannot_see", False, EventReason.RECHECK_CANNOT_SEE),
        ("done", None, False, EventReason.RECHECK_CANNOT_SEE),
        ("refused", None, False, EventReason.RECHECK_FAILED),
        ("expired", None, False, EventReason.RECHECK_FAILED),
        ("failed", "gone", False, EventReason.RECHECK_FAILED),
    ],
)
def test_only_what_was_seen_settles_it_and_the_rest_is_noted(
    outcome: str, answer: str | None, settled: bool, noted: EventReason | None
) -> None:
    said = ReplyOutcome(outcome), None if answer is None else RecheckAnswer(answer)
    assert settles(*said) is settled
    assert reason_of(*said) is noted


def test_a_camera_has_one_question_at_a_time() -> None:
    assert DEFAULT_RECHECKS.expires_s <= DEFAULT_RECHECKS.every_s < DEFAULT_RECHECKS.give_up_s
