"""Screens and how projects come by them: scheme of a project, screen scheme of an issue type, screen, tab, fields.

Each company-managed project has one screen with one tab, for all its issue types and operations; screen, tab and
schemes have the project's number. Team-managed projects have no screens of this kind.
"""

from typing import Any

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, setup
from connector.sandbox.jira.model import Project
from connector.sandbox.jira.paging import page
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

TABS = "/rest/api/3/screens/<screen_id>/tabs"
FIELDS = f"{TABS}/<tab_id>/fields"
ALWAYS_SHOWN = ("project", "issuetype")


@ROUTES.get("/rest/api/3/issuetypescreenscheme/project", anonymous=False)
def schemes_of_projects(site: Site, call: Call) -> Answer:
    """The schemes of the projects asked for; team-managed ones have none and are left out."""
    access.require_admin(call)
    wanted = set(call.query_list("projectId"))
    if not wanted:
        raise jira_error(400, "The query parameter projectId is required.")
    return page(call, [one for one in _with_screens(site) if one.project_id in wanted], _scheme_bean)


@ROUTES.get("/rest/api/3/issuetypescreenscheme/mapping", anonymous=False)
def screen_schemes_of_types(site: Site, call: Call) -> Answer:
    access.require_admin(call)
    wanted = set(call.query_list("issueTypeScreenSchemeId"))
    found = [one for one in _with_screens(site) if not wanted or one.project_id in wanted]
    return page(call, found, _mapping_bean)


@ROUTES.get("/rest/api/3/screenscheme", anonymous=False)
def screen_schemes(site: Site, call: Call) -> Answer:
    access.require_admin(call)
    wanted = set(call.query_list("id"))
    found = [one for one in _with_screens(site) if not wanted or one.project_id in wanted]
    return page(call, found, _screen_scheme_bean)


@ROUTES.get("/rest/api/3/screens", anonymous=False)
def screens(site: Site, call: Call) -> Answer:
    access.require_admin(call)
    wanted, text = set(call.query_list("id")), call.query.get("queryString", "").casefold()
    found = [one for one in _with_screens(site) if not wanted or one.project_id in wanted]
    found = [one for one in found if text in _screen_name(one).casefold()]
    return page(call, found, lambda one: {"id": int(one.project_id), "name": _screen_name(one), "description": ""})


@ROUTES.get(TABS, anonymous=False)
def tabs(_site: Site, call: Call) -> Answer:
    return Answer(200, [{"id": int(_project(call).project_id), "name": "Field Tab"}])


@ROUTES.get(FIELDS, anonymous=False)
def tab_fields(site: Site, call: Call) -> Answer:
    shown = [*ALWAYS_SHOWN, *_tab(call).create_screen]
    return Answer(200, [{"id": name, "name": site.jira.fields[name].name} for name in shown])


@ROUTES.post(FIELDS, takes="fieldId")
def add_field(site: Site, call: Call) -> Answer:
    project, field_id = _tab(call), call.json_object().get("fieldId")
    field = site.jira.fields.get(field_id) if isinstance(field_id, str) else None
    if field is None or field.project_id is not None:
        raise jira_error(400, f"The field with id '{field_id}' does not exist.")
    if field.field_id in (*ALWAYS_SHOWN, *project.create_screen):
        raise jira_error(400, f"The field with id '{field_id}' already exists on the screen '{project.project_id}'.")
    setup.show_field(project, field.field_id)
    return Answer(200, {"id": field.field_id, "name": field.name})


@ROUTES.delete(f"{FIELDS}/<field_id>")
def remove_field(_site: Site, call: Call) -> Answer:
    project, field_id = _tab(call), call.params["field_id"]
    if field_id not in project.create_screen:
        raise jira_error(404, f"The field with id '{field_id}' is not on the screen '{project.project_id}'.")
    setup.hide_field(project, field_id)
    return Answer(204)


def _with_screens(site: Site) -> list[Project]:
    return [project for project in site.jira.projects.values() if not project.simplified]


def _project(call: Call) -> Project:
    """The project whose screen is named; 404 otherwise."""
    access.require_admin(call)
    wanted = call.params["screen_id"]
    found = next((one for one in _with_screens(call.site) if one.project_id == wanted), None)
    if found is None:
        raise jira_error(404, f"The screen with id '{wanted}' does not exist.")
    return found


def _tab(call: Call) -> Project:
    project = _project(call)
    if call.params["tab_id"] != project.project_id:
        raise jira_error(404, f"The tab with id '{call.params['tab_id']}' does not exist.")
    return project


def _screen_name(project: Project) -> str:
    return f"{project.key}: Default Issue Screen"


def _scheme_bean(project: Project) -> dict[str, Any]:
    name = f"{project.key}: Issue Type Screen Scheme"
    return {
        "issueTypeScreenScheme": {"id": project.project_id, "name": name, "description": ""},
        "projectIds": [project.project_id],
    }


def _mapping_bean(project: Project) -> dict[str, Any]:
    return {
        "issueTypeScreenSchemeId": project.project_id,
        "issueTypeId": "default",
        "screenSchemeId": project.project_id,
    }


def _screen_scheme_bean(project: Project) -> dict[str, Any]:
    number = int(project.project_id)
    return {"id": number, "name": f"{project.key}: Screen Scheme", "description": "", "screens": {"default": number}}
