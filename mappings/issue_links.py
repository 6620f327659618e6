"""The link from a task's issue to its request's: Tieout draws it once, and from then on it is people's to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .actions import LinkIssues
from .context import AuditContext, SiteWords
from .far import IssueView
from .records import Link, Record, Value

LINKED_TO = "linked_to"
"""In the register's base of a task's issue: the id of the issue to which it was linked."""


def seen_linked(link: Link, issue: IssueView, request: Link | None) -> Link:
    """The link with its base moved where the issue shows that it is linked to its request's."""
    if request is None or request.remote_id not in issue.linked:
        return link
    return replace(link, base_ours=linked_to(link.base_ours, request.remote_id))


def linked_to(base: Mapping[str, Value], issue_id: str | None) -> dict[str, Value]:
    return {**base, LINKED_TO: issue_id}


def wanted_link(
    record: Record, link: Link, issue: IssueView, request: Link, ctx: AuditContext, words: SiteWords
) -> LinkIssues | None:
    """The link that is still to be drawn."""
    there = request.remote_id
    if there is None or not words.has_links or ctx.rule.is_closed:
        return None
    if link.base_ours.get(LINKED_TO) == there or there in issue.linked:
        return None
    why = f"{issue.key} is not linked to {request.key}, the issue of its request"
    return LinkIssues(record.uid, issue.id, issue.key, there, request.key, why)
