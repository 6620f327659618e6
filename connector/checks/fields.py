"""Fields: what a project requires that nothing fills, and what Tieout writes that its screens do not have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from connector.checks.catalogue import found
from connector.checks.findings import Finding
from connector.checks.jira_reading import FieldInfo
from connector.checks.uses import Use

ALWAYS = frozenset({"project", "issuetype", "summary", "description", "labels"})
"""Filled on every issue that Tieout makes."""
MAYBE = frozenset({"duedate", "assignee", "priority"})
"""Filled where the record says it."""
PARENT = "parent"
NAMES = {
    "summary": "Summary",
    "description": "Description",
    "labels": "Labels",
    "duedate": "Due date",
    "assignee": "Assignee",
    "priority": "Priority",
}


def check_create_screen(
    use: Use, screen: Mapping[str, FieldInfo], where: str, *, is_subtask: bool = False
) -> Iterator[Finding]:
    filled = {*ALWAYS, *use.constants, *([PARENT] if use.parent or is_subtask else [])}
    yield from _unfilled(use, screen, filled, where)
    for id_ in _written(use):
        if id_ not in screen:
            yield found("field-off-create-screen", where, field=NAMES[id_], issue_type=use.issue_type)
    for id_, value in use.constants.items():
        yield from _constant(use, screen, id_, value, where)


def check_edit_screen(
    use: Use, editable: Collection[str], flag_field: str | None, issue: str, where: str
) -> Iterator[Finding]:
    """By the fields that can be edited on one issue of the type."""
    names = NAMES | ({flag_field: "Flagged"} if flag_field else {})
    for id_, name in names.items():
        if id_ not in editable:
            yield found("field-off-edit-screen", where, field=name, issue_type=use.issue_type, issue=issue)


def _unfilled(use: Use, screen: Mapping[str, FieldInfo], filled: Collection[str], where: str) -> Iterator[Finding]:
    for info in screen.values():
        if not info.is_required or info.has_default or info.id in filled:
            continue
        name = "required-field-may-be-empty" if info.id in MAYBE else "required-field-unfilled"
        yield found(name, where, field=info.name, id=info.id, issue_type=use.issue_type, place=use.constants_at)


def _written(use: Use) -> list[str]:
    """An escalation issue has no date of its own."""
    return [id_ for id_ in NAMES if use.kind is not None or id_ != "duedate"]


def _constant(use: Use, screen: Mapping[str, FieldInfo], id_: str, value: object, where: str) -> Iterator[Finding]:
    info = screen.get(id_)
    if info is None:
        yield found("constant-off-screen", where, id=id_, place=use.constants_at, issue_type=use.issue_type)
        return
    wrong = [part for part in (value if isinstance(value, list) else [value]) if not _is_allowed(part, info)]
    if wrong:
        allowed = ", ".join(_shown(choice) for choice in info.allowed)
        shown = ", ".join(_shown(part) for part in wrong)
        yield found(
            "constant-not-allowed", where, field=info.name, id=id_, value=shown, allowed=allowed, place=use.constants_at
        )


def _is_allowed(value: object, info: FieldInfo) -> bool:
    """Whether a value is one of a field's choices. Jira is to judge where it has none, where the value is no object,
    and where names in braces stand for words of the record."""
    if not info.allowed or not isinstance(value, dict) or any("{" in str(part) for part in value.values()):
        return True
    return any(all(str(choice.get(key)) == str(part) for key, part in value.items()) for choice in info.allowed)


def _shown(value: object) -> str:
    if isinstance(value, Mapping):
        return str(value.get("value") or value.get("name") or value.get("id") or dict(value))
    return str(value)
