"""How things stand, for `tieout status`: open, late, stuck or in conflict, by audit, from the register alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mappings.ladder import is_overdue
from mappings.lifecycle import is_open
from mappings.records import Kind, Record
from mappings.rules import AuditRule
from mappings.working_days import WorkCalendar
from sync.store import Store


@dataclass(frozen=True, slots=True)
class AuditState:
    """One audit. Records are named by their numbers on the auditor's list."""

    audit: str
    requests: Mapping[str, int]
    """How many by status."""
    tasks: Mapping[str, int]
    late: tuple[str, ...]
    unowned: tuple[str, ...]
    escalated: tuple[str, ...]
    proposed_withdrawn: tuple[str, ...]
    detached: Mapping[str, str]
    """Records whose issue or page was there and cannot be reached now, with the reason."""
    conflicts: Mapping[str, tuple[str, ...]]
    """Fields on which a person must choose, by record."""


def state_of(store: Store, audit: str, rule: AuditRule, now: datetime) -> AuditState:
    """How one audit stands at `now`."""
    requests = store.records.requests(audit)
    tasks = store.records.tasks_of([request.uid for request in requests])
    records = [record for request in requests for record in (request, *tasks[request.uid])]
    calendar = WorkCalendar.of(rule)
    today = calendar.local_date(now)
    numbers = {record.uid: record.number for record in records}
    pending = [record for record in records if is_open(record.kind, record.status)]
    return AuditState(
        audit=audit,
        requests=_counts(records, Kind.REQUEST),
        tasks=_counts(records, Kind.TASK),
        late=tuple(record.number for record in pending if is_overdue(record, calendar, today)),
        unowned=tuple(record.number for record in pending if record.owner is None),
        escalated=tuple(record.number for record in pending if record.escalation_level or record.raised_by),
        proposed_withdrawn=tuple(record.number for record in records if record.is_proposed_withdrawn),
        detached={
            numbers[link.record]: f"{link.role}: {link.detached_reason}"
            for link in store.links.detached()
            if link.record in numbers
        },
        conflicts=_conflicts(store, numbers),
    )


def _counts(records: list[Record], kind: Kind) -> dict[str, int]:
    statuses = [record.status for record in records if record.kind is kind]
    return {status: statuses.count(status) for status in dict.fromkeys(statuses)}


def _conflicts(store: Store, numbers: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    fields: dict[str, tuple[str, ...]] = {}
    for conflict in store.conflicts.open(numbers):
        number = numbers[conflict.record]
        fields[number] = (*fields.get(number, ()), f"{conflict.role}: {conflict.field}")
    return fields
