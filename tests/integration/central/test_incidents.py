"""Incidents in, complaints out: the same on SQLite and PostgreSQL."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from analytics.messages import (
    Analytic,
    CatalogueCamera,
    CatalogueZone,
    IncidentKind,
    IncidentMessage,
    IncidentPhase,
    Position,
    Quality,
    QualityLevel,
    QualityReason,
    Severity,
    StreetLightMeasurement,
)
from central.complaints import Actor, ActorKind, EventReason, Status
from central.errors import (
    ForeignIncidentError,
    IllegalReviewError,
    IncompleteMoveError,
    NotFoundError,
    StoreRefusedError,
)
from central.incidents import Decision, Hold, ReviewState
from central.opening import DEFAULT_POLICIES, Policies
from central.reading import ComplaintSummary
from central.store import BookMessage, Database, Store, open_database
from tests.builders import AT, CAMERA, a_catalogue, a_revision, an_evidence, an_incident

pytestmark = pytest.mark.integration

OPERATOR = Actor(ActorKind.OPERATOR, "operator")
CLOSED = IncidentPhase.CLOSED


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def policies(**changes: object) -> Policies:
    policy = DEFAULT_POLICIES[IncidentKind.CONGESTION]
    return {IncidentKind.CONGESTION: dataclasses.replace(policy, **changes)}  # type: ignore[arg-type]  # mypy knows no fields by name


def a_later(started_after: float, **changes: object) -> IncidentMessage:
    started_at = AT + minutes(started_after)
    return an_incident(started_at=started_at, observed_at=started_at, **changes)


def the_complaint(store: Store) -> ComplaintSummary:
    (complaint,) = store.complaints()
    return complaint


def test_an_incident_opens_one_complaint_with_its_facts(store: Store) -> None:
    store.take([an_incident(severity=Severity.HIGH)], at=AT)
    complaint = the_complaint(store)
    assert complaint.number == "SPG-2026-000001"
    assert (complaint.category, complaint.agency) == ("congestion", "Dinas Perhubungan")
    assert (complaint.status, complaint.severity) == (Status.NEW, Severity.HIGH)
    assert (complaint.sightings, complaint.incident_open) == (1, True)
    assert complaint.opened_at == complaint.started_at == AT
    assert complaint.opened_at.utcoffset() == timedelta(0)


def test_the_same_message_again_changes_nothing(store: Store) -> None:
    incident, picture = an_incident(), an_evidence()
    assert store.take([incident, picture], at=AT).repeated == 0
    before = store.changes_after(None).latest
    assert store.take([incident, picture, incident], at=AT + minutes(1)).repeated == 3
    assert the_complaint(store).sightings == 1
    assert the_complaint(store).updated_at == AT
    assert store.changes_after(None).latest == before


def test_numbers_follow_each_other(store: Store) -> None:
    store.take([an_incident(zone=zone) for zone in ("one", "two", "three")], at=AT)
    numbers = [complaint.number[-6:] for complaint in store.complaints()]
    assert numbers == ["000003", "000002", "000001"]


def test_an_old_revision_changes_nothing(store: Store) -> None:
    opened = an_incident()
    updated = a_revision(opened, severity=Severity.HIGH)
    store.take([updated, opened], at=AT)
    (incident,) = store.incidents()
    assert (incident.revision, incident.severity) == (2, Severity.HIGH)
    assert the_complaint(store).sightings == 1


def test_the_end_of_the_incident_resolves_its_complaint(store: Store) -> None:
    opened = an_incident()
    store.take([opened], at=AT)
    store.take([a_revision(opened, phase=CLOSED)], at=AT + minutes(5))
    complaint = the_complaint(store)
    assert (complaint.status, complaint.incident_open) == (Status.RESOLVED, False)
    events = store.complaint(complaint.number).events
    assert [event.reason for event in events] == [
        EventReason.OPENED_BY_CAMERA,
        EventReason.NO_LONGER_SEEN,
    ]
    assert events[1].actor == "harmoni/toll-west"


@pytest.mark.parametrize("is_in_order", [True, False], ids=["in order", "out of order"])
def test_an_incident_that_ended_unheard_still_counts(store: Store, is_in_order: bool) -> None:
    opened = an_incident()
    closed = a_revision(opened, phase=CLOSED)
    store.take([opened, closed] if is_in_order else [closed, opened], at=AT + minutes(60))
    assert the_complaint(store).status is Status.RESOLVED
    (incident,) = store.incidents()
    assert incident.complaint == the_complaint(store).number


def test_seen_again_within_the_window_reopens_it(store: Store) -> None:
    opened = an_incident()
    store.take([opened, a_revision(opened, phase=CLOSED)], at=AT)
    store.take([a_later(20)], at=AT + minutes(20))
    complaint = the_complaint(store)
    assert (complaint.status, complaint.sightings) == (Status.REOPENED, 2)
    last = store.complaint(complaint.number).events[-1]
    assert last.reason is EventReason.SEEN_AGAIN


def test_seen_again_after_the_window_is_another_complaint(store: Store) -> None:
    opened = an_incident()
    store.take([opened, a_revision(opened, phase=CLOSED)], at=AT)
    store.take([a_later(40)], at=AT + minutes(40))
    newer, older = store.complaints()
    assert (newer.status, older.status) == (Status.NEW, Status.RESOLVED)


def test_two_carriageways_are_two_complaints(store: Store) -> None:
    store.take([an_incident(zone="eastbound"), an_incident(zone="westbound")], at=AT)
    assert len(store.complaints()) == 2


def test_dark_lamps_are_complaints_of_their_own_by_name_until_they_shine(store: Store) -> None:
    corners = ((0.7, 0.0), (0.8, 0.0), (0.8, 0.1))
    zones = tuple(
        CatalogueZone(zone=lamp, name=name, analytics=(Analytic.STREET_LIGHT,), polygon=corners)
        for lamp, name in (("pole-14", "Pole 14"), ("pole-15", "Pole 15"))
    )
    camera = CatalogueCamera(camera=CAMERA, name="Toll road, west", zones=zones)
    lamps = [
        an_incident(
            kind=IncidentKind.STREET_LIGHT,
            zone=zone.zone,
            measurement=StreetLightMeasurement(lamp=zone.zone, dark_nights=3),
        )
        for zone in zones
    ]
    store.take([a_catalogue(cameras=(camera,)), *lamps], at=AT)
    store.take([a_revision(lamps[0], phase=CLOSED)], at=AT + minutes(5))

    complaints = {one.place.zone_name: one for one in store.complaints()}
    assert {name: one.status for name, one in complaints.items()} == {
        "Pole 14": Status.RESOLVED,
        "Pole 15": Status.NEW,
    }
    assert {(one.category, one.agency) for one in complaints.values()} == {
        ("street_light", "Dinas Bina Marga")
    }


def test_a_second_camera_nearby_is_counted_on_the_same_complaint(store: Store) -> None:
    position = Position(latitude_deg=-6.2, longitude_deg=106.8)
    second = an_incident(camera="pole-2", position=position)
    store.take([an_incident(position=position), second], at=AT)
    assert the_complaint(store).sightings == 2
    store.take([a_revision(second, phase=CLOSED)], at=AT + minutes(1))
    assert the_complaint(store).status is Status.NEW  # the first camera still sees it


def test_the_position_of_the_camera_serves_where_the_incident_has_none(store: Store) -> None:
    position = Position(latitude_deg=-6.2, longitude_deg=106.8)
    (camera,) = a_catalogue().cameras
    placed = camera.model_copy(update={"position": position})
    elsewhere = placed.model_copy(update={"camera": "pole-2"})
    catalogue = a_catalogue(cameras=(placed, elsewhere))
    store.take([catalogue, an_incident(), an_incident(camera="pole-2")], at=AT)
    assert the_complaint(store).sightings == 2
    assert the_complaint(store).place.position == position


@pytest.mark.parametrize("evidence_first", [True, False], ids=["picture first", "incident first"])
def test_a_picture_finds_its_incident(store: Store, evidence_first: bool) -> None:
    incident = an_incident()
    picture = an_evidence(incident)
    messages: list[BookMessage] = [picture, incident] if evidence_first else [incident, picture]
    for message in messages:
        store.take([message], at=AT)
    complaint = the_complaint(store)
    assert complaint.evidence_sha256 == picture.header.sha256
    assert store.evidence(picture.header.sha256).content == picture.content
    assert store.complaint(complaint.number).evidence[0].blurred_regions == 3


def test_a_picture_by_another_camera_is_refused(store: Store) -> None:
    incident = an_incident()
    store.take([incident], at=AT)
    with pytest.raises(ForeignIncidentError, match="harmoni/toll-west"):
        store.take([an_evidence(incident, camera="other")], at=AT)


def test_a_picture_that_came_before_its_incident_and_is_foreign_is_not_shown(store: Store) -> None:
    incident = an_incident()
    store.take([an_evidence(incident, camera="other"), incident], at=AT)
    assert the_complaint(store).evidence_sha256 is None


def test_an_incident_of_another_camera_is_refused(store: Store) -> None:
    incident = an_incident()
    store.take([incident], at=AT)
    with pytest.raises(ForeignIncidentError):
        store.take([a_revision(incident, camera="other")], at=AT)
    assert the_complaint(store).place.camera == "toll-west"


@pytest.mark.parametrize(
    ("incident", "hold"),
    [
        pytest.param(an_incident(confidence=0.3), Hold.LOW_CONFIDENCE, id="not sure"),
        pytest.param(
            an_incident(
                quality=Quality(level=QualityLevel.DEGRADED, reasons=(QualityReason.NIGHT,))
            ),
            Hold.DEGRADED_QUALITY,
            id="at night",
        ),
    ],
)
def test_a_doubtful_incident_awaits_an_operator(
    store: Store, incident: IncidentMessage, hold: Hold
) -> None:
    store.take([incident], at=AT)
    assert store.complaints() == ()
    (awaiting,) = store.incidents(awaiting_review=True)
    assert (awaiting.hold, awaiting.review) == (hold, ReviewState.AWAITING)
    assert store.counts(at=AT).awaiting_review == 1

    reviewed = store.review(incident.incident_id, Decision.CONFIRM, actor=OPERATOR, at=AT)
    assert reviewed.complaint == the_complaint(store).number
    (event,) = store.complaint(the_complaint(store).number).events
    assert (event.reason, event.actor_kind) == (
        EventReason.OPENED_BY_OPERATOR,
        ActorKind.OPERATOR,
    )
    with pytest.raises(IllegalReviewError):
        store.review(incident.incident_id, Decision.CONFIRM, actor=OPERATOR, at=AT)


def test_a_dismissed_incident_stays_dismissed(store: Store) -> None:
    doubtful = an_incident(confidence=0.3)
    store.take([doubtful], at=AT)
    with pytest.raises(IncompleteMoveError, match="note"):
        store.review(doubtful.incident_id, Decision.DISMISS, actor=OPERATOR, at=AT)
    store.review(doubtful.incident_id, Decision.DISMISS, actor=OPERATOR, at=AT, note="a parade")
    store.take([a_revision(doubtful, confidence=0.9)], at=AT)
    assert store.complaints() == ()
    assert store.incident(doubtful.incident_id).review is ReviewState.DISMISSED


def test_an_incident_that_becomes_sure_opens_its_complaint_by_itself(store: Store) -> None:
    doubtful = an_incident(confidence=0.3)
    store.take([doubtful, a_revision(doubtful, confidence=0.9)], at=AT)
    assert the_complaint(store).status is Status.NEW
    assert store.incidents(awaiting_review=True) == ()


def test_a_doubtful_sighting_counts_on_an_open_complaint_but_reopens_none(store: Store) -> None:
    first, doubtful = an_incident(), a_later(5, confidence=0.3)
    store.take([first, doubtful], at=AT)
    assert the_complaint(store).sightings == 2

    ended = [a_revision(one, phase=CLOSED) for one in (first, doubtful)]
    store.take([*ended, a_later(10, confidence=0.3)], at=AT + minutes(10))
    assert the_complaint(store).status is Status.RESOLVED
    (awaiting,) = store.incidents(awaiting_review=True)

    store.review(awaiting.incident_id, Decision.CONFIRM, actor=OPERATOR, at=AT + minutes(11))
    assert the_complaint(store).status is Status.REOPENED


def test_a_camera_fault_opens_no_complaint_and_awaits_nobody(store: Store) -> None:
    fault = an_incident(
        kind=IncidentKind.CAMERA_FAULT,
        zone=None,
        measurement={"kind": "camera_fault", "fault": "frozen", "lasted_s": 60},
    )
    store.take([fault], at=AT)
    assert store.complaints() == ()
    assert store.incidents(awaiting_review=True) == ()
    assert store.incident(fault.incident_id).hold is Hold.NO_COMPLAINT_KIND


def test_a_camera_opens_no_more_complaints_a_day_than_its_cap(database: Database) -> None:
    store = Store(database, policies(daily_cap=2))
    day = [a_later(60 * hour, zone=f"zone-{hour}") for hour in range(3)]
    store.take(day, at=AT)
    assert len(store.complaints()) == 2
    (capped,) = store.incidents(awaiting_review=True)
    assert capped.hold is Hold.DAILY_CAP

    other_camera = an_incident(camera="other")
    tomorrow = a_later(60 * 14, zone="zone-3")  # midnight in Jakarta is 14 hours after AT
    store.take([other_camera, tomorrow], at=AT)
    assert len(store.complaints()) == 4


def test_an_operator_reject_stands_while_the_camera_still_sees_it(store: Store) -> None:
    incident = an_incident()
    store.take([incident], at=AT)
    number = the_complaint(store).number
    with pytest.raises(IncompleteMoveError, match="note"):
        store.move_complaint(number, Status.REJECTED, actor=OPERATOR, at=AT)
    store.move_complaint(number, Status.REJECTED, actor=OPERATOR, at=AT, note="a parade")
    store.take([a_revision(incident), a_revision(incident, revision=3, phase=CLOSED)], at=AT)
    assert the_complaint(store).status is Status.REJECTED


def test_resolved_by_hand_it_reopens_only_when_seen_after_that(store: Store) -> None:
    incident = an_incident()
    store.take([incident], at=AT)
    number = the_complaint(store).number
    store.move_complaint(number, Status.RESOLVED, actor=OPERATOR, at=AT + minutes(5))
    before = a_revision(incident, observed_at=AT + minutes(4))
    store.take([before], at=AT + minutes(6))
    assert the_complaint(store).status is Status.RESOLVED
    after = a_revision(before, observed_at=AT + minutes(7))
    store.take([after], at=AT + minutes(8))
    assert the_complaint(store).status is Status.REOPENED


def test_a_second_look_verifies_what_was_resolved(store: Store) -> None:
    incident = an_incident()
    closed = a_revision(incident, phase=CLOSED)
    store.take([incident, closed], at=AT)
    store.take([a_revision(closed, phase=IncidentPhase.VERIFIED)], at=AT)
    assert the_complaint(store).status is Status.VERIFIED


def test_an_incident_whose_category_is_gone_can_be_dismissed_and_not_confirmed(
    database: Database,
) -> None:
    doubtful = an_incident(confidence=0.3)
    Store(database).take([doubtful], at=AT)
    without = Store(database, {})
    with pytest.raises(IncompleteMoveError, match=r"categories\.congestion"):
        without.review(doubtful.incident_id, Decision.CONFIRM, actor=OPERATOR, at=AT)
    assert without.incident(doubtful.incident_id).review is ReviewState.AWAITING
    dismissed = without.review(
        doubtful.incident_id, Decision.DISMISS, actor=OPERATOR, at=AT, note="no more of these"
    )
    assert dismissed.review is ReviewState.DISMISSED


def test_a_rejected_complaint_cannot_take_the_place_of_an_open_one(store: Store) -> None:
    store.take([an_incident(zone="one"), an_incident(zone="two")], at=AT)
    two, one = store.complaints()
    store.move_complaint(one.number, Status.REJECTED, actor=OPERATOR, at=AT, note="a parade")
    with pytest.raises(IncompleteMoveError, match="rejected"):
        store.move_complaint(
            two.number, Status.DUPLICATE, actor=OPERATOR, at=AT, duplicate_of=one.number
        )
    assert store.complaint(two.number).summary.status is Status.NEW


def test_a_duplicate_that_is_still_seen_reopens_what_takes_its_place(store: Store) -> None:
    gone, seen = an_incident(zone="one"), an_incident(zone="two")
    store.take([gone, seen, a_revision(gone, phase=CLOSED)], at=AT)
    two, one = store.complaints()
    assert one.status is Status.RESOLVED
    store.move_complaint(
        two.number, Status.DUPLICATE, actor=OPERATOR, at=AT, duplicate_of=one.number
    )
    detail = store.complaint(one.number)
    assert (detail.summary.status, detail.summary.incident_open) == (Status.REOPENED, True)
    assert detail.events[-1].reason is EventReason.SEEN_AGAIN


def test_an_id_that_another_site_has_used_hides_nothing(store: Store) -> None:
    theirs, mine = an_incident(site="senen"), an_incident()
    their_picture = an_evidence(theirs)
    my_picture = an_evidence(mine, message_id=their_picture.message_id)
    store.take([theirs, their_picture], at=AT)
    mine = mine.model_copy(update={"message_id": theirs.message_id})
    assert store.take([mine, my_picture], at=AT).repeated == 0
    assert len(store.complaints()) == 2
    assert all(complaint.evidence_sha256 for complaint in store.complaints())


def test_a_picture_that_another_site_claimed_first_is_stored_all_the_same(store: Store) -> None:
    incident = an_incident()
    store.take([an_evidence(incident, site="senen"), an_evidence(incident), incident], at=AT)
    assert the_complaint(store).evidence_sha256


def test_incidents_are_paged_in_a_fixed_order(store: Store) -> None:
    sent = [an_incident(zone=f"zone-{n}") for n in range(4)] + [a_later(1, zone="later")]
    store.take(sent, at=AT)
    first = store.incidents(limit=3)
    rest = store.incidents(limit=3, before=first[-1].incident_id)
    found = [one.incident_id for one in first + rest]
    assert found[0] == sent[-1].incident_id
    assert len(found) == 5
    assert set(found) == {one.incident_id for one in sent}
    with pytest.raises(NotFoundError):
        store.incidents(before=uuid4())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_page_of_incidents_is_read_by_an_index(store: Store, database: Database) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(
        database.engine, "before_cursor_execute", lambda *one: asked.append((one[2], one[3]))
    )
    incident = an_incident()
    store.take([incident], at=AT)
    asked.clear()
    store.incidents(before=incident.incident_id)
    (page,) = [one for one in asked if "ORDER BY incident.started_at DESC" in one[0]]
    with database.engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {page[0]}", page[1]).all())
    assert "ix_incident_started_at_incident_id" in plan
    assert "TEMP B-TREE" not in plan


def test_a_duplicate_hands_its_sightings_over(store: Store) -> None:
    first, second = an_incident(zone="one"), an_incident(zone="two")
    store.take([first, second], at=AT)
    two, one = store.complaints()
    for wrong in (None, two.number):
        with pytest.raises(IncompleteMoveError, match="another complaint"):
            store.move_complaint(
                two.number, Status.DUPLICATE, actor=OPERATOR, at=AT, duplicate_of=wrong
            )
    detail = store.move_complaint(
        two.number, Status.DUPLICATE, actor=OPERATOR, at=AT, duplicate_of=one.number
    )
    assert detail.summary.duplicate_of == one.number
    assert store.complaint(one.number).summary.sightings == 2
    store.take([a_revision(second, phase=CLOSED), a_revision(first, phase=CLOSED)], at=AT)
    assert store.complaint(one.number).summary.status is Status.RESOLVED
    assert store.complaint(two.number).summary.status is Status.DUPLICATE


def test_two_replicas_open_one_complaint_for_one_thing(
    database: Database, database_url: str
) -> None:
    second_database = open_database(database_url)
    stores = [Store(database), Store(second_database)]
    incidents = [a_later(n / 100) for n in range(20)]
    together = threading.Barrier(2)

    def take(store: Store, mine: list[IncidentMessage]) -> None:
        together.wait()
        for incident in mine:
            store.take([incident], at=AT)

    with ThreadPoolExecutor(2) as replicas:
        halves = (incidents, incidents[10:] + incidents[:10])
        taken = [replicas.submit(take, *one) for one in zip(stores, halves, strict=True)]
    for one in taken:
        one.result()
    second_database.close()
    assert the_complaint(stores[0]).sightings == 20


def test_a_batch_is_taken_as_a_whole_or_not_at_all(store: Store) -> None:
    incident = an_incident()
    with pytest.raises(ForeignIncidentError):
        store.take([incident, a_revision(incident, camera="other")], at=AT)
    assert store.complaints() == ()
    assert store.incidents() == ()
    assert store.take([incident], at=AT).repeated == 0  # it does not count as seen


def test_a_message_that_no_column_can_hold_is_refused_by_name_of_the_fault(store: Store) -> None:
    incident = an_incident()
    store.take([incident], at=AT)
    with pytest.raises(StoreRefusedError):
        store.take([a_revision(incident, revision=10**30)], at=AT)
    assert store.incident(incident.incident_id).revision == 1


def test_what_is_unknown_is_said_to_be(store: Store) -> None:
    with pytest.raises(NotFoundError, match="there is no incident"):
        store.incident(uuid4())
    with pytest.raises(NotFoundError, match="there is no complaint SPG-2026-000099"):
        store.complaint("SPG-2026-000099")
    with pytest.raises(NotFoundError):
        store.complaints(before="SPG-2026-000099")
    with pytest.raises(NotFoundError):
        store.evidence("0" * 64)
