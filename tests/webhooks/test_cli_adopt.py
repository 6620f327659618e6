"""`tieout adopt`: what is there already is looked at, shown, asked about and adopted; nothing is written by it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.seed import token_of
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor

from .coordinators_desk import Run
from .installation import Installation

PRIYA = "priya.nair@acme.example"


@pytest.fixture
def run(installation: Installation) -> Run:
    return installation.run


def add_card(site: Site, summary: str) -> str:
    session = requests.Session()
    session.mount(site.base_url, SandboxAdapter(create_app(site)))
    priya = Visitor(site.base_url, PRIYA, token_of(PRIYA), session)
    return priya.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary=summary)


def test_an_issue_is_previewed_adopted_and_kept_in_step(run: Run, site: Site, tmp_path: Path) -> None:
    key = add_card(site, "Access list")
    add_card(site, "Something else")
    before = len(site.calls.writes())
    shown = run("adopt", "--jql", "project = SEC", "--dry-run").output
    assert f"{key}, To Do, 'Access list': becomes the issue of 1/1\n" in shown
    assert "SEC-2 is left alone: names no request's number or title\n" in shown
    assert f"~ jira       edit issue       {key}\n" in shown
    assert "+ jira       comment" in shown
    assert shown.endswith("Nothing was adopted.\n")
    assert "Aborted" in run("adopt", "1/1", key).output
    assert run("adopt", "1/1", key, "--yes").exit_code == 0
    assert len(site.calls.writes()) == before
    again = run("adopt", "1/1", "SEC-2", "--yes")
    assert (again.exit_code, f"1/1 has {key} already" in again.output) == (1, True)
    assert run("plan", "--out", str(tmp_path / "plan.json")).exit_code == 0
    kinds = [each["kind"] for each in json.loads((tmp_path / "plan.json").read_text())["writes"]]
    assert (kinds.count("create issue"), kinds.count("edit issue")) == (2, 1)
    assert run("sync", "--plan", str(tmp_path / "plan.json")).exit_code == 0
    assert f"1/1 issue  {key}" in run("request", "show", "1").output
    assert "issue adopted" in run("journal", "list").output
    assert f"{key} is left alone: belongs to 1/1 already\n" in run("adopt", "--jql", "project = SEC").output

    shown = run("adopt", "--undo", key, "--dry-run").output
    assert f"{key}: goes back to its people, and 1/1 has no issue then\n    owner: " in shown
    assert "    left as it is: what was said in comments\n" in shown
    assert "+ jira       create issue" in shown
    assert shown.endswith("Nothing was given back.\n")
    assert (run("adopt", "--undo", key, "1/1").exit_code, run("adopt", "--undo", "SEC-2", "--yes").exit_code) == (2, 1)
    assert run("adopt", "--undo", key, "--reason", "not ours", "--yes").exit_code == 0
    card = site.jira.issue(key)
    assert card is not None
    assert not card.values.get("labels")
    assert "issue given back" in run("journal", "list").output


@pytest.mark.long
def test_the_lists_own_column_of_keys_is_adopted_or_let_go(run: Run, site: Site, tmp_path: Path) -> None:
    for summary in ("Old card", "Another"):
        add_card(site, summary)
    rows = "3,Joiners,Priya <priya.nair@acme.example>,SEC-1\n4,Leavers,Priya <priya.nair@acme.example>,SEC-2\n"
    (tmp_path / "more.csv").write_text("ID,Title,Owner,Card\n1,Access list,,\n2,Policies,,\n" + rows)
    taken = run("import", str(tmp_path / "more.csv"), "--audit", "soc2", "--column", "Card=jira_key")
    assert taken.exit_code == 0, taken.output
    assert "3/1, jira: the list names SEC-1: `tieout adopt --from-list` takes it" in run("plan").output
    assert "4: SEC-2 is left alone, and a new issue is made." in run("adopt", "4", "--new").output
    assert run("adopt", "--from-list", "--yes").exit_code == 0
    assert run("sync").exit_code == 0
    assert "3/1 issue  SEC-1" in run("request", "show", "3").output
    assert "4/1 issue  SEC-2" not in run("request", "show", "4").output
    assert "there is nothing to adopt" in run("adopt", "--from-list", "--yes").output


@pytest.mark.long
def test_a_wrong_call_says_what_to_give(run: Run) -> None:
    for words in ((), ("1/1",), ("1/1", "SEC-1", "--from-list"), ("--new",)):
        result = run("adopt", *words)
        assert (result.exit_code, "give NUMBER and KEY, or --from-list" in result.output) == (2, True)
