"""One request goes round: mirrored, worked on, reviewed, submitted, returned, accepted."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

from mappings.records import LinkRole
from sync.store import Store
from tests.system.scenes import decided, handed_in, mirrored, submitted
from tests.system.world import CLARA, DANA, MARCO, PRIYA, World


def test_a_request_gets_a_page_and_an_issue_and_its_task_an_issue_in_the_owners_project(world: World) -> None:
    card = mirrored(world)
    assert card.startswith("SEC-")
    issue = world.person(DANA).issue(card)["fields"]
    assert issue["assignee"]["displayName"] == "Priya Nair"
    assert issue["duedate"] == "2026-12-14"
    assert issue["status"]["name"] == "To Do"
    assert world.key(world.request()).startswith("AUD-")
    page = world.page()
    assert page["title"].startswith("R-001 Access review report")
    assert "CC6.2" in page["body"]["storage"]["value"]


def test_a_second_sync_writes_nothing(world: World) -> None:
    mirrored(world)
    world.settle()
    world.site.calls.clear()
    world.sweeps.everything()
    world.settle()
    assert world.writes() == []


def test_the_request_follows_its_task_and_the_board_shows_both(world: World) -> None:
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")
    world.settle()
    assert (world.task().status, world.request().status) == ("in_progress", "in_progress")
    assert world.person(DANA).status(world.key(world.request())) == "In Progress"
    assert "IN PROGRESS" in world.page()["body"]["storage"]["value"].upper()


def test_an_owners_done_means_ready_for_review(world: World) -> None:
    card = mirrored(world)
    priya = world.person(PRIYA)
    priya.move(card, "In Progress")
    priya.attach(card, "list.csv", b"a,b\n")
    priya.move(card, "Done")
    world.settle()
    assert world.task().status == "ready_for_review"
    assert priya.status(card) == "In Review"


def test_without_evidence_the_card_goes_back_and_the_reason_is_said_once(world: World) -> None:
    card = mirrored(world)
    priya = world.person(PRIYA)
    priya.move(card, "In Progress")
    world.settle()
    priya.move(card, "In Review")
    world.settle()
    world.settle()
    assert priya.status(card) == "In Progress"
    said = [comment for comment in priya.comments_of_issue(card) if comment["author"]["displayName"] == "Tieout"]
    assert len(said) == 1


def test_an_owner_cannot_approve_their_own_evidence(world: World) -> None:
    card = handed_in(world)
    world.person(PRIYA).move(card, "With Auditor")
    world.settle()
    assert world.task().status == "ready_for_review"
    assert world.person(PRIYA).status(card) == "In Review"


def test_the_auditor_sees_a_file_only_after_internal_review(world: World) -> None:
    card = handed_in(world)
    before = world.page()
    assert world.person(CLARA).files_of_page(before["id"]) == []
    assert "access-review.csv" not in before["body"]["storage"]["value"]
    world.person(MARCO).move(card, "With Auditor")
    world.settle()
    after = world.page()
    files = world.person(CLARA).files_of_page(after["id"])
    assert [file["title"] for file in files] == ["access-review.csv"]
    assert sha256(b"who,role\npriya,admin\n").hexdigest() in after["body"]["storage"]["value"]


def test_submitting_delivers_the_tasks_and_tells_the_page(world: World) -> None:
    card = submitted(world)
    assert (world.request().status, world.task().status) == ("submitted", "delivered")
    assert world.person(PRIYA).status(card) == "With Auditor"


def test_a_return_brings_the_work_back_with_its_reason_and_a_new_date(world: World) -> None:
    card = submitted(world)
    answer = decided(world, "return: the list ends in June")
    assert "Returned" in answer
    assert (world.request().status, world.task().status) == ("returned", "changes_requested")
    assert world.person(PRIYA).status(card) == "To Do"
    assert world.task().due_on == date(2026, 11, 25)
    texts = str(world.person(PRIYA).comments_of_issue(card))
    assert "the list ends in June" in texts


def test_an_acceptance_closes_the_issues_and_binds_the_files(world: World) -> None:
    card = submitted(world)
    answer = decided(world, "accept")
    assert "Accepted" in answer
    assert (world.request().status, world.task().status) == ("accepted", "done")
    assert world.person(PRIYA).status(card) == "Done"
    with world.db.read() as conn:
        decision = Store(conn).decisions.of([world.request().uid])[world.request().uid][-1]
    assert decision.by == world.known_as(CLARA)
    assert [line.split(" ", 1)[1] for line in decision.evidence] == ["access-review.csv"]


def test_only_an_auditor_accepts(world: World) -> None:
    submitted(world)
    page = world.page()
    comment = world.person(DANA).comment_page(page["id"], "accept")
    world.settle()
    assert world.request().status == "submitted"
    assert "only the auditors" in world.person(DANA).replies(comment)[0]["body"]["storage"]["value"]
    world.person(DANA).move(world.key(world.request()), "Done")
    world.settle()
    assert world.request().status == "submitted"
    assert world.person(DANA).status(world.key(world.request())) == "With Auditor"


def test_a_file_changed_after_the_acceptance_takes_it_back(world: World) -> None:
    submitted(world)
    decided(world, "accept")
    page = world.page()
    world.person(DANA).attach_to_page(page["id"], "access-review.csv", b"something else\n")
    world.settle()
    assert world.request().status == "submitted"
    assert world.task().status == "delivered"


def test_a_request_returned_and_handed_in_again_is_accepted_in_the_end(world: World) -> None:
    card = submitted(world)
    decided(world, "return: the list ends in June")
    priya = world.person(PRIYA)
    priya.move(card, "In Progress")
    priya.attach(card, "access-review.csv", b"the whole year\n")
    priya.move(card, "In Review")
    world.settle()
    world.person(MARCO).move(card, "With Auditor")
    world.settle()
    world.person(DANA).move(world.key(world.request()), "With Auditor")
    world.settle()
    decided(world, "Accept.")
    assert world.request().status == "accepted"
    with world.db.read() as conn:
        versions = [item.version for item in Store(conn).evidence.of([world.request().uid])[world.request().uid]]
    assert versions == [1, 2]
    assert len(world.person(CLARA).files_of_page(world.page()["id"])) == 1
    world.site.calls.clear()
    world.sweeps.everything()
    world.settle()
    assert world.writes() == []


def test_every_record_has_one_issue_and_one_page(world: World) -> None:
    submitted(world)
    assert len(world.issues_marked(world.request())) == 1
    assert len(world.issues_marked(world.task())) == 1
    assert world.link(world.request(), LinkRole.PAGE).remote_id == world.page()["id"]
