"""What a sync would write, told before it is written: each write with its before and after, its reason and its cost.

Two plans are the same when their writes have the same identity. What only shows when it is made (the address of a page
that is not there yet, the moment of writing) is no part of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from .actions import (
    Action,
    AttachFile,
    CreateIssue,
    CreatePage,
    EditIssue,
    LetGo,
    LinkIssues,
    MoveIssue,
    PostComment,
    Watch,
    WritePage,
)
from .context import AuditContext, SiteWords
from .far import IssueDraft, IssueView, PageView
from .page_words import said_by_page
from .records import Kind, Link, LinkRole, Record, Side, Value
from .storage import plain_text, read_regions
from .text import plain

HOME = "create home page"
KINDS = (
    HOME,
    "create page",
    "create issue",
    "move issue",
    "edit issue",
    "add watcher",
    "attach file",
    "write page",
    "comment",
    "let go",
    "link issue",
    "create escalation",
)
"""In the order in which a sync does them."""
BULK = 50
"""Issues of one create."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of a counterpart, as people read it there."""

    field: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class Planned:
    """One write. `uid` is its record's, empty for what belongs to an audit as a whole."""

    side: Side
    kind: str
    audit: str
    number: str
    uid: str
    what: str
    """The issue's key or the page's title; for one that is to be made, where and as what."""
    changes: tuple[Change, ...]
    why: str
    calls: int = 1
    """Calls that write, at the least: a move takes one for each step of the workflow."""
    is_task: bool = False
    digest: str = ""
    """Tells this write from any other."""


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Something that is not written, or not yet, and why."""

    audit: str
    number: str
    side: Side
    why: str


@dataclass(frozen=True, slots=True)
class Counterpart:
    """What a write is about: the record, its link, and what the far side shows."""

    record: Record
    ctx: AuditContext
    link: Link | None = None
    issue: IssueView | None = None
    page: PageView | None = None
    words: SiteWords | None = None


def in_order(number: str) -> tuple[tuple[bool, int, str], ...]:
    """Sorts numbers as people count: R-2 before R-10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", number)
    return tuple((False, int(part), "") if part.isdecimal() else (True, 0, part) for part in parts)


def writing_calls(writes: Iterable[Planned]) -> int:
    """How many calls that write they take together; issues are made fifty at a time, tasks after requests."""
    all_of_them = list(writes)
    bulks = [
        [each for each in all_of_them if each.kind == kind and each.is_task is is_task]
        for kind in ("create issue", "create escalation")
        for is_task in (False, True)
    ]
    single = [each for each in all_of_them if each.kind not in ("create issue", "create escalation")]
    return sum(ceil(len(bulk) / BULK) for bulk in bulks) + sum(each.calls for each in single)


def with_way(move: Planned, way: Sequence[str]) -> Planned:
    """A move with the statuses it leads through. One whose way is not known to its end takes one call more at least."""
    before, after = move.changes[0].before, str(move.changes[0].after)
    is_whole = way[-1] == after
    shown = " → ".join([str(before), *way, *([] if is_whole else ["…", after])])
    is_plain = is_whole and len(way) == 1
    changes = move.changes if is_plain else (*move.changes, Change("way", None, shown))
    return replace(move, changes=changes, calls=len(way) + (not is_whole))


def identity(action: Action) -> Mapping[str, object]:
    """What makes two writes the same."""
    named = {"action": type(action).__name__, "record": action.record}
    match action:
        case CreatePage(draft=draft, is_wanted=is_wanted):
            said = said_by_page(draft.title, draft.body)
            return {**named, "space": draft.space_id, "said": said, "is_wanted": is_wanted}
        case WritePage():
            said = said_by_page(action.title, action.body)
            return {**named, "page": action.page_id, "version": action.version, "said": said}
        case CreateIssue():
            return {**named, "role": action.role, "draft": action.draft, "is_wanted": action.is_wanted}
        case MoveIssue():
            return {**named, "issue": action.issue_id, "status": action.status_id, "fields": action.fields}
        case EditIssue():
            return {**named, "issue": action.issue_id, "edit": action.edit}
        case Watch():
            return {**named, "issue": action.issue_id, "account": action.account_id}
        case PostComment():
            said_there = (action.comment.uid, action.comment.text, action.comment.reply_to)
            return {**named, "role": action.role, "place": action.remote_id, "comment": said_there}
        case AttachFile(evidence=item):
            file = (item.file_name, item.version, item.sha256)
            return {**named, "page": action.page_id, "file": file, "is_wanted": item.is_released}
        case LetGo():
            return {**named, "issue": action.issue_id, "labels": action.labels}
        case LinkIssues():
            return {**named, "issue": action.issue_id, "to": action.to_id}


def describe(action: Action, at: Counterpart) -> Planned:
    """A write as a person is told of it, without its digest."""
    side, kind, what, changes, calls = _described(action, at)
    record = at.record
    is_task = record.kind is Kind.TASK
    return Planned(side, kind, record.audit, record.number, record.uid, what, changes, action.reason, calls, is_task)


def _described(action: Action, at: Counterpart) -> tuple[Side, str, str, tuple[Change, ...], int]:
    key = (at.link.key or at.link.remote_id or "") if at.link else ""
    match action:
        case CreatePage(draft=draft):
            return Side.CONFLUENCE, "create page", draft.title, (), 1
        case WritePage():
            return Side.CONFLUENCE, "write page", key or action.title, _boxes(action, at.page), 1
        case CreateIssue(role=role, draft=draft):
            kind = "create issue" if role is LinkRole.ISSUE else "create escalation"
            return Side.JIRA, kind, f"{draft.issue_type} in {draft.project}", _drafted(draft, at.ctx), 1
        case MoveIssue():
            return Side.JIRA, "move issue", key, (_moved(action, at),), 1
        case EditIssue():
            return Side.JIRA, "edit issue", key, tuple(_edited(action, at)), 1
        case Watch():
            change = Change("watchers", None, _name(action.account_id, at.ctx))
            return Side.JIRA, "add watcher", key, (change,), 1
        case PostComment(role=role, comment=comment):
            side = Side.CONFLUENCE if role is LinkRole.PAGE else Side.JIRA
            return side, "comment", key, (Change("comment", None, comment.text),), 1
        case AttachFile(evidence=item):
            change = Change(item.file_name, None, f"v{item.version}, {item.size} bytes, sha256 {item.sha256}")
            return Side.CONFLUENCE, "attach file", key, (change,), 1
        case LinkIssues(to_key=to_key):
            return Side.JIRA, "link issue", key, (Change("linked to", None, to_key),), 1
        case LetGo():
            change = Change("labels", ", ".join(sorted(action.labels)), None)
            return Side.JIRA, "let go", key, (change,), 2


def _boxes(action: WritePage, page: PageView | None) -> tuple[Change, ...]:
    """Our parts of a page that read otherwise afterwards, and its title."""
    if page is None:
        return ()
    before = {name: plain_text(region.source) for name, region in read_regions(page.body).items()}
    after = {name: plain_text(region.source) for name, region in read_regions(action.body).items()}
    title = [Change("title", page.title, action.title)] if page.title != action.title else []
    boxes = [Change(name, before.get(name), text) for name, text in after.items() if before.get(name) != text]
    return (*title, *boxes)


def _drafted(draft: IssueDraft, ctx: AuditContext) -> tuple[Change, ...]:
    due = draft.due_on.isoformat() if draft.due_on else None
    said: dict[str, Value] = {
        "summary": draft.summary,
        "due": due,
        "owner": _name(draft.assignee, ctx),
        "priority": draft.priority,
        "labels": ", ".join(sorted(draft.labels)),
        "parent": draft.parent,
        **{name: _plainly(value) for name, value in sorted(draft.fields.items())},
    }
    return tuple(Change(name, None, value) for name, value in said.items() if value is not None)


def _moved(action: MoveIssue, at: Counterpart) -> Change:
    before = at.issue.status_id if at.issue else None
    if at.words is None:
        return Change("status", before, action.status_id)
    named = at.words.status_map
    return Change("status", named.name(before) if before else None, named.name(action.status_id))


def _edited(action: EditIssue, at: Counterpart) -> Iterable[Change]:
    issue = at.issue
    for name, value in action.edit.changes.items():
        match name:
            case "summary":
                yield Change("summary", issue.summary if issue else None, str(value))
            case "description" if isinstance(value, tuple):
                yield Change("description", issue.description if issue else None, plain(value))
            case "due_on":
                before = issue.due_on.isoformat() if issue and issue.due_on else None
                yield Change("due", before, str(value) if value else None)
            case "assignee":
                account = issue.assignee if issue else None
                yield Change("owner", _name(account, at.ctx), _name(str(value) if value else None, at.ctx))
            case "priority":
                yield Change("priority", issue.priority if issue else None, str(value))
            case _:
                yield Change("flag", issue.is_flagged if issue else None, bool(value))
    if action.edit.add_labels:
        yield Change("labels added", None, ", ".join(sorted(action.edit.add_labels)))
    for name, value in sorted(action.edit.own.items()):
        if value is not None:
            yield Change(name, None, _plainly(value))
    if action.edit.remove_labels:
        yield Change("labels taken away", ", ".join(sorted(action.edit.remove_labels)), None)


def _plainly(value: object) -> str | None:
    """A field of the site as a plan shows it."""
    if isinstance(value, list):
        return ", ".join(str(part) for part in value) or None
    return None if value is None else str(value)


def _name(account: str | None, ctx: AuditContext) -> str | None:
    person = ctx.person_of(account) if account else None
    return person.name if person else account
