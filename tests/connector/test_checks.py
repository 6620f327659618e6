"""Startup checks: a site set up well has no findings; each thing that is not is found and told how to mend."""

from datetime import date
from typing import Any

import pytest
import requests

from connector.checks import Finding, check_sites
from connector.confluence_cloud import CloudConfluence
from connector.connect import connect_jira
from connector.jira_cloud import CloudJira
from connector.sandbox.jira import setup
from connector.sandbox.site import Site
from mappings.rules import AuditRule, Connection, PersonRule, Rules

from .test_jira_cloud import bot, project


def rules(connection: Connection, people: tuple[PersonRule, ...] = (), **more: Any) -> Rules:
    audit: dict[str, Any] = {
        "name": "SOC 2",
        "period_start": date(2026, 1, 1),
        "period_end": date(2026, 12, 31),
        "project": "AUD",
        "issue_type": "Audit Request",
        "escalation_issue_type": "Escalation",
        "space": "SOC2",
        "coordinator": "dana.kim@acme.example",
        "auditors": ("clara.weiss@northgate.example",),
        "routes": ({"team": "Platform", "project": "PLAT"},),
    }
    clara = PersonRule(name="Clara Weiss", email="clara.weiss@northgate.example", account_id="712020:clara")
    rule = AuditRule.model_validate({**audit, **more})
    return Rules(jira=connection, confluence=connection, audit={"soc2": rule}, people=people or (clara,))


def told(findings: list[Finding]) -> dict[str, bool]:
    assert all(part.what and part.where and part.why and part.how_to_mend for part in findings)
    return {finding.what: finding.is_error for finding in findings}


def test_a_site_set_up_well_has_no_findings(
    jira: CloudJira, confluence: CloudConfluence, connection: Connection, site: Site
) -> None:
    site.calls.clear()
    assert check_sites(jira, confluence, rules(connection)) == []
    assert site.calls.writes() == []


def test_everything_that_does_not_fit_is_found_at_once(
    jira: CloudJira, confluence: CloudConfluence, connection: Connection, site: Site
) -> None:
    project(site, "AUD").grants["CREATE_ISSUES"] = set()
    del site.jira.fields[setup.FLAGGED]
    space = site.confluence.space_by_key("SOC2")
    space.permissions[bot(site).account_id] = frozenset({("read", "space"), ("create", "page")})
    odd = rules(
        connection,
        people=(PersonRule(name="Marco Rossi", email="marco.rossi@acme.example"),),
        issue_type="Nonsense",
        default_task_project="NONE",
        coordinator="aiko.tanaka@acme.example",
    )
    assert told(check_sites(jira, confluence, odd)) == {
        "the permission Create issues": True,
        "the issue type Nonsense": True,
        "the field Flagged": False,
        "the project": True,
        "the account of aiko.tanaka@acme.example": True,
        "the account of marco.rossi@acme.example": False,
        "the permission to create a comment": True,
        "the permission to create a attachment": True,
    }


def test_a_space_that_is_not_seen_is_found(
    jira: CloudJira, confluence: CloudConfluence, connection: Connection
) -> None:
    assert told(check_sites(jira, confluence, rules(connection, space="NONE"))) == {"the space": True}


@pytest.mark.parametrize("is_anonymous", [False, True])
def test_a_token_that_is_not_taken_is_one_finding(
    confluence: CloudConfluence,
    connection: Connection,
    session: requests.Session,
    site: Site,
    is_anonymous: bool,
) -> None:
    site.faults.bad_login_is_anonymous = is_anonymous
    stranger = connect_jira(connection, "expired", session=session)
    confluence = CloudConfluence(stranger.wire, site=confluence.site)
    findings = check_sites(stranger, confluence, rules(connection))
    assert [finding.what for finding in findings] == ["the site", "the site"]
    assert all("token" in finding.why for finding in findings)


def test_a_token_in_the_open_is_warned_about(
    jira: CloudJira, confluence: CloudConfluence, connection: Connection
) -> None:
    plain = Connection(url="http://jira.acme.example", user="x")
    findings = check_sites(jira, confluence, rules(connection).model_copy(update={"jira": plain}))
    assert told(findings) == {"https": False}
