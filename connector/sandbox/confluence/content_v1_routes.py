"""What v1 still has about content and people: labels, archiving, moving, users."""

from __future__ import annotations

from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence import access, labels, lifecycle, wire_v1
from connector.sandbox.confluence.errors import ForbiddenError, InvalidError, NotFoundError
from connector.sandbox.confluence.wire_v1 import API, V1, json_list, v1
from connector.sandbox.confluence.wire_v2 import NotBuiltError
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("confluence")
CONTENT = f"{V1}/content/<content_id>"
MAX_ARCHIVED = 300


@ROUTES.post(f"{CONTENT}/label")
@v1
def add_labels(site: Site, by: Account, call: Call) -> Answer:
    given = json_list(call)
    if not all(isinstance(item.get("name"), str) for item in given):
        raise InvalidError("Could not parse Labels")
    wanted = [(str(item.get("prefix") or "global"), item["name"]) for item in given]
    page = labels.add_labels(site, by, call.params["content_id"], wanted)
    return Answer(200, wire_v1.labels(site, page))


@ROUTES.delete(f"{CONTENT}/label")
@v1
def remove_label_by_query(site: Site, by: Account, call: Call) -> Answer:
    labels.remove_label(site, by, call.params["content_id"], call.query.get("name", ""))
    return Answer(204)


@ROUTES.delete(f"{CONTENT}/label/<label>")
@v1
def remove_label(site: Site, by: Account, call: Call) -> Answer:
    labels.remove_label(site, by, call.params["content_id"], call.params["label"])
    return Answer(204)


@ROUTES.post(f"{V1}/content/archive")
@v1
def archive(site: Site, by: Account, call: Call) -> Answer:
    """The real one archives later and answers at once; here it is done when the answer comes."""
    listed = call.json_object().get("pages", [])
    if not isinstance(listed, list) or not all(isinstance(page, dict) for page in listed):
        raise InvalidError(f"{API}.BadRequestException: pages must be a list of objects")
    wanted = [str(page.get("id")) for page in listed]
    if not 1 <= len(wanted) <= MAX_ARCHIVED:
        raise InvalidError(f"{API}.BadRequestException: 1 to {MAX_ARCHIVED} pages can be archived at once")
    for page_id in wanted:
        lifecycle.archive_page(site, by, page_id)
    task_id = str(site.next_id("confluence-longtask"))
    return Answer(202, {"id": task_id, "links": {"status": f"/rest/api/longtask/{task_id}"}})


@ROUTES.put(f"{CONTENT}/move/<position>/<target_id>")
@v1
def move(site: Site, by: Account, call: Call) -> Answer:
    page_id, target_id = call.params["content_id"], call.params["target_id"]
    parent_id: str | None = target_id
    if call.params["position"] in ("before", "after"):
        parent_id = access.page(site, by, target_id).parent_id
    elif call.params["position"] != "append":
        raise InvalidError(f"{API}.BadRequestException: Unknown position: {call.params['position']}")
    if parent_id is None:
        raise NotBuiltError("The sandbox does not move pages to the top level of a space")
    lifecycle.move_page(site, by, page_id, parent_id)
    return Answer(200, {"pageId": page_id})


@ROUTES.get(f"{V1}/user/current")
@v1
def current_user(site: Site, by: Account, _call: Call) -> Answer:
    return Answer(200, wire_v1.anonymous(site) if by is access.NOBODY else wire_v1.user(site, by, by))


@ROUTES.get(f"{V1}/user")
@v1
def get_user(site: Site, by: Account, call: Call) -> Answer:
    account = wire_v1.account_with_id(site, call.query.get("accountId", ""))
    return Answer(200, wire_v1.user(site, account, by))


@ROUTES.post(f"{CONTENT}/permission/check", reads=True)
@v1
def check_permission(site: Site, by: Account, call: Call) -> Answer:
    """Of others only for administrators."""
    body = call.json_object()
    named = body["subject"] if isinstance(body.get("subject"), dict) else {}
    subject = named.get("identifier")
    if not isinstance(subject, str) or named.get("type") not in ("user", "group"):
        raise InvalidError(f"{API}.BadRequestException: subject needs a type and an identifier")
    page = site.confluence.pages.get(call.params["content_id"])
    if page is None:
        raise NotFoundError
    account = wire_v1.account_with_id(site, subject)
    if account is not by and not by.is_admin:
        raise ForbiddenError("Only Confluence administrators may check the permissions of others")
    checks: dict[str, Any] = {"read": access.may_view, "update": access.may_edit, "delete": access.may_edit}
    if not isinstance(body.get("operation"), str) or body["operation"] not in checks:
        raise InvalidError(f"{API}.BadRequestException: Unknown operation: {body.get('operation')}")
    allowed = checks[body["operation"]](site, account, page)
    return Answer(200, {"hasPermission": allowed, "errors": [], "_links": {"self": f"{site.base_url}{call.path}"}})
