"""The change log: of one issue, oldest first; of many at once."""

from typing import Any

from connector.sandbox.answers import Answer, jira_error
from connector.sandbox.jira import access, bodies, views
from connector.sandbox.jira.paging import page, read_token, write_token
from connector.sandbox.jira.records import History, Issue
from connector.sandbox.jira.viewer import viewer_of
from connector.sandbox.site import Site
from connector.sandbox.wire import Call, Routes

ROUTES = Routes("jira")

PAGE_MAX = 100
BULK_ISSUES_MAX = 1000
BULK_FIELDS_MAX = 10
BULK_DEFAULT = 1000
BULK_MAX = 10000


@ROUTES.get("/rest/api/3/issue/<id_or_key>/changelog")
def get_changelog(_site: Site, call: Call) -> Answer:
    issue = access.visible_issue(call, call.params["id_or_key"])
    viewer = viewer_of(call)
    return page(call, issue.histories, lambda one: views.history_bean(viewer, one), most=PAGE_MAX, default=PAGE_MAX)


@ROUTES.post("/rest/api/3/issue/<id_or_key>/changelog/list", reads=True, takes="changelogIds")
def get_changes(_site: Site, call: Call) -> Answer:
    """Entries by id: {"changelogIds": [10001]}"""
    issue = access.visible_issue(call, call.params["id_or_key"])
    wanted = set(bodies.ids(call.json_object(), "changelogIds"))
    if not wanted:
        raise jira_error(400, "At least one changelog ID must be provided.")
    viewer = viewer_of(call)
    found = [views.history_bean(viewer, one) for one in issue.histories if one.history_id in wanted]
    return Answer(200, {"startAt": 0, "maxResults": len(found), "total": len(found), "histories": found})


@ROUTES.post(
    "/rest/api/3/changelog/bulkfetch",
    reads=True,
    anonymous=False,
    takes="fieldIds issueIdsOrKeys maxResults nextPageToken",
)
def fetch_changelogs(site: Site, call: Call) -> Answer:
    """Up to 1000 issues, optionally only changes of up to 10 fields; by time, then issue, then entry."""
    body = call.json_object()
    refs, field_ids = bodies.strings(body, "issueIdsOrKeys"), bodies.strings(body, "fieldIds")
    if not 0 < len(refs) <= BULK_ISSUES_MAX:
        raise jira_error(400, f"Give between 1 and {BULK_ISSUES_MAX} issue IDs or keys.")
    if len(field_ids) > BULK_FIELDS_MAX:
        raise jira_error(400, f"Give at most {BULK_FIELDS_MAX} field IDs.")
    issues = {issue.issue_id: issue for ref in refs if (issue := access.find_issue(site, call.actor, ref))}
    entries = sorted(_entries(issues.values(), set(field_ids)), key=lambda pair: (pair[0].number, pair[1].created_at))
    start = read_token(body.get("nextPageToken"))
    size = max(1, min(bodies.number(body, "maxResults", BULK_DEFAULT), BULK_MAX))
    shown = entries[start : start + size]
    viewer = viewer_of(call)
    grouped: dict[str, list[dict[str, Any]]] = {}
    for issue, history in shown:
        grouped.setdefault(issue.issue_id, []).append(views.history_bean(viewer, history))
    answer: dict[str, Any] = {
        "issueChangeLogs": [{"issueId": key, "changeHistories": found} for key, found in grouped.items()]
    }
    if start + size < len(entries):
        answer["nextPageToken"] = write_token(start + size)
    return Answer(200, answer)


def _entries(issues: Any, field_ids: set[str]) -> list[tuple[Issue, History]]:
    return [
        (issue, history)
        for issue in issues
        for history in issue.histories
        if not field_ids or any(item.field_id in field_ids for item in history.items)
    ]
