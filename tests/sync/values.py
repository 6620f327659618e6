"""Records and what hangs on them, with everything a test does not care about filled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from mappings.records import (
    Comment,
    Decision,
    Evidence,
    Kind,
    Link,
    LinkRole,
    LinkState,
    Record,
    RequestStatus,
    Side,
    TaskStatus,
    Visibility,
)

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def uid(n: int) -> str:
    return f"{n:032x}"


def request(n: int = 1, **changes: Any) -> Record:
    plain = Record(uid(n), Kind.REQUEST, "acme-2026", f"{n}", f"Request {n}", RequestStatus.OPEN)
    return replace(plain, **changes)


def task(n: int, of: Record, **changes: Any) -> Record:
    plain = Record(uid(n), Kind.TASK, of.audit, f"{of.number}/{n}", f"Task {n}", TaskStatus.TODO, parent=of.uid)
    return replace(plain, **changes)


def full_request(n: int = 1) -> Record:
    """A request of which every field is set to something else than its default."""
    return request(
        n,
        title="Zugriffsliste – „Admins“ 🔑",
        status=RequestStatus.NEEDS_CLARIFICATION,
        version=3,
        description="first line\nsecond line",
        criteria=("CC6.1", "CC6.2"),
        controls=("AC-1",),
        category="Access",
        request_type="population",
        team="platform",
        owner="ann@acme.example",
        reviewer="bob@acme.example",
        reviewed_by="acc-bob",
        watchers=("cy@acme.example", "account:5b1"),
        priority="high",
        priority_before="medium",
        due_on=date(2026, 4, 1),
        auditor_due_on=date(2026, 4, 8),
        due_version=4,
        extension_on=date(2026, 4, 20),
        period_start=date(2025, 1, 1),
        period_end=date(2025, 12, 31),
        status_before=RequestStatus.IN_PROGRESS,
        escalation_level=2,
        raised_by="dee@audit.example",
        reason="which systems?",
        is_proposed_withdrawn=True,
        clock_stopped_on=date(2026, 3, 1),
        clock_paused_days=5,
        extra={"Ref": "=1+1", "Über": "x"},
    )


def link(record: str, role: LinkRole = LinkRole.ISSUE, remote_id: str | None = "10001", **changes: Any) -> Link:
    return replace(Link(record, role, LinkState.LIVE, remote_id), **changes)


def comment(n: int, record: str, **changes: Any) -> Comment:
    plain = Comment(
        uid(n), record, Side.JIRA, f"c{n}", "acc-ann", "Ann", Visibility.INTERNAL, f"Comment {n}", AT, ("acc-bob",)
    )
    return replace(plain, **changes)


def evidence(n: int, record: str, **changes: Any) -> Evidence:
    plain = Evidence(
        uid(n), record, None, "users.csv", n, f"{n:064x}", 10 * n, "text/csv", "acc-ann", AT, Side.JIRA, f"att{n}"
    )
    return replace(plain, **changes)


def decision(n: int, record: str, **changes: Any) -> Decision:
    plain = Decision(uid(n), record, "accepted", "", "acc-dee", "Dee", AT, 7, (f"{1:064x} users.csv",), f"k{n}")
    return replace(plain, **changes)
