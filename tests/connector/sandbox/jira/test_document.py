"""Every route is in Atlassian's document, and every route is driven once with its answer held against it."""

import re
from typing import Any

import pytest

from connector.sandbox.jira.boards import AGILE, SOFTWARE
from connector.sandbox.jira.routes import ROUTES
from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import Visitor, doc
from tests.connector.sandbox.openapi import JiraDocuments

# In no document: admin webhooks, where the media store keeps its bytes, and how the sandbox is told apart from it.
OUTSIDE_THE_DOCUMENT = {
    "/rest/webhooks/1.0/webhook",
    "/rest/webhooks/1.0/webhook/<hook_id>",
    "/__media/<attachment_id>",
}
REFUSED_ON_PURPOSE = {
    "/rest/api/3/search",  # gone
    "/rest/api/3/webhook",  # for apps only
    "/rest/api/3/webhook/failed",
}


def test_every_route_is_in_the_document(document: JiraDocuments | None) -> None:
    if document is None:
        pytest.skip("../shared is not here: no API document to hold routes against")
    for route in ROUTES.table:
        if route.template not in OUTSIDE_THE_DOCUMENT:
            path = re.sub(r"<[^>]*>", "1", route.template)
            assert document.template(route.method, path), f"{route.method} {route.template}"


def test_every_route_is_driven_and_conforms(site: Site, bot: Visitor, priya: Visitor) -> None:
    site.faults.limits.per_issue = False
    for drive in (
        _drive_issue,
        _drive_hanging_on,
        _drive_links,
        _drive_lists,
        _drive_people,
        _drive_shared,
        _drive_boards,
        _drive_hooks,
    ):
        drive(bot, priya.me)
    good = {(record.method, record.template) for record in site.calls if 200 <= record.status < 400}
    expected = {(route.method, route.template) for route in ROUTES.table if route.template not in REFUSED_ON_PURPOSE}
    assert expected - good == set()


KEYS = (
    "fields update transition properties jql expand ids issueIdsOrKeys fieldIds changelogIds maxResults nextPageToken "
    "reconcileIssues issueUpdates accountId body visibility comment type inwardIssue outwardIssue globalId object "
    "sharePermissions editPermissions name description position row column uri color title secret events filters "
    "permissions projectPermissions globalPermissions type filterId location originBoardId state goal startDate issues"
)


@pytest.mark.parametrize("value", [0, True, "x", [], {}, [[]], [{}], [None], {"id": {}}, {"add": []}, [{"add": 1}]])
def test_nonsense_is_refused_or_ignored_and_breaks_nothing(site: Site, bot: Visitor, value: Any) -> None:
    """An exception in a handler would come through here as itself."""
    site.faults.limits.per_issue = False
    key = bot.create()
    for route in ROUTES.table:
        if route.method in ("POST", "PUT"):
            path = re.sub(r"<[^>]*>", "10000", route.template)
            for body in (dict.fromkeys(KEYS.split(), value), {"fields": dict.fromkeys(site.jira.fields, value)}, value):
                assert bot.send(route.method, path, json=body).status_code < 500
    assert bot.get(f"/issue/{key}").status_code == 200


def _drive_issue(bot: Visitor, somebody: str) -> None:
    given = {"project": {"key": "AUD"}, "issuetype": {"name": "Audit Request"}, "summary": "Who has access"}
    one = bot.create(
        description=doc("All of them"),
        duedate="2026-12-01",
        labels=["tieout"],
        customfield_10021=[{"value": "Impediment"}],
    )
    many = [{"fields": given, "transition": {"id": "21"}, "properties": [{"key": "k", "value": 1}]}, {"fields": {}}]
    assert bot.post("/issue/bulk", {"issueUpdates": many}).status_code == 201
    bot.put(f"/issue/{one}/assignee", {"accountId": somebody})
    bot.put(f"/issue/{one}", {"fields": {"summary": "Who may enter"}}, params={"returnIssue": "true"})
    bot.go(one, "In Progress", "Done", "To Do")
    expand = "changelog,names,schema,renderedFields"
    bot.get(f"/issue/{one}", params={"expand": expand, "properties": "k"})
    bot.get(f"/issue/{one}/transitions", params={"expand": "transitions.fields"})
    bot.get(f"/issue/{one}/editmeta")
    changes = bot.get(f"/issue/{one}/changelog").json()["values"]
    bot.post(f"/issue/{one}/changelog/list", {"changelogIds": [int(changes[0]["id"])]})
    bot.post("/changelog/bulkfetch", {"issueIdsOrKeys": [one, "AUD-2"], "fieldIds": ["status"], "maxResults": 1})
    bot.post("/issue/bulkfetch", {"issueIdsOrKeys": [one, "AUD-99"], "fields": ["*all"], "properties": ["k"]})
    bot.get("/search/jql", params={"jql": "project = AUD", "fields": "*all", "expand": "names", "maxResults": 1})
    bot.post("/search/jql", {"jql": "project = AUD", "fields": ["*navigable"], "properties": ["k"]})
    bot.post("/search/approximate-count", {"jql": "project = AUD"})
    doomed = bot.create()
    assert bot.delete(f"/issue/{doomed}").status_code == 204


def _drive_hanging_on(bot: Visitor, somebody: str) -> None:
    comment = bot.post("/issue/AUD-1/comment", {"body": doc("Why?"), "properties": [{"key": "k", "value": 1}]}).json()
    bot.put(f"/issue/AUD-1/comment/{comment['id']}", {"body": doc("Why, please?")})
    bot.get(f"/issue/AUD-1/comment/{comment['id']}")
    bot.get("/issue/AUD-1/comment", params={"expand": "properties", "orderBy": "-created"})
    bot.post("/comment/list", {"ids": [int(comment["id"])]})
    for place in ("/issue/AUD-1/properties", f"/comment/{comment['id']}/properties"):
        _drive_properties(bot, place)
    bot.delete(f"/issue/AUD-1/comment/{comment['id']}")
    bot.get("/attachment/meta")
    sent = bot.post(
        "/issue/AUD-1/attachments",
        files={"file": ("a.csv", b"a,b", "text/csv")},
        headers={"X-Atlassian-Token": "no-check"},
    )
    attachment = sent.json()[0]["id"]
    bot.get(f"/attachment/{attachment}")
    assert bot.get(f"/attachment/content/{attachment}").content == b"a,b"
    bot.delete(f"/attachment/{attachment}")
    bot.post("/issue/AUD-1/watchers", somebody)
    bot.get("/issue/AUD-1/watchers")
    bot.delete("/issue/AUD-1/watchers", params={"accountId": somebody})


def _drive_properties(bot: Visitor, place: str, value: Any = 7) -> None:
    assert bot.put(f"{place}/config", value).status_code == 201
    assert bot.put(f"{place}/config", value).status_code == 200
    bot.get(place)
    assert bot.get(f"{place}/config").json() == {"key": "config", "value": value}
    assert bot.delete(f"{place}/config").status_code == 204


def _drive_links(bot: Visitor, _somebody: str) -> None:
    bot.get("/issueLinkType")
    made = bot.post(
        "/issueLink",
        {"type": {"name": "Relates"}, "inwardIssue": {"key": "AUD-1"}, "outwardIssue": {"key": "AUD-2"}},
    )
    assert made.status_code == 201
    link = bot.fields("AUD-1")["issuelinks"][0]["id"]
    bot.get(f"/issueLink/{link}")
    bot.delete(f"/issueLink/{link}")
    body = {"globalId": "page=1", "object": {"url": "https://acme.atlassian.net/wiki/1", "title": "Evidence"}}
    remote = bot.post("/issue/AUD-1/remotelink", body).json()["id"]
    bot.get("/issue/AUD-1/remotelink")
    bot.get("/issue/AUD-1/remotelink", params={"globalId": "page=1"})
    bot.get(f"/issue/AUD-1/remotelink/{remote}")
    bot.put(f"/issue/AUD-1/remotelink/{remote}", body)
    bot.delete(f"/issue/AUD-1/remotelink/{remote}")
    bot.post("/issue/AUD-1/remotelink", body)
    bot.delete("/issue/AUD-1/remotelink", params={"globalId": "page=1"})


def _drive_lists(bot: Visitor, _somebody: str) -> None:
    bot.get("/serverInfo")
    for path in ("/status", "/statuscategory", "/issuetype", "/field", "/priority", "/resolution", "/project"):
        assert bot.get(path).json()
    for path in ("/statuses/search", "/field/search", "/priority/search", "/project/search"):
        assert bot.get(path, params={"maxResults": 2}).json()["values"]
    status, kind = bot.get("/status").json()[0]["id"], bot.get("/issuetype").json()[0]["id"]
    bot.get(f"/status/{status}")
    bot.get(f"/issuetype/{kind}")
    bot.get("/priority/1")
    project = bot.get("/project/AUD").json()["id"]
    bot.get("/issuetype/project", params={"projectId": project})
    for part in ("statuses", "components", "versions"):
        bot.get(f"/project/AUD/{part}")
    types = bot.get("/issue/createmeta/AUD/issuetypes").json()["issueTypes"]
    bot.get(f"/issue/createmeta/AUD/issuetypes/{types[0]['id']}")
    bot.post("/workflows", {"projectAndIssueTypes": [{"projectId": project, "issueTypeId": types[0]["id"]}]})
    name = "com.atlassian.jira.plugin.system.customfieldtypes:textfield"
    field = bot.post("/field", {"name": "Audit id", "type": name}).json()["id"]
    bot.put(f"/field/{field}", {"name": "Audit", "description": "Which audit"})
    _drive_screens(bot, project, field)
    assert bot.post(f"/field/{field}/trash").status_code == 200


def _drive_screens(bot: Visitor, project: str, field: str) -> None:
    found = bot.get("/issuetypescreenscheme/project", params={"projectId": project}).json()["values"]
    scheme = found[0]["issueTypeScreenScheme"]["id"]
    mapped = bot.get("/issuetypescreenscheme/mapping", params={"issueTypeScreenSchemeId": scheme}).json()["values"]
    screens = bot.get("/screenscheme", params={"id": mapped[0]["screenSchemeId"]}).json()["values"][0]["screens"]
    assert bot.get("/screens", params={"id": screens["default"], "queryString": "aud"}).json()["total"] == 1
    tab = bot.get(f"/screens/{screens['default']}/tabs").json()[0]["id"]
    place = f"/screens/{screens['default']}/tabs/{tab}/fields"
    assert bot.post(place, {"fieldId": field}).status_code == 200
    assert bot.post(place, {"fieldId": field}).status_code == 400
    assert field in {one["id"] for one in bot.get(place).json()}
    assert bot.delete(f"{place}/{field}").status_code == 204
    assert bot.delete(f"{place}/{field}").status_code == 404


def _drive_people(bot: Visitor, somebody: str) -> None:
    bot.get("/myself", params={"expand": "groups"})
    for path in ("/user", "/user/bulk", "/user/groups", "/user/search"):
        assert bot.get(path, params={"accountId": somebody}).status_code == 200
    assert bot.get("/group/bulk", params={"groupName": "jira-users"}).json()["total"] == 1
    bot.get("/users")
    bot.get("/users/search")
    bot.get("/user/assignable/search", params={"project": "AUD", "query": "priya"})
    bot.get("/permissions")
    bot.get("/mypermissions", params={"permissions": "BROWSE_PROJECTS,ADMINISTER", "projectKey": "AUD"})
    bot.post("/permissions/project", {"permissions": ["BROWSE_PROJECTS"]})
    wanted = {"projects": [10000], "issues": [10000], "permissions": ["EDIT_ISSUES"]}
    bot.post("/permissions/check", {"globalPermissions": ["ADMINISTER"], "projectPermissions": [wanted]})


def _drive_shared(bot: Visitor, somebody: str) -> None:
    shares = [{"type": "authenticated"}]
    saved = bot.post("/filter", {"name": "Open", "jql": "project = AUD", "sharePermissions": shares}).json()["id"]
    bot.get(f"/filter/{saved}")
    bot.get("/filter/my")
    bot.put(f"/filter/{saved}/favourite")
    assert [one["id"] for one in bot.get("/filter/favourite").json()] == [saved]
    bot.delete(f"/filter/{saved}/favourite")
    bot.get("/filter/search", params={"expand": "owner,jql,sharePermissions", "filterName": "open"})
    bot.put(f"/filter/{saved}", {"name": "Still open", "jql": "project = AUD"})
    added = bot.post(f"/filter/{saved}/permission", {"type": "project", "projectId": "10000"}).json()
    bot.get(f"/filter/{saved}/permission")
    bot.delete(f"/filter/{saved}/permission/{added[0]['id']}")
    bot.put(f"/filter/{saved}/owner", {"accountId": bot.me})
    body = {"name": "Audit", "sharePermissions": shares, "editPermissions": []}
    board = bot.post("/dashboard", body).json()["id"]
    bot.get("/dashboard")
    bot.get("/dashboard/search", params={"dashboardName": "Audit"})
    bot.get(f"/dashboard/{board}")
    bot.put(f"/dashboard/{board}", body)
    uri = bot.get("/dashboard/gadgets").json()["gadgets"][0]["uri"]
    gadget = bot.post(f"/dashboard/{board}/gadget", {"uri": uri, "position": {"row": 0, "column": 1}}).json()["id"]
    bot.get(f"/dashboard/{board}/gadget")
    _drive_properties(bot, f"/dashboard/{board}/items/{gadget}/properties", {"filterId": saved, "isConfigured": "true"})
    bot.put(f"/dashboard/{board}/gadget/{gadget}", {"title": "Open ones", "color": "red"})
    bot.delete(f"/dashboard/{board}/gadget/{gadget}")
    bot.delete(f"/dashboard/{board}")
    bot.delete(f"/filter/{saved}")


def _drive_boards(bot: Visitor, _somebody: str) -> None:
    saved = int(bot.post("/filter", {"name": "Everything", "jql": "project = AUD"}).json()["id"])
    place = {"type": "project", "projectKeyOrId": "AUD"}
    boards = [
        bot.post(f"{AGILE}/board", {"name": kind, "type": kind, "filterId": saved, "location": place}).json()["id"]
        for kind in ("scrum", "kanban")
    ]
    scrum, doomed = (f"{AGILE}/board/{board}" for board in boards)
    assert len(bot.get(f"{AGILE}/board", params={"projectKeyOrId": "AUD", "type": "scrum"}).json()["values"]) == 1
    bot.get(f"{AGILE}/board/filter/{saved}")
    bot.get(scrum)
    for part in ("configuration", "issue", "backlog", "project"):
        bot.get(f"{scrum}/{part}")
    newer = scrum.replace(AGILE, SOFTWARE)
    for part in ("issue", "backlog"):
        bot.get(f"{newer}/{part}", params={"maxResults": 1})
        bot.get(f"{newer}/{part}/approximate-count")
    assert bot.delete(doomed).status_code == 204
    week = {"startDate": "2026-10-05T09:00:00.000Z", "endDate": "2026-10-12T09:00:00.000Z"}
    made = bot.post(f"{AGILE}/sprint", {"name": "Week 1", "originBoardId": boards[0], **week}).json()["id"]
    sprint = f"{AGILE}/sprint/{made}"
    assert bot.post(f"{sprint}/issue", {"issues": ["AUD-1"]}).status_code == 204
    bot.post(sprint, {"state": "active"})
    bot.get(sprint)
    for path in (f"{sprint}/issue", f"{scrum}/sprint", f"{scrum}/sprint/{made}/issue"):
        assert bot.get(path, params={"state": "active"}).json()["total"] == 1
    for path in (f"{SOFTWARE}/sprint/{made}/issue", f"{newer}/sprint/{made}/issue"):
        assert len(bot.get(path).json()["issues"]) == 1
    assert bot.get(f"{AGILE}/issue/AUD-1").json()["fields"]["sprint"]["name"] == "Week 1"
    assert bot.post(f"{AGILE}/backlog/issue", {"issues": ["AUD-1"]}).status_code == 204
    bot.put(sprint, {"name": "Week one", "state": "closed", **week})
    bot.delete(sprint)
    bot.delete(scrum)


def _drive_hooks(bot: Visitor, _somebody: str) -> None:
    place = "/rest/webhooks/1.0/webhook"
    hook = bot.post(place, {"name": "h", "url": "https://t.example/in", "events": ["jira:issue_updated"]}).json()
    number = hook["self"].rpartition("/")[2]
    bot.get(place)
    bot.get(f"{place}/{number}")
    bot.put(f"{place}/{number}", {"name": "hh"})
    bot.delete(f"{place}/{number}")
