"""A plan says everything a sync would write; carried out it is exactly that, or nothing when the world has moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import select

from connector.sandbox.adapter import SandboxAdapter
from connector.sandbox.app import create_app
from connector.sandbox.faults import Kind
from mappings.errors import Throttled
from mappings.planned import writing_calls
from mappings.records import LinkRole, LinkState, Side
from sync.first_plan import show, unshown
from sync.keys import record_key
from sync.store import Store
from sync.sync_plan import PlanRefused
from sync.tables import first_plan, metadata, work
from sync.work import LIVE, claim, mark
from tests.system.planned import carry_out, on_sqlite, plan, told
from tests.system.world import AUDIT, CLARA, DANA, MARCO, PRIYA, SITE, TOMAS, World

long = pytest.mark.long


def register(world: World) -> dict[str, list[Any]]:
    """Every row but those of the work table."""
    with world.db.read() as conn:
        tables = [table for table in metadata.sorted_tables if table is not work]
        return {table.name: sorted(map(repr, conn.execute(select(table)))) for table in tables}


def test_a_plan_is_carried_out_as_it_stands_and_the_plan_after_it_is_empty(world: World) -> None:
    world.add_request("R-001")
    world.add_request("R-002", owner=None)
    made = plan(world)
    assert told(made.writes) == [
        " confluence create home page",
        "R-001 confluence create page",
        "R-001 jira create issue",
        "R-001/1 jira create issue",
        "R-002 confluence create page",
        "R-002 jira create issue",
    ]
    assert world.writes() == []
    assert carry_out(world, made) == {}
    assert len(world.writes()) == writing_calls(made.writes) == 5
    after = plan(world)
    assert (after.writes, after.held) == ((), ())
    assert len(world.issues_marked(world.request("R-001"))) == len(world.issues_marked(world.task("R-001"))) == 1
    world.site.calls.clear()
    world.settle()
    assert world.writes() == []


def test_planning_changes_nothing_anywhere_and_says_the_same_twice(world: World) -> None:
    world.add_request()
    world.settle()
    world.person(PRIYA).comment_issue(world.key(world.task()), "auditor: it is in the folder")
    world.person(PRIYA).attach(world.key(world.task()), "users.csv", b"a,b\n")
    world.person(CLARA).comment_page(str(world.link(world.request(), LinkRole.PAGE).remote_id), "return: too old")
    with world.db.write() as conn:
        Store(conn).records.put(replace(world.task(), status="in_progress"))
    before, files = register(world), sorted(world.vault._root.rglob("*"))
    world.site.calls.clear()
    first = plan(world)
    assert {each.kind for each in first.writes} >= {"comment", "move issue", "write page"}
    assert first == plan(world)
    assert (world.writes(), register(world), sorted(world.vault._root.rglob("*"))) == ([], before, files)


@on_sqlite
@long
def test_what_people_did_meanwhile_is_planned_carried_out_and_then_there_is_nothing_to_do(world: World) -> None:
    world.add_request()
    world.settle()
    world.person(CLARA).comment_page(str(world.link(world.request(), LinkRole.PAGE).remote_id), "due 2026-12-10")
    world.person(PRIYA).attach(world.key(world.task()), "users.csv", b"a,b\n")
    world.person(PRIYA).move(world.key(world.task()), "In Progress")
    with world.db.write() as conn:
        Store(conn).records.put(replace(world.task(), owner=TOMAS, priority="high"))
    for _ in range(5):
        made = plan(world)
        if not made.writes:
            break
        world.site.calls.clear()
        assert carry_out(world, made) == {}
        assert len(world.writes()) == sum(each.calls for each in made.writes)
    assert plan(world).writes == ()
    assert (world.request().auditor_due_on, world.task().status) == (date(2026, 12, 10), "in_progress")


@on_sqlite
@long
def test_a_move_is_planned_with_the_statuses_that_it_leads_through(world: World) -> None:
    world.add_request(team="Platform")
    world.settle()
    with world.db.write() as conn:
        Store(conn).records.put(replace(world.task(), status="in_progress"))
    (move,) = [each for each in plan(world).writes if each.kind == "move issue"]
    assert [(change.field, change.before, change.after) for change in move.changes] == [
        ("status", "Backlog", "Doing"),
        ("way", None, "Backlog → Selected → … → Doing"),
    ]
    made = plan(world)
    world.site.calls.clear()
    assert carry_out(world, made) == {}
    assert sum("/transitions" in call for call in world.writes()) == move.calls == 2


@on_sqlite
@pytest.mark.parametrize(
    "who",
    [
        "owner's comment",
        pytest.param("owner's edit", marks=long),
        pytest.param("auditor's comment", marks=long),
        "register",
    ],
)
def test_a_plan_is_refused_before_any_write_once_the_world_has_moved(world: World, who: str) -> None:
    world.add_request()
    world.settle()
    with world.db.write() as conn:
        Store(conn).records.put(replace(world.task(), owner=TOMAS))
    made, key = plan(world), world.key(world.task())
    assert [each.kind for each in made.writes if each.number == "R-001/1"] == ["edit issue"]
    match who:
        case "owner's comment":
            world.person(PRIYA).comment_issue(key, "I am on leave")
            moved = f"R-001 (comments of {key}"
        case "owner's edit":
            world.person(PRIYA).set_fields(key, duedate="2026-12-01")
            moved = f"R-001 (issue {key})"
        case "auditor's comment":
            world.person(CLARA).comment_page(str(world.link(world.request(), LinkRole.PAGE).remote_id), "Hello")
            moved = "R-001 (comments of page"
        case _:
            with world.db.write() as conn:
                Store(conn).records.put(replace(world.request(), reviewer=DANA))
            moved = "R-001 (the register"
    before = register(world)
    world.site.calls.clear()
    with pytest.raises(PlanRefused) as refused:
        carry_out(world, made)
    assert moved in str(refused.value)
    assert (world.writes(), register(world)) == ([], before)


@on_sqlite
@long
def test_a_plan_of_which_time_has_made_another_is_refused(world: World) -> None:
    world.add_request()
    world.settle()
    with world.db.write() as conn:
        Store(conn).records.put(replace(world.task(), owner=TOMAS))
    made = plan(world)
    world.clock.advance(timedelta(days=40).total_seconds())
    world.site.calls.clear()
    with pytest.raises(PlanRefused, match=r"R-001/1: comment .* would be written, too"):
        carry_out(world, made)
    assert world.writes() == []


@on_sqlite
@pytest.mark.parametrize("kind", [pytest.param("timeout_before", marks=long), "timeout_after"])
@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/rest/api/3/issue/bulk$", "jira create issue"),
        pytest.param("/wiki/api/v2/pages$", "confluence create page", marks=long),
    ],
)
def test_what_an_answer_was_lost_of_stays_planned_and_is_made_once(
    world: World, path: str, what: str, kind: Kind
) -> None:
    world.add_request("R-000")
    carry_out(world, plan(world))  # which makes the home page, too
    world.add_request()
    world.site.faults.add(kind, "POST", path)
    failures = carry_out(world, plan(world))
    assert set(failures) == {world.request().uid}
    assert world.link(world.request("R-000"), LinkRole.PAGE).state is LinkState.LIVE
    world.clock.advance(120)
    assert f"R-001 {what}" in told(plan(world).writes)
    for _ in range(4):
        assert carry_out(world, plan(world)) == {}
    assert plan(world).writes == ()
    assert len(world.issues_marked(world.request())) == len(world.issues_marked(world.task())) == 1
    pages = world.person(DANA).call("GET", "/wiki/api/v2/pages?limit=250")["results"]
    assert sum(page["title"].startswith("R-001 ") for page in pages) == 1


@on_sqlite
def test_what_a_site_asks_of_who_carries_a_plan_out_is_heeded_by_every_worker(world: World) -> None:
    world.add_request()
    made = plan(world)
    world.site.faults.rate_limit("POST", "/wiki/api/v2/pages$", retry_after_s=50)
    with pytest.raises(Throttled):
        carry_out(world, made)
    calls = len(world.site.calls)
    world.clock.advance(45)
    world.worker.run_until_quiet()
    assert len(world.site.calls) == calls
    world.clock.advance(15)
    world.worker.run_until_quiet()
    assert len(world.issues_marked(world.request())) == 1


@on_sqlite
@long
def test_records_in_another_workers_hands_are_not_carried_out(world: World) -> None:
    world.add_request()
    made = plan(world)
    with world.db.write() as conn:
        mark(conn, [record_key(world.request().uid)], lane=LIVE)
    assert claim(world.db, worker="another", limit=1, lease_s=600)
    with pytest.raises(PlanRefused, match="being worked on"):
        carry_out(world, made)
    assert world.writes() == []


@on_sqlite
def test_no_site_is_asked_while_the_register_is_open(world: World) -> None:
    """Neither by a plan nor by a run, from the very first question on: who waits for a site keeps nobody waiting."""
    open_at: list[str] = []

    class Watching(SandboxAdapter):
        def send(self, request: requests.PreparedRequest, *args: Any, **more: Any) -> requests.Response:
            if world.db.engine.pool.checkedout():  # type: ignore[attr-defined]  # a pool that counts
                open_at.append(f"{request.method} {request.path_url}")
            return super().send(request, *args, **more)

    world.session.mount(SITE, Watching(create_app(world.site)))
    world.add_request()
    plan(world)
    world.new_worker("fresh").run_until_quiet()
    world.person(PRIYA).attach(world.key(world.task()), "users.csv", b"a,b\n")
    plan(world)
    assert open_at == []


@on_sqlite
def test_nothing_is_written_for_an_audit_before_its_first_plan_was_shown(world: World) -> None:
    with world.db.write() as conn:
        conn.execute(first_plan.delete())
    world.add_request()
    world.settle()
    world.sweeps.everything()
    world.settle()
    assert world.writes() == []
    with world.db.read() as conn:
        assert unshown(conn, [AUDIT]) == [AUDIT]
    assert len(plan(world).writes) == 4
    with world.db.write() as conn:
        assert show(conn, [AUDIT], by=MARCO, how="in a test") == [AUDIT]
        assert show(conn, [AUDIT], by=MARCO, how="in a test") == []
    world.settle()
    assert plan(world).writes == ()
    assert [each.side for each in plan(world).held if each.side is Side.JIRA] == []
