"""Taking in what an evidence page says by being edited: the due cell, the decision task, and our own parts put back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from .context import AuditContext, Family, Intake, Moves, Note, Say
from .far import PageView
from .lifecycle import judge
from .merge import Moved, Reading, takes_far, what_moved
from .moves import enter, exact, keep_acceptance_exact, settle_family, was_on_page, with_auditor_due
from .page_words import FIELDS, is_as_left, page_facts, read_fields, said_by_page, said_by_register
from .records import Decision, Kind, Link, LinkRole, RequestStatus, Role, Visibility, uid_for
from .standing import facts_of, roles_in
from .text import paragraphs


def take_in_page(link: Link, page: PageView, family: Family, ctx: AuditContext, jira_url: str) -> Intake:
    """Judge every field of the page that moved since the last agreement. Pure; writes nothing anywhere.

    Whoever wrote the page's current version is taken for the author of what changed in it."""
    intake = Intake(family, link)
    facts = page_facts(family, ctx, jira_url)
    if is_as_left(page, link, facts):
        return intake
    readings = read_fields(said_by_register(facts), page, link)
    for field in FIELDS:
        intake = intake.then(_take_field(field, readings[field], page, intake, link, ctx))
    return intake.then(_watch_notes(page, intake, link, ctx))


def _take_field(
    field: str, reading: Reading, page: PageView, so_far: Intake, original: Link, ctx: AuditContext
) -> Intake:
    family, link = so_far.family, so_far.link or original
    moved = what_moved(reading)
    if moved is Moved.AGREED:
        return Intake(family, Moves({field: reading.ours}, {field: reading.theirs}).applied_to(link))
    if moved in (Moved.NOTHING, Moved.REGISTER) or page.author in ctx.own_accounts:
        return Intake(family, link)
    if not takes_far(LinkRole.PAGE, field, moved):
        why = "the boxes of this page are written by Tieout; what you write outside them stays as it is"
        return _kept_out(field, reading, page, family, link, why)
    if field == "due":
        return _take_due(reading, page, family, link, ctx)
    return _take_tick(reading, page, family, link, ctx)


def _take_due(reading: Reading, page: PageView, family: Family, link: Link, ctx: AuditContext) -> Intake:
    if Role.AUDITOR not in roles_in(family, family.request, page.author, ctx):
        why = "only the auditor sets the date in this cell; owners ask for a later one in Jira"
        return _kept_out("due", reading, page, family, link, why)
    if reading.theirs is None or str(reading.theirs).startswith("?"):
        why = (
            f"the due cell must hold a date such as 2026-12-01, and it says {str(reading.theirs or '').lstrip('? ')!r}"
        )
        return _kept_out("due", reading, page, family, link, why)
    request = with_auditor_due(family.request, date.fromisoformat(str(reading.theirs)))
    after = family.with_record(request)
    link = Moves({"due": reading.theirs}, {"due": reading.theirs}).applied_to(link)
    note = Note("auditor due date", request.uid, reading.ours, reading.theirs, page.author, "edited on the page")
    return Intake(after, link, (note,)).then(settle_family(family, after, ctx))


def _take_tick(reading: Reading, page: PageView, family: Family, link: Link, ctx: AuditContext) -> Intake:
    request = family.request
    roles = roles_in(family, request, page.author, ctx)
    facts = facts_of(family, request, ctx, has_reason=False, was_seen=was_on_page(family, page.written_at))
    verdict = judge(Kind.REQUEST, request.status, RequestStatus.ACCEPTED, roles, facts)
    if not reading.theirs or not verdict.is_allowed:
        why = verdict.why if reading.theirs else "an acceptance is taken back by the comment “return: reason”"
        return _kept_out("accept", reading, page, family, link, why)
    name = next((person.name for person in ctx.people.values() if person.account_id == page.author), page.author)
    decision = Decision(
        uid=uid_for("decision", page.id, str(page.version)),
        request=request.uid,
        verdict=RequestStatus.ACCEPTED,
        reason="",
        by=page.author,
        by_name=name,
        decided_at=page.written_at,
        page_version=page.version,
        evidence=exact(family.released()),
        comment_id="",
    )
    accepted = enter(request, RequestStatus.ACCEPTED, ctx, by=page.author)
    after = replace(family.with_record(accepted), decisions=(*family.decisions, decision))
    link = Moves({"accept": True}, {"accept": True}).applied_to(link)
    note = Note("status", request.uid, request.status, accepted.status, page.author, "decision task ticked on the page")
    intake = Intake(after, link, (note,), decisions=(decision,))
    return intake.then(settle_family(family, after, ctx))


def _kept_out(field: str, reading: Reading, page: PageView, family: Family, link: Link, why: str) -> Intake:
    request = family.request
    cause = f"{request.uid}:put-back:page:{page.version}"
    body = paragraphs(f"Your change of this page was put back: {why}.")
    return Intake(
        family,
        link,
        notes=(Note(f"page {field} put back", request.uid, reading.theirs, reading.ours, page.author, why),),
        say=(Say(cause, request.uid, LinkRole.PAGE, body, Visibility.AUDITOR),),
    )


def _watch_notes(page: PageView, so_far: Intake, original: Link, ctx: AuditContext) -> Intake:
    """What people wrote around our parts is theirs; under an acceptance, a change of it is a change of the evidence."""
    family, link = so_far.family, so_far.link or original
    notes = said_by_page(page.title, page.body)["notes"]
    if notes == link.base_theirs.get("notes"):
        return Intake(family, link)
    link = Moves({}, {"notes": notes}).applied_to(link)
    if original.base_theirs.get("notes") is None or page.author in ctx.own_accounts:
        return Intake(family, link)
    changed = "the text of the page was changed"
    return Intake(family, link).then(keep_acceptance_exact(family, ctx, page_changed=changed))
