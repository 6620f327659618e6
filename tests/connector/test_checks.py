"""Checks: a site set up well has no findings; each way in which it can be broken is named, with what mends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connector.checks import KINDS, look
from mappings.errors import FarSideError, TryLater

from .broken_sites import (
    BESIDE,
    BROKEN,
    CASES,
    Company,
    a_constant_is_of_no_choice,
    a_status_was_renamed,
    the_site_is_down,
    the_space_is_archived,
)
from .findings_page import PAGE, made


@pytest.fixture
def company() -> Company:
    return Company.set_up_well()


def test_a_site_set_up_well_has_no_findings_and_nothing_is_written(company: Company) -> None:
    company.site.calls.clear()
    assert company.check() == []
    assert company.site.calls.writes() == []


@pytest.mark.parametrize(("name", "break_it", "mend"), CASES)
def test_what_is_broken_is_named_with_what_mends_it(
    company: Company, name: str, break_it: Callable[[Company], None], mend: str
) -> None:
    break_it(company)
    findings = company.check()
    named = [finding for finding in findings if finding.name == name]
    assert named
    assert {finding.name for finding in findings} <= {name, *BESIDE.get(name, ())}
    assert any(mend in finding.how_to_mend for finding in named), named
    assert all(part for finding in named for part in (finding.what, finding.where, finding.why))


def test_what_stands_for_words_of_a_record_is_left_to_jira_and_a_parent_is_no_field_that_nothing_fills(
    company: Company,
) -> None:
    a_constant_is_of_no_choice(company)
    company.audit["request_fields"] = {"customfield_10777": {"value": "{request.type}"}}
    company.project("AUD").create_screen["parent"] = True
    company.audit |= {"parent": "AUD-1", "default_task_project": "IT", "escalation_issue_type": "Audit Request"}
    named = [finding for finding in company.check() if finding.name.startswith(("constant", "required"))]
    assert [finding.how_to_mend.partition("another `escalation")[1] for finding in named] == ["another `escalation"]


@pytest.mark.parametrize("is_known", [True, False])
def test_a_status_renamed_under_the_mapping_file_is_told_once_with_what_to_write(
    company: Company, is_known: bool
) -> None:
    a_status_was_renamed(company)
    if not is_known:
        del company.around["stood"]
    (finding,) = company.check()
    assert finding.what == "the status Doing"
    assert "`[status.IT.task]` and `[status.IT.read_task]` for in_progress" in finding.why
    assert ("is called 'In Progress' now" in finding.why) is is_known
    assert "In Progress" in finding.how_to_mend


def test_a_status_may_be_named_by_its_id(company: Company) -> None:
    a_status_was_renamed(company)
    ((id_,),) = company.around["stood"].values()
    company.status = {"IT": {"task": {"in_progress": id_}, "transition_fields": {id_: {"resolution": {}}}}}
    assert company.check() == []


def test_each_kind_of_finding_is_shown_by_a_broken_site() -> None:
    elsewhere = {name for name in KINDS if name.startswith("provisioned-")}  # tests/webhooks/test_cli_provision.py
    assert {row[0] for row in BROKEN} == KINDS.keys() - elsewhere


def test_what_a_site_refuses_to_tell_holds_up_no_other_check(company: Company) -> None:
    company.site.faults.add("status", path="/createmeta/IT/", status=403, times=10)
    the_space_is_archived(company)
    named = {finding.name: finding for finding in company.check()}
    assert named.keys() == {"not-asked", "space-archived"}
    assert (named["not-asked"].what, named["not-asked"].is_error) == ("project IT", False)
    with pytest.raises(TryLater, match="project IT"):
        company.check(look)


def test_a_site_that_is_no_longer_asked_is_not_taken_for_mended(company: Company) -> None:
    the_site_is_down(company)
    with pytest.raises(FarSideError):
        company.check(look)


def test_the_page_on_findings_says_what_the_checks_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == made(), "python -m tests.connector.findings_page"
