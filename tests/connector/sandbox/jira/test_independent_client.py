"""A client by somebody else, `atlassian-python-api`, goes through a day's work unchanged."""

import pytest
import requests
from atlassian.jira import JiraCloud

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import SandboxApp
from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import doc


@pytest.fixture
def client(site: Site, app: SandboxApp) -> JiraCloud:
    session = requests.Session()
    session.mount(site.base_url, SandboxAdapter(app))
    return JiraCloud(url=site.base_url, username=BOT_EMAIL, password=BOT_TOKEN, session=session)


def test_a_days_work(site: Site, client: JiraCloud) -> None:
    fields = {"project": {"key": "AUD"}, "issuetype": {"name": "Audit Request"}, "summary": "Access list"}
    key = client.create_issue(data={"fields": {**fields, "labels": ["tieout"]}})["key"]
    client.edit_issue(key, data={"fields": {"duedate": "2026-12-01"}})
    moves = client.get_transitions(key)["transitions"]
    client.do_transition(key, data={"transition": {"id": next(m["id"] for m in moves if m["name"] == "In Review")}})
    client.add_comment(key, data={"body": doc("Please look")})
    client.set_issue_property(key, "tieout", data={"record": 1})
    client.create_or_update_remote_issue_link(
        key, data={"globalId": "page=1", "object": {"url": "https://acme.atlassian.net/wiki/1", "title": "Evidence"}}
    )
    found = client.search_and_reconsile_issues_using_jql_post(
        data={"jql": "labels = tieout", "fields": ["status", "duedate"]}
    )
    assert [issue["key"] for issue in found["issues"]] == [key]
    assert found["issues"][0]["fields"]["status"]["name"] == "In Review"
    assert client.get_issue_property(key, "tieout")["value"] == {"record": 1}
    assert client.get_comments(key)["total"] == 1
    assert client.bulk_fetch_issues(data={"issueIdsOrKeys": [key], "fields": ["duedate"]})["issues"][0]["fields"] == {
        "duedate": "2026-12-01"
    }
    assert len(client.get_bulk_changelogs(data={"issueIdsOrKeys": [key]})["issueChangeLogs"][0]["changeHistories"]) == 3


def test_files(site: Site, client: JiraCloud) -> None:
    key = client.create_issue(
        data={"fields": {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "summary": "Door list"}}
    )["key"]
    client.add_attachment(key, files={"file": ("doors.csv", b"a,b")}, headers={"X-Atlassian-Token": "no-check"})
    (attachment,) = site.jira.attachments.values()
    assert (attachment.filename, attachment.size) == ("doors.csv", 3)


def test_filters_and_dashboards(client: JiraCloud) -> None:
    made = client.create_filter(data={"name": "Open", "jql": "project = AUD and statusCategory != Done"})
    client.add_share_permission(made["id"], data={"type": "authenticated"})
    board = client.create_dashboard(data={"name": "Audit", "sharePermissions": [], "editPermissions": []})
    uri = next(
        g["uri"] for g in client.get_all_available_dashboard_gadgets()["gadgets"] if g["title"] == "Filter Results"
    )
    gadget = client.add_gadget(board["id"], data={"uri": uri})
    client.set_dashboard_item_property(board["id"], gadget["id"], "config", data={"filterId": made["id"]})
    assert client.get_dashboard_item_property(board["id"], gadget["id"], "config")["value"] == {"filterId": made["id"]}
