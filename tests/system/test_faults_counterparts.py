"""Counterparts that were moved, put away, deleted or shut: followed, or detached where all see it, and mended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from connector.sandbox.accounts import Account
from connector.sandbox.confluence import lifecycle
from connector.sandbox.confluence.spaces import create_space
from connector.sandbox.jira import changes
from connector.sandbox.seed import BOT_EMAIL
from mappings.records import LinkRole, LinkState
from mappings.rules import Route
from sync.desk import Audit
from sync.mending import Mender
from sync.polls import Polls
from sync.store import Store
from tests.system.looks import assert_mirrored_once, letters, second_run_writes
from tests.system.scenes import hint, let_pass, mirrored, use_rules
from tests.system.world import AUDIT, CLARA, DANA, PRIYA, World

Undo = Callable[[], None]


def account(world: World, email: str) -> Account:
    found = world.site.account_by_email(email)
    assert found is not None
    return found


def alerts(world: World) -> dict[str, str]:
    with world.db.read() as conn:
        return {alert.name: alert.text for alert in Store(conn).alerts.current()}


def look(world: World, seconds: int = 120) -> None:
    world.sweeps.everything()
    let_pass(world, seconds)


def mender(world: World) -> Mender:
    audit = Audit(AUDIT, world.rules.audit[AUDIT])
    return Mender(world.db, world.new_sites(), audit, by="dana", reason="on purpose")


# Jira.


def archive_project(world: World) -> Undo:
    project = world.site.jira.project("SEC")
    assert project is not None
    project.archived = True
    return lambda: setattr(project, "archived", False)


def shut_project(world: World) -> Undo:
    project = world.site.jira.project("SEC")
    assert project is not None
    grants = dict(project.grants)
    project.grants.clear()
    return lambda: project.grants.update(grants)


@pytest.mark.parametrize("put_away", [archive_project, shut_project])
def test_cards_of_a_project_that_is_archived_or_shut_are_detached_and_come_back(
    world: World, put_away: Callable[[World], Undo]
) -> None:
    mirrored(world)
    mirrored(world, "R-002")
    world.add_request("R-003", team="IT")
    let_pass(world, 120)
    open_again = put_away(world)
    look(world)
    for number in ("R-001", "R-002"):
        task = world.task(number)
        assert world.link(task).state is LinkState.DETACHED
        assert world.key(task) in alerts(world)[f"detached:{task.uid}:issue"]
        assert world.link(world.request(number)).state is LinkState.LIVE
    assert world.link(world.task("R-003")).state is LinkState.LIVE
    world.person(PRIYA).move(world.key(world.task("R-003")), "In Progress")
    world.person(CLARA).comment_page(world.page("R-001")["id"], "due 2026-12-01")
    let_pass(world, 120)
    assert world.task("R-003").status == "in_progress"
    assert world.request("R-001").auditor_due_on == date(2026, 12, 1)
    open_again()
    look(world, 180)
    assert alerts(world) == {}
    for number in ("R-001", "R-002", "R-003"):
        assert_mirrored_once(world, number)


def test_work_for_a_project_that_is_archived_says_why_it_has_no_card(world: World) -> None:
    archive_project(world)
    world.add_request("R-001")
    world.add_request("R-002", team="IT")
    let_pass(world, 180)
    (letter,) = letters(world)
    assert letter.key.endswith(world.task("R-001").uid)
    assert "SEC" in letter.error
    assert "Not in step: task R-001/1" in world.page("R-001")["body"]["storage"]["value"].replace("</strong>", "")
    assert world.link(world.task("R-002")).state is LinkState.LIVE


def test_a_request_moved_to_another_project_is_followed_with_its_tasks(world: World) -> None:
    card = mirrored(world)
    issue = world.site.jira.issues[str(world.link(world.request()).remote_id)]
    legal = world.site.jira.project("LEGAL")
    assert legal is not None
    changes.move(world.site, issue, legal, world.account(DANA))
    let_pass(world, 120)
    link = world.link(world.request())
    assert (link.key.startswith("LEGAL-"), link.url.endswith(link.key), link.remote_id) == (True, True, issue.issue_id)
    world.person(PRIYA).move(card, "In Progress")
    let_pass(world, 120)
    assert world.request().status == "in_progress"
    assert world.person(DANA).status(link.key) != "To Do"
    assert_mirrored_once(world)


def test_a_card_moved_to_a_project_of_no_audit_is_still_polled(world: World) -> None:
    mirrored(world)
    use_rules(world, routes=(Route(team="Security", project="SEC"),))
    world.polls = Polls(world.db, world.new_sites())
    issue = world.site.jira.issues[str(world.link(world.task()).remote_id)]
    legal = world.site.jira.project("LEGAL")
    assert legal is not None
    changes.move(world.site, issue, legal, world.account(DANA))
    hint(world, world.task())
    let_pass(world, 3_600)
    world.person(PRIYA).move(world.key(world.task()), "In Progress")
    let_pass(world, 120)
    assert world.task().status == "in_progress"


def test_an_archived_issue_that_takes_no_edit_is_told_and_goes_on_when_it_is_back(world: World) -> None:
    card = mirrored(world)
    issue_id = world.link(world.task()).remote_id
    world.site.faults.add("status", "PUT", f"/issue/{issue_id}$", status=400, times=10_000)
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-01")
    let_pass(world, 180)
    (letter,) = letters(world)
    assert letter.key.endswith(world.task().uid)
    assert "Not in step: task R-001/1" in world.page()["body"]["storage"]["value"].replace("</strong>", "")
    world.site.faults.clear()
    world.person(PRIYA).comment_issue(card, "it is back")
    let_pass(world, 180)
    assert letters(world) == []
    assert world.person(DANA).issue(card)["fields"]["duedate"] == "2026-12-01"
    assert second_run_writes(world) == []


# Confluence.


def test_a_purged_page_is_detached_and_made_again_on_a_persons_word(world: World) -> None:
    mirrored(world)
    old = world.page()["id"]
    lifecycle.trash_page(world.site, account(world, DANA), old)
    lifecycle.purge_page(world.site, account(world, BOT_EMAIL), old)
    look(world)
    assert world.link(world.request(), LinkRole.PAGE).state is LinkState.DETACHED
    assert f"detached:{world.request().uid}:page" in alerts(world)
    mender(world).recreate("R-001", [LinkRole.PAGE])
    let_pass(world, 180)
    assert world.page()["id"] != old
    assert alerts(world) == {}
    assert_mirrored_once(world)


def test_a_trashed_page_that_is_restored_goes_on_with_what_was_written_meanwhile(world: World) -> None:
    card = mirrored(world)
    page = world.page()
    lifecycle.trash_page(world.site, account(world, DANA), page["id"])
    look(world)
    world.person(PRIYA).move(card, "In Progress")
    let_pass(world, 120)
    assert world.request().status == "in_progress"
    lifecycle.restore_page(world.site, account(world, DANA), page["id"])
    world.person(CLARA).comment_page(page["id"], "due 2026-12-01")
    let_pass(world, 180)
    assert world.request().auditor_due_on == date(2026, 12, 1)
    assert "In progress" in world.page()["body"]["storage"]["value"]
    assert alerts(world) == {}
    assert_mirrored_once(world)


def test_a_page_shut_to_tieout_is_detached_and_comes_back(world: World) -> None:
    mirrored(world)
    mirrored(world, "R-002")
    page = world.site.confluence.pages[world.page()["id"]]
    page.restrictions = {"read": frozenset({world.account(DANA)})}
    look(world)
    assert world.link(world.request(), LinkRole.PAGE).state is LinkState.DETACHED
    assert "R-001 " in alerts(world)[f"detached:{world.request().uid}:page"]
    world.person(CLARA).comment_page(world.page("R-002")["id"], "due 2026-12-01")
    let_pass(world, 120)
    assert world.request("R-002").auditor_due_on == date(2026, 12, 1)
    page.restrictions = {}
    look(world)
    assert alerts(world) == {}
    assert_mirrored_once(world)


def test_a_page_on_which_tieout_may_not_write_is_told_and_goes_on_when_it_may(world: World) -> None:
    card = mirrored(world)
    page = world.site.confluence.pages[world.page()["id"]]
    page.restrictions = {"update": frozenset({world.account(DANA)})}
    world.person(PRIYA).move(card, "In Progress")
    let_pass(world, 300)
    assert [letter.key.removeprefix("record:") for letter in letters(world)] == [world.request().uid]
    assert world.link(world.request(), LinkRole.PAGE).state is LinkState.LIVE
    page.restrictions = {}
    hint(world, world.request())
    let_pass(world, 120)
    assert letters(world) == []
    assert "In progress" in world.page()["body"]["storage"]["value"]
    assert_mirrored_once(world)


@pytest.mark.long
def test_a_page_moved_to_another_space_is_followed_and_told(world: World) -> None:
    mirrored(world)
    page_id = world.page()["id"]
    home = world.site.confluence.pages[page_id].parent_id
    other = create_space(world.site, account(world, BOT_EMAIL), key="OLD", name="Old audits")
    ours = next(space for space in world.site.confluence.spaces.values() if space.key == "SOC2")
    other.permissions = {**ours.permissions}
    lifecycle.move_page(world.site, account(world, DANA), page_id, str(other.homepage_id))
    look(world)
    assert world.link(world.request(), LinkRole.PAGE).state is LinkState.LIVE
    text = alerts(world)[f"moved:{world.request().uid}:page"]
    assert "SOC2" in text
    assert "auditor" in text
    page = world.page()
    world.person(CLARA).write_page(page, page["body"]["storage"]["value"].replace("2026-12-14", "2026-12-02", 1))
    let_pass(world, 180)
    assert world.request().auditor_due_on == date(2026, 12, 2)
    assert second_run_writes(world) == []
    lifecycle.move_page(world.site, account(world, DANA), page_id, str(home))
    look(world)
    assert alerts(world) == {}
    assert_mirrored_once(world)


def test_a_space_that_is_shut_holds_up_neither_jira_nor_the_nightly_look(world: World) -> None:
    card = mirrored(world)
    bot = world.account(BOT_EMAIL)
    space = next(space for space in world.site.confluence.spaces.values() if space.key == "SOC2")
    held = space.permissions.pop(bot)
    look(world, 300)
    assert world.link(world.request(), LinkRole.PAGE).state is LinkState.DETACHED
    assert "SOC2" in alerts(world)["space:SOC2"]
    world.person(PRIYA).move(card, "In Progress")
    let_pass(world, 120)
    assert world.request().status == "in_progress"
    space.permissions[bot] = held
    look(world, 180)
    assert alerts(world) == {}
    assert "In progress" in world.page()["body"]["storage"]["value"]
    assert_mirrored_once(world)
