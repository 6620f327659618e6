"""Who may do what, and how each refusal sounds."""

from typing import Any

import pytest

from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import Visitor, doc


def withdraw(site: Site, *permissions: str, key: str = "AUD") -> None:
    """Leave permissions of a project to administrators alone."""
    project = site.jira.project(key)
    assert project is not None
    for permission in permissions:
        project.grants[permission] = {"site-admins"}


def test_a_project_one_cannot_browse_is_not_there(site: Site, bot: Visitor, priya: Visitor) -> None:
    key = bot.create()
    withdraw(site, "BROWSE_PROJECTS")
    assert [priya.get(path).status_code for path in (f"/issue/{key}", "/project/AUD", f"/issue/{key}/comment")] == [
        404
    ] * 3
    assert "AUD" not in [project["key"] for project in priya.get("/project/search").json()["values"]]
    assert priya.get("/search/jql", params={"jql": "project = AUD"}).status_code == 400
    assert priya.search("project is not empty") == []
    fetched = priya.post("/issue/bulkfetch", {"issueIdsOrKeys": [key]}).json()
    assert (fetched["issues"], fetched["issueErrors"]) == ([], [])
    assert bot.get(f"/issue/{key}").status_code == 200


REFUSALS: list[tuple[str, str, str, Any, int]] = [
    ("EDIT_ISSUES", "PUT", "/issue/AUD-1", {"fields": {"summary": "x"}}, 403),
    ("EDIT_ISSUES", "PUT", "/issue/AUD-1/properties/k", 1, 403),
    ("ASSIGN_ISSUES", "PUT", "/issue/AUD-1/assignee", {"accountId": None}, 403),
    ("ASSIGN_ISSUES", "PUT", "/issue/AUD-1", {"fields": {"assignee": None}}, 400),
    ("SCHEDULE_ISSUES", "PUT", "/issue/AUD-1", {"fields": {"duedate": "2026-12-01"}}, 400),
    ("ADD_COMMENTS", "POST", "/issue/AUD-1/comment", {"body": doc("x")}, 403),
    ("LINK_ISSUES", "POST", "/issue/AUD-1/remotelink", {"object": {"url": "https://a.example", "title": "t"}}, 403),
    ("TRANSITION_ISSUES", "POST", "/issue/AUD-1/transitions", {"transition": {"id": "21"}}, 400),
    ("CREATE_ISSUES", "POST", "/issue", {"fields": {"project": {"key": "AUD"}, "summary": "x"}}, 403),
    ("DELETE_ISSUES", "DELETE", "/issue/AUD-1", None, 403),
    ("MODIFY_REPORTER", "PUT", "/issue/AUD-1", {"fields": {"reporter": None}}, 400),
]


@pytest.mark.parametrize(("permission", "method", "path", "body", "status"), REFUSALS)
def test_without_a_permission_a_write_is_refused_and_changes_nothing(
    site: Site, bot: Visitor, priya: Visitor, permission: str, method: str, path: str, body: Any, status: int
) -> None:
    bot.create()
    before = bot.fields("AUD-1")
    withdraw(site, permission)
    assert priya.send(method, path, json=body).status_code == status
    assert bot.fields("AUD-1") == before
    assert bot.search("project = AUD") == ["AUD-1"]


def test_who_may_not_comment_does_so_on_no_way(site: Site, bot: Visitor, priya: Visitor) -> None:
    key, to = bot.create(), bot.transitions(bot.create())["Done"]
    withdraw(site, "ADD_COMMENTS")
    update = {"comment": [{"add": {"body": doc("x")}}]}
    given = {"project": {"key": "AUD"}, "issuetype": {"name": "Task"}, "summary": "x"}
    assert [
        priya.post(f"/issue/{key}/comment", {"body": doc("x")}).status_code,
        priya.put(f"/issue/{key}", {"update": update}).status_code,
        priya.post(f"/issue/{key}/transitions", {"transition": {"id": to}, "update": update}).status_code,
        priya.post("/issue", {"fields": given, "update": update}).status_code,
    ] == [403, 400, 400, 400]
    assert bot.get(f"/issue/{key}/comment").json()["comments"] == []


def test_without_the_permission_no_transition_is_offered(site: Site, bot: Visitor, priya: Visitor) -> None:
    key = bot.create()
    withdraw(site, "TRANSITION_ISSUES")
    assert priya.transitions(key) == {}


def test_files_and_watchers_need_their_permissions(site: Site, bot: Visitor, priya: Visitor) -> None:
    key = bot.create()
    withdraw(site, "CREATE_ATTACHMENTS", "MANAGE_WATCHERS")
    file, header = {"file": ("a.txt", b"a")}, {"X-Atlassian-Token": "no-check"}
    assert priya.post(f"/issue/{key}/attachments", files=file, headers=header).status_code == 403
    assert priya.post(f"/issue/{key}/watchers", bot.me).status_code == 403
    assert priya.post(f"/issue/{key}/watchers").status_code == 204  # oneself, always
    assert bot.get(f"/issue/{key}/watchers").json()["watchCount"] == 2


def test_what_one_may_do_can_be_asked(site: Site, bot: Visitor, priya: Visitor) -> None:
    bot.create()
    asked = {"permissions": "ADMINISTER,EDIT_ISSUES,DELETE_ISSUES", "issueKey": "AUD-1"}

    def has(visitor: Visitor) -> dict[str, bool]:
        told = visitor.get("/mypermissions", params=asked).json()["permissions"]
        return {key: bean["havePermission"] for key, bean in told.items()}

    assert has(bot) == {"ADMINISTER": True, "EDIT_ISSUES": True, "DELETE_ISSUES": True}
    assert has(priya) == {"ADMINISTER": False, "EDIT_ISSUES": True, "DELETE_ISSUES": False}
    assert priya.get("/mypermissions").status_code == 400
    unknown = priya.get("/mypermissions", params={"permissions": "FLY"})
    assert unknown.json()["errors"] == {"FLY": "Unrecognized permission"}


def test_what_others_may_do_only_administrators_can_ask(bot: Visitor, priya: Visitor) -> None:
    body = {"accountId": priya.me, "projectPermissions": [{"projects": [10000], "permissions": ["EDIT_ISSUES"]}]}
    told = bot.post("/permissions/check", body).json()
    assert told["projectPermissions"] == [{"permission": "EDIT_ISSUES", "projects": [10000], "issues": []}]
    assert priya.post("/permissions/check", {**body, "accountId": bot.me}).status_code == 403


@pytest.mark.parametrize("path", ["/permissions", "/statuses/search", "/field/search", "/rest/webhooks/1.0/webhook"])
def test_administration_is_for_administrators(priya: Visitor, bot: Visitor, path: str) -> None:
    assert (priya.get(path).status_code, bot.get(path).status_code) == (403, 200)


def test_without_the_permission_to_view_watchers_one_sees_oneself_and_how_many(
    site: Site, bot: Visitor, priya: Visitor
) -> None:
    key = bot.create()
    withdraw(site, "VIEW_VOTERS_AND_WATCHERS")
    priya.post(f"/issue/{key}/watchers", priya.me)
    seen = priya.get(f"/issue/{key}/watchers").json()
    assert ([one["accountId"] for one in seen["watchers"]], seen["watchCount"]) == ([priya.me], 2)


def test_a_projects_key_is_case_sensitive_in_its_address(bot: Visitor) -> None:
    assert [bot.get(f"/project/{key}").status_code for key in ("AUD", "aud")] == [200, 404]
    assert bot.get("/project/aud/statuses").status_code == 404
    assert bot.search("project = aud") == []
