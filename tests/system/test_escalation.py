"""Overdue work escalates by itself, each step once, and is put back when it is settled."""

from __future__ import annotations

from datetime import UTC, date, datetime

from mappings.records import LinkRole
from sync import journal
from sync.keys import record_key
from tests.system.looks import letters
from tests.system.scenes import handed_in, mirrored
from tests.system.world import CLARA, DANA, INES, MARCO, PRIYA, World


def at(world: World, day: date) -> None:
    world.clock.set(datetime(day.year, day.month, day.day, 9, tzinfo=UTC))
    world.sweeps.ladder()
    world.settle()


def said_by_tieout(world: World, card: str) -> int:
    comments = world.person(DANA).comments_of_issue(card)
    return sum(comment["author"]["displayName"] == "Tieout" for comment in comments)


def test_the_ladder_goes_up_step_by_step(world: World) -> None:
    card = mirrored(world, priority="medium")
    at(world, date(2026, 12, 15))
    issue = world.person(DANA).issue(card)["fields"]
    watchers = world.person(DANA).call("GET", f"/rest/api/3/issue/{card}/watchers")
    assert world.task().escalation_level == 1
    assert "overdue" in issue["labels"]
    assert world.account(INES) in [watcher["accountId"] for watcher in watchers["watchers"]]
    at(world, date(2026, 12, 17))
    issue = world.person(DANA).issue(card)["fields"]
    assert (world.task().escalation_level, issue["priority"]["name"]) == (2, "High")
    at(world, date(2026, 12, 23))
    assert world.task().escalation_level == 3
    escalations = world.person(DANA).find_issues("labels = tieout-escalation")
    assert [issue["fields"]["assignee"]["displayName"] for issue in escalations] == ["Ravi Patel"]
    assert world.request().escalation_level == 3


def test_after_an_outage_only_the_highest_missed_step_fires(world: World) -> None:
    card = mirrored(world)
    at(world, date(2026, 12, 23))
    at(world, date(2026, 12, 23))
    assert world.task().escalation_level == 3
    assert said_by_tieout(world, card) == 1
    with world.db.read() as conn:
        told = [entry for entry in journal.entries(conn, limit=1_000) if entry.what == "escalation"]
    assert [(entry.record, entry.before, entry.after) for entry in told] == [(world.task().uid, 0, 3)]
    assert len(world.person(DANA).find_issues("labels = tieout-escalation")) == 1


def test_a_dead_letter_that_gets_late_escalates_all_the_same(world: World) -> None:
    card = mirrored(world)
    world.site.faults.add("status", "PUT", f"/issue/{world.link(world.task()).remote_id}$", status=400, times=10_000)
    world.person(PRIYA).set_fields(card, labels=[])
    world.settle()
    assert [letter.key for letter in letters(world)] == [record_key(world.task().uid)]
    at(world, date(2026, 12, 15))
    assert world.task().escalation_level == 1
    tried = len(world.site.calls.writes())
    world.sweeps.ladder()
    world.worker.run_until_quiet()
    assert len(world.site.calls.writes()) == tried, "a step of the ladder is one more try and not one each quarter"
    at(world, date(2026, 12, 23))
    assert world.task().escalation_level == 3


def test_a_poll_that_shows_an_overdue_record_escalates_at_once(world: World) -> None:
    card = mirrored(world)
    world.person(PRIYA).set_due(card, date(2026, 11, 9))
    world.settle()
    assert world.task().escalation_level == 3
    assert "overdue" in world.person(DANA).issue(card)["fields"]["labels"]


def test_handing_in_lowers_nothing_but_settling_puts_everything_back(world: World) -> None:
    card = mirrored(world, priority="medium")
    at(world, date(2026, 12, 23))
    world.person(CLARA).comment_page(world.page()["id"], "not applicable: out of scope")
    world.settle()
    world.settle()
    issue = world.person(DANA).issue(card)["fields"]
    assert world.request().status == "not_applicable"
    assert (world.task().escalation_level, issue["priority"]["name"]) == (0, "Medium")
    assert "overdue" not in issue["labels"]
    closed = world.person(DANA).find_issues("labels = tieout-escalation")
    assert [issue["fields"]["status"]["name"] for issue in closed] == ["Done"]


def test_a_review_that_is_late_is_told_to_the_reviewer_and_those_above(world: World) -> None:
    handed_in(world)
    at(world, date(2026, 12, 17))
    assert (world.request().status, world.request().escalation_level) == ("internal_review", 2)
    assert world.task().escalation_level == 0, "its owner has done their part"
    issue = world.person(DANA).issue(world.key(world.request()))["fields"]
    assert "overdue" in issue["labels"]
    (said,) = world.person(DANA).comments_of_issue(world.key(world.request()))
    told = [node["attrs"]["id"] for node in said["body"]["content"][0]["content"] if node["type"] == "mention"]
    assert told == [world.account(MARCO), world.account(INES), world.account(DANA)], "and to the reviewer’s manager"
    at(world, date(2026, 12, 17))
    assert len(world.person(DANA).comments_of_issue(world.key(world.request()))) == 1


def test_anybody_raises_an_escalation_by_label(world: World) -> None:
    card = mirrored(world)
    labels = world.person(DANA).issue(card)["fields"]["labels"]
    world.person(PRIYA).set_fields(card, labels=[*labels, "escalate"])
    world.settle()
    assert world.task().raised_by == world.account(PRIYA)


def test_an_auditor_raises_an_escalation_on_the_page(world: World) -> None:
    mirrored(world)
    world.person(CLARA).comment_page(world.page()["id"], "escalate: we need this before fieldwork")
    world.settle()
    assert world.request().escalation_level >= 1
    flagged = world.person(DANA).issue(world.key(world.request()))["fields"]
    assert "overdue" in flagged["labels"] or world.request().raised_by == world.account(CLARA)
    assert world.link(world.request(), LinkRole.PAGE).remote_id
