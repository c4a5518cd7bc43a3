"""The books on both databases; one server for the whole run, an empty database for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from central.store import Database, Store, open_database
from central.store.migrating import migrate
from scripts.postgres import Postgres
from tests.databases import DATABASES, a_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL server."""
    with a_postgres() as server:
        yield server


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'central.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with this program's schema."""
    opened = open_database(database_url)
    migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def store(database: Database) -> Store:
    """Empty books."""
    return Store(database)
