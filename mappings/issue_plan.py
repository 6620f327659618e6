"""What to write to a Jira issue so that it says what the register says: each action with its reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .actions import Action, CreateIssue, EditIssue, MoveIssue, Watch
from .context import AuditContext, Family, SiteWords
from .custom_fields import as_told, custom_fields
from .far import IssueDraft, IssueEdit, IssueView
from .issue_words import ESCALATE, IssueText, issue_text, managed_labels, read_fields, said_abroad, said_by_register
from .merge import Reading
from .records import Link, LinkRole, Record, Value, marker
from .rules import Route
from .templates import fill

_OWN_FIELDS = "Tieout's own fields hold something else, or nothing yet"


def plan_issue(
    record: Record,
    link: Link,
    issue: IssueView,
    family: Family,
    ctx: AuditContext,
    words: SiteWords,
    page_url: str,
    undecided: Collection[str] = (),
) -> list[Action]:
    """The writes that bring `issue` to what the register says. None when both agree; a second run gives none.

    The transition stands first, then one edit with all other fields but the `undecided`: those a person settles."""
    text = issue_text(record, family, ctx, page_url)
    readings = read_fields(record, issue, link, text, ctx, words)
    abroad = said_abroad(record, text, ctx, words)
    moved = [field for field in abroad if not readings[field].agrees and _is_owed(readings[field])]
    apart = {field: readings[field] for field in moved if field not in undecided}
    actions: list[Action] = []
    if "status" in apart:
        status_id = words.status_map.abroad(record.status)
        screen = words.transition_fields.get(status_id, {})
        reason = _status_reason(apart.pop("status"), words, ctx)
        actions.append(MoveIssue(record.uid, issue.id, status_id, record.status, reason, screen))
    own = custom_fields(words.fields, record, family.request, ctx.key)
    if apart or not as_told(own).items() <= link.base_ours.items():
        managed = managed_labels(text, link)
        actions.append(_edit(_Gap(record, issue, text, managed, apart, abroad, words.has_flag, own), ctx))
    return actions + _watches(record, link, issue, ctx)


def _is_owed(reading: Reading) -> bool:
    """Whether a difference is to be pushed: the register moved, or the far side moved and was kept out.

    After the intake both cases read the same: the register's word stands."""
    return reading.ours != reading.ours_base or reading.theirs != reading.theirs_base


def _reason(field: str, reading: Reading, ctx: AuditContext) -> str:
    if field == "description":
        return "description: the text changed in the register"
    if field == "labels":
        return _label_reason(reading)
    if reading.theirs != reading.theirs_base:
        return f"{field}: {_told(field, reading.theirs, ctx)} is put back to {_told(field, reading.ours, ctx)}"
    return f"{field}: {_told(field, reading.ours_base, ctx)} became {_told(field, reading.ours, ctx)} in the register"


def _told(field: str, value: Value, ctx: AuditContext) -> str:
    """A value in a sentence: a person by name."""
    if value is None:
        return "nobody" if field == "owner" else "nothing"
    person = ctx.person_of(str(value)) if field == "owner" else None
    return person.name if person else str(value)


def _status_reason(reading: Reading, words: SiteWords, ctx: AuditContext) -> str:
    """As any field's, with the name that Jira shows where it knows the status by a number."""
    if reading.theirs == reading.theirs_base:
        return _reason("status", reading, ctx)
    return f"status: {words.status_map.name(str(reading.theirs))} is put back to {reading.ours}"


def _label_reason(reading: Reading) -> str:
    wanted, there = (set(side) if isinstance(side, tuple) else set() for side in (reading.ours, reading.theirs))
    words = [f"{label} added" for label in sorted(wanted - there)]
    words += [f"{label} taken away" for label in sorted(there - wanted)]
    return f"labels: {', '.join(words)}"


@dataclass(frozen=True, slots=True)
class _Gap:
    """A record and its issue, and the fields in which one edit brings them together."""

    record: Record
    issue: IssueView
    text: IssueText
    managed: frozenset[str]
    apart: Mapping[str, Reading]
    abroad: Mapping[str, Value]
    """Every field as Jira would say it."""
    has_flag: bool
    own: Mapping[str, object]


def _edit(gap: _Gap, ctx: AuditContext) -> EditIssue:
    add, remove = _labels(gap)
    return EditIssue(
        gap.record.uid,
        gap.issue.id,
        IssueEdit(_changes(gap), add, remove, gap.own),
        said={field: reading.ours for field, reading in gap.apart.items()} | as_told(gap.own),
        theirs={field: gap.abroad[field] for field in gap.apart},
        reason="; ".join(_reason(field, reading, ctx) for field, reading in sorted(gap.apart.items())) or _OWN_FIELDS,
    )


def _changes(gap: _Gap) -> dict[str, object]:
    """The fields of the edit under the names of `IssueEdit.changes`."""
    named: dict[str, tuple[str, object]] = {
        "summary": ("summary", gap.text.summary),
        "description": ("description", gap.text.description),
        "due": ("due_on", gap.record.due_on),
        "owner": ("assignee", gap.abroad.get("owner")),
        "priority": ("priority", gap.abroad["priority"]),
    }
    if gap.has_flag:
        named["flag"] = ("is_flagged", gap.abroad["flag"])
    return dict(named[field] for field in gap.apart if field in named)


def _labels(gap: _Gap) -> tuple[frozenset[str], frozenset[str]]:
    """Labels to add and to take away. Where the site has no flag, the label that raises an escalation stands for it."""
    add, remove = frozenset[str](), frozenset[str]()
    if "labels" in gap.apart:
        add = gap.text.labels - gap.issue.labels
        remove = (gap.managed - gap.text.labels) & gap.issue.labels
    if "flag" in gap.apart and not gap.abroad["flag"]:
        remove |= gap.issue.labels & {ESCALATE}
    elif "flag" in gap.apart and not gap.has_flag:
        add |= {ESCALATE}
    return add, remove


def _watches(record: Record, link: Link, issue: IssueView, ctx: AuditContext) -> list[Action]:
    known = link.base_ours.get("watchers", ())
    told = frozenset(known if isinstance(known, tuple) else ())
    wanted = {account: key for key in record.watchers if (account := ctx.account_of(key)) and account not in told}
    return [
        Watch(record.uid, issue.id, account, f"{ctx.name_of(key)} follows this record")
        for account, key in sorted(wanted.items())
    ]


def draft_issue(
    record: Record,
    family: Family,
    ctx: AuditContext,
    words: SiteWords,
    route: Route,
    *,
    page_url: str,
    link_to: str | None,
) -> CreateIssue:
    """The issue of a request or a task that has none yet. A sub-task stands under what others are linked to."""
    text = issue_text(record, family, ctx, page_url)
    parent = link_to if words.is_subtask else route.parent
    own = custom_fields(words.fields, record, family.request, ctx.key)
    draft = IssueDraft(
        marker=marker(record.uid),
        project=route.project,
        issue_type=route.issue_type,
        summary=text.summary,
        description=text.description,
        labels=text.labels,
        due_on=record.due_on,
        assignee=ctx.account_of(record.owner),
        priority=words.priority_names.get(record.priority),
        status_id=words.status_map.abroad(record.status),
        link_to=None if words.is_subtask else link_to,
        parent=parent,
        fields={**own, **fill(route.fields, record, family, ctx)},
    )
    # A new issue has no flag yet: it is owed.
    said = {**said_by_register(record, text, ctx), "flag": False, **as_told(own)}
    return CreateIssue(record.uid, LinkRole.ISSUE, draft, said, f"{record.kind} {record.number} has no issue yet")


def route_for(record: Record, ctx: AuditContext) -> Route:
    """Where a record goes: requests to the audit's project, tasks by the first route that fits."""
    rule = ctx.rule
    if record.parent is None:
        return Route(project=rule.project, issue_type=rule.issue_type, parent=rule.parent, fields=rule.request_fields)
    for route in rule.routes:
        if _fits(route, record):
            return route
    return Route(project=rule.default_task_project or rule.project, issue_type=rule.default_task_issue_type)


def _fits(route: Route, record: Record) -> bool:
    conditions = (
        route.team is None or route.team.lower() == record.team.lower(),
        route.criterion is None or route.criterion in record.criteria,
        route.control is None or route.control in record.controls,
        route.category is None or route.category.lower() == record.category.lower(),
        *(_column(record, heading).lower() == wanted.lower() for heading, wanted in route.column.items()),
    )
    return all(conditions)


def _column(record: Record, heading: str) -> str:
    """What the auditor's list says of a record under a heading."""
    names = (heading.lower(), f"tieout.{heading.lower()}")
    return next((text.strip() for name, text in record.extra.items() if name.lower() in names), "")
