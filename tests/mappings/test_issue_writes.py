"""What is written to a card: owners nobody can assign, first runs after a create, watchers, new issues and routes."""

from dataclasses import replace
from typing import Any

import pytest

from mappings.actions import MoveIssue, Watch
from mappings.issue_plan import draft_issue, plan_issue, route_for
from mappings.records import Kind, Person
from mappings.rules import Route
from mappings.text import plain
from tests.mappings.issue_desk import LATER, assert_at_rest, card_of, desk_of, explanations, task_of
from tests.mappings.paper_world import (
    ADA,
    CORA,
    MIA,
    PAGE_URL,
    PEOPLE,
    REQUEST,
    TASK,
    TIEOUT,
    WORKING,
    Desk,
    Paper,
    audit_context,
    evidence,
    family_of,
    site_words,
)

NAMELESS = "name:ada l."


def unresolvable() -> Desk:
    """The list names an owner whom no account is known for, so the card has no assignee."""
    family = family_of("open", "todo")
    family = family.with_record(replace(family.tasks[0], owner=NAMELESS))
    return Desk.agreed(replace(family, evidence=(evidence(),)), audit_context())


def test_an_owner_whom_no_account_is_known_for_leaves_the_card_unassigned() -> None:
    desk = unresolvable()
    assert_at_rest(desk)
    desk.family = desk.family.with_record(replace(task_of(desk), owner="name:someone else", priority="low"))
    desk.round()
    assert card_of(desk).view.assignee is None
    assert task_of(desk).owner == "name:someone else"
    assert_at_rest(desk)


def test_whoever_takes_the_card_of_an_owner_without_an_account_becomes_the_owner() -> None:
    desk = unresolvable()
    card_of(desk).edit(MIA, assignee=MIA, status_id="20")
    intake, _ = desk.round()
    assert (task_of(desk).owner, task_of(desk).status) == ("mia@acme.example", "in_progress")
    assert explanations(intake) == []
    assert_at_rest(desk)


def test_once_the_account_of_an_owner_is_known_the_card_is_assigned() -> None:
    desk = unresolvable()
    person = Person(NAMELESS, "Ada L.", account_id="5b-ada-l")
    desk.ctx = audit_context({**PEOPLE, NAMELESS: person})
    desk.round()
    assert card_of(desk).view.assignee == "5b-ada-l"
    assert_at_rest(desk)


def just_created(status_id: str, status: str = "todo") -> Desk:
    """After a create: the status's base is unknown, for only a read shows where the workflow begins."""
    desk = desk_of(status, "open")
    card = card_of(desk)
    card.view = replace(card.view, status_id=status_id)
    theirs = {name: value for name, value in card.link.base_theirs.items() if name != "status"}
    card.link = replace(card.link, base_theirs=theirs)
    return desk


def test_the_first_run_after_a_create_finds_the_card_where_it_should_be() -> None:
    desk = just_created("10")
    intake, actions = desk.round()
    assert (intake.notes, intake.say, actions) == ((), (), [])
    assert card_of(desk).link.base_theirs["status"] == "10"


def test_the_first_run_after_a_create_moves_a_card_that_began_elsewhere() -> None:
    desk = just_created("20")
    intake, _ = desk.round()
    assert (intake.notes, intake.say) == ((), ())
    assert (task_of(desk).status, card_of(desk).view.status_id) == ("todo", "10")
    assert_at_rest(desk)


def test_the_first_run_after_a_create_takes_a_move_that_somebody_made_meanwhile() -> None:
    desk = just_created("10")
    card_of(desk).edit(ADA, status_id="20")
    desk.round()
    assert task_of(desk).status == "in_progress"
    assert_at_rest(desk)


def test_our_own_write_whose_base_was_lost_is_not_taken_for_somebodys() -> None:
    desk = desk_of()
    desk.family = desk.family.with_record(replace(task_of(desk), status="ready_for_review", priority="low"))
    agreed = card_of(desk).link
    desk.round()
    card_of(desk).link = agreed
    intake, actions = desk.round()
    assert (intake.say, actions) == ((), [])
    assert {note.who for note in intake.notes} <= {"tieout"}
    assert_at_rest(desk)


def test_our_own_write_that_is_outdated_meanwhile_is_written_again_and_not_explained() -> None:
    desk = desk_of()
    card_of(desk).edit(TIEOUT, priority="Low", status_id="40")
    intake, _ = desk.round()
    assert (intake.notes, intake.say) == ((), ())
    assert (card_of(desk).view.priority, card_of(desk).view.status_id) == ("Medium", "20")
    assert_at_rest(desk)


def test_a_description_that_jira_lays_out_otherwise_is_the_same() -> None:
    desk = desk_of()
    view = card_of(desk).view
    card_of(desk).view = replace(view, description=view.description.replace("\n", "\n\n").replace("- ", "* "))
    assert_at_rest(desk)


def test_the_managers_who_follow_a_record_are_made_watchers_once() -> None:
    desk = desk_of()
    desk.family = desk.family.with_record(replace(task_of(desk), watchers=("mia@acme.example", "sam@acme.example")))
    _, actions = desk.round()
    watches = [action for action in actions if isinstance(action, Watch)]
    assert [(watch.account_id, watch.reason) for watch in watches] == [(MIA, "Mia Boss follows this record")]
    assert_at_rest(desk)


def test_in_a_closed_audit_everything_on_the_board_is_put_back() -> None:
    family = replace(family_of("in_progress", "in_progress"), evidence=(evidence(),))
    desk = Desk.agreed(family, audit_context(is_closed=True))
    before = task_of(desk)
    card_of(desk).edit(CORA, status_id="10", due_on=LATER, is_flagged=True)
    intake, _ = desk.round()
    assert task_of(desk) == before
    assert all("closed" in plain(say.body) for say in explanations(intake))
    assert len(explanations(intake)) == 3
    assert_at_rest(desk)


def test_a_new_issue_says_everything_at_once() -> None:
    ctx, family = audit_context(), family_of("open", "todo")
    words = site_words()
    action = draft_issue(
        family.tasks[0], family, ctx, words, Route(project="SEC", fields={"c1": 1}), page_url=PAGE_URL, link_to="AUD-1"
    )
    draft = action.draft
    assert (draft.project, draft.assignee, draft.priority, draft.due_on) == ("SEC", ADA, "Medium", WORKING)
    assert (draft.status_id, draft.link_to, draft.fields) == ("10", "AUD-1", {"c1": 1})
    assert draft.marker in draft.labels
    paper = Paper.agreed(family.tasks[0], family, ctx, words, PAGE_URL)
    assert action.said == {name: value for name, value in paper.link.base_ours.items() if name != "watchers"}


def test_an_escalated_record_is_flagged_after_its_issue_was_made() -> None:
    desk = desk_of()
    late = replace(task_of(desk), escalation_level=2)
    desk.family = desk.family.with_record(late)
    words = desk.words(late)
    action = draft_issue(late, desk.family, desk.ctx, words, Route(project="SEC"), page_url=PAGE_URL, link_to=None)
    card = Paper.agreed(late, desk.family, desk.ctx, words, PAGE_URL)
    card.view = replace(card.view, is_flagged=False)
    card.link = replace(card.link, base_ours=action.said, base_theirs={**card.link.base_theirs, "flag": False})
    desk.issues[TASK.uid] = card
    desk.round()
    assert card_of(desk).view.is_flagged
    assert_at_rest(desk)


@pytest.mark.parametrize(
    ("change", "project"),
    [
        ({"team": "security"}, "SEC"),
        ({"team": "People", "criteria": ("CC6.2",)}, "IAM"),
        ({"controls": ("AC-12",), "criteria": ()}, "OPS"),
        ({"category": "hr", "criteria": (), "controls": ()}, "HR"),
        ({"team": "Legal", "criteria": (), "controls": ()}, "WORK"),
    ],
)
def test_a_task_goes_to_the_first_route_that_fits_and_a_request_to_the_audits_project(
    change: dict[str, Any], project: str
) -> None:
    routes = (
        Route(team="Security", project="SEC"),
        Route(criterion="CC6.2", project="IAM"),
        Route(control="AC-12", project="OPS"),
        Route(category="HR", project="HR"),
    )
    ctx = audit_context(routes=routes, default_task_project="WORK")
    assert route_for(replace(TASK, **change), ctx).project == project
    assert route_for(replace(REQUEST, **change), ctx).project == "AUD"
    assert Kind.REQUEST is REQUEST.kind


def test_a_transition_brings_what_its_screen_requires() -> None:
    desk = desk_of()
    words = replace(desk.words(task_of(desk)), transition_fields={"40": {"resolution": {"name": "Done"}}})
    moved = replace(task_of(desk), status="ready_for_review")
    family = desk.family.with_record(moved)
    (move,) = plan_issue(moved, card_of(desk).link, card_of(desk).view, family, desk.ctx, words, PAGE_URL)
    assert isinstance(move, MoveIssue)
    assert (move.status_id, move.fields) == ("40", {"resolution": {"name": "Done"}})
