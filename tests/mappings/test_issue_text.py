"""What owners read in Jira: summaries, descriptions, labels, and what Tieout has to tell them."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from mappings.adf import adf_to_text, to_adf
from mappings.characters import units
from mappings.issue_text import (
    escalation,
    evidence_changed,
    extension_asked,
    find_ref,
    labels,
    put_back,
    request_description,
    request_summary,
    returned,
    signature,
    submitted,
    task_description,
    task_summary,
)
from mappings.ladder import Step, steps_of
from mappings.records import Record, Side, TaskStatus, short_ref
from mappings.rules import Ladder
from mappings.storage import plain_text, to_storage
from mappings.text import Document, Mention, Paragraph, plain
from tests.mappings.audit_world import AUDIT, PEOPLE, REQUEST, TASK
from tests.mappings.nasty import NASTY

PAGE_URL = "https://acme.atlassian.net/wiki/spaces/SOC/pages/77"
GUIDANCE = ("The whole period is covered.",)


def told(document: Document) -> list[str]:
    """Who is notified."""
    runs = [run for block in document if isinstance(block, Paragraph) for run in block.runs]
    return [run.account_id for run in runs if isinstance(run, Mention)]


def test_summaries_carry_the_number_first() -> None:
    assert request_summary(REQUEST) == "R-014 Access review report"
    assert task_summary(TASK) == "R-014/1 Access review report"


@given(NASTY)
def test_any_summary_fits_on_one_line(title: str) -> None:
    summary = request_summary(replace(REQUEST, title=title * 20))
    assert units(summary) <= 255
    assert summary == " ".join(summary.split())


def test_a_task_says_first_what_is_wanted_then_by_when_and_how() -> None:
    assert plain(task_description(TASK, REQUEST, PAGE_URL, AUDIT, GUIDANCE, reviewer="Rita Reviewer")) == (
        "Access review report\n\n"
        "The report of each quarterly access review.\nWith sign-off.\n\n"
        "For all systems <prod> & CI.\n\n"
        "The auditor wants it by 2026-12-01.\n\n"
        "It must cover 2026-01-01 to 2026-12-31.\n\n"
        "How to hand it in\n\n"
        "- Attach the files to this issue and move it to review. "
        "Rita Reviewer checks them before the auditor sees anything.\n"
        "- A comment that begins with auditor: or question: goes to the auditor; "
        "every other one stays inside the company.\n\n"
        "What good evidence looks like\n\n- The whole period is covered.\n\n"
        f"What the auditor sees: {PAGE_URL}"
    )


def test_a_task_says_who_checks_and_leaves_out_what_is_not_known() -> None:
    bare = replace(REQUEST, auditor_due_on=None)
    text = plain(task_description(replace(TASK, reviewer=None), bare, "", AUDIT, ()))
    assert "A colleague other than you checks them before the auditor sees anything." in text
    assert "wants it by" not in text
    assert "What the auditor sees" not in text
    open_door = AUDIT.model_copy(update={"internal_review": False})
    text = plain(task_description(TASK, REQUEST, PAGE_URL, open_door, ()))
    assert "The auditor sees them as soon as they are attached." in text


def test_a_request_says_where_its_work_is() -> None:
    text = plain(request_description(REQUEST, PAGE_URL, AUDIT, GUIDANCE))
    assert text.startswith("The report of each quarterly access review.")
    assert "- Criteria: CC6.2, CC6.3, X9\n- Controls: AC-12, AC-13" in text
    assert "The work is in the tasks linked to this issue." in text
    alone = AUDIT.model_copy(update={"tasks": "none"})
    assert "Attach the files to this issue" in plain(request_description(REQUEST, PAGE_URL, alone, GUIDANCE))


def test_a_description_fits_into_jira_however_long_the_auditor_writes() -> None:
    long = replace(REQUEST, description="word 😀 " * 20_000)
    for document in (request_description(long, "", AUDIT, ()), task_description(TASK, long, "", AUDIT, ())):
        assert units(plain(document)) < 32_767


@pytest.mark.parametrize(
    ("record", "more"),
    [
        (REQUEST, set()),
        (replace(REQUEST, status="returned"), {"returned"}),
        (replace(REQUEST, is_proposed_withdrawn=True), {"proposed-withdrawn"}),
        (replace(REQUEST, escalation_level=1), {"overdue"}),
        (replace(REQUEST, escalation_level=1, raised_by="5b-ada"), set()),
        (replace(REQUEST, escalation_level=2, raised_by="5b-ada"), {"overdue"}),
    ],
)
def test_the_labels_of_a_request(record: Record, more: set[str]) -> None:
    common = {"tieout", "audit-soc2-2026", f"tieout-{REQUEST.uid}", "tsc-CC6.2", "tsc-CC6.3", "tsc-X9"}
    assert labels(record, record, "SOC2-2026") == common | more


def test_the_labels_of_a_task_name_its_request() -> None:
    changed = replace(TASK, status=TaskStatus.CHANGES_REQUESTED)
    assert labels(changed, REQUEST, "SOC2-2026") >= {
        f"tieout-{TASK.uid}",
        f"tieout-request-{REQUEST.uid[:12]}",
        "tsc-CC6.2",
        "changes-requested",
    }


@given(NASTY)
def test_no_label_has_a_space(criterion: str) -> None:
    for label in labels(replace(REQUEST, criteria=(criterion * 10,)), REQUEST, "A"):
        assert label
        assert not any(character.isspace() for character in label)
        assert units(label) <= 255


def test_a_copied_comment_says_at_its_foot_who_said_it_and_where() -> None:
    (run,) = signature("Clara\nWeiss", Side.CONFLUENCE, short_ref(REQUEST.uid)).runs
    assert plain((Paragraph((run,)),)) == "— Clara Weiss on the evidence page · ref 1a2b3c4d5e6f"
    assert plain((signature("Ada", Side.JIRA),)) == "— Ada in Jira"


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("words\n\n— Clara Weiss on the evidence page · ref 1a2b3c4d5e6f", "ref 1a2b3c4d5e6f"),
        ("words\n\nref 1a2b3c4d5e6f\n", "ref 1a2b3c4d5e6f"),
        ("ref 1a2b3c4d5e6f", "ref 1a2b3c4d5e6f"),
        ("he wrote:\nref 1a2b3c4d5e6f\nand I disagree", None),
        ("see ref 1a2b3c4d5e6f", None),
        ("ref 1a2b", None),
        ("", None),
    ],
)
def test_a_mark_is_read_only_at_the_foot(text: str, ref: str | None) -> None:
    assert find_ref(text) == ref


@pytest.mark.parametrize("through", [lambda d: adf_to_text(to_adf(d)), lambda d: plain_text(to_storage(d))])
def test_a_mark_survives_both_products(through: object) -> None:
    document = (*submitted(2), signature("Clara & <Co>", Side.JIRA, short_ref(REQUEST.uid)))
    assert find_ref(through(document)) == "ref 1a2b3c4d5e6f"  # type: ignore[operator]  # a lambda of the table


REMINDER, *_, LATE, LATER, LATEST = steps_of(Ladder())


@pytest.mark.parametrize(
    ("step", "whom", "words"),
    [
        (REMINDER, ["5b-ada"], "is due on 2026-11-20"),
        (LATE, ["5b-ada", "5b-mia"], "was due on 2026-11-20 and is overdue"),
        (LATER, ["5b-ada", "5b-mia", "5b-cora"], "who clears the way"),
        (LATEST, ["5b-ada", "5b-mia", "5b-cora"], "Sam Chief: R-014/1"),
    ],
)
def test_each_step_of_the_ladder_speaks_to_those_whom_it_tells(step: Step, whom: list[str], words: str) -> None:
    said = escalation(step, TASK, PEOPLE, AUDIT)
    assert told(said) == whom
    assert words in plain(said)


def test_for_what_nobody_owns_the_coordinator_is_called() -> None:
    assert told(escalation(LATE, replace(TASK, owner=None), PEOPLE, AUDIT)) == ["5b-cora"]
    assert plain(escalation(LATE, replace(TASK, owner=None), {}, AUDIT)).startswith("R-014/1 Access review")


def test_what_was_put_back_is_explained_to_who_changed_it() -> None:
    said = put_back("only the auditor accepts", "status", "5b-ada", PEOPLE)
    assert plain(said) == "@Ada Lovelace: The change of the status was put back. Only the auditor accepts."
    assert plain(put_back("no.", "due date", None)) == "The change of the due date was put back. No."


def test_a_return_tells_the_owner_why_and_until_when() -> None:
    said = returned("Q2 is missing", TASK, PEOPLE)
    assert told(said) == ["5b-ada"]
    assert plain(said).endswith(
        "The auditor returned this: Q2 is missing. "
        "Attach what is missing and move the card to review again by 2026-11-20."
    )
    assert "no reason was given." in plain(returned("", replace(TASK, due_on=None), {}))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (submitted(1), "The evidence is submitted, with 1 file."),
        (submitted(0), "with no files."),
        (submitted(3), "with 3 files."),
        (
            extension_asked(date(2027, 1, 9), date(2026, 12, 1), "Cora", "R-7/1"),
            "`tieout request grant R-7/1` (or refuse), the auditor by the comment `due 2027-01-09` on the evidence",
        ),
        (extension_asked(None, None, "Cora", "R-7"), "Until then, there is no date."),
        (evidence_changed("a file was replaced", "Clara"), "since then a file was replaced. The acceptance no longer"),
    ],
)
def test_each_notice_says_what_happened_and_what_to_do(said: Document, words: str) -> None:
    assert words in plain(said)
