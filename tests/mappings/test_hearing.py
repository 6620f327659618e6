"""What people say on pages and issues: who hears it, and what a command does in every state for everybody."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from mappings.context import AuditContext, Family, Intake
from mappings.far import RemoteComment
from mappings.hearing import hear_on_issue, hear_on_page, uid_for
from mappings.moves import exact
from mappings.records import Evidence, LinkRole, Record, RequestStatus, Side, TaskStatus, Visibility
from mappings.text import plain
from tests.mappings.paper_world import (
    ADA,
    CLARA,
    CORA,
    MIA,
    NOBODY,
    NOW,
    OTHER_TASK,
    REQUEST,
    RITA,
    STRANGER,
    TASK,
    WORKING,
    audit_context,
    comment,
    evidence,
    family_of,
    on_page,
)

CTX = audit_context()
SEEN = evidence("report.pdf", is_released=True, copy_id="att1", task=None)
HELD = evidence("draft.xlsx", task=None)
SETTLED = {"accepted", "not_applicable", "withdrawn"}
COMMANDS = {
    "accept": "accept",
    "return": "return: Q2 is missing",
    "not applicable": "not applicable: no such system",
    "question": "question: which systems?",
    "answer": "answer: the production ones",
    "due": "due 2026-12-20",
    "escalate": "escalate: the report is due",
    "acknowledge": "acknowledge",
    "snooze": "snooze 3",
}
PEOPLE = {"auditor": CLARA, "coordinator": CORA, "owner": ADA, "stranger": STRANGER, "nobody": NOBODY}


def on_the_page(
    text: str, family: Family, *, by: str = CLARA, ctx: AuditContext = CTX, at: datetime = NOW, **more: Any
) -> Intake:
    return hear_on_page(comment(text, by, at=at, **more), family, ctx, page_version=7)


def request_in(status: str, **changes: Any) -> Family:
    return family_of(status, files=(SEEN, HELD), status_before="in_progress", **changes)


def expected(verb: str, status: str, who: str) -> str:
    """The state of the request after a command on its page."""
    if who != "auditor":
        return status
    if verb == "accept" and status == "submitted":
        return "accepted"
    if verb == "return" and status in ("submitted", "accepted"):
        return "returned"
    if verb == "not applicable" and status not in SETTLED:
        return "not_applicable"
    if verb == "answer" and status == "needs_clarification":
        return "in_progress"
    return status


@pytest.mark.parametrize("verb", list(COMMANDS))
def test_a_command_on_a_page_in_every_state_from_everybody(verb: str) -> None:
    for status, who in product(RequestStatus, PEOPLE):
        before = request_in(status)
        intake = on_the_page(COMMANDS[verb], before, by=PEOPLE[who])
        after, case = intake.family.request, f"{who} in {status}"
        assert after.status == expected(verb, status, who), case
        (answer,) = [say for say in intake.say if say.reply_to == "c-1"]
        assert (answer.role, answer.visibility, answer.record) == (LinkRole.PAGE, Visibility.AUDITOR, REQUEST.uid), case
        is_decision = verb in ("accept", "return", "not applicable") and after.status != status
        assert [item.verdict for item in intake.decisions] == ([after.status] if is_decision else []), case
        moves_dates = verb == "due" and who == "auditor" and status not in SETTLED
        raises = verb == "escalate" and who != "nobody" and status not in SETTLED
        assert (after.auditor_due_on == date(2026, 12, 20)) is moves_dates, case
        assert (after.raised_by is not None) is raises, case
        if not (is_decision or moves_dates or raises or after.status != status):
            assert (intake.family, intake.notes) == (before, ()), case
            said = plain(answer.body)
            assert "Nothing was changed" in said or "passed" in said, case


def test_a_decision_is_recorded_with_who_when_where_and_on_exactly_what() -> None:
    at = NOW - timedelta(hours=1)
    intake = on_the_page("accept", request_in("submitted"), at=at, id="c-9")
    (decision,) = intake.decisions
    assert (decision.by, decision.by_name, decision.decided_at, decision.page_version) == (CLARA, "Clara", at, 7)
    assert (decision.comment_id, decision.request) == ("c-9", REQUEST.uid)
    assert decision.evidence == exact((SEEN,)) == (f"{SEEN.sha256} report.pdf",)
    assert intake.family.decisions == (decision,)
    assert on_the_page("accept", request_in("submitted"), at=at, id="c-9").decisions == (decision,)


@pytest.mark.parametrize(
    "unseen",
    [
        evidence("late.pdf", is_released=True, copy_id=None),
        on_page("late.pdf", collected_at=NOW + timedelta(minutes=5)),
    ],
)
def test_an_acceptance_written_before_everything_was_on_the_page_accepts_nothing(unseen: Evidence) -> None:
    before = replace(request_in("submitted"), evidence=(SEEN, unseen))
    intake = on_the_page("accept", before)
    assert intake.family == before
    assert intake.decisions == ()
    assert "exactly what the auditor saw" in plain(intake.say[0].body)


@pytest.mark.parametrize(("text", "what"), [("accept", "accept"), ("return: too thin", "return")])
def test_an_auditor_who_decides_too_early_is_told_to_wait(text: str, what: str) -> None:
    (answer,) = on_the_page(text, request_in("internal_review")).say
    assert plain(answer.body) == (
        f"Nothing was changed: there is nothing to {what} yet. When the evidence is submitted, it is said here."
    )


def test_an_acceptance_and_its_answer_say_how_many_files_it_covers() -> None:
    for files, words in (((), "what the page says"), ((SEEN,), "the file shown"), ((SEEN, on_page()), "the 2 files")):
        before = replace(request_in("submitted"), evidence=files)
        before = replace(
            before, evidence=tuple(replace(item, collected_at=NOW - timedelta(days=1)) for item in before.evidence)
        )
        assert words in plain(on_the_page("accept", before).say[0].body)


@pytest.mark.parametrize(
    ("text", "due_on"),
    [("return: Q2 is missing", date(2026, 11, 12)), ("return: Q2\ndue 2026-11-30", date(2026, 11, 30))],
)
def test_a_return_gives_a_new_date_to_the_request_and_its_tasks(text: str, due_on: date) -> None:
    before = family_of("submitted", "delivered", files=(SEEN,))
    after = on_the_page(text, before).family
    assert {(item.due_on, item.auditor_due_on) for item in after.records} == {(due_on, due_on)}
    assert [item.status for item in after.records] == ["returned", "changes_requested"]
    assert {item.due_version for item in after.records} == {2}


def test_an_answer_leads_back_to_where_the_question_came_from() -> None:
    for came_from in ("open", "in_progress", "internal_review", "returned"):
        asked = family_of("needs_clarification", status_before=came_from)
        assert on_the_page("answer: both", asked).family.request.status == came_from


@pytest.mark.parametrize("status", ["open", "needs_clarification", "returned", "submitted"])
def test_the_auditors_new_date_reaches_everybody_at_work(status: str) -> None:
    intake = on_the_page("due 2026-12-20", family_of(status, "changes_requested"))
    assert [(item.auditor_due_on, item.due_on) for item in intake.family.records] == [(date(2026, 12, 20), WORKING)] * 2
    told = [(note.record, note.after) for note in intake.notes if note.what == "auditor due date"]
    assert told == [(REQUEST.uid, "2026-12-20"), (TASK.uid, "2026-12-20")]


def test_a_date_that_holds_already_is_no_change_and_is_not_journaled() -> None:
    before = request_in("open", auditor_due_on=date(2026, 12, 20), due_on=date(2026, 12, 20))
    intake = on_the_page("due 2026-12-20", before)
    assert (intake.family, intake.notes) == (before, ())
    assert "2026-12-20 is the due date already" in plain(intake.say[0].body)


def test_escalating_does_not_overwrite_the_reason_of_the_return() -> None:
    before = request_in("returned", reason="Q2 is missing")
    after = on_the_page("escalate: nobody answers", before).family.request
    assert (after.reason, after.escalation_level, after.raised_by) == ("Q2 is missing", 1, CLARA)


def test_anybody_may_escalate_on_the_page_and_a_higher_step_stays() -> None:
    before = request_in("in_progress", escalation_level=2)
    assert on_the_page("escalate", before, by=STRANGER).family.request.escalation_level == 2


@pytest.mark.parametrize("verb", ["accept", "return", "not applicable", "answer", "due", "escalate"])
def test_in_a_closed_audit_a_command_changes_nothing_and_says_so(verb: str) -> None:
    before = request_in("submitted")
    intake = on_the_page(COMMANDS[verb], before, ctx=audit_context(is_closed=True))
    assert intake.family == before
    assert len(intake.say) == 1
    assert "Nothing was changed" in plain(intake.say[0].body)


@pytest.mark.parametrize("text", ["return", "due tomorrow", "question:", "due 2020-01-01"])
def test_an_auditor_who_meant_a_command_is_told_how_to_write_it_and_others_are_left_alone(text: str) -> None:
    before = request_in("submitted")
    told = on_the_page(text, before)
    assert told.family == before
    assert len(told.say) == 1
    assert on_the_page(text, before, by=STRANGER).say == ()


@pytest.mark.parametrize("text", ["Is this the whole population?", "Accept my apologies for the delay", ""])
def test_talk_on_a_page_is_passed_on_and_does_nothing(text: str) -> None:
    before = request_in("submitted")
    intake = on_the_page(text, before)
    assert intake.family == before
    assert (intake.say, intake.notes, intake.decisions) == ((), (), ())
    assert intake.comments[0][0].text == text


def test_a_reply_in_a_thread_is_answered_in_that_thread() -> None:
    (say,) = on_the_page("accept", request_in("open"), reply_to="root-1").say
    assert say.reply_to == "root-1"


def test_a_page_comment_goes_to_the_requests_issue_and_to_every_task_still_at_work() -> None:
    before = family_of("in_progress", "done", "in_progress")
    ((heard, copies),) = on_the_page("Looks thin.", before, at=NOW).comments
    assert copies == ((REQUEST.uid, LinkRole.ISSUE), (OTHER_TASK.uid, LinkRole.ISSUE))
    assert (heard.visibility, heard.side, heard.record) == (Visibility.AUDITOR, Side.CONFLUENCE, REQUEST.uid)
    assert (heard.author, heard.author_name, heard.said_at, heard.origin_id) == (CLARA, "Clara", NOW, "c-1")
    assert heard.uid == uid_for("comment", "confluence", "c-1")


# On issues.

TO_PAGE = ((REQUEST.uid, LinkRole.PAGE),)


@pytest.mark.parametrize(
    ("text", "is_restricted", "visibility", "kept"),
    [
        ("who has the export?", False, Visibility.INTERNAL, "who has the export?"),
        ("auditor: it follows on Friday", False, Visibility.AUDITOR, "it follows on Friday"),
        ("Auditor:it follows", False, Visibility.AUDITOR, "it follows"),
        ("auditor: it follows", True, Visibility.INTERNAL, "auditor: it follows"),
        ("question: which systems?", False, Visibility.AUDITOR, "question: which systems?"),
        ("question: which systems?", True, Visibility.INTERNAL, "question: which systems?"),
        ("the auditor: he said no", False, Visibility.INTERNAL, "the auditor: he said no"),
        ("auditors are coming", False, Visibility.INTERNAL, "auditors are coming"),
        ("auditor:", False, Visibility.INTERNAL, "auditor:"),
        ("escalate: help", False, Visibility.INTERNAL, "escalate: help"),
    ],
)
def test_a_comment_in_jira_stays_inside_unless_it_is_for_the_auditor(
    text: str, is_restricted: bool, visibility: Visibility, kept: str
) -> None:
    family = family_of("in_progress", "in_progress")
    heard = comment(text, ADA, is_restricted=is_restricted)
    ((said, copies),) = hear_on_issue(family.tasks[0], heard, family, CTX).comments
    assert (said.visibility, said.text) == (visibility, kept)
    assert copies == (TO_PAGE if visibility is Visibility.AUDITOR else ())
    assert (said.record, said.side, said.uid) == (TASK.uid, Side.JIRA, uid_for("comment", "jira", "c-1"))


def test_the_words_that_mark_a_comment_for_the_auditor_are_the_audits_own() -> None:
    family = family_of("in_progress", "in_progress")
    ctx = audit_context(auditor_comment_prefix="@prüfer")
    ((said, _),) = hear_on_issue(family.tasks[0], comment("@Prüfer kommt Freitag", ADA), family, ctx).comments
    assert (said.visibility, said.text) == (Visibility.AUDITOR, "kommt Freitag")


def test_a_restricted_comment_commands_nothing() -> None:
    family = family_of("in_progress", "in_progress")
    intake = hear_on_issue(family.tasks[0], comment("escalate: help", ADA, is_restricted=True), family, CTX)
    assert (intake.family, intake.say, intake.notes) == (family, (), ())


def in_jira(text: str, family: Family, by: str = ADA, ctx: AuditContext = CTX) -> Intake:
    return hear_on_issue(family.records[-1], comment(text, by), family, ctx)


def answers_in_jira(intake: Intake, record: Record) -> list[str]:
    return [plain(say.body) for say in intake.say if say.cause == f"{record.uid}:answer:c-1"]


ABOVE = {
    "ready_for_review": "internal_review",
    "approved": "internal_review",
    "delivered": "submitted",
    "done": "accepted",
}
"""The state of a request whose task is in a state, where it is not `in_progress`."""


@pytest.mark.parametrize("verb", list(COMMANDS))
def test_no_command_in_jira_decides_and_each_has_one_answer_inside(verb: str) -> None:
    families = [family_of(ABOVE.get(status, "in_progress"), status) for status in TaskStatus]
    families += [family_of(status) for status in RequestStatus]
    for family, who in product(families, PEOPLE):
        record = family.records[-1]
        intake = in_jira(COMMANDS[verb], family, PEOPLE[who])
        case = f"{who}, {record.kind} {record.status}"
        new = {item.status for item in intake.family.records} - {item.status for item in family.records}
        assert (intake.decisions, new - {"needs_clarification"}) == ((), set()), case
        (answer,) = [say for say in intake.say if say.cause == f"{record.uid}:answer:c-1"]
        assert (answer.role, answer.visibility) == (LinkRole.ISSUE, Visibility.INTERNAL), case
        if intake.family == family:
            said = plain(answer.body)
            assert intake.notes == (), case
            assert "Nothing was changed" in said or "passed to the auditor" in said, case
        else:
            assert intake.notes[0].who == PEOPLE[who], case


@pytest.mark.parametrize(
    ("by", "request_status", "after"),
    [
        (ADA, "open", "needs_clarification"),
        (RITA, "in_progress", "needs_clarification"),
        (CORA, "internal_review", "needs_clarification"),
        (ADA, "submitted", "submitted"),
        (ADA, "needs_clarification", "needs_clarification"),
        (NOBODY, "in_progress", "in_progress"),
        (STRANGER, "in_progress", "in_progress"),
    ],
)
def test_a_question_in_jira_goes_to_the_auditor_and_stops_the_clock(by: str, request_status: str, after: str) -> None:
    intake = in_jira("question: which systems?", family_of(request_status, "in_progress"), by)
    assert intake.family.request.status == after
    assert intake.comments[0][1] == (() if by in (NOBODY, STRANGER) else TO_PAGE)
    if after != request_status:
        assert intake.family.request.reason == "which systems?"
        assert all(item.clock_stopped_on == CTX.today for item in intake.family.records)


def test_escalating_in_jira_raises_task_and_request_with_a_note() -> None:
    intake = in_jira("escalate: HR does not answer", family_of("in_progress", "in_progress"))
    task = intake.family.tasks[0]
    assert (task.escalation_level, task.raised_by, intake.family.request.escalation_level) == (1, ADA, 1)
    assert [(note.record, note.why) for note in intake.notes] == [(TASK.uid, "HR does not answer")]


ESCALATED: dict[str, Any] = {"escalation_level": 2, "priority": "high", "priority_before": "medium"}


@pytest.mark.parametrize(
    ("by", "raised_by", "level"),
    [(CORA, None, 0), (CORA, CLARA, 0), (ADA, CLARA, 0), (ADA, None, 2), (RITA, CLARA, 2), (STRANGER, CLARA, 2)],
)
def test_who_ends_an_escalation_by_acknowledging_it(by: str, raised_by: str | None, level: int) -> None:
    before = family_of("in_progress", "in_progress")
    task = replace(before.tasks[0], raised_by=raised_by, **ESCALATED)
    before = replace(before.with_record(task), request=replace(before.request, escalation_level=2))
    after = in_jira("acknowledge", before, by).family
    assert (after.tasks[0].escalation_level, after.request.escalation_level) == (level, level)
    assert after.tasks[0].priority == ("medium" if level == 0 else "high")


def test_a_request_is_not_acknowledged_while_its_tasks_are_late() -> None:
    before = family_of("in_progress", "in_progress", escalation_level=2)
    before = before.with_record(replace(before.tasks[0], escalation_level=2))
    intake = hear_on_issue(before.request, comment("acknowledge", CORA), before, CTX)
    assert intake.family == before
    assert "Nothing was changed" in answers_in_jira(intake, before.request)[0]


@pytest.mark.parametrize(("by", "days"), [(CORA, 3), (ADA, 0), (RITA, 0), (CLARA, 0)])
def test_the_coordinator_alone_makes_the_ladder_wait(by: str, days: int) -> None:
    after = in_jira("snooze 3", family_of("in_progress", "in_progress"), by).family.tasks[0]
    assert after.clock_paused_days == days
    assert (after.due_on, after.due_version) == (WORKING, 1)


def test_in_a_closed_audit_no_command_in_jira_changes_anything() -> None:
    family = family_of("in_progress", "in_progress")
    for verb in COMMANDS.values():
        intake = in_jira(verb, family, CORA, audit_context(is_closed=True))
        assert intake.family == family
        assert len(intake.say) == 1


def test_what_is_not_plainly_a_command_is_talk_in_jira() -> None:
    family = family_of("in_progress", "in_progress")
    for text in ("due tomorrow", "return", "we should escalate this"):
        assert in_jira(text, family).say == ()


def test_what_is_heard_twice_is_the_same_thing() -> None:
    heard: RemoteComment = comment("escalate", MIA, id="c-44")
    family = family_of("open", "todo")
    first, second = (hear_on_page(heard, family, CTX, 1) for _ in range(2))
    assert first == second
