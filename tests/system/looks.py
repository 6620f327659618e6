"""How tests look at a world: what the sites show, what the register holds, what one more run would write."""

from __future__ import annotations

from typing import Any

from mappings.records import LinkRole, LinkState, Record
from sync import journal
from sync.work import DeadLetter, dead
from tests.system.world import CLARA, DANA, World


def pages_titled(world: World, begins: str) -> list[str]:
    return [page["title"] for page in all_pages(world) if page["title"].startswith(begins)]


def all_pages(world: World) -> list[dict[str, Any]]:
    answer = world.person(DANA).call("GET", "/wiki/api/v2/pages?limit=250&body-format=storage")
    return list(answer["results"])


def page_titled(world: World, title: str) -> dict[str, Any]:
    return next(page for page in all_pages(world) if page["title"] == title)


def assert_mirrored_once(world: World, number: str = "R-001") -> None:
    for record in (world.request(number), world.task(number)):
        assert len(world.issues_marked(record)) == 1
        assert world.link(record).state is LinkState.LIVE
    assert len(pages_titled(world, f"{number} ")) == 1
    assert world.link(world.request(number), LinkRole.PAGE).state is LinkState.LIVE
    world.site.calls.clear()
    world.sweeps.everything()
    world.settle()
    assert world.writes() == []


def texts_on(world: World, card: str) -> list[str]:
    return [str(comment["body"]) for comment in world.person(DANA).comments_of_issue(card)]


def second_run_writes(world: World) -> list[str]:
    world.site.calls.clear()
    world.sweeps.everything()
    world.settle()
    return world.writes()


def letters(world: World) -> list[DeadLetter]:
    with world.db.read() as conn:
        return dead(conn)


def journaled(world: World, record: Record) -> list[tuple[str, Any, Any, str]]:
    with world.db.read() as conn:
        return [(entry.what, entry.before, entry.after, entry.why) for entry in journal.entries(conn, record.uid)]


def versions(world: World) -> list[int]:
    """Of each file on the page, how many versions it has."""
    return [file["version"]["number"] for file in world.person(CLARA).files_of_page(world.page()["id"])]


def said_on_page(world: World, words: str) -> int:
    comments = world.site.confluence.comments.on(world.page()["id"])
    return sum(words in comment.version.body for comment in comments)


def assert_nobody_is_blamed(world: World) -> None:
    with world.db.read() as conn:
        entries = journal.entries(conn, limit=1_000)
    assert [entry.what for entry in entries if "put back" in entry.what or entry.who == "jira"] == []
