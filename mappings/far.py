"""What the far sides show and take, as values: issues, pages, comments, files.

The ports of `sync.ports` are typed in these; `connector` fills and reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, TypeVar

from .errors import TryLater
from .records import EMPTY
from .text import Document

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    account_id: str
    name: str
    email: str | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One line of an issue's change log. `field` is Jira's id: status, duedate, assignee, labels, flagged …"""

    field: str
    before: str | None
    after: str | None
    """Ids where Jira has them (status id, account id), else the text."""
    author: str
    """Account id; empty where Jira names nobody."""
    changed_at: datetime
    id: int = 0
    """Of the entry in the change log; the lines of one edit share it."""
    shown: str | None = None
    """`after` as Jira shows it to people."""


@dataclass(frozen=True, slots=True)
class RemoteComment:
    """A comment on an issue or a page, as plain text."""

    id: str
    author: str
    """Account id."""
    author_name: str
    text: str
    created_at: datetime
    updated_at: datetime
    is_restricted: bool = False
    """Jira's own visibility (a role or group) is set: never shown to the auditor."""
    reply_to: str | None = None
    """The root comment, on a page."""
    is_inline: bool = False


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """An attachment. `note` is Confluence's version comment, in which Tieout puts the hash of what it uploaded."""

    id: str
    name: str
    size: int
    media_type: str
    author: str
    author_name: str
    created_at: datetime
    version: int = 1
    note: str = ""
    download_path: str = ""
    """What `download` needs, in the site's own form."""


@dataclass(frozen=True, slots=True)
class IssueView:
    """A Jira issue as it is now. `changes` is newest first and may be cut short by Jira."""

    id: str
    key: str
    project: str
    """The project's key."""
    status_id: str
    is_done: bool
    """Whether the status is in Jira's category `done`."""
    summary: str
    description: str
    """As plain text."""
    due_on: date | None
    assignee: str | None
    """Account id."""
    assignee_name: str | None
    priority: str | None
    """Jira's name of it."""
    labels: frozenset[str]
    is_flagged: bool
    updated_at: datetime
    url: str = ""
    """Where a person opens it."""
    parent: str | None = None
    """The id of the request's issue, through the parent field or a link of Tieout's type."""
    linked: frozenset[str] = frozenset()
    """The ids of all issues that it stands under, or is linked with by a link of Tieout's type, whichever way."""
    comments: tuple[RemoteComment, ...] = ()
    files: tuple[RemoteFile, ...] = ()
    changes: tuple[FieldChange, ...] = ()
    has_more_changes: bool = False
    """Whether Jira cut `changes` short."""
    issue_type: str = ""
    """Its name in that project: a move may have changed it."""
    made_for: str = ""
    """The uid of the record that Tieout made it for. A clone has the original's labels and not this."""


@dataclass(frozen=True, slots=True)
class IssueDraft:
    """An issue to create. `marker` becomes a label and an entity property in the same call."""

    marker: str
    project: str
    issue_type: str
    """Its name."""
    summary: str
    description: Document
    labels: frozenset[str]
    due_on: date | None = None
    assignee: str | None = None
    priority: str | None = None
    """Jira's name of it."""
    status_id: str | None = None
    """Where it should begin; the connector uses a transition in the same call where the workflow has one."""
    link_to: str | None = None
    """Key of the issue this one belongs to."""
    parent: str | None = None
    """Key of the issue under which it is made: an epic, or a sub-task's own."""
    fields: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    """Constants for required fields, by Jira's field id, from the mapping file."""


@dataclass(frozen=True, slots=True)
class IssueEdit:
    """What to change on an issue; what is UNCHANGED stays. Labels and watchers only add and remove."""

    changes: Mapping[str, object]
    """Any of summary (str), description (Document), due_on (date|None), assignee (account id|None),
    priority (Jira's name), is_flagged (bool)."""
    add_labels: frozenset[str] = frozenset()
    remove_labels: frozenset[str] = frozenset()
    own: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    """Tieout's own fields, by id and in Jira's words."""


@dataclass(frozen=True, slots=True)
class Created:
    """An issue that now exists."""

    marker: str
    id: str
    key: str
    url: str = ""
    is_linked: bool = True
    """False where the link that its draft names could not be drawn."""


@dataclass(frozen=True, slots=True)
class NotCreated:
    """An issue the site refused for good, with its reason; others of the same call may exist."""

    marker: str
    reason: str


@dataclass(frozen=True, slots=True)
class PageDraft:
    space_id: str
    parent_id: str | None
    title: str
    body: str
    """Storage format."""


@dataclass(frozen=True, slots=True)
class PageView:
    id: str
    space_id: str
    title: str
    body: str
    """Storage format; empty when it was not asked for."""
    version: int
    status: str
    """current, archived, trashed …"""
    author: str
    """Account id of who wrote this version."""
    written_at: datetime
    url: str = ""
    """Where a person opens it."""
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched(Generic[T]):
    """Answers by id. `missing` gives for each id that is not there, or not shown to us, the reason in words; `unread`
    for each that may well be there and could not be shown this time."""

    found: Mapping[str, T]
    missing: Mapping[str, str]
    unread: Mapping[str, str] = field(default_factory=lambda: EMPTY)

    def whole(self) -> Fetched[T]:
        """Itself, for who needs every answer; TryLater while some are unread."""
        if self.unread:
            raise TryLater("; ".join(f"{name} could not be read: {why}" for name, why in sorted(self.unread.items())))
        return self


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page's version, a comment or a file on it: what changed when. Each may come to light later than another that
    changed after it."""

    page_id: str
    facet: str
    """`page`, `comments` or `files`."""
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What a poll saw. `ids` are remote ids (issues or pages) that changed, with when; `unlinked` issues carry the
    label `tieout` but may not be known yet. `seen_until` is up to when, in the site's clock, nothing is left to see:
    the newest change, or later where that is long ago."""

    ids: Mapping[str, datetime]
    seen_until: datetime | None
    facets: Mapping[str, frozenset[str]] = field(default_factory=lambda: EMPTY)
    """For pages: which of `page`, `comments`, `files` changed, by page id."""
    entries: Mapping[str, PageEntry] = field(default_factory=lambda: EMPTY)
    """For pages: each thing that changed, under a name of its own."""
    began_at: datetime | None = None
    """The site's clock at the poll's first answer, to the second; None when it did not say."""


@dataclass(frozen=True, slots=True)
class StatusInfo:
    id: str
    name: str
    category: str
    """Jira's category key: new, indeterminate or done."""


LINK_TYPES = ("Tieout", "Relates")
"""The link between a task's issue and its request's. An administrator may make the first, sites come with the other."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a Jira site has, read once at start and again when something does not fit."""

    statuses: Mapping[str, Mapping[str, tuple[StatusInfo, ...]]]
    """By project key, then issue type name."""
    priorities: tuple[str, ...]
    """Names, highest first."""
    flag_field: str | None
    """Field id of `Flagged`, None where the site has none."""
    link_types: tuple[str, ...]
    """Names; `LINK_TYPES` says which of them is Tieout's."""
    subtasks: Mapping[str, frozenset[str]] = field(default_factory=lambda: EMPTY)
    """Names of the issue types that are sub-tasks, by project key."""

    @property
    def has_links(self) -> bool:
        return not set(LINK_TYPES).isdisjoint(self.link_types)
