"""The one way an issue changes: values, `updated`, change log, search index and webhooks move together."""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.jira import events, fields
from connector.sandbox.jira.index import document_of
from connector.sandbox.jira.model import Project
from connector.sandbox.jira.records import ChangeItem, History, Issue
from connector.sandbox.site import Site

UNLOGGED = frozenset({"resolutiondate"})
"""What follows from another field: recorded change logs name only that one."""


def create(site: Site, project: Project, actor_id: str, values: Mapping[str, Any]) -> Issue:
    """A new issue with values already checked, in the first status of its workflow."""
    now = site.now()
    project.highest_number += 1
    issue = Issue(
        issue_id=str(site.next_id("issue")),
        key=f"{project.key}-{project.highest_number}",
        values={
            "labels": (),
            "priority": site.jira.default_priority,
            "reporter": actor_id,
            **values,
            "project": project.project_id,
            "creator": actor_id,
            "status": project.workflows[values["issuetype"]].initial,
        },
        created_at=now,
        updated_at=now,
        status_changed_at=now,
    )
    issue.watchers[actor_id] = None
    site.jira.issues[issue.issue_id] = issue
    site.jira.ids_by_key[issue.key] = issue.issue_id
    reindex(site, issue)
    return issue


def announce(site: Site, issue: Issue, actor_id: str) -> None:
    """Tell the webhooks of a new issue, once everything given with it is in place."""
    items = events.creation_items(site, issue)
    events.issue_event(site, "jira:issue_created", issue, actor_id, items, str(site.next_id("history")))


def change(site: Site, issue: Issue, actor_id: str, values: Mapping[str, Any]) -> History | None:
    """Set values that are checked already; None, and nothing happens at all, when they are what they were."""
    moved = {key: value for key, value in values.items() if issue.values.get(key) != value}
    items = tuple(_item(site, issue, field_id, value) for field_id, value in moved.items() if field_id not in UNLOGGED)
    issue.values.update(moved)
    if "status" in moved:
        issue.status_changed_at = site.now()
    return record(site, issue, actor_id, items) if moved else None


def record(site: Site, issue: Issue, actor_id: str, items: tuple[ChangeItem, ...], *, tell: bool = True) -> History:
    """Enter a change that has been made: log, `updated`, index, and unless `tell` is false the webhooks."""
    history = History(str(site.next_id("history")), actor_id, site.now(), items)
    issue.histories.append(history)
    touch(site, issue)
    if tell:
        events.issue_event(site, "jira:issue_updated", issue, actor_id, items, history.history_id)
    return history


def touch(site: Site, issue: Issue) -> None:
    """Set `updated` to the site's clock, whichever way that was set, as a comment does, and let the index know."""
    issue.updated_at = site.now()
    reindex(site, issue)


def reindex(site: Site, issue: Issue) -> None:
    site.jira.index.put(document_of(issue), now=site.now(), lag_s=site.faults.index_lag_s)


def delete(site: Site, issue: Issue, actor_id: str) -> None:
    """Remove an issue and all that hangs on it; the webhooks of the parts are Secondary."""
    jira = site.jira
    events.issue_event(site, "jira:issue_deleted", issue, actor_id)
    for comment in issue.comments:
        events.comment_event(site, "comment_deleted", issue, comment, flow="Secondary")
        jira.comments.pop(comment.comment_id)
    for attachment in issue.attachments:
        events.attachment_event(site, "attachment_deleted", issue, attachment, flow="Secondary")
        jira.attachments.pop(attachment.attachment_id).content.close()
    for link in jira.links_of(issue.issue_id):
        events.link_event(site, "issuelink_deleted", link, flow="Secondary")
        jira.links.pop(link.link_id)
    del jira.issues[issue.issue_id]
    jira.index.remove(issue.issue_id, now=site.now(), lag_s=site.faults.index_lag_s)


def move(site: Site, issue: Issue, target: Project, actor_id: str) -> None:
    """Move an issue to another project: a new key, the same id; the old key goes on leading to it."""
    jira = site.jira
    source = jira.projects[issue.project_id]
    old_key, old_status = issue.key, jira.statuses[issue.status_id]
    target.highest_number += 1
    issue.key = f"{target.key}-{target.highest_number}"
    jira.ids_by_key[issue.key] = issue.issue_id
    items = [
        ChangeItem("project", "project", source.project_id, source.name, target.project_id, target.name),
        ChangeItem("Key", None, None, old_key, None, issue.key),
    ]
    issue.values["project"] = target.project_id
    type_id = _type_in(site, target, issue.type_id)
    if type_id != issue.type_id:
        items.append(_item(site, issue, "issuetype", type_id))
        issue.values["issuetype"] = type_id
    workflow = target.workflows[type_id]
    if issue.status_id not in workflow.statuses():
        same_name = [s for s in workflow.statuses() if jira.statuses[s].name == old_status.name]
        status_id = same_name[0] if same_name else workflow.initial
        items.append(_item(site, issue, "status", status_id))
        issue.values["status"], issue.status_changed_at = status_id, site.now()
    record(site, issue, actor_id, tuple(items))


def _type_in(site: Site, project: Project, type_id: str) -> str:
    if type_id in project.type_ids:
        return type_id
    wanted = site.jira.types[type_id].name
    named = [one for one in project.type_ids if site.jira.types[one].name == wanted]
    return named[0] if named else project.type_ids[0]


def _item(site: Site, issue: Issue, field_id: str, value: Any) -> ChangeItem:
    field = site.jira.fields[field_id]
    before, before_text = fields.name(site, field, issue.values.get(field_id))
    after, after_text = fields.name(site, field, value)
    label = "IssueParentAssociation" if field_id == "parent" else _label(field.field_id, field.name)
    return ChangeItem(label, field.field_id, before, before_text, after, after_text, field.is_custom)


def _label(field_id: str, name: str) -> str:
    """System fields go by their id in the change log, custom ones by the name people gave them."""
    return name if field_id.startswith("customfield_") else field_id
