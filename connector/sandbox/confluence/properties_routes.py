"""v2 content properties, the same five calls on pages, comments and attachments."""

from __future__ import annotations

from collections.abc import Callable

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer
from connector.sandbox.confluence import access, properties, shapes
from connector.sandbox.confluence.errors import InvalidError
from connector.sandbox.confluence.state import Content
from connector.sandbox.confluence.wire_v2 import (
    V2,
    choice,
    json_object,
    number_param,
    results,
    v2,
    version_number,
)
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Handler, Routes

ROUTES = Routes("confluence")
Find = Callable[[Site, Account, str], Content]


def _list(find: Find) -> Handler:
    @v2
    def handler(site: Site, by: Account, call: Call) -> Answer:
        held = find(site, by, call.params["content_id"]).properties.values()
        key = call.query.get("key")
        sort = choice(call, "sort", ("key", "-key")) or "key"
        return results(
            site,
            call,
            [item for item in held if key in (None, item.key)],
            key=lambda item: (item.key,),
            shape=shapes.content_property,
            reverse=sort.startswith("-"),
        )

    return handler


def _create(find: Find) -> Handler:
    @v2
    def handler(site: Site, by: Account, call: Call) -> Answer:
        content = find(site, by, call.params["content_id"])
        key, value = _key_and_value(json_object(call))
        return Answer(200, shapes.content_property(properties.create_property(site, by, content, key, value)))

    return handler


def _get(find: Find) -> Handler:
    @v2
    def handler(site: Site, by: Account, call: Call) -> Answer:
        content = find(site, by, call.params["content_id"])
        held = properties.get_property(content, number_param(call, "property_id"))
        return Answer(200, shapes.content_property(held))

    return handler


def _update(find: Find) -> Handler:
    @v2
    def handler(site: Site, by: Account, call: Call) -> Answer:
        content = find(site, by, call.params["content_id"])
        body = json_object(call)
        key, value = _key_and_value(body)
        number, message = version_number(body)
        property_id = number_param(call, "property_id")
        made = properties.update_property(
            site, by, content, property_id, key=key, value=value, number=number, message=message
        )
        return Answer(200, shapes.content_property(made))

    return handler


def _delete(find: Find) -> Handler:
    @v2
    def handler(site: Site, by: Account, call: Call) -> Answer:
        content = find(site, by, call.params["content_id"])
        properties.delete_property(site, by, content, number_param(call, "property_id"))
        return Answer(204)

    return handler


def _key_and_value(body: shapes.Json) -> tuple[str, object]:
    if not isinstance(body.get("key"), str) or "value" not in body:
        raise InvalidError("key and value must be provided")
    return body["key"], body["value"]


_FINDERS: tuple[tuple[str, Find], ...] = (
    ("pages", access.page),
    ("comments", access.comment),
    ("attachments", access.attachment),
)
for _name, _find in _FINDERS:
    _path = f"{V2}/{_name}/<content_id>/properties"
    ROUTES.get(_path)(_list(_find))
    ROUTES.post(_path)(_create(_find))
    ROUTES.get(f"{_path}/<property_id>")(_get(_find))
    ROUTES.put(f"{_path}/<property_id>")(_update(_find))
    ROUTES.delete(f"{_path}/<property_id>")(_delete(_find))
