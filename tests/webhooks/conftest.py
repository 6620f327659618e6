"""What the tests of the edge share: the recorded webhooks, where they are at hand; a command line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connector.sandbox.site import Site
from sync.database import Database
from webhooks.cli import tieout
from webhooks.wiring import Wiring

from .coordinators_desk import Run, register_at_work
from .installation import Installation, acme
from .mapping_files import GOOD


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


@pytest.fixture
def site() -> Site:
    return acme()


@pytest.fixture
def installation(site: Site, tmp_path: Path) -> Installation:
    """Connected to the site, with a list of two taken in and nothing written yet."""
    installation = Installation(tmp_path, site)
    assert installation.run("db", "upgrade").exit_code == 0
    installation.take_in_the_list()
    return installation


@pytest.fixture
def register(run: Run, environ: dict[str, str]) -> Database:
    """At which the coordinator works: one request with its task, and another."""
    return register_at_work(run, environ)
