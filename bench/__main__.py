"""Runs the benches that are named, or all, and prints what was measured beside what is promised."""

import sys

from bench import door

BENCHES = {"door": door.measure}


def main(names: list[str]) -> int:
    """0 when every promise was kept."""
    kept = True
    for name in names or list(BENCHES):
        for line in BENCHES[name]():
            print(f"{'ok  ' if line.is_kept else 'MISS'}  {line.what}: {line.measured}  (promised: {line.promised})")
            kept = kept and line.is_kept
    return 0 if kept else 1


sys.exit(main(sys.argv[1:]))
