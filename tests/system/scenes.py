"""What happens in most tests of a world before what they are about: people's steps, time, and troubles."""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from connector.sandbox.faults import Fault
from mappings.records import Record
from sync.desk import Audit
from sync.keys import record_key
from sync.settlement import Keep, settle
from sync.store import Store
from sync.work import LIVE, mark
from tests.system.world import AUDIT, CLARA, DANA, MARCO, PRIYA, World

BULK = "/rest/api/3/issue/bulk$"

PAGES = "/wiki/api/v2/pages$"

ISSUE_COMMENT, PAGE_COMMENT, PAGE = r"/issue/\d+/comment$", "/wiki/api/v2/footer-comments$", r"/wiki/api/v2/pages/\d+$"


def mirrored(world: World, number: str = "R-001", **more: Any) -> str:
    """A mirrored request; the key of its task's issue."""
    world.add_request(number, **more)
    world.settle()
    return world.key(world.task(number))


def handed_in(world: World, file_name: str = "access-review.csv") -> str:
    """A request whose owner attached a file and moved the card to review."""
    card = mirrored(world)
    priya = world.person(PRIYA)
    priya.move(card, "In Progress")
    priya.attach(card, file_name, b"who,role\npriya,admin\n")
    priya.move(card, "In Review")
    world.settle()
    return card


def submitted(world: World) -> str:
    """A request that was reviewed and given to the auditor."""
    card = handed_in(world)
    world.person(MARCO).move(card, "With Auditor")
    world.settle()
    world.person(DANA).move(world.key(world.request()), "With Auditor")
    world.settle()
    return card


def decided(world: World, text: str) -> str:
    """What Tieout answered on the page to an auditor's comment."""
    page = world.page()
    comment = world.person(CLARA).comment_page(page["id"], text)
    world.settle()
    replies = world.person(CLARA).replies(comment)
    assert len(replies) == 1
    return str(replies[0]["body"]["storage"]["value"])


def let_pass(world: World, seconds: int) -> None:
    """Time goes by, minute after minute, with the polls and all that is due."""
    for _ in range(seconds // 60):
        world.settle()


def hint(world: World, record: Record) -> None:
    """What a webhook or a click does: the record is due at once."""
    with world.db.write() as conn:
        mark(conn, [record_key(record.uid)], lane=LIVE)
    world.worker.run_until_quiet()


class _Once:
    """Asked instead of `take`: has something happen, once, before the first request that fits.

    A copy of the site has a copy of it, in which that is still to happen, or has happened."""

    def __init__(
        self, take: Callable[[str, str], Fault | None], method: str, path: str, acts: list[Callable[[], object]]
    ) -> None:
        self._take, self._method, self._path, self._acts = take, method, path, acts

    def __call__(self, method: str, path: str) -> Fault | None:
        if self._acts and method == self._method and re.search(self._path, path):
            self._acts.pop()()
        return self._take(method, path)

    def __deepcopy__(self, memo: dict[int, object]) -> _Once:
        return _Once(deepcopy(self._take, memo), self._method, self._path, list(self._acts))


def before(world: World, method: str, path: str, act: Callable[[], object]) -> None:
    """Have `act` happen on the site once, just before the next request that fits."""
    faults = world.site.faults
    faults.take = _Once(faults.take, method, path, [act])  # type: ignore[method-assign]  # where the site asks


def write_on_page(world: World, old: str, new: str) -> None:
    page = world.page()
    shown = page["body"]["storage"]["value"]
    assert old in shown
    world.person(PRIYA).write_page(page, shown.replace(old, new))


def use_rules(world: World, **audit: Any) -> None:
    """The mapping file as somebody changed it, for everybody."""
    (key,) = world.rules.audit
    world.rules = world.rules.model_copy(update={"audit": {key: world.rules.audit[key].model_copy(update=audit)}})
    world.worker = world.new_worker("second")


def card_edit(world: World) -> str:
    return f"/issue/{world.link(world.task()).remote_id}$"


def register_says(world: World, **changes: Any) -> None:
    """The auditor's list, or the desk, said something new."""
    with world.db.write() as conn:
        Store(conn).records.put(replace(world.task(), **changes))
        mark(conn, [record_key(world.task().uid)], lane=LIVE)


def with_twin(world: World, *, more: int = 0) -> tuple[str, str]:
    """A request whose create took effect later than anybody waits for: the key that is linked, and the other one."""
    for _ in range(1 + more):
        world.site.faults.add("late", "POST", BULK, delay_s=90 if not more else 200)
    world.add_request(owner=None)
    let_pass(world, 600)
    ours = world.key(world.request())
    keys = {issue["key"] for issue in world.issues_marked(world.request())}
    assert len(keys) == 2 + more
    return ours, min(keys - {ours})


def choose(world: World, keep: Keep) -> None:
    settle(world.db, Audit(AUDIT, world.rules.audit[AUDIT]), "R-001", "twin", keep, by="dana")


def before_call(world: World, number: int, act: Callable[[], object]) -> list[int]:
    """Have something happen just before Tieout's call with this number; returns where the calls are counted."""
    take, made = world.site.faults.take, [0]

    def count(method: str, path: str) -> Fault | None:
        made[0] += 1
        if made[0] == number:
            act()
        return take(method, path)

    world.site.faults.take = count  # type: ignore[method-assign]  # where the site asks what goes wrong
    return made


def added_on_the_board(world: World, **more: Any) -> str:
    """The key of a card that Priya made under a mirrored request."""
    mirrored(world)
    priya = world.person(PRIYA)
    card = priya.create_issue(
        project={"key": "SEC"},
        issuetype={"name": "Task"},
        summary="Export from the HR tool",
        labels=["tieout"],
        **more,
    )
    ends = {"inwardIssue": {"key": card}, "outwardIssue": {"key": world.key(world.request())}}
    priya.call("POST", "/rest/api/3/issueLink", json={"type": {"name": "Relates"}, **ends})
    return card
