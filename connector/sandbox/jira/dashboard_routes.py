"""Dashboards and their gadgets."""

from typing import Any

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import bodies, dashboards, shares
from connector.sandbox.jira.paging import page
from connector.sandbox.jira.records import Dashboard, Gadget
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

ONE = "/rest/api/3/dashboard/<dashboard_id>"
DASHBOARD_NAMES = "description editPermissions name sharePermissions"
UNKNOWN_GADGET = "The gadget you are trying to add is not available; use a uri or moduleKey from the gadget list."


@ROUTES.get("/rest/api/3/dashboard")
def all_dashboards(site: Site, call: Call) -> Answer:
    found = _visible(site, call)
    start, size = call.query_int("startAt", 0), call.query_int("maxResults", 20, 1000)
    shown = [_bean(call, one) for one in found[start : start + size]]
    return Answer(200, {"startAt": start, "maxResults": size, "total": len(found), "dashboards": shown})


@ROUTES.post("/rest/api/3/dashboard", takes=DASHBOARD_NAMES)
def create_dashboard(site: Site, call: Call) -> Answer:
    """Name, sharePermissions and editPermissions, all three required."""
    body = call.json_object()
    _check(body)
    made = Dashboard(
        dashboard_id=str(site.next_id("dashboard")),
        name=body["name"],
        owner_id=call.account().account_id,
        description=str(body.get("description") or ""),
        shares=shares.read(site, body["sharePermissions"]),
        edit_shares=shares.read(site, body["editPermissions"]),
    )
    site.jira.dashboards[made.dashboard_id] = made
    return Answer(200, _bean(call, made))


@ROUTES.get("/rest/api/3/dashboard/search")
def search_dashboards(site: Site, call: Call) -> Answer:
    wanted, owner = call.query.get("dashboardName", "").casefold(), call.query.get("accountId")
    found = [
        one for one in _visible(site, call) if wanted in one.name.casefold() and (not owner or one.owner_id == owner)
    ]
    found.sort(key=lambda one: one.name.casefold())
    return page(call, found, lambda one: _bean(call, one), most=100)


@ROUTES.get("/rest/api/3/dashboard/gadgets", anonymous=False)
def available_gadgets(_site: Site, _call: Call) -> Answer:
    return Answer(200, {"gadgets": list(dashboards.GADGETS)})


@ROUTES.get(ONE)
def get_dashboard(_site: Site, call: Call) -> Answer:
    return Answer(200, _bean(call, dashboards.visible(call, call.params["dashboard_id"])))


@ROUTES.put(ONE, takes=DASHBOARD_NAMES)
def edit_dashboard(site: Site, call: Call) -> Answer:
    found, body = dashboards.editable(call, call.params["dashboard_id"]), call.json_object()
    _check(body)
    found.name, found.description = body["name"], str(body.get("description") or "")
    found.shares = shares.read(site, body["sharePermissions"])
    found.edit_shares = shares.read(site, body["editPermissions"])
    return Answer(200, _bean(call, found))


@ROUTES.delete(ONE)
def delete_dashboard(site: Site, call: Call) -> Answer:
    found = dashboards.visible(call, call.params["dashboard_id"])
    if found.owner_id != call.account().account_id:
        raise jira_error(400, "You can only delete dashboards that you own.")
    del site.jira.dashboards[found.dashboard_id]
    return Answer(204)


@ROUTES.get(f"{ONE}/gadget")
def get_gadgets(_site: Site, call: Call) -> Answer:
    found = dashboards.visible(call, call.params["dashboard_id"])
    return Answer(200, {"gadgets": [_gadget_bean(one) for one in found.gadgets]})


@ROUTES.post(f"{ONE}/gadget", takes="color ignoreUriAndModuleKeyValidation moduleKey position title uri")
def add_gadget(site: Site, call: Call) -> Answer:
    """Either `uri` or `moduleKey`; without a position it goes to the top of the first column."""
    found, body = dashboards.editable(call, call.params["dashboard_id"]), call.json_object()
    uri, module_key = bodies.text(body, "uri") or None, bodies.text(body, "moduleKey") or None
    if bool(uri) == bool(module_key):
        raise jira_error(400, "Exactly one of uri and moduleKey must be given.")
    lenient = body.get("ignoreUriAndModuleKeyValidation") is True
    if not lenient and (module_key or uri not in dashboards.URIS):
        raise jira_error(400, UNKNOWN_GADGET)
    if len(found.gadgets) >= dashboards.GADGETS_MAX:
        raise jira_error(
            400,
            "Cannot add another gadget. The maximum number of gadgets the dashboard can hold has been reached.",
        )
    titles = {gadget["uri"]: gadget["title"] for gadget in dashboards.GADGETS}
    position = bodies.part(body, "position")
    made = Gadget(
        gadget_id=site.next_id("gadget"),
        title=bodies.text(body, "title") or titles.get(str(uri), "Gadget"),
        color=_color(body.get("color") or "blue"),
        row=bodies.number(position, "row", 0),
        column=bodies.number(position, "column", 0),
        uri=uri,
        module_key=module_key,
    )
    found.gadgets.append(made)
    return Answer(200, _gadget_bean(made))


@ROUTES.put(f"{ONE}/gadget/<gadget_id>", takes="color position title")
def edit_gadget(_site: Site, call: Call) -> Answer:
    gadget, body = dashboards.find_gadget(call, call.params["gadget_id"]), call.json_object()
    gadget.title = bodies.text(body, "title") or gadget.title
    gadget.color = _color(body.get("color") or gadget.color)
    position = bodies.part(body, "position")
    gadget.row = bodies.number(position, "row", gadget.row)
    gadget.column = bodies.number(position, "column", gadget.column)
    return Answer(204)


@ROUTES.delete(f"{ONE}/gadget/<gadget_id>")
def delete_gadget(_site: Site, call: Call) -> Answer:
    gadget = dashboards.find_gadget(call, call.params["gadget_id"])
    dashboards.editable(call, call.params["dashboard_id"]).gadgets.remove(gadget)
    return Answer(204)


def _visible(site: Site, call: Call) -> list[Dashboard]:
    every = site.jira.dashboards.values()
    return [one for one in every if shares.may_see(site, one.owner_id, one.shares, call.actor)]


def _check(body: dict[str, Any]) -> None:
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise jira_error(400, "The dashboard name must not be empty.")
    for required in ("sharePermissions", "editPermissions"):
        if not isinstance(body.get(required), list):
            raise jira_error(400, f"The dashboard's {required} must be given, as a list.")


def _color(color: Any) -> str:
    if color not in dashboards.COLORS:
        raise jira_error(400, f"The gadget color '{color}' is not valid; use one of {', '.join(dashboards.COLORS)}.")
    return str(color)


def _bean(call: Call, one: Dashboard) -> dict[str, Any]:
    viewer = viewer_of(call)
    return {
        "id": one.dashboard_id,
        "isFavourite": call.actor is not None and call.actor.account_id in one.favourite_of,
        "name": one.name,
        "description": one.description,
        "owner": shares.short_user(viewer, one.owner_id),
        "popularity": len(one.favourite_of),
        "self": f"{viewer.api}/dashboard/{one.dashboard_id}",
        "sharePermissions": [shares.bean(viewer, share) for share in one.shares],
        "editPermissions": [shares.bean(viewer, share) for share in one.edit_shares],
        "view": f"{call.site.base_url}/jira/dashboards/{one.dashboard_id}",
        "isWritable": shares.may_see(call.site, one.owner_id, one.edit_shares, call.actor),
        "systemDashboard": False,
    }


def _gadget_bean(gadget: Gadget) -> dict[str, Any]:
    bean: dict[str, Any] = {
        "id": gadget.gadget_id,
        "title": gadget.title,
        "color": gadget.color,
        "position": {"row": gadget.row, "column": gadget.column},
    }
    return bean | ({"uri": gadget.uri} if gadget.uri else {"moduleKey": gadget.module_key})
