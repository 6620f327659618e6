"""Any request at the doors until a time is up: `python -m tests.webhooks.fuzz --minutes 5`.

Prints how many requests there were of each kind, and ends with the seed of the first that broke a law: the same seed
sends the same requests again.
"""

from __future__ import annotations

import argparse
import gc
import logging
import sys
import tempfile
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path
from random import Random

from sqlalchemy import delete, func, select

from sync.database import Database, open_database
from sync.keys import POLL_CONFLUENCE, POLL_JIRA, record_key
from sync.migrations import upgrade
from sync.tables import delivery, work

from .doors import UID, add_request, client_of, everything
from .knocks import Knock, new_knock, refusal, replayed

KNOWN_KEYS = {record_key(UID), POLL_JIRA, POLL_CONFLUENCE}
ROUND = 400
WARM_AFTER = 3 * ROUND
MOST_GROWTH = 50 * 1024 * 1024
"""Bytes of resident memory. Two bodies of the largest size at once, unpacked to 25 times theirs, are as much; it does
not depend on how many requests there were."""


class Fuzz:
    """A register with one request, its application, and a book of what was taken, kept beside the register's own."""

    def __init__(self, database: Database) -> None:
        add_request(database)
        self.database = database
        self.client = client_of(database)
        self.counts: Counter[str] = Counter()
        self.at_first = _beside(everything(database))
        self.marks = 0
        self._forget()

    def _forget(self) -> None:
        self.old: list[Knock] = []
        self.bodies: Counter[tuple[str, bytes]] = Counter()
        self.ids: set[tuple[str, str]] = set()

    def step(self, chance: Random) -> None:
        """Send one request, at times one of before, and check what must hold after it."""
        again = self.old and chance.random() < 0.2
        knock = replayed(chance.choice(self.old), chance) if again else new_knock(chance)
        self._send(knock)
        self.old = [*self.old[-49:], knock]

    def _send(self, knock: Knock) -> None:
        status = knock.send(self.client)
        self.counts["requests at the doors"] += 1
        self.counts[f"answered {status}"] += 1
        expected = self._expected(knock)
        assert status in expected, f"{knock.what}: expected one of {expected}, got {status}; {knock!r}"
        if status == 202:
            self.bodies[knock.door, sha256(knock.body).digest()] += 1
            if knock.delivery_id:
                self.ids.add((knock.door, knock.delivery_id))
        rows, marks = self._counted()
        assert rows == self.bodies.total(), f"{knock.what}: answered {status}, and {rows} are stored; {knock!r}"
        assert marks - self.marks <= 2, f"{knock.what}: led to {marks - self.marks} marks"
        assert status == 202 or marks == self.marks, f"{knock.what}: answered {status}, and work was marked; {knock!r}"
        self.marks = marks

    def _expected(self, knock: Knock) -> set[int]:
        refused = refusal(knock)
        if refused is not None:
            return {refused}
        if knock.delivery_id and (knock.door, knock.delivery_id) in self.ids:
            return {200} if knock.is_fresh else {200, 400}
        was_here = (knock.door, sha256(knock.body).digest()) in self.bodies
        taken = {200, 202} if was_here else {202}
        return taken if knock.is_fresh else taken | {400}

    def _counted(self) -> tuple[int, int]:
        with self.database.read() as conn:
            rows = conn.scalar(select(func.count()).select_from(delivery))
            return rows or 0, int(conn.scalar(select(func.sum(work.c.wanted))) or 0)

    def check(self) -> None:
        """What must hold at any time, read from the tables themselves."""
        found = everything(self.database)
        assert _beside(found) == self.at_first, "a table changed that no webhook may touch"
        assert {row[0] for row in found["work"]} <= KNOWN_KEYS
        assert Counter((row[0], sha256(row[3]).digest()) for row in found["delivery"]) == self.bodies
        assert self.ids <= {(row[0], row[1]) for row in found["delivery"]}

    def start_anew(self) -> None:
        """What was taken is forgotten on both sides, so that the register stays small."""
        with self.database.write() as conn:
            conn.execute(delete(delivery))
        self._forget()


def _beside(tables: dict[str, list[object]]) -> dict[str, list[object]]:
    return {name: rows for name, rows in tables.items() if name not in ("delivery", "work")}


def resident() -> int:
    """Bytes of this process in memory."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def fuzz_until(ends_at: float, database_url: str, seed: int, *, most: int | None = None) -> Counter[str]:
    """Send requests until `ends_at`, a time of `time.monotonic()`, or `most` of them; returns how many of each kind.

    `database_url` is a migrated database without rows. Raises AssertionError, with the seed, when a law is broken:
    a status that is not the door's law, anything changed by what was not taken, a delivery stored twice or not at all,
    memory that grows with the number of requests."""
    database = open_database(database_url, is_durable=False)
    fuzz, chance = Fuzz(database), Random(seed)
    warm = 0
    try:
        while time.monotonic() < ends_at and (most is None or fuzz.counts["requests at the doors"] < most):
            for _ in range(ROUND):
                fuzz.step(chance)
            fuzz.check()
            fuzz.start_anew()
            if fuzz.counts["requests at the doors"] <= WARM_AFTER:
                warm = resident()
        grown = resident() - warm
        assert grown < MOST_GROWTH, f"memory grew by {grown:,} bytes"
    except AssertionError as error:
        error.add_note(f"seed {seed}, request {fuzz.counts['requests at the doors']}")
        raise
    finally:
        database.dispose()
    fuzz.counts["KiB of memory gained"] = max(grown, 0) // 1024
    return fuzz.counts


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.webhooks.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", help="a database with no rows, made in a file when none is named")
    args = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="tieout-fuzz-") as folder:
        url = args.database or f"sqlite:///{folder}/tieout.db"
        made = open_database(url, is_durable=False)
        upgrade(made)
        made.dispose()
        counts = fuzz_until(time.monotonic() + args.minutes * 60, url, args.seed)
    for what, count in sorted(counts.items()):
        sys.stdout.write(f"{count:>9,}  {what}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
