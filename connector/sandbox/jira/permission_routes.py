"""What the caller may do: of all permissions, in a project, on an issue."""

from typing import Any

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, bodies
from connector.sandbox.jira.model import Project
from connector.sandbox.jira.permissions import (
    GLOBAL_PERMISSIONS,
    PROJECT_PERMISSIONS,
    browsable,
    may,
    may_globally,
)
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

CHECKED_MAX = 1000


@ROUTES.get("/rest/api/3/permissions")
def all_permissions(_site: Site, call: Call) -> Answer:
    access.require_admin(call)
    every = [_bean(key, None) for key in (*GLOBAL_PERMISSIONS, *PROJECT_PERMISSIONS)]
    return Answer(200, {"permissions": {bean["key"]: bean for bean in every}})


@ROUTES.get("/rest/api/3/mypermissions")
def my_permissions(site: Site, call: Call) -> Answer:
    """`permissions` is required; without project or issue, a project permission held anywhere counts."""
    keys = call.query_list("permissions")
    if not keys:
        raise jira_error(400, "The 'permissions' query parameter is required.")
    known = {**GLOBAL_PERMISSIONS, **PROJECT_PERMISSIONS}
    for key in keys:
        if key not in known:
            raise jira_error(400, errors={key: "Unrecognized permission"})
    projects = _context(call)
    if projects is None:
        projects = browsable(site, call.actor)
    granted = {
        key: may_globally(call.actor, key, site.jira.withheld)
        if key in GLOBAL_PERMISSIONS
        else any(may(call.actor, project, key) for project in projects)
        for key in keys
    }
    return Answer(200, {"permissions": {key: _bean(key, granted[key]) for key in keys}})


@ROUTES.post("/rest/api/3/permissions/check", reads=True, takes="accountId globalPermissions projectPermissions")
def check_permissions(site: Site, call: Call) -> Answer:
    """Of the permissions asked about, those an account has; about others only for administrators."""
    body = call.json_object()
    account_id = bodies.text(body, "accountId")
    account = site.accounts.get(account_id) if account_id else call.actor
    if account_id and account is not call.actor and not may_globally(call.actor, "ADMINISTER"):
        raise jira_error(403, "Only Jira administrators can check the permissions of others.")
    if account_id and account is None:
        raise jira_error(400, errors={"accountId": "The account does not exist."})
    wanted = [key for key in bodies.strings(body, "globalPermissions") if may_globally(account, key)]
    granted: list[dict[str, Any]] = []
    for asked in bodies.objects(body, "projectPermissions"):
        if not bodies.strings(bodies.known(asked, "issues permissions projects"), "permissions"):
            raise jira_error(400, "At least one project permission must be provided.")
        if max(len(bodies.ids(asked, "projects")), len(bodies.ids(asked, "issues"))) > CHECKED_MAX:
            raise jira_error(400, f"At most {CHECKED_MAX} projects and {CHECKED_MAX} issues can be checked.")
        projects = [site.jira.projects.get(one) for one in bodies.ids(asked, "projects")]
        issues = [site.jira.issue(one) for one in bodies.ids(asked, "issues")]
        granted.extend(
            {
                "permission": key,
                "projects": [int(p.project_id) for p in projects if p and may(account, p, key)],
                "issues": [
                    int(i.issue_id) for i in issues if i and may(account, site.jira.projects[i.project_id], key)
                ],
            }
            for key in bodies.strings(asked, "permissions")
        )
    return Answer(200, {"globalPermissions": wanted, "projectPermissions": granted})


@ROUTES.post("/rest/api/3/permissions/project", reads=True, takes="permissions")
def permitted_projects(site: Site, call: Call) -> Answer:
    """The projects in which the caller has all the permissions named."""
    keys = bodies.strings(call.json_object(), "permissions")
    if not keys or any(key not in PROJECT_PERMISSIONS for key in keys):
        raise jira_error(400, "A permission key is not valid.")
    found = [p for p in browsable(site, call.actor) if all(may(call.actor, p, key) for key in keys)]
    return Answer(200, {"projects": [{"id": int(p.project_id), "key": p.key} for p in found]})


def _context(call: Call) -> list[Project] | None:
    ref = call.query.get("projectKey") or call.query.get("projectId")
    if ref:
        return [access.visible_project(call, ref)]
    issue_ref = call.query.get("issueKey") or call.query.get("issueId")
    if issue_ref:
        return [access.project_of(call, access.visible_issue(call, issue_ref))]
    return None


def _bean(key: str, granted: bool | None) -> dict[str, Any]:
    names = {**GLOBAL_PERMISSIONS, **PROJECT_PERMISSIONS}
    number = 10 + list(names).index(key)
    bean: dict[str, Any] = {
        "id": str(number),
        "key": key,
        "name": names[key],
        "type": "GLOBAL" if key in GLOBAL_PERMISSIONS else "PROJECT",
        "description": f"Ability to {names[key].lower()}.",
    }
    if granted is not None:
        bean["havePermission"] = granted
    return bean
