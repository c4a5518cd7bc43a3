"""Brings a database to this program's schema. The only module that imports Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from central.store.database import Database
from central.store.schema import HEAD, refuse_newer

_FOLDER = Path(__file__).parent / "migrations"


def migrate(database: Database) -> str:
    """Create or update the schema, and return the name of the one that is reached.

    All steps are one transaction: a step that fails leaves the schema as it was.

    Raises
    ------
    StoreUnavailableError
        Where the database is away.
    SchemaError
        Where a newer program has been at it.
    """
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with database.migration() as connection:
        refuse_newer(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
    return HEAD
