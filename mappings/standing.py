"""How an account and a record stand to each other, read off the record's family: roles, and what guards ask about."""

from __future__ import annotations

from .context import AuditContext, Family
from .lifecycle import Facts
from .records import Kind, Record, Role, Side, TaskStatus
from .roles import roles_of

_APPROVED = frozenset({TaskStatus.APPROVED, TaskStatus.DELIVERED, TaskStatus.DONE})
_READY = _APPROVED | {TaskStatus.READY_FOR_REVIEW}


def roles_in(family: Family, record: Record, account_id: str, ctx: AuditContext) -> frozenset[Role]:
    """What an account is to a record of the family."""
    collectors = frozenset(item.collector for item in family.evidence_for(record))
    request = None if record.kind is Kind.REQUEST else family.request
    return roles_of(account_id, record, ctx.people, ctx.rule, collectors, request)


def facts_of(family: Family, record: Record, ctx: AuditContext, *, has_reason: bool, was_seen: bool = True) -> Facts:
    """What the guards of the lifecycle ask about a record of the family.

    `was_seen` tells whether whoever decides had all released evidence before their eyes."""
    return Facts(
        has_evidence=any(item.side is Side.JIRA for item in family.evidence_for(record)),
        has_reason=has_reason,
        tasks_ready=all(task.status in _READY for task in family.live_tasks),
        tasks_approved=all(task.status in _APPROVED for task in family.live_tasks),
        internal_review=ctx.rule.internal_review,
        is_audit_closed=ctx.rule.is_closed,
        evidence_unchanged=was_seen,
        status_before=record.status_before,
    )
