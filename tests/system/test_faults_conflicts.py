"""Where the mapping file asks for a person, a field that both sides changed waits for one, through every restart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from connector.sandbox.clock import ManualClock
from mappings.records import Conflict
from sync import settlement
from sync.database import open_database
from sync.settlement import Keep
from sync.store import Store
from tests.system.looks import second_run_writes, texts_on
from tests.system.mended import audit
from tests.system.scenes import before, card_edit, let_pass, mirrored, register_says
from tests.system.world import DANA, PRIYA, START, World

OURS, THEIRS = date(2026, 12, 2), "2026-12-04"


@pytest.fixture
def asking(database_url: str, tmp_path: Path) -> Iterator[World]:
    clock = ManualClock(START)
    db = open_database(database_url, clock=clock.now, is_durable=False)
    yield World(db, clock, tmp_path, ask=("owner", "priority", "due"))
    db.dispose()


def conflicts(world: World) -> tuple[list[Conflict], list[Conflict]]:
    """Those that are open, and those that are settled."""
    with world.db.read() as conn:
        store = Store(conn)
        return list(store.conflicts.open()), list(store.conflicts.settled())


def due_of(world: World, card: str) -> str:
    return str(world.person(DANA).issue(card)["fields"]["duedate"])


def quarrel(world: World, *, is_overtaken: bool) -> str:
    """The list says one date and the owner another: before Tieout read the card again, or just before it wrote it."""
    card = mirrored(world)
    world.settle()
    register_says(world, due_on=OURS)
    edit = partial(world.person(PRIYA).set_fields, card, duedate=THEIRS)
    if is_overtaken:
        before(world, "PUT", card_edit(world), edit)
    else:
        edit()
    let_pass(world, 180)
    return card


@pytest.mark.parametrize("is_overtaken", [False, True], ids=["seen", "overtaken"])
@pytest.mark.parametrize("keep", list(Keep))
def test_a_person_decides_and_both_sides_come_to_it(asking: World, keep: Keep, is_overtaken: bool) -> None:
    card = quarrel(asking, is_overtaken=is_overtaken)
    (conflict,), settled = conflicts(asking)
    assert (conflict.ours, conflict.theirs, settled) == (OURS.isoformat(), THEIRS, [])
    assert asking.task().due_on == OURS
    assert due_of(asking, card) == (OURS.isoformat() if is_overtaken else THEIRS)
    assert sum("Dana Kim decides which of them stays" in text for text in texts_on(asking, card)) == 1
    assert second_run_writes(asking) == []
    asking.worker = asking.new_worker("after a restart")
    settlement.settle(asking.db, audit(asking), "R-001/1", "due", keep, by="dana")
    let_pass(asking, 180)
    expected = OURS.isoformat() if keep is Keep.OURS else THEIRS
    assert (str(asking.task().due_on), due_of(asking, card)) == (expected, expected)
    still_open, (ended,) = conflicts(asking)
    assert (still_open, ended.settled_by, ended.kept) == ([], "dana", keep)
    assert second_run_writes(asking) == []


def test_it_is_settled_before_tieout_looked_again(asking: World) -> None:
    """Opened and settled, and only then does a worker come: nothing of the decision is lost to the time between."""
    card = quarrel(asking, is_overtaken=True)
    settlement.settle(asking.db, audit(asking), "R-001/1", "due", Keep.THEIRS, by="dana")
    asking.site.faults.add("timeout_after", "PUT", card_edit(asking))
    asking.worker = asking.new_worker("after a restart")
    let_pass(asking, 300)
    assert (str(asking.task().due_on), due_of(asking, card)) == (THEIRS, THEIRS)
    assert conflicts(asking)[0] == []
    assert second_run_writes(asking) == []


def test_other_fields_are_kept_in_step_while_one_waits(asking: World) -> None:
    card = quarrel(asking, is_overtaken=False)
    register_says(asking, title="Access review of the third quarter")
    asking.person(PRIYA).set_fields(card, priority={"name": "High"})
    let_pass(asking, 120)
    assert "third quarter" in asking.person(DANA).issue(card)["fields"]["summary"]
    assert (asking.task().priority, due_of(asking, card)) == ("high", THEIRS)
    asking.person(PRIYA).set_fields(card, duedate="2026-12-07")
    let_pass(asking, 120)
    assert conflicts(asking)[0][0].theirs == "2026-12-07"
    asking.person(PRIYA).set_fields(card, duedate=OURS.isoformat())
    let_pass(asking, 120)
    assert conflicts(asking)[0] == []
    assert conflicts(asking)[1][0].kept == "both"
    assert second_run_writes(asking) == []


def test_what_the_law_decided_is_kept_with_both_values(world: World) -> None:
    quarrel(world, is_overtaken=True)
    still_open, (ended,) = conflicts(world)
    assert (still_open, ended.ours, ended.theirs) == ([], OURS.isoformat(), THEIRS)
    assert (ended.settled_by, ended.kept) == ("the lifecycle", "theirs")
