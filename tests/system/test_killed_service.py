"""`tieout serve` killed again and again, and put to sleep past its lease: nothing is lost, and nothing is there twice.

The long form hits processes at random while people work and the site falters (`tests.system.killing`); what is marked
soak is about the mirror of one long list, with processes started by the plain command line.
"""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from connector.connect import connect_confluence, connect_jira
from connector.sandbox.calls import CallRecord
from connector.sandbox.seed import BOT_TOKEN
from mappings.records import Kind, LinkRole, LinkState, marker
from mappings.request_list.options import ImportOptions
from sync import journal
from sync.engine import Engine
from sync.importing import RequestList, import_list
from sync.sites import Sites
from sync.store import Store
from sync.vault import Vault
from sync.work import dead
from tests.system import killing
from tests.system.fleet import Fleet, fleet, zygote
from tests.system.world import AUDIT
from webhooks.rules_file import read_rules

KILLED, ASLEEP = 100, 5
REQUESTS, KILLS = 60, 10
OWNERS = ("priya.nair@acme.example", "tomas.berg@acme.example", "marco.rossi@acme.example")
TEAMS = ("Security", "Platform", "People", "IT", "Legal")
HEAD = "Request #,Title,Description,Criteria,Team,Owner,Due date,Priority\n"


@pytest.fixture
def ships(database_url: str, tmp_path: Path) -> Iterator[Fleet]:
    with zygote() as forks, fleet(database_url, tmp_path, forks) as ready:
        bring_list(ready, tmp_path)
        yield ready


def bring_list(ships: Fleet, home: Path) -> None:
    rows = [
        f"R-{n:03},Evidence {n},Show what was done,CC6.{n % 8 + 1},{TEAMS[n % 5]},{OWNERS[n % 3]},2027-06-30,Medium\n"
        for n in range(1, REQUESTS + 1)
    ]
    listed = RequestList(AUDIT, "list.csv", (HEAD + "".join(rows)).encode(), "dana")
    rule = read_rules(home / "tieout.toml").audit[AUDIT]
    uids = (f"{n:032x}" for n in range(1, 1_000))
    brought = import_list(ships.db, listed, rule, ImportOptions(), new_uid=lambda: next(uids))
    assert not brought.plan.is_refused


def kill_often(ships: Fleet, names: list[str], seed: int) -> None:
    """Each time a few calls later than the last, whichever process of `names` comes up."""
    chance = random.Random(seed)
    for _ in range(KILLS):
        ships.wait_for_calls(chance.randint(1, 20))
        assert ships.open_records(), "everything was done before the last kill: make the list longer"
        ships.kill_and_start(chance.choice(names), plainly=True)


def assert_one_of_everything(ships: Fleet, home: Path) -> None:
    with ships.db.read() as conn:
        store = Store(conn)
        records = store.records.get(store.records.uids())
        links = store.links.of(records)
        assert dead(conn) == []
        assert journal.verify(conn) is None
        told = journal.entries(conn, limit=10_000)
    created = Counter((entry.record, entry.what) for entry in told if entry.what.endswith("created"))
    assert len(records) == 2 * REQUESTS
    issues = Counter(label for issue in ships.site.jira.issues.values() for label in issue.values["labels"])
    assert {uid: issues[marker(uid)] for uid in records} == dict.fromkeys(records, 1)
    assert len(ships.site.jira.issues) == len(records)
    pages = Counter(page.title.split(" ", 1)[0] for page in ships.site.confluence.pages.values())
    numbers = [record.number for record in records.values() if record.kind is Kind.REQUEST]
    assert {number: pages[number] for number in numbers} == dict.fromkeys(numbers, 1)
    assert {link.state for link in links.values()} == {LinkState.LIVE}
    assert created == dict.fromkeys(((uid, f"{role} created") for uid, role in links), 1)
    assert len([role for _, role in links if role is LinkRole.PAGE]) == REQUESTS
    assert still_to_write(ships, home, list(records)) == []


def still_to_write(ships: Fleet, home: Path, uids: list[str]) -> list[str]:
    """What a look at everything would write."""
    rules = read_rules(home / "tieout.toml")
    with requests.Session() as session:
        jira = connect_jira(rules.jira, BOT_TOKEN, session=session)
        confluence = connect_confluence(rules.confluence, BOT_TOKEN, session=session)
        plan = Engine(ships.db, Sites(jira, confluence, rules), Vault(home / "evidence")).plan(uids)
    assert plan.failures == {}
    return [f"{type(action).__name__} {action.record}: {action.reason}" for action in plan.actions]


def made(ships: Fleet) -> list[CallRecord]:
    return [call for call in ships.site.calls.writes() if call.status in (200, 201)]


def finish(ships: Fleet) -> None:
    ships.wait_until("everything is done", lambda: not ships.open_records())
    # One that was started a moment ago may be told to end before it has begun: the signal itself ends it.
    assert set(ships.end().values()) <= {0, -signal.SIGTERM}


@pytest.mark.soak
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_one_process_with_everything_in_it_is_killed_ten_times(ships: Fleet, tmp_path: Path) -> None:
    ships.start("all", "--poll", "5", "--workers", "2", plainly=True)
    kill_often(ships, ["all"], seed=11)
    finish(ships)
    assert_one_of_everything(ships, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("backend", ["postgres"], indirect=True)
def test_two_workers_beside_web_and_clock_are_killed_ten_times(ships: Fleet, tmp_path: Path) -> None:
    ships.start("web", "--only", "web", plainly=True)
    ships.start("clock", "--only", "scheduler", "--poll", "5", plainly=True)
    ships.start("one", "--only", "worker", plainly=True)
    ships.start("two", "--only", "worker", "--workers", "2", plainly=True)
    kill_often(ships, ["one", "two", "two", "clock", "web"], seed=12)
    finish(ships)
    assert_one_of_everything(ships, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("backend", ["postgres"], indirect=True)
def test_a_worker_that_sleeps_past_its_lease_does_nothing_twice_when_it_wakes(ships: Fleet, tmp_path: Path) -> None:
    ships.start("sleeper", "--only", "worker")
    ships.wait_until("its first issues are made", lambda: any("/issue/bulk" in each.path for each in made(ships)))
    ships.signal("sleeper", signal.SIGSTOP)
    held = ships.held()
    assert held, "it was stopped in the middle of its work"
    ships.start("other", "--only", "worker")
    ships.wait_until("another took over", lambda: held.items().isdisjoint(ships.held().items()))
    ships.signal("sleeper", signal.SIGCONT)
    finish(ships)
    assert_one_of_everything(ships, tmp_path)


@pytest.mark.long
def test_a_hundred_kills_and_some_sleeps_past_the_lease_lose_nothing_and_make_nothing_twice(
    database_url: str, tmp_path: Path
) -> None:
    counted = killing.kill_at_least(KILLED, ASLEEP, database_url, tmp_path, seed=2)
    assert counted[killing.AT_WORK] >= KILLED // 2
    assert counted["webhooks acknowledged"] > 0
    assert counted["counterparts"] > 0
