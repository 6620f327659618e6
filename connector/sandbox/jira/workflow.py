"""Transitions: which an account can make now, what their screens demand, and what making one changes."""

from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.answers import jira_error
from connector.sandbox.jira import beans, edits, metadata
from connector.sandbox.jira.edits import Edit, Screen
from connector.sandbox.jira.model import Project, Transition
from connector.sandbox.jira.permissions import may
from connector.sandbox.jira.records import Issue
from connector.sandbox.jira.values import Setting
from connector.sandbox.jira.viewer import Viewer
from connector.sandbox.site import Site


def available(site: Site, actor: Account | None, issue: Issue) -> list[Transition]:
    """The transitions an account can make from the issue's current status; none without the permission."""
    project = site.jira.projects[issue.project_id]
    if not may(actor, project, "TRANSITION_ISSUES"):
        return []
    workflow = project.workflows[issue.type_id]
    return [one for one in workflow.transitions if _leaves(one, issue.status_id) and _admits(one, actor)]


def bean(viewer: Viewer, project: Project, transition: Transition, *, with_fields: bool) -> dict[str, Any]:
    """A transition on the wire."""
    site = viewer.site
    answer: dict[str, Any] = {
        "id": transition.transition_id,
        "name": transition.name,
        "to": beans.status(viewer, site.jira.statuses[transition.target]),
        "hasScreen": transition.screen is not None,
        "isGlobal": transition.sources is None,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": bool(transition.groups),
        "isLooped": False,
    }
    if with_fields:
        screen = transition.screen or {}
        answer["fields"] = {
            name: metadata.field_meta(viewer, project, site.jira.fields[name], required=required)
            for name, required in screen.items()
        }
    return answer


def chosen(site: Site, actor: Account | None, issue: Issue, transition_id: Any) -> Transition:
    """The available transition with this id; 400 otherwise."""
    if transition_id in (None, ""):
        raise jira_error(400, "Missing 'transition' identifier")
    if not isinstance(transition_id, str | int):
        raise jira_error(400, "'transition' identifier must be an integer")
    for transition in available(site, actor, issue):
        if transition.transition_id == str(transition_id):
            return transition
    raise jira_error(400, f"Transition id '{transition_id}' is not valid for this issue.")


def read(
    site: Site, actor: Account | None, issue: Issue, transition: Transition, body: dict[str, Any], version: int
) -> Edit:
    """What a transition's body sets: fields of its screen only, and the required ones all of them."""
    project = site.jira.projects[issue.project_id]
    on_screen = transition.screen or {}
    screen = Screen(
        Setting(site, project, version), actor, lambda name: name in on_screen or name == "comment", issue.values
    )
    edit = edits.read(screen, body)
    errors = {
        name: f"{site.jira.fields[name].name} is required."
        for name, required in on_screen.items()
        if required and not edit.values.get(name, None if name == "resolution" else issue.values.get(name))
    }
    if errors:
        raise jira_error(400, errors=errors)
    return edit


def outcome(site: Site, transition: Transition, edit: Edit) -> dict[str, Any]:
    """Every value a transition changes: its screen's, the status, and the resolution by the workflow's rules."""
    values = dict(edit.values)
    if transition.resolution == "":
        values["resolution"] = None
    elif transition.resolution is not None:
        values.setdefault("resolution", transition.resolution)
    values["status"] = transition.target
    if "resolution" in values:
        values["resolutiondate"] = site.now() if values["resolution"] else None
    return values


def _leaves(transition: Transition, status_id: str) -> bool:
    return transition.sources is None or status_id in transition.sources


def _admits(transition: Transition, actor: Account | None) -> bool:
    return not transition.groups or (actor is not None and not transition.groups.isdisjoint(actor.groups))
