"""Issues: create (one, many), read (one, many), edit, assign, delete."""

from typing import Any

from connector.sandbox.answers import Answer, RefusedError, jira_error
from connector.sandbox.faults import DroppedError
from connector.sandbox.jira import access, bodies, changes, comments, creation, edits, links, metadata, views
from connector.sandbox.jira.edits import Edit, Screen
from connector.sandbox.jira.fields import parse
from connector.sandbox.jira.records import Issue
from connector.sandbox.jira.values import BadValueError, Setting
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

BULK_CREATE_MAX = 50
BULK_FETCH_MAX = 100
PROPERTIES_MAX = 5
NOT_NOW = "The issue could not be loaded. Try again later."
USER_NAMES = (
    "accountId accountType active appType applicationRoles avatarUrls displayName emailAddress expand groups guest key "
    "locale name self timeZone"
)
NO_EDIT = "You do not have permission to edit issues in this project."


@ROUTES.post("/rest/api/3/issue")
def create_issue(_site: Site, call: Call) -> Answer:
    draft = creation.check(call, call.json_object())
    return Answer(201, creation.make(call, draft, viewer_of(call)))


@ROUTES.post("/rest/api/3/issue/bulk")
def create_issues(site: Site, call: Call) -> Answer:
    """Up to 50; the good ones are created, the bad ones reported by their number; all bad is a 400."""
    wanted = call.json_object().get("issueUpdates")
    if not isinstance(wanted, list) or not wanted:
        raise jira_error(400, "The issueUpdates list must not be empty.")
    if len(wanted) > BULK_CREATE_MAX:
        raise jira_error(400, f"The number of issues to create must not exceed {BULK_CREATE_MAX}.")
    viewer = viewer_of(call)
    issues: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    stops_after = site.faults.bulk_stops_after.pop(0) if site.faults.bulk_stops_after else None
    for number, body in enumerate(wanted):
        if number == stops_after:
            raise DroppedError(timed_out=True)
        try:
            draft = creation.check(call, body)
        except RefusedError as refused:
            answer = refused.answer
            errors.append({"status": answer.status, "elementErrors": answer.body, "failedElementNumber": number})
        else:
            issues.append(creation.make(call, draft, viewer))
    return Answer(201 if issues else 400, {"issues": issues, "errors": errors})


@ROUTES.get("/rest/api/3/issue/<id_or_key>")
def get_issue(_site: Site, call: Call) -> Answer:
    issue = access.visible_issue(call, call.params["id_or_key"])
    return Answer(200, _bean(call, issue))


@ROUTES.put("/rest/api/3/issue/<id_or_key>")
def edit_issue(site: Site, call: Call) -> Answer:
    """Fields of the project's configuration, whether or not a screen shows them; `transition` is ignored."""
    issue = access.visible_issue(call, call.params["id_or_key"])
    access.require(call, issue, "EDIT_ISSUES", NO_EDIT)
    project = access.project_of(call, issue)
    setting = Setting(site, project, call.version)
    screen = Screen(setting, call.actor, lambda name: name in project.fields or name == "comment", issue.values)
    edit = edits.read(screen, call.json_object())
    links.check(call, edit.links)
    apply_edit(call, issue, edit)
    return Answer(200, _bean(call, issue)) if call.query_flag("returnIssue") else Answer(204)


@ROUTES.delete("/rest/api/3/issue/<id_or_key>")
def delete_issue(site: Site, call: Call) -> Answer:
    issue = access.visible_issue(call, call.params["id_or_key"])
    access.require(call, issue, "DELETE_ISSUES", "You do not have permission to delete issues in this project.")
    children = site.jira.subtasks_of(issue.issue_id)
    if children and not call.query_flag("deleteSubtasks"):
        raise jira_error(400, f"The issue '{issue.key}' has subtasks. You must specify the 'deleteSubtasks' parameter.")
    for child in children:
        changes.delete(site, child, call.account().account_id)
    changes.delete(site, issue, call.account().account_id)
    return Answer(204)


@ROUTES.put("/rest/api/3/issue/<id_or_key>/assignee", takes=USER_NAMES)
def assign_issue(site: Site, call: Call) -> Answer:
    """{"accountId": id | null | "-1"}"""
    issue = access.visible_issue(call, call.params["id_or_key"])
    access.require(call, issue, "ASSIGN_ISSUES", "You do not have permission to assign issues.")
    setting = Setting(site, access.project_of(call, issue), call.version)
    try:
        wanted = bodies.text(call.json_object(), "accountId") or None
        assignee = parse(setting, site.jira.fields["assignee"], wanted)
    except BadValueError as error:
        raise jira_error(400, errors={"assignee": str(error)}) from error
    changes.change(site, issue, call.account().account_id, {"assignee": assignee})
    return Answer(204)


@ROUTES.post("/rest/api/3/issue/bulkfetch", reads=True, takes="expand fields fieldsByKeys issueIdsOrKeys properties")
def fetch_issues(site: Site, call: Call) -> Answer:
    """Up to 100 by id or key, in ascending id order.

    "Issues which aren't found or that the user doesn't have permission to view won't be returned" among the
    `issueErrors` (BulkIssueResults in the API document): those are of issues Jira cannot show just now.
    """
    body = call.json_object()
    wanted = bodies.strings(body, "issueIdsOrKeys")
    if not wanted:
        raise jira_error(400, "At least one issue ID or key must be provided.")
    if len(wanted) > BULK_FETCH_MAX:
        raise jira_error(400, f"The maximum number of issues that can be fetched is {BULK_FETCH_MAX}.")
    seen = filter(None, (access.find_issue(site, call.actor, ref) for ref in wanted))
    found = {issue.issue_id: issue for issue in seen}
    errors = [
        {"id": issue_id, "errorMessage": NOT_NOW}
        for issue_id in [one for one in found if site.faults.take_unreadable(one)]
    ]
    for error in errors:
        del found[error["id"]]
    selection = views.select(bodies.strings(body, "fields"), "*navigable")
    properties = check_properties(bodies.strings(body, "properties"))
    viewer, expand = viewer_of(call), bodies.strings(body, "expand")
    beans = [
        views.bean(viewer, issue, selection, expand=expand, properties=properties, is_among_many=True)
        for issue in sorted(found.values(), key=lambda issue: issue.number)
    ]
    return Answer(200, {"issues": beans, "issueErrors": errors})


@ROUTES.get("/rest/api/3/issue/<id_or_key>/editmeta")
def edit_metadata(site: Site, call: Call) -> Answer:
    issue = access.visible_issue(call, call.params["id_or_key"])
    project = access.project_of(call, issue)
    known = [site.jira.fields[name] for name in sorted(project.fields)]
    return Answer(
        200,
        {
            "fields": {
                one.field_id: metadata.field_meta(viewer_of(call), project, one, required=one.field_id == "summary")
                for one in known
            }
        },
    )


def apply_edit(call: Call, issue: Issue, edit: Edit) -> None:
    """Carry out an edit that passed every check."""
    site, actor_id = call.site, call.account().account_id
    comments.check_room(issue, len(edit.comments))
    changes.change(site, issue, actor_id, edit.values)
    issue.properties.update(edit.properties)
    for given in edit.comments:
        comments.add(site, issue, actor_id, given["body"], visibility=given["visibility"])
    for given in edit.links:
        links.add_given(call, issue, given)


def check_properties(wanted: list[str]) -> list[str]:
    """The issue properties a read asks for, five at most."""
    if len(wanted) > PROPERTIES_MAX:
        raise jira_error(400, f"The maximum number of properties that can be requested is {PROPERTIES_MAX}.")
    return wanted


def _bean(call: Call, issue: Issue) -> dict[str, Any]:
    return views.bean(
        viewer_of(call),
        issue,
        views.select(call.query_list("fields"), "*all"),
        expand=call.query_list("expand"),
        properties=call.query_list("properties"),
    )
