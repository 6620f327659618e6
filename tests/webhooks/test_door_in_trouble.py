"""The doors while the database is in trouble: 503 and never 2xx unless it is stored, nothing lost, nothing doubled.

Each trouble begins, is met by a webhook, and ends. Then Jira sends the webhook again, as it does after a 503.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from sync import database as database_module
from sync import journal
from sync.database import open_database
from sync.keys import record_key
from sync.trouble_log import OVER_AFTER_S, TroubleLog
from tests.postgres_proxy import Moment, Proxy, fatal, proxied

from .doors import NOW, UID, add_request, client_of, due_keys, everything, issue_updated, knock

LARGE = issue_updated(padding="x" * 30_000)
"""More than fits into the pages that are there."""
PROBED_AGAIN = timedelta(seconds=5)


class Place:
    """A database that the service uses, and ways to get at it that the service does not have."""

    def __init__(self, real_url: str, service_url: str, proxy: Proxy | None = None) -> None:
        self.real_url = real_url
        self.service = open_database(service_url)
        self.proxy = proxy
        self.now = NOW

    @property
    def file(self) -> Path:
        return Path(self.real_url.removeprefix("sqlite:///"))

    @property
    def line(self) -> Proxy:
        assert self.proxy is not None
        return self.proxy

    @contextmanager
    def elsewhere(self) -> Iterator[sa.Connection]:
        """A connection of somebody else."""
        address = self.real_url.replace("postgresql:", "postgresql+psycopg:")
        engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as conn:
            yield conn

    def run(self, *statements: str) -> None:
        with self.elsewhere() as conn:
            for statement in statements:
                conn.exec_driver_sql(statement)


Trouble = Callable[[Place], AbstractContextManager[None]]

HOLD = """
import sqlite3, sys
c = sqlite3.connect(sys.argv[1], isolation_level=None)
c.execute("BEGIN IMMEDIATE")
print("held", flush=True); sys.stdin.read()
"""


@contextmanager
def locked(place: Place) -> Iterator[None]:
    """Another process is in the middle of a long write."""
    command = [sys.executable, "-c", HOLD, str(place.file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        yield
        other.stdin.close()


@contextmanager
def vanished(place: Place) -> Iterator[None]:
    aside = place.file.with_suffix(".aside")
    place.file.rename(aside)
    yield
    assert not place.file.exists(), "no empty database was made in its place"
    aside.rename(place.file)


@contextmanager
def replaced(place: Place) -> Iterator[None]:
    aside = place.file.with_suffix(".aside")
    shutil.copyfile(place.file, place.file.with_suffix(".other"))
    place.file.rename(aside)
    place.file.with_suffix(".other").rename(place.file)
    yield
    aside.rename(place.file)


@contextmanager
def folder_vanished(place: Place) -> Iterator[None]:
    folder = place.file.parent
    folder.rename(folder.with_suffix(".aside"))
    yield
    folder.with_suffix(".aside").rename(folder)


@contextmanager
def read_only(place: Place) -> Iterator[None]:
    """Remounted read-only after an error, say; what SQLite does then is simulated by a pragma."""

    def begin(conn: sa.Connection) -> None:
        conn.exec_driver_sql("PRAGMA query_only = ON")

    sa.event.listen(place.service.engine, "begin", begin)
    yield
    sa.event.remove(place.service.engine, "begin", begin)


@contextmanager
def used_up(place: Place) -> Iterator[None]:
    """Every connection that there may be is in use."""
    with ExitStack() as stack:
        for _ in range(30):
            stack.enter_context(place.service.engine.connect())
        yield


@contextmanager
def table_locked(place: Place) -> Iterator[None]:
    """Somebody rewrites the tables, as VACUUM FULL does."""
    with place.elsewhere() as conn, conn.execution_options(isolation_level="READ COMMITTED").begin():
        conn.exec_driver_sql("LOCK TABLE delivery, work, cursor IN ACCESS EXCLUSIVE MODE")
        yield


OTHERS_END = """
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
WRITTEN = ("delivery", "work", "cursor")


def refusing(sqlstate: str, message: str) -> Trouble:
    """The server says this to each write; a trigger does, in its place."""

    @contextmanager
    def trouble(place: Place) -> Iterator[None]:
        place.run(
            f"""CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION '{message}' USING ERRCODE = '{sqlstate}'; END $$""",
            *(f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {t} EXECUTE FUNCTION refuse()" for t in WRITTEN),
        )
        yield
        place.run(*(f"DROP TRIGGER refuse ON {t}" for t in WRITTEN), "DROP FUNCTION refuse")

    return trouble


@contextmanager
def down(place: Place) -> Iterator[None]:
    place.line.refuses_with = b""
    place.line.cut()
    yield
    place.line.refuses_with = None


def answering(sqlstate: str, message: str) -> Trouble:
    @contextmanager
    def trouble(place: Place) -> Iterator[None]:
        place.line.refuses_with = fatal(sqlstate, message)
        place.line.cut()
        yield
        place.line.refuses_with = None

    return trouble


TROUBLES: dict[str, dict[str, Trouble]] = {
    "sqlite": {
        "locked by another process": locked,
        "the file vanished": vanished,
        "the file was replaced": replaced,
        "its folder vanished": folder_vanished,
        "read-only": read_only,
        "every connection in use": used_up,
    },
    "postgres": {
        "tables locked": table_locked,
        "read-only": refusing("25006", "cannot execute INSERT in a read-only transaction"),
        "a standby": refusing("0A000", "cannot set transaction read-write mode during recovery"),
        "disk full": refusing("53100", "could not extend file: No space left on device"),
        "out of memory": refusing("53200", "out of memory"),
        "shutting down": refusing("57P01", "terminating connection due to administrator command"),
        "down": down,
        "starting up": answering("57P03", "the database system is starting up"),
        "too many connections": answering("53300", "sorry, too many clients already"),
        "every connection in use": used_up,
    },
}


@pytest.fixture
def place(database_url: str, backend: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Waits are cut short: how long they are is told by the settings, not by a test that sits them out."""
    monkeypatch.setattr(database_module, "_BUSY_MS", 20)
    monkeypatch.setattr(database_module, "_POOL_WAIT_S", 0.02)
    options = database_module._POSTGRES_OPTIONS.replace("lock_timeout=10s", "lock_timeout=50ms")
    monkeypatch.setattr(database_module, "_POSTGRES_OPTIONS", options)
    with ExitStack() as stack:
        if backend == "sqlite":
            folder = tmp_path / "register"
            folder.mkdir()
            url = f"sqlite:///{shutil.copy(database_url.removeprefix('sqlite:///'), folder)}"
            one = Place(url, url)
        else:
            proxy = stack.enter_context(proxied(database_url))
            one = Place(database_url, proxy.url, proxy)
        add_request(one.service)
        yield one
        one.service.dispose()


@pytest.fixture
def client(place: Place) -> FlaskClient:
    return client_of(place.service, now=lambda: place.now)


def cases() -> list[object]:
    return [pytest.param(backend, name, id=f"{backend}-{name}") for backend, all_ in TROUBLES.items() for name in all_]


@pytest.mark.parametrize(("backend", "name"), cases())
def test_nothing_is_taken_that_is_not_stored_and_what_comes_again_is_taken_once(
    place: Place, client: FlaskClient, backend: str, name: str
) -> None:
    knock(client, issue_updated("5"), delivery="before")
    before = everything(place.service)
    with TROUBLES[backend][name](place):
        for _ in range(3):
            answer = knock(client, LARGE)
            assert (answer.status_code, answer.text) == (503, "not_stored")
            assert int(answer.headers["Retry-After"]) > 0
        assert knock(client, LARGE, secret=None).status_code == 401
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
    assert everything(place.service) == before
    assert [knock(client, LARGE).status_code for _ in range(2)] == [202, 200]
    assert due_keys(place.service)[record_key(UID)] == 0
    assert len(everything(place.service)["delivery"]) == 2
    place.now += PROBED_AGAIN
    assert client.get("/readyz").status_code == 200
    with place.service.read() as conn:
        assert journal.verify(conn) is None


@pytest.mark.parametrize("backend", ["postgres"])
@pytest.mark.parametrize(("moment", "again"), [("before", 202), ("after", 200)])
def test_a_connection_cut_in_the_middle_of_commit_is_not_taken_for_success_nor_for_failure(
    place: Place, client: FlaskClient, moment: Moment, again: int
) -> None:
    """Nobody on our side can know whether it counted. The sender is asked to come again, and is then told."""
    knock(client, issue_updated("5"), delivery="before")
    place.line.cuts_at_commit = moment
    assert knock(client, issue_updated()).status_code == 503
    assert place.line.cuts_at_commit is None, "it was cut"
    assert [knock(client, issue_updated()).status_code for _ in range(2)] == [again, 200]
    assert len(everything(place.service)["delivery"]) == 2
    assert record_key(UID) in due_keys(place.service)


@pytest.mark.parametrize("backend", ["postgres"])
def test_a_server_that_was_restarted_between_two_webhooks_is_not_noticed(place: Place, client: FlaskClient) -> None:
    assert knock(client, issue_updated()).status_code == 202
    place.run(OTHERS_END)
    assert knock(client, issue_updated("5"), delivery="after").status_code == 202


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_file_that_vanishes_while_a_webhook_is_written_to_it_has_not_taken_it(
    place: Place, client: FlaskClient
) -> None:
    knock(client, issue_updated("5"), delivery="before")
    aside = place.file.with_suffix(".aside")

    def vanish(_: sa.Connection) -> None:
        place.file.rename(aside)

    sa.event.listen(place.service.engine, "commit", vanish, once=True)
    assert knock(client, issue_updated()).status_code == 503
    assert not place.file.exists()


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_disk_that_is_really_full_takes_nothing_and_then_all(place: Place, tmp_path: Path, backend: str) -> None:
    """A file system of 2 MB with the register on it, filled up to the last block."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]).returncode:
        pytest.skip("only root can mount a small file system")
    try:
        url = f"sqlite:///{shutil.copy(place.file, disk)}"
        full = Place(url, url)
        client = client_of(full.service, now=lambda: full.now)
        assert knock(client, issue_updated("5"), delivery="before").status_code == 202
        before = everything(full.service)
        filler = disk / "filler"
        with pytest.raises(OSError, match="No space left"):
            filler.write_bytes(b"x" * 4 * 1024 * 1024)
        assert [knock(client, LARGE).status_code for _ in range(3)] == [503] * 3
        assert everything(full.service) == before
        filler.unlink()
        assert [knock(client, LARGE).status_code for _ in range(2)] == [202, 200]
        full.service.dispose()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_an_hour_of_trouble_is_one_line_of_the_log_and_its_end_another(caplog: pytest.LogCaptureFixture) -> None:
    seconds = [0.0]
    told = TroubleLog(lambda: seconds[0])
    with caplog.at_level(logging.INFO, logger="sync.trouble_log"):
        told.served()
        for _ in range(3_600):
            told.failed(OSError("locked"))
            seconds[0] += 0.5
            told.served()  # of a full disk, what changes nothing
            seconds[0] += 0.5
        assert [record.message for record in caplog.records] == ["database in trouble"]
        seconds[0] += OVER_AFTER_S
        told.served()
        told.served()
    assert [record.message for record in caplog.records][1:] == ["database serves again"]
    assert vars(caplog.records[1])["times"] == 3_600


@pytest.mark.parametrize("backend", ["sqlite"])
def test_each_webhook_that_cannot_be_stored_is_one_line_with_the_reason(
    place: Place, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), vanished(place):
        for number in range(5):
            knock(client, issue_updated(), delivery=f"d-{number}")
        client.get("/readyz")
        client.get("/metrics")
    lines = [(record.message, vars(record).get("outcome")) for record in caplog.records]
    assert sorted(lines, key=str) == [("database in trouble", None)] + [("webhook", "not_stored")] * 5
    assert all("moved, deleted or replaced" in vars(record)["error"] for record in caplog.records)
    assert not any(record.exc_info for record in caplog.records)


def test_being_asked_a_thousand_times_whether_it_is_ready_writes_one_row(place: Place, client: FlaskClient) -> None:
    assert {client.get("/readyz").status_code for _ in range(50)} == {200}
    written = everything(place.service)["cursor"]
    place.now += PROBED_AGAIN / 2
    client.get("/readyz")
    assert everything(place.service)["cursor"] == written
    place.now += PROBED_AGAIN
    client.get("/readyz")
    after = everything(place.service)["cursor"]
    assert (len(after), after != written) == (1, True)
