"""Several workers on one database: whatever one has in hand, no other spoils, and no stale look undoes a newer one."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from mappings.far import Fetched, IssueView, PageView
from sync.database import StoreTrouble, open_database
from sync.keys import record_key
from sync.retry import Retry
from sync.store import Store
from sync.work import LIVE, dead, mark
from sync.worker import LEASE_S, Worker
from tests.system.looks import assert_mirrored_once
from tests.system.scenes import decided, hint, let_pass, mirrored
from tests.system.world import AUDIT, CLARA, DANA, PRIYA, World


def at_once(*jobs: Callable[[], object]) -> None:
    """Each in a thread of its own; the first error is raised."""
    errors: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:  # noqa: BLE001  told to the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_four_workers_make_each_thing_once(world: World) -> None:
    numbers = [f"R-{number:03}" for number in range(1, 9)]
    for number in numbers:
        world.add_request(number)
    workers = [world.new_worker(f"worker {number}") for number in range(4)]
    for _ in range(4):
        at_once(*(worker.run_until_quiet for worker in workers))
        world.settle()
    cards = [world.key(world.task(number)) for number in numbers]
    for card, number in zip(cards, numbers, strict=True):
        world.person(PRIYA).move(card, "In Progress")
        world.person(CLARA).comment_page(world.page(number)["id"], f"remark on {number}")
    for _ in range(6):
        world.clock.advance(61)
        at_once(world.polls.jira, world.polls.confluence, *(worker.run_until_quiet for worker in workers))
    let_pass(world, 120)
    for card, number in zip(cards, numbers, strict=True):
        assert (world.task(number).status, world.request(number).status) == ("in_progress", "in_progress")
        for each in (card, world.key(world.request(number))):
            assert str(world.person(DANA).comments_of_issue(each)).count(f"remark on {number}") == 1
        assert_mirrored_once(world, number)
    with world.db.read() as conn:
        assert dead(conn) == []


def test_two_workers_make_one_home_page(world: World) -> None:
    request = world.add_request()
    slow, quick = world.new_sites(), world.new_sites()
    find = slow.confluence.find

    def found(space_id: str, title: str) -> PageView | None:
        """What was there before somebody else was faster."""
        page = find(space_id, title)
        quick.home(request.audit, {}, may_create=True)
        return page

    slow.confluence.find = found  # type: ignore[method-assign]  # overtaken at the worst moment
    assert slow.home(request.audit, {}, may_create=True) == quick.home(request.audit, {}, may_create=True)


def test_a_worker_with_nothing_to_do_waits_for_no_other(world: World, database_url: str) -> None:
    mirrored(world)
    assert world.worker.step() == 0
    other = open_database(database_url)
    with other.write():  # on SQLite nobody else may begin to write
        assert world.worker.step() == 0
    other.dispose()


def test_a_home_page_that_was_deleted_is_made_again(world: World) -> None:
    mirrored(world)
    home = world.new_sites().home(AUDIT, {}, may_create=False).page_id
    world.person(DANA).call("DELETE", f"/wiki/api/v2/pages/{home}")
    world.add_request("R-002")
    let_pass(world, 180)
    assert_mirrored_once(world, "R-002")


def test_what_was_read_before_the_lease_was_lost_is_not_taken_in(world: World) -> None:
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")
    world.settle()
    slow_sites = world.new_sites()
    fetch = slow_sites.jira.fetch
    seconds = [0.0]

    def fetched(ids: list[str]) -> Fetched[IssueView]:
        """What the issue said, a long while ago: in between others did the same work, and people went on."""
        seen = fetch(ids)
        if seconds[0]:
            return seen
        seconds[0] = 10 * LEASE_S
        world.clock.advance(2 * LEASE_S)
        world.person(PRIYA).attach(card, "list.csv", b"a")
        world.person(PRIYA).move(card, "In Review")
        hint(world, world.task())
        assert world.task().status == "ready_for_review"
        return seen

    slow_sites.jira.fetch = fetched  # type: ignore[method-assign, assignment]  # stopped at the worst moment
    slow = Worker(
        world.db, slow_sites, world.vault, name="slow", retry=Retry(), chance=lambda: 0.5,
        stopwatch=lambda: seconds[0],
    )  # fmt: skip
    with world.db.write() as conn:
        mark(conn, [record_key(world.task().uid)], lane=LIVE)
    slow.run_until_quiet()
    assert world.task().status == "ready_for_review"
    let_pass(world, 120)
    assert world.task().status == "ready_for_review"
    assert world.person(PRIYA).status(card) == "In Review"


@pytest.mark.long
def test_a_full_disk_kills_no_key_however_long_it_lasts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    card = mirrored(world)
    world.person(PRIYA).attach(card, "list.csv", b"a,b\n")

    def full(_: object) -> None:
        raise StoreTrouble("no space left on the disk")

    with monkeypatch.context() as disk:
        disk.setattr(world.vault, "take_in", full)
        world.clock.advance(60)
        world.polls.jira()
        for _ in range(30):
            world.clock.advance(LEASE_S + 1)
            world.worker.run_until_quiet()
    world.person(PRIYA).move(card, "In Progress")
    with world.db.read() as conn:
        assert dead(conn) == []
    let_pass(world, 600)
    with world.db.read() as conn:
        assert len(Store(conn).evidence.of([world.request().uid])[world.request().uid]) == 1
    assert decided(world, "due 2026-12-01")
