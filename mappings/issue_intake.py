"""Taking in what an issue says: each field that moved in Jira is taken, or kept out with the reason said once.

Fields are judged in an order that lets a new owner move the card in the same breath as taking it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from .context import AuditContext, Family, Intake, Moves, Note, Say, SiteWords
from .due_dates import judge_due
from .far import FieldChange, IssueView
from .issue_text import extension_asked, put_back
from .issue_words import ESCALATE, issue_text, read_fields
from .ladder import lower, raise_by_hand
from .lifecycle import AUDIT_IS_CLOSED, is_settled
from .merge import Moved, Reading, takes_far, what_moved
from .moves import enter, settle_family
from .records import Link, LinkRole, Person, Priority, Record, RequestStatus, Role, TaskStatus
from .standing import facts_of, roles_in
from .status_map import read_move

_ORDER = ("owner", "priority", "due", "flag", "status", "summary", "description", "labels")
_JIRA_FIELD = {"status": "status", "due": "duedate", "owner": "assignee", "flag": "flagged"}
_NAMES = {"due": "due date", "owner": "assignee", "flag": "escalation flag"}


@dataclass(frozen=True, slots=True)
class _Judged:
    """The outcome for one field: the record as it should be, or why the far value is kept out."""

    record: Record
    is_taken: bool
    why: str
    people: tuple[Person, ...] = ()
    say: tuple[Say, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What every field's judge looks at."""

    issue: IssueView
    family: Family
    ctx: AuditContext
    words: SiteWords
    actor: str
    change: FieldChange | None


def take_in_issue(
    record: Record, link: Link, issue: IssueView, family: Family, ctx: AuditContext, words: SiteWords, page_url: str
) -> Intake:
    """Judge every field of `issue` that moved since the last agreement. Pure; writes nothing anywhere.

    The returned family holds the record and whatever follows from it; the returned link has the base of each field that
    is agreed now. A field that is kept out leaves its base alone, so that the push puts it back."""
    text = issue_text(record, family, ctx, page_url)
    readings = read_fields(record, issue, link, text, ctx, words)
    intake = Intake(family, link)
    for field in _ORDER:
        reading = readings.get(field)
        if reading is not None:
            intake = intake.then(_take_field(record.uid, field, reading, link, issue, intake, ctx, words))
    return intake.then(settle_family(family, intake.family, ctx))


def _take_field(
    uid: str,
    field: str,
    reading: Reading,
    original: Link,
    issue: IssueView,
    so_far: Intake,
    ctx: AuditContext,
    words: SiteWords,
) -> Intake:
    family, link = so_far.family, so_far.link or original
    record = next(item for item in family.records if item.uid == uid)
    moved = what_moved(reading)
    if moved is Moved.AGREED:
        moves = Moves({field: reading.ours}, {field: reading.theirs})
        return Intake(family, moves.applied_to(link))
    if moved in (Moved.NOTHING, Moved.REGISTER):
        return Intake(family, link)
    change = _change_behind(field, issue)
    actor = change.author if change else ""
    if actor in ctx.own_accounts or (change is None and field not in original.base_theirs):
        # An earlier push of ours whose base was lost, or a new issue that nobody has touched: the push settles it.
        return Intake(family, link)
    if ctx.rule.is_closed:
        return _kept_out(record, field, reading, family, link, actor, change, AUDIT_IS_CLOSED)
    if not takes_far(LinkRole.ISSUE, field, moved):
        why = f"the {_NAMES.get(field, field)} is written by Tieout from the auditor's list"
        return _kept_out(record, field, reading, family, link, actor, change, why)
    judged = _JUDGES[field](record, reading, _Seen(issue, family, ctx, words, actor, change))
    if not judged.is_taken:
        kept = _kept_out(record, field, reading, family.with_record(judged.record), link, actor, change, judged.why)
        return replace(kept, people=judged.people, say=judged.say or kept.say)
    ours_now = _ours_after(field, judged.record, reading, ctx, judged.people)
    # A word of theirs that was read as another state than it stands for (an owner's Done) is still to be put right.
    is_shown = field != "status" or words.status_map.agrees(judged.record.status, str(reading.theirs))
    moves = Moves({field: ours_now if is_shown else None}, {field: reading.theirs})
    note = Note(field, uid, reading.ours, ours_now, actor or "jira", judged.why)
    return Intake(
        family.with_record(judged.record), moves.applied_to(link), (note,), say=judged.say, people=judged.people
    )


def _ours_after(
    field: str, record: Record, reading: Reading, ctx: AuditContext, people: tuple[Person, ...]
) -> str | bool | None:
    if field == "owner":
        known = {**ctx.people, **{person.key: person for person in people}}
        person = known.get(record.owner) if record.owner else None
        return (person.account_id if person else None) or record.owner
    if field == "due":
        return record.due_on.isoformat() if record.due_on else None
    if field == "flag":
        return bool(reading.theirs)
    return record.priority if field == "priority" else record.status


def _kept_out(
    record: Record,
    field: str,
    reading: Reading,
    family: Family,
    link: Link,
    actor: str,
    change: FieldChange | None,
    why: str,
) -> Intake:
    """Nothing is taken: journaled with the value that was found, and explained once on the issue."""
    when = change.changed_at.isoformat() if change else str(reading.theirs)
    cause = f"{record.uid}:put-back:{field}:{when}"
    name = _NAMES.get(field, field)
    return Intake(
        family,
        link,
        notes=(Note(f"{field} put back", record.uid, reading.theirs, reading.ours, actor or "jira", why),),
        say=(Say(cause, record.uid, LinkRole.ISSUE, put_back(why, name, actor)),),
    )


def _change_behind(field: str, issue: IssueView) -> FieldChange | None:
    """The newest line of the change log for a field; None where Jira's answer was cut short before it."""
    wanted = _JIRA_FIELD.get(field, field)
    return next((change for change in issue.changes if change.field == wanted or _raises(field, change)), None)


def _raises(field: str, change: FieldChange) -> bool:
    """Whether a change of labels is what set or took the escalation."""
    if field != "flag" or change.field != "labels":
        return False
    return (ESCALATE in (change.before or "").split()) != (ESCALATE in (change.after or "").split())


def _judge_owner(record: Record, reading: Reading, seen: _Seen) -> _Judged:
    account = reading.theirs if isinstance(reading.theirs, str) else None
    people: tuple[Person, ...] = ()
    if account is None:
        after = replace(record, owner=None)
    else:
        person = seen.ctx.person_of(account)
        if person is None:
            person = Person(f"account:{account}", seen.issue.assignee_name or account, account_id=account)
            people = (person,)
        after = replace(record, owner=person.key)
    if after.reviewed_by is not None and after.reviewed_by == account and record.status == TaskStatus.APPROVED:
        after = enter(after, TaskStatus.READY_FOR_REVIEW, seen.ctx, by="tieout")
        why = "the new owner is who approved the evidence, so somebody else must review it"
        cause = f"{record.uid}:review-again:v{record.version}"
        say = (Say(cause, record.uid, LinkRole.ISSUE, put_back(why, "status", seen.actor)),)
        return _Judged(after, is_taken=True, why=why, people=people, say=say)
    return _Judged(after, is_taken=True, why="assigned in Jira", people=people)


def _judge_priority(record: Record, reading: Reading, seen: _Seen) -> _Judged:
    ours = {name: priority for priority, name in seen.words.priority_names.items()}
    priority = ours.get(str(reading.theirs))
    if priority is None:
        return _Judged(record, is_taken=False, why=f"Tieout does not know the priority {reading.theirs!r}")
    return _Judged(
        replace(record, priority=Priority(priority).value, priority_before=None), is_taken=True, why="set in Jira"
    )


def _judge_due(record: Record, reading: Reading, seen: _Seen) -> _Judged:
    wanted = date.fromisoformat(reading.theirs) if isinstance(reading.theirs, str) else None
    verdict = judge_due(record, wanted, _roles(record, seen))
    after = record
    if verdict.new_due_on != record.due_on:
        after = replace(record, due_on=verdict.new_due_on, due_version=record.due_version + 1, extension_on=None)
    after = replace(after, extension_on=verdict.extension_on, auditor_due_on=verdict.new_auditor_due_on)
    if verdict.new_due_on == wanted:
        return _Judged(after, is_taken=True, why=verdict.why)
    say: tuple[Say, ...] = ()
    if verdict.extension_on is not None:
        cause = f"{record.uid}:extension:{verdict.extension_on}:v{record.due_version}"
        body = extension_asked(verdict.extension_on, record.due_on, seen.ctx.name_of(seen.ctx.rule.coordinator))
        say = (Say(cause, record.uid, LinkRole.ISSUE, body),)
    return _Judged(after, is_taken=False, why=verdict.why, say=say)


def _judge_flag(record: Record, reading: Reading, seen: _Seen) -> _Judged:
    if reading.theirs and is_settled(record.kind, record.status):
        return _Judged(record, is_taken=False, why=f"the {record.kind} is settled, so nothing in it can be late")
    if reading.theirs:
        return _Judged(raise_by_hand(record, seen.actor or "jira"), is_taken=True, why="raised in Jira")
    if Role.COORDINATOR in _roles(record, seen):
        return _Judged(lower(record), is_taken=True, why="acknowledged by the coordinator")
    why = "an escalation ends when the work is handed in, or when the coordinator takes the flag away"
    return _Judged(record, is_taken=False, why=why)


def _judge_status(record: Record, reading: Reading, seen: _Seen) -> _Judged:
    roles = _roles(record, seen)
    status_id = str(reading.theirs)
    facts = facts_of(seen.family, record, seen.ctx, has_reason=bool(_latest_words(seen)))
    verdict = read_move(record.kind, record.status, status_id, seen.words.status_map, roles, facts)
    if verdict.is_allowed and verdict.after == record.status:
        return _Judged(record, is_taken=True, why=verdict.why)
    if not verdict.is_allowed or verdict.after is None:
        return _Judged(record, is_taken=False, why=verdict.why)
    after = enter(record, verdict.after, seen.ctx, by=seen.actor, reason=_reason(verdict.after, seen))
    return _Judged(after, is_taken=True, why=verdict.why)


def _reason(after: str, seen: _Seen) -> str:
    """What the page says of a question is for the auditor to read: not what was said inside the company."""
    if after == TaskStatus.BLOCKED:
        return _latest_words(seen)
    prefix = seen.ctx.rule.auditor_comment_prefix.lower()
    is_asked = after == RequestStatus.NEEDS_CLARIFICATION and _latest_words(seen).lower().startswith(prefix)
    return _latest_words(seen)[len(prefix) :].strip() if is_asked else ""


def _latest_words(seen: _Seen) -> str:
    open_ones = (comment for comment in seen.issue.comments if not comment.is_restricted)
    theirs = [comment.text for comment in open_ones if comment.author == seen.actor]
    return theirs[-1] if theirs else ""


def _roles(record: Record, seen: _Seen) -> frozenset[Role]:
    return roles_in(seen.family, record, seen.actor, seen.ctx)


_JUDGES: Mapping[str, Callable[[Record, Reading, _Seen], _Judged]] = {
    "owner": _judge_owner,
    "priority": _judge_priority,
    "due": _judge_due,
    "flag": _judge_flag,
    "status": _judge_status,
}
