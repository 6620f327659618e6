"""What people said on a page: footer and inline comments with all their replies, each in its author's own words.

The law: words count as those of the account that began the comment. A later version by somebody else (resolving makes
one, and an administrator may edit) changes neither the author nor the words, or else an acceptance could be forged.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from connector import confluence_shapes as shapes
from connector.confluence_lists import Names, every
from connector.confluence_shapes import Bean
from connector.session import Wire
from mappings.errors import Gone
from mappings.far import RemoteComment
from mappings.storage import to_storage
from mappings.text import Document, Paragraph, Text

Kind: TypeAlias = Literal["footer-comments", "inline-comments"]
KINDS: tuple[Kind, ...] = ("footer-comments", "inline-comments")
LIST_SIZE = 100
BODY = "storage"
MOST_KEPT = 5_000


@dataclass(frozen=True, slots=True)
class _Said:
    """A comment as it was found: under which root, in whose words, since when."""

    kind: Kind
    bean: Bean
    first: Bean
    root: str | None


class Comments:
    """Reads and writes comments; remembers which are inline, and what edited ones once said."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._kinds: OrderedDict[str, Kind] = OrderedDict()
        self._authentic: OrderedDict[tuple[str, int], tuple[Bean, Bean]] = OrderedDict()

    def read(self, wire: Wire, page_id: str) -> tuple[RemoteComment, ...]:
        """All of a page, oldest first. One call for each list and each comment (v2 has replies by comment only), one
        more for each that has been edited since it was last read."""
        said = [said for kind in KINDS for said in self._of_kind(wire, kind, page_id)]
        names = self._names.look_up(wire, [part.first.get("authorId") or "" for part in said])
        found = [
            shapes.comment(
                part.bean,
                part.first,
                names[part.first.get("authorId") or ""],
                root=part.root,
                is_inline=part.kind == "inline-comments",
            )
            for part in said
        ]
        return tuple(sorted(found, key=lambda comment: (comment.created_at, int(comment.id))))

    def post(self, wire: Wire, page_id: str, body: Document, ref: str, reply_to: str | None) -> str:
        """Comment on a page, or reply; the last line is `ref`. Returns the comment's id."""
        value = to_storage((*body, Paragraph((Text(ref),))))
        kind: Kind = self._kind_of(wire, reply_to) if reply_to else "footer-comments"
        on = {"parentCommentId": reply_to} if reply_to else {"pageId": page_id}
        wanted = {**on, "body": {"representation": BODY, "value": value}}
        return str(wire.post(f"/wiki/api/v2/{kind}", json=wanted)["id"])

    def take_back(self, wire: Wire, comment_id: str) -> None:
        """Delete a comment or reply."""
        kind = self._kind_of(wire, comment_id)
        wire.send("DELETE", f"/wiki/api/v2/{kind}/{{comment}}", path={"comment": comment_id})

    def _of_kind(self, wire: Wire, kind: Kind, page_id: str) -> Iterator[_Said]:
        roots = every(wire, f"/wiki/api/v2/pages/{{page}}/{kind}", path={"page": page_id}, params=_params())
        for root in list(roots):
            yield from self._thread(wire, kind, root, None)

    def _thread(self, wire: Wire, kind: Kind, bean: Bean, root: str | None) -> Iterator[_Said]:
        comment_id = str(bean["id"])
        _keep(self._kinds, comment_id, kind)
        try:
            words, first = self._authentic_words(wire, kind, bean)
            answers = list(
                every(wire, f"/wiki/api/v2/{kind}/{{comment}}/children", path={"comment": comment_id}, params=_params())
            )
        except Gone:  # deleted since it was listed
            return
        if bean.get("status", "current") == "current":
            yield _Said(kind, words, first, root)
        for answer in answers:
            yield from self._thread(wire, kind, answer, root or comment_id)

    def _authentic_words(self, wire: Wire, kind: Kind, bean: Bean) -> tuple[Bean, Bean]:
        """The comment as its author last wrote it, and its first version."""
        number = int(bean["version"]["number"])
        if number == 1:
            return bean, bean["version"]
        known = self._authentic.get((str(bean["id"]), number))
        return known or self._read_versions(wire, kind, bean, number)

    def _read_versions(self, wire: Wire, kind: Kind, bean: Bean, number: int) -> tuple[Bean, Bean]:
        path = {"comment": str(bean["id"])}
        versions = list(every(wire, f"/wiki/api/v2/{kind}/{{comment}}/versions", path=path, params=_params()))
        first = min(versions, key=lambda version: int(version["number"]))
        own = [version for version in versions if version.get("authorId") == first.get("authorId")]
        last = max(own, key=lambda version: int(version["number"]))
        words = {"id": bean["id"], "body": last["comment"]["body"], "version": last}
        _keep(self._authentic, (str(bean["id"]), number), (words, first))
        return words, first

    def _kind_of(self, wire: Wire, comment_id: str) -> Kind:
        known = self._kinds.get(comment_id)
        if known is not None:
            return known
        try:
            wire.get("/wiki/api/v2/footer-comments/{comment}", path={"comment": comment_id})
        except Gone:
            return "inline-comments"
        return "footer-comments"


def _params() -> dict[str, object]:
    return {"body-format": BODY, "limit": LIST_SIZE}


def _keep(kept: OrderedDict, key: object, value: object) -> None:  # type: ignore[type-arg]  # of either memory
    kept[key] = value
    if len(kept) > MOST_KEPT:
        kept.popitem(last=False)
