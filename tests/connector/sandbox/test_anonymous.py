"""What nobody in particular sees: a site shows it what is public, and no more than that."""

import json
import re
from pathlib import Path

import pytest

from connector.sandbox.jira.routes import ROUTES
from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import Visitor, doc

DOCUMENTS = Path(__file__).parents[3] / ".." / "shared" / "openapi"
V2 = "/wiki/api/v2"
V1 = "/wiki/rest/api"
TITLE = "REQ-1 Access review"


@pytest.fixture
def public(nobody: Visitor) -> Visitor:
    """Nobody in particular, on a site where one project and one space are open to anyone."""
    for path in ("jira/project/AUD", "confluence/space/SOC2"):
        assert nobody.post(f"/__sandbox/{path}/public").status_code == 204
    return nobody


def test_a_public_project_is_seen_by_anyone_and_the_others_are_not(public: Visitor, bot: Visitor) -> None:
    key, hidden = bot.create(), bot.create("SEC")
    assert public.search("project = AUD") == [key]
    assert public.search("project = SEC") == []
    assert [public.get(f"/issue/{one}").status_code for one in (key, hidden)] == [200, 404]
    assert [project["key"] for project in public.get("/project/search").json()["values"]] == ["AUD"]
    assert public.get("/mypermissions?permissions=BROWSE_PROJECTS,EDIT_ISSUES&projectKey=AUD").json()["permissions"][
        "EDIT_ISSUES"
    ]["havePermission"] is False  # fmt: skip


def test_an_issue_tells_anyone_less_than_its_people(public: Visitor, bot: Visitor, priya: Visitor) -> None:
    key = bot.create(assignee={"accountId": priya.me})
    kept = {"type": "group", "value": "site-admins"}
    bot.post(f"/issue/{key}/comment", {"body": doc("between us"), "visibility": kept})
    bot.post(f"/issue/{key}/comment", {"body": doc("for all")})
    shown, own = public.fields(key), bot.fields(key)
    assert "emailAddress" in own["assignee"]
    assert "emailAddress" not in shown["assignee"]
    assert shown["assignee"]["displayName"] == "Priya Nair"
    assert (shown["comment"]["total"], own["comment"]["total"]) == (1, 2)
    assert shown["watches"]["watchCount"] == 0
    assert public.get(f"/issue/{key}/transitions").json()["transitions"] == []
    assert public.get("/user/search?query=priya").json() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/issue"),
        ("PUT", "/issue/{key}"),
        ("POST", "/issue/{key}/comment"),
        ("POST", "/issue/{key}/transitions"),
        ("DELETE", "/issue/{key}"),
        ("PUT", V2 + "/pages/{page}"),
        ("POST", V2 + "/footer-comments"),
        ("DELETE", V2 + "/pages/{page}"),
        ("POST", V1 + "/content/{page}/label"),
    ],
)
def test_looking_is_all_that_anyone_may(public: Visitor, bot: Visitor, method: str, path: str) -> None:
    answer = public.send(method, path.format(key=bot.create(), page=_page(bot)), json={})
    assert answer.status_code == 401


def test_permissions_can_be_asked_about_by_anyone_for_itself_only(public: Visitor, bot: Visitor, site: Site) -> None:
    asked = {"projectPermissions": [{"projects": [int(_id(site, "AUD")), int(_id(site, "SEC"))],
                                     "permissions": ["BROWSE_PROJECTS", "EDIT_ISSUES"]}]}  # fmt: skip
    held = public.post("/permissions/check", asked).json()["projectPermissions"]
    assert {one["permission"]: one["projects"] for one in held} == {
        "BROWSE_PROJECTS": [int(_id(site, "AUD"))],
        "EDIT_ISSUES": [],
    }
    assert public.post("/permissions/check", {**asked, "accountId": bot.me}).status_code == 403


def test_a_public_space_is_read_by_anyone_and_the_others_are_not(public: Visitor, bot: Visitor) -> None:
    other = bot.post(f"{V2}/spaces", {"key": "OPS", "name": "Operations"}).json()
    hidden, page = _page(bot, other["id"]), _page(bot)
    assert [space["key"] for space in public.get(f"{V2}/spaces").json()["results"]] == ["SOC2"]
    assert [public.get(f"{V2}/pages/{one}").status_code for one in (page, hidden)] == [200, 404]
    assert TITLE in [one["title"] for one in public.get(f"{V2}/pages").json()["results"]]
    found = public.get(f"{V1}/search", params={"cql": f'title = "{TITLE}"'}).json()["results"]
    assert [one["content"]["id"] for one in found] == [page]
    assert public.get(f"{V2}/pages/{page}/operations").json()["operations"] == [
        {"operation": "read", "targetType": "page"}
    ]


def test_a_restricted_page_of_a_public_space_is_kept_from_anyone(public: Visitor, bot: Visitor) -> None:
    page = _page(bot)
    assert bot.put(f"{V1}/content/{page}/restriction/byOperation/read/user?accountId={bot.me}").status_code == 200
    assert public.get(f"{V2}/pages/{page}").status_code == 404
    assert bot.get(f"{V2}/pages/{page}").status_code == 200


def test_a_guest_too_sees_every_space_that_is_open_to_anyone(public: Visitor, bot: Visitor, clara: Visitor) -> None:
    bot.post(f"{V2}/spaces", {"key": "NEWS", "name": "News"})
    assert [space["key"] for space in clara.get(f"{V2}/spaces").json()["results"]] == ["SOC2"]
    public.post("/__sandbox/confluence/space/NEWS/public")
    assert [space["key"] for space in clara.get(f"{V2}/spaces").json()["results"]] == ["SOC2", "NEWS"]


def test_a_wrong_token_taken_for_nobody_is_nobody_in_confluence_too(public: Visitor, site: Site, bot: Visitor) -> None:
    """Where a public site answers, a good answer proves no login."""
    site.faults.bad_login_is_anonymous = True
    me = public.get(f"{V1}/user/current", auth=("priya.nair@acme.example", "wrong"))
    assert (me.status_code, me.json()["type"], "accountId" in me.json()) == (200, "anonymous", False)
    shown = public.get(f"{V1}/user?accountId={bot.me}").json()
    assert (shown["displayName"], shown["email"]) == ("Tieout", "")


def test_a_site_shows_nobody_anything_unless_it_is_told_to(nobody: Visitor, bot: Visitor) -> None:
    page = _page(bot)
    assert nobody.get("/project/search").json()["values"] == []
    assert [nobody.get(path).status_code for path in (f"{V2}/pages/{page}", f"{V1}/user/current")] == [401, 401]
    for path in ("jira/project/NOPE", "confluence/space/NOPE"):
        assert nobody.post(f"/__sandbox/{path}/public").status_code == 404


def test_what_needs_no_login_in_jira_is_what_its_documents_say_so_of() -> None:
    """ "This operation can be accessed anonymously." Writing needs a login here in any case."""
    if not DOCUMENTS.is_dir():
        pytest.skip("Atlassian's API documents are not at hand (../shared/openapi)")
    said = {}
    for name in ("jira-cloud-platform-v3", "jira-software-cloud"):
        for path, item in json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8"))["paths"].items():
            for method in item.keys() & {"get", "post"}:
                about = item[method].get("description", "")
                said[method.upper(), _shape(path)] = "accessed anonymously" in about
    reads = [route for route in ROUTES.table if not route.is_write and (route.method, _shape(route.template)) in said]
    wrong = [f"{r.method} {r.template}" for r in reads if r.anonymous is not said[r.method, _shape(r.template)]]
    assert (len(reads) > 80, wrong) == (True, [])


def _shape(path: str) -> str:
    return re.sub(r"[<{][^>}]*[>}]", "*", path)


def _page(bot: Visitor, space_id: str | None = None) -> str:
    space_id = space_id or bot.get(f"{V2}/spaces?keys=SOC2").json()["results"][0]["id"]
    body = {"representation": "storage", "value": "<p>x</p>"}
    return str(bot.post(f"{V2}/pages", {"spaceId": space_id, "title": TITLE, "body": body}).json()["id"])


def _id(site: Site, key: str) -> str:
    project = site.jira.project(key)
    assert project is not None
    return project.project_id
