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
from math import inf
from pathlib import Path

from sqlalchemy import delete

from connector.sandbox.faults import Kind, WebhookFaults
from sync.database import Database, is_postgres
from sync.tables import metadata
from tests.system import page_people, people
from tests.system.after_kills import check_voyage
from tests.system.fleet import fleet, zygote
from tests.system.lease_log import leases_watched
from tests.system.voyage import Deed, Voyage
from tests.system.world import CLARA
from tests.system.zygote import LEASE_S, SETTLES_S, Zygote

KILLS, SLEEPS = "kills", "sleeps past the lease"
HITS, MOST_LISTED = 64, 45
"""Of one voyage: kills and sleeps, and how long the auditor's list may get."""
PAUSE_S = 0.12
"""Between two things that happen, on average."""
ONE = {"all": ("--workers", "2")}
SEVERAL = {
    "web": ("--only", "web"),
    "clock": ("--only", "scheduler"),
    "one": ("--only", "worker"),
    "two": ("--only", "worker", "--workers", "2"),
    "three": ("--only", "worker"),
}
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
    return _voyages(database_url, home, seed, ends_at, lambda _: time.monotonic() >= ends_at)


def kill_at_least(kills: int, sleeps: int, database_url: str, home: Path, seed: int) -> Counter[str]:
    """As `kill_until`, for as many voyages as it takes."""
    return _voyages(database_url, home, seed, inf, lambda n: n[KILLS] >= kills and n[SLEEPS] >= sleeps)


def _voyages(
    database_url: str, home: Path, seed: int, ends_at: float, is_enough: Callable[[Counter[str]], bool]
) -> Counter[str]:
    counted = Counter[str]()
    with zygote() as forks:
        while not is_enough(counted):
            folder = home / f"voyage-{seed}"
            folder.mkdir(parents=True)
            try:
                counted += sail(database_url, folder, forks, seed, ends_at)
            except AssertionError as error:
                error.add_note(f"seed {seed}, log and evidence in {folder}; so far {dict(counted)}")
                raise
            shutil.rmtree(folder)
            seed += 1
    return counted


def sail(database_url: str, home: Path, forks: Zygote, seed: int, ends_at: float) -> Counter[str]:
    """One voyage: HITS kills and sleeps, or fewer if the time ends, then rest, then every invariant."""
    chance = random.Random(seed)
    mode = (HEARD, POLLED, BOTH)[seed % 3]
    with fleet(database_url, home, forks) as ships, emptied(ships.db), leases_watched(ships.db):
        voyage = Voyage(ships, home, seed)
        with nullcontext() if mode == POLLED else voyage.hooks():
            Captain(voyage, chance, mode).sail(ends_at)
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

    def sail(self, ends_at: float) -> None:
        self._voyage.lengthen_list(9)
        for name, options in (SEVERAL if is_postgres(self._voyage.db.engine) else ONE).items():
            self._ships.start(name, *options, *(() if name == "web" else self._poll))
        if self._mode == BOTH:
            self._voyage.site.faults.webhooks = WebhookFaults(lose=0.2, duplicate=0.3, delay_s=0.5, reorder=True)
        hits = 0
        while hits < HITS and time.monotonic() < ends_at:
            time.sleep(min(self._chance.expovariate(1 / PAUSE_S), 4 * PAUSE_S))
            self._wake(time.monotonic())
            hits += self._next()
        self._wake(float("inf"))

    def _next(self) -> int:
        """One thing happens; returns how many processes were hit."""
        self._ships.assert_afloat("the next kill")
        match self._chance.randrange(20):
            case 0:
                self._fail()
            case 1 | 2:
                return self._lull()
            case kind if kind < 12:
                return self._kill()
            case _:
                self._somebody_acts()
        return 0

    def _kill(self) -> int:
        name = self._chance.choice(list(self._ships.ships))
        self._asleep.pop(name, None)
        is_busy = bool(self._ships.open_records())
        plainly = self._chance.random() < 0.04
        self._ships.kill_and_start(name, plainly=plainly)
        self._count(KILLS, "kills with work to do" if is_busy else "kills at rest")
        self._count(f"killed: {name}", "started by the plain command line" if plainly else "forked")
        return 1

    def _lull(self) -> int:
        """Stop one that works, past its lease, and now and then past the time after which an unclear create is over."""
        awake = [name for name in self._ships.ships if name not in self._asleep and name not in ("web", "clock")]
        if len(awake) < 2 and len(self._ships.ships) > 1:
            return 0
        name = self._chance.choice(awake)
        is_long = self._chance.random() < 0.25
        self._ships.signal(name, signal.SIGSTOP)
        self._asleep[name] = time.monotonic() + LEASE_S * 1.1 + is_long * SETTLES_S
        self._count(SLEEPS, "of them past the wait after a create" if is_long else "shorter sleeps")
        if len(self._ships.ships) == 1:
            time.sleep(self._asleep[name] - time.monotonic())
            self._wake(time.monotonic() + 1)
        return 1

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
