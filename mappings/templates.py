"""Constants of the mapping file with names in them: `"PBC {request.number}"`. Names stand for words of the record, and
nothing is computed. `{{` and `}}` are braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from .context import AuditContext, Family
from .records import Record

NAMES = (
    *("audit.key", "audit.name", "request.number", "request.title", "request.type"),
    *("record.number", "record.criteria", "record.controls", "record.team", "record.owner", "record.due"),
    "record.auditor_due",
)
_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class _NotSaid(Exception):
    """A name has nothing to stand for."""


def problems(value: object) -> Iterator[str]:
    """What is wrong with the names in a constant, in sentences."""
    for text in _texts(value):
        for part in _PART.finditer(text):
            if part[0] in ("{", "}"):
                yield f"{text!r} has a brace too many; a brace by itself is written twice"
            elif part[1] is not None and part[1] not in NAMES:
                yield f"{{{part[1]}}} stands for nothing; there are {', '.join(NAMES)}"


def fill(fields: Mapping[str, object], record: Record, family: Family, ctx: AuditContext) -> Mapping[str, object]:
    """The constants with what their names stand for; a field in which a name has nothing to stand for is left out."""
    said = _said(record, family, ctx)
    filled: dict[str, object] = {}
    for name, value in fields.items():
        with suppress(_NotSaid):
            filled[name] = _filled(value, said)
    return filled


def _said(record: Record, family: Family, ctx: AuditContext) -> Mapping[str, str]:
    """What each name stands for; owners by account."""
    due, auditor_due = record.due_on, record.auditor_due_on
    return {
        "audit.key": ctx.key,
        "audit.name": ctx.rule.name,
        "request.number": family.request.number,
        "request.title": family.request.title,
        "request.type": family.request.request_type,
        "record.number": record.number,
        "record.criteria": ", ".join(record.criteria),
        "record.controls": ", ".join(record.controls),
        "record.team": record.team,
        "record.owner": ctx.account_of(record.owner) or "",
        "record.due": due.isoformat() if due else "",
        "record.auditor_due": auditor_due.isoformat() if auditor_due else "",
    }


def _filled(value: object, said: Mapping[str, str]) -> object:
    if isinstance(value, str):
        return _PART.sub(lambda part: _word(part, said), value)
    if isinstance(value, Mapping):
        return {name: _filled(each, said) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(each, said) for each in value]
    return value


def _word(part: re.Match[str], said: Mapping[str, str]) -> str:
    if part[1] is None:
        return part[0][0]
    if not said[part[1]]:
        raise _NotSaid(part[1])
    return said[part[1]]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
