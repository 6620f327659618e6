"""Provisioned things between Jira's JSON and the words of `mappings.provision`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connector.jira_shapes import Bean
from mappings.provision.things import Seen, ThingKind, marked
from mappings.records import Value

CONFIG = "config:"
FILTER = "issue-related-events-section"
AUTHENTICATED = ("authenticated", "loggedin")


def read_shares(beans: Iterable[Bean]) -> tuple[str, ...]:
    """Share permissions as `group:<id>`, `project:<id>`, `user:<account id>`, `authenticated`, `global`, sorted."""
    return tuple(sorted(_share(bean) for bean in beans))


def write_shares(shares: Value) -> list[dict[str, Any]]:
    return [_permission(share) for share in (shares if isinstance(shares, tuple) else ())]


def a_filter(bean: Bean) -> Seen:
    description = str(bean.get("description") or "")
    says: dict[str, Value] = {
        "name": bean["name"],
        "description": description,
        "jql": bean.get("jql") or "",
        "shares": read_shares(bean.get("sharePermissions") or ()),
    }
    owner = (bean.get("owner") or {}).get("accountId") or ""
    return Seen(ThingKind.FILTER, str(bean["id"]), says, marked(description), owner)


def a_dashboard(bean: Bean, guests: int = 0) -> Seen:
    description = str(bean.get("description") or "")
    says: dict[str, Value] = {
        "name": bean["name"],
        "description": description,
        "shares": read_shares(bean.get("sharePermissions") or ()),
        "editors": read_shares(bean.get("editPermissions") or ()),
    }
    owner = (bean.get("owner") or {}).get("accountId") or ""
    return Seen(ThingKind.DASHBOARD, str(bean["id"]), says, marked(description), owner, guests=guests)


def a_gadget(bean: Bean, dashboard_id: str, config: Mapping[str, Any]) -> Seen:
    position = bean.get("position") or {}
    says: dict[str, Value] = {
        "dashboard": dashboard_id,
        "title": bean.get("title") or "",
        "uri": bean.get("uri") or bean.get("moduleKey") or "",
        "color": bean.get("color") or "",
        "row": int(position.get("row", 0)),
        "column": int(position.get("column", 0)),
        **{f"{CONFIG}{name}": str(value) for name, value in config.items()},
    }
    return Seen(ThingKind.GADGET, f"{dashboard_id}/{bean['id']}", says)


def a_field(bean: Bean) -> Seen:
    description = str(bean.get("description") or "")
    kind = (bean.get("schema") or {}).get("custom") or ""
    says: dict[str, Value] = {"name": bean["name"], "description": description, "type": kind}
    return Seen(ThingKind.FIELD, str(bean["id"]), says, marked(description))


def a_place(tab: str, bean: Bean) -> Seen:
    says: dict[str, Value] = {"screen": tab, "field": str(bean["id"])}
    return Seen(ThingKind.PLACE, f"{tab}/{bean['id']}", says)


def a_board(bean: Bean, filter_id: str) -> Seen:
    location = bean.get("location") or {}
    says: dict[str, Value] = {
        "name": bean["name"],
        "filter": filter_id,
        "project": location.get("projectKey") or "",
        "type": bean.get("type") or "",
    }
    return Seen(ThingKind.BOARD, str(bean["id"]), says)


def a_webhook(bean: Bean) -> Seen:
    says: dict[str, Value] = {
        "name": bean["name"],
        "url": bean["url"],
        "events": tuple(sorted(bean.get("events") or ())),
        "jql": (bean.get("filters") or {}).get(FILTER) or "",
        "is_signed": bool(bean.get("isSigned")),
        "is_enabled": bool(bean.get("enabled", True)),
    }
    return Seen(ThingKind.WEBHOOK, str(bean["self"]).rpartition("/")[2], says)


def config_of(says: Mapping[str, Value]) -> dict[str, str]:
    """A gadget's configuration: an object of texts and nothing else, as Jira wants it."""
    return {name.removeprefix(CONFIG): str(value) for name, value in says.items() if name.startswith(CONFIG)}


def _share(bean: Bean) -> str:
    kind = bean["type"]
    if kind in AUTHENTICATED:
        return "authenticated"
    holder = bean.get(kind) or {}
    id_ = holder.get("groupId") or holder.get("accountId") or holder.get("id") or holder.get("name") or ""
    return f"{kind}:{id_}" if id_ else str(kind)


def _permission(share: str) -> dict[str, Any]:
    kind, _, id_ = share.partition(":")
    match kind:
        case "group":
            return {"type": "group", "group": {"groupId": id_}}
        case "user":
            return {"type": "user", "user": {"accountId": id_}}
        case "project":
            return {"type": "project", "project": {"id": id_}}
    return {"type": kind}
