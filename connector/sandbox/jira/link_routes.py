"""Links between issues, link types, and links to elsewhere (remote links, one for each globalId)."""

from typing import Any

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, beans, bodies, changes, comments, edits, fields, links
from connector.sandbox.jira.edits import Screen
from connector.sandbox.jira.permissions import may
from connector.sandbox.jira.records import ChangeItem, Issue, IssueLink, RemoteLink
from connector.sandbox.jira.values import BadValueError, Setting
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

REMOTE = "/rest/api/3/issue/<id_or_key>/remotelink"
NO_LINKING = "No Link Issue Permission for issue '{}'"
NO_LINK = "No issue link with id '{}' exists."
PER_ISSUE_MAX = 2000
GLOBAL_ID_MAX = 255


@ROUTES.get("/rest/api/3/issueLinkType")
def link_types(site: Site, call: Call) -> Answer:
    viewer = viewer_of(call)
    return Answer(200, {"issueLinkTypes": [beans.link_type(viewer, t) for t in site.jira.link_types.values()]})


@ROUTES.post("/rest/api/3/issueLink", takes="comment inwardIssue outwardIssue type")
def link_issues(site: Site, call: Call) -> Answer:
    """201 without a body. The inward issue is the one the outward phrase is said of: inward "blocks" outward."""
    body = call.json_object()
    kind = links.link_type(site, body.get("type"))
    source, target = links.end(call, body.get("inwardIssue")), links.end(call, body.get("outwardIssue"))
    for issue in (source, target):
        access.count_write(call, issue)
    if not may(call.actor, access.project_of(call, source), "LINK_ISSUES"):
        raise jira_error(401, NO_LINKING.format(source.key))
    said = _comment(call, source, body.get("comment"))
    actor_id = call.account().account_id
    links.add(site, kind, source, target, actor_id)
    if said:
        comments.add(site, source, actor_id, said["body"], visibility=said["visibility"])
    return Answer(201)


@ROUTES.get("/rest/api/3/issueLink/<link_id>")
def get_link(site: Site, call: Call) -> Answer:
    link = _link(call)
    viewer = viewer_of(call)
    return Answer(
        200,
        {
            "id": link.link_id,
            "self": f"{viewer.api}/issueLink/{link.link_id}",
            "type": beans.link_type(viewer, site.jira.link_types[link.type_id]),
            "inwardIssue": fields.short_issue(viewer, link.source_id),
            "outwardIssue": fields.short_issue(viewer, link.target_id),
        },
    )


@ROUTES.delete("/rest/api/3/issueLink/<link_id>")
def delete_link(site: Site, call: Call) -> Answer:
    link = _link(call)
    source = site.jira.issues[link.source_id]
    if not may(call.actor, access.project_of(call, source), "LINK_ISSUES"):
        raise jira_error(401, NO_LINKING.format(source.key))
    links.remove(site, link, call.account().account_id)
    return Answer(204)


@ROUTES.get(REMOTE)
def remote_links(_site: Site, call: Call) -> Answer:
    """All of an issue's, or with `globalId` the one, as an object and not a list."""
    issue = access.visible_issue(call, call.params["id_or_key"])
    wanted = call.query.get("globalId")
    if not wanted:
        return Answer(200, [_remote_bean(call, issue, one) for one in issue.remote_links])
    found = _by_global_id(issue, wanted)
    if found is None:
        raise jira_error(404, "The remote link with the given globalId does not exist.")
    return Answer(200, _remote_bean(call, issue, found))


@ROUTES.post(REMOTE)
def set_remote_link(site: Site, call: Call) -> Answer:
    """Creates (201), or replaces the one with the same globalId (200): what is left out becomes nothing."""
    issue = access.visible_issue(call, call.params["id_or_key"])
    _require_linking(call, issue)
    body = call.json_object()
    content = _remote_content(body)
    global_id = bodies.text(body, "globalId") or None
    found = _by_global_id(issue, global_id) if global_id else None
    status = 200 if found else 201
    if found is None:
        if len(issue.remote_links) >= PER_ISSUE_MAX:
            raise jira_error(413, f"The issue has reached the limit of {PER_ISSUE_MAX} remote links.")
        found = RemoteLink(site.next_id("remotelink"), global_id, content)
        issue.remote_links.append(found)
        title = f'This issue links to "{content["object"]["title"]}"'
        item = ChangeItem("RemoteIssueLink", None, None, None, str(found.remote_link_id), title)
        changes.record(site, issue, call.account().account_id, (item,), tell=False)
    found.body = content
    return Answer(status, {"id": found.remote_link_id, "self": _remote_address(call, issue, found)})


@ROUTES.delete(REMOTE)
def delete_by_global_id(_site: Site, call: Call) -> Answer:
    issue = access.visible_issue(call, call.params["id_or_key"])
    _require_linking(call, issue)
    found = _by_global_id(issue, call.query.get("globalId", ""))
    if found is None:
        raise jira_error(404, "The remote link with the given globalId does not exist.")
    issue.remote_links.remove(found)
    return Answer(204)


@ROUTES.get(f"{REMOTE}/<link_id>")
def remote_link(_site: Site, call: Call) -> Answer:
    issue = access.visible_issue(call, call.params["id_or_key"])
    return Answer(200, _remote_bean(call, issue, _by_id(call, issue)))


@ROUTES.put(f"{REMOTE}/<link_id>")
def edit_remote_link(_site: Site, call: Call) -> Answer:
    issue = access.visible_issue(call, call.params["id_or_key"])
    _require_linking(call, issue)
    found, body = _by_id(call, issue), call.json_object()
    found.body, found.global_id = _remote_content(body), bodies.text(body, "globalId") or None
    return Answer(204)


@ROUTES.delete(f"{REMOTE}/<link_id>")
def delete_remote_link(_site: Site, call: Call) -> Answer:
    issue = access.visible_issue(call, call.params["id_or_key"])
    _require_linking(call, issue)
    issue.remote_links.remove(_by_id(call, issue))
    return Answer(204)


def _link(call: Call) -> IssueLink:
    link = call.site.jira.links.get(call.params["link_id"])
    if link is None or not all(
        access.find_issue(call.site, call.actor, end) for end in (link.source_id, link.target_id)
    ):
        raise jira_error(404, NO_LINK.format(call.params["link_id"]))
    return link


def _comment(call: Call, issue: Issue, given: Any) -> dict[str, Any] | None:
    if not given:
        return None
    setting = Setting(call.site, access.project_of(call, issue), call.version)
    try:
        return edits.read_comment(
            Screen(setting, call.actor, lambda _name: True, {}), bodies.part({"comment": given}, "comment")
        )
    except BadValueError as error:
        raise jira_error(400, errors={"comment": str(error)}) from error


def _require_linking(call: Call, issue: Issue) -> None:
    access.require(call, issue, "LINK_ISSUES", NO_LINKING.format(issue.key))


def _remote_content(body: dict[str, Any]) -> dict[str, Any]:
    thing = body.get("object")
    errors = {
        name: f"'{name}' is required."
        for name in ("url", "title")
        if not isinstance(thing, dict) or not thing.get(name) or not isinstance(thing[name], str)
    }
    if len(bodies.text(body, "globalId")) > GLOBAL_ID_MAX:
        errors["globalId"] = f"'globalId' must be at most {GLOBAL_ID_MAX} characters."
    if errors or not isinstance(thing, dict):
        raise jira_error(400, errors=errors)
    content: dict[str, Any] = {"object": thing}
    for name in ("application", "relationship"):
        if body.get(name):
            content[name] = body[name]
    return content


def _by_global_id(issue: Issue, global_id: str) -> RemoteLink | None:
    return next((one for one in issue.remote_links if one.global_id == global_id), None)


def _by_id(call: Call, issue: Issue) -> RemoteLink:
    wanted = call.params["link_id"]
    for one in issue.remote_links:
        if str(one.remote_link_id) == wanted:
            return one
    raise jira_error(404, f"The remote link with id '{wanted}' does not exist.")


def _remote_bean(call: Call, issue: Issue, link: RemoteLink) -> dict[str, Any]:
    bean: dict[str, Any] = {"id": link.remote_link_id, "self": _remote_address(call, issue, link)}
    if link.global_id:
        bean["globalId"] = link.global_id
    thing = {"icon": {}, "status": {"icon": {}}, **link.body["object"]}
    return {**bean, "application": {}, **link.body, "object": thing}


def _remote_address(call: Call, issue: Issue, link: RemoteLink) -> str:
    return f"{viewer_of(call).api}/issue/{issue.key}/remotelink/{link.remote_link_id}"
