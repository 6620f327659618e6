"""Comments as state: added, changed, removed; each bumps the issue and tells the webhooks."""

from typing import Any

from connector.sandbox.answers import jira_error
from connector.sandbox.jira import changes, events
from connector.sandbox.jira.records import Comment, Issue
from connector.sandbox.site import Site

PER_ISSUE_MAX = 5000


def check_room(issue: Issue, more: int = 1) -> None:
    """413 where an issue cannot hold so many more."""
    if len(issue.comments) + more > PER_ISSUE_MAX:
        raise jira_error(413, f"The issue has reached the limit of {PER_ISSUE_MAX} comments.")


def add(
    site: Site,
    issue: Issue,
    author_id: str,
    body: dict[str, Any],
    *,
    visibility: dict[str, str] | None = None,
    properties: dict[str, Any] | None = None,
) -> Comment:
    """Say something on an issue; the author starts to watch nothing by it."""
    now = site.now()
    comment = Comment(
        comment_id=str(site.next_id("comment")),
        issue_id=issue.issue_id,
        author_id=author_id,
        body=body,
        created_at=now,
        updated_at=now,
        update_author_id=author_id,
        visibility=visibility,
        properties=dict(properties or {}),
    )
    issue.comments.append(comment)
    site.jira.comments[comment.comment_id] = comment
    changes.touch(site, issue)
    events.comment_event(site, "comment_created", issue, comment)
    return comment


def edit(
    site: Site, issue: Issue, comment: Comment, author_id: str, body: dict[str, Any], visibility: dict[str, str] | None
) -> None:
    """Replace what a comment says."""
    comment.body, comment.visibility = body, visibility
    comment.update_author_id, comment.updated_at = author_id, site.now()
    changes.touch(site, issue)
    events.comment_event(site, "comment_updated", issue, comment)


def remove(site: Site, issue: Issue, comment: Comment) -> None:
    issue.comments.remove(comment)
    del site.jira.comments[comment.comment_id]
    changes.touch(site, issue)
    events.comment_event(site, "comment_deleted", issue, comment)
