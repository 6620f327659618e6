"""Jira Data Center's REST v2 where it differs from Cloud's: wiki markup, names, search by offset, no bulk reads."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from connector.sandbox.datacenter import people
from connector.sandbox.datacenter.app import DataCenterApp, RefusedError, Table, Visit, route
from connector.sandbox.jira.permissions import GLOBAL_PERMISSIONS, PROJECT_PERMISSIONS
from connector.sandbox.site import Site

V2, V3 = "/rest/api/2", "/rest/api/3"
HOOKS = "/rest/webhooks/1.0/webhook"
MOST_FOUND = 1000
INNER_PAGE = 100


def jira_data_center(site: Site) -> DataCenterApp:
    """A site's Jira as Data Center."""
    return DataCenterApp(site, _TABLE)


def _as_it_is(visit: Visit) -> Any:
    """What both say alike."""
    return visit.ask(visit.request.method, V3 + visit.request.path.removeprefix(V2), query=visit.query)


def _search(visit: Visit) -> Any:
    """By offset, with a total; Cloud's goes by token, without."""
    asked: dict[str, Any] = {"jql": visit.query.get("jql", ""), "maxResults": INNER_PAGE}
    asked["fields"] = visit.query.get("fields") or "*navigable"
    found: list[Any] = []
    while True:
        page = visit.ask("GET", f"{V3}/search/jql", query=asked)
        found += page["issues"]
        if page["isLast"]:
            break
        asked["nextPageToken"] = page["nextPageToken"]
    start = int(visit.query.get("startAt", 0))
    size = min(int(visit.query.get("maxResults", 50)), MOST_FOUND)
    shown = found[start : start + size]
    return {"expand": "schema,names", "startAt": start, "maxResults": size, "total": len(found), "issues": shown}


def _create_many(visit: Visit) -> Any:
    body = visit.json()
    elements = [{**element, "fields": _fields(visit, element["fields"])} for element in body["issueUpdates"]]
    wrong = [errors for element in elements if (errors := element["fields"].pop("", None))]
    if wrong:
        raise RefusedError(400, {"errorMessages": [], "errors": wrong[0]})
    return visit.ask("POST", f"{V3}/issue/bulk", body={"issueUpdates": elements})


def _edit(visit: Visit) -> Any:
    body = visit.json()
    fields = _fields(visit, body.get("fields", {}))
    wrong = fields.pop("", None)
    if wrong:
        raise RefusedError(400, {"errorMessages": [], "errors": wrong})
    visit.ask("PUT", f"{V3}/issue/{visit.values['issue']}", body={**body, "fields": fields})
    return None


def _move(visit: Visit) -> Any:
    visit.ask("POST", f"{V3}/issue/{visit.values['issue']}/transitions", body=visit.json())
    return None


def _comment(visit: Visit) -> Any:
    body = {"body": _document(visit.json()["body"])}
    return visit.ask("POST", f"{V3}/issue/{visit.values['issue']}/comment", body=body)


def _link(visit: Visit) -> Any:
    visit.ask("POST", f"{V3}/issueLink", body=visit.json())
    return Response(status=201)


def _watch(visit: Visit) -> Any:
    account = people.by_name(visit.site, visit.json())
    if account is None:
        raise RefusedError(400, {"errorMessages": [f'The user "{visit.json()}" does not exist'], "errors": {}})
    visit.ask("POST", f"{V3}/issue/{visit.values['issue']}/watchers", body=account.account_id)
    return None


def _user(visit: Visit) -> Any:
    key, name = visit.query.get("key"), visit.query.get("username")
    account = people.by_key(visit.site, key) if key else people.by_name(visit.site, name)
    if account is None:
        raise RefusedError(404, {"errorMessages": [f"The user with the key '{key}' does not exist"], "errors": {}})
    return visit.ask("GET", f"{V3}/user", query={"accountId": account.account_id})


def _find_users(visit: Visit) -> Any:
    """Users by a part of name or address; apps are users like any other here."""
    return visit.ask("GET", f"{V3}/user/search", query={"query": visit.query.get("username", "")})


def _filters(visit: Visit) -> Any:
    """As they are, but that a group is its name there."""
    return _without_group_ids(_as_it_is(visit))


def _without_group_ids(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_group_ids(part) for part in node]
    if isinstance(node, dict):
        return {name: _without_group_ids(part) for name, part in node.items() if name != "groupId"}
    return node


def _make_filter(visit: Visit) -> Any:
    """Shares that it is given with are passed over: they are a call each."""
    given = {name: part for name, part in visit.json().items() if name not in ("sharePermissions", "favourite")}
    filters = visit.site.jira.filters
    before = set(filters)
    try:
        return _without_group_ids(visit.ask("POST", f"{V3}/filter", body={**given, "sharePermissions": []}))
    finally:  # it is one call here, and so done even if its answer is lost
        if visit.json().get("favourite") and visit.account is not None:
            for id_ in filters.keys() - before:
                filters[id_].favourite_of.add(visit.account.account_id)


def _edit_filter(visit: Visit) -> Any:
    given = {name: part for name, part in visit.json().items() if name not in ("sharePermissions", "favourite")}
    return _without_group_ids(visit.ask("PUT", f"{V3}/filter/{visit.values['filter']}", body=given))


def _drop(visit: Visit) -> Any:
    return visit.forward("DELETE", V3 + visit.request.path.removeprefix(V2))


def _projects(visit: Visit) -> Any:
    """All at once, as they are no pages."""
    return visit.ask("GET", f"{V3}/project/search", query={"maxResults": INNER_PAGE})["values"]


def _find_assignable(visit: Visit) -> Any:
    account = people.by_name(visit.site, visit.query.get("username"))
    if account is None:
        return []
    query = {"project": visit.query.get("project", ""), "accountId": account.account_id}
    return visit.ask("GET", f"{V3}/user/assignable/search", query=query)


def _server(visit: Visit) -> Any:
    """It knows itself by the address at which it was asked."""
    told = visit.ask("GET", f"{V3}/serverInfo")
    return {**told, "baseUrl": visit.request.host_url.rstrip("/"), "deploymentType": "Server"}


def _create_screen(visit: Visit) -> Any:
    """A page of values, where Cloud says fields."""
    told = visit.ask("GET", V3 + visit.request.path.removeprefix(V2), query=visit.query)
    fields = told.pop("fields")
    return {**told, "isLast": told["startAt"] + len(fields) >= told["total"], "values": fields}


def _priorities(visit: Visit) -> Any:
    return visit.ask("GET", f"{V3}/priority")


def _permissions(visit: Visit) -> Any:
    """All of them: Data Center is not asked for single ones."""
    keys = [*GLOBAL_PERMISSIONS, *(PROJECT_PERMISSIONS if "projectKey" in visit.query else ())]
    query = {**visit.query, "permissions": ",".join(keys)}
    return visit.ask("GET", f"{V3}/mypermissions", query=query)


def _bytes(visit: Visit) -> Response:
    return visit.forward("GET", f"{V3}/attachment/content/{visit.values['file']}", query={"redirect": "false"})


def _fields(visit: Visit, given: dict[str, Any]) -> dict[str, Any]:
    """Fields in Cloud's words; under an empty name what is wrong with them."""
    fields = dict(given)
    if isinstance(fields.get("description"), str):
        fields["description"] = _document(fields["description"])
    assignee = fields.get("assignee")
    if isinstance(assignee, dict):
        account = people.by_name(visit.site, assignee.get("name"))
        if account is None:
            fields[""] = {"assignee": f"User '{assignee.get('name')}' does not exist."}
        else:
            fields["assignee"] = {"accountId": account.account_id}
    return fields


def _document(markup: str) -> dict[str, Any]:
    """Markup kept to the letter, a paragraph for each line; `people.renamed` gives it back."""
    lines = [[{"type": "text", "text": line}] if line else [] for line in markup.split("\n")]
    content = [{"type": "paragraph", "content": line} for line in lines]
    return {"type": "doc", "version": 1, "content": content}


_TABLE: Table = [
    *(
        route("GET", f"{V2}/{path}", _as_it_is)
        for path in (
            "myself",
            "dashboard",
            "field",
            "issueLinkType",
            "issue/<issue>",
            "issue/<issue>/comment",
            "issue/<issue>/transitions",
            "issue/<issue>/editmeta",
            "issue/<issue>/watchers",
            "project/<project>/statuses",
        )
    ),
    route("GET", f"{V2}/serverInfo", _server),
    route("GET", f"{V2}/issue/createmeta/<project>/issuetypes/<type>", _create_screen),
    route("GET", f"{V2}/user/assignable/search", _find_assignable),
    route("GET", HOOKS, lambda visit: visit.ask("GET", HOOKS)),
    route("GET", f"{V2}/project", _projects),
    route("GET", f"{V2}/filter/favourite", _filters),
    route("POST", f"{V2}/filter", _make_filter),
    route("GET", f"{V2}/filter/<filter>", _filters),
    route("PUT", f"{V2}/filter/<filter>", _edit_filter),
    route("DELETE", f"{V2}/filter/<filter>", _drop),
    route("GET", f"{V2}/filter/<filter>/permission", _filters),
    route("POST", f"{V2}/filter/<filter>/permission", _filters),
    route("DELETE", f"{V2}/filter/<filter>/permission/<share>", _drop),
    route("GET", f"{V2}/search", _search),
    route("GET", f"{V2}/user", _user),
    route("GET", f"{V2}/user/search", _find_users),
    route("GET", f"{V2}/priority", _priorities),
    route("GET", f"{V2}/mypermissions", _permissions),
    route("POST", f"{V2}/issue/bulk", _create_many),
    route("PUT", f"{V2}/issue/<issue>", _edit),
    route("POST", f"{V2}/issue/<issue>/transitions", _move),
    route("POST", f"{V2}/issue/<issue>/comment", _comment),
    route("DELETE", f"{V2}/issue/<issue>/comment/<comment>", _as_it_is),
    route("POST", f"{V2}/issue/<issue>/watchers", _watch),
    route("POST", f"{V2}/issueLink", _link),
    route("GET", "/secure/attachment/<file>/<name>", _bytes),
]
