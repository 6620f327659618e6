"""Taking in what an evidence page says by being edited: the due cell, the decision task, and our own parts put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from .context import AuditContext, Family, Intake, Moves, Note, Say
from .far import PageView
from .lifecycle import AUDIT_IS_CLOSED, is_settled, judge
from .merge import Authority, Moved, Reading, authority_of, takes_far, what_moved
from .moves import enter, exact, keep_acceptance_exact, settle_family, was_on_page, with_auditor_due
from .page_words import found_done, is_as_left, page_facts, read_fields, said_by_page, said_by_register
from .records import Conflict, Decision, Kind, Link, LinkRole, RequestStatus, Role, Value, Visibility, uid_for
from .standing import facts_of, roles_in
from .text import paragraphs

_CHANGED_AT = "notes changed at"
"""In the page's base of a link: when people last wrote around our parts, by the site's clock."""
_OURS = "The boxes of this page are written by Tieout; what you write outside them stays as it is."
_NOT_THE_AUDITOR = "Only the auditor sets the date in this cell; owners ask for a later one in Jira."
_WHOSE_IS_IT = (
    "The page was saved more than once since Tieout last read it, so nobody can tell who changed this box: "
    "say it in a comment, such as “due 2026-12-01” or “accept”."
)
_TAKEN_BACK_IN_WORDS = "An acceptance is taken back by the comment “return: reason”."


@dataclass(frozen=True, slots=True)
class _Seen:
    """The page as it was read, and what is known about who wrote it."""

    page: PageView
    ctx: AuditContext
    is_one_version: bool
    """Whether it is the only version since it was last read and agreed: then its author made all that changed."""


def take_in_page(link: Link, page: PageView, family: Family, ctx: AuditContext, jira_url: str) -> Intake:
    """Judge every field of the page that moved since the last agreement. Pure; writes nothing anywhere.

    Whoever wrote the page's current version is taken for the author of what changed in it; where there are several new
    versions nobody is. What is kept out leaves its base alone, so that the next write puts it back, explained
    once."""
    facts = page_facts(family, ctx, jira_url)
    if is_as_left(page, link, facts):
        return Intake(family, link)
    said = said_by_page(page.title, page.body)
    done = found_done(page, said, link, ctx.own_accounts)
    found = (_found_done(page, family),) if done else ()
    link = done or link
    if is_as_left(page, link, facts):
        return Intake(family, link, notes=found)
    seen = _Seen(page, ctx, is_one_version=page.version <= version_read(link) + 1)
    intake = _watch_notes(link, family, seen, said["notes"]).noting(*found)
    readings = read_fields(said_by_register(facts), said, link)
    ours, theirs, kept_out = {}, {}, {}
    for field, reading in readings.items():
        moved = what_moved(reading)
        if moved is Moved.AGREED:
            ours[field], theirs[field] = reading.ours, reading.theirs
        elif moved in (Moved.FAR, Moved.BOTH) and page.author not in ctx.own_accounts:
            outcome = _judge(field, moved, reading, intake.family, seen)
            if isinstance(outcome, str):
                kept_out[field] = outcome
            else:
                intake = intake.then(outcome)
                ours[field] = theirs[field] = reading.theirs
            if moved is Moved.BOTH:
                is_taken = not isinstance(outcome, str)
                intake = intake.disputing(_decided(field, reading, family.request.uid, seen, is_taken=is_taken))
    if not kept_out:
        theirs["version"] = page.version
    agreed = Moves(ours, theirs).applied_to(intake.link or link)
    if page.version > version_read(link) and page.author in ctx.own_accounts:
        intake = intake.noting(_found_done(page, family))
    return _explained(replace(intake, link=agreed), page, readings, kept_out, since=version_read(link))


def _found_done(page: PageView, family: Family) -> Note:
    """A write of ours of which nothing was kept: Tieout was stopped before it heard the answer."""
    why = "found done, by a write whose end was not kept"
    return Note("page written", family.request.uid, None, page.title, "tieout", why)


def version_read(link: Link) -> int:
    """The newest version of the page that left nothing open: one that we wrote, or read and took in as a whole."""
    read = link.base_theirs.get("version")
    return max(link.remote_version, read if isinstance(read, int) else 0)


def _judge(field: str, moved: Moved, reading: Reading, family: Family, seen: _Seen) -> Intake | str:
    """What the change of a field makes of the family, or why it is not taken, in a sentence."""
    if not takes_far(authority_of(LinkRole.PAGE, field), moved):
        return _OURS
    if seen.ctx.rule.is_closed:
        return AUDIT_IS_CLOSED
    if not seen.is_one_version:
        return _WHOSE_IS_IT
    return _judge_due(reading, family, seen) if field == "due" else _judge_tick(reading, family, seen)


def _decided(field: str, reading: Reading, uid: str, seen: _Seen, *, is_taken: bool) -> Conflict:
    """Both sides moved apart: what the law made of it, to be found again. Confluence keeps what our boxes held."""
    is_boxes = field == "content"
    is_text = authority_of(LinkRole.PAGE, field) is Authority.REGISTER
    return Conflict(
        uid=uid_for("conflict", uid, LinkRole.PAGE, field, str(seen.page.version)),
        record=uid,
        role=LinkRole.PAGE,
        field=field,
        ours="as the register has it" if is_boxes else reading.ours,
        theirs=f"as in version {seen.page.version} of the page" if is_boxes else reading.theirs,
        opened_at=seen.ctx.now,
        settled_at=seen.ctx.now,
        settled_by="the register, whose text it is" if is_text else "the lifecycle",
        kept="theirs" if is_taken else "ours",
    )


def _judge_due(reading: Reading, family: Family, seen: _Seen) -> Intake | str:
    request, said, who = family.request, str(reading.theirs or "? "), seen.page.author
    if Role.AUDITOR not in roles_in(family, request, who, seen.ctx):
        return _NOT_THE_AUDITOR
    if is_settled(Kind.REQUEST, request.status):
        return f"The request is {request.status.replace('_', ' ')}, so no date is open."
    if said.startswith("?"):
        return f"The due cell must hold a date such as 2026-12-01, and it says {said.lstrip('? ')!r}."
    after = family.with_record(with_auditor_due(request, date.fromisoformat(said)))
    note = Note("auditor due date", request.uid, reading.ours, said, who, "edited on the page")
    return Intake(after, notes=(note,)).then(settle_family(family, after, seen.ctx))


def _judge_tick(reading: Reading, family: Family, seen: _Seen) -> Intake | str:
    if not reading.theirs:
        return _TAKEN_BACK_IN_WORDS
    request, page, ctx = family.request, seen.page, seen.ctx
    facts = facts_of(family, request, ctx, has_reason=False, was_seen=was_on_page(family, page.written_at))
    roles = roles_in(family, request, page.author, ctx)
    verdict = judge(Kind.REQUEST, request.status, RequestStatus.ACCEPTED, roles, facts)
    if not verdict.is_allowed:
        return verdict.why
    decision = _decision(page, family, ctx)
    accepted = enter(request, RequestStatus.ACCEPTED, ctx, by=page.author)
    after = replace(family.with_record(accepted), decisions=(*family.decisions, decision))
    note = Note("status", request.uid, request.status, accepted.status, page.author, "decision task ticked on the page")
    return Intake(after, notes=(note,), decisions=(decision,)).then(settle_family(family, after, ctx))


def _decision(page: PageView, family: Family, ctx: AuditContext) -> Decision:
    person = ctx.person_of(page.author)
    return Decision(
        uid=uid_for("decision", page.id, str(page.version)),
        request=family.request.uid,
        verdict=RequestStatus.ACCEPTED,
        reason="",
        by=page.author,
        by_name=person.name if person else page.author,
        decided_at=page.written_at,
        page_version=page.version,
        evidence=exact(family.released()),
        comment_id="",
    )


def _explained(
    intake: Intake, page: PageView, readings: Mapping[str, Reading], kept_out: Mapping[str, str], *, since: int
) -> Intake:
    """With a line in the journal for each field that is put back, and one comment for all of them.

    Once for all versions `since` the last that left nothing open: until it is put back, every save shows it again."""
    link = intake.link
    told = _explained_before(link, since) if link else frozenset()
    news = {field: why for field, why in kept_out.items() if field not in told}
    if link is None or not news:
        return intake
    uid = link.record
    notes = [
        Note(f"page {field} put back", uid, readings[field].theirs, readings[field].ours, page.author, why)
        for field, why in news.items()
    ]
    body = paragraphs(f"Your change of this page was put back. {' '.join(dict.fromkeys(news.values()))}")
    say = Say(f"{uid}:put-back:page:{since}:{'+'.join(sorted(news))}", uid, LinkRole.PAGE, body, Visibility.AUDITOR)
    after = Moves({}, {"explained": (str(since), *sorted(told | set(news)))}).applied_to(link)
    return replace(intake, link=after).noting(*notes).saying(say)


def _explained_before(link: Link, since: int) -> frozenset[str]:
    """The fields whose put-back somebody was told of since that version."""
    told = link.base_theirs.get("explained")
    return frozenset(told[1:]) if isinstance(told, tuple) and told[0] == str(since) else frozenset()


def _watch_notes(link: Link, family: Family, seen: _Seen, now: Value) -> Intake:
    """What people wrote around our parts is theirs; under an acceptance, a change of it is a change of the evidence.

    Looked at before the decision task: who ticks it accepts the page with the notes of that version."""
    before = link.base_theirs.get("notes")
    is_theirs = before not in (now, None) and seen.page.author not in seen.ctx.own_accounts
    notes: dict[str, Value] = {"notes": now} if now != before else {}
    if not is_theirs:
        return Intake(family, Moves({}, notes).applied_to(link))
    notes |= {_CHANGED_AT: seen.page.written_at.isoformat()}
    fallen = keep_acceptance_exact(family, seen.ctx, page_changed="the text of the page was changed")
    return replace(fallen, link=Moves({}, notes).applied_to(link))


def is_text_as_at(link: Link | None, at: datetime) -> bool:
    """Whether nobody wrote around our parts since `at`: a decision made then is on what the page says now."""
    changed_at = link.base_theirs.get(_CHANGED_AT) if link else None
    return not isinstance(changed_at, str) or datetime.fromisoformat(changed_at) <= at
