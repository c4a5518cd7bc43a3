"""A broker and central, each a process of its own, as a city runs them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from central.broker import EmbeddedBroker, EmbeddedBrokerError
from central.store import Store, open_database
from scripts.bench.figures import NotMeasuredError
from scripts.demo.children import Child, ChildError
from scripts.demo.settings import HOST, free_port, write_yaml
from scripts.demo.story import Api

READY_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class City:
    """A running broker, and central that listens to it.

    Attributes
    ----------
    broker_port
        On loopback.
    """

    broker_port: int
    database_url: str

    def incidents(self, *, limit: int) -> set[UUID]:
        """Return the ids of the incidents in central's books, ``limit`` at most."""
        database = open_database(self.database_url)
        try:
            return {one.incident_id for one in Store(database).incidents(limit=limit)}
        finally:
            database.close()


@contextmanager
def a_city(folder: Path, database_url: str) -> Iterator[City]:
    """Start a broker and central on an empty database, and end both afterwards.

    Raises
    ------
    NotMeasuredError
        Where one of them does not start.
    """
    folder.mkdir()
    city = City(free_port(), database_url)
    with ExitStack() as processes:
        try:
            _start(city, folder, processes)
        except (ChildError, EmbeddedBrokerError) as exc:
            raise NotMeasuredError(str(exc)) from exc
        yield city


def _start(city: City, folder: Path, processes: ExitStack) -> None:
    http_port = free_port()
    config = folder / "central.yaml"
    settings: dict[str, object] = {
        "listen": {"host": HOST, "port": http_port},
        "database_url": city.database_url,
        "broker": {"host": HOST, "port": city.broker_port},
    }
    write_yaml(config, settings)
    broker = EmbeddedBroker(folder / "broker", city.broker_port)
    processes.callback(broker.stop)
    broker.start()
    command = ("simpang", "central")
    migration = Child("migrate", (*command, "migrate", "--config", str(config)), folder)
    processes.callback(migration.stop)
    migration.finish(timeout_s=READY_TIMEOUT_S)
    central = Child("central", (*command, "serve", "--config", str(config)), folder)
    processes.callback(central.stop)
    central.wait_until(Api(HOST, http_port).is_ready, timeout_s=READY_TIMEOUT_S)
