"""Plants each fault in a copy of the source and runs tests on it: `python -m tests.planted [--by histories] [WORDS]`.

Prints for each fault what found it; ends with 1 when one was not found. `--by histories` asks the histories alone,
which know nothing of the fault: how soon they stumble over it says how far they can be trusted. WORDS choose faults.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.planted.faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]
FOLDERS = ("connector", "mappings", "sync", "webhooks", "tests")
LONGEST_S = 600
ROUNDS = 12
"""Of ten histories each."""


@contextmanager
def planted(fault: Fault | None) -> Iterator[Path]:
    """A copy of the source with the fault in it."""
    with tempfile.TemporaryDirectory(prefix="tieout-planted-") as folder:
        copy = Path(folder) / ROOT.name
        for name in FOLDERS:
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", copy)
        if fault is not None:
            plant(fault, copy)
        yield copy


def plant(fault: Fault, root: Path) -> None:
    """Raises ValueError when the source does not say any more what the fault is about."""
    source = (root / fault.file).read_text("utf-8")
    times = source.count(fault.before)
    if times != 1:
        raise ValueError(f"{fault.name}: {fault.file} holds the place {times} times, expected once: mend the fault")
    (root / fault.file).write_text(source.replace(fault.before, fault.after), "utf-8")


def by_its_tests(fault: Fault, root: Path) -> str:
    """The first test that goes red; empty when all stay green."""
    told = _run(root, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *fault.found_by.split())
    found = re.search(r"^(?:FAILED|ERROR) (\S+)", told, re.MULTILINE)
    return found[1] if found else ""


def by_histories(_: Fault, root: Path) -> str:
    """The first seed whose histories end badly; empty when none does."""
    told = _run(root, "-m", "tests.system.soak", "--minutes", "3", "--rounds", str(ROUNDS), "--steps", "40")
    found = re.search(r"^--- sqlite, seed (\d+)", told, re.MULTILINE)
    return f"histories of seed {found[1]}" if found else ""


def _run(root: Path, *arguments: str) -> str:
    environ = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=root, env=environ, capture_output=True, text=True, timeout=LONGEST_S, check=False
    )
    return done.stdout + done.stderr


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.planted", description=__doc__)
    parser.add_argument("--by", choices=("tests", "histories"), default="tests")
    parser.add_argument("words", nargs="*")
    args = parser.parse_args(arguments)
    look: Callable[[Fault, Path], str] = by_histories if args.by == "histories" else by_its_tests
    chosen = [fault for fault in FAULTS if all(word in fault.name for word in args.words)]
    missed = 0
    for fault in chosen:
        began = time.monotonic()
        with planted(fault) as root:
            found = look(fault, root)
        missed += not found
        outcome = f"found    {found}" if found else "MISSED   by nobody"
        _say(f"{time.monotonic() - began:4.0f} s  {fault.name}\n        {outcome}")
    _say(f"{len(chosen) - missed} of {len(chosen)} planted faults found")
    return 1 if missed else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
