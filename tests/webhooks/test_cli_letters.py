"""What waits for a person, listed and settled by the command line: dead letters, links, conflicts, alerts."""

from __future__ import annotations

import getpass
import json
import re
from dataclasses import replace

import pytest

from mappings.records import (
    Link,
    LinkRole,
    LinkState,
)
from sync import work
from sync.database import Database
from sync.keys import record_key, tell_key
from sync.store import Conflict, Store

from .coordinators_desk import (
    AT,
    TASK,
    UID,
    Run,
    add_everything,
    bury,
    due_keys,
    last,
    refused,
)


def test_dead_letters_are_listed_with_their_number_and_reason(run: Run, register: Database) -> None:
    assert run("dead-letters").output == "No dead letters.\n"
    bury(register, TASK, "Refused: field Team is required")
    first, *_ = run("dead-letters").output.splitlines()
    assert first.startswith("R-001/1 Access list (soc2), dead since ")
    assert first.endswith("after 1 attempt: Refused: field Team is required")
    [told] = json.loads(run("dead-letters", "list", "--audit", "soc2", "--format", "json").output)
    assert (told["name"], told["key"], told["attempts"]) == ("R-001/1", record_key(TASK), 1)
    assert "error  Refused: field Team is required" in run("dead-letters", "show", "R-001/1").output


def test_records_that_died_of_one_cause_are_told_as_one(run: Run, register: Database) -> None:
    """Each had an alert of its own, and a coordinator had three hundred to read."""
    uids = [f"{number:032x}" for number in range(1, 6)]
    for number, uid in enumerate(uids, start=1):
        with register.write() as conn:
            record = Store(conn).records.get([TASK])[TASK]
            Store(conn).records.add(replace(record, uid=uid, number=f"R-001/{number + 1}"))
        bury(register, uid, "Refused: field Team is required.")
    bury(register, TASK, "Gone: something else")
    for command in ("alerts", "status"):
        told = [line for line in run(command).output.splitlines() if "for one cause" in line]
        assert len(told) == 1
        assert (
            "R-001/2, R-001/3, R-001/4 and 2 others are not tried any more, for one cause: Refused: field Team is "
            in told[0]
        )
    assert run("alerts").output.count("Gone: something else") == 1
    assert len(json.loads(run("alerts", "list", "--format", "json").output)) == 6


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
    assert "tieout links mend R-001 --audit soc2 --page ID" in output
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


def test_a_conflict_says_what_ours_and_theirs_are_and_calls_people_by_name(run: Run, register: Database) -> None:
    with register.write() as conn:
        store = Store(conn)
        store.links.put(Link(UID, LinkRole.ISSUE, LinkState.LIVE, "1"))
        store.conflicts.add(Conflict("c" * 32, UID, LinkRole.ISSUE, "owner", "acc-olga", None, AT))
    head, ours, theirs, way_out = run("conflicts").output.splitlines()
    assert head == "R-001 issue:owner Access list (soc2), since 2026-03-02 09:00 UTC"
    assert (ours, theirs) == ("  ours    Olga", "  theirs  nothing")
    assert way_out.startswith(
        "  ours is what Tieout's register has, theirs what stands in Jira: `tieout conflicts settle"
    )
    assert "R-001 issue:owner: Olga stays." in run("conflicts", "settle", "R-001", "--keep", "ours").output


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
