from collections.abc import Sequence

import pytest

from analytics.messages import EvidenceMessage, IncidentMessage
from edge.errors import OutboxError, OutboxFullError
from edge.keeping import RETRY_S, Keeping
from tests.builders import an_evidence, an_incident

Messages = Sequence[IncidentMessage | EvidenceMessage]


class Disk:
    """Room for a number of messages, as an outbox on a disk that fills."""

    def __init__(self, room: float = float("inf")) -> None:
        self.room = room
        self.stored: list[IncidentMessage | EvidenceMessage] = []
        self.error: type[OutboxError] = OutboxFullError

    def keep(self, messages: Messages) -> None:
        if len(messages) > self.room:
            raise self.error("no room")
        self.room -= len(messages)
        self.stored += messages


@pytest.fixture
def disk() -> Disk:
    return Disk()


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeping(disk: Disk, clock: Clock) -> Keeping:
    return Keeping(disk.keep, monotonic=clock)


def test_an_incident_is_stored_before_its_pictures_and_names_them(
    disk: Disk, keeping: Keeping
) -> None:
    picture = an_evidence()
    keeping.keep(an_incident(), [picture])
    incident = disk.stored[0]
    assert isinstance(incident, IncidentMessage)
    assert [ref.sha256 for ref in incident.evidence] == [picture.header.sha256]
    assert disk.stored[1:] == [picture]


def test_without_room_for_a_picture_the_incident_goes_alone(disk: Disk, keeping: Keeping) -> None:
    disk.room = 1
    keeping.keep(an_incident(), [an_evidence(), an_evidence()])
    (stored,) = disk.stored
    assert isinstance(stored, IncidentMessage)
    assert stored.evidence == ()
    assert (keeping.incidents_refused, keeping.evidence_refused) == (0, 2)


@pytest.mark.parametrize("error", [OutboxFullError, OutboxError])
def test_what_finds_no_room_is_stored_in_order_when_there_is_some(
    disk: Disk, keeping: Keeping, clock: Clock, error: type[OutboxError]
) -> None:
    disk.room, disk.error = 0, error
    revisions = [an_incident(), an_incident(), an_incident()]
    for revision in revisions:
        keeping.keep(revision, [an_evidence()])
    assert disk.stored == []
    assert (len(keeping), keeping.incidents_refused, keeping.evidence_refused) == (3, 3, 3)
    disk.room = 100
    clock.now_s += RETRY_S
    keeping.retry()
    assert disk.stored == revisions
    assert len(keeping) == 0


def test_a_full_disk_is_not_tried_at_every_look(disk: Disk, keeping: Keeping, clock: Clock) -> None:
    disk.room = 0
    keeping.keep(an_incident(), [])
    disk.room = 100
    clock.now_s += RETRY_S - 0.1
    keeping.retry()
    assert disk.stored == []


def test_a_new_revision_waits_behind_those_that_are_held(
    disk: Disk, keeping: Keeping, clock: Clock
) -> None:
    first, second = an_incident(), an_incident()
    disk.room = 0
    keeping.keep(first, [])
    disk.room = 100
    keeping.keep(second, [])
    clock.now_s += RETRY_S
    keeping.retry()
    assert disk.stored == [first, second]


def test_memory_is_bounded_and_what_is_given_up_is_counted(disk: Disk, keeping: Keeping) -> None:
    disk.room = 0
    for _ in range(100):
        keeping.keep(an_incident(), [])
    assert len(keeping) + keeping.incidents_lost == keeping.incidents_refused == 100
    assert keeping.incidents_lost > 0


def test_the_last_try_stores_what_has_room_now(disk: Disk, keeping: Keeping) -> None:
    disk.room = 0
    held = an_incident()
    keeping.keep(held, [])
    disk.room = 1
    keeping.finish()
    assert disk.stored == [held]
    assert keeping.incidents_lost == 0


def test_what_has_no_room_at_the_last_try_is_counted_as_lost(
    disk: Disk, keeping: Keeping, caplog: pytest.LogCaptureFixture
) -> None:
    disk.room = 0
    keeping.keep(an_incident(), [])
    keeping.finish()
    assert (len(keeping), keeping.incidents_lost) == (0, 1)
    assert "1 revision(s) found no room" in caplog.text
