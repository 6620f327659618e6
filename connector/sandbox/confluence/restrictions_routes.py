"""Restrictions of a page, which v1 alone has: all at once, more of them, one person or group at a time."""

from __future__ import annotations

import hashlib
from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence import access, restrictions, shapes, wire_v1
from connector.sandbox.confluence.errors import InvalidError, NotFoundError
from connector.sandbox.confluence.restrictions import OPERATIONS
from connector.sandbox.confluence.state import GROUP, Page
from connector.sandbox.confluence.wire_v1 import API, V1, json_list, v1
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("confluence")
RESTRICTION = f"{V1}/content/<content_id>/restriction"
OPERATION = f"{RESTRICTION}/byOperation/<operation>"


@ROUTES.get(RESTRICTION)
@v1
def get_all(site: Site, by: Account, call: Call) -> Answer:
    return _list(site, by, access.page(site, by, call.params["content_id"]))


@ROUTES.put(RESTRICTION)
@v1
def put_all(site: Site, by: Account, call: Call) -> Answer:
    return _list(site, by, restrictions.replace_all(site, by, call.params["content_id"], _wanted(call)))


@ROUTES.post(RESTRICTION)
@v1
def add(site: Site, by: Account, call: Call) -> Answer:
    return _list(site, by, restrictions.add(site, by, call.params["content_id"], _wanted(call)))


@ROUTES.delete(RESTRICTION)
@v1
def delete_all(site: Site, by: Account, call: Call) -> Answer:
    return _list(site, by, restrictions.replace_all(site, by, call.params["content_id"], {}))


@ROUTES.get(f"{RESTRICTION}/byOperation")
@v1
def get_by_operation(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, call.params["content_id"])
    return Answer(200, {operation: _bean(site, by, page, operation) for operation in OPERATIONS})


@ROUTES.get(OPERATION)
@v1
def get_one(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, call.params["content_id"])
    return Answer(200, _bean(site, by, page, _operation(call)))


@ROUTES.get(f"{OPERATION}/user")
@ROUTES.get(f"{OPERATION}/byGroupId/<group_id>")
@v1
def holds(site: Site, by: Account, call: Call) -> Answer:
    """200 without a body where the restriction names the person or group, 404 where not."""
    page = access.page(site, by, call.params["content_id"])
    if _holder(site, call) not in page.restrictions.get(_operation(call), frozenset()):
        raise NotFoundError
    return Answer(200)


@ROUTES.put(f"{OPERATION}/user")
@ROUTES.put(f"{OPERATION}/byGroupId/<group_id>")
@v1
def grant(site: Site, by: Account, call: Call) -> Answer:
    restrictions.add(site, by, call.params["content_id"], {_operation(call): frozenset({_holder(site, call)})})
    return Answer(200)


@ROUTES.delete(f"{OPERATION}/user")
@ROUTES.delete(f"{OPERATION}/byGroupId/<group_id>")
@v1
def revoke(site: Site, by: Account, call: Call) -> Answer:
    page = access.page(site, by, call.params["content_id"])
    holder = _holder(site, call)
    if holder not in page.restrictions.get(_operation(call), frozenset()):
        raise NotFoundError
    restrictions.remove(site, by, page.content_id, _operation(call), holder)
    return Answer(200)


def _operation(call: Call) -> str:
    if call.params["operation"] not in OPERATIONS:
        raise NotFoundError(f"{API}.NotFoundException: Unknown operation: {call.params['operation']}")
    return call.params["operation"]


def _holder(site: Site, call: Call) -> str:
    """Who is meant, as restrictions name them; 404 for nobody the site knows."""
    group = call.params.get("group_id")
    if group is None:
        return wire_v1.account_with_id(site, call.query.get("accountId", "")).account_id
    if group not in restrictions.groups(site):
        raise NotFoundError(f"{API}.NotFoundException: No group found with id: {group}")
    return GROUP + group


def _wanted(call: Call) -> dict[str, frozenset[str]]:
    return {str(item.get("operation")): _restricted_to(item.get("restrictions")) for item in json_list(call)}


def _restricted_to(given: Any) -> frozenset[str]:
    """The people and groups a restriction names, each as a list or as {"results": [...]}."""
    named = given if isinstance(given, dict) else {}
    people = (user.get("accountId") for user in _listed(named, "user"))
    groups = (group.get("id") or group.get("name") for group in _listed(named, "group"))
    return frozenset(str(one) for one in people if one) | frozenset(f"{GROUP}{one}" for one in groups if one)


def _listed(named: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    given = named.get(kind) or []
    listed = given.get("results", []) if isinstance(given, dict) else given
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise InvalidError(f"{API}.BadRequestException: restrictions.{kind} must be a list of {kind}s")
    return listed


def _list(site: Site, by: Account, page: Page) -> Answer:
    found = [_bean(site, by, page, operation) for operation in OPERATIONS]
    digest = hashlib.sha256(repr(sorted(page.restrictions.items())).encode()).hexdigest()
    return Answer(200, {**wire_v1.collection(site, found, 100), "restrictionsHash": digest})


def _bean(site: Site, by: Account, page: Page, operation: str) -> dict[str, Any]:
    holders = sorted(page.restrictions.get(operation, frozenset()))
    groups = [one.removeprefix(GROUP) for one in holders if one.startswith(GROUP)]
    users = [wire_v1.user(site, site.accounts[one], by) for one in holders if not one.startswith(GROUP)]
    path = f"{shapes.wiki(site)}/rest/api/content/{page.content_id}/restriction/byOperation/{operation}"
    return {
        "operation": operation,
        "restrictions": {"user": _part(users), "group": _part([_group(one) for one in groups])},
        "_expandable": {"content": f"/rest/api/content/{page.content_id}"},
        "_links": {"self": path},
    }


def _group(group: str) -> dict[str, Any]:
    return {"type": "group", "name": group, "id": group}


def _part(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {"results": found, "start": 0, "limit": 100, "size": len(found)}
