"""A side that shows most of its objects gone or emptied: it is left alone until it is well or a person has spoken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

import pytest

from connector.sandbox.jira.records import Issue
from mappings.records import LinkRole, LinkState, Record
from sync import journal
from sync.brake import Brakes
from sync.store import Brake, Store
from tests.system.looks import second_run_writes
from tests.system.scenes import hint, let_pass
from tests.system.world import CLARA, DANA, PRIYA, World


def requests(world: World, count: int) -> list[Record]:
    """Mirrored requests without tasks: so many issues, so many pages."""
    numbers = [f"R-{number:03}" for number in range(1, count + 1)]
    for number in numbers:
        world.add_request(number, owner=None)
    let_pass(world, 180)
    world.site.calls.clear()
    return [world.request(number) for number in numbers]


def vanish(world: World, records: Iterable[Record]) -> Callable[[], None]:
    """Their issues are not shown any more; what brings them back is returned."""
    gone = {
        str(world.link(record).remote_id): world.site.jira.issues.pop(str(world.link(record).remote_id))
        for record in records
    }
    return lambda: world.site.jira.issues.update(gone)


def issue_of(world: World, record: Record) -> Issue:
    return world.site.jira.issues[str(world.link(record).remote_id)]


def look(world: World, seconds: int = 120) -> None:
    world.sweeps.everything()
    let_pass(world, seconds)


def states(world: World, records: Iterable[Record], role: LinkRole = LinkRole.ISSUE) -> list[LinkState]:
    return [world.link(record, role).state for record in records]


def pulled(world: World) -> dict[str, Brake]:
    with world.db.read() as conn:
        return {name: brake for name, brake in Store(conn).brakes.all().items() if brake.is_pulled}


def alerts(world: World) -> dict[str, str]:
    with world.db.read() as conn:
        return {alert.name: alert.text for alert in Store(conn).alerts.current()}


def release(world: World, name: str, reason: str = "we closed that project") -> None:
    brakes = Brakes(world.db, world.new_sites())
    affected = brakes.affected(name)
    assert affected is not None
    assert brakes.release(affected, by="dana", reason=reason)


def jira_writes(world: World) -> list[str]:
    return [
        write
        for write in world.writes()
        if "/rest/api/3/" in write and "/search/jql" not in write and "bulkfetch" not in write
    ]


def test_eleven_of_twelve_gone_is_one_alert_and_detaches_nothing(world: World) -> None:
    records = requests(world, 12)
    vanish(world, records[1:])
    look(world, 600)
    assert set(states(world, records)) == {LinkState.LIVE}
    assert list(alerts(world)) == ["brake:jira-gone"]
    text = alerts(world)["brake:jira-gone"]
    for told in ("11 of 12 issues", world.link(records[1]).key, "Browse projects", "tieout brakes release jira-gone"):
        assert told in text


def test_the_first_look_at_one_of_them_sees_that_it_is_not_alone(world: World) -> None:
    records = requests(world, 12)
    vanish(world, records[1:])
    hint(world, records[5])
    assert set(states(world, records)) == {LinkState.LIVE}
    assert list(pulled(world)) == ["jira-gone"]


@pytest.mark.long
def test_what_goes_one_by_one_within_the_hour_counts_together(world: World) -> None:
    records = requests(world, 12)
    for record in records:
        vanish(world, [record])
        hint(world, record)
        world.clock.advance(60)
    assert states(world, records).count(LinkState.DETACHED) == 6
    assert list(pulled(world)) == ["jira-gone"]


def test_two_of_three_given_up_by_hand_are_detached(world: World) -> None:
    records = requests(world, 3)
    vanish(world, records[1:])
    look(world)
    assert states(world, records) == [LinkState.LIVE, LinkState.DETACHED, LinkState.DETACHED]
    assert pulled(world) == {}


@pytest.mark.long
def test_while_it_is_pulled_the_other_side_goes_on_and_nothing_is_written_to_this_one(world: World) -> None:
    records = requests(world, 5)
    comes_back = vanish(world, records[1:])
    look(world)
    world.site.calls.clear()
    for number in ("R-001", "R-004"):
        world.person(CLARA).comment_page(world.page(number)["id"], "due 2026-12-01")
    world.add_request("R-006", owner=None)
    let_pass(world, 300)
    assert [world.request(number).auditor_due_on for number in ("R-001", "R-004")] == [date(2026, 12, 1)] * 2
    for number in ("R-001", "R-004"):
        assert "2026-12-01" in world.page(number)["body"]["storage"]["value"]
    assert world.page("R-006")["status"] == "current"
    assert world.issues_marked(world.request("R-006")) == []
    assert jira_writes(world) == []
    comes_back()
    let_pass(world, 300)
    assert (pulled(world), alerts(world)) == ({}, {})
    assert world.person(DANA).issue(world.key(records[3]))["fields"]["duedate"] == "2026-12-01"
    assert len(world.issues_marked(world.request("R-006"))) == 1
    assert second_run_writes(world) == []


@pytest.mark.long
def test_time_alone_releases_nothing(world: World) -> None:
    records = requests(world, 5)
    vanish(world, records)
    look(world)
    with world.db.write() as conn:
        Store(conn).alerts.clear("brake:jira-gone")
    for _ in range(5):
        world.clock.advance(7 * 86_400)
        look(world, 60)
    assert set(states(world, records)) == {LinkState.LIVE}
    assert list(alerts(world)) == ["brake:jira-gone"]


def test_released_by_a_person_what_is_gone_is_taken_for_gone(world: World) -> None:
    records = requests(world, 6)
    vanish(world, records[2:])
    look(world)
    release(world, "jira-gone")
    look(world, 180)
    assert states(world, records) == [LinkState.LIVE] * 2 + [LinkState.DETACHED] * 4
    assert (pulled(world), alerts(world)) == ({}, {})
    with world.db.read() as conn:
        told = [
            (entry.who, entry.why)
            for entry in journal.entries(conn, limit=1000)
            if entry.what == "brake jira-gone released"
        ]
    assert told == [("dana", "we closed that project")]
    vanish(world, records[1:2])
    look(world, 180)
    assert (states(world, records[1:2]), pulled(world)) == ([LinkState.DETACHED], {})


@pytest.mark.long
def test_pages_stripped_of_our_parts_are_not_written_over(world: World) -> None:
    records = requests(world, 5)
    for record in records[:4]:
        page = world.page(record.number)
        world.person(DANA).write_page(page, f"<p>converted {record.number}</p>")
    look(world)
    assert list(pulled(world)) == ["confluence-emptied"]
    assert "4 of 5 pages" in alerts(world)["brake:confluence-emptied"]
    for record in records[:4]:
        assert world.page(record.number)["body"]["storage"]["value"] == f"<p>converted {record.number}</p>"
    assert set(states(world, records, LinkRole.PAGE)) == {LinkState.LIVE}
    release(world, "confluence-emptied", "the new editor is there to stay")
    let_pass(world, 300)
    for record in records[:4]:
        body = world.page(record.number)["body"]["storage"]["value"]
        assert "tieout-facts" in body
        assert f"<p>converted {record.number}</p>" in body
    assert (pulled(world), second_run_writes(world)) == ({}, [])


@pytest.mark.long
def test_pages_that_are_restored_release_it_by_themselves(world: World) -> None:
    records = requests(world, 4)
    before = {record.number: world.page(record.number) for record in records}
    for record in records:
        world.person(DANA).write_page(before[record.number], "<p />")
    look(world)
    for record in records:
        page = world.page(record.number)
        world.person(DANA).write_page(page, before[record.number]["body"]["storage"]["value"])
    let_pass(world, 300)
    assert (pulled(world), alerts(world)) == ({}, {})
    assert second_run_writes(world) == []


@pytest.mark.long
def test_issues_that_lost_their_fields_without_a_trace_are_not_taken_at_their_word(world: World) -> None:
    for number in ("R-001", "R-002", "R-003"):
        world.add_request(number)
    let_pass(world, 180)
    cards = [
        issue_of(world, record) for n in ("R-001", "R-002", "R-003") for record in (world.request(n), world.task(n))
    ]
    kept = [dict(card.values) for card in cards]
    for card in cards:
        card.values |= {"duedate": None, "assignee": None}
    look(world)
    assert list(pulled(world)) == ["jira-emptied"]
    assert (world.task().due_on, world.task().owner) == (date(2026, 12, 14), PRIYA)
    world.site.calls.clear()
    let_pass(world, 300)
    assert jira_writes(world) == []
    for card, values in zip(cards, kept, strict=True):
        card.values |= values
    let_pass(world, 300)
    assert (pulled(world), second_run_writes(world)) == ({}, [])


@pytest.mark.long
def test_one_field_changed_in_bulk_is_peoples_work(world: World) -> None:
    for number in ("R-001", "R-002", "R-003", "R-004"):
        world.add_request(number)
    let_pass(world, 180)
    cards = [world.key(world.task(f"R-00{number}")) for number in range(1, 5)]
    for card in cards:
        world.person(PRIYA).set_fields(card, assignee=None)
    look(world)
    assert pulled(world) == {}
    assert {world.task(f"R-00{number}").owner for number in range(1, 5)} == {None}
    for card in cards:
        world.person(PRIYA).set_fields(card, labels=[])
    look(world, 180)
    assert pulled(world) == {}
    assert all("tieout" in world.person(DANA).issue(card)["fields"]["labels"] for card in cards)


@pytest.mark.long
def test_a_page_that_comes_without_its_body_is_not_written_over(world: World) -> None:
    (record,) = requests(world, 1)
    page = world.page()
    world.person(DANA).write_page(page, page["body"]["storage"]["value"] + "<p>our own notes</p>")
    let_pass(world, 120)
    versions = world.site.confluence.pages[page["id"]].versions
    whole = versions[-1]
    versions[-1] = replace(whole, body="")
    world.person(DANA).set_due(world.key(record), date(2026, 12, 10))
    look(world, 60)
    assert versions[-1].body == ""
    versions[-1] = whole
    look(world, 600)
    body = world.page()["body"]["storage"]["value"]
    assert "our own notes" in body
    assert "2026-12-10" in body
