"""What a reconcile wants to write to the far sides: values with their reasons, decided purely, applied elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from .far import IssueDraft, IssueEdit, PageDraft
from .records import EMPTY, Comment, Evidence, LinkRole, Value


@dataclass(frozen=True, slots=True)
class CreatePage:
    record: str
    draft: PageDraft
    said: Mapping[str, Value]
    """What the register says with it, in its own words: the base after success."""
    reason: str
    is_wanted: bool = True
    """Whether to make it; else it is only looked for, as a try of unknown outcome may have made it."""


@dataclass(frozen=True, slots=True)
class WritePage:
    record: str
    page_id: str
    title: str
    body: str
    version: int
    """The version that was read; the write is refused when somebody was faster."""
    said: Mapping[str, Value]
    reason: str


@dataclass(frozen=True, slots=True)
class CreateIssue:
    record: str
    role: LinkRole
    draft: IssueDraft
    said: Mapping[str, Value]
    reason: str
    is_wanted: bool = True
    """Whether to make it; else it is only looked for, as a try of unknown outcome may have made it."""


@dataclass(frozen=True, slots=True)
class MoveIssue:
    record: str
    issue_id: str
    status_id: str
    said: Value
    reason: str
    fields: Mapping[str, object] = field(default_factory=lambda: EMPTY)


@dataclass(frozen=True, slots=True)
class EditIssue:
    record: str
    issue_id: str
    edit: IssueEdit
    said: Mapping[str, Value]
    """Register's words of the fields that this edit carries."""
    theirs: Mapping[str, Value]
    """The far side's words of the same fields once it is done."""
    reason: str


@dataclass(frozen=True, slots=True)
class Watch:
    record: str
    issue_id: str
    account_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class LinkIssues:
    """Link a task's issue to its request's, as one that was made with it would be."""

    record: str
    issue_id: str
    key: str
    to_id: str
    to_key: str
    reason: str


@dataclass(frozen=True, slots=True)
class PostComment:
    """A comment of the register that belongs on a counterpart and is not there yet."""

    record: str
    role: LinkRole
    remote_id: str
    comment: Comment
    reason: str


@dataclass(frozen=True, slots=True)
class AttachFile:
    record: str
    page_id: str
    evidence: Evidence
    reason: str


@dataclass(frozen=True, slots=True)
class LetGo:
    """Take Tieout's marks off an issue that was made twice and not chosen."""

    record: str
    issue_id: str
    labels: frozenset[str]
    reason: str


Action: TypeAlias = (
    CreatePage | WritePage | CreateIssue | MoveIssue | EditIssue | Watch | LinkIssues | PostComment | AttachFile | LetGo
)
