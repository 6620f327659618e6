"""A company's site set up well, and each way in which it can be broken, with what mends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
import requests

from connector.checks import Circumstances, Finding, Part, check_sites
from connector.checks.webhooks import EVENTS
from connector.connect import connect_confluence, connect_jira
from connector.sandbox.accounts import JIRA_USERS, Account
from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.clock import ManualClock
from connector.sandbox.confluence.state import VIEW
from connector.sandbox.jira import setup
from connector.sandbox.jira.model import Project
from connector.sandbox.outbox import Hook
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN, seed_acme
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from connector.session import Habits
from mappings.records import Kind, Person
from mappings.rules import Auth, Connection, Rules

from .conftest import START

DOOR = "https://tieout.example/webhooks/jira"
CLARA = {"name": "Clara Weiss", "email": "clara.weiss@northgate.example"}


@dataclass
class Company:
    """A site with what a mapping file and the register say of it; breaking either is each test's business."""

    site: Site
    token: str = BOT_TOKEN
    connection: dict[str, Any] = field(default_factory=dict)
    audit: dict[str, Any] = field(default_factory=dict)
    more_audits: dict[str, dict[str, Any]] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    status: dict[str, Any] = field(default_factory=dict)
    around: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def set_up_well(cls) -> Company:
        site = Site(ManualClock(START))
        seed_acme(site)
        site.faults.limits.per_issue = False
        hook = Hook(1, "jira", "Tieout", DOOR, tuple(EVENTS), "labels = tieout", "a secret", owner_id="-")
        site.outbox.hooks[1] = hook
        company = cls(site)
        company.connection = {"url": site.base_url, "user": BOT_EMAIL, "token_expires_on": date(2027, 6, 30)}
        company.audit = {
            "name": "SOC 2",
            "period_start": date(2026, 1, 1),
            "period_end": date(2026, 12, 31),
            "project": "AUD",
            "issue_type": "Audit Request",
            "escalation_issue_type": "Escalation",
            "space": "SOC2",
            "coordinator": "dana.kim@acme.example",
            "auditors": ["clara.weiss@northgate.example"],
            "routes": [{"team": "IT", "project": "IT"}],
        }
        company.people = [CLARA | {"account_id": company.account("clara.weiss@northgate.example").account_id}]
        company.around = {
            "public_url": "https://tieout.example",
            "has_jira_secret": True,
            "owners": (company.part("priya.nair@acme.example", "IT"),),
            "changed_at": START - timedelta(hours=3),
            "delivered_at": START - timedelta(hours=3),
        }
        tieouts = Visitor(site.base_url, BOT_EMAIL, BOT_TOKEN, company.session())
        for project, kind in (("AUD", "Audit Request"), ("AUD", "Escalation"), ("IT", "Task"), ("PLAT", "Task")):
            fields = {"project": {"key": project}, "issuetype": {"name": kind}, "summary": "Something there already"}
            tieouts.call("POST", "/rest/api/3/issue", json={"fields": fields})
        return company

    def session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        adapter = SandboxAdapter(create_app(self.site))
        for base in ("https://", "http://"):
            session.mount(base, adapter)
        return session

    def account(self, email: str) -> Account:
        found = self.site.account_by_email(email)
        assert found is not None
        return found

    def part(self, email: str, project: str) -> Part:
        id_ = self.account(email).account_id
        return Part(Person(email, email, email, id_), "owner", "soc2", project)

    def project(self, key: str) -> Project:
        found = self.site.jira.project(key)
        assert found is not None
        return found

    @property
    def bot(self) -> Account:
        return self.account(BOT_EMAIL)

    @property
    def hook(self) -> Hook:
        return self.site.outbox.hooks[1]

    def rules(self) -> Rules:
        connection = Connection(**self.connection)
        audits = {"soc2": self.audit, **self.more_audits}
        return Rules.model_validate(
            {
                "jira": connection,
                "confluence": connection,
                "audit": audits,
                "people": self.people,
                "status": self.status,
            }
        )

    def check(self, judge: Callable[..., list[Finding]] = check_sites) -> list[Finding]:
        rules, habits, session = self.rules(), Habits(sleep=lambda _: None), self.session()
        jira = connect_jira(rules.jira, self.token, session=session, habits=habits, gateway="https://gateway.example")
        confluence = connect_confluence(
            rules.confluence, self.token, session=session, habits=habits, gateway="https://gateway.example"
        )
        clock = ManualClock(START)
        return judge(jira, confluence, rules, Circumstances(clock.now, **self.around))


def without(permission: str) -> Callable[[Company], None]:
    def revoke(company: Company) -> None:
        company.project("AUD").grants[permission] = set()

    return revoke


def in_space(*held: tuple[str, str]) -> Callable[[Company], None]:
    """What Clara may do in the audit's space."""

    def grant(company: Company) -> None:
        space = company.site.confluence.space_by_key("SOC2")
        id_ = company.account("clara.weiss@northgate.example").account_id
        space.permissions.pop(id_)
        if held:
            space.permissions[id_] = frozenset(held)

    return grant


def says(**audit: Any) -> Callable[[Company], None]:
    return lambda company: company.audit.update(audit)


def connects(**connection: Any) -> Callable[[Company], None]:
    return lambda company: company.connection.update(connection)


def around(**known: Any) -> Callable[[Company], None]:
    return lambda company: company.around.update(known)


def hook(**changed: Any) -> Callable[[Company], None]:
    def change(company: Company) -> None:
        for name, value in changed.items():
            setattr(company.hook, name, value)

    return change


def the_token_is_revoked(company: Company) -> None:
    company.token = "revoked"


def the_site_is_down(company: Company) -> None:
    company.site.faults.add("status", path="/rest/api/3/", status=503, times=1000)


def jira_lets_nobody_in(company: Company) -> None:
    company.site.faults.add("status", path="/rest/api/3/myself", status=403)


def too_much_was_asked(company: Company) -> None:
    company.site.faults.rate_limit(path="/rest/api/3/myself")


def little_is_left(company: Company) -> None:
    company.site.faults.limits.is_near = True


def the_clocks_disagree(company: Company) -> None:
    company.site.skew_s = 300


def another_site_answers(company: Company) -> None:
    company.bot.scoped_token = "scoped"
    company.token = "scoped"
    cloud = {"auth": Auth.SCOPED, "cloud_id": company.site.cloud_id, "url": "https://other.example"}
    company.connection.update(cloud)


def the_bot_is_the_coordinator(company: Company) -> None:
    company.bot.account_type = "atlassian"
    company.audit["coordinator"] = BOT_EMAIL


def the_bot_is_a_customer(company: Company) -> None:
    company.bot.account_type = "customer"


def the_project_is_archived(company: Company) -> None:
    company.project("IT").archived = True


def requests_are_sub_tasks(company: Company) -> None:
    project = company.project("AUD")
    kind = setup.add_type(company.site, "Sub-task", subtask=True)
    project.workflows[kind.type_id] = project.workflows[project.type_ids[0]]
    project.type_ids += (kind.type_id,)
    company.audit["issue_type"] = "Sub-task"


def no_field_flagged(company: Company) -> None:
    for project in company.site.jira.projects.values():
        setup.hide_field(project, setup.FLAGGED)
    del company.site.jira.fields[setup.FLAGGED]


def no_link_types(company: Company) -> None:
    company.site.jira.link_types.clear()


def a_field_is_required(company: Company) -> None:
    cost = setup.add_custom_field(company.site, "Cost centre", "textfield")
    setup.show_field(company.project("IT"), cost.field_id, required=True)


def the_due_date_is_required(company: Company) -> None:
    company.project("AUD").create_screen["duedate"] = True


def the_priority_is_off_the_create_screen(company: Company) -> None:
    setup.hide_field(company.project("IT"), "priority", keep_editable=True)


def the_assignee_cannot_be_edited(company: Company) -> None:
    company.project("AUD").fields -= {"assignee"}


def a_constant_is_of_no_choice(company: Company) -> None:
    options = ["SOC 2", "ISO"]
    kind = setup.add_custom_field(company.site, "Programme", "select", options=options, field_id="customfield_10777")
    setup.show_field(company.project("AUD"), kind.field_id)
    company.audit["request_fields"] = {"customfield_10777": {"value": "PCI"}}


def a_state_is_misspelt(company: Company) -> None:
    company.status = {"IT": {"task": {"in_progres": "In Progress"}}}


def a_status_was_renamed(company: Company) -> None:
    """The mapping file goes on calling it by its old name, in three places."""
    old = {"task": {"in_progress": "Doing"}, "read_task": {"Doing": ["in_progress"]}}
    company.status = {"IT": {**old, "transition_fields": {"Doing": {"resolution": {"name": "Done"}}}}}
    (id_,) = [
        each.status_id
        for each in company.site.jira.statuses.values()
        if each.name == "In Progress" and not each.project_id
    ]
    company.around["stood"] = {("IT", Kind.TASK, "in_progress"): frozenset({id_})}


def a_status_with_fields_is_gone(company: Company) -> None:
    company.status = {"IT": {"transition_fields": {"Finished": {"resolution": {"name": "Done"}}}}}


def nothing_leads_to_review(company: Company) -> None:
    setup.change_transition(company.project("IT"), "In Review", sources=frozenset())


def nothing_leads_back_from_review(company: Company) -> None:
    ids = {status.name: status.status_id for status in company.site.jira.statuses.values() if not status.project_id}
    starts = frozenset({ids["To Do"], ids["In Progress"]})
    setup.change_transition(company.project("IT"), "Blocked", sources=starts)
    for name in ("To Do", "In Progress", "With Auditor", "Done"):
        setup.change_transition(company.project("IT"), name, sources=starts | {ids["Blocked"]})


def closing_asks_for_a_resolution(company: Company) -> None:
    setup.change_transition(company.project("IT"), "Done", screen={"resolution": True}, resolution=None)


def the_bot_is_no_administrator(company: Company) -> None:
    company.bot.is_admin = False
    company.bot.groups = {JIRA_USERS, "confluence-users"}


def nobody_may_browse_users(company: Company) -> None:
    the_bot_is_no_administrator(company)
    company.site.jira.withheld.add("USER_PICKER")


def another_shows_her_address(company: Company) -> None:
    company.site.add_account(
        account_id="712020:second", display_name="Dana", email="dana.kim@acme.example", groups={JIRA_USERS}
    )


def the_owner_left(company: Company) -> None:
    company.account("priya.nair@acme.example").active = False


def the_owner_cannot_be_assigned(company: Company) -> None:
    company.project("IT").grants["ASSIGNABLE_USER"] = {"nobody"}
    grants = company.project("AUD").grants
    grants["ASSIGNABLE_USER"] = {f"account:{company.account('dana.kim@acme.example').account_id}"}


def a_guest_audits_twice(company: Company) -> None:
    space = company.site.confluence.space_by_key("SOC2")
    another = Visitor(company.site.base_url, BOT_EMAIL, BOT_TOKEN, company.session())
    another.call("POST", "/wiki/api/v2/spaces", json={"key": "ISO", "name": "ISO"})
    company.site.confluence.space_by_key("ISO").permissions = dict(space.permissions)
    company.more_audits = {"iso": company.audit | {"space": "ISO"}}


def the_space_is_archived(company: Company) -> None:
    company.site.confluence.space_by_key("SOC2").status = "archived"


def the_bot_may_only_read_the_space(company: Company) -> None:
    company.site.confluence.space_by_key("SOC2").permissions[company.bot.account_id] = frozenset({VIEW})


def the_space_has_no_home(company: Company) -> None:
    company.site.confluence.space_by_key("SOC2").homepage_id = None


def no_webhook(company: Company) -> None:
    company.site.outbox.hooks.clear()


def two_webhooks(company: Company) -> None:
    company.site.outbox.hooks[2] = Hook(2, "jira", "Old one", DOOR, tuple(EVENTS), secret="other", owner_id="-")


BROKEN: tuple[tuple[str, Callable[[Company], None], str], ...] = (
    # the finding's name, how the site or the file is broken, words of what mends it
    ("site-unreachable", the_site_is_down, "the site is up"),
    ("sign-in-failed", the_token_is_revoked, "make a new API token"),
    ("product-closed", jira_lets_nobody_in, "access to the product"),
    ("rate-limit-reached", too_much_was_asked, "wait, then check again"),
    ("rate-limit-near", little_is_left, "what else uses this account"),
    ("clock-skew", the_clocks_disagree, "NTP"),
    ("site-is-another", another_site_answers, "`cloud_id`"),
    ("insecure-address", connects(url="http://acme.atlassian.net"), "https"),
    ("token-expired", connects(token_expires_on=date(2026, 10, 4)), "make a new token"),
    ("token-expires-this-week", connects(token_expires_on=date(2026, 10, 12)), "make a new token now"),
    ("token-expires-soon", connects(token_expires_on=date(2026, 11, 4)), "plan a new token"),
    ("token-expiry-unknown", connects(token_expires_on=None), "set `token_expires_on`"),
    ("account-has-another-role", the_bot_is_the_coordinator, "an account of its own"),
    ("account-is-a-customer", the_bot_is_a_customer, "a service account"),
    ("project-not-visible", the_project_is_archived, "Browse projects"),
    ("project-not-visible", says(project="NONE"), "correct its key"),
    ("project-permission-missing", without("TRANSITION_ISSUES"), "grant Transition issues"),
    ("project-permission-missing", without("CREATE_ISSUES"), "grant Create issues"),
    ("issue-type-missing", says(issue_type="Story"), "as issue_type in the mapping file"),
    ("issue-type-missing", says(escalation_issue_type="Incident"), "as escalation_issue_type"),
    ("sub-task-misplaced", requests_are_sub_tasks, "name another type as issue_type"),
    ("parent-not-found", says(parent="AUD-999"), "correct `parent`"),
    ("flag-field-missing", no_field_flagged, "Jira Software"),
    ("link-type-missing", no_link_types, "link type named Tieout"),
    ("required-field-unfilled", a_field_is_required, "`fields` of route 1 of audit soc2"),
    ("required-field-may-be-empty", the_due_date_is_required, "`[audit.soc2.request_fields]`"),
    ("field-off-create-screen", the_priority_is_off_the_create_screen, "put Priority on the project's create screen"),
    ("field-off-edit-screen", the_assignee_cannot_be_edited, "put Assignee on the project's edit screen"),
    ("constant-off-screen", says(request_fields={"customfield_1": "x"}), "correct its id"),
    ("constant-not-allowed", a_constant_is_of_no_choice, "give one of these"),
    ("status-map-broken", a_state_is_misspelt, "`[status.IT.task]`"),
    ("status-renamed", a_status_was_renamed, 'write "In Progress" there, or "'),
    ("transition-status-unknown", a_status_with_fields_is_gone, "`[status.IT.transition_fields]`"),
    ("status-unreachable", nothing_leads_to_review, "add a transition"),
    ("transition-unreachable", nothing_leads_back_from_review, "add a transition from there"),
    ("transition-field-unfilled", closing_asks_for_a_resolution, '"Done" = { resolution = … }'),
    ("not-asked", the_bot_is_no_administrator, "nothing need be done"),
    ("workflow-not-known", the_bot_is_no_administrator, "a token of their own"),
    ("people-not-searchable", nobody_may_browse_users, "global permissions"),
    ("auditor-not-found", says(auditors=["nobody@northgate.example"]), "`account_id`"),
    ("coordinator-not-found", says(coordinator="marco.rossi@acme.example"), "`account_id`"),
    ("person-not-found", says(sponsor="aiko.tanaka@acme.example"), "`account_id`"),
    ("person-ambiguous", another_shows_her_address, "the right one's `account_id`"),
    ("person-inactive", the_owner_left, "name somebody else"),
    ("account-id-unknown", lambda c: c.people[0].update(account_id="712020:typo"), "correct `account_id`"),
    ("owner-not-assignable", the_owner_cannot_be_assigned, "Assignable user"),
    ("auditor-not-in-space", in_space(), "invite them to the space"),
    ("auditor-cannot-comment", in_space(VIEW), "Add comments"),
    ("guest-in-two-spaces", a_guest_audits_twice, "a full user"),
    ("space-not-visible", says(space="NONE"), "correct its key"),
    ("space-archived", the_space_is_archived, "restore it"),
    ("space-permission-missing", the_bot_may_only_read_the_space, "create pages"),
    ("space-without-home-page", the_space_has_no_home, "space's settings"),
    ("webhook-missing", no_webhook, "register it"),
    ("webhook-elsewhere", hook(url="https://old.example/webhooks/jira"), "correct the webhook's address"),
    ("webhook-disabled", hook(active=False), "enable it"),
    ("webhook-unsigned", hook(secret=None), "set a secret"),
    ("webhook-door-closed", around(has_jira_secret=False), "TIEOUT_JIRA_WEBHOOK_SECRETS"),
    ("webhook-twice", two_webhooks, "delete all but one"),
    ("webhook-events-missing", hook(events=("jira:issue_updated",)), "tick these events"),
    ("webhook-silent", around(delivered_at=None), "whether Jira reaches https://tieout.example"),
    ("public-address-unknown", around(public_url=None), "TIEOUT_PUBLIC_URL"),
)


FOR_ADMINISTRATORS = {"not-asked", "workflow-not-known"}
BESIDE = {
    "not-asked": FOR_ADMINISTRATORS,
    "workflow-not-known": FOR_ADMINISTRATORS,
    "people-not-searchable": FOR_ADMINISTRATORS,
}
"""What comes with another finding by its nature."""


CASES = [
    pytest.param(*row, id=f"{row[0]}-{number}", marks=[pytest.mark.long] if number % 2 else [])
    for number, row in enumerate(BROKEN)
]
"""Every second one everyday, all of them in CI."""
