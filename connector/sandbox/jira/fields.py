"""Field values: kept in a stored form, shown on the wire, and named in the change log; values.py reads them.

A stored value is the plainest thing that identifies it: an id, an ISO date, a tuple of labels, an ADF document.
Each kind of field is one row of `KINDS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connector.sandbox.jira import adf, beans, values
from connector.sandbox.jira.model import Field
from connector.sandbox.jira.values import Setting
from connector.sandbox.jira.viewer import Viewer
from connector.sandbox.site import Site


@dataclass(frozen=True)
class Kind:
    """How one kind of field behaves. `name` gives the change log's id and text of a stored value."""

    parse: Callable[[Setting, Field, Any], Any]
    render: Callable[[Viewer, Field, Any], Any]
    name: Callable[[Site, Field, Any], tuple[str | None, str | None]]


def parse(setting: Setting, field: Field, value: Any) -> Any:
    """The stored form of a value from the wire; BadValueError when the field does not take it."""
    return KINDS[field.kind].parse(setting, field, value)


def render(viewer: Viewer, field: Field, stored: Any) -> Any:
    """The wire's form of a stored value."""
    if stored is None:
        return [] if field.kind == "labels" else None
    return KINDS[field.kind].render(viewer, field, stored)


def name(site: Site, field: Field, stored: Any) -> tuple[str | None, str | None]:
    """Id and text of a stored value, as the change log keeps them."""
    if stored is None or stored == ():
        return (None, "") if field.kind in ("labels", "options") else (None, None)
    return KINDS[field.kind].name(site, field, stored)


def _same(_viewer: Viewer, _field: Field, stored: Any) -> Any:
    return stored


def _as_document(viewer: Viewer, _field: Field, stored: Any) -> Any:
    return adf.to_text(stored) if viewer.version == 2 else stored


def _as_user(viewer: Viewer, _field: Field, stored: Any) -> Any:
    return viewer.user(stored)


def _as_option(viewer: Viewer, field: Field, stored: Any) -> Any:
    value = next(option.value for option in field.options if option.option_id == stored)
    return {"self": f"{viewer.api}/customFieldOption/{stored}", "value": value, "id": stored}


def _as_parent(viewer: Viewer, _field: Field, stored: Any) -> Any:
    parent = viewer.site.jira.issues.get(stored)
    return short_issue(viewer, parent.issue_id) if parent else None


def short_issue(viewer: Viewer, issue_id: str) -> dict[str, Any]:
    """An issue as parents, sub-tasks and links show it."""
    jira = viewer.site.jira
    issue = jira.issues[issue_id]
    return {
        "id": issue.issue_id,
        "key": issue.key,
        "self": f"{viewer.api}/issue/{issue.issue_id}",
        "fields": {
            "summary": issue.values["summary"],
            "status": beans.status(viewer, jira.statuses[issue.status_id]),
            "priority": beans.priority(viewer, jira.priorities[issue.values["priority"]]),
            "issuetype": beans.issue_type(viewer, jira.types[issue.type_id]),
        },
    }


def _name_user(site: Site, _field: Field, stored: Any) -> tuple[str | None, str | None]:
    return stored, site.accounts[stored].display_name


def _name_option(_site: Site, field: Field, stored: Any) -> tuple[str | None, str | None]:
    return stored, next(option.value for option in field.options if option.option_id == stored)


def _name_options(_site: Site, field: Field, stored: Any) -> tuple[str | None, str | None]:
    chosen = [option.value for option in field.options if option.option_id in stored]
    return f"[{', '.join(stored)}]", ", ".join(chosen)


def _name_parent(site: Site, _field: Field, stored: Any) -> tuple[str | None, str | None]:
    parent = site.jira.issues.get(stored)
    return stored, parent.key if parent else None


KINDS: dict[str, Kind] = {
    "summary": Kind(values.read_summary, _same, lambda _s, _f, v: (None, v)),
    "text": Kind(values.read_text, _same, lambda _s, _f, v: (None, v)),
    "document": Kind(values.read_document, _as_document, lambda _s, _f, v: (None, adf.to_text(v))),
    "user": Kind(values.read_user, _as_user, _name_user),
    "assignee": Kind(values.read_assignee, _as_user, _name_user),
    "creator": Kind(values.read_fixed, _as_user, _name_user),
    "priority": Kind(
        values.read_priority,
        lambda viewer, _f, v: beans.priority(viewer, viewer.site.jira.priorities[v]),
        lambda site, _f, v: (v, site.jira.priorities[v].name),
    ),
    "resolution": Kind(
        values.read_resolution,
        lambda viewer, _f, v: beans.resolution(viewer, viewer.site.jira.resolutions[v]),
        lambda site, _f, v: (v, site.jira.resolutions[v].name),
    ),
    "status": Kind(
        values.read_fixed,
        lambda viewer, _f, v: beans.status(viewer, viewer.site.jira.statuses[v]),
        lambda site, _f, v: (v, site.jira.statuses[v].name),
    ),
    "issuetype": Kind(
        values.read_fixed,
        lambda viewer, _f, v: beans.issue_type(viewer, viewer.site.jira.types[v]),
        lambda site, _f, v: (v, site.jira.types[v].name),
    ),
    "project": Kind(
        values.read_fixed,
        lambda viewer, _f, v: beans.project(viewer, viewer.site.jira.projects[v]),
        lambda site, _f, v: (v, site.jira.projects[v].name),
    ),
    "parent": Kind(values.read_parent, _as_parent, _name_parent),
    "labels": Kind(values.read_labels, lambda _v, _f, v: list(v), lambda _s, _f, v: (None, " ".join(v))),
    "date": Kind(values.read_date, _same, lambda _s, _f, v: (v, f"{v} 00:00:00.0")),
    "moment": Kind(
        values.read_moment, lambda viewer, _f, v: viewer.stamp(v), lambda _s, _f, v: (v.isoformat(), v.isoformat())
    ),
    "number": Kind(values.read_number, _same, lambda _s, _f, v: (None, f"{v:g}")),
    "option": Kind(values.read_option, _as_option, _name_option),
    "options": Kind(
        values.read_options, lambda viewer, field, v: [_as_option(viewer, field, one) for one in v], _name_options
    ),
    "computed": Kind(values.read_fixed, _same, lambda _s, _f, _v: (None, None)),
}
