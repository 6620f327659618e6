"""`tieout provision` on Data Center makes the filters; the dashboard is a person's, told step by step and checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.checks.webhooks import EVENTS
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.datacenter.jira import jira_data_center
from connector.sandbox.outbox import Hook
from connector.sandbox.seed import BOT_EMAIL

from .installation import RULES
from .provisioned_company import PROVISION, Company

JIRA = "https://jira.acme.example"
CLOUD = f'url = "https://acme.atlassian.net"\nuser = "{BOT_EMAIL}"'


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company(tmp_path, has_list=False)
    rules = (RULES + PROVISION).replace(CLOUD, f'url = "{JIRA}"\nflavour = "dc"\nauth = "pat"', 1)
    company.rules.write_text(rules)
    company.mounted[JIRA] = SandboxAdapter(jira_data_center(company.site))
    _bot_groups(company).add("coordinators")
    return company


def _bot_groups(company: Company) -> set[str]:
    bot = company.site.account_by_email(BOT_EMAIL)
    assert bot is not None
    return bot.groups


def test_filters_are_made_and_shared_and_the_dashboard_is_told_gadget_by_gadget_and_checked(company: Company) -> None:
    told = company.provision("--dry-run").output
    assert "16 calls would be made; nothing was written." in told
    assert "for a person: the dashboard SOC 2 (soc2)" in told
    assert "Add the gadget Filter Results; name it 'Overdue', choose the filter 'SOC 2: overdue (soc2)'." in told
    assert company.writes() == 0
    assert company.provision("--yes").exit_code == 0
    overdue = company.filter("overdue")
    assert (len(company.site.jira.filters), [share.kind for share in overdue.shares]) == (8, ["group"])
    assert "There is nothing to do." in company.provision().output

    assert company.provision("--verify").exit_code == 1
    body = {"name": "SOC 2 (soc2)", "sharePermissions": [{"type": "authenticated"}], "editPermissions": []}
    company.person().call("POST", "/rest/api/3/dashboard", json=body)
    address = "https://tieout.acme.example/webhooks/jira"
    company.site.outbox.hooks[1] = Hook(1, "jira", "Tieout", address, tuple(EVENTS), "", "a secret", owner_id="-")
    checked = company.provision("--verify")
    assert checked.exit_code == 0, checked.output


@pytest.mark.long
def test_a_filter_that_drifted_is_told_and_put_back_and_all_are_taken_away(company: Company) -> None:
    assert company.provision("--yes").exit_code == 0
    company.filter("overdue").jql = "project = AUD"
    company.filter("returned").shares.clear()
    assert "somebody changed the query" in company.provision().output
    assert company.provision("--force", "--yes").exit_code == 0
    assert "duedate < startOfDay()" in company.filter("overdue").jql
    assert len(company.filter("returned").shares) == 1
    assert company.provision("--remove", "--yes").exit_code == 0
    assert company.site.jira.filters == {}


@pytest.mark.long
@pytest.mark.parametrize("path", ["/filter$", "/permission$"])
def test_an_answer_that_was_lost_makes_no_filter_twice(company: Company, path: str) -> None:
    company.site.faults.add("drop_after", "POST", path)
    assert company.provision("--yes").exit_code == 1
    company.clock.advance(61)
    assert company.provision("--yes").exit_code == 0
    assert len(company.site.jira.filters) == 8
    assert "There is nothing to do." in company.provision().output


@pytest.mark.long
def test_a_group_that_tieouts_account_is_not_in_is_a_persons_errand(company: Company) -> None:
    _bot_groups(company).discard("coordinators")
    told = company.provision().output
    assert "for a person: the group coordinators: " in told
    assert "and Tieout's account is not in it" in told
    assert company.site.jira.filters == {}
