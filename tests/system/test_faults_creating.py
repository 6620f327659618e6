"""Creating over a bad line: whatever the site's answer, one object for each record, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connector.sandbox.faults import Kind
from mappings.far import PageDraft, PageView
from mappings.records import LinkRole, LinkState, Record
from sync import journal
from sync.keys import record_key
from sync.retry import Retry
from sync.store import Store
from sync.work import dead, replay
from sync.worker import Worker
from tests.system.looks import all_pages, assert_mirrored_once, assert_nobody_is_blamed, page_titled, pages_titled
from tests.system.scenes import BULK, PAGES, before, hint, let_pass, mirrored
from tests.system.world import AUDIT, CLARA, DANA, PRIYA, TOMAS, World


@pytest.mark.parametrize("path", [BULK, PAGES])
@pytest.mark.parametrize(
    "kind", ["timeout_before", "timeout_after", "drop_before", "drop_after", "status", "status_after", "late"]
)
def test_a_create_of_unknown_outcome_ends_in_one_object(world: World, path: str, kind: Kind) -> None:
    world.site.faults.add(kind, "POST", path, delay_s=30)
    world.add_request()
    let_pass(world, 600)
    assert_mirrored_once(world)


@pytest.mark.parametrize("kind", ["timeout_after", "late"])
def test_the_issue_of_an_escalation_is_made_once_whatever_the_answer(world: World, kind: Kind) -> None:
    card = mirrored(world)
    world.site.faults.add(kind, "POST", BULK, delay_s=30)
    world.person(PRIYA).set_due(card, date(2026, 11, 9))
    let_pass(world, 600)
    (made,) = world.person(DANA).find_issues("labels = tieout-escalation")
    assert world.link(world.task(), LinkRole.ESCALATION_ISSUE).remote_id == made["id"]
    assert_mirrored_once(world)


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "late"])
def test_a_call_of_unknown_outcome_for_issues_of_several_projects_makes_each_once(world: World, kind: Kind) -> None:
    for number, team in (("R-001", "Security"), ("R-002", "People"), ("R-003", "Legal")):
        world.add_request(number, team=team)
    world.worker.step()  # their own issues
    world.site.faults.add(kind, "POST", BULK, delay_s=30)
    let_pass(world, 600)
    projects = {world.key(world.task(number)).partition("-")[0] for number in ("R-001", "R-002", "R-003")}
    assert projects == {"SEC", "PEOPLE", "LEGAL"}
    for number in ("R-001", "R-002", "R-003"):
        assert_mirrored_once(world, number)


@pytest.mark.parametrize("path", [BULK, PAGES])
def test_a_second_try_of_unknown_outcome_is_waited_for_like_the_first(world: World, path: str) -> None:
    request = world.add_request()
    world.site.faults.add("timeout_before", "POST", path)
    world.site.faults.add("late", "POST", path, delay_s=30)
    world.settle()
    for _ in range(12):
        world.clock.advance(10)
        hint(world, request)
    let_pass(world, 600)
    assert_mirrored_once(world)


@pytest.mark.parametrize("path", [BULK, PAGES])
def test_a_create_that_was_long_waited_for_is_looked_for_as_long_after_its_end(world: World, path: str) -> None:
    mirrored(world, "R-002")
    request = world.add_request()
    before(world, "POST", path, lambda: world.clock.advance(25))  # until the client gives up
    world.site.faults.add("late", "POST", path, delay_s=45)
    world.settle()
    with world.db.write() as conn:
        Store(conn).records.put(replace(request, title="Access of leavers"))
    for _ in range(12):
        world.clock.advance(10)
        hint(world, request)
    let_pass(world, 600)
    assert_mirrored_once(world)


def assert_listed_on_the_page(world: World, request: Record, change: dict[str, Any]) -> None:
    """The page says what the list changed, the register still does too, and nobody is blamed."""
    assert_mirrored_once(world)
    assert str(next(iter(change.values()))) in world.page()["body"]["storage"]["value"]
    assert world.request().auditor_due_on == change.get("auditor_due_on", request.auditor_due_on)
    assert_nobody_is_blamed(world)


SOONER = {"due_on": date(2026, 12, 1), "auditor_due_on": date(2026, 12, 1)}


def begun_late(world: World, change: dict[str, Any]) -> Record:
    """A request whose page's create takes effect after a minute and a half, and which the list changes before."""
    request = world.add_request()
    world.site.faults.add("late", "POST", PAGES, spares=1, delay_s=90)  # the home page comes first
    world.settle()
    with world.db.write() as conn:
        Store(conn).records.put(replace(request, **change))
    return request


@pytest.mark.parametrize("is_edited", [False, True])
@pytest.mark.parametrize(
    "change", [{"title": "Access of leavers"}, {"description": "Those of the third quarter."}, SOONER]
)
def test_what_the_list_changes_while_the_create_of_a_page_is_unclear_ends_on_the_one_page(
    world: World, change: dict[str, Any], is_edited: bool
) -> None:
    """Whoever writes a note on it in the meantime is blamed for nothing."""
    request = world.add_request()
    world.site.faults.add("timeout_after", "POST", PAGES, spares=1)  # the home page comes first
    world.settle()
    with world.db.write() as conn:
        Store(conn).records.put(replace(request, **change))
    if is_edited:
        made = page_titled(world, pages_titled(world, "R-001 ")[0])
        world.person(PRIYA).write_page(made, made["body"]["storage"]["value"] + "<p>my note</p>")
    hint(world, request)
    let_pass(world, 600)
    assert_mirrored_once(world)
    page = world.page()
    said = page["title"] + page["body"]["storage"]["value"]
    assert str(next(iter(change.values()))) in said
    assert ("my note" in said) is is_edited
    assert world.request().auditor_due_on == change.get("auditor_due_on", request.auditor_due_on)
    with world.db.read() as conn:
        assert [entry.what for entry in journal.entries(conn, limit=1_000) if "put back" in entry.what] == []


@pytest.mark.parametrize("change", [{"description": "Those of the third quarter."}, SOONER])
def test_whichever_of_two_tries_made_the_page_it_ends_as_the_list_has_it(world: World, change: dict[str, Any]) -> None:
    request = begun_late(world, change)
    world.site.faults.add("timeout_before", "POST", PAGES)
    world.clock.advance(5)
    hint(world, request)
    let_pass(world, 600)
    assert world.writes().count("POST /wiki/api/v2/pages") == 3, "the home page and two tries"
    assert_listed_on_the_page(world, request, change)


@pytest.mark.parametrize("who", [CLARA, PRIYA])
@pytest.mark.parametrize("change", [SOONER, {"description": "Those of the third quarter."}])
def test_whoever_writes_a_note_on_the_page_of_the_first_of_two_tries_has_changed_nothing_else(
    world: World, change: dict[str, Any], who: str
) -> None:
    """The date that the first try had set was taken for one that the auditor set with that note."""
    request = begun_late(world, change)
    world.site.faults.add("timeout_before", "POST", PAGES)
    world.clock.advance(5)
    hint(world, request)
    world.settle()
    world.clock.advance(30)
    made = page_titled(world, pages_titled(world, "R-001 ")[0])
    world.person(who).write_page(made, made["body"]["storage"]["value"] + "<p>my note</p>")
    let_pass(world, 600)
    assert world.writes().count("POST /wiki/api/v2/pages") == 3, "the home page and two tries"
    assert_listed_on_the_page(world, request, change)
    assert "my note" in world.page()["body"]["storage"]["value"]


@pytest.mark.parametrize("change", [{"description": "Those of the third quarter."}, SOONER])
def test_a_page_that_comes_to_light_as_the_second_try_is_made_says_what_it_was_begun_with(
    world: World, change: dict[str, Any]
) -> None:
    request = begun_late(world, change)
    sites = world.new_sites()
    create = sites.confluence.create

    def slow_create(draft: PageDraft) -> PageView:
        world.clock.advance(60)
        return create(draft)

    sites.confluence.create = slow_create  # type: ignore[method-assign]  # the line is slow
    slow = Worker(world.db, sites, world.vault, name="slow", retry=Retry(), chance=lambda: 0.5)
    world.clock.advance(65)
    slow.run_until_quiet()
    let_pass(world, 600)
    assert_listed_on_the_page(world, request, change)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Access of leavers"},
        {"description": "Those of the third quarter."},
        {"criteria": ("CC6.3",)},
        {"is_proposed_withdrawn": True},
        {"due_on": date(2026, 12, 1)},
        {"owner": TOMAS},
        {"owner": None},
        {"priority": "high"},
    ],
)
def test_what_the_list_changes_while_the_create_of_an_issue_is_unclear_ends_on_the_one_issue(
    world: World, change: dict[str, Any]
) -> None:
    """Nobody edited the issue: it says what the register said when it was begun."""
    request = world.add_request()
    world.site.faults.add("timeout_after", "POST", BULK)
    world.settle()
    with world.db.write() as conn:
        Store(conn).records.put(replace(request, **change))
    hint(world, request)
    let_pass(world, 600)
    assert_mirrored_once(world)
    [name], [value] = change.keys(), change.values()
    assert getattr(world.request(), name) == value
    assert_nobody_is_blamed(world)


@pytest.mark.parametrize(
    "change",
    [
        {"due_on": date(2026, 12, 1)},
        {"title": "Access of leavers"},
        {"owner": TOMAS},
        {"owner": None},
        {"priority": "high"},
        {"is_proposed_withdrawn": False},
    ],
)
def test_whichever_of_two_tries_made_the_issue_it_ends_as_the_list_has_it(world: World, change: dict[str, Any]) -> None:
    """What the first one said was taken back into the register, as if somebody had set it in Jira."""
    request = world.add_request(is_proposed_withdrawn=True)
    world.site.faults.add("late", "POST", BULK, delay_s=90)
    world.settle()
    with world.db.write() as conn:
        Store(conn).records.put(replace(request, **change))
    world.site.faults.add("timeout_before", "POST", BULK)
    world.clock.advance(5)
    hint(world, request)
    let_pass(world, 600)
    assert_mirrored_once(world)
    [name], [value] = change.keys(), change.values()
    assert getattr(world.request(), name) == value
    labels = world.issues_marked(request)[0]["fields"]["labels"]
    assert ("proposed-withdrawn" in labels) is world.request().is_proposed_withdrawn
    assert_nobody_is_blamed(world)


def test_a_label_that_went_while_the_create_was_unclear_is_taken_off_the_issue(world: World) -> None:
    request = world.add_request(is_proposed_withdrawn=True)
    world.site.faults.add("timeout_after", "POST", BULK)
    world.settle()
    with world.db.write() as conn:
        Store(conn).records.put(replace(request, is_proposed_withdrawn=False))
    hint(world, request)
    let_pass(world, 600)
    [issue] = world.issues_marked(request)
    assert "proposed-withdrawn" not in issue["fields"]["labels"]


def test_what_a_person_set_on_an_issue_before_it_was_found_is_judged_as_theirs(world: World) -> None:
    request = world.add_request()
    world.site.faults.add("timeout_after", "POST", BULK)
    world.settle()
    with world.db.write() as conn:
        Store(conn).records.put(replace(request, priority="low"))
    [issue] = world.issues_marked(request)
    world.person(PRIYA).set_fields(issue["id"], duedate="2026-12-01", priority={"name": "High"})
    hint(world, request)
    let_pass(world, 600)
    assert_mirrored_once(world)
    assert (world.request().due_on, world.request().priority) == (date(2026, 12, 1), "high")


@pytest.mark.long
def test_a_renamed_page_is_found_on_a_site_whose_clock_is_behind(world: World) -> None:
    world.site.skew_s = -300
    world.add_request()
    world.site.faults.add("timeout_after", "POST", PAGES, spares=1)  # the home page comes first
    world.settle()
    made = page_titled(world, pages_titled(world, "R-001 ")[0])
    world.person(DANA).write_page(made | {"title": "Reviews of access"}, made["body"]["storage"]["value"])
    let_pass(world, 600)
    assert world.link(world.request(), LinkRole.PAGE).remote_id == made["id"]
    assert_mirrored_once(world)


@pytest.mark.parametrize("is_title_taken", [False, True])
def test_a_page_that_somebody_renames_before_its_create_is_known_is_not_made_again(
    world: World, is_title_taken: bool
) -> None:
    world.add_request()
    world.site.faults.add("timeout_after", "POST", PAGES, spares=1)  # the home page comes first
    world.settle()
    dana, (title,) = world.person(DANA), pages_titled(world, "R-001 ")
    made = page_titled(world, title)
    dana.write_page(made | {"title": "Reviews of access"}, made["body"]["storage"]["value"])
    if is_title_taken:
        body = {"representation": "storage", "value": "<p>hers</p>"}
        other = {"spaceId": made["spaceId"], "status": "current", "title": title, "body": body}
        dana.call("POST", "/wiki/api/v2/pages", json=other)
    world.settle()
    let_pass(world, 600)
    assert world.link(world.request(), LinkRole.PAGE).remote_id == made["id"]
    assert [page["id"] for page in all_pages(world) if world.request().uid in page["body"]["storage"]["value"]] == [
        made["id"]
    ]


@pytest.mark.parametrize("how", ["its answer was lost", "a person", "the mapping file"])
def test_a_home_page_by_another_title_is_found_by_what_it_says(world: World, how: str) -> None:
    """A second one was made, and what came from then on stood below that."""
    world.add_request()
    if how == "its answer was lost":
        world.site.faults.add("timeout_after", "POST", PAGES)
    world.settle()
    (home,) = [page for page in all_pages(world) if "tieout-home-audit" in page["body"]["storage"]["value"]]
    if how == "the mapping file":
        renamed = world.rules.audit[AUDIT].model_copy(update={"name": "SOC 2 of 2026"})
        world.rules = world.rules.model_copy(update={"audit": {AUDIT: renamed}})
    else:
        world.person(DANA).write_page(home | {"title": "Our audit"}, home["body"]["storage"]["value"])
    world.worker = world.new_worker("second")
    world.add_request("R-002")
    let_pass(world, 180)
    assert len([page for page in all_pages(world) if "tieout-home-audit" in page["body"]["storage"]["value"]]) == 1
    assert {world.page(number)["parentId"] for number in ("R-001", "R-002")} == {home["id"]}


def test_a_home_page_that_was_put_away_under_another_title_is_not_the_home_page_any_more(world: World) -> None:
    mirrored(world)
    home = page_titled(world, world.rules.audit[AUDIT].name + f" ({AUDIT})")
    world.person(DANA).write_page(home | {"title": "Last year's"}, home["body"]["storage"]["value"])
    world.site.confluence.pages[home["id"]].status = "archived"
    world.worker = world.new_worker("second")
    world.add_request("R-002")
    let_pass(world, 180)
    assert world.page("R-002")["parentId"] not in (home["id"], None)


def test_a_copy_that_somebody_made_before_the_create_was_known_is_not_taken_for_the_page(world: World) -> None:
    world.add_request()
    world.site.faults.add("timeout_after", "POST", PAGES, spares=1)  # the home page comes first
    world.settle()
    made = page_titled(world, pages_titled(world, "R-001 ")[0])
    body = {"representation": "storage", "value": made["body"]["storage"]["value"]}
    copy = {"spaceId": made["spaceId"], "status": "current", "title": "Copy of R-001", "body": body}
    world.clock.advance(1)
    world.person(DANA).call("POST", "/wiki/api/v2/pages", json=copy)
    let_pass(world, 600)
    assert world.link(world.request(), LinkRole.PAGE).remote_id == made["id"]


def test_only_after_a_lost_answer_is_a_space_searched_for_a_page(world: World) -> None:
    looks = "GET /wiki/api/v2/spaces/<space_id>/pages"
    world.add_request()
    world.settle()
    world.site.calls.clear()
    world.add_request("R-002")
    world.settle()
    assert world.site.calls.counts[looks] == 0
    world.site.faults.add("timeout_before", "POST", PAGES)
    world.add_request("R-003")
    let_pass(world, 300)
    assert world.site.calls.counts[looks] == 2, "what was made since, and by title"
    assert_mirrored_once(world, "R-003")


@pytest.mark.parametrize("made", [0, 1, 2])
def test_a_bulk_create_that_stops_half_way_makes_each_issue_once(world: World, made: int) -> None:
    """Nothing says that a bulk create is one deed: its answer may be lost when a part of it is done."""
    numbers = ("R-001", "R-002", "R-003")
    for number in numbers:
        world.add_request(number)
    world.site.faults.bulk_stops_after = [made, made]
    world.site.faults.index_lag_s = 120
    let_pass(world, 900)
    world.site.faults.index_lag_s = 0
    for number in numbers:
        assert_mirrored_once(world, number)


def test_the_search_lagging_behind_makes_no_second_issue(world: World) -> None:
    world.site.faults.index_lag_s = 50
    world.site.faults.add("timeout_after", "POST", BULK)
    world.add_request()
    let_pass(world, 600)
    world.clock.advance(60)
    assert_mirrored_once(world)


def test_an_issue_that_cannot_be_shown_when_it_is_looked_for_is_not_made_again(world: World) -> None:
    world.site.faults.index_lag_s = 900
    world.site.faults.add("timeout_after", "POST", BULK)
    world.add_request()
    world.settle()
    for issue_id in world.site.jira.issues:
        world.site.faults.unreadable[issue_id] = 4
    for _ in range(10):
        world.clock.advance(60)
        world.worker.run_until_quiet()
    world.site.faults.unreadable.clear()
    let_pass(world, 1200)
    assert_mirrored_once(world)


def test_what_a_person_did_to_an_issue_before_its_create_was_known_is_taken_in(world: World) -> None:
    world.add_request()
    world.site.faults.add("status_after", "POST", BULK)
    world.settle()
    world.clock.advance(61)
    world.site.faults.add("status_after", "POST", BULK)
    world.worker.run_until_quiet()
    (issue,) = world.issues_marked(world.task())
    world.person(PRIYA).move(issue["key"], "In Progress")
    let_pass(world, 300)
    assert world.task().status == "in_progress"
    assert world.person(DANA).status(issue["key"]) == "In Progress"


def test_a_page_that_is_there_with_our_mark_is_taken_though_the_site_refused_to_make_another(world: World) -> None:
    request = world.add_request()
    world.site.faults.add("timeout_before", "POST", PAGES)
    world.site.faults.add("late", "POST", PAGES, delay_s=5)
    world.settle()
    world.clock.advance(61)
    hint(world, request)
    with world.db.write() as conn:
        replay(conn)
    let_pass(world, 600)
    assert_mirrored_once(world)


def test_a_foreign_page_of_that_title_is_left_alone_and_named(world: World) -> None:
    space = world.person(DANA).call("GET", "/wiki/api/v2/spaces?keys=SOC2")["results"][0]["id"]
    title = "R-001 Access review report (SOC2-2026)"
    body = {"spaceId": space, "status": "current", "title": title}
    body["body"] = {"representation": "storage", "value": "<p>ours since 2019</p>"}
    foreign = world.person(DANA).call("POST", "/wiki/api/v2/pages", json=body)
    request = world.add_request()
    world.add_request("R-002")
    world.settle()
    with world.db.read() as conn:
        (letter,) = dead(conn)
    assert letter.key == record_key(request.uid)
    assert "title" in letter.error
    assert "ours since 2019" in world.person(DANA).page(foreign["id"])["body"]["storage"]["value"]
    assert_mirrored_once(world, "R-002")
    renamed = body | {"id": foreign["id"], "title": "Ours", "version": {"number": 2}}
    world.person(DANA).call("PUT", f"/wiki/api/v2/pages/{foreign['id']}", json=renamed)
    with world.db.write() as conn:
        replay(conn)
    let_pass(world, 120)
    assert_mirrored_once(world)


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
def test_what_is_settled_while_its_create_is_unclear_is_looked_for_and_not_made_any_more(
    world: World, kind: Kind
) -> None:
    """An issue that was made after all would stay on its owner's board, open, and nobody would know of it."""
    world.add_request()
    world.worker.step()
    world.site.faults.add(kind, "POST", BULK)
    while world.site.faults.scripted:
        world.worker.step()
    world.person(CLARA).comment_page(world.page()["id"], "not applicable: there is none")
    let_pass(world, 900)
    assert world.task().status == "cancelled"
    made = [issue["fields"]["status"]["name"] for issue in world.issues_marked(world.task())]
    assert made == (["Done"] if kind == "drop_after" else [])
    with world.db.read() as conn:
        link = Store(conn).links.of([world.task().uid])[world.task().uid, LinkRole.ISSUE]
    assert (link.state is LinkState.LIVE) == bool(made)
    assert link.state is LinkState.LIVE or link.intent_at is None
