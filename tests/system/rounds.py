"""Rounds of histories in one process: `python -m tests.system.rounds sqlite --seed 1 --every 2 --minutes 5`.

What a soak starts for each core. Each round has a seed, and tells of itself on a line of JSON when it is over. The same
seed makes the same histories: nothing in them asks the machine for the time, for chance, or for the order of a set.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.engine import make_url

from sync.database import open_database
from sync.migrations import upgrade
from tests.conftest import Postgres
from tests.system.machine import LISTED, AnyHistory, NewDatabase, finished

PER_ROUND = 4


@contextmanager
def sqlite_lender(folder: Path) -> Iterator[NewDatabase]:
    """Databases in files, each a copy of one that was migrated once."""
    template = folder / "template.db"
    made = open_database(f"sqlite:///{template}", is_durable=False)
    upgrade(made)
    made.dispose()

    @contextmanager
    def lend() -> Iterator[str]:
        with tempfile.TemporaryDirectory(prefix="tieout-history-") as one:
            yield f"sqlite:///{shutil.copy(template, Path(one) / 'tieout.db')}"

    yield lend


@contextmanager
def postgres_lender(address: str) -> Iterator[NewDatabase]:
    """One database of a server, emptied after each history."""
    server = Postgres(make_url(address))

    @contextmanager
    def lend() -> Iterator[str]:
        name = server.lend()
        yield server.url(name)
        server.take_back(name)

    yield lend
    server.drop_idle()


def make_histories(lend: NewDatabase, its_seed: int, *, steps: int, shrinks: bool) -> str | None:
    """One round; what failed, step by step, or None. The first history that fails ends it."""
    phases = (Phase.generate, Phase.shrink) if shrinks else (Phase.generate,)
    chosen = settings(
        max_examples=PER_ROUND,
        stateful_step_count=steps,
        deadline=None,
        derandomize=False,
        database=None,
        phases=phases,
        print_blob=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    factory: Callable[[], AnyHistory] = seed(its_seed)(partial(AnyHistory, lend, LISTED))
    told = io.StringIO()
    try:
        with redirect_stdout(told):
            run_state_machine_as_test(factory, settings=chosen)  # type: ignore[arg-type]  # a factory is asked for
    except Exception as error:  # noqa: BLE001  whatever it is, it is reported and the soak goes on
        notes = "\n".join(getattr(error, "__notes__", ()))
        return f"{type(error).__name__}: {error}\n{told.getvalue()}{traceback.format_exc(limit=-6)}{notes}"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.system.rounds", description=__doc__)
    parser.add_argument("database", help="sqlite, or the address of a PostgreSQL server")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--every", type=int, default=1, help="how far one round's seed is from the next one's")
    parser.add_argument("--rounds", type=int, default=10**9)
    parser.add_argument("--minutes", type=float, default=10**6)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--shrink", action="store_true")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    ends_at = time.monotonic() + args.minutes * 60
    with tempfile.TemporaryDirectory(prefix="tieout-soak-") as folder:
        lender = sqlite_lender(Path(folder)) if args.database == "sqlite" else postgres_lender(args.database)
        with lender as lend:
            for its_seed in range(args.seed, args.seed + args.rounds * args.every, args.every):
                failed = make_histories(lend, its_seed, steps=args.steps, shrinks=args.shrink)
                _tell(its_seed, failed)
                if time.monotonic() > ends_at:
                    return


def _tell(its_seed: int, failed: str | None) -> None:
    counted = Counter(finished)
    finished.clear()
    sys.stdout.write(json.dumps({"seed": its_seed, "failed": failed, "counted": counted}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
