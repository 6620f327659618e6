"""Two issues with one mark: the linked one is kept in step, a person says which stays, and the other is let go."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connector.sandbox.faults import Kind
from connector.sandbox.seed import BOT_EMAIL
from mappings.far import IssueEdit
from mappings.records import LinkRole, Record, marker
from sync import journal
from sync.settlement import Disputed, Keep, open_conflicts
from sync.store import Store
from tests.system.looks import assert_nobody_is_blamed, second_run_writes
from tests.system.scenes import BULK, choose, hint, let_pass, with_twin
from tests.system.world import DANA, PRIYA, World


def conflicts(world: World) -> list[Disputed]:
    with world.db.read() as conn:
        return open_conflicts(Store(conn))


def alerts(world: World) -> list[str]:
    with world.db.read() as conn:
        return [alert.name for alert in Store(conn).alerts.current()]


def assert_let_go(world: World, key: str, kept: str) -> None:
    dana = world.person(DANA)
    labels = dana.issue(key)["fields"]["labels"]
    assert [label for label in labels if label.startswith("tieout")] == []
    assert "tieout" not in world.site.jira.issue(key).properties  # type: ignore[union-attr]  # it is there
    said = [comment for comment in dana.comments_of_issue(key) if "made this issue twice" in str(comment["body"])]
    assert (len(said), kept in str(said)) == (1, True)


def assert_one_is_left(world: World, record: Record, key: str) -> None:
    assert (world.key(record), [each["key"] for each in world.issues_marked(record)]) == (key, [key])
    assert (conflicts(world), alerts(world)) == ([], [])
    assert second_run_writes(world) == []


def test_a_twin_is_a_conflict_and_nothing_is_written_to_it(world: World) -> None:
    ours, theirs = with_twin(world)
    (found,) = conflicts(world)
    assert (found.name, found.conflict.ours, found.conflict.theirs) == ("issue:twin", ours, theirs)
    assert alerts(world) == [f"twin:{world.request().uid}"]
    world.person(PRIYA).comment_issue(theirs, "which of the two?")
    let_pass(world, 300)
    assert len(conflicts(world)) == 1
    assert second_run_writes(world) == []


def test_two_found_at_once_keep_the_older_one(world: World) -> None:
    world.site.faults.add("late", "POST", BULK, delay_s=70)
    world.site.faults.add("status_after", "POST", BULK)
    world.add_request(owner=None)
    let_pass(world, 600)
    keys = sorted(issue["key"] for issue in world.issues_marked(world.request()))
    (found,) = conflicts(world)
    assert [found.conflict.ours, found.conflict.theirs] == keys
    assert world.key(world.request()) == keys[0]


def test_of_two_ours_is_kept_and_the_other_is_told_and_let_go(world: World) -> None:
    ours, theirs = with_twin(world)
    choose(world, Keep.OURS)
    let_pass(world, 180)
    assert_let_go(world, theirs, ours)
    world.person(PRIYA).comment_issue(theirs, "thank you")
    let_pass(world, 180)
    with world.db.read() as conn:
        assert Store(conn).records.tasks_of([world.request().uid])[world.request().uid] == ()
        told = [entry.why for entry in journal.entries(conn, limit=1000) if entry.what == "twin let go"]
    assert told == [f"{theirs} was made twice, and the work goes on in {ours}"]
    assert_one_is_left(world, world.request(), ours)


def test_of_two_theirs_is_kept_with_what_people_did_there(world: World) -> None:
    ours, theirs = with_twin(world)
    world.person(DANA).set_fields(
        theirs, assignee={"accountId": world.account(PRIYA)}, labels=["mine", "tieout", marker(world.request().uid)]
    )
    world.person(PRIYA).comment_issue(theirs, "auditor: it is on its way")
    let_pass(world, 120)
    assert world.request().owner is None
    choose(world, Keep.THEIRS)
    let_pass(world, 300)
    assert world.request().owner == PRIYA
    assert "it is on its way" in str(
        world.person(DANA).call("GET", f"/wiki/api/v2/pages/{world.page()['id']}/footer-comments?body-format=storage")
    )
    assert_let_go(world, ours, theirs)
    assert "mine" in world.person(DANA).issue(theirs)["fields"]["labels"]
    assert_one_is_left(world, world.request(), theirs)


@pytest.mark.parametrize(
    "change", [{"due_on": date(2026, 12, 1)}, {"priority": "high"}, {"title": "Access of leavers"}]
)
def test_what_was_just_written_to_the_one_that_is_not_chosen_is_written_to_the_other_too(
    world: World, change: dict[str, Any]
) -> None:
    """What the list had changed was taken back: the other issue seemed to have said it, and somebody to have undone it
    there."""
    ours, theirs = with_twin(world)
    with world.db.write() as conn:
        Store(conn).records.put(replace(world.request(), **change))
    write = world.worker._sites.jira.edit

    def slow_edit(issue_id: str, edit: IssueEdit) -> None:
        write(issue_id, edit)
        world.worker._sites.jira.edit = write  # type: ignore[method-assign]  # it is again as fast as ever
        choose(world, Keep.THEIRS)

    world.worker._sites.jira.edit = slow_edit  # type: ignore[method-assign]  # the line is slow
    hint(world, world.request())
    let_pass(world, 300)
    [name], [value] = change.keys(), change.values()
    assert getattr(world.request(), name) == value
    assert_nobody_is_blamed(world)
    assert_let_go(world, ours, theirs)
    assert_one_is_left(world, world.request(), theirs)


@pytest.mark.parametrize("kind", ["timeout_after", "drop_before", "status_after"])
@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "/properties/tieout$"), ("PUT", r"/issue/\d+$"), ("POST", "/comment$")]
)
def test_letting_go_over_a_bad_line_is_done_once(world: World, method: str, path: str, kind: Kind) -> None:
    ours, theirs = with_twin(world)
    world.site.faults.add(kind, method, path)
    choose(world, Keep.OURS)
    let_pass(world, 600)
    assert_let_go(world, theirs, ours)
    assert_one_is_left(world, world.request(), ours)


def test_a_twin_that_a_person_deletes_is_no_conflict_any_more(world: World) -> None:
    ours, theirs = with_twin(world)
    world.person(BOT_EMAIL).call("DELETE", f"/rest/api/3/issue/{theirs}")
    world.sweeps.everything()
    let_pass(world, 120)
    assert_one_is_left(world, world.request(), ours)


def test_the_linked_one_deleted_leaves_the_choice_and_theirs_takes_its_place(world: World) -> None:
    ours, theirs = with_twin(world)
    world.person(BOT_EMAIL).call("DELETE", f"/rest/api/3/issue/{ours}")
    world.sweeps.everything()
    let_pass(world, 120)
    assert len(conflicts(world)) == 1
    choose(world, Keep.THEIRS)
    let_pass(world, 300)
    assert_one_is_left(world, world.request(), theirs)


def test_three_of_a_kind_are_settled_one_after_the_other(world: World) -> None:
    ours, _ = with_twin(world, more=1)
    for _ in range(2):
        (found,) = conflicts(world)
        choose(world, Keep.OURS)
        let_pass(world, 180)
        assert_let_go(world, str(found.conflict.theirs), ours)
    assert_one_is_left(world, world.request(), ours)


def test_a_clone_that_a_person_made_is_no_twin(world: World) -> None:
    world.add_request(owner=None)
    let_pass(world, 180)
    labels = world.person(DANA).issue(world.key(world.request()))["fields"]["labels"]
    clone = world.person(DANA).create_issue(
        project={"key": "AUD"}, issuetype={"name": "Audit Request"}, summary="CLONE - Access review", labels=labels
    )
    let_pass(world, 180)
    assert conflicts(world) == []
    (name,) = alerts(world)
    assert name.startswith("copy:")
    assert world.link(world.request(), LinkRole.ISSUE).key != clone
    assert second_run_writes(world) == []
