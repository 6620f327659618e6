"""Histories that once ended badly, each made small."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from mappings.records import LinkRole
from sync import journal
from tests.system import admins, crowd, page_people, people
from tests.system.at_rest import NO_WAY
from tests.system.history import History
from tests.system.invariants import check_all
from tests.system.ledger import linked
from tests.system.machine import LISTED
from tests.system.steps import AFTER_COMMIT
from tests.system.troubles import PAGE_WRITTEN
from tests.system.world import CLARA, DANA, INES, PRIYA, TOMAS

pytestmark = pytest.mark.long


@pytest.fixture
def history(database_url: str, tmp_path: Path) -> Iterator[History]:
    made = History(database_url, tmp_path / "vault", dict(LISTED))
    yield made
    made.close()


def test_a_card_moved_to_another_project_in_the_middle_of_its_work_comes_to_rest(history: History) -> None:
    """It was written to again and again, in the words of the project it came from."""
    people.next_step(history, 0)
    history.let_pass(120)
    people.move_to_project(history, 1, "LEGAL")
    people.next_step(history, 0)
    history.let_pass(120)
    people.move_to_project(history, 1, "IT")
    people.next_step(history, 0)
    check_all(history)


def test_the_same_bytes_handed_in_for_a_request_and_for_its_task_are_evidence_of_both(history: History) -> None:
    people.attach(history, 0, TOMAS, 1, 2)
    people.attach(history, 1, PRIYA, 1, 2)
    check_all(history)


def test_a_card_deleted_before_its_file_was_read_is_told_and_holds_up_nothing(history: History) -> None:
    people.next_step(history, 0)
    people.delete_card(history, 1)
    check_all(history)


def test_a_card_whose_workflow_has_no_way_back_does_not_wander_for_ever(history: History) -> None:
    """Each step of its search was a change that a webhook brought back, and so began the next search."""
    issue_id = next(at.remote_id for task, at in linked(history, LinkRole.ISSUE) if task.number == "R-002/1") or ""
    for status in ("Selected", "Doing"):
        history.person(INES).move(issue_id, status)
    check_all(history)
    (letter,) = history.dead_letters()
    assert NO_WAY in letter.error


def test_a_worker_that_knows_nothing_yet_asks_the_sites_before_it_locks_the_register(history: History) -> None:
    """It asked how a project speaks in the middle of judging, and everybody else waited for Jira's answer."""
    history.start_anew("first")
    people.edit_card(history, 1, PRIYA, "priority", "High")
    check_all(history)


def test_a_space_that_is_not_shown_is_asked_for_before_the_register_is_locked(history: History) -> None:
    admins.meddle(history, "space hidden", 0)
    history.start_anew("first")
    people.edit_card(history, 1, PRIYA, "priority", "High")
    history.let_pass(120)
    check_all(history)


def test_an_auditors_new_date_is_in_the_journal_of_each_task_that_it_moved(history: History) -> None:
    page_people.comment_on_page(history, 0, CLARA, 5)
    history.let_pass(120)
    task = next(task for task, _ in linked(history, LinkRole.ISSUE) if task.number == "R-001/1")
    with history.db.read() as conn:
        told = [(entry.before, entry.after) for entry in journal.entries(conn, task.uid) if entry.what == "due"]
    assert told == [("2026-12-14", task.due_on.isoformat() if task.due_on else None)]
    check_all(history)


def test_a_worker_that_sleeps_while_it_asks_the_limits_does_nothing_that_another_has_done(history: History) -> None:
    """It had made sure of its lease, then asked whether a call was allowed, which takes its time, and then called."""
    page_people.comment_on_page(history, 0, CLARA, 7)
    history.clock.advance(120)
    history.deliver()
    commits = commits_before_a_comment(history)
    page_people.comment_on_page(history, 0, CLARA, 7)
    turn = partial(history.take_turn, "second", sleeps_s=61, sets=1)
    history.life.meanwhile(commits, turn, at=AFTER_COMMIT)
    history.let_pass(120)
    assert history.counted["workers that slept past their lease"] == 1
    check_all(history)


def commits_before_a_comment(history: History) -> int:
    """How many transactions a worker ends, as it does what is due now, before it comments on an issue."""
    done: list[int] = []
    count = history.life.after_commit
    history.life.meanwhile(1, lambda: done.append(commits[0]), at=r"before POST .*/comment")
    commits = [0]

    def committed() -> None:
        commits[0] += 1
        count()

    history.life.after_commit = committed
    history.work()
    history.life.after_commit = count
    return done[0]


def test_a_box_is_put_back_with_one_comment_however_often_the_page_is_saved_before(history: History) -> None:
    """Each version that somebody saved before Tieout's own write came through was explained anew."""
    page_people.edit_page(history, 0, DANA, "spoil")
    for time in (1, 2, 3):
        history.life.meanwhile(time, partial(crowd.save_every_page, history), at=PAGE_WRITTEN)
    history.let_pass(120)
    check_all(history)
