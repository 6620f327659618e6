"""Checks of a Data Center site are those of a Cloud site, as far as its API goes, and named the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import requests

from connector.checks import Finding, check_sites
from connector.checks.circumstances import Circumstances, Part
from connector.connect import connect_confluence, connect_jira
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.clock import ManualClock
from connector.sandbox.confluence.state import VIEW
from connector.sandbox.datacenter.confluence import confluence_data_center
from connector.sandbox.datacenter.jira import jira_data_center
from connector.sandbox.seed import BOT_EMAIL, token_of
from connector.sandbox.visitor import Visitor
from mappings.records import Person
from mappings.rules import Auth, Connection, Flavour, Rules

from . import broken_sites as cloud
from .conftest import START, Watched
from .data_center import JIRA, WIKI

UNSEEN = "workflow-not-known"
"""No issue stands in most statuses, and nothing else shows where their cards can go."""


class DataCenter(cloud.Company):
    """The same company with the same site, reached as Data Center."""

    def rules(self) -> Rules:
        said = super().rules()
        last_day = said.jira.token_expires_on
        jira = Connection(url=JIRA, flavour=Flavour.DC, auth=Auth.PAT, token_expires_on=last_day)
        confluence = Connection(url=WIKI, flavour=Flavour.DC, auth=Auth.PAT, token_expires_on=last_day)
        return said.model_copy(update={"jira": jira, "confluence": confluence})

    def check(self, judge: Callable[..., list[Finding]] = check_sites) -> list[Finding]:
        session = requests.Session()
        session.trust_env = False
        session.mount(JIRA, SandboxAdapter(jira_data_center(self.site)))
        session.mount(WIKI, SandboxAdapter(confluence_data_center(self.site)))
        rules, habits = self.rules(), Watched().habits
        jira = connect_jira(rules.jira, self.token, session=session, habits=habits)
        confluence = connect_confluence(rules.confluence, self.token, session=session, habits=habits)
        return judge(jira, confluence, rules, Circumstances(ManualClock(START).now, **self.around))


@pytest.fixture
def company() -> DataCenter:
    company = DataCenter.set_up_well()
    assert isinstance(company, DataCenter)
    company.people = [cloud.CLARA | {"account_id": "clara.weiss"}]
    company.around["owners"] = (_owner("priya.nair"),)
    return company


def _owner(name: str) -> Part:
    email = f"{name}@acme.example"
    return Part(Person(email, email, email, name), "owner", "soc2", "IT")


def test_a_data_center_site_set_up_well_has_a_note_on_its_workflows_at_most_and_nothing_is_written(
    company: DataCenter,
) -> None:
    company.site.calls.clear()
    assert {finding.name for finding in company.check()} == {UNSEEN}
    assert company.site.calls.writes() == []


def owner_is_nobody(company: cloud.Company) -> None:
    company.around["owners"] = (replace(_owner("priya.nair"), person=Person("x", "x", "x@acme.example", "typo")),)


def another_route(company: cloud.Company) -> None:
    company.audit["routes"] = [{"team": "IT", "project": "NONE"}]


def nobody_leads_on(company: cloud.Company) -> None:
    """From nowhere is there a way to review, and cards stand everywhere to show it."""
    cloud.nothing_leads_to_review(company)
    dana = Visitor(company.site.base_url, *cloud_sign_in("dana.kim@acme.example"), company.session())
    for status in ("In Progress", "Blocked", "With Auditor", "Done"):
        dana.move(dana.create_issue(project={"key": "IT"}, issuetype={"name": "Task"}, summary=status), status)


def cloud_sign_in(email: str) -> tuple[str, str]:
    return email, token_of(email)


BROKEN: tuple[tuple[str, Callable[[cloud.Company], None], str], ...] = (
    ("site-unreachable", cloud.the_site_is_down, "whether `url`"),
    ("sign-in-failed", lambda c: setattr(c, "token", "wrong"), "make a new"),
    ("token-expired", cloud.connects(token_expires_on=date(2026, 1, 2)), "correct `token_expires_on`"),
    ("account-has-another-role", cloud.says(coordinator=BOT_EMAIL), "an account of its own"),
    ("project-not-visible", another_route, "correct its key"),
    ("project-permission-missing", cloud.without("TRANSITION_ISSUES"), "grant Transition issues"),
    ("project-permission-missing", cloud.without("LINK_ISSUES"), "grant Link issues"),
    ("issue-type-missing", cloud.says(issue_type="Story"), "as issue_type in the mapping file"),
    ("parent-not-found", cloud.says(parent="AUD-999"), "correct `parent`"),
    ("link-type-missing", cloud.no_link_types, "link type named Tieout"),
    ("flag-field-missing", cloud.no_field_flagged, "Jira Software"),
    ("required-field-unfilled", cloud.a_field_is_required, "`fields` of route 1 of audit soc2"),
    ("required-field-may-be-empty", cloud.the_due_date_is_required, "`[audit.soc2.request_fields]`"),
    ("field-off-create-screen", cloud.the_priority_is_off_the_create_screen, "create screen"),
    ("field-off-edit-screen", cloud.the_assignee_cannot_be_edited, "edit screen"),
    ("constant-off-screen", cloud.says(request_fields={"customfield_1": "x"}), "correct its id"),
    ("constant-not-allowed", cloud.a_constant_is_of_no_choice, "give one of these"),
    ("status-map-broken", cloud.a_state_is_misspelt, "`[status.IT.task]`"),
    ("status-renamed", cloud.a_status_was_renamed, 'write "In Progress" there'),
    ("transition-status-unknown", cloud.a_status_with_fields_is_gone, "`[status.IT.transition_fields]`"),
    ("transition-field-unfilled", cloud.closing_asks_for_a_resolution, '"Done" = { resolution = … }'),
    ("status-unreachable", nobody_leads_on, "add a transition"),
    ("auditor-not-found", cloud.says(auditors=["nobody@northgate.example"]), "`account_id`"),
    ("coordinator-not-found", cloud.says(coordinator="nobody@acme.example"), "`account_id`"),
    ("person-ambiguous", cloud.another_shows_her_address, "the right one's `account_id`"),
    ("account-id-unknown", owner_is_nobody, "correct `account_id`"),
    ("owner-not-assignable", cloud.the_owner_cannot_be_assigned, "Assignable user"),
    ("space-not-visible", cloud.says(space="NONE"), "correct its key"),
    ("space-archived", cloud.the_space_is_archived, "restore it"),
    ("space-without-home-page", cloud.the_space_has_no_home, "space's settings"),
    ("space-permission-missing", cloud.the_bot_may_only_read_the_space, "create pages"),
    ("webhook-missing", cloud.no_webhook, "register it"),
    ("webhook-elsewhere", cloud.hook(url="https://old.example/webhooks/jira"), "correct the webhook's address"),
    ("webhook-disabled", cloud.hook(active=False), "enable it"),
    ("webhook-events-missing", cloud.hook(events=("jira:issue_updated",)), "tick these events"),
    ("webhook-twice", cloud.two_webhooks, "delete all but one"),
)
CASES = [
    pytest.param(*row, id=f"{row[0]}-{number}", marks=[pytest.mark.long] if number % 3 else [])
    for number, row in enumerate(BROKEN)
]
"""Every third one everyday, all of them in CI."""


@pytest.mark.parametrize(("name", "break_it", "mend"), CASES)
def test_what_is_broken_is_named_as_on_cloud(
    company: DataCenter, name: str, break_it: Callable[[cloud.Company], None], mend: str
) -> None:
    break_it(company)
    findings = company.check()
    named = [finding for finding in findings if finding.name == name]
    assert named, {finding.name for finding in findings}
    assert {finding.name for finding in findings} <= {name, UNSEEN}
    assert any(mend in finding.how_to_mend for finding in named), named


def test_what_a_guest_of_the_space_may_do_is_not_guessed(company: DataCenter) -> None:
    """Data Center tells nobody's rights in words that name them for certain: nothing is said of auditors."""
    cloud.in_space(VIEW)(company)
    assert {finding.name for finding in company.check()} == {UNSEEN}
