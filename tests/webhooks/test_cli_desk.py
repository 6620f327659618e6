"""The coordinator's commands: what they keep in the register and the journal, what they print, how they end."""

from __future__ import annotations

import getpass
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mappings.records import (
    Link,
    LinkRole,
    LinkState,
)
from sync import journal, work
from sync.database import Database
from sync.keys import record_key
from sync.store import Store

from .coordinators_desk import (
    AT,
    DUE,
    OTHER,
    TASK,
    UID,
    Run,
    add_everything,
    change,
    due_keys,
    last,
    read,
    refused,
)
from .mapping_files import GOOD


def test_a_withdrawal_is_kept_journaled_and_due_at_once(run: Run, register: Database) -> None:
    result = run("request", "withdraw", "R-001", "--reason", "Out of scope.")
    assert result.exit_code == 0
    assert result.output.splitlines()[:2] == ["R-001: in progress -> withdrawn", "  R-001/1 is cancelled"]
    assert (read(register).status, read(register, TASK).status) == ("withdrawn", "cancelled")
    entry = last(register)
    assert (entry.who, entry.what, entry.before, entry.after, entry.why) == (
        getpass.getuser(), "status", "in_progress", "withdrawn", "Out of scope.",
    )  # fmt: skip
    assert due_keys(register) == [record_key(UID), record_key(TASK)]


def test_what_the_lifecycle_forbids_is_refused_and_changes_nothing(run: Run, register: Database) -> None:
    change(register, UID, status="accepted")
    before = read(register)
    refused(run("request", "withdraw", "R-001", "--reason", "x"), "R-001: ")
    refused(run("request", "reopen", "R-001", "--reason", "x"), "return: reason")
    refused(run("request", "due", "R-001", "2099-12-20"), "no date is open")
    refused(run("request", "grant", "R-001"), "no date is open")
    assert read(register) == before
    assert due_keys(register) == []


def test_without_a_reason_only_a_proposed_withdrawal_is_made(run: Run, register: Database) -> None:
    refused(run("request", "withdraw", "R-001"), "needs a reason")
    change(register, UID, is_proposed_withdrawn=True)
    assert run("request", "withdraw", "R-001").exit_code == 0
    assert last(register).why == "It is gone from the auditor's list."


def test_all_proposed_withdrawals_are_made_after_asking(run: Run, register: Database) -> None:
    for uid in (UID, OTHER):
        change(register, uid, is_proposed_withdrawn=True)
    assert run("request", "withdraw", "--all-proposed", answer="n\n").exit_code == 1
    assert read(register).status == "in_progress"
    result = run("request", "withdraw", "--all-proposed", answer="y\n")
    assert "Withdraw R-001, R-010, for good?" in result.output
    assert [read(register, uid).status for uid in (UID, OTHER)] == ["withdrawn", "withdrawn"]
    assert "Nothing in soc2" in run("request", "withdraw", "--all-proposed").output


def test_one_that_cannot_be_withdrawn_does_not_hold_up_the_others_and_is_told(run: Run, register: Database) -> None:
    change(register, UID, is_proposed_withdrawn=True, status="accepted")
    change(register, OTHER, is_proposed_withdrawn=True)
    result = run("request", "withdraw", "--all-proposed", "--yes")
    assert result.exit_code == 1
    assert "Withdrawn: R-010." in result.output
    assert "1 cannot be withdrawn: R-001: " in result.output
    assert (read(register).status, read(register, OTHER).status) == ("accepted", "withdrawn")


def test_a_proposed_withdrawal_may_be_turned_down(run: Run, register: Database) -> None:
    change(register, UID, is_proposed_withdrawn=True)
    assert run("request", "reinstate", "R-001", "--reason", "Still wanted.").exit_code == 0
    assert not read(register).is_proposed_withdrawn
    assert (last(register).what, last(register).why) == ("no longer proposed as withdrawn", "Still wanted.")
    refused(run("request", "reinstate", "R-001"), "not proposed")
    refused(run("request", "reinstate", "R-001/1"), "name its request, R-001")


def test_what_does_not_apply_is_opened_again(run: Run, register: Database) -> None:
    change(register, UID, status="not_applicable")
    change(register, TASK, status="cancelled")
    assert run("request", "reopen", "R-001", "--reason", "A new system.").exit_code == 0
    assert (read(register).status, read(register, TASK).status) == ("open", "todo")


def test_a_later_date_is_granted_or_refused_by_the_tasks_number(run: Run, register: Database) -> None:
    for act, due in (("refuse", DUE), ("grant", date(2100, 1, 20))):
        change(register, TASK, extension_on=date(2100, 1, 20))
        result = run("request", act, "R-001/1", "--reason", "as agreed")
        assert result.exit_code == 0
        assert (read(register, TASK).due_on, read(register, TASK).extension_on) == (due, None)
        assert (last(register, TASK).who, last(register, TASK).why) == (getpass.getuser(), "as agreed")
    assert "  R-001 is due 2100-01-20" in result.output
    refused(run("request", "grant", "R-001/1"), "Nobody has asked")


def test_a_date_is_set_and_one_past_the_auditors_is_pointed_out(run: Run, register: Database) -> None:
    assert run("request", "due", "R-001", "2099-12-10").output.splitlines()[0] == "R-001: due 2099-12-14 -> 2099-12-10"
    assert (read(register).due_on, read(register, TASK).due_on) == (date(2099, 12, 10), date(2099, 12, 10))
    assert "later than the auditor's date, 2099-12-14" in run("request", "due", "R-001/1", "2099-12-24").output


def test_a_number_that_is_not_there_brings_the_near_ones(run: Run, register: Database) -> None:
    refused(run("request", "show", "r-01"), "audit soc2 has no request or task r-01; near it are R-001")
    refused(run("request", "withdraw", "ZZZ", "--reason", "x"), "it has 3 others")


def test_a_register_without_requests_says_what_comes_first(run: Run, register: Database, environ: Any) -> None:
    Path(environ["TIEOUT_CONFIG"]).write_text(GOOD.replace("audit.soc2", "audit.soc3"))
    refused(run("request", "show", "R-001"), "audit soc3 has no requests yet", "tieout import")


def test_where_there_are_several_audits_one_must_be_named(run: Run, register: Database, environ: Any) -> None:
    second = (
        GOOD[GOOD.index("[audit.soc2]") : GOOD.index("[[audit.soc2.routes]]")]
        .replace("soc2", "soc3")
        .replace("SOC2", "SOC3")
    )
    Path(environ["TIEOUT_CONFIG"]).write_text(GOOD + second)
    refused(run("request", "show", "R-001"), "--audit: soc2, soc3")
    assert run("request", "show", "R-001", "--audit", "soc2").exit_code == 0


# One request in full.


def test_a_request_is_shown_with_everything_that_hangs_on_it(run: Run, register: Database) -> None:
    add_everything(register)
    lines = run("request", "show", "R-001/1").output.splitlines()
    for line in (
        "R-001  Access list",
        "  state      in progress",
        "  due        2099-12-14",
        "  owner      Olga <olga@acme.example>",
        "  reviewer   nobody",
        "  R-001/1  in progress, Olga <olga@acme.example>, due 2099-12-14",
        "  users.csv v1, 10 bytes for R-001/1, inside the company",
        f"    sha256 {'f' * 64}",
        "    by Olga at 2026-03-02 09:00 UTC, from jira",
        "  2026-03-02 09:00 UTC  returned by Ada, page version 7, 1 file: ends in June",
        "  R-001 issue  AUD-1  https://acme.example/browse/AUD-1  (in step, last written 2026-03-02 09:00 UTC)",
        "  R-001 page  R-001  (detached: it was deleted)",
        "  R-001/1 issue  (not made yet: Refused: field Team is required)",
        "  alert: page R-001 does not answer (since 2026-03-02 09:00 UTC)",
        "       1  2026-03-02 09:00 UTC  R-001/1  Olga: status todo -> in_progress (moved)",
    ):
        assert line in lines, line
    assert any("conflict: R-001 issue:due: ours 2026-01-01, theirs None" in line for line in lines)
    assert any(line.startswith("  dead letter: R-001/1 after 1 attempt: Refused: field Team") for line in lines)
    assert not any("of no request" in line for line in lines)


def test_whom_only_the_mapping_file_knows_is_called_by_name(run: Run, register: Database, environ: Any) -> None:
    known = '[[people]]\nname = "Omar"\nemail = "omar@acme.example"\naccount_id = "acc-omar"\n'
    Path(environ["TIEOUT_CONFIG"]).write_text(f"{GOOD}\n{known}")
    with register.write() as conn:
        journal.append(conn, who="acc-omar", what="due", record=UID, before=None, after="2026-01-01", why="", at=AT)
    for words in (("request", "show", "R-001"), ("journal", "list", "--record", "R-001")):
        assert run(*words).output.rstrip().endswith("R-001  Omar: due 2026-01-01")


def test_the_same_comes_as_json(run: Run, register: Database) -> None:
    add_everything(register)
    told = json.loads(run("request", "show", "R-001", "--format", "json", "--entries", "0").output)
    assert (told["request"]["number"], told["request"]["due_on"]) == ("R-001", "2099-12-14")
    assert told["evidence"][0]["sha256"] == "f" * 64
    assert [(each["number"], each["role"], each["is_in_step"]) for each in told["counterparts"]] == [
        ("R-001", "issue", True), ("R-001", "page", False), ("R-001/1", "issue", False),
    ]  # fmt: skip
    assert (told["dead_letters"][0]["name"], told["journal"]) == ("R-001/1", [])


def test_what_waits_is_not_called_in_step(run: Run, register: Database) -> None:
    with register.write() as conn:
        Store(conn).links.put(Link(UID, LinkRole.ISSUE, LinkState.LIVE, "1", "AUD-1", agreed_at=AT))
        work.mark(conn, [record_key(UID)])
    assert "  R-001 issue  AUD-1  (waits for its turn)" in run("request", "show", "R-001").output.splitlines()


def test_text_from_outside_cannot_drive_the_terminal(run: Run, register: Database) -> None:
    change(register, UID, title="\x1b[2Jgone\x07 \x9b31m\u202e", reason="a\nstate      accepted")
    output = run("request", "show", "R-001").output
    assert not [sign for sign in output if not sign.isprintable() and sign != "\n"]
    assert "\nstate" not in output


# Dead letters.


@pytest.mark.parametrize(
    "words",
    [
        ("request", "withdraw"),
        ("request", "withdraw", "R-001", "--all-proposed"),
        ("request", "reopen", "R-001"),
        ("request", "due", "R-001", "01/02/2026"),
        ("links", "mend", "R-001", "--issue", "A-1", "--page", "2"),
        ("conflicts", "settle", "R-001"),
        ("dead-letters", "drop", "R-001"),
        ("dead-letters", "replay"),
        ("dead-letters", "drop", "--all", "--reason", " "),
        ("alerts", "clear"),
        ("export", "nowhere.csv", "-o", "x.csv"),
    ],
)
def test_a_wrong_call_ends_with_2(run: Run, register: Database, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Usage:" in result.output
