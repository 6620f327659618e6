"""Giving an adopted issue back to its people: what Tieout wrote on it is taken off it, and nothing else is touched.

The law: a field goes back to what stood there when the issue was adopted only where that is known and where what stands
there now is Tieout's own last word. Everything else is left as it is, and told.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from .far import IssueEdit, IssueView
from .issue_judges import JIRA_FIELD
from .issue_links import LINKED_TO
from .issue_words import said_by_issue
from .planned import Change
from .records import EMPTY, Link, Value

FOUND = "issue found"
"""The journal's words for what stood on an issue right before it was adopted."""
_OURS = "tieout"
_EDITED = {"owner": "assignee", "due": "due_on", "priority": "priority", "flag": "is_flagged"}
"""The fields that Tieout writes on an adopted issue, and how an edit names them."""


@dataclass(frozen=True, slots=True)
class Return:
    """What is to be done to the issue, told as a plan tells it, and what is left as it is, each with its reason."""

    edit: IssueEdit
    changes: tuple[Change, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(slots=True)
class _Doing:
    changes: dict[str, object] = field(default_factory=dict)
    told: list[Change] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def found_on(issue: IssueView, named: str) -> dict[str, object]:
    """What the journal keeps of an issue that is adopted. `named` is what the list said of it."""
    said = said_by_issue(issue, frozenset())
    kept = {name: said[name] for name in (*_EDITED, "status")}
    return {**kept, "id": issue.id, "labels": sorted(issue.labels), "named": named}


def give_back(
    link: Link,
    issue: IssueView,
    found: Mapping[str, object] | None,
    own_accounts: Collection[str],
    own_labels: Collection[str],
) -> Return:
    """`found` is what the journal has of the issue before it was adopted; None where that was not kept. `own_labels`
    are those that Tieout manages."""
    doing = _Doing()
    now = said_by_issue(issue, frozenset())
    for name in _EDITED:
        if found is None or name not in found:
            doing.left += _of_unknown(name, issue, own_accounts)
        elif now[name] != found[name]:
            _one(name, issue, link, found[name], now[name], own_accounts, doing)
    if found is not None and "status" in found and found["status"] != issue.status_id:
        doing.left.append("its place on the board: move the card yourself, where it is not right")
    doing.left += _beside(link)
    labels = _labels(issue, found, own_labels)
    if labels:
        doing.told.append(Change("labels taken away", ", ".join(sorted(labels)), None))
    own = _own_fields(link)
    doing.told += [Change(id_, "what Tieout keeps there", None) for id_ in own]
    return Return(IssueEdit(doing.changes, remove_labels=labels, own=own), tuple(doing.told), tuple(doing.left))


def _one(
    name: str,
    issue: IssueView,
    link: Link,
    before: object,
    now: Value,
    own_accounts: Collection[str],
    doing: _Doing,
) -> None:
    """A field that says something else than it did: Tieout's word goes, a person's stays."""
    writer = _last_writer(name, issue)
    if writer not in own_accounts or link.base_theirs.get(name) != now:
        doing.left.append(
            f"{name}: somebody set it since it was adopted" if writer else f"{name}: nobody knows who set it"
        )
        return
    doing.changes[_EDITED[name]] = date.fromisoformat(str(before)) if name == "due" and before else before
    doing.told.append(Change(name, now, before if isinstance(before, str | bool) else None))


def _of_unknown(name: str, issue: IssueView, own_accounts: Collection[str]) -> Iterator[str]:
    if _last_writer(name, issue) in own_accounts:
        yield f"{name}: Tieout set it, and what stood there before was not kept"


def _last_writer(name: str, issue: IssueView) -> str:
    """Whose the newest line of the change log on a field is; empty where none came."""
    return next((line.author for line in issue.changes if line.field == JIRA_FIELD.get(name, name)), "")


def _labels(issue: IssueView, found: Mapping[str, object] | None, own_labels: Collection[str]) -> frozenset[str]:
    """The labels of Tieout's that were not there before; where nobody knows, those that only Tieout has."""
    there = found.get("labels") if found else None
    ours = issue.labels & frozenset(own_labels)
    if isinstance(there, list):
        return ours - frozenset(there)
    return frozenset(label for label in ours if label == _OURS or label.startswith(f"{_OURS}-"))


def _own_fields(link: Link) -> Mapping[str, object]:
    """Tieout's own fields that hold something, emptied."""
    told = link.base_ours.get("own fields")
    return {id_: None for id_, value in json.loads(told).items() if value} if isinstance(told, str) else EMPTY


def _beside(link: Link) -> Iterator[str]:
    if link.base_ours.get(LINKED_TO):
        yield "its link to the request's issue: take it off there, where it is not wanted"
    if link.base_ours.get("watchers"):
        yield "those whom Tieout made watchers"
    yield "what was said in comments"
