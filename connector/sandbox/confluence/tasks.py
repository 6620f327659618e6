"""Check boxes of pages, kept beside the bodies they are written in."""

from __future__ import annotations

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import access, bodytasks
from connector.sandbox.confluence.bodytasks import BodyTask
from connector.sandbox.confluence.errors import NotFoundError
from connector.sandbox.confluence.state import Page, Task
from connector.sandbox.site import Site


def follow_body(site: Site, by: Account, page: Page) -> None:
    """Bring the tasks of a page in line with its body, which `by` just saved."""
    state = site.confluence
    known = {task.local_id: task for task in state.tasks.on(page.content_id)}
    written = {task.local_id: task for task in bodytasks.read(page.body)}
    for local_id, task in known.items():
        if local_id not in written:
            del state.tasks[task.task_id]
    for local_id, seen in written.items():
        task = known.get(local_id) or _new_task(site, by, page, seen)
        _take_over(site, by, task, seen)


def visible_task(site: Site, by: Account, task_id: str) -> Task:
    """The task, if the account sees its page and the page is current."""
    task = site.confluence.tasks.get(task_id)
    if task is None or access.page(site, by, task.page_id).status != "current":
        raise NotFoundError
    return task


def _new_task(site: Site, by: Account, page: Page, seen: BodyTask) -> Task:
    now = site.now()
    task_id = str(site.next_id("confluence-task"))
    task = Task(task_id, seen.local_id, page.content_id, seen.body, by.account_id, now, now)
    site.confluence.tasks[task_id] = task
    return task


def _take_over(site: Site, by: Account, task: Task, seen: BodyTask) -> None:
    before = (task.body, task.is_complete, task.assignee_id, task.due_at)
    if seen.is_complete != task.is_complete:
        task.completed_by = by.account_id if seen.is_complete else None
        task.completed_at = site.now() if seen.is_complete else None
    task.body, task.is_complete = seen.body, seen.is_complete
    task.assignee_id, task.due_at = seen.assignee_id, seen.due_at
    if before != (task.body, task.is_complete, task.assignee_id, task.due_at):
        task.updated_at = site.now()
