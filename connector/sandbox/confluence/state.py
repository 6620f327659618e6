"""What a Confluence site holds: spaces, pages, comments, attachments, tasks, labels and properties.

Records only, and how to find them; the operations that change them are in pages, lifecycle, comments, attachments,
labels, properties, restrictions and spaces, each a plain function that takes the site, who does it, and what.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, Literal, Protocol, TypeVar

from connector.sandbox.confluence.errors import NotFoundError

PageStatus = Literal["current", "archived", "trashed", "deleted"]
Resolution = Literal["open", "reopened", "resolved", "dangling"]
Permission = tuple[str, str]

GROUP = "group:"
"""Before a group's id, where an account's id could stand."""

ANYONE = "anyone"
"""In a space's permissions, where an account's id could stand: whoever calls, logged in or not."""

VIEW: Permission = ("read", "space")
EDIT: Permission = ("create", "page")
DELETE: Permission = ("delete", "page")
COMMENT: Permission = ("create", "comment")
DELETE_COMMENT: Permission = ("delete", "comment")
ATTACH: Permission = ("create", "attachment")
DELETE_ATTACHMENT: Permission = ("delete", "attachment")
ADMINISTER: Permission = ("administer", "space")
RESTRICT: Permission = ("restrict_content", "space")
EXPORT: Permission = ("export", "space")
ARCHIVE: Permission = ("archive", "page")

GUEST = frozenset({VIEW, EDIT, COMMENT, ATTACH})
MEMBER = GUEST | {DELETE, DELETE_COMMENT, DELETE_ATTACHMENT, RESTRICT, EXPORT, ARCHIVE}
ADMIN = MEMBER | {ADMINISTER}


@dataclass(frozen=True)
class Version:
    """One version of a page or a comment; `body` is storage format, kept byte for byte."""

    number: int
    body: str
    author_id: str
    created_at: datetime
    title: str = ""
    message: str = ""
    minor_edit: bool = False


@dataclass(frozen=True)
class Property:
    """A content property; a new version replaces the value."""

    property_id: str
    key: str
    value: Any
    number: int
    author_id: str
    created_at: datetime
    message: str = ""


@dataclass(frozen=True)
class Label:
    label_id: str
    prefix: str
    name: str


@dataclass(eq=False)
class Space:
    """A space; `permissions` says what each account may do in it, or ANYONE; who is not in it does not see it."""

    space_id: str
    key: str
    name: str
    author_id: str
    created_at: datetime
    homepage_id: str | None = None
    status: Literal["current", "archived"] = "current"
    permissions: dict[str, frozenset[Permission]] = field(default_factory=dict)


@dataclass(eq=False)
class Content:
    """What pages, comments and attachments have in common."""

    content_id: str
    created_at: datetime
    author_id: str
    properties: dict[str, Property] = field(default_factory=dict)
    labels: dict[tuple[str, str], Label] = field(default_factory=dict)


@dataclass(eq=False)
class Page(Content):
    """A page with all its versions, oldest first; never without one.

    `restrictions` names the accounts and groups that alone may read or update it when somebody restricted it.
    """

    space_id: str = ""
    parent_id: str | None = None
    position: int = 0
    owner_id: str = ""
    status: PageStatus = "current"
    versions: list[Version] = field(default_factory=list)
    restrictions: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def version(self) -> Version:
        return self.versions[-1]

    @property
    def title(self) -> str:
        return self.version.title

    @property
    def body(self) -> str:
        return self.version.body


@dataclass(eq=False)
class Comment(Content):
    """A footer or inline comment; `marker_ref` ties an inline one to words of the page."""

    kind: Literal["footer", "inline"] = "footer"
    page_id: str = ""
    parent_id: str | None = None
    versions: list[Version] = field(default_factory=list)
    marker_ref: str | None = None
    selection: str | None = None
    resolution: Resolution = "open"
    resolved_by_id: str | None = None
    resolved_at: datetime | None = None

    @property
    def version(self) -> Version:
        return self.versions[-1]


@dataclass(frozen=True)
class AttachmentVersion:
    """One version of a file; `content` is rewound before each reading."""

    number: int
    media_type: str
    size: int
    author_id: str
    created_at: datetime
    file_id: str
    content: SpooledTemporaryFile[bytes]
    comment: str = ""
    minor_edit: bool = False


@dataclass(eq=False)
class Attachment(Content):
    """A file on a page; its id is `att` and a number."""

    page_id: str = ""
    file_name: str = ""
    status: Literal["current", "trashed"] = "current"
    versions: list[AttachmentVersion] = field(default_factory=list)

    @property
    def version(self) -> AttachmentVersion:
        return self.versions[-1]


@dataclass(eq=False)
class Task:
    """A check box of a page, as the site remembers it beside the body it is written in."""

    task_id: str
    local_id: str
    page_id: str
    body: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    is_complete: bool = False
    assignee_id: str | None = None
    due_at: datetime | None = None
    completed_by: str | None = None
    completed_at: datetime | None = None


@dataclass(frozen=True)
class IndexEntry:
    """How one piece of content looked to search from `at` on; None in the index means it went away."""

    at: datetime
    content_id: str
    content_type: Literal["page", "comment", "attachment"]
    space_key: str
    title: str
    body: str
    page_id: str
    ancestors: tuple[str, ...]
    labels: frozenset[str]
    author_id: str
    created_at: datetime
    modified_at: datetime
    is_visible: bool = True


class _HasPage(Protocol):
    @property
    def page_id(self) -> str: ...


Hanging = TypeVar("Hanging", bound=_HasPage)


class OnPages(dict[str, Hanging]):
    """Things by id that each hang on a page, and all that hang on one page without looking through the rest.

    Set and delete by key only; a thing never changes its page.
    """

    def __init__(self) -> None:
        super().__init__()
        self._by_page: dict[str, dict[str, Hanging]] = defaultdict(dict)

    def __setitem__(self, key: str, value: Hanging) -> None:
        super().__setitem__(key, value)
        self._by_page[value.page_id][key] = value

    def __delitem__(self, key: str) -> None:
        del self._by_page[self[key].page_id][key]
        super().__delitem__(key)

    def on(self, page_id: str) -> list[Hanging]:
        """What hangs on a page, oldest first."""
        return list(self._by_page[page_id].values()) if page_id in self._by_page else []


@dataclass
class ConfluenceState:
    """All of one Confluence site.

    `rewrites_storage` makes API writes come back with macro ids and a space before `/>`. Two records of real
    sites disagree: one read its bodies back byte for byte, the other with those two rewrites. Off by default.
    """

    spaces: dict[str, Space] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    comments: OnPages[Comment] = field(default_factory=OnPages)
    attachments: OnPages[Attachment] = field(default_factory=OnPages)
    tasks: OnPages[Task] = field(default_factory=OnPages)
    index: dict[str, list[IndexEntry]] = field(default_factory=dict)
    titled: dict[tuple[str, str], dict[str, None]] = field(default_factory=dict)
    """By space id and title in lower case: ids of the pages that had the title at some time, and may have it yet."""
    rewrites_storage: bool = False
    attachment_limit_bytes: int = 1 << 30

    def space_by_key(self, key: str) -> Space:
        """The space with this key, in any case; NotFoundError when there is none."""
        for space in self.spaces.values():
            if space.key.lower() == key.lower():
                return space
        raise NotFoundError(f"No space with key : {key}")

    def page_titled(self, space_id: str, title: str) -> Page | None:
        """The page that holds a title in a space: current or archived, in any case of letters."""
        wanted = title.lower()
        for page_id in self.titled.get((space_id, wanted), ()):
            page = self.pages[page_id]
            is_there = page.space_id == space_id and page.status in ("current", "archived")
            if is_there and page.title.lower() == wanted:
                return page
        return None

    def children(self, page_id: str) -> list[Page]:
        """Pages right under a page, current and archived, in their order."""
        found = [p for p in self.pages.values() if p.parent_id == page_id and p.status in ("current", "archived")]
        return sorted(found, key=lambda page: page.position)

    def ancestors(self, page: Page) -> list[Page]:
        """The pages above a page, highest first."""
        above: list[Page] = []
        parent_id = page.parent_id
        while parent_id is not None and parent_id in self.pages:
            parent = self.pages[parent_id]
            above.insert(0, parent)
            parent_id = parent.parent_id
        return above
