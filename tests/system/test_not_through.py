"""What does not come through for long is told once for all of it; after two weeks of trying it is given up."""

from __future__ import annotations

from typing import Any

import pytest

from connector.sandbox.faults import Kind
from sync.database import StoreTrouble
from sync.keys import record_key
from sync.polls import Polls
from sync.scheduler import enqueue_periodic, periods
from sync.store import Alert, Store
from sync.watch import NOT_THROUGH
from sync.work import LIVE, DeadLetter, dead, mark
from tests.system.scenes import added_on_the_board, hint, let_pass, mirrored
from tests.system.world import PRIYA, World

DAY = 86_400


def alerts(world: World) -> list[Alert]:
    with world.db.read() as conn:
        return [alert for alert in Store(conn).alerts.current() if alert.name == NOT_THROUGH]


def letters(world: World) -> list[DeadLetter]:
    with world.db.read() as conn:
        return dead(conn)


def minutes_pass(world: World, count: int) -> None:
    for _ in range(count):
        world.clock.advance(60)
        world.worker.run_until_quiet()


def move_all(world: World, numbers: list[str]) -> None:
    tasks = [world.task(number) for number in numbers]
    for task in tasks:
        world.person(PRIYA).move(world.key(task), "In Progress")
    with world.db.write() as conn:
        mark(conn, [record_key(task.uid) for task in tasks], lane=LIVE)
    world.worker.run_until_quiet()


NUMBERS = ["R-001", "R-002", "R-003"]
DOWN: list[Any] = [
    ("status", {"status": 503}),
    pytest.param("timeout_before", {}, marks=pytest.mark.long),
    pytest.param("status", {"status": 429, "retry_after_s": 120}, marks=pytest.mark.long),
    ("status", {"status": 429, "retry_after_s": 3600}),
    ("status", {"status": 410}),  # what a site says before it takes an API away, for hours at first
]


@pytest.mark.parametrize(("kind", "options"), DOWN)
def test_a_site_that_is_down_is_one_alert_after_a_quarter_of_an_hour_and_none_when_it_is_up(
    world: World, kind: Kind, options: dict[str, Any]
) -> None:
    for number in NUMBERS:
        mirrored(world, number)
    world.site.faults.add(kind, path="/bulkfetch$", times=10**6, **options)
    move_all(world, NUMBERS)
    minutes_pass(world, 14)
    assert alerts(world) == []
    minutes_pass(world, 30)
    (alert,) = alerts(world)
    assert alert.text.startswith("3 records cannot be brought in step since 2026-11-23 09:0")
    assert str(options.get("status", "no answer")) in alert.text
    world.site.faults.clear()
    let_pass(world, 4200)
    assert alerts(world) == []
    assert [world.task(number).status for number in NUMBERS] == ["in_progress"] * 3


def test_the_alert_says_how_many_are_left(world: World) -> None:
    for number in NUMBERS:
        mirrored(world, number)
    world.site.faults.add("status", path="/bulkfetch$", times=10**6)
    move_all(world, NUMBERS[:1])
    minutes_pass(world, 20)
    assert alerts(world)[0].text.startswith("1 record ")
    raised_at = alerts(world)[0].raised_at
    move_all(world, NUMBERS[1:])
    minutes_pass(world, 20)
    assert alerts(world)[0].text.startswith("3 records ")
    assert alerts(world)[0].raised_at == raised_at


@pytest.mark.long
def test_a_poll_that_fails_for_long_is_told_too(world: World) -> None:
    mirrored(world)
    enqueue_periodic(world.db, periods())
    world.site.faults.add("status", "POST", "/search/jql$", times=10**6)
    minutes_pass(world, 25)
    assert alerts(world)[0].text.startswith("1 periodic task ")


@pytest.mark.long
def test_a_full_disk_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    card = mirrored(world)
    world.person(PRIYA).attach(card, "list.csv", b"a,b\n")

    def full(_: object) -> None:
        raise StoreTrouble("no space left on the disk")

    monkeypatch.setattr(world.vault, "take_in", full)
    hint(world, world.task())
    minutes_pass(world, 25)
    assert "no space left" in alerts(world)[0].text


@pytest.mark.long
def test_a_site_that_stays_down_is_tried_for_two_weeks_and_then_given_up_for_each_record(world: World) -> None:
    mirrored(world)
    world.site.faults.add("status", path="/bulkfetch$", times=10**9)
    move_all(world, ["R-001"])
    for _ in range(100):
        world.clock.advance(12_000)
        world.worker.run_until_quiet()
    assert letters(world) == []
    for _ in range(2):
        world.clock.advance(12_000)
        world.worker.run_until_quiet()
    (letter,) = letters(world)
    assert "given up after 14 days" in letter.error
    assert alerts(world) == []
    world.site.faults.clear()
    hint(world, world.task())
    let_pass(world, 120)
    assert (letters(world), world.task().status) == ([], "in_progress")


@pytest.mark.long
def test_weeks_in_which_tieout_was_off_are_no_weeks_of_trying(world: World) -> None:
    mirrored(world)
    world.site.faults.add("status", path="/bulkfetch$", times=10**9)
    hint(world, world.task())
    for _ in range(4):
        world.clock.advance(20 * DAY)
        world.worker.run_until_quiet()
    assert letters(world) == []


def test_an_audit_taken_out_of_the_mapping_file_is_told_once_and_its_records_rest_until_it_is_back(
    world: World,
) -> None:
    """Each of its records died of a KeyError."""
    added_on_the_board(world)
    card, listed = world.key(world.task()), world.rules
    (rule,) = listed.audit.values()
    world.rules = listed.model_copy(update={"audit": {"SOC2-2027": rule}})
    world.worker = world.new_worker("second")
    world.person(PRIYA).move(card, "In Progress")
    Polls(world.db, world.new_sites()).jira()
    world.site.calls.clear()
    for _ in range(10):
        hint(world, world.task())
        minutes_pass(world, 6)
    with world.db.read() as conn:
        assert [alert.name for alert in Store(conn).alerts.current()] == ["audit:SOC2-2026"]
    assert (letters(world), world.writes(), world.task().status) == ([], [], "todo")
    world.rules = listed
    world.worker = world.new_worker("third")
    minutes_pass(world, 2)
    with world.db.read() as conn:
        assert Store(conn).alerts.current() == ()
    assert world.task().status == "in_progress"
