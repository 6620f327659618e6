"""Saved filters and whom they are shared with."""

from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import shares
from connector.sandbox.jira.jql.errors import JqlError
from connector.sandbox.jira.jql.query import prepare
from connector.sandbox.jira.jql.terms import Asker
from connector.sandbox.jira.paging import page
from connector.sandbox.jira.permissions import may_globally
from connector.sandbox.jira.records import Filter
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

FILTER_NAMES = (
    "approximateLastUsed description editPermissions favourite favouritedCount id jql name owner searchUrl self "
    "sharePermissions sharedUsers subscriptions viewUrl"
)
UNKNOWN = "The selected filter is not available to you, perhaps it has been deleted or had its permissions changed."
TAKEN = "Filter with same name already exists."
NO_SHARING = "You do not have permission to share filters and dashboards."


@ROUTES.post("/rest/api/3/filter", takes=FILTER_NAMES)
def create_filter(site: Site, call: Call) -> Answer:
    body, actor = call.json_object(), call.account()
    name, jql = _read(site, call, body, actor, None)
    made = Filter(
        filter_id=str(site.next_id("filter")),
        name=name,
        jql=jql,
        owner_id=actor.account_id,
        description=str(body.get("description") or ""),
        shares=shares.read(site, body.get("sharePermissions")),
        edit_shares=shares.read(site, body.get("editPermissions")),
    )
    if body.get("favourite"):
        made.favourite_of.add(actor.account_id)
    site.jira.filters[made.filter_id] = made
    return Answer(200, _bean(call, made))


@ROUTES.get("/rest/api/3/filter/search")
def search_filters(site: Site, call: Call) -> Answer:
    """Filters the caller can see, of at most 200 ids; most of their details only with `expand`."""
    wanted = call.query.get("filterName", "").strip('"').casefold()
    owner, ids = call.query.get("accountId"), set(call.query_list("id", 200))
    found = [
        one
        for one in site.jira.filters.values()
        if shares.may_see(site, one.owner_id, one.shares, call.actor)
        and wanted in one.name.casefold()
        and (not owner or one.owner_id == owner)
        and (not ids or one.filter_id in ids)
    ]
    found.sort(key=lambda one: one.name.casefold())
    expand = set(call.query_list("expand"))
    return page(call, found, lambda one: _search_bean(call, one, expand), most=100)


@ROUTES.get("/rest/api/3/filter/my", anonymous=False)
def my_filters(site: Site, call: Call) -> Answer:
    own = [one for one in site.jira.filters.values() if call.actor and one.owner_id == call.actor.account_id]
    return Answer(200, [_bean(call, one) for one in own])


@ROUTES.get("/rest/api/3/filter/favourite")
def favourite_filters(site: Site, call: Call) -> Answer:
    """The caller's favourites, as far as it may still see them."""
    who = call.account().account_id
    liked = [one for one in site.jira.filters.values() if who in one.favourite_of]
    return Answer(200, [_bean(call, f) for f in liked if shares.may_see(site, f.owner_id, f.shares, call.actor)])


@ROUTES.put("/rest/api/3/filter/<filter_id>/favourite")
def like(_site: Site, call: Call) -> Answer:
    found = _filter(call)
    found.favourite_of.add(call.account().account_id)
    return Answer(200, _bean(call, found))


@ROUTES.delete("/rest/api/3/filter/<filter_id>/favourite")
def unlike(_site: Site, call: Call) -> Answer:
    found = _filter(call)
    found.favourite_of.discard(call.account().account_id)
    return Answer(200, _bean(call, found))


@ROUTES.get("/rest/api/3/filter/<filter_id>")
def get_filter(_site: Site, call: Call) -> Answer:
    return Answer(200, _bean(call, _filter(call)))


@ROUTES.put("/rest/api/3/filter/<filter_id>", takes=FILTER_NAMES)
def edit_filter(site: Site, call: Call) -> Answer:
    """JQL and description given are set, and the name, which must be; shares given replace all that were there."""
    found, body, actor = _filter(call), call.json_object(), call.account()
    if found.owner_id != actor.account_id and not shares.covers(site, found.edit_shares, actor):
        raise jira_error(400, UNKNOWN)
    found.name, found.jql = _read(site, call, body, actor, found)
    found.description = str(body.get("description", found.description) or "")
    if "sharePermissions" in body:
        found.shares = shares.read(site, body["sharePermissions"])
    if "editPermissions" in body:
        found.edit_shares = shares.read(site, body["editPermissions"])
    return Answer(200, _bean(call, found))


@ROUTES.delete("/rest/api/3/filter/<filter_id>")
def delete_filter(site: Site, call: Call) -> Answer:
    found = _owned(call)
    del site.jira.filters[found.filter_id]
    return Answer(204)


@ROUTES.put("/rest/api/3/filter/<filter_id>/owner", takes="accountId")
def change_owner(site: Site, call: Call) -> Answer:
    found = _owned(call)
    new_owner = str(call.json_object().get("accountId"))
    if new_owner not in site.accounts:
        raise jira_error(400, "The new owner does not exist.")
    found.owner_id = new_owner
    return Answer(204)


@ROUTES.get("/rest/api/3/filter/<filter_id>/permission")
def get_permissions(_site: Site, call: Call) -> Answer:
    viewer = viewer_of(call)
    return Answer(200, [shares.bean(viewer, share) for share in _filter(call).shares])


@ROUTES.post(
    "/rest/api/3/filter/<filter_id>/permission",
    takes="accountId groupId groupname projectId projectRoleId rights type",
)
def add_permission(site: Site, call: Call) -> Answer:
    """Answers with all shares. Sharing with everybody takes the place of every other share."""
    found = _owned(call)
    if not may_globally(call.actor, "CREATE_SHARED_OBJECTS"):
        raise jira_error(400, NO_SHARING)
    (added,) = shares.read(site, [call.json_object()], single=True)
    found.shares = [added] if added.kind in ("global", "loggedin") else [*found.shares, added]
    viewer = viewer_of(call)
    return Answer(201, [shares.bean(viewer, share) for share in found.shares])


@ROUTES.delete("/rest/api/3/filter/<filter_id>/permission/<permission_id>")
def delete_permission(_site: Site, call: Call) -> Answer:
    found = _owned(call)
    kept = [share for share in found.shares if str(share.share_id) != call.params["permission_id"]]
    if len(kept) == len(found.shares):
        raise jira_error(404, "The share permission does not exist.")
    found.shares = kept
    return Answer(204)


def _filter(call: Call) -> Filter:
    found = call.site.jira.filters.get(call.params["filter_id"])
    if found is None or not shares.may_see(call.site, found.owner_id, found.shares, call.actor):
        raise jira_error(400, UNKNOWN)
    return found


def _owned(call: Call) -> Filter:
    found, actor = _filter(call), call.account()
    if found.owner_id != actor.account_id and not actor.is_admin:
        raise jira_error(400, UNKNOWN)
    return found


def _read(site: Site, call: Call, body: dict[str, Any], actor: Account, old: Filter | None) -> tuple[str, str]:
    name = body.get("name")
    if not isinstance(name, str) or not name.strip():
        raise jira_error(400, errors={"filterName": "You must specify a name to save this filter as."})
    for other in site.jira.filters.values():
        if other is not old and other.owner_id == actor.account_id and other.name == name:
            raise jira_error(400, errors={"filterName": TAKEN})
    jql = str(body.get("jql", old.jql if old else "") or "")
    try:
        prepare(jql, Asker(site, call.actor, site.now()))
    except JqlError as error:
        raise jira_error(400, str(error)) from error
    return name, jql


def _bean(call: Call, one: Filter) -> dict[str, Any]:
    viewer, site = viewer_of(call), call.site
    return {
        "self": f"{viewer.api}/filter/{one.filter_id}",
        "id": one.filter_id,
        "name": one.name,
        "description": one.description,
        "owner": viewer.user(one.owner_id),
        "jql": one.jql,
        "viewUrl": f"{site.base_url}/issues/?filter={one.filter_id}",
        "searchUrl": f"{viewer.api}/search?jql=filter%3D{one.filter_id}",
        "favourite": call.actor is not None and call.actor.account_id in one.favourite_of,
        "favouritedCount": len(one.favourite_of),
        "sharePermissions": [shares.bean(viewer, share) for share in one.shares],
        "editPermissions": [shares.bean(viewer, share) for share in one.edit_shares],
        "sharedUsers": {"size": 0, "items": [], "max-results": 1000, "start-index": 0, "end-index": 0},
        "subscriptions": {"size": 0, "items": [], "max-results": 1000, "start-index": 0, "end-index": 0},
    }


def _search_bean(call: Call, one: Filter, expand: set[str]) -> dict[str, Any]:
    full = _bean(call, one)
    always = {"self", "id", "name"}
    expandable = {
        "description",
        "owner",
        "jql",
        "viewUrl",
        "searchUrl",
        "favourite",
        "favouritedCount",
        "sharePermissions",
        "editPermissions",
    }
    shown = {key: value for key, value in full.items() if key in always | (expand & expandable)}
    return {"expand": ",".join(sorted(expandable)), **shown}
