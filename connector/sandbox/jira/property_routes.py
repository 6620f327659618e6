"""Entity properties: JSON that programs keep on issues, comments and dashboard items; every editor can see it."""

import json
from collections.abc import MutableMapping
from typing import Any

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, edits, views
from connector.sandbox.jira.dashboards import find_gadget
from connector.sandbox.jira.issue_routes import NO_EDIT
from connector.sandbox.jira.permissions import may
from connector.sandbox.jira.records import Comment
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

ISSUE = "/rest/api/3/issue/<id_or_key>/properties"
COMMENT = "/rest/api/3/comment/<comment_id>/properties"
ITEM = "/rest/api/3/dashboard/<dashboard_id>/items/<item_id>/properties"
Properties = MutableMapping[str, Any]


@ROUTES.get(ISSUE)
def issue_keys(_site: Site, call: Call) -> Answer:
    return _keys(call, _of_issue(call))


@ROUTES.get(f"{ISSUE}/<key>")
def issue_property(_site: Site, call: Call) -> Answer:
    return _get(call, _of_issue(call))


@ROUTES.put(f"{ISSUE}/<key>")
def set_issue_property(_site: Site, call: Call) -> Answer:
    return _put(call, _of_issue(call))


@ROUTES.delete(f"{ISSUE}/<key>")
def delete_issue_property(_site: Site, call: Call) -> Answer:
    return _delete(call, _of_issue(call))


@ROUTES.get(COMMENT)
def comment_keys(_site: Site, call: Call) -> Answer:
    return _keys(call, _of_comment(call).properties)


@ROUTES.get(f"{COMMENT}/<key>")
def comment_property(_site: Site, call: Call) -> Answer:
    return _get(call, _of_comment(call).properties)


@ROUTES.put(f"{COMMENT}/<key>")
def set_comment_property(_site: Site, call: Call) -> Answer:
    return _put(call, _of_comment(call).properties)


@ROUTES.delete(f"{COMMENT}/<key>")
def delete_comment_property(_site: Site, call: Call) -> Answer:
    return _delete(call, _of_comment(call).properties)


@ROUTES.get(ITEM)
def item_keys(_site: Site, call: Call) -> Answer:
    return _keys(call, find_gadget(call, call.params["item_id"]).properties)


@ROUTES.get(f"{ITEM}/<key>")
def item_property(_site: Site, call: Call) -> Answer:
    return _get(call, find_gadget(call, call.params["item_id"]).properties)


@ROUTES.put(f"{ITEM}/<key>")
def set_item_property(_site: Site, call: Call) -> Answer:
    """The `config` of a gadget known by its uri must be an object of strings."""
    gadget = find_gadget(call, call.params["item_id"])
    value = call.json()
    if call.params["key"] == "config" and gadget.uri is not None and not _is_flat(value):
        raise jira_error(
            400,
            "The JSON data provided for the property has too many levels. It must be an object with all keys "
            "and values as strings.",
        )
    return _put(call, gadget.properties)


@ROUTES.delete(f"{ITEM}/<key>")
def delete_item_property(_site: Site, call: Call) -> Answer:
    return _delete(call, find_gadget(call, call.params["item_id"]).properties)


def _of_issue(call: Call) -> Properties:
    issue = access.visible_issue(call, call.params["id_or_key"])
    if call.is_write:
        access.require(call, issue, "EDIT_ISSUES", NO_EDIT)
    return issue.properties


def _of_comment(call: Call) -> Comment:
    comment = call.site.jira.comments.get(call.params["comment_id"])
    issue = access.find_issue(call.site, call.actor, comment.issue_id) if comment else None
    if comment is None or issue is None or not views.is_visible(viewer_of(call), comment):
        raise jira_error(404, f"Can not find a comment for the id: {call.params['comment_id']}.")
    own = call.actor is not None and comment.author_id == call.actor.account_id
    project = access.project_of(call, issue)
    editable = may(call.actor, project, "EDIT_ALL_COMMENTS") or (own and may(call.actor, project, "EDIT_OWN_COMMENTS"))
    if call.is_write and not editable:
        raise jira_error(403, "You do not have permission to edit this comment.")
    if call.is_write:
        access.count_write(call, issue)
    return comment


def _keys(call: Call, properties: Properties) -> Answer:
    here = f"{call.site.base_url}{call.path}"
    return Answer(200, {"keys": [{"self": f"{here}/{key}", "key": key} for key in sorted(properties)]})


def _get(call: Call, properties: Properties) -> Answer:
    key = call.params["key"]
    if key not in properties:
        raise jira_error(404, f"The property with key '{key}' does not exist.")
    return Answer(200, {"key": key, "value": properties[key]})


def _put(call: Call, properties: Properties) -> Answer:
    """201 for a new property, 200 for a changed one; "a valid, non-empty JSON blob"."""
    key = edits.check_key(call.params["key"])
    if not call.request.get_data(cache=True).strip():
        raise jira_error(400, "The property value must not be empty.")
    value = call.json()
    if len(json.dumps(value)) > edits.PROPERTY_MAX:
        raise jira_error(400, f"The property value is longer than {edits.PROPERTY_MAX} characters.")
    status = 200 if key in properties else 201
    properties[key] = value
    return Answer(status)


def _delete(call: Call, properties: Properties) -> Answer:
    key = call.params["key"]
    if key not in properties:
        raise jira_error(404, f"The property with key '{key}' does not exist.")
    del properties[key]
    return Answer(204)


def _is_flat(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
