"""What Alembic runs for each of its commands, with the connection that `central.store` opened."""

from alembic import context

from central.store.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    # SQLite can take schema changes back as well; Alembic only assumes that it cannot.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
