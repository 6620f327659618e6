"""Dates, owners, priorities, text, comments: who may change what where, and what others see of it."""

from __future__ import annotations

from datetime import date
from hashlib import sha256

import pytest

from mappings.records import LinkRole, LinkState, marker
from sync.polls import Polls
from sync.store import Store
from tests.system.looks import texts_on
from tests.system.scenes import added_on_the_board, decided, let_pass, mirrored, submitted, use_rules
from tests.system.world import AUDIT, CLARA, DANA, PRIYA, TOMAS, World
from webhooks.state_of_audits import state_of


def test_an_owner_moves_the_working_date_up_to_the_auditors(world: World) -> None:
    card = mirrored(world)
    world.person(PRIYA).set_due(card, date(2026, 12, 10))
    world.settle()
    assert world.task().due_on == date(2026, 12, 10)


def test_a_later_date_is_an_extension_request_and_the_old_date_stands(world: World) -> None:
    card = mirrored(world)
    world.person(PRIYA).set_due(card, date(2027, 1, 20))
    world.settle()
    assert (world.task().due_on, world.task().extension_on) == (date(2026, 12, 14), date(2027, 1, 20))
    assert world.person(PRIYA).issue(card)["fields"]["duedate"] == "2026-12-14"
    assert any("2027-01-20" in text for text in texts_on(world, card))


def test_a_new_assignee_and_priority_are_taken_from_jira(world: World) -> None:
    card = mirrored(world)
    world.person(DANA).set_fields(card, assignee={"accountId": world.account(TOMAS)}, priority={"name": "High"})
    world.settle()
    assert (world.task().owner, world.task().priority) == (TOMAS, "high")


def test_text_the_auditor_wrote_is_put_back_and_explained(world: World) -> None:
    card = mirrored(world)
    summary = world.person(DANA).issue(card)["fields"]["summary"]
    world.person(PRIYA).set_fields(card, summary="do later")
    world.settle()
    assert world.person(DANA).issue(card)["fields"]["summary"] == summary
    assert len(texts_on(world, card)) == 1


def test_labels_of_people_stay(world: World) -> None:
    card = mirrored(world)
    labels = world.person(DANA).issue(card)["fields"]["labels"]
    world.person(PRIYA).set_fields(card, labels=[*labels, "quarter-end"])
    world.person(PRIYA).move(card, "In Progress")
    world.settle()
    assert set(world.person(DANA).issue(card)["fields"]["labels"]) == {*labels, "quarter-end"}


def test_a_comment_in_jira_stays_inside_unless_it_is_for_the_auditor(world: World) -> None:
    card = mirrored(world)
    priya = world.person(PRIYA)
    priya.comment_issue(card, "who has the March export?")
    priya.comment_issue(card, "auditor: the March export follows on Friday")
    world.settle()
    answer = world.person(CLARA).call(
        "GET", f"/wiki/api/v2/pages/{world.page()['id']}/footer-comments?body-format=storage"
    )
    texts = [result["body"]["storage"]["value"] for result in answer["results"]]
    assert len(texts) == 1
    assert "the March export follows on Friday" in texts[0]
    assert "Priya Nair" in texts[0]


def test_an_auditors_comment_reaches_the_owner_once(world: World) -> None:
    card = mirrored(world)
    world.person(CLARA).comment_page(world.page()["id"], "Is this the whole population?")
    world.settle()
    world.settle()
    assert sum("whole population" in text for text in texts_on(world, card)) == 1


@pytest.mark.parametrize(
    ("text", "is_hinted"), [("question: which quarter?", True), ("Which quarter?", True), ("escalate: too slow", False)]
)
def test_what_the_auditor_asks_says_on_the_card_how_to_answer(world: World, text: str, is_hinted: bool) -> None:
    card = mirrored(world)
    world.person(CLARA).comment_page(world.page()["id"], text)
    world.settle()
    (said,) = (found for found in texts_on(world, card) if text in found)
    assert ("answers this; any other stays inside" in said) is is_hinted


def test_a_file_the_auditor_puts_on_the_page_is_recorded_and_told_to_the_owner_once(world: World) -> None:
    card = mirrored(world)
    world.person(CLARA).attach_to_page(world.page()["id"], "selections.csv", b"25 samples\n")
    world.settle()
    world.settle()
    assert "selections.csv" in world.page()["body"]["storage"]["value"]
    assert sha256(b"25 samples\n").hexdigest() in world.page()["body"]["storage"]["value"]
    told = [text for text in texts_on(world, card) if "selections.csv" in text]
    assert len(told) == 1
    assert "Clara Weiss" in told[0]


def test_the_auditors_due_date_reaches_issue_and_page(world: World) -> None:
    card = mirrored(world)
    assert "2026-12-01" in decided(world, "due 2026-12-01")
    assert world.person(DANA).issue(card)["fields"]["duedate"] == "2026-12-01"
    assert "2026-12-01" in world.page()["body"]["storage"]["value"]


def test_the_due_cell_is_an_auditors_to_edit_and_nobody_elses(world: World) -> None:
    mirrored(world)
    for email, expected in ((DANA, date(2026, 12, 14)), (CLARA, date(2026, 12, 4))):
        page = world.page()
        value = page["body"]["storage"]["value"]
        world.person(email).write_page(page, value.replace("2026-12-14", "2026-12-04"))
        world.settle()
        assert world.request().auditor_due_on == expected
        assert expected.isoformat() in world.page()["body"]["storage"]["value"]


def test_peoples_text_on_the_page_survives_every_write(world: World) -> None:
    card = mirrored(world)
    page = world.page()
    own = "<p>Ours: <strong>näive</strong> &amp; kept</p>"
    world.person(DANA).write_page(page, page["body"]["storage"]["value"] + own)
    world.settle()
    world.person(PRIYA).move(card, "In Progress")
    world.settle()
    assert world.page()["body"]["storage"]["value"].endswith(own)


@pytest.mark.parametrize("text", ["accept", "return", "due tomorrow", "due 2026-12-01"])
def test_an_auditors_command_is_answered_on_the_page_and_not_repeated_on_the_cards(world: World, text: str) -> None:
    card = mirrored(world)
    decided(world, text)
    assert not any(text in said for said in texts_on(world, card))
    assert not any(text in said for said in texts_on(world, world.key(world.request())))


def test_an_owners_question_stops_the_clock_until_the_auditor_answers(world: World) -> None:
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")
    world.settle()
    world.person(PRIYA).comment_issue(card, "question: which quarter do you mean?")
    world.settle()
    assert world.request().status == "needs_clarification"
    decided(world, "answer: the fourth")
    assert world.request().status == "in_progress"
    assert any("the fourth" in text for text in texts_on(world, card))


@pytest.mark.parametrize("text", ["return", "due 01/12/2026"])
def test_a_command_that_cannot_be_read_is_answered_and_changes_nothing(world: World, text: str) -> None:
    submitted(world)
    before = world.request()
    decided(world, text)
    assert world.request().status == before.status
    assert world.request().auditor_due_on == before.auditor_due_on


def test_a_deleted_issue_is_a_detached_link_and_is_not_made_again(world: World) -> None:
    card = mirrored(world)
    world.person(DANA)
    from connector.sandbox.seed import BOT_EMAIL

    world.person(BOT_EMAIL).call("DELETE", f"/rest/api/3/issue/{card}")
    world.sweeps.everything()
    world.settle()
    assert world.link(world.task()).state is LinkState.DETACHED
    world.sweeps.everything()
    world.settle()
    assert world.issues_marked(world.task()) == []


def test_a_task_added_on_the_board_is_taken_up(world: World) -> None:
    card = added_on_the_board(world)
    world.settle()
    task = world.task(index=1)
    assert (task.number, task.title) == ("R-001/2", "Export from the HR tool")
    assert world.key(task) == card
    assert world.person(DANA).issue(card)["fields"]["summary"] == "Export from the HR tool"
    assert world.link(task, LinkRole.ISSUE).state is LinkState.LIVE


def test_a_task_added_on_the_board_takes_no_number_that_the_auditors_list_has(world: World) -> None:
    """Its number was in use, and no poll of Jira came to its end any more."""
    added_on_the_board(world)
    world.add_request("R-001/2", owner=None)
    let_pass(world, 120)
    assert (world.task(index=1).number, world.task(index=1).title) == ("R-001/3", "Export from the HR tool")


def test_a_closed_audit_gets_no_task_any_more(world: World) -> None:
    added_on_the_board(world)
    use_rules(world, is_closed=True)
    world.polls = Polls(world.db, world.new_sites())
    let_pass(world, 120)
    with world.db.read() as conn:
        (tasks,) = Store(conn).records.tasks_of([world.request().uid]).values()
    assert [task.number for task in tasks] == ["R-001/1"]


def test_a_card_taken_up_from_the_board_keeps_its_words_and_gets_our_labels_without_a_remark(world: World) -> None:
    said = {"type": "text", "text": "The one from April, see Tom", "marks": [{"type": "em"}]}
    words = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [said]}]}
    card = added_on_the_board(world, description=words)
    world.settle()
    world.settle()
    issue = world.person(DANA).issue(card)["fields"]
    assert issue["description"] == words
    assert marker(world.task(index=1).uid) in issue["labels"]
    assert texts_on(world, card) == []


def test_the_coordinator_sees_what_was_put_back_and_what_was_asked_for(world: World) -> None:
    card = mirrored(world)
    world.person(PRIYA).set_due(card, date(2027, 1, 20))
    world.person(PRIYA).set_fields(card, summary="do later")
    world.settle()
    with world.db.read() as conn:
        state = state_of(conn, AUDIT, world.rules, world.clock.now())
    assert state.extensions == {"R-001/1": "2027-01-20"}
    assert [line.split(",", 1)[0] for line in state.put_back] == ["R-001/1 due put back", "R-001/1 summary put back"]
    assert all("Priya Nair" in line for line in state.put_back)
