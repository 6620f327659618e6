"""Links between issues: made, undone, and entered in both issues' change logs."""

from collections.abc import Mapping
from typing import Any

from connector.sandbox.answers import jira_error
from connector.sandbox.jira import access, bodies, changes, events
from connector.sandbox.jira.model import LinkType
from connector.sandbox.jira.records import ChangeItem, Issue, IssueLink
from connector.sandbox.site import Site
from connector.sandbox.wire import Call

PER_ISSUE_MAX = 2000
NO_TYPE = "No issue link type with name '{}' found."


def link_type(site: Site, given: Any) -> LinkType:
    """The type a body names by id or name; 404 when there is none."""
    named = bodies.known(given if isinstance(given, dict) else {}, "id inward name outward self")
    found = site.jira.link_types.get(str(named.get("id", "")))
    wanted = str(named.get("name", "")).casefold()
    if found is None:
        found = next((one for one in site.jira.link_types.values() if one.name.casefold() == wanted), None)
    if found is None:
        raise jira_error(404, NO_TYPE.format(named.get("name", named.get("id"))))
    return found


def end(call: Call, given: Any) -> Issue:
    """One end of a link, named by id or key; 404 when the caller cannot see it."""
    named = bodies.known(given if isinstance(given, dict) else {}, "fields id key self")
    issue = access.find_issue(call.site, call.actor, str(named.get("id") or named.get("key") or ""))
    if issue is None:
        raise jira_error(404, access.NO_ISSUE)
    return issue


def check(call: Call, listed: list[dict[str, Any]]) -> None:
    """Refuse links to issues or of types there are not, before anything else of a body is applied."""
    for given in listed:
        link_type(call.site, given.get("type"))
        _check_room(call.site, end(call, given.get("outwardIssue") or given.get("inwardIssue")))


def add_given(call: Call, issue: Issue, given: Mapping[str, Any]) -> IssueLink:
    """A link as an issue's own `update.issuelinks` describes it, one end being the issue."""
    kind = link_type(call.site, given.get("type"))
    other = end(call, given.get("outwardIssue") or given.get("inwardIssue"))
    source, target = (issue, other) if given.get("outwardIssue") else (other, issue)
    return add(call.site, kind, source, target, call.account().account_id)


def add(site: Site, kind: LinkType, source: Issue, target: Issue, actor_id: str) -> IssueLink:
    """Link two issues; linking them again the same way changes nothing."""
    for link in site.jira.links_of(source.issue_id):
        if (link.type_id, link.source_id, link.target_id) == (
            kind.link_type_id,
            source.issue_id,
            target.issue_id,
        ):
            return link
    for issue in (source, target):
        _check_room(site, issue)
    link = IssueLink(str(site.next_id("link")), kind.link_type_id, source.issue_id, target.issue_id)
    site.jira.links[link.link_id] = link
    for issue, phrase, other in ((source, kind.outward, target), (target, kind.inward, source)):
        item = ChangeItem("Link", None, None, None, other.key, f"This issue {phrase} {other.key}")
        changes.record(site, issue, actor_id, (item,), tell=False)
    events.link_event(site, "issuelink_created", link)
    return link


def remove(site: Site, link: IssueLink, actor_id: str) -> None:
    """Undo a link."""
    jira = site.jira
    kind = jira.link_types[link.type_id]
    source, target = jira.issues[link.source_id], jira.issues[link.target_id]
    del jira.links[link.link_id]
    for issue, phrase, other in ((source, kind.outward, target), (target, kind.inward, source)):
        item = ChangeItem("Link", None, other.key, f"This issue {phrase} {other.key}", None, None)
        changes.record(site, issue, actor_id, (item,), tell=False)
    events.link_event(site, "issuelink_deleted", link)


def _check_room(site: Site, issue: Issue) -> None:
    if len(site.jira.links_of(issue.issue_id)) >= PER_ISSUE_MAX:
        raise jira_error(413, f"The issue has reached the limit of {PER_ISSUE_MAX} issue links.")
