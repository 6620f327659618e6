"""The queries of an audit's filters, in JQL. Labels carry them, so that they hold on sites without our fields, too.

An issue of a request and those of its tasks would count twice wherever work is counted; which of them a query means is
told by project and issue type, where the two differ.
"""

from __future__ import annotations

from mappings.issue_text import audit_label
from mappings.rules import AuditRule

NOT_DONE = "statusCategory != Done"
ESCALATION = "tieout-escalation"


def quoted(text: str) -> str:
    """A text as JQL takes it."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{inner}"'


def of_audit(key: str) -> str:
    """Every issue of an audit: requests, tasks, escalations."""
    return f"labels = {quoted(audit_label(key))}"


def requests(key: str, audit: AuditRule) -> str:
    """The issues of an audit's requests; where tasks look the same, those of both."""
    return f"{of_audit(key)} AND labels != {quoted(ESCALATION)}" + (
        f" AND {_is_request(audit)}" if _differ(audit) else ""
    )


def work(key: str, audit: AuditRule) -> str:
    """The issues on which somebody works: tasks where there are any, else the requests' own."""
    others = f"{of_audit(key)} AND labels != {quoted(ESCALATION)}"
    return f"{others} AND NOT ({_is_request(audit)})" if _differ(audit) else others


def _is_request(audit: AuditRule) -> str:
    return f"project = {quoted(audit.project)} AND issuetype = {quoted(audit.issue_type)}"


def _differ(audit: AuditRule) -> bool:
    """Whether requests and tasks can be told apart."""
    tasks = {(route.project, route.issue_type) for route in audit.routes}
    tasks.add((audit.default_task_project or audit.project, audit.default_task_issue_type))
    return audit.tasks != "none" and (audit.project, audit.issue_type) not in tasks
