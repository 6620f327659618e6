"""From a list on the command line to issues and pages on a site, and back again to nothing left to do."""

import pytest
import requests

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN, token_of
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor

from .coordinators_desk import Run
from .installation import Installation

PRIYA = "priya.nair@acme.example"


@pytest.fixture
def run(installation: Installation) -> Run:
    return installation.run


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


def test_a_token_that_opens_nothing_is_told_by_sync_and_status(run: Run, site: Site) -> None:
    bot = site.account_by_email(BOT_EMAIL)
    assert bot is not None
    bot.token = "changed"
    result = run("sync", "--yes")
    assert (result.exit_code, "Error: Nothing is synced: " in result.output) == (1, True)
    assert "it goes on by itself" in result.output
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


@pytest.mark.long
def test_another_issue_takes_the_place_of_a_deleted_one_by_command(run: Run, site: Site) -> None:
    run("sync", "--yes")
    session = requests.Session()
    session.mount(site.base_url, SandboxAdapter(create_app(site)))
    priya = Visitor(site.base_url, PRIYA, token_of(PRIYA), session)
    priya.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary="Access list, by hand")
    Visitor(site.base_url, BOT_EMAIL, BOT_TOKEN, session).call("DELETE", "/rest/api/3/issue/SEC-1")
    run("sync", "--yes")
    assert "`tieout links` says what can be done" in run("alerts").output
    still_gone = run("links", "mend", "1/1")
    assert (still_gone.exit_code, "issue SEC-1 cannot be read" in still_gone.output) == (1, True)
    assert run("links", "mend", "1/1", "--issue", "SEC-2", "--reason", "made by hand").exit_code == 0
    run("sync", "--yes")
    assert run("links").output == "Every counterpart can be reached.\n"
    assert "1/1 issue  SEC-2" in run("request", "show", "1").output
    assert "made by hand" in run("journal", "list", "--record", "1/1").output
    assert priya.issue("SEC-2")["fields"]["summary"] == "1/1 Access list"
