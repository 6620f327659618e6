"""What the tests of the edge share: an empty register, and the recorded webhooks where they are at hand."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.database import Database, open_database
from sync.migrations import upgrade


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of recorded data beside the repository."""
    shared = Path(__file__).parents[3] / "shared" / "corpus"
    if not shared.is_dir():
        pytest.skip("../shared is not here: the recorded webhooks are read from it")
    return shared


@pytest.fixture(scope="session")
def empty_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables and no rows, made once and copied for each test."""
    file = tmp_path_factory.mktemp("register") / "empty.db"
    database = open_database(f"sqlite:///{file}", is_durable=False)
    upgrade(database)
    database.dispose()  # the last connection leaves nothing beside the file
    return file


@pytest.fixture
def database(empty_register: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty register of the test's own."""
    file = tmp_path / "tieout.db"
    shutil.copyfile(empty_register, file)
    database = open_database(f"sqlite:///{file}", is_durable=False)
    yield database
    database.dispose()
