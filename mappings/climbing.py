"""Letting the ladder act: the highest step that is due fires now, with everything it does to the record."""

from __future__ import annotations

from dataclasses import replace

from .context import AuditContext, Family, Fired, Intake, Note, Say
from .issue_text import escalation
from .ladder import Step, climbs_by_itself, due_step, raised_priority, whose_turn
from .moves import settle_family
from .records import LinkRole, Record


def climb(record: Record, family: Family, ctx: AuditContext, fired: frozenset[tuple[int, str]]) -> Intake:
    """Fire the step that is due for a record, if one is. A request with tasks is escalated through them until they are
    all handed in; then it is its review that may be late."""
    tasks = family.live_tasks if record.uid == family.request.uid else ()
    if ctx.rule.is_closed or not climbs_by_itself(record, tasks):
        return Intake(family)
    step = due_step(record, ctx.rule.ladder, ctx.calendar, ctx.today, fired)
    if step is None:
        return Intake(family)
    after = _escalated(record, step, ctx)
    changed = family.with_record(after)
    is_sponsor_asked = any(task.escalation_level >= step.level for task in tasks)
    intake = Intake(
        changed,
        notes=(Note("escalation", record.uid, record.escalation_level, after.escalation_level, "tieout", step.name),),
        say=() if step.is_digest_only else (_told(after, step, ctx),),
        fired=(Fired(record.uid, record.due_version, step.name),),
        wanted_links=((record.uid, LinkRole.ESCALATION_ISSUE),) if step.opens_issue and not is_sponsor_asked else (),
    )
    return intake.then(settle_family(family, changed, ctx))


def _escalated(record: Record, step: Step, ctx: AuditContext) -> Record:
    after = replace(record, escalation_level=max(record.escalation_level, step.level))
    if step.raises_priority and record.priority_before is None:
        after = replace(after, priority=raised_priority(record.priority), priority_before=record.priority)
    if step.adds_manager_watcher:
        late = ctx.people.get(whose_turn(record) or "")
        if late and late.manager and late.manager not in record.watchers:
            after = replace(after, watchers=(*record.watchers, late.manager))
    return after


def _told(record: Record, step: Step, ctx: AuditContext) -> Say:
    cause = f"{record.uid}:step:{record.due_version}:{step.name}"
    return Say(cause, record.uid, LinkRole.ISSUE, escalation(step, record, ctx.people, ctx.rule))
