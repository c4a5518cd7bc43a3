"""Second looks in the books, on both databases: who is asked when, and what an answer does."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from analytics.messages import (
    CommandMessage,
    EvidenceRole,
    IncidentMessage,
    IncidentPhase,
    RecheckAnswer,
    ReplyOutcome,
    new_id,
)
from central.complaints import Actor, ActorKind, EventReason, Status
from central.errors import IllegalRecheckError, NotFoundError
from central.reading import ComplaintDetail, RecheckItem
from central.store import Database, Store, Taken
from tests.builders import (
    AT,
    CAMERA,
    SITE,
    a_dark_lamp,
    a_pothole,
    a_recheck,
    a_reply,
    a_revision,
    an_evidence,
    an_incident,
)

pytestmark = pytest.mark.integration

OPERATOR = Actor(ActorKind.OPERATOR, "operator")
HOUR = timedelta(hours=1)
EVERY = 2 * HOUR
RESOLVED_AT = AT + HOUR


def the_complaint(store: Store) -> ComplaintDetail:
    (summary,) = store.complaints()
    return store.complaint(summary.number)


def status(store: Store) -> Status:
    return the_complaint(store).summary.status


def notes(store: Store) -> list[EventReason]:
    return [event.reason for event in the_complaint(store).events]


def the_recheck(store: Store) -> RecheckItem:
    (recheck,) = the_complaint(store).rechecks
    return recheck


def move(store: Store, to: Status, at: datetime = RESOLVED_AT) -> None:
    store.move_complaint(the_complaint(store).summary.number, to, actor=OPERATOR, at=at)


def ask(store: Store, at: datetime) -> CommandMessage:
    (command,) = store.claim_rechecks(at=at)
    return command


def gone(incident: IncidentMessage, at: datetime) -> IncidentMessage:
    return a_revision(incident, phase=IncidentPhase.VERIFIED, observed_at=at)


@pytest.fixture
def pothole(store: Store) -> IncidentMessage:
    """A pothole whose complaint an operator has marked as resolved."""
    incident = a_pothole()
    store.take([incident], at=AT)
    assert store.claim_rechecks(at=AT + 24 * HOUR) == ()
    move(store, Status.RESOLVED)
    return incident


def test_the_camera_of_a_resolved_complaint_is_asked_at_once(
    store: Store, pothole: IncidentMessage
) -> None:
    command = ask(store, RESOLVED_AT)
    assert command.site == SITE
    assert (command.command.action, command.command.camera) == ("recheck", CAMERA)
    assert command.command == a_recheck(pothole).command
    assert (command.issued_at, command.expires_at) == (RESOLVED_AT, RESOLVED_AT + HOUR)
    assert store.claim_rechecks(at=RESOLVED_AT + EVERY - timedelta(seconds=1)) == ()
    assert the_recheck(store).is_awaited


def test_what_the_camera_no_longer_sees_is_looked_at_again_too(store: Store) -> None:
    incident = a_pothole()
    closed = a_revision(incident, phase=IncidentPhase.CLOSED, observed_at=RESOLVED_AT)
    store.take([incident, closed], at=RESOLVED_AT)
    assert status(store) is Status.RESOLVED
    assert ask(store, RESOLVED_AT).command == a_recheck(incident).command


def test_a_jam_is_not_looked_at_again(store: Store) -> None:
    incident = an_incident()
    store.take([incident, a_revision(incident, phase=IncidentPhase.CLOSED)], at=AT)
    assert status(store) is Status.RESOLVED
    assert store.claim_rechecks(at=AT + EVERY) == ()
    assert not the_complaint(store).can_recheck
    with pytest.raises(IllegalRecheckError, match="none of its incidents is of a kind"):
        store.ask_recheck(the_complaint(store).summary.number, actor=OPERATOR, at=AT)


def test_gone_verifies_the_complaint_and_nobody_asks_again(
    store: Store, pothole: IncidentMessage
) -> None:
    command = ask(store, RESOLVED_AT)
    looked_at = RESOLVED_AT + timedelta(minutes=5)
    assert store.take([gone(pothole, looked_at), a_reply(command)], at=looked_at).unasked == 0
    assert status(store) is Status.VERIFIED
    recheck = the_recheck(store)
    assert (recheck.answer, recheck.is_awaited) == (RecheckAnswer.GONE, False)
    assert store.claim_rechecks(at=RESOLVED_AT + 10 * EVERY) == ()
    assert notes(store)[-1] is EventReason.VERIFIED_BY_CAMERA


def test_still_there_reopens_the_complaint_and_nobody_asks_again(
    store: Store, pothole: IncidentMessage
) -> None:
    command = ask(store, RESOLVED_AT)
    looked_at = RESOLVED_AT + timedelta(minutes=5)
    reply = a_reply(command, answer=RecheckAnswer.STILL_THERE)
    store.take([a_revision(pothole, observed_at=looked_at), reply], at=looked_at)
    assert status(store) is Status.REOPENED
    assert notes(store).count(EventReason.SEEN_AGAIN) == 1
    assert store.claim_rechecks(at=RESOLVED_AT + 10 * EVERY) == ()


def test_still_there_reopens_it_even_where_the_camera_had_ended_its_incident(store: Store) -> None:
    incident = a_pothole()
    store.take([incident, a_revision(incident, phase=IncidentPhase.CLOSED)], at=AT)
    command = ask(store, AT)
    reply = a_reply(command, answer=RecheckAnswer.STILL_THERE)
    store.take([reply], at=AT + HOUR)
    assert status(store) is Status.REOPENED


def test_while_it_cannot_be_seen_the_camera_is_asked_again_and_it_is_noted_once(
    store: Store, pothole: IncidentMessage
) -> None:
    del pothole
    for round_ in range(3):
        command = ask(store, RESOLVED_AT + round_ * EVERY)
        hidden = a_reply(command, answer=RecheckAnswer.CANNOT_SEE, text="a vehicle stands on it")
        store.take([hidden], at=RESOLVED_AT + round_ * EVERY + timedelta(minutes=1))
    assert status(store) is Status.RESOLVED
    assert notes(store).count(EventReason.RECHECK_CANNOT_SEE) == 1
    assert the_complaint(store).events[-1].note == "a vehicle stands on it"
    assert the_recheck(store).next_at == RESOLVED_AT + 3 * EVERY


@pytest.mark.parametrize(
    "outcome", [ReplyOutcome.REFUSED, ReplyOutcome.FAILED, ReplyOutcome.EXPIRED]
)
def test_what_was_not_done_is_noted_and_asked_again(
    store: Store, pothole: IncidentMessage, outcome: ReplyOutcome
) -> None:
    del pothole
    command = ask(store, RESOLVED_AT)
    store.take([a_reply(command, outcome=outcome, answer=None, text="why")], at=RESOLVED_AT + HOUR)
    assert notes(store)[-1] is EventReason.RECHECK_FAILED
    assert ask(store, RESOLVED_AT + EVERY).command_id != command.command_id


def test_without_any_answer_the_camera_is_asked_again_until_it_is_given_up(
    store: Store, pothole: IncidentMessage
) -> None:
    del pothole
    week = timedelta(days=7)
    commands = [ask(store, RESOLVED_AT + n * EVERY) for n in range(week // EVERY)]
    assert len({command.command_id for command in commands}) == 84
    assert store.claim_rechecks(at=RESOLVED_AT + week) == ()
    assert notes(store)[-1] is EventReason.RECHECK_GIVEN_UP
    assert status(store) is Status.RESOLVED
    assert store.claim_rechecks(at=RESOLVED_AT + 2 * week) == ()


def test_a_complaint_that_leaves_resolved_is_not_asked_about_until_it_is_resolved_again(
    store: Store, pothole: IncidentMessage
) -> None:
    del pothole
    early = ask(store, RESOLVED_AT)
    move(store, Status.REOPENED, RESOLVED_AT + HOUR)
    assert store.claim_rechecks(at=RESOLVED_AT + EVERY) == ()
    again_at = RESOLVED_AT + 3 * HOUR
    move(store, Status.RESOLVED, again_at)
    late = a_reply(early)
    assert store.take([late], at=again_at).unasked == 1, "it answers the first repair"
    assert ask(store, again_at).command_id != early.command_id


def test_one_that_is_gone_does_not_reopen_for_another_that_nobody_has_looked_at_since(
    store: Store,
) -> None:
    first, second = a_pothole(), a_pothole()
    store.take([first, second], at=AT)
    move(store, Status.RESOLVED)
    assert len(store.claim_rechecks(at=RESOLVED_AT)) == 2
    looked_at = RESOLVED_AT + timedelta(minutes=5)
    store.take([gone(first, looked_at)], at=looked_at)
    assert status(store) is Status.RESOLVED
    store.take([gone(second, looked_at)], at=looked_at)
    assert status(store) is Status.VERIFIED


def test_only_what_was_seen_after_the_repair_reopens(
    store: Store, pothole: IncidentMessage
) -> None:
    before = a_revision(pothole, observed_at=RESOLVED_AT - timedelta(minutes=1))
    store.take([before], at=RESOLVED_AT + HOUR)
    assert status(store) is Status.RESOLVED
    after = a_revision(before, observed_at=RESOLVED_AT + timedelta(minutes=1))
    store.take([after], at=RESOLVED_AT + HOUR)
    assert status(store) is Status.REOPENED


def test_a_reply_to_nothing_changes_nothing_and_is_counted(
    store: Store, pothole: IncidentMessage
) -> None:
    command = ask(store, RESOLVED_AT)
    latest = store.changes_after(None).latest
    strangers = [
        a_reply(a_recheck(pothole)),
        a_reply(command, site="elsewhere"),
        a_reply(command, camera="another"),
    ]
    assert store.take(strangers, at=RESOLVED_AT + HOUR).unasked == 3
    assert store.changes_after(None).latest == latest
    assert store.dead_letters() == ()


def test_a_reply_that_comes_twice_counts_once(store: Store, pothole: IncidentMessage) -> None:
    del pothole
    reply = a_reply(ask(store, RESOLVED_AT), answer=RecheckAnswer.CANNOT_SEE)
    assert store.take([reply, reply], at=RESOLVED_AT + HOUR) == Taken(repeated=1)
    assert store.take([reply], at=RESOLVED_AT + HOUR) == Taken(repeated=1)
    assert notes(store).count(EventReason.RECHECK_CANNOT_SEE) == 1


def test_an_operator_asks_once_about_what_is_not_resolved(store: Store) -> None:
    incident = a_pothole()
    store.take([incident], at=AT)
    number = the_complaint(store).summary.number
    detail = store.ask_recheck(number, actor=OPERATOR, at=AT)
    assert detail.events[-1].reason is EventReason.RECHECK_ASKED
    with pytest.raises(IllegalRecheckError, match="asked already"):
        store.ask_recheck(number, actor=OPERATOR, at=AT)
    command = ask(store, AT)
    with pytest.raises(IllegalRecheckError, match="asked already"):
        store.ask_recheck(number, actor=OPERATOR, at=AT + HOUR / 2)
    store.take([a_revision(incident)], at=AT)  # which moves nothing, and stops nothing
    assert store.claim_rechecks(at=AT + 10 * EVERY) == ()
    store.ask_recheck(number, actor=OPERATOR, at=AT + 2 * HOUR)
    assert ask(store, AT + 2 * HOUR).command_id != command.command_id
    with pytest.raises(NotFoundError):
        store.ask_recheck("SPG-2026-999999", actor=OPERATOR, at=AT)


def test_what_an_operator_finds_gone_with_the_camera_is_resolved_and_verified(store: Store) -> None:
    incident = a_pothole()
    store.take([incident], at=AT)
    store.ask_recheck(the_complaint(store).summary.number, actor=OPERATOR, at=AT)
    command = ask(store, AT)
    store.take([gone(incident, AT + HOUR), a_reply(command)], at=AT + HOUR)
    assert status(store) is Status.VERIFIED
    assert notes(store)[-2:] == [EventReason.NO_LONGER_SEEN, EventReason.VERIFIED_BY_CAMERA]
    assert store.claim_rechecks(at=AT + 10 * EVERY) == ()


def test_an_operator_who_asks_again_starts_the_week_anew(
    store: Store, pothole: IncidentMessage
) -> None:
    del pothole
    after = RESOLVED_AT + timedelta(days=8)
    assert store.claim_rechecks(at=after) == ()
    store.ask_recheck(the_complaint(store).summary.number, actor=OPERATOR, at=after)
    ask(store, after)
    ask(store, after + EVERY)


def test_a_duplicate_hands_its_second_looks_over(store: Store) -> None:
    first, second = a_pothole(zone="one"), a_pothole(zone="two")
    store.take([first, second], at=AT)
    newer, older = store.complaints()
    store.ask_recheck(newer.number, actor=OPERATOR, at=AT)
    (command,) = store.claim_rechecks(at=AT)
    store.move_complaint(
        newer.number, Status.DUPLICATE, actor=OPERATOR, at=AT, duplicate_of=older.number
    )
    store.take([a_reply(command, answer=RecheckAnswer.CANNOT_SEE)], at=AT + HOUR)
    assert store.complaint(older.number).events[-1].reason is EventReason.RECHECK_CANNOT_SEE
    assert store.complaint(newer.number).rechecks == ()


def test_two_replicas_ask_each_question_once(store: Store, database: Database) -> None:
    potholes = [a_pothole(zone=f"zone-{n}") for n in range(5)]
    store.take(potholes, at=AT)
    for complaint in store.complaints():
        store.ask_recheck(complaint.number, actor=OPERATOR, at=AT)
    together = threading.Barrier(4)

    def claim(replica: Store) -> tuple[CommandMessage, ...]:
        together.wait()
        return replica.claim_rechecks(at=AT)

    with ThreadPoolExecutor(4) as pool:
        claimed = [
            one for part in pool.map(claim, [Store(database) for _ in range(4)]) for one in part
        ]
    asked = [one.command for one in claimed]
    assert len(asked) == 5
    assert {one.incident_id for one in asked if one.action == "recheck"} == {
        one.incident_id for one in potholes
    }


def test_pictures_of_later_revisions_are_kept_and_the_newest_pair_is_shown(
    store: Store, pothole: IncidentMessage
) -> None:
    opened = an_evidence(pothole, content=b"opened")
    pairs = [
        an_evidence(
            pothole,
            message_id=new_id(RESOLVED_AT + n * EVERY),
            content=f"{n} {role}".encode(),
            role=role,
            captured_at=at,
        )
        for n in (1, 2)
        for role, at in (
            (EvidenceRole.BEFORE, AT),
            (EvidenceRole.AFTER, RESOLVED_AT + n * EVERY),
        )
    ]
    store.take([opened, *pairs, gone(pothole, RESOLVED_AT)], at=RESOLVED_AT)
    (incident,) = the_complaint(store).incidents
    assert len(incident.evidence) == 5
    pair = incident.before_after()
    assert pair is not None
    assert pair.after.sha256 == pairs[3].header.sha256
    assert pair.before.sha256 == pairs[2].header.sha256
    assert the_complaint(store).summary.evidence_sha256 == opened.header.sha256


def test_of_a_lamp_the_first_close_up_is_before_and_one_on_which_it_shines_after(
    store: Store,
) -> None:
    lamp = a_dark_lamp()
    dark, dark_again, lit = (
        an_evidence(
            lamp,
            message_id=new_id(at),
            content=f"close-up of {at}".encode(),
            role=EvidenceRole.CLOSE_UP,
            captured_at=at,
        )
        for at in (AT, AT + HOUR, AT + 2 * HOUR)
    )
    store.take([lamp, an_evidence(lamp), dark, dark_again], at=AT + HOUR)
    (incident,) = store.incidents()
    assert incident.before_after() is None, "it is dark"

    store.take([gone(lamp, AT + 2 * HOUR), lit], at=AT + 2 * HOUR)

    (incident,) = store.incidents()
    pair = incident.before_after()
    assert pair is not None
    assert (pair.before.sha256, pair.after.sha256) == (dark.header.sha256, lit.header.sha256)
