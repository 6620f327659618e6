"""The wire form of the things an issue refers to: projects, types, statuses, priorities, fields."""

from typing import Any

from connector.sandbox.jira.model import CATEGORIES, Field, IssueType, LinkType, Named, Project, Status
from connector.sandbox.jira.viewer import Viewer, avatars


def category(viewer: Viewer, key: str) -> dict[str, Any]:
    found = CATEGORIES[key]
    return {
        "self": f"{viewer.api}/statuscategory/{found.category_id}",
        "id": found.category_id,
        "key": found.key,
        "colorName": found.color,
        "name": found.name,
    }


def status(viewer: Viewer, found: Status) -> dict[str, Any]:
    bean: dict[str, Any] = {
        "self": f"{viewer.api}/status/{found.status_id}",
        "description": "",
        "iconUrl": f"{viewer.site.base_url}/",
        "name": found.name,
        "id": found.status_id,
        "statusCategory": category(viewer, found.category),
    }
    return _scoped(bean, found.project_id)


def issue_type(viewer: Viewer, found: IssueType) -> dict[str, Any]:
    bean: dict[str, Any] = {
        "self": f"{viewer.api}/issuetype/{found.type_id}",
        "id": found.type_id,
        "description": found.description,
        "iconUrl": f"{viewer.site.base_url}/images/icons/issuetypes/{found.type_id}.svg",
        "name": found.name,
        "subtask": found.subtask,
        "avatarId": 10318,
        "hierarchyLevel": found.hierarchy_level,
    }
    return _scoped(bean, found.project_id)


def priority(viewer: Viewer, found: Named) -> dict[str, Any]:
    """The short form inside issues."""
    return {
        "self": f"{viewer.api}/priority/{found.named_id}",
        "iconUrl": f"{viewer.site.base_url}/images/icons/priorities/{found.name.lower()}.svg",
        "name": found.name,
        "id": found.named_id,
    }


def priority_in_full(viewer: Viewer, found: Named) -> dict[str, Any]:
    """The long form of the priority lists."""
    more = {"statusColor": found.color, "description": found.description}
    is_default = found.named_id == viewer.site.jira.default_priority
    return {**priority(viewer, found), **more, "isDefault": is_default}


def resolution(viewer: Viewer, found: Named) -> dict[str, Any]:
    return {
        "self": f"{viewer.api}/resolution/{found.named_id}",
        "id": found.named_id,
        "description": found.description,
        "name": found.name,
    }


def project(viewer: Viewer, found: Project) -> dict[str, Any]:
    """The short form inside issues."""
    return {
        "self": f"{viewer.api}/project/{found.project_id}",
        "id": found.project_id,
        "key": found.key,
        "name": found.name,
        "projectTypeKey": found.type_key,
        "simplified": found.simplified,
        "avatarUrls": avatars(viewer.site, f"project-{found.project_id}"),
    }


def project_in_list(viewer: Viewer, found: Project) -> dict[str, Any]:
    """The form of project search."""
    more: dict[str, Any] = {
        "style": "next-gen" if found.simplified else "classic",
        "isPrivate": False,
        "properties": {},
    }
    if found.archived:
        more["archived"] = True
    return {
        "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
        **project(viewer, found),
        **more,
    }


def project_in_full(viewer: Viewer, found: Project) -> dict[str, Any]:
    """The form of a single project."""
    types = [viewer.site.jira.types[type_id] for type_id in found.type_ids]
    more = {
        "description": "",
        "lead": viewer.user(found.lead_id),
        "components": [],
        "issueTypes": [issue_type(viewer, one) for one in types],
        "assigneeType": found.assignee_type,
        "versions": [],
        "roles": {},
    }
    return {**project_in_list(viewer, found), **more}


def link_type(viewer: Viewer, found: LinkType) -> dict[str, Any]:
    return {
        "id": found.link_type_id,
        "name": found.name,
        "inward": found.inward,
        "outward": found.outward,
        "self": f"{viewer.api}/issueLinkType/{found.link_type_id}",
    }


def field(found: Field) -> dict[str, Any]:
    """The form of the field list."""
    names = list(found.clause_names) or [found.field_id]
    if found.is_custom:
        number = found.field_id.removeprefix("customfield_")
        names = [f"cf[{number}]", found.name]
    bean: dict[str, Any] = {
        "id": found.field_id,
        "key": found.field_id,
        "name": found.name,
        "custom": found.is_custom,
        "orderable": True,
        "navigable": found.navigable,
        "searchable": found.searchable,
        "clauseNames": names,
        "schema": found.schema,
    }
    return _scoped(bean, found.project_id)


def _scoped(bean: dict[str, Any], project_id: str | None) -> dict[str, Any]:
    if project_id is not None:
        bean["scope"] = {"type": "PROJECT", "project": {"id": project_id}}
    return bean
