"""People who try what they should not, or do what nobody thought of: only an auditor decides, inside stays inside."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from connector.sandbox.jira.adf import from_text
from mappings.records import LinkRole
from sync.keys import record_key
from sync.store import Store
from sync.work import LIVE, dead, mark
from tests.system.looks import second_run_writes, texts_on
from tests.system.scenes import decided, handed_in, let_pass, mirrored, submitted
from tests.system.world import CLARA, DANA, INES, MARCO, PRIYA, TOMAS, World


def on_the_page(world: World) -> str:
    """Everything an auditor reads there: the page and what was said under it."""
    page_id = world.page()["id"]
    clara = world.person(CLARA)
    said = clara.call("GET", f"/wiki/api/v2/pages/{page_id}/footer-comments?body-format=storage&limit=250")["results"]
    return str(world.page()["body"]) + str(said) + str([clara.replies(each["id"]) for each in said])


def tick(world: World, who: str, note: str = "") -> None:
    """Tick the decision task by editing the page."""
    page = world.page()
    value = page["body"]["storage"]["value"]
    head, task, tail = value.rpartition("<ac:task-status>incomplete</ac:task-status>")
    assert task
    world.person(who).write_page(page, f"{head}<ac:task-status>complete</ac:task-status>{tail}{note}")


def test_the_auditors_tick_accepts_and_nobody_elses(world: World) -> None:
    submitted(world)
    tick(world, DANA)
    world.settle()
    assert world.request().status == "submitted"
    tick(world, CLARA)
    world.settle()
    assert world.request().status == "accepted"


def test_a_tick_of_the_owner_is_not_the_auditors_who_edits_the_page_after_it(world: World) -> None:
    submitted(world)
    tick(world, DANA)
    page = world.page()
    world.person(CLARA).write_page(page, page["body"]["storage"]["value"] + "<p>seen, more tomorrow</p>")
    world.settle()
    assert world.request().status == "submitted"
    with world.db.read() as conn:
        assert Store(conn).decisions.of([world.request().uid])[world.request().uid] == ()
    assert "saved more than once" in on_the_page(world)
    assert "seen, more tomorrow" in on_the_page(world)


def test_an_auditor_ticks_and_writes_a_note_in_one_go(world: World) -> None:
    submitted(world)
    tick(world, CLARA, note="<p>fine for Q1</p>")
    world.settle()
    assert world.request().status == "accepted"
    assert "fine for Q1" in on_the_page(world)


def test_a_date_of_the_owner_is_not_the_auditors_who_edits_the_page_after_it(world: World) -> None:
    mirrored(world)
    page = world.page()
    world.person(DANA).write_page(page, page["body"]["storage"]["value"].replace("2026-12-14", "2027-03-31"))
    page = world.page()
    world.person(CLARA).write_page(page, page["body"]["storage"]["value"] + "<p>seen</p>")
    world.settle()
    assert world.request().auditor_due_on == date(2026, 12, 14)
    assert "<p>seen</p>" in world.page()["body"]["storage"]["value"]


def test_what_was_said_inside_is_not_the_reason_shown_to_the_auditor(world: World) -> None:
    mirrored(world)
    card = world.key(world.request())
    world.person(PRIYA).move(card, "In Progress")
    world.settle()
    world.person(PRIYA).comment_issue(card, "between us: the logs of May are gone")
    world.person(PRIYA).move(card, "Blocked")
    let_pass(world, 120)
    assert "logs of May" not in on_the_page(world)


@pytest.mark.parametrize("text", ["auditor: the logs of May are gone", "question: are the logs of May needed?"])
def test_a_restricted_comment_stays_inside_whatever_it_begins_with(world: World, text: str) -> None:
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")
    world.settle()
    body = {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}],
    }
    group = next(iter(sorted(world.site.account_by_email(PRIYA).groups)))  # type: ignore[union-attr]  # she is there
    visibility = {"type": "group", "value": group, "identifier": group}
    world.person(PRIYA).call("POST", f"/rest/api/3/issue/{card}/comment", json={"body": body, "visibility": visibility})
    let_pass(world, 120)
    assert "logs of May" not in on_the_page(world)
    assert world.request().status == "in_progress"


def test_a_question_of_somebody_who_has_no_part_in_it_stays_inside(world: World) -> None:
    card = mirrored(world)
    world.person(INES).comment_issue(card, "question: do we have these logs at all?")
    let_pass(world, 120)
    assert "do we have these logs" not in on_the_page(world)
    assert any("stayed inside" in text for text in texts_on(world, card))


def test_a_comment_edited_afterwards_is_not_a_decision(world: World) -> None:
    submitted(world)
    page_id = world.page()["id"]
    comment = world.person(CLARA).comment_page(page_id, "I will look at it tomorrow")
    world.settle()
    body = {"version": {"number": 2}, "body": {"representation": "storage", "value": "<p>accept</p>"}}
    world.person(CLARA).call("PUT", f"/wiki/api/v2/footer-comments/{comment}", json=body)
    let_pass(world, 120)
    assert world.request().status == "submitted"


def test_a_file_attached_twice_is_one_piece_of_evidence(world: World) -> None:
    card = mirrored(world)
    for _ in range(2):
        world.person(PRIYA).attach(card, "list.csv", b"a,b\n")
    world.settle()
    with world.db.read() as conn:
        evidence = Store(conn).evidence.of([world.request().uid])[world.request().uid]
        assert dead(conn) == []
    assert [item.version for item in evidence] == [1]


def test_the_same_file_handed_in_by_two_owners_is_evidence_of_both(world: World) -> None:
    card = mirrored(world)
    task = world.task()
    other = replace(task, uid="e" * 32, number="R-001/2", owner=TOMAS, version=1)
    with world.db.write() as conn:
        Store(conn).records.add(other)
        mark(conn, [record_key(other.uid)], lane=LIVE)
    world.settle()
    for who, key in ((PRIYA, card), (TOMAS, world.key(other))):
        world.person(who).move(key, "In Progress")
        world.person(who).attach(key, "policy.pdf", b"the same policy")
        world.person(who).move(key, "In Review")
        world.settle()
    assert [world.task(index=index).status for index in (0, 1)] == ["ready_for_review"] * 2
    assert world.request().status == "internal_review"


def test_a_busy_card_is_still_known_to_have_been_moved_by_the_reviewer(world: World) -> None:
    """Among many issues Jira shows only the newest forty changes, which an automation fills in a night."""
    card = handed_in(world)
    world.person(MARCO).move(card, "With Auditor")
    for number in range(45):
        world.clock.advance(1)
        world.person(INES).set_fields(card, environment=from_text(f"Looked at {number} times"))
    let_pass(world, 120)
    assert world.task().status == "approved"
    assert world.person(DANA).status(card) == "With Auditor"


def test_of_two_tasks_one_approved_releases_its_own_files_alone(world: World) -> None:
    card = mirrored(world)
    other = replace(world.task(), uid="e" * 32, number="R-001/2", owner=TOMAS, version=1)
    with world.db.write() as conn:
        Store(conn).records.add(other)
        mark(conn, [record_key(other.uid)], lane=LIVE)
    world.settle()
    for who, key, name in ((PRIYA, card, "one.csv"), (TOMAS, world.key(other), "two.csv")):
        world.person(who).move(key, "In Progress")
        world.person(who).attach(key, name, name.encode())
        world.person(who).move(key, "In Review")
    world.settle()
    world.person(MARCO).move(card, "With Auditor")
    let_pass(world, 120)
    assert [world.task(index=index).status for index in (0, 1)] == ["approved", "ready_for_review"]
    assert [file["title"] for file in world.person(CLARA).files_of_page(world.page()["id"])] == ["one.csv"]
    assert "two.csv" not in on_the_page(world)
    world.person(DANA).move(world.key(world.request()), "With Auditor")
    let_pass(world, 120)
    assert world.request().status != "submitted"
    assert "two.csv" not in on_the_page(world)


def test_a_task_added_after_the_submission_shows_the_auditor_nothing_unreviewed(world: World) -> None:
    submitted(world)
    late = replace(world.task(), uid="e" * 32, number="R-001/2", owner=TOMAS, version=1, status="todo")
    with world.db.write() as conn:
        Store(conn).records.add(late)
        mark(conn, [record_key(late.uid)], lane=LIVE)
    world.settle()
    world.person(TOMAS).attach(world.key(late), "late.csv", b"late")
    world.person(TOMAS).move(world.key(late), "In Review")
    let_pass(world, 120)
    decided(world, "accept")
    world.person(DANA).attach_to_page(world.page()["id"], "access-review.csv", b"something else\n")
    let_pass(world, 180)
    assert "late.csv" not in on_the_page(world)
    assert [file["title"] for file in world.person(CLARA).files_of_page(world.page()["id"])] == ["access-review.csv"]


def test_an_owner_named_as_reviewer_too_does_not_review_but_somebody_can(world: World) -> None:
    world.add_request(reviewer=PRIYA)
    world.settle()
    card = world.key(world.task())
    priya = world.person(PRIYA)
    priya.move(card, "In Progress")
    priya.attach(card, "list.csv", b"a\n")
    priya.move(card, "In Review")
    world.settle()
    priya.move(card, "With Auditor")
    world.settle()
    assert world.task().status == "ready_for_review"
    world.person(INES).move(card, "With Auditor")
    world.settle()
    assert world.task().status == "approved"


def test_an_accept_written_before_a_file_was_added_does_not_cover_it(world: World) -> None:
    submitted(world)
    page_id = world.page()["id"]
    world.person(CLARA).comment_page(page_id, "accept")
    world.clock.advance(5)
    world.person(DANA).attach_to_page(page_id, "addendum.csv", b"unseen\n")
    let_pass(world, 120)
    with world.db.read() as conn:
        decisions = Store(conn).decisions.of([world.request().uid])[world.request().uid]
    assert all("addendum.csv" not in line for decision in decisions for line in decision.evidence)
    assert world.request().status == "submitted"


def test_a_withdrawn_request_takes_its_tasks_along_and_then_rests(world: World) -> None:
    card = handed_in(world)
    with world.db.write() as conn:
        store = Store(conn)
        store.records.put(replace(store.records.get([world.request().uid])[world.request().uid], status="withdrawn"))
        store.records.put(replace(store.records.get([world.task().uid])[world.task().uid], status="cancelled"))
        mark(conn, [record_key(world.request().uid), record_key(world.task().uid)], lane=LIVE)
    let_pass(world, 120)
    assert world.person(PRIYA).status(card) == "Done"
    world.person(CLARA).comment_page(world.page()["id"], "accept")
    let_pass(world, 120)
    assert world.request().status == "withdrawn"
    assert second_run_writes(world) == []
    with world.db.read() as conn:
        assert dead(conn) == []
    assert world.link(world.request(), LinkRole.PAGE).remote_id == world.page()["id"]
