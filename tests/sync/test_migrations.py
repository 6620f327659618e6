from __future__ import annotations

import multiprocessing
import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from mappings.records import Link, LinkRole, LinkState
from sync import migrations
from sync.database import Database, is_postgres, open_database
from sync.migrations import Newer, current, is_newer, needs_upgrade, upgrade
from sync.store import Store
from sync.tables import metadata
from tests.sync.values import request


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[Database]:
    opened = open_database(empty_database_url)
    yield opened
    opened.dispose()


POSTGRES_CATALOG = sa.text("""
    SELECT table_name, column_name || ' ' || data_type || ' ' || is_nullable FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    UNION ALL SELECT conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conname <> 'alembic_version_pkc' AND contype <> 'n'
    UNION ALL SELECT tablename, indexdef FROM pg_indexes
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    UNION ALL SELECT relname, reloptions::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL
""")
SQLITE_CATALOG = sa.text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'")


def definitions(db: Database) -> dict[tuple[str, str], int]:
    """What the database itself says of its tables, columns, constraints and indexes, with partial conditions."""
    with db.read() as conn:
        if is_postgres(conn):
            return Counter((table, definition) for table, definition in conn.execute(POSTGRES_CATALOG))
        # The order of a table's constraints says nothing, and SQLAlchemy and Alembic differ in it.
        return Counter((name, part) for name, sql in conn.execute(SQLITE_CATALOG) for part in parts(sql))


def parts(sql: str) -> list[str]:
    head, _, body = " ".join(sql.split()).partition("(")
    return [head, *re.split(r", (?=[\w\"]+ )", body.removesuffix(")").strip())]


def test_an_empty_database_needs_an_upgrade_and_a_migrated_one_does_not(empty: Database) -> None:
    assert (current(empty), needs_upgrade(empty)) == (None, True)
    upgrade(empty)
    newest = max(path.name for path in (Path(migrations.__file__).parent / "versions").glob("0*.py"))
    assert (current(empty), needs_upgrade(empty)) == (newest.partition("_")[0], False)


def test_upgrading_twice_changes_nothing(empty: Database) -> None:
    upgrade(empty)
    before = definitions(empty)
    upgrade(empty)
    assert definitions(empty) == before


def test_migrations_make_what_the_tables_say(empty: Database, open_again_empty: Database) -> None:
    upgrade(empty)
    with empty.read() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
    with open_again_empty.write() as conn:
        metadata.create_all(conn)
    assert definitions(empty) == definitions(open_again_empty)
    assert len(definitions(empty)) > len(metadata.tables)


@pytest.fixture
def open_again_empty(backend: str, request: pytest.FixtureRequest, tmp_path: object) -> Iterator[Database]:
    """A second empty database, to be made from the tables instead of the migrations."""
    if backend == "sqlite":
        opened = open_database(f"sqlite:///{tmp_path}/second.db")
        yield opened
        opened.dispose()
        return
    server = request.getfixturevalue("postgres")
    name = server.create()
    opened = open_database(server.url(name))
    yield opened
    opened.dispose()
    server.drop(name)


def test_an_upgrade_that_fails_in_the_middle_leaves_nothing_behind(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, made = sa.schema.CreateTable, []

    def fail_late(conn: sa.Connection, statement: object, *_: object) -> None:
        made.append(statement)
        if isinstance(statement, create) and len(made) > 12:
            raise KeyboardInterrupt

    sa.event.listen(empty.engine, "before_execute", fail_late)
    with pytest.raises(KeyboardInterrupt):
        upgrade(empty)
    sa.event.remove(empty.engine, "before_execute", fail_late)
    with empty.read() as conn:
        assert sa.inspect(conn).get_table_names() == []
    upgrade(empty)
    assert not needs_upgrade(empty)


def _upgrade_in_a_process(url: str, failed: object) -> None:
    db = open_database(url)
    try:
        upgrade(db)
    except BaseException as error:
        failed.put(repr(error))  # type: ignore[attr-defined]  # a queue; its type cannot be named under spawn
        raise


@pytest.mark.long
def test_two_processes_may_upgrade_at_once(empty: Database, empty_database_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    failed = spawn.Queue()
    processes = [spawn.Process(target=_upgrade_in_a_process, args=(empty_database_url, failed)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert failed.empty(), failed.get()
    assert [process.exitcode for process in processes] == [0, 0]
    assert not needs_upgrade(empty)


def _begin_an_upgrade_and_die(url: str) -> None:
    db = open_database(url)
    tables = []

    def die(_: sa.Connection, statement: object, *__: object) -> None:
        tables.append(isinstance(statement, sa.schema.CreateTable))
        if sum(tables) > 8:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(db.engine, "before_execute", die)
    upgrade(db)


def test_an_upgrade_that_is_killed_in_the_middle_is_begun_anew_by_the_next(
    empty: Database, empty_database_url: str
) -> None:
    victim = multiprocessing.get_context("spawn").Process(target=_begin_an_upgrade_and_die, args=(empty_database_url,))
    victim.start()
    victim.join(60)
    assert victim.exitcode == -signal.SIGKILL
    assert needs_upgrade(empty)
    upgrade(empty)
    assert not needs_upgrade(empty)


def test_an_old_version_leaves_a_newer_ones_tables_alone(empty: Database) -> None:
    upgrade(empty)
    with empty.write() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    before = definitions(empty)
    assert (needs_upgrade(empty), is_newer(empty)) == (False, True)
    with pytest.raises(Newer, match="install that version"):
        upgrade(empty)
    assert (current(empty), definitions(empty)) == ("9999", before)


def test_an_audit_that_is_mirrored_already_counts_as_one_whose_plan_was_shown(empty: Database) -> None:
    upgrade(empty)
    mirrored, imported = request(1, audit="mirrored"), request(2, audit="imported")
    with empty.write() as conn:
        store = Store(conn)
        for record in (mirrored, imported):
            store.records.add(record)
        store.links.put(Link(mirrored.uid, LinkRole.ISSUE, LinkState.LIVE, "10001"))
        assert store.first_plans.shown() == frozenset()
        conn.execute(sa.text(import_module("sync.migrations.versions.0007_first_plans").MIRRORED))
        assert store.first_plans.shown() == {"mirrored"}
