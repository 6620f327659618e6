"""The database in trouble while Tieout works: at any transaction's beginning or end, once or for long.

The same worker goes on by itself and the world ends as if nothing had happened: nothing lost, nothing made twice, no
key buried, the journal whole. A commit of unknown outcome did count or did not: both are tried.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from connector.sandbox.clock import ManualClock
from sync import journal
from sync.bell import Bell
from sync.database import StoreTrouble, open_database
from sync.keys import record_key
from sync.work import LIVE, MOST_CRASHES, dead, mark, replay
from sync.worker import LEASE_S, RESTS_IN_TROUBLE_S
from tests.system.crashing import assert_at_rest, some
from tests.system.picture import picture
from tests.system.scenes import handed_in, mirrored
from tests.system.steps import AFTER_COMMIT, BEFORE_COMMIT, BEGIN, MOST_MINUTES, Moment, SteppedWorld
from tests.system.stories import STORIES, Story
from tests.system.world import CLARA, DANA, MARCO, PRIYA, START, World

TRANSACTIONS = (BEGIN, BEFORE_COMMIT, AFTER_COMMIT)
"""Locked when it would begin; cut when it would commit; cut when it has, so that nobody knows."""
SAMPLED, SAMPLED_LONG = 2, 3
"""Of such places of a story, at how many the everyday form begins trouble, and the long one."""
SITES_ID = re.compile(r"\b1\d{4}\b")
"""Which of two objects that were made at once got the lower number is chance."""
LONG = 3 * MOST_CRASHES
"""Times that it fails in a row; more than a key's workers may die of."""


class TroubledWorld(SteppedWorld):
    """Its worker's database fails at chosen steps, and does not come to an end by it."""

    fails = 0

    def begin_trouble(self, at: int, fails: int) -> None:
        self.fails = fails
        self.steps.begin(range(at, 10_000), sleep=self._fail)

    def _fail(self) -> None:
        what = self.steps.taken[-1].what
        if self.fails and what in TRANSACTIONS:
            self.fails -= 1
            raise StoreTrouble(f"the database went away {what}")

    def settle(self) -> None:
        for _ in range(MOST_MINUTES + self.fails):
            self.clock.advance(60)
            before = self.fails
            self._until_quiet()
            if self.fails == before and not self.open_work():
                self.clock.advance(1)
                return
        raise AssertionError(f"there is still to do: {self.open_work()}")

    def _until_quiet(self) -> None:
        """As `Worker.run` goes on, but for what it sleeps."""
        for _ in range(10 + self.fails):
            try:
                self.worker.run_until_quiet(most_rounds=200)
            except StoreTrouble:
                self.clock.advance(RESTS_IN_TROUBLE_S)
            else:
                return


@pytest.fixture
def troubled(database_url: str, tmp_path: Path) -> Iterator[TroubledWorld]:
    """One whose worker writes to a database that fails when it is told to."""
    clock = ManualClock(START)
    db = open_database(database_url, clock=clock.now, is_durable=False)
    yield TroubledWorld(db, clock, tmp_path)
    db.dispose()


def tell(world: TroubledWorld, story: Story, begun: Moment, at: int = 0, fails: int = 0) -> list[str]:
    world.come_back(begun)
    world.begin_trouble(at, fails)
    for hour, act in enumerate(story.acts):
        world.clock.set(begun.at + timedelta(hours=hour))  # however long it took Tieout to come to rest
        act(world)
        world.settle()
    return sorted(SITES_ID.sub("#", line) for line in picture(world))


def check(world: TroubledWorld, story: Story, number: int, fails: int) -> None:
    """Tell the story in peace, then once for each place where trouble begins, and hold the ends together."""
    story.given(world)
    begun = world.keep()
    expected = tell(world, story, begun)
    places = [n for n, step in enumerate(world.steps.taken) if step.what in TRANSACTIONS]
    for at in some(number, STORIES.index(story))(places):
        starts = world.starts
        found = tell(world, story, begun, at, fails)
        what = f"{fails} failures from step {at} on, {world.steps.taken[at].what}"
        assert world.starts == starts + 1, "no process was started anew but the one at the beginning"
        assert found == expected, what
        with world.db.read() as conn:
            assert dead(conn) == [], what
        assert_at_rest(world)


BY_NAME = {story.name: story for story in STORIES}
EVERYDAY = (
    ("two requests are made in one call", 1),
    ("an auditor's comment goes to both tasks", LONG),
    ("a file comes in a new version", LONG),
    ("settling puts an escalation back", 1),
)


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize(("name", "fails"), EVERYDAY)
def test_trouble_here_or_there_ends_in_the_same_world(troubled: TroubledWorld, name: str, fails: int) -> None:
    check(troubled, BY_NAME[name], SAMPLED, fails)


@pytest.mark.long
@pytest.mark.parametrize(
    ("backend", "name"),
    [*(("sqlite", name) for name in BY_NAME), *(("postgres", story.name) for story in STORIES[::4])],
)
def test_trouble_anywhere_ends_in_the_same_world(troubled: TroubledWorld, name: str, backend: str) -> None:
    is_short = STORIES.index(BY_NAME[name]) % 2
    check(troubled, BY_NAME[name], SAMPLED_LONG if backend == "sqlite" else 1, 1 if is_short else LONG)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_disk_on_which_nothing_fits_but_claims_buries_nothing(troubled: TroubledWorld) -> None:
    """A claim whose end cannot be written down looks like a worker that died, and eight of those bury a key."""
    mirrored(troubled)
    card = troubled.key(troubled.task())
    troubled.person(PRIYA).move(card, "In Progress")
    commits = [0]

    def fail_after_a_claim() -> None:
        if troubled.steps.taken[-1].what.startswith("before a commit"):
            commits[0] += 1
            if commits[0] > 1:
                raise StoreTrouble("full")

    with troubled.db.write() as conn:
        mark(conn, [record_key(troubled.task().uid)], lane=LIVE)
    troubled.steps.begin(range(10_000), sleep=fail_after_a_claim)
    for _ in range(4 * MOST_CRASHES):
        commits[0] = 0
        with suppress(StoreTrouble):
            troubled.worker.step()
        troubled.clock.advance(LEASE_S + 1)
    with troubled.db.read() as conn:
        assert dead(conn) == []
    troubled.steps.begin()
    troubled.settle()
    assert troubled.task().status == "in_progress"


class Rests(Bell):
    """The pauses of a worker: time passes in them, and what is to happen during one does."""

    def __init__(self, world: World, happens: Callable[[int], None]) -> None:
        super().__init__()
        self.taken: list[float] = []
        self._world = world
        self._happens = happens

    def wait(self, _: int, at_most_s: float) -> None:
        self._world.clock.advance(at_most_s)
        self.taken.append(at_most_s)
        self._happens(len(self.taken))


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_worker_outlives_its_database_and_goes_on_where_it_was(
    world: World, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    card = mirrored(world)
    world.person(PRIYA).move(card, "In Progress")
    world.clock.advance(60)
    world.polls.jira()
    stop = threading.Event()
    file = Path(database_url.removeprefix("sqlite:///"))
    file.rename(file.with_suffix(".aside"))

    def happens(rest: int) -> None:
        if rest == 50:
            file.with_suffix(".aside").rename(file)
        elif rest > 50 and world.task().status == "in_progress":
            stop.set()
        elif rest > 1_000:
            raise AssertionError("it does not go on")

    world.db.bell = rests = Rests(world, happens)
    with caplog.at_level(logging.WARNING):
        world.worker.run(stop)
    assert rests.taken[:50] == [RESTS_IN_TROUBLE_S] * 50
    assert [record.message for record in caplog.records] == ["database in trouble"]
    world.settle()
    with world.db.read() as conn:
        assert (journal.verify(conn), dead(conn)) == (None, [])


def test_a_folder_of_evidence_that_is_gone_for_a_while_buries_nothing(world: World, tmp_path: Path) -> None:
    card = handed_in(world)
    folder = tmp_path / "evidence"
    folder.rename(tmp_path / "aside")
    world.person(MARCO).move(card, "With Auditor")
    world.settle()
    world.person(DANA).move(world.key(world.request()), "With Auditor")
    world.settle()
    with world.db.read() as conn:
        assert dead(conn) == []
    assert not folder.exists()
    (tmp_path / "aside").rename(folder)
    world.settle()
    assert [file["title"] for file in world.person(CLARA).files_of_page(world.page()["id"])] == ["access-review.csv"]


@pytest.mark.parametrize("damage", ["changed", "missing"])
def test_a_damaged_file_is_never_shown_as_evidence_and_is_once_it_was_restored(
    world: World, tmp_path: Path, damage: str
) -> None:
    card = handed_in(world)
    (path,) = (tmp_path / "evidence").glob("??/??/*")
    whole = path.read_bytes()
    path.unlink()
    if damage == "changed":
        path.write_bytes(whole.replace(b"admin", b"admIn"))
    world.person(MARCO).move(card, "With Auditor")
    world.settle()
    assert world.person(CLARA).files_of_page(world.page()["id"]) == []
    with world.db.read() as conn:
        (letter,) = dead(conn)
    assert "access-review.csv v1 cannot be put on the page" in letter.error
    assert "restore it from a backup" in letter.error
    path.unlink(missing_ok=True)
    path.write_bytes(whole)
    with world.db.write() as conn:
        assert replay(conn) == 1
    world.settle()
    (file,) = world.person(CLARA).files_of_page(world.page()["id"])
    assert file["title"] == "access-review.csv"
