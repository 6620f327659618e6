"""Issues made as each project wants them: by route, under an epic, as sub-tasks, with the fields it requires."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.clock import ManualClock
from connector.sandbox.jira import setup
from mappings.records import LinkRole
from mappings.rules import Route
from sync.database import open_database
from sync.store import Store
from sync.work import dead
from tests.system.planned import on_sqlite, plan
from tests.system.world import DANA, PRIYA, START, World


@pytest.fixture
def pbc(database_url: str, tmp_path: Path) -> Iterator[World]:
    """A company that works on requests in a project of its own: under an epic, with sub-tasks and a required field."""
    clock = ManualClock(START)
    db = open_database(database_url, clock=clock.now, is_durable=False)
    field = "customfield_10777"
    routes = (
        Route(team="Security", project="PBC", issue_type="Sub-task", fields={field: "PBC {record.number}"}),
        Route(column={"system": "Okta"}, project="IT", parent="PBC-1", fields={field: "{record.owner}"}),
    )
    world = World(
        db,
        clock,
        tmp_path,
        project="PBC",
        issue_type="Audit Request",
        escalation_issue_type="Audit Request",
        request_fields={field: "PBC {request.number} of {audit.key} {{sic}}"},
        parent="PBC-1",
        routes=routes,
        default_task_project="SEC",
    )
    _add_project(world, field)
    dana = world.person(DANA)
    epic: dict[str, Any] = {"project": {"key": "PBC"}, "issuetype": {"name": "Epic"}, "summary": "The audit"}
    assert dana.create_issue(**epic, **{field: "epic"}) == "PBC-1"
    yield world
    db.dispose()


def _add_project(world: World, field: str) -> None:
    aud = next(project for project in world.site.jira.projects.values() if project.key == "AUD")
    request = next(kind for kind in world.site.jira.types.values() if kind.name == "Audit Request")
    workflow = aud.workflows[request.type_id]
    types = [request.type_id, setup.add_type(world.site, "Epic").type_id]
    types.append(setup.add_type(world.site, "Sub-task", subtask=True).type_id)
    project = setup.add_project(world.site, "PBC", "Provided by client", aud.lead_id, dict.fromkeys(types, workflow))
    setup.add_custom_field(world.site, "PBC number", "textfield", field_id=field)
    setup.show_field(project, field, required=True)
    setup.show_field(next(each for each in world.site.jira.projects.values() if each.key == "IT"), field)


def fields(world: World, key: str) -> dict[str, Any]:
    return dict(world.person(DANA).issue(key)["fields"])


@on_sqlite
def test_a_request_stands_under_its_epic_its_tasks_are_sub_tasks_and_required_fields_are_filled(pbc: World) -> None:
    pbc.add_request("R-001")
    pbc.settle()
    request, task = pbc.key(pbc.request()), pbc.key(pbc.task())
    assert fields(pbc, request)["parent"]["key"] == "PBC-1"
    assert fields(pbc, request)["customfield_10777"] == "PBC R-001 of SOC2-2026 {sic}"
    assert (task.partition("-")[0], fields(pbc, task)["parent"]["key"]) == ("PBC", request)
    assert fields(pbc, task)["customfield_10777"] == "PBC R-001/1"
    assert plan(pbc).writes == ()
    pbc.person(PRIYA).move(task, "In Progress")
    pbc.settle()
    assert pbc.task().status == "in_progress"


@pytest.mark.long
@on_sqlite
def test_a_column_of_the_list_routes_a_task_and_what_stands_for_nothing_is_left_out(pbc: World) -> None:
    pbc.add_request("R-001", team="Finance", extra={"System": "okta "})
    pbc.add_request("R-002", team="Finance", extra={"System": "AWS"})
    pbc.add_request("R-003", team="Finance", extra={"System": "Okta"}, owner="nobody@nowhere.example")
    pbc.settle()
    first, other, unowned = (pbc.key(pbc.task(number)) for number in ("R-001", "R-002", "R-003"))
    assert [key.partition("-")[0] for key in (first, other, unowned)] == ["IT", "SEC", "IT"]
    assert (fields(pbc, first)["parent"]["key"], fields(pbc, first)["customfield_10777"]) == (
        "PBC-1",
        pbc.account(PRIYA),
    )
    assert fields(pbc, unowned)["customfield_10777"] is None


@pytest.mark.long
@on_sqlite
def test_a_sub_task_that_would_stand_in_another_project_fails_alone_and_says_what_to_change(pbc: World) -> None:
    (audit,) = pbc.rules.audit.values()
    wrong = Route(team="Security", project="SEC", issue_type="Sub-task")
    project = next(each for each in pbc.site.jira.projects.values() if each.key == "SEC")
    subtask = next(kind for kind in pbc.site.jira.types.values() if kind.subtask)
    project.workflows[subtask.type_id] = next(iter(project.workflows.values()))
    project.type_ids = (*project.type_ids, subtask.type_id)
    pbc.rules = pbc.rules.model_copy(
        update={"audit": {key: audit.model_copy(update={"routes": (wrong,)}) for key in pbc.rules.audit}}
    )
    pbc.worker = pbc.new_worker("told otherwise")
    pbc.add_request("R-001")
    pbc.settle()
    assert pbc.link(pbc.request(), LinkRole.ISSUE).key.startswith("PBC-")
    with pbc.db.read() as conn:
        errors = [letter.error for letter in dead(conn)]
        assert Store(conn).links.of([pbc.task().uid]) == {}
    assert any("'Sub-task' of project SEC is a sub-task" in error and "in project PBC" in error for error in errors)


@pytest.mark.long
@on_sqlite
def test_a_status_that_an_administrator_renames_is_followed_by_its_id(world: World) -> None:
    world.add_request()
    world.settle()
    card = world.key(world.task())
    world.person(PRIYA).move(card, "In Progress")
    world.settle()
    statuses = world.site.jira.statuses
    (progress,) = [each for each in statuses.values() if each.name == "In Progress" and each.project_id is None]
    statuses[progress.status_id] = replace(progress, name="Underway")
    world.worker = world.new_worker("after a restart")
    world.site.calls.clear()
    world.sweeps.everything()
    world.settle()
    assert (world.writes(), world.task().status) == ([], "in_progress")
    world.person(PRIYA).move(card, "To Do")
    world.settle()
    world.person(PRIYA).move(card, "Underway")
    world.settle()
    assert (world.task().status, world.person(PRIYA).status(card)) == ("in_progress", "Underway")
    assert plan(world).writes == ()
