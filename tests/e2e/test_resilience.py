"""Every part of the system is killed while the others run; every incident is counted at both ends.

What the edge raised is read from its own log, what the city has from central's database. Only what
the edge stored in the very moment in which it was killed may be in the books and not in the log.
"""

import json
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import yaml

from edge.outbox import OutboxReader
from scripts.rtsp import Fault, Feed, RtspServer
from tests.brokers import Broker
from tests.deadlines import eventually
from tests.footage import DARK, Segment, jam, write_clip
from tests.tiny_model import write_tiny_model

pytestmark = pytest.mark.e2e

CAMERAS = tuple(f"camera-{number}" for number in range(6))
BOXES = [(x, y, x + 44.0, y + 30.0, "car") for x in (5.0, 60.0) for y in (8.0, 50.0)]
QUICK = {"min_vehicles": 2, "min_duration_s": 0.5, "clear_duration_s": 0.4, "smoothing_s": 0.2}


@dataclass
class Child:
    """One process of the system, which can be killed and started again."""

    arguments: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "simpang", *self.arguments], stderr=log, stdout=log
            )

    def end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(20)
            self.process = None


@dataclass
class City:
    """A site and central, each in a process of its own, and the folder they write to."""

    folder: Path
    cameras: RtspServer
    edge: Child
    central: Child

    def raised(self) -> Counter[str]:
        """Return how often the edge told of opening each incident, by its log."""
        return Counter(
            str(line["incident_id"])
            for line in map(json.loads, self.edge.log.read_text(encoding="utf-8").splitlines())
            if "opened" in line["text"] and "incident_id" in line
        )

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """Return what a query finds in central's database; nothing before there is one."""
        path = self.folder / "central.db"
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as database:
            return database.execute(sql).fetchall()

    def books(self) -> list[str]:
        """Return the ids of the incidents that central has."""
        return [str(UUID(str(one))) for (one,) in self.rows("SELECT incident_id FROM incident")]

    def waiting(self) -> int:
        """Return how many messages central has not acked."""
        with OutboxReader(self.folder / "edge" / "outbox.db") as outbox:
            return outbox.figures(datetime.now(UTC)).depth

    def raises_more(self, count: int = 4) -> None:
        """Wait until the edge raised ``count`` more incidents."""
        goal = len(self.raised()) + count
        eventually(lambda: len(self.raised()) >= goal, within_s=30)


def write_configs(folder: Path, cameras: RtspServer, broker: Broker) -> None:
    site = {
        "site": "harmoni",
        "name": "Harmoni",
        "data_dir": "edge",
        "model": str(write_tiny_model(folder / "model", BOXES)),
        "broker": {"port": broker.port, "ack_timeout_s": 2},
        "metrics": {"port": None},
        "cameras": [
            {
                "camera": camera,
                "name": camera,
                "url": cameras.url(camera),
                "looks_per_s": 10,
                "zones": [
                    {
                        "zone": "road",
                        "name": "Road",
                        "polygon": [[0, 0], [1, 0], [1, 1], [0, 1]],
                        "congestion": QUICK,
                    }
                ],
            }
            for camera in CAMERAS
        ],
    }
    central = {
        "listen": {"port": 0},
        "database_url": "sqlite:///central.db",
        "broker": {"port": broker.port},
    }
    (folder / "site.yaml").write_text(yaml.safe_dump(site), encoding="utf-8")
    (folder / "central.yaml").write_text(yaml.safe_dump(central), encoding="utf-8")


@contextmanager
def a_city(folder: Path, broker: Broker) -> Iterator[City]:
    """Run a site with cameras that jam and clear all the time, and central."""
    film = write_clip(folder / "film.mp4", [*jam(3.5), Segment(DARK, 2.0)])
    with ExitStack() as stack:
        cameras = stack.enter_context(RtspServer({camera: Feed(film) for camera in CAMERAS}))
        write_configs(folder, cameras, broker)
        in_central = ["--config", str(folder / "central.yaml")]
        migrate = Child(["central", "migrate", *in_central], folder / "migrate.log")
        migrate.start()
        assert migrate.process is not None
        assert migrate.process.wait(30) == 0, migrate.log.read_text(encoding="utf-8")
        city = City(
            folder,
            cameras,
            Child(["edge", "run", "--config", str(folder / "site.yaml")], folder / "edge.log"),
            Child(["central", "serve", *in_central], folder / "central.log"),
        )
        for child in (city.central, city.edge):
            stack.callback(child.end, signal.SIGKILL)
            child.start()
        yield city


@pytest.mark.timeout(240)
def test_every_incident_is_in_the_books_once_whatever_was_killed(
    tmp_path: Path, broker: Broker
) -> None:
    with a_city(tmp_path, broker) as city:
        eventually(lambda: len(city.books()) >= 2, within_s=40)

        broker.kill()
        city.raises_more()
        broker.start()
        city.raises_more(2)

        city.central.end(signal.SIGKILL)
        city.raises_more()
        city.central.start()
        city.raises_more(2)

        city.edge.end(signal.SIGKILL)
        city.edge.start()
        city.raises_more()

        for camera in CAMERAS:
            city.cameras.set_fault(camera, Fault.DROP)
        # What was on its way from the cameras may still raise one after all were acked.
        eventually(
            lambda: city.waiting() == 0 and city.raised().keys() <= set(city.books()), within_s=60
        )
        raised, booked = city.raised(), city.books()

        assert max(raised.values()) == 1
        assert len(booked) == len(set(booked))
        assert len(raised) >= 16
        assert raised.keys() <= set(booked)
        # One look of the one worker at most was between its disk and its log when it was killed.
        assert len(booked) - len(raised) <= 1
        assert city.rows("SELECT count(*) FROM incident WHERE complaint_id IS NULL") == [(0,)]
        assert city.rows("SELECT count(*) FROM complaint") == [(len(CAMERAS),)]
        assert city.rows("SELECT count(*) FROM dead_letter") == [(0,)]
