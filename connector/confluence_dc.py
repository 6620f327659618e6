"""The auditors' side on Confluence Data Center: `sync.ports.Confluence` over `/rest/api`. Not for several threads.

A person is known by the user name, as on Jira Data Center. A space is known by its key, which never changes there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import BinaryIO

from connector import confluence_dc_changes, confluence_dc_comments, confluence_dc_read, confluence_dc_write
from connector.confluence_dc_people import Keys
from connector.downloads import download
from connector.session import Wire
from connector.understood import understood
from mappings.far import Account, Changes, Fetched, PageDraft, PageView, RemoteComment, RemoteFile
from mappings.limits import Limits
from mappings.text import Document


class DcConfluence:
    """What each method promises stands in the port; how many calls it takes, in the modules behind it."""

    def __init__(self, wire: Wire, *, site: str) -> None:
        self.wire = wire
        self._site = site
        self._keys = Keys()

    @property
    def site(self) -> str:
        return self._site

    def heed(self, limits: Limits) -> None:
        self.wire.limits = limits

    @understood("read")
    def whoami(self) -> Account:
        return confluence_dc_read.whoami(self.wire)

    @understood("read")
    def space_id(self, key: str) -> str:
        return str(confluence_dc_read.space(self.wire, key)["key"])

    @understood("read")
    def missing_operations(self, space_id: str, wanted: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Always none of `wanted`: Data Center tells a space's permissions to its administrators only."""
        confluence_dc_read.space(self.wire, space_id)
        return tuple(wanted[:0])

    @understood("read")
    def home_page(self, key: str) -> str | None:
        return confluence_dc_read.home_page(self.wire, key)

    @understood("read")
    def fetch(self, ids: Sequence[str]) -> Fetched[PageView]:
        return confluence_dc_read.fetch(self.wire, self._keys, self._site, ids)

    @understood("read")
    def find(self, space_id: str, title: str) -> PageView | None:
        return confluence_dc_read.find(self.wire, self._keys, self._site, space_id, title)

    @understood("read")
    def made_since(self, since: datetime, space_id: str) -> Sequence[PageView]:
        return tuple(confluence_dc_changes.made_since(self.wire, self._keys, self._site, since, space_id))

    @understood("write")
    def create(self, draft: PageDraft) -> PageView:
        return confluence_dc_write.create(self.wire, self._keys, self._site, draft)

    @understood("write")
    def update(self, page_id: str, *, title: str, body: str, version: int, message: str) -> PageView:
        return confluence_dc_write.update(
            self.wire, self._keys, self._site, page_id, title=title, body=body, version=version, message=message
        )

    @understood("read")
    def changed_since(self, since: datetime, space_ids: Collection[str]) -> Changes:
        return confluence_dc_changes.changed_since(self.wire, since, space_ids)

    @understood("read")
    def comments(self, page_id: str) -> tuple[RemoteComment, ...]:
        return confluence_dc_comments.read(self.wire, self._keys, page_id)

    @understood("write")
    def comment(self, page_id: str, body: Document, ref: str, *, reply_to: str | None = None) -> str:
        return confluence_dc_comments.post(self.wire, self._keys, page_id, body, ref, reply_to)

    @understood("write")
    def take_back(self, comment_id: str) -> None:
        confluence_dc_comments.take_back(self.wire, comment_id)

    @understood("read")
    def files(self, page_id: str) -> tuple[RemoteFile, ...]:
        return confluence_dc_read.files(self.wire, page_id)

    @understood("read")
    def file_versions(self, file: RemoteFile) -> tuple[RemoteFile, ...]:
        return confluence_dc_read.file_versions(self.wire, file)

    @understood("write")
    def attach(self, page_id: str, name: str, content: BinaryIO, *, media_type: str, note: str) -> RemoteFile:
        return confluence_dc_write.attach(self.wire, page_id, name, content, media_type=media_type, note=note)

    @understood("read")
    def download(self, file: RemoteFile) -> Iterator[bytes]:
        return download(self.wire, file.download_path, file.size)
