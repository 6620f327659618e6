"""People with and without a visible address; filters; dashboards and their gadgets."""

from collections.abc import Callable

import pytest

from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import Visitor


def names(answer: list[dict[str, str]]) -> list[str]:
    return [user["displayName"] for user in answer]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("priya.nair@acme.example", ["Priya Nair"]),
        ("priya", ["Priya Nair"]),
        ("NAIR", ["Priya Nair"]),
        ("iya", []),
        ("marco.rossi@acme.example", []),  # he does not show his address
        ("marco", ["Marco Rossi"]),
        ("clara.weiss@northgate.example", ["Clara Weiss"]),
    ],
)
def test_people_are_found_by_the_beginning_of_what_they_show(bot: Visitor, query: str, found: list[str]) -> None:
    assert names(bot.get("/user/search", params={"query": query}).json()) == found


def test_a_hidden_address_is_shown_to_its_owner_only(bot: Visitor, visit: Callable[[str | None], Visitor]) -> None:
    marco = visit("marco.rossi@acme.example")
    assert "emailAddress" not in bot.get("/user", params={"accountId": marco.me}).json()
    assert marco.get("/myself").json()["emailAddress"] == "marco.rossi@acme.example"
    key = bot.create(assignee={"accountId": marco.me})
    assert "emailAddress" not in bot.fields(key)["assignee"]


def test_a_guest_cannot_be_found_among_the_assignable(bot: Visitor) -> None:
    params = {"project": "AUD", "query": "clara"}
    assert bot.get("/user/assignable/search", params=params).json() == []
    everybody = bot.get("/user/assignable/search", params={"project": "AUD", "query": ""}).json()
    assert "Priya Nair" in names(everybody)
    assert bot.get("/user/assignable/search", params={"query": "priya"}).status_code == 400


def test_an_account_that_is_gone_is_found_no_more(site: Site, bot: Visitor, priya: Visitor) -> None:
    key = bot.create(assignee={"accountId": priya.me})
    assert priya.account is not None
    priya.account.active = False
    assert bot.get("/user/search", params={"query": "priya"}).json() == []
    assert bot.fields(key)["assignee"]["active"] is False
    assert priya.get("/myself").status_code == 401
    assert bot.put(f"/issue/{bot.create()}/assignee", {"accountId": priya.me}).status_code == 400


def test_a_user_search_must_search_for_something(bot: Visitor) -> None:
    assert bot.get("/user/search").status_code == 400
    assert bot.get("/user/search", params={"query": "p", "accountId": "x"}).status_code == 400
    assert bot.get("/user", params={"accountId": "x"}).status_code == 404


def test_a_filter_is_its_owners_until_it_is_shared(bot: Visitor, priya: Visitor) -> None:
    made = bot.post("/filter", {"name": "Overdue", "jql": "due < startOfDay()"}).json()["id"]
    assert priya.get(f"/filter/{made}").status_code == 400
    shared = bot.post(f"/filter/{made}/permission", {"type": "authenticated"}).json()
    assert [share["type"] for share in shared] == ["loggedin"]
    assert priya.get(f"/filter/{made}").json()["jql"] == "due < startOfDay()"
    assert priya.put(f"/filter/{made}", {"name": "Mine"}).status_code == 400
    assert [one["name"] for one in priya.get("/filter/search").json()["values"]] == ["Overdue"]


def test_sharing_with_everybody_takes_the_place_of_other_shares(bot: Visitor) -> None:
    made = bot.post("/filter", {"name": "Open", "jql": "project = AUD"}).json()["id"]
    place = f"/filter/{made}/permission"
    for body, expected in (
        ({"type": "project", "projectId": "10000"}, ["project"]),
        ({"type": "group", "groupname": "jira-users"}, ["project", "group"]),
        ({"type": "global"}, ["global"]),
    ):
        bot.post(place, body)
        assert [share["type"] for share in bot.get(place).json()] == expected
    assert bot.post(place, {"type": "planet"}).status_code == 400


def test_a_filters_name_is_unique_for_its_owner_and_its_query_must_be_good(bot: Visitor, priya: Visitor) -> None:
    body = {"name": "Open", "jql": "project = AUD"}
    assert [visitor.post("/filter", body).status_code for visitor in (bot, bot, priya)] == [200, 400, 200]
    assert bot.post("/filter", {"name": "Bad", "jql": "colour = red"}).status_code == 400
    assert bot.post("/filter", {"jql": "project = AUD"}).status_code == 400


def test_a_dashboard_needs_its_three_parts_and_shows_who_it_is_shared_with(bot: Visitor, priya: Visitor) -> None:
    body = {"name": "Audit", "sharePermissions": [], "editPermissions": []}
    for missing in body:
        assert bot.post("/dashboard", {k: v for k, v in body.items() if k != missing}).status_code == 400
    made = bot.post("/dashboard", body).json()["id"]
    assert priya.get(f"/dashboard/{made}").status_code == 404
    bot.put(f"/dashboard/{made}", {**body, "sharePermissions": [{"type": "authenticated"}]})
    assert priya.get(f"/dashboard/{made}").json()["isWritable"] is False
    assert priya.delete(f"/dashboard/{made}").status_code == 400


def test_a_gadget_is_one_of_the_list_and_its_config_is_flat(bot: Visitor, priya: Visitor) -> None:
    body = {"name": "Audit", "sharePermissions": [{"type": "authenticated"}], "editPermissions": []}
    board = bot.post("/dashboard", body).json()["id"]
    uris = {gadget["title"]: gadget["uri"] for gadget in bot.get("/dashboard/gadgets").json()["gadgets"]}
    place = f"/dashboard/{board}/gadget"
    assert bot.post(place, {"uri": "no/such.xml"}).status_code == 400
    assert bot.post(place, {"uri": uris["Pie Chart"], "moduleKey": "m"}).status_code == 400
    assert bot.post(place, {"uri": uris["Pie Chart"], "color": "pink"}).status_code == 400
    assert priya.post(place, {"uri": uris["Pie Chart"]}).status_code == 404
    gadget = bot.post(place, {"uri": uris["Filter Results"], "title": "Open"}).json()
    config = f"/dashboard/{board}/items/{gadget['id']}/properties/config"
    nested = bot.put(config, {"columns": ["key"]})
    assert nested.status_code == 400
    assert "all keys and values as strings" in nested.json()["errorMessages"][0]
    assert bot.put(config, {"filterId": "10000", "num": "20", "isConfigured": "true"}).status_code == 201
    assert bot.get(config).json()["value"]["num"] == "20"
    assert bot.put(config.replace("config", "other"), {"deep": {"er": 1}}).status_code == 201


def test_a_dashboard_is_full_at_twenty_gadgets(bot: Visitor) -> None:
    board = bot.post("/dashboard", {"name": "Audit", "sharePermissions": [], "editPermissions": []}).json()["id"]
    uri = bot.get("/dashboard/gadgets").json()["gadgets"][0]["uri"]
    statuses = [bot.post(f"/dashboard/{board}/gadget", {"uri": uri}).status_code for _ in range(21)]
    assert statuses == [200] * 20 + [400]


def test_projects_are_searched_and_described(bot: Visitor) -> None:
    found = bot.get("/project/search", params={"query": "p", "maxResults": 1}).json()
    assert (found["total"], found["isLast"], found["values"][0]["key"]) == (2, False, "PEOPLE")
    assert [one["key"] for one in bot.get("/project/search", params={"keys": ["SEC", "IT"]}).json()["values"]] == [
        "IT",
        "SEC",
    ]
    project = bot.get("/project/AUD").json()
    assert {one["name"] for one in project["issueTypes"]} == {"Audit Request", "Escalation", "Task"}
    assert project["style"] == "classic"


def test_the_create_screen_tells_what_is_required(bot: Visitor) -> None:
    kind = bot.get("/issue/createmeta/AUD/issuetypes").json()["issueTypes"][0]["id"]
    page = bot.get(f"/issue/createmeta/AUD/issuetypes/{kind}").json()
    assert {field["key"] for field in page["fields"] if field["required"]} == {"project", "issuetype", "summary"}
    flagged = next(field for field in page["fields"] if field["key"] == "customfield_10021")
    assert [option["value"] for option in flagged["allowedValues"]] == ["Impediment"]
    assert bot.get("/issue/createmeta/NOPE/issuetypes").status_code == 400
    assert bot.get("/issue/createmeta/AUD/issuetypes", params={"maxResults": 201}).status_code == 400
