"""What people make in Jira: issues and what hangs on them, filters, dashboards."""

from dataclasses import dataclass, field
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, Literal

SPOOL_BYTES = 1 << 16


@dataclass(frozen=True)
class ChangeItem:
    """One field's change. `before`/`after` are ids, the `_text` ones what a person reads."""

    field: str
    field_id: str | None
    before: str | None
    before_text: str | None
    after: str | None
    after_text: str | None
    custom: bool = False


@dataclass(frozen=True)
class History:
    """One entry of an issue's change log."""

    history_id: str
    author_id: str
    created_at: datetime
    items: tuple[ChangeItem, ...]


@dataclass(eq=False)
class Comment:
    comment_id: str
    issue_id: str
    author_id: str
    body: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    update_author_id: str
    visibility: dict[str, str] | None = None
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Attachment:
    """A file; its bytes stay in a temporary file once they are more than a few."""

    attachment_id: str
    issue_id: str
    author_id: str
    filename: str
    mime_type: str
    size: int
    created_at: datetime
    content: "SpooledTemporaryFile[bytes]"


@dataclass(frozen=True)
class IssueLink:
    """`source_id` <outward description> `target_id`, as in "source blocks target"."""

    link_id: str
    type_id: str
    source_id: str
    target_id: str


@dataclass(eq=False)
class RemoteLink:
    remote_link_id: int
    global_id: str | None
    body: dict[str, Any]


@dataclass(eq=False)
class Issue:
    """An issue. `values` holds every field by field id, in its stored form (see fields.py)."""

    issue_id: str
    key: str
    values: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    status_changed_at: datetime
    comments: list[Comment] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    histories: list[History] = field(default_factory=list)
    properties: dict[str, Any] = field(default_factory=dict)
    remote_links: list[RemoteLink] = field(default_factory=list)
    watchers: dict[str, None] = field(default_factory=dict)

    @property
    def project_id(self) -> str:
        return str(self.values["project"])

    @property
    def type_id(self) -> str:
        return str(self.values["issuetype"])

    @property
    def status_id(self) -> str:
        return str(self.values["status"])

    @property
    def number(self) -> int:
        return int(self.issue_id)


@dataclass(frozen=True)
class Share:
    """Who else may see or edit a filter or dashboard. `holder` is a group, project id or account id."""

    share_id: int
    kind: Literal["user", "group", "project", "global", "loggedin"]
    holder: str | None = None


@dataclass(eq=False)
class Filter:
    filter_id: str
    name: str
    jql: str
    owner_id: str
    description: str = ""
    shares: list[Share] = field(default_factory=list)
    edit_shares: list[Share] = field(default_factory=list)
    favourite_of: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Gadget:
    """One gadget on a dashboard: built in ones by `uri`, app ones by `module_key`."""

    gadget_id: int
    title: str
    color: str
    row: int
    column: int
    uri: str | None = None
    module_key: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Dashboard:
    dashboard_id: str
    name: str
    owner_id: str
    description: str = ""
    shares: list[Share] = field(default_factory=list)
    edit_shares: list[Share] = field(default_factory=list)
    gadgets: list[Gadget] = field(default_factory=list)
    favourite_of: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Board:
    """A board of Jira Software: what its filter finds, in columns. `project_id` is where it is shown, if anywhere."""

    board_id: str
    name: str
    kind: Literal["kanban", "scrum"]
    filter_id: str
    owner_id: str
    project_id: str | None = None


@dataclass(eq=False)
class Sprint:
    """A stretch of work of a scrum board. An issue is in at most one that is not closed."""

    sprint_id: str
    board_id: str
    name: str
    created_at: datetime
    goal: str = ""
    state: Literal["future", "active", "closed"] = "future"
    start_at: datetime | None = None
    end_at: datetime | None = None
    complete_at: datetime | None = None
    issue_ids: dict[str, None] = field(default_factory=dict)
