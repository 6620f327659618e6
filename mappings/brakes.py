"""When a side is to be taken for broken and not for changed: how much may be gone, or say nothing, at once.

A person's deed leaves a trace and stops at a handful of objects; a permission that was taken away, a field that was
hidden, a site restored from a backup leave none and take most. Bulk changes of one field are people's deeds, however
many cards they touch, and are judged one by one. The reasons are in `docs/decisions/0006-brakes.md`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum

from .evidence_page import REGIONS
from .far import IssueView, PageView
from .issue_words import digest
from .records import Link, LinkRole, Value

FEW = 3
"""Fewer than these are never a sign of anything: in an audit of two requests, both may be given up by hand."""
MOST = 10
"""More than these within `RECENTLY` are no work of hands, on a side of any size. A false stop costs one command, a
false "gone" a record detached for each."""
SMALL_SHARE = 2
"""Of a small side more than one in so many: eleven of a dozen are as bad a sign as eleven hundred of twelve."""
RECENTLY = timedelta(hours=1)
"""What went one by one within this counts together."""

NAMED = 5
"""How many objects an alert names."""


class Sign(StrEnum):
    """By what a broken side is known."""

    GONE = "gone"
    """Objects do not come when they are asked for."""
    EMPTIED = "emptied"
    """They come, and do not say what they said."""


SIDES: Mapping[LinkRole, str] = {LinkRole.ISSUE: "jira", LinkRole.PAGE: "confluence"}
"""The side on which a counterpart of this role stands, in the brakes' names."""


_SEEN = {Sign.GONE: "cannot be seen any more", Sign.EMPTIED: "came back without what Tieout wrote there"}
_LOOK_AT = {
    "jira-gone": "Look whether Tieout's account still has Browse projects there, whether a project was archived or "
    "restored, and whether somebody deleted in bulk.",
    "jira-emptied": "Look whether fields were hidden or an import changed them: their change logs name nobody.",
    "confluence-gone": "Look whether Tieout's account still sees the space, whether it was archived or restored, and "
    "whether somebody deleted in bulk.",
    "confluence-emptied": "Look whether an import, an app or a conversion rewrote the pages; their history has the "
    "versions before.",
}


def brake_name(role: LinkRole, sign: Sign) -> str:
    """What people call the brake: `jira-gone`, `confluence-emptied`."""
    return f"{SIDES[role]}-{sign}"


def is_too_many(affected: int, there: int) -> bool:
    """Whether so many of the counterparts that should be `there` speak for a broken side."""
    return affected >= FEW and affected > min(MOST, there // SMALL_SHARE)


_LOGGED = {
    "summary": "summary",
    "description": "description",
    "labels": "labels",
    "due": "duedate",
    "owner": "assignee",
    "priority": "priority",
}
"""Fields that can be empty, with the change log's name of each."""


def told(role: LinkRole, sign: Sign, names: Collection[str], there: int) -> str:
    """What was seen, what follows and what to do, for people."""
    name, some = brake_name(role, sign), sorted(names)[:NAMED]
    more = [f"and {len(names) - NAMED} more"] if len(names) > NAMED else []
    return (
        f"Brake {name}: {len(names)} of {there} {role}s {_SEEN[sign]} ({', '.join([*some, *more])}). Nothing is "
        f"written to {SIDES[role].capitalize()} and nothing there is taken for gone until they are back. "
        f"{_LOOK_AT[name]} If they are meant to be so: `tieout brakes release {name} --reason TEXT`."
    )


def issue_says_nothing(issue: IssueView, link: Link) -> bool:
    """Whether the issue lost what it said at the last agreement: a field without a trace in its change log, or, traced
    or not, everything that people can empty."""
    lost = [field for field in _LOGGED if link.base_theirs.get(field) and not _says(issue, field, link.base_theirs)]
    if any(not _is_traced(issue, field, link.base_theirs) for field in lost):
        return True
    could = [field for field in ("description", "labels", "due", "owner") if link.base_theirs.get(field)]
    return len(could) > 1 and set(could) <= set(lost)


def page_says_nothing(page: PageView, link: Link) -> bool:
    """Whether none of our parts is left on a page on which they were. People's text around them does not count."""
    return "rendered" in link.base_ours and not any(region in page.body for region in REGIONS)


def came_without_body(page: PageView, link: Link) -> bool:
    """Whether a page that nobody changed came blank: the answer is broken, and nothing may be written over it."""
    return page.version <= link.remote_version and not page.body.strip()


def _says(issue: IssueView, field: str, before: Mapping[str, Value]) -> bool:
    if field == "labels":
        return bool(issue.labels & _texts(before["labels"]))
    told = {
        "summary": issue.summary,
        "description": digest(issue.description),
        "due": issue.due_on,
        "owner": issue.assignee,
        "priority": issue.priority,
    }
    return bool(told[field])


def _is_traced(issue: IssueView, field: str, before: Mapping[str, Value]) -> bool:
    """Whether the newest line about the field says that somebody emptied it; a log cut short may have held it."""
    change = next((change for change in issue.changes if change.field == _LOGGED[field]), None)
    if change is None:
        return issue.has_more_changes
    return not _texts(before["labels"]) & set((change.after or "").split()) if field == "labels" else not change.after


def _texts(value: Value) -> frozenset[str]:
    return frozenset(value if isinstance(value, tuple) else ())
