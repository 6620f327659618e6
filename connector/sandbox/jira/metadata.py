"""What a form needs to know of a field: required, operations, allowed values. For create, edit and transitions."""

from typing import Any

from connector.sandbox.jira import beans
from connector.sandbox.jira.model import Field, Project
from connector.sandbox.jira.viewer import Viewer

LIST_OPERATIONS = ["add", "set", "remove"]


def field_meta(viewer: Viewer, project: Project, field: Field, *, required: bool) -> dict[str, Any]:
    """The FieldMetadata of a field in a project."""
    meta: dict[str, Any] = {
        "required": required,
        "schema": field.schema,
        "name": field.name,
        "key": field.field_id,
        "hasDefaultValue": field.field_id in ("priority", "reporter"),
        "operations": _operations(field),
    }
    allowed = _allowed(viewer, project, field)
    if allowed is not None:
        meta["allowedValues"] = allowed
    if field.field_id == "priority":
        default = viewer.site.jira.priorities[viewer.site.jira.default_priority]
        meta["defaultValue"] = beans.priority(viewer, default)
    if field.kind in ("user", "assignee"):
        search = "user/assignable/search" if field.kind == "assignee" else "user/search"
        meta["autoCompleteUrl"] = f"{viewer.api}/{search}?project={project.key}&query="
    return meta


def _operations(field: Field) -> list[str]:
    if field.field_id == "issuelinks":
        return ["add"]
    return LIST_OPERATIONS if field.kind in ("labels", "options") else ["set"]


def _allowed(viewer: Viewer, project: Project, field: Field) -> list[dict[str, Any]] | None:
    jira = viewer.site.jira
    if field.kind == "priority":
        return [beans.priority(viewer, one) for one in jira.priorities.values()]
    if field.kind == "resolution":
        return [beans.resolution(viewer, one) for one in jira.resolutions.values()]
    if field.kind == "issuetype":
        return [beans.issue_type(viewer, jira.types[type_id]) for type_id in project.type_ids]
    if field.kind == "project":
        return [beans.project(viewer, project)]
    if field.options:
        api = viewer.api
        return [
            {"self": f"{api}/customFieldOption/{o.option_id}", "value": o.value, "id": o.option_id}
            for o in field.options
        ]
    return None
