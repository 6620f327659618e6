"""Taking in what an issue says: each field that moved in Jira is taken, or kept out with the reason said once.

Fields are judged in an order that lets a new owner move the card in the same breath as taking it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .context import AuditContext, Family, Intake, Moves, Note, Say, SiteWords
from .far import IssueView
from .issue_conflicts import FIELD_NAMES, decided, disagree, ended, hold_overtaken
from .issue_judges import FarMove, Judged, Seen, judge
from .issue_text import asked_anew, put_back
from .issue_words import facts_said, is_said_there, issue_text, keeps_text, read_fields, said_by_line, said_by_register
from .lifecycle import AUDIT_IS_CLOSED
from .merge import Authority, Moved, Reading, authority_of, is_conflict, takes_far, what_moved
from .moves import settle_family
from .overtaken import newest_seen, was_judged
from .records import EMPTY, Conflict, Link, LinkRole, Record, Value, uid_for

_ORDER = ("owner", "priority", "due", "flag", "status", "summary", "description", "labels")
_UNSEEN = "Tieout wrote over it before it had seen it"


def take_in_issue(
    record: Record,
    link: Link,
    issue: IssueView,
    family: Family,
    ctx: AuditContext,
    words: SiteWords,
    page_url: str,
    open_conflicts: Mapping[str, Conflict] = EMPTY,
) -> Intake:
    """Judge every field of `issue` that moved since the last agreement. Pure; writes nothing anywhere.

    The returned family holds the record and whatever follows from it; the returned link has the base of each field that
    is agreed now. A field that is kept out leaves its base alone, so that the push puts it back; so does one on which a
    person is to decide. `open_conflicts` are the record's, by field."""
    text = issue_text(record, family, ctx, page_url)
    seen = Seen(issue, ctx, words, text)
    link, found_done = hold_overtaken(record, link, seen)
    readings = read_fields(record, issue, link, text, ctx, words)
    outcomes: dict[str, _Outcome] = {}
    intake = Intake(family)
    for field in _ORDER:
        intake = _take_overtaken(field, link, record.uid, intake, seen)
        outcomes[field] = _look_at(field, readings[field], link, record.uid, intake, seen, open_conflicts.get(field))
        intake = outcomes[field].intake
    if keeps_text(link) and link.base_ours.get("description") not in (None, text.asked):
        intake = intake.saying(_asked_anew(intake.family.record(record.uid), family, page_url, text.asked))
    followed = intake.then(settle_family(family, intake.family, ctx))
    found_done += [field for field in _ORDER if outcomes[field].is_found_done]
    if found_done:
        why = f"{', '.join(found_done)}: found done, by a write whose end was not kept"
        followed = followed.noting(Note("issue written", record.uid, None, issue.key, "tieout", why))
    return replace(followed, link=_link_after(link, issue, outcomes))


def _asked_anew(record: Record, family: Family, page_url: str, asked: str) -> Say:
    cause = f"{record.uid}:asked:{uid_for(asked)}"
    return Say(cause, record.uid, LinkRole.ISSUE, asked_anew(record, family.request, page_url))


def _link_after(link: Link, issue: IssueView, outcomes: Mapping[str, _Outcome]) -> Link:
    bases = {field: outcome.agreed for field, outcome in outcomes.items() if outcome.agreed}
    agreed = Moves({f: ours for f, (ours, _) in bases.items()}, {f: theirs for f, (_, theirs) in bases.items()})
    held = {field: value for field, value in (link.overtaken or EMPTY).items() if outcomes[field].is_undecided}
    judged_to = newest_seen(issue.changes, link.seen_change)
    return replace(agreed.applied_to(link), overtaken=held or None, seen_change=judged_to)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one field."""

    intake: Intake
    agreed: tuple[Value, Value] | None = None
    """The new bases, ours and theirs."""
    is_found_done: bool = False
    is_undecided: bool = False


def _look_at(
    field: str, reading: Reading, link: Link, uid: str, intake: Intake, seen: Seen, held: Conflict | None
) -> _Outcome:
    row, authority = what_moved(reading), _authority(field, seen.ctx)
    outcome, judged = _Outcome(intake), None
    if row is Moved.AGREED:
        outcome = _Outcome(intake, (reading.ours, reading.theirs), _is_found_done(field, reading, seen))
    elif row in (Moved.FAR, Moved.BOTH) and not _is_ours_to_write(field, link, seen):
        moved = _far_move(field, reading.theirs, link, intake.family.record(uid), intake.family, seen)
        judged = _judge(moved, row)
        if judged.is_taken and is_conflict(authority, row):
            return _Outcome(intake.then(disagree(moved, held)), is_undecided=True)
        intake = intake.then(_taken_or_put_back(moved, judged))
        if row is Moved.BOTH and held is None:
            intake = intake.disputing(decided(moved, judged, authority))
        outcome = _Outcome(intake, (_said_after(moved, judged), reading.theirs) if judged.is_taken else None)
    if held is None:
        return outcome
    closed, note = ended(held, row, judged, authority, seen.ctx.now)
    return replace(outcome, intake=outcome.intake.disputing(closed).noting(note))


def _take_overtaken(field: str, link: Link, uid: str, intake: Intake, seen: Seen) -> Intake:
    """Judge what people said in Jira just before a write of ours took it away: the register had moved, and so had they.

    The bases stay those of our write, so that what is taken is written to Jira again. Where a person decides, the link
    holds it instead."""
    authority = _authority(field, seen.ctx)
    for line in seen.overtaken(field, link.seen_change) if authority is not Authority.NOBODY else ():
        record, theirs = intake.family.record(uid), said_by_line(field, line)
        if not is_said_there(field, theirs, record, seen.text, seen.ctx, seen.words):
            ours = said_by_register(record, seen.text, seen.ctx)[field]
            moved = FarMove(field, ours, theirs, record, intake.family, seen, line, is_overtaken=True)
            judged = _judge(moved, Moved.BOTH)
            intake = intake.then(_taken_or_put_back(moved, judged)).disputing(decided(moved, judged, authority))
    return intake


def _far_move(field: str, theirs: Value, link: Link, record: Record, family: Family, seen: Seen) -> FarMove:
    is_overtaken = field in (link.overtaken or EMPTY)
    change = seen.change_to(field, theirs) if is_overtaken else seen.change_of(field)
    ours = said_by_register(record, seen.text, seen.ctx)[field]
    is_known = was_judged(seen.issue.changes, change, link.seen_change)
    return FarMove(field, ours, theirs, record, family, seen, change, is_overtaken=is_overtaken, was_judged=is_known)


def _authority(field: str, ctx: AuditContext) -> Authority:
    return authority_of(LinkRole.ISSUE, field, ctx.rule.ask)


def _is_ours_to_write(field: str, link: Link, seen: Seen) -> bool:
    """Whether nobody moved it: an earlier write of ours whose base was lost, or a new issue as its project made it."""
    if field in (link.overtaken or EMPTY):
        return False
    if seen.change_of(field) is None:
        return field not in link.base_theirs
    return seen.actor_of(field) in seen.ctx.own_accounts


def _is_found_done(field: str, reading: Reading, seen: Seen) -> bool:
    """Whether it is a write of ours of which nothing was kept: Tieout was stopped before it heard the answer."""
    return reading.theirs != reading.theirs_base and seen.actor_of(field) in seen.ctx.own_accounts


def _judge(moved: FarMove, row: Moved) -> Judged:
    if moved.seen.ctx.rule.is_closed:
        return Judged(moved.record, AUDIT_IS_CLOSED, is_taken=False)
    authority = _authority(moved.field, moved.seen.ctx)
    if takes_far(authority, row) or is_conflict(authority, row):
        return judge(moved)  # a person chooses only between values that may stand
    return Judged(moved.record, "Tieout writes this itself, from the auditor's list", is_taken=False)


def _taken_or_put_back(moved: FarMove, judged: Judged) -> Intake:
    """The family with the judged record; a value that was kept out is journaled as found and explained, once."""
    family, uid, who = moved.family.with_record(judged.record), moved.record.uid, moved.actor or "jira"
    why = f"{judged.why} ({_UNSEEN})" if moved.is_overtaken else judged.why
    if judged.is_taken:
        now = facts_said(judged.record, moved.seen.ctx)[moved.field]
        before, after = moved.record.status, judged.record.status
        is_sent_back = moved.field != "status" and before != after  # the new owner is who approved it
        follows = (Note("status", uid, before, after, "tieout", why),) if is_sent_back else ()
        applied = () if now == moved.ours else (Note(moved.field, uid, moved.ours, now, who, why),)
        return Intake(family, notes=(*applied, *follows), say=judged.say, people=judged.people)
    note = Note(f"{moved.field} put back", uid, moved.theirs, moved.ours, who, why)
    notes = () if moved.was_judged else (note,)
    return Intake(family, notes=notes, say=judged.say or (_explanation(moved, judged),))


def _explanation(moved: FarMove, judged: Judged) -> Say:
    when = moved.change.changed_at.isoformat() if moved.change else str(moved.theirs)
    cause = f"{moved.record.uid}:put-back:{moved.field}:{when}"
    body = put_back(judged.why, FIELD_NAMES.get(moved.field, moved.field), moved.actor, moved.seen.ctx.people)
    return Say(cause, moved.record.uid, LinkRole.ISSUE, body)


def _said_after(moved: FarMove, judged: Judged) -> Value:
    """The register's word for what was taken: the base, once both sides say it.

    A status that was read as another state than it stands for (an owner's Done) has none: it is still to be put right.
    """
    status_map = moved.seen.words.status_map
    if moved.field == "status" and not status_map.agrees(judged.record.status, str(moved.theirs)):
        return None
    return facts_said(judged.record, moved.seen.ctx)[moved.field]
