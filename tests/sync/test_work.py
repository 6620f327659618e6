from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sync.database import Database
from sync.work import (
    BACKFILL,
    LIVE,
    SWEEP,
    Fenced,
    Kin,
    WorkCounts,
    claim,
    every,
    extend,
    finish,
    first_lane,
    mark,
    release,
)
from tests.sync.work_desk import Desk
from tests.virtual_clock import VirtualClock


@pytest.fixture
def desk(timed_database: Database) -> Desk:
    return Desk(timed_database)


def test_a_marked_key_is_claimed_once_and_is_clean_when_finished(desk: Desk) -> None:
    desk.mark("record:1")
    got = desk.one()
    assert desk.claim() == []
    desk.finish(got)
    assert desk.claim() == []
    assert desk.counts() == WorkCounts(0, 0, 0, 0, 0.0)


def test_many_marks_are_one_run(desk: Desk) -> None:
    for _ in range(5):
        desk.mark("record:1")
    desk.finish(desk.one())
    assert desk.claim() == []


def test_a_mark_that_is_rolled_back_was_never_made(desk: Desk) -> None:
    def fails() -> None:
        with desk.db.write() as conn:
            mark(conn, ["record:1"])
            raise RuntimeError("the caller's own trouble")

    with pytest.raises(RuntimeError, match="the caller"):
        fails()
    assert desk.claim() == []


def test_an_event_during_the_run_leads_to_another_run(desk: Desk) -> None:
    desk.mark("record:1")
    got = desk.one()
    desk.mark("record:1")
    assert desk.claim() == [], "never two workers on one key"
    desk.finish(got)
    desk.finish(desk.one())
    assert desk.claim() == []


def test_a_run_that_marks_its_own_key_for_later_runs_then_and_not_before(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    got = desk.one()
    with desk.db.write() as conn:
        finish(conn, got)
        mark(conn, ["record:1"], run_at=clock() + timedelta(seconds=60))
    assert desk.claim() == []
    clock.forward(60)
    desk.finish(desk.one())


def test_facets_add_up_until_they_are_taken(desk: Desk) -> None:
    desk.mark("record:1", facets=1)
    desk.mark("record:1", facets=4)
    got = desk.one()
    assert got.facets == 5
    desk.mark("record:1", facets=2)
    desk.finish(got)
    assert desk.one().facets == 2


@pytest.mark.parametrize("ending", ["fail", "release", "crash"])
def test_facets_of_a_run_that_did_not_finish_are_given_back(desk: Desk, clock: VirtualClock, ending: str) -> None:
    desk.mark("record:1", facets=1)
    got = desk.one()
    desk.mark("record:1", facets=2)
    if ending == "fail":
        desk.fail(got)
    elif ending == "release":
        release(desk.db, got)
    clock.forward(61)
    assert desk.one().facets == 3


def test_lanes_are_served_in_order_and_within_a_lane_the_longest_due_first(desk: Desk, clock: VirtualClock) -> None:
    for key, lane in (("b", BACKFILL), ("s", SWEEP), ("l2", LIVE)):
        desk.mark(key, lane=lane)
    clock.forward(1)
    desk.mark("l1", lane=LIVE)
    assert [desk.keys(limit=1) for _ in range(5)] == [["l2"], ["l1"], ["s"], ["b"], []]


def test_a_set_of_one_kind_is_of_one_lane_so_nobody_waits_for_what_fills_in_the_past(desk: Desk) -> None:
    for key, lane in (("record:b", BACKFILL), ("record:l", LIVE), ("record:m", LIVE), ("poll:jira", LIVE)):
        desk.mark(key, lane=lane)
    assert [desk.keys(prefix="record:") for _ in range(3)] == [["record:l", "record:m"], ["record:b"], []]


def kin_of(*names: str) -> Kin:
    return lambda _conn, _keys: set(names)


def test_kin_come_along_from_every_lane_when_they_are_due_and_in_nobodys_hand(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:held")
    held = desk.one()
    desk.mark("record:live", "record:stranger")
    desk.mark("record:old", lane=BACKFILL)
    desk.mark("record:later", run_at=clock() + timedelta(seconds=60))
    kin = kin_of("record:held", "record:later", "record:old", "record:unknown")
    claims = claim(desk.db, worker="w2", limit=1, lease_s=60, prefix="record:", kin=kin)
    assert [each.key for each in claims] == ["record:live", "record:old"]
    desk.finish(held, *claims)
    assert desk.keys() == ["record:stranger"]


def test_kin_do_not_come_along_from_lanes_that_have_to_wait(desk: Desk) -> None:
    desk.mark("record:live")
    desk.mark("record:old", lane=BACKFILL)
    last = {"prefix": "record:", "last_lane": LIVE, "last_kin_lane": LIVE}
    claims = claim(desk.db, worker="w", limit=9, lease_s=60, kin=kin_of("record:old"), **last)  # type: ignore[arg-type]  # as it says
    assert [each.key for each in claims] == ["record:live"]


def test_a_crash_with_kin_in_hand_accuses_nobody_and_each_is_then_tried_alone(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:live")
    desk.mark("record:old", lane=BACKFILL)
    kin = kin_of("record:live", "record:old")
    together = claim(desk.db, worker="w", limit=9, lease_s=60, prefix="record:", kin=kin)
    assert [each.key for each in together] == ["record:live", "record:old"]
    clock.forward(61)
    alone = [claim(desk.db, worker="w", limit=9, lease_s=60, prefix="record:", kin=kin) for _ in range(2)]
    assert [[(each.key, each.faults) for each in claims] for claims in alone] == [
        [("record:live", 1)],
        [("record:old", 1)],
    ]


def test_a_mark_in_a_better_lane_lifts_a_key_and_a_worse_one_does_not_lower_it(desk: Desk) -> None:
    desk.mark("a", lane=BACKFILL)
    desk.mark("b", lane=SWEEP)
    desk.mark("a", lane=LIVE)
    desk.mark("a", lane=BACKFILL)
    assert desk.keys(limit=1) == ["a"]


def test_a_lane_does_not_outlast_the_run_it_was_for(desk: Desk) -> None:
    desk.mark("a", lane=LIVE)
    desk.finish(desk.one())
    desk.mark("a", lane=BACKFILL)
    desk.mark("b", lane=SWEEP)
    assert desk.keys(limit=1) == ["b"]


def test_a_claim_may_be_for_keys_of_one_kind_and_no_wildcard_is_read_in_it(desk: Desk) -> None:
    desk.mark("record:1", "poll:jira", "rec%rd:2")
    assert desk.keys(prefix="rec%rd:") == ["rec%rd:2"]
    assert desk.keys(prefix="record:") == ["record:1"]
    assert desk.keys() == ["poll:jira"]


def test_a_dead_workers_key_is_due_when_its_lease_ends_and_the_crash_counts(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    first = desk.one()
    clock.forward(59)
    assert desk.claim() == []
    clock.forward(1)
    second = desk.one()
    assert (second.attempts, second.fence) == (2, first.fence + 1)


def test_a_worker_that_lost_its_lease_cannot_finish_and_its_state_is_undone(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    zombie = desk.one()
    clock.forward(60)
    current = desk.one()

    def wake_up() -> None:
        with desk.db.write() as conn:
            mark(conn, ["state-of-the-zombie"])
            finish(conn, zombie)

    with pytest.raises(Fenced):
        wake_up()
    assert not desk.fail(zombie)
    assert not release(desk.db, zombie)
    assert extend(desk.db, [zombie, current], 60) == [current]
    desk.finish(current)
    assert desk.claim() == []


@pytest.mark.parametrize("backend", ["postgres"])  # on SQLite nobody can claim while another transaction is open
def test_a_lease_lost_between_finishing_and_committing_undoes_the_transaction(
    desk: Desk, open_again: Callable[[], Database]
) -> None:
    desk.mark("record:1")
    zombie = desk.one()
    other = Desk(open_again(), "w2")  # the real clock: far past the end of the lease

    def loses_its_lease() -> None:
        with desk.db.write() as conn:
            finish(conn, zombie)
            mark(conn, ["state-of-the-zombie"])
            assert other.keys() == ["record:1"]

    with pytest.raises(Fenced):
        loses_its_lease()
    assert other.claim() == []


def test_finishing_late_is_fine_as_long_as_nobody_took_over(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    late = desk.one()
    clock.forward(600)
    desk.finish(late)
    assert desk.claim() == []


def test_a_claim_is_finished_once(desk: Desk) -> None:
    desk.mark("record:1")
    got = desk.one()
    desk.finish(got)
    with pytest.raises(Fenced):
        desk.finish(got)


def test_an_extended_lease_holds_longer(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    got = desk.one()
    clock.forward(50)
    assert extend(desk.db, [got], 60) == [got]
    clock.forward(59)
    assert desk.claim() == []


def test_while_a_limit_is_near_only_the_live_lane_is_claimed(desk: Desk) -> None:
    desk.mark("swept", lane=SWEEP)
    desk.mark("live")
    desk.mark("filled", lane=BACKFILL)
    last = {"worker": "w", "limit": 9, "lease_s": 60.0}
    assert [each.key for each in claim(desk.db, **last, last_lane=LIVE)] == ["live"]  # type: ignore[arg-type]  # as it says
    assert [each.key for each in claim(desk.db, **last)] == ["swept", "filled"]  # type: ignore[arg-type]  # as it says


def test_what_is_due_waiting_leased_and_dead_is_counted(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("dead", "crashed", "leased")
    with desk.db.write() as conn:
        every(conn, "idle", 3600)
    claims = {each.key: each for each in desk.claim(lease_s=30)}
    desk.fail(claims["dead"], is_permanent=True)
    desk.finish(claims["idle"])
    extend(desk.db, [claims["leased"]], 120)
    desk.mark("waiting", run_at=clock() + timedelta(seconds=100))
    clock.forward(35)
    desk.mark("due")
    clock.forward(5)
    assert desk.counts() == WorkCounts(due=2, waiting=1, leased=1, dead=1, oldest_due_s=10.0)


def test_the_lane_of_what_is_to_be_done_first_is_known(desk: Desk, clock: VirtualClock) -> None:
    def lane() -> int | None:
        with desk.db.read() as conn:
            return first_lane(conn)

    assert lane() is None
    desk.mark("later", run_at=clock() + timedelta(seconds=90))
    assert lane() is None
    desk.mark("filled", lane=BACKFILL)
    assert lane() == BACKFILL
    desk.mark("swept", lane=SWEEP)
    assert lane() == SWEEP
    clock.forward(90)
    assert lane() == LIVE
    desk.claim(lease_s=60)
    assert lane() is None
    clock.forward(60)
    assert lane() == LIVE, "of workers that died"


def test_marking_needs_a_transaction_that_writes(desk: Desk) -> None:
    with pytest.raises(RuntimeError, match=r"db\.write\(\)"), desk.db.read() as conn:
        mark(conn, ["record:1"])
