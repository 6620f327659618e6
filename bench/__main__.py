"""Runs the benches that are named, or all, and prints what was measured beside what is possible and promised.

`--quick` leaves out what takes minutes: the 10,000 records.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from pathlib import Path

from bench import agreeing, burst, changes, door, mirror, sandbox, table
from bench.line import Line

RESULTS = Path(__file__).parent / "results"


def benches(*, is_quick: bool) -> Mapping[str, Callable[[], Iterable[Line]]]:
    """In the order of the table."""
    return {
        "mirror": partial(mirror.measure, is_quick=is_quick),
        "changes": changes.measure,
        "burst": burst.measure,
        "door": door.measure,
        "agreeing": agreeing.measure,
        "sandbox": partial(sandbox.measure, is_quick=is_quick),
    }


def main(arguments: list[str], today: date) -> int:
    """0 when every promise was kept; a slow machine breaks none."""
    known = benches(is_quick="--quick" in arguments)
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="bench", help=", ".join(known))
    parser.add_argument("--quick", action="store_true", help="without 10,000 records")
    parser.add_argument("--date", type=date.fromisoformat, default=today, help="of the measurement, for its file")
    asked = parser.parse_args(arguments)
    names = asked.names or list(known)
    if strangers := sorted(set(names) - set(known)):
        parser.error(f"there is no bench {', '.join(strangers)}; there are {', '.join(known)}")
    lines = [line for name in names for line in _run(name, known[name])]
    table.write(lines, RESULTS / f"{asked.date}.json", asked.date)
    print(table.drawn(lines))
    return 1 if any(line.verdict == "MISS" for line in lines) else 0


def _run(name: str, measure: Callable[[], Iterable[Line]]) -> list[Line]:
    """Says on the standard error what one waits for; the table comes when all is there."""
    began = time.monotonic()
    print(f"measuring {name} …", end="", file=sys.stderr, flush=True)
    lines = list(measure())
    print(f" {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], date.today()))  # noqa: DTZ011  the reader's own day
