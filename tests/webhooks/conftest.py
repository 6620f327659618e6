"""What the tests of the edge share: the recorded webhooks, where they are at hand; a command line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from webhooks.cli import tieout
from webhooks.wiring import Wiring

from .coordinators_desk import Run
from .test_rules_file import GOOD


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of recorded data beside the repository."""
    shared = Path(__file__).parents[3] / "shared" / "corpus"
    if not shared.is_dir():
        pytest.skip("../shared is not here: the recorded webhooks are read from it")
    return shared


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A new installation: a mapping file, and no database yet."""
    (tmp_path / "tieout.toml").write_text(GOOD)
    return {
        "TIEOUT_CONFIG": str(tmp_path / "tieout.toml"),
        "TIEOUT_DATABASE_URL": f"sqlite:///{tmp_path}/var/tieout.db",
        "TIEOUT_EVIDENCE_DIR": str(tmp_path / "var" / "evidence"),
    }


@pytest.fixture
def run(environ: dict[str, str]) -> Run:
    """Run a command as somebody at a terminal would: `run("request", "show", "R-001")`."""

    def run(*words: str, answer: str = "") -> Result:
        wiring = Wiring(environ, io.StringIO())
        return CliRunner().invoke(tieout, words, obj=wiring, input=answer, catch_exceptions=False)

    return run
