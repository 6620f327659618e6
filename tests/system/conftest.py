"""A world for a test, on each of the two databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.clock import ManualClock
from sync.database import open_database
from tests.system.world import START, World

EVERYDAY_ON_BOTH = "test_going_round"
"""What the everyday run tries on PostgreSQL too; the store and the queue have their own tests on both."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL a world costs several times more: all but the main story belong to the long run there."""
    for item in items:
        params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
        is_here = item.nodeid.startswith("tests/system/")
        if is_here and params.get("backend") == "postgres" and EVERYDAY_ON_BOTH not in item.nodeid:
            item.add_marker(pytest.mark.long)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    clock = ManualClock(START)
    db = open_database(database_url, clock=clock.now, is_durable=False)
    yield World(db, clock, tmp_path)
    db.dispose()
