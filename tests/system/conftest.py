"""A world for a test, on each of the two databases."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from connector.sandbox.clock import ManualClock
from sync.database import open_database
from tests.system.world import START, World

EVERYDAY_ON_BOTH = "test_going_round"
"""What the everyday run tries on PostgreSQL too; the store and the queue have their own tests on both."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A world costs half a second, on PostgreSQL several times that: of a test's many cases the everyday run tries the
    first, on SQLite; CI tries all there and the first and the last on PostgreSQL, and the soak all on both. What says
    itself to which run it belongs is left alone."""
    here = [item for item in items if isinstance(item, pytest.Function) and item.nodeid.startswith("tests/system/")]
    here = [item for item in here if item.get_closest_marker("long") is item.get_closest_marker("soak") is None]
    for _, cases in groupby(here, key=lambda item: item.nodeid.partition("[")[0]):
        on_sqlite: list[pytest.Function] = []
        on_postgres: list[pytest.Function] = []
        for case in cases:
            params = case.callspec.params if hasattr(case, "callspec") else {}
            (on_postgres if params.get("backend") == "postgres" else on_sqlite).append(case)
        for case in on_postgres:
            if EVERYDAY_ON_BOTH not in case.nodeid:
                case.add_marker(pytest.mark.long)
        for case in on_sqlite[1:]:
            case.add_marker(pytest.mark.long)
        for case in on_postgres[1:-1]:
            case.add_marker(pytest.mark.soak)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    clock = ManualClock(START)
    db = open_database(database_url, clock=clock.now, is_durable=False)
    yield World(db, clock, tmp_path)
    db.dispose()
