"""The stories of the whole round and of both ways, told once more with Tieout speaking to Data Center alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.clock import ManualClock
from sync.database import open_database
from tests.system.all_dc import DataCenterWorld
from tests.system.test_both_ways import (
    test_a_comment_in_jira_stays_inside_unless_it_is_for_the_auditor,
    test_a_deleted_issue_is_a_detached_link_and_is_not_made_again,
    test_a_file_the_auditor_puts_on_the_page_is_recorded_and_told_to_the_owner_once,
    test_a_later_date_is_an_extension_request_and_the_old_date_stands,
    test_a_new_assignee_and_priority_are_taken_from_jira,
    test_an_auditors_comment_reaches_the_owner_once,
    test_peoples_text_on_the_page_survives_every_write,
    test_text_the_auditor_wrote_is_put_back_and_explained,
    test_the_due_cell_is_an_auditors_to_edit_and_nobody_elses,
)
from tests.system.test_going_round import (
    test_a_file_changed_after_the_acceptance_takes_it_back,
    test_a_return_brings_the_work_back_with_its_reason_and_a_new_date,
    test_a_second_sync_writes_nothing,
    test_an_acceptance_closes_the_issues_and_binds_the_files,
    test_every_record_has_one_issue_and_one_page,
    test_only_an_auditor_accepts,
)
from tests.system.world import START

pytestmark = pytest.mark.long
__all__ = [
    "test_a_comment_in_jira_stays_inside_unless_it_is_for_the_auditor",
    "test_a_deleted_issue_is_a_detached_link_and_is_not_made_again",
    "test_a_file_changed_after_the_acceptance_takes_it_back",
    "test_a_file_the_auditor_puts_on_the_page_is_recorded_and_told_to_the_owner_once",
    "test_a_later_date_is_an_extension_request_and_the_old_date_stands",
    "test_a_new_assignee_and_priority_are_taken_from_jira",
    "test_a_return_brings_the_work_back_with_its_reason_and_a_new_date",
    "test_a_second_sync_writes_nothing",
    "test_an_acceptance_closes_the_issues_and_binds_the_files",
    "test_an_auditors_comment_reaches_the_owner_once",
    "test_every_record_has_one_issue_and_one_page",
    "test_only_an_auditor_accepts",
    "test_peoples_text_on_the_page_survives_every_write",
    "test_text_the_auditor_wrote_is_put_back_and_explained",
    "test_the_due_cell_is_an_auditors_to_edit_and_nobody_elses",
]


@pytest.fixture
def backend() -> str:
    """One database is enough here: what is asked is about the sites."""
    return "sqlite"


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[DataCenterWorld]:
    clock = ManualClock(START)
    db = open_database(database_url, clock=clock.now, is_durable=False)
    yield DataCenterWorld(db, clock, tmp_path)
    db.dispose()
