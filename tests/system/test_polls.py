"""Polls lose no change, whatever clocks and indexes do; and each is worked on once.

A test of the overlap or the ledger is told twice: with it, and without, where the change must be lost. Else the test
would prove nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from connector.sandbox.seed import BOT_EMAIL
from mappings.far import Created, IssueDraft, NotCreated, PageDraft, PageView
from mappings.records import Side
from sync import keys, polls
from sync.keys import record_key
from sync.retry import Retry
from sync.store import Store
from sync.store.received import Cursors, Seen
from sync.tables import seen
from sync.work import BACKFILL, LIVE, SWEEP, mark
from sync.worker import Worker
from tests.system.scenes import BULK, let_pass, mirrored
from tests.system.world import AUDIT, CLARA, DANA, PRIYA, World

WITH_AND_WITHOUT = pytest.mark.parametrize("is_there", [True, False], ids=["with it", "without it"])


def take_overlap_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polls, "OVERLAP", timedelta(0))


def take_ledger_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """What others do: only what is newer than the newest change seen counts as new."""

    def newer(self: Seen, side: Side, changes: Mapping[str, datetime]) -> list[str]:
        newest = Cursors(self._conn).get(f"poll:{side}")
        return sorted(each for each, at in changes.items() if newest is None or at > newest)

    monkeypatch.setattr(Seen, "unseen", newer)


def poll(world: World) -> None:
    world.clock.advance(60)
    world.polls.jira()
    world.polls.confluence()
    world.worker.run_until_quiet()


def quiet(world: World, number: str = "R-001") -> str:
    """A mirrored request, of which no poll sees anything any more; its task's card."""
    card = mirrored(world, number)
    let_pass(world, 180)
    world.clock.advance(7200)
    poll(world)
    poll(world)
    return card


@WITH_AND_WITHOUT
@pytest.mark.parametrize("take_away", [take_overlap_away, take_ledger_away])
def test_what_the_index_shows_after_a_later_change_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch, take_away: object, is_there: bool
) -> None:
    card, other = quiet(world), quiet(world, "R-002")
    if not is_there:
        take_away(monkeypatch)  # type: ignore[operator]  # one of the two above
    world.site.faults.index_lag_s = 90
    world.person(PRIYA).move(card, "In Progress")
    world.site.faults.index_lag_s = 0
    world.clock.advance(5)
    world.person(PRIYA).set_due(other, date(2026, 12, 10))
    poll(world)
    poll(world)
    poll(world)
    assert world.task("R-002").due_on == date(2026, 12, 10)
    assert (world.task().status == "in_progress") == is_there


def test_what_the_index_shows_after_three_quarters_of_an_hour_is_seen_on_a_quiet_site(world: World) -> None:
    card = quiet(world)
    world.site.faults.index_lag_s = 2_700
    world.person(PRIYA).move(card, "In Progress")
    for _ in range(6):
        world.clock.advance(540)
        poll(world)
    assert world.task().status == "in_progress"


@pytest.mark.long
def test_the_ledger_does_not_grow_for_ever(world: World) -> None:
    card = quiet(world)
    for day in range(7):
        world.person(CLARA).comment_page(world.page()["id"], f"remark of day {day}")
        world.person(PRIYA).set_due(card, date(2026, 12, 1 + day))
        for _ in range(2):
            world.clock.advance(43_200)
            poll(world)
    with world.db.read() as conn:
        oldest = conn.scalar(sa.select(sa.func.min(seen.c.changed_at)))
    assert oldest is None or world.clock.now() - oldest < polls.KEPT + timedelta(days=1)


@WITH_AND_WITHOUT
@pytest.mark.parametrize("skew_s", [-300, -100])
def test_what_is_stamped_by_a_slower_clock_of_the_site_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch, skew_s: int, is_there: bool
) -> None:
    """A site is many machines: one of them stamps a comment minutes before the newest change that was seen."""
    card = quiet(world)
    if not is_there:
        take_overlap_away(monkeypatch)
    world.person(PRIYA).set_due(card, date(2026, 12, 10))
    world.person(DANA).comment_page(world.page()["id"], "seen at once")
    poll(world)
    world.site.skew_s = skew_s
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-01")
    world.site.skew_s = 0
    poll(world)
    assert (world.request().auditor_due_on == date(2026, 12, 1)) == is_there


@pytest.mark.parametrize("skew_s", [-3600, -700, -630, -300, 300, 3600])
def test_a_site_whose_clock_is_set_loses_nothing(world: World, skew_s: int) -> None:
    """Set back by an hour, or found to have been an hour fast: what is new is stamped before what was seen."""
    cards = [quiet(world, number) for number in ("R-001", "R-002", "R-003")]
    priya, clara = world.person(PRIYA), world.person(CLARA)
    for card, number, its_skew_s in zip(cards, ("R-001", "R-002", "R-003"), (0, skew_s, 0), strict=True):
        world.site.skew_s = its_skew_s
        priya.move(card, "In Progress")
        poll(world)
        clara.comment_page(world.page(number)["id"], "due 2026-12-01")
        poll(world)
        assert world.task(number).status == "in_progress"
        assert world.request(number).auditor_due_on == date(2026, 12, 1)


def test_a_clock_that_was_set_back_while_nobody_polled_loses_nothing(world: World) -> None:
    card, other = quiet(world), quiet(world, "R-002")
    world.person(PRIYA).set_due(other, date(2026, 12, 10))
    poll(world)
    world.site.skew_s = -7200
    world.person(PRIYA).move(card, "In Progress")
    world.clock.advance(5400)
    world.person(PRIYA).set_due(other, date(2026, 12, 9))
    poll(world)
    assert world.task().status == "in_progress"


@pytest.mark.parametrize("skew_s", [-3600, 3600])
def test_a_clock_that_was_set_costs_no_work_for_long(world: World, skew_s: int) -> None:
    card = quiet(world)
    world.person(PRIYA).set_due(card, date(2026, 12, 10))
    poll(world)
    world.site.skew_s = skew_s
    world.person(PRIYA).move(card, "In Progress")
    let_pass(world, 180)
    world.site.skew_s = 0
    let_pass(world, 180)
    for _ in range(3):
        world.clock.advance(60)
        assert world.polls.jira() + world.polls.confluence() == 0


def test_of_two_changes_with_one_time_stamp_a_poll_between_them_loses_neither(world: World) -> None:
    card = quiet(world)
    world.person(PRIYA).move(card, "In Progress")
    world.person(CLARA).comment_page(world.page()["id"], "remark")
    world.polls.jira()
    world.polls.confluence()
    world.worker.run_until_quiet()
    world.person(PRIYA).set_due(card, date(2026, 12, 10))
    page = world.page()
    world.person(CLARA).write_page(page, page["body"]["storage"]["value"] + "<p>x</p>")
    poll(world)
    assert world.task().due_on == date(2026, 12, 10)
    for _ in range(3):
        poll(world)
    world.clock.advance(60)
    assert world.polls.jira() + world.polls.confluence() == 0


def test_what_changed_at_the_very_edge_of_the_window_is_seen(world: World) -> None:
    """It came to light late, with exactly the time at which the next poll begins to look."""
    card, other = quiet(world), quiet(world, "R-002")
    began = world.clock.now()
    world.site.faults.index_lag_s = polls.OVERLAP.total_seconds() + 30
    world.person(PRIYA).move(card, "In Progress")
    world.site.faults.index_lag_s = 0
    world.clock.set(began + polls.OVERLAP)
    world.person(PRIYA).set_due(other, date(2026, 12, 10))
    poll(world)
    poll(world)
    assert world.task().status == "in_progress"


def keys_claimed(world: World) -> int:
    """How many records a round of polls sets to work."""
    return world.polls.jira() + world.polls.confluence()


@pytest.mark.long
@pytest.mark.long
def test_thousands_of_changes_with_one_time_stamp_are_seen_once_each(world: World) -> None:
    """A bulk edit: more than one page of the search, more than one window, all of one second."""
    card = quiet(world)
    priya = world.person(PRIYA)
    for number in range(2500):
        priya.create_issue(project={"key": "SEC"}, issuetype={"name": "Task"}, summary=str(number), labels=["tieout"])
    priya.move(card, "In Progress")
    poll(world)
    assert world.task().status == "in_progress"
    let_pass(world, 120)
    world.clock.advance(60)
    world.site.calls.clear()
    assert keys_claimed(world) == 0
    bot = world.account(BOT_EMAIL)
    assert sum(call.account_id == bot for call in world.site.calls) <= 25 + 6


def test_the_overlap_is_worked_on_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    card = quiet(world)
    world.person(PRIYA).move(card, "In Progress")
    poll(world)
    poll(world)
    world.clock.advance(60)
    assert keys_claimed(world) == 0

    def knows_nothing(_: Seen, __: Side, changes: Mapping[str, datetime]) -> list[str]:
        return sorted(changes)

    monkeypatch.setattr(Seen, "unseen", knows_nothing)
    assert keys_claimed(world) > 0


@pytest.mark.parametrize("after_s", [0, 50])
@pytest.mark.parametrize("product", ["jira", "confluence"])
def test_what_a_poll_saw_of_a_counterpart_before_its_link_was_kept_is_seen_again(
    world: World, product: str, after_s: int
) -> None:
    """A worker slept between the answer to its create and keeping it: the poll of another saw a stranger."""
    request = world.add_request()
    sites = world.new_sites()
    create_issues, create_page = sites.jira.create, sites.confluence.create

    def slept(person_acts: Callable[[], object]) -> None:
        person_acts()
        world.clock.advance(after_s)
        world.polls.jira()
        world.polls.confluence()

    def issues(drafts: Sequence[IssueDraft]) -> Sequence[Created | NotCreated]:
        made = create_issues(drafts)
        for issue in world.issues_marked(world.task()) if product == "jira" else ():
            slept(partial(world.person(PRIYA).set_fields, issue["key"], priority={"name": "Low"}))
        return made

    def page(draft: PageDraft) -> PageView:
        made = create_page(draft)
        if product == "confluence":
            slept(lambda: world.person(CLARA).comment_page(made.id, "question: since when?"))
        return made

    sites.jira.create = issues  # type: ignore[method-assign]  # slept
    sites.confluence.create = page  # type: ignore[method-assign]  # slept
    Worker(world.db, sites, world.vault, name="slow", retry=Retry(), chance=lambda: 0.5).run_until_quiet()
    let_pass(world, 300)
    if product == "jira":
        assert world.task().priority == "low"
    else:
        assert "since when?" in str(world.person(DANA).comments_of_issue(world.key(request)))


def test_a_card_under_a_request_whose_issue_is_not_known_to_be_there_yet_is_taken_up_later(world: World) -> None:
    """A poll saw it under an issue that was nobody's yet, and it was never a task."""
    request = world.add_request()
    world.site.faults.add("timeout_after", "POST", BULK)
    world.worker.run_until_quiet()
    (issue,) = world.issues_marked(request)
    priya = world.person(PRIYA)
    fields = {"project": {"key": "SEC"}, "issuetype": {"name": "Task"}, "summary": "Ask the bank", "labels": ["tieout"]}
    ends = {"inwardIssue": {"key": priya.create_issue(**fields)}, "outwardIssue": {"key": issue["key"]}}
    priya.call("POST", "/rest/api/3/issueLink", json={"type": {"name": "Relates"}, **ends})
    for _ in range(5):  # nobody works just then
        world.clock.advance(60)
        world.polls.jira()
    assert world.link(request).remote_id is None
    let_pass(world, 900)
    assert world.task(index=1).title == "Ask the bank"


@pytest.mark.parametrize("due", [keys.POLL_JIRA, keys.SWEEP_LADDER])
def test_what_an_import_made_due_keeps_no_poll_and_no_sweep_waiting(world: World, due: str) -> None:
    for number in range(3):
        world.add_request(f"R-{number:03}")
    world.worker.run_until_quiet()
    with world.db.write() as conn:
        uids = Store(conn).records.uids(AUDIT)
        mark(conn, [record_key(uid) for uid in uids], lane=BACKFILL)
        mark(conn, [due], lane=LIVE if due == keys.POLL_JIRA else SWEEP)
    assert world.worker.step() == 1
    assert world.worker.step() == len(uids)
