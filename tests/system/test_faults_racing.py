"""People who edit the very field that Tieout is about to write, between its reading and its writing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest

from connector.sandbox.faults import Kind
from connector.sandbox.jira import changes
from connector.sandbox.seed import BOT_EMAIL
from sync.store import Store
from sync.work import dead
from tests.system.looks import journaled, second_run_writes, texts_on
from tests.system.scenes import before, card_edit, handed_in, let_pass, mirrored, register_says
from tests.system.world import AUDIT, DANA, MARCO, PRIYA, TOMAS, World

STEP = r"/transitions$"


FIELDS: dict[str, tuple[dict[str, Any], Callable[[World], dict[str, Any]], str, Any]] = {
    "due": ({"due_on": date(2026, 12, 2)}, lambda _: {"duedate": "2026-12-04"}, "due_on", date(2026, 12, 4)),
    "priority": ({"priority": "low"}, lambda _: {"priority": {"name": "High"}}, "priority", "high"),
    "owner": ({"owner": MARCO}, lambda w: {"assignee": {"accountId": w.account(TOMAS)}}, "owner", TOMAS),
}


@pytest.mark.parametrize("kind", [None, "timeout_after"])
@pytest.mark.parametrize("field", list(FIELDS))
def test_what_somebody_set_between_our_reading_and_our_writing_stands_in_the_end(
    world: World, field: str, kind: Kind | None
) -> None:
    ours, theirs, name, after = FIELDS[field]
    card = mirrored(world)
    world.settle()
    register_says(world, **ours)
    if kind:
        world.site.faults.add(kind, "PUT", card_edit(world))
    before(world, "PUT", card_edit(world), partial(world.person(PRIYA).set_fields, card, **theirs(world)))
    let_pass(world, 300)
    assert getattr(world.task(), name) == after
    (jira_name,) = theirs(world)
    stands = world.person(DANA).issue(card)["fields"][jira_name]
    assert stands == theirs(world)[jira_name] or theirs(world)[jira_name].items() <= stands.items()
    assert [what for what, _, _, why in journaled(world, world.task()) if "before it had seen it" in why] == [field]
    assert second_run_writes(world) == []


def test_a_text_of_the_auditors_stays_and_who_changed_it_meanwhile_is_told_once(world: World) -> None:
    card = mirrored(world)
    world.settle()
    register_says(world, title="Access review of the third quarter")
    before(world, "PUT", card_edit(world), partial(world.person(PRIYA).set_fields, card, summary="do later"))
    let_pass(world, 300)
    assert "third quarter" in world.person(DANA).issue(card)["fields"]["summary"]
    assert sum("The change of the summary was put back" in text for text in texts_on(world, card)) == 1
    put_back = [entry[1:3] for entry in journaled(world, world.task()) if entry[0] == "summary put back"]
    assert put_back == [("do later", "R-001/1 Access review of the third quarter")]
    assert second_run_writes(world) == []


def test_a_card_moved_on_while_we_move_it_ends_where_its_owner_put_it(world: World) -> None:
    card = mirrored(world)
    priya = world.person(PRIYA)
    priya.move(card, "In Progress")
    priya.attach(card, "list.csv", b"a,b\n")
    world.settle()
    register_says(world, status="todo")
    before(world, "POST", STEP, partial(priya.move, card, "In Review"))
    let_pass(world, 300)
    assert world.task().status == "ready_for_review"
    assert priya.status(card) == "In Review"
    assert second_run_writes(world) == []


def test_a_move_that_is_not_offered_any_more_because_somebody_moved_the_card_ends_judged_and_not_dead(
    world: World,
) -> None:
    """On the Platform board one step leads to the next: ours is gone when its owner has taken one."""
    card = mirrored(world, team="Platform")
    world.settle()
    priya = world.person(PRIYA)
    register_says(world, status="in_progress")
    before(world, "POST", STEP, partial(priya.move, card, "Selected"))
    let_pass(world, 300)
    with world.db.read() as conn:
        assert dead(conn) == []
    words = world.sites.words_for(world.task(), world.sites.context(AUDIT, {}, world.clock.now()))
    assert priya.status(card) == "Selected"
    assert world.task().status in words.status_map.candidates(priya.issue(card)["fields"]["status"]["id"])
    assert second_run_writes(world) == []


def test_a_reviewers_move_that_was_overtaken_is_judged_as_theirs(world: World) -> None:
    card = handed_in(world)
    register_says(world, status="changes_requested")
    before(world, "POST", STEP, partial(world.person(MARCO).move, card, "With Auditor"))
    let_pass(world, 300)
    moved = [entry for entry in journaled(world, world.task()) if "before it had seen it" in entry[3]]
    assert [what for what, *_ in moved] == ["status put back"]
    assert world.task().status == "changes_requested"
    assert second_run_writes(world) == []


def test_an_edit_that_many_others_bury_in_the_log_is_still_found(world: World) -> None:
    card = mirrored(world)
    world.settle()
    register_says(world, due_on=date(2026, 12, 2))
    before(world, "PUT", card_edit(world), partial(world.person(PRIYA).set_fields, card, duedate="2026-12-04"))
    world.worker.run_until_quiet()
    labels = world.person(DANA).issue(card)["fields"]["labels"]
    for number in range(120):
        world.clock.advance(3)
        world.person(TOMAS).set_fields(card, labels=[*labels, f"note-{number}"])
    world.site.calls.clear()
    let_pass(world, 300)
    assert world.task().due_on == date(2026, 12, 4)
    assert world.person(DANA).issue(card)["fields"]["duedate"] == "2026-12-04"
    reads = [call.path for call in world.site.calls if call.path.endswith("changelog/bulkfetch")]
    assert len(reads) == 1
    assert second_run_writes(world) == []


def test_a_long_log_that_has_been_judged_costs_no_further_call(world: World) -> None:
    card = mirrored(world)
    for number in range(120):
        world.clock.advance(3)
        world.person(TOMAS).set_fields(card, duedate=f"2026-12-{number % 9 + 1:02}")
    let_pass(world, 120)
    world.person(PRIYA).set_fields(card, priority={"name": "High"})
    world.site.calls.clear()
    let_pass(world, 120)
    assert world.task().priority == "high"
    assert not [call for call in world.site.calls if call.path.endswith("changelog/bulkfetch")]


@pytest.mark.parametrize("what", ["delete", "move"])
def test_a_card_deleted_or_moved_between_our_reading_and_our_writing_is_told_or_followed(
    world: World, what: str
) -> None:
    mirrored(world)
    world.settle()
    register_says(world, due_on=date(2026, 12, 2))
    issue_id = world.link(world.task()).remote_id

    def act() -> None:
        if what == "delete":
            world.person(BOT_EMAIL).call("DELETE", f"/rest/api/3/issue/{issue_id}")
        else:
            target = world.site.jira.project("LEGAL")
            assert target is not None
            changes.move(world.site, world.site.jira.issues[str(issue_id)], target, world.account(DANA))

    before(world, "PUT", card_edit(world), act)
    let_pass(world, 600)
    with world.db.read() as conn:
        letters = dead(conn)
        alerts = [alert.name for alert in Store(conn).alerts.current()]
    if what == "delete":
        assert f"detached:{world.task().uid}:issue" in alerts
    else:
        assert world.key(world.task()).startswith("LEGAL-")
        assert world.person(DANA).issue(str(issue_id))["fields"]["duedate"] == "2026-12-02"
    assert letters == []
    assert second_run_writes(world) == []
