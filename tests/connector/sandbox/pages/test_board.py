"""The board: what it shows, and cards that move."""

from collections.abc import Callable

import pytest

from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from tests.connector.sandbox.pages.conftest import Rest, Surf
from tests.connector.sandbox.pages.surfer import Surfer, Tag


def columns(surfer: Surfer) -> dict[str, list[str]]:
    """The keys of the cards under each column's name."""
    return {
        section.one("h2").text.rpartition(" ")[0]: [card.attrs["data-issue"] for card in section.all(class_="card")]
        for section in surfer.page.all(class_="column")
    }


def card(surfer: Surfer, key: str) -> Tag:
    return surfer.page.one("li", **{"data-issue": key})


def test_a_board_has_a_column_for_each_status_and_a_card_for_each_issue(surf: Surf, issue: str) -> None:
    surfer = surf("priya").open("/jira/board/AUD")
    assert surfer.status == 200
    assert columns(surfer) == {
        "To Do": [issue],
        "In Progress": [],
        "Blocked": [],
        "In Review": [],
        "With Auditor": [],
        "Done": [],
    }
    shown = card(surfer, issue)
    assert "Access review" in shown.text
    assert "20 Oct" in shown.text
    assert [label.text for label in shown.one(class_="labels").all("li")] == ["CC6.1", "tieout"]
    assert shown.one(class_="avatar").attrs["title"] == "Priya Nair"


def test_a_card_shows_its_short_labels_and_how_many_more_there_are(surf: Surf, bot: Visitor, issue: str) -> None:
    bot.set_fields(issue, labels=["a-mark-that-a-machine-made", "z", "overdue"])
    shown = card(surf("priya").open("/jira/board/AUD"), issue)
    assert [label.text for label in shown.one(class_="labels").all("li")] == [
        "z",
        "overdue",
        "+1",
    ]


def test_a_date_that_has_passed_is_red_until_the_card_is_done(surf: Surf, bot: Visitor, issue: str) -> None:
    surfer = surf("priya")
    bot.set_fields(issue, duedate="2026-10-04")
    assert list(card(surfer.open("/jira/board/AUD"), issue).all(class_="over"))
    bot.move(issue, "Done")
    assert not list(card(surfer.open("/jira/board/AUD"), issue).all(class_="over"))


def test_a_flagged_card_shows_its_flag(surf: Surf, bot: Visitor, issue: str) -> None:
    bot.set_fields(issue, customfield_10021=[{"id": "10019"}])
    assert list(card(surf("priya").open("/jira/board/AUD"), issue).all(class_="flag"))


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("words=review", True),
        ("words=backup", False),
        ("label=CC6.1", True),
        ("label=CC8.1", False),
        ("assignee=nobody", False),
    ],
)
def test_filters_leave_only_the_cards_asked_for(surf: Surf, issue: str, query: str, shown: bool) -> None:
    assert (issue in columns(surf("dana").open(f"/jira/board/AUD?{query}"))["To Do"]) is shown


def test_a_face_leaves_only_that_persons_cards(surf: Surf, bot: Visitor, issue: str) -> None:
    bot.create_issue(project={"key": "AUD"}, issuetype={"name": "Task"}, summary="Nobody's")
    surfer = surf("dana").open("/jira/board/AUD")
    face = next(a for a in surfer.page.one(class_="faces").all("a") if a.one().attrs["title"] == "Priya Nair")
    assert columns(surfer.open(face.attrs["href"]))["To Do"] == [issue]


def test_a_card_moves_by_its_menu_and_the_filter_stays(surf: Surf, rest: Rest, issue: str) -> None:
    surfer = surf("priya").open("/jira/board/AUD?words=access")
    menu = card(surfer, issue)
    ways = {option.text: option.attrs["value"] for option in menu.all("option")}
    surfer.submit("Move", menu, transition=ways["In Progress"])
    assert columns(surfer)["In Progress"] == [issue]
    assert surfer.address == "/jira/board/AUD?words=access"
    assert rest("priya").status(issue) == "In Progress"
    history = rest("priya").call("GET", f"/rest/api/3/issue/{issue}/changelog")["values"][-1]
    assert (history["author"]["displayName"], history["items"][-1]["field"]) == ("Priya Nair", "status")


def test_a_card_dropped_on_a_column_goes_there(site: Site, surf: Surf, rest: Rest, issue: str) -> None:
    surfer = surf("priya").open("/jira/board/AUD")
    target = next(s for s in surfer.page.all(class_="column") if s.one("h2").text.startswith("In Review"))
    surfer.post("/jira/board/AUD/move", issue=issue, status=target.attrs["data-status"], back="/jira/board/AUD")
    assert rest("priya").status(issue) == "In Review"


def test_a_move_the_workflow_has_no_way_for_is_refused_with_what_there_is(surf: Surf, rest: Rest, bot: Visitor) -> None:
    key = bot.create_issue(project={"key": "PLAT"}, issuetype={"name": "Task"}, summary="Rotate keys")
    surfer = surf("tomas").open("/jira/board/PLAT")
    closed = next(s for s in surfer.page.all(class_="column") if s.one("h2").text.startswith("Closed"))
    surfer.post("/jira/board/PLAT/move", issue=key, status=closed.attrs["data-status"])
    assert surfer.status == 400
    assert surfer.problem == f"{key} cannot go there from Backlog. It can go to: Selected."
    assert rest("tomas").status(key) == "Backlog"


def test_a_move_whose_screen_asks_for_something_shows_the_screen_first(surf: Surf, rest: Rest, bot: Visitor) -> None:
    key = bot.create_issue(project={"key": "PLAT"}, issuetype={"name": "Task"}, summary="Rotate keys")
    for status in ("Selected", "Doing", "Peer review"):
        bot.move(key, status)
    surfer = surf("tomas").open("/jira/board/PLAT")
    ways = {option.text: option.attrs["value"] for option in card(surfer, key).all("option")}
    surfer.submit("Move", card(surfer, key), transition=ways["Close → Closed"])
    assert rest("tomas").status(key) == "Peer review"
    surfer.submit("Close", resolution="", comment="See the ticket")
    assert "Resolution is required" in surfer.problem
    assert surfer.page.one("textarea").text == "See the ticket"
    done = next(option for option in surfer.page.all("option") if option.text == "Done")
    surfer.submit("Close", resolution=done.attrs["value"])
    assert surfer.address == "/jira/board/PLAT"
    assert rest("tomas").issue(key)["fields"]["resolution"]["name"] == "Done"
    assert len(rest("tomas").comments_of_issue(key)) == 1


def test_a_column_shows_its_first_cards_and_where_the_rest_is(surf: Surf, bot: Visitor) -> None:
    made = [
        {"fields": {"project": {"key": "IT"}, "issuetype": {"name": "Task"}, "summary": f"Laptop {n}"}}
        for n in range(50)
    ]
    for _ in range(2):
        bot.call("POST", "/rest/api/3/issue/bulk", json={"issueUpdates": made})
    surfer = surf("dana").open("/jira/board/IT")
    assert len(columns(surfer)["To Do"]) == 80
    more = surfer.page.one(class_="more")
    assert more.text == "All 100 as a list"
    assert len(list(surfer.open(more.attrs["href"]).page.one("tbody").all("tr"))) == 100


def test_a_new_issue_is_made_on_the_board(surf: Surf, rest: Rest, issue: str, account_id: Callable[[str], str]) -> None:
    surfer = surf("dana").open("/jira/board/AUD")
    surfer.submit(
        "Create issue",
        summary="Ask HR",
        description="Both lists\nplease",
        labels="tieout CC1.4",
        duedate="2026-11-01",
        parent="",
        assignee=account_id("ines"),
    )
    found = rest("dana").find_issues('project = AUD AND summary ~ "Ask HR"')[0]["fields"]
    assert (found["duedate"], found["labels"], found["assignee"]["displayName"]) == (
        "2026-11-01",
        ["CC1.4", "tieout"],
        "Ines Duarte",
    )
    assert found["reporter"]["displayName"] == "Dana Kim"
    assert "summary" in surfer.submit("Create issue", summary="  ").problem


def test_a_guest_of_confluence_is_shown_the_way_there_instead_of_a_board(surf: Surf, issue: str) -> None:
    surfer = surf("clara")
    for address in (
        "/jira/projects",
        "/jira/board/AUD",
        f"/browse/{issue}",
        "/jira/dashboards",
        "/issues/?jql=project=AUD",
    ):
        assert surfer.open(address).status == 403
        assert "Auditors work there" in surfer.text
        assert "Access review" not in surfer.text
    surfer.post("/jira/board/AUD/move", issue=issue, status="10001")
    assert surfer.status == 403


def test_somebody_without_the_permission_sees_no_ways_to_move(site: Site, surf: Surf, rest: Rest, issue: str) -> None:
    site.jira.project("AUD").grants["TRANSITION_ISSUES"] = {"site-admins"}  # type: ignore[union-attr]  # seeded
    surfer = surf("priya").open("/jira/board/AUD")
    assert card(surfer, issue).attrs["draggable"] == "false"
    surfer.post("/jira/board/AUD/move", issue=issue, transition="21")
    assert surfer.status == 400
    assert rest("priya").status(issue) == "To Do"
