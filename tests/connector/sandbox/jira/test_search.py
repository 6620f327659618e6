"""Search: pages, fields, properties, limits."""

import pytest

from connector.sandbox.clock import ManualClock
from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import Visitor


def test_by_default_only_ids_are_told(bot: Visitor) -> None:
    bot.create()
    answer = bot.get("/search/jql", params={"jql": "project = AUD"}).json()
    assert answer == {"issues": [{"id": "10000"}], "isLast": True}


def test_pages_hold_every_issue_once_and_the_last_has_no_token(bot: Visitor) -> None:
    keys = [bot.create() for _ in range(7)]
    seen, token = [], None
    for _ in range(4):
        body = {"jql": "project = AUD order by key asc", "fields": ["key"], "maxResults": 2, "nextPageToken": token}
        answer = bot.post("/search/jql", body).json()
        seen += [issue["key"] for issue in answer["issues"]]
        token = answer.get("nextPageToken")
        assert answer["isLast"] == (token is None)
    assert (seen, token) == (keys, None)


def test_a_page_goes_on_behind_the_last_issue_shown_though_the_first_have_gone(bot: Visitor) -> None:
    keys = [bot.create(labels=["x"]) for _ in range(4)]
    body = {"jql": "labels = x order by key asc", "fields": ["key"], "maxResults": 2}
    token = bot.post("/search/jql", body).json()["nextPageToken"]
    bot.put(f"/issue/{keys[0]}", {"fields": {"labels": []}})
    rest = bot.post("/search/jql", {**body, "nextPageToken": token}).json()["issues"]
    assert [issue["key"] for issue in rest] == keys[2:]


def test_a_token_is_good_for_its_own_query_for_seven_days(clock: ManualClock, bot: Visitor) -> None:
    for _ in range(2):
        bot.create()
    body = {"jql": "project = AUD", "maxResults": 1}
    token = bot.post("/search/jql", body).json()["nextPageToken"]
    other = bot.post("/search/jql", {**body, "jql": "project = AUD order by key", "nextPageToken": token})
    junk = bot.post("/search/jql", {**body, "nextPageToken": "junk"})
    clock.advance(8 * 86400)
    old = bot.post("/search/jql", {**body, "nextPageToken": token})
    assert [other.status_code, junk.status_code, old.status_code] == [400, 400, 400]


def test_pages_with_fields_are_shorter_than_pages_of_ids(bot: Visitor) -> None:
    for _ in range(120):
        bot.create()
    sizes = [
        len(bot.post("/search/jql", {"jql": "project = AUD", "maxResults": 5000, "fields": fields}).json()["issues"])
        for fields in (["id"], ["key"], ["summary"])
    ]
    assert sizes == [120, 120, 100]


def test_a_search_tells_up_to_five_properties(bot: Visitor) -> None:
    key = bot.create()
    bot.put(f"/issue/{key}/properties/tieout", {"record": 7})
    answer = bot.post("/search/jql", {"jql": "project = AUD", "properties": ["tieout", "other"]}).json()
    assert answer["issues"][0]["properties"] == {"tieout": {"record": 7}}
    six = bot.post("/search/jql", {"jql": "project = AUD", "properties": list("abcdef")})
    assert six.status_code == 400


def test_fields_can_be_left_out_of_all(bot: Visitor) -> None:
    bot.create()
    body = {"jql": "project = AUD", "fields": ["*all", "-comment", "-description"]}
    fields = bot.post("/search/jql", body).json()["issues"][0]["fields"]
    assert "summary" in fields
    assert not {"comment", "description"} & set(fields)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_old_search_is_gone(bot: Visitor, method: str) -> None:
    answer = bot.send(method, "/search", json={} if method == "POST" else None)
    assert answer.status_code == 410
    assert "/rest/api/3/search/jql" in answer.json()["errorMessages"][0]


def test_more_than_fifty_issues_cannot_be_reconciled(bot: Visitor) -> None:
    body = {"jql": "project = AUD", "reconcileIssues": list(range(51))}
    assert bot.post("/search/jql", body).status_code == 400


def test_issues_of_an_archived_project_are_found_no_more(site: Site, bot: Visitor) -> None:
    key = bot.create()
    assert bot.post("/__sandbox/jira/project/AUD/archive").status_code == 204
    assert bot.search("project is not empty") == []
    assert bot.get(f"/issue/{key}").status_code == 404
