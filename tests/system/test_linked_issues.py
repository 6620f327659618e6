"""A task's issue is linked to its request's, once: what keeps the link from being drawn is told, and it comes after."""

from __future__ import annotations

from typing import Any

import pytest

from connector.sandbox.jira import setup
from connector.sandbox.jira.model import Project
from mappings.records import Record
from sync.stuck import failing
from tests.system.adopted import add_platform_request, adoptions, existing, keep
from tests.system.planned import carry_out, on_sqlite, plan, told
from tests.system.scenes import let_pass
from tests.system.world import DANA, PRIYA, TOMAS, World


def links(world: World, record: Record) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.person(DANA).issue(world.key(record))["fields"]["issuelinks"]
    return found


def project(world: World, key: str) -> Project:
    return next(each for each in world.site.jira.projects.values() if each.key == key)


def is_linked(world: World) -> bool:
    """To its request's issue, by one link, read from the task's side as one that was made with it."""
    ends = [link["outwardIssue"]["key"] for link in links(world, world.task())]
    return ends == [world.key(world.request())]


@on_sqlite
def test_an_adopted_tasks_issue_is_linked_to_its_requests_once_that_is_there(world: World) -> None:
    key = existing(world, 1)
    add_platform_request(world, 1)
    keep(world, adoptions(world).one("R-001/1", key))
    made = plan(world)
    assert any("linked to its request's issue once that is made" in each.why for each in made.held)
    assert carry_out(world, made) == {}
    after = plan(world)
    assert told(after.writes) == ["R-001/1 jira link issue"]
    assert [change.after for change in after.writes[0].changes] == [world.key(world.request())]
    assert carry_out(world, after) == {}
    assert is_linked(world)
    assert (plan(world).writes, plan(world).held) == ((), ())


@pytest.mark.long
@on_sqlite
def test_a_link_that_people_drew_is_not_drawn_again_and_one_that_they_took_away_stays_away(world: World) -> None:
    key = existing(world, 1)
    add_platform_request(world, 1)
    keep(world, adoptions(world).one("R-001/1", key))
    carry_out(world, plan(world))
    ends = {"inwardIssue": {"key": world.key(world.request())}, "outwardIssue": {"key": key}}
    world.person(TOMAS).call("POST", "/rest/api/3/issueLink", json={"type": {"name": "Relates"}, **ends})
    world.settle()
    (link,) = links(world, world.task())
    assert link["inwardIssue"]["key"] == world.key(world.request())
    world.person(TOMAS).call("DELETE", f"/rest/api/3/issueLink/{link['id']}")
    let_pass(world, 180)
    assert links(world, world.task()) == []


@pytest.mark.long
@on_sqlite
def test_a_link_that_the_site_fails_to_draw_is_drawn_later_and_keeps_nothing_else_back(world: World) -> None:
    setup.hide_field(project(world, "PLAT"), "issuelinks")
    world.site.faults.add("status", "POST", "/issueLink$", status=503, times=4)
    add_platform_request(world, 1)
    world.settle()
    assert links(world, world.task()) == []
    assert failing_uids(world) == {world.task().uid}
    let_pass(world, 900)
    assert is_linked(world)
    assert failing_uids(world) == set()
    assert plan(world).writes == ()


@on_sqlite
def test_a_link_that_tieout_may_not_draw_is_told_and_drawn_once_it_may(world: World) -> None:
    """Jira says 401 there, as of a token that ended: nothing else stops for it."""
    shut = project(world, "PLAT")
    grant, shut.grants["LINK_ISSUES"] = shut.grants["LINK_ISSUES"], set()
    add_platform_request(world, 1)
    let_pass(world, 180)
    assert links(world, world.task()) == []
    assert failing_uids(world) == {world.task().uid}
    world.person(PRIYA).move(world.key(world.task()), "Selected")
    world.person(PRIYA).move(world.key(world.task()), "Doing")
    let_pass(world, 180)
    assert world.task().status == "in_progress"
    shut.grants["LINK_ISSUES"] = grant
    world.person(TOMAS).set_fields(world.key(world.task()), summary="Any event")
    let_pass(world, 180)
    assert is_linked(world)


def failing_uids(world: World) -> set[str]:
    """The records that wait for another try or lie dead, which `tieout status` and the page tell of."""
    with world.db.read() as conn:
        return set(failing(conn))
