"""Tieout is stopped at every step of what it does, and started again: the world ends as if nothing had happened.

A story is told once without a stop, and its steps are counted: calls, transactions, and what was written to the
evidence folder. Then it is told again for each step, stopped there. Of steps between which nothing was written anywhere
one stands for all, as what the next process finds is the same; a statement in a transaction leaves what the commit
before it left, which is shown here by stopping at statements, so the commits stand for them.

The everyday form stops at two steps of every third story on SQLite; the long one of every story, also twice or
asleep there, and at single statements, and at one step of every second story on PostgreSQL. `make soak` leaves nothing
out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.clock import ManualClock
from sync import journal
from sync.database import open_database
from tests.system.crashing import (
    assert_at_rest,
    check,
    check_sleeping,
    check_statements,
    check_twice,
    some,
    tell,
    tell_in_peace,
)
from tests.system.steps import SteppedWorld, that_differ
from tests.system.stories import SHORT, STORIES, Story
from tests.system.world import START

SAMPLED = 2
"""Steps of a story at which a process is stopped."""
STATEMENTS = 20


def named(story: Story) -> str:
    return story.name


def place(story: Story) -> int:
    return STORIES.index(story)


stories = pytest.mark.parametrize("story", STORIES, ids=named)
short = pytest.mark.parametrize("story", [story for story in STORIES if story.name in SHORT], ids=named)
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("backend", ["postgres"], indirect=True)


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[SteppedWorld]:
    clock = ManualClock(START)
    db = open_database(database_url, clock=clock.now, is_durable=False)
    yield SteppedWorld(db, clock, tmp_path)
    db.dispose()


@on_sqlite
@pytest.mark.parametrize("story", STORIES[::3], ids=named)
def test_a_process_stopped_here_or_there_and_started_again_ends_in_the_same_world(
    world: SteppedWorld, story: Story
) -> None:
    told = tell_in_peace(world, story)
    for stop in some(SAMPLED, place(story))(that_differ(told.steps)):
        starts = world.starts
        found = tell(world, story, told.begun, stop)
        assert world.starts == starts + 2, "once at the beginning, once after the stop"
        assert found == told.ends, f"stopped at step {stop}, {told.steps[stop].what}"
        assert_at_rest(world)


@pytest.mark.long
@on_sqlite
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("two requests are made in one call", "POST /rest/api/3/issue/bulk"),
        ("an owner speaks to the auditor", "POST /wiki/api/v2/footer-comments"),
    ],
)
def test_who_falls_asleep_between_keeping_what_is_begun_and_beginning_it_does_nothing_twice(
    world: SteppedWorld, name: str, call: str
) -> None:
    told = tell_in_peace(world, next(story for story in STORIES if story.name == name))
    whats = [step.what for step in told.steps]
    begins = whats.index(f"before {call}")
    wrote = max(n for n in that_differ(told.steps) if n < begins)
    kept = next(n for n in range(wrote, begins) if whats[n] == "after a commit")
    assert tell(world, told.story, told.begun, kept, sleeps=True) == told.ends
    assert world.slept
    assert_at_rest(world)


@pytest.mark.long
@on_sqlite
@stories
def test_a_process_stopped_at_any_step_and_twice_or_asleep_there_ends_in_the_same_world(
    world: SteppedWorld, story: Story
) -> None:
    told, at = tell_in_peace(world, story), place(story)
    assert check(world, told, some(SAMPLED, at))
    if at % 2:
        assert check_twice(world, told, some(1, at), some(1, at + 1))
    else:
        assert check_sleeping(world, told, some(1, at))


@pytest.mark.long
@on_postgres
@pytest.mark.parametrize("story", STORIES[1::2], ids=named)
def test_on_postgres_a_process_stopped_at_any_step_ends_in_the_same_world(world: SteppedWorld, story: Story) -> None:
    assert check(world, tell_in_peace(world, story), some(1, place(story)))


@pytest.mark.long
@short
def test_a_process_stopped_at_a_statement_leaves_what_was_committed_before(
    world: SteppedWorld, story: Story, backend: str
) -> None:
    assert check_statements(world, story, some(STATEMENTS if backend == "sqlite" else STATEMENTS // 4, place(story)))


@pytest.mark.soak
@stories
def test_every_step_of_every_story_stopped_and_asleep(world: SteppedWorld, story: Story) -> None:
    told = tell_in_peace(world, story)
    assert check(world, told, list)
    assert check_sleeping(world, told, list)
    if story.name in SHORT:
        assert check_twice(world, told, list, list)


@pytest.mark.soak
@short
def test_every_statement_of_a_short_story(world: SteppedWorld, story: Story) -> None:
    assert check_statements(world, story, list)


@pytest.mark.long
@on_sqlite
def test_what_is_put_back_is_journaled_once_though_the_first_try_was_lost(world: SteppedWorld) -> None:
    story = next(each for each in STORIES if each.name == "a card is put back with an explanation")
    story.given(world)
    begun = world.keep()
    tell(world, story, begun)
    whats = [step.what for step in world.steps.taken]
    stop = next(n for n, what in enumerate(whats) if what.startswith("before POST") and what.endswith("/transitions"))
    tell(world, story, begun, stop)
    with world.db.read() as conn:
        told = [entry for entry in journal.entries(conn, limit=1_000) if entry.what == "status put back"]
    assert len(told) == 1
