"""How things stand, for `tieout status`: open, late, stuck or in conflict, by audit, from the register alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mappings.known_people import known_people
from mappings.ladder import is_overdue
from mappings.lifecycle import is_open
from mappings.records import Kind, Record
from mappings.rules import Rules
from mappings.working_days import WorkCalendar
from sync import journal
from sync.first_plan import unshown
from sync.store import Store
from sync.stuck import failing

LOOKS_BACK = timedelta(days=7)


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
    extensions: Mapping[str, str]
    """Later dates that owners asked for and nobody has settled yet, by record."""
    not_in_step: Mapping[str, str]
    """Records that could not be brought in step when it was last tried, with since when and why."""
    is_unshown: bool
    """Whether nothing is written for it, because nobody was shown its first plan."""
    put_back: tuple[str, ...]
    """Changes on a site that were not taken in the last days: what, of which record, by whom, and why not."""


def state_of(conn: Connection, audit: str, rules: Rules, now: datetime) -> AuditState:
    """How one audit stands at `now`."""
    store = Store(conn)
    requests = store.records.requests(audit)
    tasks = store.records.tasks_of([request.uid for request in requests])
    records = [record for request in requests for record in (request, *tasks[request.uid])]
    calendar = WorkCalendar.of(rules.audit[audit])
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
        extensions={record.number: str(record.extension_on) for record in pending if record.extension_on},
        not_in_step=_not_in_step(conn, numbers),
        is_unshown=bool(unshown(conn, [audit])),
        put_back=_put_back(conn, rules, numbers, now),
    )


def _not_in_step(conn: Connection, numbers: Mapping[str, str]) -> dict[str, str]:
    return {
        numbers[uid]: f"since {each.failing_since:%Y-%m-%d %H:%M} UTC, "
        f"{'not tried any more' if each.is_dead else 'tried again'}: {each.error}"
        for uid, each in failing(conn).items()
        if uid in numbers
    }


def _put_back(conn: Connection, rules: Rules, numbers: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    people = known_people(rules, Store(conn).people.all()).values()
    names = {person.account_id: person.name for person in people if person.account_id}
    entries = [entry for entry in journal.put_back(conn, now - LOOKS_BACK) if entry.record in numbers]
    return tuple(
        f"{numbers[entry.record or '']} {entry.what}, from {names.get(entry.who, entry.who)}: {entry.why}"
        for entry in entries
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
