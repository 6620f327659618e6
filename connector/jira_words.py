"""Issues in Jira's words: the fields of a create and of an edit. Flavours say a text and a person differently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from connector.understood import MisuseError
from mappings.adf import to_adf
from mappings.errors import Refused
from mappings.far import IssueDraft, IssueEdit
from mappings.text import Document
from mappings.wiki import to_wiki

IMPEDIMENT = [{"value": "Impediment"}]
"""What a raised flag holds; the one option that Jira's own field has."""


@dataclass(frozen=True, slots=True)
class Words:
    """How one flavour says a document, and names a person."""

    document: Callable[[Document], object]
    person: Callable[[str], Mapping[str, str]]


CLOUD = Words(to_adf, lambda account_id: {"accountId": account_id})
DATA_CENTER = Words(to_wiki, lambda name: {"name": name})


def draft_fields(draft: IssueDraft, words: Words) -> dict[str, Any]:
    """The fields of an issue to create; the marker is among its labels."""
    fields: dict[str, Any] = {
        **draft.fields,
        "project": {"key": draft.project},
        "issuetype": {"name": draft.issue_type},
        "summary": draft.summary,
        "description": words.document(draft.description),
        "labels": sorted(draft.labels | {draft.marker}),
    }
    if draft.parent is not None:
        fields["parent"] = {"key": draft.parent}
    if draft.due_on is not None:
        fields["duedate"] = draft.due_on.isoformat()
    if draft.assignee is not None:
        fields["assignee"] = words.person(draft.assignee)
    if draft.priority is not None:
        fields["priority"] = {"name": draft.priority}
    return fields


def edit_body(wanted: IssueEdit, words: Words, flag_field: Callable[[], str | None]) -> dict[str, Any]:
    """All changes as the body of one edit, empty where there is nothing to change. `flag_field` is asked when a flag
    is among them, for the site's id of that field."""
    fields = dict(_field(words, flag_field, name, value) for name, value in wanted.changes.items())
    labels = [{"add": label} for label in sorted(wanted.add_labels)]
    labels += [{"remove": label} for label in sorted(wanted.remove_labels)]
    body: dict[str, Any] = {}
    if fields or wanted.own:
        body["fields"] = {**wanted.own, **fields}
    if labels:
        body["update"] = {"labels": labels}
    return body


def _field(words: Words, flag_field: Callable[[], str | None], name: str, value: Any) -> tuple[str, Any]:
    """A change in Jira's words: field id and value."""
    match name, value:
        case "summary", str():
            return "summary", value
        case "description", tuple():
            return "description", words.document(value)
        case "due_on", date() | None:
            return "duedate", value.isoformat() if value else None
        case "assignee", str() | None:
            return "assignee", words.person(value) if value else None
        case "priority", str():
            return "priority", {"name": value}
        case "is_flagged", bool():
            return _known(flag_field()), IMPEDIMENT if value else None
        case _:
            raise MisuseError(f"an issue has no change {name!r} of {type(value).__name__}; see IssueEdit")


def _known(flag_field: str | None) -> str:
    if flag_field is None:
        why = "this site has no field Flagged, or Tieout's account does not see it"
        raise Refused(why, fields={"is_flagged": why})
    return flag_field
