"""v2 pages: lists, create, read, update, title, delete, versions, labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence import access, lifecycle, pages, shapes
from connector.sandbox.confluence.errors import InvalidError, NotFoundError
from connector.sandbox.confluence.state import Page, Version
from connector.sandbox.confluence.wire_v2 import (
    V2,
    SortKey,
    choice,
    choices,
    ids,
    json_object,
    number_param,
    results,
    single,
    time_key,
    v2,
    version_number,
    wants_body,
    written_body,
)
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("confluence")

LISTED = ("current", "archived", "deleted", "trashed")
_KEYS: dict[str, Callable[[Page], SortKey]] = {
    "id": lambda page: (int(page.content_id),),
    "created-date": lambda page: time_key(page.created_at, page.content_id),
    "modified-date": lambda page: time_key(page.version.created_at, page.content_id),
    "title": lambda page: (page.title.lower(), int(page.content_id)),
}
SORTS = tuple(sign + name for name in _KEYS for sign in ("", "-"))


@ROUTES.get(f"{V2}/pages")
@v2
def list_pages(site: Site, by: Account, call: Call) -> Answer:
    wanted, space_ids = ids(call, "id"), ids(call, "space-id", 100)
    found: Iterable[Page] = site.confluence.pages.values()
    if wanted:
        found = [site.confluence.pages[i] for i in dict.fromkeys(wanted) if i in site.confluence.pages]
    if space_ids:
        found = [page for page in found if page.space_id in space_ids]
    return _page_list(site, by, call, found)


@ROUTES.get(f"{V2}/spaces/<space_id>/pages")
@v2
def list_pages_of_space(site: Site, by: Account, call: Call) -> Answer:
    space = access.space(site, by, number_param(call, "space_id"))
    found = [page for page in site.confluence.pages.values() if page.space_id == space.space_id]
    if choice(call, "depth", ("all", "root")) == "root":
        found = [page for page in found if page.parent_id is None]
    return _page_list(site, by, call, found)


def _page_list(site: Site, by: Account, call: Call, found: Iterable[Page]) -> Answer:
    statuses = choices(call, "status", LISTED, ("current", "archived"))
    title = call.query.get("title")
    with_body = wants_body(call)
    sort = choice(call, "sort", SORTS) or "id"
    shown = [
        page
        for page in found
        if page.status in statuses
        and (title is None or page.title.lower() == title.lower())
        and access.may_view(site, by, page)
    ]
    return results(
        site,
        call,
        shown,
        key=_KEYS[sort.lstrip("-")],
        shape=lambda page: shapes.page(site, page, with_body=with_body),
        reverse=sort.startswith("-"),
    )


@ROUTES.post(f"{V2}/pages")
@v2
def create_page(site: Site, by: Account, call: Call) -> Answer:
    body = json_object(call)
    if body.get("status", "current") != "current":
        raise InvalidError("The sandbox keeps no drafts; create the page as current")
    page = pages.create_page(
        site,
        by,
        space_id=str(body.get("spaceId") or ""),
        title=_title(body),
        body=written_body(body, required=False) or "",
        parent_id=str(body["parentId"]) if body.get("parentId") else None,
        root_level=call.query_flag("root-level"),
    )
    if call.query_flag("private"):
        page.restrictions = {"read": frozenset({by.account_id}), "update": frozenset({by.account_id})}
    return _single_page(site, page, with_body=True)


@ROUTES.get(f"{V2}/pages/<page_id>")
@v2
def get_page(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, number_param(call, "page_id"))
    if page.status not in choices(call, "status", (*LISTED, "historical", "draft"), LISTED):
        raise NotFoundError
    shown = _version(page, call.query_int("version", 0))
    written = shapes.page(site, page, shown, with_body=wants_body(call))
    if not call.query_flag("include-version", default=True):
        del written["version"]
    if call.query_flag("include-labels"):
        written["labels"] = _optional([shapes.label(label) for label in page.labels.values()], call)
    if call.query_flag("include-properties"):
        held = page.properties.values()
        written["properties"] = _optional([shapes.content_property(item) for item in held], call)
    return single(site, written)


@ROUTES.put(f"{V2}/pages/<page_id>")
@v2
def update_page(site: Site, by: Account, call: Call) -> Answer:
    page_id = number_param(call, "page_id")
    body = json_object(call)
    for name in ("id", "status", "title", "body", "version"):
        if body.get(name) is None:
            raise InvalidError(f"{name} must be provided")
    if str(body["id"]) != page_id:
        raise InvalidError(f"id {body['id']} in the body is not the id {page_id} in the path")
    if body["status"] != "current":
        raise InvalidError("The sandbox keeps no drafts; update the page as current")
    number, message = version_number(body)
    page = pages.update_page(
        site,
        by,
        page_id,
        title=_title(body),
        body=written_body(body) or "",
        number=number,
        message=message,
        parent_id=str(body["parentId"]) if body.get("parentId") else None,
    )
    if body.get("ownerId"):
        page.owner_id = str(body["ownerId"])
    return _single_page(site, page, with_body=True)


@ROUTES.put(f"{V2}/pages/<page_id>/title")
@v2
def update_title(site: Site, by: Account, call: Call) -> Answer:
    body = json_object(call)
    if body.get("status") not in ("current", "draft"):
        raise InvalidError("status must be provided: current or draft")
    page = pages.rename_page(site, by, number_param(call, "page_id"), _title(body))
    return _single_page(site, page, with_body=False)


@ROUTES.delete(f"{V2}/pages/<page_id>")
@v2
def delete_page(site: Site, by: Account, call: Call) -> Answer:
    page_id = number_param(call, "page_id")
    if call.query_flag("draft"):
        raise NotFoundError
    if call.query_flag("purge"):
        lifecycle.purge_page(site, by, page_id)
    else:
        lifecycle.trash_page(site, by, page_id)
    return Answer(204)


@ROUTES.get(f"{V2}/pages/<page_id>/versions")
@v2
def list_versions(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, number_param(call, "page_id"))
    sort = choice(call, "sort", ("modified-date", "-modified-date")) or "-modified-date"
    with_body = wants_body(call)

    def shape(version: Version) -> shapes.Json:
        body = shapes.storage_body(version.body) if with_body else {}
        return {
            **shapes.version(version),
            "page": {"id": page.content_id, "title": version.title, "body": body},
        }

    return results(site, call, page.versions, key=lambda v: (v.number,), shape=shape, reverse=sort.startswith("-"))


@ROUTES.get(f"{V2}/pages/<page_id>/versions/<number>")
@v2
def get_version(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, number_param(call, "page_id"))
    version = _version(page, int(number_param(call, "number")))
    detail = {**shapes.version(version), "contentTypeModified": False, "collaborators": [version.author_id]}
    if version.number > 1:
        detail["prevVersion"] = version.number - 1
    if version is not page.version:
        detail["nextVersion"] = version.number + 1
    return Answer(200, detail)


@ROUTES.get(f"{V2}/pages/<page_id>/labels")
@v2
def list_labels(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, number_param(call, "page_id"))
    prefix = choice(call, "prefix", ("my", "team", "global", "system"))
    found = [label for label in page.labels.values() if prefix in (None, label.prefix)]
    return results(site, call, found, key=lambda label: (int(label.label_id),), shape=shapes.label)


@ROUTES.get(f"{V2}/pages/<page_id>/operations")
@v2
def list_operations(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, number_param(call, "page_id"))
    allowed = [{"operation": "read", "targetType": "page"}]
    if access.may_edit(site, by, page):
        allowed.append({"operation": "update", "targetType": "page"})
    held = access.held(by, site.confluence.spaces[page.space_id])
    allowed += [{"operation": op, "targetType": on} for op, on in sorted(held) if on in ("comment", "attachment")]
    return Answer(200, {"operations": allowed})


def _single_page(site: Site, page: Page, *, with_body: bool) -> Answer:
    return single(site, shapes.page(site, page, with_body=with_body))


def _title(body: shapes.Json) -> str:
    """The title a body gives, empty for none."""
    title = body.get("title") or ""
    if not isinstance(title, str):
        raise InvalidError("title must be a string")
    return title


def _version(page: Page, number: int) -> Version:
    """One version by number, the current one for 0."""
    if number == 0:
        return page.version
    if number > len(page.versions):
        raise NotFoundError
    return page.versions[number - 1]


def _optional(found: list[shapes.Json], call: Call) -> shapes.Json:
    return {"results": found[:50], "meta": {"hasMore": len(found) > 50}, "_links": {"self": call.path}}
