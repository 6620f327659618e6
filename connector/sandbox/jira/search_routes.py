"""Search: JQL over the index, a page at a time. The old `/search` is gone (CHANGE-2046)."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import bodies, views
from connector.sandbox.jira.index import Document, document_of
from connector.sandbox.jira.issue_routes import check_properties
from connector.sandbox.jira.jql.errors import JqlError
from connector.sandbox.jira.jql.query import Query, prepare
from connector.sandbox.jira.jql.terms import Asker
from connector.sandbox.jira.permissions import browsable
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

PAGE_DEFAULT = 50
PAGE_MAX = 5000
PAGE_MAX_WITH_FIELDS = 100  # "may return fewer items where a large number of fields are requested"
RECONCILED_MAX = 50
TOKEN_DAYS = 7
UNBOUNDED = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)


@dataclass(frozen=True)
class Wanted:
    """A search as either verb asks for it."""

    jql: str
    token: str
    size: int
    fields: list[str]
    properties: list[str]
    expand: list[str]
    reconciled: list[str]


@ROUTES.get("/rest/api/3/search/jql")
def search_by_query(site: Site, call: Call) -> Answer:
    wanted = Wanted(
        jql=call.query.get("jql", ""),
        token=call.query.get("nextPageToken", ""),
        size=max(1, call.query_int("maxResults", PAGE_DEFAULT, PAGE_MAX)),
        fields=call.query_list("fields"),
        properties=check_properties(call.query_list("properties")),
        expand=call.query_list("expand"),
        reconciled=_reconciled(call.query_list("reconcileIssues")),
    )
    return _search(site, call, wanted)


@ROUTES.post(
    "/rest/api/3/search/jql",
    reads=True,
    takes="expand fields fieldsByKeys jql maxResults nextPageToken properties reconcileIssues",
)
def search_by_body(site: Site, call: Call) -> Answer:
    body = call.json_object()
    wanted = Wanted(
        jql=bodies.text(body, "jql"),
        token=bodies.text(body, "nextPageToken"),
        size=max(1, min(bodies.number(body, "maxResults", PAGE_DEFAULT), PAGE_MAX)),
        fields=bodies.strings(body, "fields"),
        properties=check_properties(bodies.strings(body, "properties")),
        expand=[item for item in bodies.text(body, "expand").split(",") if item],
        reconciled=_reconciled(bodies.strings(body, "reconcileIssues")),
    )
    return _search(site, call, wanted)


@ROUTES.post("/rest/api/3/search/approximate-count", reads=True, takes="jql")
def count(site: Site, call: Call) -> Answer:
    query = _query(site, call, bodies.text(call.json_object(), "jql"))
    return Answer(200, {"count": len(_found(site, call, query, []))})


@ROUTES.get("/rest/api/3/search")
def old_search(_site: Site, _call: Call) -> Answer:
    raise jira_error(410, GONE)


@ROUTES.post("/rest/api/3/search", reads=True)
def old_search_by_body(_site: Site, _call: Call) -> Answer:
    raise jira_error(410, GONE)


def _search(site: Site, call: Call, wanted: Wanted) -> Answer:
    query = _query(site, call, wanted.jql)
    selection = views.select(wanted.fields, "id")
    size = wanted.size if selection.is_ids_only else min(wanted.size, PAGE_MAX_WITH_FIELDS)
    found = _found(site, call, query, wanted.reconciled)
    start = _start(site, wanted, found)
    page = found[start : start + size]
    viewer = viewer_of(call)
    issues = [site.jira.issues[document.issue_id] for document in page if document.issue_id in site.jira.issues]
    if selection.is_ids_only and not wanted.properties and not wanted.expand:
        with_key = "key" in selection.named
        beans: list[dict[str, Any]] = [
            {"id": issue.issue_id, "key": issue.key} if with_key else {"id": issue.issue_id} for issue in issues
        ]
    else:
        beans = [
            views.bean(viewer, issue, selection, expand=wanted.expand, properties=wanted.properties, is_among_many=True)
            for issue in issues
        ]
    answer: dict[str, Any] = {"issues": beans, "isLast": start + size >= len(found)}
    if not answer["isLast"]:
        answer["nextPageToken"] = _token(site, wanted.jql, start + size, page[-1].issue_id)
    return Answer(200, answer)


def _query(site: Site, call: Call, jql: str) -> Query | None:
    """The prepared query; None for a caller who may see nothing and is told nothing."""
    try:
        query = prepare(jql, Asker(site, call.actor, site.now()))
    except JqlError as error:
        if call.actor is None:
            return None
        raise jira_error(400, str(error)) from error
    if not query.is_bounded:
        raise jira_error(400, UNBOUNDED)
    return query


def _found(site: Site, call: Call, query: Query | None, reconciled: list[str]) -> list[Document]:
    """Matching documents in order; the reconciled issues are judged by what they are, not by the index."""
    if query is None:
        return []
    visible = {project.project_id for project in browsable(site, call.actor)}
    seen = {document.issue_id: document for document in site.jira.index.documents(site.now())}
    for issue_id in reconciled:
        issue = site.jira.issues.get(issue_id)
        if issue is None:
            seen.pop(issue_id, None)
        else:
            seen[issue_id] = document_of(issue)
    return query.sorted(
        document for document in seen.values() if document.values["project"] in visible and query.matches(document)
    )


def _start(site: Site, wanted: Wanted, found: list[Document]) -> int:
    """Where the page begins: behind the last issue shown, or where it was if that is found no more."""
    if not wanted.token:
        return 0
    try:
        token = json.loads(base64.urlsafe_b64decode(wanted.token))
        offset, last, jql, until = (token[key] for key in ("o", "l", "q", "u"))
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise jira_error(400, "The nextPageToken is not valid.") from None
    if jql != wanted.jql or until < site.now().timestamp():
        raise jira_error(400, "The nextPageToken is not valid for this search, or has expired.")
    for position, document in enumerate(found):
        if document.issue_id == last:
            return position + 1
    return int(offset)


def _token(site: Site, jql: str, offset: int, last: str) -> str:
    until = site.now().timestamp() + TOKEN_DAYS * 86400
    token = {"o": offset, "l": last, "q": jql, "u": until}
    return base64.urlsafe_b64encode(json.dumps(token).encode()).decode()


def _reconciled(ids: list[str]) -> list[str]:
    if len(ids) > RECONCILED_MAX or not all(item.isdigit() for item in ids):
        raise jira_error(400, f"reconcileIssues takes at most {RECONCILED_MAX} numeric issue IDs.")
    return ids
