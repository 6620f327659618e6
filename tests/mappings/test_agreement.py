"""Whatever people change on the sides, one run later all of them agree and a further run does nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.issue_words import issue_text, read_fields, said_abroad
from mappings.records import Record, RequestStatus, TaskStatus
from tests.mappings.paper_world import (
    ADA,
    CLARA,
    CORA,
    MIA,
    NOBODY,
    PAGE_URL,
    RITA,
    SMALL_BOARD,
    STATUSES,
    STRANGER,
    TIEOUT,
    Desk,
    audit_context,
    evidence,
    family_of,
    is_silent,
    on_page,
)

PEOPLE = (ADA, RITA, CORA, CLARA, STRANGER, NOBODY)
DATES = (None, date(2026, 11, 12), date(2026, 11, 20), date(2026, 12, 1), date(2026, 12, 20))
KEYS = (None, "ada@acme.example", "mia@acme.example", "sam@acme.example", "name:nobody knows", f"account:{STRANGER}")
LABELS = ("escalate", "quarter-end", "tieout", "overdue", "changes-requested")

Edit = tuple[int, str, str, Any]
"""Which issue, by whom, what, and its new value."""


def edits(board: tuple[str, ...], authors: tuple[str, ...] = PEOPLE) -> st.SearchStrategy[list[Edit]]:
    values: dict[str, st.SearchStrategy[Any]] = {
        "assignee": st.sampled_from([None, ADA, MIA, CORA, RITA, STRANGER]),
        "priority": st.sampled_from(["Highest", "High", "Medium", "Low", "Lowest", "Blocker", None]),
        "due_on": st.sampled_from(DATES),
        "status_id": st.sampled_from(board),
        "is_flagged": st.booleans(),
        "labels": st.sets(st.sampled_from(LABELS)),
        "summary": st.sampled_from(["do later", ""]),
        "description": st.just("never mind"),
    }
    one = st.sampled_from(sorted(values)).flatmap(
        lambda name: st.tuples(st.integers(0, 2), st.sampled_from(authors), st.just(name), values[name])
    )
    return st.lists(one, max_size=5)


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "owner": st.sampled_from(KEYS),
        "priority": st.sampled_from(["highest", "medium", "low"]),
        "due_on": st.sampled_from(DATES),
        "auditor_due_on": st.sampled_from(DATES),
        "escalation_level": st.integers(0, 3),
        "watchers": st.sampled_from([(), ("mia@acme.example",), ("mia@acme.example", "sam@acme.example")]),
        "title": st.just("Another title"),
        "reviewed_by": st.sampled_from([RITA, CORA]),
    },
)
FAMILIES = st.builds(
    family_of,
    st.sampled_from(list(RequestStatus)),
    st.sampled_from(list(TaskStatus)),
    st.sampled_from(list(TaskStatus)),
    files=st.sampled_from([(), (evidence(),), (evidence(is_released=True, copy_id="a1"), on_page())]),
)
SITES = st.tuples(st.sampled_from([tuple(STATUSES), SMALL_BOARD]), st.booleans())


def apply(desk: Desk, changed: list[Edit]) -> None:
    for at, by, name, value in changed:
        paper = list(desk.issues.values())[at % len(desk.issues)]
        if name == "is_flagged" and not desk.has_flag:
            continue
        paper.edit(by, **{name: paper.view.labels ^ value if name == "labels" else value})


def change_register(desk: Desk, changes: list[dict[str, Any]], statuses: tuple[str, str]) -> None:
    """What the register came to by itself: by an import, a command, the page."""
    for record, change in zip(desk.family.records, changes, strict=True):
        desk.family = desk.family.with_record(replace(record, **change))
    request, task = desk.family.request, desk.family.tasks[0]
    desk.family = desk.family.with_record(replace(request, status=statuses[0]))
    desk.family = desk.family.with_record(replace(task, status=statuses[1]))


def assert_at_rest(desk: Desk) -> None:
    """The next run changes, says and writes nothing. It may journal an old write of ours as found, but never twice."""
    before = desk.family
    for is_last in (False, True):
        intake, actions = desk.round()
        assert (actions, intake.say, intake.family) == ([], (), before)
        assert {note.who for note in intake.notes} <= {"tieout"}
        assert not is_last or is_silent(intake, before)


def assert_agreed(desk: Desk) -> None:
    for uid, paper in desk.issues.items():
        record = desk.record(uid)
        text = issue_text(record, desk.family, desk.ctx, PAGE_URL)
        readings = read_fields(record, paper.view, paper.link, text, desk.ctx, desk.words(record))
        sayable = said_abroad(record, text, desk.ctx, desk.words(record))
        assert [field for field in sayable if not readings[field].agrees] == []


@settings(max_examples=80, deadline=None)
@given(
    family=FAMILIES,
    site=SITES,
    own=st.lists(CHANGES, min_size=3, max_size=3),
    statuses=st.tuples(st.sampled_from(list(RequestStatus)), st.sampled_from(list(TaskStatus))),
    data=st.data(),
)
def test_issues_agree_one_run_after_any_changes_on_both_sides(
    family: Any, site: tuple[tuple[str, ...], bool], own: list[dict[str, Any]], statuses: tuple[str, str], data: Any
) -> None:
    board, has_flag = site
    desk = Desk.agreed(family, audit_context(), board, has_flag=has_flag)
    if data.draw(st.booleans(), label="the register moved too"):
        change_register(desk, own, statuses)
    apply(desk, data.draw(edits(board, (*PEOPLE, TIEOUT)), label="edits"))
    intake, _ = desk.round()
    causes = [say.cause for say in intake.say]
    assert len(causes) == len(set(causes))
    assert_agreed(desk)
    assert_at_rest(desk)


@settings(max_examples=40, deadline=None)
@given(family=FAMILIES, changed=edits(tuple(STATUSES)))
def test_nothing_people_do_on_a_board_is_an_auditors_decision(family: Any, changed: list[Edit]) -> None:
    desk = Desk.agreed(family, audit_context())
    was = {record.uid: record.status for record in family.records}
    apply(desk, changed)
    intake, _ = desk.round()
    decided = {"accepted", "returned", "not_applicable", "withdrawn", "done"}
    assert {record.status for record in desk.family.records if record.status != was[record.uid]} & decided == set()
    assert intake.decisions == ()


@settings(max_examples=40, deadline=None)
@given(family=FAMILIES, changed=edits(tuple(STATUSES), (ADA, CORA, RITA)))
def test_what_the_board_owns_is_never_lost(family: Any, changed: list[Edit]) -> None:
    """The last owner, and the last priority that has a name of ours, are those of the register afterwards."""
    desk = Desk.agreed(family, audit_context())
    apply(desk, changed)
    views = {uid: paper.view for uid, paper in desk.issues.items()}
    desk.round()
    for uid, view in views.items():
        record: Record = desk.record(uid)
        assert desk.ctx.account_of(record.owner) == view.assignee
        if view.priority not in ("Blocker", None):
            assert record.priority == (view.priority or "").lower() or record.priority_before is None


@settings(max_examples=40, deadline=None)
@given(family=FAMILIES, changed=edits(tuple(STATUSES), (*PEOPLE, TIEOUT)))
def test_labels_of_people_survive_everything(family: Any, changed: list[Edit]) -> None:
    desk = Desk.agreed(family, audit_context())
    apply(desk, changed)
    theirs = {uid: paper.view.labels & {"quarter-end"} for uid, paper in desk.issues.items()}
    desk.round()
    assert {uid: paper.view.labels & {"quarter-end"} for uid, paper in desk.issues.items()} == theirs


PAGE_EDITS: dict[str, Callable[[str], str]] = {
    "notes": lambda body: body.replace("<h2>Notes</h2>", "<h2>Notes</h2><p>Ask Bob.</p>"),
    "due": lambda body: body.replace('<time datetime="2026-12-01"/>', "2026-12-20", 1),
    "no date": lambda body: body.replace('<time datetime="2026-12-01"/>', "soon", 1),
    "tick": lambda body: body.replace("<ac:task-status>incomplete<", "<ac:task-status>complete<"),
    "untick": lambda body: body.replace("<ac:task-status>complete<", "<ac:task-status>incomplete<"),
    "ours": lambda body: body.replace("<h2>What is asked</h2>", "<h2>Never mind</h2>"),
    "gone": lambda _: "<p>gone</p>",
}


@settings(max_examples=20, deadline=None)
@given(
    family=FAMILIES,
    changed=edits(tuple(STATUSES)),
    on_the_page=st.lists(
        st.tuples(st.sampled_from(sorted(PAGE_EDITS)), st.sampled_from((CLARA, ADA, STRANGER))), max_size=3
    ),
)
def test_issues_and_page_agree_one_run_after_any_changes(
    family: Any, changed: list[Edit], on_the_page: list[tuple[str, str]]
) -> None:
    desk = Desk.agreed(family, audit_context(), has_page=True)
    assert desk.page is not None
    apply(desk, changed)
    for name, who in on_the_page:
        desk.page.save(who, PAGE_EDITS[name](desk.page.view.body))
    desk.round()
    assert_agreed(desk)
    assert_at_rest(desk)
