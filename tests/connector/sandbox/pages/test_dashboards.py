"""Dashboards, saved filters and lists of issues."""

from datetime import date
from typing import Any

import pytest

from connector.sandbox.clock import ManualClock
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from tests.connector.sandbox.pages.conftest import Surf
from tests.connector.sandbox.pages.gadgets import EVERYBODY, GADGETS
from tests.connector.sandbox.pages.surfer import Tag

STATISTICS = f"{GADGETS}stats-gadget/gadgets/stats-gadget.xml"
TASK = {"project": {"key": "AUD"}, "issuetype": {"name": "Task"}, "summary": "Access review"}


@pytest.fixture
def filter_id(bot: Visitor, issue: str) -> str:
    body = {"name": "Open", "jql": "project = AUD AND statusCategory != Done", "sharePermissions": EVERYBODY}
    return str(bot.call("POST", "/rest/api/3/filter", json=body)["id"])


def gadget(surf: Surf, bot: Visitor, uri: str, config: dict[str, str], shared: list[Any] = EVERYBODY) -> Tag:
    """The one gadget of a new dashboard, as Dana sees it."""
    body = {"name": "Audit", "sharePermissions": shared, "editPermissions": []}
    board = bot.call("POST", "/rest/api/3/dashboard", json=body)["id"]
    made = bot.call("POST", f"/rest/api/3/dashboard/{board}/gadget", json={"uri": uri, "title": "Mine"})["id"]
    if config:
        bot.call("PUT", f"/rest/api/3/dashboard/{board}/items/{made}/properties/config", json=config)
    return surf("dana").open(f"/jira/dashboards/{board}").page.one(class_="gadget")


def cells(shown: Tag) -> list[list[str]]:
    return [[cell.text for cell in row.all() if cell.name in ("td", "th")] for row in shown.one("tbody").all("tr")]


def test_filter_results_list_the_issues_in_the_columns_chosen(
    surf: Surf, bot: Visitor, filter_id: str, issue: str
) -> None:
    uri = f"{GADGETS}filter-results-gadget/gadgets/filter-results-gadget.xml"
    shown = gadget(surf, bot, uri, {"filterId": filter_id, "num": "5", "columnNames": "issuekey|duedate"})
    assert cells(shown) == [[issue, "20 Oct 2026"]]


def test_statistics_count_by_the_field_chosen(surf: Surf, bot: Visitor, filter_id: str) -> None:
    shown = gadget(surf, bot, STATISTICS, {"projectOrFilterId": f"filter-{filter_id}", "statType": "labels"})
    assert sorted(row[:2] for row in cells(shown)) == [["CC6.1", "1"], ["tieout", "1"]]


def test_a_pie_shows_its_parts_and_leads_to_their_issues(surf: Surf, bot: Visitor, filter_id: str, issue: str) -> None:
    for number in range(3):
        bot.create_issue(project={"key": "AUD"}, issuetype={"name": "Task"}, summary=f"More {number}")
    bot.move(issue, "In Progress")
    uri = f"{GADGETS}pie-chart-gadget/gadgets/piechart-gadget.xml"
    shown = gadget(surf, bot, uri, {"projectOrFilterId": f"filter-{filter_id}", "statType": "statuses"})
    assert cells(shown) == [["To Do", "3", "75 %"], ["In Progress", "1", "25 %"]]
    parts = [one.attrs["stroke-dasharray"] for one in shown.one("svg").all("circle")]
    assert parts == ["75.0 25.0", "25.0 75.0"]
    (first, _) = shown.one("tbody").all("tr")
    assert len(cells(surf("dana").open(first.one("a").attrs["href"]).page)) == 3


def test_two_fields_are_counted_against_each_other(surf: Surf, bot: Visitor, filter_id: str) -> None:
    uri = f"{GADGETS}two-dimensional-stats-gadget/gadgets/two-dimensional-stats-gadget.xml"
    shown = gadget(
        surf, bot, uri, {"filterId": f"filter-{filter_id}", "xstattype": "statuses", "ystattype": "assignees"}
    )
    assert cells(shown) == [["Priya Nair", "1", "1"]]


def test_created_is_drawn_against_resolved(surf: Surf, bot: Visitor, issue: str) -> None:
    bot.move(issue, "Done")
    project = bot.issue(issue)["fields"]["project"]["id"]
    uri = f"{GADGETS}created-vs-resolved-issues-chart-gadget/gadgets/created-vs-resolved-issues-chart-gadget.xml"
    shown = gadget(surf, bot, uri, {"projectOrFilterId": f"project-{project}", "daysprevious": "7"})
    assert shown.one(class_="legend").text == "Created 1 Resolved 1"
    assert len(shown.one("polyline").attrs["points"].split()) == 8


def test_what_was_made_tonight_is_drawn_though_it_is_tomorrow_elsewhere(
    surf: Surf, bot: Visitor, site: Site, clock: ManualClock
) -> None:
    """Dana's evening in New York is the next day by UTC."""
    clock.advance(16 * 3600)
    project = bot.issue(bot.create_issue(**TASK))["fields"]["project"]["id"]
    uri = f"{GADGETS}created-vs-resolved-issues-chart-gadget/gadgets/created-vs-resolved-issues-chart-gadget.xml"
    shown = gadget(surf, bot, uri, {"projectOrFilterId": f"project-{project}", "daysprevious": "7"})
    assert site.now().date() == date(2026, 10, 6)
    assert shown.one(class_="legend").text == "Created 1 Resolved 0"


def test_a_pie_of_many_parts_keeps_the_small_ones_aside(surf: Surf, bot: Visitor) -> None:
    for number in range(12):
        bot.create_issue(**TASK, labels=[f"label-{number:02}", *(["most"] if number else [])])
    project = bot.find_issues("project = AUD")[0]["fields"]["project"]["id"]
    uri = f"{GADGETS}pie-chart-gadget/gadgets/piechart-gadget.xml"
    shown = gadget(surf, bot, uri, {"projectOrFilterId": f"project-{project}", "statType": "labels"})
    tables = [list(table.all("tr")) for table in shown.all("tbody")]
    assert [len(rows) for rows in tables] == [7, 6]
    assert shown.one("summary").text == "Others: 6 values, 26 %"
    assert len(list(shown.one("svg").all("circle"))) == 8


@pytest.mark.parametrize("config", [{}, {"projectOrFilterId": "filter-99999"}])
def test_a_gadget_that_shows_nothing_says_why(surf: Surf, bot: Visitor, config: dict[str, str]) -> None:
    assert "filter" in gadget(surf, bot, STATISTICS, config).one("p").text


def test_a_dashboard_kept_to_its_owner_is_not_there_for_others(surf: Surf, bot: Visitor) -> None:
    body = {"name": "Mine alone", "sharePermissions": [], "editPermissions": []}
    made = bot.call("POST", "/rest/api/3/dashboard", json=body)["id"]
    assert surf("dana").open(f"/jira/dashboards/{made}").status == 404
    assert "Mine alone" not in surf("dana").open("/jira/dashboards").text
    assert "Mine alone" in surf("tieout").open("/jira/dashboards").text


def test_a_saved_filter_opens_as_a_list(surf: Surf, filter_id: str, issue: str) -> None:
    surfer = surf("dana").open(f"/issues/?filter={filter_id}")
    assert surfer.page.one("h1").text == "Open"
    assert cells(surfer.page)[0][0] == issue


def test_a_query_that_cannot_be_read_is_explained_and_kept(surf: Surf) -> None:
    surfer = surf("dana").open("/issues/?jql=projekt+%3D+AUD")
    assert surfer.status == 400
    assert surfer.problem
    assert surfer.page.one("input", name="jql").attrs["value"] == "projekt = AUD"
