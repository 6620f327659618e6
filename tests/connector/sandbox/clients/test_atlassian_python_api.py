"""`atlassian-python-api`'s own high-level classes over a socket: `Jira` on Cloud, and what of `ConfluenceV2` is right.

Its `Confluence` for Cloud is left out: with a site's own address nearly all its paths are in no API document.
"""

import io
from typing import Any

import pytest
from atlassian import ConfluenceV2, Jira

from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
from tests.connector.sandbox.clients.conftest import Served

pytestmark = pytest.mark.filterwarnings("ignore:V1 methods are deprecated")
FIELDS = {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}}


@pytest.fixture
def client(served: Served) -> Any:
    return Jira(url=served.url, username=BOT_EMAIL, password=BOT_TOKEN, cloud=True)


def test_an_issues_life(client: Any) -> None:
    key = client.create_issue(fields={**FIELDS, "summary": "Door list", "labels": ["a"]})["key"]
    other = client.issue_create(fields={**FIELDS, "summary": "Badges"})["key"]
    client.update_issue_field(key, {"summary": "Door list of Q3", "duedate": "2026-12-01"})
    client.set_issue_status(key, "In Progress")
    client.issue_add_comment(key, "Under way")
    client.add_attachment_object(key, io.BytesIO(b"who,role\n"))
    client.assign_issue(key, account_id=client.myself()["accountId"])
    client.create_issue_link({"type": {"name": "Blocks"}, "inwardIssue": {"key": key}, "outwardIssue": {"key": other}})
    client.create_or_update_issue_remote_links(key, "https://a.example", "Evidence", global_id="page=1")
    client.create_or_update_issue_remote_links(key, "https://b.example", "Evidence", global_id="page=1")
    client.set_issue_property(key, "tieout", {"record": 1})
    fields = client.issue(key)["fields"]
    assert (fields["summary"], fields["duedate"]) == ("Door list of Q3", "2026-12-01")
    assert client.get_issue_status(key) == "In Progress"
    assert [one["body"] for one in client.issue_get_comments(key)["comments"]] == ["Under way"]
    assert len(client.get_attachments_ids_from_issue(key)) == 1
    assert fields["issuelinks"][0]["outwardIssue"]["key"] == other
    assert [one["object"]["url"] for one in client.get_issue_remote_links(key)] == ["https://b.example"]
    assert client.get_issue_property(key, "tieout")["value"] == {"record": 1}
    assert client.get_issue_changelog(key)["total"] > 3
    client.delete_issue(other)
    assert client.issue_exists(other) in (False, None)


def test_search_with_paging_filters_and_people(client: Any) -> None:
    client.create_issues([{"fields": {**FIELDS, "summary": f"Row {n}"}} for n in range(30)])
    assert len(client.enhanced_jql_get_list_of_tickets("project = SEC")) == 30
    assert client.approximate_issue_count("project = SEC") == {"count": 30}
    assert client.create_filter("Open", "project = SEC", "for Dana")["name"] == "Open"
    assert [one["displayName"] for one in client.user_find_by_user_string(query="priya")] == ["Priya Nair"]


def test_pages_are_read_by_cursor_and_carry_comments_and_properties(served: Served) -> None:
    client: Any = ConfluenceV2(f"{served.url}/wiki", username=BOT_EMAIL, password=BOT_TOKEN, cloud=True)
    space = client.get_space_by_key("SOC2")
    for number in range(5):
        body = {"spaceId": space["id"], "title": f"P{number}", "body": {"representation": "storage", "value": "<p/>"}}
        client.post("api/v2/pages", data=body)
    pages = client.get_pages(space_id=space["id"], limit=2, body_format="storage")
    assert {page["title"] for page in pages} == {"SOC 2 evidence", *(f"P{number}" for number in range(5))}
    page_id = next(page["id"] for page in pages if page["title"] == "P0")
    client.create_global_footer_comment(
        {"pageId": page_id, "body": {"representation": "storage", "value": "<p>accept</p>"}}
    )
    assert len(client.get_page_footer_comments(page_id, body_format="storage")) == 1
    made = client.create_page_property(page_id, "tieout", {"hash": "a"})
    assert [one["id"] for one in client.get_page_properties(page_id)] == [made["id"]]
