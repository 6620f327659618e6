"""Everything that is read from Jira Data Center: issues by id from the store, changes by search, what a site has.

There is no bulk read, and a search shows what the index knew: an issue is read one at a time, with its whole log.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import quote

from connector import jira_shapes as shapes
from connector.bounds import pages
from connector.jira_dc_people import People
from connector.jira_memory import JiraMemory, SiteFacts, site_facts
from connector.jira_read import LABEL, NOT_SHOWN, quoted
from connector.jira_shapes import Bean
from connector.quiet import seen_until
from connector.refusals import Reply, answered_at
from connector.session import Wire
from mappings.errors import Forbidden, Gone, Throttled, TryLater
from mappings.far import Catalog, Changes, Fetched, FieldChange, IssueView

SEARCH_SIZE = 500
COMMENT_SIZE = 500
MOST_TRIES = 3
ORDER = re.compile(r"\border\s+by\b", re.IGNORECASE)


def facts(wire: Wire) -> SiteFacts:
    """The site's field for flags and its link types."""
    try:
        link_types = wire.get("/rest/api/2/issueLinkType")
    except Gone:  # Jira's answer where an administrator has switched issue links off
        link_types = None
    return site_facts(wire.get("/rest/api/2/field"), link_types)


def fetch(wire: Wire, memory: JiraMemory, people: People, site: str, ids: Sequence[str]) -> Fetched[IssueView]:
    """Issues by id, a call for each."""
    known = memory.facts(wire)
    asked = [*shapes.ISSUE_FIELDS, "creator", *([known.flag_field] if known.flag_field else [])]
    found: dict[str, IssueView] = {}
    missing: dict[str, str] = {}
    unread: dict[str, str] = {}
    for issue_id in dict.fromkeys(ids):
        try:
            bean = _read(wire, people, issue_id, asked)
        except (Gone, Forbidden):
            missing[issue_id] = NOT_SHOWN
        except Throttled:
            raise
        except TryLater as error:
            unread[issue_id] = str(error)
        else:
            memory.note(bean["id"], shapes.place(bean))
            found[bean["id"]] = shapes.issue_view(bean, known, site, content_path)
    if missing and not found:
        people.whoami(wire)  # an issue is not there for a caller whom Jira takes for nobody
    return Fetched(found, missing, unread)


def change_logs(
    wire: Wire, memory: JiraMemory, people: People, ids: Sequence[str]
) -> dict[str, tuple[FieldChange, ...]]:
    """The whole change logs of issues, newest first, by issue id; of one that is gone there is nothing to tell."""
    flag_field = memory.facts(wire).flag_field
    logs: dict[str, tuple[FieldChange, ...]] = {}
    for issue_id in ids:
        params = {"fields": "creator,labels", "expand": "changelog"}
        try:
            bean = wire.get("/rest/api/2/issue/{issue}", path={"issue": issue_id}, params=params)
        except Gone:
            logs[issue_id] = ()
            continue
        histories = people.as_on_cloud(wire, bean)["changelog"]["histories"]
        logs[issue_id] = tuple(shapes.changes(histories, flag_field))
    return logs


def changed_since(wire: Wire, people: People, since: datetime, projects: Collection[str]) -> Changes:
    """Issues labelled `tieout`, or of our own making, updated at or after `since`, as far as the index knows."""
    if not projects:
        return Changes({}, None)
    # Epoch milliseconds: a date literal is read to the minute, in the zone of the account's profile.
    since_ms = int(since.timestamp() * 1000)
    names = ", ".join(quoted(name) for name in sorted(projects))
    ours = f"(labels = {LABEL} OR creator = currentUser())"
    found = search_replies(wire, f"{ours} AND project in ({names}) AND updated >= {since_ms}", ["updated"])
    ids = {bean["id"]: shapes.moment(bean["fields"]["updated"]) for reply in found for bean in reply.body["issues"]}
    if not ids:
        people.whoami(wire)  # to a caller it takes for nobody, Jira answers a search with nothing
    began_at = answered_at(found[0])
    return Changes(ids, seen_until(max(ids.values(), default=None), began_at), began_at=began_at)


def search(wire: Wire, jql: str, fields: Sequence[str]) -> Iterator[Bean]:
    """All issues a query finds."""
    return (bean for reply in search_replies(wire, jql, fields) for bean in reply.body["issues"])


def find(wire: Wire, jql: str, most: int) -> tuple[str, ...]:
    """Ids of the issues that a query finds, at most so many, by key: an order of its own is left out."""
    orders = [found.start() for found in ORDER.finditer(jql) if jql[: found.start()].count('"') % 2 == 0]
    unordered = jql[: orders[-1]] if orders else jql
    return tuple(str(bean["id"]) for bean in islice(search(wire, unordered, ["summary"]), most))


def search_replies(wire: Wire, jql: str, fields: Sequence[str]) -> list[Reply]:
    """The answers of a search, one for each of its pages. They are told apart by an offset only: when something drops
    out meanwhile, what came after it moves up and would be passed over, so that the search begins anew."""
    for _ in range(MOST_TRIES):
        replies = list(_pages(wire, jql, fields))
        totals = [int(reply.body["total"]) for reply in replies]
        if totals == sorted(totals):
            return replies
    raise TryLater(f"what {jql!r} finds kept shrinking while it was read")


def _pages(wire: Wire, jql: str, fields: Sequence[str]) -> Iterator[Reply]:
    # By key, which no edit changes: nothing moves to another page because somebody works on it.
    asked = {"jql": f"{jql} ORDER BY key ASC", "fields": ",".join(fields), "maxResults": SEARCH_SIZE}
    start = 0
    for _ in pages("a search"):
        reply = wire.read("GET", "/rest/api/2/search", params={**asked, "startAt": start})
        yield reply
        start += len(reply.body["issues"])
        if not reply.body["issues"] or start >= int(reply.body["total"]):
            return


def catalog(wire: Wire, memory: JiraMemory, projects: Collection[str]) -> Catalog:
    """What the site has, asked anew. Raises Gone for a project that the account does not see."""
    known = memory.facts(wire, again=True)
    kinds = {project: _kinds(wire, project) for project in sorted(projects)}
    statuses = {project: shapes.statuses(beans) for project, beans in kinds.items()}
    subtasks = {project: shapes.subtasks(beans) for project, beans in kinds.items()}
    for types in statuses.values():
        for infos in types.values():
            memory.workflows.learn_statuses(infos)
    priorities = tuple(bean["name"] for bean in wire.get("/rest/api/2/priority"))
    return Catalog(statuses, priorities, known.flag_field, known.link_types, subtasks)


def missing_permissions(wire: Wire, project: str, wanted: Collection[str]) -> tuple[str, ...]:
    """Those of the permission keys that the account does not have in a project."""
    held: Mapping[str, Bean] = wire.get("/rest/api/2/mypermissions", params={"projectKey": project})["permissions"]
    return tuple(key for key in wanted if not held.get(key, {}).get("havePermission"))


def content_path(bean: Bean) -> str:
    """Where Data Center has the bytes of an attachment."""
    return f"/secure/attachment/{bean['id']}/{quote(bean['filename'], safe='')}"


def _read(wire: Wire, people: People, issue_id: str, asked: Sequence[str]) -> Bean:
    params = {"fields": ",".join(asked), "expand": "changelog"}
    bean = wire.get("/rest/api/2/issue/{issue}", path={"issue": issue_id}, params=params)
    return people.as_on_cloud(wire, _with_all_comments(wire, bean))


def _with_all_comments(wire: Wire, bean: Bean) -> Bean:
    """The issue with every comment, read from the beginning where it says that there are more, or says nothing."""
    shown = bean["fields"].get("comment")
    if shown is not None and int(shown.get("total", 0)) <= len(shown["comments"]):
        return bean
    comments: list[Bean] = []
    for _ in pages(f"the list of comments of issue {bean['id']}"):
        params: dict[str, Any] = {"startAt": len(comments), "maxResults": COMMENT_SIZE, "orderBy": "created"}
        page = wire.get("/rest/api/2/issue/{issue}/comment", path={"issue": bean["id"]}, params=params)
        comments += page["comments"]
        if not page["comments"] or len(comments) >= int(page["total"]):
            break
    return {**bean, "fields": {**bean["fields"], "comment": {"comments": comments}}}


def _kinds(wire: Wire, project: str) -> list[Bean]:
    """A project's issue types with their statuses."""
    kinds: list[Bean] = wire.get("/rest/api/2/project/{project}/statuses", path={"project": project})
    return kinds
