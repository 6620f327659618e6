"""What it costs to mirror a company for the first time, to look at all of it again, to find nothing changed."""

from collections.abc import Iterator

from bench import floors
from bench.company import TASKS_EACH, company
from bench.counting import Cost, Effort, cost, watched
from bench.line import Line
from bench.memory import peak_of_tieout
from tests.system.world import World

REQUESTS = 500
FEW, SOME, MANY = 34, 334, 3334
"""Requests: with two tasks each, some 100, 1,000 and 10,000 records."""
LONG_AFTER_S = 3 * 3600.0


def measure(*, is_quick: bool = False) -> Iterator[Line]:
    with company(REQUESTS) as world:
        yield from mirror_lines(REQUESTS, REQUESTS * TASKS_EACH, first_mirror(world))
        yield from look_lines(REQUESTS, full_look(world))
        if is_quick:
            yield memory(world, REQUESTS)
    for requests in (FEW, SOME) if is_quick else (FEW, SOME, MANY):
        with company(requests) as world:
            world.worker.run_until_quiet()
            yield from idle(world, requests)
            if requests == MANY:
                yield memory(world, requests)


def first_mirror(world: World) -> Effort:
    """Mirrors what the register has, and counts."""
    with watched(world) as effort:
        world.worker.run_until_quiet()
    return effort


def mirror_lines(requests: int, tasks: int, effort: Effort) -> Iterator[Line]:
    what, spent = f"first mirror of {requests} requests, {tasks:,} tasks", effort.cost
    floor, most = floors.mirror_writes(requests, tasks), floors.most_mirror_writes(requests, tasks)
    yield Line(
        f"{what}: writes",
        f"{spent.writes}",
        f"≤ {most:.0f}",
        spent.writes <= most,
        {"requests": requests, "tasks": tasks, "writes": spent.writes, "most": most},
        floor,
        floor.ratio(spent.writes),
    )
    floor = floors.bulk_creates(requests, tasks)
    yield Line(
        f"{what}: bulk creates",
        f"{effort.creates}",
        facts={"creates": effort.creates},
        floor=floor,
        ratio=floor.ratio(effort.creates),
    )
    floor = floors.mirror_reads()
    yield Line(
        f"{what}: reads",
        f"{spent.reads}",
        facts={"reads": spent.reads},
        floor=floor,
        ratio=floor.ratio(spent.reads),
    )
    yield from _work_lines(what, requests + tasks, effort)


def full_look(world: World) -> Effort:
    """Looks at everything again, with all parts of each page, when nothing was changed."""
    world.settle()
    with watched(world) as effort:
        world.sweeps.everything()
        world.worker.run_until_quiet()
    return effort


def look_lines(requests: int, effort: Effort) -> Iterator[Line]:
    records, spent = _records(requests), effort.cost
    what, floor = f"second full sync of {records:,} records", floors.look_reads(requests, records)
    yield Line(f"{what}: writes", f"{spent.writes}", "0", spent.writes == 0, {"writes": spent.writes})
    yield Line(
        f"{what}: reads",
        f"{spent.reads:,}",
        facts={"records": records, "reads": spent.reads},
        floor=floor,
        ratio=floor.ratio(spent.reads),
    )
    yield from _work_lines(what, records, effort)


def _work_lines(what: str, records: int, effort: Effort) -> Iterator[Line]:
    each, cpu_s = effort.statements / records, effort.cpu_s * 1000 / records
    yield Line(f"{what}: statements a record", f"{each:.1f}", facts={"statements": effort.statements})
    yield Line(f"{what}: CPU for 1,000 records", f"{cpu_s:.1f} s", facts={"cpu_s": effort.cpu_s})


def idle(world: World, requests: int) -> Iterator[Line]:
    """Both polls when nothing changed: soon after the last change, which they look at once more, and hours later."""
    world.settle()
    soon = _cycle(world)
    world.clock.advance(LONG_AFTER_S)
    world.settle()
    yield from idle_lines(_records(requests), _cycle(world), soon)


def _cycle(world: World) -> Cost:
    world.site.calls.clear()
    world.settle()
    return cost(world.site)


def idle_lines(records: int, spent: Cost, soon: Cost) -> Iterator[Line]:
    most, floor = floors.most_idle_reads(records), floors.idle_reads()
    what = f"idle cycle at {records:,} records"
    yield Line(
        f"{what}: reads",
        f"{spent.reads}" + (f" and {spent.writes} writes" if spent.writes else ""),
        f"≤ {most}, 0 writes",
        spent.reads <= most and not spent.writes,
        {"records": records, "reads": spent.reads, "writes": spent.writes, "most": most},
        floor,
        floor.ratio(spent.reads),
    )
    yield Line(
        f"{what}, all of them changed within the hour: writes",
        f"{soon.writes} ({soon.reads} reads)",
        "0",
        not soon.writes,
        {"records": records, "reads": soon.reads, "writes": soon.writes},
    )


def memory(world: World, requests: int) -> Line:
    """Tieout by itself, in a process of its own, looks at everything and mirrors some more."""
    peak_mb, bare_mb = peak_of_tieout(world, first_new=requests + 1)
    return Line(
        f"memory of a worker at {_records(requests):,} records",
        f"{peak_mb:.0f} MB ({bare_mb:.0f} before it begins)",
        f"< {floors.MOST_MB} MB at 10,000",
        peak_mb < floors.MOST_MB,
        {"records": _records(requests), "peak_mb": peak_mb, "bare_mb": bare_mb},
    )


def _records(requests: int) -> int:
    return requests * (1 + TASKS_EACH)
