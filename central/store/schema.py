"""Which schema the database has, and which one this program needs."""

from sqlalchemy import Connection, inspect, text

from central.errors import SchemaError

REVISIONS = ("0001", "0002")
"""Every schema there has been, the oldest first; the migrations of the same names lead there."""

HEAD = REVISIONS[-1]
"""The schema that this program was written for."""


def check_schema(connection: Connection) -> None:
    """Make sure that the database has this program's schema.

    Raises
    ------
    SchemaError
        Where it has none, an older or a newer one; says what to do.
    """
    refuse_newer(connection)
    found = schema_of(connection)
    if found != HEAD:
        raise SchemaError(found, HEAD, "run `simpang central migrate`")


def refuse_newer(connection: Connection) -> None:
    """Make sure that no newer program has been at the database.

    Raises
    ------
    SchemaError
        Where one has.
    """
    found = schema_of(connection)
    if found is not None and found not in REVISIONS:
        raise SchemaError(found, HEAD, "a newer program wrote it; update this one")


def schema_of(connection: Connection) -> str | None:
    """Return the schema that the database is at; None where it has none of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found
