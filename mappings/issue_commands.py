"""Commands in Jira: questions to the auditor, and the escalation raised, ended or put off. None of them decides.

Each is answered once on the issue, inside the company.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from .commands import Command, Verb
from .context import AuditContext, Family, Intake, Note, Say
from .ladder import climbs_by_itself, lower, raise_by_hand
from .lifecycle import AUDIT_IS_CLOSED, is_settled, judge
from .moves import enter, settle_family
from .records import Comment, Kind, LinkRole, Record, RequestStatus, Role, Value, Visibility
from .standing import facts_of, roles_in
from .text import paragraphs


@dataclass(frozen=True, slots=True)
class _Asked:
    """A command on a record's issue, and everything its outcome depends on."""

    record: Record
    comment: Comment
    command: Command
    family: Family
    ctx: AuditContext

    @property
    def roles(self) -> frozenset[Role]:
        return roles_in(self.family, self.record, self.comment.author, self.ctx)

    @property
    def is_led_by_tasks(self) -> bool:
        """Whether the ladder is climbed by the tasks below and not by the record itself."""
        return not climbs_by_itself(self.record, self.tasks)

    @property
    def tasks(self) -> tuple[Record, ...]:
        """Those of a request."""
        return self.family.live_tasks if self.record.kind is Kind.REQUEST else ()

    def unchanged(self, text: str) -> Intake:
        cause = f"{self.record.uid}:answer:{self.comment.origin_id}"
        return Intake(self.family, say=(Say(cause, self.record.uid, LinkRole.ISSUE, paragraphs(text)),))

    def changed(self, after: Record, text: str, what: str, before: Value, now: Value, why: str) -> Intake:
        """A record of the family moved by this command, with all that follows from it, and the answer."""
        family = self.family.with_record(after)
        note = Note(what, after.uid, before, now, self.comment.author, why)
        intake = replace(self.unchanged(text), family=family, notes=(note,))
        return intake.then(settle_family(self.family, family, self.ctx))


def obey_on_issue(record: Record, comment: Comment, command: Command, family: Family, ctx: AuditContext) -> Intake:
    """What a command on a record's issue does; `comment` is the one it stands in."""
    asked = _Asked(record, comment, command, family, ctx)
    if ctx.rule.is_closed and command.verb is not Verb.QUESTION:
        return asked.unchanged(f"Nothing was changed: {AUDIT_IS_CLOSED}")
    return _ON_ISSUE[command.verb](asked)


def _ask_auditor(asked: _Asked) -> Intake:
    """An owner's question goes to the page, and the owner's clock stops until the answer. Nobody else's does."""
    if asked.comment.visibility is not Visibility.AUDITOR:
        return _answer(asked)
    request, ctx = asked.family.request, asked.ctx
    facts = facts_of(asked.family, request, ctx, has_reason=bool(asked.command.text))
    verdict = judge(Kind.REQUEST, request.status, RequestStatus.NEEDS_CLARIFICATION, asked.roles, facts)
    passed = "Your question was passed to the auditor."
    if not verdict.is_allowed:
        return asked.unchanged(f"{passed} The state stays as it is: {verdict.why}")
    after = enter(request, RequestStatus.NEEDS_CLARIFICATION, ctx, by=asked.comment.author, reason=asked.command.text)
    text = f"{passed} Nobody’s time runs until it is answered."
    return asked.changed(after, text, "status", request.status, after.status, "a question to the auditor")


def _answer(asked: _Asked) -> Intake:
    if asked.comment.visibility is Visibility.AUDITOR:
        return asked.unchanged("Nothing was changed; your answer was passed to the auditor.")
    prefix = asked.ctx.rule.auditor_comment_prefix
    return asked.unchanged(
        f"Nothing was changed, and this stayed inside the company. What the auditor is to read begins with “{prefix}”."
    )


def _escalate(asked: _Asked) -> Intake:
    record = asked.record
    if is_settled(record.kind, record.status) or not asked.comment.author:
        return asked.unchanged(f"Nothing was changed: the {record.kind} is {record.status.replace('_', ' ')}.")
    after = raise_by_hand(record, asked.comment.author)
    text = f"Escalated. {asked.ctx.name_of(asked.ctx.rule.coordinator.lower())} sees it, and so does the owner."
    why = asked.command.text or "raised in Jira"
    return asked.changed(after, text, "escalation", record.escalation_level, after.escalation_level, why)


def _acknowledge(asked: _Asked) -> Intake:
    """Ends an escalation: one raised by hand for the owner as well, the ladder's for the coordinator alone."""
    record = asked.record
    if record.escalation_level == 0:
        return asked.unchanged("Nothing was changed: nothing is escalated here.")
    if any(task.escalation_level for task in asked.tasks):
        return asked.unchanged("Nothing was changed: a task of this request is escalated. Acknowledge it there.")
    may = {Role.COORDINATOR, Role.OWNER} if record.raised_by else {Role.COORDINATOR}
    if not asked.roles & may:
        who = "the owner or the coordinator" if record.raised_by else "the coordinator"
        return asked.unchanged(f"Nothing was changed: only {who} ends this escalation.")
    text = "Acknowledged: the escalation is over."
    return asked.changed(lower(record), text, "escalation", record.escalation_level, 0, "acknowledged in Jira")


def _snooze(asked: _Asked) -> Intake:
    """The ladder waits some working days, as it does while a question is open; the due date stays."""
    record, days = asked.record, asked.command.days or 0
    if Role.COORDINATOR not in asked.roles:
        return asked.unchanged("Nothing was changed: only the coordinator makes the escalation wait.")
    if is_settled(record.kind, record.status):
        return asked.unchanged(f"Nothing was changed: the {record.kind} is {record.status.replace('_', ' ')}.")
    if asked.is_led_by_tasks:
        return asked.unchanged("Nothing was changed: the tasks of this request are escalated by themselves.")
    paused = record.clock_paused_days + days
    text = f"The next step of the escalation waits {days} working {'day' if days == 1 else 'days'} longer."
    after = replace(record, clock_paused_days=paused)
    return asked.changed(after, text, "working days paused", record.clock_paused_days, paused, "put off in Jira")


def _set_date(asked: _Asked) -> Intake:
    return asked.unchanged("Nothing was changed: set the date in the due date of this issue.")


def _decide(asked: _Asked) -> Intake:
    text = "Nothing was changed: only an auditor accepts, returns or sets aside a request, on its evidence page."
    return asked.unchanged(text)


_ON_ISSUE: Mapping[Verb, Callable[[_Asked], Intake]] = {
    Verb.ACCEPT: _decide,
    Verb.RETURN: _decide,
    Verb.NOT_APPLICABLE: _decide,
    Verb.QUESTION: _ask_auditor,
    Verb.ANSWER: _answer,
    Verb.DUE: _set_date,
    Verb.ESCALATE: _escalate,
    Verb.ACKNOWLEDGE: _acknowledge,
    Verb.SNOOZE: _snooze,
}
