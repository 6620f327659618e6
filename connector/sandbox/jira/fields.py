"""Field values: how the wire's are read and checked, kept, shown, and named in the change log.

A stored value is the plainest thing that identifies it: an id, an ISO date, a tuple of labels, an ADF document.
Each kind of field is one row of `KINDS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from connector.sandbox.jira import adf, beans
from connector.sandbox.jira.model import Field, Project
from connector.sandbox.jira.permissions import is_assignable
from connector.sandbox.jira.viewer import Viewer
from connector.sandbox.site import Site

SUMMARY_MAX = 255
TEXT_MAX = 32767
AUTOMATIC = "-1"


class BadValueError(Exception):
    """A value the field does not take; the message is the one Jira gives for the field."""


@dataclass(frozen=True)
class Setting:
    """Where a value is to be set: the site, the project, and the API version it was written for."""

    site: Site
    project: Project
    version: int = 3


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


def _summary(_setting: Setting, _field: Field, value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        raise BadValueError("You must specify a summary of the issue.")
    if len(value) > SUMMARY_MAX:
        raise BadValueError("Summary must be less than 255 characters.")
    if "\n" in value or "\r" in value:
        raise BadValueError("The summary is invalid because it contains newline characters.")
    return value.strip()


def _text(_setting: Setting, _field: Field, value: Any) -> Any:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadValueError("Operation value must be a string")
    if len(value) > SUMMARY_MAX:
        raise BadValueError("The entered text is too long. It exceeds the allowed limit of 255 characters.")
    return value


def _document(setting: Setting, _field: Field, value: Any) -> Any:
    if value is None or value == "":
        return None
    if setting.version == 2 and isinstance(value, str):
        value = adf.from_text(value)
    if not adf.is_document(value):
        raise BadValueError("Operation value must be an Atlassian Document (see the Atlassian Document Format)")
    if len(adf.to_text(value)) > TEXT_MAX:
        raise BadValueError("The entered text is too long. It exceeds the allowed limit of 32,767 characters.")
    return value


def _user(setting: Setting, _field: Field, value: Any) -> Any:
    account_id = value.get("accountId", value.get("id")) if isinstance(value, dict) else value
    if account_id in (None, ""):
        return None
    if not isinstance(account_id, str) or account_id not in setting.site.accounts:
        raise BadValueError(f"User '{account_id}' does not exist.")
    return account_id


def _assignee(setting: Setting, field: Field, value: Any) -> Any:
    account_id = value.get("accountId", value.get("id")) if isinstance(value, dict) else value
    if account_id == AUTOMATIC:
        return setting.project.lead_id if setting.project.assignee_type == "PROJECT_LEAD" else None
    found = _user(setting, field, account_id)
    if found is not None and not is_assignable(setting.project, setting.site.accounts[found]):
        raise BadValueError(f"User '{found}' cannot be assigned issues.")
    return found


def _priority(setting: Setting, _field: Field, value: Any) -> Any:
    return _named(value, setting.site.jira.priorities, "priority")


def _resolution(setting: Setting, _field: Field, value: Any) -> Any:
    return None if value is None else _named(value, setting.site.jira.resolutions, "resolution")


def _named(value: Any, known: dict[str, Any], what: str) -> str:
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and value["id"] in known:
            return str(value["id"])
        wanted = str(value.get("name", "")).casefold()
        for named_id, one in known.items():
            if "id" not in value and one.name.casefold() == wanted:
                return named_id
        raise BadValueError(f"The {what} selected is invalid.")
    raise BadValueError(f"Specify the {what.title()} (id or name) in the string format")


def _labels(_setting: Setting, _field: Field, value: Any) -> Any:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadValueError("The labels must be a list of strings.")
    for label in value:
        if any(letter.isspace() for letter in label):
            raise BadValueError(f"The label '{label}' contains spaces which is invalid.")
        if len(label) > SUMMARY_MAX:
            raise BadValueError(f"The label '{label}' is longer than 255 characters.")
    return tuple(sorted(set(filter(None, value))))


def _date(_setting: Setting, _field: Field, value: Any) -> Any:
    if value in (None, ""):
        return None
    try:
        if not isinstance(value, str) or len(value) != len("2026-01-01"):
            raise ValueError(value)
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise BadValueError(f"Operation value must be a string in the format yyyy-MM-dd, got: {value}") from None


def _moment(_setting: Setting, _field: Field, value: Any) -> Any:
    if value in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadValueError(f"Operation value must be a date-time string, got: {value}") from None
    if moment.tzinfo is None:
        raise BadValueError(f"Operation value must be a date-time string with a time zone, got: {value}")
    return moment


def _number(_setting: Setting, _field: Field, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValueError("Operation value must be a number")
    return float(value)


def _option(_setting: Setting, field: Field, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, dict):
        for option in field.options:
            if value.get("id") == option.option_id or ("id" not in value and value.get("value") == option.value):
                return option.option_id
        raise BadValueError(f"Option value '{value.get('value', value.get('id'))}' is not valid")
    raise BadValueError(f"Specify a valid 'id' or 'name' for {field.name}")


def _options(setting: Setting, field: Field, value: Any) -> Any:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadValueError("data was not an array")
    chosen = {_option(setting, field, item) for item in value}
    return tuple(option.option_id for option in field.options if option.option_id in chosen)


def _parent(setting: Setting, _field: Field, value: Any) -> Any:
    if value is None:
        return None
    ref = (value.get("id") or value.get("key")) if isinstance(value, dict) else None
    found = setting.site.jira.issue(str(ref)) if ref else None
    if found is None:
        raise BadValueError("Could not find issue by id or key.")
    return found.issue_id


def _fixed(_setting: Setting, field: Field, _value: Any) -> Any:
    raise BadValueError(f"Field '{field.field_id}' cannot be set. It is not on the appropriate screen, or unknown.")


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
    "summary": Kind(_summary, _same, lambda _s, _f, v: (None, v)),
    "text": Kind(_text, _same, lambda _s, _f, v: (None, v)),
    "document": Kind(_document, _as_document, lambda _s, _f, v: (None, adf.to_text(v))),
    "user": Kind(_user, _as_user, _name_user),
    "assignee": Kind(_assignee, _as_user, _name_user),
    "creator": Kind(_fixed, _as_user, _name_user),
    "priority": Kind(
        _priority,
        lambda viewer, _f, v: beans.priority(viewer, viewer.site.jira.priorities[v]),
        lambda site, _f, v: (v, site.jira.priorities[v].name),
    ),
    "resolution": Kind(
        _resolution,
        lambda viewer, _f, v: beans.resolution(viewer, viewer.site.jira.resolutions[v]),
        lambda site, _f, v: (v, site.jira.resolutions[v].name),
    ),
    "status": Kind(
        _fixed,
        lambda viewer, _f, v: beans.status(viewer, viewer.site.jira.statuses[v]),
        lambda site, _f, v: (v, site.jira.statuses[v].name),
    ),
    "issuetype": Kind(
        _fixed,
        lambda viewer, _f, v: beans.issue_type(viewer, viewer.site.jira.types[v]),
        lambda site, _f, v: (v, site.jira.types[v].name),
    ),
    "project": Kind(
        _fixed,
        lambda viewer, _f, v: beans.project(viewer, viewer.site.jira.projects[v]),
        lambda site, _f, v: (v, site.jira.projects[v].name),
    ),
    "parent": Kind(_parent, _as_parent, _name_parent),
    "labels": Kind(_labels, lambda _v, _f, v: list(v), lambda _s, _f, v: (None, " ".join(v))),
    "date": Kind(_date, _same, lambda _s, _f, v: (v, f"{v} 00:00:00.0")),
    "moment": Kind(_moment, lambda viewer, _f, v: viewer.stamp(v), lambda _s, _f, v: (v.isoformat(), v.isoformat())),
    "number": Kind(_number, _same, lambda _s, _f, v: (None, f"{v:g}")),
    "option": Kind(_option, _as_option, _name_option),
    "options": Kind(_options, lambda viewer, field, v: [_as_option(viewer, field, one) for one in v], _name_options),
    "computed": Kind(_fixed, _same, lambda _s, _f, _v: (None, None)),
}
