"""What was put is on the disk until it is acked, whatever happens to the process or the disk."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from analytics.messages import Channel, IncidentPhase, camera_topic, decode, new_id
from edge.errors import OutboxError, OutboxFullError
from edge.outbox import MIN_LIMIT_BYTES, Outbox, OutboxReader
from tests.builders import AT, CAMERA, SITE, a_revision, a_traffic, an_evidence, an_incident

ROOMY = 64 * 2**20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "site" / "outbox.db"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    with Outbox(path, limit_bytes=ROOMY) as opened:
        yield opened


def a_picture(size_bytes: int = 60_000) -> bytes:
    return os.urandom(size_bytes)


def fill(put: Callable[[], object]) -> int:
    """Call ``put`` until there is no room; return how often there was."""
    for count in range(10_000):
        try:
            put()
        except OutboxFullError:
            return count
    pytest.fail("it never filled up")


def test_what_was_put_comes_out_as_it_travels_with_its_topic(outbox: Outbox) -> None:
    incident, picture, minute = an_incident(), an_evidence(), a_traffic()
    outbox.put([incident, picture, minute], at=AT)
    entries = outbox.entries(10)
    assert [decode(one.topic, one.payload) for one in entries] == [incident, picture, minute]
    assert entries[0].topic == camera_topic(SITE, CAMERA, Channel.INCIDENT)
    assert entries[0].put_at == AT


def test_an_incident_comes_before_the_pictures_of_the_same_call(outbox: Outbox) -> None:
    incident, picture = an_incident(), an_evidence()
    outbox.put([picture, incident], at=AT)
    assert [one.message_id for one in outbox.entries(10)] == [
        incident.message_id,
        picture.message_id,
    ]


def test_messages_come_out_in_the_order_they_were_put_also_from_the_middle(outbox: Outbox) -> None:
    incidents = [an_incident() for _ in range(5)]
    for incident in incidents:
        outbox.put([incident], at=AT)
    entries = outbox.entries(10)
    assert [one.message_id for one in entries] == [one.message_id for one in incidents]
    assert outbox.after(entries[1].entry_id, limit=2) == entries[2:4]
    assert outbox.get([entries[3].entry_id, entries[0].entry_id]) == [entries[3], entries[0]]


def test_an_ack_deletes_once_and_an_unknown_id_changes_nothing(outbox: Outbox) -> None:
    first, second = an_incident(), an_incident()
    outbox.put([first, second], at=AT)
    assert outbox.ack([first.message_id, first.message_id, new_id(AT)]) == 1
    assert outbox.ack([first.message_id]) == 0
    assert [one.message_id for one in outbox.entries(10)] == [second.message_id]


def test_an_entry_number_is_never_used_twice(path: Path) -> None:
    with Outbox(path, limit_bytes=ROOMY) as outbox:
        outbox.put([an_incident()], at=AT)
        (before,) = outbox.entries(1)
        outbox.ack([before.message_id])
    with Outbox(path, limit_bytes=ROOMY) as outbox:
        outbox.put([an_incident()], at=AT)
        assert outbox.entries(1)[0].entry_id > before.entry_id


def test_the_same_message_put_twice_is_stored_once(outbox: Outbox) -> None:
    incident = an_incident()
    outbox.put([incident], at=AT)
    outbox.put([incident], at=AT)
    assert outbox.figures(AT).depth == 1


def test_figures_tell_depth_and_age_and_an_age_is_never_negative(outbox: Outbox) -> None:
    assert outbox.figures(AT).oldest_age_s is None
    outbox.put([an_incident()], at=AT)
    outbox.put([an_incident()], at=AT + timedelta(seconds=60))
    figures = outbox.figures(AT + timedelta(seconds=90))
    assert (figures.depth, figures.oldest_age_s) == (2, 90.0)
    assert outbox.figures(AT - timedelta(hours=1)).oldest_age_s == 0.0


def test_an_open_incident_outlives_its_ack_and_a_restart_until_it_is_closed(path: Path) -> None:
    opened = an_incident()
    updated = a_revision(opened, observed_at=AT + timedelta(minutes=1))
    with Outbox(path, limit_bytes=ROOMY) as outbox:
        outbox.put([opened], at=AT)
        outbox.put([updated], at=AT)
        outbox.ack([opened.message_id, updated.message_id])
    with Outbox(path, limit_bytes=ROOMY) as outbox:
        assert outbox.open_incidents() == [updated]
        outbox.put([a_revision(updated, phase=IncidentPhase.CLOSED)], at=AT)
        assert outbox.open_incidents() == []


def test_an_old_revision_put_again_does_not_open_a_closed_incident(outbox: Outbox) -> None:
    opened = an_incident()
    outbox.put([opened], at=AT)
    outbox.put([a_revision(opened, phase=IncidentPhase.CLOSED)], at=AT)
    outbox.put([opened], at=AT)
    assert outbox.open_incidents() == []


def test_pictures_leave_the_last_room_to_incidents(path: Path) -> None:
    with Outbox(path, limit_bytes=2**20) as outbox:
        pictures = fill(lambda: outbox.put([an_evidence(content=a_picture())], at=AT))
        assert 0.6 * 2**20 < pictures * 60_000 < 0.8 * 2**20
        assert outbox.figures(AT).is_full
        incidents = fill(lambda: outbox.put([an_incident()], at=AT))
        assert incidents > 100
        assert outbox.figures(AT).depth == pictures + incidents
        assert outbox.figures(AT).refused == 2


def test_acks_make_a_full_outbox_take_pictures_again(path: Path) -> None:
    with Outbox(path, limit_bytes=2**20) as outbox:
        before = fill(lambda: outbox.put([an_evidence(content=a_picture())], at=AT))
        size_bytes = path.stat().st_size
        outbox.ack([one.message_id for one in outbox.entries(100)])
        assert not outbox.figures(AT).is_full
        assert fill(lambda: outbox.put([an_evidence(content=a_picture())], at=AT)) == before
        assert path.stat().st_size <= max(size_bytes, 2**20), "freed pages are filled again"


def test_a_full_outbox_refuses_all_of_a_call_or_nothing(path: Path) -> None:
    with Outbox(path, limit_bytes=2**20) as outbox:
        incident = an_incident()
        with pytest.raises(OutboxFullError):
            outbox.put([incident, *(an_evidence(content=a_picture()) for _ in range(20))], at=AT)
        assert outbox.entries(100) == []
        assert outbox.open_incidents() == []
        figures = outbox.figures(AT)
        assert (figures.refused, figures.is_full) == (20, True)


def test_a_limit_that_holds_nothing_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match=str(MIN_LIMIT_BYTES)):
        Outbox(path, limit_bytes=1000)


PUTTER = """
import sys
from pathlib import Path
from edge.outbox import Outbox
from tests.builders import AT, an_evidence, an_incident
outbox = Outbox(Path(sys.argv[1]), limit_bytes=64 * 2**20)
while True:
    incident = an_incident()
    outbox.put([incident, an_evidence(incident, content=b"x" * 200_000)], at=AT)
    print(incident.message_id, flush=True)
"""


def test_whatever_put_returned_from_is_there_after_a_kill(path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", PUTTER, path], stdout=subprocess.PIPE) as putter:
        assert putter.stdout is not None
        said = [putter.stdout.readline() for _ in range(20)]
        # Not between two calls but most likely within one: most of its time is spent there.
        putter.send_signal(signal.SIGKILL)
        said += putter.stdout.readlines()
    with Outbox(path, limit_bytes=ROOMY) as outbox:
        entries = outbox.entries(1000)
        incidents = [one for one in entries if one.topic.endswith("incident")]
        stored = [str(one.message_id) for one in incidents]
        assert stored[: len(said)] == [line.decode().strip() for line in said]
        assert len(stored) - len(said) in {0, 1}, "the last call may be on the disk as a whole"
        assert len(entries) == 2 * len(incidents), "no incident without its picture"


def test_a_second_process_is_kept_off_and_told_so(outbox: Outbox, path: Path) -> None:
    with pytest.raises(OutboxError, match=r"outbox\.db is in use by another process"):
        Outbox(path, limit_bytes=ROOMY)
    outbox.close()
    Outbox(path, limit_bytes=ROOMY).close()


def test_a_reader_sees_a_running_sites_outbox_and_cannot_change_it(
    outbox: Outbox, path: Path
) -> None:
    outbox.put([an_incident()], at=AT)
    with OutboxReader(path) as reader:
        assert reader.entries(10) == outbox.entries(10)
        assert reader.figures(AT).depth == 1
        outbox.put([an_incident()], at=AT)
        assert reader.figures(AT).depth == 2


def test_a_reader_opens_an_outbox_that_nobody_runs_on(path: Path) -> None:
    with Outbox(path, limit_bytes=ROOMY) as outbox:
        outbox.put([an_incident()], at=AT)
    with OutboxReader(path) as reader:
        assert reader.figures(AT).depth == 1


def test_a_reader_says_where_there_is_no_outbox_and_makes_none(path: Path) -> None:
    with pytest.raises(OutboxError, match="no outbox at"):
        OutboxReader(path)
    assert not path.exists()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(b"this is no database at all, but long enough to look" * 9, "not a database"),
        pytest.param(None, "damaged"),
    ],
    ids=["a file of something else", "pages overwritten in the middle"],
)
def test_a_damaged_file_is_named_with_the_remedy_and_left_as_it_is(
    path: Path, damage: bytes | None, said: str
) -> None:
    with Outbox(path, limit_bytes=ROOMY) as outbox:
        outbox.put([an_incident() for _ in range(200)], at=AT)
    whole = path.read_bytes()
    damaged = damage or whole[:8192] + os.urandom(40960) + whole[49152:]
    path.write_bytes(damaged)
    with pytest.raises(OutboxError, match=said) as refusal:
        Outbox(path, limit_bytes=ROOMY)
    assert str(path) in str(refusal.value)
    assert "move outbox.db" in str(refusal.value)
    assert path.read_bytes() == damaged
    path.unlink()
    Outbox(path, limit_bytes=ROOMY).close()  # the lock was given back


def test_a_database_of_something_else_is_not_taken_over(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(OutboxError, match="is no outbox of this version"):
        Outbox(path, limit_bytes=ROOMY)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutboxError, match=re.escape(str(tmp_path / "file" / "outbox.db"))):
        Outbox(tmp_path / "file" / "outbox.db", limit_bytes=ROOMY)


def test_many_threads_put_while_another_acks(outbox: Outbox) -> None:
    def put_some() -> None:
        for _ in range(25):
            outbox.put([an_incident()], at=AT)

    putters = [threading.Thread(target=put_some, daemon=True) for _ in range(4)]
    for putter in putters:
        putter.start()
    acked = 0
    while acked < 100:
        acked += outbox.ack([one.message_id for one in outbox.entries(10)])
    for putter in putters:
        putter.join()
    assert outbox.figures(AT).depth == 0
