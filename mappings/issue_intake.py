"""Taking in what an issue says: each field that moved in Jira is taken, or kept out with the reason said once.

Fields are judged in an order that lets a new owner move the card in the same breath as taking it.
"""

from __future__ import annotations

from dataclasses import replace

from .context import AuditContext, Family, Intake, Moves, Note, Say, SiteWords
from .far import FieldChange, IssueView
from .issue_judges import FarMove, Judged, Seen, judge
from .issue_text import put_back
from .issue_words import facts_said, is_said_there, issue_text, read_fields, said_by_line, said_by_register
from .lifecycle import AUDIT_IS_CLOSED
from .merge import Moved, Reading, takes_far, what_moved
from .moves import settle_family
from .overtaken import newest_seen
from .records import Link, LinkRole, Record, Value

_ORDER = ("owner", "priority", "due", "flag", "status", "summary", "description", "labels")
_UNSEEN = "Tieout wrote over it before it had seen it"
_NAMES = {"due": "due date", "owner": "assignee", "flag": "escalation flag"}


def take_in_issue(
    record: Record, link: Link, issue: IssueView, family: Family, ctx: AuditContext, words: SiteWords, page_url: str
) -> Intake:
    """Judge every field of `issue` that moved since the last agreement. Pure; writes nothing anywhere.

    The returned family holds the record and whatever follows from it; the returned link has the base of each field that
    is agreed now. A field that is kept out leaves its base alone, so that the push puts it back."""
    text = issue_text(record, family, ctx, page_url)
    readings = read_fields(record, issue, link, text, ctx, words)
    seen = Seen(issue, ctx, words, text)
    intake = Intake(family)
    ours: dict[str, Value] = {}
    theirs: dict[str, Value] = {}
    found_done: list[str] = []
    for field in _ORDER:
        for line in seen.overtaken(field, link.seen_change):
            intake = intake.then(_take_overtaken(field, line, intake.family.record(record.uid), intake.family, seen))
        reading = readings[field]
        row = what_moved(reading)
        if row is Moved.AGREED:
            ours[field], theirs[field] = reading.ours, reading.theirs
            found_done += [field] if _is_found_done(field, reading, seen) else []
        elif row in (Moved.FAR, Moved.BOTH) and not _is_ours_to_write(field, link, seen):
            now = intake.family.record(record.uid)
            said = said_by_register(now, text, ctx)[field]
            moved = FarMove(field, said, reading.theirs, now, intake.family, seen, seen.change_of(field))
            judged = _judge(moved, row)
            intake = intake.then(_outcome(moved, judged))
            if judged.is_taken:
                ours[field], theirs[field] = _said_after(moved, judged), reading.theirs
    followed = intake.then(settle_family(family, intake.family, ctx))
    if found_done:
        why = f"{', '.join(found_done)}: found done, by a write whose end was not kept"
        followed = followed.noting(Note("issue written", record.uid, None, issue.key, "tieout", why))
    judged_to = newest_seen(issue.changes, link.seen_change)
    return replace(followed, link=replace(Moves(ours, theirs).applied_to(link), seen_change=judged_to))


def _take_overtaken(field: str, line: FieldChange, record: Record, family: Family, seen: Seen) -> Intake:
    """Judge what somebody said in Jira just before a write of ours took it away: the register had moved, and so had
    they. The bases stay those of our write, so that what is taken is written to Jira again."""
    theirs = said_by_line(field, line)
    if is_said_there(field, theirs, record, seen.text, seen.ctx, seen.words):
        return Intake(family)
    ours = said_by_register(record, seen.text, seen.ctx)[field]
    moved = FarMove(field, ours, theirs, record, family, seen, line, is_overtaken=True)
    return _outcome(moved, _judge(moved, Moved.BOTH))


def _is_ours_to_write(field: str, link: Link, seen: Seen) -> bool:
    """Whether nobody moved it: an earlier write of ours whose base was lost, or a new issue as its project made it."""
    if seen.change_of(field) is None:
        return field not in link.base_theirs
    return seen.actor_of(field) in seen.ctx.own_accounts


def _is_found_done(field: str, reading: Reading, seen: Seen) -> bool:
    """Whether it is a write of ours of which nothing was kept: Tieout was stopped before it heard the answer."""
    return reading.theirs != reading.theirs_base and seen.actor_of(field) in seen.ctx.own_accounts


def _judge(moved: FarMove, row: Moved) -> Judged:
    if moved.seen.ctx.rule.is_closed:
        return Judged(moved.record, AUDIT_IS_CLOSED, is_taken=False)
    if takes_far(LinkRole.ISSUE, moved.field, row):
        return judge(moved)
    return Judged(moved.record, "Tieout writes this itself, from the auditor's list", is_taken=False)


def _outcome(moved: FarMove, judged: Judged) -> Intake:
    """The family with the judged record; a value that was kept out is journaled as found and explained once."""
    family, uid, who = moved.family.with_record(judged.record), moved.record.uid, moved.actor or "jira"
    why = f"{judged.why} ({_UNSEEN})" if moved.is_overtaken else judged.why
    if judged.is_taken:
        now = facts_said(judged.record, moved.seen.ctx)[moved.field]
        note = Note(moved.field, uid, moved.ours, now, who, why)
        return Intake(family, notes=(note,), say=judged.say, people=judged.people)
    note = Note(f"{moved.field} put back", uid, moved.theirs, moved.ours, who, why)
    return Intake(family, notes=(note,), say=judged.say or (_explanation(moved, judged),))


def _explanation(moved: FarMove, judged: Judged) -> Say:
    when = moved.change.changed_at.isoformat() if moved.change else str(moved.theirs)
    cause = f"{moved.record.uid}:put-back:{moved.field}:{when}"
    body = put_back(judged.why, _named(moved), moved.actor, moved.seen.ctx.people)
    return Say(cause, moved.record.uid, LinkRole.ISSUE, body)


def _said_after(moved: FarMove, judged: Judged) -> Value:
    """The register's word for what was taken: the base, once both sides say it.

    A status that was read as another state than it stands for (an owner's Done) has none: it is still to be put right.
    """
    status_map = moved.seen.words.status_map
    if moved.field == "status" and not status_map.agrees(judged.record.status, str(moved.theirs)):
        return None
    return facts_said(judged.record, moved.seen.ctx)[moved.field]


def _named(moved: FarMove) -> str:
    return _NAMES.get(moved.field, moved.field)
