"""Real `tieout serve` processes against a served sandbox, to be killed, stopped and started again.

Leases, batches and the wait after an unclear create are made short, so that what follows a kill need not be waited for.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import select

from connector.sandbox.clock import WallClock
from connector.sandbox.seed import BOT_TOKEN, seed_acme
from connector.sandbox.serve import running
from connector.sandbox.site import Site
from sync.database import Database, open_database
from sync.keys import RECORD
from sync.tables import work
from webhooks.demo.stage import mapping_file

LEASE_S, SETTLES_S, BATCH = 6.0, 5.0, 8
_SERVE = f"""
import sync.create
sync.create.SETTLES_AFTER_S = {SETTLES_S}  # before sync.apply takes it over
import sync.worker
sync.worker.LEASE_S, sync.worker.BATCH = {LEASE_S}, {BATCH}
from webhooks.cli import main
main()
"""
LOOK_S = 0.05
"""How long to wait before looking again at what other processes do: there is no clock of ours to turn."""


class Fleet:
    """A company's site, the register's database, and whichever processes of Tieout are started."""

    def __init__(self, site: Site, db: Database, environ: dict[str, str], log: IO[str]) -> None:
        self.site, self.db = site, db
        self._environ, self._log = environ, log
        self._processes: dict[str, tuple[list[str], subprocess.Popen[str]]] = {}

    def start(self, name: str, *options: str) -> None:
        command = [sys.executable, "-c", _SERVE, "serve", *options]
        process = subprocess.Popen(command, env=self._environ, stdout=self._log, stderr=self._log, text=True)
        self._processes[name] = (list(options), process)

    def kill_and_start(self, name: str) -> None:
        """SIGKILL, and a new process in its place."""
        options, process = self._processes.pop(name)
        process.kill()
        process.wait()
        self.start(name, *options)

    def signal(self, name: str, number: signal.Signals) -> None:
        self._processes[name][1].send_signal(number)

    def end(self) -> dict[str, int]:
        """Tell every process to stop; the exit codes."""
        for _, process in self._processes.values():
            process.terminate()
        return {name: process.wait(60) for name, (_, process) in self._processes.items()}

    def clear_away(self) -> None:
        """Whatever still runs is killed, stopped or not."""
        for _, process in self._processes.values():
            process.kill()
            process.wait()

    def wait_until(self, what: str, is_so: Callable[[], bool], *, within_s: float = 90) -> None:
        """Wait on other processes. Each of them must live."""
        give_up_at = time.monotonic() + within_s
        while not is_so():
            ended = [name for name, (_, process) in self._processes.items() if process.poll() is not None]
            assert not ended, f"{ended} ended before {what}"
            assert time.monotonic() < give_up_at, f"not within {within_s} s: {what}; still open: {self.open_records()}"
            time.sleep(LOOK_S)

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

    def held(self) -> dict[str, int]:
        """The records that some worker holds, with the number of the lease."""
        holding = select(work.c.key, work.c.fence).where(work.c.key.startswith(RECORD), work.c.lease_owner.is_not(None))
        with self.db.read() as conn:
            return {row.key: row.fence for row in conn.execute(holding)}


@contextmanager
def fleet(database_url: str, home: Path) -> Iterator[Fleet]:
    """A fleet without processes. Those that are started end with the block, whatever happens."""
    site = Site(WallClock())
    seed_acme(site)
    db = open_database(database_url)
    with running(site, pump=False) as url, (home / "log").open("w") as log:
        (home / "tieout.toml").write_text(mapping_file(site, url))
        ships = Fleet(site, db, _environ(database_url, home), log)
        try:
            yield ships
        finally:
            ships.clear_away()
            db.dispose()


def _environ(database_url: str, home: Path) -> dict[str, str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("TIEOUT_")},
        "TIEOUT_CONFIG": str(home / "tieout.toml"),
        "TIEOUT_DATABASE_URL": database_url,
        "TIEOUT_EVIDENCE_DIR": str(home / "evidence"),
        "TIEOUT_JIRA_TOKEN": BOT_TOKEN,
        "TIEOUT_LISTEN": f"127.0.0.1:{port}",
        "TIEOUT_LOG_LEVEL": "WARNING",
    }
