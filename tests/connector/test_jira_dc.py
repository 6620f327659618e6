"""Jira Data Center's own traps: clones without a property, keys in change logs, offsets, a 401 about a watcher."""

from datetime import UTC, date, datetime

import pytest
import requests
import responses

from connector.connect import connect_jira
from connector.jira_dc import DcJira
from connector.sandbox.faults import Kind
from connector.sandbox.jira import setup
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
from connector.sandbox.site import Site
from connector.sandbox.visitor import Visitor
from mappings.errors import Refused, SignInFailed, TryLater, Unclear
from mappings.far import IssueEdit
from mappings.rules import Auth, Connection, Flavour
from mappings.text import Mention, Paragraph, Text, paragraphs

from .conftest import Watched
from .data_center import JIRA, dana, dc_session
from .jira_contract import created, draft, one, status_id, view

__all__ = ["dana", "dc_session"]
CONNECTION = Connection(url=JIRA, flavour=Flavour.DC, auth=Auth.PAT)
ISSUE = f"{JIRA}/rest/api/2/issue/10001"
ME = {"name": "tieout", "key": "JIRAUSER00031", "displayName": "Tieout"}


def connected(session: requests.Session | None = None, token: str = BOT_TOKEN) -> DcJira:
    jira = connect_jira(CONNECTION, token, session=session, habits=Watched().habits)
    assert isinstance(jira, DcJira)
    return jira


@pytest.fixture
def jira(dc_session: requests.Session) -> DcJira:
    return connected(dc_session)


def test_a_clone_is_told_from_the_issue_that_we_made_though_the_index_lags(
    jira: DcJira, site: Site, dana: Visitor
) -> None:
    number = jira.highest_number("SEC")
    mine = one(jira)
    dana.create_issue(
        project={"key": "SEC"}, issuetype={"name": "Task"}, summary="CLONE", labels=sorted(view(jira, mine.id).labels)
    )
    assert jira.find_created("SEC", [mine.marker], number) == {mine.marker: (mine.id,)}
    assert jira.find_created("SEC", [mine.marker], 10_000) == {mine.marker: (mine.id,)}
    site.faults.index_lag_s = 3600
    late = one(jira, draft(2))
    assert jira.find_created("SEC", [late.marker], number) == {late.marker: (late.id,)}


def test_an_escalations_issue_that_carries_its_records_label_is_not_taken_for_the_records(jira: DcJira) -> None:
    record = draft(7)
    mine = one(jira, record)
    escalation = one(jira, draft(1, labels=frozenset({"tieout", record.marker})))
    assert (view(jira, mine.id).made_for, view(jira, escalation.id).made_for) == (f"{7:032x}", f"{1:032x}")
    found = jira.find_created("SEC", [record.marker, escalation.marker], 0)
    assert found == {record.marker: (mine.id,), escalation.marker: (escalation.id,)}
    jira.let_go(escalation.id, {"tieout", escalation.marker, record.marker})
    assert (view(jira, escalation.id).made_for, view(jira, escalation.id).labels) == ("", frozenset())


@pytest.mark.parametrize("fault", ["status_after", "drop_after", "timeout_after"])
def test_a_lost_answer_to_a_create_is_unclear_and_the_issues_are_found(jira: DcJira, site: Site, fault: Kind) -> None:
    site.faults.add(fault, "POST", "/issue/bulk$", status=503)
    drafts = [draft(1), draft(2)]
    with pytest.raises(Unclear):
        jira.create(drafts)
    found = jira.find_created("SEC", [part.marker for part in drafts], 0)
    assert sorted(found) == [part.marker for part in drafts]
    assert len(site.jira.issues) == 2


def test_an_issue_whose_number_follows_a_gap_is_found(jira: DcJira, session: requests.Session, site: Site) -> None:
    site.faults.index_lag_s = 3600
    gone, kept = one(jira, draft(1)), one(jira, draft(2))
    Visitor(site.base_url, BOT_EMAIL, BOT_TOKEN, session).call("DELETE", f"/rest/api/3/issue/{gone.key}")
    assert jira.find_created("SEC", [gone.marker, kept.marker], 0) == {kept.marker: (kept.id,)}


def test_a_change_log_names_people_as_everything_else_does(jira: DcJira, dana: Visitor) -> None:
    made = one(jira, draft(1, assignee="priya.nair"))
    jira.edit(made.id, IssueEdit({"assignee": "ravi.patel"}))
    jira.edit(made.id, IssueEdit({"assignee": None}))
    lines = [(line.before, line.after) for line in view(jira, made.id).changes if line.field == "assignee"]
    assert lines == [("ravi.patel", None), ("priya.nair", "ravi.patel")]
    assert jira.change_logs([made.id])[made.id] == view(jira, made.id).changes


def test_what_is_written_in_a_comment_cannot_become_markup(jira: DcJira) -> None:
    made = one(jira)
    runs = (Mention("dana.kim", "Dana Kim"), Text(" {color:red}*look*{color} [~ravi.patel] at C:\\new"))
    jira.comment(made.id, (Paragraph(runs),), "ref 0123456789ab")
    (raw,) = jira.wire.get(f"/rest/api/2/issue/{made.key}/comment")["comments"]
    escaped = r"[~dana.kim] \{color:red\}\*look\*\{color\} \[\~ravi.patel\] at C:&#92;new"
    assert raw["body"] == f"{escaped}\n\nref 0123456789ab"
    (comment,) = view(jira, made.id).comments
    assert comment.text == "@dana.kim {color:red}*look*{color} [~ravi.patel] at C:\\new\n\nref 0123456789ab"


def test_an_owner_who_is_not_known_is_refused_by_field(jira: DcJira) -> None:
    made = one(jira)
    with pytest.raises(Refused) as caught:
        jira.edit(made.id, IssueEdit({"assignee": "nobody.here"}))
    assert "assignee" in caught.value.fields


def test_a_token_that_is_no_longer_good_is_a_failed_sign_in(dc_session: requests.Session) -> None:
    stranger = connected(dc_session, "expired")
    for call in (
        stranger.whoami,
        lambda: stranger.fetch(["10000"]),
        lambda: stranger.edit("1", IssueEdit({}, frozenset({"x"}))),
    ):
        with pytest.raises(SignInFailed):
            call()


def test_permissions_are_told_by_name_and_those_unknown_to_the_site_are_missing(jira: DcJira) -> None:
    assert jira.missing_permissions("SEC", ["BROWSE_PROJECTS", "FLY"]) == ("FLY",)


@responses.activate
def test_a_watcher_that_may_not_be_added_is_no_failed_sign_in() -> None:
    responses.post(f"{ISSUE}/watchers", status=401, json={"errorMessages": ["You may not add watchers."]})
    responses.get(f"{JIRA}/rest/api/2/myself", json=ME)
    with pytest.raises(Refused, match="may not add watchers"):
        connected().watch("10001", "ravi.patel")


@responses.activate
def test_a_step_that_the_workflow_lost_is_unclear_once_and_then_looked_for_anew() -> None:
    there = {"status": {"id": "1", "name": "To Do"}, "project": {"key": "SEC"}, "issuetype": {"name": "Task"}}
    responses.get(ISSUE, json={"id": "10001", "key": "SEC-1", "fields": there})
    offers = [
        {"transitions": [{"id": number, "name": "Start", "to": {"id": "3", "name": "In Progress"}}]}
        for number in ("11", "12")
    ]
    for offered in offers:
        responses.get(f"{ISSUE}/transitions", json=offered)
    responses.post(f"{ISSUE}/transitions", status=500, json={"errorMessages": ["Action 11 is invalid"]})
    responses.post(f"{ISSUE}/transitions", status=204)
    jira = connected()
    with pytest.raises(Unclear):
        jira.move("10001", "3", fields={})
    jira.move("10001", "3", fields={})
    sent = [call.request.body for call in responses.calls if call.request.method == "POST"]
    assert [b'"12"' in (body or b"") for body in sent] == [False, True]


def _page(total: int, *ids: int) -> dict[str, object]:
    updated = {"updated": "2026-10-05T09:00:00.000+0000"}
    return {
        "total": total,
        "issues": [{"id": str(number), "key": f"SEC-{number}", "fields": updated} for number in ids],
    }


@pytest.mark.parametrize("is_quiet_then", [True, False])
@responses.activate
def test_a_search_begins_anew_when_something_drops_out_while_it_is_read(is_quiet_then: bool) -> None:
    pages = [_page(4, 1, 2), _page(3, 4)]
    rest = [_page(3, 2, 3), _page(3, 4)] if is_quiet_then else pages * 2
    for page in [*pages, *rest]:
        responses.get(f"{JIRA}/rest/api/2/search", json=page)
    since = datetime(2026, 1, 1, tzinfo=UTC)
    if is_quiet_then:
        assert set(connected().changed_since(since, ["SEC"]).ids) == {"2", "3", "4"}
    else:
        with pytest.raises(TryLater):
            connected().changed_since(since, ["SEC"])


def test_where_the_create_screen_takes_no_links_an_issue_is_linked_once_it_is_there(jira: DcJira, site: Site) -> None:
    request = one(jira)
    (it,) = (each for each in site.jira.projects.values() if each.key == "IT")
    setup.hide_field(it, "issuelinks")
    drafts = [draft(number, project=key, link_to=request.key) for number, key in ((2, "IT"), (3, "SEC"), (4, "IT"))]
    answers = jira.create(drafts)
    assert [answer.marker for answer in answers] == [part.marker for part in drafts]
    assert {view(jira, answer.id).parent for answer in created(answers)} == {request.id}


def test_everyday_work_costs_one_read_an_issue_and_one_write_a_change(dc_session: requests.Session) -> None:
    watched = Watched()
    jira = connect_jira(CONNECTION, BOT_TOKEN, session=dc_session, habits=watched.habits)
    made = one(jira, draft(1, due_on=date(2026, 12, 1)))
    jira.catalog(["SEC"])
    view(jira, made.id)
    wanted = status_id(jira, "In Progress")
    jira.move(made.id, wanted, fields={})
    watched.calls.clear()
    view(jira, made.id)
    jira.edit(made.id, IssueEdit({"description": paragraphs("New.")}))
    jira.move(made.id, status_id(jira, "In Review"), fields={})
    assert [method for method, path, _ in watched.calls if "/issue/" in path] == ["GET", "PUT", "GET", "POST"]
