"""Issues that were there before Tieout become counterparts, and nothing of theirs changes but what the plan said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mappings.adoption import NAMED
from mappings.planned import Planned
from mappings.records import LinkRole, marker
from sync.adoption import Choice
from sync.desk import DeskRefused
from sync.engine import Engine
from sync.store import Store
from tests.system.adopted import STORY, add_platform_request, adoptions, existing, keep, whole
from tests.system.planned import carry_out, on_sqlite, plan, told
from tests.system.world import AUDIT, DANA, TOMAS, World


def previewed(world: World, choice: Choice) -> list[Planned]:
    with world.db.read() as conn:
        uids = Store(conn).records.uids(AUDIT)
    doing = adoptions(world)
    return list(
        Engine(world.db, world.new_sites(), world.vault).plan(uids, lambda conn: doing.keep(conn, choice)).writes
    )


@on_sqlite
def test_existing_issues_are_adopted_with_nothing_of_theirs_changed_but_what_the_plan_said(world: World) -> None:
    adopt_and_compare(world, 3)
    for _ in range(2):
        carry_out(world, plan(world))
    assert plan(world).writes == ()


@pytest.mark.long
@on_sqlite
def test_fifty_existing_issues_are_adopted_with_nothing_of_theirs_changed_but_what_the_plan_said(world: World) -> None:
    adopt_and_compare(world, 50)


def adopt_and_compare(world: World, count: int) -> None:
    keys = [existing(world, number) for number in range(1, count + 1)]
    for number in range(1, count + 1):
        add_platform_request(world, number)
    before = {key: whole(world, key) for key in keys}
    world.site.calls.clear()
    choice = adoptions(world).by_query("project = PLAT")
    assert ([each.issue.key for each in choice.chosen], choice.left) == (keys, {})
    seen = previewed(world, choice) if count < 10 else None
    assert world.writes() == []
    keep(world, choice)
    assert world.writes() == []
    made = plan(world)
    assert seen is None or [each.digest for each in made.writes] == [each.digest for each in seen]
    ours = {each.what: each for each in made.writes if each.kind == "edit issue"}
    assert set(ours) == set(keys)
    assert {each.kind for each in made.writes if each.what in keys} == {"edit issue", "comment"}
    assert carry_out(world, made) == {}
    for number, key in enumerate(keys, 1):
        said, now = {change.field: change.after for change in ours[key].changes}, whole(world, key)
        _assert_only_said(before[key], now, said, number)
        record = world.task(f"R-{number:03}")
        assert (world.key(record), record.status) == (key, _read(before[key]["status"]["name"]))
        assert marker(record.uid) in now["labels"]
    assert len(world.person(DANA).find_issues("project = PLAT")) == count


def _assert_only_said(before: dict[str, Any], now: dict[str, Any], said: dict[str, Any], number: int) -> None:
    touched = {name for name in before if before[name] != now[name]}
    assert touched == {"labels", "comments", "history"} | {
        {"owner": "assignee", "due": "duedate"}.get(name, name) for name in said if not name.startswith("labels")
    }
    assert ("owner" in said, "due" in said) == (number % 3 == 0, number % 3 != 0 or number % 4 == 0)
    assert set(before["labels"]) <= set(now["labels"])
    assert (now["comments"][:-1], now["history"][: len(before["history"])]) == (before["comments"], before["history"])
    assert "counts as" in str(now["comments"][-1]["body"])
    assert now["description"] == STORY


def _read(place: str) -> str:
    """The state that a card's place means: as far as an owner may have brought it without evidence in the register."""
    return {"Backlog": "todo", "Selected": "todo"}.get(place, "in_progress" if place == "Doing" else "todo")


@pytest.mark.long
@on_sqlite
def test_an_adopted_issues_text_stays_its_peoples_and_what_the_auditor_changes_is_said_beside_it(world: World) -> None:
    key = existing(world, 1)
    add_platform_request(world, 1)
    keep(world, adoptions(world).one("R-001/1", key))
    world.settle()
    world.person(TOMAS).set_fields(key, summary="Renamed by its owner", description=None)
    with world.db.write() as conn:
        store = Store(conn)
        store.records.put(replace(world.request(), description="Now with dates.", title="Access"))
        store.records.put(replace(world.task(), description="Now with dates.", title="Access"))
    for _ in range(3):
        world.settle()
        world.sweeps.everything()
    issue = whole(world, key)
    assert (issue["summary"], issue["description"]) == ("Renamed by its owner", None)
    last = [str(comment["body"]) for comment in issue["comments"]]
    assert sum("reads otherwise now" in text and "Now with dates." in text for text in last) == 1
    assert not any("put back" in text for text in last)
    assert plan(world).writes == ()


@pytest.mark.long
@on_sqlite
def test_double_adoption_and_a_wrong_project_are_refused_in_words(world: World) -> None:
    first, second = existing(world, 1), existing(world, 2)
    add_platform_request(world, 1)
    add_platform_request(world, 2)
    doing = adoptions(world)
    keep(world, doing.one("R-001/1", first))
    for number, key, why in (
        ("R-001/1", second, f"R-001/1 has {first} already"),
        ("R-002/1", first, f"{first} belongs to R-001/1"),
        ("R-002", second, "R-002 goes to AUD by the mapping file"),
        ("R-002/1", "PLAT-99", "issue PLAT-99 cannot be read"),
    ):
        with pytest.raises(DeskRefused) as refused:
            doing.one(number, key)
        assert why in str(refused.value)
    with world.db.write() as conn:
        Store(conn).records.put(replace(world.request("R-002"), status="withdrawn"))
    with pytest.raises(DeskRefused, match="R-002 is not mirrored: it is withdrawn"):
        doing.one("R-002", second)


@on_sqlite
def test_an_issue_that_the_list_names_is_adopted_and_never_made_twice(world: World) -> None:
    key = existing(world, 1)
    add_platform_request(world, 1, extra={NAMED: key})
    add_platform_request(world, 2, extra={NAMED: "OTHER-7"})
    made = plan(world)
    assert "R-001/1 jira create issue" not in told(made.writes)
    assert "R-002/1 jira create issue" in told(made.writes)
    assert any(f"the list names {key}" in each.why for each in made.held)
    world.settle()
    assert len(world.person(DANA).find_issues("project = PLAT")) == 2
    choice = adoptions(world).from_list()
    assert [(each.record.number, each.issue.key) for each in choice.chosen] == [("R-001/1", key)]
    keep(world, choice)
    world.settle()
    assert world.key(world.task("R-001")) == key
    assert world.link(world.task("R-001"), LinkRole.ISSUE).key == key
    assert plan(world).writes == ()
    assert adoptions(world).from_list() == Choice((), {})


@pytest.mark.long
@on_sqlite
def test_a_list_that_names_several_issues_has_none_made_and_none_guessed(world: World) -> None:
    first, second = existing(world, 1), existing(world, 2)
    add_platform_request(world, 1, extra={NAMED: f"{first}, {second}"})
    add_platform_request(world, 2, extra={NAMED: f"https://acme.atlassian.net/browse/{second.lower()}"})
    world.settle()
    assert len(world.person(DANA).find_issues("project = PLAT")) == 2
    choice = adoptions(world).from_list()
    assert (choice.chosen, set(choice.left)) == ((), {first, second})
    keep(world, adoptions(world).one("R-001/1", first))
    (each,) = adoptions(world).from_list().chosen
    assert (each.record.number, each.issue.key) == ("R-002/1", second)


@pytest.mark.long
@on_sqlite
def test_what_fits_twice_or_not_at_all_is_left_alone_with_the_reason(world: World) -> None:
    keys = [existing(world, 1), existing(world, 1), existing(world, 7)]
    add_platform_request(world, 1, due_on=date(2026, 12, 14))
    choice = adoptions(world).by_query("project = PLAT ORDER BY key")
    assert choice.chosen == ()
    assert choice.left == {
        keys[0]: f"several issues fit R-001/1: {keys[0]}, {keys[1]}",
        keys[1]: f"several issues fit R-001/1: {keys[0]}, {keys[1]}",
        keys[2]: "names no request's number or title",
    }
