"""A record that cannot be brought in step says so where people look, and stops saying so when it is well."""

from __future__ import annotations

from datetime import date

import pytest

from connector.sandbox.faults import Kind
from mappings.errors import Refused, TryLater
from mappings.records import LinkRole
from mappings.storage import plain_text, read_regions
from sync import stuck
from sync.access import Access
from sync.keys import record_key, tell_key
from sync.limits import FleetLimits
from sync.retry import Retry
from sync.settling import Settling
from sync.store import Store
from sync.telling import Teller
from sync.work import LIVE, MOST_CRASHES, Claim, claim, dead, finish, mark, replay
from tests.system.looks import letters, second_run_writes
from tests.system.scenes import hint, let_pass, mirrored, use_rules
from tests.system.world import AUDIT, CLARA, DANA, PRIYA, World

REFUSED = "the site refuses what is to be written. The coordinator has been told"


def step(world: World, number: str = "R-001") -> str:
    """What the page says about being in step."""
    return plain_text(read_regions(world.page(number)["body"]["storage"]["value"])["tieout-sync"].source).split("\n")[0]


def without_type(world: World) -> None:
    """The project of the IT team has lost the type of issue that its tasks are made of."""
    before = world.rules.audit[AUDIT].routes
    use_rules(
        world, routes=tuple(r.model_copy(update={"issue_type": "Chore"}) if r.team == "IT" else r for r in before)
    )


def with_dead_task(world: World) -> None:
    routes = world.rules.audit[AUDIT].routes
    without_type(world)
    world.add_request("R-001", team="IT")
    let_pass(world, 180)
    assert [letter.key for letter in letters(world)] == [record_key(world.task().uid)]
    use_rules(world, routes=routes)


def try_again(world: World) -> None:
    with world.db.write() as conn:
        replay(conn)
    let_pass(world, 120)


def page_writes(world: World) -> list[str]:
    return [write for write in world.writes() if write.startswith("PUT /wiki/api/v2/pages/")]


def test_the_page_says_when_it_was_in_step_and_is_not_written_to_say_it_again(world: World) -> None:
    mirrored(world)
    said = step(world)
    assert said.startswith("In step with the register at 2026-11-23 09:0")
    world.clock.advance(86_400)
    assert second_run_writes(world) == []
    assert step(world) == said


def test_the_dead_letter_of_a_task_stands_on_its_requests_page_until_it_is_well(world: World) -> None:
    with_dead_task(world)
    said = step(world)
    assert said.startswith(f"Not in step: task R-001/1 cannot be brought in step: {REFUSED} (since 2026-11-23 09:")
    assert "Chore" not in world.page()["body"]["storage"]["value"], "what the site said stays inside"
    assert second_run_writes(world) == []
    world.site.calls.clear()
    try_again(world)
    assert step(world).startswith("In step with the register at ")
    assert letters(world) == []
    assert len(page_writes(world)) == 1
    assert second_run_writes(world) == []


def test_a_try_that_fails_again_is_no_news(world: World) -> None:
    with_dead_task(world)
    without_type(world)
    said = step(world)
    world.site.calls.clear()
    world.clock.advance(3600)
    try_again(world)
    assert len(letters(world)) == 1
    assert (page_writes(world), step(world)) == ([], said)


def test_a_request_that_is_dead_itself_says_so_on_its_page(world: World) -> None:
    request = world.add_request("R-001", owner=CLARA)
    let_pass(world, 180)
    assert [letter.key for letter in letters(world)] == [record_key(request.uid)]
    assert step(world).startswith(f"Not in step: request R-001 cannot be brought in step: {REFUSED}")


def test_what_jira_refuses_is_told_in_words_that_an_auditor_may_read(world: World) -> None:
    card = mirrored(world)
    world.site.faults.add("status", "PUT", f"/issue/{world.link(world.task()).remote_id}$", status=400, times=10_000)
    world.person(PRIYA).set_fields(card, labels=[])
    let_pass(world, 180)
    assert step(world).startswith(f"Not in step: task R-001/1 cannot be brought in step: {REFUSED}")
    (letter,) = letters(world)
    assert letter.error.startswith("Refused: PUT ")


def test_one_that_was_given_up_by_a_person_is_not_told_any_more(world: World) -> None:
    with_dead_task(world)
    with world.db.read() as conn:
        found = stuck.letters(conn)
    stuck.drop(world.db, found, by="dana", reason="IT does not take part")
    let_pass(world, 60)
    assert step(world).startswith("In step with the register")


@pytest.mark.long
def test_where_the_page_itself_fails_it_is_tried_no_more_often_for_it(world: World) -> None:
    mirrored(world)
    page_id = world.page()["id"]
    world.site.faults.add("status", "PUT", f"/pages/{page_id}$", status=403, times=10_000)
    world.person(CLARA).comment_page(page_id, "due 2026-12-01")
    let_pass(world, 300)
    assert [letter.key for letter in letters(world)] == [record_key(world.request().uid)]
    world.site.calls.clear()
    let_pass(world, 3600)
    assert page_writes(world) == []
    world.site.faults.clear()
    try_again(world)
    assert letters(world) == []
    assert step(world).startswith("In step with the register")
    assert second_run_writes(world) == []


def test_what_somebody_wrote_on_the_page_is_taken_in_before_it_is_told(world: World) -> None:
    without_type(world)
    world.add_request("R-001", team="IT")
    while not letters(world):
        world.worker.step()
    page = world.page()
    value = page["body"]["storage"]["value"].replace("2026-12-14", "2026-12-02", 1)
    world.person(CLARA).write_page(page, value + "<p>ours</p>")
    with pytest.raises(TryLater):
        Teller(world.db, world.new_sites()).tell(world.request().uid)
    let_pass(world, 300)
    assert world.request().auditor_due_on == date(2026, 12, 2)
    assert step(world).startswith("Not in step: task R-001/1")
    assert "<p>ours</p>" in world.page()["body"]["storage"]["value"]


@pytest.mark.parametrize("kind", ["status_after", "drop_before", "timeout_after"])
def test_telling_over_a_bad_line_is_done_once(world: World, kind: Kind) -> None:
    without_type(world)
    world.add_request("R-001", team="IT")
    while not letters(world):
        world.worker.step()
    version = world.page()["version"]["number"]
    world.site.faults.add(kind, "PUT", "/pages/")
    let_pass(world, 600)
    assert step(world).startswith("Not in step: task R-001/1")
    assert world.page()["version"]["number"] == version + 1
    assert second_run_writes(world) == []


@pytest.mark.long
def test_what_fails_for_a_day_is_told_and_what_fails_for_an_hour_is_not(world: World) -> None:
    card = mirrored(world)
    issue_id = world.link(world.task(), LinkRole.ISSUE).remote_id
    world.site.faults.add("status", "PUT", f"/issue/{issue_id}$", status=500, times=10_000)
    world.person(PRIYA).set_fields(card, summary="something else")
    for _ in range(4):
        world.clock.advance(900)
        hint(world, world.task())
    assert step(world).startswith("In step")
    for _ in range(26):
        world.clock.advance(3600)
        hint(world, world.task())
    assert step(world).startswith(
        "Not in step: task R-001/1 cannot be brought in step: a site does not take it, and it is tried again"
    )
    with world.db.read() as conn:
        assert dead(conn) == []
    world.site.faults.clear()
    let_pass(world, 600)
    assert step(world).startswith("In step with the register")
    assert world.person(DANA).issue(card)["fields"]["summary"] != "something else"


def test_a_request_without_a_page_has_nowhere_to_say_it(world: World) -> None:
    request = world.add_request("R-001")
    with world.db.write() as conn:
        mark(conn, [tell_key(request.uid), tell_key("f" * 32)], lane=LIVE)
    let_pass(world, 120)
    assert letters(world) == []


# However a record died, somebody hears of it.


def alerts(world: World) -> dict[str, str]:
    with world.db.read() as conn:
        return {alert.name: alert.text for alert in Store(conn).alerts.current()}


def in_hand(world: World) -> Claim:
    """The request's key, in the hands of a worker of its own."""
    with world.db.write() as conn:
        mark(conn, [record_key(world.request().uid)], lane=LIVE)
    (one,) = claim(world.db, worker="another", limit=1, lease_s=60)
    return one


def settling(world: World) -> Settling:
    access = Access(world.db, world.sites, FleetLimits(world.db))
    return Settling(world.db, Retry(), lambda: 0.5, access, can_check=False)


def test_a_dead_letter_is_told_by_its_number_and_with_the_way_out(world: World) -> None:
    with_dead_task(world)
    (told,) = alerts(world).values()
    assert told.startswith("R-001/1 (SOC2-2026) is not tried any more: ")
    assert "Chore" in told
    assert told.endswith("Mend the cause, then `tieout dead-letters replay R-001/1`.")


def test_a_record_whose_workers_died_is_told_like_any_other_dead_letter(world: World) -> None:
    mirrored(world)
    for _ in range(MOST_CRASHES):
        in_hand(world)
        world.clock.advance(61)
    let_pass(world, 120)
    assert [letter.key for letter in letters(world)] == [record_key(world.request().uid)]
    assert step(world).startswith("Not in step: request R-001 cannot be brought in step: ")
    (told,) = alerts(world).values()
    assert told.startswith(f"R-001 (SOC2-2026) is not tried any more: {MOST_CRASHES} workers in a row died")


@pytest.mark.long
def test_what_was_marked_again_while_it_was_refused_is_not_told_to_be_dead(world: World) -> None:
    mirrored(world)
    one = in_hand(world)
    with world.db.write() as conn:
        mark(conn, [one.key], lane=LIVE)
    settling(world).settle(one, Refused("no"))
    assert (letters(world), alerts(world)) == ([], {})


def test_what_another_worker_has_done_meanwhile_is_not_told_to_be_dead(world: World) -> None:
    mirrored(world)
    slept = in_hand(world)
    world.clock.advance(61)
    (taken,) = claim(world.db, worker="a third", limit=1, lease_s=60)
    with world.db.write() as conn:
        finish(conn, taken)
    settling(world).settle(slept, Refused("no"))
    assert (letters(world), alerts(world)) == ([], {})


@pytest.mark.long
def test_an_alert_says_why_the_record_lies_dead_now(world: World) -> None:
    mirrored(world)
    for why in ("no", "another no"):
        settling(world).settle(in_hand(world), Refused(why))
    assert "another no" in alerts(world)[f"dead:{record_key(world.request().uid)}"]
