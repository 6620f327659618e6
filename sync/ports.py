"""What the engine needs of the far sides, as protocols. `connector` fits them; tests mount them on the sandbox.

Every method raises the errors of `mappings.errors` and no others. No method repeats a write by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO, Protocol

from mappings.far import (
    Account,
    Catalog,
    Changes,
    Created,
    Fetched,
    FieldChange,
    IssueDraft,
    IssueEdit,
    IssueView,
    NotCreated,
    PageDraft,
    PageView,
    RemoteComment,
    RemoteFile,
)
from mappings.limits import Limits
from mappings.text import Document


class Jira(Protocol):
    """The owners' side."""

    @property
    def site(self) -> str:
        """What tells this site from any other, for links and limits."""

    def heed(self, limits: Limits) -> None:
        """From now on ask `limits` before each call, and tell it what the answers say of limits."""

    def whoami(self) -> Account: ...

    def catalog(self, projects: Collection[str]) -> Catalog: ...

    def fields_on_create(self, project: str, issue_type: str) -> frozenset[str]:
        """Ids of the fields that a new issue of that type may be given."""

    def find_accounts(self, emails: Collection[str]) -> Mapping[str, Account]:
        """Accounts by e-mail in lower case; one that is not found, hidden or not unique is left out."""

    def fetch(self, ids: Sequence[str]) -> Fetched[IssueView]:
        """Any number of issues, 100 a call, with comments, files and as much of the change log as comes with them. One
        that Jira cannot show just now is `unread`, and never `missing`."""

    def change_logs(self, ids: Sequence[str]) -> Mapping[str, tuple[FieldChange, ...]]:
        """The whole change logs of issues, newest first, by issue id."""

    def changed_since(self, since: datetime, projects: Collection[str]) -> Changes:
        """Issues in `projects` with the label `tieout`, or made by Tieout, updated at or after `since`."""

    def highest_number(self, project: str) -> int:
        """The number of the project's newest issue; 0 for an empty project."""

    def find_created(self, project: str, markers: Collection[str], after_number: int) -> Mapping[str, tuple[str, ...]]:
        """Ids of issues that carry a marker: by key after `after_number` first, then by search (which lags)."""

    def find(self, jql: str, most: int) -> Sequence[str]:
        """Ids of the issues that a person's query finds, at most so many. Refused when Jira does not understand it."""

    def create(self, drafts: Sequence[IssueDraft]) -> Sequence[Created | NotCreated]:
        """At most 50 in one call, of whatever projects, answers in that order. Raises Unclear for the whole call."""

    def edit(self, issue_id: str, edit: IssueEdit) -> None: ...

    def move(self, issue_id: str, status_id: str, *, fields: Mapping[str, object]) -> None:
        """Bring an issue to a status, over several transitions where the workflow needs them, never through a
        done status on the way. `fields` are what a transition's screen may require. Refused names the dead end."""

    def way(self, issue_id: str, status_id: str, *, fields: Mapping[str, object]) -> Sequence[str]:
        """The names of the statuses that `move` would lead through, the last one included, as far as the workflow has
        been seen. Moves nothing."""

    def comment(self, issue_id: str, body: Document, ref: str) -> str:
        """Post; returns the comment's id. `ref` ends the body and is set as a comment property."""

    def take_back(self, issue_id: str, comment_id: str) -> None:
        """Delete a comment of our own. The limits are not asked: who takes back may have the record no more."""

    def let_go(self, issue_id: str, labels: Collection[str]) -> None:
        """Take Tieout's property and these labels off an issue, which is nobody's counterpart from then on."""

    def link(self, key: str, to: str) -> None:
        """Link an issue to the one it belongs to. Those that are linked already stay so."""

    def watch(self, issue_id: str, account_id: str) -> None: ...

    def download(self, file: RemoteFile) -> Iterator[bytes]:
        """The bytes in pieces of at most 64 KiB."""


class Confluence(Protocol):
    """The auditors' side."""

    @property
    def site(self) -> str: ...

    def heed(self, limits: Limits) -> None: ...

    def whoami(self) -> Account: ...

    def space_id(self, key: str) -> str: ...

    def home_page(self, key: str) -> str | None:
        """The id of the space's home page."""

    def fetch(self, ids: Sequence[str]) -> Fetched[PageView]:
        """Any number of pages with bodies, 250 a call. Trashed, archived and invisible ones are in `missing`."""

    def find(self, space_id: str, title: str) -> PageView | None:
        """By title, in real time, with body."""

    def made_since(self, since: datetime, space_id: str) -> Sequence[PageView]:
        """The pages of a space that were made at or after `since`, newest first, whatever they are called by now, with
        bodies."""

    def create(self, draft: PageDraft) -> PageView: ...

    def update(self, page_id: str, *, title: str, body: str, version: int, message: str) -> PageView:
        """Write over the version that was read; ReadAgain when somebody was faster."""

    def changed_since(self, since: datetime, space_ids: Collection[str]) -> Changes:
        """Pages whose body, comments or files changed at or after `since`, with the facets."""

    def comments(self, page_id: str) -> tuple[RemoteComment, ...]:
        """Footer and inline comments with their replies, oldest first."""

    def comment(self, page_id: str, body: Document, ref: str, *, reply_to: str | None = None) -> str: ...

    def take_back(self, comment_id: str) -> None:
        """Delete a comment of our own."""

    def files(self, page_id: str) -> tuple[RemoteFile, ...]:
        """The current version of each attachment."""

    def file_versions(self, file: RemoteFile) -> tuple[RemoteFile, ...]:
        """Every version of an attachment, newest first. Only number, time and note are each version's own."""

    def attach(self, page_id: str, name: str, content: BinaryIO, *, media_type: str, note: str) -> RemoteFile:
        """Add a file, or a version of the file of that name."""

    def download(self, file: RemoteFile) -> Iterator[bytes]: ...
