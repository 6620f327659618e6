"""Real processes of Tieout killed, put to sleep and started again at random, while people work and the site falters.

`kill_until` does it until a time has come, and checks every invariant each time it has let them come to rest;
`python -m tests.system.killing --minutes 5 --database postgres` does it alone and prints what happened.

A voyage has a seed, which decides what is tried. What each process is at when it is hit, the machine decides.
"""

from __future__ import annotations

import argparse
import logging
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import delete

from connector.sandbox.faults import Kind, WebhookFaults
from sync.database import Database, is_postgres
from sync.tables import metadata
from tests.system import page_people, people
from tests.system.after_kills import check_voyage
from tests.system.fleet import LOOK_S, fleet, zygote
from tests.system.lease_log import leases_watched
from tests.system.voyage import Deed, Voyage
from tests.system.world import CLARA
from tests.system.zygote import LEASE_S, SETTLES_S, Zygote

KILLS, SLEEPS, AT_WORK = "kills", "sleeps past the lease", "kills with records in hand"
HITS, MOST_LISTED = 64, 45
"""Of one voyage: kills and sleeps, and how long the auditor's list may get."""
PAUSE_S = 0.08
"""Between two things that happen, on average."""
ONE = {"all": ("--workers", "2")}
SEVERAL = {
    "web": ("--only", "web"),
    "clock": ("--only", "scheduler"),
    "one": ("--only", "worker"),
    "two": ("--only", "worker", "--workers", "2"),
}
IsOver: TypeAlias = Callable[[Counter[str]], bool]
"""Whether a voyage has had enough, by what was counted on it."""
HEARD, POLLED, BOTH = "heard of by webhooks", "found by polls", "heard of and polled"
"""How changes come in. Heard of alone, each acknowledged webhook must do: nobody else looks within the hour."""
FAULTS: tuple[tuple[Kind, str, str], ...] = (
    ("drop_after", "POST", "/issue/bulk$"),
    ("drop_before", "POST", "/issue/bulk$"),
    ("status_after", "POST", "/wiki/api/v2/pages$"),
    ("drop_after", "POST", "/comment$"),
    ("drop_after", "POST", "/footer-comments$"),
    ("drop_after", "PUT", ""),
    ("status", "*", ""),
)


def kill_until(ends_at: float, database_url: str, home: Path, seed: int) -> Counter[str]:
    """Voyages one after another until `ends_at` on `time.monotonic()`; what happened, by name.

    The last voyage is let come to rest after that time, which takes some seconds. The database must have its tables;
    it is emptied for each voyage. Raises AssertionError, with the seed, when an invariant does not hold."""
    counted = Counter[str]()

    def is_over(n: Counter[str]) -> bool:
        return n[KILLS] + n[SLEEPS] >= HITS or time.monotonic() >= ends_at

    with zygote() as forks:
        while time.monotonic() < ends_at:
            counted += _voyage(database_url, home, forks, seed, is_over, counted)
            seed += 1
    return counted


def kill_at_least(kills: int, sleeps: int, database_url: str, home: Path, seed: int) -> Counter[str]:
    """As `kill_until`, in one voyage, however long it takes."""
    with zygote() as forks:
        return _voyage(database_url, home, forks, seed, lambda n: n[KILLS] >= kills and n[SLEEPS] >= sleeps, Counter())


def _voyage(
    database_url: str, home: Path, forks: Zygote, seed: int, is_over: IsOver, so_far: Counter[str]
) -> Counter[str]:
    folder = home / f"voyage-{seed}"
    folder.mkdir(parents=True)
    try:
        counted = sail(database_url, folder, forks, seed, is_over)
    except AssertionError as error:
        error.add_note(f"seed {seed}, log and evidence in {folder}; so far {dict(so_far)}")
        raise
    shutil.rmtree(folder)
    return counted


def sail(database_url: str, home: Path, forks: Zygote, seed: int, is_over: IsOver) -> Counter[str]:
    """One voyage: kills and sleeps until what was counted says that it is over, then rest, then every invariant."""
    chance = random.Random(seed)
    mode = (HEARD, POLLED, BOTH)[seed % 3]
    with fleet(database_url, home, forks) as ships, emptied(ships.db), leases_watched(ships.db):
        voyage = Voyage(ships, home, seed)
        with nullcontext() if mode == POLLED else voyage.hooks():
            Captain(voyage, chance, mode).sail(is_over)
            voyage.come_to_rest(polls=mode != HEARD)
            codes = ships.end()
        # One that was started a moment ago may be told to end before it has begun: the signal itself ends it.
        assert set(codes.values()) <= {0, -signal.SIGTERM}, codes
        check_voyage(voyage)
    voyage.counted[f"voyages, changes {mode}"] += 1
    return voyage.counted


@contextmanager
def emptied(db: Database) -> Iterator[None]:
    with db.write() as conn:
        for table in reversed(metadata.sorted_tables):
            conn.execute(delete(table))
    yield


class Captain:
    """Decides by chance what happens next: somebody does something, or something befalls a process or the site."""

    def __init__(self, voyage: Voyage, chance: random.Random, mode: str) -> None:
        self._voyage, self._ships, self._chance = voyage, voyage.ships, chance
        self._poll = ("--poll", "3600" if mode == HEARD else "5")
        self._asleep: dict[str, float] = {}
        """Processes that are stopped, with when they go on."""
        self._mode = mode

    def sail(self, is_over: IsOver) -> None:
        self._voyage.lengthen_list(18)
        for name, options in (SEVERAL if is_postgres(self._voyage.db.engine) else ONE).items():
            self._ships.start(name, *options, *(() if name == "web" else self._poll))
        if self._mode == BOTH:
            self._voyage.site.faults.webhooks = WebhookFaults(lose=0.2, duplicate=0.3, delay_s=0.5, reorder=True)
        while not is_over(self._voyage.counted):
            time.sleep(min(self._chance.expovariate(1 / PAUSE_S), 4 * PAUSE_S))
            self._wake(time.monotonic())
            self._next()
        self._wake(float("inf"))

    def _next(self) -> None:
        """One thing happens."""
        self._ships.assert_afloat("the next kill")
        match self._chance.randrange(40):
            case 0 | 1:
                self._fail()
            case 2:
                self._lull()
            case kind if kind < 24:
                self._kill()
            case _:
                self._somebody_acts()

    def _kill(self) -> None:
        """Some at any moment, most once they have work in hand; at what of it they are, chance and the machine say."""
        name = self._one_at_work() if self._chance.random() < 0.8 else self._chance.choice(list(self._ships.ships))
        self._asleep.pop(name, None)
        plainly = self._chance.random() < 0.02
        lost = self._ships.kill_and_start(name, plainly=plainly)
        self._count(KILLS, AT_WORK if lost else "kills with nothing in hand")
        self._count(f"killed: {name}", "started by the plain command line" if plainly else "forked")

    def _workers(self) -> list[str]:
        return [name for name in self._ships.ships if name not in ("web", "clock")]

    def _one_at_work(self) -> str:
        """A moment after it was seen to have work in hand; any worker, when all that is to do waits for its lease."""
        give_up_at = time.monotonic() + LEASE_S
        while not (at_work := self._ships.at_work()) and time.monotonic() < give_up_at:
            time.sleep(LOOK_S / 2)
        time.sleep(self._chance.uniform(0, LOOK_S))
        return self._chance.choice(at_work or self._workers())

    def _lull(self) -> None:
        """Stop one that works, past its lease, and now and then past the time after which an unclear create is over."""
        awake = [name for name in self._workers() if name not in self._asleep]
        if len(awake) < 2 and len(self._ships.ships) > 1:
            return
        name = self._chance.choice(awake)
        is_long = self._chance.random() < 0.25
        self._ships.signal(name, signal.SIGSTOP)
        self._asleep[name] = time.monotonic() + LEASE_S * 1.1 + is_long * SETTLES_S
        self._count(SLEEPS, "of them past the wait after a create" if is_long else "shorter sleeps")
        if len(self._ships.ships) == 1:
            time.sleep(self._asleep[name] - time.monotonic())
            self._wake(time.monotonic() + 1)

    def _wake(self, now: float) -> None:
        for name in [name for name, wakes_at in self._asleep.items() if wakes_at <= now]:
            self._ships.signal(name, signal.SIGCONT)
            del self._asleep[name]

    def _fail(self) -> None:
        kind, method, path = self._chance.choice(FAULTS)
        self._voyage.site.faults.add(kind, method, path, status=503)
        self._count(f"faults: {kind}")

    def _somebody_acts(self) -> None:
        voyage, which, who = self._voyage, self._chance.randrange(100), self._chance.choice(people.STAFF)
        if not self._ships.open_records() and len(voyage.listed) < MOST_LISTED:
            voyage.lengthen_list(3)
        deeds: tuple[Deed, ...] = (
            partial(people.next_step, which=which),
            partial(people.comment_on_card, which=which, who=who, form=self._chance.randrange(8)),
            partial(page_people.comment_on_page, which=which, who=CLARA, form=self._chance.randrange(8)),
            partial(people.attach, which=which, who=who, name=which, content=self._chance.randrange(3)),
            partial(page_people.edit_page, which=which, who=CLARA, what="note"),
            partial(people.relabel, which=which, who=who, what="own"),
            partial(people.move_card, which=which, who=who, way=self._chance.randrange(4)),
        )
        self._chance.choice(deeds)(voyage)

    def _count(self, *what: str) -> None:
        self._voyage.counted.update(what)


@contextmanager
def lent(database: str, folder: Path) -> Iterator[str]:
    """A database of this kind with all tables."""
    from tests.conftest import migrate, postgres_server

    if database == "sqlite":
        url = f"sqlite:///{folder / 'tieout.db'}"
        migrate(url)
        yield url
        return
    with postgres_server() as server:
        name = server.lend()
        yield server.url(name)
        server.take_back(name)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.system.killing", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    folder = Path(tempfile.mkdtemp(prefix="tieout-killing-"))
    with lent(args.database, folder) as url:
        counted = kill_until(time.monotonic() + args.minutes * 60, url, folder, args.seed)
    for what, count in sorted(counted.items()):
        sys.stdout.write(f"{count:>9,}  {what}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
