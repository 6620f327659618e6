"""The evidence page as an auditor sees it, edits it, and finds it after the next write."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.sandbox.confluence import markers
from connector.sandbox.confluence.bodytasks import read, with_status
from connector.sandbox.confluence.editor import saved_by_editor
from connector.sandbox.confluence.storage import validate
from mappings.characters import units
from mappings.evidence_page import (
    PageFacts,
    Unreadable,
    compose,
    compose_home,
    content_of,
    home_regions,
    read_decision_tick,
    read_due,
    read_page,
    render_regions,
    rewrite,
    rewrite_home,
    title_of,
)
from mappings.records import RequestStatus
from mappings.storage import check_well_formed, normalise, outside_regions, plain_text, read_regions
from tests.mappings.audit_world import (
    ACCEPTED,
    AUDIT,
    FACTS,
    FIRST,
    HELD,
    OWNER,
    PEOPLE,
    REQUEST,
    RETURNED,
    SECOND,
    TASK,
)
from tests.mappings.corpus import GOLDEN
from tests.mappings.nasty import NASTY

PAGE = compose(FACTS)
EMPTY_PAGE = compose(
    replace(FACTS, record=replace(REQUEST, owner=None, auditor_due_on=None, status="open"), evidence=(), decisions=())
)


def now(**changes: Any) -> PageFacts:
    """The same facts with a changed request."""
    return replace(FACTS, record=replace(REQUEST, **changes))


def part(facts: PageFacts, name: str) -> str:
    return plain_text(render_regions(facts)[f"tieout-{name}"])


def saved(body: str) -> str:
    """The page after a person opened and saved it."""
    numbers = iter(range(10_000))
    return saved_by_editor(body, lambda: f"id-{next(numbers)}")


def with_due(cell: str) -> str:
    """The page with another due cell."""
    written = '<td><p><time datetime="2026-12-01"/></p></td>'
    assert PAGE.count(written) == 1
    return PAGE.replace(written, f"<td>{cell}</td>")


@pytest.mark.parametrize(("name", "page"), [("submitted", PAGE), ("unowned", EMPTY_PAGE)])
def test_a_page_is_written_as_on_record(name: str, page: str) -> None:
    assert normalise(page) == (GOLDEN / f"page_{name}.xml").read_text(encoding="utf-8").rstrip("\n")


def test_the_parts_stand_in_their_order_and_people_have_a_place_below() -> None:
    assert list(read_regions(PAGE)) == [
        f"tieout-{name}" for name in ("facts", "asked", "tasks", "evidence", "decide", "sync")
    ]
    assert outside_regions(PAGE) == "<h2>Notes</h2><p></p>"


def test_only_released_evidence_is_shown_and_the_rest_is_counted() -> None:
    shown = part(FACTS, "evidence")
    assert FIRST.sha256 in shown
    assert HELD.file_name not in PAGE
    assert HELD.sha256 not in PAGE
    assert shown.endswith("1 file is in internal review and will be shown here after it.")
    two = replace(FACTS, evidence=(HELD, HELD))
    assert part(two, "evidence") == "Evidence\n\n2 files are in internal review and will be shown here after it."
    assert part(replace(FACTS, evidence=()), "evidence") == "Evidence\n\nNo evidence yet."
    replaced = replace(HELD, version=0)
    assert part(replace(FACTS, evidence=(replaced, HELD)), "evidence").endswith(
        "1 file is in internal review and will be shown here after it."
    )


def test_an_acceptance_is_shown_beside_exactly_what_it_covers() -> None:
    rows = part(replace(FACTS, decisions=(RETURNED, ACCEPTED)), "evidence").split("\n")
    first, second = (next(row for row in rows if item.sha256 in row) for item in (FIRST, SECOND))
    assert first.endswith("| No")
    assert second.endswith("| 2026-11-06 08:30 by Clara Weiss")


def test_only_the_newest_copy_of_a_file_is_a_link() -> None:
    regions = render_regions(FACTS)
    assert regions["tieout-evidence"].count("<ri:attachment") == 1
    assert part(FACTS, "evidence").count(FIRST.file_name) == 2
    assert (
        "<ri:attachment"
        not in render_regions(replace(FACTS, evidence=(replace(FIRST, copy_id=None),)))["tieout-evidence"]
    )


@pytest.mark.parametrize("status", RequestStatus)
def test_every_state_of_a_request_has_a_page(status: RequestStatus) -> None:
    facts = now(status=status, reason="because <of> this")
    page = compose(facts)
    check_well_formed(page)
    is_open = status in (RequestStatus.SUBMITTED, RequestStatus.ACCEPTED)
    assert len(read(page)) == is_open
    assert read_decision_tick(page) is (status is RequestStatus.ACCEPTED)
    told = status in (RequestStatus.RETURNED, RequestStatus.NEEDS_CLARIFICATION, RequestStatus.NOT_APPLICABLE)
    assert ("because <of> this" in part(facts, "facts")) is told


@pytest.mark.parametrize(
    ("level", "raised_by", "panel", "words"),
    [
        (0, None, None, "Escalation | None"),
        (1, None, "note", "Escalation | Overdue, the owner’s manager knows"),
        (1, "5b-ada", "note", "Escalation | Raised by hand"),
        (2, "5b-ada", "note", "Escalation | Overdue, the coordinator steps in"),
        (3, None, "warning", "Escalation | Badly overdue, the sponsor steps in"),
        (5, None, "warning", "Escalation | Badly overdue, the sponsor steps in"),
    ],
)
def test_what_is_late_is_said_first_and_badly_late_in_red(
    level: int, raised_by: str | None, panel: str | None, words: str
) -> None:
    facts = now(escalation_level=level, raised_by=raised_by)
    banner = [name for name in ("note", "warning") if f'ac:name="{name}"' in render_regions(facts)["tieout-facts"]]
    assert banner == ([panel] if panel else [])
    assert words in part(facts, "facts")


def test_a_request_whose_tasks_were_raised_by_hand_is_not_called_overdue() -> None:
    by_hand, by_date = replace(TASK, escalation_level=1, raised_by="5b-ada"), replace(TASK, escalation_level=1)
    facts = now(escalation_level=1)
    assert "Escalation | Raised by hand" in part(replace(facts, tasks=(TASK, by_hand)), "facts")
    assert "Escalation | Overdue" in part(replace(facts, tasks=(by_date, by_hand)), "facts")


def test_an_unowned_request_names_the_coordinator() -> None:
    assert "Owner | Nobody yet; ask @5b-cora" in plain_text(EMPTY_PAGE)


def test_the_tasks_are_found_by_the_label_that_their_issues_carry() -> None:
    assert f"labels = &quot;tieout-request-{REQUEST.uid[:12]}&quot;" in PAGE
    without_tasks = replace(FACTS, audit=AUDIT.model_copy(update={"tasks": "none"}))
    assert f"labels = &quot;tieout-{REQUEST.uid}&quot;" in render_regions(without_tasks)["tieout-tasks"]


def test_a_page_saved_by_a_person_without_change_is_not_written_again() -> None:
    assert rewrite(PAGE, FACTS) is None
    assert rewrite(saved(PAGE), FACTS) is None
    assert content_of(saved(PAGE)) == content_of(PAGE) == content_of(render_regions(FACTS))


@pytest.mark.parametrize(
    "page",
    [
        PAGE,
        saved(PAGE),
        PAGE + read_regions(PAGE)["tieout-asked"].source,
        f"<p>Before</p>{PAGE}",
        f"<ac:layout><ac:layout-section><ac:layout-cell>{PAGE}</ac:layout-cell></ac:layout-section></ac:layout>",
        PAGE.replace(read_regions(PAGE)["tieout-facts"].source, ""),
        "<p>words</p>",
    ],
    ids=["ours", "saved", "copied", "begun", "laid out", "without facts", "foreign"],
)
def test_a_page_says_the_same_in_one_go_as_part_by_part(page: str) -> None:
    said = read_page(page)
    assert (said.due, said.is_ticked) == (read_due(page), read_decision_tick(page))
    assert said.content == content_of(page)
    assert said.notes == normalise(outside_regions(page))
    plain = ("tieout-asked", "tieout-tasks", "tieout-evidence")
    parts = {key: found.source for key, found in read_regions(page).items() if key in plain}
    assert all(normalise(source) in said.content.split("\n") for source in parts.values())


def test_a_rewrite_changes_our_parts_and_keeps_peoples_words_and_comments() -> None:
    body = saved(PAGE).replace("<h2", "<p>Seen by Clara &ndash; ok</p><h2", 1).replace(">Notes<", ">My notes<")
    body = markers.insert(body, "Ada Lovelace", 2, 1, "ref-1")
    body = markers.insert(body, "With sign-off", 1, 0, "ref-2")
    body = markers.insert(body, "quarterly", 1, 0, "ref-3")
    facts = now(status="returned", reason="Q2", description="The report of the quarterly review only.")
    written = rewrite(body, facts)
    assert written is not None
    assert outside_regions(written) == outside_regions(body)
    assert markers.refs(written) == markers.refs(body)
    assert markers.selected_text(written, "ref-1") == "Ada Lovelace"
    assert markers.selected_text(written, "ref-2") == "Access review report"
    assert markers.selected_text(written, "ref-3") == "quarterly"
    assert rewrite(written, facts) is None


def test_a_date_that_the_register_changed_is_written() -> None:
    written = rewrite(PAGE, now(auditor_due_on=date(2027, 1, 15)))
    assert written is not None
    assert read_due(written) == date(2027, 1, 15)


def test_falling_out_of_step_is_written_once_and_coming_back_too() -> None:
    apart = replace(FACTS, out_of_step="the owner's\ndate waits for the coordinator")
    written = rewrite(PAGE, apart)
    assert written is not None
    assert "Not in step: the owner's date waits for the coordinator" in plain_text(written)
    assert rewrite(saved(written), apart) is None
    assert rewrite(written, FACTS) is not None
    assert content_of(written) == content_of(PAGE)


@pytest.mark.parametrize("name", ["facts", "asked", "tasks", "evidence", "decide", "sync"])
def test_a_part_that_somebody_deleted_is_noticed_and_put_back(name: str) -> None:
    gone = PAGE.replace(render_regions(FACTS)[f"tieout-{name}"], "")
    assert (content_of(gone) == content_of(PAGE)) is (name == "sync")
    assert rewrite(gone, FACTS) == PAGE


def test_a_part_that_somebody_copied_is_left_to_them() -> None:
    copied = PAGE + render_regions(FACTS)["tieout-asked"]
    written = rewrite(copied, FACTS)
    assert written == PAGE + render_regions(FACTS)["tieout-asked"].replace(">tieout-asked<", ">copy-of-tieout-asked<")
    assert rewrite(written, FACTS) is None


def test_words_typed_into_our_part_are_noticed() -> None:
    typed = saved(PAGE).replace("Ada", "Eve").replace("With sign-off", "Without sign-off")
    assert content_of(typed) != content_of(PAGE)
    assert rewrite(typed, FACTS) is not None


@pytest.mark.parametrize(
    ("cell", "due"),
    [
        ('<p><time datetime="2027-02-03" /></p>', date(2027, 2, 3)),
        ('<p local-id="1"> <time datetime="2027-02-03"></time>&nbsp;</p>', date(2027, 2, 3)),
        (f'<p><{markers.MARKER} ac:ref="r"><time datetime="2027-02-03"/></{markers.MARKER}></p>', date(2027, 2, 3)),
        ("<p>2027-02-03</p>", date(2027, 2, 3)),
        ("2027/2/3", date(2027, 2, 3)),
        ("<p>3 Feb 2027</p>", date(2027, 2, 3)),
        ("<p>3rd February, 2027</p>", date(2027, 2, 3)),
        ("<p>Feb. 3, 2027</p>", date(2027, 2, 3)),
        ("<p>September 30 2026</p>", date(2026, 9, 30)),
        ("<p>30 Sept 2026</p>", date(2026, 9, 30)),
        ("", None),
        ("<p />", None),
        ("<p>Not set</p>", None),
        ("<p>–</p>", None),
        ("<p>TBD</p>", Unreadable("TBD")),
        ("<p>03/02/2027</p>", Unreadable("03/02/2027")),
        ("<p>2027-02-30</p>", Unreadable("2027-02-30")),
        ("<p>3 Marble 2027</p>", Unreadable("3 Marble 2027")),
        ('<p><time datetime="2027-02-03"/> <time datetime="2027-02-04"/></p>', Unreadable("2027-02-03 2027-02-04")),
        ('<p><time datetime="2027-02-03"/> or so</p>', Unreadable("2027-02-03 or so")),
    ],
)  # fmt: skip
def test_the_due_cell_is_read_as_a_date_or_not_guessed(cell: str, due: date | Unreadable | None) -> None:
    page = with_due(cell)
    assert read_due(page) == due
    assert content_of(page) == content_of(PAGE)


def test_a_page_without_its_due_cell_does_not_say_that_there_is_no_date() -> None:
    assert read_due("<p>words</p>") == Unreadable("", is_gone=True)
    assert read_due(PAGE.replace(">Due<", ">Fällig<")) == Unreadable("", is_gone=True)
    assert read_due(EMPTY_PAGE) is None


def test_ticking_the_decision_task_is_read_and_is_no_change_of_content() -> None:
    (task,) = read(PAGE)
    ticked = saved(with_status(PAGE, task.local_id, complete=True))
    assert read_decision_tick(ticked) is True
    assert read_decision_tick(PAGE) is False
    assert read_decision_tick("<p>x</p>") is False
    assert content_of(ticked) == content_of(PAGE)


def test_a_check_box_of_a_person_is_no_decision() -> None:
    done = "<ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status><ac:task-body>call</ac:task-body>"
    own = f"<ac:task>{done}</ac:task>"
    page = PAGE.replace("<ac:task-list>", f"<ac:task-list>{own}") + f"<ac:task-list>{own}</ac:task-list>"
    assert read_decision_tick(page) is False


def test_a_title_is_unique_and_fits() -> None:
    assert title_of(REQUEST, "SOC2-2026") == "R-014 Access review report (SOC2-2026)"
    assert title_of(replace(REQUEST, title=" "), "A") == "R-014 (A)"
    assert title_of(replace(REQUEST, number="~7", title="a\nb\x00\tc"), "A") == "7 a b c (A)"


@given(NASTY, st.text(max_size=600), st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", fullmatch=True))
def test_any_title_fits_on_one_line_and_ends_in_its_audit(number: str, title: str, key: str) -> None:
    written = title_of(replace(REQUEST, number=number * 10, title=title), key)
    assert units(written) <= 255
    assert written == " ".join(written.split())
    assert written.endswith(f"({key})")


@settings(max_examples=60)
@given(*[NASTY] * 6)
def test_nothing_from_outside_breaks_the_page(one: str, two: str, three: str, four: str, five: str, six: str) -> None:
    record = replace(
        REQUEST, number=one, title=two, description=three, criteria=(four,), controls=(five,), request_type=six,
        priority=one, owner=two, reviewer=three, reason=four, status="returned",
    )  # fmt: skip
    hostile = replace(FIRST, file_name=five, collector=six, copy_id=one or None)
    people = {OWNER.key: replace(OWNER, name=one, account_id=two)}
    decision = replace(ACCEPTED, reason=three, by_name=four, evidence=(f"{hostile.sha256} {five}",))
    facts = PageFacts(
        record,
        "A",
        AUDIT,
        people,
        (),
        (hostile,),
        (decision,),
        one,
        (two,),
        (three, four, f"{five} – {six}"),
        four,
        five,
    )
    page = compose(facts)
    validate(page)
    assert rewrite(page, facts) is None
    assert rewrite(saved(page), facts) is None
    assert content_of(page) == content_of(render_regions(facts))


def test_the_home_page_shows_the_audit_its_people_and_its_requests() -> None:
    home = compose_home("SOC2-2026", AUDIT, PEOPLE, FACTS.how_to_decide)
    check_well_formed(home)
    words = plain_text(home)
    assert "Fieldwork | 2027-01-11\nReport | 2027-03-01" in words
    assert "Auditors | @5b-clara\nCoordinator | @5b-cora\nSponsor | Sam Chief" in words
    assert '<ac:parameter ac:name="id">tieout-facts</ac:parameter>' in home
    assert "ancestor = currentContent()" in home
    assert "clara@auditors.example" in plain_text(compose_home("SOC2-2026", AUDIT))


def test_the_home_page_is_rewritten_only_when_it_says_something_else() -> None:
    home = compose_home("SOC2-2026", AUDIT, PEOPLE)
    assert rewrite_home(saved(home), home_regions("SOC2-2026", AUDIT, PEOPLE)) is None
    closed = AUDIT.model_copy(update={"is_closed": True})
    written = rewrite_home(home, home_regions("SOC2-2026", closed, PEOPLE))
    assert written is not None
    assert "State | Closed" in plain_text(written)
