"""What the sites say of their limits is obeyed by all workers together, and what nobody waits for waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from connector.sandbox.seed import BOT_EMAIL
from sync.limits import FleetLimits
from sync.work import counts
from tests.system.scenes import before_call, let_pass, mirrored
from tests.system.world import CLARA, DANA, PRIYA, World


def calls(world: World) -> int:
    """How many calls Tieout has made."""
    bot = world.account(BOT_EMAIL)
    return sum(call.account_id == bot for call in world.site.calls)


@pytest.mark.parametrize("number", [1, 4, 9])
def test_a_worker_in_the_middle_of_a_long_run_stops_when_another_was_told_to(world: World, number: int) -> None:
    for index in range(12):
        world.add_request(f"R-{index:03}")
    before_call(world, number, lambda: FleetLimits(world.db).hold(50))
    world.worker.run_until_quiet()
    assert calls(world) == number
    world.clock.advance(49)
    world.worker.run_until_quiet()
    assert calls(world) == number
    let_pass(world, 300)
    assert len(world.issues_marked(world.request("R-011"))) == 1
    with world.db.read() as conn:
        assert counts(conn).failing == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/wiki/api/v2/pages$"),
        ("GET", "/wiki/api/v2/spaces"),
        ("POST", "/rest/api/3/issue/bulk$"),
    ],
)
def test_a_site_that_is_down_for_a_time_that_it_names_is_called_by_nobody_before(
    world: World, method: str, path: str
) -> None:
    for index in range(3):
        world.add_request(f"R-{index:03}")
    world.site.faults.add("status", method, path, status=503, retry_after_s=50)
    workers = (world.worker, world.new_worker("second"))
    for worker in workers:
        worker.run_until_quiet()
    told = next(at for at, call in enumerate(world.site.calls) if call.status == 503)
    world.clock.advance(49)
    for worker in workers:
        worker.run_until_quiet()
    assert list(world.site.calls)[told + 1 :] == []
    let_pass(world, 240)
    for number in ("R-000", "R-002"):
        assert len(world.issues_marked(world.request(number))) == 1


def near(world: World, seconds: float) -> None:
    """The next answer of the site says that little is left, until so many seconds from now."""
    left = [1]

    def say(response: requests.Response, *_: Any, **__: Any) -> requests.Response:
        if left and "/rest/" in response.url and response.ok:
            left.pop()
            response.headers["X-RateLimit-NearLimit"] = "true"
            reset_at = world.clock.now() + timedelta(seconds=seconds)
            response.headers["X-RateLimit-Reset"] = reset_at.strftime("%Y-%m-%dT%H:%MZ")
        return response

    world.session.hooks["response"] = [say]


def test_near_a_limit_sweeps_and_imports_wait_and_what_people_did_does_not(world: World) -> None:
    card = mirrored(world)
    mirrored(world, "R-002")
    let_pass(world, 180)
    near(world, 600)
    world.worker._sites.forget()
    world.worker._sites.own_accounts()
    world.worker._limits.keep()
    world.sweeps.everything()
    world.person(PRIYA).move(card, "In Progress")
    with world.db.read() as conn:
        waiting = counts(conn).due
    world.settle()
    assert world.task().status == "in_progress"
    assert world.person(DANA).status(world.key(world.request())) == "In Progress"
    with world.db.read() as conn:
        assert 0 < counts(conn).due < waiting
    let_pass(world, 660)
    with world.db.read() as conn:
        assert counts(conn).due == 0


def test_no_issue_is_written_to_faster_than_jira_allows_and_only_its_record_waits(world: World) -> None:
    first, second = mirrored(world), mirrored(world, "R-002")
    for number in range(45):
        world.person(CLARA).comment_page(world.page()["id"], f"remark {number}!")
    world.person(CLARA).comment_page(world.page("R-002")["id"], "due 2026-12-01")
    world.site.calls.clear()
    world.settle()
    assert world.person(DANA).issue(second)["fields"]["duedate"] == "2026-12-01"
    for _ in range(120):
        world.clock.advance(2)
        world.worker.run_until_quiet()
    let_pass(world, 120)
    texts = [str(comment["body"]) for comment in world.person(DANA).comments_of_issue(first)]
    assert [sum(f"remark {number}!" in text for text in texts) for number in range(45)] == [1] * 45
    assert [call for call in world.site.calls if call.status == 429] == []
