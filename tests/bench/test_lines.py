"""What the benches say is what happened: a company of ten requests, and figures at and just past what is promised."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.agreeing import agreeing_line
from bench.changes import CHANGES, Spent, change_line, spent_on
from bench.company import TASKS_EACH, company
from bench.counting import Cost, cost
from bench.line import Line
from bench.mirror import first_mirror, idle, idle_line, mirror_line, second_sync
from mappings.records import Side
from tests.system.world import DANA, World

REQUESTS = 10
TASK_PROJECTS = 5


@pytest.fixture(scope="module")
def mirrored() -> Iterator[tuple[World, Line]]:
    """A company whose requests were mirrored, and what that cost."""
    with company(REQUESTS) as made:
        yield made, first_mirror(made, REQUESTS)


@pytest.fixture
def world(mirrored: tuple[World, Line]) -> World:
    return mirrored[0]


def test_a_first_mirror_writes_each_page_and_the_issues_in_bulk(mirrored: tuple[World, Line]) -> None:
    world, line = mirrored
    home, pages, requests, tasks = 1, REQUESTS, 1, TASK_PROJECTS
    assert line.facts["writes"] == home + pages + requests + tasks
    assert line.is_kept
    for record in (world.request("R-00001"), world.task("R-00001"), world.task(f"R-{REQUESTS:05d}", TASKS_EACH - 1)):
        assert len(world.issues_marked(record)) == 1


def test_a_second_sync_reads_every_page_and_writes_nothing(world: World) -> None:
    line = second_sync(world, REQUESTS)
    assert line.is_kept
    assert line.facts["writes"] == 0
    assert line.facts["reads"] > REQUESTS


def test_an_idle_cycle_asks_each_list_once(world: World) -> None:
    line = idle(world, REQUESTS)
    assert (line.facts["reads"], line.facts["writes"], line.is_kept) == (7, 0, True)


def test_a_change_in_the_register_is_written_once_to_issue_and_page(world: World) -> None:
    renamed = CHANGES[0]
    spent = spent_on(world, renamed, "R-00001")
    assert spent.work == {Side.JIRA: Cost(1, 1, 1), Side.CONFLUENCE: Cost(1, 1, 1)}
    assert change_line(renamed, spent).is_kept
    assert world.request("R-00001").title in world.page("R-00001")["title"]


def test_what_people_ask_of_the_site_is_not_counted(world: World) -> None:
    world.site.calls.clear()
    world.person(DANA).issue(world.key(world.request("R-00002")))
    assert cost(world.site) == Cost()


@pytest.mark.parametrize(("writes", "is_kept"), [(591, True), (592, False)])
def test_a_mirror_may_cost_a_tenth_more_than_its_floor_and_the_set_up(writes: int, is_kept: bool) -> None:
    assert mirror_line(500, 1000, Cost(0, writes)).is_kept is is_kept


@pytest.mark.parametrize(
    ("spent", "is_kept"), [(Cost(17, 0), True), (Cost(18, 0), False), (Cost(6, 1, 1), False)], ids=str
)
def test_an_idle_cycle_may_read_once_more_for_each_hundred_records(spent: Cost, is_kept: bool) -> None:
    assert idle_line(1000, spent, Cost(99)).is_kept is is_kept


@pytest.mark.parametrize(
    ("jira", "late", "is_kept"),
    [
        (Cost(2, 1, 1), Cost(1), True),
        (Cost(2, 2, 2), Cost(1), True),
        (Cost(2, 2, 1), Cost(), False),
        (Cost(3, 1, 1), Cost(), False),
        (Cost(2, 1, 1), Cost(1, 1, 1), False),
    ],
    ids=str,
)
def test_a_change_may_cost_two_reads_and_one_write_for_each_object(jira: Cost, late: Cost, is_kept: bool) -> None:
    noted = next(change for change in CHANGES if change.on is Side.CONFLUENCE and not change.says)
    spent = Spent(
        {Side.JIRA: jira, Side.CONFLUENCE: Cost(9, 9, 1)}, Cost(6), {Side.JIRA: late, Side.CONFLUENCE: Cost()}
    )
    assert change_line(noted, spent).is_kept is is_kept


def test_a_time_is_reported_and_not_judged() -> None:
    line = agreeing_line("a change", [0.1] * 19 + [9.0])
    assert line.is_kept is None
    assert line.facts == {"changes": 20, "p95_s": pytest.approx(0.545), "p50_s": 0.1, "longest_s": 9.0}
