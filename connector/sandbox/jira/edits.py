"""What a body wants done to an issue: `fields` and `update` read, checked against the screen, all errors at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.answers import RefusedError, jira_error
from connector.sandbox.jira import adf, bodies, fields, values
from connector.sandbox.jira.model import Field
from connector.sandbox.jira.permissions import may
from connector.sandbox.jira.values import BadValueError, Setting

OFF_SCREEN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."
GUARDED = {
    "duedate": "SCHEDULE_ISSUES",
    "assignee": "ASSIGN_ISSUES",
    "reporter": "MODIFY_REPORTER",
    "issuelinks": "LINK_ISSUES",
    "comment": "ADD_COMMENTS",
}
LISTS = frozenset({"labels", "options"})
ASIDE = frozenset({"comment", "issuelinks"})  # set through `update` only, and not values of the issue
FIXED_AT_CREATION = frozenset({"project", "issuetype"})
PROPERTY_MAX = 32768
KEY_MAX = 255


@dataclass
class Edit:
    """Checked values by field id, and what is added beside them."""

    values: dict[str, Any] = field(default_factory=dict)
    comments: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Screen:
    """Which fields may be set here, by whom, over which current values."""

    setting: Setting
    actor: Account | None
    allows: Callable[[str], bool]
    current: Mapping[str, Any]

    def field(self, field_id: str) -> Field | None:
        """The field when it may be set here, else None."""
        found = self.setting.site.jira.fields.get(field_id)
        guard = GUARDED.get(field_id)
        if found is None or not self.allows(field_id):
            return None
        return found if guard is None or may(self.actor, self.setting.project, guard) else None


def read(screen: Screen, body: Mapping[str, Any]) -> Edit:
    """The edit a body describes; 400 with every field's error otherwise."""
    edit, errors = Edit(), dict[str, str]()
    given, updates = _object(body, "fields"), _object(body, "update")
    for field_id, value in given.items():
        if field_id not in FIXED_AT_CREATION:
            _collect(errors, field_id, partial(_set, screen, edit, field_id, value))
    for field_id, operations in updates.items():
        if field_id in given:
            errors[field_id] = f"Field '{field_id}' cannot be in both 'fields' and 'update'."
        elif field_id in ASIDE:
            _collect(errors, field_id, partial(_add_aside, screen, edit, field_id, operations))
        else:
            _collect(errors, field_id, partial(_update, screen, edit, field_id, operations))
    edit.properties = read_properties(body.get("properties"))
    if errors:
        raise jira_error(400, errors=errors)
    return edit


def read_properties(listed: Any) -> dict[str, Any]:
    """Entity properties as a body lists them: [{"key": .., "value": ..}]."""
    if listed is None:
        return {}
    if not isinstance(listed, list) or not all(isinstance(one, dict) and "key" in one for one in listed):
        raise jira_error(400, "Properties must be a list of objects with 'key' and 'value'.")
    return {check_key(one["key"]): bodies.known(one, "key value").get("value") for one in listed}


def check_key(key: Any) -> str:
    """A property key Jira takes; 400 otherwise."""
    if not isinstance(key, str) or not 0 < len(key) <= KEY_MAX:
        raise jira_error(400, f"The property key must be between 1 and {KEY_MAX} characters.")
    return key


def read_comment(screen: Screen, body: Mapping[str, Any]) -> dict[str, Any]:
    """Body and visibility of a comment as given; BadValueError when it is no document, or empty."""
    document = body.get("body")
    if screen.setting.version == 2 and isinstance(document, str):
        document = adf.from_text(document)
    if not document:
        raise BadValueError("Comment body can not be empty!")
    if not adf.is_document(document):
        raise BadValueError("Comment body is not valid!")
    if len(adf.to_text(document)) > values.TEXT_MAX:
        raise BadValueError("The entered text is too long. It exceeds the allowed limit of 32,767 characters.")
    return {"body": document, "visibility": _visibility(screen, body.get("visibility"))}


def _visibility(screen: Screen, given: Any) -> dict[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, dict) or given.get("type") not in ("group", "role"):
        raise BadValueError("Visibility needs a type of 'group' or 'role'.")
    value = str(given.get("value") or given.get("identifier") or "")
    if given["type"] == "group" and (screen.actor is None or value not in screen.actor.groups):
        raise BadValueError(f"You are currently not a member of the group: {value}.")
    return {"type": given["type"], "value": value, "identifier": value}


def _collect(errors: dict[str, str], field_id: str, act: Callable[[], None]) -> None:
    try:
        act()
    except BadValueError as error:
        errors[field_id] = str(error)


def _set(screen: Screen, edit: Edit, field_id: str, value: Any) -> None:
    known = screen.field(field_id)
    if known is None or field_id in ASIDE:
        raise BadValueError(OFF_SCREEN.format(field_id))
    edit.values[field_id] = fields.parse(screen.setting, known, value)


def _update(screen: Screen, edit: Edit, field_id: str, operations: Any) -> None:
    known = screen.field(field_id)
    if known is None:
        raise BadValueError(OFF_SCREEN.format(field_id))
    for verb, value in _verbs(operations):
        if verb == "set":
            edit.values[field_id] = fields.parse(screen.setting, known, value)
        elif known.kind in LISTS and verb in ("add", "remove"):
            held = edit.values.get(field_id, screen.current.get(field_id) or ())
            edit.values[field_id] = _in_list(screen, known, held, verb, value)
        else:
            raise BadValueError(f"Field does not support update '{verb}'")


def _in_list(screen: Screen, known: Field, held: tuple[str, ...], verb: str, value: Any) -> tuple[str, ...]:
    (one,) = fields.parse(screen.setting, known, [value]) or ("",)
    if verb == "remove":
        return tuple(item for item in held if item != one)
    return tuple(sorted({*held, one} - {""}))


def _add_aside(screen: Screen, edit: Edit, field_id: str, operations: Any) -> None:
    if screen.field(field_id) is None:
        raise BadValueError(OFF_SCREEN.format(field_id))
    for verb, value in _verbs(operations):
        if verb != "add" or not isinstance(value, dict):
            raise BadValueError(f"Field does not support update '{verb}'")
        if field_id == "comment":
            edit.comments.append(read_comment(screen, value))
        else:
            edit.links.append(value)


def _verbs(operations: Any) -> list[tuple[str, Any]]:
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise BadValueError("Update operations must be a list of objects.")
    return [pair for one in operations for pair in one.items()]


def _object(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _unreadable(name)
    return value


def _unreadable(name: str) -> RefusedError:
    return jira_error(400, f"Can not deserialize '{name}': it must be an object.")
