"""The site as a whole in trouble: too many calls, no sign-in, clocks and indexes that lag, doors that shut."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Literal

import pytest

from connector.sandbox.seed import BOT_EMAIL
from mappings.errors import TryLater
from mappings.records import LinkRole, LinkState
from sync.keys import record_key
from sync.store import Store
from sync.work import LIVE, counts, mark
from tests.system.looks import assert_mirrored_once, second_run_writes
from tests.system.scenes import hint, let_pass, mirrored
from tests.system.world import AUDIT, CLARA, DANA, PRIYA, World

WRITES = [
    ("POST", "/rest/api/3/issue/bulk$"),
    ("POST", "/wiki/api/v2/pages$"),
    ("POST", "/rest/api/3/search/jql$"),
    ("GET", "/wiki/api/v2/spaces"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_after_a_429_nobody_calls_before_its_time_and_no_attempt_is_spent(world: World, method: str, path: str) -> None:
    for number in range(1, 13):
        world.add_request(f"R-{number:03}", owner=PRIYA if number % 2 else None)
    world.site.faults.rate_limit(method, path, retry_after_s=50)
    second = world.new_worker("second")
    world.worker.run_until_quiet()
    world.add_request("R-013", owner=PRIYA)
    second.run_until_quiet()
    told = next(at for at, call in enumerate(world.site.calls) if call.status == 429)
    assert list(world.site.calls)[told + 1 :] == []
    world.clock.advance(49)
    for worker in (world.worker, second):
        worker.run_until_quiet()
    assert list(world.site.calls)[told + 1 :] == []
    world.clock.advance(10)
    world.worker.run_until_quiet()
    let_pass(world, 300)
    for number in (1, 2, 12, 13):
        assert len(world.issues_marked(world.request(f"R-{number:03}"))) == 1
    with world.db.read() as conn:
        assert counts(conn).dead == 0


def test_an_expired_token_pauses_everything_with_one_alert_and_a_new_one_resumes(world: World) -> None:
    card = mirrored(world)
    bot = world.site.account_by_email(BOT_EMAIL)
    assert bot is not None
    bot.token_expires_at = world.site.now()
    world.person(PRIYA).move(card, "In Progress")
    hint(world, world.task())
    for _ in range(20):
        world.clock.advance(60)
        world.worker.run_until_quiet()
    with world.db.read() as conn:
        names = [alert.name for alert in Store(conn).alerts.current()]
        assert (names, counts(conn).dead) == (["sign-in"], 0)
    bot.token_expires_at = None
    let_pass(world, 180)
    assert world.task().status == "in_progress"
    with world.db.read() as conn:
        assert Store(conn).alerts.current() == ()


def test_a_paused_site_that_cannot_be_reached_is_asked_once_a_minute(world: World) -> None:
    mirrored(world)
    bot = world.site.account_by_email(BOT_EMAIL)
    assert bot is not None
    bot.token_expires_at = world.site.now()
    hint(world, world.task())
    world.clock.advance(61)
    world.site.faults.add("status", "GET", "/myself$", status=400, times=10_000)
    world.site.calls.clear()
    for _ in range(20):
        world.worker.step()
        world.clock.advance(0.2)
    assert len(world.site.calls) == 1


@pytest.mark.parametrize("skew_s", [-300, 300])
def test_a_site_whose_clock_is_off_loses_nothing(world: World, skew_s: int) -> None:
    world.site.skew_s = skew_s
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")
    world.settle()
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-01")
    world.settle()
    assert world.task().status == "in_progress"
    assert world.request().auditor_due_on == date(2026, 12, 1)
    assert second_run_writes(world) == []


def test_a_site_whose_clock_jumps_back_loses_nothing(world: World) -> None:
    world.site.skew_s = 300
    card = mirrored(world)
    world.site.skew_s = -200
    world.person(PRIYA).move(card, "In Progress")
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-01")
    world.settle()
    assert world.task().status == "in_progress"
    assert world.request().auditor_due_on == date(2026, 12, 1)


def test_what_the_index_shows_late_is_seen_late_and_not_never(world: World) -> None:
    card = mirrored(world)
    world.site.faults.index_lag_s = 90
    world.person(PRIYA).move(card, "In Progress")
    world.clock.advance(5)
    world.person(PRIYA).set_due(card, date(2026, 12, 10))
    world.settle()
    world.person(DANA).comment_issue(world.key(world.request()), "auditor: more follows")
    let_pass(world, 240)
    assert (world.task().status, world.task().due_on) == ("in_progress", date(2026, 12, 10))
    assert world.request().status == "in_progress"


def test_a_comment_that_comes_to_light_after_a_later_change_is_heard(world: World) -> None:
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")
    let_pass(world, 180)
    world.site.skew_s = -100
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-01")
    world.site.skew_s = 0
    world.settle()
    assert world.request().auditor_due_on == date(2026, 12, 1)


def test_a_card_stripped_of_its_labels_is_still_seen(world: World) -> None:
    card = mirrored(world)
    labels = world.person(DANA).issue(card)["fields"]["labels"]
    world.settle()
    world.person(PRIYA).set_fields(card, labels=[])
    world.person(PRIYA).move(card, "In Progress")
    let_pass(world, 120)
    assert set(world.person(DANA).issue(card)["fields"]["labels"]) == set(labels)
    assert world.task().status == "in_progress"


def test_after_quiet_days_a_poll_finds_nothing_to_do(world: World) -> None:
    mirrored(world)
    let_pass(world, 120)
    for _ in range(5):
        world.clock.advance(86_400)
        world.settle()
    for _ in range(3):
        assert world.polls.jira() + world.polls.confluence() == 0
        world.clock.advance(60)


def test_a_stranger_on_the_board_is_taken_up_although_the_first_look_failed(world: World) -> None:
    mirrored(world)
    priya = world.person(PRIYA)
    card = priya.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary="More", labels=["tieout"])
    outward = {"key": world.key(world.request())}
    link = {"type": {"name": "Relates"}, "inwardIssue": {"key": card}, "outwardIssue": outward}
    priya.call("POST", "/rest/api/3/issueLink", json=link)
    world.site.faults.rate_limit("POST", "/issue/bulkfetch$")
    world.clock.advance(60)
    with pytest.raises(Exception, match="429"):
        world.polls.jira()
    let_pass(world, 120)
    assert world.key(world.task(index=1)) == card


@pytest.mark.long
def test_most_of_a_site_out_of_sight_stops_the_run_and_detaches_nothing(world: World) -> None:
    for number in range(1, 31):
        world.add_request(f"R-{number:03}")
    world.settle()
    shut = [project for project in world.site.jira.projects.values() if project.key in ("AUD", "SEC")]
    kept = [dict(project.grants) for project in shut]
    for project in shut:
        project.grants.clear()
    world.sweeps.everything()
    let_pass(world, 120)
    for project, grants in zip(shut, kept, strict=True):
        project.grants.update(grants)
    states = {world.link(world.request(f"R-{number:03}")).state for number in range(1, 31)}
    assert states == {LinkState.LIVE}
    with world.db.read() as conn:
        assert Store(conn).alerts.current() != ()
    let_pass(world, 600)
    with world.db.read() as conn:
        assert Store(conn).alerts.current() == ()


def test_an_issue_that_jira_cannot_show_just_now_is_not_taken_for_gone(world: World) -> None:
    """A bulk fetch lists such a one among its `issueErrors`; what is gone it leaves out without a word."""
    card = mirrored(world)
    world.add_request("R-002")
    world.settle()
    world.person(PRIYA).move(card, "In Progress")
    world.site.faults.unreadable[str(world.link(world.task()).remote_id)] = 3
    hint(world, world.task())
    link = world.link(world.task())
    assert (link.state, link.detached_reason) == (LinkState.LIVE, "")
    assert world.task().status == "todo"
    let_pass(world, 300)
    assert world.task().status == "in_progress"
    with world.db.read() as conn:
        assert Store(conn).alerts.current() == ()


def test_a_stranger_that_jira_cannot_show_just_now_is_taken_up_later(world: World) -> None:
    mirrored(world)
    priya = world.person(PRIYA)
    card = priya.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary="More", labels=["tieout"])
    outward = {"key": world.key(world.request())}
    link = {"type": {"name": "Relates"}, "inwardIssue": {"key": card}, "outwardIssue": outward}
    priya.call("POST", "/rest/api/3/issueLink", json=link)
    world.site.faults.unreadable[priya.issue(card)["id"]] = 1
    world.clock.advance(60)
    with pytest.raises(TryLater, match="could not be loaded"):
        world.polls.jira()
    let_pass(world, 120)
    assert world.key(world.task(index=1)) == card


def test_a_stranger_that_jira_never_shows_makes_no_work_of_what_was_seen(world: World) -> None:
    card = mirrored(world)
    world.settle()
    sec, task = {"key": "SEC"}, {"name": "Task"}
    stranger = world.person(PRIYA).create_issue(project=sec, issuetype=task, summary="More", labels=["tieout"])
    world.site.faults.unreadable[world.person(PRIYA).issue(stranger)["id"]] = 10**6
    world.person(PRIYA).move(card, "In Progress")
    for _ in range(3):
        world.clock.advance(60)
        with pytest.raises(TryLater, match="could not be loaded"):
            world.polls.jira()
        world.worker.run_until_quiet()
    assert world.task().status == "in_progress"
    world.clock.advance(60)
    with pytest.raises(TryLater):
        world.polls.jira()
    with world.db.read() as conn:
        assert counts(conn).due == 0


@pytest.mark.parametrize("status", ["trashed", "archived"])
def test_a_page_put_away_is_detached_visibly_and_comes_back_itself(
    world: World, status: Literal["trashed", "archived"]
) -> None:
    mirrored(world)
    page_id = world.page()["id"]
    world.site.confluence.pages[page_id].status = status
    world.sweeps.everything()
    let_pass(world, 120)
    link = world.link(world.request(), LinkRole.PAGE)
    assert (link.state, status in link.detached_reason) == (LinkState.DETACHED, True)
    with world.db.read() as conn:
        assert any(status in alert.text for alert in Store(conn).alerts.current())
    world.site.confluence.pages[page_id].status = "current"
    world.sweeps.everything()
    let_pass(world, 120)
    assert world.link(world.request(), LinkRole.PAGE).state is LinkState.LIVE
    with world.db.read() as conn:
        assert Store(conn).alerts.current() == ()
    assert_mirrored_once(world)


def test_two_audits_share_a_space_and_their_projects(world: World) -> None:
    (rule,) = world.rules.audit.values()
    other = rule.model_copy(update={"name": "ISO 27001 2026"})
    world.rules = world.rules.model_copy(update={"audit": {AUDIT: rule, "ISO-2026": other}})
    world.worker = world.new_worker("second")
    world.add_request("R-001")
    twin = replace(world.request(), uid="f" * 32, audit="ISO-2026")
    with world.db.write() as conn:
        Store(conn).first_plans.show("ISO-2026", DANA, "in a test", world.clock.now())
        Store(conn).records.add(twin)
        mark(conn, [record_key(twin.uid)], lane=LIVE)
    let_pass(world, 180)
    titles = [page.title for page in world.site.confluence.pages.values() if page.title.startswith("R-001 ")]
    assert sorted(title.rpartition(" ")[2] for title in titles) == ["(ISO-2026)", "(SOC2-2026)"]
    assert len(world.issues_marked(twin)) == 1
    assert second_run_writes(world) == []
