"""The one door to the database: SQLite in a file by default, PostgreSQL when several processes share it.

What differs between the two stands here and in `sync.upsert`, nowhere else. The law: every writing transaction on
SQLite is BEGIN IMMEDIATE and waits its turn in one queue; the clock is the database's; what a transaction keeps for
its end (`at_end`) is written last, in one fixed order, so that transactions lock the rows they fight over in the same
order and briefly.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import Connection, Engine, event, exc, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from .bell import Bell
from .fair_lock import FairLock
from .sqlite_file import OtherFile, SqliteFile
from .trouble_log import TroubleLog

Clock = Callable[[], datetime]
Flush = Callable[[Connection, list[Any]], None]

log = logging.getLogger(__name__)

_BUSY_MS = 5_000
_POOL_WAIT_S = 10
_WRITES, _CLOCK, _ENDING, _NEWS = "tieout_writes", "tieout_clock", "tieout_ending", "tieout_news"
_SQLITE_NOW = text("SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')")
_POSTGRES_NOW = text("SELECT clock_timestamp()")  # now() would be when the transaction began
# A replica that was stopped in the middle of a transaction must not hold the others' rows for ever.
_POSTGRES_OPTIONS = "-c timezone=UTC -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
# What was answered 202 must outlast a power failure. Stronger settings, for standbys, are the administrator's.
_POSTGRES_DURABLE = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
)
# A server that vanishes without a word (a pulled cable, a failover) is given up within a minute, not after two hours.
_POSTGRES_ALIVE = {
    "keepalives": 1,
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 50_000,
}


class StoreTrouble(Exception):
    """The database is locked, full, read-only or not reachable: try again later, answer 503 meanwhile.

    Nothing was kept, with one exception: when the connection was cut during COMMIT nobody knows. What is repeated
    after this error must therefore be safe to do twice.
    """


class Database:
    """An open database. `clock` replaces the database's own clock and is for tests in virtual time only."""

    def __init__(self, engine: Engine, *, clock: Clock | None = None, file: SqliteFile | None = None) -> None:
        self.engine = engine
        self.url = engine.url.render_as_string(hide_password=False)
        self.bell = Bell()
        self._clock = clock
        self._file = file
        self._trouble_log = TroubleLog(time.monotonic)
        self._turn: AbstractContextManager[None] = nullcontext() if is_postgres(engine) else FairLock()

    def __repr__(self) -> str:
        return f"Database({self.engine.url!r})"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write: committed at the end of the block, rolled back on any error."""
        with self._turn, self._trouble():
            with self._begin(writes=True) as conn:
                yield conn
                _finish_up(conn)
            if self._file is not None:
                self._file.expect()
        if conn.get_execution_options()[_NEWS]:
            self.bell.ring()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction in which the database refuses to write."""
        with self._trouble(), self._begin(writes=False) as conn:
            yield conn

    def now(self, conn: Connection) -> datetime:
        """The time of the database's clock, aware, in UTC."""
        return now(conn)

    def dispose(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        """Tells what the database could not do as StoreTrouble, and when that begins and is over in the log."""
        try:
            yield
        except (exc.DBAPIError, exc.TimeoutError, OtherFile) as error:
            if not is_trouble(error):
                raise
            cause = error.orig if isinstance(error, exc.DBAPIError) else error
            if getattr(cause, "sqlstate", None) in _POSTGRES_READ_ONLY:
                self.engine.dispose()  # these connections lead to what was the master once
            trouble = StoreTrouble(f"the database cannot serve now: {str(cause).strip()}")
            self._trouble_log.failed(trouble)
            raise trouble from error
        self._trouble_log.served()

    @contextmanager
    def _begin(self, *, writes: bool) -> Iterator[Connection]:
        with self.engine.connect() as conn:
            conn.execution_options(**{_WRITES: writes, _CLOCK: self._clock, _ENDING: {} if writes else None, _NEWS: []})
            if not writes and is_postgres(conn):
                conn.execution_options(postgresql_readonly=True)
            with conn.begin():
                yield conn


def open_database(url: str, *, clock: Clock | None = None, is_durable: bool = True) -> Database:
    """Open `sqlite:////path/to/file.db` or `postgresql://user@host/name`; makes no tables (see `sync.migrations`).

    `clock`, and `is_durable=False` (no commit waits for the disk), are for tests only. Raises ValueError for any
    other address; connects only when it is first used.
    """
    address = make_url(url)
    backend = address.get_backend_name()
    if backend in ("postgres", "postgresql"):
        return Database(_postgres(address, is_durable=is_durable), clock=clock)
    if backend == "sqlite" and address.database not in (None, "", ":memory:"):
        file = SqliteFile(address)
        return Database(_sqlite(address, file, is_durable=is_durable), clock=clock, file=file)
    raise ValueError(
        f"expected sqlite:///<file> or postgresql://<user>@<host>/<name>, got {address!r}: mend the database's address"
    )


def is_postgres(bind: Engine | Connection) -> bool:
    return bind.dialect.name == "postgresql"


def now(conn: Connection) -> datetime:
    """As `Database.now`, for code that holds only a connection."""
    clock = cast("Clock | None", conn.get_execution_options().get(_CLOCK))
    if clock is not None:
        return clock().astimezone(UTC)
    if is_postgres(conn):
        return cast("datetime", conn.scalar(_POSTGRES_NOW)).astimezone(UTC)
    return datetime.fromisoformat(cast("str", conn.scalar(_SQLITE_NOW)))


def at_end(conn: Connection, rank: int, flush: Flush, item: object) -> None:
    """Keep `item` until just before this transaction commits; then `flush` gets all of its items at once.

    Lower ranks go first. Every transaction of every replica so takes the rows that all of them share in one order.
    """
    ending = cast("dict[tuple[int, Flush], list[Any]] | None", conn.get_execution_options().get(_ENDING))
    if ending is None:
        raise RuntimeError("expected a connection of db.write(), got one that cannot write: open a writing transaction")
    ending.setdefault((rank, flush), []).append(item)


def announce(conn: Connection) -> None:
    """Have the bell rung once this transaction has committed: it makes something due."""
    cast("list[None]", conn.get_execution_options()[_NEWS]).append(None)


def _finish_up(conn: Connection) -> None:
    ending: dict[tuple[int, Flush], list[Any]] = conn.get_execution_options()[_ENDING]
    for (_, flush), items in sorted(ending.items(), key=lambda entry: entry[0][0]):
        flush(conn, items)


# SQLite's primary result codes: busy, locked, out of memory, read-only, I/O, corrupt, full, cannot open, protocol,
# not a database.
_SQLITE_TROUBLE = frozenset({5, 6, 7, 8, 10, 11, 13, 14, 15, 26})
# PostgreSQL's classes: connection, rollback (deadlock, serialization), resources, lock not available, operator, system.
_POSTGRES_READ_ONLY = ("25006", "0A000")  # the latter is what a standby says to BEGIN READ WRITE
_POSTGRES_TROUBLE = ("08", "40", "53", "55", "57", "58", "25P03", *_POSTGRES_READ_ONLY)


def is_trouble(error: Exception) -> bool:
    """Whether the database, not the statement, is what went wrong."""
    if isinstance(error, exc.TimeoutError | OtherFile):
        return True
    if not isinstance(error, exc.DBAPIError):
        return False
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _SQLITE_TROUBLE
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_POSTGRES_TROUBLE)
    return error.connection_invalidated or (isinstance(error, exc.OperationalError) and hasattr(error.orig, "sqlstate"))


def is_sound_sqlite(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug, which can lose commits (https://sqlite.org/wal.html)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _postgres(address: URL, *, is_durable: bool) -> Engine:
    engine = sa.create_engine(
        address.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        pool_size=10,
        max_overflow=20,
        pool_timeout=_POOL_WAIT_S,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 10, "options": _POSTGRES_OPTIONS, **_POSTGRES_ALIVE},
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _: object) -> None:
        if is_durable:
            connection.cursor().execute(_POSTGRES_DURABLE)
            connection.commit()

    return engine


def _sqlite(address: URL, file: SqliteFile, *, is_durable: bool) -> Engine:
    module = _sqlite_module()
    is_sound = is_sound_sqlite(module.sqlite_version_info)
    if not is_sound:
        log.warning(
            "sqlite has the WAL-reset bug: slower rollback journal used; install pysqlite3>=0.6.1 or a newer sqlite",
            extra={"sqlite_version": module.sqlite_version},
        )
    engine = sa.create_engine(
        address.set(drivername="sqlite"), module=module, pool_size=10, max_overflow=20, pool_timeout=_POOL_WAIT_S
    )
    pragmas = (
        f"busy_timeout={_BUSY_MS}",
        f"journal_mode={'WAL' if is_sound else 'DELETE'}",
        f"synchronous={'FULL' if is_durable else 'OFF'}",
        "foreign_keys=ON",
    )

    @event.listens_for(engine, "do_connect")
    def look_before_it_is_opened(*_: object) -> None:
        file.expect()

    @event.listens_for(engine, "connect")
    def set_up(connection: DBAPIConnection, _: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        file.is_open()

    @event.listens_for(engine, "begin")
    def begin(conn: Connection) -> None:
        file.expect()
        writes = conn.get_execution_options().get(_WRITES, True)
        if conn.info.get(_WRITES) is not writes:  # it stays with the connection
            conn.exec_driver_sql(f"PRAGMA query_only={'OFF' if writes else 'ON'}")
            conn.info[_WRITES] = writes
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _sqlite_module() -> Any:
    """The wheel's SQLite where it is installed, else the one Python came with."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    return dbapi2
