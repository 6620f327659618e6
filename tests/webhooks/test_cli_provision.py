"""`tieout provision` on a site: shown first, done once, looked after, and taken away again exactly."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from connector.sandbox.app import create_app
from connector.sandbox.jira.records import Gadget
from connector.sandbox.pages import PAGES
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
from connector.sandbox.visitor import Visitor
from sync.overview import Overviews
from sync.store import Store
from sync.sweep import Sweeps
from sync.tables import first_plan
from tests.connector.sandbox.pages.surfer import Surfer
from webhooks.provisioning import drift

from .installation import RULES
from .provisioned_company import GADGETS, LIST, PROVISION, Company


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """For tests that only ask."""
    return Company(tmp_path_factory.mktemp("asked"))


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """Provisioned, for tests that only look."""
    company = Company(tmp_path_factory.mktemp("shown"))
    assert company.provision("--yes").exit_code == 0
    return company


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """Without a list, which is all that most need."""
    return Company(tmp_path, has_list=False)


@pytest.fixture
def provisioned(company: Company) -> Company:
    assert company.provision("--yes").exit_code == 0
    return company


def test_a_dry_run_shows_everything_with_its_cost_and_writes_nothing(asked: Company) -> None:
    before = asked.writes()
    told = asked.provision("--dry-run")
    assert told.exit_code == 0, told.output
    for title in (*GADGETS, "SOC 2: overdue (soc2)", "CC6.1 Logical access protected (soc2)", "Audit criteria"):
        assert f"  {title} " in told.output
    assert "calls would be made; nothing was written." in told.output
    assert (asked.writes(), asked.made()) == (before, set())


def test_a_no_to_the_plan_writes_nothing(asked: Company) -> None:
    before = asked.writes()
    refused = asked.provision(answer="n\n")
    assert (refused.exit_code, "Do this, in " in refused.output) == (1, True)
    assert asked.writes() == before


@pytest.mark.long
def test_the_dry_runs_count_of_calls_is_what_it_takes(company: Company) -> None:
    told = json.loads(company.provision("--dry-run", "--format", "json").stdout)
    before = company.writes()
    company.provision("--yes")
    assert company.writes() - before == told["calls"]


def test_all_of_it_is_there_configured_and_shared_with_the_coordinators_group_alone(shown: Company) -> None:
    dashboard = shown.dashboard()
    assert {gadget.title for gadget in dashboard.gadgets} == GADGETS
    assert [(share.kind, share.holder) for share in dashboard.shares] == [("group", "coordinators")]
    assert all(one.shares[0].holder == "coordinators" for one in shown.site.jira.filters.values())
    criteria = next(one for one in shown.site.jira.fields.values() if one.name == "Audit criteria")
    assert shown.gadget("Requests by criterion").properties["config"]["statType"] == criteria.field_id
    assert shown.gadget("Overdue").properties["config"]["filterId"] == shown.filter("overdue").filter_id
    assert all(set(map(type, g.properties["config"].values())) == {str} for g in dashboard.gadgets)
    aud = shown.site.jira.project("AUD")
    assert aud is not None
    assert criteria.field_id in aud.create_screen
    (board,) = shown.site.jira.boards.values()
    assert board.filter_id == shown.filter("everything").filter_id
    (hook,) = shown.site.outbox.hooks.values()
    assert (hook.url, hook.secret) == ("https://tieout.acme.example/webhooks/jira", "a-secret-of-some-length")
    assert 'project in ("AUD")' in hook.jql


def test_the_filters_find_what_they_are_named_for(shown: Company) -> None:
    dana = shown.person()
    found = {name: dana.find_issues(shown.filter(name).jql) for name in ("overdue", "requests")}
    assert [issue["fields"]["summary"] for issue in found["overdue"]] == ["1/1 Access list"]
    assert len(found["requests"]) == 2


def test_the_home_page_says_how_far_each_criterion_is_and_leads_to_its_page(shown: Company) -> None:
    pages = {page.title: page for page in shown.site.confluence.pages.values()}
    home, index = pages["SOC 2 (soc2)"], pages["CC6.1 Logical access protected (soc2)"]
    assert index.parent_id == home.content_id
    assert 'ri:content-title="CC5.3 Policies put into practice (soc2)"' in home.body
    assert home.body.index("tieout-home-readiness") < home.body.index("tieout-home-requests")
    assert 'ri:content-title="1 Access list (soc2)"' in index.body


@pytest.mark.long
def test_issues_that_are_made_or_written_later_say_in_our_fields_what_they_say_otherwise(company: Company) -> None:
    company.provision("--yes")
    before = company.writes()
    company.take_in_the_list()
    made_here = company.writes() - before
    without_fields = Company(company.rules.parent / "plain").writes()
    assert made_here == without_fields - 1  # the home page was there
    fields = {one.name: one.field_id for one in company.site.jira.fields.values()}
    task = next(one for one in company.site.jira.issues.values() if one.values["summary"] == "2 Policies")
    said = {name: task.values.get(fields[name]) for name in ("Audit", "Audit request", "Audit criteria")}
    assert said == {"Audit": "soc2", "Audit request": "2", "Audit criteria": ("CC5.3", "CC6.1")}
    assert task.values[fields["Auditor's due date"]] == "2099-12-15"
    newer = company.rules.parent / "list.csv"
    newer.write_text(LIST.replace("2099-12-15", "2099-12-10"))
    company.take_in_the_list()
    assert task.values[fields["Auditor's due date"]] == "2099-12-10"
    written = company.writes()
    company.run("sync")
    assert company.writes() == written


@pytest.mark.long
def test_issues_that_are_older_than_our_fields_are_filled_by_one_edit_each(company: Company) -> None:
    company.take_in_the_list()
    company.provision("--yes")
    before, issues = company.writes(), company.site.jira.issues.values()
    company.run("sync")
    assert company.writes() == before + len(issues)
    audit = next(one.field_id for one in company.site.jira.fields.values() if one.name == "Audit")
    assert {one.values.get(audit) for one in issues} == {"soc2"}
    company.run("sync")
    assert company.writes() == before + len(issues)


def test_the_coordinator_sees_the_dashboard_drawn_from_its_filters_and_nobody_else_does(shown: Company) -> None:
    pages, path = create_app(shown.site, [PAGES]), f"/jira/dashboards/{shown.dashboard().dashboard_id}"
    seen = Surfer(pages).post("/people/sign-in", account=shown.dana.account_id, next=path).page.text
    assert all(title in seen for title in GADGETS)
    assert "1/1 Access list" in seen
    assert "This gadget" not in seen  # it is not set up, or counts by what is not there
    priya = shown.site.account_by_email("priya.nair@acme.example")
    assert priya is not None
    away = Surfer(pages).post("/people/sign-in", account=priya.account_id, next=path)
    assert (away.status, "Overdue" in away.page.text) == (404, False)


def test_a_second_run_has_nothing_to_do(shown: Company) -> None:
    before = shown.writes()
    again = shown.provision()
    assert (again.exit_code, "There is nothing to do." in again.output) == (0, True)
    assert shown.writes() == before
    assert drift(shown.wiring()) == []


@pytest.mark.parametrize(
    "path",
    [
        "/dashboard$",
        *(
            pytest.param(path, marks=pytest.mark.long)
            for path in ("/filter$", "/gadget$", "PUT /properties/config$", "/field$", "/tabs/.*/fields$", "/board$",
                         "/webhooks/1.0/webhook$", "/wiki/api/v2/pages$")
        ),
    ],
)  # fmt: skip
def test_an_answer_that_was_lost_makes_nothing_twice(company: Company, path: str) -> None:
    method, _, where = path.rpartition(" ")
    company.site.faults.add("drop_after", method or "POST", where)
    first = company.provision("--yes")
    assert (first.exit_code, "nobody knows whether it was done" in first.output) == (1, True)
    company.clock.advance(61)
    second = company.provision("--yes")
    assert second.exit_code == 0, second.output
    set_up = company.set_up()
    for kind in ("filters", "dashboards", "boards", "fields", "hooks"):
        assert len(set_up[kind]) == len(set(set_up[kind]))
    assert sorted(gadget.title for gadget in company.dashboard().gadgets) == sorted(GADGETS)
    assert "There is nothing to do." in company.provision().output


@pytest.mark.long
def test_a_late_try_is_waited_for(company: Company) -> None:
    company.site.faults.add("late", "POST", "/dashboard$", delay_s=30)
    company.provision("--yes")
    soon = company.provision("--yes")
    assert (soon.exit_code, "may still take effect: run this again in" in soon.output) == (1, True)
    company.clock.advance(61)
    assert company.provision("--yes").exit_code == 0
    assert len(company.site.jira.dashboards) == 1


def test_what_a_person_changed_is_shown_and_stays_unless_forced(provisioned: Company) -> None:
    overdue = provisioned.filter("overdue")
    overdue.jql = "project = AUD"
    overdue.name += " and mine"
    left = provisioned.provision()
    assert "somebody changed name, the query: left as it is" in left.output
    assert (overdue.jql, "There is nothing to do." in left.output) == ("project = AUD", True)
    (finding,) = drift(provisioned.wiring())
    assert ("overdue" in finding.what, finding.is_error) == (True, False)
    assert "[provisioned-altered]" in provisioned.run("check").output
    assert provisioned.provision("--verify").exit_code == 1
    assert provisioned.provision("--force", "--yes").exit_code == 0
    assert "duedate < startOfDay()" in overdue.jql
    assert drift(provisioned.wiring()) == []


@pytest.mark.long
def test_a_new_wish_of_ours_leaves_what_a_person_changed(provisioned: Company) -> None:
    overdue = provisioned.filter("overdue")
    overdue.jql = "project = AUD"
    provisioned.rules.write_text((RULES + PROVISION).replace('name = "SOC 2"', 'name = "SOC 2 again"'))
    for _ in range(2):
        provisioned.provision("--yes")
        assert (overdue.name, overdue.jql) == ("SOC 2 again: overdue (soc2)", "project = AUD")


@pytest.mark.long
def test_what_a_person_took_away_is_not_made_again_unless_forced(provisioned: Company) -> None:
    del provisioned.site.jira.dashboards[provisioned.dashboard().dashboard_id]
    told = provisioned.provision("--yes")
    assert "somebody took it away (--force makes it again)" in told.output
    assert provisioned.site.jira.dashboards == {}
    assert provisioned.provision("--force", "--yes").exit_code == 0
    assert {gadget.title for gadget in provisioned.dashboard().gadgets} == GADGETS


@pytest.mark.long
def test_a_persons_filter_of_the_same_name_is_left_alone_and_said_so(company: Company) -> None:
    dana = company.person()
    body = {"name": "SOC 2: overdue (soc2)", "jql": "project = SEC", "sharePermissions": [{"type": "authenticated"}]}
    theirs = dana.call("POST", "/rest/api/3/filter", json=body)["id"]
    shown = company.provision("--yes").output
    assert "one of this name is somebody else's and is left alone" in shown
    assert company.site.jira.filters[theirs].jql == "project = SEC"
    company.provision("--remove", "--yes")
    assert list(company.site.jira.filters) == [theirs]


@pytest.mark.long
def test_a_field_that_is_there_already_is_not_taken_and_gadgets_count_by_labels(company: Company) -> None:
    bot = Visitor(company.site.base_url, BOT_EMAIL, BOT_TOKEN, company.session())
    kind = "com.atlassian.jira.plugin.system.customfieldtypes:labels"
    bot.call("POST", "/rest/api/3/field", json={"name": "Audit criteria", "type": kind})
    assert "there is a field of this name that Tieout did not make" in company.provision("--yes").output
    assert company.gadget("Requests by criterion").properties["config"]["statType"] == "labels"
    assert [one.name for one in company.site.jira.fields.values()].count("Audit criteria") == 1


@pytest.mark.long
def test_a_webhook_to_this_address_that_somebody_made_will_do(company: Company) -> None:
    bot = Visitor(company.site.base_url, BOT_EMAIL, BOT_TOKEN, company.session())
    body = {"name": "Mine", "url": "https://tieout.acme.example/webhooks/jira", "events": ["jira:issue_updated"]}
    bot.call("POST", "/rest/webhooks/1.0/webhook", json=body)
    assert "that Tieout did not make: it will do" in company.provision("--yes").output
    assert [hook.name for hook in company.site.outbox.hooks.values()] == ["Mine"]


def test_removing_leaves_the_site_as_it_was(tmp_path: Path) -> None:
    company = Company(tmp_path)
    before = copy.deepcopy(company.set_up())
    company.provision("--yes")
    assert company.set_up() != before
    gone = company.provision("--remove", "--yes")
    assert gone.exit_code == 0, gone.output
    assert company.set_up() == before
    assert company.made() == set()
    assert "There is nothing to do." in company.provision("--remove").output


@pytest.mark.long
def test_removing_leaves_what_a_person_changed_or_uses(tmp_path: Path) -> None:
    provisioned = Company(tmp_path)
    provisioned.provision("--yes")
    provisioned.filter("returned").jql = "project = AUD"
    index = provisioned.edit("CC6.1 Logical access protected (soc2)", "<p>Ask Priya.</p>")
    dana_gadget = Gadget(1, "Mine", "blue", 9, 0, uri=provisioned.gadget("Overdue").uri)
    provisioned.dashboard().gadgets.append(dana_gadget)
    told = provisioned.provision("--remove", "--yes").output
    assert "somebody changed the query: left" in told
    assert "somebody changed what people wrote on it: left" in told
    assert "1 of other people stand on it: left" in told
    assert [gadget.title for gadget in provisioned.dashboard().gadgets] == ["Mine"]
    assert [one.name for one in provisioned.site.jira.filters.values()] == ["SOC 2: returned (soc2)"]
    assert index.status == "current"
    provisioned.provision("--remove", "--force", "--yes")
    assert provisioned.made() == set()
    assert provisioned.site.jira.dashboards == {}


@pytest.mark.long
def test_what_no_api_does_is_told_step_by_step_and_checked(company: Company) -> None:
    company.rules.write_text((RULES + PROVISION).replace('"SEC"', '"PEOPLE"'))
    told = company.provision("--yes").output
    assert "for a person: the fields in PEOPLE" in told
    assert "Under Fields choose 'Audit request' and drag it" in told
    assert "for a person: Confluence's automation rules" in told
    assert "POST to https://tieout.acme.example/webhooks/confluence," in told
    assert company.provision("--verify").exit_code == 1
    people = company.site.jira.project("PEOPLE")
    assert people is not None
    people.create_screen |= {one.field_id: False for one in company.site.jira.fields.values() if "udit" in one.name}
    assert "done by a person: the fields in PEOPLE" in company.provision().output
    with company.database.write() as conn:
        Store(conn).deliveries.add("confluence", "1", "1", b"{}", company.clock.now())
    checked = company.provision("--verify")
    assert (checked.exit_code, "All is as it should be." in checked.output) == (0, True)


@pytest.mark.long
def test_an_account_without_administration_gets_what_it_may_and_the_rest_is_told(company: Company) -> None:
    bot = company.site.account_by_email(BOT_EMAIL)
    assert bot is not None
    bot.is_admin = False
    bot.groups.add("coordinators")
    told = company.provision("--yes")
    assert told.exit_code == 0, told.output
    assert "for a person: custom fields: Tieout's account is no Jira administrator" in told.output
    assert "for a person: Jira's webhook" in told.output
    assert company.gadget("Requests by criterion").properties["config"]["statType"] == "labels"
    assert company.site.outbox.hooks == {}


@pytest.mark.long
def test_a_site_without_jira_software_gets_everything_but_the_board(company: Company) -> None:
    for method in ("GET", "POST"):
        company.site.faults.add("status", method, "/rest/agile/", status=404, times=9)
    told = company.provision("--yes")
    assert (told.exit_code, "board SOC 2 (soc2): not done:" in told.output) == (1, True)
    assert len(company.dashboard().gadgets) == len(GADGETS)
    company.rules.write_text(f"{RULES}{PROVISION}board = false\n")
    assert company.provision("--verify").exit_code == 1  # Confluence's rules are a person's to make
    assert "There is nothing to do." in company.provision().output


@pytest.mark.long
def test_a_group_that_is_not_there_shows_nothing_to_anybody(company: Company) -> None:
    company.dana.groups.discard("coordinators")
    told = company.provision("--yes").output
    assert "for a person: the group coordinators" in told
    assert (company.site.jira.filters, company.site.jira.dashboards) == ({}, {})


def test_every_hour_the_pages_say_how_far_the_audit_is_and_an_hour_without_news_takes_one_call(tmp_path: Path) -> None:
    company = Company(tmp_path)
    company.provision("--yes")
    overviews = Overviews(company.database, company.wiring().new_sites())
    assert overviews.refresh() == 0
    company.run("request", "withdraw", "1", "--reason", "not needed", "--yes")
    assert overviews.refresh() == 2  # home page, and the page of CC6.1
    index = company.page("CC6.1 Logical access protected (soc2)")
    assert (">1 Access list<" in index.body, ">2 Policies<" in index.body) == (False, True)
    before = len(company.site.calls)
    assert overviews.refresh() == 0
    assert len(company.site.calls) == before + 1
    company.run("request", "due", "2", "2099-11-01")
    with company.database.write() as conn:
        conn.execute(first_plan.delete())
    assert overviews.refresh() == 0, "nobody was shown the audit's first plan"
    assert len(company.site.calls) == before + 1


@pytest.mark.long
def test_the_nightly_look_and_provision_write_the_same_home_page(company: Company) -> None:
    clara = company.site.account_by_email("clara.weiss@northgate.example")
    assert clara is not None
    person = f'name = "Clara Weiss"\nemail = "{clara.email}"\naccount_id = "{clara.account_id}"\n'
    company.rules.write_text(f"{RULES}{PROVISION}\n[[people]]\n{person}")
    assert company.provision("--yes").exit_code == company.run("plan").exit_code == 0
    before = company.writes()
    Sweeps(company.database, company.wiring().new_sites()).everything()
    assert company.writes() == before


@pytest.mark.long
def test_the_pages_follow_the_register_where_people_left_them(tmp_path: Path) -> None:
    provisioned = Company(tmp_path)
    provisioned.provision("--yes")
    provisioned.run("request", "withdraw", "1", "--reason", "not needed", "--yes")
    home = provisioned.edit("SOC 2 (soc2)", "<p>Kick-off on Monday.</p>")
    assert "its tables say something older" in provisioned.provision("--dry-run").output
    assert provisioned.provision("--yes").exit_code == 0
    assert "<p>Kick-off on Monday.</p>" in home.body
    assert provisioned.provision("--remove", "--yes").exit_code == 0
    assert ("<p>Kick-off on Monday.</p>" in home.body, "tieout-home-readiness" in home.body) == (True, False)
