"""The site's lists: server, statuses, issue types, fields, priorities, resolutions."""

from dataclasses import replace

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, beans, bodies, setup
from connector.sandbox.jira.model import CATEGORIES, Field, Status
from connector.sandbox.jira.paging import page
from connector.sandbox.jira.permissions import browsable
from connector.sandbox.jira.system_fields import CUSTOM_TYPES, KIND_OF_CUSTOM_TYPE
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")


@ROUTES.get("/rest/api/3/serverInfo")
def server_info(site: Site, call: Call) -> Answer:
    return Answer(
        200,
        {
            "baseUrl": site.base_url,
            "displayUrl": site.base_url,
            "displayUrlConfluence": f"{site.base_url}/wiki",
            "version": "1001.0.0-SNAPSHOT",
            "versionNumbers": [1001, 0, 0],
            "deploymentType": "Cloud",
            "buildNumber": 100290,
            "buildDate": "2026-01-01T00:00:00.000+0000",
            "serverTime": viewer_of(call).stamp(site.now()),
            "scmInfo": "0" * 40,
            "serverTitle": "Jira",
            "serverTimeZone": "Etc/UTC",
        },
    )


@ROUTES.get("/rest/api/3/status")
def statuses(site: Site, call: Call) -> Answer:
    """Every status the caller can meet in a project."""
    viewer = viewer_of(call)
    return Answer(200, [beans.status(viewer, one) for one in _visible_statuses(site, call)])


@ROUTES.get("/rest/api/3/status/<id_or_name>")
def status(site: Site, call: Call) -> Answer:
    wanted = call.params["id_or_name"]
    for one in _visible_statuses(site, call):
        if wanted in (one.status_id, one.name):
            return Answer(200, beans.status(viewer_of(call), one))
    raise jira_error(404, "The status does not exist.")


@ROUTES.get("/rest/api/3/statuses/search", anonymous=False)
def search_statuses(site: Site, call: Call) -> Answer:
    """With a project id only that team-managed project's own; needs administration, as on the real one."""
    access.require_admin(call)
    text = call.query.get("searchString", "").casefold()
    project_id, category = call.query.get("projectId"), call.query.get("statusCategory")
    found = [
        one
        for one in site.jira.statuses.values()
        if text in one.name.casefold()
        and (project_id is None or one.project_id == project_id)
        and (category is None or CATEGORIES[one.category].search_name == category)
    ]
    return page(call, found, _search_bean, most=200, default=200)


@ROUTES.get("/rest/api/3/statuscategory", anonymous=False)
def status_categories(_site: Site, call: Call) -> Answer:
    viewer = viewer_of(call)
    return Answer(200, [beans.category(viewer, key) for key in CATEGORIES])


@ROUTES.get("/rest/api/3/issuetype")
def issue_types(site: Site, call: Call) -> Answer:
    viewer = viewer_of(call)
    ids = {type_id for project in browsable(site, call.actor) for type_id in project.type_ids}
    return Answer(200, [beans.issue_type(viewer, one) for key, one in site.jira.types.items() if key in ids])


@ROUTES.get("/rest/api/3/issuetype/project")
def project_issue_types(site: Site, call: Call) -> Answer:
    project = access.visible_project(call, call.query.get("projectId", ""))
    viewer = viewer_of(call)
    return Answer(200, [beans.issue_type(viewer, site.jira.types[one]) for one in project.type_ids])


@ROUTES.get("/rest/api/3/issuetype/<type_id>")
def issue_type(site: Site, call: Call) -> Answer:
    found = site.jira.types.get(call.params["type_id"])
    if found is None:
        raise jira_error(404, "The issue type with id '" + call.params["type_id"] + "' does not exist")
    return Answer(200, beans.issue_type(viewer_of(call), found))


@ROUTES.get("/rest/api/3/field")
def fields(site: Site, call: Call) -> Answer:
    """The system's, and the custom ones that a project uses which the caller sees; a project's own with its scope."""
    used = {field_id for project in browsable(site, call.actor) for field_id in project.fields}
    known = site.jira.fields.values()
    return Answer(200, [beans.field(one) for one in known if not one.is_custom or one.field_id in used])


@ROUTES.get("/rest/api/3/field/search", anonymous=False)
def search_fields(site: Site, call: Call) -> Answer:
    """Of company-managed projects ("fields for Classic Jira projects"), whether or not one uses them."""
    access.require_admin(call, "Only Jira administrators can access fields.")
    wanted, kinds = call.query.get("query", "").casefold(), call.query_list("type")
    ids = set(call.query_list("id"))
    found = [
        one
        for one in site.jira.fields.values()
        if one.project_id is None
        and wanted in one.name.casefold()
        and (not ids or one.field_id in ids)
        and (not kinds or ("custom" if one.is_custom else "system") in kinds)
    ]
    return page(
        call,
        found,
        lambda one: {
            "id": one.field_id,
            "key": one.field_id,
            "name": one.name,
            "schema": one.schema,
            "description": one.description,
        },
    )


@ROUTES.post("/rest/api/3/field", takes="description name searcherKey type")
def create_field(site: Site, call: Call) -> Answer:
    """A custom field; it is on no screen and in no project's configuration until somebody puts it there."""
    access.require_admin(call)
    body = call.json_object()
    name, full_type = body.get("name"), str(body.get("type", ""))
    if not isinstance(name, str) or not name.strip():
        raise jira_error(400, errors={"name": "The name must not be empty."})
    custom_type = full_type.removeprefix(CUSTOM_TYPES)
    if not full_type.startswith(CUSTOM_TYPES) or custom_type not in KIND_OF_CUSTOM_TYPE:
        raise jira_error(400, errors={"type": f"The custom field type '{full_type}' is not valid."})
    field = setup.add_custom_field(site, name, custom_type, description=str(body.get("description", "")))
    return Answer(201, beans.field(field))


@ROUTES.put("/rest/api/3/field/<field_id>", takes="description name searcherKey")
def edit_field(_site: Site, call: Call) -> Answer:
    """Name and description of a custom field; what is not given stays."""
    field, body = _custom_field(call), call.json_object()
    name = bodies.text(body, "name", field.name)
    if not name.strip():
        raise jira_error(400, errors={"name": "The name must not be empty."})
    changed = replace(field, name=name, description=bodies.text(body, "description", field.description))
    call.site.jira.fields[field.field_id] = changed
    return Answer(204)


@ROUTES.post("/rest/api/3/field/<field_id>/trash")
def trash_field(site: Site, call: Call) -> Answer:
    """Off every screen and out of sight; what issues say in it is kept, as on the real one."""
    field = _custom_field(call)
    for project in site.jira.projects.values():
        setup.hide_field(project, field.field_id)
    site.jira.trashed_fields[field.field_id] = site.jira.fields.pop(field.field_id)
    return Answer(200, {})


@ROUTES.get("/rest/api/3/priority", anonymous=False)
def priorities(site: Site, call: Call) -> Answer:
    viewer = viewer_of(call)
    return Answer(200, [beans.priority_in_full(viewer, one) for one in site.jira.priorities.values()])


@ROUTES.get("/rest/api/3/priority/search", anonymous=False)
def search_priorities(site: Site, call: Call) -> Answer:
    viewer = viewer_of(call)
    found = list(site.jira.priorities.values())
    return page(call, found, lambda one: beans.priority_in_full(viewer, one))


@ROUTES.get("/rest/api/3/priority/<priority_id>", anonymous=False)
def priority(site: Site, call: Call) -> Answer:
    found = site.jira.priorities.get(call.params["priority_id"])
    if found is None:
        raise jira_error(404, "The priority does not exist.")
    return Answer(200, beans.priority_in_full(viewer_of(call), found))


@ROUTES.get("/rest/api/3/resolution", anonymous=False)
def resolutions(site: Site, call: Call) -> Answer:
    viewer = viewer_of(call)
    return Answer(200, [beans.resolution(viewer, one) for one in site.jira.resolutions.values()])


def _custom_field(call: Call) -> Field:
    """A custom field of the site, for an administrator; 404 for what is none."""
    access.require_admin(call)
    field = call.site.jira.fields.get(call.params["field_id"])
    if field is None or not field.is_custom:
        raise jira_error(404, "The custom field was not found.")
    return field


def _visible_statuses(site: Site, call: Call) -> list[Status]:
    ids = {
        status_id
        for project in browsable(site, call.actor)
        for workflow in project.workflows.values()
        for status_id in workflow.statuses()
    }
    return [one for key, one in site.jira.statuses.items() if key in ids]


def _search_bean(one: Status) -> dict[str, object]:
    scope: dict[str, object] = {"type": "GLOBAL"}
    if one.project_id:
        scope = {"type": "PROJECT", "project": {"id": one.project_id}}
    return {
        "id": one.status_id,
        "name": one.name,
        "statusCategory": CATEGORIES[one.category].search_name,
        "scope": scope,
        "description": "",
    }
