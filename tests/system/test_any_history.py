"""T6: any interleaving of what people do on three sides with everything that goes wrong ends in step, once and told.

A failure prints the history, step by step, and a blob that makes it again: `@reproduce_failure(…)` above `one_of_them`.
`python -m tests.system.soak` makes histories by the hour.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import Postgres
from tests.system.machine import LISTED, AnyHistory, NewDatabase
from tests.system.rounds import postgres_lender, sqlite_lender

EVERYDAY = settings(
    max_examples=5,
    stateful_step_count=12,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
LONG = settings(EVERYDAY, max_examples=6, stateful_step_count=40)


def run_histories(lend: NewDatabase, chosen: settings) -> None:
    one_of_them = partial(AnyHistory, lend, LISTED)
    run_state_machine_as_test(one_of_them, settings=chosen)  # type: ignore[arg-type]  # its docstring takes a factory


def test_any_history_ends_in_step(tmp_path: Path) -> None:
    with sqlite_lender(tmp_path) as lend:
        run_histories(lend, EVERYDAY)


@pytest.mark.long
def test_many_long_histories_end_in_step(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if backend == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        lender = postgres_lender(server.address)
    else:
        lender = sqlite_lender(tmp_path)
    with lender as lend:
        run_histories(lend, LONG)
