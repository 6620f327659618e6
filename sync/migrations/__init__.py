"""The database's shape over time. `upgrade` brings any database to the newest one; two at once wait for each other."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from sync.database import Database, is_postgres

# Any number will do as long as nothing else in this database takes the same advisory lock: "tieout" in ASCII.
_LOCK = text("SELECT pg_advisory_xact_lock(128060840310132)")


def upgrade(db: Database) -> None:
    """Make or change the tables, all in one transaction: after an error, or a kill, nothing has changed."""
    with db.write() as conn:
        if is_postgres(conn):
            conn.execute(_LOCK)
        if _revision(conn) != _head():
            command.upgrade(_config(conn), "head")


def current(db: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with db.read() as conn:
        return _revision(conn)


def needs_upgrade(db: Database) -> bool:
    """Whether `upgrade` has something to do: refuse to serve until it was run."""
    return current(db) != _head()


def _revision(conn: Connection) -> str | None:
    return MigrationContext.configure(conn).get_current_revision()


def _head() -> str | None:
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _config(conn: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config
