"""What drifts of the things that were provisioned is found by the service's hourly look, as by the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.sandbox.jira import setup
from sync.keys import SWEEP_CHECK
from sync.setup_alerts import PREFIX
from sync.store import Store
from sync.work import SWEEP, mark

from .installation import RULES
from .provisioned_company import PROVISION, Company


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path, has_list=False)


@pytest.fixture
def provisioned(company: Company) -> Company:
    assert company.provision("--yes").exit_code == 0
    return company


def looked_after(company: Company) -> list[str]:
    """The alerts on what was provisioned that are in force after the service's hourly look, without their hashes."""
    with company.database.write() as conn:
        mark(conn, [SWEEP_CHECK], lane=SWEEP)
    company.wiring().new_worker("test").run_until_quiet()
    with company.database.read() as conn:
        alerts = [alert for alert in Store(conn).alerts.current() if alert.name.startswith(PREFIX)]
    alerts = [alert for alert in alerts if "provisioned-" in alert.name or "webhook-" in alert.name]
    assert all("To mend it: " in alert.text for alert in alerts)
    return sorted(f"{alert.name.split(':')[2]} {alert.text.partition(',')[0]}" for alert in alerts)


def spoil(company: Company) -> set[str]:
    """What people do to provisioned things; the titles of those that the hourly look must tell of."""
    company.filter("overdue").jql = "project = AUD"
    company.filter("returned").name += " (mine)"  # which changes nothing of what it shows
    del company.site.jira.filters[company.filter("escalated").filter_id]
    company.dashboard().gadgets.remove(company.gadget("Due this week"))
    level = next(one for one in company.site.jira.fields.values() if one.name == "Audit escalation level")
    audits = company.site.jira.project("AUD")
    assert audits is not None
    setup.hide_field(audits, level.field_id)
    company.site.outbox.hooks.clear()
    return {"overdue", "escalated", "Due this week", "Audit escalation level", "Tieout"}


def test_what_drifts_is_found_by_the_hourly_look_raises_one_alert_and_is_over_once_mended(provisioned: Company) -> None:
    assert looked_after(provisioned) == []
    wanted = spoil(provisioned)
    told = looked_after(provisioned)
    assert {name for name in wanted if sum(name in line for line in told) != 1} == set()
    assert {line.partition(" ")[0] for line in told} == {
        "provisioned-missing",
        "provisioned-altered",
        "webhook-missing",
    }
    assert looked_after(provisioned) == told
    provisioned.rules.write_text(RULES + PROVISION + 'without = ["gadget/week"]\n')
    assert [line for line in looked_after(provisioned) if "Due this week" in line] == []
    assert provisioned.provision("--force", "--yes").exit_code == 0
    assert looked_after(provisioned) == []


@pytest.mark.long
def test_drift_that_the_site_does_not_let_tieout_see_is_not_taken_for_mended(provisioned: Company) -> None:
    provisioned.filter("overdue").jql = "project = AUD"
    told = looked_after(provisioned)
    provisioned.site.faults.add("status", "GET", "/filter/my$", status=403, times=10)
    assert looked_after(provisioned) == told
    assert "[not-asked]" in provisioned.run("check").output
