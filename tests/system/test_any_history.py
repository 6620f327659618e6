"""T6: any interleaving of what people do on three sides with everything that goes wrong ends in step, once and told.

A failure prints the history, step by step, and a blob that makes it again: `@reproduce_failure(…)` above `one_of_them`.
`python -m tests.system.soak` makes histories by the hour.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import Postgres
from tests.system.machine import LISTED, AnyHistory, NewDatabase

EVERYDAY = settings(
    max_examples=8,
    stateful_step_count=15,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(EVERYDAY, max_examples=20, stateful_step_count=40)


def run_histories(lend: NewDatabase, chosen: settings) -> None:
    one_of_them = partial(AnyHistory, lend, LISTED)
    run_state_machine_as_test(one_of_them, settings=chosen)  # type: ignore[arg-type]  # its docstring takes a factory


def sqlite_lender(template: Path, folder: Path) -> NewDatabase:
    @contextmanager
    def lend() -> Iterator[str]:
        path = shutil.copy(template, folder / "history.db")
        yield f"sqlite:///{path}"
        for left in folder.glob("history.db*"):
            left.unlink()

    return lend


def postgres_lender(server: Postgres) -> NewDatabase:
    @contextmanager
    def lend() -> Iterator[str]:
        name = server.lend()
        yield server.url(name)
        server.take_back(name)

    return lend


def test_any_history_ends_in_step(sqlite_template: Path, tmp_path: Path) -> None:
    run_histories(sqlite_lender(sqlite_template, tmp_path), EVERYDAY)


@pytest.mark.long
def test_many_long_histories_end_in_step(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if backend == "postgres":
        run_histories(postgres_lender(request.getfixturevalue("postgres")), LONG)
    else:
        run_histories(sqlite_lender(request.getfixturevalue("sqlite_template"), tmp_path), LONG)
