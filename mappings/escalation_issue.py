"""The linked issue that asks the sponsor to step in: made once for a record, closed when the record is settled."""

from __future__ import annotations

from .actions import CreateIssue, MoveIssue
from .context import AuditContext, SiteWords
from .far import IssueDraft
from .lifecycle import is_settled
from .records import Link, LinkRole, Priority, Record, RequestStatus, TaskStatus, marker, uid_for
from .text import Paragraph, Text

CLOSED = "closed"


def escalation_uid(record_uid: str) -> str:
    """What the mark of a record's escalation is made of."""
    return uid_for("escalation", record_uid)


def draft_escalation(record: Record, ctx: AuditContext, words: SiteWords, link_to: str | None) -> CreateIssue:
    """The issue for a record that is badly late, in the audit's project, assigned to the sponsor."""
    sponsor = (ctx.rule.sponsor or ctx.rule.coordinator).lower()
    late = f"{record.number} {record.title}"
    owner = ctx.name_of(record.owner or ctx.rule.coordinator.lower())
    description = (
        Paragraph((Text(f"{late} was due on {record.due_on} and is {_words(record.status)}. "),)),
        Paragraph(
            (Text(f"{owner} owns it. Please see what stands in the way. Tieout closes this when it is settled."),)
        ),
    )
    summary = f"Escalation: {late}"[:250].replace("\n", " ")
    draft = IssueDraft(
        marker=marker(escalation_uid(record.uid)),
        project=ctx.rule.project,
        issue_type=ctx.rule.escalation_issue_type,
        summary=summary,
        description=description,
        labels=frozenset({"tieout-escalation", f"audit-{ctx.key.lower()}"}),
        assignee=ctx.account_of(sponsor),
        priority=words.priority_names.get(Priority.HIGHEST),
        link_to=link_to,
    )
    reason = f"{record.number} is past the sponsor's step of the ladder"
    return CreateIssue(record.uid, LinkRole.ESCALATION_ISSUE, draft, {"state": "open"}, reason)


def close_escalation(record: Record, link: Link, words: SiteWords) -> MoveIssue | None:
    """The move that closes it, once, when the record is settled or no longer escalated."""
    is_over = is_settled(record.kind, record.status) or record.escalation_level == 0
    if not is_over or link.remote_id is None or link.base_ours.get("state") == CLOSED:
        return None
    status_id = words.status_map.abroad(RequestStatus.ACCEPTED)
    reason = f"{record.number} is settled"
    return MoveIssue(record.uid, link.remote_id, status_id, CLOSED, reason, words.transition_fields.get(status_id, {}))


def _words(status: str) -> str:
    return "not begun" if status == TaskStatus.TODO else status.replace("_", " ")
