"""Both sides moved apart: which value stays, what is kept of the other, and how a person's word ends in agreement."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mappings.actions import EditIssue, MoveIssue
from mappings.context import Intake
from mappings.records import Conflict, LinkRole
from mappings.text import Mention, Paragraph, plain
from tests.mappings.paper_world import ADA, AUDITORS, CORA, MIA, RITA, TASK, Desk, audit_context, evidence, family_of
from tests.mappings.races import FIELDS, assert_at_rest, by, card_of, change_register, race, task_of

LATER, EARLIER, SOONER, SOONEST = date(2026, 12, 20), date(2026, 11, 12), date(2026, 11, 16), date(2026, 11, 11)
ASKED = {name: FIELDS[name] for name in ("owner", "priority", "due")}
"""What the register comes to, what somebody sets in Jira, and the record's field with what that means there."""


def desk_that_asks(*fields: str, status: str = "in_progress") -> Desk:
    family = replace(family_of("in_progress", status), evidence=(evidence(),))
    desk = Desk.agreed(family, audit_context(ask=fields or tuple(ASKED)))
    desk.round()
    return desk


def quarrel(desk: Desk, field: str) -> Intake:
    """The register moved, and so did Ada in Jira; one run."""
    ours, theirs, *_ = ASKED[field]
    change_register(desk, **ours)
    card_of(desk).edit(ADA, **theirs)
    intake, _ = desk.round()
    return intake


def kept(desk: Desk) -> list[tuple[str, str | None]]:
    return [(each.field, each.kept) for each in desk.conflicts.values()]


def the_open(desk: Desk) -> Conflict:
    (conflict,) = desk.open_conflicts(TASK.uid).values()
    return conflict


def in_jira(desk: Desk, field: str) -> object:
    (name,) = ASKED[field][1]
    return getattr(card_of(desk).view, name)


def register_word(desk: Desk, field: str) -> object:
    return getattr(task_of(desk), ASKED[field][2])


@pytest.mark.parametrize("field", list(ASKED))
def test_where_a_person_is_asked_both_values_stay_where_they_are(field: str) -> None:
    desk = desk_that_asks()
    ours, theirs, name, _ = ASKED[field]
    intake = quarrel(desk, field)
    assert (register_word(desk, field), in_jira(desk, field)) == (ours[name], next(iter(theirs.values())))
    assert (the_open(desk).field, the_open(desk).settled_at) == (field, None)
    assert [note.what for note in intake.notes] == ["conflict opened"]
    assert_at_rest(desk)
    assert kept(desk) == [(field, None)]


@pytest.mark.parametrize("field", list(ASKED))
def test_it_is_told_once_in_plain_words_with_who_decides(field: str) -> None:
    desk = desk_that_asks()
    (say,) = quarrel(desk, field).say
    said = plain(say.body)
    assert "was changed in two places at once" in said
    assert (
        "Cora Hale decides which of them stays, by setting it here once more or with `tieout conflicts settle" in said
    )
    block = say.body[0]
    assert isinstance(block, Paragraph)
    assert Mention(CORA, "Cora Hale") in block.runs
    shown = {"owner": ("Rita Reviewer", "Mia Boss"), "priority": ("low", "High"), "due": ("2026-11-16", "2026-11-12")}
    assert all(value in said for value in shown[field])


@pytest.mark.parametrize("field", list(ASKED))
@pytest.mark.parametrize("keep", ["ours", "theirs"])
def test_what_a_person_says_is_carried_out_on_both_sides_and_does_not_open_again(field: str, keep: str) -> None:
    desk = desk_that_asks()
    quarrel(desk, field)
    desk.settle(field, keep)
    desk.round()
    ours, _, name, theirs_means = ASKED[field]
    assert register_word(desk, field) == (ours[name] if keep == "ours" else theirs_means)
    assert desk.open_conflicts(TASK.uid) == {}
    assert_at_rest(desk)
    assert kept(desk) == [(field, keep)]


@pytest.mark.parametrize("field", list(ASKED))
@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "stopped before it was kept"])
@pytest.mark.parametrize("keep", [None, "ours", "theirs"])
def test_what_was_overtaken_waits_for_the_person_too(field: str, keep: str | None, is_kept: bool) -> None:
    desk = desk_that_asks()
    ours, theirs, name, theirs_means = ASKED[field]
    change_register(desk, **ours)
    intake = race(desk, by(ADA, **theirs), is_kept=is_kept)
    assert [note.who for note in intake.notes if note.what == "conflict opened"] == [ADA]
    assert [note.what for note in intake.notes].count("issue written") == (not is_kept)
    assert len(intake.say) == 1
    assert register_word(desk, field) == ours[name]
    assert_at_rest(desk)
    assert the_open(desk).theirs == {"owner": MIA, "priority": "High", "due": "2026-11-12"}[field]
    if keep is None:
        return
    desk.settle(field, keep)
    desk.round()
    desk.round()
    assert register_word(desk, field) == (ours[name] if keep == "ours" else theirs_means)
    if keep == "theirs":
        assert in_jira(desk, field) == next(iter(theirs.values()))
    assert_at_rest(desk)
    assert card_of(desk).link.overtaken is None
    assert kept(desk) == [(field, keep)]


def test_other_fields_go_on() -> None:
    desk = desk_that_asks()
    quarrel(desk, "owner")
    change_register(desk, status="ready_for_review", title="Another title")
    card_of(desk).edit(ADA, priority="Low")
    _, actions = desk.round()
    assert [type(action) for action in actions if action.record == TASK.uid] == [MoveIssue, EditIssue]
    assert (card_of(desk).view.status_id, task_of(desk).priority) == ("40", "low")
    assert "Another title" in card_of(desk).view.summary
    assert (the_open(desk).field, card_of(desk).view.assignee) == ("owner", MIA)
    assert_at_rest(desk)


@pytest.mark.parametrize("side", ["register", "jira"])
def test_a_further_move_renews_the_values_and_is_not_said_again(side: str) -> None:
    desk = desk_that_asks()
    quarrel(desk, "due")
    first = the_open(desk)
    if side == "register":
        change_register(desk, due_on=SOONEST)
    else:
        card_of(desk).edit(ADA, due_on=SOONEST)
    intake, actions = desk.round()
    expected = ("2026-11-11", "2026-11-12") if side == "register" else ("2026-11-16", "2026-11-11")
    assert (the_open(desk).ours, the_open(desk).theirs) == expected
    assert the_open(desk).uid == first.uid
    assert ([note.what for note in intake.notes], intake.say, actions) == (["conflict renewed"], (), [])
    assert_at_rest(desk)


@pytest.mark.parametrize(
    ("ours", "theirs", "stays", "end"),
    [
        ({"due_on": EARLIER}, {}, "both", EARLIER),
        ({}, {"due_on": SOONER}, "both", SOONER),
        ({}, {"due_on": date(2026, 11, 20)}, "ours", SOONER),
        ({"due_on": date(2026, 11, 20)}, {}, "theirs", EARLIER),
    ],
    ids=["the register came to theirs", "Jira came to ours", "Jira took it back", "the register took it back"],
)
def test_it_ends_by_itself_when_the_sides_come_to_agree(
    ours: dict[str, Any], theirs: dict[str, Any], stays: str, end: date
) -> None:
    desk = desk_that_asks()
    quarrel(desk, "due")
    change_register(desk, **ours)
    card_of(desk).edit(ADA, **theirs)
    intake, _ = desk.round()
    assert "conflict closed" in [note.what for note in intake.notes]
    assert (task_of(desk).due_on, card_of(desk).view.due_on) == (end, end)
    assert kept(desk) == [("due", stays)]
    assert_at_rest(desk)


@pytest.mark.parametrize("side", ["register", "jira"])
def test_what_was_overtaken_ends_by_itself_when_somebody_says_more(side: str) -> None:
    desk = desk_that_asks()
    change_register(desk, due_on=SOONER)
    race(desk, by(ADA, due_on=EARLIER))
    if side == "register":
        change_register(desk, due_on=EARLIER)
    else:
        card_of(desk).edit(ADA, due_on=SOONEST)
        desk.round()
        assert the_open(desk).theirs == "2026-11-11"
        card_of(desk).edit(ADA, due_on=SOONER)
    desk.round()
    desk.round()
    assert task_of(desk).due_on == card_of(desk).view.due_on == (EARLIER if side == "register" else SOONER)
    assert kept(desk) == [("due", "both")]
    assert_at_rest(desk)


def test_only_between_values_that_may_stand_is_there_a_choice() -> None:
    desk = desk_that_asks()
    change_register(desk, due_on=SOONER)
    card_of(desk).edit(ADA, due_on=LATER)
    intake, _ = desk.round()
    assert (task_of(desk).due_on, task_of(desk).extension_on, card_of(desk).view.due_on) == (SOONER, LATER, SOONER)
    assert kept(desk) == [("due", "ours")]
    assert "is a request for more time" in plain(intake.say[0].body)
    assert_at_rest(desk)


def test_a_choice_that_is_none_any_more_is_put_back() -> None:
    """The auditor's date moved before both: theirs may not stand now."""
    desk = desk_that_asks()
    change_register(desk, due_on=SOONER)
    card_of(desk).edit(ADA, due_on=AUDITORS)
    desk.round()
    assert kept(desk) == [("due", None)]
    change_register(desk, auditor_due_on=SOONER)
    desk.round()
    assert card_of(desk).view.due_on == SOONER
    assert kept(desk) == [("due", "ours")]
    assert_at_rest(desk)


def test_when_the_mapping_file_stops_asking_the_law_decides_what_waited() -> None:
    for is_overtaken in (False, True):
        desk = desk_that_asks()
        if is_overtaken:
            change_register(desk, owner="rita@acme.example")
            race(desk, by(ADA, assignee=MIA))
        else:
            quarrel(desk, "owner")
        desk.ctx = replace(desk.ctx, rule=desk.ctx.rule.model_copy(update={"ask": ()}))
        desk.round()
        assert (task_of(desk).owner, card_of(desk).view.assignee) == ("mia@acme.example", MIA)
        assert kept(desk) == [("owner", "theirs")]
        assert_at_rest(desk)


def test_a_move_in_jira_alone_is_taken_though_a_person_would_be_asked_if_both_had_moved() -> None:
    desk = desk_that_asks()
    card_of(desk).edit(RITA, assignee=MIA)
    desk.round()
    assert (task_of(desk).owner, desk.conflicts) == ("mia@acme.example", {})


@pytest.mark.parametrize(
    ("ours", "theirs", "field", "stays"),
    [
        ({"priority": "low"}, {"priority": "High"}, "priority", "theirs"),
        ({"owner": "rita@acme.example"}, {"assignee": MIA}, "owner", "theirs"),
        ({"due_on": SOONER}, {"due_on": EARLIER}, "due", "theirs"),
        ({"due_on": SOONER}, {"due_on": LATER}, "due", "ours"),
        ({"title": "Another title"}, {"summary": "do later"}, "summary", "ours"),
        ({"status": "todo"}, {"status_id": "95"}, "status", "ours"),
    ],
)
def test_what_an_authority_decides_is_kept_with_both_values(
    ours: dict[str, Any], theirs: dict[str, Any], field: str, stays: str
) -> None:
    desk = desk_that_asks("priority")
    desk.ctx = replace(desk.ctx, rule=desk.ctx.rule.model_copy(update={"ask": ()}))
    change_register(desk, **ours)
    card_of(desk).edit(ADA, **theirs)
    desk.take_in()
    desk.take_in()
    (conflict,) = desk.conflicts.values()
    assert (conflict.field, conflict.role, conflict.kept) == (field, LinkRole.ISSUE, stays)
    assert conflict.settled_at is not None
    assert conflict.settled_by in ("Jira, whose field it is", "the register, whose field it is", "the lifecycle")
    assert None not in (conflict.ours, conflict.theirs)


@pytest.mark.parametrize("field", ["owner", "priority", "due", "summary"])
def test_what_was_overtaken_and_decided_by_an_authority_is_kept_too(field: str) -> None:
    desk = desk_that_asks("priority")
    desk.ctx = replace(desk.ctx, rule=desk.ctx.rule.model_copy(update={"ask": ()}))
    ours, theirs = ASKED[field][:2] if field in ASKED else ({"title": "Another title"}, {"summary": "do later"})
    change_register(desk, **ours)
    race(desk, by(ADA, **theirs))
    assert kept(desk) == [(field, "ours" if field == "summary" else "theirs")]
    assert_at_rest(desk)
