"""Words that break things: markup, emoji, endless text, strange files, far dates, other projects."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.records import LinkState
from sync.work import dead
from tests.system.looks import second_run_writes, texts_on
from tests.system.scenes import handed_in, let_pass, mirrored
from tests.system.world import CLARA, DANA, MARCO, PRIYA, World

NASTY = {
    "markup": '<b>Bobby</b> & "quotes" ]]> </ac:structured-macro> {code} h1. *bold* [link|https://x.example]',
    "emoji": "Zugriffe 👩‍👩‍👧 🇨🇭 naïve ﬁ ½ Ⅷ ١٢٣ 漢字 עִבְרִית e\u0301",
    "spaces": "  two  spaces\tand tab \u00a0 nbsp \u200b zero \u2028 line  ",
    "address": "https://acme.example/a_b-c?d=e&f=g#h, mail me@acme.example or @Priya Nair and SEC-1",
    "bullets": "- one\n- two\n\n1. three\n\n| a | b |\n\n> quoted\n\n```\ncode\n```\n----",
    "long": "word " * 9000,
    "control": "a\x00b\x07c\ufffed\r\ne",
    "wide": "x" * 3000,
}


def letters(world: World) -> list[str]:
    with world.db.read() as conn:
        return [letter.error for letter in dead(conn)]


@pytest.mark.parametrize("name", sorted(NASTY))
def test_whatever_the_list_says_ends_in_step(world: World, name: str) -> None:
    text = NASTY[name]
    card = mirrored(world, title=text, description=text, category=text[:200], controls=(text[:60],))
    world.person(PRIYA).move(card, "In Progress")
    let_pass(world, 120)
    assert world.request().status == "in_progress"
    assert letters(world) == []
    assert texts_on(world, card) == []
    assert second_run_writes(world) == []


def test_nothing_but_a_number_and_a_title_is_enough(world: World) -> None:
    world.add_request(description="", criteria=(), team="", owner=None, reviewer=None, due_on=None, auditor_due_on=None)
    let_pass(world, 120)
    assert world.link(world.request()).state is LinkState.LIVE
    assert letters(world) == []
    assert second_run_writes(world) == []


@pytest.mark.parametrize("name", sorted(NASTY.keys() - {"control"}))
def test_whatever_people_say_is_carried_and_holds_nothing_up(world: World, name: str) -> None:
    card = mirrored(world)
    world.person(CLARA).comment_page(world.page()["id"], NASTY[name])
    world.person(PRIYA).comment_issue(card, "auditor: " + NASTY[name][:30_000])
    let_pass(world, 120)
    world.person(CLARA).comment_page(world.page()["id"], "and this after it")
    let_pass(world, 120)
    assert letters(world) == []
    assert sum("and this after it" in text for text in texts_on(world, card)) == 1
    assert second_run_writes(world) == []


@pytest.mark.long
def test_more_comments_than_one_page_of_them_arrive_once_each(world: World) -> None:
    card = mirrored(world)
    for number in range(120):
        world.person(CLARA).comment_page(world.page()["id"], f"remark number {number}.")
        world.clock.advance(1)
    let_pass(world, 900)  # no issue is written to faster than Jira allows
    texts = texts_on(world, card)
    assert [sum(f"remark number {number}." in text for text in texts) for number in range(120)] == [1] * 120
    assert letters(world) == []


@pytest.mark.parametrize(
    "name",
    ["a/b.csv", "../../etc/passwd", "<b>&'\".csv", "x" * 240 + ".csv", "naïve 👩‍👧 list.csv", ".hidden", "a;b\\c.csv"],
)
def test_a_file_of_any_name_reaches_the_page(world: World, name: str) -> None:
    card = handed_in(world, name)
    world.person(MARCO).move(card, "With Auditor")
    let_pass(world, 180)
    assert letters(world) == []
    assert len(world.person(CLARA).files_of_page(world.page()["id"])) == 1
    assert second_run_writes(world) == []


def test_an_empty_file_holds_nothing_up(world: World) -> None:
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")
    world.person(PRIYA).attach(card, "empty.csv", b"")
    world.person(PRIYA).attach(card, "full.csv", b"x")
    world.person(PRIYA).move(card, "In Review")
    world.settle()
    world.person(MARCO).move(card, "With Auditor")
    let_pass(world, 180)
    assert letters(world) == []
    assert world.task().status == "approved"


@pytest.mark.parametrize("text", ["due 9999-12-31", "due 0001-01-01", "due 2026-02-30"])
def test_a_date_from_another_age_breaks_nothing(world: World, text: str) -> None:
    mirrored(world)
    card = mirrored(world, "R-002")
    world.person(CLARA).comment_page(world.page()["id"], text)
    world.person(DANA).set_due(world.key(world.task()), date(9999, 12, 31))
    let_pass(world, 120)
    world.clock.advance(86_400 * 30)
    world.sweeps.ladder()
    let_pass(world, 120)
    assert letters(world) == []
    assert "overdue" in world.person(DANA).issue(card)["fields"]["labels"]


@pytest.mark.parametrize("project", ["IT", "PEOPLE", "PLAT"])
def test_a_card_moved_to_another_project_is_followed(world: World, project: str) -> None:
    card = mirrored(world)
    site = world.site
    issue = next(each for each in site.jira.issues.values() if each.issue_id == world.link(world.task()).remote_id)
    from connector.sandbox.jira import changes

    target = next(each for each in site.jira.projects.values() if each.key == project)
    changes.move(site, issue, target, world.account(DANA))
    world.settle()
    moved = world.key(world.task())
    assert moved.startswith(f"{project}-")
    assert letters(world) == []
    ways = world.person(PRIYA).call("GET", f"/rest/api/3/issue/{moved}/transitions")["transitions"]
    onward = next(way["to"]["name"] for way in ways if way["to"]["name"] in ("In Progress", "Selected"))
    world.person(PRIYA).move(moved, onward)
    if onward == "Selected":
        world.person(PRIYA).move(moved, "Doing")
    let_pass(world, 120)
    assert world.task().status == "in_progress"
    assert letters(world) == []
    assert len(world.issues_marked(world.task())) == 1
    assert card != moved
    assert second_run_writes(world) == []
