"""Transitions of an issue: what can be done now, and doing it."""

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, changes, comments, workflow
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")


@ROUTES.get("/rest/api/3/issue/<id_or_key>/transitions")
def get_transitions(site: Site, call: Call) -> Answer:
    """An id that is unknown or not available gives an empty list."""
    issue = access.visible_issue(call, call.params["id_or_key"])
    wanted = call.query.get("transitionId")
    with_fields = "transitions.fields" in call.query_list("expand")
    viewer, project = viewer_of(call), access.project_of(call, issue)
    found = [
        workflow.bean(viewer, project, transition, with_fields=with_fields)
        for transition in workflow.available(site, call.actor, issue)
        if wanted is None or transition.transition_id == wanted
    ]
    return Answer(200, {"expand": "transitions", "transitions": found})


@ROUTES.post("/rest/api/3/issue/<id_or_key>/transitions")
def do_transition(site: Site, call: Call) -> Answer:
    issue = access.visible_issue(call, call.params["id_or_key"])
    body = call.json_object()
    named = body.get("transition")
    if not isinstance(named, dict):
        raise jira_error(400, "Missing 'transition' identifier")
    transition = workflow.chosen(site, call.actor, issue, named.get("id"))
    edit = workflow.read(site, call.actor, issue, transition, body, call.version)
    comments.check_room(issue, len(edit.comments))
    actor_id = call.account().account_id
    changes.change(site, issue, actor_id, workflow.outcome(site, transition, edit))
    issue.properties.update(edit.properties)
    for given in edit.comments:
        comments.add(site, issue, actor_id, given["body"], visibility=given["visibility"])
    return Answer(204)
