"""Checks of a Data Center site go as far as its API does, and are named as those of a Cloud site."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import requests

from connector.checks import Circumstances, check_sites
from connector.connect import connect_confluence, connect_jira
from connector.sandbox.clock import ManualClock
from connector.sandbox.seed import BOT_TOKEN
from connector.sandbox.site import Site
from mappings.rules import Auth, Connection, Flavour, Rules

from .conftest import START, Watched
from .test_dc_contract import WIKI, dana, dc_session
from .test_jira_dc import CONNECTION

__all__ = ["dana", "dc_session"]


def names(dc_session: requests.Session, **audit: Any) -> set[str]:
    wiki = Connection(url=WIKI, flavour=Flavour.DC, auth=Auth.PAT)
    rule = {
        "name": "SOC 2",
        "period_start": date(2026, 1, 1),
        "period_end": date(2026, 12, 31),
        "project": "AUD",
        "space": "SOC2",
        "coordinator": "dana.kim@acme.example",
        "auditors": ["clara.weiss@northgate.example"],
        **audit,
    }
    rules = Rules.model_validate({"jira": CONNECTION, "confluence": wiki, "audit": {"soc2": rule}})
    jira = connect_jira(CONNECTION, BOT_TOKEN, session=dc_session, habits=Watched().habits)
    confluence = connect_confluence(wiki, BOT_TOKEN, session=dc_session, habits=Watched().habits)
    around = Circumstances(ManualClock(START).now)
    return {finding.name for finding in check_sites(jira, confluence, rules, around)}


def test_a_data_center_site_set_up_well_has_no_findings(dc_session: requests.Session) -> None:
    assert names(dc_session) == set()


@pytest.mark.parametrize(
    ("name", "audit"),
    [
        ("project-not-visible", {"project": "NONE"}),
        ("issue-type-missing", {"issue_type": "Story"}),
        ("coordinator-not-found", {"coordinator": "nobody@acme.example"}),
        ("space-not-visible", {"space": "NONE"}),
    ],
)
def test_what_does_not_fit_is_named(dc_session: requests.Session, name: str, audit: dict[str, Any]) -> None:
    assert names(dc_session, **audit) == {name}


def test_a_permission_that_is_missing_is_named(dc_session: requests.Session, site: Site) -> None:
    project = site.jira.project("AUD")
    assert project is not None
    project.grants["TRANSITION_ISSUES"] = set()
    assert names(dc_session) == {"project-permission-missing"}
