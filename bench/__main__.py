"""Runs the benches that are named, or all, and prints what was measured beside what is promised.

`--large` measures 10,000 records as well, which takes some ten minutes.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path

from bench import agreeing, changes, door, mirror
from bench.line import Line

RESULTS = Path(__file__).parent / "results" / "latest.json"
WORDS = {True: "ok", False: "MISS", None: "-"}


def benches(*, is_large: bool) -> Mapping[str, Callable[[], Iterable[Line]]]:
    """In the order of how long one waits for the first line."""
    return {
        "changes": changes.measure,
        "door": door.measure,
        "agreeing": agreeing.measure,
        "mirror": partial(mirror.measure, is_large=is_large),
    }


def main(arguments: list[str]) -> int:
    """0 when every promise was kept."""
    known = benches(is_large="--large" in arguments)
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="bench", help=", ".join(known))
    parser.add_argument("--large", action="store_true", help="measure 10,000 records as well")
    names = parser.parse_args(arguments).names or list(known)
    if strangers := sorted(set(names) - set(known)):
        parser.error(f"there is no bench {', '.join(strangers)}; there are {', '.join(known)}")
    lines: list[Line] = []
    for line in (line for name in names for line in known[name]()):
        lines.append(line)
        print(
            f"{WORDS[line.is_kept]:4}  {line.what}\n      {line.measured}\n      promised: {line.promised}", flush=True
        )
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps([asdict(line) for line in lines], indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0 if all(line.is_kept is not False for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
