"""The command line: each command on a real register, what it prints and how it ends."""

import json
import socket
from datetime import date
from pathlib import Path

import pytest

from mappings.records import Kind, Link, LinkRole, LinkState, Record
from sync import journal, work
from sync.database import Database, open_database
from sync.keys import record_key
from sync.store import Conflict, Store

from .coordinators_desk import Run
from .doors import NOW

UID, TASK = "a" * 32, "b" * 32


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
        "  nothing is written yet: nobody was shown its plan; run `tieout plan --audit soc2`",
        "  requests: 1 open",
        "  tasks: 1 todo",
        "  late: 7",
        "  unowned: 7",
        "  detached: 7 (issue: it was deleted)",
        "  conflict: 7 (issue: due_on)",
        "work: 1 due, 0 waiting, 0 under way, 0 failing, 0 dead",
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
    assert [line.split()[-1] for line in run("journal", "list").output.splitlines()] == ["(first)", "(second)"]
    assert json.loads(run("journal", "list", "--after", "1", "--format", "json").output)["why"] == "second"
    whole = run("journal", "verify")
    head = whole.output.split()[-1]
    assert (whole.exit_code, head.split(":")[0]) == (0, "2")
    assert run("journal", "verify", "--head", head).exit_code == 0


def test_the_journal_is_listed_by_the_auditors_number_and_says_what_changed(run: Run, register: Database) -> None:
    add_one_of_each_trouble(register)
    with register.write() as conn:
        for uid, status in ((UID, "in_progress"), (TASK, "blocked")):
            journal.append(conn, who="dana", what="status", record=uid, before="open", after=status, why="", at=NOW)
    for named in ("7/1", TASK):
        (line,) = run("journal", "list", "--record", named).output.splitlines()
        assert line.endswith("7/1  dana: status open -> blocked")
    unknown = run("journal", "list", "--record", "8")
    assert unknown.exit_code == 1
    assert "has no request or task 8" in unknown.output


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


@pytest.fixture
def list_file(tmp_path: Path) -> Path:
    """A list as an auditor sends it."""
    file = tmp_path / "list.csv"
    file.write_text("ID,Title,Owner,Due\n1,Access list,Olga <olga@acme.example>,2026-11-30\n2,Policies,,TBD\n")
    return file


def test_an_import_tells_what_was_done_and_what_was_odd(run: Run, register: Database, list_file: Path) -> None:
    result = run("import", str(list_file), "--audit", "soc2")
    assert result.exit_code == 0
    assert "row 2: 1 created: Access list" in result.output
    assert 'warning: Row 3, column D "Due": No date is given yet' in result.output
    assert result.output.splitlines()[-1] == "Done: 2 created"
    assert "  requests: 2 open" in run("status").output


def test_a_dry_run_shows_the_same_and_does_nothing(run: Run, register: Database, list_file: Path) -> None:
    result = run("import", str(list_file), "--audit", "soc2", "--dry-run")
    assert result.output.splitlines()[-1] == "Would be: 2 created"
    assert "0 requests" in run("status").output


def test_an_import_as_json_has_rows_findings_and_columns(run: Run, register: Database, list_file: Path) -> None:
    told = json.loads(run("import", str(list_file), "--audit", "soc2", "--format", "json").output)
    assert [(row["number"], row["action"]) for row in told["rows"]] == [("1", "created"), ("2", "created")]
    assert told["columns"]["Due"] == "auditor_due_on"
    assert [(finding["level"], finding["row"]) for finding in told["findings"]] == [("warning", 3)]


def test_a_changed_row_shows_before_and_after(run: Run, register: Database, list_file: Path) -> None:
    run("import", str(list_file), "--audit", "soc2")
    list_file.write_text(list_file.read_text().replace("Access list", "Access review").replace("2,Policies,,TBD\n", ""))
    lines = run("import", str(list_file), "--audit", "soc2").output.splitlines()
    assert "    title: 'Access list' -> 'Access review'" in lines
    assert "2 is gone from the list: proposed as withdrawn" in lines


def test_a_question_says_which_option_answers_it(run: Run, register: Database, list_file: Path) -> None:
    list_file.write_text("ID,Title,Due\n1,Access list,03/04/2026\n")
    refused = run("import", str(list_file), "--audit", "soc2")
    assert refused.exit_code == 1
    assert "Answer with --date-order (dmy, mdy)." in refused.output
    assert "nothing was changed" in refused.output
    assert run("import", str(list_file), "--audit", "soc2", "--date-order", "dmy").exit_code == 0


@pytest.mark.parametrize(
    ("headings", "answer", "words"),
    [
        ("ID,Anforderung,Due date", "--column HEADING=title, HEADING being one of: Anforderung.", "Anforderung=title"),
        ("Request,Due date,Lauf", "--column HEADING=number, or with --number-missing, HEADING being", "Lauf=number"),
    ],
)
def test_a_question_about_columns_says_how_it_is_answered(
    run: Run, register: Database, tmp_path: Path, headings: str, answer: str, words: str
) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"{headings}\nA,2026-12-01,2026-12-01\n")
    assert f"Answer with {answer}" in run("import", str(path), "--audit", "soc2").output
    answered = run("import", str(path), "--audit", "soc2", "--column", words, "--dry-run").output
    assert "question" not in answered


def test_a_column_can_be_told(run: Run, register: Database, list_file: Path) -> None:
    list_file.write_text("ID,Title,Whatever\n1,Access list,Please send it\n")
    result = run("import", str(list_file), "--audit", "soc2", "--format", "json", "--column", "Whatever=description")
    assert json.loads(result.output)["columns"]["Whatever"] == "description"


@pytest.mark.parametrize("name", ["list.docx", "list.xlsx"])
def test_a_file_that_is_no_list_is_refused(run: Run, register: Database, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("hello")
    result = run("import", str(tmp_path / name), "--audit", "soc2")
    assert result.exit_code == 1
    assert name in result.output


@pytest.mark.parametrize(
    "words",
    [
        ("staus",),
        ("status", "--format", "xml"),
        ("journal", "verify", "--head", "x"),
        ("serve", "--only", "mail"),
        ("sandbox", "--port", "-1"),
        ("import",),
        ("import", "no-such-file.csv", "--audit", "soc2"),
        ("import", ".", "--audit", "soc2"),
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


def test_a_sandbox_whose_port_is_taken_says_what_to_do(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("sandbox", "--port", str(port))
    assert result.exit_code == 1
    assert f"Error: cannot listen on 127.0.0.1:{port}" in result.output
    assert "--port" in result.output


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
