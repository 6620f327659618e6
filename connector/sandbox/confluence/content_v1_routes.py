"""What v1 still has about content and people: labels, restrictions, archiving, moving, users."""

from __future__ import annotations

import hashlib
from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence import access, labels, lifecycle, restrictions, shapes, wire_v1
from connector.sandbox.confluence.errors import ForbiddenError, InvalidError, NotFoundError
from connector.sandbox.confluence.state import Page
from connector.sandbox.confluence.wire_v1 import API, V1, json_list, v1
from connector.sandbox.confluence.wire_v2 import NotBuiltError
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("confluence")
CONTENT = f"{V1}/content/<content_id>"
OPERATIONS = ("read", "update")
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


@ROUTES.get(f"{CONTENT}/restriction")
@v1
def get_restrictions(site: Site, by: Account, call: Call) -> Answer:
    return _restriction_list(site, by, access.page(site, by, call.params["content_id"]))


@ROUTES.put(f"{CONTENT}/restriction")
@v1
def put_restrictions(site: Site, by: Account, call: Call) -> Answer:
    wanted = {str(item.get("operation")): _restricted_to(item.get("restrictions")) for item in json_list(call)}
    page = restrictions.set_restrictions(site, by, call.params["content_id"], wanted)
    return _restriction_list(site, by, page)


@ROUTES.delete(f"{CONTENT}/restriction")
@v1
def delete_restrictions(site: Site, by: Account, call: Call) -> Answer:
    page = restrictions.set_restrictions(site, by, call.params["content_id"], {})
    return _restriction_list(site, by, page)


@ROUTES.get(f"{CONTENT}/restriction/byOperation")
@v1
def get_restrictions_by_operation(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, call.params["content_id"])
    return Answer(200, {operation: _restriction(site, by, page, operation) for operation in OPERATIONS})


@ROUTES.get(f"{CONTENT}/restriction/byOperation/<operation>")
@v1
def get_restriction(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, call.params["content_id"])
    if call.params["operation"] not in OPERATIONS:
        raise InvalidError(f"{API}.BadRequestException: Unknown operation: {call.params['operation']}")
    return Answer(200, _restriction(site, by, page, call.params["operation"]))


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
    return Answer(200, wire_v1.user(site, by, by))


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


def _restricted_to(given: Any) -> frozenset[str]:
    """The accounts a restriction names, as a list or as {"results": [...]}."""
    named = given if isinstance(given, dict) else {}
    if named.get("group"):
        raise NotBuiltError("The sandbox restricts by user only, not by group")
    users = named.get("user") or []
    users = users.get("results", []) if isinstance(users, dict) else users
    if not isinstance(users, list) or not all(isinstance(user, dict) for user in users):
        raise InvalidError(f"{API}.BadRequestException: restrictions.user must be a list of users")
    return frozenset(str(user["accountId"]) for user in users if user.get("accountId"))


def _restriction_list(site: Site, by: Account, page: Page) -> Answer:
    found = [_restriction(site, by, page, operation) for operation in OPERATIONS]
    digest = hashlib.sha256(repr(sorted(page.restrictions.items())).encode()).hexdigest()
    return Answer(200, {**wire_v1.collection(site, found, 100), "restrictionsHash": digest})


def _restriction(site: Site, by: Account, page: Page, operation: str) -> dict[str, Any]:
    who = sorted(page.restrictions.get(operation, frozenset()))
    users = [wire_v1.user(site, site.accounts[account_id], by) for account_id in who]
    path = f"{shapes.wiki(site)}/rest/api/content/{page.content_id}/restriction/byOperation/{operation}"
    return {
        "operation": operation,
        "restrictions": {
            "user": {"results": users, "start": 0, "limit": 100, "size": len(users)},
            "group": {"results": [], "start": 0, "limit": 100, "size": 0},
        },
        "_expandable": {"content": f"/rest/api/content/{page.content_id}"},
        "_links": {"self": path},
    }
