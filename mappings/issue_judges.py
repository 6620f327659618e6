"""What becomes of one field that moved in Jira: taken into the register, or kept out with the reason.

A judge never looks at another field. What it takes and what it keeps out may both change the record: a due date that is
too late is kept out and remembered as asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from .context import AuditContext, Family, Say, SiteWords
from .due_dates import judge_due
from .far import FieldChange, IssueView
from .issue_text import extension_asked, review_again
from .issue_words import ESCALATE, IssueText, said_by_line
from .ladder import lower, raise_by_hand
from .lifecycle import is_settled
from .moves import dated, enter
from .overtaken import overtaken, unseen
from .records import Kind, LinkRole, Person, Record, RequestStatus, Role, Side, TaskStatus, Value
from .standing import facts_of, roles_in
from .status_map import read_move

JIRA_FIELD = {"due": "duedate", "owner": "assignee", "flag": "flagged"}
"""Fields that Jira's change log calls otherwise."""
_LETS_OUT = frozenset({TaskStatus.APPROVED.value, RequestStatus.SUBMITTED.value})
"""The states with which evidence becomes the auditor's to see."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An issue as it was read, how its project says things, and the texts that it should have."""

    issue: IssueView
    ctx: AuditContext
    words: SiteWords
    text: IssueText

    def change_of(self, field: str) -> FieldChange | None:
        """The newest line of the change log for a field; None where Jira's answer was cut short before it."""
        wanted = JIRA_FIELD.get(field, field)
        return next((line for line in self.issue.changes if line.field == wanted or _raises(field, line)), None)

    def overtaken(self, field: str, seen_change: int | None) -> tuple[FieldChange, ...]:
        """What people made of a field and a write of ours took away unseen. Labels are added and taken one by one."""
        wanted = JIRA_FIELD.get(field, field)
        new = unseen(self.issue.changes, seen_change) if field != "labels" else ()
        return overtaken((line for line in new if line.field == wanted), self.ctx.own_accounts)

    def change_to(self, field: str, value: Value) -> FieldChange | None:
        """The newest line of the change log by which somebody else set a field to a value."""
        wanted, own = JIRA_FIELD.get(field, field), self.ctx.own_accounts
        lines = (line for line in self.issue.changes if line.field == wanted and line.author not in own)
        return next((line for line in lines if said_by_line(field, line) == value), None)

    def actor_of(self, field: str) -> str:
        """The account that changed a field last; empty where nobody knows."""
        change = self.change_of(field)
        return change.author if change else ""


@dataclass(frozen=True, slots=True)
class FarMove:
    """A field that moved in Jira, on a record as the fields before it have left it."""

    field: str
    ours: Value
    """What the register says."""
    theirs: Value
    record: Record
    family: Family
    seen: Seen
    change: FieldChange | None
    """The line of the change log that moved it; None where Jira did not show it."""
    is_overtaken: bool = False
    """Whether a write of ours took it away before it was seen."""
    was_judged: bool = False
    """Whether this very change was judged before: what was to be written of it did not get through yet."""

    @property
    def actor(self) -> str:
        return self.change.author if self.change else ""

    @property
    def roles(self) -> frozenset[Role]:
        """What whoever moved it is to the record."""
        return roles_in(self.family, self.record, self.actor, self.seen.ctx)

    @property
    def latest_words(self) -> str:
        """What they said last on the issue, in the open."""
        comments = (comment for comment in self.seen.issue.comments if not comment.is_restricted)
        said = [comment.text for comment in comments if comment.author == self.actor]
        return said[-1] if said else ""


@dataclass(frozen=True, slots=True)
class Judged:
    """The record as it should be, and why the value in Jira was taken or not."""

    record: Record
    why: str
    is_taken: bool = True
    people: tuple[Person, ...] = ()
    say: tuple[Say, ...] = ()
    """What is to be said in place of the usual explanation."""


def judge(moved: FarMove) -> Judged:
    """What becomes of a field that the board, or the lifecycle, has a say in."""
    return _JUDGES[moved.field](moved)


def _raises(field: str, change: FieldChange) -> bool:
    """Whether a change of labels is what set or took the escalation."""
    if field != "flag" or change.field != "labels":
        return False
    return (ESCALATE in (change.before or "").split()) != (ESCALATE in (change.after or "").split())


def _kept_out(moved: FarMove, why: str) -> Judged:
    return Judged(moved.record, why, is_taken=False)


def _owner(moved: FarMove) -> Judged:
    person, is_new = _assignee(moved)
    after = replace(moved.record, owner=person.key if person else None)
    people = (person,) if person and is_new else ()
    is_own_review = after.reviewed_by is not None and after.reviewed_by == moved.theirs
    if not is_own_review or after.status != TaskStatus.APPROVED:
        return Judged(after, "assigned in Jira", people=people)
    why = "the new owner is who approved the evidence, so somebody else must review it"
    say = Say(f"{after.uid}:review-again:v{after.version}", after.uid, LinkRole.ISSUE, review_again(why))
    again = enter(after, TaskStatus.READY_FOR_REVIEW, moved.seen.ctx, by="tieout")
    return Judged(again, why, people=people, say=(say,))


def _assignee(moved: FarMove) -> tuple[Person | None, bool]:
    """Who the issue is assigned to, and whether the register has never heard of them."""
    if not isinstance(moved.theirs, str):
        return None, False
    known = moved.seen.ctx.person_of(moved.theirs)
    if known is not None:
        return known, False
    name = (moved.change and moved.change.shown) or moved.seen.issue.assignee_name or moved.theirs
    return Person(f"account:{moved.theirs}", name, account_id=moved.theirs), True


def _priority(moved: FarMove) -> Judged:
    names = moved.seen.words.priority_names
    priority = next((ours for ours, theirs in names.items() if theirs == moved.theirs), None)
    if priority is None:
        return _kept_out(moved, f"Tieout does not know the priority {moved.theirs!r}")
    return Judged(replace(moved.record, priority=priority, priority_before=None), "set in Jira")


def _due(moved: FarMove) -> Judged:
    record, ctx = moved.record, moved.seen.ctx
    wanted = date.fromisoformat(moved.theirs) if isinstance(moved.theirs, str) else None
    verdict = judge_due(record, wanted, moved.roles)
    after = dated(record, verdict)
    if verdict.new_due_on == wanted:
        return Judged(after, verdict.why)
    if verdict.extension_on is None:
        return Judged(after, verdict.why, is_taken=False)
    cause = f"{record.uid}:extension:{verdict.extension_on}:v{record.due_version}"
    coordinator = ctx.name_of(ctx.rule.coordinator.lower())
    body = extension_asked(verdict.extension_on, record.due_on, coordinator, record.number)
    return Judged(after, verdict.why, is_taken=False, say=(Say(cause, record.uid, LinkRole.ISSUE, body),))


def _flag(moved: FarMove) -> Judged:
    record = moved.record
    if moved.theirs and is_settled(record.kind, record.status):
        return _kept_out(moved, f"the {record.kind} is settled, so nothing in it can be late")
    if moved.theirs:
        return Judged(raise_by_hand(record, moved.actor or "jira"), "raised in Jira")
    if Role.COORDINATOR not in moved.roles:
        return _kept_out(moved, "an escalation ends when it is settled, or when the coordinator takes the flag away")
    if record.kind is Kind.REQUEST and any(task.escalation_level for task in moved.family.live_tasks):
        return _kept_out(moved, "a task of this request is escalated: take the flag away there")
    return Judged(lower(record), "acknowledged by the coordinator")


def _status(moved: FarMove) -> Judged:
    record, seen = moved.record, moved.seen
    facts = facts_of(moved.family, record, seen.ctx, has_reason=bool(moved.latest_words))
    status_map = seen.words.status_map
    verdict = read_move(record.kind, record.status, str(moved.theirs), status_map, moved.roles, facts)
    if not verdict.is_allowed or verdict.after is None:
        return _kept_out(moved, verdict.why)
    if verdict.after == record.status:
        return Judged(record, verdict.why)
    if verdict.after in _LETS_OUT and (later := _attached_after(moved)):
        return _kept_out(
            moved, f"nobody has reviewed {', '.join(later)}, which came after it: look, then move it again"
        )
    return Judged(
        enter(record, verdict.after, seen.ctx, by=moved.actor, reason=_reason(verdict.after, moved)), verdict.why
    )


def _attached_after(moved: FarMove) -> list[str]:
    """Files that were attached after the card was moved: both came to light in one look, and only one was meant."""
    if moved.change is None or not moved.seen.ctx.rule.internal_review:
        return []
    own = [item for item in moved.family.evidence if item.task == (moved.record.uid if moved.record.parent else None)]
    inside = [item for item in own if item.side is Side.JIRA and not item.is_released]
    return sorted({item.file_name for item in inside if item.collected_at > moved.change.changed_at})


def _reason(after: str, moved: FarMove) -> str:
    """What the page says of a question is for the auditor to read: not what was said inside the company."""
    said = moved.latest_words
    if after == TaskStatus.BLOCKED:
        return said
    prefix = moved.seen.ctx.rule.auditor_comment_prefix
    is_asked = after == RequestStatus.NEEDS_CLARIFICATION and said.lower().startswith(prefix.lower())
    return said[len(prefix) :].strip() if is_asked else ""


_JUDGES: Mapping[str, Callable[[FarMove], Judged]] = {
    "owner": _owner,
    "priority": _priority,
    "due": _due,
    "flag": _flag,
    "status": _status,
}
