"""What comes with a change of state: who follows whom in a family, clocks, dates, released evidence, acceptances."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.context import AuditContext, Family, Intake
from mappings.due_dates import DueVerdict
from mappings.ladder import due_step, is_overdue
from mappings.moves import (
    dated,
    enter,
    exact,
    keep_acceptance_exact,
    returned_due,
    settle_family,
    was_on_page,
    with_new_due,
)
from mappings.records import Evidence, Kind, LinkRole, Record, RequestStatus, TaskStatus, Visibility
from mappings.text import plain
from tests.mappings.audit_world import ACCEPTED
from tests.mappings.paper_world import (
    ADA,
    AUDITORS,
    CLARA,
    NOW,
    OTHER_TASK,
    REQUEST,
    RITA,
    TASK,
    TODAY,
    WORKING,
    audit_context,
    evidence,
    family_of,
    on_page,
)

CTX = audit_context()
NEW_DATE = date(2026, 12, 15)
RUNNING = {
    Kind.REQUEST: ("open", "in_progress", "internal_review", "returned"),
    Kind.TASK: ("todo", "in_progress", "blocked", "changes_requested"),
}
STATES = [(Kind.REQUEST, status) for status in RequestStatus] + [(Kind.TASK, status) for status in TaskStatus]


def record(kind: Kind, status: str, **changes: Any) -> Record:
    return replace(REQUEST if kind is Kind.REQUEST else TASK, status=status, **changes)


def moved(
    family: Family, status: str, *, reason: str = "", ctx: AuditContext = CTX, by: str = CLARA, **changes: Any
) -> Intake:
    """The request moves, and what follows from it."""
    request = enter(family.request, status, ctx, by=by, reason=reason)
    return settle_family(family, family.with_record(replace(request, **changes)), ctx)


def task_moved(family: Family, status: str, *, by: str = ADA, ctx: AuditContext = CTX) -> Intake:
    return settle_family(family, family.with_record(enter(family.tasks[0], status, ctx, by=by)), ctx)


def states(family: Family) -> list[str]:
    return [item.status for item in family.records]


# A record by itself.


@pytest.mark.parametrize(("kind", "before"), STATES)
@pytest.mark.parametrize("was_stopped", [False, True])
def test_the_owners_clock_runs_in_the_states_where_it_is_their_turn(kind: Kind, before: str, was_stopped: bool) -> None:
    tuesday, friday = CTX, audit_context(now=NOW + timedelta(days=3))
    since = TODAY - timedelta(days=4) if was_stopped else None
    for after in RequestStatus if kind is Kind.REQUEST else TaskStatus:
        changed = enter(record(kind, before, clock_stopped_on=since), after, friday, by=ADA)
        ran, runs = before in RUNNING[kind], after in RUNNING[kind]
        if runs:
            assert changed.clock_stopped_on is None
            assert changed.clock_paused_days == (5 if was_stopped else 0), "Friday to Friday is five working days"
        else:
            assert changed.clock_stopped_on == (since or (friday.today if ran else None))
            assert changed.clock_paused_days == 0
    assert tuesday.today == TODAY


def test_a_pause_moves_the_ladder_on_and_never_makes_late() -> None:
    asked = enter(record(Kind.REQUEST, "open", due_on=TODAY), "needs_clarification", CTX, by=ADA)
    later = audit_context(now=NOW + timedelta(days=9))
    assert not is_overdue(asked, later.calendar, later.today)
    assert due_step(asked, later.rule.ladder, later.calendar, later.today, frozenset()) is None
    answered = enter(asked, "open", later, by=CLARA)
    assert answered.clock_paused_days == 7
    assert not is_overdue(answered, later.calendar, later.today)


@pytest.mark.parametrize(("kind", "halt"), [(Kind.REQUEST, "needs_clarification"), (Kind.TASK, "blocked")])
def test_a_halt_remembers_where_it_came_from_and_any_other_state_forgets(kind: Kind, halt: str) -> None:
    halted = enter(record(kind, "in_progress"), halt, CTX, by=ADA, reason="why")
    assert (halted.status_before, halted.reason) == ("in_progress", "why")
    assert enter(halted, "in_progress", CTX, by=ADA).status_before is None


@pytest.mark.parametrize("status", list(TaskStatus))
def test_who_approved_is_known_until_the_task_falls_back(status: TaskStatus) -> None:
    after = enter(record(Kind.TASK, "approved", reviewed_by=RITA), status, CTX, by=ADA)
    expected = {"approved": ADA, "delivered": RITA, "done": RITA}
    assert after.reviewed_by == expected.get(status)


@pytest.mark.parametrize(("kind", "status"), STATES)
def test_settling_lowers_everything_the_ladder_raised(kind: Kind, status: str) -> None:
    high = record(kind, "in_progress", escalation_level=2, raised_by=ADA, priority="high", priority_before="medium")
    after = enter(high, status, CTX, by=CLARA)
    is_settled = status in ("accepted", "not_applicable", "withdrawn", "done", "cancelled")
    assert (after.escalation_level, after.raised_by) == ((0, None) if is_settled else (2, ADA))
    assert after.priority == ("medium" if is_settled else "high")


def test_a_returned_record_has_a_new_date_and_stands_at_the_foot_of_the_ladder() -> None:
    late = record(
        Kind.REQUEST,
        "returned",
        escalation_level=3,
        clock_paused_days=4,
        clock_stopped_on=TODAY,
        extension_on=NEW_DATE,
        due_version=2,
    )
    again = with_new_due(late, NEW_DATE)
    assert (again.due_on, again.auditor_due_on, again.due_version) == (NEW_DATE, NEW_DATE, 3)
    assert (again.escalation_level, again.clock_paused_days, again.clock_stopped_on) == (0, 0, None)
    assert again.extension_on is None
    assert with_new_due(TASK, NEW_DATE).auditor_due_on == TASK.auditor_due_on


def test_without_a_date_a_return_is_due_in_working_days() -> None:
    friday = audit_context(now=NOW + timedelta(days=3))
    assert returned_due(friday) == date(2026, 11, 17)
    assert returned_due(audit_context(returned_due_days=5)) == date(2026, 11, 17)


# A family: tasks lead as far as review, the request leads from there.


@pytest.mark.parametrize(
    ("request_status", "others", "task", "after"),
    [
        ("open", ["todo"], "in_progress", "in_progress"),
        ("open", ["todo"], "blocked", "open"),
        ("open", ["ready_for_review"], "ready_for_review", "internal_review"),
        ("in_progress", ["approved"], "ready_for_review", "internal_review"),
        ("in_progress", ["cancelled"], "ready_for_review", "internal_review"),
        ("internal_review", ["approved"], "changes_requested", "in_progress"),
        ("internal_review", ["approved"], "approved", "internal_review"),
        ("returned", ["changes_requested"], "in_progress", "in_progress"),
        ("needs_clarification", ["todo"], "in_progress", "needs_clarification"),
        ("submitted", ["delivered"], "cancelled", "submitted"),
    ],
)
def test_a_request_follows_its_tasks(request_status: str, others: list[str], task: str, after: str) -> None:
    before = family_of(request_status, "todo", *others)
    intake = task_moved(before, task, by=RITA)
    assert intake.family.request.status == after
    followed = [note for note in intake.notes if note.record == REQUEST.uid]
    assert len(followed) == (after != request_status)


@pytest.mark.parametrize(
    ("before", "after", "tasks", "led"),
    [
        ("internal_review", "submitted", ["approved", "approved"], ["delivered", "delivered"]),
        ("internal_review", "submitted", ["approved", "cancelled"], ["delivered", "cancelled"]),
        ("submitted", "accepted", ["delivered", "cancelled"], ["done", "cancelled"]),
        ("submitted", "returned", ["delivered", "delivered"], ["changes_requested", "changes_requested"]),
        ("accepted", "returned", ["done", "cancelled"], ["changes_requested", "cancelled"]),
        ("submitted", "in_progress", ["delivered", "delivered"], ["changes_requested", "changes_requested"]),
        ("open", "not_applicable", ["todo", "blocked"], ["cancelled", "cancelled"]),
        ("in_progress", "withdrawn", ["ready_for_review", "todo"], ["cancelled", "cancelled"]),
        ("not_applicable", "open", ["cancelled", "cancelled"], ["todo", "todo"]),
        ("in_progress", "needs_clarification", ["in_progress", "todo"], ["in_progress", "todo"]),
    ],
)
def test_a_request_leads_its_tasks(before: str, after: str, tasks: list[str], led: list[str]) -> None:
    intake = moved(family_of(before, *tasks), after, reason="because")
    assert states(intake.family) == [after, *led]
    assert [note.record for note in intake.notes] == [
        task.uid for task, old, new in zip((TASK, OTHER_TASK), tasks, led, strict=True) if old != new
    ]


@given(
    st.sampled_from(list(RequestStatus)),
    st.sampled_from(list(RequestStatus)),
    st.lists(st.sampled_from(list(TaskStatus)), max_size=2),
)
def test_whatever_followed_has_followed_for_good(before: RequestStatus, after: RequestStatus, tasks: list[str]) -> None:
    family = moved(family_of(before, *tasks), after, reason="because").family
    assert settle_family(family, family, CTX).family == family


def test_the_reason_of_a_return_is_written_on_each_task_that_owes_again() -> None:
    family = moved(family_of("submitted", "delivered", "cancelled"), "returned", reason="Q2 is missing").family
    assert [task.reason for task in family.tasks] == ["Q2 is missing", ""]


# Dates.


def test_a_return_gives_every_task_that_owes_again_the_new_date() -> None:
    before = family_of("submitted", "delivered", "delivered")
    request = with_new_due(enter(before.request, "returned", CTX, by=CLARA), NEW_DATE)
    family = settle_family(before, before.with_record(request), CTX).family
    dates = {(task.due_on, task.auditor_due_on, task.due_version) for task in family.tasks}
    assert dates == {(NEW_DATE, NEW_DATE, 2)}


def test_a_return_moves_the_date_of_a_task_that_was_still_at_work_too() -> None:
    before = family_of("submitted", "delivered", "in_progress")
    request = with_new_due(enter(before.request, "returned", CTX, by=CLARA), NEW_DATE)
    family = settle_family(before, before.with_record(request), CTX).family
    assert [task.auditor_due_on for task in family.tasks] == [NEW_DATE, NEW_DATE]


@pytest.mark.parametrize("status", ["open", "in_progress", "needs_clarification", "returned", "submitted"])
@pytest.mark.parametrize(
    ("working", "asked", "new", "working_after", "version"),
    [
        (AUDITORS, None, NEW_DATE, NEW_DATE, 2),
        (WORKING, None, NEW_DATE, WORKING, 1),
        (WORKING, None, date(2026, 11, 13), date(2026, 11, 13), 2),
        (None, None, NEW_DATE, NEW_DATE, 2),
        (WORKING, date(2026, 12, 10), NEW_DATE, date(2026, 12, 10), 2),
        (WORKING, date(2026, 12, 20), NEW_DATE, WORKING, 1),
    ],
)
def test_the_auditors_new_date_reaches_the_tasks_and_an_earlier_one_of_the_owner_stays(
    status: str, working: date | None, asked: date | None, new: date, working_after: date, version: int
) -> None:
    before = family_of(status, "changes_requested")
    before = before.with_record(replace(before.tasks[0], due_on=working, extension_on=asked))
    after = settle_family(before, before.with_record(replace(before.request, auditor_due_on=new)), CTX).family
    task = after.tasks[0]
    assert (task.auditor_due_on, task.due_on, task.due_version) == (new, working_after, version)
    assert task.extension_on is None, "the auditor's date is the answer to a later one that was asked for"


def test_a_new_working_date_counts_its_own_pauses() -> None:
    paused = replace(TASK, clock_paused_days=5)
    assert dated(paused, DueVerdict(NEW_DATE, None, NEW_DATE, "")).clock_paused_days == 0
    assert dated(paused, DueVerdict(WORKING, None, NEW_DATE, "")).clock_paused_days == 5


def test_a_question_to_the_auditor_stops_the_clocks_of_the_tasks_as_well() -> None:
    asked = moved(family_of("in_progress", "in_progress", "approved"), "needs_clarification", reason="which?").family
    assert [item.clock_stopped_on for item in asked.records] == [TODAY, TODAY, None]
    later = audit_context(now=NOW + timedelta(days=7))
    at_work = settle_family(
        asked, asked.with_record(enter(asked.tasks[0], "ready_for_review", later, by=ADA)), later
    ).family
    assert at_work.tasks[0].clock_stopped_on == TODAY
    answered = moved(asked, "in_progress", ctx=later).family
    assert [(item.clock_stopped_on, item.clock_paused_days) for item in answered.records[:2]] == [(None, 5), (None, 5)]


def test_a_task_begun_during_a_question_waits_with_the_request() -> None:
    asked = moved(family_of("in_progress", "todo"), "needs_clarification", reason="which?").family
    later = audit_context(now=NOW + timedelta(days=7))
    begun = settle_family(asked, asked.with_record(enter(asked.tasks[0], "in_progress", later, by=ADA)), later).family
    assert (begun.tasks[0].clock_stopped_on, begun.tasks[0].clock_paused_days) == (later.today, 5)


# Evidence.


def released_names(family: Family) -> set[str]:
    return {item.file_name for item in family.evidence if item.is_released}


OTHERS = evidence("other.pdf", task=OTHER_TASK.uid)
REQUESTS = evidence("own.pdf", task=None)
FILES = (evidence("mine.pdf"), OTHERS, REQUESTS, on_page("theirs.pdf"))


def test_evidence_is_released_by_the_review_of_its_own_task_alone() -> None:
    before = family_of("in_progress", "ready_for_review", "ready_for_review", files=FILES)
    assert released_names(task_moved(before, "in_progress").family) == {"theirs.pdf"}
    assert released_names(task_moved(before, "approved", by=RITA).family) == {"theirs.pdf", "mine.pdf"}


def test_a_version_that_was_replaced_before_the_review_stays_inside() -> None:
    drafts = (
        evidence("list.csv", version=1),
        evidence("list.csv", version=2),
        evidence("list.csv", version=3, task=OTHER_TASK.uid),
    )
    before = family_of("in_progress", "ready_for_review", "ready_for_review", files=drafts)
    after = task_moved(before, "approved", by=RITA).family
    assert [item.version for item in after.evidence if item.is_released] == [2]


def test_a_file_on_the_request_itself_is_released_when_it_is_submitted() -> None:
    before = family_of("internal_review", files=FILES)
    assert released_names(moved(before, "in_progress").family) == {"theirs.pdf"}
    assert released_names(moved(before, "submitted").family) == {"theirs.pdf", "own.pdf"}


@pytest.mark.parametrize(
    ("status", "out"),
    [
        ("in_progress", {"shown.pdf"}),
        ("returned", {"shown.pdf"}),
        ("withdrawn", {"shown.pdf"}),
        ("accepted", {"shown.pdf", "mine.pdf", "own.pdf"}),
    ],
)
def test_of_what_was_submitted_only_what_is_on_the_page_stays_out_when_nobody_stands_behind_it_any_more(
    status: str, out: set[str]
) -> None:
    waiting = [replace(each, is_released=True) for each in (evidence("mine.pdf", copy_id=None), REQUESTS)]
    shown = evidence("shown.pdf", is_released=True, copy_id="att1")
    before = family_of("submitted", "delivered", files=(*waiting, shown))
    assert released_names(moved(before, status).family) == out


def test_a_late_file_of_a_task_that_passed_stays_inside_until_the_next_review() -> None:
    before = family_of("submitted", "delivered")
    after = settle_family(before, replace(before, evidence=(evidence("late.pdf"),)), CTX).family
    assert released_names(after) == set()


def test_where_internal_review_is_off_everything_is_released() -> None:
    before = family_of("open", "todo")
    after = settle_family(before, replace(before, evidence=FILES), audit_context(internal_review=False)).family
    assert released_names(after) == {item.file_name for item in FILES}


def test_a_file_added_after_the_approval_brings_the_task_back_to_review_and_says_so_once() -> None:
    before = family_of("internal_review", "approved", "approved", files=(evidence("mine.pdf"),))
    added = replace(before, evidence=(*before.evidence, evidence("late.pdf"), evidence("later.pdf")))
    intake = settle_family(before, added, CTX)
    assert states(intake.family) == ["internal_review", "ready_for_review", "approved"]
    assert [(say.record, say.role) for say in intake.say] == [(TASK.uid, LinkRole.ISSUE)]


@given(st.permutations([evidence("a.pdf", version=n, is_released=n != 4) for n in (1, 2, 3, 4)]))
def test_the_newest_released_version_is_shown_in_whatever_order_they_come(files: list[Evidence]) -> None:
    assert [item.version for item in replace(family_of(), evidence=tuple(files)).released()] == [3]


@pytest.mark.parametrize(
    ("file", "is_seen"),
    [
        (evidence(is_released=True, copy_id="att1"), True),
        (evidence(is_released=True, copy_id="att1", copied_at=NOW), True),
        (evidence(is_released=True, copy_id="att1", copied_at=NOW + timedelta(seconds=1)), False),
        (evidence(is_released=True, copy_id=None), False),
        (evidence(is_released=False, copy_id=None), True),
        (on_page(collected_at=NOW - timedelta(minutes=1)), True),
        (on_page(collected_at=NOW + timedelta(minutes=1)), False),
    ],
)
def test_what_an_auditor_decides_on_was_on_the_page_before(file: Evidence, is_seen: bool) -> None:
    assert was_on_page(family_of("submitted", files=(file,)), NOW) is is_seen


# Acceptances.

GIVEN = evidence("report.pdf", is_released=True, copy_id="att1")


def accepted(*files: Evidence) -> Family:
    decision = replace(ACCEPTED, evidence=exact(files))
    return replace(family_of("accepted", "done", files=files), decisions=(decision,))


def test_an_acceptance_of_unchanged_evidence_stands() -> None:
    before = accepted(GIVEN)
    intake = settle_family(before, replace(before, evidence=(*before.evidence, evidence("held.pdf"))), CTX)
    assert states(intake.family) == ["accepted", "done"]
    assert intake.say == ()


@pytest.mark.parametrize(
    "files",
    [
        (GIVEN, on_page("new.pdf")),
        (replace(GIVEN, sha256="f" * 64),),
        (GIVEN, evidence("report.pdf", version=2, is_released=True)),
        (),
    ],
)
def test_an_acceptance_falls_with_any_change_of_its_evidence_and_both_are_told_once(files: tuple[Evidence]) -> None:
    before = accepted(GIVEN)
    intake = settle_family(before, replace(before, evidence=files), CTX)
    assert states(intake.family) == ["submitted", "delivered"]
    assert [(say.role, say.visibility) for say in intake.say] == [
        (LinkRole.PAGE, Visibility.AUDITOR),
        (LinkRole.ISSUE, Visibility.INTERNAL),
    ]
    assert {note.record for note in intake.notes} == {REQUEST.uid, TASK.uid}
    assert "Clara Weiss" in plain(intake.say[0].body)
    assert settle_family(intake.family, intake.family, CTX).say == ()


@pytest.mark.parametrize("files", [(GIVEN, on_page("new.pdf")), (replace(GIVEN, sha256="f" * 64),)])
def test_in_a_closed_audit_an_acceptance_stands_and_falls_once_it_is_open_again(files: tuple[Evidence, ...]) -> None:
    before, closed = accepted(GIVEN), audit_context(is_closed=True)
    frozen = settle_family(before, replace(before, evidence=files), closed)
    assert (states(frozen.family), frozen.say) == (["accepted", "done"], ())
    assert frozen.family.evidence == files
    edited = keep_acceptance_exact(before, closed, page_changed="the text of the page was changed")
    assert edited.family == before
    assert states(settle_family(frozen.family, frozen.family, CTX).family) == ["submitted", "delivered"]


def test_the_newest_acceptance_counts() -> None:
    old = replace(ACCEPTED, evidence=("0 old.pdf",))
    before = accepted(GIVEN)
    before = replace(before, decisions=(old, *before.decisions))
    assert settle_family(before, before, CTX).family.request.status == "accepted"


def test_what_an_acceptance_is_of_names_each_file_by_its_hash_whatever_the_order() -> None:
    one, two = on_page("b.pdf", sha256="b" * 64), on_page("a.pdf", sha256="a" * 64)
    assert exact((one, two)) == exact((two, one)) == (f"{'a' * 64} a.pdf", f"{'b' * 64} b.pdf")


# The ladder and the family.


@pytest.mark.parametrize(
    ("levels", "raised_by", "status", "shared"),
    [
        ((0, 0), None, "open", 0),
        ((1, 3), None, "open", 3),
        ((0, 0), CLARA, "open", 1),
        ((2, 0), CLARA, "in_progress", 2),
        ((2, 3), CLARA, "accepted", 0),
    ],
)
def test_a_request_is_as_escalated_as_the_worst_of_its_tasks(
    levels: tuple[int, int], raised_by: str | None, status: str, shared: int
) -> None:
    before = family_of(status, "todo", "todo", raised_by=raised_by, escalation_level=1)
    before = before.with_record(replace(before.tasks[0], escalation_level=1))
    after = before
    for task, level in zip(before.tasks, levels, strict=True):
        after = after.with_record(replace(task, escalation_level=level))
    assert settle_family(before, after, CTX).family.request.escalation_level == shared


@pytest.mark.parametrize("tasks", [(), ("cancelled",)])
def test_a_request_without_work_below_it_keeps_its_own_level(tasks: tuple[str, ...]) -> None:
    family = family_of("open", *tasks, escalation_level=2)
    assert settle_family(family, family, CTX).family.request.escalation_level == 2


# What people hear.


def test_a_submission_is_said_on_the_page_with_the_number_of_files() -> None:
    files = (evidence("a.pdf"), evidence("b.pdf", task=OTHER_TASK.uid))
    before = family_of(
        "internal_review", "approved", "approved", files=tuple(replace(f, is_released=True) for f in files)
    )
    (say,) = moved(before, "submitted").say
    assert (say.role, say.visibility, say.record) == (LinkRole.PAGE, Visibility.AUDITOR, REQUEST.uid)
    assert "2 files" in plain(say.body)


def test_a_return_is_said_to_whoever_owes_again_and_each_time_anew() -> None:
    before = family_of("submitted", "delivered", "delivered")
    intake = moved(before, "returned", reason="Q2 is missing")
    assert [(say.record, say.role) for say in intake.say] == [
        (TASK.uid, LinkRole.ISSUE),
        (OTHER_TASK.uid, LinkRole.ISSUE),
    ]
    assert all("Q2 is missing" in plain(say.body) for say in intake.say)
    again = moved(family_of("submitted", "delivered", "delivered", version=5), "returned", reason="Q3 too")
    assert not {say.cause for say in intake.say} & {say.cause for say in again.say}


def test_a_return_of_a_request_without_tasks_is_said_on_its_own_issue() -> None:
    (say,) = moved(family_of("submitted"), "returned", reason="Q2 is missing").say
    assert (say.record, say.role) == (REQUEST.uid, LinkRole.ISSUE)


def test_a_return_is_not_said_where_nothing_is_owed_any_more() -> None:
    intake = moved(family_of("submitted", "delivered", "cancelled"), "returned", reason="Q2 is missing")
    assert [say.record for say in intake.say] == [TASK.uid]
