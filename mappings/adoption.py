"""An issue that is there already becomes a record's counterpart, and nothing of it is taken away.

Its text stays the people's: Tieout says beside it, in one comment, what the auditor wants. Owner, priority and date are
Jira's to say, so what the card says of them is taken in; what it leaves open is filled in from the register. Its place
on the board is read as a state where the lifecycle allows it, and no card is moved by adopting it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .context import AuditContext, Family, Intake, Note, Say, SiteWords
from .due_dates import judge_due
from .far import IssueView
from .issue_plan import route_for
from .issue_text import adopted
from .issue_words import KEEPS_TEXT, issue_text, said_by_issue, said_by_register
from .moves import dated, enter, settle_family
from .overtaken import newest_seen
from .records import Link, LinkRole, LinkState, Person, Record, Role
from .standing import facts_of
from .status_map import read_move

NAMED = "tieout.jira_key"
"""Where a record keeps the issue that the auditor's list names for it, until it is adopted."""
_KEY = re.compile(r"(?<![\w-])[A-Za-z][A-Za-z0-9_]+-[1-9][0-9]*(?![\w-])")


@dataclass(frozen=True, slots=True)
class Matches:
    """Which issue is to become whose counterpart, and of the others why none."""

    pairs: tuple[tuple[Record, IssueView], ...]
    left: Mapping[str, str]
    """By issue key."""


def named_issues(family: Family, ctx: AuditContext) -> list[tuple[Record, str]]:
    """The records of a family for which the list names issues that are there already, with their keys: by themselves or
    in an address. An issue in a project to which nothing of the family goes is none of Tieout's."""
    said = family.request.extra.get(NAMED, "")
    keys = dict.fromkeys(key.upper() for key in _KEY.findall(said))
    return [(record, key) for key in keys if (record := meant(family, key, ctx)) is not None]


def meant(family: Family, key: str, ctx: AuditContext) -> Record | None:
    """Whose issue one of that key can be, by its project: the request's, else that of the only task that goes there."""
    project = key.rpartition("-")[0]
    if route_for(family.request, ctx).project == project:
        return family.request
    tasks = [task for task in family.live_tasks if route_for(task, ctx).project == project]
    return tasks[0] if len(tasks) == 1 else None


def match(issues: Iterable[IssueView], families: Sequence[Family], ctx: AuditContext) -> Matches:
    """By the request's number in the issue's summary, else by the same title; what fits twice fits nobody."""
    found: dict[str, list[tuple[Record, IssueView]]] = {}
    left: dict[str, str] = {}
    for issue in issues:
        fitting = [family for family in families if _has_number(issue.summary, family)]
        fitting = fitting or [family for family in families if _plain(issue.summary) == _plain(family.request.title)]
        records = [meant(family, issue.key, ctx) for family in fitting]
        if len(fitting) != 1:
            numbers = ", ".join(family.request.number for family in fitting)
            left[issue.key] = f"fits several requests: {numbers}" if fitting else "names no request's number or title"
        elif records[0] is None:
            left[issue.key] = f"fits {fitting[0].request.number}, nothing of which goes to project {issue.project}"
        else:
            found.setdefault(records[0].uid, []).append((records[0], issue))
    for several in found.values():
        if len(several) > 1:
            keys = ", ".join(issue.key for _, issue in several)
            left |= {issue.key: f"several issues fit {record.number}: {keys}" for record, issue in several}
    pairs = [pair for several in found.values() if len(several) == 1 for pair in several]
    return Matches(tuple(sorted(pairs, key=lambda pair: pair[0].number)), left)


def adopt(
    record: Record, issue: IssueView, family: Family, ctx: AuditContext, words: SiteWords, page_url: str
) -> Intake:
    """The family with the record as the card has it, the link, and what is said beside the card's own text."""
    after, people, notes = _taken_in(record, issue, family, ctx, words)
    text = issue_text(after, family, ctx, page_url)
    link = Link(
        record=record.uid,
        role=LinkRole.ISSUE,
        state=LinkState.LIVE,
        remote_id=issue.id,
        key=issue.key,
        url=issue.url,
        base_ours={
            **said_by_register(after, text, ctx),
            "description": text.asked,
            "labels": (),
            **({"owner": None} if issue.assignee is None else {}),
            **({"due": None} if _is_date_ours(record, issue, ctx) else {}),
            KEEPS_TEXT: True,
        },
        base_theirs=said_by_issue(issue, text.labels),
        seen_change=newest_seen(issue.changes, None),
    )
    body = adopted(after, family.request, page_url, ctx.rule)
    said = Say(f"{record.uid}:adopted:{issue.id}", record.uid, LinkRole.ISSUE, body)
    changed = family.with_record(after)
    intake = Intake(changed, notes=tuple(notes), people=people).then(settle_family(family, changed, ctx))
    return replace(intake.saying(said), link=link)


def _taken_in(
    record: Record, issue: IssueView, family: Family, ctx: AuditContext, words: SiteWords
) -> tuple[Record, tuple[Person, ...], list[Note]]:
    """The record with what the card says of owner, priority, date and state."""
    after = record
    people: tuple[Person, ...] = ()
    if issue.assignee is not None:
        person = ctx.person_of(issue.assignee)
        if person is None:
            name = issue.assignee_name or issue.assignee
            person = Person(f"account:{issue.assignee}", name, account_id=issue.assignee)
            people = (person,)
        after = replace(after, owner=person.key)
    priority = next((ours for ours, theirs in words.priority_names.items() if theirs == issue.priority), None)
    if priority is not None:
        after = replace(after, priority=priority, priority_before=None)
    if not _is_date_ours(record, issue, ctx):
        after = dated(after, judge_due(after, issue.due_on, frozenset({Role.OWNER})))
    after = _in_its_place(after, issue, family.with_record(after), ctx, words)
    why = f"{issue.key} was adopted"
    said = {
        "owner": (record.owner, after.owner),
        "priority": (record.priority, after.priority),
        "due": (str(record.due_on), str(after.due_on)),
        "status": (record.status, after.status),
    }
    notes = [
        Note(name, record.uid, before, now, "tieout", why) for name, (before, now) in said.items() if before != now
    ]
    return after, people, [Note("issue adopted", record.uid, None, issue.key, "tieout", issue.summary), *notes]


def _is_date_ours(record: Record, issue: IssueView, ctx: AuditContext) -> bool:
    """Whether the register's date goes onto the card: it has none, one long past, or one later than it may be."""
    if record.due_on is None:
        return False
    if issue.due_on is None or (issue.due_on < ctx.today and issue.due_on < record.due_on):
        return True
    return judge_due(record, issue.due_on, frozenset({Role.OWNER})).new_due_on != issue.due_on


def _in_its_place(record: Record, issue: IssueView, family: Family, ctx: AuditContext, words: SiteWords) -> Record:
    """The state that the card's place means, if it may be had from the record's own; else the record's own stays."""
    facts = facts_of(family, record, ctx, has_reason=False)
    verdict = read_move(record.kind, record.status, issue.status_id, words.status_map, frozenset({Role.OWNER}), facts)
    if not verdict.is_allowed or verdict.after in (None, record.status):
        return record
    return enter(record, verdict.after or record.status, ctx, by="tieout")


def _has_number(summary: str, family: Family) -> bool:
    number = re.escape(family.request.number)
    return re.search(rf"(?<![\w/.-]){number}(?![\w-]|/\d)", summary, re.IGNORECASE) is not None


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()
