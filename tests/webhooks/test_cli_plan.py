"""`tieout plan`, and what it opens: nothing is written before it was shown, and then exactly what it said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from sync.database import open_database
from webhooks.app import Parts
from webhooks.app import create_app as create_tieout
from webhooks.plan_file import read_plan
from webhooks.plan_text import NO_RECORDS
from webhooks.problems import Refusal
from webhooks.wiring import utc_now

from .coordinators_desk import Run
from .installation import RULES, Installation


@pytest.fixture
def run(installation: Installation) -> Run:
    return installation.run


def readiness(folder: Path) -> dict[str, Any]:
    database = open_database(f"sqlite:///{folder}/tieout.db")
    answer = create_tieout(Parts(database, utc_now, audits=["soc2"])).test_client().get("/readyz")
    assert answer.status_code == 200
    return dict(answer.get_json())


def test_nothing_is_written_before_the_plan_was_shown_and_everybody_says_so(
    run: Run, site: Site, tmp_path: Path
) -> None:
    refused = run("sync")
    assert (refused.exit_code, "nothing is written for soc2 before its first plan" in refused.output) == (1, True)
    assert "nobody was shown its plan; run `tieout plan --audit soc2`" in run("status").output
    assert readiness(tmp_path)["waiting_for_first_plan"] == {"soc2": "tieout plan --audit soc2"}
    assert site.calls.writes() == []
    assert run("plan").exit_code == 0
    assert site.calls.writes() == []
    assert readiness(tmp_path)["waiting_for_first_plan"] == {}
    assert run("sync").exit_code == 0
    assert len(site.calls.writes()) > 0
    assert "first plan" in run("journal", "list").output


def test_a_plan_of_an_audit_that_has_no_record_yet_lets_nothing_be_written(
    run: Run, site: Site, tmp_path: Path
) -> None:
    """Whoever tries the command before the list came in has seen nothing of what will be written."""
    (tmp_path / "tieout.toml").write_text(
        RULES + RULES[RULES.index("[audit.soc2]") :].replace("soc2", "iso").replace("SOC2", "ISO")
    )
    kept = str(tmp_path / "plan.json")
    shown = run("plan", "--audit", "iso", "--out", kept).output
    assert shown == f"{NO_RECORDS}\nNothing was written.\n"
    assert run("sync", "--audit", "iso", "--dry-run").exit_code == 0
    assert run("import", str(tmp_path / "list.csv"), "--audit", "iso").exit_code == 0
    assert run("sync", "--plan", kept).exit_code == 0
    refused = run("sync", "--audit", "iso")
    assert (refused.exit_code, "nothing is written for iso before its first plan" in refused.output) == (1, True)
    assert site.calls.writes() == []


def test_a_plan_is_kept_carried_out_and_followed_by_an_empty_one(run: Run, site: Site, tmp_path: Path) -> None:
    shown = run("plan", "--audit", "soc2", "--out", str(tmp_path / "plan.json")).output
    assert "jira: 3 create issue\n" in shown
    assert "confluence: 1 create home page, 2 create page\n" in shown
    assert "6 writes in 5 calls at the least, for 3 records looked at.\n" in shown
    told = json.loads((tmp_path / "plan.json").read_text())
    assert (told["schema"], told["totals"]["jira"], told["calls"]) == (1, {"create issue": 3}, {"writing": 5})
    done = run("sync", "--plan", str(tmp_path / "plan.json"))
    assert (done.exit_code, done.output) == (0, "6 of 6 writes done; `tieout plan` shows what is left.\n")
    assert len(site.calls.writes()) == 5
    assert json.loads(run("plan", "--json").output)["writes"] == []
    assert run("plan").output == "Nothing to do: all sides agree.\nNothing was written.\n"
    again = run("sync", "--plan", str(tmp_path / "plan.json"))
    assert (again.exit_code, "the world has moved" in again.output) == (1, True)
    assert len(site.calls.writes()) == 5


@pytest.mark.long
def test_a_plan_names_the_issue_that_moved_on_the_site(run: Run, site: Site, tmp_path: Path) -> None:
    run("sync", "--yes")
    assert run("request", "due", "1", "2099-10-01").exit_code == 0
    assert run("plan", "--out", str(tmp_path / "plan.json")).exit_code == 0
    assert json.loads((tmp_path / "plan.json").read_text())["writes"]
    session = requests.Session()
    session.mount(site.base_url, SandboxAdapter(create_app(site)))
    Visitor(site.base_url, BOT_EMAIL, BOT_TOKEN, session).comment_issue("SEC-1", "Somebody says something")
    before = len(site.calls.writes())
    refused = run("sync", "--plan", str(tmp_path / "plan.json"))
    assert refused.exit_code == 1
    assert "1 (comments of SEC-1" in refused.output
    assert len(site.calls.writes()) == before


@pytest.mark.parametrize("text", ["", "{}", '{"schema": 99}', "[]"])
def test_a_file_that_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match=r"plan\.json is no plan of this version"):
        read_plan(text, "plan.json")
