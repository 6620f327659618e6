"""A request as the auditor's list sees it, and a record after the list has spoken.

What a list says and the register has no field for is kept in `Record.extra`: columns that are kept word for word under
their headings, and our own notes under names that begin with `tieout.`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from mappings.adoption import NAMED
from mappings.due_dates import judge_due
from mappings.lifecycle import is_settled
from mappings.records import Kind, Person, Record, Role, TaskStatus
from mappings.request_list.comparison import ExistingRequest, FieldValue
from mappings.request_list.plan import PlannedRow

OURS = "tieout."
LISTED, REMARKS = f"{OURS}listed", f"{OURS}remarks"
NOTES = ("sample", "system", "frequency")
"""Fields of a list that a record has no place of its own for."""
VERBATIM = "extra: "
"""Before the heading of a column in `PlannedRow.changes` that is kept word for word."""

COPIED = (
    *("title", "description", "criteria", "controls", "category", "request_type", "team", "owner", "reviewer"),
    *("priority", "period_start", "period_end"),
)
"""What a task has from its request, and keeps in step with it until somebody changes it there."""

IMPORTED = "Imported with this state from the auditor's list; not decided here."


def as_existing(record: Record, people: Mapping[str, Person]) -> ExistingRequest:
    """A request of the register as an import compares it."""
    return ExistingRequest(
        number=record.number,
        title=record.title,
        description=record.description,
        criteria=record.criteria,
        controls=record.controls,
        category=record.category,
        request_type=record.request_type,
        team=record.team,
        owner=_person(record.owner, people),
        watchers=tuple(person for key in record.watchers if (person := _person(key, people))),
        reviewer=_person(record.reviewer, people),
        auditor_due_on=record.auditor_due_on,
        priority=record.priority_before or record.priority,
        period_start=record.period_start,
        period_end=record.period_end,
        extra={name: text for name, text in record.extra.items() if not name.startswith(OURS)},
        status=record.status,
        is_proposed_withdrawn=record.is_proposed_withdrawn,
        listed=_last_listed(record),
        **{name: record.extra.get(OURS + name, "") for name in NOTES},
    )


def new_request(uid: str, audit: str, row: PlannedRow) -> Record:
    """The record of a request that the register does not have yet."""
    said = row.request
    reason = IMPORTED if said.is_status_imported else ""
    bare = Record(uid, Kind.REQUEST, audit, row.number, row.title, said.first_status, reason=reason)
    notes = {REMARKS: "\n".join(said.remarks), NAMED: said.jira_key}
    record = after_row(replace(bare, extra={name: text for name, text in notes.items() if text}), row)
    return replace(record, due_version=1)


def after_row(record: Record, row: PlannedRow) -> Record:
    """The request with what its row of the list changes; its version is the store's to count."""
    values = {name: _stored(after) for name, (_, after) in row.changes.items()}
    extra = dict(record.extra)
    extra |= {name.removeprefix(VERBATIM): str(after) for name, after in values.items() if name.startswith(VERBATIM)}
    extra |= {OURS + name: str(values[name]) for name in NOTES if name in values}
    if row.listed:
        extra[LISTED] = json.dumps({**_last_listed(record), **row.listed}, ensure_ascii=False, sort_keys=True)
    fields = {name: value for name, value in values.items() if name in COPIED or name == "watchers"}
    changed = _with_priority(record, fields.pop("priority", None), extra=extra, **fields)
    if "auditor_due_on" in row.changes:
        changed = with_auditor_date(changed, row.changes["auditor_due_on"][1])
    return changed


def with_auditor_date(record: Record, wanted: FieldValue) -> Record:
    """The dates after the auditor's list has set its own; the working date follows as `due_dates` says."""
    day = wanted if isinstance(wanted, date) else None
    verdict = judge_due(record, day, frozenset({Role.AUDITOR}))
    return replace(
        record,
        auditor_due_on=verdict.new_auditor_due_on,
        due_on=verdict.new_due_on,
        extension_on=verdict.extension_on,
        due_version=record.due_version + (verdict.new_due_on != record.due_on),
    )


def new_task(uid: str, number: str, request: Record, owner: str) -> Record:
    """One owner's piece of work for a request."""
    copied = {name: getattr(request, name) for name in COPIED}
    task = Record(uid=uid, kind=Kind.TASK, audit=request.audit, number=number, status=TaskStatus.TODO, **copied)
    task = replace(task, owner=owner, parent=request.uid, extra=_columns(request))
    return replace(task, due_on=request.due_on, auditor_due_on=request.auditor_due_on)


def _columns(request: Record) -> dict[str, str]:
    """What the list says of a request in columns of its own, by which its tasks may be routed."""
    ours = {OURS + name for name in NOTES}
    return {name: text for name, text in request.extra.items() if not name.startswith(OURS) or name in ours}


def follow(task: Record, before: Record, after: Record) -> Record:
    """The task after its request changed: what was still the request's word becomes the new word."""
    if is_settled(Kind.TASK, task.status):
        return task
    moved = {
        name: getattr(after, name)
        for name in COPIED
        if getattr(before, name) != getattr(after, name) and getattr(task, name) == getattr(before, name)
    }
    if dict(task.extra) == _columns(before):
        moved["extra"] = _columns(after)
    changed = _with_priority(task, moved.pop("priority", None), **moved)
    if before.auditor_due_on != after.auditor_due_on and task.auditor_due_on == before.auditor_due_on:
        changed = with_auditor_date(changed, after.auditor_due_on)
    return changed


def _with_priority(record: Record, priority: object, **fields: object) -> Record:
    """While an escalation holds the priority up, the list's word is what it goes back to."""
    changed = replace(record, **fields)  # type: ignore[arg-type]  # each value is of its own field's type
    if priority is None:
        return changed
    held = "priority" if record.priority_before is None else "priority_before"
    return replace(changed, **{held: str(priority)})  # type: ignore[arg-type]  # as above


def _stored(value: FieldValue) -> object:
    """A value of the list as a record holds it: people by their keys."""
    if isinstance(value, Person):
        return value.key
    if isinstance(value, tuple):
        return tuple(one.key if isinstance(one, Person) else one for one in value)
    return value


def _last_listed(record: Record) -> dict[str, str]:
    """What the last import of the list said of it, by field."""
    said: dict[str, str] = json.loads(record.extra.get(LISTED, "{}"))
    return said


def _person(key: str | None, people: Mapping[str, Person]) -> Person | None:
    return people.get(key) or Person(key, key) if key else None
