"""The coordinator's commands: what they keep in the register and the journal, what they print, how they end."""

from __future__ import annotations

import getpass
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from mappings.records import (
    Comment,
    Decision,
    Evidence,
    Kind,
    Link,
    LinkRole,
    LinkState,
    Person,
    Record,
    Side,
    Visibility,
)
from sync import journal, work
from sync.database import Database, open_database
from sync.journal import Entry
from sync.keys import record_key, tell_key
from sync.store import Conflict, Store
from webhooks.cli import tieout
from webhooks.wiring import Wiring

from .test_rules_file import GOOD

Run = Callable[..., Result]
UID, TASK, OTHER = "a" * 32, "b" * 32, "d" * 32
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DUE = date(2099, 12, 14)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "tieout.toml").write_text(GOOD)
    return {
        "TIEOUT_CONFIG": str(tmp_path / "tieout.toml"),
        "TIEOUT_DATABASE_URL": f"sqlite:///{tmp_path}/tieout.db",
        "TIEOUT_EVIDENCE_DIR": str(tmp_path / "evidence"),
    }


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    """Run a command as somebody at a terminal would: `run("request", "show", "R-001")`."""

    def run(*words: str, answer: str = "") -> Result:
        wiring = Wiring(environ, io.StringIO())
        return CliRunner().invoke(tieout, words, obj=wiring, input=answer, catch_exceptions=False)

    return run


@pytest.fixture
def register(run: Run, environ: dict[str, str]) -> Database:
    """A register with one request in work, its task, and another request."""
    assert run("db", "upgrade").exit_code == 0
    register = open_database(environ["TIEOUT_DATABASE_URL"])
    request = Record(
        UID, Kind.REQUEST, "soc2", "R-001", "Access list", "in_progress", due_on=DUE, auditor_due_on=DUE,
        owner="olga@acme.example",
    )  # fmt: skip
    with register.write() as conn:
        store = Store(conn)
        store.people.put(Person("olga@acme.example", "Olga", "olga@acme.example", "acc-olga"))
        store.records.add(request)
        store.records.add(
            replace(request, uid=TASK, kind=Kind.TASK, number="R-001/1", status="in_progress", parent=UID)
        )
        store.records.add(replace(request, uid=OTHER, number="R-010", title="Policies", status="open"))
    return register


def change(register: Database, uid: str, **changes: Any) -> None:
    with register.write() as conn:
        store = Store(conn)
        store.records.put(replace(store.records.get([uid])[uid], **changes))


def read(register: Database, uid: str = UID) -> Record:
    with register.read() as conn:
        return Store(conn).records.get([uid])[uid]


def last(register: Database, uid: str | None = UID) -> Entry:
    """The newest entry about a record."""
    with register.read() as conn:
        return [entry for entry in journal.entries(conn) if entry.record == uid][-1]


def due_keys(register: Database) -> list[str]:
    """What a worker would take now."""
    claims = work.claim(register, worker="test", limit=100, lease_s=1)
    return sorted(claim.key for claim in claims)


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    for word in words:
        assert word in result.output


# Requests.


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


def add_everything(register: Database) -> None:
    with register.write() as conn:
        store = Store(conn)
        store.evidence.add(
            Evidence("e" * 32, UID, TASK, "users.csv", 1, "f" * 64, 10, "text/csv", "acc-olga", AT, Side.JIRA, "10")
        )
        store.decisions.add(
            Decision("1" * 32, UID, "returned", "ends in June", "acc-ada", "Ada", AT, 7, ("ff users.csv",), "k1")
        )
        store.links.put(
            Link(UID, LinkRole.ISSUE, LinkState.LIVE, "1", "AUD-1", "https://acme.example/browse/AUD-1", agreed_at=AT)
        )
        store.links.put(Link(UID, LinkRole.PAGE, LinkState.DETACHED, "2", "R-001", detached_reason="it was deleted"))
        store.links.put(Link(TASK, LinkRole.ISSUE, LinkState.PENDING))
        store.conflicts.add(Conflict("c" * 32, UID, LinkRole.ISSUE, "due", "2026-01-01", None, AT))
        store.alerts.raise_once(f"detached:{UID}:page", "page R-001 does not answer", AT)
        store.alerts.raise_once("sign-in", "of no request", AT)
        moved = {"what": "status", "record": TASK, "before": "todo", "after": "in_progress"}
        journal.append(conn, who="acc-olga", why="moved", at=AT, **moved)
    bury(register, TASK, "Refused: field Team is required")


def bury(register: Database, uid: str, error: str) -> None:
    """A record that was tried and given up."""
    with register.write() as conn:
        work.mark(conn, [record_key(uid)])
    [claim] = work.claim(register, worker="test", limit=1, lease_s=60, prefix=record_key(uid))
    work.fail(register, claim, error=error, after_s=0, spends_attempt=True, is_permanent=True)
    with register.write() as conn:
        Store(conn).alerts.raise_once(f"dead:{record_key(uid)}", error, AT)


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
    assert any(line.startswith("  dead letter: R-001/1 after 1 attempts: Refused: field Team") for line in lines)
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


def test_dead_letters_are_listed_with_their_number_and_reason(run: Run, register: Database) -> None:
    assert run("dead-letters").output == "No dead letters.\n"
    bury(register, TASK, "Refused: field Team is required")
    first, *_ = run("dead-letters").output.splitlines()
    assert first.startswith("R-001/1 Access list (soc2), dead since ")
    assert first.endswith("after 1 attempts: Refused: field Team is required")
    [told] = json.loads(run("dead-letters", "list", "--audit", "soc2", "--format", "json").output)
    assert (told["name"], told["key"], told["attempts"]) == ("R-001/1", record_key(TASK), 1)
    assert "error  Refused: field Team is required" in run("dead-letters", "show", "R-001/1").output


def test_a_replayed_letter_is_due_with_all_its_attempts(run: Run, register: Database) -> None:
    bury(register, TASK, "Refused: x")
    assert run("dead-letters", "replay", "R-001/1").output.startswith("1 to be tried again")
    [claim] = work.claim(register, worker="test", limit=10, lease_s=60)
    assert (claim.key, claim.attempts) == (record_key(TASK), 1)
    assert (last(register, TASK).what, last(register, TASK).who) == ("dead letter replayed", getpass.getuser())


def test_a_dropped_letter_is_tried_no_more_until_something_new_happens(run: Run, register: Database) -> None:
    bury(register, TASK, "Refused: x")
    assert run("dead-letters", "drop", "--all", "--reason", "moved by hand", answer="n\n").exit_code == 1
    result = run("dead-letters", "drop", "R-001/1", "--reason", "moved by hand", answer="y\n")
    assert result.output.splitlines()[-1] == "1 given up."
    entry = last(register, TASK)
    assert (entry.what, entry.before["error"], entry.why) == ("dead letter dropped", "Refused: x", "moved by hand")
    with register.read() as conn:
        assert (work.counts(conn).waiting, work.counts(conn).dead) == (0, 0)
        assert Store(conn).alerts.current() == ()
    with register.write() as conn:
        work.mark(conn, [record_key(TASK)], lane=work.SWEEP)
    assert due_keys(register) == sorted([record_key(TASK), tell_key(UID)])


def test_what_is_not_in_step_is_told_by_number_with_since_when_and_why(run: Run, register: Database) -> None:
    assert "  in step    yes" in run("request", "show", "R-001").output.splitlines()
    bury(register, TASK, "Refused: field Team is required")
    with register.write() as conn:
        work.mark(conn, [record_key(UID)])
    [claim] = work.claim(register, worker="test", limit=1, lease_s=60, prefix=record_key(UID))
    work.fail(register, claim, error="Jira answered 500", after_s=60, spends_attempt=True, is_permanent=False)
    shown = run("request", "show", "R-001").output
    assert "  in step    no: R-001, R-001/1" in shown.splitlines()
    assert "not in step: R-001 since " in shown
    told = run("status").output
    assert re.search(r"not in step: R-001/1, since [-0-9]+ [0-9:]+ UTC, not tried any more: Refused: field Team", told)
    assert re.search(r"not in step: R-001, since [-0-9]+ [0-9:]+ UTC, tried again: Jira answered 500", told)
    assert json.loads(run("request", "show", "R-001", "--format", "json").output)["failing"]["R-001"]["attempts"] == 1


def test_a_letter_that_is_none_is_refused_with_a_hint(run: Run, register: Database) -> None:
    bury(register, TASK, "Refused: x")
    refused(run("dead-letters", "replay", "R-001/2"), "did you mean R-001/1?")
    refused(run("dead-letters", "show", "zzz"), "`tieout dead-letters` lists")


# Links, conflicts, alerts.


def test_detached_links_are_listed_with_what_to_do(run: Run, register: Database) -> None:
    assert run("links").output == "Every counterpart can be reached.\n"
    add_everything(register)
    output = run("links", "list").output
    assert "  page R-001 : it was deleted" in output
    assert "tieout links mend R-001 --page ID" in output
    [told] = json.loads(run("links", "list", "--format", "json").output)
    assert (told["number"], told["role"], told["reason"]) == ("R-001", "page", "it was deleted")


def test_a_link_is_not_recreated_without_a_persons_word(run: Run, register: Database) -> None:
    add_everything(register)
    assert run("links", "recreate", "R-001", answer="n\n").exit_code == 1
    with register.read() as conn:
        assert Store(conn).links.of([UID])[UID, LinkRole.PAGE].state is LinkState.DETACHED


def test_mending_needs_the_sites_and_says_what_is_missing(run: Run, register: Database) -> None:
    refused(run("links", "mend", "R-001", "--issue", "AUD-2"), "TIEOUT_JIRA_TOKEN")


@pytest.mark.parametrize(("keep", "base"), [("ours", {"theirs": "b"}), ("theirs", {"ours": "a"})])
def test_a_settled_conflict_moves_the_base_of_the_side_that_gives_way(
    run: Run, register: Database, keep: str, base: dict[str, str]
) -> None:
    with register.write() as conn:
        store = Store(conn)
        store.links.put(
            Link(UID, LinkRole.ISSUE, LinkState.LIVE, "1", base_ours={"due": "o"}, base_theirs={"due": "o"})
        )
        store.conflicts.add(Conflict("c" * 32, UID, LinkRole.ISSUE, "due", "a", "b", AT))
    assert "  ours    a" in run("conflicts").output.splitlines()
    assert "  theirs  b" in run("conflicts", "show", "R-001").output.splitlines()
    assert json.loads(run("conflicts", "list", "--format", "json").output)[0]["field"] == "issue:due"
    assert run("conflicts", "settle", "R-001", "--keep", keep).exit_code == 0
    with register.read() as conn:
        store = Store(conn)
        link = store.links.of([UID])[UID, LinkRole.ISSUE]
        assert store.conflicts.open() == ()
    assert (link.base_ours["due"], link.base_theirs["due"]) == (base.get("ours", "o"), base.get("theirs", "o"))
    assert (last(register).what, last(register).who) == ("conflict settled", getpass.getuser())
    assert due_keys(register) == [record_key(UID)]
    assert run("conflicts").output == "No open conflicts.\n"
    settled = run("conflicts", "list", "--all").output
    assert f"by {getpass.getuser()}: {keep} stays" in settled
    assert ("  ours    a" in settled, "  theirs  b" in settled) == (True, True)
    [told] = json.loads(run("conflicts", "list", "--all", "--format", "json").output)
    assert (told["kept"], told["settled_by"]) == (keep, getpass.getuser())


def test_of_several_conflicts_one_must_be_named(run: Run, register: Database) -> None:
    with register.write() as conn:
        store = Store(conn)
        store.links.put(Link(UID, LinkRole.ISSUE, LinkState.LIVE, "1"))
        for n, field in enumerate(("due", "owner")):
            store.conflicts.add(Conflict(f"{n:032x}", UID, LinkRole.ISSUE, field, "a", "b", AT))
    refused(run("conflicts", "settle", "R-001", "--keep", "ours"), "--field: issue:due, issue:owner")
    refused(run("conflicts", "settle", "R-001", "--keep", "ours", "--field", "flag"), "--field: issue:due")
    refused(run("conflicts", "settle", "R-010", "--keep", "ours"), "has no open conflict")
    assert run("conflicts", "settle", "R-001", "--keep", "ours", "--field", "owner").exit_code == 0
    with register.read() as conn:
        assert [conflict.field for conflict in Store(conn).conflicts.open()] == ["due"]


def test_an_alert_is_listed_and_put_away_by_name(run: Run, register: Database) -> None:
    assert run("alerts").output == "No alerts.\n"
    with register.write() as conn:
        Store(conn).alerts.raise_once("poll:SEC", "Jira cannot be searched", AT)
    assert run("alerts").output.splitlines()[:2] == [
        "poll:SEC, since 2026-03-02 09:00 UTC", "  Jira cannot be searched",
    ]  # fmt: skip
    refused(run("alerts", "clear", "poll:SEK"), "did you mean poll:SEC?")
    assert run("alerts", "clear", "poll:SEC").exit_code == 0
    assert json.loads(run("alerts", "list", "--format", "json").output) == []
    entry = last(register, None)
    assert (entry.who, entry.what, entry.before["name"]) == (getpass.getuser(), "alert cleared", "poll:SEC")


# The list, and the journal's head.


@pytest.fixture
def handed_in(register: Database) -> Database:
    """R-001 was submitted, with a word to the auditor and a page."""
    change(register, UID, status="submitted")
    with register.write() as conn:
        store = Store(conn)
        store.links.put(Link(UID, LinkRole.PAGE, LinkState.LIVE, "2", url="https://acme.example/wiki/2"))
        store.comments.add(
            Comment("9" * 32, TASK, Side.JIRA, "c1", "acc-olga", "Olga", Visibility.AUDITOR, "=all users", AT)
        )
        store.comments.add(
            Comment("8" * 32, TASK, Side.JIRA, "c2", "acc-olga", "Olga", Visibility.INTERNAL, "not for you", AT)
        )
        moved = {"what": "status", "record": UID, "before": "internal_review", "after": "submitted"}
        journal.append(conn, who="acc-dana", why="", at=AT, **moved)
    return register


HEADINGS = ["ID", "Title", "Status", "Due", "Date submitted", "Evidence link", "Response", "Mood"]
ROWS = [["R-001", "=Access", "Open", "", "", "", "", "good"], ["R-077", "Else", "Open", "", "", "", "", ""]]


def test_the_auditors_list_goes_back_with_only_our_cells_changed(run: Run, handed_in: Database, tmp_path: Path) -> None:
    given, out = tmp_path / "list.csv", tmp_path / "back.csv"
    given.write_text("\n".join(",".join(row) for row in (HEADINGS, *ROWS)) + "\n")
    result = run("export", str(given), "-o", str(out))
    assert result.exit_code == 0, result.output
    assert out.read_bytes().decode("utf-8-sig").splitlines() == [
        ",".join(HEADINGS),
        "R-001,'=Access,Submitted,2099-12-14,2026-03-02,https://acme.example/wiki/2,'=all users,good",
        "R-077,Else,Open,,,,,",
    ]
    assert "not in the register, left as they are: R-077" in result.output
    assert "open in the register, not on this list: R-010" in result.output
    assert (last(handed_in, None).what, last(handed_in, None).after["cells"]) == ("list handed back", 5)
    refused(run("export", str(given), "-o", str(out)), "--overwrite")
    assert run("export", str(given), "-o", str(out), "--overwrite").exit_code == 0


def test_a_workbook_goes_back_as_a_workbook(run: Run, handed_in: Database, tmp_path: Path) -> None:
    given, out = tmp_path / "list.xlsx", tmp_path / "back.xlsx"
    workbook = openpyxl.Workbook()
    for row in (HEADINGS, *ROWS):
        workbook.active.append([cell or None for cell in row])
    workbook.save(given)
    refused(run("export", str(given), "-o", str(tmp_path / "back.csv")), "name OUT with .xlsx")
    assert run("export", str(given), "-o", str(out)).exit_code == 0
    sheet = openpyxl.load_workbook(out).active
    assert [sheet["C2"].value, sheet["G2"].value, sheet["C3"].value] == ["Submitted", "'=all users", "Open"]


def test_a_list_that_cannot_be_read_or_asks_is_not_written(run: Run, handed_in: Database, tmp_path: Path) -> None:
    given, out = tmp_path / "list.csv", tmp_path / "back.csv"
    given.write_text("ID,Title,Due\nR-001,Access,03/04/2026\n")
    refused(run("export", str(given), "-o", str(out)), "Answer with --date-order (dmy, mdy).")
    given.write_text("hello\nworld\n")
    refused(run("export", str(given), "-o", str(out)), "list.csv")
    (tmp_path / "list.json").write_text('[{"ID": "R-001", "Title": "Access"}]')
    refused(run("export", str(tmp_path / "list.json"), "-o", str(tmp_path / "back.json")), ".xlsx or .csv")
    assert not out.exists()


def test_the_journals_head_is_printed_to_be_kept_elsewhere(run: Run, register: Database) -> None:
    run("request", "due", "R-001", "2099-12-10")
    head = run("journal", "head").stdout.strip()
    assert head.split(":")[0] == "2"
    assert run("journal", "verify", "--head", head).exit_code == 0


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
