"""Tieout against a Jira Data Center that somebody else wrote: mirror, status both ways, due dates, comments, files."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Response

from connector.sandbox.clock import ManualClock
from connector.sandbox.seed import BOT_TOKEN
from mappings.records import LinkRole, Record
from sync.database import open_database
from tests.system.dc_world import DcWorld, user_name
from tests.system.world import CLARA, DANA, MARCO, PRIYA, START, TOMAS

pytest.importorskip("jira820", reason="the PyPI package jira820 is not here; .ci/run installs it")

from tests.system.jira820_front import Jira820Front

pytestmark = pytest.mark.long
PEOPLE = {
    "priya.nair": "Priya Nair",
    "tomas.berg": "Tomas Berg",
    "marco.rossi": "Marco Rossi",
    "dana.kim": "Dana Kim",
    "ines.duarte": "Ines Duarte",
    "ravi.patel": "Ravi Patel",
    "tieout": "Tieout",
}


@pytest.fixture
def backend() -> str:
    """One database is enough here: what is asked is about Jira."""
    return "sqlite"


@pytest.fixture
def front() -> Jira820Front:
    tokens = {user_name(name): name for name in PEOPLE} | {BOT_TOKEN: "tieout"}
    return Jira820Front(ManualClock(START), PEOPLE, tokens)


@pytest.fixture
def world(database_url: str, front: Jira820Front, tmp_path: Path) -> Iterator[DcWorld]:
    db = open_database(database_url, clock=front.clock.now, is_durable=False)
    yield DcWorld(db, front.clock, tmp_path, front)
    db.dispose()


def mirrored(world: DcWorld, **more: Any) -> str:
    """The key of the task's issue."""
    world.add_request(**more)
    world.settle()
    return world.key(world.task())


def card_of(world: DcWorld, record: Record) -> str:
    return str(world.issue(world.key(record))["status"]["name"])


def test_a_request_and_its_task_are_issues_with_all_that_was_said(world: DcWorld) -> None:
    card = mirrored(world)
    request, task = world.issue(world.key(world.request())), world.issue(card)
    assert (request["issuetype"]["name"], task["issuetype"]["name"]) == ("Audit Request", "Task")
    assert (task["duedate"], task["assignee"]["name"]) == ("2026-12-14", "priya.nair")
    assert {"tieout", f"tieout-{world.task().uid}"} <= set(task["labels"])
    assert "h3. What good evidence looks like" in task["description"]
    (link,) = task["issuelinks"]
    assert link["outwardIssue"]["key"] == world.key(world.request())
    assert world.page()["title"].startswith("R-001")


def test_a_second_look_writes_nothing(world: DcWorld, front: Jira820Front) -> None:
    mirrored(world)
    world.settle()
    front.writes.clear()
    world.site.calls.clear()
    world.settle()
    assert (front.writes, world.writes()) == ([], [])


def test_status_goes_both_ways(world: DcWorld) -> None:
    card = mirrored(world)
    world.move(PRIYA, card, "In Progress")
    world.settle()
    assert (world.task().status, world.request().status) == ("in_progress", "in_progress")
    assert card_of(world, world.request()) == "In Progress"


def test_done_by_an_owner_is_at_most_ready_for_review(world: DcWorld) -> None:
    card = mirrored(world)
    world.move(PRIYA, card, "Done")
    world.settle()
    assert world.task().status != "done"
    assert world.issue(card)["status"]["name"] != "Done"


def test_a_due_date_goes_both_ways(world: DcWorld) -> None:
    card = mirrored(world)
    world.jira_call(PRIYA, "PUT", f"/issue/{card}", json={"fields": {"duedate": "2026-12-10"}})
    world.settle()
    assert world.task().due_on == date(2026, 12, 10)
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-08")
    world.settle()
    world.settle()
    assert world.request().auditor_due_on == date(2026, 12, 8)
    assert world.issue(card)["duedate"] == "2026-12-08"


def test_owner_and_priority_are_jiras(world: DcWorld) -> None:
    card = mirrored(world)
    wanted = {"assignee": {"name": "tomas.berg"}, "priority": {"name": "High"}}
    world.jira_call(DANA, "PUT", f"/issue/{card}", json={"fields": wanted})
    world.settle()
    assert (world.task().owner, world.task().priority) == (TOMAS, "high")


def test_comments_go_both_ways_once(world: DcWorld) -> None:
    card = mirrored(world)
    world.jira_call(PRIYA, "POST", f"/issue/{card}/comment", json={"body": "auditor: the *March* export follows"})
    world.person(CLARA).comment_page(world.page()["id"], "Is {this} the *whole* population?")
    for _ in range(3):
        world.settle()
    texts = [comment["body"] for comment in world.jira_call(DANA, "GET", f"/issue/{card}/comment")["comments"]]
    assert sum(r"Is \{this\} the \*whole\* population?" in text for text in texts) == 1
    told = world.person(CLARA).call(
        "GET", f"/wiki/api/v2/pages/{world.page()['id']}/footer-comments?body-format=storage"
    )
    bodies = [result["body"]["storage"]["value"] for result in told["results"]]
    assert sum("the March export follows" in body for body in bodies) == 1


def test_a_file_goes_round_from_the_owner_to_the_auditors_acceptance(world: DcWorld) -> None:
    card = mirrored(world)
    world.jira_call(PRIYA, "POST", f"/issue/{card}/attachments", files={"file": ("Q3 list.csv", b"a,b\n", "text/csv")})
    world.move(PRIYA, card, "In Review")
    world.settle()
    assert world.task().status == "ready_for_review"
    world.move(MARCO, card, "With Auditor")
    world.settle()
    world.move(DANA, world.key(world.request()), "With Auditor")
    world.settle()
    assert world.request().status == "submitted"
    assert [file["title"] for file in world.person(CLARA).files_of_page(world.page()["id"])] == ["Q3 list.csv"]
    world.person(CLARA).comment_page(world.page()["id"], "accept")
    world.settle()
    world.settle()
    assert (world.request().status, world.task().status) == ("accepted", "done")
    assert {card_of(world, world.request()), card_of(world, world.task())} == {"Done"}


def test_a_lost_answer_to_a_create_makes_nothing_twice(world: DcWorld, front: Jira820Front) -> None:
    create = front._create_many

    def lost(elements: list[dict[str, Any]], name: str) -> Response:
        create(elements, name)
        front._create_many = create  # type: ignore[method-assign]  # the next create is answered
        raise TimeoutError

    front._create_many = lost  # type: ignore[method-assign]  # made, and its answer lost
    world.add_request()
    for _ in range(5):
        world.settle()
        world.clock.advance(600)
    assert len(front.store.issues) == 2
    assert world.link(world.task(), LinkRole.ISSUE).remote_id
