"""Commands on an evidence page: an auditor's decisions, questions and dates. Each is answered once, in its thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from .commands import BadCommand, Command, Verb
from .context import AuditContext, Family, Intake, Note, Say
from .due_dates import iso
from .far import RemoteComment
from .ladder import raise_by_hand
from .lifecycle import AUDIT_IS_CLOSED, is_settled, judge, way_back
from .moves import enter, exact, returned_due, settle_family, was_on_page, with_auditor_due, with_new_due
from .records import Decision, Kind, LinkRole, Record, RequestStatus, Role, Value, Visibility, uid_for
from .standing import facts_of, roles_in
from .text import paragraphs


@dataclass(frozen=True, slots=True)
class _Asked:
    """A command on a page, and everything its outcome depends on."""

    heard: RemoteComment
    command: Command
    family: Family
    ctx: AuditContext
    roles: frozenset[Role]
    page_version: int
    is_text_same: bool

    @property
    def request(self) -> Record:
        return self.family.request

    @property
    def owner(self) -> str:
        """Who works on it, by name; the coordinator where nobody does."""
        return self.ctx.name_of(self.request.owner or self.ctx.rule.coordinator.lower())

    def unchanged(self, text: str) -> Intake:
        return Intake(self.family, say=(_answer_to(self.heard, self.family, text),))

    def changed(self, request: Record, text: str, note: Note, *decisions: Decision) -> Intake:
        """The request moved by this command, with all that follows from it, and the answer."""
        family = self.family.with_record(request)
        family = replace(family, decisions=family.decisions + decisions)
        say = (_answer_to(self.heard, self.family, text),)
        intake = Intake(family, notes=(note,), say=say, decisions=decisions)
        return intake.then(settle_family(self.family, family, self.ctx))

    def note(self, what: str, before: Value, after: Value, why: str) -> Note:
        return Note(what, self.request.uid, before, after, self.heard.author, why)


def obey_on_page(
    heard: RemoteComment,
    command: Command | BadCommand,
    family: Family,
    ctx: AuditContext,
    page_version: int,
    *,
    is_text_same: bool,
) -> Intake:
    """What a command does to the request. Only auditors decide; whoever else tries is told so."""
    roles = roles_in(family, family.request, heard.author, ctx)
    is_auditor = Role.AUDITOR in roles
    if isinstance(command, BadCommand):
        return Intake(family, say=(_answer_to(heard, family, command.why),) if is_auditor else ())
    asked = _Asked(heard, command, family, ctx, roles, page_version, is_text_same)
    if not is_auditor and not (command.verb is Verb.ESCALATE and heard.author):
        auditors = ", ".join(ctx.name_of(email.lower()) for email in ctx.rule.auditors)
        return asked.unchanged(
            f"Nothing was changed: on this page only the auditors of {ctx.rule.name} decide ({auditors}). "
            "Your comment was kept and passed on."
        )
    if ctx.rule.is_closed and command.verb is not Verb.QUESTION:
        return asked.unchanged(f"Nothing was changed: {AUDIT_IS_CLOSED}")
    return _ON_PAGE[command.verb](asked)


def _answer_to(heard: RemoteComment, family: Family, text: str) -> Say:
    return Say(
        cause=f"{family.request.uid}:answer:{heard.id}",
        record=family.request.uid,
        role=LinkRole.PAGE,
        body=paragraphs(text),
        visibility=Visibility.AUDITOR,
        reply_to=heard.reply_to or heard.id,
    )


def _decide(asked: _Asked, verdict: RequestStatus, text: str) -> Intake:
    reason, heard = asked.command.text, asked.heard
    was_seen = asked.is_text_same and was_on_page(asked.family, heard.created_at)
    facts = facts_of(asked.family, asked.request, asked.ctx, has_reason=bool(reason), was_seen=was_seen)
    judged = judge(Kind.REQUEST, asked.request.status, verdict, asked.roles, facts)
    if not judged.is_allowed:
        return asked.unchanged(f"Nothing was changed: {_too_early(asked.request, verdict) or judged.why}")
    decision = Decision(
        uid=uid_for("decision", heard.id),
        request=asked.request.uid,
        verdict=verdict,
        reason=reason,
        by=heard.author,
        by_name=heard.author_name,
        decided_at=heard.created_at,
        page_version=asked.page_version,
        evidence=exact(asked.family.released()),
        comment_id=heard.id,
    )
    request = enter(asked.request, verdict, asked.ctx, by=heard.author, reason=reason)
    if verdict is RequestStatus.RETURNED:
        request = with_new_due(request, asked.command.due_on or returned_due(asked.ctx))
    why = f"decided on the page: {verdict}"
    intake = asked.changed(request, text, asked.note("status", asked.request.status, request.status, why), decision)
    if request.due_on == asked.request.due_on:
        return intake
    return intake.noting(asked.note("due", iso(asked.request.due_on), iso(request.due_on), why))


def _too_early(request: Record, verdict: RequestStatus) -> str:
    """What to tell an auditor who accepts or returns what was not submitted yet; empty for any other trouble."""
    if verdict is RequestStatus.NOT_APPLICABLE or request.status == verdict:
        return ""
    if request.status == RequestStatus.SUBMITTED or is_settled(Kind.REQUEST, request.status):
        return ""
    what = "accept" if verdict is RequestStatus.ACCEPTED else "return"
    return f"there is nothing to {what} yet. When the evidence is submitted, it is said here."


def _accept(asked: _Asked) -> Intake:
    files = len(asked.family.released())
    what = f"the {files} files shown above" if files > 1 else "the file shown above" if files else "what the page says"
    text = f"Accepted. This covers {what}; if any of it changes, the request comes back to you."
    return _decide(asked, RequestStatus.ACCEPTED, text)


def _return(asked: _Asked) -> Intake:
    due_on = asked.command.due_on or returned_due(asked.ctx)
    text = f"Returned to {asked.owner} with your reason, due {due_on.isoformat()}."
    return _decide(asked, RequestStatus.RETURNED, text)


def _not_applicable(asked: _Asked) -> Intake:
    return _decide(asked, RequestStatus.NOT_APPLICABLE, "Set to not applicable, with your reason.")


def _question(asked: _Asked) -> Intake:
    return asked.unchanged(f"Your question was passed to {asked.owner}; the answer will appear on this page.")


def _answer(asked: _Asked) -> Intake:
    request = asked.request
    if request.status != RequestStatus.NEEDS_CLARIFICATION:
        return asked.unchanged("Your comment was passed on. No question of ours was open, so nothing else changed.")
    before = way_back(Kind.REQUEST, request.status_before, asked.roles)
    facts = facts_of(asked.family, request, asked.ctx, has_reason=bool(asked.command.text))
    judged = judge(Kind.REQUEST, request.status, before, asked.roles, facts)
    if not judged.is_allowed:
        return asked.unchanged(f"Nothing was changed: {judged.why}")
    after = enter(request, before, asked.ctx, by=asked.heard.author)
    note = asked.note("status", request.status, after.status, "the auditor answered")
    return asked.changed(after, "Thank you. The work goes on.", note)


def _due(asked: _Asked) -> Intake:
    before, due_on = asked.request, asked.command.due_on
    if due_on is None or is_settled(Kind.REQUEST, before.status):
        return asked.unchanged(f"Nothing was changed: the request is {_words(before)}, so no date is open.")
    after = with_auditor_due(before, due_on)
    if after == before:
        return asked.unchanged(f"Nothing was changed: {due_on} is the due date already.")
    note = asked.note(
        "auditor due date", iso(before.auditor_due_on), due_on.isoformat(), "set by the auditor on the page"
    )
    return asked.changed(after, f"Due date set to {due_on}. Everybody working on it sees the new date.", note)


def _escalate(asked: _Asked) -> Intake:
    before = asked.request
    if is_settled(Kind.REQUEST, before.status):
        return asked.unchanged(f"Nothing was changed: the request is {_words(before)}.")
    after = raise_by_hand(before, asked.heard.author)
    why = asked.command.text or "raised on the page"
    note = asked.note("escalation", before.escalation_level, after.escalation_level, why)
    coordinator = asked.ctx.name_of(asked.ctx.rule.coordinator.lower())
    return asked.changed(after, f"Escalated. {coordinator} and the owners are told.", note)


def _elsewhere(asked: _Asked) -> Intake:
    return asked.unchanged(
        "Nothing was changed: the owner or the coordinator does that, by the same comment on the issue in Jira."
    )


def _words(record: Record) -> str:
    return record.status.replace("_", " ")


_ON_PAGE: Mapping[Verb, Callable[[_Asked], Intake]] = {
    Verb.ACCEPT: _accept,
    Verb.RETURN: _return,
    Verb.NOT_APPLICABLE: _not_applicable,
    Verb.QUESTION: _question,
    Verb.ANSWER: _answer,
    Verb.DUE: _due,
    Verb.ESCALATE: _escalate,
    Verb.ACKNOWLEDGE: _elsewhere,
    Verb.SNOOZE: _elsewhere,
}
