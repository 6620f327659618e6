"""A request and its evidence page: what the auditor decides by editing it, what is put back, and what is written."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from mappings.actions import WritePage
from mappings.context import AuditContext, Family, Intake
from mappings.evidence_page import compose
from mappings.moves import exact
from mappings.page_plan import draft_page, plan_page
from mappings.page_words import is_as_left, page_facts, said_by_page, said_by_register
from mappings.records import Evidence, LinkRole, RequestStatus, Visibility
from mappings.text import plain
from tests.mappings.audit_world import ACCEPTED
from tests.mappings.paper_world import (
    ADA,
    AUDITORS,
    CLARA,
    CORA,
    JIRA_URL,
    NOW,
    REQUEST,
    STRANGER,
    TICK,
    TIEOUT,
    WORKING,
    Desk,
    PaperPage,
    audit_context,
    due_cell,
    evidence,
    family_of,
    is_silent,
    on_page,
)

CTX = audit_context()
SEEN = evidence("report.pdf", is_released=True, copy_id="att1")
NOTES = "<h2>Notes</h2><p></p>"
OURS = "<h2>What is asked</h2>"


def desk_of(
    status: str = "submitted",
    *tasks: str,
    files: tuple[Evidence, ...] = (SEEN,),
    ctx: AuditContext = CTX,
    is_decided: bool = False,
    **changes: Any,
) -> Desk:
    """A request in step with its page; its issues are left aside."""
    family = family_of(status, *tasks, files=files, **changes)
    if is_decided:
        family = replace(family, decisions=(replace(ACCEPTED, evidence=exact(family.released())),))
    return Desk(family, ctx, page=PaperPage.agreed(family, ctx))


def page_of(desk: Desk) -> PaperPage:
    assert desk.page is not None
    return desk.page


def assert_at_rest(desk: Desk) -> None:
    before = desk.family
    intake, actions = desk.round()
    assert is_silent(intake, before)
    assert actions == []


def told(intake: Intake) -> list[str]:
    """What is said on the page about changes that were put back; each in the sight of the auditor."""
    said = [say for say in intake.say if "put-back" in say.cause]
    assert all((say.role, say.visibility) == (LinkRole.PAGE, Visibility.AUDITOR) for say in said)
    return [plain(say.body) for say in said]


@pytest.mark.parametrize("status", list(RequestStatus))
def test_a_page_in_step_has_nothing_to_take_in_and_nothing_to_write(status: str) -> None:
    assert_at_rest(desk_of(status, is_decided=status == "accepted"))


def test_a_page_that_only_an_editor_saved_again_is_in_step() -> None:
    desk = desk_of()
    page_of(desk).edit(CLARA, (NOTES, NOTES.replace("<p>", '<p local-id="e1">')))
    assert_at_rest(desk)


def test_what_people_write_around_our_parts_is_theirs() -> None:
    desk = desk_of("in_progress")
    page_of(desk).edit(STRANGER, (NOTES, "<h2>Notes</h2><p>Ask Bob.</p>"))
    assert_at_rest(desk)
    desk.family = desk.family.with_record(replace(desk.family.request, owner=None))
    desk.round()
    assert "Ask Bob." in page_of(desk).view.body
    assert_at_rest(desk)


def test_when_the_register_moves_the_page_is_written_once_with_the_version_that_was_read() -> None:
    desk = desk_of("in_progress")
    desk.family = desk.family.with_record(replace(desk.family.request, priority="high", title="Another title"))
    intake, actions = desk.round()
    assert intake.say == ()
    (write,) = actions
    assert isinstance(write, WritePage)
    assert (write.version, write.page_id) == (3, "p-1")
    assert page_of(desk).view.title == "R-014 Another title (SOC2-2026)"
    assert_at_rest(desk)


@pytest.mark.parametrize("who", [CLARA, ADA, STRANGER])
def test_our_own_parts_are_put_back_with_one_explanation(who: str) -> None:
    desk = desk_of()
    agreed = said_by_page(page_of(desk).view.title, page_of(desk).view.body)
    page_of(desk).edit(who, (OURS, "<h2>Never mind</h2>"))
    intake, _ = desk.round()
    assert len(told(intake)) == 1
    assert "written by Tieout" in told(intake)[0]
    assert said_by_page(page_of(desk).view.title, page_of(desk).view.body) == agreed
    assert_at_rest(desk)


def test_a_new_title_is_put_back() -> None:
    desk = desk_of()
    page_of(desk).save(CLARA, title="Mine")
    intake, _ = desk.round()
    assert len(told(intake)) == 1
    assert page_of(desk).view.title.startswith("R-014 ")
    assert_at_rest(desk)


def test_one_version_of_the_page_is_explained_once_whatever_was_changed_in_it() -> None:
    desk = desk_of()
    page_of(desk).edit(ADA, (OURS, "<h2>Never mind</h2>"), due_cell("tomorrow"), TICK)
    intake, _ = desk.round()
    (said,) = told(intake)
    assert "written by Tieout" in said
    assert "Only the auditor sets the date" in said
    assert len(intake.notes) == 3
    assert_at_rest(desk)


def test_two_versions_are_two_causes() -> None:
    causes = []
    desk = desk_of()
    for _ in range(2):
        page_of(desk).save(ADA, title="Mine")
        intake, _ = desk.round()
        causes += [say.cause for say in intake.say]
    assert len(set(causes)) == 2


# The due cell.


@pytest.mark.parametrize("cell", ['<time datetime="2026-12-20"/>', "2026-12-20", "20 December 2026", "Dec 20, 2026"])
def test_the_auditor_sets_the_date_in_its_cell(cell: str) -> None:
    desk = desk_of("in_progress", "in_progress")
    page_of(desk).edit(CLARA, due_cell(cell))
    intake, _ = desk.round()
    assert [item.auditor_due_on for item in desk.family.records] == [date(2026, 12, 20)] * 2
    assert desk.family.request.due_on == WORKING, "an owner's earlier date stays"
    assert [(note.who, note.after) for note in intake.notes] == [(CLARA, "2026-12-20"), ("tieout", "2026-12-20")]
    assert intake.say == ()
    assert_at_rest(desk)


@pytest.mark.parametrize("who", [ADA, CORA, STRANGER])
def test_nobody_else_does(who: str) -> None:
    desk = desk_of("in_progress")
    page_of(desk).edit(who, due_cell("2026-12-20"))
    intake, _ = desk.round()
    assert desk.family.request.auditor_due_on == AUDITORS
    assert "Only the auditor" in told(intake)[0]
    assert_at_rest(desk)


@pytest.mark.parametrize(("cell", "says"), [("tomorrow", "'tomorrow'"), ("01/12/2026", "'01/12/2026'"), ("", "''")])
def test_a_cell_that_holds_no_date_is_put_back_and_quoted(cell: str, says: str) -> None:
    desk = desk_of("in_progress")
    page_of(desk).edit(CLARA, due_cell(cell))
    intake, _ = desk.round()
    assert desk.family.request.auditor_due_on == AUDITORS
    assert says in told(intake)[0]
    assert_at_rest(desk)


@pytest.mark.parametrize("status", ["accepted", "not_applicable", "withdrawn"])
def test_a_settled_request_has_no_date_to_set(status: str) -> None:
    desk = desk_of(status, is_decided=status == "accepted")
    before = desk.family
    page_of(desk).edit(CLARA, due_cell("2026-12-20"))
    intake, _ = desk.round()
    assert desk.family == before
    assert len(told(intake)) == 1
    assert_at_rest(desk)


def test_where_both_moved_the_date_the_auditors_word_on_the_page_counts() -> None:
    desk = desk_of("in_progress")
    moved = replace(desk.family.request, auditor_due_on=date(2026, 12, 5))
    page_of(desk).edit(CLARA, due_cell("2026-12-20"))
    desk.family = desk.family.with_record(moved)
    desk.round()
    assert desk.family.request.auditor_due_on == date(2026, 12, 20)
    assert_at_rest(desk)


def test_where_both_came_to_the_same_date_nothing_is_taken_or_said() -> None:
    desk = desk_of("in_progress")
    page_of(desk).edit(CLARA, due_cell('<time datetime="2026-12-20"/>'))
    desk.family = desk.family.with_record(replace(desk.family.request, auditor_due_on=date(2026, 12, 20)))
    intake, _ = desk.round()
    assert (intake.notes, intake.say) == ((), ())
    assert page_of(desk).link.base_theirs["due"] == "2026-12-20"
    assert_at_rest(desk)


# The decision task.


def test_the_auditor_accepts_by_ticking_and_the_decision_is_of_exactly_what_was_there() -> None:
    desk = desk_of("submitted", "delivered", files=(SEEN, evidence("held.xlsx")))
    page_of(desk).edit(CLARA, TICK, at=NOW)
    intake, _ = desk.round()
    assert [item.status for item in desk.family.records] == ["accepted", "done"]
    (decision,) = intake.decisions
    assert (decision.verdict, decision.by, decision.by_name) == ("accepted", CLARA, "Clara Weiss")
    assert (decision.page_version, decision.decided_at, decision.evidence) == (4, NOW, exact((SEEN,)))
    assert desk.family.decisions == (decision,)
    assert_at_rest(desk)


def test_a_tick_and_a_note_in_one_edit_are_one_acceptance_of_the_page_with_that_note() -> None:
    desk = desk_of("submitted", "delivered")
    page_of(desk).edit(CLARA, (NOTES, "<h2>Notes</h2><p>Looks good.</p>"), TICK)
    desk.round()
    assert desk.family.request.status == "accepted"
    assert_at_rest(desk)


def test_a_version_that_was_read_and_left_alone_does_not_stand_between_the_auditor_and_the_tick() -> None:
    desk = desk_of("submitted")
    page_of(desk).edit(STRANGER, (NOTES, "<h2>Notes</h2><p>Ask Bob.</p>"))
    assert_at_rest(desk)
    page_of(desk).edit(CLARA, TICK)
    desk.round()
    assert desk.family.request.status == "accepted"
    assert_at_rest(desk)


def test_a_tick_is_nobodys_when_several_versions_came_between() -> None:
    desk = desk_of("submitted")
    page_of(desk).edit(ADA, TICK)
    page_of(desk).edit(CLARA, (NOTES, "<h2>Notes</h2><p>Fine.</p>"))
    intake, _ = desk.round()
    assert desk.family.request.status == "submitted"
    assert "say it in a comment" in told(intake)[0]
    assert_at_rest(desk)


@pytest.mark.parametrize("who", [ADA, CORA, STRANGER])
def test_a_tick_of_anybody_else_accepts_nothing_and_is_taken_off(who: str) -> None:
    desk = desk_of("submitted")
    page_of(desk).edit(who, TICK)
    intake, _ = desk.round()
    assert desk.family.request.status == "submitted"
    assert intake.decisions == ()
    assert "Only an auditor accepts" in told(intake)[0]
    assert "complete<" not in page_of(desk).view.body.replace("incomplete<", "")
    assert_at_rest(desk)


@pytest.mark.parametrize(
    "unseen",
    [evidence("late.pdf", is_released=True), on_page("late.pdf", collected_at=NOW + timedelta(minutes=5))],
)
def test_a_tick_set_before_everything_was_on_the_page_accepts_nothing(unseen: Evidence) -> None:
    desk = desk_of("submitted", files=(SEEN, unseen))
    page_of(desk).edit(CLARA, TICK, at=NOW)
    intake, _ = desk.round()
    assert desk.family.request.status == "submitted"
    assert "exactly what the auditor saw" in told(intake)[0]
    assert_at_rest(desk)


def test_an_acceptance_is_not_taken_back_by_taking_the_tick_off() -> None:
    desk = desk_of("accepted", "done", is_decided=True)
    page_of(desk).edit(CLARA, ("<ac:task-status>complete<", "<ac:task-status>incomplete<"))
    intake, _ = desk.round()
    assert desk.family.request.status == "accepted"
    assert "return: reason" in told(intake)[0]
    assert_at_rest(desk)


# An acceptance is of the page's own text too.


@pytest.mark.parametrize("who", [ADA, STRANGER, CLARA])
def test_a_change_of_what_people_wrote_takes_an_acceptance_back_and_tells_both_once(who: str) -> None:
    desk = desk_of("accepted", "done", is_decided=True)
    page_of(desk).edit(who, (NOTES, "<h2>Notes</h2><p>Actually, three systems.</p>"))
    intake, _ = desk.round()
    assert [item.status for item in desk.family.records] == ["submitted", "delivered"]
    assert [say.role for say in intake.say] == [LinkRole.PAGE, LinkRole.ISSUE]
    assert "the text of the page was changed" in plain(intake.say[0].body)
    assert_at_rest(desk)


def test_what_tieout_writes_takes_no_acceptance_back() -> None:
    desk = desk_of("accepted", "done", is_decided=True)
    desk.family = desk.family.with_record(replace(desk.family.request, owner=None))
    desk.round()
    assert desk.family.request.status == "accepted"
    page_of(desk).edit(TIEOUT, (NOTES, "<h2>Notes</h2><p>x</p>"))
    desk.round()
    assert desk.family.request.status == "accepted"


def test_our_own_write_whose_base_was_lost_is_not_taken_for_somebodys() -> None:
    desk = desk_of("in_progress")
    agreed = page_of(desk).link
    desk.family = desk.family.with_record(replace(desk.family.request, auditor_due_on=date(2026, 12, 20)))
    desk.round()
    page_of(desk).link = agreed
    intake, actions = desk.round()
    assert (intake.say, actions) == ((), [])
    assert {note.who for note in intake.notes} <= {"tieout"}


def test_in_a_closed_audit_the_page_is_frozen() -> None:
    for change in ("due", "tick"):
        desk = desk_of("submitted", ctx=audit_context(is_closed=True))
        before = desk.family
        if change == "due":
            page_of(desk).edit(CLARA, due_cell("2026-12-20"))
        else:
            page_of(desk).edit(CLARA, TICK)
        intake, _ = desk.round()
        assert desk.family == before
        assert "The audit is closed" in told(intake)[0]
        assert_at_rest(desk)


# Planning.


def test_a_new_page_says_everything_and_its_words_are_the_base() -> None:
    family = family_of("open", "todo")
    action = draft_page(family, CTX, JIRA_URL, "s-1", "p-0")
    facts = page_facts(family, CTX, JIRA_URL)
    assert (action.draft.space_id, action.draft.parent_id, action.record) == ("s-1", "p-0", REQUEST.uid)
    assert action.draft.body == compose(replace(facts, at=CTX.now))
    assert action.said == said_by_register(facts)
    assert {name: action.said[name] for name in ("due", "accept")} == {"due": AUDITORS.isoformat(), "accept": False}


def test_a_page_whose_parts_were_deleted_gets_them_back() -> None:
    desk = desk_of("submitted")
    page_of(desk).save(STRANGER, "<p>gone</p>")
    intake, _ = desk.round()
    assert len(told(intake)) == 1
    assert desk.family.request.auditor_due_on == AUDITORS
    assert OURS in page_of(desk).view.body
    assert page_of(desk).view.body.endswith("<p>gone</p>")
    assert_at_rest(desk)


def test_a_page_is_as_left_only_in_the_version_title_and_words_of_the_last_agreement() -> None:
    desk = desk_of("open")
    page, link = page_of(desk).view, page_of(desk).link

    def left(family: Family) -> bool:
        return is_as_left(page, link, page_facts(family, CTX, JIRA_URL))

    assert left(desk.family)
    assert not left(desk.family.with_record(replace(desk.family.request, priority="high")))
    facts = page_facts(desk.family, CTX, JIRA_URL)
    assert not is_as_left(replace(page, version=4), link, facts)
    assert not is_as_left(replace(page, title="Mine"), link, facts)
    assert plan_page(page, link, desk.family, CTX, JIRA_URL) is None
