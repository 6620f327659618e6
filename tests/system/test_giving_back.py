"""An adopted issue is given back: what Tieout wrote comes off it where that is certain, and nothing else is touched."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.adoption import NAMED
from mappings.errors import FarSideError
from mappings.records import LinkRole, LinkState
from sync import journal
from sync.desk import Audit, DeskRefused
from sync.giving_back import GivingBack
from tests.system.adopted import add_platform_request, adoptions, existing, keep, whole
from tests.system.planned import on_sqlite, plan
from tests.system.scenes import let_pass
from tests.system.world import AUDIT, DANA, PRIYA, World


def giving(world: World) -> GivingBack:
    return GivingBack(world.db, world.new_sites(), Audit(AUDIT, world.rules.audit[AUDIT]), by=DANA, reason="a mistake")


def given_back(world: World, key: str) -> tuple[str, ...]:
    """What was left as it is."""
    doing = giving(world)
    given = doing.look(key)
    doing.carry_out(given)
    return given.todo.left


def adopted(world: World, card: int) -> str:
    """The key of a card that was adopted, and written on by Tieout since."""
    key = existing(world, card)
    add_platform_request(world, 1)
    keep(world, adoptions(world).one("R-001/1", key))
    let_pass(world, 120)
    return key


def but_words(bean: dict[str, Any]) -> dict[str, Any]:
    """An issue but for what stays of it: its history, what was said, its links."""
    return {name: value for name, value in bean.items() if name not in ("history", "comments", "issuelinks")}


@on_sqlite
@pytest.mark.parametrize("card", [3, pytest.param(8, marks=pytest.mark.long), pytest.param(1, marks=pytest.mark.long)])
def test_what_tieout_filled_in_is_taken_off_and_the_card_is_as_it_was(world: World, card: int) -> None:
    """Of these cards the first has no owner, another no date or one that is too late."""
    key = existing(world, card)
    before = whole(world, key)
    add_platform_request(world, 1, extra={NAMED: key})
    keep(world, adoptions(world).one("R-001/1", key))
    let_pass(world, 120)
    assert but_words(whole(world, key)) != but_words(before)
    given_back(world, key)
    assert but_words(whole(world, key)) == but_words(before)
    assert world.link(world.task()).state is LinkState.PENDING
    assert any(f"the list names {key}" in each.why for each in plan(world).held)
    world.site.calls.clear()
    let_pass(world, 180)
    assert [call for call in world.writes() if key in call] == []
    with world.db.read() as conn:
        (entry,) = [each for each in journal.entries(conn, world.task().uid) if each.what == "issue given back"]
        assert (entry.before["issue"], entry.why, journal.verify(conn)) == (key, "a mistake", None)


@on_sqlite
def test_what_people_set_since_then_is_left_and_told(world: World) -> None:
    key = adopted(world, 3)
    labels = world.person(DANA).issue(key)["fields"]["labels"]
    world.person(PRIYA).set_fields(key, duedate="2026-12-09", labels=["mine", *labels], summary="Renamed")
    left = given_back(world, key)
    now = world.person(DANA).issue(key)["fields"]
    assert "due: somebody set it since it was adopted" in left
    assert (now["summary"], now["duedate"], now["assignee"]) == ("Renamed", "2026-12-09", None)
    assert set(now["labels"]) == {"mine", "platform", "q4"}


@on_sqlite
@pytest.mark.long
def test_a_record_whose_issue_was_given_back_has_a_new_one_made_where_the_list_names_none(world: World) -> None:
    key = adopted(world, 1)
    given_back(world, key)
    let_pass(world, 180)
    assert world.key(world.task()) not in ("", key)
    add_platform_request(world, 2)
    keep(world, adoptions(world).one("R-002/1", key))  # it is free for another
    assert world.link(world.task("R-002"), LinkRole.ISSUE).key == key


@on_sqlite
@pytest.mark.long
def test_where_the_site_refuses_the_edit_the_link_stays(world: World) -> None:
    key = adopted(world, 1)
    world.site.faults.add("status", "PUT", "/issue/", status=403, times=1)
    with pytest.raises(FarSideError):
        given_back(world, key)
    assert world.link(world.task()).state is LinkState.LIVE
    given_back(world, key)
    assert world.link(world.task()).state is LinkState.PENDING


@on_sqlite
@pytest.mark.long
def test_only_what_was_adopted_is_given_back(world: World) -> None:
    world.add_request("R-009")
    world.settle()
    made, other = world.key(world.task("R-009")), existing(world, 1)
    for key, why in (
        (made, "was not adopted for R-009/1"),
        ("AUD-999", "cannot be read"),
        (other, "is no counterpart of anything"),
    ):
        with pytest.raises(DeskRefused, match=why):
            giving(world).look(key)
