"""Transitions: only the legal ones, several hops, screens with required fields, resolutions."""

from connector.sandbox.clock import ManualClock
from connector.sandbox.jira import setup
from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import Visitor, doc

WAY = ("Select", "Start", "Ask for review", "Hand over")


def test_only_the_transitions_of_the_current_status_are_offered(bot: Visitor) -> None:
    key = bot.create(project="PLAT")
    assert set(bot.transitions(key)) == {"Select"}
    bot.go(key, "Select")
    assert set(bot.transitions(key)) == {"Put back", "Start"}


def test_a_transition_of_another_status_is_refused(bot: Visitor) -> None:
    key = bot.create(project="PLAT")
    bot.go(key, *WAY)
    far = bot.transitions(key)["Send back"]
    fresh = bot.create(project="PLAT")
    answer = bot.post(f"/issue/{fresh}/transitions", {"transition": {"id": far}})
    assert answer.status_code == 400
    assert answer.json()["errorMessages"] == [f"Transition id '{far}' is not valid for this issue."]
    assert bot.get(f"/issue/{fresh}/transitions", params={"transitionId": far}).json()["transitions"] == []
    assert bot.post(f"/issue/{fresh}/transitions", {}).status_code == 400


def test_closing_asks_for_a_resolution_and_reopening_takes_it_away(clock: ManualClock, bot: Visitor) -> None:
    key = bot.create(project="PLAT")
    bot.go(key, *WAY)
    shown = bot.get(f"/issue/{key}/transitions", params={"expand": "transitions.fields"}).json()["transitions"]
    close = next(one for one in shown if one["name"] == "Close")
    assert close["hasScreen"]
    assert close["fields"]["resolution"]["required"]
    assert [one["name"] for one in close["fields"]["resolution"]["allowedValues"]] == ["Done", "Won't Do"]
    refused = bot.post(f"/issue/{key}/transitions", {"transition": {"id": close["id"]}})
    assert refused.json()["errors"] == {"resolution": "Resolution is required."}
    assert bot.fields(key)["status"]["name"] == "With auditor"
    clock.advance(60)
    bot.go(key, "Close", fields={"resolution": {"name": "Won't Do"}})
    fields = bot.fields(key)
    assert (fields["status"]["name"], fields["resolution"]["name"]) == ("Closed", "Won't Do")
    assert fields["resolutiondate"] == fields["statuscategorychangedate"] == "2026-10-05T05:01:00.000-0400"
    bot.go(key, "Reopen")
    assert (bot.fields(key)["resolution"], bot.fields(key)["resolutiondate"]) == (None, None)


def test_a_field_that_is_not_on_the_screen_is_refused_and_the_issue_stays(bot: Visitor) -> None:
    key = bot.create()
    body = {"transition": {"id": bot.transitions(key)["Done"]}, "fields": {"duedate": "2026-12-01"}}
    answer = bot.post(f"/issue/{key}/transitions", body)
    assert list(answer.json()["errors"]) == ["duedate"]
    assert bot.fields(key)["status"]["name"] == "To Do"


def test_where_no_screen_asks_the_workflow_sets_and_clears_the_resolution(bot: Visitor) -> None:
    key = bot.create()
    bot.go(key, "Done")
    assert bot.fields(key)["resolution"]["name"] == "Done"
    bot.go(key, "In Review")
    assert bot.fields(key)["resolution"] is None
    items = [(item["field"], item["fromString"], item["toString"]) for item in bot.changes(key)]
    assert ("status", "To Do", "Done") in items
    assert ("resolution", "Done", None) in items


def test_a_comment_may_be_made_on_the_way(bot: Visitor) -> None:
    key = bot.create()
    bot.go(key, "Blocked", update={"comment": [{"add": {"body": doc("Waiting for the vendor")}}]})
    assert bot.fields(key)["comment"]["comments"][0]["body"] == doc("Waiting for the vendor")


def test_a_transition_kept_to_a_group_is_hidden_from_the_rest(site: Site, bot: Visitor, priya: Visitor) -> None:
    project = site.jira.project("AUD")
    assert project is not None
    setup.change_transition(project, "Done", groups=frozenset({"site-admins"}))
    key = bot.create()
    assert "Done" in bot.transitions(key)
    assert "Done" not in priya.transitions(key)


def test_equal_names_in_a_team_managed_project_are_other_statuses(bot: Visitor) -> None:
    def ids(project: str) -> dict[str, str]:
        (kind, *_) = bot.get(f"/project/{project}/statuses").json()
        return {status["name"]: status["id"] for status in kind["statuses"]}

    ours, theirs = ids("AUD"), ids("PEOPLE")
    assert set(ours) == set(theirs)
    assert not set(ours.values()) & set(theirs.values())
    assert bot.get("/project/PEOPLE").json()["simplified"] is True
    assert ids("AUD") == ids("SEC")
