"""What comes with a change of state: clocks, due dates, released evidence, and the rest of the family following.

`mappings.lifecycle` says whether a move is legal; here it is already decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from .context import AuditContext, Family, Intake, Note, Say
from .due_dates import DueVerdict, iso, judge_due
from .issue_text import evidence_changed, file_on_page, returned, review_again, submitted
from .ladder import lower
from .lifecycle import follow_tasks, is_settled, lead_tasks, owner_clock_runs
from .records import Evidence, Kind, LinkRole, Record, RequestStatus, Role, Side, TaskStatus, Visibility

_REMEMBERS_FORMER = frozenset({RequestStatus.NEEDS_CLARIFICATION.value, TaskStatus.BLOCKED.value})
_PASSED_REVIEW = frozenset({TaskStatus.APPROVED.value, TaskStatus.DELIVERED.value, TaskStatus.DONE.value})
_HANDED_ON = frozenset({TaskStatus.APPROVED.value, TaskStatus.DELIVERED.value})
_WITH_AUDITOR = frozenset({RequestStatus.SUBMITTED.value, RequestStatus.ACCEPTED.value})
_OWES_AGAIN = frozenset({RequestStatus.RETURNED.value, TaskStatus.CHANGES_REQUESTED.value})


def enter(record: Record, status: str, ctx: AuditContext, *, by: str, reason: str = "") -> Record:
    """The record in its new state, with the clock, the review mark and the ladder as that state has them."""
    after = replace(
        record,
        status=status,
        reason=reason or record.reason,
        status_before=record.status if status in _REMEMBERS_FORMER else None,
        reviewed_by=_reviewer_after(record, status, by),
    )
    after = _with_clock(record, after, ctx)
    return lower(after) if is_settled(after.kind, status) else after


def _reviewer_after(record: Record, status: str, by: str) -> str | None:
    if record.kind is Kind.TASK and status == TaskStatus.APPROVED:
        return by
    return record.reviewed_by if status in _PASSED_REVIEW else None


def _with_clock(before: Record, after: Record, ctx: AuditContext) -> Record:
    if owner_clock_runs(after.kind, after.status):
        return _resumed(after, ctx)
    if owner_clock_runs(before.kind, before.status) and before.clock_stopped_on is None:
        return replace(after, clock_stopped_on=ctx.today)
    return after


def _resumed(record: Record, ctx: AuditContext) -> Record:
    if record.clock_stopped_on is None:
        return record
    paused = ctx.calendar.count_between(record.clock_stopped_on, ctx.today)
    return replace(record, clock_stopped_on=None, clock_paused_days=record.clock_paused_days + paused)


def returned_due(ctx: AuditContext) -> date:
    """When a returned request is due, unless the auditor says otherwise."""
    return ctx.calendar.add(ctx.today, ctx.rule.returned_due_days)


def with_new_due(record: Record, due_on: date) -> Record:
    """A returned record: a new date, and the ladder from its foot."""
    lowered = lower(record)
    return replace(
        lowered,
        due_on=due_on,
        auditor_due_on=due_on if record.kind is Kind.REQUEST else record.auditor_due_on,
        due_version=record.due_version + 1,
        clock_stopped_on=None,
        clock_paused_days=0,
        extension_on=None,
    )


def with_auditor_due(request: Record, due_on: date) -> Record:
    """The request with the auditor's new date; the owner's own date follows unless it was earlier by choice."""
    return dated(request, judge_due(request, due_on, frozenset({Role.AUDITOR})))


def dated(record: Record, verdict: DueVerdict) -> Record:
    """The record with the dates of a verdict; a new working date is a new round of the ladder, without old pauses."""
    after = replace(record, auditor_due_on=verdict.new_auditor_due_on, extension_on=verdict.extension_on)
    if verdict.new_due_on == record.due_on:
        return after
    return replace(after, due_on=verdict.new_due_on, due_version=record.due_version + 1, clock_paused_days=0)


def exact(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """What an acceptance is of: the hash and name of each file, sorted."""
    return tuple(sorted(f"{item.sha256} {item.file_name}" for item in evidence))


def was_on_page(family: Family, at: datetime) -> bool:
    """Whether everything released was there to be seen at `at`: what an auditor decided then is of exactly that."""
    return all(_came_to_page(item, at) for item in family.released())


def _came_to_page(item: Evidence, at: datetime) -> bool:
    if item.side is Side.CONFLUENCE:
        return item.collected_at <= at
    return item.copy_id is not None and (item.copied_at is None or item.copied_at <= at)


def settle_family(before: Family, after: Family, ctx: AuditContext) -> Intake:
    """Everything that follows within the family from one of its records having changed. In a closed audit nothing does:
    what comes to it is kept."""
    if ctx.rule.is_closed:
        return Intake(after)
    family, again, said = _review_again(before, after, ctx)
    family, notes = _share_states(before, family, ctx)
    family = _share_clock(family, ctx)
    family = _share_dates(before, family)
    family = _release(before, family, ctx)
    family = _share_level(before, family)
    said += [*_announce(before, family, ctx), *_tell_of_files(before, family, ctx)]
    intake = Intake(family, notes=(*again, *notes, *_dates_moved(after, family)), say=tuple(said))
    return intake.then(keep_acceptance_exact(family, ctx))


def _share_states(before: Family, after: Family, ctx: AuditContext) -> tuple[Family, list[Note]]:
    notes: list[Note] = []
    request = after.request
    if request.status != before.request.status:
        family = after
        for task in after.tasks:
            target = lead_tasks(request.status, task, request_before=before.request.status)
            if target is not None and target != task.status:
                family = family.with_record(_led(task, target, request, ctx))
                notes.append(_follows(task, target, f"the request is now {request.status}"))
        return family, notes
    if after.tasks == before.tasks:
        return after, notes
    target = follow_tasks(request, after.tasks)
    if target is None or target == request.status:
        return after, notes
    notes.append(_follows(request, target, "it follows its tasks"))
    return replace(after, request=enter(request, target, ctx, by="tieout")), notes


def _led(task: Record, target: str, request: Record, ctx: AuditContext) -> Record:
    moved = enter(task, target, ctx, by="tieout", reason=request.reason if target in _OWES_AGAIN else "")
    if request.status != RequestStatus.RETURNED or request.due_on is None:
        return moved
    return replace(with_new_due(moved, request.due_on), auditor_due_on=request.auditor_due_on)


def _follows(record: Record, target: str, why: str) -> Note:
    return Note("status", record.uid, record.status, target, "tieout", why)


def _share_clock(family: Family, ctx: AuditContext) -> Family:
    """While a question is with the auditor nobody's time runs, that of the tasks no more than the request's."""
    is_asked = family.request.status == RequestStatus.NEEDS_CLARIFICATION
    for task in family.tasks:
        if not owner_clock_runs(task.kind, task.status):
            continue
        stopped = replace(task, clock_stopped_on=task.clock_stopped_on or ctx.today)
        family = family.with_record(stopped if is_asked else _resumed(task, ctx))
    return family


def _share_dates(before: Family, after: Family) -> Family:
    """The auditor's new date reaches the tasks; an owner's earlier one stays, a later one asked for may fit now."""
    new = after.request.auditor_due_on
    if before.request.auditor_due_on == new:
        return after
    family = after
    for task in after.tasks:
        family = family.with_record(dated(task, judge_due(task, new, frozenset({Role.AUDITOR}))))
    return family


def _dates_moved(before: Family, after: Family) -> list[Note]:
    """Tasks whose dates followed their request's; of one whose owner keeps an earlier date the auditor's alone."""
    why, notes = f"{after.request.number} has another date", list[Note]()
    for was, now in zip(before.tasks, after.tasks, strict=True):
        if was.due_on != now.due_on:
            notes.append(Note("due", was.uid, iso(was.due_on), iso(now.due_on), "tieout", why))
        elif was.auditor_due_on != now.auditor_due_on:
            dates = iso(was.auditor_due_on), iso(now.auditor_due_on)
            notes.append(Note("auditor due date", was.uid, *dates, "tieout", why))
    return notes


def _review_again(before: Family, after: Family, ctx: AuditContext) -> tuple[Family, list[Note], list[Say]]:
    """An approval is of the files the reviewer saw: a file added after it brings the task back to review."""
    known = {item.uid for item in before.evidence}
    added = {item.task for item in after.evidence if item.uid not in known and item.side is Side.JIRA}
    family, notes, said = after, list[Note](), list[Say]()
    for task in after.tasks:
        if task.status == TaskStatus.APPROVED and task.uid in added:
            why = "a file was added after the approval"
            family = family.with_record(enter(task, TaskStatus.READY_FOR_REVIEW, ctx, by="tieout"))
            notes.append(Note("status", task.uid, task.status, TaskStatus.READY_FOR_REVIEW, "tieout", why))
            cause = f"{task.uid}:review-again:v{task.version}"
            said.append(Say(cause, task.uid, LinkRole.ISSUE, review_again(why)))
    return family, notes, said


def _release(before: Family, after: Family, ctx: AuditContext) -> Family:
    """Let evidence through to the auditor: a task's when it passes review, the request's own when it is submitted.

    A version that was replaced before that stays inside: it is what the reviewer sent back. So does what is not on the
    page yet when its approval is taken back, or its request recalled."""
    moved = list(zip(before.tasks, after.tasks, strict=True))
    passed = {now.uid for was, now in moved if now.status in _PASSED_REVIEW and was.status not in _PASSED_REVIEW}
    fell = {now.uid for was, now in moved if was.status in _HANDED_ON and now.status not in _PASSED_REVIEW}
    submitted_now = after.request.status == RequestStatus.SUBMITTED and before.request.status != RequestStatus.SUBMITTED
    is_recalled = before.request.status == RequestStatus.SUBMITTED and after.request.status not in _WITH_AUDITOR

    def is_released(item: Evidence) -> bool:
        has_fallen = item.task in fell if item.task else is_recalled
        if has_fallen and item.side is Side.JIRA and item.copy_id is None and ctx.rule.internal_review:
            return False
        if item.is_released or not ctx.rule.internal_review or item.side is Side.CONFLUENCE:
            return True
        is_through = item.task in passed if item.task else submitted_now
        return is_through and not item.is_replaced_in(after.evidence)

    return replace(after, evidence=tuple(replace(item, is_released=is_released(item)) for item in after.evidence))


def _share_level(before: Family, family: Family) -> Family:
    """A request with tasks is as escalated as the worst of them, as somebody raised it by hand, or as its own late
    review did, which outlasts the review as a task's step does its handing in."""
    if not family.live_tasks:
        return family
    level = max([_own_level(before, family), *(task.escalation_level for task in family.live_tasks)])
    if is_settled(Kind.REQUEST, family.request.status):
        level = 0
    if level == family.request.escalation_level:
        return family
    return replace(family, request=replace(family.request, escalation_level=level))


def _own_level(before: Family, after: Family) -> int:
    """What of a request's level is not its tasks': what was set just now, or stood above them before."""
    was, now = before.request.escalation_level, after.request.escalation_level
    is_own = now != was or was > max((task.escalation_level for task in before.live_tasks), default=0)
    return now if is_own else 1 if after.request.raised_by else 0


def _announce(before: Family, after: Family, ctx: AuditContext) -> tuple[Say, ...]:
    """Tell owners of a return, and people on the page of a submission; each once for each time it happens."""
    request = after.request
    if request.status == before.request.status:
        return ()
    cause = f"{request.uid}:{request.status}:v{request.version}"
    if request.status == RequestStatus.RETURNED:
        owed = [task for task in after.tasks if not is_settled(task.kind, task.status)] or [request]
        return tuple(
            Say(f"{cause}:{record.uid}", record.uid, LinkRole.ISSUE, returned(request.reason, record, ctx.people))
            for record in owed
        )
    if request.status == RequestStatus.SUBMITTED:
        body = submitted(len(after.released()))
        return (Say(cause, request.uid, LinkRole.PAGE, body, Visibility.AUDITOR),)
    return ()


def _tell_of_files(before: Family, after: Family, ctx: AuditContext) -> list[Say]:
    """A file put on the page (a selection of samples, say) is told to those who work on the request in Jira."""
    known = {item.uid for item in before.evidence}
    if is_settled(Kind.REQUEST, before.request.status):
        return []
    new = [item for item in after.evidence if item.uid not in known and item.side is Side.CONFLUENCE]
    at_work = [task for task in after.tasks if not is_settled(task.kind, task.status)] or [after.request]
    return [
        Say(
            f"{item.uid}:on-page:{record.uid}",
            record.uid,
            LinkRole.ISSUE,
            file_on_page(item.file_name, item.version, ctx.person_of(item.collector)),
        )
        for item in new
        for record in at_work
    ]


def keep_acceptance_exact(family: Family, ctx: AuditContext, *, page_changed: str = "") -> Intake:
    """An acceptance is of exact evidence: if any of it changed, the request goes back to submitted, but in a closed
    audit.

    `page_changed` says in words what else of the accepted page changed, if anything did."""
    request = family.request
    accepted = [decision for decision in family.decisions if decision.verdict == RequestStatus.ACCEPTED]
    if request.status != RequestStatus.ACCEPTED or not accepted or ctx.rule.is_closed:
        return Intake(family)
    is_same = exact(family.released()) == accepted[-1].evidence
    if is_same and not page_changed:
        return Intake(family)
    what = page_changed or "the files are not those that were accepted"
    back = replace(family, request=enter(request, RequestStatus.SUBMITTED, ctx, by="tieout", reason=what))
    done = [task for task in family.tasks if task.status == TaskStatus.DONE]
    for task in done:
        back = back.with_record(enter(task, TaskStatus.DELIVERED, ctx, by="tieout"))
    body = evidence_changed(what, accepted[-1].by_name)
    cause = f"{request.uid}:evidence-changed:v{request.version}"
    return Intake(
        family=back,
        notes=(
            Note("status", request.uid, request.status, back.request.status, "tieout", what),
            *(_follows(task, TaskStatus.DELIVERED, "the acceptance fell") for task in done),
        ),
        say=(
            Say(f"{cause}:page", request.uid, LinkRole.PAGE, body, Visibility.AUDITOR),
            Say(f"{cause}:issue", request.uid, LinkRole.ISSUE, body, Visibility.INTERNAL),
        ),
    )
