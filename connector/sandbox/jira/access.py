"""Doors of Jira's routes: find what is asked for, or refuse in Jira's words."""

from connector.sandbox import limits
from connector.sandbox.accounts import Account
from connector.sandbox.answers import Answer, RefusedError, jira_error
from connector.sandbox.jira.model import Project
from connector.sandbox.jira.permissions import may, may_browse, may_globally
from connector.sandbox.jira.records import Issue
from connector.sandbox.site import Site
from connector.sandbox.wire import Call

NO_ISSUE = "Issue does not exist or you do not have permission to see it."


def visible_issue(call: Call, id_or_key: str) -> Issue:
    """An issue the caller can see, else 404; a write counts against the issue's rate limit."""
    issue = find_issue(call.site, call.actor, id_or_key)
    if issue is None:
        raise jira_error(404, NO_ISSUE)
    if call.is_write:
        count_write(call, issue)
    return issue


def find_issue(site: Site, actor: Account | None, id_or_key: str) -> Issue | None:
    """An issue the account can see, by id, key or former key."""
    issue = site.jira.issue(id_or_key)
    if issue is None or not may_browse(actor, site.jira.projects[issue.project_id]):
        return None
    return issue


def count_write(call: Call, issue: Issue) -> None:
    """429 when the issue was written to too often lately."""
    now = call.site.now()
    excess = call.site.faults.limits.issue_write(issue.issue_id, now)
    if excess is not None:
        body = {"errorMessages": ["Rate limit exceeded."], "errors": {}}
        raise RefusedError(Answer(429, body, limits.headers(excess, now)))


def project_of(call: Call, issue: Issue) -> Project:
    return call.site.jira.projects[issue.project_id]


def visible_project(call: Call, id_or_key: str) -> Project:
    """A project the caller can see, else 404. "The project ID or project key (case sensitive)", says the document."""
    project = call.site.jira.project(id_or_key)
    exact = project is not None and id_or_key in (project.project_id, project.key, *project.former_keys)
    if project is None or not exact or not may_browse(call.actor, project):
        raise jira_error(404, f"No project could be found with key '{id_or_key}'.")
    return project


def require(call: Call, issue: Issue, permission: str, refused: str, *, status: int = 403) -> None:
    """Refuse a caller who lacks a permission in the issue's project."""
    if not may(call.actor, project_of(call, issue), permission):
        raise jira_error(status, refused)


def require_admin(call: Call, refused: str = "Only Jira administrators can perform this operation.") -> Account:
    """The caller when an administrator, else 401 or 403."""
    actor = call.account()
    if not may_globally(actor, "ADMINISTER"):
        raise jira_error(403, refused)
    return actor
