"""A token that expires, is revoked or loses its access in the middle of whatever Tieout does (durable-work T14).

Nothing more is asked of the sites, nobody's attempts are spent, one alert says it; with a good token all goes on by
itself, nothing is missing and nothing is there twice.
"""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from connector.sandbox.seed import BOT_EMAIL
from mappings.records import LinkState
from sync.keys import POLL_CONFLUENCE, POLL_JIRA
from sync.store import Store
from sync.tables import work
from sync.work import LIVE, counts, dead, mark
from tests.system.looks import assert_mirrored_once, said_on_page, second_run_writes, texts_on, versions
from tests.system.scenes import before_call, handed_in, hint, let_pass, mirrored
from tests.system.world import CLARA, DANA, MARCO, World

CALLS = 26
"""So many calls Tieout makes in the story below."""
EVERYDAY = (1, 11, 21)


def token_of_tieout(world: World, *, is_good: bool) -> None:
    bot = world.site.account_by_email(BOT_EMAIL)
    assert bot is not None
    bot.token_expires_at = None if is_good else world.site.now()


def told(world: World) -> list[str]:
    with world.db.read() as conn:
        return [alert.name for alert in Store(conn).alerts.current()]


def attempts_spent(world: World) -> int:
    with world.db.read() as conn:
        return conn.scalar(select(func.max(work.c.attempts))) or 0


def everything_at_once(world: World) -> None:
    """A file is let through, the auditor asks, and a new request has come: creates, writes, comments, an upload."""
    handed_in(world)
    world.person(MARCO).move(world.key(world.task()), "With Auditor")
    world.person(CLARA).comment_page(world.page()["id"], "Is this the whole population?")
    world.add_request("R-002")
    world.clock.advance(60)
    with world.db.write() as conn:
        mark(conn, [POLL_JIRA, POLL_CONFLUENCE], lane=LIVE)


def assert_all_is_done_once(world: World) -> None:
    assert (world.task().status, world.request().status) == ("approved", "internal_review")
    assert versions(world) == [1]
    card = world.key(world.task())
    assert sum("whole population" in text for text in texts_on(world, card)) == 1
    assert said_on_page(world, "whole population") == 1
    assert_mirrored_once(world, "R-002")
    assert second_run_writes(world) == []
    with world.db.read() as conn:
        assert dead(conn) == []


def by_number(*everyday: int) -> list[object]:
    """Of the others CI tries every second one, and the soak all."""
    others = (pytest.mark.soak, pytest.mark.long)
    return [n if n in everyday else pytest.param(n, marks=others[n % 2]) for n in range(1, CALLS + 1)]


@pytest.mark.parametrize("number", by_number(*EVERYDAY))
def test_a_token_may_expire_before_any_call(world: World, number: int) -> None:
    everything_at_once(world)
    made = before_call(world, number, lambda: token_of_tieout(world, is_good=False))
    world.worker.run_until_quiet()
    for _ in range(3):
        world.clock.advance(20)
        world.worker.run_until_quiet()
    assert (made[0] <= number + 2, told(world)) == (True, ["sign-in"])
    assert attempts_spent(world) == 0
    token_of_tieout(world, is_good=True)
    let_pass(world, 420)
    assert told(world) == []
    assert_all_is_done_once(world)


def test_the_story_has_as_many_calls_as_are_tried(world: World) -> None:
    everything_at_once(world)
    made = before_call(world, 0, lambda: None)
    world.worker.run_until_quiet()
    assert made[0] == CALLS
    let_pass(world, 180)
    assert_all_is_done_once(world)


SIDES = [("^/rest/", "/rest/api/3/"), ("^/wiki/", "/wiki/")]


@pytest.mark.parametrize(("path", "named"), SIDES, ids=["Jira", "Confluence"])
@pytest.mark.parametrize("number", [1, pytest.param(6, marks=pytest.mark.long), 14])
def test_each_side_may_have_a_token_of_its_own_and_either_may_expire(
    world: World, path: str, named: str, number: int
) -> None:
    everything_at_once(world)
    before_call(world, number, lambda: world.site.faults.add("status", path=path, status=401, times=10**6))
    second = world.new_worker("second")
    for _ in range(5):
        world.worker.run_until_quiet()
        second.run_until_quiet()
        world.clock.advance(61)
    assert (told(world), attempts_spent(world)) == (["sign-in"], 0)
    with world.db.read() as conn:
        assert named in Store(conn).alerts.current()[0].text
    world.site.faults.clear()
    let_pass(world, 480)
    assert told(world) == []
    assert_all_is_done_once(world)


def test_while_paused_the_alert_names_the_side_that_is_shut_now(world: World) -> None:
    mirrored(world)
    world.site.faults.add("status", path="^/wiki/", status=401, times=10**6)
    hint(world, world.request())
    world.site.faults.clear()
    world.site.faults.add("status", path="^/rest/", status=401, times=10**6)
    world.clock.advance(61)
    world.worker.run_until_quiet()
    with world.db.read() as conn:
        (alert,) = Store(conn).alerts.current()
    assert "/rest/api/3/myself" in alert.text
    world.site.faults.clear()
    let_pass(world, 120)
    assert told(world) == []


def test_a_site_that_asks_for_time_while_paused_is_given_it(world: World) -> None:
    mirrored(world)
    world.site.faults.add("status", path="^/wiki/", status=401, times=1)
    hint(world, world.request())
    assert told(world) == ["sign-in"]
    world.site.faults.rate_limit(retry_after_s=300)
    world.clock.advance(61)
    world.worker.run_until_quiet()
    world.site.calls.clear()
    for _ in range(4):
        world.clock.advance(61)
        world.worker.run_until_quiet()
    assert len(world.site.calls) == 0
    let_pass(world, 180)
    assert told(world) == []


def test_a_site_that_takes_tieout_for_nobody_is_paused_and_nothing_is_taken_for_gone(world: World) -> None:
    mirrored(world)
    world.site.faults.bad_login_is_anonymous = True
    token_of_tieout(world, is_good=False)
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-01")
    for record in (world.request(), world.task()):
        hint(world, record)
    for _ in range(5):
        world.clock.advance(61)
        world.worker.run_until_quiet()
    assert (told(world), attempts_spent(world)) == (["sign-in"], 0)
    assert world.link(world.task()).state is LinkState.LIVE
    token_of_tieout(world, is_good=True)
    let_pass(world, 180)
    assert world.request().auditor_due_on == date(2026, 12, 1)
    assert told(world) == []


@pytest.mark.parametrize("path", ["^/rest/", "^/wiki/"])
def test_a_product_that_shuts_tieout_out_pauses_all_and_buries_nobody(world: World, path: str) -> None:
    everything_at_once(world)
    world.site.faults.add("status", path=path, status=403, times=10**6)
    for _ in range(5):
        world.worker.run_until_quiet()
        world.clock.advance(61)
    assert (told(world), attempts_spent(world)) == (["sign-in"], 0)
    with world.db.read() as conn:
        assert counts(conn).dead == 0
    world.site.faults.clear()
    let_pass(world, 480)
    assert_all_is_done_once(world)


def test_one_object_that_is_shut_concerns_its_record_alone(world: World) -> None:
    mirrored(world)
    mirrored(world, "R-002")
    shut = world.link(world.request("R-001")).remote_id
    world.site.faults.add("status", "PUT", f"/issue/{shut}$", status=403, times=10**6)
    for number in ("R-001", "R-002"):
        world.person(CLARA).comment_page(world.page(number)["id"], "due 2026-12-01")
    let_pass(world, 180)
    with world.db.read() as conn:
        (letter,) = dead(conn)
    assert letter.key.endswith(world.request("R-001").uid)
    assert "administrator" in letter.error
    assert "sign-in" not in told(world)
    fields = world.person(DANA).issue(world.key(world.request("R-002")))["fields"]
    assert fields["duedate"] == "2026-12-01"
