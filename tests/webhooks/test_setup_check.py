"""How the sites are set up is looked at by the service too: one alert for each thing, until it is mended."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.jira import setup
from connector.sandbox.seed import token_of
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from sync.keys import POLL_JIRA, SWEEP_CHECK
from sync.setup_alerts import CHECKED, PREFIX
from sync.store import Alert, Store
from sync.work import SWEEP, mark
from tests.webhooks.installation import LIST, RULES, Installation
from webhooks.cli import tieout
from webhooks.commands.plan import let_write
from webhooks.wiring import Wiring

RULES_WITH_DATE = RULES.replace("user =", "token_expires_on = 2099-12-31\nuser =")


@pytest.fixture
def new_wiring(site: Site, tmp_path: Path, sqlite_template: Path) -> Callable[[], Wiring]:
    shutil.copy(sqlite_template, tmp_path / "tieout.db")
    return Installation(tmp_path, site, RULES_WITH_DATE).wiring


def take_in_the_list(wiring: Wiring, folder: Path) -> None:
    (folder / "list.csv").write_text(LIST)
    words = ("import", str(folder / "list.csv"), "--audit", "soc2")
    assert CliRunner().invoke(tieout, words, obj=wiring, catch_exceptions=False).exit_code == 0
    let_write(wiring, ["soc2"], how="a test")


def look_after(wiring: Wiring) -> list[Alert]:
    """Let the service look at the set-up once; the alerts on it that are in force then."""
    with wiring.database.write() as conn:
        mark(conn, [SWEEP_CHECK], lane=SWEEP)
    wiring.new_worker("test").run_until_quiet()
    with wiring.database.read() as conn:
        return [alert for alert in Store(conn).alerts.current() if alert.name.startswith(PREFIX)]


def dead(wiring: Wiring) -> list[str]:
    with wiring.database.read() as conn:
        return [alert.name for alert in Store(conn).alerts.current() if alert.name.startswith("dead:")]


def test_what_drifts_is_one_alert_until_it_is_mended_and_what_it_broke_waits_for_that(
    new_wiring: Callable[[], Wiring], site: Site, tmp_path: Path
) -> None:
    take_in_the_list(new_wiring(), tmp_path)
    project = site.jira.project("SEC")
    assert project is not None
    cost = setup.add_custom_field(site, "Cost centre", "textfield")
    setup.show_field(project, cost.field_id, required=True)

    wiring = new_wiring()
    told = look_after(wiring)
    assert [alert.name.split(":")[2] for alert in told] == ["required-field-unfilled"]
    assert "Cost centre" in told[0].text
    assert "To mend it: give it a value" in told[0].text
    assert look_after(wiring) == told
    assert site.jira.issue("AUD-2") is not None, "only what goes to SEC is held up"
    assert dead(wiring) == []

    setup.show_field(project, cost.field_id, required=False)
    assert look_after(wiring) == []
    assert site.jira.issue("SEC-1") is not None


def test_a_status_renamed_under_the_mapping_file_is_one_alert_that_says_what_to_write_and_pauses_its_project_alone(
    new_wiring: Callable[[], Wiring], site: Site, tmp_path: Path
) -> None:
    named = '[status.SEC]\ntask = {{ in_progress = "{0}" }}\nread_task = {{ "{0}" = ["in_progress"] }}\n'
    rules = tmp_path / "tieout.toml"
    rules.write_text(RULES_WITH_DATE + named.format("In Progress"))
    take_in_the_list(new_wiring(), tmp_path)
    look_after(new_wiring())
    card = next(issue for issue in site.jira.issues.values() if issue.key.startswith("SEC-"))
    (progress,) = [each for each in site.jira.statuses.values() if each.name == "In Progress" and not each.project_id]
    work = Visitor(site.base_url, "priya.nair@acme.example", token_of("priya.nair@acme.example"), session_of(site))
    work.move(card.key, "In Progress")
    with new_wiring().database.write() as conn:
        mark(conn, [POLL_JIRA], lane=SWEEP)
    new_wiring().new_worker("test").run_until_quiet()

    site.jira.statuses[progress.status_id] = replace(progress, name="Underway")
    (alert,) = look_after(new_wiring())
    assert "The status In Progress" in alert.text
    assert f'write "Underway" there, or "{progress.status_id}"' in alert.text
    rules.write_text(RULES_WITH_DATE + named.format(progress.status_id))
    assert look_after(new_wiring()) == []
    assert dead(new_wiring()) == []


def session_of(site: Site) -> requests.Session:
    session = requests.Session()
    session.mount(site.base_url, SandboxAdapter(create_app(site)))
    return session


def test_what_is_refused_for_another_reason_lies_dead_once_the_set_up_was_looked_at(
    new_wiring: Callable[[], Wiring], site: Site, tmp_path: Path
) -> None:
    wiring = new_wiring()
    take_in_the_list(wiring, tmp_path)
    site.faults.add("status", path="/rest/api/3/issue/bulk", status=400, times=100)
    wiring.new_worker("test").run_until_quiet()
    assert len(dead(wiring)) == 2
    with wiring.database.read() as conn:
        assert Store(conn).cursors.get(CHECKED) is not None


def test_what_was_not_seen_does_not_pass_for_mended(new_wiring: Callable[[], Wiring], site: Site) -> None:
    wiring = new_wiring()
    site.confluence.space_by_key("SOC2").homepage_id = None
    setup.hide_field(site.jira.projects[next(iter(site.jira.projects))], "priority", keep_editable=True)
    told = look_after(wiring)
    assert [alert.name.split(":")[2] for alert in told] == ["field-off-create-screen"]
    site.faults.rate_limit(path="/wiki/rest/api/user/current", times=10)
    assert look_after(wiring) == told


def test_readyz_shows_errors_by_name_and_nothing_of_what_they_are_about(
    new_wiring: Callable[[], Wiring], site: Site
) -> None:
    site.jira.link_types.clear()
    for project in site.jira.projects.values():
        if project.key == "SEC":
            project.archived = True
    wiring = new_wiring()
    look_after(wiring)
    answer = wiring.app.test_client().get("/readyz")
    state = answer.get_json()["setup"]
    assert (answer.status_code, state["errors"], state["warnings"]) == (
        200,
        ["project-not-visible"],
        ["link-type-missing"],
    )
    assert state["checked_s_ago"] is not None
    assert "SEC" not in answer.text


def test_check_tells_machines_each_finding_by_name_and_ends_with_1_on_errors(
    new_wiring: Callable[[], Wiring], site: Site, tmp_path: Path
) -> None:
    take_in_the_list(new_wiring(), tmp_path)
    well = CliRunner().invoke(tieout, ("check", "--json"), obj=new_wiring())
    assert (well.exit_code, json.loads(well.output)) == (0, [])
    priya = site.account_by_email("priya.nair@acme.example")
    assert priya is not None
    priya.active = False
    warned = CliRunner().invoke(tieout, ("check", "--json"), obj=new_wiring())
    (finding,) = json.loads(warned.output)
    assert (warned.exit_code, finding["name"], finding["severity"]) == (0, "person-not-found", "warning")
    assert finding.keys() >= {"what", "where", "why", "how_to_mend", "is_error"}
    site.confluence.space_by_key("SOC2").status = "archived"
    broken = CliRunner().invoke(tieout, ("check",), obj=new_wiring())
    assert broken.exit_code == 1
    assert "error: the space, space SOC2 on https://acme.atlassian.net/wiki: it is archived" in broken.output
    assert "[space-archived]\n  To mend it: restore it" in broken.output
