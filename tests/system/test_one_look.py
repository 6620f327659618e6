"""What comes to light in one look is judged as if each thing had been seen when it was done."""

from __future__ import annotations

import pytest

from sync.keys import record_key
from sync.work import LIVE, mark
from tests.system.scenes import handed_in, let_pass, submitted
from tests.system.world import CLARA, DANA, MARCO, PRIYA, World


def shown(world: World) -> list[str]:
    """The files that the auditor sees."""
    return sorted(file["title"] for file in world.person(CLARA).files_of_page(world.page()["id"]))


def without_comments(world: World) -> None:
    """The request has its turn because of something in Jira: nobody reads what is said on its page."""
    with world.db.write() as conn:
        mark(conn, [record_key(world.request().uid)], lane=LIVE)
    world.worker.run_until_quiet()


def test_a_file_that_came_after_the_approval_is_not_let_out_by_it(world: World) -> None:
    card, marco = handed_in(world), world.person(MARCO)
    marco.move(card, "With Auditor")
    world.clock.advance(5)
    world.person(PRIYA).attach(card, "unreviewed.csv", b"nobody looked at this")
    world.settle()
    assert (shown(world), world.task().status, marco.status(card)) == ([], "ready_for_review", "In Review")
    said = [str(comment["body"]) for comment in marco.comments_of_issue(card)]
    assert sum("obody has reviewed unreviewed.csv" in text for text in said) == 1
    world.clock.advance(5)
    marco.move(card, "With Auditor")
    world.settle()
    assert shown(world) == ["access-review.csv", "unreviewed.csv"]


def test_a_file_of_the_requests_own_that_came_after_it_was_submitted_is_not_let_out_by_that(world: World) -> None:
    card = handed_in(world)
    world.person(MARCO).move(card, "With Auditor")
    world.settle()
    request = world.key(world.request())
    world.person(DANA).move(request, "With Auditor")
    world.clock.advance(5)
    world.person(PRIYA).attach(request, "unreviewed.csv", b"nobody looked at this")
    world.settle()
    assert (shown(world), world.request().status) == (["access-review.csv"], "internal_review")


def test_a_file_whose_approval_was_taken_back_before_it_was_on_the_page_stays_inside(world: World) -> None:
    """Confluence took no files just then; when it did, the auditor was shown what the reviewer had sent back."""
    card, marco = handed_in(world), world.person(MARCO)
    world.site.faults.add("status", "PUT", "/child/attachment$", times=9)
    marco.move(card, "With Auditor")
    world.settle()
    assert world.task().status == "approved"
    marco.comment_issue(card, "names of customers are in it")
    marco.move(card, "In Progress")
    world.settle()
    assert world.task().status == "changes_requested"
    world.site.faults.scripted.clear()
    let_pass(world, 1200)
    assert shown(world) == []
    world.person(PRIYA).move(card, "In Review")
    world.settle()
    marco.move(card, "With Auditor")
    let_pass(world, 300)
    assert shown(world) == ["access-review.csv"]


@pytest.mark.parametrize("is_seen_first", [False, True])
def test_an_acceptance_is_not_of_what_somebody_wrote_on_the_page_after_it(world: World, is_seen_first: bool) -> None:
    """It falls when it is heard first; it must not stand for being heard last."""
    submitted(world)
    page, clara = world.page(), world.person(CLARA)
    said = clara.comment_page(page["id"], "accept")
    world.clock.advance(5)
    world.person(PRIYA).write_page(page, page["body"]["storage"]["value"] + "<p>the auditor never saw this</p>")
    if is_seen_first:
        without_comments(world)
    world.settle()
    world.settle()
    assert world.request().status == "submitted"
    (answer,) = clara.replies(said)
    assert "Nothing was changed" in answer["body"]["storage"]["value"]
    clara.comment_page(page["id"], "accept")
    world.settle()
    assert world.request().status == "accepted"


def test_an_acceptance_is_not_of_a_file_that_came_to_the_page_after_it(world: World) -> None:
    card, clara = handed_in(world), world.person(CLARA)
    world.site.faults.add("status", "PUT", "/child/attachment$", times=9)
    world.person(MARCO).move(card, "With Auditor")
    world.settle()
    world.person(DANA).move(world.key(world.request()), "With Auditor")
    world.settle()
    assert (world.request().status, shown(world)) == ("submitted", [])
    said = clara.comment_page(world.page()["id"], "accept")
    world.site.faults.scripted.clear()
    world.clock.advance(300)
    without_comments(world)
    assert shown(world) == ["access-review.csv"]
    world.settle()
    assert world.request().status == "submitted"
    (answer,) = clara.replies(said)
    assert "Nothing was changed" in answer["body"]["storage"]["value"]
    clara.comment_page(world.page()["id"], "accept")
    world.settle()
    assert world.request().status == "accepted"
