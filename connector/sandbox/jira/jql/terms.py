"""The fields JQL knows: what an issue has in them, which operators they take, and which values exist.

A term turns a written value into the keys it stands for, and an issue into the keys it has; most comparisons are
then of sets. Names resolve to every thing of that name: two projects' "To Do" are two statuses.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connector.sandbox.accounts import Account
from connector.sandbox.jira import adf
from connector.sandbox.jira.index import Document
from connector.sandbox.jira.jql.errors import JqlError
from connector.sandbox.jira.model import CATEGORIES, Field
from connector.sandbox.jira.permissions import browsable, may_browse
from connector.sandbox.jira.viewer import zone
from connector.sandbox.site import Site

EQUALITY = frozenset({"=", "!=", "in", "not in"})
EMPTINESS = frozenset({"is", "is not"})
ORDER = frozenset({"<", "<=", ">", ">="})
TEXT = frozenset({"~", "!~"})

Key = Any


@dataclass(frozen=True)
class Asker:
    """Who runs a query, where and when."""

    site: Site
    actor: Account | None
    now: datetime
    within: frozenset[str] = frozenset()
    """Ids of the saved filters this query is asked inside of."""

    @property
    def zone(self) -> Any:
        return zone(self.actor.time_zone if self.actor else "Etc/UTC")


@dataclass(frozen=True)
class Term:
    """A field in JQL. `has` gives what an issue holds, `resolve` the keys a written value stands for.

    `kind` is "keys", "moments", "numbers" or "text"; `rank` orders keys for < and ORDER BY.
    """

    operators: frozenset[str]
    has: Callable[[Document], Iterable[Key]]
    resolve: Callable[[Asker, str], set[Key]]
    kind: str = "keys"
    rank: Callable[[Site, Key], Any] = lambda _site, key: key


def term_for(asker: Asker, name: str) -> Term:
    """The term a query names; JqlError when there is none the caller may use."""
    wanted = name.casefold()
    if wanted in TERMS:
        return TERMS[wanted]
    if wanted == "sprint":
        return _sprint(asker.site)
    for field in asker.site.jira.fields.values():
        number = field.field_id.removeprefix("customfield_")
        named = wanted in (field.name.casefold(), f"cf[{number}]", field.field_id)
        if field.is_custom and named and _is_known(asker, field):
            return _custom(field) if field.project_id is None else _own(field, _custom(field))
    raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")


def _is_known(asker: Asker, field: Field) -> bool:
    """A project's own field is known to who sees the project."""
    project = asker.site.jira.projects.get(field.project_id or "")
    return project is None or may_browse(asker.actor, project)


def missing(name: str, value: str) -> JqlError:
    return JqlError(f"The value '{value}' does not exist for the field '{name}'.")


def _named(table: str, field: str) -> Callable[[Asker, str], set[Key]]:
    def resolve(asker: Asker, text: str) -> set[Key]:
        things = getattr(asker.site.jira, table)
        wanted = text.casefold()
        found = {key for key, thing in things.items() if thing.name.casefold() == wanted}
        if not found and text in things:
            found = {text}
        if not found:
            raise missing(field, text)
        return found

    return resolve


def _project(asker: Asker, text: str) -> set[Key]:
    wanted = text.casefold()
    for project in browsable(asker.site, asker.actor):
        names = {project.key.casefold(), project.name.casefold(), project.project_id}
        if wanted in names | {key.casefold() for key in project.former_keys}:
            return {project.project_id}
    raise missing("project", text)


def _category(_asker: Asker, text: str) -> set[Key]:
    wanted = text.casefold()
    for category in CATEGORIES.values():
        if wanted in (category.key, category.name.casefold(), str(category.category_id)):
            return {category.key}
    raise missing("statusCategory", text)


def _account(field: str) -> Callable[[Asker, str], set[Key]]:
    def resolve(asker: Asker, text: str) -> set[Key]:
        if text not in asker.site.accounts:
            raise missing(field, text)
        return {text}

    return resolve


def _issue(asker: Asker, text: str) -> set[Key]:
    issue = asker.site.jira.issue(text)
    visible = {project.project_id for project in browsable(asker.site, asker.actor)}
    if issue is None or issue.project_id not in visible:
        what = "id" if text.isdigit() else "key"
        raise JqlError(f"An issue with {what} '{text}' does not exist for field 'key'.")
    return {issue.issue_id}


def _resolution(asker: Asker, text: str) -> set[Key]:
    if text.casefold() == "unresolved":
        return {None}
    return _named("resolutions", "resolution")(asker, text)


def _any(_asker: Asker, text: str) -> set[Key]:
    return {text}


def _label(_asker: Asker, text: str) -> set[Key]:
    return {text.casefold()}


def _value(field_id: str) -> Callable[[Document], Iterable[Key]]:
    def has(document: Document) -> Iterable[Key]:
        value = document.values.get(field_id)
        return () if value is None else (value,)

    return has


def _text_of(*field_ids: str, comments: bool = False) -> Callable[[Document], Iterable[Key]]:
    def has(document: Document) -> Iterable[Key]:
        texts = [document.values.get(field_id) for field_id in field_ids]
        if comments:
            texts.extend(document.comments)
        return [adf.to_text(text) if isinstance(text, dict) else text for text in texts if text]

    return has


def _by_number(_site: Site, key: Key) -> int:
    return int(key)


def _priority_rank(site: Site, key: Key) -> int:
    """Highest is greatest, as in `priority > Medium`."""
    return -list(site.jira.priorities).index(key)


def _status_name(site: Site, key: Key) -> str:
    return site.jira.statuses[key].name


def _person(site: Site, key: Key) -> str:
    return site.accounts[key].display_name


def _issue_rank(site: Site, key: Key) -> tuple[str, int]:
    issue = site.jira.issues.get(key)
    project, _, number = (issue.key if issue else "-0").rpartition("-")
    return project, int(number)


def _moments(field_id: str) -> Term:
    return Term(EQUALITY | EMPTINESS | ORDER, _value(field_id), _any, "moments")


def _custom(field: Field) -> Term:
    has = _value(field.field_id)
    if field.kind == "options":
        return Term(EQUALITY | EMPTINESS, lambda d: d.values.get(field.field_id) or (), _chosen(field))
    if field.kind == "option":
        return Term(EQUALITY | EMPTINESS, has, _chosen(field))
    if field.kind in ("text", "document"):
        return Term(TEXT | EMPTINESS, _text_of(field.field_id), _any, "text")
    if field.kind == "number":
        return Term(EQUALITY | EMPTINESS | ORDER, has, _any, "numbers")
    if field.kind in ("date", "moment"):
        return Term(EQUALITY | EMPTINESS | ORDER, has, _any, "moments")
    if field.kind == "labels":
        return Term(EQUALITY | EMPTINESS, lambda d: _folded(d.values.get(field.field_id)), _label)
    return Term(EQUALITY | EMPTINESS, has, _account(field.name), rank=_person)


def _own(field: Field, term: Term) -> Term:
    """A project's own field: an issue that moved away has nothing in it any more."""
    return replace(term, has=lambda d: term.has(d) if d.values["project"] == field.project_id else ())


def _chosen(field: Field) -> Callable[[Asker, str], set[Key]]:
    def resolve(_asker: Asker, text: str) -> set[Key]:
        wanted = text.casefold()
        found = {o.option_id for o in field.options if wanted in (o.value.casefold(), o.option_id)}
        if not found:
            raise JqlError(f"The option '{text}' for field '{field.name}' does not exist.")
        return found

    return resolve


def _folded(labels: Iterable[str] | None) -> set[str]:
    return {label.casefold() for label in labels or ()}


_KEY = Term(EQUALITY | ORDER | EMPTINESS, lambda d: (d.issue_id,), _issue, rank=_issue_rank)
_TYPE = Term(EQUALITY | EMPTINESS, _value("issuetype"), _named("types", "issuetype"), rank=_by_number)
_CREATED = Term(EQUALITY | EMPTINESS | ORDER, lambda d: (d.created_at,), _any, "moments")
_UPDATED = Term(EQUALITY | EMPTINESS | ORDER, lambda d: (d.updated_at,), _any, "moments")
_CHANGED = Term(EQUALITY | EMPTINESS | ORDER, lambda d: (d.status_changed_at,), _any, "moments")
_DUE = _moments("duedate")
_RESOLVED = _moments("resolutiondate")


def _sprint(site: Site) -> Term:
    """Every sprint an issue is or was in, which no index keeps."""

    def has(document: Document) -> Iterable[Key]:
        return [one.sprint_id for one in site.jira.sprints.values() if document.issue_id in one.issue_ids]

    return Term(EQUALITY | EMPTINESS, has, _named("sprints", "sprint"), rank=_by_number)


def _nothing(name: str) -> Term:
    """A field every Jira has and no issue here has anything in."""

    def resolve(_asker: Asker, text: str) -> set[Key]:
        raise missing(name, text)

    return Term(EQUALITY | EMPTINESS, lambda _document: (), resolve)


def _people(field_id: str, name: str) -> Term:
    return Term(EQUALITY | EMPTINESS, _value(field_id), _account(name), rank=_person)


TERMS: dict[str, Term] = {
    "project": Term(
        EQUALITY | EMPTINESS,
        _value("project"),
        _project,
        rank=lambda site, key: site.jira.projects[key].name.casefold(),
    ),
    "issuetype": _TYPE,
    "type": _TYPE,
    "status": Term(EQUALITY | EMPTINESS, _value("status"), _named("statuses", "status"), rank=_status_name),
    "statuscategory": Term(EQUALITY | EMPTINESS, lambda _d: (), _category),
    "assignee": _people("assignee", "assignee"),
    "reporter": _people("reporter", "reporter"),
    "creator": _people("creator", "creator"),
    "watcher": Term(EQUALITY | EMPTINESS, lambda d: d.watchers, _account("watcher"), rank=_person),
    "labels": Term(EQUALITY | EMPTINESS, lambda d: _folded(d.values.get("labels")), _label),
    "priority": Term(
        EQUALITY | EMPTINESS | ORDER,
        _value("priority"),
        _named("priorities", "priority"),
        rank=_priority_rank,
    ),
    "resolution": Term(EQUALITY | EMPTINESS, _value("resolution"), _resolution, rank=_by_number),
    "duedate": _DUE,
    "due": _DUE,
    "created": _CREATED,
    "createddate": _CREATED,
    "updated": _UPDATED,
    "updateddate": _UPDATED,
    "resolved": _RESOLVED,
    "resolutiondate": _RESOLVED,
    "statuscategorychangeddate": _CHANGED,
    "key": _KEY,
    "issuekey": _KEY,
    "issue": _KEY,
    "id": _KEY,
    "parent": Term(EQUALITY | EMPTINESS, _value("parent"), _issue, rank=_issue_rank),
    "rank": Term(EMPTINESS, lambda d: (d.issue_id,), _any, rank=_by_number),
    "attachments": Term(EMPTINESS, lambda d: ("",) if d.has_files else (), _any),
    "fixversion": _nothing("fixVersion"),
    "affectedversion": _nothing("affectedVersion"),
    "component": _nothing("component"),
    "summary": Term(TEXT | EMPTINESS, _text_of("summary"), _any, "text"),
    "description": Term(TEXT | EMPTINESS, _text_of("description"), _any, "text"),
    "comment": Term(TEXT, _text_of(comments=True), _any, "text"),
    "text": Term(TEXT, _text_of("summary", "description", comments=True), _any, "text"),
}
