"""v2 tasks: the check boxes of all pages, and ticking them."""

from __future__ import annotations

from datetime import datetime

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence import access, pages, shapes, tasks
from connector.sandbox.confluence.errors import InvalidError
from connector.sandbox.confluence.state import Task
from connector.sandbox.confluence.webhooks import millis
from connector.sandbox.confluence.wire_v2 import (
    V2,
    choice,
    ids,
    json_object,
    number_param,
    results,
    v2,
    wants_body,
)
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("confluence")
STATUSES = ("complete", "incomplete")


@ROUTES.get(f"{V2}/tasks")
@v2
def list_tasks(site: Site, by: Account, call: Call) -> Answer:
    with_body, wanted = wants_body(call), _asked(call)
    found = [task for task in site.confluence.tasks.values() if _is_shown(site, by, task)]
    return results(
        site,
        call,
        [task for task in found if _matches(site, call, wanted, task)],
        key=lambda task: (int(task.task_id),),
        shape=lambda task: shapes.task(site, task, with_body=with_body),
    )


@ROUTES.get(f"{V2}/tasks/<task_id>")
@v2
def get_task(site: Site, by: Account, call: Call) -> Answer:
    task = tasks.visible_task(site, by, number_param(call, "task_id"))
    return Answer(200, shapes.task(site, task, with_body=wants_body(call)))


@ROUTES.put(f"{V2}/tasks/<task_id>")
@v2
def update_task(site: Site, by: Account, call: Call) -> Answer:
    status = json_object(call).get("status")
    if status not in STATUSES:
        raise InvalidError(f"status must be one of: {', '.join(STATUSES)}")
    task = pages.set_task_status(site, by, number_param(call, "task_id"), complete=status == "complete")
    return Answer(200, shapes.task(site, task, with_body=wants_body(call)))


def _is_shown(site: Site, by: Account, task: Task) -> bool:
    page = site.confluence.pages[task.page_id]
    return page.status == "current" and access.may_view(site, by, page)


def _asked(call: Call) -> dict[str, list[str]]:
    """The lists that narrow a search, none of more than 250; read once, so that a wrong one is refused in any case."""
    choice(call, "status", STATUSES)
    numbers = {name: ids(call, name) for name in ("task-id", "page-id", "space-id", "blogpost-id")}
    people = {name: call.query_list(name, 250) for name in ("created-by", "assigned-to", "completed-by")}
    return {**numbers, **people}


def _matches(site: Site, call: Call, wanted: dict[str, list[str]], task: Task) -> bool:
    status = call.query.get("status")
    if status is not None and task.is_complete != (status == "complete"):
        return False
    if not call.query_flag("include-blank-tasks", default=True) and not task.body.strip():
        return False
    space_id = site.confluence.pages[task.page_id].space_id
    held = {
        "task-id": task.task_id,
        "page-id": task.page_id,
        "space-id": space_id,
        "blogpost-id": None,
        "created-by": task.created_by,
        "assigned-to": task.assignee_id,
        "completed-by": task.completed_by,
    }
    times = {"created-at": task.created_at, "due-at": task.due_at, "completed-at": task.completed_at}
    return all(not wanted[name] or value in wanted[name] for name, value in held.items()) and all(
        _is_between(call, name, at) for name, at in times.items()
    )


def _is_between(call: Call, name: str, at: datetime | None) -> bool:
    """Whether a time lies in the range asked for; one that is missing lies in none."""
    earliest, latest = call.query_int(f"{name}-from", 0), call.query_int(f"{name}-to", 0)
    if not earliest and not latest:
        return True
    return at is not None and millis(at) >= earliest and (not latest or millis(at) <= latest)
