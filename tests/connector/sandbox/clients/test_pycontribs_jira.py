"""`jira` (pycontribs) goes through a day's work unchanged. It speaks v2: text is plain there."""

import io
from typing import Any

import pytest

from connector.sandbox.seed import BOT_EMAIL, BOT_TOKEN
from tests.connector.sandbox.clients.conftest import Served

jira = pytest.importorskip("jira", reason="the package jira is not installed: pip install -e '.[clients]'")


@pytest.fixture
def client(served: Served) -> Any:
    return jira.JIRA(server=served.url, basic_auth=(BOT_EMAIL, BOT_TOKEN))


@pytest.fixture
def issue(client: Any) -> Any:
    return client.create_issue(project="SEC", issuetype="Task", summary="Door list", labels=["a"], duedate="2026-12-01")


def test_it_takes_the_site_for_jira_cloud_and_knows_what_is_there(client: Any) -> None:
    assert client._is_cloud
    assert client.myself()["displayName"] == "Tieout"
    assert {project.key for project in client.projects()} == {"AUD", "IT", "LEGAL", "PEOPLE", "PLAT", "SEC"}
    project = client.project("SEC")
    assert "Task" in {kind.name for kind in project.issueTypes}
    assert (client.project_components(project), client.project_versions(project)) == ([], [])
    assert next(priority.name for priority in client.priorities()) == "Highest"
    assert {"summary", "duedate"} <= {field["id"] for field in client.fields()}
    assert client.my_permissions(projectKey="SEC", permissions=["EDIT_ISSUES"])["permissions"]["EDIT_ISSUES"]


def test_an_issue_is_made_edited_assigned_and_moved(client: Any, issue: Any) -> None:
    issue.update(summary="Door list of Q3", fields={"labels": ["a", "b"]}, priority={"name": "High"})
    issue.add_field_value("labels", "c")
    issue.update(update={"labels": [{"remove": "a"}]})
    client.assign_issue(issue, "Priya Nair")
    client.transition_issue(issue, "In Progress", comment="Under way")
    seen = client.issue(issue.key, expand="changelog")
    assert (seen.fields.summary, seen.fields.labels, seen.fields.priority.name) == (
        "Door list of Q3",
        ["b", "c"],
        "High",
    )
    assert (seen.fields.assignee.displayName, seen.fields.status.name) == ("Priya Nair", "In Progress")
    assert seen.changelog.histories[0].items[0].field == "status"
    with pytest.raises(jira.JIRAError, match="contains spaces"):
        issue.update(fields={"labels": ["no spaces"]})


def test_it_comments_attaches_watches_and_keeps_properties(client: Any, issue: Any) -> None:
    comment = client.add_comment(issue, "First words")
    comment.update(body="Better words")
    client.add_comment(issue, "For few", visibility={"type": "role", "value": "Administrators"})
    assert [one.body for one in client.comments(issue)] == ["Better words", "For few"]
    comment.delete()
    attachment = client.add_attachment(issue=issue, attachment=io.BytesIO(b"who,role\n"), filename="doors.csv")
    assert client.attachment(attachment.id).get() == b"who,role\n"
    client.delete_attachment(attachment.id)
    client.add_watcher(issue, "Priya Nair")
    assert {one.displayName for one in client.watchers(issue).watchers} == {"Tieout", "Priya Nair"}
    client.add_issue_property(issue, "tieout", {"record": 1})
    assert client.issue_property(issue, "tieout").value.record == 1


def test_issues_are_linked_to_each_other_and_to_pages(client: Any, issue: Any) -> None:
    other = client.create_issue(project="IT", issuetype="Task", summary="Badges")
    client.create_issue_link("Blocks", issue.key, other.key)
    (link,) = client.issue(issue.key).fields.issuelinks
    assert (link.type.outward, link.outwardIssue.key) == ("blocks", other.key)
    client.delete_issue_link(link.id)
    client.add_simple_link(issue, {"url": "https://a.example/page", "title": "Evidence"})
    assert [one.object.title for one in client.remote_links(issue)] == ["Evidence"]


def test_many_are_made_at_once_and_found_page_by_page(client: Any) -> None:
    wanted = [{"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "summary": f"Row {n}"} for n in range(50)]
    wanted[7]["issuetype"] = {"name": "Nothing"}
    made = client.create_issues(wanted)
    assert [one["status"] for one in made].count("Success") == 49
    everything = client.enhanced_search_issues("project = SEC order by key", maxResults=0, fields="summary")
    assert len(everything) == client.approximate_issue_count("project = SEC") == 49
    with pytest.raises(jira.JIRAError, match="does not exist"):
        client.enhanced_search_issues("nonsense = 1")
    issue = everything[0]
    issue.delete()
    with pytest.raises(jira.JIRAError, match="does not exist"):
        client.issue(issue.key)


def test_filters_and_a_dashboard_with_its_gadget(client: Any) -> None:
    saved = client.create_filter(name="Open", jql="project = SEC", favourite=True)
    client.update_filter(saved.id, name="Still open", jql="project = SEC and resolution is empty")
    assert client.filter(saved.id).name == "Still open"
    assert [one.name for one in client.favourite_filters()] == ["Still open"]
    board = client.create_dashboard(name="Audit", description="For Dana")
    uri = client.all_dashboard_gadgets()[0].uri
    gadget = client.add_gadget_to_dashboard(board.id, uri=uri, color="blue", position={"row": 0, "column": 0})
    config = {"filterId": saved.id, "isConfigured": "true"}
    client.set_dashboard_item_property(board.id, gadget.id, "config", config)
    assert client.dashboard_item_property(board.id, gadget.id, "config").raw["value"] == config
    assert [one.id for one in client.dashboard_gadgets(board.id)] == [gadget.id]
    board.delete()


def test_a_board_and_its_sprint(client: Any, issue: Any) -> None:
    saved = client.create_filter(name="Open", jql="project = SEC")
    board = client.create_board("Audit", saved.id, location_type="project", location_id="SEC")
    assert [one.name for one in client.boards(type="scrum", projectKeyOrID="SEC")] == ["Audit"]
    week = ("2026-10-05T09:00:00.000+0000", "2026-10-12T09:00:00.000+0000")
    sprint = client.create_sprint("Week 1", board.id, *week)
    client.add_issues_to_sprint(sprint.id, [issue.key])
    client.update_sprint(sprint.id, "Week 1", *week, state="active")
    assert [(one.name, one.state) for one in client.sprints(board.id)] == [("Week 1", "active")]
    assert client.search_issues("sprint in openSprints()")[0].key == issue.key
    client.move_to_backlog([issue.key])
    assert client.sprint(sprint.id).state == "active"
    board.delete()
    assert client.boards() == []
