"""From a list on the command line to issues and pages on a site, and back again to nothing left to do."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.clock import WallClock
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN, seed_acme
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from webhooks.cli import tieout
from webhooks.wiring import Wiring

Run = Callable[..., Result]

RULES = f"""\
[jira]
url = "https://acme.atlassian.net"
user = "{BOT_EMAIL}"

[confluence]
url = "https://acme.atlassian.net"
user = "{BOT_EMAIL}"

[audit.soc2]
name = "SOC 2"
period_start = 2026-01-01
period_end = 2026-12-31
project = "AUD"
issue_type = "Audit Request"
escalation_issue_type = "Escalation"
default_task_project = "SEC"
space = "SOC2"
coordinator = "dana.kim@acme.example"
auditors = ["clara.weiss@northgate.example"]
"""
LIST = "ID,Title,Owner,Due\n1,Access list,Priya <priya.nair@acme.example>,2099-11-30\n2,Policies,,2099-12-15\n"


@pytest.fixture
def site() -> Site:
    site = Site(WallClock())
    seed_acme(site)
    return site


@pytest.fixture
def run(site: Site, tmp_path: Path) -> Run:
    """Run a command of an installation that is connected to the sandbox and has taken in a list of two."""
    (tmp_path / "tieout.toml").write_text(RULES)
    (tmp_path / "list.csv").write_text(LIST)
    environ = {
        "TIEOUT_CONFIG": str(tmp_path / "tieout.toml"),
        "TIEOUT_DATABASE_URL": f"sqlite:///{tmp_path}/tieout.db",
        "TIEOUT_EVIDENCE_DIR": str(tmp_path / "evidence"),
        "TIEOUT_JIRA_TOKEN": BOT_TOKEN,
    }
    app = create_app(site)

    def new_session() -> requests.Session:
        session = requests.Session()
        session.mount(site.base_url, SandboxAdapter(app))
        return session

    def run(*words: str) -> Result:
        wiring = Wiring(environ, io.StringIO(), new_session=new_session)
        return CliRunner().invoke(tieout, words, obj=wiring, catch_exceptions=False)

    assert run("db", "upgrade").exit_code == 0
    assert run("import", str(tmp_path / "list.csv"), "--audit", "soc2").exit_code == 0
    return run


def test_a_dry_run_says_what_would_be_written_and_writes_nothing(run: Run, site: Site) -> None:
    before = len(site.calls.writes())
    result = run("sync", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "+ confluence create page      1 Access list (soc2)" in result.output
    assert "+ jira       create issue     Task in SEC" in result.output
    assert result.output.endswith("Nothing was written.\n")
    assert len(site.calls.writes()) == before


def test_a_sync_mirrors_the_list_and_a_second_one_writes_nothing(run: Run, site: Site) -> None:
    assert run("sync", "--yes").exit_code == 0
    assert run("sync", "--dry-run").output == "Nothing to do: all sides agree.\nNothing was written.\n"
    status = run("status").output
    assert "2 requests, 1 tasks" in status
    assert "work: 0 due" in status
    before = len(site.calls.writes())
    assert run("sync", "--yes").exit_code == 0
    assert len(site.calls.writes()) == before


def test_a_token_that_opens_nothing_is_told_by_status(run: Run, site: Site) -> None:
    bot = site.account_by_email(BOT_EMAIL)
    assert bot is not None
    bot.token = "changed"
    run("sync", "--yes")
    assert "alert: Nothing is synced" in run("status").output


def test_a_deleted_issue_is_made_again_by_command_and_once(run: Run, site: Site) -> None:
    run("sync", "--yes")
    session = requests.Session()
    session.mount(site.base_url, SandboxAdapter(create_app(site)))
    tieouts = Visitor(site.base_url, BOT_EMAIL, BOT_TOKEN, session)
    tieouts.call("DELETE", "/rest/api/3/issue/SEC-1")
    run("sync", "--yes")
    assert "tieout links recreate 1/1" in run("links").output
    assert run("links", "recreate", "1/1", "--yes").exit_code == 0
    run("sync", "--yes")
    assert "1/1 issue  SEC-2" in run("request", "show", "1").output
    refused = run("links", "mend", "1/1", "--issue", "SEC-1")
    assert (refused.exit_code, "is SEC-2 and is not detached" in refused.output) == (1, True)
    assert [issue["key"] for issue in tieouts.find_issues("project = SEC")] == ["SEC-2"]
