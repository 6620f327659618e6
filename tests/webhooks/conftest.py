"""What the tests of the edge share: the recorded webhooks, where they are at hand."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of recorded data beside the repository."""
    shared = Path(__file__).parents[3] / "shared" / "corpus"
    if not shared.is_dir():
        pytest.skip("../shared is not here: the recorded webhooks are read from it")
    return shared
