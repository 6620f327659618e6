"""Projects: found, described, with their statuses and what creating an issue in them takes."""

from typing import Any

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, beans, metadata
from connector.sandbox.jira.model import Project
from connector.sandbox.jira.paging import page
from connector.sandbox.jira.permissions import browsable, may
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

CREATE_META = "/rest/api/3/issue/createmeta/<id_or_key>/issuetypes"
CREATE_META_MAX = 200


@ROUTES.get("/rest/api/3/project/search")
def search_projects(site: Site, call: Call) -> Answer:
    """At most 50 keys and 50 ids can be asked about."""
    wanted = call.query.get("query", "").casefold()
    keys = {key.upper() for key in call.query_list("keys", 50)}
    found = [p for p in browsable(site, call.actor) if wanted in p.key.casefold() or wanted in p.name.casefold()]
    if keys:
        found = [project for project in found if project.key in keys]
    ids = set(call.query_list("id", 50))
    if ids:
        found = [project for project in found if project.project_id in ids]
    viewer = viewer_of(call)
    found.sort(key=lambda project: project.key)
    return page(call, found, lambda project: beans.project_in_list(viewer, project), most=100)


@ROUTES.get("/rest/api/3/project")
def all_projects(site: Site, call: Call) -> Answer:
    viewer = viewer_of(call)
    return Answer(200, [beans.project_in_list(viewer, project) for project in browsable(site, call.actor)])


@ROUTES.get("/rest/api/3/project/<id_or_key>")
def get_project(_site: Site, call: Call) -> Answer:
    project = access.visible_project(call, call.params["id_or_key"])
    return Answer(200, beans.project_in_full(viewer_of(call), project))


@ROUTES.get("/rest/api/3/project/<id_or_key>/components")
@ROUTES.get("/rest/api/3/project/<id_or_key>/versions")
def nothing_of_the_kind(_site: Site, call: Call) -> Answer:
    """Projects here have neither components nor versions."""
    access.visible_project(call, call.params["id_or_key"])
    return Answer(200, [])


@ROUTES.get("/rest/api/3/project/<id_or_key>/statuses")
def project_statuses(site: Site, call: Call) -> Answer:
    """The statuses of each of the project's issue types."""
    project = access.visible_project(call, call.params["id_or_key"])
    viewer = viewer_of(call)
    answer = []
    for type_id in project.type_ids:
        kind = site.jira.types[type_id]
        ids = project.workflows[type_id].statuses()
        answer.append(
            {
                "self": f"{viewer.api}/issuetype/{type_id}",
                "id": type_id,
                "name": kind.name,
                "subtask": kind.subtask,
                "statuses": [beans.status(viewer, site.jira.statuses[one]) for one in ids],
            }
        )
    return Answer(200, answer)


@ROUTES.get(CREATE_META)
def create_types(site: Site, call: Call) -> Answer:
    project = _creatable(call)
    kinds = [site.jira.types[type_id] for type_id in project.type_ids]
    start, size = call.query_int("startAt", 0), call.query_int("maxResults", 50)
    _check_size(size)
    viewer = viewer_of(call)
    shown = [beans.issue_type(viewer, kind) for kind in kinds[start : start + size]]
    return Answer(200, {"startAt": start, "maxResults": size, "total": len(kinds), "issueTypes": shown})


@ROUTES.get(f"{CREATE_META}/<type_id>")
def create_fields(site: Site, call: Call) -> Answer:
    """The fields of the create screen; project and issue type are always among them."""
    project = _creatable(call)
    if call.params["type_id"] not in project.type_ids:
        raise jira_error(400, "The issue type selected is invalid.")
    screen = {"project": True, "issuetype": True, **project.create_screen}
    start, size = call.query_int("startAt", 0), call.query_int("maxResults", 50)
    _check_size(size)
    viewer = viewer_of(call)
    shown: list[dict[str, Any]] = []
    for field_id, required in list(screen.items())[start : start + size]:
        meta = metadata.field_meta(viewer, project, site.jira.fields[field_id], required=required)
        shown.append({**meta, "fieldId": field_id})
    return Answer(200, {"startAt": start, "maxResults": size, "total": len(screen), "fields": shown})


def _creatable(call: Call) -> Project:
    project = call.site.jira.project(call.params["id_or_key"])
    if project is None or not may(call.actor, project, "CREATE_ISSUES"):
        raise jira_error(400, f"No project could be found with id or key '{call.params['id_or_key']}'.")
    return project


def _check_size(size: int) -> None:
    if size > CREATE_META_MAX:
        raise jira_error(400, f"Parameter 'maxResults' must not exceed the limit '{CREATE_META_MAX}'")
