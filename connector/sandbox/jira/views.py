"""An issue on the wire: which fields, in which form, with what expanded."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from connector.sandbox.jira import adf, beans, fields
from connector.sandbox.jira.model import Field
from connector.sandbox.jira.permissions import may
from connector.sandbox.jira.records import Attachment, ChangeItem, Comment, History, Issue, IssueLink
from connector.sandbox.jira.viewer import Viewer

EXPANDS = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
CHANGES_AMONG_MANY = 40
COMMENTS_AMONG_MANY = 20
NOT_NAVIGABLE = frozenset({"comment", "attachment", "worklog", "timetracking", "issuerestriction"})


@dataclass(frozen=True)
class Selection:
    """Which fields are wanted: `everything` or only the navigable ones, or those named; less those left out."""

    everything: bool = False
    navigable: bool = False
    named: tuple[str, ...] = ()
    left_out: frozenset[str] = frozenset()

    @property
    def is_ids_only(self) -> bool:
        return not self.everything and not self.navigable and set(self.named) <= {"id", "key"}

    def wants(self, field: Field) -> bool:
        if field.field_id in self.left_out:
            return False
        shown = self.everything or (self.navigable and field.field_id not in NOT_NAVIGABLE)
        return shown or field.field_id in self.named


def select(names: Iterable[str], default: str) -> Selection:
    """The selection a `fields` parameter makes; `default` stands where it names nothing to show."""
    listed = [name.strip() for name in names if name.strip()]
    left_out = frozenset(name[1:] for name in listed if name.startswith("-"))
    shown = [name for name in listed if not name.startswith("-")] or [default]
    return Selection("*all" in shown, "*navigable" in shown, tuple(n for n in shown if n[0] != "*"), left_out)


def bean(
    viewer: Viewer,
    issue: Issue,
    selection: Selection,
    *,
    expand: Iterable[str] = (),
    properties: Iterable[str] = (),
    is_among_many: bool = False,
) -> dict[str, Any]:
    """The IssueBean of an issue; among many others, changes and comments are cut to the newest.

    "This returns a maximum of 40 changelogs" (BulkFetchIssueRequestBean in the API document). That comments stop at
    20 there is told by others of the new search's migration notes; which ones are left out is told by nobody.
    """
    shown = _fields(viewer, issue, selection)
    answer: dict[str, Any] = {
        "expand": EXPANDS,
        "id": issue.issue_id,
        "self": f"{viewer.api}/issue/{issue.issue_id}",
        "key": issue.key,
        "fields": {field.field_id: field_value(viewer, issue, field, is_among_many=is_among_many) for field in shown},
    }
    wanted = list(properties)
    if wanted:
        held = issue.properties
        answer["properties"] = {key: held[key] for key in (held if "*all" in wanted else wanted) if key in held}
    if "names" in expand:
        answer["names"] = {field.field_id: field.name for field in shown}
    if "schema" in expand:
        answer["schema"] = {field.field_id: field.schema for field in shown}
    if "changelog" in expand:
        answer["changelog"] = _newest_changes(viewer, issue, CHANGES_AMONG_MANY if is_among_many else None)
    if "renderedFields" in expand:
        answer["renderedFields"] = {field.field_id: _rendered(issue, field) for field in shown}
    return answer


def field_value(viewer: Viewer, issue: Issue, field: Field, *, is_among_many: bool = False) -> Any:
    """One field of an issue on the wire."""
    if is_among_many and field.field_id == "comment":
        return _comments(viewer, issue, COMMENTS_AMONG_MANY)
    computed = COMPUTED.get(field.field_id)
    if computed is not None:
        return computed(viewer, issue)
    return fields.render(viewer, field, issue.values.get(field.field_id))


def comment_bean(viewer: Viewer, comment: Comment, *, with_properties: bool = False) -> dict[str, Any]:
    """A comment on the wire."""
    answer: dict[str, Any] = {
        "self": f"{viewer.api}/issue/{comment.issue_id}/comment/{comment.comment_id}",
        "id": comment.comment_id,
        "author": viewer.user(comment.author_id),
        "body": adf.to_text(comment.body) if viewer.version == 2 else comment.body,
        "updateAuthor": viewer.user(comment.update_author_id),
        "created": viewer.stamp(comment.created_at),
        "updated": viewer.stamp(comment.updated_at),
        "jsdPublic": True,
    }
    if comment.visibility is not None:
        answer["visibility"] = comment.visibility
    if with_properties:
        answer["properties"] = [{"key": k, "value": v} for k, v in comment.properties.items()]
    return answer


def visible_comments(viewer: Viewer, issue: Issue) -> list[Comment]:
    """The comments the viewer may read, oldest first."""
    return [comment for comment in issue.comments if is_visible(viewer, comment)]


def is_visible(viewer: Viewer, comment: Comment) -> bool:
    """Whether a comment kept to a group or role is for this viewer."""
    if comment.visibility is None or viewer.sees_all:
        return True
    if viewer.actor is None:
        return False
    name = comment.visibility["value"]
    if comment.visibility["type"] == "role" and name == "Administrators":
        return viewer.actor.is_admin
    return name in viewer.actor.groups or (comment.visibility["type"] == "role" and viewer.actor.has_jira)


def attachment_bean(viewer: Viewer, attachment: Attachment) -> dict[str, Any]:
    """An attachment's description on the wire."""
    return {
        "self": f"{viewer.api}/attachment/{attachment.attachment_id}",
        "id": attachment.attachment_id,
        "filename": attachment.filename,
        "author": viewer.user(attachment.author_id),
        "created": viewer.stamp(attachment.created_at),
        "size": attachment.size,
        "mimeType": attachment.mime_type,
        "content": f"{viewer.api}/attachment/content/{attachment.attachment_id}",
    }


def history_bean(viewer: Viewer, history: History) -> dict[str, Any]:
    """One change log entry on the wire."""
    return {
        "id": history.history_id,
        "author": viewer.user(history.author_id),
        "created": viewer.stamp(history.created_at),
        "items": [item_bean(item) for item in history.items],
    }


def item_bean(item: ChangeItem) -> dict[str, Any]:
    answer: dict[str, Any] = {"field": item.field, "fieldtype": "custom" if item.custom else "jira"}
    if item.field_id is not None:
        answer["fieldId"] = item.field_id
    return answer | {
        "from": item.before,
        "fromString": item.before_text,
        "to": item.after,
        "toString": item.after_text,
    }


def link_bean(viewer: Viewer, link: IssueLink, issue_id: str) -> dict[str, Any]:
    """A link as one of its two issues shows it."""
    inward = link.target_id == issue_id
    other = link.source_id if inward else link.target_id
    return {
        "id": link.link_id,
        "self": f"{viewer.api}/issueLink/{link.link_id}",
        "type": beans.link_type(viewer, viewer.site.jira.link_types[link.type_id]),
        "inwardIssue" if inward else "outwardIssue": fields.short_issue(viewer, other),
    }


def shown_fields(viewer: Viewer, issue: Issue) -> list[Field]:
    """The fields that exist for an issue: the system's, and the custom ones its project shows."""
    jira = viewer.site.jira
    own = jira.projects[issue.project_id].fields
    return [field for field in jira.fields.values() if not field.is_custom or field.field_id in own]


def _fields(viewer: Viewer, issue: Issue, selection: Selection) -> list[Field]:
    if selection.everything or selection.navigable:
        return [field for field in shown_fields(viewer, issue) if selection.wants(field)]
    known = viewer.site.jira.fields
    own = viewer.site.jira.projects[issue.project_id].fields
    named = [known[name] for name in selection.named if name in known and name not in selection.left_out]
    return [field for field in named if not field.is_custom or field.field_id in own]


def _newest_changes(viewer: Viewer, issue: Issue, most: int | None) -> dict[str, Any]:
    """`total` is "the number of results on the page", as PageOfChangelogs says, and does not tell of a cut."""
    histories = [history_bean(viewer, history) for history in issue.histories[::-1][:most]]
    return {"startAt": 0, "maxResults": len(histories), "total": len(histories), "histories": histories}


def _rendered(issue: Issue, field: Field) -> Any:
    value = issue.values.get(field.field_id)
    return f"<p>{adf.to_text(value)}</p>" if isinstance(value, dict) else value


def _comments(viewer: Viewer, issue: Issue, most: int = 0) -> dict[str, Any]:
    """All, or the newest few; `total` is "the number of items returned" (PageOfComments)."""
    comments = [comment_bean(viewer, comment) for comment in visible_comments(viewer, issue)[-most:]]
    total = len(comments)
    address = f"{viewer.api}/issue/{issue.issue_id}/comment"
    return {"comments": comments, "self": address, "maxResults": total, "total": total, "startAt": 0}


def _links(viewer: Viewer, issue: Issue) -> list[dict[str, Any]]:
    return [link_bean(viewer, link, issue.issue_id) for link in viewer.site.jira.links_of(issue.issue_id)]


def _watches(viewer: Viewer, issue: Issue) -> dict[str, Any]:
    watching = viewer.actor is not None and viewer.actor.account_id in issue.watchers
    project = viewer.site.jira.projects[issue.project_id]
    may_see = viewer.sees_all or may(viewer.actor, project, "VIEW_VOTERS_AND_WATCHERS")
    return {
        "self": f"{viewer.api}/issue/{issue.key}/watchers",
        "watchCount": len(issue.watchers) if may_see else 0,
        "isWatching": watching,
    }


def _votes(viewer: Viewer, issue: Issue) -> dict[str, Any]:
    return {"self": f"{viewer.api}/issue/{issue.key}/votes", "votes": 0, "hasVoted": False}


def _subtasks(viewer: Viewer, issue: Issue) -> list[dict[str, Any]]:
    return [fields.short_issue(viewer, child.issue_id) for child in viewer.site.jira.subtasks_of(issue.issue_id)]


def _category(viewer: Viewer, issue: Issue) -> dict[str, Any]:
    return beans.category(viewer, viewer.site.jira.statuses[issue.status_id].category)


COMPUTED: dict[str, Callable[[Viewer, Issue], Any]] = {
    "created": lambda viewer, issue: viewer.stamp(issue.created_at),
    "updated": lambda viewer, issue: viewer.stamp(issue.updated_at),
    "statuscategorychangedate": lambda viewer, issue: viewer.stamp(issue.status_changed_at),
    "statusCategory": _category,
    "comment": _comments,
    "attachment": lambda viewer, issue: [attachment_bean(viewer, one) for one in issue.attachments],
    "issuelinks": _links,
    "subtasks": _subtasks,
    "watches": _watches,
    "votes": _votes,
    "worklog": lambda _v, _i: {"startAt": 0, "maxResults": 20, "total": 0, "worklogs": []},
    "progress": lambda _v, _i: {"progress": 0, "total": 0},
    "aggregateprogress": lambda _v, _i: {"progress": 0, "total": 0},
    "timetracking": lambda _v, _i: {},
    "workratio": lambda _v, _i: -1,
    "fixVersions": lambda _v, _i: [],
    "versions": lambda _v, _i: [],
    "components": lambda _v, _i: [],
    "lastViewed": lambda _v, _i: None,
    "security": lambda _v, _i: None,
    "timespent": lambda _v, _i: None,
    "timeestimate": lambda _v, _i: None,
    "timeoriginalestimate": lambda _v, _i: None,
    "aggregatetimespent": lambda _v, _i: None,
    "aggregatetimeestimate": lambda _v, _i: None,
    "aggregatetimeoriginalestimate": lambda _v, _i: None,
}
