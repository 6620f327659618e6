"""The check boxes (`<ac:task>`) written in a page's body."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from connector.sandbox.confluence import storage
from connector.sandbox.confluence.storage import Element


@dataclass(frozen=True)
class BodyTask:
    """One check box: `local_id` is unique in its page only; `body` is storage format."""

    local_id: str
    is_complete: bool
    body: str
    assignee_id: str | None
    due_at: datetime | None


def read(body: str) -> list[BodyTask]:
    """The check boxes of a body in order; one without a task-id is none, as on the real site."""
    found = []
    for task in storage.elements(body, "ac:task"):
        local_id = _text(body, task, "ac:task-id")
        content = _part(body, task, "ac:task-body")
        if local_id:
            inner = storage.source_of(body, content) if content else ""
            complete = _text(body, task, "ac:task-status") == "complete"
            found.append(BodyTask(local_id, complete, inner, _assignee(content), _due_at(content)))
    return found


def with_status(body: str, local_id: str, *, complete: bool) -> str:
    """The body with one check box ticked or cleared; the same body when it has no such task."""
    word = "complete" if complete else "incomplete"
    for task in storage.elements(body, "ac:task"):
        status = _part(body, task, "ac:task-status")
        if _text(body, task, "ac:task-id") == local_id and status is not None:
            return storage.splice(body, [(status.inner_begin, status.inner_end, word)])
    return body


def _part(body: str, task: Element, name: str) -> Element | None:
    inside = (
        element for element in storage.elements(body, name) if task.inner_begin <= element.start.begin < task.inner_end
    )
    return next(inside, None)


def _text(body: str, task: Element, name: str) -> str:
    part = _part(body, task, name)
    return part.text.strip() if part else ""


def _assignee(content: Element | None) -> str | None:
    tokens = content.inner if content else ()
    users = (token.attribute("ri:account-id") for token in tokens if token.name == "ri:user")
    return next((user for user in users if user), None)


def _due_at(content: Element | None) -> datetime | None:
    for token in content.inner if content else ():
        written = token.attribute("datetime") if token.name == "time" else None
        if written:
            return datetime.fromisoformat(written).replace(tzinfo=UTC)
    return None
