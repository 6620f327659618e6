"""Making, changing and taking away in Jira, one call each; only a gadget's configuration is a call of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.provision import shapes
from connector.session import Wire
from mappings.provision import ThingKind
from mappings.records import Value

HOOKS = "/rest/webhooks/1.0/webhook"
SEARCHERS = {"textfield": "textsearcher", "labels": "labelsearcher", "float": "exactnumber", "datepicker": "daterange"}
"""How each type of field is searched; without one Jira makes a field that no query and no gadget finds."""

Says = Mapping[str, Value]


def make(wire: Wire, kind: ThingKind, says: Says, secret: str) -> str:
    """Make a thing; its remote id."""
    match kind:
        case ThingKind.FIELD:
            return str(wire.post("/rest/api/3/field", json=_field(says))["id"])
        case ThingKind.PLACE:
            path = _tab(str(says["screen"]))
            wire.post("/rest/api/3/screens/{screen}/tabs/{tab}/fields", path=path, json={"fieldId": says["field"]})
            return f"{says['screen']}/{says['field']}"
        case ThingKind.FILTER:
            return str(wire.post("/rest/api/3/filter", json=_filter(says))["id"])
        case ThingKind.DASHBOARD:
            return str(wire.post("/rest/api/3/dashboard", json=_dashboard(says))["id"])
        case ThingKind.GADGET:
            path = {"board": str(says["dashboard"])}
            wanted = {**_gadget(says), "uri": says["uri"]}
            made = wire.post("/rest/api/3/dashboard/{board}/gadget", path=path, json=wanted)
            return f"{says['dashboard']}/{made['id']}"
        case ThingKind.BOARD:
            return str(wire.post("/rest/agile/1.0/board", json=_board(says))["id"])
        case ThingKind.WEBHOOK:
            return str(wire.post(HOOKS, json={**_webhook(says), "secret": secret})["self"]).rpartition("/")[2]
    raise ValueError(f"expected one of Jira's things, got a {kind}")


def change(wire: Wire, kind: ThingKind, remote_id: str, says: Says, secret: str) -> None:
    """Let a thing say this. Sent again it changes nothing more."""
    match kind:
        case ThingKind.FIELD:
            wanted = {"name": says["name"], "description": says["description"]}
            wire.put("/rest/api/3/field/{field}", path={"field": remote_id}, json=wanted)
        case ThingKind.FILTER:
            wire.put("/rest/api/3/filter/{filter}", path={"filter": remote_id}, json=_filter(says))
        case ThingKind.DASHBOARD:
            wire.put("/rest/api/3/dashboard/{board}", path={"board": remote_id}, json=_dashboard(says))
        case ThingKind.GADGET:
            wire.put("/rest/api/3/dashboard/{board}/gadget/{item}", path=_item(remote_id), json=_gadget(says))
            configure(wire, remote_id, says)
        case ThingKind.WEBHOOK:
            wire.put(f"{HOOKS}/{{hook}}", path={"hook": remote_id}, json={**_webhook(says), "secret": secret})


def configure(wire: Wire, gadget_id: str, says: Says) -> None:
    """Give a gadget its settings."""
    place = "/rest/api/3/dashboard/{board}/items/{item}/properties/config"
    wire.put(place, path=_item(gadget_id), json=dict(shapes.config_of(says)))


def remove(wire: Wire, kind: ThingKind, remote_id: str) -> None:
    """Take a thing away. A field goes to the trash, from which an administrator can have it back."""
    match kind:
        case ThingKind.FIELD:
            wire.post("/rest/api/3/field/{field}/trash", path={"field": remote_id})
        case ThingKind.PLACE:
            tab, _, field = remote_id.rpartition("/")
            path = {**_tab(tab), "field": field}
            wire.send("DELETE", "/rest/api/3/screens/{screen}/tabs/{tab}/fields/{field}", path=path)
        case ThingKind.FILTER:
            wire.send("DELETE", "/rest/api/3/filter/{filter}", path={"filter": remote_id})
        case ThingKind.DASHBOARD:
            wire.send("DELETE", "/rest/api/3/dashboard/{board}", path={"board": remote_id})
        case ThingKind.GADGET:
            wire.send("DELETE", "/rest/api/3/dashboard/{board}/gadget/{item}", path=_item(remote_id))
        case ThingKind.BOARD:
            wire.send("DELETE", "/rest/agile/1.0/board/{board}", path={"board": remote_id})
        case ThingKind.WEBHOOK:
            wire.send("DELETE", f"{HOOKS}/{{hook}}", path={"hook": remote_id})


def _field(says: Says) -> dict[str, Any]:
    prefix, _, kind = str(says["type"]).rpartition(":")
    searcher = f"{prefix}:{SEARCHERS[kind]}"
    return {"name": says["name"], "description": says["description"], "type": says["type"], "searcherKey": searcher}


def _filter(says: Says) -> dict[str, Any]:
    shares = shapes.write_shares(says["shares"])
    return {
        "name": says["name"],
        "description": says["description"],
        "jql": says["jql"],
        "sharePermissions": shares,
    }


def _dashboard(says: Says) -> dict[str, Any]:
    return {
        "name": says["name"],
        "description": says["description"],
        "sharePermissions": shapes.write_shares(says["shares"]),
        "editPermissions": shapes.write_shares(says["editors"]),
    }


def _gadget(says: Says) -> dict[str, Any]:
    position = {"row": says["row"], "column": says["column"]}
    return {"title": says["title"], "color": says["color"], "position": position}


def _board(says: Says) -> dict[str, Any]:
    location = {"type": "project", "projectKeyOrId": says["project"]}
    return {"name": says["name"], "type": says["type"], "filterId": int(str(says["filter"])), "location": location}


def _webhook(says: Says) -> dict[str, Any]:
    events = says["events"]
    return {
        "name": says["name"],
        "url": says["url"],
        "events": list(events) if isinstance(events, tuple) else [],
        "filters": {shapes.FILTER: says["jql"]},
        "excludeBody": False,
        "enabled": says["is_enabled"],
    }


def _tab(tab: str) -> dict[str, str]:
    screen, _, number = tab.partition("/")
    return {"screen": screen, "tab": number}


def _item(remote_id: str) -> dict[str, str]:
    board, _, item = remote_id.partition("/")
    return {"board": board, "item": item}
