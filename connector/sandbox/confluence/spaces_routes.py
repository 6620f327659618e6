"""v2 spaces: lists, create, read, who may do what."""

from __future__ import annotations

from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence import access, shapes, spaces
from connector.sandbox.confluence.errors import InvalidError, NotFoundError
from connector.sandbox.confluence.state import ANYONE, Permission, Space
from connector.sandbox.confluence.wire_v2 import V2, choice, ids, json_object, number_param, results, single, v2
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("confluence")
SORTS = ("id", "-id", "key", "-key", "name", "-name")


@ROUTES.get(f"{V2}/spaces")
@v2
def list_spaces(site: Site, by: Account, call: Call) -> Answer:
    wanted, keys = ids(call, "ids"), [key.lower() for key in call.query_list("keys", 250)]
    status = choice(call, "status", ("current", "archived"))
    kind = call.query.get("type")
    sort = choice(call, "sort", SORTS) or "id"
    found = [
        space
        for space in site.confluence.spaces.values()
        if access.may(by, space, ("read", "space"))
        and (not wanted or space.space_id in wanted)
        and (not keys or space.key.lower() in keys)
        and status in (None, space.status)
        and kind in (None, "global")
    ]

    def key(space: Space) -> tuple[int | str, ...]:
        by_text = {"key": space.key, "name": space.name}.get(sort.lstrip("-"))
        return (int(space.space_id),) if by_text is None else (by_text, int(space.space_id))

    return results(
        site,
        call,
        found,
        key=key,
        shape=shapes.space,
        reverse=sort.startswith("-"),
    )


@ROUTES.post(f"{V2}/spaces")
@v2
def create_space(site: Site, by: Account, call: Call) -> Answer:
    if not by.is_admin:
        raise NotFoundError
    body = json_object(call)
    given = [body.get(name) for name in ("name", "key")]
    if not all(isinstance(value, str) and value for value in given):
        raise InvalidError("name and key must be provided")
    made = spaces.create_space(site, by, key=str(body["key"]), name=str(body["name"]))
    return single(site, shapes.space(made), 201)


@ROUTES.get(f"{V2}/spaces/<space_id>")
@v2
def get_space(site: Site, by: Account, call: Call) -> Answer:
    return single(site, shapes.space(access.space(site, by, number_param(call, "space_id"))))


@ROUTES.get(f"{V2}/spaces/<space_id>/permissions")
@v2
def list_permissions(site: Site, by: Account, call: Call) -> Answer:
    space = access.space(site, by, number_param(call, "space_id"))
    people = [(who, held) for who, held in space.permissions.items() if who != ANYONE]  # principals have an id
    granted = [(who, permission) for who, held in people for permission in sorted(held)]
    numbered = list(enumerate(granted, start=1))

    def shape(numbered_grant: tuple[int, tuple[str, Permission]]) -> dict[str, Any]:
        number, (who, (operation, target)) = numbered_grant
        return {
            "id": f"{space.space_id}{number:04}",
            "principal": {"type": "user", "id": who},
            "operation": {"key": operation, "targetType": target},
        }

    return results(site, call, numbered, key=lambda item: (item[0],), shape=shape)


@ROUTES.get(f"{V2}/spaces/<space_id>/operations")
@v2
def list_operations(site: Site, by: Account, call: Call) -> Answer:
    space = access.space(site, by, number_param(call, "space_id"))
    held = sorted(access.held(by, space))
    return Answer(200, {"operations": [{"operation": op, "targetType": target} for op, target in held]})
