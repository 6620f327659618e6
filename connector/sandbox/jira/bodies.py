"""Parts of a body taken out as what they have to be; 400 where they are something else."""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.answers import RefusedError, jira_error
from connector.sandbox.wire import INVALID_PAYLOAD


def strings(body: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts or whole numbers, as texts; empty when it is not given."""
    listed = body.get(name)
    if listed is None:
        return []
    if not isinstance(listed, list) or not all(_is_name(item) for item in listed):
        raise _wrong(name, "a list of strings")
    return [str(item) for item in listed]


def ids(body: Mapping[str, Any], name: str) -> list[str]:
    """A list of numbers that are ids, as texts; empty when it is not given."""
    listed = strings(body, name)
    if not all(item.isdigit() for item in listed):
        raise _wrong(name, "a list of numbers")
    return listed


def one_id(body: Mapping[str, Any], name: str) -> str:
    """A number that is an id, or its digits, as clients send; empty when it is not given."""
    value = body.get(name)
    if value is None:
        return ""
    if not _is_name(value) or not str(value).isdigit():
        raise _wrong(name, "a number")
    return str(value)


def known(body: Mapping[str, Any], names: str) -> Mapping[str, Any]:
    """The object itself, when it has no names but these; 400 where the API document allows no others."""
    if not set(names.split()) >= body.keys():
        raise jira_error(400, INVALID_PAYLOAD)
    return body


def objects(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """A list of objects; empty when it is not given."""
    listed = body.get(name)
    if listed is None:
        return []
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise _wrong(name, "a list of objects")
    return listed


def part(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object inside the body; empty when it is not given."""
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong(name, "an object")
    return value


def text(body: Mapping[str, Any], name: str, default: str = "") -> str:
    """A text; the default when it is not given."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, str):
        raise _wrong(name, "a string")
    return value


def number(body: Mapping[str, Any], name: str, default: int) -> int:
    """A whole number, 0 or more; the default when it is not given."""
    value = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _wrong(name, "a whole number")
    return value


def _is_name(item: Any) -> bool:
    return isinstance(item, str) or (isinstance(item, int) and not isinstance(item, bool))


def _wrong(name: str, what: str) -> RefusedError:
    return jira_error(400, f"Invalid request payload: '{name}' must be {what}.")
