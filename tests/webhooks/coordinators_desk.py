"""The register at which a coordinator works in tests, and how it is looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from click.testing import Result

from mappings.records import (
    Decision,
    Evidence,
    Kind,
    Link,
    LinkRole,
    LinkState,
    Person,
    Record,
    Side,
)
from sync import journal, work
from sync.database import Database, open_database
from sync.journal import Entry
from sync.keys import record_key
from sync.store import Conflict, Store

Run = Callable[..., Result]
UID, TASK, OTHER = "a" * 32, "b" * 32, "d" * 32
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DUE = date(2099, 12, 14)


def register_at_work(run: Run, environ: dict[str, str]) -> Database:
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
