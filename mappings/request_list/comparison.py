"""Compares an item of the list with the request that the register has under its number.

A field is changed when the list says something else than the register does. But people change the register too: where
the last import is known (`ExistingRequest.listed`), a field that the *list* has not moved since stays as the register
has it. Of an owner, reviewer or priority that both moved, Jira's is kept, since those are Jira's to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from mappings.records import EMPTY, Person, Priority, RequestStatus

from .people import is_same
from .rows import CLEAR, RequestRow, Unsaid

FieldValue: TypeAlias = str | tuple[str, ...] | date | Person | tuple[Person, ...] | None

FIELDS = (
    *("title", "description", "criteria", "controls", "category", "request_type", "team", "owner", "reviewer"),
    *("auditor_due_on", "priority", "period_start", "period_end", "sample", "system", "frequency"),
)
"""The fields that a list sets, as `RequestRow`, `ExistingRequest` and `Record` name them."""

JIRAS = ("owner", "reviewer", "priority")
"""Fields whose authority is Jira: kept as they are when the list moved them too."""

EXTRA = "extra: "
"""Stands before the heading of a column that is kept word for word, where changes are named."""

SETTLED = (RequestStatus.ACCEPTED, RequestStatus.NOT_APPLICABLE, RequestStatus.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class ExistingRequest:
    """What the register holds of a request, as far as a list can say anything about it."""

    number: str
    title: str
    description: str = ""
    criteria: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    category: str = ""
    request_type: str = "other"
    team: str = ""
    owner: Person | None = None
    watchers: tuple[Person, ...] = ()
    reviewer: Person | None = None
    auditor_due_on: date | None = None
    priority: str = Priority.MEDIUM
    period_start: date | None = None
    period_end: date | None = None
    sample: str = ""
    system: str = ""
    frequency: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    status: str = RequestStatus.OPEN
    is_proposed_withdrawn: bool = False
    listed: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """What the last import of the list said, by field: `PlannedRow.listed` of that time. Empty when not known."""

    @property
    def is_open(self) -> bool:
        return self.status not in SETTLED


NOTHING_YET = ExistingRequest(number="", title="")


def changes_of(row: RequestRow, request: ExistingRequest) -> tuple[dict[str, tuple[FieldValue, FieldValue]], list[str]]:
    """Field → before and after; and what was kept against the list, in words."""
    changes: dict[str, tuple[FieldValue, FieldValue]] = {}
    kept = []
    for name, after in _said(row):
        before: FieldValue = getattr(request, name)
        base = request.listed.get(name)
        if _is_equal(before, after) or base == in_words(after):
            continue
        if name in JIRAS and base is not None and not _says(before, base):
            kept.append(f"The list and Jira both changed the {name}; Jira's is kept")
        else:
            changes[name] = (before, after)
    new = tuple(one for one in row.watchers if not any(is_same(one, other) for other in request.watchers))
    if new and request.listed.get("watchers") != in_words(row.watchers):
        changes["watchers"] = (request.watchers, request.watchers + new)
    for header, text in row.extra.items():
        if request.extra.get(header, "") != text:
            changes[f"{EXTRA}{header}"] = (request.extra.get(header, ""), text)
    return changes, kept


def _said(row: RequestRow) -> Iterator[tuple[str, FieldValue]]:
    """The fields that a row says something of; an emptied one with the value that a new request has there."""
    for name in FIELDS:
        value = getattr(row, name)
        if value is CLEAR:
            yield name, getattr(NOTHING_YET, name)
        elif not isinstance(value, Unsaid):
            yield name, value


def _is_equal(before: FieldValue, after: FieldValue) -> bool:
    if isinstance(before, Person | None) and isinstance(after, Person | None):
        return is_same(before, after)
    return before == after


def _says(value: FieldValue, words: str) -> bool:
    """Whether a value is what `words` meant; a person whom the list had by name may have an e-mail by now."""
    return in_words(value) == words or (isinstance(value, Person) and value.name.casefold() == words.casefold())


def in_words(value: FieldValue) -> str:
    """A value as text, the same for the same value; for comparing with what an import said before, and for people."""
    match value:
        case None:
            return ""
        case Person():
            return value.email or value.name
        case tuple():
            return ", ".join(in_words(one) for one in value)
        case date():
            return value.isoformat()
        case _:
            return str(value)


def listed_words(row: RequestRow) -> dict[str, str]:
    """Field → what the row says of it, and the words of its status columns: the base of the next import."""
    said = {name: in_words(value) for name, value in _said(row)}
    states = ", ".join(f"{word.header}: {word.word}" for word in row.status_words)
    return said | {name: words for name, words in (("watchers", in_words(row.watchers)), ("status", states)) if words}
