"""What there should be on a site for the mapping file as it is: pure, from the rules and what the site is like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from mappings.records import Value
from mappings.rules import AuditRule, Rules

from . import queries
from .queries import NOT_DONE
from .things import Ground, Thing, ThingKind, mark, reference

FIELD_TYPES = "com.atlassian.jira.plugin.system.customfieldtypes:"
EVENTS = (
    "attachment_created",
    "attachment_deleted",
    "comment_created",
    "comment_deleted",
    "comment_updated",
    "issuelink_created",
    "issuelink_deleted",
    "jira:issue_created",
    "jira:issue_deleted",
    "jira:issue_updated",
)
FIELDS: tuple[tuple[str, str, str, str], ...] = (
    # our name, the name people see, Jira's type, what it says
    ("audit", "Audit", "textfield", "Which audit the issue belongs to."),
    ("number", "Audit request", "textfield", "The request's number on the auditor's list."),
    ("criteria", "Audit criteria", "labels", "The Trust Services Criteria that the request is for."),
    ("level", "Audit escalation level", "float", "The highest step of the ladder in force; empty is none."),
    ("auditor_due", "Auditor's due date", "datepicker", "When the auditor wants it."),
)
GADGET_KEYS = {
    "list": "filter-results-gadget",
    "pie": "pie-chart-gadget",
    "table": "two-dimensional-stats-gadget",
    "lines": "created-vs-resolved-issues-chart-gadget",
}
"""By what a gadget draws: how the address of Jira's own gadget is told from others."""
_FILTERS = {
    "open": "open work",
    "overdue": "overdue",
    "week": "due this week",
    "requests": "requests",
    "returned": "returned",
    "escalated": "escalated",
    "work": "all work",
    "all": "everything",
}
"""What people call each filter, by Tieout's own name for it."""
LIST_COLUMNS = "issuekey|summary|assignee|status|duedate"

Config = Mapping[str, str]


def things_of_site(rules: Rules, ground: Ground, door: str | None) -> list[Thing]:
    """What all audits share: the fields with their places on screens, and the webhook to `door`, Tieout's address."""
    audits = [audit for audit in rules.audit.values() if not audit.is_closed]
    things: list[Thing] = []
    if ground.is_admin and any(audit.provision.fields for audit in audits):
        things += [_field(*row) for row in FIELDS]
        projects = dict.fromkeys(name for audit in audits if audit.provision.fields for name in projects_of(audit))
        tabs = dict.fromkeys((tab, project) for project in projects for tab in ground.screens.get(project, ()))
        things += [_place(key, shown, tab, project) for tab, project in tabs for key, shown, _, _ in FIELDS]
    if ground.is_admin and door is not None and audits:
        things.append(_webhook(door, sorted({audit.project for audit in audits})))
    return things


def things_of_audit(key: str, audit: AuditRule, ground: Ground, foreign: Sequence[str] = ()) -> list[Thing]:
    """An audit's filters, dashboard and board; nothing where the group that is to see them is not there.

    `foreign` are names of fields that others made: nothing counts by them."""
    shares = _shares(audit, ground)
    if shares is None:
        return []
    things = list(_filters(key, audit, ground, shares))
    things.append(_dashboard(key, audit, shares))
    things += _gadgets(key, audit, ground, foreign)
    if audit.provision.board:
        things.append(_board(key, audit))
    return things


def projects_of(audit: AuditRule) -> tuple[str, ...]:
    """Every project that issues of an audit stand in."""
    routed = {route.project for route in audit.routes} | {audit.default_task_project or audit.project}
    return (audit.project, *sorted(routed - {audit.project})) if audit.tasks != "none" else (audit.project,)


def field_name(key: str) -> str:
    """The thing's name of one of `FIELDS`."""
    return f"site/field/{key}"


def _field(key: str, shown: str, kind: str, says: str) -> Thing:
    description = f"{says} Kept by Tieout. {mark(field_name(key))}"
    said: dict[str, Value] = {"name": shown, "description": description, "type": FIELD_TYPES + kind}
    return Thing(field_name(key), ThingKind.FIELD, said, says)


def _place(key: str, shown: str, tab: str, project: str) -> Thing:
    says = {"screen": tab, "field": reference(field_name(key)), "shown": f"{shown} on {project}’s screen {tab}"}
    return Thing(f"site/screen/{tab}/{key}", ThingKind.PLACE, says, "so that people see it on issues")


def _webhook(door: str, projects: Sequence[str]) -> Thing:
    names = ", ".join(queries.quoted(project) for project in projects)
    says: dict[str, Value] = {
        "name": "Tieout",
        "url": f"{door}/webhooks/jira",
        "events": EVENTS,
        "jql": f"project in ({names}) OR labels = tieout",
        "is_signed": True,
        "is_enabled": True,
    }
    return Thing("site/webhook", ThingKind.WEBHOOK, says, "so that Tieout hears at once instead of at the next poll")


def _shares(audit: AuditRule, ground: Ground) -> tuple[str, ...] | None:
    """Whom things are shown to; None where the group that is named is not there."""
    group = audit.provision.group
    if group is None:
        return ("authenticated",)
    return (f"group:{ground.groups[group]}",) if group in ground.groups else None


def _filters(key: str, audit: AuditRule, ground: Ground, shares: tuple[str, ...]) -> Iterator[Thing]:
    work, requests, whole = queries.work(key, audit), queries.requests(key, audit), queries.of_audit(key)
    raised = 'labels in ("overdue", "escalate")' + (" OR Flagged is not EMPTY" if ground.has_flag else "")
    jql = {
        "open": f"{work} AND {NOT_DONE} ORDER BY duedate ASC",
        "overdue": f"{work} AND {NOT_DONE} AND duedate < startOfDay() ORDER BY duedate ASC",
        "week": f"{work} AND {NOT_DONE} AND duedate >= startOfWeek() AND duedate <= endOfWeek() ORDER BY duedate ASC",
        "requests": f"{requests} ORDER BY key ASC",
        "returned": f'{whole} AND {NOT_DONE} AND labels in ("returned", "changes-requested") ORDER BY duedate ASC',
        "escalated": f"{whole} AND {NOT_DONE} AND ({raised}) ORDER BY duedate ASC",
        "work": f"{work} ORDER BY duedate ASC",
        "all": f"{whole} ORDER BY duedate ASC",
    }
    for name, what in _FILTERS.items():
        yield _filter(key, audit, name, what, jql[name], shares)


def _filter(key: str, audit: AuditRule, name: str, what: str, jql: str, shares: tuple[str, ...]) -> Thing:
    ours = filter_name(key, name)
    says: dict[str, Value] = {
        "name": f"{audit.name}: {what} ({key})",
        "description": f"Kept by Tieout. {mark(ours)}",
        "jql": jql,
        "shares": shares,
    }
    return Thing(ours, ThingKind.FILTER, says, f"the search for {what}")


def filter_name(key: str, name: str) -> str:
    return f"{key}/filter/{name}"


def _dashboard(key: str, audit: AuditRule, shares: tuple[str, ...]) -> Thing:
    ours = dashboard_name(key)
    says: dict[str, Value] = {
        "name": f"{audit.name} ({key})",
        "description": f"What the coordinator looks at. Kept by Tieout. {mark(ours)}",
        "shares": shares,
        "editors": (),
    }
    return Thing(ours, ThingKind.DASHBOARD, says, "the coordinator's place to look")


def dashboard_name(key: str) -> str:
    return f"{key}/dashboard"


def _gadgets(key: str, audit: AuditRule, ground: Ground, foreign: Sequence[str]) -> Iterator[Thing]:
    """Seven gadgets in two columns, what needs a hand first at the top."""
    criteria = next(shown for name, shown, _, _ in FIELDS if name == "criteria")
    has_criteria = ground.is_admin and audit.provision.fields and criteria not in foreign
    by = reference(field_name("criteria")) if has_criteria else "labels"
    rows: tuple[tuple[str, str, str, str, str, Config], ...] = (
        ("overdue", "Overdue", "list", "overdue", "red", {}),
        ("week", "Due this week", "list", "week", "yellow", {}),
        ("open", "Open by owner", "table", "open", "blue", {"xstattype": "statuses", "ystattype": "assignees"}),
        ("criteria", "Requests by criterion", "pie", "requests", "purple", {"statType": by}),
        ("returned", "Returned", "list", "returned", "yellow", {}),
        ("escalated", "Escalated", "list", "escalated", "red", {}),
        ("flow", "Created against resolved", "lines", "work", "green", {"daysprevious": "30", "periodName": "daily"}),
    )
    for place, (name, title, draws, source, color, config) in enumerate(rows):
        uri = ground.gadgets.get(GADGET_KEYS[draws])
        if uri is None:
            continue
        says: dict[str, Value] = {
            "dashboard": reference(dashboard_name(key)),
            "title": title,
            "uri": uri,
            "color": color,
            "row": place // 2,
            "column": place % 2,
            **_config(draws, reference(filter_name(key, source)), config),
        }
        yield Thing(f"{key}/gadget/{name}", ThingKind.GADGET, says, f"draws the filter “{_FILTERS[source]}”")


def _config(draws: str, filter_id: str, more: Config) -> dict[str, Value]:
    """The gadget's own settings, each a text, under names with `config:` before them."""
    common = {"isConfigured": "true", "refresh": "15", **more}
    match draws:
        case "list":
            own = {"filterId": filter_id, "num": "20", "columnNames": LIST_COLUMNS}
        case "table":
            own = {"filterId": f"filter-{filter_id}", "sortBy": "natural", "sortDirection": "asc", "showTotals": "true"}
            own |= {"numberToShow": "20"}
        case "lines":
            own = {"projectOrFilterId": f"filter-{filter_id}", "isCumulative": "true", "versionLabel": "none"}
        case _:
            own = {"projectOrFilterId": f"filter-{filter_id}"}
    return {f"config:{name}": value for name, value in {**own, **common}.items()}


def _board(key: str, audit: AuditRule) -> Thing:
    says: dict[str, Value] = {
        "name": f"{audit.name} ({key})",
        "filter": reference(filter_name(key, "all")),
        "project": audit.project,
        "type": "kanban",
    }
    return Thing(f"{key}/board", ThingKind.BOARD, says, "every issue of the audit, whatever project it stands in")
