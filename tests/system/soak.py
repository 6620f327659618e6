"""Histories until a time is up, then real processes killed: `python -m tests.system.soak --minutes 30`.

On all cores. What happened, what was checked and what did not hold is printed at the end and kept in `bench/results/`.
`--database sqlite --seed N --rounds 1` makes a round that failed again, and `--shrink` makes what failed in it small.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.conftest import postgres_server
from tests.system import killing
from tests.system.rounds import PER_ROUND

RESULTS = Path(__file__).parents[2] / "bench" / "results"
CHECKED, FAULTS = "checked: ", "faults: "


@dataclass
class Report:
    """What a soak on one database came to."""

    database: str
    first_seed: int
    last_seed: int = 0
    minutes: float = 0
    counted: Counter[str] = field(default_factory=Counter)
    broken: dict[int, str] = field(default_factory=dict)
    """By seed, what did not hold, in a line."""
    killed: Counter[str] = field(default_factory=Counter)
    """What happened to real processes."""

    def add(self, told: dict[str, Any]) -> None:
        self.counted.update(told["counted"])
        self.last_seed = max(self.last_seed, told["seed"])
        if told["failed"] is not None:
            self.broken[told["seed"]] = told["failed"].splitlines()[0][:300]

    def as_text(self) -> str:
        per_s = self.counted["histories"] / max(1.0, self.minutes * 60)
        lines = [
            f"Soak on {self.database}: {self.minutes:.1f} minutes, seeds {self.first_seed} to {self.last_seed}",
            f"{self.counted['histories']:>11,}  histories ({per_s:.2f} a second)",
            *self._part("what went wrong", FAULTS),
            *self._part("checked", CHECKED),
            *_table(
                "what else happened", {n: c for n, c in self.counted.items() if ": " not in n and n != "histories"}
            ),
            *_table("real processes", self.killed),
            "  broken",
            *(f"{its_seed:>11}  {told}" for its_seed, told in sorted(self.broken.items())),
        ]
        return "\n".join([*lines, *([] if self.broken else ["       none"])])

    def _part(self, title: str, begins: str) -> list[str]:
        found = {name.removeprefix(begins): count for name, count in self.counted.items() if name.startswith(begins)}
        return _table(title, found)


def _table(title: str, counted: dict[str, int]) -> list[str]:
    rows = [f"{count:>11,}  {name}" for name, count in sorted(counted.items()) if count]
    return [f"  {title}", *rows] if rows else []


def soak_histories(report: Report, address: str, args: argparse.Namespace) -> None:
    """In as many processes as asked for, which share the seeds out among them."""
    lines: queue.Queue[str | None] = queue.Queue()
    parts = [_start(address, args.seed + part, args) for part in range(args.processes)]
    for part in parts:
        threading.Thread(target=_pass_on, args=(part.stdout, lines), daemon=True).start()
    ended = 0
    while ended < len(parts):
        line = lines.get()
        ended += line is None
        if line is not None:
            told = json.loads(line)
            report.add(told)
            if told["failed"] is not None:
                _say(f"--- {report.database}, seed {told['seed']} ---\n{told['failed']}")
    codes = [part.wait() for part in parts]
    if any(codes):
        raise RuntimeError(f"expected every part of the soak to end well, and they ended with {codes}")


def _start(address: str, its_seed: int, args: argparse.Namespace) -> subprocess.Popen[str]:
    rounds = [] if args.rounds is None else ["--rounds", str(-(-args.rounds // args.processes))]
    options = {
        "seed": its_seed,
        "every": args.processes,
        "minutes": args.minutes * (1 - args.killing),
        "steps": args.steps,
    }
    told = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command = [
        sys.executable,
        "-m",
        "tests.system.rounds",
        address,
        *told,
        *rounds,
        *(["--shrink"] if args.shrink else []),
    ]
    environ = {**os.environ, "PYTHONHASHSEED": "0"}  # the order of a set of words is chance, too
    return subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)


def _pass_on(stream: IO[str] | None, lines: queue.Queue[str | None]) -> None:
    for line in stream or ():
        lines.put(line)
    lines.put(None)


def soak_processes(report: Report, args: argparse.Namespace) -> None:
    """Kill real ones for the rest of the time. What a voyage that ended badly left behind is kept."""
    ends_at = time.monotonic() + args.minutes * args.killing * 60
    home = Path(tempfile.mkdtemp(prefix="tieout-killing-"))
    with killing.lent(report.database, home) as url:
        try:
            report.killed = killing.kill_until(ends_at, url, home, args.seed)
        except AssertionError as error:
            told = f"real processes: {error} {' '.join(getattr(error, '__notes__', ()))}"
            report.broken[args.seed] = told[:600]
            _say(f"--- {report.database}, see {home} ---\n{told}\n{traceback.format_exc(limit=-3)}")
        else:
            shutil.rmtree(home)


def soak(database: str, args: argparse.Namespace) -> Report:
    report, begun = Report(database, args.seed), time.monotonic()
    with postgres_server() if database == "postgres" else nullcontext() as server:
        soak_histories(report, server.address if server else "sqlite", args)
    if args.killing:
        soak_processes(report, args)
    report.minutes = (time.monotonic() - begun) / 60
    return report


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.system.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="on each database")
    parser.add_argument("--database", choices=("sqlite", "postgres", "both"), default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, help=f"of {PER_ROUND} histories each, however long they take")
    parser.add_argument("--steps", type=int, default=40, help="of a history, at most")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--killing", type=float, default=0, help="the share of the time in which processes are killed")
    parser.add_argument("--shrink", action="store_true", help="make each failure small, which takes minutes")
    args = parser.parse_args(arguments)
    if args.rounds is not None:
        args.processes, args.minutes = min(args.processes, args.rounds), max(args.minutes, 10**6)
    reports = [soak(name, args) for name in (("sqlite", "postgres") if args.database == "both" else (args.database,))]
    RESULTS.mkdir(parents=True, exist_ok=True)
    for report in reports:
        _say(report.as_text())
        (RESULTS / f"soak-{report.database}.json").write_text(json.dumps(vars(report), indent=2) + "\n")
    return 1 if any(report.broken for report in reports) else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
