"""A project's board as values: a column for each status of its workflows, a card for each issue that is wanted."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from connector.sandbox.accounts import Account
from connector.sandbox.jira import workflow
from connector.sandbox.jira.model import Named, Project, Status, Transition
from connector.sandbox.jira.records import Issue
from connector.sandbox.jira.setup import FLAGGED
from connector.sandbox.site import Site

UNASSIGNED = "nobody"
SHOWN_MAX = 80
FAR_OFF = "9999"


@dataclass(frozen=True)
class Sieve:
    """Which cards are wanted; empty is all. `assignee` is an account id or UNASSIGNED."""

    assignee: str = ""
    label: str = ""
    words: str = ""

    def passes(self, issue: Issue) -> bool:
        values = issue.values
        text = f"{issue.key} {values['summary']}".casefold()
        return (
            self.assignee in ("", values.get("assignee") or UNASSIGNED)
            and (not self.label or self.label in (values.get("labels") or ()))
            and self.words.casefold() in text
        )


@dataclass(frozen=True)
class Move:
    """A transition that can be made now."""

    transition_id: str
    name: str
    target: Status
    asks: bool


@dataclass(frozen=True)
class Card:
    """An issue in a few words. `due_on` is an ISO date."""

    key: str
    summary: str
    kind: str
    status: Status
    priority: Named | None
    assignee: Account | None
    due_on: str | None
    is_over: bool
    is_flagged: bool
    labels: tuple[str, ...]
    files: int
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True)
class Column:
    """A status with its cards; `count` is of all that pass the filter, `cards` the first of them."""

    status: Status
    count: int
    cards: tuple[Card, ...]


def columns(site: Site, person: Account, project: Project, sieve: Sieve, today: date) -> list[Column]:
    """The board of a project, earliest due date first in each column."""
    held: dict[str, list[Issue]] = {status_id: [] for status_id in _statuses(project)}
    for issue in issues_of(site, project):
        if sieve.passes(issue):
            held.setdefault(issue.status_id, []).append(issue)
    return [
        Column(
            site.jira.statuses[status_id],
            len(found),
            tuple(card(site, one, today, moves(site, person, one)) for one in sorted(found, key=_rank)[:SHOWN_MAX]),
        )
        for status_id, found in held.items()
    ]


def card(site: Site, issue: Issue, today: date, moves: tuple[Move, ...] = ()) -> Card:
    """An issue as a card or a row of a list."""
    jira, values = site.jira, issue.values
    status, due_on = jira.statuses[issue.status_id], values.get("duedate")
    return Card(
        key=issue.key,
        summary=values["summary"],
        kind=jira.types[issue.type_id].name,
        status=status,
        priority=jira.priorities.get(values.get("priority") or ""),
        assignee=site.accounts.get(values.get("assignee") or ""),
        due_on=due_on,
        is_over=due_on is not None and due_on < today.isoformat() and status.category != "done",
        is_flagged=bool(values.get(FLAGGED)),
        # Short ones first: a card shows a few, and the long ones are mostly the marks of machines.
        labels=tuple(sorted(values.get("labels") or (), key=len)),
        files=len(issue.attachments),
        moves=moves,
    )


def moves(site: Site, person: Account, issue: Issue) -> tuple[Move, ...]:
    """What a person can do with an issue's status, staying where it is left out."""
    found = (move(site, one) for one in workflow.available(site, person, issue))
    return tuple(one for one in found if one.target.status_id != issue.status_id)


def move(site: Site, transition: Transition) -> Move:
    target = site.jira.statuses[transition.target]
    return Move(transition.transition_id, transition.name, target, bool(transition.screen))


def issues_of(site: Site, project: Project) -> Iterable[Issue]:
    return (issue for issue in site.jira.issues.values() if issue.project_id == project.project_id)


def assignees(site: Site, project: Project) -> list[Account]:
    """Who has work in a project, by name."""
    ids = {issue.values.get("assignee") for issue in issues_of(site, project)} - {None}
    return sorted((site.accounts[str(one)] for one in ids), key=lambda account: account.display_name)


def labels(site: Site, project: Project) -> list[str]:
    return sorted({label for issue in issues_of(site, project) for label in issue.values.get("labels") or ()})


def _statuses(project: Project) -> list[str]:
    """The statuses of all its workflows, in their order."""
    return list(dict.fromkeys(one for flow in project.workflows.values() for one in flow.statuses()))


def _rank(issue: Issue) -> tuple[str, int]:
    return issue.values.get("duedate") or FAR_OFF, issue.number
