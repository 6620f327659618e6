"""A story told in peace, and again with Tieout stopped at its steps; the worlds in the end are held together.

What a stopped process leaves is what was committed and what was applied, and nothing of it is in memory: so the story
goes on from a copy of that, kept at the step when it was told in peace. `stopped_for_good` shows that a process that is
really stopped leaves the same, at every statement of every transaction too: therefore commits stand for statements.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from mappings.records import marker
from sync import journal
from sync.store import Store
from tests.system.picture import picture
from tests.system.steps import BEGIN, Moment, Step, SteppedWorld, Stopped, that_differ
from tests.system.stories import Story

Choose = Callable[[list[int]], list[int]]


@dataclass(frozen=True)
class Told:
    """A story that was told: its steps, what was left at each, and the world in the end."""

    story: Story
    begun: Moment
    steps: tuple[Step, ...]
    moments: dict[int, Moment]
    ends: list[str]

    def left_at(self, number: int) -> Moment:
        return self.moments[self.steps[number].left]


def tell_in_peace(world: SteppedWorld, story: Story) -> Told:
    story.given(world)
    begun = world.keep()
    ends = tell(world, story, begun, looks=True)
    told = Told(story, begun, tuple(world.steps.taken), dict(world.steps.moments), ends)
    assert story.shows(world)
    assert_at_rest(world)
    return told


def tell(
    world: SteppedWorld,
    story: Story,
    begun: Moment,
    *stops: int,
    looks: bool = False,
    sleeps: bool = False,
    at_statements: bool = False,
) -> list[str]:
    """The story from its beginning, stopped at these steps, or asleep there; what the world looks like in the end."""
    world.come_back(begun)
    sleep = world.let_another_work if sleeps else None
    world.steps.begin(stops, looks=looks, sleep=sleep, at_statements=at_statements)
    _acts(world, story, begun, 0)
    return picture(world)


def go_on(world: SteppedWorld, told: Told, number: int, *, looks: bool = False) -> list[str]:
    """A new process after the stop at step `number`, and the rest of the story; what the world looks like then."""
    return _go_on_from(world, told, told.left_at(number), told.steps[number].act, looks=looks)


def _go_on_from(world: SteppedWorld, told: Told, left: Moment, act: int, *, looks: bool = False) -> list[str]:
    world.come_back(left)
    world.steps.begin(looks=looks)
    world.steps.act = act
    world.settle()
    _acts(world, told.story, told.begun, act + 1)
    return picture(world)


def _acts(world: SteppedWorld, story: Story, begun: Moment, first: int) -> None:
    for number, act in enumerate(story.acts[first:], start=first):
        world.steps.act = number
        world.clock.set(begun.at + timedelta(hours=number))  # however long it took Tieout to come to rest
        with world.steps.of_others():
            act(world)
        world.settle()


def assert_at_rest(world: SteppedWorld) -> None:
    with world.db.read() as conn:
        assert journal.verify(conn) is None
        uids = Store(conn).records.uids()
    for uid in uids:
        marked = [each.key for each in world.site.jira.issues.values() if marker(uid) in each.values["labels"]]
        assert len(marked) <= 1
    assert list(world.vault.verify()) == []
    assert world.full_sync_writes() == []


def check(world: SteppedWorld, told: Told, choose: Choose) -> int:
    """Stop at each chosen step that leaves something else than the one before; returns how many those were."""
    stops = choose(that_differ(told.steps))
    for stop in stops:
        found = go_on(world, told, stop)
        apart = sorted(set(found) ^ set(told.ends))
        assert found == told.ends, f"stopped at step {stop}, {told.steps[stop].what}: {apart}"
        assert_at_rest(world)
    return len(stops)


def check_twice(world: SteppedWorld, told: Told, first: Choose, second: Choose) -> int:
    """Stop at chosen steps, and then once more at chosen steps of all that follows; returns how many pairs."""
    count = 0
    for stop in first(that_differ(told.steps)):
        where = f"stopped at step {stop}, {told.steps[stop].what}"
        ends = go_on(world, told, stop, looks=True)
        again = Told(told.story, told.begun, tuple(world.steps.taken), dict(world.steps.moments), ends)
        for then in second(that_differ(again.steps)):
            found = go_on(world, again, then)
            assert found == told.ends, f"{where}, and then at {then}, {again.steps[then].what}"
            assert_at_rest(world)
            count += 1
    return count


def check_sleeping(world: SteppedWorld, told: Told, choose: Choose) -> int:
    """Sleep past the lease wherever it may be noticed on waking, while another process does all there is to do: after
    an answer, after a commit, and before a transaction. Between the last look at the clock and the call itself nothing
    can help."""
    steps = told.steps
    near = {number + ahead for number in that_differ(steps) for ahead in (-2, -1, 0, 1)}
    places = [n for n in sorted(near) if 0 < n < len(steps) and steps[n].what.startswith(("after", BEGIN))]
    chosen = choose(places)
    for stop in chosen:
        found = tell(world, told.story, told.begun, stop, sleeps=True)
        assert world.slept, "it slept"
        assert found == told.ends, f"asleep at step {stop}, {steps[stop].what}"
        assert_at_rest(world)
    return len(chosen)


def check_statements(world: SteppedWorld, story: Story, choose: Choose) -> int:
    """Stop for good at chosen statements and other steps: what is left is what was committed and applied before."""
    story.given(world)
    begun, starts = world.keep(), world.starts
    tell(world, story, begun, looks=True, at_statements=True)
    steps = tuple(world.steps.taken)
    chosen = choose(list(range(len(steps))))
    for stop in chosen:
        world.starts = starts  # its name is in what it leaves behind
        assert stopped_for_good(world, story, begun, stop) == steps[stop].left, f"{stop}, {steps[stop].what}"
    return len(chosen)


def stopped_for_good(world: SteppedWorld, story: Story, begun: Moment, stop: int) -> int:
    """A hash of what a process leaves that stops at this step, of statements and all, and is not started again."""
    world.come_back(begun)
    world.steps.begin((stop,), at_statements=True)
    world.stops_for_good = True
    try:
        _acts(world, story, begun, 0)
    except Stopped:
        return world.left_behind()
    finally:
        world.stops_for_good = False
    raise AssertionError(f"there is no step {stop}")


def some(number: int, place: int) -> Choose:
    """That many, spread over all of them, others for each `place`; all where there are no more."""

    def choose(stops: Sequence[int]) -> list[int]:
        count = len(stops)
        return sorted({stops[(7 * place + n * count // number) % count] for n in range(number)}) if count else []

    return choose
