"""Histories until a time is up: `python -m tests.system.soak --minutes 10`. Prints what happened and what did not hold.

Each round has a seed, printed with every failure: `--seed N --rounds 1` makes the same histories again.
"""

from __future__ import annotations

import argparse
import io
import logging
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from sync.database import open_database
from sync.migrations import upgrade
from tests.system.machine import LISTED, AnyHistory, NewDatabase, finished

PER_ROUND = 4


def sqlite_lender(folder: Path) -> NewDatabase:
    """Databases in files, each a copy of one that was migrated once."""
    template = folder / "template.db"
    made = open_database(f"sqlite:///{template}", is_durable=False)
    upgrade(made)
    made.dispose()

    @contextmanager
    def lend() -> Iterator[str]:
        with tempfile.TemporaryDirectory(prefix="tieout-history-") as one:
            yield f"sqlite:///{shutil.copy(template, Path(one) / 'tieout.db')}"

    return lend


def make_histories(lend: NewDatabase, its_seed: int, *, steps: int, shrinks: bool) -> str | None:
    """One round; what failed, step by step, or None."""
    phases = (Phase.generate, Phase.shrink) if shrinks else (Phase.generate,)
    chosen = settings(
        max_examples=PER_ROUND,
        stateful_step_count=steps,
        deadline=None,
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
    except Exception:  # noqa: BLE001  whatever it is, it is reported and the soak goes on
        return told.getvalue() + traceback.format_exc(limit=-6)
    return None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.system.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=10**9)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--shrink", action="store_true", help="make each failure small, which takes minutes")
    args = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    failures: list[int] = []
    ends_at = time.monotonic() + args.minutes * 60
    with tempfile.TemporaryDirectory(prefix="tieout-soak-") as folder:
        lend = sqlite_lender(Path(folder))
        for its_seed in range(args.seed, args.seed + args.rounds):
            failed = make_histories(lend, its_seed, steps=args.steps, shrinks=args.shrink)
            if failed:
                failures.append(its_seed)
                _say(f"--- seed {its_seed} ---\n{failed}")
            if time.monotonic() > ends_at:
                break
    for what, count in sorted(finished.items()):
        _say(f"{count:>9,}  {what}")
    _say(f"seeds that failed: {failures or 'none'}")
    return 1 if failures else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
