"""What one change on one side costs each other side, in calls: reads + writes.

Polls are counted apart, as they are made whether or not something changed; so is what Tieout reads once more when it
sees its own writes in the poll after.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date

from bench import floors
from bench.company import company
from bench.counting import Cost, cost
from bench.line import Line
from mappings.records import Record, Side
from sync.keys import record_key
from sync.store import Store
from sync.work import LIVE, mark
from tests.system.world import CLARA, DANA, MARCO, PRIYA, World

FAR_SIDES = (Side.JIRA, Side.CONFLUENCE)
EARLIER = date(2026, 12, 10)
"""A date to which no step of the ladder is due yet."""
BYSTANDERS = 9
"""Requests to which nothing happens."""


@dataclass(frozen=True)
class Change:
    what: str
    on: Side
    make: Callable[[World, str], None]
    """Makes the change to the request with this number."""
    says: bool = False
    """Whether words are said with it, which are one more write where they are copied."""


@dataclass(frozen=True)
class Spent:
    """What Tieout asked because of the change, by side, and what for another reason."""

    work: dict[Side, Cost]
    polls: Cost
    afterwards: dict[Side, Cost]
    """When it sees its own writes in the poll after; the poll not counted."""


def _the_list_renames(world: World, number: str) -> None:
    _put(world, replace(world.request(number), title=f"{world.request(number).title}, all systems"))


def _coordinator_sets_date(world: World, number: str) -> None:
    _put(world, replace(world.task(number), due_on=date(2026, 12, 11), due_version=2))


def _owner_moves_card(world: World, number: str) -> None:
    world.person(PRIYA).move(_card(world, number), "In Progress")


def _owner_sets_date(world: World, number: str) -> None:
    world.person(PRIYA).set_due(_card(world, number), EARLIER)


def _owner_hands_over(world: World, number: str) -> None:
    world.person(DANA).set_fields(_card(world, number), assignee={"accountId": world.account(MARCO)})


def _owner_speaks(world: World, number: str) -> None:
    world.person(PRIYA).comment_issue(_card(world, number), "auditor: the March export follows on Friday")


def _auditor_sets_date(world: World, number: str) -> None:
    world.person(CLARA).comment_page(world.page(number)["id"], f"due {EARLIER}")


def _auditor_speaks(world: World, number: str) -> None:
    world.person(CLARA).comment_page(world.page(number)["id"], "Is this the whole population?")


def _somebody_notes(world: World, number: str) -> None:
    page = world.page(number)
    world.person(DANA).write_page(page, page["body"]["storage"]["value"] + "<p>Our own notes.</p>")


CHANGES = (
    Change("the list changes a request's text", Side.REGISTER, _the_list_renames),
    Change("a coordinator sets a task's date", Side.REGISTER, _coordinator_sets_date),
    Change("an owner moves the card", Side.JIRA, _owner_moves_card),
    Change("an owner sets an earlier date", Side.JIRA, _owner_sets_date),
    Change("the card gets another assignee", Side.JIRA, _owner_hands_over),
    Change("an owner says something to the auditor", Side.JIRA, _owner_speaks),
    Change("an auditor comments `due …`", Side.CONFLUENCE, _auditor_sets_date, says=True),
    Change("an auditor asks in a comment", Side.CONFLUENCE, _auditor_speaks),
    Change("a person edits the page's notes", Side.CONFLUENCE, _somebody_notes),
)


def measure() -> Iterator[Line]:
    with company(len(CHANGES) + BYSTANDERS, tasks_each=1) as world:
        world.worker.run_until_quiet()
        world.settle()
        for place, change in enumerate(CHANGES, start=1):
            yield from change_lines(change, spent_on(world, change, f"R-{place:05d}"))


def spent_on(world: World, change: Change, number: str) -> Spent:
    """Make the change and let Tieout do all that is due, and then all that comes of its own writes."""
    change.make(world, number)
    polls = _polled(world)
    work = _worked(world)
    _polled(world)
    return Spent(work, polls, _worked(world))


def _polled(world: World) -> Cost:
    world.clock.advance(60)
    world.site.calls.clear()
    world.polls.jira()
    world.polls.confluence()
    return cost(world.site)


def _worked(world: World) -> dict[Side, Cost]:
    world.site.calls.clear()
    world.worker.run_until_quiet()
    return {side: cost(world.site, side) for side in FAR_SIDES}


def change_lines(change: Change, spent: Spent) -> Iterator[Line]:
    """One for each other side."""
    echo, late = ({side: getattr(spent.afterwards[side], name) for side in FAR_SIDES} for name in ("reads", "writes"))
    for side in FAR_SIDES:
        if side is change.on:
            continue
        there = spent.work[side]
        floor = floors.change_writes(there.objects)
        yield Line(
            f"{change.what} ({change.on}) → {side}",
            f"{there.reads} + {there.writes}" + (f", then {late[side]} writes more" if late[side] else ""),
            _promised(change, there),
            _is_cheap(there, change) and not late[side],
            {**asdict(there), "poll_reads": spent.polls.reads, "next_reads": echo[side], "next_writes": late[side]},
            floor,
            floor.ratio(there.calls),
        )


def _promised(change: Change, spent: Cost) -> str:
    return f"≤ {floors.MOST_READS} + {_most_writes(change, spent)}"


def _most_writes(change: Change, spent: Cost) -> int:
    return (floors.MOST_WRITES + change.says) * max(spent.objects, 1)


def _is_cheap(spent: Cost, change: Change) -> bool:
    return spent.reads <= floors.MOST_READS and spent.writes <= _most_writes(change, spent)


def _card(world: World, number: str) -> str:
    return world.key(world.task(number))


def _put(world: World, changed: Record) -> None:
    with world.db.write() as conn:
        Store(conn).records.put(changed)
        mark(conn, [record_key(changed.uid)], lane=LIVE)
