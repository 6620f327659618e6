"""What people say on issues and pages: comments that travel, and commands that move a request.

Each comment is heard once (the register knows its id). Whoever asks for something gets one short answer where it was
asked, whatever the outcome.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from .commands import BadCommand, Command, Verb, read_command
from .context import AuditContext, Family, Intake, Note, Say
from .due_dates import judge_due
from .far import RemoteComment
from .issue_intake import family_facts
from .ladder import lower, raise_by_hand
from .lifecycle import is_settled, judge, roles_of, way_back
from .moves import enter, exact, returned_due, settle_family, with_new_due
from .records import (
    Comment,
    Decision,
    Kind,
    LinkRole,
    Record,
    RequestStatus,
    Role,
    Side,
    Visibility,
)
from .text import paragraphs


def uid_for(*parts: str) -> str:
    """A uid that is the same for the same cause, so that nothing is heard, said or decided twice."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def hear_on_issue(record: Record, heard: RemoteComment, family: Family, ctx: AuditContext) -> Intake:
    """A comment on an issue: kept inside the company unless it is marked for the auditor."""
    prefix = ctx.rule.auditor_comment_prefix
    is_for_auditor = heard.text.lower().startswith(prefix.lower()) and not heard.is_restricted
    text = heard.text[len(prefix) :].strip() if is_for_auditor else heard.text
    command = None if heard.is_restricted else read_command(text, today=ctx.today)
    is_question = isinstance(command, Command) and command.verb is Verb.QUESTION
    visibility = Visibility.AUDITOR if is_for_auditor or is_question else Visibility.INTERNAL
    copies = ((family.request.uid, LinkRole.PAGE),) if visibility is Visibility.AUDITOR else ()
    comment = _comment(record.uid, Side.JIRA, heard, text, visibility)
    intake = Intake(family, comments=((comment, copies),))
    if not isinstance(command, Command):
        return intake
    return intake.then(_obey_on_issue(record, heard, command, family, ctx))


def hear_on_page(heard: RemoteComment, family: Family, ctx: AuditContext, page_version: int) -> Intake:
    """A comment on an evidence page: carried to the issues, and obeyed when it is an auditor's decision."""
    targets = [family.request, *(task for task in family.tasks if not is_settled(task.kind, task.status))]
    copies = tuple((target.uid, LinkRole.ISSUE) for target in targets)
    comment = _comment(family.request.uid, Side.CONFLUENCE, heard, heard.text, Visibility.AUDITOR)
    intake = Intake(family, comments=((comment, copies),))
    command = read_command(heard.text, today=ctx.today)
    if command is None:
        return intake
    roles = roles_of(heard.author, family.request, ctx.people, ctx.rule, frozenset(), None)
    return intake.then(_obey_on_page(_Asked(heard, command, family, ctx, roles, page_version)))


def _comment(record: str, side: Side, heard: RemoteComment, text: str, visibility: Visibility) -> Comment:
    return Comment(
        uid=uid_for("comment", side, heard.id),
        record=record,
        side=side,
        origin_id=heard.id,
        author=heard.author,
        author_name=heard.author_name,
        visibility=visibility,
        text=text,
        said_at=heard.created_at,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A command on a page, and everything its outcome depends on."""

    heard: RemoteComment
    command: Command | BadCommand
    family: Family
    ctx: AuditContext
    roles: frozenset[Role]
    page_version: int

    @property
    def request(self) -> Record:
        return self.family.request

    def answer(self, text: str) -> Say:
        return Say(
            cause=f"{self.request.uid}:answer:{self.heard.id}",
            record=self.request.uid,
            role=LinkRole.PAGE,
            body=paragraphs(text),
            visibility=Visibility.AUDITOR,
            reply_to=self.heard.reply_to or self.heard.id,
        )

    def unchanged(self, text: str) -> Intake:
        return Intake(self.family, say=(self.answer(text),))

    def changed(self, request: Record, text: str, *, what: str, why: str, decision: Decision | None = None) -> Intake:
        """The request moved by this command, with all that follows from it, and the answer."""
        before, after = _difference(what, self.request, request)
        family = self.family.with_record(request)
        if decision is not None:
            family = replace(family, decisions=(*family.decisions, decision))
        intake = Intake(
            family,
            notes=(Note(what, request.uid, before, after, self.heard.author, why),),
            say=(self.answer(text),),
            decisions=(decision,) if decision else (),
        )
        return intake.then(settle_family(self.family, family, self.ctx))


def _difference(what: str, before: Record, after: Record) -> tuple[str | None, str | None]:
    if what == "auditor due date":
        return (
            before.auditor_due_on.isoformat() if before.auditor_due_on else None,
            after.auditor_due_on.isoformat() if after.auditor_due_on else None,
        )
    if what == "escalation":
        return str(before.escalation_level), str(after.escalation_level)
    return before.status, after.status


def _obey_on_page(asked: _Asked) -> Intake:
    command, ctx = asked.command, asked.ctx
    is_auditor = Role.AUDITOR in asked.roles
    if isinstance(command, BadCommand):
        return asked.unchanged(command.why) if is_auditor else Intake(asked.family)
    if is_auditor or (command.verb in _OPEN_TO_ALL and asked.heard.author):
        return _ON_PAGE[command.verb](asked, command)
    auditors = ", ".join(ctx.name_of(email.lower()) for email in ctx.rule.auditors)
    return asked.unchanged(
        f"Nothing was changed: on this page only the auditors of {ctx.rule.name} decide ({auditors}). "
        "Your comment was kept and passed on."
    )


def _decide(asked: _Asked, verdict: RequestStatus, text: str) -> Intake:
    facts = family_facts(asked.request, asked.family, asked.ctx, has_reason=bool(_command(asked).text))
    facts = replace(facts, evidence_unchanged=not _came_after(asked))
    judged = judge(Kind.REQUEST, asked.request.status, verdict, asked.roles, facts)
    if not judged.is_allowed:
        return asked.unchanged(f"Nothing was changed: {judged.why}")
    reason = _command(asked).text
    decision = Decision(
        uid=uid_for("decision", asked.heard.id),
        request=asked.request.uid,
        verdict=verdict,
        reason=reason,
        by=asked.heard.author,
        by_name=asked.heard.author_name,
        decided_at=asked.heard.created_at,
        page_version=asked.page_version,
        evidence=exact(asked.family.released()),
        comment_id=asked.heard.id,
    )
    request = enter(asked.request, verdict, asked.ctx, by=asked.heard.author, reason=reason)
    if verdict is RequestStatus.RETURNED:
        request = with_new_due(request, _command(asked).due_on or returned_due(asked.ctx))
    return asked.changed(request, text, what="status", why=f"decided on the page: {verdict}", decision=decision)


def _came_after(asked: _Asked) -> bool:
    """Whether somebody put a file on the page after the auditor wrote: the decision did not see it."""
    on_page = [item for item in asked.family.released() if item.side is Side.CONFLUENCE]
    return any(item.collected_at > asked.heard.created_at for item in on_page)


def _accept(asked: _Asked, _: Command) -> Intake:
    files = len(asked.family.released())
    what = f"the {files} files shown above" if files > 1 else "the file shown above" if files else "what the page says"
    text = f"Accepted. This covers {what}; if any of it changes, the request comes back to you."
    return _decide(asked, RequestStatus.ACCEPTED, text)


def _return(asked: _Asked, command: Command) -> Intake:
    due_on = command.due_on or returned_due(asked.ctx)
    owner = asked.ctx.name_of(asked.request.owner or asked.ctx.rule.coordinator.lower())
    text = f"Returned to {owner} with your reason, due {due_on.isoformat()}."
    return _decide(asked, RequestStatus.RETURNED, text)


def _not_applicable(asked: _Asked, _: Command) -> Intake:
    return _decide(asked, RequestStatus.NOT_APPLICABLE, "Set to not applicable, with your reason.")


def _question(asked: _Asked, _: Command) -> Intake:
    owner = asked.ctx.name_of(asked.request.owner or asked.ctx.rule.coordinator.lower())
    return asked.unchanged(f"Your question was passed to {owner}; the answer will appear on this page.")


def _answer(asked: _Asked, command: Command) -> Intake:
    before = way_back(Kind.REQUEST, asked.request.status_before, asked.roles)
    facts = family_facts(asked.request, asked.family, asked.ctx, has_reason=bool(command.text))
    if asked.request.status != RequestStatus.NEEDS_CLARIFICATION:
        return asked.unchanged("Your comment was passed on. No question of ours was open, so nothing else changed.")
    judged = judge(Kind.REQUEST, asked.request.status, before, asked.roles, facts)
    if not judged.is_allowed:
        return asked.unchanged(f"Nothing was changed: {judged.why}")
    request = enter(asked.request, before, asked.ctx, by=asked.heard.author)
    return asked.changed(request, "Thank you. The work goes on.", what="status", why="the auditor answered")


def _due(asked: _Asked, command: Command) -> Intake:
    if is_settled(Kind.REQUEST, asked.request.status):
        return asked.unchanged(f"Nothing was changed: the request is {asked.request.status}, so no date is open.")
    if command.due_on is None:
        raise TypeError("a due command without a date was obeyed")
    request = with_auditor_due(asked.request, command.due_on)
    text = f"Due date set to {request.auditor_due_on}. Everybody working on it sees the new date."
    return asked.changed(request, text, what="auditor due date", why="set by the auditor on the page")


def with_auditor_due(request: Record, due_on: date) -> Record:
    """The request with the auditor's new date; the owner's own date follows unless it was earlier by choice."""
    verdict = judge_due(request, due_on, frozenset({Role.AUDITOR}))
    return replace(
        request,
        auditor_due_on=verdict.new_auditor_due_on,
        due_on=verdict.new_due_on,
        extension_on=verdict.extension_on,
        due_version=request.due_version + (1 if verdict.new_due_on != request.due_on else 0),
    )


def _escalate(asked: _Asked, command: Command) -> Intake:
    if is_settled(Kind.REQUEST, asked.request.status):
        return asked.unchanged(f"Nothing was changed: the request is {asked.request.status}.")
    request = raise_by_hand(asked.request, asked.heard.author)
    request = replace(request, escalation_level=max(1, request.escalation_level), reason=command.text or request.reason)
    coordinator = asked.ctx.name_of(asked.ctx.rule.coordinator.lower())
    text = f"Escalated. {coordinator} and the owners are told."
    return asked.changed(request, text, what="escalation", why=command.text or "raised on the page")


def _acknowledge(asked: _Asked, _: Command) -> Intake:
    return asked.unchanged("Noted.")


def _command(asked: _Asked) -> Command:
    if isinstance(asked.command, BadCommand):
        raise TypeError("a command that could not be read was obeyed")
    return asked.command


_OPEN_TO_ALL = frozenset({Verb.ESCALATE})

_ON_PAGE: Mapping[Verb, Callable[[_Asked, Command], Intake]] = {
    Verb.ACCEPT: _accept,
    Verb.RETURN: _return,
    Verb.NOT_APPLICABLE: _not_applicable,
    Verb.QUESTION: _question,
    Verb.ANSWER: _answer,
    Verb.DUE: _due,
    Verb.ESCALATE: _escalate,
    Verb.ACKNOWLEDGE: _acknowledge,
    Verb.SNOOZE: _acknowledge,
}


def _obey_on_issue(record: Record, heard: RemoteComment, command: Command, family: Family, ctx: AuditContext) -> Intake:
    def answer(text: str) -> Say:
        return Say(f"{record.uid}:answer:{heard.id}", record.uid, LinkRole.ISSUE, paragraphs(text))

    request_seen = None if record.kind is Kind.REQUEST else family.request
    roles = roles_of(heard.author, record, ctx.people, ctx.rule, frozenset(), request_seen)
    if command.verb is Verb.ESCALATE:
        raised = raise_by_hand(record, heard.author)
        after = family.with_record(replace(raised, escalation_level=max(1, raised.escalation_level)))
        note = Note(
            "escalation", record.uid, record.escalation_level, 1, heard.author, command.text or "raised in Jira"
        )
        return Intake(after, notes=(note,)).then(settle_family(family, after, ctx))
    if command.verb is Verb.ACKNOWLEDGE and roles & {Role.OWNER, Role.COORDINATOR} and record.raised_by:
        after = family.with_record(lower(record))
        note = Note("escalation", record.uid, record.escalation_level, 0, heard.author, "acknowledged in Jira")
        return Intake(after, notes=(note,)).then(settle_family(family, after, ctx))
    if command.verb is Verb.QUESTION:
        return _ask_auditor(record, heard, command, family, ctx, roles)
    if command.verb in (Verb.ACCEPT, Verb.NOT_APPLICABLE) or (command.verb is Verb.RETURN):
        text = "Nothing was changed: only an auditor accepts, returns or sets aside a request, on its evidence page."
        return Intake(family, say=(answer(text),))
    return Intake(family)


def _ask_auditor(
    record: Record, heard: RemoteComment, command: Command, family: Family, ctx: AuditContext, roles: frozenset[Role]
) -> Intake:
    """An owner's question to the auditor: it goes to the page, and the owner's clock stops until the answer."""
    request = family.request
    facts = family_facts(request, family, ctx, has_reason=bool(command.text))
    verdict = judge(Kind.REQUEST, request.status, RequestStatus.NEEDS_CLARIFICATION, roles, facts)
    if not verdict.is_allowed:
        text = f"Your question was passed to the auditor. The state stays as it is: {verdict.why}"
        say = Say(f"{record.uid}:answer:{heard.id}", record.uid, LinkRole.ISSUE, paragraphs(text))
        return Intake(family, say=(say,))
    after = enter(request, RequestStatus.NEEDS_CLARIFICATION, ctx, by=heard.author, reason=command.text)
    changed = family.with_record(after)
    note = Note("status", request.uid, request.status, after.status, heard.author, "a question to the auditor")
    return Intake(changed, notes=(note,)).then(settle_family(family, changed, ctx))
