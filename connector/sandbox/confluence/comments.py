"""What can be said about a page: footer and inline comments, replies, edits, resolving.

A comment never makes a new version of its page.
"""

from __future__ import annotations

from typing import Literal

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import access, content, index, markers, pages, webhooks
from connector.sandbox.confluence.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    stale_version,
)
from connector.sandbox.confluence.state import COMMENT, DELETE_COMMENT, Comment, Page, Version
from connector.sandbox.site import Site

Kind = Literal["footer", "inline"]


def add_footer_comment(
    site: Site, by: Account, *, body: str, page_id: str | None = None, parent_id: str | None = None
) -> Comment:
    """A comment under a page, or a reply to one: give the page or the parent, not both."""
    return _add(site, by, "footer", body, page_id, parent_id)


def reply_to_inline_comment(site: Site, by: Account, *, body: str, parent_id: str) -> Comment:
    return _add(site, by, "inline", body, None, parent_id)


def add_inline_comment(
    site: Site,
    by: Account,
    *,
    body: str,
    page_id: str,
    selection: str,
    match_count: int = 1,
    match_index: int = 0,
) -> Comment:
    """A comment on words of the page; the marker goes into the stored body, the page's version stays."""
    page = _commentable(site, by, page_id)
    ref = content.new_uuid(site)
    content.checked_body(body)
    try:
        marked = markers.insert(page.body, selection, match_count, match_index, ref)
    except markers.SelectionError as error:
        raise InvalidError(str(error)) from error
    pages.replace_body_quietly(page, marked)
    return _add(site, by, "inline", body, page_id, None, marker_ref=ref, selection=selection)


def update_comment(
    site: Site,
    by: Account,
    comment_id: str,
    kind: Kind,
    *,
    number: int,
    body: str | None = None,
    message: str = "",
    resolved: bool | None = None,
) -> Comment:
    """A new version: other words (the author only), or resolved or opened again (inline roots only).

    `number` must be the current one plus one, else ConflictError. A dangling comment is refused.
    """
    comment = access.comment(site, by, comment_id, kind)
    access.require(site, by, site.confluence.pages[comment.page_id], COMMENT)
    if comment.resolution == "dangling":
        raise InvalidError("A dangling comment cannot be updated")
    if number != comment.version.number + 1:
        raise stale_version("comment", comment.version.number, number)
    words = comment.version.body if body is None else content.checked_body(body)
    if words != comment.version.body and by.account_id != comment.author_id:
        raise ForbiddenError(f"User {by.account_id} is not permitted to update comment {comment_id}")
    comment.versions.append(Version(number, words, by.account_id, site.now(), message=message))
    if resolved is not None:
        _resolve(site, by, comment, resolved=resolved)
    index.note_comment(site, comment)
    webhooks.comment_event(site, "comment_updated", by, comment)
    return comment


def delete_comment(site: Site, by: Account, comment_id: str, kind: Kind) -> None:
    """Gone for good, and its replies with it (whether the real site keeps replies is not known to us).

    The marker of an inline comment stays in the body; nothing shows it any more.
    """
    comment = access.comment(site, by, comment_id, kind)
    if by.account_id != comment.author_id:
        access.require(site, by, site.confluence.pages[comment.page_id], DELETE_COMMENT)
    for reply in replies(site, comment_id):
        _remove(site, by, reply)
    _remove(site, by, comment)


def replies(site: Site, comment_id: str) -> list[Comment]:
    """The direct replies to a comment, oldest first."""
    parent = site.confluence.comments[comment_id]
    return [comment for comment in site.confluence.comments.on(parent.page_id) if comment.parent_id == comment_id]


def _add(
    site: Site,
    by: Account,
    kind: Kind,
    body: str,
    page_id: str | None,
    parent_id: str | None,
    *,
    marker_ref: str | None = None,
    selection: str | None = None,
) -> Comment:
    if (page_id is None) == (parent_id is None):
        raise InvalidError("Exactly one of pageId and parentCommentId must be provided")
    on = page_id if parent_id is None else access.comment(site, by, parent_id, kind).page_id
    page = _commentable(site, by, on or "")
    now = site.now()
    comment = Comment(
        content.new_id(site),
        now,
        by.account_id,
        kind=kind,
        page_id=page.content_id,
        parent_id=parent_id,
        marker_ref=marker_ref,
        selection=selection,
    )
    comment.versions.append(Version(1, content.checked_body(body), by.account_id, now))
    site.confluence.comments[comment.content_id] = comment
    index.note_comment(site, comment)
    webhooks.comment_event(site, "comment_created", by, comment)
    return comment


def _commentable(site: Site, by: Account, page_id: str) -> Page:
    page = access.page(site, by, page_id)
    if page.status != "current":
        raise NotFoundError
    access.require(site, by, page, COMMENT)
    return page


def _resolve(site: Site, by: Account, comment: Comment, *, resolved: bool) -> None:
    if comment.kind != "inline" or comment.parent_id is not None:
        raise InvalidError("Only a top level inline comment can be resolved")
    if resolved == (comment.resolution == "resolved"):
        return
    comment.resolution = "resolved" if resolved else "reopened"
    comment.resolved_by_id, comment.resolved_at = by.account_id, site.now()


def _remove(site: Site, by: Account, comment: Comment) -> None:
    for reply in replies(site, comment.content_id):
        _remove(site, by, reply)
    if comment.content_id in site.confluence.comments:
        index.note_comment(site, comment, is_visible=False)
        del site.confluence.comments[comment.content_id]
        webhooks.comment_event(site, "comment_removed", by, comment)
