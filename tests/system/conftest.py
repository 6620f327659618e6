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
    """A world costs half a second, on PostgreSQL several times that.

    All but the main story belong to the long run there, and so do of a test's many cases all but the first and last."""
    here = [item for item in items if isinstance(item, pytest.Function) and item.nodeid.startswith("tests/system/")]
    for _, cases in groupby(here, key=lambda item: item.nodeid.partition("[")[0]):
        on_sqlite: list[pytest.Function] = []
        for case in cases:
            params = case.callspec.params if hasattr(case, "callspec") else {}
            if params.get("backend") != "postgres":
                on_sqlite.append(case)
            elif EVERYDAY_ON_BOTH not in case.nodeid:
                case.add_marker(pytest.mark.long)
        for case in on_sqlite[1:-1]:
            case.add_marker(pytest.mark.long)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    clock = ManualClock(START)
    db = open_database(database_url, clock=clock.now, is_durable=False)
    yield World(db, clock, tmp_path)
    db.dispose()
