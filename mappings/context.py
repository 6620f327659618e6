"""What a decision may look at, and what it may answer: the audit around a record, and what a side said taken in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from .records import (
    EMPTY,
    Comment,
    Conflict,
    Decision,
    Evidence,
    Link,
    LinkRole,
    Person,
    Record,
    TaskStatus,
    Value,
    Visibility,
)
from .rules import AuditRule
from .status_map import StatusMap
from .text import Document
from .working_days import WorkCalendar


@dataclass(frozen=True, slots=True)
class AuditContext:
    """The audit a record belongs to, its people, and the moment of the decision."""

    key: str
    rule: AuditRule
    people: Mapping[str, Person]
    calendar: WorkCalendar
    now: datetime
    own_accounts: frozenset[str] = frozenset()
    """Account ids Tieout itself writes with."""

    @property
    def today(self) -> date:
        """The audit's local date."""
        return self.calendar.local_date(self.now)

    def person_of(self, account_id: str) -> Person | None:
        """The person behind an account, if the register knows one."""
        return next((person for person in self.people.values() if person.account_id == account_id), None)

    def name_of(self, key: str | None) -> str:
        """A person's name for a sentence; the key itself when nobody is known by it."""
        if key is None:
            return "nobody"
        person = self.people.get(key)
        return person.name if person else key

    def account_of(self, key: str | None) -> str | None:
        """The account behind a person's key, if one is known; a key made of an account names it by itself."""
        person = self.people.get(key) if key else None
        if person is None and key and key.startswith("account:"):
            return key.removeprefix("account:")
        return person.account_id if person else None


@dataclass(frozen=True, slots=True)
class Family:
    """A request with everything under it: what the decisions on any of its records look at."""

    request: Record
    tasks: tuple[Record, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    decisions: tuple[Decision, ...] = ()

    def with_record(self, record: Record) -> Family:
        """The same family with one of its records changed."""
        if record.uid == self.request.uid:
            return replace(self, request=record)
        return replace(self, tasks=tuple(record if task.uid == record.uid else task for task in self.tasks))

    @property
    def records(self) -> tuple[Record, ...]:
        return (self.request, *self.tasks)

    def record(self, uid: str) -> Record:
        """One of its records. Raises StopIteration when it is not of this family."""
        return next(record for record in self.records if record.uid == uid)

    @property
    def live_tasks(self) -> tuple[Record, ...]:
        """The tasks that are not cancelled: those the request depends on."""
        return tuple(task for task in self.tasks if task.status != TaskStatus.CANCELLED)

    def evidence_for(self, record: Record) -> tuple[Evidence, ...]:
        """All of it for the request, a task's own for a task."""
        if record.uid == self.request.uid:
            return self.evidence
        return tuple(item for item in self.evidence if item.task == record.uid)

    def released(self) -> tuple[Evidence, ...]:
        """The newest version of each file that the auditor may see."""
        by_age = sorted(self.evidence, key=lambda item: item.version)
        newest = {item.file_name: item for item in by_age if item.is_released}
        return tuple(newest[name] for name in sorted(newest))


@dataclass(frozen=True, slots=True)
class SiteWords:
    """How one Jira project says things."""

    status_map: StatusMap
    priority_names: Mapping[str, str]
    """Ours to the site's."""
    has_flag: bool = True
    transition_fields: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: EMPTY)
    """By status id: what the screen of a transition into it requires."""
    is_subtask: bool = False
    """Whether the issue type is that of sub-tasks."""
    has_links: bool = True
    """Whether the site has a type of link for a task's issue and its request's."""
    fields: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    """Ids of those of Tieout's own fields that are on the screen: see `mappings.custom_fields`."""


@dataclass(frozen=True, slots=True)
class Note:
    """One line for the journal."""

    what: str
    record: str
    before: Value
    after: Value
    who: str
    """Account id, or `tieout`."""
    why: str


@dataclass(frozen=True, slots=True)
class Say:
    """Something Tieout has to tell people on a counterpart. `cause` is the same for the same cause: it is said once."""

    cause: str
    record: str
    role: LinkRole
    body: Document
    visibility: Visibility = Visibility.INTERNAL
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Fired:
    """A step of the ladder that fired now."""

    record: str
    due_version: int
    name: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What a decision made of what was read: the family as it should be, and everything to be remembered with it."""

    family: Family
    link: Link | None = None
    """The link whose base moved, if one did."""
    notes: tuple[Note, ...] = ()
    say: tuple[Say, ...] = ()
    comments: tuple[tuple[Comment, tuple[tuple[str, LinkRole], ...]], ...] = ()
    """Comments heard, each with the counterparts (record, role) that it is to be copied to."""
    decisions: tuple[Decision, ...] = ()
    people: tuple[Person, ...] = ()
    fired: tuple[Fired, ...] = ()
    wanted_links: tuple[tuple[str, LinkRole], ...] = ()
    """Counterparts that must exist from now on."""
    conflicts: tuple[Conflict, ...] = ()
    """Fields on which both sides moved apart: open where a person is to decide, else settled."""

    def then(self, other: Intake) -> Intake:
        """This intake followed by one that was decided on its outcome."""
        return Intake(
            family=other.family,
            link=other.link or self.link,
            notes=self.notes + other.notes,
            say=self.say + other.say,
            comments=self.comments + other.comments,
            decisions=self.decisions + other.decisions,
            people=self.people + other.people,
            fired=self.fired + other.fired,
            wanted_links=self.wanted_links + other.wanted_links,
            conflicts=self.conflicts + other.conflicts,
        )

    def noting(self, *notes: Note) -> Intake:
        return replace(self, notes=self.notes + notes)

    def disputing(self, conflict: Conflict) -> Intake:
        return replace(self, conflicts=(*self.conflicts, conflict))

    def saying(self, *say: Say) -> Intake:
        return replace(self, say=self.say + say)


@dataclass(frozen=True, slots=True)
class Moves:
    """Bases of a link that move: field by field, in the register's words and in the far side's."""

    ours: Mapping[str, Value] = field(default_factory=lambda: EMPTY)
    theirs: Mapping[str, Value] = field(default_factory=lambda: EMPTY)

    def applied_to(self, link: Link) -> Link:
        if not self.ours and not self.theirs:
            return link
        return replace(
            link,
            base_ours={**link.base_ours, **self.ours},
            base_theirs={**link.base_theirs, **self.theirs},
        )
