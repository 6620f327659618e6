"""What it costs to mirror a company for the first time, to look at all of it again, to find nothing changed."""

import math
from collections.abc import Iterator

from bench.company import TASKS_EACH, company
from bench.counting import Cost, cost
from bench.line import Line
from bench.memory import peak_of_tieout
from tests.system.world import World

REQUESTS = 500
FEW, MANY = 34, 3334
"""Requests: with two tasks each, some 100 and some 10,000 records."""

IN_BULK = 50
SPARE = 1.1
SET_UP = 8
"""Calls of each kind that are made once for a site, however much there is to mirror."""

LISTS = 7
"""Calls of a poll that finds nothing: a search, who asks (nobody finds nothing, too), and five lists of Confluence."""
READ_TOGETHER = 100
LONG_AFTER_S = 3 * 3600.0
MOST_MB = 200


def measure(*, is_large: bool = False) -> Iterator[Line]:
    with company(FEW) as world:
        world.worker.run_until_quiet()
        yield idle(world, FEW)
    with company(REQUESTS) as world:
        yield first_mirror(world, REQUESTS)
        yield second_sync(world, REQUESTS)
        yield idle(world, REQUESTS)
        yield memory(world, REQUESTS)
    if is_large:
        with company(MANY) as world:
            world.worker.run_until_quiet()
            yield idle(world, MANY)
            yield memory(world, MANY)


def first_mirror(world: World, requests: int) -> Line:
    """Mirrors what the register has, and counts."""
    world.site.calls.clear()
    world.worker.run_until_quiet()
    return mirror_line(requests, requests * TASKS_EACH, cost(world.site))


def mirror_line(requests: int, tasks: int, spent: Cost) -> Line:
    floor = math.ceil(requests / IN_BULK) + math.ceil(tasks / IN_BULK) + requests
    most = SPARE * floor + SET_UP
    return Line(
        f"first mirror of {requests} requests and {tasks} tasks",
        f"{spent.writes} writes, {spent.reads} reads",
        f"at most {SPARE} × {floor} + {SET_UP} = {most:.0f} writes",
        spent.writes <= most,
        {"requests": requests, "tasks": tasks, "writes": spent.writes, "reads": spent.reads, "most": most},
    )


def second_sync(world: World, requests: int) -> Line:
    """Looks at everything again, with all parts of each page, when nothing was changed."""
    world.settle()
    world.site.calls.clear()
    world.sweeps.everything()
    world.worker.run_until_quiet()
    spent = cost(world.site)
    return Line(
        f"a second full sync of {_records(requests)} records",
        f"{spent.writes} writes, {spent.reads} reads",
        "no writes",
        spent.writes == 0,
        {"records": _records(requests), "writes": spent.writes, "reads": spent.reads},
    )


def idle(world: World, requests: int) -> Line:
    """Both polls when nothing changed: soon after the last change, which they look at once more, and hours later."""
    world.settle()
    soon = _cycle(world)
    world.clock.advance(LONG_AFTER_S)
    world.settle()
    return idle_line(_records(requests), _cycle(world), soon)


def _cycle(world: World) -> Cost:
    world.site.calls.clear()
    world.settle()
    return cost(world.site)


def idle_line(records: int, spent: Cost, soon: Cost) -> Line:
    most = LISTS + math.ceil(records / READ_TOGETHER)
    return Line(
        f"idle cycle at {records} records, hours after the last change",
        f"{spent.reads} reads, {spent.writes} writes; within the hour after a change of all of them {soon.reads} reads",
        f"at most {LISTS} + one for each {READ_TOGETHER} records = {most} reads, no writes",
        spent.reads <= most and not spent.writes + soon.writes,
        {"records": records, "reads": spent.reads, "writes": spent.writes, "most": most, "soon_reads": soon.reads},
    )


def memory(world: World, requests: int) -> Line:
    """Tieout by itself, in a process of its own, looks at everything and mirrors some more."""
    peak_mb, bare_mb = peak_of_tieout(world, first_new=requests + 1)
    return Line(
        f"memory of a worker at {_records(requests)} records",
        f"{peak_mb:.0f} MB at most, {bare_mb:.0f} MB before it begins",
        f"under {MOST_MB} MB at 10,000 records",
        peak_mb < MOST_MB,
        {"records": _records(requests), "peak_mb": peak_mb, "bare_mb": bare_mb},
    )


def _records(requests: int) -> int:
    return requests * (1 + TASKS_EACH)
