"""Comments on an issue, and the properties of a comment."""

from typing import Any

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, bodies, comments, edits, views
from connector.sandbox.jira.edits import Screen
from connector.sandbox.jira.permissions import may
from connector.sandbox.jira.records import Comment, Issue
from connector.sandbox.jira.values import BadValueError, Setting
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

PAGE_DEFAULT = 100
PAGE_MAX = 5000
LIST_MAX = 1000
NO_COMMENT = "Can not find a comment for the id: {}."
BASE = "/rest/api/3/issue/<id_or_key>/comment"


@ROUTES.get(BASE)
def get_comments(_site: Site, call: Call) -> Answer:
    issue = access.visible_issue(call, call.params["id_or_key"])
    order = call.query.get("orderBy", "created")
    if order not in ("created", "-created", "+created"):
        raise jira_error(400, f"The orderBy value '{order}' is not supported; use created.")
    viewer = viewer_of(call)
    found = views.visible_comments(viewer, issue)
    if order == "-created":
        found = found[::-1]
    start, size = call.query_int("startAt", 0), call.query_int("maxResults", PAGE_DEFAULT, PAGE_MAX)
    shown = found[start : start + size]
    with_properties = "properties" in call.query_list("expand")
    beans = [views.comment_bean(viewer, one, with_properties=with_properties) for one in shown]
    return Answer(200, {"startAt": start, "maxResults": size, "total": len(found), "comments": beans})


@ROUTES.post(BASE)
def add_comment(site: Site, call: Call) -> Answer:
    issue = access.visible_issue(call, call.params["id_or_key"])
    access.require(call, issue, "ADD_COMMENTS", "You do not have the permission to comment on this issue.")
    comments.check_room(issue)
    body = call.json_object()
    properties = edits.read_properties(body.get("properties"))
    given = _read(site, call, issue, body)
    author_id = call.account().account_id
    comment = comments.add(site, issue, author_id, given["body"], visibility=given["visibility"], properties=properties)
    return Answer(201, _bean(call, comment))


@ROUTES.get(f"{BASE}/<comment_id>")
def get_comment(_site: Site, call: Call) -> Answer:
    return Answer(200, _bean(call, _comment(call)[1]))


@ROUTES.put(f"{BASE}/<comment_id>")
def edit_comment(site: Site, call: Call) -> Answer:
    """Replaces body and visibility; properties given are set, the others stay."""
    issue, comment = _comment(call)
    _require_own(call, issue, comment, "EDIT")
    body = call.json_object()
    properties = edits.read_properties(body.get("properties"))
    given = _read(site, call, issue, body)
    comments.edit(site, issue, comment, call.account().account_id, given["body"], given["visibility"])
    comment.properties.update(properties)
    return Answer(200, _bean(call, comment))


@ROUTES.delete(f"{BASE}/<comment_id>")
def delete_comment(site: Site, call: Call) -> Answer:
    issue, comment = _comment(call)
    _require_own(call, issue, comment, "DELETE")
    comments.remove(site, issue, comment)
    return Answer(204)


@ROUTES.post("/rest/api/3/comment/list", reads=True, takes="ids")
def list_comments(site: Site, call: Call) -> Answer:
    """Comments by id, wherever they are; those that cannot be seen are left out."""
    ids = bodies.ids(call.json_object(), "ids")
    if not 0 < len(ids) <= LIST_MAX:
        raise jira_error(400, f"Give between 1 and {LIST_MAX} comment IDs.")
    viewer = viewer_of(call)
    found = [site.jira.comments[one] for one in ids if one in site.jira.comments]
    with_properties = "properties" in call.query_list("expand")
    beans = [
        views.comment_bean(viewer, one, with_properties=with_properties)
        for one in found
        if access.find_issue(site, call.actor, one.issue_id) and views.is_visible(viewer, one)
    ]
    page = {"isLast": True, "maxResults": 1048576, "startAt": 0, "total": len(beans), "values": beans}
    return Answer(200, page)


def _comment(call: Call) -> tuple[Issue, Comment]:
    issue = access.visible_issue(call, call.params["id_or_key"])
    comment = call.site.jira.comments.get(call.params["comment_id"])
    hidden = comment is not None and not views.is_visible(viewer_of(call), comment)
    if comment is None or hidden or comment.issue_id != issue.issue_id:
        raise jira_error(404, NO_COMMENT.format(call.params["comment_id"]))
    return issue, comment


def _read(site: Site, call: Call, issue: Issue, body: dict[str, Any]) -> dict[str, Any]:
    setting = Setting(site, access.project_of(call, issue), call.version)
    try:
        return edits.read_comment(Screen(setting, call.actor, lambda _name: True, {}), body)
    except BadValueError as error:
        raise jira_error(400, errors={"comment": str(error)}) from error


def _bean(call: Call, comment: Comment) -> dict[str, Any]:
    with_properties = "properties" in call.query_list("expand")
    return views.comment_bean(viewer_of(call), comment, with_properties=with_properties)


def _require_own(call: Call, issue: Issue, comment: Comment, verb: str) -> None:
    project = access.project_of(call, issue)
    own = call.actor is not None and comment.author_id == call.actor.account_id
    if may(call.actor, project, f"{verb}_ALL_COMMENTS") or (own and may(call.actor, project, f"{verb}_OWN_COMMENTS")):
        return
    what = verb.lower()
    raise jira_error(400, f"You do not have permission to {what} comment with id: {comment.comment_id}.")
