"""Writing to Confluence Cloud: pages over v2, files over v1 (v2 has no upload). Each write is sent once."""

from __future__ import annotations

from typing import Any, BinaryIO

from connector import confluence_shapes as shapes
from connector.multipart import FileForm
from connector.session import Wire
from mappings.errors import Gone, Refused
from mappings.far import PageDraft, PageView, RemoteFile


def create(wire: Wire, wiki_url: str, draft: PageDraft) -> PageView:
    """A new page. A title that the space has already is refused by Confluence: find it and go on from there."""
    wanted: dict[str, Any] = {
        "spaceId": draft.space_id,
        "status": "current",
        "title": draft.title,
        "body": _body(draft.body),
    }
    if draft.parent_id is not None:
        wanted["parentId"] = draft.parent_id
    return shapes.page_view(wire.post("/wiki/api/v2/pages", json=wanted), wiki_url)


def update(wire: Wire, wiki_url: str, page_id: str, *, title: str, body: str, version: int, message: str) -> PageView:
    """The version after `version`, the one that was read; ReadAgain when that is no longer the last."""
    wanted = {
        "id": page_id,
        "status": "current",
        "title": title,
        "body": _body(body),
        "version": {"number": version + 1, "message": message},
    }
    return shapes.page_view(wire.put("/wiki/api/v2/pages/{page}", path={"page": page_id}, json=wanted), wiki_url)


def trash(wire: Wire, page_id: str) -> None:
    wire.send("DELETE", "/wiki/api/v2/pages/{page}", path={"page": page_id})


def attach(wire: Wire, page_id: str, name: str, content: BinaryIO, *, media_type: str, note: str) -> RemoteFile:
    """Add a file, or a version of the file of that name, read piece by piece from `content`. Nobody is mailed."""
    form = FileForm({"comment": note, "minorEdit": "true"}, name, content, media_type)
    headers = {"Content-Type": form.content_type, "X-Atlassian-Token": "nocheck"}
    template = "/wiki/rest/api/content/{page}/child/attachment"
    try:
        answer = wire.upload("PUT", template, path={"page": page_id}, body=form, headers=headers)
    except Gone as gone:
        # Confluence documents 404 for a file over the site's limit as for a page that is gone.
        raise Refused(f"{name} was not taken ({len(form):,} bytes; is that over the site's limit?): {gone}") from gone
    return shapes.uploaded(answer["results"][0], page_id)


def _body(value: str) -> dict[str, str]:
    return {"representation": "storage", "value": value}
