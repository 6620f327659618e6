"""One record and its Jira issue, field by field: what the register says, how Jira would say it, what Jira says.

Fields: summary, description, status, due, owner, priority, flag, labels.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .characters import legal
from .context import AuditContext, Family, SiteWords
from .far import FieldChange, IssueView
from .guidance import guidance_for
from .issue_text import labels, request_description, request_summary, task_description, task_summary
from .merge import Reading
from .records import Kind, Link, Record, Value
from .text import Document, plain

ESCALATE = "escalate"
"""The label by which anybody raises an escalation in Jira; it stands for the flag where a site has none."""


KEEPS_TEXT = "keeps text"
"""In the register's base of a link: summary and description are people's, as the issue was there before Tieout was."""


@dataclass(frozen=True, slots=True)
class IssueText:
    """The texts of a record's issue."""

    summary: str
    description: Document
    labels: frozenset[str]
    asked: str = ""
    """What is asked for in the auditor's words alone: all that counts where the text is people's."""


def issue_text(record: Record, family: Family, ctx: AuditContext, page_url: str) -> IssueText:
    """What the issue of a request or a task reads like."""
    guidance = guidance_for(family.request.request_type)
    reviewer = ctx.name_of(record.reviewer) if record.reviewer else ""
    if record.kind is Kind.REQUEST:
        summary = request_summary(record)
        description = request_description(record, page_url, ctx.rule, guidance, reviewer=reviewer)
    else:
        summary = task_summary(record)
        description = task_description(record, family.request, page_url, ctx.rule, guidance, reviewer=reviewer)
    asked = f"{family.request.title} {record.description or family.request.description}"
    return IssueText(summary, description, labels(record, family.request, ctx.key), digest(asked))


def digest(text: str) -> str:
    """The words of a text and nothing else: what is left when two products lay it out differently."""
    return " ".join(re.findall(r"\w+", legal(text)))


def said_by_register(record: Record, text: IssueText, ctx: AuditContext) -> dict[str, Value]:
    """Every field in the register's words."""
    return {
        "summary": text.summary,
        "description": digest(plain(text.description)),
        **facts_said(record, ctx),
        "labels": tuple(sorted(text.labels)),
    }


def facts_said(record: Record, ctx: AuditContext) -> dict[str, Value]:
    """The fields that are no text of ours: those that the board has a say in."""
    return {
        "status": record.status,
        "due": record.due_on.isoformat() if record.due_on else None,
        "owner": ctx.account_of(record.owner) or record.owner,
        "priority": record.priority,
        "flag": is_escalated(record),
    }


def said_abroad(record: Record, text: IssueText, ctx: AuditContext, words: SiteWords) -> dict[str, Value]:
    """The same in Jira's words; what cannot be said there (an owner without an account) is left out."""
    said = said_by_register(record, text, ctx)
    said["status"] = words.status_map.abroad(record.status)
    said["priority"] = words.priority_names.get(record.priority, record.priority)
    account = ctx.account_of(record.owner)
    if record.owner is not None and account is None:
        del said["owner"]
    else:
        said["owner"] = account
    return said


def is_said_there(
    field: str, theirs: Value, record: Record, text: IssueText, ctx: AuditContext, words: SiteWords
) -> bool:
    """Whether a value in Jira's words means what the register says."""
    if field == "status":
        return words.status_map.agrees(record.status, str(theirs))
    abroad = said_abroad(record, text, ctx, words)
    return field in abroad and abroad[field] == theirs


def is_escalated(record: Record) -> bool:
    """Whether the flag stands: from the first step past due, or raised by hand."""
    return record.escalation_level > 0 or record.raised_by is not None


def said_by_issue(issue: IssueView, managed: frozenset[str]) -> dict[str, Value]:
    """Every field in Jira's words. Of the labels only `managed` ones are ours to compare."""
    return {
        "summary": issue.summary,
        "description": digest(issue.description),
        "status": issue.status_id,
        "due": issue.due_on.isoformat() if issue.due_on else None,
        "owner": issue.assignee,
        "priority": issue.priority,
        "flag": issue.is_flagged or ESCALATE in issue.labels,
        "labels": tuple(sorted(issue.labels & managed)),
    }


def said_by_line(field: str, line: FieldChange) -> Value:
    """What a line of the change log left a field at, in the words of `said_by_issue`."""
    match field:
        case "summary":
            return line.after or ""
        case "description":
            return digest(line.after or "")
        case "due":
            return line.after[:10] if line.after else None
        case "priority":
            return line.shown
        case "flag":
            return line.after is not None
        case _:
            return line.after


def managed_labels(text: IssueText, link: Link) -> frozenset[str]:
    """The labels that Tieout set or would set; all others belong to people."""
    base = link.base_ours.get("labels", ())
    return text.labels | frozenset(base if isinstance(base, tuple) else ())


def keeps_text(link: Link) -> bool:
    """Whether summary and description of its issue are people's, and not written."""
    return link.base_ours.get(KEEPS_TEXT) is True


def read_fields(
    record: Record, issue: IssueView, link: Link, text: IssueText, ctx: AuditContext, words: SiteWords
) -> Mapping[str, Reading]:
    """Every field of the link as both sides say it now and said it at the last agreement."""
    ours = said_by_register(record, text, ctx)
    abroad = said_abroad(record, text, ctx, words)
    theirs = {**said_by_issue(issue, managed_labels(text, link)), **(link.overtaken or {})}
    agrees = {field: abroad[field] == theirs[field] for field in abroad}
    agrees["status"] = words.status_map.agrees(record.status, issue.status_id)
    if keeps_text(link):
        ours["description"] = text.asked
        agrees |= {"summary": True, "description": True}
    # What cannot be said there is at odds with what stands there only when somebody in Jira has said something new.
    return {
        field: Reading(
            ours=ours[field],
            ours_base=link.base_ours.get(field),
            theirs=theirs[field],
            theirs_base=link.base_theirs.get(field),
            agrees=agrees.get(field, theirs[field] == link.base_theirs.get(field)),
        )
        for field in ours
    }
