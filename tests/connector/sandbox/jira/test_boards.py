"""Jira Software's boards and sprints: who sees them, what is on them, and how a sprint goes."""

from collections.abc import Callable

import pytest

from connector.sandbox.jira.boards import AGILE, SOFTWARE
from tests.connector.sandbox.conftest import Visitor

WEEK = {"startDate": "2026-10-05T09:00:00.000Z", "endDate": "2026-10-12T09:00:00.000Z"}
MakeBoard = Callable[..., str]


@pytest.fixture
def board(bot: Visitor) -> MakeBoard:
    """Makes boards over a query, and gives their addresses."""

    def make(jql: str = "project = AUD", kind: str = "scrum") -> str:
        saved = int(bot.post("/filter", {"name": f"{kind}: {jql}", "jql": jql}).json()["id"])
        made = bot.post(f"{AGILE}/board", {"name": "Audit", "type": kind, "filterId": saved})
        assert made.status_code == 201, made.text
        return f"{AGILE}/board/{made.json()['id']}"

    return make


def keys(visitor: Visitor, path: str, **query: str) -> list[str]:
    return [issue["key"] for issue in visitor.get(path, params=query).json()["issues"]]


def test_a_board_shows_what_its_filter_finds_as_far_as_one_may_see_it(
    bot: Visitor, priya: Visitor, board: MakeBoard
) -> None:
    mine, done = bot.create(labels=["tieout"]), bot.create(labels=["tieout"])
    bot.create()
    bot.go(done, "Done")
    place = board("labels = tieout", "kanban")
    assert keys(bot, f"{place}/issue") == [mine, done]
    assert keys(bot, f"{place}/issue", jql="statusCategory = Done") == [done]
    assert keys(bot, f"{place}/backlog") == [mine]
    assert priya.get(f"{place}/issue").status_code == priya.get(place).status_code == 404
    assert priya.get(f"{AGILE}/board").json()["values"] == []


def test_by_the_newer_address_issues_come_by_token(bot: Visitor, board: MakeBoard) -> None:
    made = [bot.create() for _ in range(3)]
    place = f"{board()}/issue".replace(AGILE, SOFTWARE)
    first = bot.get(place, params={"maxResults": 2}).json()
    last = bot.get(place, params={"maxResults": 2, "nextPageToken": first["nextPageToken"]}).json()
    assert [issue["key"] for page in (first, last) for issue in page["issues"]] == made
    assert (first["isLast"], last["isLast"], "nextPageToken" in last) == (False, True, False)
    assert bot.get(f"{place}/approximate-count").json() == {"count": 3}


def test_every_status_stands_in_a_column(bot: Visitor, board: MakeBoard) -> None:
    columns = bot.get(f"{board()}/configuration").json()["columnConfig"]["columns"]
    shown = [status["id"] for column in columns for status in column["statuses"]]
    assert [column["name"] for column in columns] == ["To Do", "In Progress", "Done"]
    assert sorted(shown) == sorted(status["id"] for status in bot.get("/status").json())


def test_an_issue_is_in_one_open_sprint_and_remembers_closed_ones(bot: Visitor, board: MakeBoard) -> None:
    place, key = board(), bot.create()
    for name in ("One", "Two"):
        body = {"name": name, "originBoardId": int(place.rpartition("/")[2]), **WEEK}
        sprint = bot.post(f"{AGILE}/sprint", body).json()["id"]
        assert bot.post(f"{AGILE}/sprint/{sprint}/issue", {"issues": [key]}).status_code == 204
        if name == "One":
            bot.post(f"{AGILE}/sprint/{sprint}", {"state": "active"})
            assert bot.search("sprint in openSprints()") == [key]
            bot.post(f"{AGILE}/sprint/{sprint}", {"state": "closed"})
    fields = bot.get(f"{AGILE}/issue/{key}").json()["fields"]
    assert (fields["sprint"]["name"], [one["name"] for one in fields["closedSprints"]]) == ("Two", ["One"])
    assert keys(bot, f"{place}/backlog") == []
    bot.post(f"{AGILE}/backlog/issue", {"issues": [key]})
    assert keys(bot, f"{place}/backlog") == [key]
    assert bot.search("sprint = One and sprint not in futureSprints()") == [key]


@pytest.mark.parametrize(
    ("states", "body", "status"),
    [
        ([], {"state": "closed"}, 400),
        ([], {"state": "active", "startDate": "", "endDate": ""}, 400),
        ([], {"endDate": "2026-10-01T09:00:00.000Z"}, 400),
        (["active"], {"state": "future"}, 400),
        (["active", "closed"], {"state": "active"}, 400),
        (["active", "closed"], {"name": "Renamed", "startDate": "2027-01-01T09:00:00.000Z"}, 200),
    ],
)
def test_a_sprint_goes_one_way(bot: Visitor, board: MakeBoard, states: list[str], body: object, status: int) -> None:
    made = {"name": "One", "originBoardId": int(board().rpartition("/")[2]), **WEEK}
    sprint = f"{AGILE}/sprint/{bot.post(f'{AGILE}/sprint', made).json()['id']}"
    for state in states:
        assert bot.post(sprint, {"state": state}).status_code == 200
    before = bot.get(sprint).json()
    assert bot.post(sprint, body).status_code == status
    assert bot.get(sprint).json() == before | ({"name": "Renamed"} if status == 200 else {})


def test_a_kanban_board_has_no_sprints(bot: Visitor, board: MakeBoard) -> None:
    place = board(kind="kanban")
    answer = bot.get(f"{place}/sprint")
    assert (answer.status_code, answer.json()["errorMessages"]) == (400, ["The board does not support sprints"])
    assert bot.post(f"{AGILE}/sprint", {"name": "x", "originBoardId": int(place[-5:])}).status_code == 400


def test_only_its_owner_or_an_administrator_takes_a_board_away(bot: Visitor, priya: Visitor) -> None:
    shared = {"name": "Open", "jql": "project = AUD", "sharePermissions": [{"type": "authenticated"}]}
    saved = int(bot.post("/filter", shared).json()["id"])
    made = bot.post(f"{AGILE}/board", {"name": "Audit", "type": "kanban", "filterId": saved}).json()["id"]
    assert priya.delete(f"{AGILE}/board/{made}").status_code == 403
    assert bot.delete(f"{AGILE}/board/{made}").status_code == 204
    assert bot.get(f"{AGILE}/board/{made}").status_code == 404
