from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from sync import database as database_module
from sync.database import Database, StoreTrouble, at_end, is_sound_sqlite, open_database
from sync.fair_lock import FairLock
from sync.migrations import upgrade
from sync.store import Store
from sync.work import claim, mark
from tests.virtual_clock import VirtualClock

from .values import AT, request, uid

ADD = sa.text("INSERT INTO cursor (name, at) VALUES (:name, :at)")
ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"])
ON_POSTGRES = pytest.mark.parametrize("backend", ["postgres"])


def names(db: Database) -> list[str]:
    with db.read() as conn:
        return list(conn.scalars(sa.text("SELECT name FROM cursor ORDER BY name")))


def add(db: Database, name: str) -> None:
    with db.write() as conn:
        Store(conn).cursors.set(name, AT)


def test_what_is_written_stays_when_the_block_ends_and_goes_when_it_fails(database: Database) -> None:
    def fails() -> None:
        with database.write() as conn:
            Store(conn).cursors.set("lost", AT)
            raise KeyError("the caller's own trouble")

    add(database, "kept")
    with pytest.raises(KeyError):
        fails()
    assert names(database) == ["kept"]


def test_a_reading_transaction_cannot_write(database: Database) -> None:
    def writes() -> None:
        with database.read() as conn:
            Store(conn).cursors.set("x", AT)

    with pytest.raises(Exception, match=r"(?i)read-?\s?only"):
        writes()
    add(database, "and the connection is as good as before")
    assert len(names(database)) == 1


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "mysql://root@localhost/x", "sqlite:///:memory:?cache=shared"]
)
def test_an_address_that_cannot_serve_is_refused_with_what_would_do(url: str) -> None:
    with pytest.raises(ValueError, match="expected sqlite:///<file> or postgresql://"):
        open_database(url)


def test_a_password_is_not_shown() -> None:
    db = open_database("postgresql://ann:s3cret@localhost/x")
    assert "s3cret" not in repr(db)


def test_the_time_is_the_databases_and_aware(database: Database) -> None:
    with database.read() as conn:
        first, second = database.now(conn), database.now(conn)
    assert first <= second
    assert first.tzinfo is UTC
    assert abs(first - datetime.now(UTC)) < timedelta(minutes=1)


@ON_POSTGRES
def test_the_clock_goes_on_within_a_transaction(database: Database) -> None:
    with database.read() as conn:
        first = database.now(conn)
        conn.execute(sa.text("SELECT pg_sleep(0.01)"))
        assert database.now(conn) - first >= timedelta(milliseconds=10)


def test_tests_may_set_the_clock(timed_database: Database, clock: VirtualClock) -> None:
    with timed_database.read() as conn:
        assert timed_database.now(conn) == clock()
        clock.forward(3600)
        assert timed_database.now(conn) == clock()


def test_what_is_kept_for_the_end_is_written_once_in_order_and_only_when_all_went_well(database: Database) -> None:
    done: list[tuple[str, list[object]]] = []

    def early(_: sa.Connection, items: list[object]) -> None:
        done.append(("early", items))

    def late(_: sa.Connection, items: list[object]) -> None:
        done.append(("late", items))

    def transaction(*, fails: bool) -> None:
        with database.write() as conn:
            at_end(conn, 2, late, "a")
            at_end(conn, 1, early, "b")
            at_end(conn, 2, late, "c")
            assert done == []
            if fails:
                raise KeyError

    with pytest.raises(KeyError):
        transaction(fails=True)
    assert done == []
    transaction(fails=False)
    assert done == [("early", ["b"]), ("late", ["a", "c"])]


@ON_SQLITE
def test_sqlite_waits_for_the_disk_and_keeps_references(database_url: str) -> None:
    db = open_database(database_url)
    with db.read() as conn:
        pragmas = [conn.scalar(sa.text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]
    db.dispose()
    assert pragmas == ["wal", 2, 1]


@ON_POSTGRES
@pytest.mark.parametrize(("told", "stands"), [("off", "on"), ("remote_write", "remote_write")])
def test_postgres_waits_for_the_disk_whatever_its_server_is_told(database_url: str, told: str, stands: str) -> None:
    name = sa.make_url(database_url).database
    db = open_database(database_url)
    with db.write() as conn:
        conn.execute(sa.text(f'ALTER DATABASE "{name}" SET synchronous_commit = {told}'))
    db.dispose()  # it counts for whoever connects from now on
    with db.read() as conn:
        waits = conn.scalar(sa.text("SHOW synchronous_commit"))
    db.dispose()
    assert waits == stands


@pytest.mark.parametrize(
    ("version", "is_sound"),
    [
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_versions_with_the_wal_reset_bug_are_known(version: tuple[int, ...], is_sound: bool) -> None:
    assert is_sound_sqlite(version) is is_sound


def test_an_unsound_sqlite_serves_without_wal_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(database_module, "_sqlite_module", lambda: sqlite3)
    monkeypatch.setattr(database_module, "is_sound_sqlite", lambda _: False)
    with caplog.at_level(logging.WARNING):
        db = open_database(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(db)
    with db.write() as conn:
        assert conn.scalar(sa.text("PRAGMA journal_mode")) == "delete"
        Store(conn).records.add(request(1))
        mark(conn, ["record:1"])
    assert [each.key for each in claim(db, worker="w", limit=9, lease_s=9)] == ["record:1"]
    db.dispose()
    assert [record.message.split(":")[0] for record in caplog.records] == ["sqlite has the WAL-reset bug"]


@ON_SQLITE
def test_a_file_locked_by_another_process_is_trouble_and_passes(
    open_again: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "_BUSY_MS", 20)
    ours, theirs = open_again(), open_again()
    with theirs.write(), pytest.raises(StoreTrouble, match="locked"):
        add(ours, "x")
    add(ours, "x")
    assert names(ours) == ["x"]


@ON_SQLITE
def test_a_full_disk_is_trouble_and_keeps_nothing_of_the_transaction(database: Database) -> None:
    def fill() -> None:
        with database.write() as conn:
            conn.execute(sa.text("PRAGMA max_page_count = 1"))  # never below what is in use
            for n in range(100_000):
                Store(conn).cursors.set(f"{n:0500}", AT)

    with pytest.raises(StoreTrouble, match="full"):
        fill()
    assert names(database) == []


@ON_SQLITE
def test_a_read_only_file_is_trouble(database_url: str) -> None:
    path = database_url.removeprefix("sqlite:///")
    db = open_database(f"sqlite:///file:{path}?mode=ro&uri=true", is_durable=False)
    with pytest.raises(StoreTrouble):
        add(db, "x")
    db.dispose()


def test_a_file_that_cannot_be_opened_is_trouble(tmp_path: Path) -> None:
    db = open_database(f"sqlite:///{tmp_path / 'no such folder' / 'x.db'}")
    with pytest.raises(StoreTrouble, match="unable to open"):
        names(db)


def test_a_file_that_is_no_database_is_trouble(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database " * 100)
    db = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(StoreTrouble, match="not a database"):
        names(db)


def test_a_mistake_of_ours_is_not_taken_for_trouble(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError), database.read() as conn:
        conn.execute(sa.text("SELECT * FROM no_such_table"))
    with pytest.raises(sa.exc.IntegrityError), database.write() as conn:
        conn.execute(ADD, [{"name": "a", "at": "2026-01-01"}, {"name": "a", "at": "2026-01-01"}])


@ON_POSTGRES
def test_a_cut_connection_is_trouble_and_the_next_transaction_works(database: Database) -> None:
    def is_cut() -> None:
        with database.write() as conn:
            Store(conn).cursors.set("lost", AT)
            pid = conn.scalar(sa.text("SELECT pg_backend_pid()"))
            with database.write() as other:
                other.execute(sa.text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    with pytest.raises(StoreTrouble):
        is_cut()
    add(database, "kept")
    assert names(database) == ["kept"]


def test_a_server_that_is_not_there_is_trouble() -> None:
    db = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(StoreTrouble):
        names(db)


@ON_POSTGRES
def test_a_deadlock_is_trouble_and_not_the_end(database: Database) -> None:
    both = threading.Barrier(2)

    def take(first: str, second: str) -> bool:
        try:
            with database.write() as conn:
                conn.execute(sa.text("SET LOCAL deadlock_timeout = '50ms'"))
                Store(conn).cursors.set(first, AT)
                both.wait(10)
                Store(conn).cursors.set(second, AT)
        except StoreTrouble:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        outcomes = [pool.submit(take, "a", "b"), pool.submit(take, "b", "a")]
        assert sorted(each.result(30) for each in outcomes) == [False, True]


@ON_POSTGRES
def test_a_stopped_replica_cannot_hold_a_row_for_ever(database: Database) -> None:
    with database.read() as conn:
        settings = {
            name: conn.scalar(sa.text(f"SHOW {name}"))
            for name in ("lock_timeout", "idle_in_transaction_session_timeout", "transaction_isolation")
        }
    assert settings == {
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "1min",
        "transaction_isolation": "read committed",
    }


@ON_SQLITE
def test_reading_before_writing_never_meets_a_busy_database(open_again: Callable[[], Database]) -> None:
    """With a plain BEGIN, two connections that read and then write fail each other by the thousand."""
    with open_again().write() as conn:
        Store(conn).records.add(request(1, clock_paused_days=0))

    def count_up(db: Database) -> None:
        for _ in range(25):
            with db.write() as conn:
                days = conn.scalar(sa.text("SELECT clock_paused_days FROM record"))
                conn.execute(sa.text("UPDATE record SET clock_paused_days = :days"), {"days": days + 1})

    databases = [open_again(), open_again()]  # each with a queue of its own, as two processes have
    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(count_up, db) for db in databases * 2]:
            each.result(60)
    with databases[0].read() as conn:
        assert Store(conn).records.get([uid(1)])[uid(1)].clock_paused_days == 100


@ON_SQLITE
def test_a_thread_that_waits_for_itself_is_told_so(database: Database) -> None:
    with database.write(), pytest.raises(RuntimeError, match="this thread already writes"):
        add(database, "x")
    add(database, "y")
    assert names(database) == ["y"]


def waiting_threads(lock: FairLock, count: int) -> Iterator[None]:
    while len(lock._queue) < count:
        yield


def test_writers_are_served_in_the_order_in_which_they_came() -> None:
    lock, order = FairLock(), list[int]()

    def write(n: int) -> None:
        with lock:
            order.append(n)

    with ThreadPoolExecutor(20) as pool:
        with lock:
            runs = []
            for n in range(20):
                runs.append(pool.submit(write, n))
                for _ in waiting_threads(lock, n + 1):
                    threading.Event().wait(0.001)
        for each in runs:
            each.result(10)
    assert order == list(range(20))


class Interrupting:
    """A place in the queue at which Ctrl-C arrives."""

    def acquire(self) -> None:
        raise KeyboardInterrupt

    def release(self) -> None:
        """Handed the turn after it has gone."""


class Sleeping:
    """A thread that was given the turn and has not woken up yet."""

    def release(self) -> None:
        """Told that it is its turn."""


def test_nobody_slips_in_while_the_turn_passes_to_the_next() -> None:
    lock, entered = FairLock(), list[str]()

    def late_comer() -> None:
        with lock:
            entered.append("late comer")

    lock.__enter__()
    lock._queue.append(Sleeping())  # type: ignore[arg-type]  # stands in for a lock
    lock.__exit__(None, None, None)
    with ThreadPoolExecutor(1) as pool:
        run = pool.submit(late_comer)
        while not (entered or lock._queue):
            threading.Event().wait(0.001)
        assert entered == []
        lock.__exit__(None, None, None)
        run.result(10)
    assert entered == ["late comer"]


@pytest.mark.parametrize("is_handed_over", [False, True])
def test_an_interrupted_writer_does_not_block_the_others(is_handed_over: bool) -> None:
    lock, ticket = FairLock(), Interrupting()
    lock.__enter__()
    lock._queue.append(ticket)  # type: ignore[arg-type]  # stands in for a lock
    if is_handed_over:
        lock.__exit__(None, None, None)
    with pytest.raises(KeyboardInterrupt):
        lock._wait(ticket)  # type: ignore[arg-type]  # as above
    if not is_handed_over:
        lock.__exit__(None, None, None)
    with lock:
        assert not lock._queue
