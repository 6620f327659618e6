"""A plan as JSON: for machines, and for `tieout sync --plan FILE`. It holds no secret; a changed one is refused."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mappings.planned import Change, HeldBack, Planned, writing_calls
from mappings.records import Side
from sync.sync_plan import PlannedFamily, SyncPlan
from webhooks.problems import Refusal

SCHEMA = 1
"""Raised when what is there changes its meaning; what is added changes nothing."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Change(_Part):
    field: str
    before: str | bool | None
    after: str | bool | None


class _Write(_Part):
    side: Side
    kind: str
    audit: str
    number: str
    record: str
    what: str
    changes: tuple[_Change, ...]
    why: str
    calls: int
    is_task: bool
    digest: str


class _Held(_Part):
    audit: str
    number: str
    side: Side
    why: str


class _Calls(_Part):
    writing: int


class _Family(_Part):
    number: str
    records: tuple[str, ...]
    basis: dict[str, str]


class _File(_Part):
    schema_version: Annotated[Literal[1], Field(alias="schema")]
    made_at: datetime
    jira: str
    confluence: str
    audits: tuple[str, ...]
    looked_at: int
    writes: tuple[_Write, ...]
    held_back: tuple[_Held, ...]
    totals: dict[str, dict[str, int]]
    calls: _Calls
    planned_on: dict[str, _Family]


def totals(plan: SyncPlan) -> dict[str, dict[str, int]]:
    """How many writes of each kind, by side."""
    sides = {side.value: Counter(each.kind for each in plan.writes if each.side is side) for side in Side}
    return {side: dict(sorted(counts.items())) for side, counts in sides.items() if counts}


def to_json(plan: SyncPlan) -> str:
    """The plan as text, the same for the same plan."""
    told = {
        "schema": SCHEMA,
        "made_at": plan.made_at.isoformat(),
        "jira": plan.sites[0],
        "confluence": plan.sites[1],
        "audits": plan.audits,
        "looked_at": plan.looked_at,
        "writes": [_write(each) for each in plan.writes],
        "held_back": [
            {"audit": each.audit, "number": each.number, "side": each.side, "why": each.why} for each in plan.held
        ],
        "totals": totals(plan),
        "calls": {"writing": writing_calls(plan.writes)},
        "planned_on": {
            uid: {"number": family.number, "records": family.records, "basis": dict(sorted(family.basis.items()))}
            for uid, family in sorted(plan.families.items())
        },
    }
    return json.dumps(told, indent=2, ensure_ascii=True)


def _write(each: Planned) -> dict[str, object]:
    changes = [{"field": one.field, "before": one.before, "after": one.after} for one in each.changes]
    return {
        "side": each.side,
        "kind": each.kind,
        "audit": each.audit,
        "number": each.number,
        "record": each.uid,
        "what": each.what,
        "changes": changes,
        "why": each.why,
        "calls": each.calls,
        "is_task": each.is_task,
        "digest": each.digest,
    }


def read_plan(text: str, name: str) -> SyncPlan:
    """The plan in a file's text. Raises Refusal."""
    try:
        file = _File.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        what = f"{name} is no plan of this version ({where}: {first['msg']})"
        raise Refusal(f"{what}: make one with `tieout plan --out`") from error
    writes = tuple(
        Planned(
            side=each.side,
            kind=each.kind,
            audit=each.audit,
            number=each.number,
            uid=each.record,
            what=each.what,
            changes=tuple(Change(one.field, one.before, one.after) for one in each.changes),
            why=each.why,
            calls=each.calls,
            is_task=each.is_task,
            digest=each.digest,
        )
        for each in file.writes
    )
    return SyncPlan(
        made_at=file.made_at,
        sites=(file.jira, file.confluence),
        audits=file.audits,
        looked_at=file.looked_at,
        writes=writes,
        held=tuple(HeldBack(each.audit, each.number, each.side, each.why) for each in file.held_back),
        families={uid: PlannedFamily(each.number, each.records, each.basis) for uid, each in file.planned_on.items()},
    )
