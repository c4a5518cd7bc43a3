"""The outbox on a disk that is really full: a small file system of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import OutboxFullError
from edge.outbox import Outbox
from tests.builders import AT, an_evidence, an_incident

pytestmark = pytest.mark.integration

LIMIT_BYTES = 64 * 2**20


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of eight megabytes, six of which another program has taken."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    (folder / "other").write_bytes(b"x" * 6 * 2**20)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


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


def test_a_full_disk_is_told_and_what_was_put_before_stays(disk: Path) -> None:
    with Outbox(disk / "outbox.db", limit_bytes=LIMIT_BYTES) as outbox:
        count = fill(outbox)
        assert count > 10
        figures = outbox.figures(AT)
        assert (figures.depth, figures.is_full, figures.refused) == (count, True, 2)
        assert len(outbox.entries(1000)) == count
    with Outbox(disk / "outbox.db", limit_bytes=LIMIT_BYTES) as outbox:
        assert outbox.figures(AT).depth == count


def test_the_outbox_works_again_once_the_disk_has_room(disk: Path) -> None:
    with Outbox(disk / "outbox.db", limit_bytes=LIMIT_BYTES) as outbox:
        count = fill(outbox)
        (disk / "other").unlink()
        incident = an_incident()
        outbox.put([incident, an_evidence(incident)], at=AT)
        assert outbox.figures(AT).depth == count + 2
        assert not outbox.figures(AT).is_full


def test_acks_on_a_full_disk_are_kept_in_mind_until_they_can_be_written(disk: Path) -> None:
    path = disk / "outbox.db"
    with Outbox(path, limit_bytes=LIMIT_BYTES) as outbox:
        count = fill(outbox)
        first, *others = outbox.entries(1000)
        assert outbox.ack([first.message_id]) == 1
        assert outbox.ack([first.message_id]) == 0
        assert outbox.entries(1000) == others
        assert outbox.figures(AT).depth == count - 1
        (disk / "other").unlink()
        outbox.ack(())
    with Outbox(path, limit_bytes=LIMIT_BYTES) as outbox:
        assert outbox.entries(1000) == others
