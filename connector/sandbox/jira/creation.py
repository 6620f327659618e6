"""Creating an issue from a body: project, type, screen, then everything given along with it."""

from dataclasses import dataclass
from typing import Any

from connector.sandbox.answers import RefusedError, jira_error
from connector.sandbox.jira import bodies, changes, comments, edits, links, workflow
from connector.sandbox.jira.edits import Edit, Screen
from connector.sandbox.jira.model import IssueType, Project
from connector.sandbox.jira.permissions import may, may_browse
from connector.sandbox.jira.records import Issue
from connector.sandbox.jira.values import Setting
from connector.sandbox.jira.viewer import Viewer
from connector.sandbox.wire import Call


@dataclass(frozen=True)
class Draft:
    """A body that has passed every check."""

    project: Project
    type: IssueType
    edit: Edit
    body: dict[str, Any]


def check(call: Call, body: Any) -> Draft:
    """Read a create body; 400 with all field errors, 403 without permission."""
    if not isinstance(body, dict):
        raise jira_error(400, "Can not deserialize the issue: it must be an object.")
    given = body.get("fields")
    if not isinstance(given, dict):
        raise jira_error(400, errors={"project": "Specify a valid project ID or key"})
    project = _project(call, given.get("project"))
    kind = _type(call, project, given.get("issuetype"))
    screen = Screen(
        Setting(call.site, project, call.version),
        call.actor,
        lambda name: name in project.create_screen or name in ("comment", "parent"),
        {},
    )
    edit = edits.read(screen, body)
    _require(call, project, kind, edit)
    links.check(call, edit.links)
    bodies.part(body, "transition")
    return Draft(project, kind, edit, body)


def make(call: Call, draft: Draft, viewer: Viewer) -> dict[str, Any]:
    """Create the issue of a checked draft and answer as Jira does; a transition that fails is only reported."""
    site, actor = call.site, call.account()
    values = {**draft.edit.values, "issuetype": draft.type.type_id}
    issue = changes.create(site, draft.project, actor.account_id, values)
    issue.properties.update(draft.edit.properties)
    answer: dict[str, Any] = {
        "id": issue.issue_id,
        "key": issue.key,
        "self": f"{viewer.api}/issue/{issue.issue_id}",
    }
    changes.announce(site, issue, actor.account_id)
    for given in draft.edit.comments:
        comments.add(site, issue, actor.account_id, given["body"], visibility=given["visibility"])
    for given in draft.edit.links:
        links.add_given(call, issue, given)
    wanted = bodies.part(draft.body, "transition")
    if wanted:
        answer["transition"] = _transition(call, issue, wanted)
    return answer


def _transition(call: Call, issue: Issue, wanted: dict[str, Any]) -> dict[str, Any]:
    try:
        transition = workflow.chosen(call.site, call.actor, issue, wanted.get("id"))
        edit = workflow.read(call.site, call.actor, issue, transition, {}, call.version)
    except RefusedError as refused:
        return {"status": refused.answer.status, "errorCollection": refused.answer.body}
    values = workflow.outcome(call.site, transition, edit)
    changes.change(call.site, issue, call.account().account_id, values)
    return {"status": 200, "errorCollection": {"errorMessages": [], "errors": {}}}


def _project(call: Call, given: Any) -> Project:
    ref = (given.get("id") or given.get("key")) if isinstance(given, dict) else None
    project = call.site.jira.project(str(ref)) if ref else None
    if project is None or not may_browse(call.actor, project):
        raise jira_error(400, errors={"project": "Specify a valid project ID or key"})
    if not may(call.actor, project, "CREATE_ISSUES"):
        raise jira_error(403, "You do not have permission to create issues in this project.")
    return project


def _type(call: Call, project: Project, given: Any) -> IssueType:
    if not isinstance(given, dict) or not (given.get("id") or given.get("name")):
        raise jira_error(400, errors={"issuetype": "Specify an issue type"})
    for type_id in project.type_ids:
        kind = call.site.jira.types[type_id]
        if given.get("id") == type_id or ("id" not in given and given.get("name") == kind.name):
            return kind
    raise jira_error(400, errors={"issuetype": "Specify a valid issue type"})


def _require(call: Call, project: Project, kind: IssueType, edit: Edit) -> None:
    names = call.site.jira.fields
    defaults = {"priority", "reporter"}
    errors = {
        name: f"{names[name].name} is required."
        for name, required in project.create_screen.items()
        if required and name not in defaults and not edit.values.get(name)
    }
    if "summary" in errors:
        errors["summary"] = "You must specify a summary of the issue."
    if kind.subtask and not edit.values.get("parent"):
        errors["parent"] = "Issue type is a sub-task but parent issue key or id not specified."
    if errors:
        raise jira_error(400, errors=errors)
