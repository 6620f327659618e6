"""People who are faster than Tieout: what they wrote between its read and its write stands, and its own goes on top."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from connector.sandbox.faults import Fault, Kind
from connector.sandbox.seed import BOT_EMAIL
from mappings.storage import read_regions
from sync.keys import record_key
from sync.store import Store
from sync.work import LIVE, mark
from tests.system.looks import assert_nobody_is_blamed, journaled, said_on_page, second_run_writes
from tests.system.scenes import let_pass, mirrored
from tests.system.world import CLARA, DANA, PRIYA, World

PAGE, ISSUE, STEP = r"/wiki/api/v2/pages/\d+$", r"/rest/api/3/issue/\d+$", r"/issue/\d+/transitions$"
PAUSE_S = 2
"""Between two saves of an editor in a hurry."""


class Hurry:
    """Somebody who saves just before each of the next `times` requests that fit."""

    def __init__(self, world: World, method: str, path: str, act: Callable[[int], None], times: int) -> None:
        self._take, self._act, self._times = world.site.faults.take, act, times
        self._method, self._path = method, path
        self.done = 0
        world.site.faults.take = self.take  # type: ignore[method-assign]  # where the site asks what goes wrong

    def take(self, method: str, path: str) -> Fault | None:
        if self.done < self._times and method == self._method and re.search(self._path, path):
            self.done += 1
            method_before, self._method = self._method, ""
            self._act(self.done)
            self._method = method_before
        return self._take(method, path)


def note(world: World) -> Callable[[int], None]:
    """Dana's notes, at the end of the page."""

    def save(number: int) -> None:
        page = world.page()
        value = page["body"]["storage"]["value"]
        world.person(DANA).write_page(page, f'{value}<p local-id="d{number}">note {number}</p>')

    return save


def human(value: str) -> str:
    """All of a page that no macro of ours holds."""
    for region in read_regions(value).values():
        value = value.replace(region.source, "")
    return value


def want_a_page_write(world: World) -> None:
    world.person(CLARA).comment_page(world.page()["id"], "due 2026-12-01")


@pytest.mark.parametrize("times", [1, 2, 3, pytest.param(8, marks=pytest.mark.long), 20])
def test_an_editor_who_saves_between_our_read_and_our_write_loses_nothing(world: World, times: int) -> None:
    """durable-work T7."""
    mirrored(world)
    want_a_page_write(world)
    before = human(world.page()["body"]["storage"]["value"])
    hurry = Hurry(world, "PUT", PAGE, note(world), times)
    world.settle()
    assert hurry.done == min(times, 3)
    if times < 3:
        assert "2026-12-01" in world.page()["body"]["storage"]["value"]
    let_pass(world, 600)
    value = world.page()["body"]["storage"]["value"]
    notes = "".join(f'<p local-id="d{number}">note {number}</p>' for number in range(1, times + 1))
    assert hurry.done == times
    assert human(value) == before + notes
    assert "2026-12-01" in value
    with world.db.read() as conn:
        assert Store(conn).alerts.current() == ()
    assert second_run_writes(world) == []


@pytest.mark.parametrize("times", [1, 2])
def test_a_lost_race_costs_three_calls(world: World, times: int) -> None:
    """The write that was refused, the look, and the write on top; the run without a race is the measure."""
    calls: list[int] = []
    for number, lost in (("R-000", 0), ("R-001", 0), ("R-002", times)):
        mirrored(world, number)
        let_pass(world, 120)
        world.person(CLARA).comment_page(world.page(number)["id"], "due 2026-12-01")

        def save(_: int, number: str = number) -> None:
            page = world.page(number)
            world.person(DANA).write_page(page, page["body"]["storage"]["value"] + "<p>mine</p>")

        hurry = Hurry(world, "PUT", PAGE, save, lost)
        world.clock.advance(60)
        world.polls.confluence()
        world.site.calls.clear()
        world.worker.step()
        bot = world.account(BOT_EMAIL)
        calls.append(sum(call.account_id == bot for call in world.site.calls))
        assert hurry.done == lost
        assert "2026-12-01" in world.page(number)["body"]["storage"]["value"]
        let_pass(world, 120)
    assert calls[2] - calls[1] == 2 * times  # the first also asks what is kept from then on


def test_what_an_editor_decided_between_our_read_and_our_write_is_taken_in(world: World) -> None:
    """The auditor moves the date in the page's own cell while Tieout is about to write the page for another reason."""
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")

    def move_date(_: int) -> None:
        page = world.page()
        value = re.sub(
            r'(>Due<.*?datetime=")[0-9-]{10}', r"\g<1>2026-12-04", page["body"]["storage"]["value"], count=1,
            flags=re.DOTALL,
        )  # fmt: skip
        world.person(CLARA).write_page(page, value)

    Hurry(world, "PUT", PAGE, move_date, 1)
    let_pass(world, 180)
    assert world.request().auditor_due_on == date(2026, 12, 4)
    assert world.person(DANA).issue(world.key(world.request()))["fields"]["duedate"] == "2026-12-04"
    assert "IN PROGRESS" in world.page()["body"]["storage"]["value"].upper()
    assert second_run_writes(world) == []


@pytest.mark.parametrize(("kind", "saves"), [(None, 1), ("timeout_before", 1), (None, 2)])
def test_an_auditor_who_sets_the_very_date_that_tieout_was_about_to_write_is_not_taken_for_tieout(
    world: World, kind: Kind | None, saves: int
) -> None:
    """What else the write was to say seemed to be on the page, and to be spoilt by her."""
    mirrored(world)
    with world.db.write() as conn:
        request = replace(world.request(), title="Review of all accesses", auditor_due_on=date(2026, 12, 4))
        Store(conn).records.put(request)
        mark(conn, [record_key(request.uid)], lane=LIVE)

    def set_date(_: int) -> None:
        for number in range(saves):
            page = world.page()
            value = re.sub(
                r'(>Due<.*?datetime=")[0-9-]{10}',
                r"\g<1>2026-12-04",
                page["body"]["storage"]["value"],
                count=1,
                flags=re.DOTALL,
            )
            world.person(CLARA).write_page(page, f"{value}<p>note {number}</p>")
        if kind:
            world.site.faults.add(kind, "PUT", PAGE)

    Hurry(world, "PUT", PAGE, set_date, 1)
    let_pass(world, 300)
    assert "Review of all accesses" in world.page()["title"]
    assert said_on_page(world, "put back") == 0
    assert_nobody_is_blamed(world)
    assert [why for what, _, _, why in journaled(world, request) if "found done" in why] == []
    assert second_run_writes(world) == []


@pytest.mark.parametrize(("method", "path"), [("PUT", ISSUE), ("POST", STEP)])
@pytest.mark.parametrize("times", [1, 2, pytest.param(7, marks=pytest.mark.long)])
def test_a_409_of_jira_is_read_again_at_once(world: World, method: str, path: str, times: int) -> None:
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")
    want_a_page_write(world)
    world.site.faults.add("status", method, path, status=409, times=times)
    began = world.clock.now()
    world.settle()
    request = world.person(DANA).issue(world.key(world.request()))["fields"]
    if times < 3:
        assert (request["status"]["name"], request["duedate"]) == ("In Progress", "2026-12-01")
        assert world.clock.now() - began == timedelta(seconds=60)
    let_pass(world, 600)
    request = world.person(DANA).issue(world.key(world.request()))["fields"]
    assert (request["status"]["name"], request["duedate"]) == ("In Progress", "2026-12-01")
    with world.db.read() as conn:
        assert Store(conn).alerts.current() == ()
    assert second_run_writes(world) == []


def test_what_an_owner_wrote_on_a_card_that_was_being_written_stands(world: World) -> None:
    """Jira says 409; by then the owner has set a priority."""
    card = mirrored(world)
    want_a_page_write(world)

    def raise_priority(_: int) -> None:
        world.person(PRIYA).set_fields(card, priority={"name": "High"})

    Hurry(world, "PUT", ISSUE, raise_priority, 1)
    world.site.faults.add("status", "PUT", f"/issue/{world.link(world.task()).remote_id}$", status=409)
    let_pass(world, 180)
    fields: dict[str, Any] = world.person(DANA).issue(card)["fields"]
    assert (fields["priority"]["name"], fields["duedate"]) == ("High", "2026-12-01")
    assert world.task().priority == "high"
    assert second_run_writes(world) == []
