"""Workflows as an administrator reads them: statuses, transitions, screens and validators, by project and issue type.

Shapes after the document; a required field of a screen is the validator `system:validate-field-value` there.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, bodies
from connector.sandbox.jira.model import CATEGORIES, Transition, Workflow
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")
INITIAL_ID = "1"


@ROUTES.post(
    "/rest/api/3/workflows", reads=True, anonymous=False, takes="projectAndIssueTypes workflowIds workflowNames"
)
def read_workflows(site: Site, call: Call) -> Answer:
    access.require_admin(call)
    body = call.json_object()
    names = {*bodies.strings(body, "workflowNames"), *bodies.strings(body, "workflowIds")}
    pairs = {_pair(given) for given in bodies.objects(body, "projectAndIssueTypes")}
    if not names and not pairs:
        raise jira_error(400, "At least one of workflowNames, workflowIds and projectAndIssueTypes must be given.")
    found: dict[str, Workflow] = {}
    for project in site.jira.projects.values():
        for type_id, workflow in project.workflows.items():
            if workflow.name in names or (project.project_id, type_id) in pairs:
                found[workflow.name] = workflow
    ids = dict.fromkeys(status_id for workflow in found.values() for status_id in workflow.statuses())
    return Answer(
        200,
        {
            "statuses": [_status(site, status_id) for status_id in ids],
            "workflows": [_workflow(workflow) for workflow in found.values()],
        },
    )


def _pair(given: Mapping[str, Any]) -> tuple[str, str]:
    """The ids of a project and an issue type, both of which must be there."""
    bodies.known(given, "projectId issueTypeId")
    pair = bodies.text(given, "projectId"), bodies.text(given, "issueTypeId")
    if not all(pair):
        raise jira_error(400, "projectId and issueTypeId must be given.")
    return pair


def _status(site: Site, status_id: str) -> dict[str, Any]:
    status = site.jira.statuses[status_id]
    category = CATEGORIES[status.category].search_name
    return {"id": status_id, "statusReference": status_id, "name": status.name, "statusCategory": category}


def _workflow(workflow: Workflow) -> dict[str, Any]:
    initial = {"id": INITIAL_ID, "name": "Create", "type": "INITIAL", "toStatusReference": workflow.initial}
    return {
        "id": workflow.name,
        "name": workflow.name,
        "isEditable": True,
        "statuses": [{"statusReference": status_id} for status_id in workflow.statuses()],
        "transitions": [initial | {"links": []}, *(_transition(one) for one in workflow.transitions)],
    }


def _transition(one: Transition) -> dict[str, Any]:
    bean: dict[str, Any] = {
        "id": one.transition_id,
        "name": one.name,
        "type": "GLOBAL" if one.sources is None else "DIRECTED",
        "toStatusReference": one.target,
        "links": [{"fromStatusReference": source} for source in sorted(one.sources or ())],
        "validators": [_validator(name for name, required in sorted((one.screen or {}).items()) if required)],
    }
    if one.screen is not None:
        parameters = {"screenId": one.transition_id}
        bean["transitionScreen"] = {"ruleKey": "system:transition-screen", "parameters": parameters}
    else:
        bean["validators"] = []
    return bean


def _validator(required: Iterable[str]) -> dict[str, Any]:
    parameters = {"ruleType": "fieldRequired", "fieldsRequired": ",".join(required)}
    return {"ruleKey": "system:validate-field-value", "parameters": parameters}
