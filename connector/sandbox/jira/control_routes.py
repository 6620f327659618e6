"""The sandbox's own controls of Jira under `/__sandbox/jira/`: what people do in screens Jira has no REST for."""

from connector.sandbox.answers import Answer
from connector.sandbox.jira import changes, setup
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("control")


@ROUTES.post("/__sandbox/jira/issue/<id_or_key>/move", anonymous=True)
def move_issue(site: Site, call: Call) -> Answer:
    """{"project": "SEC", "accountId": "..."}: a new key, while the old one goes on leading to the issue."""
    body = call.json_object()
    issue = site.jira.issue(call.params["id_or_key"])
    project = site.jira.project(str(body.get("project", "")))
    if issue is None or project is None:
        raise call.refusal(404, "There is no such issue or project on this site.")
    actor_id = str(body.get("accountId") or issue.values["reporter"])
    if actor_id not in site.accounts:
        raise call.refusal(404, f"There is no account {actor_id} on this site.")
    changes.move(site, issue, project, actor_id)
    return Answer(200, {"id": issue.issue_id, "key": issue.key})


@ROUTES.post("/__sandbox/jira/issue/<id_or_key>/unreadable", anonymous=True)
def make_unreadable(site: Site, call: Call) -> Answer:
    """{"times": 2}: so many bulk fetches cannot show the issue."""
    issue = site.jira.issue(call.params["id_or_key"])
    if issue is None:
        raise call.refusal(404, "There is no such issue on this site.")
    site.faults.unreadable[issue.issue_id] = int(call.json_object().get("times", 1))
    return Answer(204)


@ROUTES.post("/__sandbox/jira/project/<key>/field/<field_id>/hide", anonymous=True)
def hide_field(site: Site, call: Call) -> Answer:
    """Take a field off the project's create screen, and out of its configuration unless {"keepEditable": true}."""
    project = site.jira.project(call.params["key"])
    if project is None:
        raise call.refusal(404, "There is no such project on this site.")
    body = call.json() or {}
    setup.hide_field(project, call.params["field_id"], keep_editable=bool(body.get("keepEditable")))
    return Answer(204)


@ROUTES.post("/__sandbox/jira/project/<key>/public", anonymous=True)
def make_public(site: Site, call: Call) -> Answer:
    """Let whoever calls look at the project, logged in or not."""
    project = site.jira.project(call.params["key"])
    if project is None:
        raise call.refusal(404, "There is no such project on this site.")
    setup.open_to_anyone(project)
    return Answer(204)


@ROUTES.post("/__sandbox/jira/project/<key>/archive", anonymous=True)
def archive_project(site: Site, call: Call) -> Answer:
    """The project and its issues stay where they are and can be seen no more."""
    project = site.jira.project(call.params["key"])
    if project is None:
        raise call.refusal(404, "There is no such project on this site.")
    project.archived = True
    return Answer(204)
