"""What a route answers, and the shape each product gives its refusals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json;charset=UTF-8"
NO_LOGIN = "Client must be authenticated to access this resource."


@dataclass(frozen=True)
class Answer:
    """An answer before it becomes bytes.

    `body` is a JSON value, or None for no body at all; `raw` is sent as it is instead (bytes, or chunks of a
    file) and then `content_type` should say what it is.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | Iterable[bytes] | None = None
    content_type: str = JSON


class RefusedError(Exception):
    """A request the product refuses; carries the whole answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.status}: {answer.body}")
        self.answer = answer


def jira_error(
    status: int, *messages: str, errors: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> RefusedError:
    """Jira's shape: general messages, and messages by field."""
    body = {"errorMessages": list(messages), "errors": dict(errors or {})}
    return RefusedError(Answer(status, body, headers or {}))


def confluence_error(
    status: int, code: str, title: str, detail: str | None = None, *, headers: Mapping[str, str] | None = None
) -> RefusedError:
    """Confluence v2's shape."""
    body = {"errors": [{"status": status, "code": code, "title": title, "detail": detail}]}
    return RefusedError(Answer(status, body, headers or {}))


def confluence_v1_error(
    status: int, message: str, *, headers: Mapping[str, str] | None = None, reason: str | None = None
) -> RefusedError:
    """Confluence v1's shape."""
    data = {"authorized": status not in (401, 403), "valid": True, "errors": [], "successful": False}
    body: dict[str, Any] = {"statusCode": status, "data": data, "message": message}
    if reason:
        body["reason"] = reason
    return RefusedError(Answer(status, body, headers or {}))


def html(text: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """A page for people."""
    return Answer(status, headers=headers or {}, raw=text.encode(), content_type="text/html;charset=UTF-8")


def redirect(location: str, status: int = 303, headers: Mapping[str, str] | None = None) -> Answer:
    """Go and look elsewhere."""
    return Answer(status, headers={**(headers or {}), "Location": location}, raw=b"")
