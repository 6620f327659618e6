"""What people said on a page of Data Center, each in its author's own words. The law is Cloud's: words count as those
of the account that began the comment, and a later version by somebody else changes neither author nor words."""

from __future__ import annotations

from typing import Any

from connector import confluence_shapes as shapes
from connector.confluence_dc_people import Keys, name_of
from connector.confluence_dc_read import every
from connector.confluence_shapes import Bean, moment
from connector.session import Wire
from mappings.errors import Gone
from mappings.far import RemoteComment
from mappings.storage import plain_text, to_storage
from mappings.text import Document, Paragraph, Text

PARTS = "body.storage,version,history,ancestors,extensions.inlineProperties"
LOCATIONS = ("footer", "inline", "resolved")
NOBODY = "(unknown)"


def read(wire: Wire, keys: Keys, page_id: str) -> tuple[RemoteComment, ...]:
    """All of a page with their replies, oldest first: a call for each hundred, more for those that were edited by
    somebody else."""
    template = "/rest/api/content/{content}/child/comment"
    params = {"depth": "all", "location": LOCATIONS, "expand": PARTS}
    beans = every(wire, template, path={"content": page_id}, params=params)
    found = [_comment(wire, keys, bean) for bean in beans]
    return tuple(sorted(found, key=lambda comment: (comment.created_at, int(comment.id))))


def post(wire: Wire, keys: Keys, page_id: str, body: Document, ref: str, reply_to: str | None) -> str:
    """Comment on a page, or reply; the last line is `ref`. Returns the comment's id."""
    value = keys.outgoing(wire, to_storage((*body, Paragraph((Text(ref),)))))
    wanted: dict[str, Any] = {
        "type": "comment",
        "container": {"id": page_id, "type": "page"},
        "body": {"storage": {"value": value, "representation": "storage"}},
    }
    if reply_to:
        wanted["ancestors"] = [{"id": reply_to}]
    return str(wire.post("/rest/api/content", json=wanted)["id"])


def take_back(wire: Wire, comment_id: str) -> None:
    """Delete a comment or reply."""
    wire.send("DELETE", "/rest/api/content/{content}", path={"content": comment_id})


def _comment(wire: Wire, keys: Keys, bean: Bean) -> RemoteComment:
    author = bean["history"].get("createdBy") or {}
    words = _authentic(wire, bean, name_of(author))
    above = bean.get("ancestors") or ()
    return RemoteComment(
        id=str(bean["id"]),
        author=name_of(author),
        author_name=author.get("displayName") or NOBODY,
        text=plain_text(keys.incoming(wire, shapes.storage(words))),
        created_at=moment(bean["history"]["createdDate"]),
        updated_at=moment(words["version"]["when"]),
        reply_to=str(above[0]["id"]) if above else None,
        is_inline=(bean.get("extensions") or {}).get("location") in ("inline", "resolved"),
    )


def _authentic(wire: Wire, bean: Bean, author: str) -> Bean:
    """The comment as its author last wrote it."""
    words = bean
    while name_of(words["version"].get("by")) != author and int(words["version"]["number"]) > 1:
        params = {"status": "historical", "version": int(words["version"]["number"]) - 1, "expand": PARTS}
        try:
            words = wire.get("/rest/api/content/{content}", path={"content": str(bean["id"])}, params=params)
        except Gone:  # versions can be deleted: then nothing is known to be the author's own
            return {**bean, "body": {}}
    return words
