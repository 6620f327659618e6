"""What the benches say is what happened: a company of ten requests, and figures at and just past what is promised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from bench import floors, table
from bench.agreeing import agreeing_line
from bench.burst import burst, burst_line
from bench.changes import CHANGES, Spent, change_lines, spent_on
from bench.company import TASKS_EACH, company
from bench.counting import Cost, Effort, cost
from bench.line import Line
from bench.mirror import first_mirror, full_look, idle, idle_lines, look_lines, mirror_lines
from mappings.records import Side
from tests.system.world import DANA, World

REQUESTS = 10
PROJECTS = 6
"""One of the requests, five of the tasks."""


@dataclass(frozen=True)
class Mirrored:
    """A company whose requests were mirrored, and what that cost."""

    world: World
    effort: Effort


@pytest.fixture(scope="module")
def mirrored() -> Iterator[Mirrored]:
    with company(REQUESTS) as made:
        yield Mirrored(made, first_mirror(made))


@pytest.fixture
def world(mirrored: Mirrored) -> World:
    return mirrored.world


def test_a_first_mirror_writes_each_page_and_the_issues_in_bulk(mirrored: Mirrored) -> None:
    world, effort = mirrored.world, mirrored.effort
    home, creates = 1, floors.bulk_creates(REQUESTS, REQUESTS * TASKS_EACH).least
    assert effort.cost.writes == home + floors.mirror_writes(REQUESTS, REQUESTS * TASKS_EACH).least
    assert effort.creates == creates == 2, "one for the requests, one for the tasks of all projects"
    probes = sum(call.path == "/rest/api/3/search/jql" for call in world.site.calls)
    assert probes == PROJECTS, "the highest number of each project is asked for once"
    for record in (world.request("R-00001"), world.task("R-00001"), world.task(f"R-{REQUESTS:05d}", TASKS_EACH - 1)):
        assert len(world.issues_marked(record)) == 1


def test_a_second_sync_reads_every_page_and_writes_nothing(world: World) -> None:
    written, read, *_ = look_lines(REQUESTS, full_look(world))
    assert (written.measured, written.verdict) == ("0", "ok")
    assert read.floor is not None
    assert read.facts["reads"] >= read.floor.least


def test_an_idle_cycle_asks_each_list_once(world: World) -> None:
    later, soon = idle(world, REQUESTS)
    assert (later.facts["reads"], later.facts["writes"], later.verdict) == (7, 0, "ok")
    assert (soon.facts["writes"], soon.verdict) == (0, "ok")


def test_a_change_in_the_register_is_written_once_to_issue_and_page(world: World) -> None:
    renamed = CHANGES[0]
    spent = spent_on(world, renamed, "R-00001")
    assert spent.work == {Side.JIRA: Cost(1, 1, 1), Side.CONFLUENCE: Cost(1, 1, 1)}
    assert [line.verdict for line in change_lines(renamed, spent)] == ["ok", "ok"]
    assert world.request("R-00001").title in world.page("R-00001")["title"]


def test_a_hundred_edits_in_two_seconds_are_written_three_times_at_most_and_the_last_one_stands(world: World) -> None:
    spent = burst(world, "R-00003")
    assert [burst_line(side, each).verdict for side, each in spent.items()] == ["ok", "ok"]
    assert "draft 100" in world.page("R-00003")["title"]
    summary = world.person(DANA).issue(world.key(world.request("R-00003")))["fields"]["summary"]
    assert "draft 100" in summary


def test_what_people_ask_of_the_site_is_not_counted(world: World) -> None:
    world.site.calls.clear()
    world.person(DANA).issue(world.key(world.request("R-00002")))
    assert cost(world.site) == Cost()


@pytest.mark.parametrize(("writes", "verdict"), [(591, "ok"), (592, "MISS")])
def test_a_mirror_may_cost_a_tenth_more_than_its_floor_and_the_set_up(writes: int, verdict: str) -> None:
    line = next(mirror_lines(500, 1000, Effort(Cost(0, writes))))
    assert line.verdict == verdict
    assert line.floor is not None
    assert line.floor.least == 10 + 20 + 500


@pytest.mark.parametrize(
    ("spent", "verdict"), [(Cost(17, 0), "ok"), (Cost(18, 0), "MISS"), (Cost(6, 1, 1), "MISS")], ids=str
)
def test_an_idle_cycle_may_read_once_more_for_each_hundred_records(spent: Cost, verdict: str) -> None:
    later, soon = idle_lines(1000, spent, Cost(99))
    assert (later.verdict, soon.verdict) == (verdict, "ok")


@pytest.mark.parametrize(
    ("jira", "late", "verdict"),
    [
        (Cost(2, 1, 1), Cost(1), "ok"),
        (Cost(2, 2, 2), Cost(1), "ok"),
        (Cost(2, 2, 1), Cost(), "MISS"),
        (Cost(3, 1, 1), Cost(), "MISS"),
        (Cost(2, 1, 1), Cost(1, 1, 1), "MISS"),
    ],
    ids=str,
)
def test_a_change_may_cost_two_reads_and_one_write_for_each_object(jira: Cost, late: Cost, verdict: str) -> None:
    noted = next(change for change in CHANGES if change.on is Side.CONFLUENCE and not change.says)
    spent = Spent(
        {Side.JIRA: jira, Side.CONFLUENCE: Cost(9, 9, 1)}, Cost(6), {Side.JIRA: late, Side.CONFLUENCE: Cost()}
    )
    assert [line.verdict for line in change_lines(noted, spent)] == [verdict]


def test_a_burst_may_be_written_three_times() -> None:
    assert [burst_line(Side.JIRA, Cost(9, writes, 1)).verdict for writes in (3, 4)] == ["ok", "MISS"]


def test_a_time_that_is_too_long_is_called_slow_and_breaks_no_promise() -> None:
    line = agreeing_line("a change", [0.1] * 18 + [9.0] * 2)
    assert line.verdict == "slow"
    assert line.facts == {"changes": 20, "p95_s": 9.0, "p50_s": 0.1, "longest_s": 9.0}


def test_a_full_look_at_1500_records_needs_17_reads_and_three_for_each_page() -> None:
    assert floors.look_reads(500, 1500).least == 15 + 2 + 1500  # ⌈1500/100⌉ issues, ⌈500/250⌉ pages


def test_the_table_is_aligned_and_says_where_floors_come_from() -> None:
    floor = floors.Floor(10, "of ten")
    lines = [Line("short", "12", "≤ 15", True, floor=floor, ratio=floor.ratio(12)), Line("a longer one", "1", "", None)]
    head, rule, first, second, *rest = table.drawn(lines).splitlines()
    assert first.split() == ["short", "12", "10", "1.20", "≤", "15", "ok"]
    assert head.index("measured") == rule.index(" ─") + 1 == first.index("12") == second.index("1")
    assert rest[-1].strip() == "of ten"


def test_the_file_says_on_what_machine_and_when(tmp_path: Path) -> None:
    table.write([Line("a", "1", "≤ 2", True, {"n": 1.0})], tmp_path / "results" / "a.json", date(2026, 11, 26))
    told = json.loads((tmp_path / "results" / "a.json").read_text("utf-8"))
    assert told["machine"]["date"] == "2026-11-26"
    assert told["machine"].keys() == {"date", "python", "system", "cores"}
    assert told["lines"][0]["facts"] == {"n": 1.0}
    assert told["lines"][0]["verdict"] == "ok"
