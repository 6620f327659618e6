"""The command line: each command on a real register, what it prints and how it ends."""

import io
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mappings.records import Kind, Link, LinkRole, LinkState, Record
from sync import journal, work
from sync.database import Database, open_database
from sync.keys import record_key
from sync.store import Conflict, Store
from webhooks.cli import tieout
from webhooks.wiring import Wiring

from .doors import NOW
from .test_rules_file import GOOD

Run = Callable[..., Result]
UID, TASK = "a" * 32, "b" * 32


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A new installation: a mapping file, and no database yet."""
    (tmp_path / "tieout.toml").write_text(GOOD)
    return {
        "TIEOUT_CONFIG": str(tmp_path / "tieout.toml"),
        "TIEOUT_DATABASE_URL": f"sqlite:///{tmp_path}/var/tieout.db",
        "TIEOUT_EVIDENCE_DIR": str(tmp_path / "var" / "evidence"),
    }


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    """Run a command and look at what came: `run("status", "--format", "json")`."""

    def run(*words: str) -> Result:
        return CliRunner().invoke(tieout, words, obj=Wiring(environ, io.StringIO()), catch_exceptions=False)

    return run


@pytest.fixture
def register(run: Run, environ: dict[str, str]) -> Database:
    assert run("db", "upgrade").exit_code == 0
    return open_database(environ["TIEOUT_DATABASE_URL"])


def add_one_of_each_trouble(register: Database) -> None:
    with register.write() as conn:
        store, now = Store(conn), register.now(conn)
        late = Record(UID, Kind.REQUEST, "soc2", "7", "Access list", "open", due_on=date(2026, 1, 5))
        store.records.add(late)
        store.records.add(
            Record(TASK, Kind.TASK, "soc2", "7/1", "Access list", "todo", parent=UID, owner="o@x.example")
        )
        store.links.put(Link(UID, LinkRole.ISSUE, LinkState.DETACHED, "1", detached_reason="it was deleted"))
        store.conflicts.add(Conflict("c" * 32, UID, LinkRole.ISSUE, "due_on", "a", "b", now))
        store.alerts.raise_once("sign-in", "the token of Jira has ended", now)
        work.mark(conn, [record_key(TASK)])


def test_the_first_upgrade_makes_the_register_and_the_second_does_nothing(run: Run, environ: dict[str, str]) -> None:
    assert "are now at" in run("db", "upgrade").output
    assert "are up to date" in run("db", "upgrade").output


@pytest.mark.parametrize("words", [("status",), ("journal", "verify"), ("journal", "list"), ("sync",), ("serve",)])
def test_a_register_that_was_not_upgraded_is_refused(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert "tieout db upgrade" in result.output


def test_status_tells_what_is_late_stuck_or_in_conflict(run: Run, register: Database) -> None:
    add_one_of_each_trouble(register)
    lines = run("status").output.splitlines()
    assert lines == [
        "soc2: 1 requests, 1 tasks",
        "  requests: 1 open",
        "  tasks: 1 todo",
        "  late: 7",
        "  unowned: 7",
        "  detached: 7 (issue: it was deleted)",
        "  conflict: 7 (issue: due_on)",
        "work: 1 due, 0 waiting, 0 under way, 0 dead",
        lines[-1],
    ]
    assert lines[-1].startswith("alert: the token of Jira has ended (since ")


def test_status_as_json_has_the_same(run: Run, register: Database) -> None:
    add_one_of_each_trouble(register)
    told = json.loads(run("status", "--format", "json", "--audit", "soc2").output)
    [audit] = told["audits"]
    assert (audit["late"], audit["conflicts"]) == (["7"], {"7": ["issue: due_on"]})
    assert told["work"]["due"] == 1
    assert told["alerts"][0]["name"] == "sign-in"


def test_an_audit_that_is_not_in_the_mapping_file_is_refused_with_a_hint(run: Run, register: Database) -> None:
    result = run("status", "--audit", "soc3")
    assert result.exit_code == 1
    assert "has no audit 'soc3'; did you mean soc2?" in result.output


def test_the_journal_is_listed_and_verified(run: Run, register: Database) -> None:
    with register.write() as conn:
        for why in ("first", "second"):
            journal.append(
                conn, who="dana", what="moved", record=UID, before="open", after="in_progress", why=why, at=NOW
            )
    assert [line.split()[-1] for line in run("journal", "list").output.splitlines()] == ["first", "second"]
    assert json.loads(run("journal", "list", "--after", "1", "--format", "json").output)["why"] == "second"
    whole = run("journal", "verify")
    head = whole.output.split()[-1]
    assert (whole.exit_code, head.split(":")[0]) == (0, "2")
    assert run("journal", "verify", "--head", head).exit_code == 0


def test_a_journal_that_was_tampered_with_is_told(run: Run, register: Database) -> None:
    with register.write() as conn:
        journal.append(conn, who="dana", what="moved", record=UID, before="a", after="b", why="because", at=NOW)
    with register.write() as conn:
        conn.exec_driver_sql("UPDATE journal SET who = 'nobody'")
    result = run("journal", "verify")
    assert result.exit_code == 1
    assert "entry 1: it was changed after it was written" in result.output


def test_a_journal_that_was_written_anew_is_told_by_a_head_that_was_kept(run: Run, register: Database) -> None:
    result = run("journal", "verify", "--head", f"3:{'0' * 64}")
    assert result.exit_code == 1


@pytest.mark.parametrize(
    "words",
    [
        ("staus",),
        ("status", "--format", "xml"),
        ("journal", "verify", "--head", "x"),
        ("serve", "--only", "mail"),
        ("sandbox", "--port", "-1"),
        ("import",),
    ],
)
def test_a_wrong_call_ends_with_2_and_says_how_to_call(run: Run, register: Database, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Usage:" in result.output


def test_several_processes_are_refused_on_sqlite(run: Run, register: Database) -> None:
    result = run("serve", "--only", "web")
    assert result.exit_code == 1
    assert "PostgreSQL" in result.output


def test_every_problem_of_the_configuration_is_told_without_a_trace(run: Run, environ: dict[str, str]) -> None:
    environ |= {"TIEOUT_LISTEN": "nowhere", "TIEOUT_LOG_LEVEL": "loud"}
    result = run("status")
    assert result.exit_code == 1
    assert result.output.startswith("Error: The environment: 2 to mend")
    assert "Traceback" not in result.output


def test_a_sync_without_a_token_says_what_to_set(run: Run, register: Database) -> None:
    result = run("sync")
    assert result.exit_code == 1
    assert "TIEOUT_JIRA_TOKEN" in result.output
