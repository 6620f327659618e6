"""The words of the register: what an audit, a record, a person, a piece of evidence and a link are.

One word for one thing; tables, logs, pages and commands use these names and no others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias


class Kind(StrEnum):
    """What a record is: one item of the auditor's list, or an owner's piece of work."""

    REQUEST = "request"
    TASK = "task"


class RequestStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    IN_PROGRESS = "in_progress"
    NEEDS_CLARIFICATION = "needs_clarification"
    INTERNAL_REVIEW = "internal_review"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    NOT_APPLICABLE = "not_applicable"
    WITHDRAWN = "withdrawn"


class TaskStatus(StrEnum):
    TODO = "todo"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    READY_FOR_REVIEW = "ready_for_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    DELIVERED = "delivered"
    DONE = "done"
    CANCELLED = "cancelled"


class Priority(StrEnum):
    """Five steps, highest first, as Jira has them by default."""

    HIGHEST = "highest"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    LOWEST = "lowest"


class Side(StrEnum):
    REGISTER = "register"
    JIRA = "jira"
    CONFLUENCE = "confluence"


class Visibility(StrEnum):
    """Who may read a comment: the company alone, or the auditor too."""

    INTERNAL = "internal"
    AUDITOR = "auditor"


class Role(StrEnum):
    """What a person is to a record. The lifecycle says which role may make which move."""

    OWNER = "owner"
    REVIEWER = "reviewer"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    SYSTEM = "system"


class LinkRole(StrEnum):
    """Which counterpart of a record a link points at. A task has no page."""

    ISSUE = "issue"
    PAGE = "page"
    ESCALATION_ISSUE = "escalation_issue"
    TWIN = "twin"
    """An issue too many: a create of unclear outcome took effect twice."""


class LinkState(StrEnum):
    """`pending`: to be created, or being created. `detached`: was there, is not reachable now."""

    PENDING = "pending"
    LIVE = "live"
    DETACHED = "detached"


Value: TypeAlias = str | bool | int | tuple[str, ...] | None
"""What a field holds when two sides are compared; plain enough to be kept as JSON."""

EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named by the list, the mapping file or a site. `key` is the e-mail in lower case where one is
    known, else `account:<account id>`, else `name:<name in lower case>`."""

    key: str
    name: str
    email: str | None = None
    account_id: str | None = None
    manager: str | None = None
    """The manager's key."""


@dataclass(frozen=True, slots=True)
class Record:
    """A request or a task: what is kept in step. People are named by `Person.key`, dates are local to the audit."""

    uid: str
    """32 lower-case hexadecimal characters, never reused."""
    kind: Kind
    audit: str
    number: str
    """A request's number on the auditor's list, as text. A task's is its request's with `/1`, `/2` … behind it."""
    title: str
    status: str
    """A value of `RequestStatus` or `TaskStatus`, by `kind`."""
    parent: str | None = None
    """A task's request, by uid."""
    version: int = 1
    """Counts every change of this record in the register."""
    description: str = ""
    criteria: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    category: str = ""
    request_type: str = "other"
    team: str = ""
    owner: str | None = None
    reviewer: str | None = None
    reviewed_by: str | None = None
    """Account id of who approved the evidence; checked again when the owner changes."""
    watchers: tuple[str, ...] = ()
    priority: str = Priority.MEDIUM
    priority_before: str | None = None
    """What the priority was before an escalation raised it; put back when the record is settled."""
    due_on: date | None = None
    """The working date, the owner's."""
    auditor_due_on: date | None = None
    due_version: int = 1
    """Counts changes of the date that the ladder runs on; each step fires once for each."""
    extension_on: date | None = None
    """A later working date that an owner asked for and nobody has settled yet."""
    period_start: date | None = None
    period_end: date | None = None
    status_before: str | None = None
    """Where `needs_clarification` or `blocked` came from, and goes back to."""
    escalation_level: int = 0
    """The highest step of the ladder in force; 0 is none."""
    raised_by: str | None = None
    """Who raised the escalation by hand (person key or account), if anybody did."""
    reason: str = ""
    """The reason given with the last decision, question, or block."""
    is_proposed_withdrawn: bool = False
    clock_stopped_on: date | None = None
    """Since when the owner's clock stands still (`needs_clarification`, `submitted`)."""
    clock_paused_days: int = 0
    """Working days the owner's clock has stood still under this due date, ended pauses only."""
    extra: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """Columns of the list that Tieout does not know, kept word for word for the export."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One version of one file. Append only; the identity is the hash."""

    uid: str
    request: str
    """The request's uid."""
    task: str | None
    file_name: str
    version: int
    """1, 2 … for one file name under one request."""
    sha256: str
    size: int
    """Bytes."""
    media_type: str
    collector: str
    """Account id of who attached it."""
    collected_at: datetime
    side: Side
    source_id: str
    """The attachment's id on that side (with its version on Confluence: `att12@3`)."""
    is_released: bool = False
    """Whether internal review has let it through to the auditor."""
    copy_id: str | None = None
    """The attachment's id on the page, once it is there."""
    copy_version: int | None = None
    copy_begun_at: datetime | None = None
    """When its copying was last begun; with no `copy_id` the outcome is unknown: look before doing it again."""
    copied_at: datetime | None = None
    """Since when our copy is on the page, by the site's clock."""

    def is_replaced_in(self, all_of_it: Iterable[Evidence]) -> bool:
        """Whether a newer version of this file, from the same task and side, is there."""
        mine = (self.file_name, self.task, self.side)
        return any(item.version > self.version and (item.file_name, item.task, item.side) == mine for item in all_of_it)


@dataclass(frozen=True, slots=True)
class Comment:
    """Something somebody said. `origin_id` is the comment's id on its side, None for Tieout's own."""

    uid: str
    record: str
    side: Side
    origin_id: str | None
    author: str
    """Account id, or `tieout`."""
    author_name: str
    visibility: Visibility
    text: str
    said_at: datetime
    mentions: tuple[str, ...] = ()
    """Account ids to notify."""
    reply_to: str | None = None
    """The page comment (its id there) that this one answers."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an auditor decided, where, and on exactly which evidence."""

    uid: str
    request: str
    verdict: str
    """accepted, returned or not_applicable."""
    reason: str
    by: str
    """Account id."""
    by_name: str
    decided_at: datetime
    page_version: int
    evidence: tuple[str, ...]
    """`sha256 file name` of each file, sorted."""
    comment_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """A record's counterpart on a site, by immutable id; and what both said at the last agreement."""

    record: str
    role: LinkRole
    state: LinkState
    remote_id: str | None = None
    key: str = ""
    """For people only: PROJ-12, or a page's title."""
    url: str = ""
    intent_at: datetime | None = None
    """When a create was last begun, by the database's clock; None when none ever was."""
    intent_number: int = 0
    """The project's highest issue number when the create was begun."""
    remote_version: int = 0
    """A page's version at the last agreement."""
    tried: Mapping[str, Value] | None = None
    """What a write of the page that is under way says, in the register's words, and the `version` it makes; None once
    its answer is kept. A lost answer leaves it: then the page shows whether the write took effect."""
    base_ours: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    """What the register said at the last agreement, in its words."""
    base_theirs: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    """What the far side said then, in its own words."""
    agreed_at: datetime | None = None
    detached_reason: str = ""
    overtaken: Mapping[str, Value] | None = None
    """Fields on which a person is to decide, with what somebody set in Jira and a write of ours took away unseen."""
    seen_change: int | None = None
    """The newest entry of an issue's change log that was judged; 0 while it had none, None where nobody knows: then
    whatever stands in it counts as seen."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field of a counterpart on which the register and the far side both moved apart, with both values."""

    uid: str
    record: str
    role: LinkRole
    field: str
    ours: Value
    """In the register's words."""
    theirs: Value
    """In the far side's."""
    opened_at: datetime
    settled_at: datetime | None = None
    settled_by: str | None = None
    """A person, or in words the authority that the law gives the field."""
    kept: str | None = None
    """Which value stayed: `ours`, `theirs`, or `both` where the sides came to agree."""


def uid_for(*parts: str) -> str:
    """A uid that is the same for the same cause, so that nothing is heard, said or decided twice."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def marker(uid: str) -> str:
    """The label that makes a record's issue unique on a site."""
    return f"tieout-{uid}"


def short_ref(uid: str) -> str:
    """The mark at the foot of each comment Tieout writes, by which it knows it again."""
    return f"ref {uid[:12]}"
