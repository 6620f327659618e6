"""What the coordinator decides: what is off the list or on it again, and dates. Pure: a family in, what follows out.

The lifecycle says what the coordinator may do; here it is done, with all that follows in the family.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from .context import AuditContext, Family, Intake, Note, Say
from .due_dates import DueVerdict, iso, judge_due, settle_extension
from .ladder import is_overdue, lower
from .lifecycle import Facts, is_settled, judge
from .moves import enter, settle_family
from .records import Kind, LinkRole, Record, RequestStatus, Role
from .text import paragraphs

COORDINATOR = frozenset({Role.COORDINATOR})

_NOT_REOPENED = {
    RequestStatus.ACCEPTED: "An acceptance is taken back by the auditor, with “return: reason” on the evidence page.",
    RequestStatus.WITHDRAWN: "What was withdrawn stays so: the auditor lists it again under a new number.",
}


class NotAllowed(ValueError):
    """The coordinator may not do this, or there is nothing to do. The message is a sentence or two for a person."""


@dataclass(frozen=True, slots=True)
class Word:
    """Who decides, as the journal names them, and why."""

    by: str
    reason: str = ""


def withdraw(family: Family, ctx: AuditContext, word: Word) -> Intake:
    """The request is off the list, for good; its open tasks are cancelled and their owners told. Raises NotAllowed."""
    text = f"This is not needed any more: the request was withdrawn. {word.reason}"
    moved = _moved(family, RequestStatus.WITHDRAWN, ctx, word)
    return _with_all_that_follows(
        family, replace(moved, is_proposed_withdrawn=False), ctx, word, text, _open_in(family.tasks)
    )


def reinstate(family: Family, ctx: AuditContext, word: Word) -> Intake:
    """A request that an import proposed as withdrawn stays on the list. Raises NotAllowed."""
    request = family.request
    if request.status == RequestStatus.WITHDRAWN:
        raise NotAllowed(_NOT_REOPENED[RequestStatus.WITHDRAWN])
    if not request.is_proposed_withdrawn:
        raise NotAllowed("It is not proposed as withdrawn, so it stays on the list as it is.")
    _check_open(ctx)
    kept = family.with_record(replace(request, is_proposed_withdrawn=False))
    note = Note("no longer proposed as withdrawn", request.uid, True, False, word.by, word.reason)
    return Intake(kept, notes=(note,))


def reopen(family: Family, ctx: AuditContext, word: Word) -> Intake:
    """What was set to not applicable applies after all; the tasks cancelled with it come back. Raises NotAllowed."""
    status = family.request.status
    if status != RequestStatus.NOT_APPLICABLE:
        why = _NOT_REOPENED.get(RequestStatus(status), "Only what was set to not applicable can be opened again.")
        raise NotAllowed(f"It is {_words(status)}. {why}")
    text = f"This applies after all and is open again. {word.reason}"
    moved = _moved(family, RequestStatus.OPEN, ctx, word)
    return _with_all_that_follows(family, moved, ctx, word, text, None)


def settle_later_date(record: Record, family: Family, ctx: AuditContext, word: Word, *, is_granted: bool) -> Intake:
    """The answer to a later date that an owner asked for, said on the issue where it was asked. Raises NotAllowed."""
    _check_dates_open(record, ctx)
    if record.extension_on is None:
        raise NotAllowed("Nobody has asked for a later date.")
    verdict = settle_extension(record, is_granted=is_granted)
    asked = record.extension_on
    intake = _with_dates(record, verdict, family, ctx, word, "extension granted" if is_granted else "extension refused")
    stands = f"{record.due_on} stands" if record.due_on else "there is no date"
    refused = f"The later date {asked} was not granted: {stands}."
    granted = f"The later date was granted: this is due on {asked}."
    return intake.saying(_answer(record, granted if is_granted else refused, word))


def set_due(record: Record, due_on: date, family: Family, ctx: AuditContext, word: Word) -> Intake:
    """The coordinator's working date for a request or a task; it settles what an owner asked for. Raises NotAllowed."""
    _check_dates_open(record, ctx)
    if due_on == record.due_on and record.extension_on is None:
        raise NotAllowed(f"It is due on {due_on} already.")
    intake = _with_dates(record, judge_due(record, due_on, COORDINATOR), family, ctx, word, "due")
    if record.extension_on is None:
        return intake
    return intake.saying(_answer(record, f"The coordinator set the date: this is due on {due_on}.", word))


def _moved(family: Family, status: RequestStatus, ctx: AuditContext, word: Word) -> Record:
    request = family.request
    facts = Facts(has_reason=bool(word.reason.strip()), is_audit_closed=ctx.rule.is_closed)
    verdict = judge(Kind.REQUEST, request.status, status, COORDINATOR, facts)
    if not verdict.is_allowed:
        raise NotAllowed(verdict.why)
    return enter(request, status, ctx, by=word.by, reason=word.reason)


def _with_all_that_follows(
    family: Family, moved: Record, ctx: AuditContext, word: Word, text: str, told: Iterable[Record] | None
) -> Intake:
    """The family after its request moved; those with work in it are told: `told`, else those whose work is open now."""
    request = family.request
    note = Note("status", request.uid, request.status, moved.status, word.by, word.reason)
    changed = family.with_record(moved)
    intake = Intake(changed, notes=(note,)).then(settle_family(family, changed, ctx))
    hear = [*(_open_in(intake.family.tasks) if told is None else told)] or [request]
    cause = f"{request.uid}:{moved.status}:v{request.version}"
    body = paragraphs(text.strip())
    return intake.saying(*(Say(f"{cause}:{record.uid}", record.uid, LinkRole.ISSUE, body) for record in hear))


def _with_dates(
    record: Record, verdict: DueVerdict, family: Family, ctx: AuditContext, word: Word, what: str
) -> Intake:
    after = replace(_due(record, verdict.new_due_on, ctx), extension_on=verdict.extension_on)
    note = Note(what, record.uid, iso(record.due_on), iso(after.due_on), word.by, word.reason or verdict.why)
    intake = Intake(family.with_record(after), notes=(note, *_off_the_ladder(record, after)))
    for other in _led_along(record, after, family):
        led = _due(other, after.due_on, ctx)
        why = f"{record.number} is due then"
        note = Note("due", other.uid, iso(other.due_on), iso(led.due_on), "tieout", why)
        intake = replace(intake, family=intake.family.with_record(led)).noting(note, *_off_the_ladder(other, led))
    return intake.then(settle_family(family, intake.family, ctx))


def _off_the_ladder(before: Record, after: Record) -> tuple[Note, ...]:
    """With the level the priority goes back that the ladder raised."""
    if before.escalation_level == after.escalation_level:
        return ()
    levels = (before.escalation_level, after.escalation_level)
    return (Note("escalation", before.uid, *levels, "tieout", "with its new date it is late no more"),)


def _led_along(before: Record, after: Record, family: Family) -> list[Record]:
    """Open tasks that had the request's date keep having it; a request is due no sooner than any of its tasks."""
    if before.due_on == after.due_on or after.due_on is None:
        return []
    if before.kind is Kind.REQUEST:
        return [task for task in _open_in(family.tasks) if task.due_on == before.due_on]
    request = family.request
    return [request] if request.due_on is not None and request.due_on < after.due_on else []


def _due(record: Record, due_on: date | None, ctx: AuditContext) -> Record:
    """The record with another working date. What is late no more comes off the ladder, unless raised by hand."""
    if due_on == record.due_on:
        return record
    fits = record.extension_on is not None and due_on is not None and record.extension_on <= due_on
    extension_on = None if fits else record.extension_on
    after = replace(record, due_on=due_on, extension_on=extension_on, due_version=record.due_version + 1)
    is_late = record.raised_by is not None or is_overdue(after, ctx.calendar, ctx.today)
    return after if is_late else lower(after)


def _check_open(ctx: AuditContext) -> None:
    if ctx.rule.is_closed:
        raise NotAllowed("The audit is closed: nothing in it moves until it is opened again in the mapping file.")


def _check_dates_open(record: Record, ctx: AuditContext) -> None:
    _check_open(ctx)
    if is_settled(record.kind, record.status):
        raise NotAllowed(f"It is {_words(record.status)}, so no date is open.")


def _open_in(tasks: Iterable[Record]) -> list[Record]:
    return [task for task in tasks if not is_settled(task.kind, task.status)]


def _answer(record: Record, text: str, word: Word) -> Say:
    """What became of a later date that was asked for, where it was asked."""
    cause = f"{record.uid}:extension-settled:{record.extension_on}:v{record.version}"
    return Say(cause, record.uid, LinkRole.ISSUE, paragraphs(f"{text} {word.reason}".strip()))


def _words(status: str) -> str:
    return status.replace("_", " ")
