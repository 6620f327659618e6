"""A team-managed project's own fields: others do not know them, and they say whose they are."""

from typing import Any

import pytest

from connector.sandbox.jira import changes, setup
from connector.sandbox.jira.model import Field, Project
from connector.sandbox.jira.system_fields import CUSTOM_TYPES
from connector.sandbox.site import Site
from tests.connector.sandbox.conftest import Visitor


@pytest.fixture
def people(site: Site) -> Project:
    project = site.jira.project("PEOPLE")
    assert project is not None
    return project


@pytest.fixture
def team(site: Site, people: Project) -> Field:
    """A field of PEOPLE's own."""
    return setup.add_custom_field(site, "Team", "select", options=["Red", "Blue"], project=people)


def red(field: Field) -> dict[str, Any]:
    return {field.field_id: {"value": "Red"}}


def test_a_field_of_one_project_says_whose_it_is(bot: Visitor, people: Project, team: Field) -> None:
    shown = next(one for one in bot.get("/field").json() if one["id"] == team.field_id)
    assert shown["scope"] == {"type": "PROJECT", "project": {"id": people.project_id}}
    assert bot.get("/field/search?query=team").json()["values"] == []  # "fields for Classic Jira projects"


def test_the_project_itself_uses_it(bot: Visitor, team: Field) -> None:
    key = bot.create("PEOPLE", **red(team))
    assert bot.fields(key)[team.field_id]["value"] == "Red"
    assert bot.put(f"/issue/{key}", {"fields": {team.field_id: {"value": "Blue"}}}).status_code == 204
    assert team.field_id in bot.get(f"/issue/{key}/editmeta").json()["fields"]
    assert bot.search("Team = Blue") == [key]


def test_another_project_does_not_know_it(site: Site, bot: Visitor, team: Field) -> None:
    key = bot.create("AUD")
    assert team.field_id not in bot.fields(key)
    refused = bot.put(f"/issue/{key}", {"fields": red(team)})
    assert (refused.status_code, [*refused.json()["errors"]]) == (400, [team.field_id])
    screen = site.jira.projects[bot.get("/project/AUD").json()["id"]].project_id
    assert bot.post(f"/screens/{screen}/tabs/{screen}/fields", {"fieldId": team.field_id}).status_code == 400


def test_an_issue_that_moves_away_leaves_it_behind(site: Site, bot: Visitor, team: Field) -> None:
    key = bot.create("PEOPLE", **red(team))
    issue, target = site.jira.issue(key), site.jira.project("AUD")
    assert issue is not None
    assert target is not None
    changes.move(site, issue, target, bot.me)
    assert team.field_id not in bot.fields(issue.key)
    assert bot.search("Team is not EMPTY") == []


def test_who_does_not_see_the_project_does_not_know_its_fields(
    bot: Visitor, priya: Visitor, people: Project, team: Field
) -> None:
    people.grants["BROWSE_PROJECTS"] = {setup.ADMINS}
    assert team.field_id not in [one["id"] for one in priya.get("/field").json()]
    answer = priya.get("/search/jql", params={"jql": "Team = Red"})
    assert "does not exist or you do not have permission to view it" in answer.json()["errorMessages"][0]


def test_a_field_that_no_project_uses_is_not_listed(site: Site, bot: Visitor) -> None:
    """ "Fields that are not associated to any used field configurations or screens are not returned." """
    made = bot.post("/field", {"name": "Audit id", "type": f"{CUSTOM_TYPES}textfield"}).json()["id"]
    assert made not in [one["id"] for one in bot.get("/field").json()]
    assert [one["id"] for one in bot.get("/field/search?query=audit").json()["values"]] == [made]
    screen = bot.get("/project/AUD").json()["id"]
    bot.post(f"/screens/{screen}/tabs/{screen}/fields", {"fieldId": made})
    assert made in [one["id"] for one in bot.get("/field").json()]
