"""A whole site whose disk fills while it watches, and has room again later."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from analytics.messages import Losses, OutboxFigures
from edge.app import Site, running
from edge.config import load_site
from edge.outbox import OutboxReader
from scripts.rtsp import Feed, RtspServer
from tests.deadlines import eventually
from tests.edge_site import write_site
from tests.footage import DARK, Segment, jam, write_clip

pytestmark = pytest.mark.integration

CAMERAS = ("north", "east", "south")


def losses(site: Site) -> list[Losses]:
    return [camera.losses for camera in site.camera_figures()]


def looks(site: Site) -> int:
    return sum(camera.looks.looks for camera in site.camera_figures())


def waits(site: Site) -> OutboxFigures:
    outbox = site.figures().outbox
    assert outbox is not None
    return outbox


def use_up(folder: Path) -> Path:
    """Fill the disk to its last page with a file, and return that file."""
    ballast = folder / "ballast"
    with ballast.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return ballast


def revisions(outbox: Path) -> dict[str, list[int]]:
    """Return the revisions of each incident that waits, in the order in which they were put."""
    found = defaultdict(list)
    with OutboxReader(outbox) as reader:
        for entry in reader.entries(1000):
            if entry.topic.endswith("/incident"):
                message = json.loads(entry.payload)
                found[message["incident_id"]].append(message["revision"])
    return found


def test_a_site_watches_on_without_room_and_stores_what_it_held_when_there_is_some(
    tmp_path: Path, small_disk: Path
) -> None:
    film = write_clip(tmp_path / "film.mp4", [*jam(3.5), Segment(DARK, 2.0)])
    with RtspServer({camera: Feed(film) for camera in CAMERAS}) as server:
        urls = {camera: server.url(camera) for camera in CAMERAS}
        config = write_site(tmp_path, urls, data_dir=str(small_disk))
        with running(load_site(config, environ={}), software="0.1.0") as site:
            eventually(lambda: waits(site).depth > 0)
            ballast = use_up(small_disk)
            # Two revisions take a few rounds of the film, of 5.5 s each.
            eventually(
                lambda: all(one.incidents_not_stored >= 2 for one in losses(site)), within_s=40
            )
            assert waits(site).is_full
            assert sum(one.evidence_not_stored for one in losses(site)) >= 2
            looks_then = looks(site)
            eventually(lambda: looks(site) > looks_then + 10)

            ballast.unlink()
            known = len(revisions(small_disk / "outbox.db"))
            eventually(lambda: len(revisions(small_disk / "outbox.db")) >= known + 3)
            eventually(lambda: not waits(site).is_full)
            assert sum(one.incidents_lost for one in losses(site)) == 0
        for numbers in revisions(small_disk / "outbox.db").values():
            assert numbers == list(range(1, len(numbers) + 1))
