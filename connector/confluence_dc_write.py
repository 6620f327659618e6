"""Writing to Confluence Data Center: pages and files. Each write is sent once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, BinaryIO

from connector.confluence_dc_people import Keys
from connector.confluence_dc_read import PAGE_PARTS, file, page_view
from connector.confluence_shapes import Bean
from connector.multipart import FileForm
from connector.session import Wire
from mappings.errors import Gone, Refused
from mappings.far import PageDraft, PageView, RemoteFile


def create(wire: Wire, keys: Keys, site: str, draft: PageDraft) -> PageView:
    """A new page. A title that the space has already is refused by Confluence: find it and go on from there."""
    wanted: dict[str, Any] = {
        "type": "page",
        "title": draft.title,
        "space": {"key": draft.space_id},
        "body": _body(keys.outgoing(wire, draft.body)),
    }
    if draft.parent_id is not None:
        wanted["ancestors"] = [{"id": draft.parent_id}]
    bean = wire.send("POST", "/rest/api/content", params={"expand": PAGE_PARTS}, json=wanted).body
    return _written(wire, keys, site, bean, draft.body, draft.space_id)


def update(
    wire: Wire, keys: Keys, site: str, page_id: str, *, title: str, body: str, version: int, message: str
) -> PageView:
    """The version after `version`, the one that was read; ReadAgain when that is no longer the last."""
    wanted = {
        "id": page_id,
        "type": "page",
        "title": title,
        "body": _body(keys.outgoing(wire, body)),
        "version": {"number": version + 1, "message": message},
    }
    template, path = "/rest/api/content/{content}", {"content": page_id}
    bean = wire.send("PUT", template, path=path, params={"expand": PAGE_PARTS}, json=wanted).body
    return _written(wire, keys, site, bean, body, "")


def attach(wire: Wire, page_id: str, name: str, content: BinaryIO, *, media_type: str, note: str) -> RemoteFile:
    """Add a file, or a version of the file of that name, read piece by piece from `content`. Nobody is mailed."""
    existing = _named(wire, page_id, name)
    form = FileForm({"comment": note, "minorEdit": "true"}, name, content, media_type)
    headers = {"Content-Type": form.content_type, "X-Atlassian-Token": "nocheck"}
    template, path = "/rest/api/content/{page}/child/attachment", {"page": page_id}
    if existing is not None:
        template, path = template + "/{file}/data", {**path, "file": str(existing["id"])}
    try:
        answer = wire.upload("POST", template, path=path, body=form, headers=headers)
    except Gone as gone:
        # Confluence documents 404 for a file over the site's limit as for a page that is gone.
        raise Refused(f"{name} was not taken ({len(form):,} bytes; is that over the site's limit?): {gone}") from gone
    return file(answer["results"][0] if "results" in answer else answer, page_id)


def _named(wire: Wire, page_id: str, name: str) -> Bean | None:
    """The file of that name on a page."""
    params = {"filename": name, "expand": "version"}
    found = wire.get("/rest/api/content/{page}/child/attachment", path={"page": page_id}, params=params)["results"]
    return next((bean for bean in found if bean["title"] == name), None)


def _written(wire: Wire, keys: Keys, site: str, bean: Bean, body: str, space_key: str) -> PageView:
    """What the answer says was written; what it leaves out is what was sent."""
    whole = {**bean, "space": bean.get("space") or {"key": space_key}}
    page = page_view(wire, keys, site, whole)
    return page if page.body else replace(page, body=body)


def _body(value: str) -> dict[str, Any]:
    return {"storage": {"value": value, "representation": "storage"}}
