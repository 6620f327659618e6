"""Everything that is read from Jira Cloud: issues by id, changes by search, and what a site has."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from connector import jira_shapes as shapes
from connector.bounds import pages
from connector.jira_memory import JiraMemory
from connector.jira_shapes import Bean
from connector.quiet import seen_until
from connector.refusals import Reply, answered_at
from connector.session import Wire
from mappings.errors import SignInFailed
from mappings.far import Account, Catalog, Changes, Fetched, FieldChange, IssueView

FETCH_SIZE = 100
SEARCH_SIZE = 1000
COMMENT_SIZE = 100
LOGS_SIZE = 1000
LOG_SIZE = 10_000
MAYBE_MORE_COMMENTS = 20
"""So many comments of an issue among many may be all there are, or all that is shown: what Jira calls `total` there is
documented as the number that came."""
PRIORITY_SIZE = 50
NOT_SHOWN = "not there, or not visible to Tieout's account"
LABEL = "tieout"


def whoami(wire: Wire) -> Account:
    """The account the token belongs to. Anonymous answers are SignInFailed."""
    bean = wire.get("/rest/api/3/myself")
    if not isinstance(bean, dict) or not bean.get("accountId"):
        raise SignInFailed(f"{wire.base_url} took the call as anonymous: check user, token and its expiry")
    return shapes.account(bean)


def fetch(wire: Wire, memory: JiraMemory, browse_url: str, ids: Sequence[str]) -> Fetched[IssueView]:
    """Issues by id, 100 a call; one more call for each 100 comments of an issue with many."""
    facts = memory.facts(wire)
    asked = [*shapes.ISSUE_FIELDS, *([facts.flag_field] if facts.flag_field else [])]
    found: dict[str, IssueView] = {}
    unread: dict[str, str] = {}
    for block in _blocks(list(dict.fromkeys(ids)), FETCH_SIZE):
        beans, stuck = bulk_fetch(wire, block, asked, expand=["changelog"], properties=[shapes.PROPERTY])
        unread |= stuck
        for bean in beans:
            _remember(memory, bean)
            found[bean["id"]] = shapes.issue_view(_with_all_comments(wire, bean), facts, browse_url)
    missing = dict.fromkeys([name for name in ids if name not in found and name not in unread], NOT_SHOWN)
    if missing and not found:
        whoami(wire)  # Jira shows nothing to a caller it takes for nobody, and calls it success
    return Fetched(found, missing, unread)


def bulk_fetch(
    wire: Wire, ids: Sequence[str], fields: Sequence[str], *, expand: Sequence[str] = (), properties: Sequence[str] = ()
) -> tuple[list[Bean], dict[str, str]]:
    """At most 100 issues by id or key, from the store and not the index; and those that it cannot show just now, with
    the reason. What is gone or hidden is in neither."""
    wanted = {"issueIdsOrKeys": list(ids), "fields": list(fields), "fieldsByKeys": False}
    body = wire.ask(
        "/rest/api/3/issue/bulkfetch", json=wanted | {"expand": list(expand), "properties": list(properties)}
    )
    errors: list[Bean] = body.get("issueErrors") or []
    return body["issues"], {str(error["id"]): error.get("errorMessage") or "Jira did not say why" for error in errors}


def change_logs(wire: Wire, memory: JiraMemory, ids: Sequence[str]) -> dict[str, tuple[FieldChange, ...]]:
    """The whole change logs of issues, newest first, by issue id: a call for each 1,000 issues and 10,000 entries."""
    flag_field = memory.facts(wire).flag_field
    histories: dict[str, list[Bean]] = {name: [] for name in ids}
    for block in _blocks(list(histories), LOGS_SIZE):
        wanted: dict[str, Any] = {"issueIdsOrKeys": list(block), "maxResults": LOG_SIZE}
        while True:
            body = wire.ask("/rest/api/3/changelog/bulkfetch", json=wanted)
            for log in body["issueChangeLogs"]:
                histories[str(log["issueId"])] += log["changeHistories"]
            if not body.get("nextPageToken"):
                break
            wanted["nextPageToken"] = body["nextPageToken"]
    return {name: tuple(shapes.changes(entries, flag_field)) for name, entries in histories.items()}


def changed_since(wire: Wire, since: datetime, projects: Collection[str]) -> Changes:
    """Issues labelled `tieout`, or of our own making, updated at or after `since`: people take labels off, and put them
    on. The index lags: the caller overlaps its windows."""
    if not projects:
        return Changes({}, None)
    # Epoch milliseconds: a date literal is read to the minute, in the zone of the account's profile.
    since_ms = int(since.timestamp() * 1000)
    names = ", ".join(quoted(name) for name in sorted(projects))
    ours = f"(labels = {LABEL} OR creator = currentUser())"
    jql = f"{ours} AND project in ({names}) AND updated >= {since_ms} ORDER BY updated ASC"
    found = list(search_replies(wire, jql, ["updated"]))
    beans = (bean for reply in found for bean in reply.body["issues"])
    ids = {bean["id"]: shapes.moment(bean["fields"]["updated"]) for bean in beans}
    if not ids:
        whoami(wire)  # to a caller it takes for nobody, Jira answers a search with nothing
    began_at = answered_at(found[0])
    return Changes(ids, seen_until(max(ids.values(), default=None), began_at), began_at=began_at)


def search(wire: Wire, jql: str, fields: Sequence[str], *, properties: Sequence[str] = ()) -> Iterator[Bean]:
    """All issues a query finds, page after page."""
    for reply in search_replies(wire, jql, fields, properties=properties):
        yield from reply.body["issues"]


def find(wire: Wire, jql: str, most: int) -> tuple[str, ...]:
    """Ids of the issues that a query finds, at most so many."""
    return tuple(str(bean["id"]) for bean in islice(search(wire, jql, ["id"]), most))


def search_replies(wire: Wire, jql: str, fields: Sequence[str], *, properties: Sequence[str] = ()) -> Iterator[Reply]:
    """The answers of a search, one for each of its pages."""
    wanted: dict[str, Any] = {"jql": jql, "fields": list(fields), "maxResults": SEARCH_SIZE}
    if properties:
        wanted["properties"] = list(properties)
    for _ in pages("a search"):
        reply = wire.read("POST", "/rest/api/3/search/jql", json=wanted)
        yield reply
        if not reply.body.get("nextPageToken") or reply.body.get("isLast"):
            return
        wanted["nextPageToken"] = reply.body["nextPageToken"]


def find_accounts(wire: Wire, emails: Collection[str]) -> dict[str, Account]:
    """Accounts by e-mail in lower case.

    Jira's search looks for a prefix in names as well, and a name can be set to anybody's address. So only an account
    that shows exactly this address counts, and only if it is the only one; with a hidden address it is left out.
    """
    found = {email.lower(): _account_of(wire, email.lower()) for email in emails}
    return {email: account for email, account in found.items() if account is not None}


def catalog(wire: Wire, memory: JiraMemory, projects: Collection[str]) -> Catalog:
    """What the site has, asked anew. Raises Gone for a project that the account does not see."""
    facts = memory.facts(wire, again=True)
    kinds = {project: _kinds(wire, project) for project in sorted(projects)}
    statuses = {project: shapes.statuses(beans) for project, beans in kinds.items()}
    subtasks = {project: shapes.subtasks(beans) for project, beans in kinds.items()}
    for types in statuses.values():
        for infos in types.values():
            memory.workflows.learn_statuses(infos)
    return Catalog(statuses, _priorities(wire), facts.flag_field, facts.link_types, subtasks)


def fields_on_create(wire: Wire, project: str, issue_type: str) -> frozenset[str]:
    """Ids of the fields on the form for creating issues of a type, in two calls; none where there is no such type."""
    place = "/rest/api/3/issue/createmeta/{project}/issuetypes"
    kinds = wire.get(place, path={"project": project}, params={"maxResults": 200})["issueTypes"]
    wanted = next((str(kind["id"]) for kind in kinds if kind["name"] == issue_type), None)
    if wanted is None:
        return frozenset()
    path = {"project": project, "kind": wanted}
    page = wire.get("/rest/api/3/issue/createmeta/{project}/issuetypes/{kind}", path=path, params={"maxResults": 200})
    return frozenset(str(field["fieldId"]) for field in page["fields"])


def missing_permissions(wire: Wire, project: str, wanted: Collection[str]) -> tuple[str, ...]:
    """Those of the permission keys that the account does not have in a project."""
    params = {"projectKey": project, "permissions": ",".join(wanted)}
    held = wire.get("/rest/api/3/mypermissions", params=params)["permissions"]
    return tuple(key for key in wanted if not held[key]["havePermission"])


def quoted(value: str) -> str:
    """A value as a string of JQL."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _with_all_comments(wire: Wire, bean: Bean) -> Bean:
    """The issue with every comment, read from the beginning when some may be missing: which ones is not documented."""
    shown = bean["fields"].get("comment") or {}
    came = len(shown.get("comments", ()))
    if came < MAYBE_MORE_COMMENTS and int(shown.get("total", 0)) <= came:
        return bean
    comments: list[Bean] = []
    number = pages(f"the list of comments of issue {bean['id']}")
    while True:
        next(number)
        page = wire.get(
            "/rest/api/3/issue/{issue}/comment",
            path={"issue": bean["id"]},
            params={"startAt": len(comments), "maxResults": COMMENT_SIZE, "orderBy": "created"},
        )
        comments += page["comments"]
        if len(page["comments"]) < min(COMMENT_SIZE, int(page.get("maxResults") or COMMENT_SIZE)):
            return {**bean, "fields": {**bean["fields"], "comment": {"comments": comments}}}


def _remember(memory: JiraMemory, bean: Bean) -> None:
    place = shapes.place(bean)
    memory.note(bean["id"], place)
    initial = shapes.initial_status(bean)
    if initial is not None:
        memory.workflows.learn_initial(place.project, place.issue_type, initial)


def _account_of(wire: Wire, email: str) -> Account | None:
    beans: list[Bean] = wire.get("/rest/api/3/user/search", params={"query": email})
    people = [shapes.account(bean) for bean in beans if bean.get("accountType") == "atlassian"]
    exact = [person for person in people if (person.email or "").lower() == email]
    active = [person for person in exact if person.active]
    candidates = active or exact
    return candidates[0] if len(candidates) == 1 else None


def _kinds(wire: Wire, project: str) -> list[Bean]:
    """A project's issue types with their statuses."""
    kinds: list[Bean] = wire.get("/rest/api/3/project/{project}/statuses", path={"project": project})
    return kinds


def _priorities(wire: Wire) -> tuple[str, ...]:
    names: list[str] = []
    number = pages("the list of priorities")
    while True:
        next(number)
        params = {"startAt": len(names), "maxResults": PRIORITY_SIZE}
        page = wire.get("/rest/api/3/priority/search", params=params)
        names += [bean["name"] for bean in page["values"]]
        if page.get("isLast", True) or not page["values"]:
            return tuple(names)


def _blocks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
