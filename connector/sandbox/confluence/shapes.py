"""How Confluence v2 writes its content as JSON."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from connector.sandbox.confluence.state import (
    Attachment,
    AttachmentVersion,
    Comment,
    Label,
    Page,
    Property,
    Space,
    Task,
    Version,
)
from connector.sandbox.site import Site

Json = dict[str, Any]


def instant(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: 2026-10-05T12:00:00.000Z."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wiki(site: Site) -> str:
    return f"{site.base_url}/wiki"


def space(item: Space) -> Json:
    return {
        "id": item.space_id,
        "key": item.key,
        "name": item.name,
        "type": "global",
        "status": item.status,
        "authorId": item.author_id,
        "currentActiveAlias": item.key,
        "createdAt": instant(item.created_at),
        "homepageId": item.homepage_id,
        "_links": {"webui": f"/spaces/{item.key}"},
    }


def version(item: Version) -> Json:
    return {
        "number": item.number,
        "message": item.message,
        "minorEdit": item.minor_edit,
        "authorId": item.author_id,
        "createdAt": instant(item.created_at),
    }


def storage_body(body: str) -> Json:
    return {"storage": {"representation": "storage", "value": body}}


def page(site: Site, item: Page, shown: Version | None = None, *, with_body: bool = False) -> Json:
    """A page as of `shown`, its current version if not said otherwise."""
    shown = shown or item.version
    return {
        "id": item.content_id,
        "status": item.status if shown is item.version else "historical",
        "title": shown.title,
        "spaceId": item.space_id,
        "parentId": item.parent_id,
        "parentType": "page" if item.parent_id else None,
        "position": item.position,
        "authorId": item.author_id,
        "ownerId": item.owner_id,
        "lastOwnerId": None,
        "createdAt": instant(item.created_at),
        "version": version(shown),
        "body": storage_body(shown.body) if with_body else {},
        "_links": page_links(site, item),
    }


def page_links(site: Site, item: Page) -> Json:
    key = site.confluence.spaces[item.space_id].key
    home = site.confluence.spaces[item.space_id].homepage_id == item.content_id
    path = f"/spaces/{key}/overview" if home else f"/spaces/{key}/pages/{item.content_id}/{quote_plus(item.title)}"
    return {
        "webui": path,
        "editui": f"/pages/resumedraft.action?draftId={item.content_id}",
        "edituiv2": f"/spaces/{key}/pages/edit-v2/{item.content_id}",
        "tinyui": f"/x/{_tiny(int(item.content_id))}",
    }


def child(item: Page) -> Json:
    return {
        "id": item.content_id,
        "status": item.status,
        "title": item.title,
        "spaceId": item.space_id,
        "childPosition": item.position,
    }


def descendant(item: Page, depth: int) -> Json:
    return {
        "id": item.content_id,
        "status": item.status,
        "title": item.title,
        "type": "page",
        "parentId": item.parent_id,
        "depth": depth,
        "childPosition": item.position,
    }


def label(item: Label) -> Json:
    return {"id": item.label_id, "name": item.name, "prefix": item.prefix}


def content_property(item: Property) -> Json:
    return {
        "id": item.property_id,
        "key": item.key,
        "value": item.value,
        "version": {
            "number": item.number,
            "message": item.message,
            "minorEdit": False,
            "authorId": item.author_id,
            "createdAt": instant(item.created_at),
        },
    }


def comment(site: Site, item: Comment, shown: Version | None = None, *, with_body: bool = False) -> Json:
    """A footer or inline comment as of `shown`, its current version if not said otherwise."""
    shown = shown or item.version
    on = site.confluence.pages[item.page_id]
    written: Json = {
        "id": item.content_id,
        "status": "current" if on.status == "current" else on.status,
        "title": f"Re: {on.title}",
        "pageId": item.page_id,
        "version": version(shown),
        "body": storage_body(shown.body) if with_body else {},
        "_links": {"webui": f"{page_links(site, on)['webui']}?focusedCommentId={item.content_id}"},
    }
    if item.parent_id:
        written["parentCommentId"] = item.parent_id
    return {**written, **_inline_part(site, item)} if item.kind == "inline" else written


def _inline_part(site: Site, item: Comment) -> Json:
    root = item
    while root.parent_id and root.parent_id in site.confluence.comments:
        root = site.confluence.comments[root.parent_id]
    part: Json = {
        "resolutionStatus": root.resolution,
        "resolutionLastModifierId": root.resolved_by_id,
        "resolutionLastModifiedAt": instant(root.resolved_at) if root.resolved_at else None,
    }
    marker = {"inlineMarkerRef": root.marker_ref, "inlineOriginalSelection": root.selection}
    return {**part, "properties": marker}


def attachment(item: Attachment, shown: AttachmentVersion | None = None) -> Json:
    shown = shown or item.version
    path = f"/rest/api/content/{item.page_id}/child/attachment/{item.content_id}/download"
    download = path if shown is item.version else f"{path}?version={shown.number}"
    webui = (
        f"/pages/viewpageattachments.action?pageId={item.page_id}"
        f"&preview=%2F{item.page_id}%2F{item.content_id.removeprefix('att')}%2F{quote_plus(item.file_name)}"
    )
    return {
        "id": item.content_id,
        "status": item.status,
        "title": item.file_name,
        "createdAt": instant(item.created_at),
        "pageId": item.page_id,
        "mediaType": shown.media_type,
        "mediaTypeDescription": f"{shown.media_type.rpartition('/')[2].upper()} file",
        "comment": shown.comment,
        "fileId": shown.file_id,
        "fileSize": shown.size,
        "webuiLink": webui,
        "downloadLink": download,
        "version": attachment_version(shown),
        "_links": {"webui": webui, "download": download},
    }


def attachment_version(item: AttachmentVersion) -> Json:
    return {
        "number": item.number,
        "message": item.comment,
        "minorEdit": item.minor_edit,
        "authorId": item.author_id,
        "createdAt": instant(item.created_at),
    }


def task(site: Site, item: Task, *, with_body: bool = False) -> Json:
    """A task; what it has no value for is left out, since the document knows no null here."""
    optional = {
        "assignedTo": item.assignee_id,
        "completedBy": item.completed_by,
        "dueAt": instant(item.due_at) if item.due_at else None,
        "completedAt": instant(item.completed_at) if item.completed_at else None,
        "body": storage_body(item.body) if with_body else None,
    }
    return {
        "id": item.task_id,
        "localId": item.local_id,
        "spaceId": site.confluence.pages[item.page_id].space_id,
        "pageId": item.page_id,
        "status": "complete" if item.is_complete else "incomplete",
        "createdBy": item.created_by,
        "createdAt": instant(item.created_at),
        "updatedAt": instant(item.updated_at),
        **{name: value for name, value in optional.items() if value is not None},
    }


def _tiny(number: int) -> str:
    """The short link of an id: its bytes, least first, in base64 without padding."""
    little = number.to_bytes(8, "little").rstrip(b"\0")
    return base64.urlsafe_b64encode(little).decode().rstrip("=").rstrip("A")
