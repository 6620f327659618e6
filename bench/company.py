"""A company for measuring: its site, its Tieout and any number of requests, in one process and in virtual time.

Nobody waits for the disk here: calls and ratios are counted, and they do not depend on it.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

from connector.sandbox.clock import ManualClock
from mappings.records import Kind, Record
from sync.database import Database, open_database
from sync.keys import record_key
from sync.migrations import upgrade
from sync.store import Store
from sync.work import BACKFILL, mark
from tests.system.world import AUDIT, INES, MARCO, PRIYA, START, TOMAS, World

DUE_ON = date(2026, 12, 14)
TEAMS = ("Security", "Platform", "People", "IT", "Legal")
OWNERS = (PRIYA, TOMAS, INES)
TASKS_EACH = 2


@contextmanager
def company(requests: int, tasks_each: int = TASKS_EACH) -> Iterator[World]:
    """A world with that many requests in its register, and nothing of them on the site yet."""
    with tempfile.TemporaryDirectory() as folder:
        clock = ManualClock(START)
        db = open_database(f"sqlite:///{folder}/bench.db", clock=clock.now, is_durable=False)
        try:
            upgrade(db)
            world = World(db, clock, Path(folder))
            add_families(db, [family(number, tasks_each) for number in range(1, requests + 1)])
            yield world
        finally:
            db.dispose()


def family(number: int, tasks_each: int, due_on: date = DUE_ON) -> Sequence[Record]:
    """A request with its tasks, each of another team: the tasks of a company are spread evenly over five projects.

    Uids are scattered, as real ones are, and the same in each run."""
    chance = Random(number)
    request = Record(
        uid=_uid(chance),
        kind=Kind.REQUEST,
        audit=AUDIT,
        number=f"R-{number:05d}",
        title=f"Access review report {number}",
        status="open",
        description="The quarterly review of who may do what, with sign-off.",
        criteria=("CC6.2", "CC6.3"),
        team=TEAMS[number % len(TEAMS)],
        owner=OWNERS[number % len(OWNERS)],
        reviewer=MARCO,
        due_on=due_on,
        auditor_due_on=due_on,
    )
    task = replace(request, kind=Kind.TASK, status="todo", parent=request.uid)
    tasks = [
        replace(task, uid=_uid(chance), number=f"{request.number}/{place}", team=TEAMS[(number + place) % len(TEAMS)])
        for place in range(1, tasks_each + 1)
    ]
    return [request, *tasks]


def add_families(db: Database, families: Sequence[Sequence[Record]]) -> None:
    """Put them into the register, due to be mirrored, as an import does."""
    records = [record for each in families for record in each]
    with db.write() as conn:
        store = Store(conn)
        for record in records:
            store.records.add(record)
        mark(conn, [record_key(record.uid) for record in records], lane=BACKFILL)


def _uid(chance: Random) -> str:
    return f"{chance.getrandbits(128):032x}"
