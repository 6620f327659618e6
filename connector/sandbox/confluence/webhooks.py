"""Webhook bodies as Connect documents them, queued for every hook that listens.

https://developer.atlassian.com/cloud/confluence/modules/webhook shows the bodies; registration over REST is not
documented at all. The body does not say which event it is (a Connect app has one address for each), and ids are
numbers. There are no retries and no signature. The values of `accountType` and `updateTrigger` are from memory.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.confluence.state import Attachment, Comment, Page
from connector.sandbox.site import Site

EVENTS = (
    "page_created",
    "page_updated",
    "page_trashed",
    "page_restored",
    "page_removed",
    "page_moved",
    "page_archived",
    "comment_created",
    "comment_updated",
    "comment_removed",
    "attachment_created",
    "attachment_updated",
    "attachment_trashed",
    "attachment_removed",
)


def page_event(site: Site, event: str, by: Account, page: Page, **more: Any) -> None:
    """Queue a page event; `more` are further members, such as oldParent of a move."""
    _queue(site, event, by, {"page": _page(site, page), **more})


def comment_event(site: Site, event: str, by: Account, comment: Comment) -> None:
    _queue(site, event, by, {"comment": _comment(site, comment)})


def attachment_event(site: Site, event: str, by: Account, attachment: Attachment) -> None:
    page = site.confluence.pages[attachment.page_id]
    body = {"attachments": [_attachment(site, attachment)], "attachedTo": _page(site, page)}
    _queue(site, event, by, body)


def parent_reference(page_id: str | None) -> dict[str, Any] | None:
    return {"id": int(page_id)} if page_id else None


def _queue(site: Site, event: str, by: Account, what: dict[str, Any]) -> None:
    payload = {
        "userAccountId": by.account_id,
        "accountType": "customer" if by.account_type == "atlassian" else by.account_type,
        "timestamp": millis(site.now()),
        **what,
    }
    if event.endswith("_updated"):
        payload["updateTrigger"] = "edit_page" if event.startswith("page") else "unknown"
    for hook in site.outbox.listening("confluence", event):
        site.outbox.queue(hook, event, payload, now=site.now())


def millis(at: datetime) -> int:
    """Epoch milliseconds, as webhooks and task filters write time."""
    return round(at.timestamp() * 1000)


def _page(site: Site, page: Page) -> dict[str, Any]:
    space = site.confluence.spaces[page.space_id]
    return {
        "idAsString": page.content_id,
        "creatorAccountId": page.author_id,
        "spaceKey": space.key,
        "spaceId": int(space.space_id),
        "modificationDate": millis(page.version.created_at),
        "lastModifierAccountId": page.version.author_id,
        "self": f"{site.base_url}/wiki/spaces/{space.key}/pages/{page.content_id}",
        "id": int(page.content_id),
        "title": page.title,
        "creationDate": millis(page.created_at),
        "contentType": "page",
        "version": page.version.number,
    }


def _comment(site: Site, comment: Comment) -> dict[str, Any]:
    page = site.confluence.pages[comment.page_id]
    body = {
        "creatorAccountId": comment.author_id,
        "spaceKey": site.confluence.spaces[page.space_id].key,
        "modificationDate": millis(comment.version.created_at),
        "lastModifierAccountId": comment.version.author_id,
        "self": f"{_page(site, page)['self']}?focusedCommentId={comment.content_id}",
        "id": int(comment.content_id),
        "creationDate": millis(comment.created_at),
        "contentType": "comment",
        "version": comment.version.number,
        "parent": _page(site, page),
    }
    return {**body, "inReplyTo": {"id": int(comment.parent_id)}} if comment.parent_id else body


def _attachment(site: Site, attachment: Attachment) -> dict[str, Any]:
    version = attachment.version
    return {
        "fileName": attachment.file_name,
        "creatorAccountId": attachment.author_id,
        "lastModifierAccountId": version.author_id,
        "fileSize": version.size,
        "comment": version.comment,
        "id": int(attachment.content_id.removeprefix("att")),
        "version": version.number,
        "creationDate": millis(attachment.created_at),
        "modificationDate": millis(version.created_at),
        "contentType": "attachment",
        "self": f"{site.base_url}/wiki/download/attachments/{attachment.page_id}/{attachment.file_name}",
    }
