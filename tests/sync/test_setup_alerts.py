"""Alerts on the set-up are as the last whole round saw it; what a site refuses meanwhile waits, and not for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mappings.errors import Forbidden, Gone, Refused, TryLater
from sync.database import Database
from sync.keys import POLL_JIRA, SWEEP_CHECK, record_key
from sync.retry import Dead, Later, Next
from sync.setup_alerts import HELD_S, LONGEST, PREFIX, WAITS_S, keep_setup_alerts, spared
from sync.store import Store
from sync.work import LIVE, Claim, claim, fail, mark
from tests.virtual_clock import VirtualClock

KEY = record_key("0" * 32)
NO = Dead("Refused: no")


def alerts(db: Database) -> dict[str, str]:
    with db.read() as conn:
        return {alert.name: alert.text for alert in Store(conn).alerts.current()}


def claimed(db: Database, key: str = KEY) -> list[Claim]:
    return claim(db, worker="w", limit=9, lease_s=60, prefix=key)


def first_run(db: Database, key: str = KEY) -> Claim:
    with db.write() as conn:
        mark(conn, [key], lane=LIVE)
    (one,) = claimed(db, key)
    return one


def refuse(db: Database, one: Claim) -> Next:
    """What follows a refusal, which is carried out when it is a wait."""
    following = spared(db, one, Refused("no"), NO)
    if isinstance(following, Later):
        fail(db, one, error="no", after_s=following.after_s, spends_attempt=False, is_permanent=False)
    return following


def test_the_alerts_are_exactly_what_the_last_round_saw_and_no_others_are_touched(timed_database: Database) -> None:
    with timed_database.write() as conn:
        Store(conn).alerts.raise_once("sign-in", "another's", timed_database.now(conn))
    first = keep_setup_alerts(timed_database, {"error:a:1": "a", "warning:b:2": "b"})
    assert (first.new, first.over) == (frozenset({"error:a:1", "warning:b:2"}), frozenset())
    second = keep_setup_alerts(timed_database, {"error:a:1": "a, in other words"})
    assert (second.new, second.over) == (frozenset(), frozenset({"warning:b:2"}))
    assert alerts(timed_database) == {"sign-in": "another's", f"{PREFIX}error:a:1": "a, in other words"}
    assert keep_setup_alerts(timed_database, {}).over == {"error:a:1"}
    assert alerts(timed_database) == {"sign-in": "another's"}


def test_a_refused_record_asks_for_a_look_and_lies_dead_when_it_finds_nothing(timed_database: Database) -> None:
    assert refuse(timed_database, first_run(timed_database)) == Later(WAITS_S, spends_attempt=False)
    assert claimed(timed_database) == []
    assert [one.key for one in claimed(timed_database, SWEEP_CHECK)] == [SWEEP_CHECK]
    keep_setup_alerts(timed_database, {"warning:b:2": "b"})
    (again,) = claimed(timed_database)
    assert refuse(timed_database, again) == NO


def test_while_an_error_is_in_force_it_waits_and_is_due_when_that_is_mended(timed_database: Database) -> None:
    one = first_run(timed_database)
    keep_setup_alerts(timed_database, {"error:a:1": "a"})
    assert refuse(timed_database, one) == Later(HELD_S, spends_attempt=False)
    assert claimed(timed_database, SWEEP_CHECK) == [], "what is wrong is known"
    assert keep_setup_alerts(timed_database, {}).tried_again == 1
    assert [each.key for each in claimed(timed_database)] == [KEY]


def test_what_lay_dead_before_is_tried_again_when_something_is_mended(timed_database: Database) -> None:
    keep_setup_alerts(timed_database, {"error:a:1": "a"})
    one = first_run(timed_database)
    fail(timed_database, one, error="no", after_s=0, spends_attempt=True, is_permanent=True)
    assert keep_setup_alerts(timed_database, {"error:a:1": "a"}).tried_again == 0
    assert keep_setup_alerts(timed_database, {}).tried_again == 1
    assert [each.key for each in claimed(timed_database)] == [KEY]


def test_it_waits_for_no_look_that_does_not_come_to_its_end(timed_database: Database, clock: VirtualClock) -> None:
    refuse(timed_database, first_run(timed_database))
    clock.forward(WAITS_S)
    (again,) = claimed(timed_database)
    assert refuse(timed_database, again) == Later(WAITS_S, spends_attempt=False)
    clock.forward(LONGEST.total_seconds())
    (last,) = claimed(timed_database)
    assert refuse(timed_database, last) == NO


@pytest.mark.parametrize("error", [Refused("no"), Gone("no"), Forbidden("no"), TryLater("later"), ValueError("ours")])
def test_only_what_a_site_refused_waits_and_only_a_record(timed_database: Database, error: Exception) -> None:
    keep_setup_alerts(timed_database, {"error:a:1": "a"})
    is_spared = spared(timed_database, first_run(timed_database), error, NO) != NO
    assert is_spared is isinstance(error, Refused | Gone | Forbidden)
    assert spared(timed_database, first_run(timed_database, POLL_JIRA), error, NO) == NO
    later = Later(5, spends_attempt=True)
    assert spared(timed_database, first_run(timed_database, record_key("1" * 32)), error, later) == later


def test_a_look_long_ago_does_not_count(timed_database: Database, clock: VirtualClock) -> None:
    keep_setup_alerts(timed_database, {})
    clock.forward(timedelta(hours=1).total_seconds())
    assert refuse(timed_database, first_run(timed_database)) == Later(WAITS_S, spends_attempt=False)
