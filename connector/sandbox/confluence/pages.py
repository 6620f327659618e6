"""Writing pages: create, update, rename, edit as a person does, tick a task.

Each function checks the caller's permission, changes the state, and lets everything that hangs on the body follow:
tasks, inline comments whose words went away, the search index, webhooks.
"""

from __future__ import annotations

from collections.abc import Callable

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import access, bodytasks, content, editor, index, lifecycle, markers, tasks, webhooks
from connector.sandbox.confluence.errors import ForbiddenError, InvalidError, stale_version
from connector.sandbox.confluence.state import EDIT, Page, Task, Version
from connector.sandbox.site import Site


def create_page(
    site: Site,
    by: Account,
    *,
    space_id: str,
    title: str,
    body: str = "",
    parent_id: str | None = None,
    root_level: bool = False,
) -> Page:
    """A new current page, under `parent_id` or else the space's home page; version 1."""
    state = site.confluence
    space = access.space(site, by, space_id)
    if not access.may(by, space, EDIT):
        raise ForbiddenError(f"User {by.account_id} is not permitted to create a page in {space.key}", is_told=True)
    if root_level and parent_id:
        raise InvalidError("A parentId may not be supplied when root-level is true")
    parent = None if root_level else parent_id or space.homepage_id
    _check_parent(site, by, space_id, parent)
    content.check_title(site, space_id, title, None)
    now = site.now()
    page = Page(content.new_id(site), now, by.account_id, space_id=space_id, parent_id=parent, owner_id=by.account_id)
    page.position = site.next_id("confluence-position")
    page.versions.append(Version(1, _as_stored(site, content.checked_body(body)), by.account_id, now, title))
    state.pages[page.content_id] = page
    _follow(site, by, page)
    webhooks.page_event(site, "page_created", by, page)
    return page


def update_page(
    site: Site,
    by: Account,
    page_id: str,
    *,
    title: str,
    body: str,
    number: int,
    message: str = "",
    parent_id: str | None = None,
) -> Page:
    """A new version; `number` must be the current one plus one, else ConflictError.

    On a trashed page this restores it, and nothing but the status changes. An archived page is refused.
    """
    page = access.editable_page(site, by, page_id)
    if page.status == "trashed":
        return lifecycle.restore_page(site, by, page_id)
    if page.status == "archived":
        raise InvalidError("Archived content cannot be updated; restore it first")
    if number != page.version.number + 1:
        raise stale_version("page", page.version.number, number)
    content.check_title(site, page.space_id, title, page)
    stored = _as_stored(site, content.checked_body(body))
    if parent_id is not None and parent_id != page.parent_id:
        lifecycle.move_page(site, by, page_id, parent_id)
    return _new_version(site, by, page, title, stored, message)


def rename_page(site: Site, by: Account, page_id: str, title: str) -> Page:
    """A new version with another title; no version number is asked for."""
    page = access.editable_page(site, by, page_id)
    if page.status != "current":
        raise InvalidError("Only the title of a current page can be updated")
    content.check_title(site, page.space_id, title, page)
    return _new_version(site, by, page, title, page.body, "")


def edit_as_person(site: Site, by: Account, page_id: str, new: str | Callable[[str], str]) -> Page:
    """What happens when a person saves a page in the editor: a new version, with the editor's noise in it.

    `new` is the new body, or a function from the old one. The editor saves over whatever is current.
    """
    page = access.editable_page(site, by, page_id)
    if page.status != "current":
        raise InvalidError("Only a current page can be edited")
    body = content.checked_body(new(page.body) if callable(new) else new)
    noisy = editor.saved_by_editor(body, lambda: content.new_uuid(site))
    return _new_version(site, by, page, page.title, noisy, "")


def set_task_status(site: Site, by: Account, task_id: str, *, complete: bool) -> Task:
    """Tick or clear a box: the page's body changes with it, and that is a version of the page."""
    task = tasks.visible_task(site, by, task_id)
    page = access.editable_page(site, by, task.page_id)
    if task.is_complete != complete:
        body = bodytasks.with_status(page.body, task.local_id, complete=complete)
        _new_version(site, by, page, page.title, body, "", minor_edit=True)
    return task


def replace_body_quietly(page: Page, body: str) -> None:
    """Change the stored body without a new version, as setting an inline comment's marker does."""
    last = page.version
    page.versions[-1] = Version(
        last.number, body, last.author_id, last.created_at, last.title, last.message, last.minor_edit
    )


def _new_version(
    site: Site, by: Account, page: Page, title: str, body: str, message: str, *, minor_edit: bool = False
) -> Page:
    number = page.version.number + 1
    page.versions.append(Version(number, body, by.account_id, site.now(), title, message, minor_edit))
    _follow(site, by, page)
    webhooks.page_event(site, "page_updated", by, page)
    return page


def _follow(site: Site, by: Account, page: Page) -> None:
    tasks.follow_body(site, by, page)
    _settle_markers(site, page)
    index.note_page(site, page)


def _settle_markers(site: Site, page: Page) -> None:
    """Open comments whose marker went away dangle; one whose marker came back (a restored version) is open."""
    present = markers.refs(page.body)
    for comment in site.confluence.comments.on(page.content_id):
        if comment.kind != "inline" or comment.marker_ref is None:
            continue
        if comment.marker_ref not in present and comment.resolution in ("open", "reopened"):
            comment.resolution = "dangling"
        elif comment.marker_ref in present and comment.resolution == "dangling":
            comment.resolution = "open"


def _as_stored(site: Site, body: str) -> str:
    if not site.confluence.rewrites_storage:
        return body
    return editor.with_macro_ids(body, lambda: content.new_uuid(site))


def _check_parent(site: Site, by: Account, space_id: str, parent_id: str | None) -> None:
    if parent_id is None:
        return
    parent = access.page(site, by, parent_id)
    if parent.space_id != space_id or parent.status != "current":
        raise InvalidError(f"Parent {parent_id} is not a current page of space {space_id}")
