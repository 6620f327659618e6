"""Issues: created, edited, fetched, moved, deleted; and everything Jira refuses."""

from typing import Any

import pytest

from connector.sandbox.clock import ManualClock
from connector.sandbox.jira import setup
from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import Visitor, doc

OFF_SCREEN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."


def given(**fields: Any) -> dict[str, Any]:
    return {"fields": {"project": {"key": "AUD"}, "issuetype": {"name": "Task"}, "summary": "x", **fields}}


def test_a_new_issue_is_in_the_first_status_with_the_callers_name_on_it(bot: Visitor) -> None:
    fields = bot.fields(bot.create(description=doc("All"), duedate="2026-12-01", labels=["b", "a"]))
    assert fields["status"]["name"] == "To Do"
    assert fields["reporter"]["accountId"] == fields["creator"]["accountId"] == bot.me
    assert (fields["assignee"], fields["resolution"], fields["priority"]["name"]) == (None, None, "Medium")
    assert (fields["duedate"], fields["labels"], fields["description"]) == ("2026-12-01", ["a", "b"], doc("All"))
    assert fields["watches"] == {
        "self": "https://acme.atlassian.net/rest/api/3/issue/AUD-1/watchers",
        "watchCount": 1,
        "isWatching": True,
    }


def test_a_creation_may_bring_properties_links_a_comment_and_a_transition(bot: Visitor) -> None:
    first = bot.create()
    body = given() | {
        "properties": [{"key": "tieout", "value": {"id": 1}}],
        "transition": {"id": "21"},
        "update": {
            "issuelinks": [{"add": {"type": {"name": "Relates"}, "outwardIssue": {"key": first}}}],
            "comment": [{"add": {"body": doc("Hello")}}],
        },
    }
    answer = bot.post("/issue", body).json()
    assert answer["transition"]["status"] == 200
    fields = bot.fields(answer["key"])
    assert fields["status"]["name"] == "In Progress"
    assert fields["issuelinks"][0]["outwardIssue"]["key"] == first
    assert [comment["body"] for comment in fields["comment"]["comments"]] == [doc("Hello")]
    assert bot.get(f"/issue/{answer['key']}/properties/tieout").json()["value"] == {"id": 1}


def test_a_creation_survives_a_transition_that_there_is_not(bot: Visitor) -> None:
    answer = bot.post("/issue", given() | {"transition": {"id": "999"}})
    assert (answer.status_code, answer.json()["transition"]["status"]) == (201, 400)
    assert bot.fields(answer.json()["key"])["status"]["name"] == "To Do"


BAD_VALUES = [
    ({"summary": ""}, "summary", "You must specify a summary of the issue."),
    ({"summary": "x" * 256}, "summary", "Summary must be less than 255 characters."),
    ({"summary": "a\nb"}, "summary", "The summary is invalid because it contains newline characters."),
    ({"description": "text"}, "description", "Operation value must be an Atlassian Document"),
    ({"description": {"type": "doc", "version": 1, "content": [{"type": "blink"}]}}, "description", "Atlassian Doc"),
    ({"description": doc("x" * 32768)}, "description", "32,767"),
    ({"duedate": "01.12.2026"}, "duedate", "yyyy-MM-dd"),
    ({"duedate": "2026-02-30"}, "duedate", "yyyy-MM-dd"),
    ({"duedate": "20261201"}, "duedate", "yyyy-MM-dd"),
    ({"priority": {"name": "Urgent"}}, "priority", "The priority selected is invalid."),
    ({"priority": "High"}, "priority", "(id or name) in the string format"),
    ({"labels": ["two words"]}, "labels", "contains spaces which is invalid."),
    ({"labels": "one"}, "labels", "list"),
    ({"assignee": {"accountId": "nobody"}}, "assignee", "User 'nobody' does not exist."),
    ({"reporter": {"accountId": "nobody"}}, "reporter", "User 'nobody' does not exist."),
    ({"customfield_10021": [{"value": "Maybe"}]}, "customfield_10021", "Option value 'Maybe' is not valid"),
    ({"customfield_10021": "Impediment"}, "customfield_10021", "data was not an array"),
    ({"customfield_99": 1}, "customfield_99", OFF_SCREEN.format("customfield_99")),
    ({"resolution": {"name": "Done"}}, "resolution", OFF_SCREEN.format("resolution")),
    ({"status": {"name": "Done"}}, "status", OFF_SCREEN.format("status")),
    ({"parent": {"key": "AUD-99"}}, "parent", "Could not find issue by id or key."),
]


@pytest.mark.parametrize(("fields", "field_id", "says"), BAD_VALUES)
def test_a_value_jira_does_not_take_is_refused_by_its_field(
    bot: Visitor, fields: dict[str, Any], field_id: str, says: str
) -> None:
    answer = bot.post("/issue", given(**fields))
    assert answer.status_code == 400
    assert says in answer.json()["errors"][field_id]
    key = bot.create()
    edited = bot.put(f"/issue/{key}", {"fields": fields})
    assert (edited.status_code, set(edited.json()["errors"])) == (400, {field_id})


@pytest.mark.parametrize(
    ("fields", "field_id"),
    [
        ({"project": {"key": "NOPE"}}, "project"),
        ({"project": None}, "project"),
        ({"issuetype": {"name": "Epic"}}, "issuetype"),
        ({"issuetype": None}, "issuetype"),
        ({"summary": None}, "summary"),
    ],
)
def test_project_type_and_summary_must_be_given(bot: Visitor, fields: dict[str, Any], field_id: str) -> None:
    answer = bot.post("/issue", given(**fields))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field_id])


def test_all_bad_fields_are_told_at_once_and_nothing_is_changed(site: Site, bot: Visitor) -> None:
    key = bot.create()
    fields = {"summary": "good", "duedate": "bad", "customfield_1": 1}
    answer = bot.put(f"/issue/{key}", {"fields": fields})
    assert set(answer.json()["errors"]) == {"duedate", "customfield_1"}
    assert bot.fields(key)["summary"] == "Collect the list"


def test_an_auditor_cannot_be_given_work(bot: Visitor, clara: Visitor) -> None:
    key = bot.create()
    edited = bot.put(f"/issue/{key}", {"fields": {"assignee": {"accountId": clara.me}}})
    assigned = bot.put(f"/issue/{key}/assignee", {"accountId": clara.me})
    says = f"User '{clara.me}' cannot be assigned issues."
    assert edited.json()["errors"] == assigned.json()["errors"] == {"assignee": says}


def test_an_issue_is_assigned_unassigned_and_assigned_by_default(site: Site, bot: Visitor, priya: Visitor) -> None:
    key = bot.create()
    site.jira.projects["10000"].assignee_type = "PROJECT_LEAD"
    lead = site.jira.projects["10000"].lead_id
    for wanted, expected in ((priya.me, priya.me), ("-1", lead), (None, None)):
        assert bot.put(f"/issue/{key}/assignee", {"accountId": wanted}).status_code == 204
        assert (bot.fields(key)["assignee"] or {}).get("accountId") == expected


def test_a_field_off_the_create_screen_can_be_edited_and_one_out_of_the_configuration_cannot(
    site: Site, bot: Visitor
) -> None:
    bot.post("/__sandbox/jira/project/AUD/field/duedate/hide", {"keepEditable": True})
    assert bot.post("/issue", given(duedate="2026-12-01")).json()["errors"] == {"duedate": OFF_SCREEN.format("duedate")}
    key = bot.create()
    assert bot.put(f"/issue/{key}", {"fields": {"duedate": "2026-12-01"}}).status_code == 204
    bot.post("/__sandbox/jira/project/AUD/field/duedate/hide")
    assert bot.put(f"/issue/{key}", {"fields": {"duedate": None}}).json()["errors"] == {
        "duedate": OFF_SCREEN.format("duedate")
    }


def test_links_are_made_in_a_creation_only_by_who_may_link_and_where_the_create_screen_has_them(
    site: Site, bot: Visitor
) -> None:
    """ "The fields that can be set on create are determined using Get create field metadata" (the API document)."""
    update = {"issuelinks": [{"add": {"type": {"name": "Relates"}, "outwardIssue": {"key": bot.create()}}}]}
    refusal = {"issuelinks": OFF_SCREEN.format("issuelinks")}
    project = site.jira.projects["10000"]
    linkers, project.grants["LINK_ISSUES"] = project.grants["LINK_ISSUES"], set()
    assert bot.post("/issue", given() | {"update": update}).json()["errors"] == refusal
    project.grants["LINK_ISSUES"] = linkers
    assert bot.post("/issue", given() | {"update": update}).status_code == 201
    setup.hide_field(project, "issuelinks", keep_editable=True)
    assert bot.post("/issue", given() | {"update": update}).json()["errors"] == refusal
    assert bot.put(f"/issue/{bot.create()}", {"update": update}).status_code == 204


def test_a_new_custom_field_is_nowhere_until_a_project_shows_it(site: Site, bot: Visitor) -> None:
    name = "com.atlassian.jira.plugin.system.customfieldtypes:textfield"
    field_id = bot.post("/field", {"name": "Audit id", "type": name}).json()["id"]
    assert bot.post("/issue", given(**{field_id: "R-1"})).json()["errors"] == {field_id: OFF_SCREEN.format(field_id)}
    setup.show_field(site.jira.projects["10000"], field_id, required=True)
    assert bot.post("/issue", given()).json()["errors"] == {field_id: "Audit id is required."}
    assert bot.fields(bot.create(**{field_id: "R-1"}))[field_id] == "R-1"
    assert field_id not in bot.fields(bot.create(project="SEC"))


def test_labels_are_added_and_removed_one_by_one(bot: Visitor) -> None:
    key = bot.create(labels=["keep", "drop"])
    update = {"labels": [{"add": "new"}, {"remove": "drop"}, {"remove": "never"}, {"add": "keep"}]}
    bot.put(f"/issue/{key}", {"update": update})
    assert bot.fields(key)["labels"] == ["keep", "new"]
    bot.put(f"/issue/{key}", {"update": {"labels": [{"set": ["only"]}]}})
    assert bot.fields(key)["labels"] == ["only"]


def test_a_flag_is_raised_and_lowered(bot: Visitor) -> None:
    key = bot.create()
    bot.put(f"/issue/{key}", {"update": {"customfield_10021": [{"add": {"value": "Impediment"}}]}})
    assert [option["value"] for option in bot.fields(key)["customfield_10021"]] == ["Impediment"]
    bot.put(f"/issue/{key}", {"update": {"customfield_10021": [{"remove": {"value": "Impediment"}}]}})
    assert bot.fields(key)["customfield_10021"] == []
    assert bot.changes(key)[0] == {
        "field": "Flagged",
        "fieldtype": "custom",
        "fieldId": "customfield_10021",
        "from": None,
        "fromString": "",
        "to": "[10019]",
        "toString": "Impediment",
    }


def test_a_field_cannot_be_set_and_updated_at_once(bot: Visitor) -> None:
    key = bot.create()
    answer = bot.put(f"/issue/{key}", {"fields": {"labels": ["a"]}, "update": {"labels": [{"add": "b"}]}})
    assert list(answer.json()["errors"]) == ["labels"]
    verb = bot.put(f"/issue/{key}", {"update": {"summary": [{"add": "b"}]}})
    assert verb.json()["errors"] == {"summary": "Field does not support update 'add'"}


def test_an_edit_is_logged_and_one_that_changes_nothing_is_not(
    clock: ManualClock, bot: Visitor, priya: Visitor
) -> None:
    key = bot.create(summary="Old", duedate="2026-12-01", labels=["b"])
    clock.advance(60)
    fields = {"summary": "New", "duedate": "2026-12-02", "labels": ["a", "b"], "assignee": {"accountId": priya.me}}
    bot.put(f"/issue/{key}", {"fields": fields})
    moved = bot.fields(key)["updated"]
    assert [tuple(item.values()) for item in bot.changes(key)] == [
        ("summary", "jira", "summary", None, "Old", None, "New"),
        ("duedate", "jira", "duedate", "2026-12-01", "2026-12-01 00:00:00.0", "2026-12-02", "2026-12-02 00:00:00.0"),
        ("labels", "jira", "labels", None, "b", None, "a b"),
        ("assignee", "jira", "assignee", None, None, priya.me, "Priya Nair"),
    ]
    clock.advance(60)
    bot.put(f"/issue/{key}", {"fields": fields})
    assert (len(bot.changes(key)), bot.fields(key)["updated"]) == (4, moved)


def test_an_edit_ignores_a_transition_and_can_give_the_issue_back(bot: Visitor) -> None:
    key = bot.create()
    body = {"fields": {"summary": "Better"}, "transition": {"id": "21"}}
    answer = bot.put(f"/issue/{key}", body, params={"returnIssue": "true"})
    assert (answer.status_code, answer.json()["fields"]["summary"]) == (200, "Better")
    assert answer.json()["fields"]["status"]["name"] == "To Do"


def test_many_are_created_at_once_and_the_bad_ones_are_told_by_number(bot: Visitor) -> None:
    bodies = [given(summary="one"), given(duedate="bad"), given(summary="three")]
    answer = bot.post("/issue/bulk", {"issueUpdates": bodies})
    assert answer.status_code == 201
    assert [issue["key"] for issue in answer.json()["issues"]] == ["AUD-1", "AUD-2"]
    (error,) = answer.json()["errors"]
    assert (error["failedElementNumber"], list(error["elementErrors"]["errors"])) == (1, ["duedate"])
    assert bot.post("/issue/bulk", {"issueUpdates": [given(duedate="bad")]}).status_code == 400
    assert bot.post("/issue/bulk", {"issueUpdates": [given()] * 51}).status_code == 400
    assert len(bot.search("project = AUD")) == 2


def test_many_are_fetched_at_once_in_the_order_of_their_ids(bot: Visitor) -> None:
    first, second = bot.create(), bot.create()
    wanted = [second, "AUD-99", first, bot.get(f"/issue/{first}").json()["id"]]
    answer = bot.post("/issue/bulkfetch", {"issueIdsOrKeys": wanted, "fields": ["summary", "comment"]}).json()
    assert [issue["key"] for issue in answer["issues"]] == [first, second]
    assert set(answer["issues"][0]["fields"]) == {"summary", "comment"}
    assert answer["issueErrors"] == []
    assert bot.post("/issue/bulkfetch", {"issueIdsOrKeys": ["AUD-1"] * 101}).status_code == 400


def test_errors_of_a_bulk_fetch_are_of_issues_that_are_there_and_cannot_be_shown_just_now(
    site: Site, bot: Visitor
) -> None:
    """BulkIssueResults.issueErrors in the API document: a retriable error or a payload constraint, never a 404."""
    first, second = bot.create(), bot.create()
    issue_id = bot.get(f"/issue/{first}").json()["id"]
    site.faults.unreadable[issue_id] = 1
    answer = bot.post("/issue/bulkfetch", {"issueIdsOrKeys": [first, second, "AUD-99"]}).json()
    assert [issue["key"] for issue in answer["issues"]] == [second]
    assert [error["id"] for error in answer["issueErrors"]] == [issue_id]
    again = bot.post("/issue/bulkfetch", {"issueIdsOrKeys": [first, second]}).json()
    assert ([issue["key"] for issue in again["issues"]], again["issueErrors"]) == ([first, second], [])


def test_a_moved_issue_has_a_new_key_and_answers_to_the_old_one(bot: Visitor) -> None:
    key = bot.create(labels=["tieout"])
    bot.go(key, "In Progress")
    number = bot.get(f"/issue/{key}").json()["id"]
    moved = bot.post(f"/__sandbox/jira/issue/{key}/move", {"project": "PEOPLE"}).json()["key"]
    assert moved == "PEOPLE-1"
    found = bot.get(f"/issue/{key}").json()
    assert (found["key"], found["id"]) == (moved, number)
    assert found["fields"]["status"]["name"] == "In Progress"
    assert found["fields"]["status"]["scope"]["type"] == "PROJECT"
    assert bot.search(f"key = {key}") == [moved]
    assert bot.post("/issue/bulkfetch", {"issueIdsOrKeys": [key]}).json()["issues"][0]["key"] == moved
    assert [item["toString"] for item in bot.changes(key) if item["field"] == "Key"] == [moved]


def test_a_deleted_issue_is_gone_with_all_that_hung_on_it(site: Site, bot: Visitor) -> None:
    key, other = bot.create(), bot.create()
    bot.post(f"/issue/{key}/comment", {"body": doc("x")})
    link = {"type": {"name": "Blocks"}, "inwardIssue": {"key": key}, "outwardIssue": {"key": other}}
    bot.post("/issueLink", link)
    assert bot.delete(f"/issue/{key}").status_code == 204
    assert bot.get(f"/issue/{key}").status_code == 404
    assert bot.fields(other)["issuelinks"] == []
    assert (site.jira.comments, bot.search("project = AUD")) == ({}, [other])
    assert bot.create() == "AUD-3"


def test_times_are_told_in_the_callers_zone(bot: Visitor, priya: Visitor) -> None:
    key = bot.create()
    assert bot.fields(key)["created"] == "2026-10-05T05:00:00.000-0400"
    assert priya.fields(key)["created"] == "2026-10-05T14:30:00.000+0530"
