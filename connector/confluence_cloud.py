"""The auditors' side on Confluence Cloud: `sync.ports.Confluence` over REST v2 and v1. Not for several threads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

from connector import confluence_changes, confluence_read, confluence_write
from connector.confluence_comments import Comments
from connector.confluence_lists import Names
from connector.downloads import download
from connector.session import Wire
from connector.understood import understood
from mappings.far import Account, Changes, Fetched, PageDraft, PageView, RemoteComment, RemoteFile
from mappings.limits import Limits
from mappings.text import Document


class CloudConfluence:
    """What each method promises stands in the port; how many calls it takes, in the modules behind it."""

    def __init__(self, wire: Wire, *, site: str) -> None:
        self.wire = wire
        self._site = site
        self._names = Names()
        self._comments = Comments(self._names)

    @property
    def site(self) -> str:
        return self._site

    def heed(self, limits: Limits) -> None:
        self.wire.limits = limits

    @understood("read")
    def whoami(self) -> Account:
        return confluence_read.whoami(self.wire)

    @understood("read")
    def space_id(self, key: str) -> str:
        return str(confluence_read.space(self.wire, key)["id"])

    @understood("read")
    def missing_operations(self, space_id: str, wanted: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Those (operation, target) pairs, as (create, page), that Tieout's account may not do in a space."""
        return confluence_read.missing_operations(self.wire, space_id, wanted)

    @understood("read")
    def home_page(self, key: str) -> str | None:
        page_id = confluence_read.space(self.wire, key).get("homepageId")
        return str(page_id) if page_id else None

    @understood("read")
    def fetch(self, ids: Sequence[str]) -> Fetched[PageView]:
        return confluence_read.fetch(self.wire, self._site, ids)

    @understood("read")
    def find(self, space_id: str, title: str) -> PageView | None:
        return confluence_read.find(self.wire, self._site, space_id, title)

    @understood("read")
    def made_since(self, since: datetime, space_id: str) -> Sequence[PageView]:
        return tuple(confluence_read.made_since(self.wire, self._site, since, space_id))

    @understood("write")
    def create(self, draft: PageDraft) -> PageView:
        return confluence_write.create(self.wire, self._site, draft)

    @understood("write")
    def update(self, page_id: str, *, title: str, body: str, version: int, message: str) -> PageView:
        return confluence_write.update(
            self.wire, self._site, page_id, title=title, body=body, version=version, message=message
        )

    @understood("write")
    def trash(self, page_id: str) -> None:
        """Put a page into its space's trash, from which people can have it back."""
        confluence_write.trash(self.wire, page_id)

    @understood("read")
    def changed_since(self, since: datetime, space_ids: Collection[str]) -> Changes:
        return confluence_changes.changed_since(self.wire, since, space_ids)

    @understood("read")
    def comments(self, page_id: str) -> tuple[RemoteComment, ...]:
        return self._comments.read(self.wire, page_id)

    @understood("write")
    def comment(self, page_id: str, body: Document, ref: str, *, reply_to: str | None = None) -> str:
        return self._comments.post(self.wire, page_id, body, ref, reply_to)

    @understood("write")
    def take_back(self, comment_id: str) -> None:
        self._comments.take_back(self.wire, comment_id)

    @understood("read")
    def files(self, page_id: str) -> tuple[RemoteFile, ...]:
        return confluence_read.files(self.wire, self._names, page_id)

    @understood("read")
    def file_versions(self, file: RemoteFile) -> tuple[RemoteFile, ...]:
        return confluence_read.file_versions(self.wire, file)

    @understood("write")
    def attach(self, page_id: str, name: str, content: BinaryIO, *, media_type: str, note: str) -> RemoteFile:
        return confluence_write.attach(self.wire, page_id, name, content, media_type=media_type, note=note)

    @understood("read")
    def download(self, file: RemoteFile) -> Iterator[bytes]:
        return download(self.wire, file.download_path, file.size)
