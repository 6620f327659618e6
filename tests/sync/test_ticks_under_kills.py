"""Periodic keys fired by four replicas that die at them: each slot once at the most, and none left out for long."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime
from itertools import pairwise

import pytest

from sync.database import Database
from sync.scheduler import enqueue_periodic
from sync.work import claim, finish
from tests.virtual_clock import VirtualClock

KEY, EVERY_S, LEASE_S, LONGEST_REST_S = "poll:jira", 60, 20, 30
REPLICAS = 4


@pytest.mark.parametrize("ticks", [20, pytest.param(1_000, marks=pytest.mark.soak)])
def test_each_slot_fires_once_at_the_most_and_none_is_missed_by_more_than_the_kills_took(
    timed_database: Database, clock: VirtualClock, ticks: int
) -> None:
    chance, fired, kills = random.Random(ticks), list[datetime](), Counter[int]()
    while len(fired) < ticks:
        clock.forward(chance.uniform(LONGEST_REST_S / 4, LONGEST_REST_S))
        for replica in chance.sample(range(REPLICAS), REPLICAS):
            if chance.random() < 0.4:
                enqueue_periodic(timed_database, {KEY: EVERY_S})
            for held in claim(timed_database, worker=f"replica {replica}", limit=9, lease_s=LEASE_S):
                if chance.random() < 0.3:
                    kills[len(fired)] += 1
                    continue
                with timed_database.write() as conn:
                    finish(conn, held)
                fired.append(clock())
    slots = Counter(int(at.timestamp()) // EVERY_S for at in fired)
    assert max(slots.values()) == 1
    assert sum(kills.values()) > ticks // 5
    for n, (before, after) in enumerate(pairwise(fired), start=1):
        late_s = (after - before).total_seconds() - EVERY_S
        assert late_s <= EVERY_S + kills[n] * (LEASE_S + LONGEST_REST_S)
