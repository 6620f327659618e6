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

NEWER = "the database's tables are a newer version's: install that version, this one does not know them"


class Newer(Exception):
    """A newer version has upgraded this database."""


def upgrade(db: Database) -> None:
    """Make or change the tables, all in one transaction: after an error, or a kill, nothing has changed.

    Raises Newer when a newer version has upgraded it already."""
    with db.write() as conn:
        if is_postgres(conn):
            conn.execute(_LOCK)
        if not _is_known(_revision(conn)):
            raise Newer(NEWER)
        if _revision(conn) != _head():
            command.upgrade(_config(conn), "head")


def current(db: Database) -> str | None:
    """The revision the database is at; None for an empty one."""
    with db.read() as conn:
        return _revision(conn)


def needs_upgrade(db: Database) -> bool:
    """Whether `upgrade` has something to do: refuse to serve until it was run."""
    revision = current(db)
    return _is_known(revision) and revision != _head()


def is_newer(db: Database) -> bool:
    """Whether a newer version has upgraded the database: refuse to begin, but what runs may go on taking webhooks."""
    return not _is_known(current(db))


def _revision(conn: Connection) -> str | None:
    return MigrationContext.configure(conn).get_current_revision()


def _is_known(revision: str | None) -> bool:
    scripts = ScriptDirectory.from_config(_config(None))
    return revision is None or revision in {each.revision for each in scripts.walk_revisions()}


def _head() -> str | None:
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _config(conn: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config
