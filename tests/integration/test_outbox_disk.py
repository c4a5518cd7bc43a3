"""The outbox on a disk that is really full: a small file system of its own."""

from pathlib import Path

import pytest

from edge.errors import OutboxFullError
from edge.outbox import Outbox
from tests.builders import AT, an_evidence, an_incident

pytestmark = pytest.mark.integration

LIMIT_BYTES = 64 * 2**20


def fill(outbox: Outbox) -> int:
    """Put pictures, then incidents, until the disk takes neither; return how many were put."""
    count = 0
    for content in (b"x" * 100_000, None):
        try:
            while True:
                one = an_evidence(content=content) if content else an_incident()
                outbox.put([one], at=AT)
                count += 1
        except OutboxFullError:
            pass
    return count


def test_a_full_disk_is_told_and_what_was_put_before_stays(small_disk: Path) -> None:
    with Outbox(small_disk / "outbox.db", limit_bytes=LIMIT_BYTES) as outbox:
        count = fill(outbox)
        assert count > 10
        figures = outbox.figures(AT)
        assert (figures.depth, figures.is_full, figures.refused) == (count, True, 2)
        assert len(outbox.entries(1000)) == count
    with Outbox(small_disk / "outbox.db", limit_bytes=LIMIT_BYTES) as outbox:
        assert outbox.figures(AT).depth == count


def test_the_outbox_works_again_once_the_disk_has_room(small_disk: Path) -> None:
    with Outbox(small_disk / "outbox.db", limit_bytes=LIMIT_BYTES) as outbox:
        count = fill(outbox)
        (small_disk / "other").unlink()
        incident = an_incident()
        outbox.put([incident, an_evidence(incident)], at=AT)
        assert outbox.figures(AT).depth == count + 2
        assert not outbox.figures(AT).is_full


def test_acks_on_a_full_disk_are_kept_in_mind_until_they_can_be_written(small_disk: Path) -> None:
    path = small_disk / "outbox.db"
    with Outbox(path, limit_bytes=LIMIT_BYTES) as outbox:
        count = fill(outbox)
        first, *others = outbox.entries(1000)
        assert outbox.ack([first.message_id]) == 1
        assert outbox.ack([first.message_id]) == 0
        assert outbox.entries(1000) == others
        assert outbox.figures(AT).depth == count - 1
        (small_disk / "other").unlink()
        outbox.ack(())
    with Outbox(path, limit_bytes=LIMIT_BYTES) as outbox:
        assert outbox.entries(1000) == others
