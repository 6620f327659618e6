"""Real `tieout serve` processes against a served sandbox, to be killed, stopped and started again.

Leases, batches and the wait after an unclear create are short in all of them (`tests.system.zygote` says how short).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from connector.sandbox.clock import WallClock
from connector.sandbox.seed import BOT_TOKEN, seed_acme
from connector.sandbox.serve import running
from connector.sandbox.site import Site
from sync.database import Database, open_database
from sync.keys import RECORD
from sync.tables import work
from tests.system.zygote import Forked, Zygote
from webhooks.demo.stage import SECRET, mapping_file

LOOK_S = 0.05
"""How long to wait before looking again at what other processes do: there is no clock of ours to turn."""
PLAIN = [sys.executable, "-m", "tests.system.zygote", "plain"]


@dataclass
class Ship:
    """One process, with the options to start it with again."""

    options: tuple[str, ...]
    process: Forked | subprocess.Popen[bytes]


class Fleet:
    """A company's site, the register's database, and whichever processes of Tieout are started."""

    def __init__(self, site: Site, db: Database, zygote: Zygote, environ: dict[str, str], log: Path) -> None:
        self.site, self.db, self.log = site, db, log
        self.web = f"http://{environ['TIEOUT_LISTEN']}"
        self._zygote, self._environ = zygote, environ
        self.ships: dict[str, Ship] = {}

    def start(self, name: str, *options: str, plainly: bool = False) -> None:
        """A process with these options of `tieout serve`: forked, or `plainly` from the command line."""
        if plainly:
            with self.log.open("ab") as log:
                process: Any = subprocess.Popen(
                    [*PLAIN, "serve", "--yes", *options],
                    env=self._environ,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                )
        else:
            process = self._zygote.start(["serve", "--yes", *options], self._environ, self.log)
        self.ships[name] = Ship(options, process)

    def kill_and_start(self, name: str, *, plainly: bool = False) -> int:
        """SIGKILL, and a new process in its place; returns how many records the dead one had in hand."""
        ship = self.ships.pop(name)
        ship.process.kill()
        ship.process.wait()
        lost = sum(f"-{ship.process.pid}-" in owner for owner in self._owners())
        self.start(name, *ship.options, plainly=plainly)
        return lost

    def signal(self, name: str, number: signal.Signals) -> None:
        self.ships[name].process.send_signal(number)

    def end(self) -> dict[str, int]:
        """Tell every process to stop; the exit codes."""
        for ship in self.ships.values():
            ship.process.terminate()
        return {name: ship.process.wait(60) for name, ship in self.ships.items()}

    def clear_away(self) -> None:
        """Whatever still runs is killed, stopped or not."""
        for ship in self.ships.values():
            ship.process.kill()
            ship.process.wait()
        self.ships.clear()

    def wait_until(self, what: str, is_so: Callable[[], bool], *, within_s: float = 90) -> None:
        """Wait on other processes. Each of them must live."""
        give_up_at = time.monotonic() + within_s
        while not is_so():
            self.assert_afloat(what)
            assert time.monotonic() < give_up_at, f"not within {within_s} s: {what}; still open: {self.open_records()}"
            time.sleep(LOOK_S)

    def assert_afloat(self, what: str) -> None:
        ended = {name: code for name, ship in self.ships.items() if (code := ship.process.poll()) is not None}
        assert not ended, f"{ended} ended before {what}: {self.log.read_text()[-2_000:]}"

    def wait_for_calls(self, count: int) -> None:
        """Wait until so many more calls have come to the site."""
        before = len(self.site.calls)
        self.wait_until(
            f"{count} more calls", lambda: len(self.site.calls) >= before + count or not self.open_records()
        )

    def open_records(self) -> list[str]:
        """Records that are held or still wanted, with their last error; dead letters among them."""
        is_open = (work.c.wanted > work.c.done) | work.c.lease_owner.is_not(None) | work.c.is_dead
        wanted = select(work.c.key, work.c.last_error).where(work.c.key.startswith(RECORD), is_open)
        with self.db.read() as conn:
            return [f"{key}: {error}" for key, error in conn.execute(wanted)]

    def at_work(self) -> list[str]:
        """The processes that have records in hand just now."""
        owners = self._owners()
        return [name for name, ship in self.ships.items() if any(f"-{ship.process.pid}-" in owner for owner in owners)]

    def _owners(self) -> list[str]:
        """Of each record that is held, the name of its worker, which has the number of its process."""
        holding = select(work.c.lease_owner).where(work.c.key.startswith(RECORD), work.c.lease_owner.is_not(None))
        with self.db.read() as conn:
            return list(conn.scalars(holding))

    def held(self) -> dict[str, int]:
        """The records that some worker holds, with the number of the lease."""
        holding = select(work.c.key, work.c.fence).where(work.c.key.startswith(RECORD), work.c.lease_owner.is_not(None))
        with self.db.read() as conn:
            return {row.key: row.fence for row in conn.execute(holding)}


@contextmanager
def zygote() -> Iterator[Zygote]:
    ready = Zygote()
    try:
        yield ready
    finally:
        ready.end()


@contextmanager
def fleet(database_url: str, home: Path, forks: Zygote, *, pump: bool = False) -> Iterator[Fleet]:
    """A fleet without processes. Those that are started end with the block, whatever happens.

    With `pump` the site sends the webhooks of the hooks that it has."""
    site = Site(WallClock())
    seed_acme(site)
    db = open_database(database_url)
    with running(site, pump=pump) as url:
        (home / "tieout.toml").write_text(mapping_file(site, url))
        ships = Fleet(site, db, forks, _environ(database_url, home), home / "log")
        try:
            yield ships
        finally:
            ships.clear_away()
            db.dispose()


def _free_port() -> int:
    """Below those that connections are given to go out from, which could have it while the web is down."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("no free port on 127.0.0.1")


def _environ(database_url: str, home: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("TIEOUT_")},
        "TIEOUT_CONFIG": str(home / "tieout.toml"),
        "TIEOUT_DATABASE_URL": database_url,
        "TIEOUT_EVIDENCE_DIR": str(home / "evidence"),
        "TIEOUT_JIRA_TOKEN": BOT_TOKEN,
        "TIEOUT_JIRA_WEBHOOK_SECRETS": SECRET,
        "TIEOUT_CONFLUENCE_SHARED_SECRETS": SECRET,
        "TIEOUT_LISTEN": f"127.0.0.1:{_free_port()}",
        "TIEOUT_LOG_LEVEL": "WARNING",
    }
