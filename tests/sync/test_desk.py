"""The coordinator's acts, dead letters and dossiers on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from mappings import coordinator
from mappings.context import AuditContext, Family, Intake
from mappings.coordinator import Word
from mappings.records import LinkRole, Record
from sync import journal, stuck, work
from sync.database import Database
from sync.desk import Audit, DeskRefused, decide, withdraw_proposed
from sync.dossier import gather_dossier
from sync.keys import RECORD, record_key
from sync.settlement import Keep, settle
from sync.store import Conflict, Store
from tests.mappings.audit_world import AUDIT

from .values import AT, evidence, link, request, task, uid

ACME = Audit("acme-2026", AUDIT)
WORD = Word("dana", "Out of scope.")


@pytest.fixture
def register(database: Database) -> Database:
    """Request 1 with its task 1/2, and request 3."""
    with database.write() as conn:
        store = Store(conn)
        for record in (request(1), task(2, of=request(1)), request(3)):
            store.records.add(record)
    return database


def withdraw(_: Record, family: Family, ctx: AuditContext) -> Intake:
    return coordinator.withdraw(family, ctx, WORD)


def read(db: Database, n: int) -> Record:
    with db.read() as conn:
        return Store(conn).records.get([uid(n)])[uid(n)]


def bury(db: Database, n: int) -> None:
    with db.write() as conn:
        work.mark(conn, [record_key(uid(n))], facets=3)
    [claim] = work.claim(db, worker="test", limit=1, lease_s=60)
    work.fail(db, claim, error="Refused: no", after_s=0, spends_attempt=True, is_permanent=True)


def test_an_act_is_kept_with_its_family_its_reason_and_its_keys(register: Database) -> None:
    done = decide(register, ACME, "1", withdraw)
    assert (done.before.status, done.after.status, [each.number for each in done.others]) == (
        "open",
        "withdrawn",
        ["1/2"],
    )
    assert [read(register, n).status for n in (1, 2, 3)] == ["withdrawn", "cancelled", "open"]
    with register.read() as conn:
        first = journal.entries(conn)[0]
        assert journal.verify(conn) is None
    assert (first.who, first.record, first.after, first.why) == ("dana", uid(1), "withdrawn", "Out of scope.")
    claims = work.claim(register, worker="test", limit=10, lease_s=60)
    assert {claim.key for claim in claims} == {record_key(uid(1)), record_key(uid(2))}


def test_an_act_that_is_refused_leaves_no_trace(register: Database) -> None:
    decide(register, ACME, "1", withdraw)
    with register.read() as conn:
        before = journal.head(conn)
    with pytest.raises(DeskRefused, match="1: The request is withdrawn already"):
        decide(register, ACME, "1", withdraw)
    with register.read() as conn:
        assert journal.head(conn) == before


def test_an_act_is_decided_again_when_somebody_else_was_faster(
    register: Database, backend: str, open_again: Callable[[], Database]
) -> None:
    if backend == "sqlite":
        pytest.skip("SQLite lets one transaction at a time write, so nobody can be faster")
    seen: list[date | None] = []

    def slow(record: Record, family: Family, ctx: AuditContext) -> Intake:
        seen.append(record.due_on)
        if len(seen) == 1:
            later = date(2026, 4, 1)
            decide(open_again(), ACME, "1", lambda r, f, c: coordinator.set_due(r, later, f, c, WORD))
        return withdraw(record, family, ctx)

    assert decide(register, ACME, "1", slow).after.status == "withdrawn"
    assert seen == [None, date(2026, 4, 1)]


def test_only_the_proposed_withdrawals_that_were_asked_about_are_made(register: Database) -> None:
    with register.write() as conn:
        store = Store(conn)
        for record in (request(5, is_proposed_withdrawn=True), request(6, is_proposed_withdrawn=True)):
            store.records.add(record)
    outcome = withdraw_proposed(register, ACME, ["5", "3"], WORD)
    assert (outcome.done, dict(outcome.refused)) == (("5",), {})
    assert [read(register, n).status for n in (3, 5, 6)] == ["open", "withdrawn", "open"]


def test_a_dropped_key_is_settled_until_it_is_marked_anew(register: Database) -> None:
    bury(register, 1)
    with register.read() as conn:
        [letter] = stuck.letters(conn, "acme-2026")
        standing = stuck.standings(conn, [uid(1), uid(3)])[uid(1)]
        assert stuck.letters(conn, "another") == []
    assert (standing.is_wanted, standing.is_dead, standing.error) == (True, True, "Refused: no")
    assert stuck.drop(register, [letter], by="dana", reason="done by hand") == 1
    assert stuck.drop(register, [letter], by="dana", reason="again") == 0
    with register.read() as conn:
        standing = stuck.standings(conn, [uid(1)])[uid(1)]
        entries = journal.entries(conn)
    assert (standing.is_wanted, standing.is_dead, standing.error) == (False, False, "")
    assert [(entry.what, entry.who, entry.why) for entry in entries] == [
        ("dead letter dropped", "dana", "done by hand")
    ]
    assert work.claim(register, worker="test", limit=10, lease_s=60, prefix=RECORD) == []
    with register.write() as conn:
        work.mark(conn, [record_key(uid(1))], lane=work.BACKFILL)
    [claim] = work.claim(register, worker="test", limit=10, lease_s=60, prefix=RECORD)
    assert (claim.facets, claim.attempts) == (0, 1)


def test_a_replayed_key_keeps_what_it_was_to_look_at(register: Database) -> None:
    bury(register, 1)
    with register.read() as conn:
        found = stuck.letters(conn)
    assert (stuck.replay(register, found, by="dana"), stuck.replay(register, found, by="dana")) == (1, 0)
    [claim] = work.claim(register, worker="test", limit=10, lease_s=60)
    assert (claim.facets, claim.attempts) == (3, 1)


def test_a_conflict_is_settled_once(register: Database) -> None:
    with register.write() as conn:
        store = Store(conn)
        store.links.put(link(uid(2), base_ours={"due": None}, base_theirs={"due": None}))
        store.conflicts.add(Conflict("c" * 32, uid(2), LinkRole.ISSUE, "due", "a", None, AT))
    assert settle(register, ACME, "1/2", "due", Keep.OURS, by="dana").conflict.uid == "c" * 32
    with pytest.raises(DeskRefused, match="no open conflict"):
        settle(register, ACME, "1/2", "due", Keep.THEIRS, by="dana")


def test_a_dossier_is_the_same_for_a_request_and_its_task(register: Database) -> None:
    with register.write() as conn:
        store = Store(conn)
        store.evidence.add(evidence(1, uid(1)))
        store.links.put(link(uid(1), agreed_at=AT))
        for n in (1, 3, 2):
            journal.append(conn, who="x", what="issue written", record=uid(n), before=None, after=n, why="", at=AT)
    with register.read() as conn:
        dossiers = [gather_dossier(conn, read(register, n), most_entries=1) for n in (1, 2)]
    assert dossiers[0] == dossiers[1]
    assert [entry.record for entry in dossiers[0].entries] == [uid(2)]
    assert [(each.record.number, each.why_not, each.written_at) for each in dossiers[0].counterparts] == [("1", "", AT)]
    assert len(dossiers[0].family.evidence) == 1
