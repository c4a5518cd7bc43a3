"""The table of statuses: every pair, and what a camera moves by itself."""

from datetime import UTC, datetime

import pytest

from central.complaints import (
    CLOSED,
    NOTE_REQUIRED,
    OPEN,
    TRANSITIONS,
    ActorKind,
    EventReason,
    Status,
    allowed_next,
    camera_move,
    check_move,
    complaint_number,
)
from central.errors import IllegalMoveError

# Each row is a status; each word where an operator may move it. `*` marks: a camera may, too.
LEGAL = {
    "new": "coordination dispatched in_progress resolved* rejected duplicate",
    "coordination": "dispatched in_progress resolved* rejected duplicate",
    "dispatched": "coordination in_progress resolved* rejected duplicate",
    "in_progress": "coordination dispatched resolved* rejected duplicate",
    "resolved": "verified* reopened*",
    "verified": "reopened*",
    "reopened": "coordination dispatched in_progress resolved* rejected duplicate",
    "rejected": "reopened",
    "duplicate": "",
}


@pytest.mark.parametrize("actor", list(ActorKind))
@pytest.mark.parametrize("to", list(Status))
@pytest.mark.parametrize("status", list(Status))
def test_every_pair_of_statuses_is_legal_or_refused(
    status: Status, to: Status, actor: ActorKind
) -> None:
    words = LEGAL[status.value].split()
    is_legal = f"{to.value}*" in words or (to.value in words and actor is ActorKind.OPERATOR)
    if is_legal:
        check_move("SPG-2026-000001", status, to, actor)
    else:
        with pytest.raises(IllegalMoveError):
            check_move("SPG-2026-000001", status, to, actor)


def test_a_refused_move_names_the_legal_ones() -> None:
    with pytest.raises(IllegalMoveError, match="SPG-2026-000007 is resolved") as refused:
        check_move("SPG-2026-000007", Status.RESOLVED, Status.DISPATCHED, ActorKind.OPERATOR)
    assert refused.value.allowed == ("verified", "reopened")
    assert "verified, reopened" in str(refused.value)


def test_every_status_is_open_or_closed_and_in_the_table() -> None:
    assert set(TRANSITIONS) == set(Status)
    assert set(Status) == OPEN | CLOSED
    assert not OPEN & CLOSED


def test_every_open_complaint_can_be_rejected_with_a_note() -> None:
    for status in OPEN:
        assert Status.REJECTED in allowed_next(status, ActorKind.OPERATOR)
    assert Status.REJECTED in NOTE_REQUIRED


def test_what_cameras_see_moves_a_complaint_only_along_the_table() -> None:
    for status in Status:
        for is_open in (True, False):
            for verified in (True, False):
                move = camera_move(status, incident_is_open=is_open, all_verified=verified)
                if move is not None:
                    check_move("SPG-2026-000001", status, move[0], ActorKind.CAMERA)


@pytest.mark.parametrize(
    ("status", "is_open", "verified", "expected"),
    [
        pytest.param("new", True, False, None, id="still seen: nothing happens"),
        pytest.param("new", False, False, "resolved", id="gone: resolved"),
        pytest.param("dispatched", False, True, "resolved", id="gone for sure: resolved first"),
        pytest.param("resolved", False, False, None, id="still gone"),
        pytest.param("resolved", False, True, "verified", id="a second look found it gone"),
        pytest.param("resolved", True, False, "reopened", id="back"),
        pytest.param("verified", True, False, "reopened", id="back after all"),
        pytest.param("rejected", True, False, None, id="an operator's no stands"),
        pytest.param("duplicate", False, False, None, id="a duplicate is over"),
    ],
)
def test_a_camera_moves_a_complaint_by_what_it_sees(
    status: str, is_open: bool, verified: bool, expected: str | None
) -> None:
    move = camera_move(Status(status), incident_is_open=is_open, all_verified=verified)
    assert (None if move is None else move[0].value) == expected


def test_a_reopening_says_that_it_was_seen_again() -> None:
    assert camera_move(Status.RESOLVED, incident_is_open=True, all_verified=False) == (
        Status.REOPENED,
        EventReason.SEEN_AGAIN,
    )


def test_a_number_takes_its_year_from_the_clock_of_jakarta() -> None:
    new_year_in_jakarta = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
    assert complaint_number(new_year_in_jakarta, 1) == "SPG-2027-000001"
    assert complaint_number(new_year_in_jakarta.replace(hour=16), 12) == "SPG-2026-000012"
