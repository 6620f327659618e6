"""JQL that asks what was: `was`, `was in`, `changed`, judged from the change log as search knows it.

https://support.atlassian.com/jira-work-management/docs/advanced-search-reference-jql-operators/: six fields have a
history, and a value is known by its id or by the name that it had when it was set.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.sandbox.jira.index import Document
from connector.sandbox.jira.jql.errors import JqlError
from connector.sandbox.jira.jql.syntax import Clause, Empty, Operand, Qualifier, Word
from connector.sandbox.jira.jql.terms import Asker, Key, Term

FIELDS = {
    "assignee": "assignee",
    "fixversion": "fixVersions",
    "priority": "priority",
    "reporter": "reporter",
    "resolution": "resolution",
    "status": "status",
}
PEOPLE = ("assignee", "reporter")
WAS = frozenset({"was", "was not", "was in", "was not in"})
OPERATORS = WAS | {"changed", "not changed"}
NEGATIVE = frozenset({"was not", "was not in", "not changed"})

Keys = Callable[[Operand], set[Key]]
Moment = Callable[[Operand], datetime]


@dataclass(frozen=True)
class Value:
    """What a field held: an id, None for nothing, and the name people read at the time."""

    key: Key
    text: str | None


@dataclass(frozen=True)
class Span:
    """Some time in the life of a field, and who began it: how long it kept a value, or the instant of a change."""

    since: datetime
    until: datetime | None
    by: str
    before: Value
    after: Value


@dataclass(frozen=True)
class Wanted:
    keys: frozenset[Key]
    names: frozenset[str]

    def fits(self, value: Value) -> bool:
        return value.key in self.keys or (value.text or "").casefold() in self.names


Test = Callable[[Span], bool]


def clause(one: Clause, asker: Asker, term: Term, keys: Keys, people: Keys, moment: Moment) -> Callable[..., bool]:
    """The predicate of a history clause. `keys`, `people` and `moment` read an operand of the field, BY, and a time."""
    field_id = FIELDS.get(one.field.casefold())
    if field_id is None:
        raise JqlError(f"History searches do not support the  '{one.field}' field.")  # two spaces, as Jira says it
    spans = _values if one.operator in WAS else _changes
    tests = [_qualified(qualifier, one, asker, keys, people, moment) for qualifier in one.qualifiers]
    if one.operator in WAS:
        wanted = _wanted(one.operands, one, asker, keys)
        tests.append(lambda span: wanted.fits(span.after))
    negative = one.operator in NEGATIVE

    def matches(document: Document) -> bool:
        return any(all(test(span) for test in tests) for span in spans(document, field_id, term)) != negative

    return matches


def _changes(document: Document, field_id: str, _term: Term) -> Iterator[Span]:
    for entry in document.histories:
        for item in entry.items:
            if item.field_id == field_id:
                before, after = Value(item.before, item.before_text), Value(item.after, item.after_text)
                yield Span(entry.created_at, entry.created_at, entry.author_id, before, after)


def _values(document: Document, field_id: str, term: Term) -> Iterator[Span]:
    """Each value the field had, from the one that the issue was made with to the one it has."""
    changes = list(_changes(document, field_id, term))
    held = next(iter(term.has(document)), None)
    first = changes[0].before if changes else Value(held, None)
    ends = [*(change.since for change in changes), None]
    yield Span(document.created_at, ends[0], document.values["creator"], first, first)
    for change, until in zip(changes, ends[1:], strict=True):
        yield Span(change.since, until, change.by, change.before, change.after)


def _qualified(one: Qualifier, whole: Clause, asker: Asker, keys: Keys, people: Keys, moment: Moment) -> Test:
    if one.word in ("from", "to"):
        if whole.operator in WAS:
            raise JqlError(f"The predicate '{one.word}' is not supported by the operator '{whole.operator}'.")
        wanted = _wanted(one.operands, whole, asker, keys)
        return (lambda span: wanted.fits(span.before)) if one.word == "from" else (lambda span: wanted.fits(span.after))
    if one.word == "by":
        who = {key for operand in one.operands for key in people(operand)}
        return lambda span: span.by in who
    times = [moment(operand) for operand in one.operands]
    if one.word == "before":
        return lambda span: span.since < times[0]
    if one.word == "after":
        return lambda span: span.until is None or span.until > times[0]
    if one.word == "on":
        day = times[0].astimezone(asker.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        times = [day, day + timedelta(days=1) - timedelta(microseconds=1)]
    elif len(times) != 2:
        raise JqlError(f"The predicate '{one.word}' takes two dates in parentheses.")
    return lambda span: span.since <= times[1] and (span.until is None or span.until >= times[0])


def _wanted(operands: Iterable[Operand], whole: Clause, asker: Asker, keys: Keys) -> Wanted:
    """The values asked for. A name that is none any more counts where an issue once had it."""
    field_id = FIELDS[whole.field.casefold()]
    found: set[Key] = set()
    names: set[str] = set()
    for operand in operands:
        if isinstance(operand, Empty):
            found.add(None)
            continue
        if isinstance(operand, Word) and field_id not in PEOPLE:
            names.add(operand.text.casefold())
        try:
            found |= keys(operand)
        except JqlError:
            if not (isinstance(operand, Word) and _was_ever(asker, field_id, operand.text)):
                raise
    return Wanted(frozenset(found), frozenset(names))


def _was_ever(asker: Asker, field_id: str, name: str) -> bool:
    wanted = name.casefold()
    logged = (item for issue in asker.site.jira.issues.values() for entry in issue.histories for item in entry.items)
    return (
        bool(wanted)
        and field_id not in PEOPLE
        and any(
            wanted in ((item.before_text or "").casefold(), (item.after_text or "").casefold())
            for item in logged
            if item.field_id == field_id
        )
    )
