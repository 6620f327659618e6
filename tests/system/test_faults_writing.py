"""Writing over a bad line, and beside people who write at the same time: each thing once, nobody's words lost."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from connector.sandbox.faults import Kind
from sync import journal
from sync.keys import record_key
from sync.store import Store
from sync.work import LIVE, dead, mark
from tests.system.looks import second_run_writes, texts_on
from tests.system.scenes import (
    ISSUE_COMMENT,
    PAGE,
    PAGE_COMMENT,
    before,
    handed_in,
    hint,
    let_pass,
    mirrored,
    write_on_page,
)
from tests.system.world import CLARA, DANA, MARCO, PRIYA, TOMAS, World

KINDS = ["timeout_before", "timeout_after", "drop_after", "status_after", "late"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_comment_of_unknown_outcome_is_said_once(world: World, kind: Kind) -> None:
    card = mirrored(world)
    world.site.faults.add(kind, "POST", ISSUE_COMMENT, delay_s=20)
    world.person(CLARA).comment_page(world.page()["id"], "Is this the whole population?")
    let_pass(world, 300)
    assert sum("whole population" in text for text in texts_on(world, card)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_comment_of_unknown_outcome_is_said_once_on_the_page(world: World, kind: Kind) -> None:
    card = mirrored(world)
    world.site.faults.add(kind, "POST", PAGE_COMMENT, delay_s=20)
    world.person(PRIYA).comment_issue(card, "auditor: the export follows")
    let_pass(world, 300)
    page_id = world.page()["id"]
    answer = world.person(CLARA).call("GET", f"/wiki/api/v2/pages/{page_id}/footer-comments?body-format=storage")
    assert sum("export follows" in str(result) for result in answer["results"]) == 1


def test_a_hint_while_a_comment_is_under_way_says_it_no_second_time(world: World) -> None:
    card = mirrored(world)
    world.site.faults.add("late", "POST", ISSUE_COMMENT, delay_s=30, times=2)
    world.person(CLARA).comment_page(world.page()["id"], "Is this the whole population?")
    world.settle()
    for _ in range(12):
        world.clock.advance(5)
        hint(world, world.request())
        hint(world, world.task())
    let_pass(world, 300)
    for each in (card, world.key(world.request())):
        assert sum("whole population" in text for text in texts_on(world, each)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_unknown_outcome_is_on_the_page_in_one_version(world: World, kind: Kind) -> None:
    handed_in(world)
    world.site.faults.add(kind, "PUT", "/child/attachment$", delay_s=20)
    world.person(MARCO).move(world.key(world.task()), "With Auditor")
    let_pass(world, 300)
    (file,) = world.person(CLARA).files_of_page(world.page()["id"])
    assert file["version"]["number"] == 1
    assert second_run_writes(world) == []


@pytest.mark.parametrize("kind", [*KINDS, "status"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", r"/issue/\d+$"), ("POST", r"/issue/\d+/transitions$"), ("PUT", r"/wiki/api/v2/pages/\d+$")],
)
def test_a_change_of_unknown_outcome_ends_in_step(world: World, method: str, path: str, kind: Kind) -> None:
    card = mirrored(world)
    world.site.faults.add(kind, method, path, delay_s=20)
    world.person(PRIYA).move(card, "In Progress")
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-01")
    let_pass(world, 300)
    request = world.person(DANA).issue(world.key(world.request()))["fields"]
    assert (request["status"]["name"], request["duedate"]) == ("In Progress", "2026-12-01")
    assert world.person(DANA).issue(card)["fields"]["duedate"] == "2026-12-01"
    assert "2026-12-01" in world.page()["body"]["storage"]["value"]
    assert second_run_writes(world) == []


@pytest.mark.parametrize("kind", [*KINDS, "status"])
def test_the_registers_owner_and_priority_stand_after_an_edit_of_unknown_outcome(world: World, kind: Kind) -> None:
    """Jira's word counts for both: an edit that never arrived must not be read as Jira taking them back."""
    card = mirrored(world)
    world.site.faults.add(kind, "PUT", r"/issue/\d+$", delay_s=20)
    with world.db.write() as conn:
        Store(conn).records.put(replace(world.task(), owner=TOMAS, priority="high"))
        mark(conn, [record_key(world.task().uid)], lane=LIVE)
    let_pass(world, 300)
    issue = world.person(DANA).issue(card)["fields"]
    assert (issue["assignee"]["accountId"], issue["priority"]["name"]) == (world.account(TOMAS), "High")
    assert (world.task().owner, world.task().priority) == (TOMAS, "high")
    assert second_run_writes(world) == []


@pytest.mark.parametrize("path", [r"/rest/api/3/issue/\d+$", r"/transitions$", r"/wiki/api/v2/pages/\d+$"])
def test_a_409_is_read_again(world: World, path: str) -> None:
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")
    for method in ("PUT", "POST"):
        world.site.faults.add("status", method, path, status=409, times=3)
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-01")
    let_pass(world, 600)
    assert world.person(DANA).status(world.key(world.request())) == "In Progress"
    assert "2026-12-01" in world.page()["body"]["storage"]["value"]
    with world.db.read() as conn:
        assert dead(conn) == []


def test_what_somebody_writes_on_a_page_between_our_read_and_our_write_stays(world: World) -> None:
    card = mirrored(world)

    def write(line: str) -> None:
        page = world.page()
        world.person(DANA).write_page(page, page["body"]["storage"]["value"] + line)

    world.person(PRIYA).move(card, "In Progress")
    lines = [f"<p>line {number} of mine</p>" for number in range(3)]
    for day, line in enumerate(lines, start=1):
        before(world, "PUT", r"/wiki/api/v2/pages/\d+$", partial(write, line))
        world.person(CLARA).comment_page(world.page()["id"], f"due 2026-12-0{day}")
        world.settle()
    let_pass(world, 600)
    value = world.page()["body"]["storage"]["value"]
    assert all(line in value for line in lines)
    assert "IN PROGRESS" in value.upper()
    assert second_run_writes(world) == []


def test_an_edit_of_another_field_between_our_read_and_our_write_is_kept(world: World) -> None:
    card = mirrored(world)
    labels = world.person(DANA).issue(card)["fields"]["labels"]
    edit = partial(world.person(PRIYA).set_fields, card, priority={"name": "High"}, labels=["mine", *labels])
    before(world, "PUT", f"/rest/api/3/issue/{world.link(world.task()).remote_id}$", edit)
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-01")
    let_pass(world, 300)
    issue = world.person(DANA).issue(card)["fields"]
    assert (issue["priority"]["name"], issue["duedate"]) == ("High", "2026-12-01")
    assert world.task().priority == "high"
    assert set(issue["labels"]) == {"mine", *labels}


def test_what_is_put_back_on_a_page_is_journaled_once_however_often_its_write_fails(world: World) -> None:
    mirrored(world)
    page = world.page()
    shown = page["body"]["storage"]["value"]
    world.person(PRIYA).write_page(page, shown.replace("Access review report", "Nothing to see"))
    world.site.faults.add("status", "PUT", r"/wiki/api/v2/pages/\d+$", times=3)
    let_pass(world, 900)
    assert world.page()["body"]["storage"]["value"].count("Nothing to see") == 0
    with world.db.read() as conn:
        told = [entry.what for entry in journal.entries(conn, limit=1_000) if "put back" in entry.what]
    assert told == ["page content put back"]


def put_backs(world: World) -> tuple[list[str], int]:
    """Those of the page that are journaled, and how many comments on it explain one."""
    page_id = world.page()["id"]
    answer = world.person(CLARA).call("GET", f"/wiki/api/v2/pages/{page_id}/footer-comments?body-format=storage")
    told = sum("was put back" in str(comment) for comment in answer["results"])
    with world.db.read() as conn:
        return [entry.what for entry in journal.entries(conn, limit=1_000) if "put back" in entry.what], told


@pytest.mark.parametrize("kind", ["timeout_after", "drop_after", "status_after"])
def test_who_saves_over_a_page_write_that_was_not_answered_is_not_blamed_for_it(world: World, kind: Kind) -> None:
    card = mirrored(world)
    world.site.faults.add(kind, "PUT", PAGE)
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-01")
    world.settle()
    write_on_page(world, "<h2>Notes</h2>", "<h2>Notes</h2><p>Ask Bob.</p>")
    world.person(PRIYA).move(card, "In Progress")
    let_pass(world, 300)
    shown = world.page()["body"]["storage"]["value"]
    assert "Ask Bob." in shown
    assert "IN PROGRESS" in shown.upper()
    assert put_backs(world) == ([], 0)
    assert second_run_writes(world) == []


def test_who_spoils_a_box_over_a_page_write_that_was_not_answered_is_told_so(world: World) -> None:
    mirrored(world)
    world.site.faults.add("timeout_after", "PUT", PAGE)
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-01")
    world.settle()
    write_on_page(world, "Access review report", "Nothing to see")
    let_pass(world, 300)
    assert "Nothing to see" not in world.page()["body"]["storage"]["value"]
    assert put_backs(world) == (["page content put back"], 1)


def test_two_boxes_spoilt_one_after_the_other_are_each_explained_once(world: World) -> None:
    mirrored(world)
    title = world.page()["title"]
    write_on_page(world, "Access review report", "Nothing to see")
    world.site.faults.add("status", "PUT", PAGE)
    world.settle()
    page = world.page() | {"title": "Mine"}
    world.person(PRIYA).write_page(page, page["body"]["storage"]["value"])
    let_pass(world, 900)
    assert world.page()["title"] == title
    told, comments = put_backs(world)
    assert sorted(told) == ["page content put back", "page title put back"]
    assert comments == 2


def test_a_box_spoilt_as_a_file_goes_on_the_page_is_explained_once(world: World) -> None:
    handed_in(world)
    write_on_page(world, "Access review report", "Nothing to see")
    world.person(MARCO).move(world.key(world.task()), "With Auditor")
    let_pass(world, 300)
    assert "Nothing to see" not in world.page()["body"]["storage"]["value"]
    assert len(world.person(CLARA).files_of_page(world.page()["id"])) == 1
    assert put_backs(world) == (["page content put back"], 1)
