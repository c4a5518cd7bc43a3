"""All the SQL: the books that `Store` keeps, on SQLite or PostgreSQL.

`central.store.migrating` is apart, so that only who migrates loads Alembic.
"""

from central.store.database import Database, open_database
from central.store.dead_letter_book import DeadLetter
from central.store.store import BookMessage, Store, Taken

__all__ = ["BookMessage", "Database", "DeadLetter", "Store", "Taken", "open_database"]
