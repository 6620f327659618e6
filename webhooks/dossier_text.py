"""One request in plain words for a terminal, and the same as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from mappings.ladder import is_overdue
from mappings.records import Evidence, Person, Record
from mappings.working_days import WorkCalendar
from sync.dossier import Counterpart, Dossier
from sync.journal import Entry
from webhooks.desk import plain


def lines(dossier: Dossier, calendar: WorkCalendar, today: date) -> Iterator[str]:
    """Everything of the request, a fact a line."""
    request = dossier.family.request
    yield f"{plain(request.number)}  {plain(request.title)}"
    for name, text in _facts(request, dossier.people, calendar, today):
        yield f"  {name:<11}{text}"
    yield f"  {'in step':<11}{_step(dossier)}"
    yield from _part("Tasks", [_task(task, dossier.people, calendar, today) for task in dossier.family.tasks])
    yield from _part("Evidence", [line for item in dossier.family.evidence for line in _evidence(item, dossier)])
    yield from _part("Decisions", _decisions(dossier))
    yield from _part("Counterparts", [_counterpart(each) for each in dossier.counterparts])
    yield from _part("Open", open_points(dossier))
    yield from _part("Journal", _journal(dossier))


def _part(title: str, rows: list[str]) -> Iterator[str]:
    if rows:
        yield title
        yield from (f"  {row}" for row in rows)


def _facts(
    record: Record, people: Mapping[str, Person], calendar: WorkCalendar, today: date
) -> Iterator[tuple[str, str]]:
    reason = f" ({plain(record.reason)})" if record.reason else ""
    yield "state", f"{_words(record.status)}{reason}"
    yield "due", _due(record, calendar, today)
    yield "auditor's", _day(record.auditor_due_on)
    yield "owner", _name(record.owner, people)
    yield "reviewer", _name(record.reviewer, people)
    if record.criteria:
        yield "criteria", plain(", ".join(record.criteria))
    if record.escalation_level or record.raised_by:
        raised = f", raised by {_name(record.raised_by, people)}" if record.raised_by else ""
        yield "escalation", f"level {record.escalation_level}{raised}"
    if record.is_proposed_withdrawn:
        number = plain(record.number)
        yield "proposed", f"as withdrawn: `tieout request withdraw {number}` or `tieout request reinstate {number}`"


def _step(dossier: Dossier) -> str:
    """Whether all of the request is in step, and which of it is not."""
    apart = {each.record.number for each in dossier.counterparts if each.why_not}
    apart |= {letter.name for letter in dossier.letters} | set(dossier.failing)
    return f"no: {', '.join(plain(number) for number in sorted(apart))}" if apart else "yes"


def _due(record: Record, calendar: WorkCalendar, today: date) -> str:
    text = _day(record.due_on)
    if is_overdue(record, calendar, today):
        text += ", overdue"
    if record.extension_on:
        text += f"; asked for {record.extension_on}: `tieout request grant {plain(record.number)}` or `refuse`"
    return text


def _task(task: Record, people: Mapping[str, Person], calendar: WorkCalendar, today: date) -> str:
    parts = [_words(task.status), _name(task.owner, people), f"due {_due(task, calendar, today)}"]
    if task.escalation_level:
        parts.append(f"escalation level {task.escalation_level}")
    return f"{plain(task.number)}  {', '.join(parts)}"


def _evidence(item: Evidence, dossier: Dossier) -> Iterator[str]:
    numbers = {task.uid: task.number for task in dossier.family.tasks}
    where = f" for {plain(numbers[item.task])}" if item.task in numbers else ""
    seen = "the auditor sees it" if item.is_released else "inside the company"
    yield f"{plain(item.file_name)} v{item.version}, {item.size} bytes{where}, {seen}"
    yield f"  sha256 {item.sha256}"
    yield f"  by {_account(item.collector, dossier.people)} at {_moment(item.collected_at)}, from {item.side}"


def _decisions(dossier: Dossier) -> list[str]:
    return [
        f"{_moment(each.decided_at)}  {_words(each.verdict)} by {plain(each.by_name)}, page version "
        f"{each.page_version}, {_files(len(each.evidence))}{f': {plain(each.reason)}' if each.reason else ''}"
        for each in dossier.family.decisions
    ]


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _counterpart(each: Counterpart) -> str:
    since = f"in step, last written {_moment(each.written_at)}" if each.written_at else "in step"
    name = plain(each.link.key or each.link.remote_id or "")
    where = [part for part in (name, plain(each.link.url)) if part]
    role = each.link.role.replace("_", " ")
    return "  ".join([f"{plain(each.record.number)} {role}", *where, f"({plain(each.why_not) or since})"])


def open_points(dossier: Dossier) -> list[str]:
    """What waits for a person, each with the command that settles it."""
    conflicts = [
        f"conflict: {plain(each.record.number)} {each.name}: ours {plain(each.conflict.ours)}, theirs "
        f"{plain(each.conflict.theirs)}: `tieout conflicts settle {plain(each.record.number)} --keep ours|theirs`"
        for each in dossier.conflicts
    ]
    dead = [
        f"dead letter: {plain(each.name)} after {each.tries}: {plain(each.dead.error)}: mend the "
        f"cause, then `tieout dead-letters replay {plain(each.name)}`"
        for each in dossier.letters
    ]
    failing = [
        f"not in step: {plain(number)} since {_moment(each.failing_since)}, {plain(each.error)}; tried again at "
        f"{_moment(each.run_at)}"
        for number, each in dossier.failing.items()
    ]
    return [
        *conflicts,
        *dead,
        *failing,
        *(f"alert: {plain(each.text)} (since {_moment(each.raised_at)})" for each in dossier.alerts),
    ]


def _journal(dossier: Dossier) -> list[str]:
    numbers = {record.uid: record.number for record in dossier.family.records}
    return [journal_line(entry, numbers, dossier.people) for entry in dossier.entries]


def journal_line(entry: Entry, numbers: Mapping[str, str], people: Mapping[str, Person]) -> str:
    """One entry of the journal: which record (`numbers` by uid), who, what changed and why."""
    return (
        f"{entry.n:>6}  {_moment(entry.at)}  {plain(numbers.get(entry.record or '', ''))}  "
        f"{_account(entry.who, people)}: {plain(entry.what)}{_change(entry.before, entry.after)}"
        f"{f' ({plain(entry.why)})' if entry.why else ''}"
    )


def _change(before: object, after: object) -> str:
    """What changed, where it is short enough for a line."""
    short = (str, int, float, bool, type(None))
    if not isinstance(before, short) or not isinstance(after, short) or before is after is None:
        return ""
    return f" {plain(before)} -> {plain(after)}" if before is not None else f" {plain(after)}"


def _words(status: str) -> str:
    return plain(status).replace("_", " ")


def _day(day: date | None) -> str:
    return day.isoformat() if day else "not set"


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"


def _name(key: str | None, people: Mapping[str, Person]) -> str:
    """A person by key, or whoever raised something: a key or an account id."""
    if not key:
        return "nobody"
    person = people.get(key)
    if person is None:
        return _account(key, people)
    return plain(f"{person.name} <{person.email}>" if person.email and person.email != person.name else person.name)


def _account(account_id: str, people: Mapping[str, Person]) -> str:
    found = (person.name for person in people.values() if person.account_id == account_id)
    return plain(next(found, account_id))


def as_json(dossier: Dossier, calendar: WorkCalendar, today: date) -> dict[str, object]:
    """The same for programs: dates and moments as ISO text, people by key or account id."""
    return {
        "request": _record(dossier.family.request, calendar, today),
        "tasks": [_record(task, calendar, today) for task in dossier.family.tasks],
        "evidence": [_fields(item) for item in dossier.family.evidence],
        "decisions": [_fields(decision) for decision in dossier.family.decisions],
        "counterparts": [
            {
                "number": each.record.number,
                "role": each.link.role,
                "state": each.link.state,
                "id": each.link.remote_id,
                "key": each.link.key,
                "url": each.link.url,
                "is_in_step": not each.why_not,
                "why_not": each.why_not,
                "written_at": each.written_at,
            }
            for each in dossier.counterparts
        ],
        "conflicts": [
            {
                "number": each.record.number,
                "field": each.name,
                "ours": each.conflict.ours,
                "theirs": each.conflict.theirs,
                "opened_at": each.conflict.opened_at,
            }
            for each in dossier.conflicts
        ],
        "dead_letters": [{"name": each.name, **_fields(each.dead)} for each in dossier.letters],
        "failing": {number: _fields(each) for number, each in dossier.failing.items()},
        "alerts": [_fields(alert) for alert in dossier.alerts],
        "journal": [_fields(entry) for entry in dossier.entries],
    }


def _record(record: Record, calendar: WorkCalendar, today: date) -> dict[str, object]:
    fields = _fields(record)
    return {**fields, "extra": dict(record.extra), "is_overdue": is_overdue(record, calendar, today)}


def _fields(value: object) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}  # type: ignore[attr-defined]  # a dataclass
