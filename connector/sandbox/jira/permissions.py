"""Who may do what: permission keys, and the grants of a project's permission scheme reduced to sets."""

from collections.abc import Set

from connector.sandbox.accounts import Account
from connector.sandbox.jira.model import ANY_USER, ANYONE, Project
from connector.sandbox.site import Site

PROJECT_PERMISSIONS: dict[str, str] = {
    "ADD_COMMENTS": "Add Comments",
    "ADMINISTER_PROJECTS": "Administer Projects",
    "ASSIGNABLE_USER": "Assignable User",
    "ASSIGN_ISSUES": "Assign Issues",
    "BROWSE_PROJECTS": "Browse Projects",
    "CLOSE_ISSUES": "Close Issues",
    "CREATE_ATTACHMENTS": "Create Attachments",
    "CREATE_ISSUES": "Create Issues",
    "DELETE_ALL_ATTACHMENTS": "Delete All Attachments",
    "DELETE_ALL_COMMENTS": "Delete All Comments",
    "DELETE_ISSUES": "Delete Issues",
    "DELETE_OWN_ATTACHMENTS": "Delete Own Attachments",
    "DELETE_OWN_COMMENTS": "Delete Own Comments",
    "EDIT_ALL_COMMENTS": "Edit All Comments",
    "EDIT_ISSUES": "Edit Issues",
    "EDIT_OWN_COMMENTS": "Edit Own Comments",
    "LINK_ISSUES": "Link Issues",
    "MANAGE_WATCHERS": "Manage Watchers",
    "MODIFY_REPORTER": "Modify Reporter",
    "MOVE_ISSUES": "Move Issues",
    "RESOLVE_ISSUES": "Resolve Issues",
    "SCHEDULE_ISSUES": "Schedule Issues",
    "TRANSITION_ISSUES": "Transition Issues",
    "VIEW_VOTERS_AND_WATCHERS": "View Voters and Watchers",
    "WORK_ON_ISSUES": "Work On Issues",
}

GLOBAL_PERMISSIONS: dict[str, str] = {
    "ADMINISTER": "Administer Jira",
    "BULK_CHANGE": "Bulk Change",
    "CREATE_SHARED_OBJECTS": "Create Shared Objects",
    "MANAGE_GROUP_FILTER_SUBSCRIPTIONS": "Manage Group Filter Subscriptions",
    "SYSTEM_ADMIN": "System Admin",
    "USER_PICKER": "Browse Users and Groups",
}

ADMIN_ONLY = frozenset({"ADMINISTER", "SYSTEM_ADMIN"})


def may(actor: Account | None, project: Project, permission: str) -> bool:
    """Whether the project's scheme grants a permission; without a seat one has only what anyone has."""
    holders = set() if project.archived else project.grants.get(permission, set())
    if ANYONE in holders:
        return True
    if actor is None or not actor.has_jira:
        return False
    if ANY_USER in holders or f"account:{actor.account_id}" in holders:
        return True
    return not holders.isdisjoint(actor.groups)


def may_globally(actor: Account | None, permission: str, withheld: Set[str] = frozenset()) -> bool:
    """Global permissions: administration for admins, the others but those `withheld` for everybody with a seat."""
    if actor is None or not actor.has_jira:
        return False
    return actor.is_admin or permission not in ADMIN_ONLY | withheld


def is_assignable(project: Project, account: Account) -> bool:
    return account.active and may(account, project, "ASSIGNABLE_USER")


def may_browse(actor: Account | None, project: Project) -> bool:
    return may(actor, project, "BROWSE_PROJECTS")


def browsable(site: Site, actor: Account | None) -> list[Project]:
    """The projects an account can see."""
    return [project for project in site.jira.projects.values() if may_browse(actor, project)]
