"""Reading field values off the wire: what each kind of field takes, and Jira's words for what it does not."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from connector.sandbox.jira import adf
from connector.sandbox.jira.model import Field, Project
from connector.sandbox.jira.permissions import is_assignable
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


def read_summary(_setting: Setting, _field: Field, value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        raise BadValueError("You must specify a summary of the issue.")
    if len(value) > SUMMARY_MAX:
        raise BadValueError("Summary must be less than 255 characters.")
    if "\n" in value or "\r" in value:
        raise BadValueError("The summary is invalid because it contains newline characters.")
    return value.strip()


def read_text(_setting: Setting, _field: Field, value: Any) -> Any:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadValueError("Operation value must be a string")
    if len(value) > SUMMARY_MAX:
        raise BadValueError("The entered text is too long. It exceeds the allowed limit of 255 characters.")
    return value


def read_document(setting: Setting, _field: Field, value: Any) -> Any:
    if value is None or value == "":
        return None
    if setting.version == 2 and isinstance(value, str):
        value = adf.from_text(value)
    if not adf.is_document(value):
        raise BadValueError("Operation value must be an Atlassian Document (see the Atlassian Document Format)")
    if len(adf.to_text(value)) > TEXT_MAX:
        raise BadValueError("The entered text is too long. It exceeds the allowed limit of 32,767 characters.")
    return value


def read_user(setting: Setting, _field: Field, value: Any) -> Any:
    account_id = value.get("accountId", value.get("id")) if isinstance(value, dict) else value
    if account_id in (None, ""):
        return None
    if not isinstance(account_id, str) or account_id not in setting.site.accounts:
        raise BadValueError(f"User '{account_id}' does not exist.")
    return account_id


def read_assignee(setting: Setting, field: Field, value: Any) -> Any:
    account_id = value.get("accountId", value.get("id")) if isinstance(value, dict) else value
    if account_id == AUTOMATIC:
        return setting.project.lead_id if setting.project.assignee_type == "PROJECT_LEAD" else None
    found = read_user(setting, field, account_id)
    if found is not None and not is_assignable(setting.project, setting.site.accounts[found]):
        raise BadValueError(f"User '{found}' cannot be assigned issues.")
    return found


def read_priority(setting: Setting, _field: Field, value: Any) -> Any:
    return _named(value, setting.site.jira.priorities, "priority")


def read_resolution(setting: Setting, _field: Field, value: Any) -> Any:
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


def read_labels(_setting: Setting, _field: Field, value: Any) -> Any:
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


def read_date(_setting: Setting, _field: Field, value: Any) -> Any:
    if value in (None, ""):
        return None
    try:
        if not isinstance(value, str) or len(value) != len("2026-01-01"):
            raise ValueError(value)
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise BadValueError(f"Operation value must be a string in the format yyyy-MM-dd, got: {value}") from None


def read_moment(_setting: Setting, _field: Field, value: Any) -> Any:
    if value in (None, ""):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadValueError(f"Operation value must be a date-time string, got: {value}") from None
    if moment.tzinfo is None:
        raise BadValueError(f"Operation value must be a date-time string with a time zone, got: {value}")
    return moment


def read_number(_setting: Setting, _field: Field, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadValueError("Operation value must be a number")
    return float(value)


def read_option(_setting: Setting, field: Field, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(value, dict):
        for option in field.options:
            if value.get("id") == option.option_id or ("id" not in value and value.get("value") == option.value):
                return option.option_id
        raise BadValueError(f"Option value '{value.get('value', value.get('id'))}' is not valid")
    raise BadValueError(f"Specify a valid 'id' or 'name' for {field.name}")


def read_options(setting: Setting, field: Field, value: Any) -> Any:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise BadValueError("data was not an array")
    chosen = {read_option(setting, field, item) for item in value}
    return tuple(option.option_id for option in field.options if option.option_id in chosen)


def read_parent(setting: Setting, _field: Field, value: Any) -> Any:
    if value is None:
        return None
    ref = (value.get("id") or value.get("key")) if isinstance(value, dict) else None
    found = setting.site.jira.issue(str(ref)) if ref else None
    if found is None:
        raise BadValueError("Could not find issue by id or key.")
    return found.issue_id


def read_fixed(_setting: Setting, field: Field, _value: Any) -> Any:
    raise BadValueError(f"Field '{field.field_id}' cannot be set. It is not on the appropriate screen, or unknown.")
