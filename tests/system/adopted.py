"""Issues that a team had before, taken up as a record's own."""

from __future__ import annotations

from typing import Any

from mappings.records import Record
from sync.adoption import Adoptions, Choice
from sync.desk import Audit
from tests.system.world import AUDIT, DANA, PRIYA, TOMAS, World

WAYS = ("Backlog", "Selected", "Doing", "Waiting", "Peer review", "With auditor")

STORY: dict[str, Any] = {
    "type": "doc",
    "version": 1,
    "content": [
        {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "How we do it"}]},
        {
            "type": "panel",
            "attrs": {"panelType": "warning"},
            "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": "Ask Ines", "marks": [{"type": "em"}]}]}
            ],
        },
    ],
}


def existing(world: World, number: int) -> str:
    """A card of the platform team as it may be lying there: in some place, with text, people, words and files."""
    tomas = world.person(TOMAS)
    more: dict[str, Any] = {"assignee": {"accountId": world.account(TOMAS)}} if number % 3 else {}
    more |= {"duedate": ("2026-12-01", "2025-03-01", "2027-05-01")[number % 3]} if number % 4 else {}
    key = tomas.create_issue(
        project={"key": "PLAT"},
        issuetype={"name": "Task"},
        summary=f"Old work R-{number:03} - Zugänge prüfen",
        description=STORY,
        labels=["platform", "q4"],
        **more,
    )
    for status in WAYS[1 : 1 + number % 5]:
        if status != "Waiting":
            tomas.move(key, status)
    tomas.comment_issue(key, "accept: not a word for Tieout")
    return key


def whole(world: World, key: str) -> dict[str, Any]:
    """Everything the site says of an issue, but for when it was last touched."""
    bean = world.person(DANA).call("GET", f"/rest/api/3/issue/{key}?expand=changelog")
    fields = {name: value for name, value in bean["fields"].items() if name not in ("updated", "comment")}
    histories = sorted(bean["changelog"]["histories"], key=lambda each: int(each["id"]))
    return {**fields, "comments": world.person(DANA).comments_of_issue(key), "history": histories}


def adoptions(world: World) -> Adoptions:
    return Adoptions(world.db, world.new_sites(), Audit(AUDIT, world.rules.audit[AUDIT]), by=DANA)


def keep(world: World, choice: Choice) -> None:
    with world.db.write() as conn:
        adoptions(world).keep(conn, choice)


def add_platform_request(world: World, number: int, **more: Any) -> Record:
    return world.add_request(f"R-{number:03}", team="Platform", owner=PRIYA, **more)
