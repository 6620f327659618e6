"""An issue as its page shows it: editable fields, what can be done next, what was said, attached and changed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup

from connector.sandbox.accounts import Account
from connector.sandbox.jira import adf, views
from connector.sandbox.jira.model import Project, Transition
from connector.sandbox.jira.permissions import may, may_browse
from connector.sandbox.jira.records import Attachment, ChangeItem, Comment, Issue
from connector.sandbox.jira.setup import FLAGGED
from connector.sandbox.jira.viewer import Viewer
from connector.sandbox.pages import board
from connector.sandbox.pages.addresses import safe_href
from connector.sandbox.pages.board import Card, Move
from connector.sandbox.pages.draw_adf import draw_adf
from connector.sandbox.pages.inputs import Input, input_for
from connector.sandbox.pages.visits import Visit

FIRST = ("assignee", "priority", "duedate", "labels", FLAGGED)
ELSEWHERE = frozenset({"summary", "description", "reporter", "environment", "parent"})


@dataclass(frozen=True)
class Said:
    """A comment; `kept_to` names the group or role that alone may read it."""

    comment_id: str
    author: Account | None
    body: Markup
    created_at: datetime
    is_edited: bool
    kept_to: str
    source: str
    """Its words without formatting, to be edited."""
    may_edit: bool
    may_delete: bool


@dataclass(frozen=True)
class Related:
    """Another issue and how it relates, or an address elsewhere."""

    phrase: str
    title: str
    href: str | None
    card: Card | None = None


@dataclass(frozen=True)
class Changed:
    """One entry of the change log: who, when, and rows of (field, before, after)."""

    author: Account | None
    at: datetime
    items: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class IssueView:
    """Everything on an issue's page."""

    card: Card
    project: Project
    description: Markup
    description_source: str
    moves: tuple[Move, ...]
    inputs: tuple[Input, ...]
    reporter: Account | None
    resolution: str
    created_at: datetime
    updated_at: datetime
    parent: Card | None
    related: tuple[Related, ...]
    attachments: tuple[tuple[Attachment, Account | None], ...]
    comments: tuple[Said, ...]
    history: tuple[Changed, ...]
    watchers: tuple[Account, ...]
    is_watching: bool
    may: dict[str, bool]


def view_of(visit: Visit, issue: Issue) -> IssueView:
    """An issue for a person who may see it."""
    site, person, values = visit.site, visit.person, issue.values
    project = site.jira.projects[issue.project_id]
    viewer = Viewer(site, person)
    return IssueView(
        card=board.card(site, issue, visit.today),
        project=project,
        description=draw_adf(site, values.get("description")),
        description_source=adf.to_text(values.get("description")),
        moves=board.moves(site, person, issue),
        inputs=tuple(edit_inputs(visit, issue)),
        reporter=site.accounts.get(values.get("reporter") or ""),
        resolution=site.jira.resolutions[values["resolution"]].name if values.get("resolution") else "",
        created_at=issue.created_at,
        updated_at=issue.updated_at,
        parent=_seen(visit, values.get("parent")),
        related=(*_linked(visit, issue), *_remote(visit, issue)),
        attachments=tuple((one, site.accounts.get(one.author_id)) for one in issue.attachments),
        comments=tuple(_said(visit, issue, one) for one in views.visible_comments(viewer, issue)),
        history=tuple(
            Changed(site.accounts.get(one.author_id), one.created_at, tuple(_change(item) for item in one.items))
            for one in reversed(issue.histories)
        ),
        watchers=tuple(site.accounts[one] for one in issue.watchers if one in site.accounts),
        is_watching=person.account_id in issue.watchers,
        may={name: may(person, project, name) for name in ("EDIT_ISSUES", "ADD_COMMENTS", "CREATE_ATTACHMENTS")},
    )


def edit_inputs(visit: Visit, issue: Issue) -> list[Input]:
    """The fields of the issue's project that its page lets people change, the usual ones first."""
    site, project = visit.site, visit.site.jira.projects[issue.project_id]
    rest = sorted(project.fields - {*FIRST} - ELSEWHERE)
    names = [name for name in (*FIRST, *rest) if name in project.fields]
    made = (input_for(site, project, site.jira.fields[name], issue.values.get(name)) for name in names)
    return [one for one in made if one is not None]


def screen_inputs(visit: Visit, issue: Issue, transition: Transition) -> list[Input]:
    """What a transition's screen asks for."""
    site, project = visit.site, visit.site.jira.projects[issue.project_id]
    made = (
        input_for(site, project, site.jira.fields[name], issue.values.get(name), required=required)
        for name, required in (transition.screen or {}).items()
    )
    return [one for one in made if one is not None]


def _said(visit: Visit, issue: Issue, comment: Comment) -> Said:
    project = visit.site.jira.projects[issue.project_id]
    rights = ("ALL", "OWN") if comment.author_id == visit.person.account_id else ("ALL",)
    return Said(
        comment.comment_id,
        visit.site.accounts.get(comment.author_id),
        draw_adf(visit.site, comment.body),
        comment.created_at,
        comment.updated_at != comment.created_at,
        comment.visibility["value"] if comment.visibility else "",
        adf.to_text(comment.body),
        any(may(visit.person, project, f"EDIT_{right}_COMMENTS") for right in rights),
        any(may(visit.person, project, f"DELETE_{right}_COMMENTS") for right in rights),
    )


def _seen(visit: Visit, issue_id: Any) -> Card | None:
    """Another issue, if the person may see it."""
    jira = visit.site.jira
    issue = jira.issues.get(issue_id)
    if issue is None or not may_browse(visit.person, jira.projects[issue.project_id]):
        return None
    return board.card(visit.site, issue, visit.today)


def _linked(visit: Visit, issue: Issue) -> list[Related]:
    jira = visit.site.jira
    found = []
    for link in jira.links_of(issue.issue_id):
        inward = link.target_id == issue.issue_id
        kind = jira.link_types[link.type_id]
        other = _seen(visit, link.source_id if inward else link.target_id)
        if other is not None:
            found.append(Related(kind.inward if inward else kind.outward, other.summary, f"/browse/{other.key}", other))
    children = [one.issue_id for one in jira.issues.values() if one.values.get("parent") == issue.issue_id]
    seen = [card for card in (_seen(visit, child) for child in children) if card is not None]
    found += [Related("child", card.summary, f"/browse/{card.key}", card) for card in seen]
    return sorted(found, key=lambda one: one.phrase)


def _remote(visit: Visit, issue: Issue) -> list[Related]:
    found = []
    for link in issue.remote_links:
        shown = link.body.get("object") or {}
        title = str(shown.get("title") or shown.get("url") or "Link")
        phrase = str(link.body.get("relationship") or "links to")
        found.append(Related(phrase, title, safe_href(visit.site, shown.get("url"))))
    return found


def _change(item: ChangeItem) -> tuple[str, str, str]:
    before, after = item.before_text, item.after_text
    if item.field == "duedate":
        before, after = item.before, item.after
    return item.field, _short(before), _short(after)


def _short(text: str | None) -> str:
    return (text if len(text) <= 200 else text[:199] + "…") if text else "None"
