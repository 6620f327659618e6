from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from sync.database import Database
from sync.work import (
    BACKFILL,
    LIVE,
    MOST_CRASHES,
    SWEEP,
    Claim,
    Fenced,
    Kin,
    WorkCounts,
    claim,
    counts,
    dead,
    every,
    extend,
    fail,
    finish,
    mark,
    next_due_at,
    release,
    replay,
)
from tests.virtual_clock import VirtualClock


class Desk:
    """A worker's view of the work table, one transaction for each thing it does."""

    def __init__(self, db: Database, name: str = "w1") -> None:
        self.db = db
        self.name = name

    def mark(self, *keys: str, **how: object) -> None:
        with self.db.write() as conn:
            mark(conn, keys, **how)  # type: ignore[arg-type]  # a test's keyword arguments

    def claim(self, limit: int = 10, lease_s: float = 60, prefix: str | None = None) -> list[Claim]:
        return claim(self.db, worker=self.name, limit=limit, lease_s=lease_s, prefix=prefix)

    def one(self) -> Claim:
        (only,) = self.claim()
        return only

    def keys(self, **how: object) -> list[str]:
        return [each.key for each in self.claim(**how)]  # type: ignore[arg-type]  # as above

    def finish(self, *claims: Claim) -> None:
        with self.db.write() as conn:
            for each in claims:
                finish(conn, each)

    def fail(
        self,
        which: Claim,
        *,
        after_s: float = 30,
        spends_attempt: bool = True,
        is_permanent: bool = False,
        is_fault: bool = False,
    ) -> bool:
        return fail(
            self.db,
            which,
            error="it broke",
            after_s=after_s,
            spends_attempt=spends_attempt,
            is_permanent=is_permanent,
            is_fault=is_fault,
        )

    def counts(self) -> WorkCounts:
        with self.db.read() as conn:
            return counts(conn)

    def dead(self) -> list[str]:
        with self.db.read() as conn:
            return [letter.key for letter in dead(conn)]


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
    claims = claim(desk.db, worker="w", limit=9, lease_s=60, prefix="record:", last_lane=LIVE, kin=kin_of("record:old"))
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


def test_a_failure_waits_and_counts_an_attempt_unless_it_was_a_429(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    desk.fail(desk.one(), after_s=30)
    assert desk.claim() == []
    clock.forward(30)
    second = desk.one()
    desk.fail(second, after_s=30, spends_attempt=False)
    clock.forward(30)
    assert (second.attempts, desk.one().attempts) == (2, 2)


def test_a_finished_run_forgets_earlier_attempts(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    desk.fail(desk.one(), after_s=0)
    desk.finish(desk.one())
    desk.mark("record:1")
    assert desk.one().attempts == 1


def test_a_released_key_is_due_at_once_and_has_spent_nothing(desk: Desk) -> None:
    desk.mark("record:1")
    assert release(desk.db, desk.one())
    assert desk.one().attempts == 1


def test_a_live_event_ends_backing_off_and_a_sweep_does_not(desk: Desk) -> None:
    desk.mark("a", "b")
    for each in desk.claim():
        desk.fail(each, after_s=300)
    desk.mark("a", lane=SWEEP)
    desk.mark("b", lane=LIVE)
    assert desk.keys() == ["b"]


def test_a_permanent_failure_is_dead_at_once_with_its_reason(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    assert desk.fail(desk.one(), is_permanent=True)
    clock.forward(10**6)
    assert desk.claim() == []
    with desk.db.read() as conn:
        (letter,) = dead(conn)
    assert (letter.key, letter.error, letter.attempts) == ("record:1", "it broke", 1)
    assert letter.failed_at == clock() - timedelta(seconds=10**6)


@pytest.mark.parametrize(("lane", "is_revived"), [(LIVE, True), (SWEEP, False), (BACKFILL, False)])
def test_the_next_live_event_replays_a_dead_key(desk: Desk, lane: int, is_revived: bool) -> None:
    desk.mark("record:1")
    desk.fail(desk.one(), is_permanent=True)
    desk.mark("record:1", lane=lane)
    assert desk.dead() == ([] if is_revived else ["record:1"])
    assert [each.attempts for each in desk.claim()] == ([1] if is_revived else [])


def test_an_event_during_a_run_that_fails_for_good_gives_it_another_try(desk: Desk) -> None:
    desk.mark("record:1")
    got = desk.one()
    desk.mark("record:1")
    desk.fail(got, after_s=0, is_permanent=True)
    assert desk.dead() == []
    desk.fail(desk.one(), is_permanent=True)
    assert desk.dead() == ["record:1"]


def test_dead_keys_are_replayed_by_name_or_all(desk: Desk) -> None:
    desk.mark("a", "b", "c", "d")
    for each in desk.claim(limit=3):
        desk.fail(each, is_permanent=True)
    with desk.db.write() as conn:
        assert replay(conn, ["b", "d", "zz"]) == 1
    assert desk.dead() == ["a", "c"]
    with desk.db.write() as conn:
        assert replay(conn) == 2
    assert sorted(desk.keys()) == ["a", "b", "c", "d"]


def test_a_key_that_kills_its_workers_is_dead_in_the_end_and_others_are_served(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("poison")
    for n in range(MOST_CRASHES):
        assert desk.keys() == ["poison"], n
        clock.forward(60)
    desk.mark("fine")
    assert desk.keys() == []
    assert desk.dead() == ["poison"]
    assert desk.keys() == ["fine"]
    with desk.db.write() as conn:
        replay(conn)
    assert desk.keys() == ["poison"]


def test_of_a_set_that_kills_its_workers_only_the_key_at_fault_dies(desk: Desk, clock: VirtualClock) -> None:
    """durable-work T17. A worker dies whenever it has the poison in hand, and all it has in hand is lost with it."""
    innocent = [f"record:{n:03}" for n in range(199)]
    desk.mark("record:poison", *innocent)
    done: set[str] = set()
    crashes, alone = 0, 0
    while "record:poison" not in desk.dead():
        claims = desk.claim(limit=200)
        if not claims:
            clock.forward(60)
        elif "record:poison" in {each.key for each in claims}:
            crashes, alone = crashes + 1, alone + (len(claims) == 1)
        else:
            desk.finish(*claims)
            done |= {each.key for each in claims}
    assert (crashes, alone) == (MOST_CRASHES + 2, MOST_CRASHES)
    assert done == set(innocent)
    assert desk.dead() == ["record:poison"]


def test_workers_that_are_killed_nine_times_in_one_mirror_accuse_nobody(desk: Desk, clock: VirtualClock) -> None:
    desk.mark(*(f"record:{n:03}" for n in range(200)))
    for _ in range(3 * MOST_CRASHES):
        assert desk.claim(limit=200) != []
        clock.forward(60)
    while claims := desk.claim(limit=200):
        desk.finish(*claims)
    assert desk.dead() == []
    assert desk.counts().waiting == 0


def test_a_mistake_of_ours_counts_for_its_key_alone_and_not_what_a_site_says(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("a", "b")
    for faults in (1, 2, 3):
        claims = {each.key: each for each in desk.claim()}
        assert (claims["a"].faults, claims["b"].faults) == (faults, 1)
        desk.fail(claims["a"], after_s=0, is_fault=True)
        desk.fail(claims["b"], after_s=0)
    desk.fail(next(each for each in desk.claim() if each.key == "a"), after_s=0)
    assert next(each for each in desk.claim() if each.key == "a").faults == 1


def test_since_when_a_key_fails_is_known_until_it_comes_through(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    assert desk.counts().failing == 0
    for failing_s, spends in ((0, True), (40, False), (90, True)):
        got = desk.one()
        assert got.failing_s == failing_s
        clock.forward(10)
        desk.fail(got, after_s=30, spends_attempt=spends)
        clock.forward(40)
        desk.mark("record:1")
    assert desk.counts().failing == 1
    desk.finish(desk.one())
    assert desk.counts().failing == 0
    desk.mark("record:1")
    assert desk.one().failing_s == 0


@pytest.mark.parametrize("how", ["replayed", "marked"])
def test_a_dead_key_that_is_tried_again_has_all_its_time(desk: Desk, clock: VirtualClock, how: str) -> None:
    desk.mark("record:1")
    desk.fail(desk.one(), after_s=0)
    clock.forward(86_400)
    desk.fail(desk.one(), is_permanent=True)
    assert desk.counts().failing == 0
    if how == "marked":
        desk.mark("record:1")
    else:
        with desk.db.write() as conn:
            replay(conn)
    assert desk.one().failing_s == 0


def test_while_a_limit_is_near_only_the_live_lane_is_claimed(desk: Desk) -> None:
    desk.mark("swept", lane=SWEEP)
    desk.mark("live")
    desk.mark("filled", lane=BACKFILL)
    last = {"worker": "w", "limit": 9, "lease_s": 60.0}
    assert [each.key for each in claim(desk.db, **last, last_lane=LIVE)] == ["live"]  # type: ignore[arg-type]  # as it says
    assert [each.key for each in claim(desk.db, **last)] == ["swept", "filled"]  # type: ignore[arg-type]  # as it says


def test_failures_in_good_order_are_no_crashes(desk: Desk, clock: VirtualClock) -> None:
    desk.mark("record:1")
    for _ in range(MOST_CRASHES * 2):
        desk.fail(desk.one(), after_s=0)
    assert desk.dead() == []


def test_a_periodic_key_runs_once_in_each_slot_however_many_replicas_say_so(desk: Desk, clock: VirtualClock) -> None:
    runs = []
    for _ in range(30):
        for _ in range(3):
            with desk.db.write() as conn:
                every(conn, "poll:jira", 60)
        for each in desk.claim():
            runs.append(clock())
            desk.finish(each)
        clock.forward(20)
    slots = {int(at.timestamp()) // 60 for at in runs}
    assert len(runs) == len(slots) == 10


def test_a_periodic_key_that_is_marked_runs_at_once_and_keeps_its_slots(desk: Desk, clock: VirtualClock) -> None:
    with desk.db.write() as conn:
        every(conn, "poll:jira", 60)
    desk.finish(desk.one())
    clock.forward(10)
    assert desk.claim() == []
    desk.mark("poll:jira")
    got = desk.one()
    desk.mark("poll:jira")
    desk.finish(got)
    desk.finish(desk.one())
    assert desk.claim() == []
    clock.forward(50)
    desk.finish(desk.one())


def test_a_mark_for_later_does_not_push_a_slot_back(desk: Desk, clock: VirtualClock) -> None:
    with desk.db.write() as conn:
        every(conn, "poll:jira", 60)
    desk.finish(desk.one())
    desk.mark("poll:jira", run_at=clock() + timedelta(hours=1))
    clock.forward(60)
    got = desk.one()
    desk.mark("poll:jira", run_at=clock() + timedelta(hours=1))
    desk.finish(got)
    clock.forward(60)
    desk.finish(desk.one())


def test_missed_slots_are_made_up_once(desk: Desk, clock: VirtualClock) -> None:
    with desk.db.write() as conn:
        every(conn, "poll:jira", 60)
    desk.finish(desk.one())
    clock.forward(3600)
    desk.finish(desk.one())
    assert desk.claim() == []


def test_a_periodic_key_never_dies_but_waits_for_its_next_slot(desk: Desk, clock: VirtualClock) -> None:
    with desk.db.write() as conn:
        every(conn, "poll:jira", 60)
    desk.fail(desk.one(), is_permanent=True)
    assert (desk.dead(), desk.claim()) == ([], [])
    clock.forward(60)
    for _ in range(MOST_CRASHES + 1):
        desk.claim()
        clock.forward(60)
    assert desk.dead() == []
    assert desk.keys() == ["poll:jira"]


def test_a_shorter_interval_counts_from_now(desk: Desk, clock: VirtualClock) -> None:
    with desk.db.write() as conn:
        every(conn, "poll:jira", 3600)
    desk.finish(desk.one())
    with desk.db.write() as conn:
        every(conn, "poll:jira", 60)
    clock.forward(60)
    assert desk.keys() == ["poll:jira"]


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


def test_the_next_time_something_is_due_is_known(desk: Desk, clock: VirtualClock) -> None:
    def next_due() -> float | None:
        with desk.db.read() as conn:
            at = next_due_at(conn)
        return None if at is None else (at - clock()).total_seconds()

    assert next_due() is None
    desk.mark("later", run_at=clock() + timedelta(seconds=90))
    assert next_due() == 90
    desk.mark("now")
    assert next_due() == 0
    desk.claim(lease_s=60)
    assert next_due() == 60


def test_marking_needs_a_transaction_that_writes(desk: Desk) -> None:
    with pytest.raises(RuntimeError, match=r"db\.write\(\)"), desk.db.read() as conn:
        mark(conn, ["record:1"])
