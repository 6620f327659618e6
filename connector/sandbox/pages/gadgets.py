"""Jira's dashboard gadgets as values: a list of issues, counts by a field, counts by two, created against resolved."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from typing import Literal
from urllib.parse import urlencode

from connector.sandbox.jira import fields, shares
from connector.sandbox.jira.records import Gadget, Issue
from connector.sandbox.pages import board
from connector.sandbox.pages.acting import TurnedAwayError
from connector.sandbox.pages.board import Card
from connector.sandbox.pages.visits import Visit

COLUMNS = {
    "issuekey": "key",
    "issuetype": "type",
    "duedate": "due",
    **{name: name for name in ("summary", "assignee", "status", "priority", "labels")},
}
LISTED = 20
DAYS = 30
CHART_WIDTH, CHART_HEIGHT = 400, 120
PIE_SLICES = 8
Kind = Literal["issues", "counts", "pie", "matrix", "lines", "problem"]
_ORDER = re.compile(r"\border\s+by\b.*$", re.IGNORECASE | re.DOTALL)
_FIELDS = {"statuses": "status", "priorities": "priority", "issuetype": "issuetype", "labels": "labels"}


@dataclass(frozen=True)
class Drawn:
    """A gadget ready to be shown; which fields are set depends on `kind`.

    `counts` are (name, number, address of the issues); `slices` of a pie (name, part in percent, where it begins);
    `matrix` has its column names first, then rows of (name, numbers); `lines` are (name, total, points of an SVG
    polyline), from `since` up to `top`. `href` leads to the issues of them all.
    """

    title: str
    kind: Kind
    total: int = 0
    href: str = ""
    color: str = "blue"
    column: int = 0
    cards: tuple[Card, ...] = ()
    columns: tuple[str, ...] = ()
    counts: tuple[tuple[str, int, str], ...] = ()
    slices: tuple[tuple[str, float, float], ...] = ()
    matrix: tuple[tuple[str, ...], tuple[tuple[str, tuple[int, ...]], ...]] = ((), ())
    lines: tuple[tuple[str, int, str], ...] = ()
    since: date | None = None
    top: int = 0
    problem: str = ""


def drawn(visit: Visit, gadget: Gadget) -> Drawn:
    """What a gadget shows this person; one that is not set up, or shows what they may not see, says so."""
    held = gadget.properties.get("config")
    config = {str(key): str(value) for key, value in held.items()} if isinstance(held, dict) else {}
    try:
        made = _drawn(visit, gadget, config)
    except TurnedAwayError as away:
        made = Drawn(gadget.title, "problem", problem=away.message)
    return replace(made, color=gadget.color, column=gadget.column)


def search(visit: Visit, jql: str, size: int = 5000) -> list[Issue]:
    """The issues of a query that the person sees, in its order."""
    answer = visit.act("POST", "/rest/api/3/search/jql", {"jql": jql, "maxResults": size})
    found = answer["issues"] if isinstance(answer, dict) else []
    return [visit.site.jira.issues[one["id"]] for one in found]


def filter_jql(visit: Visit, filter_id: str) -> str:
    """The query of a saved filter the person may see."""
    found = visit.site.jira.filters.get(filter_id)
    if found is None or not shares.may_see(visit.site, found.owner_id, found.shares, visit.person):
        raise TurnedAwayError(404, f"There is no filter {filter_id}, or you may not see it.")
    return found.jql


def _drawn(visit: Visit, gadget: Gadget, config: dict[str, str]) -> Drawn:
    uri = gadget.uri or gadget.module_key or ""
    if "assigned-to-me" in uri:
        found = search(visit, "assignee = currentUser() AND statusCategory != Done ORDER BY duedate")
        return _list(visit, gadget, found, {})
    source = config.get("projectOrFilterId") or config.get("filterId")
    if not source:
        raise TurnedAwayError(400, "This gadget is not set up yet: it names no filter.")
    jql = _jql(visit, source)
    return replace(_of_query(visit, gadget, search(visit, jql), jql, config), href=_address(jql))


def _of_query(visit: Visit, gadget: Gadget, found: list[Issue], jql: str, config: dict[str, str]) -> Drawn:
    uri = gadget.uri or gadget.module_key or ""
    if "filter-results" in uri:
        return _list(visit, gadget, found, config)
    if "two-dimensional" in uri:
        return _matrix(visit, gadget, found, config)
    if "created-vs-resolved" in uri:
        return _lines(gadget, found, visit, config)
    statistic = config.get("statType", "statuses")
    counts = Counter(name for issue in found for name in _values(visit, issue, statistic)).most_common()
    rows = tuple((name, number, _narrowed(jql, statistic, name)) for name, number in counts)
    if "pie" in uri:
        return Drawn(gadget.title, "pie", len(found), counts=rows, slices=_slices(counts))
    return Drawn(gadget.title, "counts", len(found), counts=rows)


def _slices(counts: list[tuple[str, int]]) -> tuple[tuple[str, float, float], ...]:
    """Parts of a pie in percent, with where each begins; beyond so many the rest is one."""
    if len(counts) > PIE_SLICES:
        rest = sum(number for _, number in counts[PIE_SLICES - 1 :])
        counts = [*counts[: PIE_SLICES - 1], ("Others", rest)]
    whole = sum(number for _, number in counts) or 1
    parts = [100 * number / whole for _, number in counts]
    begins = accumulate(parts, initial=0.0)
    return tuple((name, part, begin) for (name, _), part, begin in zip(counts, parts, begins, strict=False))


def _narrowed(jql: str, statistic: str, name: str) -> str:
    """Where the issues of one value are listed; empty for a field that no query names."""
    field = _FIELDS.get(statistic)
    if field is None:
        return ""
    clause = f"{field} is EMPTY" if name == "None" else f'{field} = "{name}"'
    base = _ORDER.sub("", jql).strip()
    return _address(f"({base}) AND {clause}" if base else clause)


def _address(jql: str) -> str:
    return f"/issues/?{urlencode({'jql': jql})}"


def _jql(visit: Visit, source: str) -> str:
    if source.startswith("project-"):
        return f"project = {source.removeprefix('project-')}"
    return filter_jql(visit, source.removeprefix("filter-"))


def _list(visit: Visit, gadget: Gadget, found: list[Issue], config: dict[str, str]) -> Drawn:
    wanted = config.get("columnNames") or "issuekey|summary|assignee|status|duedate"
    columns = tuple(COLUMNS[name] for name in wanted.split("|") if name in COLUMNS)
    size = int(config["num"]) if config.get("num", "").isdecimal() else LISTED
    cards = tuple(board.card(visit.site, issue, visit.today) for issue in found[:size])
    return Drawn(gadget.title, "issues", len(found), cards=cards, columns=columns)


def _matrix(visit: Visit, gadget: Gadget, found: list[Issue], config: dict[str, str]) -> Drawn:
    x, y = config.get("xstattype", "statuses"), config.get("ystattype", "assignees")
    pairs = Counter((b, a) for i in found for a in _values(visit, i, x) for b in _values(visit, i, y))
    across, down = sorted({a for _, a in pairs}), sorted({b for b, _ in pairs})
    rows = tuple((name, tuple(pairs[name, other] for other in across)) for name in down)
    return Drawn(gadget.title, "matrix", len(found), matrix=(tuple(across), rows))


def _lines(gadget: Gadget, found: list[Issue], visit: Visit, config: dict[str, str]) -> Drawn:
    """Issues created and issues resolved in the person's last days, added up day by day."""
    length = int(config["daysprevious"]) if config.get("daysprevious", "").isdecimal() else DAYS
    days = [visit.today - timedelta(days=back) for back in range(max(length, 1), -1, -1)]
    created = Counter(issue.created_at.astimezone(visit.zone).date() for issue in found)
    moments = filter(None, (issue.values.get("resolutiondate") for issue in found))
    resolved = Counter(at.astimezone(visit.zone).date() for at in moments)
    sums = {name: _summed(counts, days) for name, counts in (("Created", created), ("Resolved", resolved))}
    top = max(*(series[-1] for series in sums.values()), 1)
    lines = tuple((name, series[-1], _points(series, top)) for name, series in sums.items())
    return Drawn(gadget.title, "lines", len(found), lines=lines, since=days[0], top=top)


def _summed(counts: Counter[date], days: list[date]) -> list[int]:
    total, series = 0, []
    for day in days:
        total += counts[day]
        series.append(total)
    return series


def _points(series: list[int], top: int) -> str:
    step = CHART_WIDTH / (len(series) - 1)
    return " ".join(f"{n * step:.1f},{CHART_HEIGHT - value / top * CHART_HEIGHT:.1f}" for n, value in enumerate(series))


def _values(visit: Visit, issue: Issue, statistic: str) -> list[str]:
    """What an issue counts as, in one of Jira's statistics."""
    card = board.card(visit.site, issue, visit.today)
    match statistic:
        case "assignees" | "assignee":
            return [card.assignee.display_name if card.assignee else "Unassigned"]
        case "priorities" | "priority":
            return [card.priority.name if card.priority else "None"]
        case "labels":
            return list(card.labels) or ["None"]
        case "issuetype":
            return [card.kind]
        case "project":
            return [visit.site.jira.projects[issue.project_id].name]
    if statistic.startswith("customfield_"):
        return _custom_values(visit, issue, statistic)
    return [card.status.name]


def _custom_values(visit: Visit, issue: Issue, field_id: str) -> list[str]:
    """What an issue holds in a custom field, as people read it; a list counts once for each of its values."""
    field, held = visit.site.jira.fields.get(field_id), issue.values.get(field_id)
    if field is None:
        raise TurnedAwayError(400, f"This gadget counts by {field_id}, which is no field of this site any more.")
    if field.kind == "labels":
        return list(held or ()) or ["None"]
    return [fields.name(visit.site, field, held)[1] or "None"]
