"""The migrations lead to the schema that the program was written for, on both databases."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from central.errors import SchemaError, StoreUnavailableError
from central.store import Database, Store, open_database
from central.store.migrating import migrate
from central.store.schema import HEAD, REVISIONS
from central.store.tables import Table

pytestmark = pytest.mark.integration

MIGRATIONS = Path(__file__).parents[3] / "central" / "store" / "migrations"


def test_the_tables_and_the_migrations_agree(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Table.metadata) == []


def test_the_listed_schemas_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    oldest_first = [script.revision for script in scripts.walk_revisions()][::-1]
    assert tuple(oldest_first) == REVISIONS


def test_migrating_twice_is_migrating_once(database: Database) -> None:
    assert migrate(database) == HEAD
    Store(database).check()


def test_an_empty_database_is_refused_with_what_to_do(database_url: str) -> None:
    empty = open_database(database_url)
    with pytest.raises(SchemaError, match="simpang central migrate"):
        Store(empty).check()
    empty.close()


def test_a_newer_schema_is_refused_and_left_alone(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaError, match=r"9999.*update this one"):
        Store(database).check()
    with pytest.raises(SchemaError, match="update this one"):
        migrate(database)


def test_a_migration_that_fails_leaves_nothing_behind(database_url: str) -> None:
    broken = open_database(database_url)
    with broken.engine.begin() as connection:
        connection.execute(text("CREATE TABLE change (something_else INTEGER)"))
    with pytest.raises(StoreUnavailableError):
        migrate(broken)
    with broken.engine.connect() as connection:
        tables = broken.engine.dialect.get_table_names(connection)
    broken.close()
    assert tables == ["change"]


def test_a_database_that_is_not_there_is_said_to_be_away(tmp_path: Path) -> None:
    nowhere = open_database(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")
    with pytest.raises(StoreUnavailableError):
        Store(nowhere).check()
    nowhere.close()
    refused = open_database("postgresql://simpang@127.0.0.1:1/simpang", password="p@ss/w?rd")
    with pytest.raises(StoreUnavailableError) as away:
        Store(refused).check()
    refused.close()
    assert "p@ss" not in str(away.value)
